"""The report and the self-check as workbooks (数据报告、自查表), each with a sheet of the records behind it (依据记录).

A figure leads to its records there, and a record to its row in the exported ledger of the same folder.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from pathlib import Path

from partybuild_cli.records.base.registry import captions
from partybuild_cli.reports.page import charts
from partybuild_cli.reports.report import Report
from partybuild_cli.rules.check import Standing
from partybuild_cli.rules.item import Item, State, catalogue
from partybuild_cli.sheets.exporting.files import Rows
from partybuild_cli.sheets.exporting.ledger import Setting
from partybuild_cli.sheets.writing import Cell, Field, Link, Page, write_book
from partybuild_cli.sheets.writing.charts import write_charted
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.period import running, spoken
from partybuild_cli.values.reference import Reference

_BEHIND = "依据记录"
_FIGURES = (
    Field("类别"),
    Field("数据"),
    Field("数值", "center"),
    Field("统计口径", width=48),
    Field(_BEHIND, "number"),
)
_ITEMS = (
    Field("党支部"),
    Field("方面", style="center"),
    Field("编号", style="center"),
    Field("检查项目"),
    Field("结果", style="center"),
    Field("情况"),
    Field("依据"),
    Field("怎么办"),
)
_STANDINGS = (
    *(Field("党组织"), Field("类别", "center")),
    *(Field(heading, "number") for heading in ("支部数", "达标", "未达标", "无数据")),
    Field("未达标的项目"),
)
#: The page is printed and stamped: what to do stands on it, and not how to type it.
_COMMAND = re.compile(r"：partybuild[^；]*")
_RECORDS = (Field("所属"), Field("台账"), Field("编号", "number"), Field("日期"), Field("记录"), Field("说明"))
#: A sheet takes no more links than 65,530.
_MOST_LINKS = 65_000


class _Evidence:
    """The sheet of the records behind everything on the first one; what is opened there takes the next rows."""

    def __init__(self, title: str, rows: Mapping[tuple[str, int], tuple[str, str, int]]) -> None:
        self._places, self._rows = rows, list[Sequence[Cell]]()
        self._captions = {**captions(), "index": "先锋指数公示表"}
        self.page = Page(_BEHIND, f"{title}：依据记录", _RECORDS, self._rows, plain=True)

    def link(self, text: str, whose: str, records: Sequence[Reference]) -> Cell:
        """A text that leads to the records behind it; as it is where there are none."""
        if not records:
            return text
        first = self.page.first_row + len(self._rows)
        self._rows += [(whose, self._ledger(one), one.id, one.day, one.title, one.note) for one in records]
        return Link(text, "", _BEHIND, first)

    def ledger_link(self, count: int, records: Sequence[Reference]) -> Cell:
        """How many records there are, leading to the first of them in its ledger."""
        place = next((found for one in records if (found := self._place(one))), None)
        return Link(count, *place) if place else count

    def _ledger(self, one: Reference) -> Cell:
        place = self._place(one) if len(self._rows) < _MOST_LINKS else None
        caption = self._captions[one.ledger]
        return Link(caption, *place) if place else caption

    def _place(self, one: Reference) -> tuple[str, str, int] | None:
        return None if one.id is None else self._places.get((one.ledger, one.id))


def write_report(report: Report, path: Path, rows: Rows | None = None) -> None:
    """Write the report; `rows` says where the exported ledgers hold each record. The same figures give the same bytes."""
    title = f"{report.unit}{spoken(report.period)}数据报告"
    evidence = _Evidence(title, rows or {})
    page = Page(
        "数据",
        title,
        _FIGURES,
        [
            (
                *(group, one.name, evidence.link(one.text, one.name, one.records), one.definition),
                evidence.ledger_link(len(one.records), one.records),
            )
            for group, found in report.groups.items()
            for one in found
        ],
        left=f"单位：{report.unit}",
        right=f"截至：{report.as_of}{running(report.period, report.as_of)}",
        remarks=(
            "占比写明分子和分母；“余、约、>”是原记录的写法，合计照样注明。",
            "点“数值”看依据的记录，点“依据记录”到同一文件夹的台账。",
        ),
    )
    beside = []
    if report.parts:
        headings, lines = report.side_by_side()
        fields = [Field(heading, "center" if place else "text") for place, heading in enumerate(headings)]
        beside = [Page("各支部", f"{title}：各支部并排", fields, lines, footer=())]
    write_charted(
        path, [page, *beside, evidence.page], charts(report.figures), created=datetime.combine(report.as_of, time())
    )


def write_check(
    items: Sequence[Item], setting: Setting, path: Path, rows: Rows, standings: Sequence[Standing] = ()
) -> int:
    """Write the self-check: each item with its state, figure, article, and what would settle it; the row of the first.

    `standings`: a sheet with the organisations beside each other.
    """
    assert setting.period is not None
    known, counts = catalogue(), Counter(str(one.state) for one in items)
    title = f"{setting.unit}{spoken(setting.period)}自查表"
    evidence = _Evidence(title, rows)
    page = Page(
        name="自查表",
        title=title,
        left=f"单位：{setting.unit}",
        right=f"截至：{chinese_day(setting.as_of.isoformat())}{running(setting.period, setting.as_of)}",
        fields=_ITEMS,
        rows=[
            (
                *(one.branch, known[one.id].head, one.id, known[one.id].name, str(one.state)),
                evidence.link(one.brief, f"{one.branch} {one.id} {known[one.id].name}", one.records),
                *(one.article, _COMMAND.sub("", one.remedy)),
            )
            for one in items
        ],
        totals="，".join(f"{state} {count} 项" for state, count in counts.items()),
        remarks=("点“情况”看依据的全部记录和姓名。",),
    )
    beside = []
    if standings:
        lines: list[Sequence[Cell]] = [
            (
                *(one.name, one.kind, one.branches),
                *(len(one.items[state]) for state in State if state is not State.NOT_APPLICABLE),
                "、".join(f"{id} {known[id].name}" for id in one.owed),
            )
            for one in standings
        ]
        beside = [Page("各支部", f"{title}：各支部并排", _STANDINGS, lines, footer=())]
    write_book(path, [page, *beside, evidence.page], created=datetime.combine(setting.as_of, time()))
    return page.first_row
