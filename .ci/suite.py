"""The tests under the lowest or the newest libraries that pyproject.toml allows, in an environment of their own:

    python .ci/suite.py lowest|newest [PYTEST-ARGUMENTS]

`lowest` pins every direct dependency of the program to its lower bound; what those need, and the tools of the tests, are as
pip finds them.
"""

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lowest() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["encrypted"]]
    return [re.sub(r"^([\w.-]+)>=([\w.]+).*", r"\1==\2", one) for one in wanted]


def main(which: str, *arguments: str) -> int:
    folder = ROOT / f".venv-{which}-{sys.version_info.major}.{sys.version_info.minor}"
    venv.create(folder, with_pip=True, clear=True)
    python = next(path for path in (folder / "bin/python", folder / "Scripts/python.exe") if path.exists())
    pins = lowest() if which == "lowest" else []
    subprocess.run([python, "-m", "pip", "install", "-q", "--upgrade", *pins, "-e", f"{ROOT}[dev]"], check=True)
    return subprocess.run([python, "-m", "pytest", "-n", "auto", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
