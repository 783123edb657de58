"""Known weaknesses of pinned packages, by pip-audit; says how many could be asked about. Exit 1 where one is known.

An index that only mirrors packages knows no weaknesses; then the database of OSV is asked, where it can be reached.
"""

import json
import subprocess
import sys
from typing import Any


def answers(constraints: str, service: str) -> tuple[list[dict[str, Any]], str]:
    """What a service knows of each package; why it does not, where it knows of none."""
    options = ["--progress-spinner", "off", "--no-deps", "--disable-pip", "--timeout", "20", "--format", "json"]
    command = [sys.executable, "-m", "pip_audit", "-s", service, *options, "-r", constraints]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], (done.stderr.strip() or "no answer").splitlines()[-1][:200]
    return [package for package in found if "skip_reason" not in package], f"it knows none of {len(found)} packages"


def main(constraints: str) -> int:
    for service in ("pypi", "osv"):
        asked, why = answers(constraints, service)
        if asked:
            break
        print(f"pip-audit: {service}: {why}")
    else:
        print("pip-audit: NOT RUN, nothing was audited")
        return 0
    weak = [(package, weakness) for package in asked for weakness in package["vulns"]]
    for package, weakness in weak:
        mended = ", ".join(weakness["fix_versions"])
        print(f"pip-audit: {package['name']} {package['version']}: {weakness['id']}, mended in {mended}")
    print(f"pip-audit: {len(asked)} packages were audited ({service})")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
