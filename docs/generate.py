"""Write the generated pages of the manual, and the generated tables inside the pages written by hand.

python docs/generate.py            write what is stale
python docs/generate.py --check    write nothing; exit 1 when something is stale
"""

import re
import sys
from pathlib import Path

from generator import documents, pages, sentences
from generator.text import DOCS, options, settle

_SECTION = re.compile(r"(<!-- generated: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def wanted() -> dict[Path, str]:
    """Every file that this program answers for, as it should be."""
    made = {**pages.ledger_pages(), **pages.command_pages(), **pages.glossary_pages()}
    files = {DOCS / name: text for name, text in made.items()} | {documents.FROZEN: documents.text()}
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text(encoding="utf8")
        if path not in files and _SECTION.search(text):
            files[path] = _SECTION.sub(
                lambda found: f"{found[1]}\n{documents.SECTIONS[found[2]]()}\n\n{found[3]}", text
            )
    return files


def complaints() -> list[str]:
    """What only a person can mend."""
    said, changelog = sentences.collect(), (DOCS / "changelog.md").read_text(encoding="utf8")
    lacking = {one.text for one in said if not one.remedy and one.room != "store"}
    useless = sentences.remedies().keys() - {one.text for one in said if one.wrong == one.text.rstrip("。；，")}
    return [
        *(f"tests/golden/books.py asks nothing of: {name} --json" for name in documents.untold()),
        *documents.broken(documents.current(), documents.frozen(), changelog),
        *(f"docs/generator/remedies.toml lacks: {text}" for text in sorted(lacking)),
        *(f"docs/generator/remedies.toml has, but no sentence needs it: {text}" for text in sorted(useless)),
    ]


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    faults = complaints()
    for fault in faults:
        print(fault, file=sys.stderr)
    stale = settle(wanted(), (DOCS / "ledgers").glob("*.md"), check, "generate.py")
    return int(bool(faults or (check and stale)))


if __name__ == "__main__":
    sys.exit(main())
