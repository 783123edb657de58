"""The report (数据报告): every figure of a period in its groups, for the terminal and JSON; as one page for a browser with everything
inside; and with the self-check (自查表) as workbooks.

Charts (图表) are inline SVG: no script, no font from elsewhere, readable in black and white. In a workbook a figure leads to the
records behind it (依据记录), and a record to its row in the exported ledger of the same folder.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.outputs import BLANK_SEAL, put
from partybuild_cli.records.base.registry import captions
from partybuild_cli.reports.figures import Figure, life, work
from partybuild_cli.rules.check import Beside
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.item import Item, State, catalogue
from partybuild_cli.sheets.exporting import Place, Rows, Setting
from partybuild_cli.sheets.writing import Cell, Field, Link, Page, write_book
from partybuild_cli.sheets.writing.charts import Bar, Chart, write_charted
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import Period, before, running, spoken
from partybuild_cli.values.text import display_width, shipped


class PeriodReport(NamedTuple):
    """The figures of a period, by the heading under which they stand; `parts`: the same of each organisation below."""

    unit: str
    period: Period
    as_of: date
    groups: dict[str, list[Figure]]
    parts: "Sequence[PeriodReport]" = ()

    @property
    def figures(self) -> list[Figure]:
        return [figure for group in self.groups.values() for figure in group]

    def document(self, opened: bool = False) -> dict[str, object]:
        """The JSON of `report`; opened, every figure lists the records behind it."""
        figures = [figure.document(opened) for figure in self.figures]
        found: dict[str, object] = {"period": self.period.label, "figures": figures}
        beside = [{"branch": part.unit, **part.document(opened)} for part in self.parts]
        return {**found, "branches": beside} if beside else found

    def side_by_side(self) -> tuple[list[str], list[list[str]]]:
        """Headings and lines of a table with the organisations beside each other (并排): a line a figure."""
        every = [self, *self.parts]
        known = {figure.id: figure.name for part in every for figure in part.figures}
        texts = [{figure.id: figure.text for figure in part.figures} for part in every]
        lines = [[name, *(part.get(id, "") for part in texts)] for id, name in known.items()]
        return ["数据", *(part.unit for part in every)], lines

    def only(self, wanted: str) -> "PeriodReport":
        """One figure by its id or name, or all whose id begins with the word (`service`). NotFound where there is none."""
        ids = [figure.id for figure in self.figures]
        near = {figure.id for figure in self.figures if wanted == figure.name or figure.id.startswith(f"{wanted}.")}
        if found := {wanted}.intersection(ids) or near:
            return self._of(found)
        known = get_close_matches(wanted, ids, n=6, cutoff=0.5) or dict.fromkeys(id.partition(".")[0] for id in ids)
        text = f"{self.period.label} 没有“{wanted}”这项数据，可能本期没有这类记录"
        raise NotFound(f"{text}。请写这些里的一个：{'、'.join(known) or '（没有）'}。")

    def _of(self, ids: set[str]) -> "PeriodReport":
        """These figures alone, of the parts too as far as they have them."""
        kept = {group: [figure for figure in found if figure.id in ids] for group, found in self.groups.items()}
        groups = {group: found for group, found in kept.items() if found}
        return self._replace(groups=groups, parts=[part._of(ids) for part in self.parts])


def report(
    connection: Connection, period: Period, today: date, branch: str | None = None, *, beside: bool = False
) -> PeriodReport:
    """Work out every figure that the records hold; `beside` of each organisation below too. NotFound for no such branch."""
    chapters = {"党员队伍": life.people, "组织生活": life.figures, "志愿服务": work.service, "作用发挥": work.figures}
    facts = load_facts(connection, period, today, branch)
    found = []
    for part in (facts, *(facts.parts if beside and len(facts.branches) > 1 else ())):
        only = part.branches[0].name if len(part.branches) == 1 else ""
        unit = part.unit or only or next(iter(part.upper), f"{len(part.branches)}个党支部")
        groups = {name: list(figures(part)) for name, figures in chapters.items()}
        groups = {name: figures for name, figures in groups.items() if figures}
        found.append(PeriodReport(unit, period, part.as_of, groups))
    return found[0]._replace(parts=found[1:])


def earlier(
    found: PeriodReport, connection: Connection, branch: str | None = None, most: int = 3
) -> list[PeriodReport]:
    """The reports of the periods before, oldest first (趋势); a past in which nobody was a member is no past."""
    past: list[PeriodReport] = []
    period = found.period
    while len(past) < most:
        period = before(period)
        last = report(connection, period, found.as_of, branch)
        if not any(figure.id == "members.total" and figure.value for figure in last.figures):
            break
        past.append(last)
    return past[::-1]


_WIDTH, _ROW, _HEAD, _LINE_HEIGHT = 640, 26, 34, 200
_LETTER = 7  # the width of a Latin letter in our size


def charts(figures: Sequence[Figure]) -> list[Chart]:
    """The charts of a group of figures; one bar alone is no chart."""
    found = []
    for title, unit, prefix in shipped("reports/pages.toml")["page"]["charts"]:
        mine = [figure for figure in figures if figure.id.startswith(prefix) and figure.number]
        bars = [Bar(figure.id.removeprefix(prefix), figure.number, figure.text) for figure in mine]
        found += [Chart(title, unit, bars, line=prefix == "index.")] if len(bars) > 1 else []
    return found


def draw(chart: Chart) -> str:
    """The chart as one `<svg>` element: points in time from the lowest to the highest, or bars that lie, as Chinese labels do."""
    words = ([bar.label for bar in chart.bars], [bar.text for bar in chart.bars])
    left, right = (max(map(display_width, texts)) * _LETTER + 12 for texts in words)
    low, most = (pick(bar.number for bar in chart.bars) for pick in (min, max))
    span, step = float(most - low) or 1.0, (_WIDTH - 120) / max(len(chart.bars) - 1, 1)
    drawn: list[tuple[float, float, Bar]] = []
    for at, bar in enumerate(chart.bars):
        if chart.line:
            up = _HEAD + 20 + (_LINE_HEIGHT - 90) * (1 - float(bar.number - low) / span)
            drawn.append((60 + at * step, up, bar))
        else:
            length = max(1, round((_WIDTH - left - right) * float(bar.number / most)))
            drawn.append((_HEAD + at * _ROW, length, bar))
    height = _LINE_HEIGHT if chart.line else _HEAD + len(chart.bars) * _ROW + 6
    return _filled("chart.svg", chart=chart, drawn=drawn, left=left, width=_WIDTH, height=height)


def page_of(report: PeriodReport, past: Sequence[PeriodReport] = ()) -> str:
    """The whole page as text, each figure beside itself in the periods before; the same figures give the same page."""
    known, trends = {figure.id: figure for figure in report.figures}, dict[str, list[Bar | None]]()
    texts = [(part.period.label, {figure.id: figure for figure in part.figures}) for part in (*past, report)]
    for id in known:  # what each period says of a figure, oldest first; None where it holds none
        held = [(label, figures.get(id)) for label, figures in texts]
        bars = [figure and Bar(label, figure.number, figure.text) for label, figure in held]
        trends[id] = bars if len(bars) - bars.count(None) > 1 else []  # one alone is no trend
    page = _filled(
        "report.html",
        report=report,
        title=f"{report.unit}{spoken(report.period)}数据报告",
        running=running(report.period, report.as_of),
        headlines=[known[id] for id in shipped("reports/pages.toml")["page"]["headlines"] if id in known],
        trends=trends,
        last={figure.id: figure.text for figure in past[-1].figures} if past else {},
        groups=[(name, figures, [draw(chart) for chart in charts(figures)]) for name, figures in report.groups.items()],
    )
    return f"{page}<!-- {BLANK_SEAL} -->\n"


def _filled(template: str, **words: object) -> str:
    from jinja2 import Environment, StrictUndefined

    text = files("partybuild_cli.reports").joinpath("templates", template).read_text(encoding="utf8")
    shaped = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    return shaped.from_string(text).render(words)


def write_html(report: PeriodReport, path: Path, past: Sequence[PeriodReport] = ()) -> None:
    """Write the page, whole or not at all, readable by its owner. Busy when the disk refuses."""
    put(path, lambda beside: beside.write_bytes(page_of(report, past).encode()))


_BEHIND = "依据记录"
#: The page is printed and stamped: what to do stands on it, and not how to type it.
_COMMAND = re.compile(r"：partybuild[^；]*")
#: A sheet takes no more links than 65,530.
_MOST_LINKS = 65_000


def fields(sheet: str) -> list[Field]:
    return [Field(*column) for column in shipped("reports/pages.toml")["fields"][sheet]]


class _Workbook:
    """A sheet of lines, in which each leads to the records behind it on the last sheet, and these to their rows in the exported
    ledgers (`rows`); between the two the organisations stand beside each other, where there are several.
    """

    def __init__(self, title: str, rows: Mapping[tuple[str, int], Place]) -> None:
        self.title, self._places, self._rows = title, rows, list[Sequence[Cell]]()
        self._captions = {**captions(), "index": "先锋指数公示表"}
        self._behind = Page(_BEHIND, f"{title}：依据记录", fields("records"), self._rows, serial=False, footer=())

    def link(self, text: str, whose: str, records: Sequence[Reference]) -> Cell:
        """A text that leads to the records behind it; as it is where there are none."""
        if not records:
            return text
        first = self._behind.first_row + len(self._rows)
        for record in records:
            place = self.place(record) if len(self._rows) < _MOST_LINKS else None
            caption = self._captions[record.ledger]
            led = Link(caption, *place) if place else caption
            self._rows.append((whose, led, record.id, record.day, record.title, record.note))
        return Link(text, "", _BEHIND, first)

    def place(self, record: Reference) -> Place | None:
        return None if record.id is None else self._places.get((record.ledger, record.id))

    def pages(self, first: Page, columns: Sequence[Field], beside: Sequence[Sequence[Cell]]) -> list[Page]:
        page = Page("各支部", f"{self.title}：各支部并排", columns, beside, footer=())
        return [first, *([page] if beside else []), self._behind]


def write_report(report: PeriodReport, path: Path, rows: Rows | None = None) -> None:
    """Write the report; `rows` says where the exported ledgers hold each record. The same figures give the same bytes."""
    book = _Workbook(f"{report.unit}{spoken(report.period)}数据报告", rows or {})
    lines: list[Sequence[Cell]] = []
    for group, found in report.groups.items():
        for figure in found:
            shown = book.link(figure.text, figure.name, figure.records)
            # how many records there are, leading to the first of them in its ledger
            place, count = next(filter(None, map(book.place, figure.records)), None), len(figure.records)
            lines.append((group, figure.name, shown, figure.definition, Link(count, *place) if place else count))
    page = Page(
        *("数据", book.title, fields("report"), lines),
        left=f"单位：{report.unit}",
        right=f"截至：{report.as_of}{running(report.period, report.as_of)}",
        remarks=(
            "占比写明分子和分母；“余、约、>”是原记录的写法，合计照样注明。",
            "点“数值”看依据的记录，点“依据记录”到同一文件夹的台账。",
        ),
    )
    headings, table = report.side_by_side() if report.parts else ([], [])
    columns = [Field(heading, "center" if at else "text") for at, heading in enumerate(headings)]
    created = datetime.combine(report.as_of, time())
    write_charted(path, book.pages(page, columns, table), charts(report.figures), created=created)


def write_check(items: Sequence[Item], setting: Setting, path: Path, rows: Rows, beside: Sequence[Beside] = ()) -> int:
    """Write the self-check, and the organisations `beside` each other; the row of its first item."""
    assert setting.period is not None
    known, counts = catalogue(), Counter(str(item.state) for item in items)
    book = _Workbook(f"{setting.unit}{spoken(setting.period)}自查表", rows)
    lines: list[Sequence[Cell]] = []
    for item in items:
        asked = known[item.id]
        shown = book.link(item.brief, f"{item.branch} {item.id} {asked.name}", item.records)
        what = (item.branch, asked.head, item.id, asked.name, str(item.state))
        lines.append((*what, shown, item.article, _COMMAND.sub("", item.remedy)))
    page = Page(
        *("自查表", book.title, fields("check"), lines),
        left=f"单位：{setting.unit}",
        right=f"截至：{chinese_day(setting.as_of.isoformat())}{running(setting.period, setting.as_of)}",
        totals="，".join(f"{state} {count} 项" for state, count in counts.items()),
        remarks=("点“情况”看依据的全部记录和姓名。",),
    )
    states, table = (State.MET, State.UNMET, State.NO_DATA), list[Sequence[Cell]]()
    for unit in beside:
        owed = "、".join(f"{id} {known[id].name}" for id in unit.owed)
        table.append((unit.name, unit.kind, unit.branches, *(len(unit.items[state]) for state in states), owed))
    created = datetime.combine(setting.as_of, time())
    write_book(path, book.pages(page, fields("beside"), table), created=created)
    return page.first_row
