"""Small pieces of Markdown that every generated page shares."""

import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from pathlib import Path

MARK = "<!-- 由 docs/generate.py 生成，请勿手改 -->"
DOCS = Path(__file__).parents[1]
PACKAGE = DOCS.parent / "partybuild_cli"
_SOURCE = re.compile(
    r"\(([^()]*(?:条例|细则|第[一二三四五六七八九十百]+条|〔\d{4}〕\d+号|个人信息保护法|GB \d+)[^()]*)\)"
)


def page(title: str, *parts: str) -> str:
    """A whole generated page."""
    return "\n\n".join([MARK, f"# {title}", *parts]) + "\n"


def table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join(f"| {' | '.join(cell(one) for one in row)} |" for row in rows)


def cell(text: str) -> str:
    """Text as it may stand in a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def source_of(docstring: str) -> str:
    """The article or document that a docstring cites in brackets."""
    found = _SOURCE.search(docstring)
    return found[1].replace(": ", "：").replace(", ", "，") if found else ""


def options(about: str | None) -> ArgumentParser:
    """The options of a program, explained by its docstring."""
    return ArgumentParser(description=about, formatter_class=RawDescriptionHelpFormatter)


def settle(wanted: dict[Path, str], there: Iterable[Path], check: bool, program: str) -> bool:
    """Write the files that are not as they should be, remove those `there` that nobody wants, or only name them; were there any?"""
    stale = {
        path: text for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf8") != text
    }
    stale |= dict.fromkeys(set(there) - set(wanted), "")
    for path, text in sorted(stale.items()):
        print(f"{'stale' if check else 'written' if text else 'removed'}: {path.relative_to(DOCS.parent)}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf8", newline="\n") if text else path.unlink()
    if check and stale:
        print(f"Run: python docs/{program}", file=sys.stderr)
    return bool(stale)
