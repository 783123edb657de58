"""The report as one page for a browser (网页报告): everything inside the file, nothing fetched, prints on A4."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from partybuild_cli.outputs import BLANK_SEAL, put
from partybuild_cli.reports.charts import charts
from partybuild_cli.reports.report import Report
from partybuild_cli.reports.svg import draw, trend
from partybuild_cli.sheets.writing.charts import Bar
from partybuild_cli.values.period import running, spoken

#: What is quoted first; those that the records hold stand on top.
_HEADLINES = (
    *("members.total", "meeting.attendance_rate", "service.count", "service.people_served"),
    *("dues.paid_rate", "task.closure_rate"),
)


def page_of(report: Report, past: Sequence[Report] = ()) -> str:
    """The whole page as text, each figure beside itself in the periods before; the same figures give the same page."""
    text = files("partybuild_cli.reports").joinpath("report.html").read_text(encoding="utf8")
    shaped = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    known = {one.id: one for one in report.figures}
    page = shaped.from_string(text).render(
        report=report,
        title=f"{report.unit}{spoken(report.period)}数据报告",
        running=running(report.period, report.as_of),
        headlines=[known[id] for id in _HEADLINES if id in known],
        trends={id: trend(_bars(id, [*past, report])) for id in known} if past else {},
        last={figure.id: figure.text for figure in past[-1].figures} if past else {},
        groups=[(name, figures, [draw(chart) for chart in charts(figures)]) for name, figures in report.groups.items()],
    )
    return f"{page}<!-- {BLANK_SEAL} -->\n"


def _bars(id: str, periods: Sequence[Report]) -> list[Bar | None]:
    """What each period says of a figure, oldest first; none where it does not hold it."""
    found = [next((figure for figure in part.figures if figure.id == id), None) for part in periods]
    return [
        None if figure is None else Bar(part.period.label, figure.number, figure.text)
        for part, figure in zip(periods, found, strict=True)
    ]


def write_html(report: Report, path: Path, past: Sequence[Report] = ()) -> None:
    """Write the page, whole or not at all, readable by its owner. Busy when the disk refuses."""
    put(path, lambda beside: beside.write_bytes(page_of(report, past).encode()))
