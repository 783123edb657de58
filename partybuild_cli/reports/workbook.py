"""The report and the self-check as workbooks (数据报告、自查表), each with a sheet of the records behind it (依据记录).

A figure leads to its records there, and a record to its row in the exported ledger of the same folder.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from pathlib import Path

from partybuild_cli.records.base.registry import captions
from partybuild_cli.reports.page import charts, declared
from partybuild_cli.reports.report import PeriodReport
from partybuild_cli.rules.check import Beside
from partybuild_cli.rules.item import Item, State, catalogue
from partybuild_cli.sheets.exporting.files import Place, Rows, Setting
from partybuild_cli.sheets.writing import Cell, Field, Link, Page, write_book
from partybuild_cli.sheets.writing.charts import write_charted
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import running, spoken

_BEHIND = "依据记录"
#: The page is printed and stamped: what to do stands on it, and not how to type it.
_COMMAND = re.compile(r"：partybuild[^；]*")
#: A sheet takes no more links than 65,530.
_MOST_LINKS = 65_000


def fields(sheet: str) -> list[Field]:
    return [Field(*column) for column in declared()["fields"][sheet]]


class _Evidence:
    """The sheet of the records behind everything on the first one; what is opened there takes the next rows."""

    def __init__(self, title: str, rows: Mapping[tuple[str, int], Place]) -> None:
        self._places, self._rows = rows, list[Sequence[Cell]]()
        self._captions = {**captions(), "index": "先锋指数公示表"}
        self.page = Page(_BEHIND, f"{title}：依据记录", fields("records"), self._rows, serial=False, footer=())

    def link(self, text: str, whose: str, records: Sequence[Reference]) -> Cell:
        """A text that leads to the records behind it; as it is where there are none."""
        if not records:
            return text
        first = self.page.first_row + len(self._rows)
        for record in records:
            place = self._place(record) if len(self._rows) < _MOST_LINKS else None
            caption = self._captions[record.ledger]
            self._rows.append(
                (whose, Link(caption, *place) if place else caption, record.id, record.day, record.title, record.note)
            )
        return Link(text, "", _BEHIND, first)

    def ledger_link(self, records: Sequence[Reference]) -> Cell:
        """How many records there are, leading to the first of them in its ledger."""
        place = next((found for record in records if (found := self._place(record))), None)
        return Link(len(records), *place) if place else len(records)

    def _place(self, record: Reference) -> Place | None:
        return None if record.id is None else self._places.get((record.ledger, record.id))


def write_report(report: PeriodReport, path: Path, rows: Rows | None = None) -> None:
    """Write the report; `rows` says where the exported ledgers hold each record. The same figures give the same bytes."""
    title = f"{report.unit}{spoken(report.period)}数据报告"
    evidence = _Evidence(title, rows or {})
    lines: list[Sequence[Cell]] = []
    for group, found in report.groups.items():
        for figure in found:
            shown = evidence.link(figure.text, figure.name, figure.records)
            lines.append((group, figure.name, shown, figure.definition, evidence.ledger_link(figure.records)))
    page = Page(
        *("数据", title, fields("report"), lines),
        left=f"单位：{report.unit}",
        right=f"截至：{report.as_of}{running(report.period, report.as_of)}",
        remarks=(
            "占比写明分子和分母；“余、约、>”是原记录的写法，合计照样注明。",
            "点“数值”看依据的记录，点“依据记录”到同一文件夹的台账。",
        ),
    )
    pages = [page]
    if report.parts:
        headings, table = report.side_by_side()
        columns = [Field(heading, "center" if place else "text") for place, heading in enumerate(headings)]
        pages.append(Page("各支部", f"{title}：各支部并排", columns, table, footer=()))
    created = datetime.combine(report.as_of, time())
    write_charted(path, [*pages, evidence.page], charts(report.figures), created=created)


def write_check(items: Sequence[Item], setting: Setting, path: Path, rows: Rows, beside: Sequence[Beside] = ()) -> int:
    """Write the self-check: each item with its state, figure, article, and what would settle it; the row of the first.

    `beside`: a sheet with the organisations beside each other.
    """
    assert setting.period is not None
    known, counts = catalogue(), Counter(str(item.state) for item in items)
    title = f"{setting.unit}{spoken(setting.period)}自查表"
    evidence = _Evidence(title, rows)
    lines: list[Sequence[Cell]] = []
    for item in items:
        asked = known[item.id]
        shown = evidence.link(item.brief, f"{item.branch} {item.id} {asked.name}", item.records)
        what = (item.branch, asked.head, item.id, asked.name, str(item.state))
        lines.append((*what, shown, item.article, _COMMAND.sub("", item.remedy)))
    page = Page(
        *("自查表", title, fields("check"), lines),
        left=f"单位：{setting.unit}",
        right=f"截至：{chinese_day(setting.as_of.isoformat())}{running(setting.period, setting.as_of)}",
        totals="，".join(f"{state} {count} 项" for state, count in counts.items()),
        remarks=("点“情况”看依据的全部记录和姓名。",),
    )
    pages = [page]
    if beside:
        states, table = (State.MET, State.UNMET, State.NO_DATA), list[Sequence[Cell]]()
        for unit in beside:
            owed = "、".join(f"{id} {known[id].name}" for id in unit.owed)
            table.append((unit.name, unit.kind, unit.branches, *(len(unit.items[state]) for state in states), owed))
        pages.append(Page("各支部", f"{title}：各支部并排", fields("beside"), table, footer=()))
    write_book(path, [*pages, evidence.page], created=datetime.combine(setting.as_of, time()))
    return page.first_row
