"""Small pieces of Markdown that every generated page shares."""

import re
from collections.abc import Iterable, Sequence

MARK = "<!-- 由 docs/generate.py 生成，请勿手改 -->"
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
