"""The tests on other Pythons, and under the lowest or the newest libraries that pyproject.toml allows; a table at the end:

    python .ci/suite.py [lowest] [newest] [--python python3.12 …] [-- PYTEST-ARGUMENTS]

Every pair of a Python and a choice of libraries has an environment of its own, `.venv-lowest-3.12`. `lowest` pins each direct
dependency of the program to its lower bound; what those need, and the tools of the tests, are as pip finds them.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lowest() -> list[str]:
    """The direct dependencies at their lower bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["encrypted"]]
    return [re.sub(r"^([\w.-]+)>=([\w.]+).*", r"\1==\2", one) for one in wanted]


def tried(python: str, libraries: str, arguments: list[str]) -> tuple[str, str, str, bool]:
    """The line of the table, and whether all passed."""
    version = subprocess.run([python, "-c", "import platform; print(platform.python_version())"], text=True,
                             check=True, stdout=subprocess.PIPE).stdout.strip()  # fmt: skip
    folder = ROOT / f".venv-{libraries}-{version.rpartition('.')[0]}"
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    inside = next(path for path in (folder / "bin/python", folder / "Scripts/python.exe") if path.exists())
    pins = lowest() if libraries == "lowest" else []
    subprocess.run([inside, "-m", "pip", "install", "-q", "--upgrade", *pins, "-e", f"{ROOT}[dev]"], check=True)
    command = [inside, "-m", "pytest", "-n", "auto", *arguments]
    last = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf8") as tests:
        for line in tests.stdout or ():
            print(line, end="", flush=True)
            last = line.strip(" =\n") or last
    return version, libraries, last, tests.returncode == 0


def main() -> int:
    """Try every pair; 1 where a test failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", metavar="lowest|newest", default=["lowest", "newest"])
    parser.add_argument("--python", nargs="+", default=[sys.executable], help="the Pythons to try; this one")
    words = [*sys.argv[1:], "--"]
    asked, arguments = parser.parse_args(words[: words.index("--")]), words[words.index("--") + 1 : -1]
    lines = [tried(python, libraries, arguments) for python in asked.python for libraries in asked.libraries]
    print("\n| Python | libraries | result |\n| --- | --- | --- |")
    for version, libraries, last, _ in lines:
        print(f"| {version} | {libraries} | {last} |")
    return int(not all(passed for *_, passed in lines))


if __name__ == "__main__":
    sys.exit(main())
