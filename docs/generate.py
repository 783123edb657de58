"""Write the generated pages of the manual, and the generated tables inside the pages written by hand.

python docs/generate.py            write what is stale
python docs/generate.py --check    write nothing; exit 1 when something is stale
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from generator import commands, documents, glossary, ledgers, sentences, tables

DOCS = Path(__file__).parent
_SECTION = re.compile(r"(<!-- generated: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def wanted() -> dict[Path, str]:
    """Every file that this program answers for, as it should be."""
    made = {**ledgers.pages(), **commands.pages(), **glossary.pages()}
    files = {DOCS / name: text for name, text in made.items()} | {documents.FROZEN: documents.text()}
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text(encoding="utf8")
        if path not in files and _SECTION.search(text):
            files[path] = _SECTION.sub(lambda found: f"{found[1]}\n{_section(found[2])}\n\n{found[3]}", text)
    return files


def _section(name: str) -> str:
    made: Callable[[], str] = tables.SECTIONS[name]
    return made()


def stale() -> dict[Path, str]:
    """The files that are not as they should be."""
    found = {
        path: text for path, text in wanted().items() if not path.exists() or path.read_text(encoding="utf8") != text
    }
    kept = set((DOCS / "ledgers").glob("*.md")) - set(wanted())
    return found | dict.fromkeys(kept, "")


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    faults, found = complaints(), stale()
    for fault in faults:
        print(fault, file=sys.stderr)
    for path, text in found.items():
        print(f"{'stale' if check else 'written' if text else 'removed'}: {path.relative_to(DOCS.parent)}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf8") if text else path.unlink()
    if check and found:
        print("Run: python docs/generate.py", file=sys.stderr)
    return int(bool(faults or (check and found)))


if __name__ == "__main__":
    sys.exit(main())
