"""The report as one page for a browser (网页报告): everything inside the file, nothing fetched, prints on A4.

Charts (图表) are inline SVG: no script, no font from elsewhere, readable in black and white.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from partybuild_cli.outputs import BLANK_SEAL, put
from partybuild_cli.reports.figures import Figure
from partybuild_cli.reports.report import PeriodReport
from partybuild_cli.sheets.writing.charts import Bar, Chart
from partybuild_cli.values.period import running, spoken
from partybuild_cli.values.text import display_width

_WIDTH, _ROW, _HEAD, _LINE_HEIGHT = 640, 26, 34, 200
_LETTER = 7  # the width of a Latin letter in our size


@cache
def declared() -> dict[str, dict[str, list[Any]]]:
    """What pages and sheets hold: columns, headlines, charts."""
    return tomllib.loads(files("partybuild_cli.reports").joinpath("pages.toml").read_text(encoding="utf8"))


def charts(figures: Sequence[Figure]) -> list[Chart]:
    """The charts of a group of figures; one bar alone is no chart."""
    found = []
    for title, unit, prefix in declared()["page"]["charts"]:
        mine = [figure for figure in figures if figure.id.startswith(prefix) and figure.number]
        bars = [Bar(figure.id.removeprefix(prefix), figure.number, figure.text) for figure in mine]
        found += [Chart(title, unit, bars, line=prefix == "index.")] if len(bars) > 1 else []
    return found


def draw(chart: Chart) -> str:
    """The chart as one `<svg>` element: points in time from the lowest to the highest, or bars that lie, as Chinese labels do."""
    left, right = (
        max(display_width(text) for text in texts) * _LETTER + 12
        for texts in ([bar.label for bar in chart.bars], [bar.text for bar in chart.bars])
    )
    low, most = (pick(bar.number for bar in chart.bars) for pick in (min, max))
    span, step = float(most - low) or 1.0, (_WIDTH - 120) / max(len(chart.bars) - 1, 1)
    drawn: list[tuple[float, float, Bar]] = []
    for place, bar in enumerate(chart.bars):
        if chart.line:
            up = _HEAD + 20 + (_LINE_HEIGHT - 90) * (1 - float(bar.number - low) / span)
            drawn.append((60 + place * step, up, bar))
        else:
            length = max(1, round((_WIDTH - left - right) * float(bar.number / most)))
            drawn.append((_HEAD + place * _ROW, length, bar))
    height = _LINE_HEIGHT if chart.line else _HEAD + len(chart.bars) * _ROW + 6
    return _filled("chart.svg", chart=chart, drawn=drawn, left=left, width=_WIDTH, height=height)


def _trend(id: str, periods: Sequence[PeriodReport]) -> list[Bar | None]:
    """What each period says of a figure, oldest first; None where it holds none, nothing where only one holds it."""
    found = [next((figure for figure in part.figures if figure.id == id), None) for part in periods]
    bars = [
        None if figure is None else Bar(part.period.label, figure.number, figure.text)
        for part, figure in zip(periods, found, strict=True)
    ]
    return bars if len(bars) - bars.count(None) > 1 else []


def page_of(report: PeriodReport, past: Sequence[PeriodReport] = ()) -> str:
    """The whole page as text, each figure beside itself in the periods before; the same figures give the same page."""
    known = {figure.id: figure for figure in report.figures}
    page = _filled(
        "report.html",
        report=report,
        title=f"{report.unit}{spoken(report.period)}数据报告",
        running=running(report.period, report.as_of),
        headlines=[known[id] for id in declared()["page"]["headlines"] if id in known],
        trends={id: _trend(id, [*past, report]) for id in known},
        last={figure.id: figure.text for figure in past[-1].figures} if past else {},
        groups=[(name, figures, [draw(chart) for chart in charts(figures)]) for name, figures in report.groups.items()],
    )
    return f"{page}<!-- {BLANK_SEAL} -->\n"


def _filled(template: str, **words: object) -> str:
    text = files("partybuild_cli.reports").joinpath("templates", template).read_text(encoding="utf8")
    shaped = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    return shaped.from_string(text).render(words)


def write_html(report: PeriodReport, path: Path, past: Sequence[PeriodReport] = ()) -> None:
    """Write the page, whole or not at all, readable by its owner. Busy when the disk refuses."""
    put(path, lambda beside: beside.write_bytes(page_of(report, past).encode()))
