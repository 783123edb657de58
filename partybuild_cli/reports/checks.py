"""The self-check as a page (自查表): each item with its state, its figure, the article, and what would settle it."""

import re
from collections.abc import Sequence

from partybuild_cli.rules.item import Item, catalogue
from partybuild_cli.sheets.writing import Field, Page

#: The page is printed and stamped: what to do stands on it, and not how to type it.
_COMMAND = re.compile(r"：partybuild[^；]*")
_FIELDS = (
    Field("党支部"),
    Field("方面", style="center"),
    Field("编号", style="center"),
    Field("检查项目"),
    Field("结果", style="center"),
    Field("情况"),
    Field("依据"),
    Field("怎么办"),
)


def check_page(items: Sequence[Item], title: str, unit: str, dated: str) -> Page:
    """One line an item, branch by branch, in the order of the catalogue."""
    known = catalogue()
    return Page(
        name="自查表",
        title=title,
        left=f"单位：{unit}",
        right=dated,
        fields=_FIELDS,
        rows=[
            (
                one.branch,
                known[one.id].head,
                one.id,
                known[one.id].name,
                str(one.state),
                one.brief,
                one.article,
                _COMMAND.sub("", one.remedy),
            )
            for one in items
        ],
        totals="，".join(f"{state} {count} 项" for state, count in _counts(items).items()),
    )


def _counts(items: Sequence[Item]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in items:
        counts[str(one.state)] = counts.get(str(one.state), 0) + 1
    return counts
