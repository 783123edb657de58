"""Known weaknesses of pinned packages, by pip-audit; says how many could be asked about. Exit 1 where one is known."""

import json
import subprocess
import sys
from pathlib import Path


def main(constraints: str) -> int:
    command = ["--progress-spinner", "off", "--no-deps", "--disable-pip", "-r", constraints, "--format", "json"]
    done = subprocess.run([Path(sys.executable).with_name("pip-audit"), *command], capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"pip-audit: NOT RUN, nothing was audited ({(done.stderr.strip() or 'no answer').splitlines()[-1]})")
        return 0
    asked = [one for one in found if "skip_reason" not in one]
    for one in asked:
        for weakness in one["vulns"]:
            print(
                f"pip-audit: {one['name']} {one['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions'])}"
            )
    told = f"{len(asked)} of {len(found)} packages were audited"
    print(
        f"pip-audit: {told}"
        if asked
        else f"pip-audit: NOT RUN, nothing was audited: {told}, the index knows none of them"
    )
    return 1 if any(one["vulns"] for one in asked) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
