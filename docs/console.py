"""Run the console blocks of the manual's pages and of the README.

python docs/console.py [PAGE …]            run; exit 1 when a command ends or shows otherwise than the page says
python docs/console.py --write [PAGE …]    write what the commands show now into the pages
"""

import sys
from pathlib import Path

from generator.blocks import faults, renewed
from generator.text import DOCS, options


def pages() -> list[Path]:
    """Every page that has console blocks."""
    found = [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [path for path in found if "```console" in path.read_text(encoding="utf8")]


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("page", nargs="*", type=Path)
    given = parser.parse_args()
    bad = False
    for path in [one.resolve() for one in given.page] or pages():
        text = path.read_text(encoding="utf8")
        if given.write:
            path.write_text(renewed(text), encoding="utf8")
        for fault in faults(path.read_text(encoding="utf8")):
            bad = True
            print(f"{path.name}: {fault}\n")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
