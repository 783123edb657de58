"""Charts as inline SVG (图形): no script, no font from elsewhere, readable in black and white."""

from collections.abc import Sequence
from html import escape

from partybuild_cli.sheets.writing.charts import Bar, Chart
from partybuild_cli.values.text import display_width

_WIDTH, _ROW, _HEAD = 640, 26, 34
_LINE_HEIGHT = 200
_DIGIT = 7  # the width of a Latin letter in our size
_COLOUR, _TEXT = "#b22222", "#333"


def draw(chart: Chart) -> str:
    """The chart as one `<svg>` element."""
    return _line(chart) if chart.line else _bars(chart)


def trend(bars: Sequence[Bar | None]) -> str:
    """A figure of some periods as upright bars in the height of a line (趋势), a gap where nothing is known; '' for one alone."""
    known = [bar for bar in bars if bar is not None]
    if len(known) < 2:
        return ""
    most = max(bar.number for bar in known) or 1
    drawn = "".join(
        f'<rect x="{place * 12}" y="{20 - height}" width="9" height="{height}" fill="{_COLOUR}"/>'
        for place, bar in enumerate(bars)
        if bar is not None and (height := max(1, round(18 * float(bar.number / most))))
    )
    return f'<svg role="img" aria-label="{_summary(known)}" width="{len(bars) * 12}" height="20">{drawn}</svg>'


def _bars(chart: Chart) -> str:
    """Bars lie, so that Chinese labels need not be turned."""
    left = max(display_width(bar.label) for bar in chart.bars) * _DIGIT + 12
    right = max(display_width(bar.text) for bar in chart.bars) * _DIGIT + 12
    most = max(bar.number for bar in chart.bars)
    room = _WIDTH - left - right
    drawn = [_title(chart)]
    for place, bar in enumerate(chart.bars):
        top = _HEAD + place * _ROW
        length = max(1, round(room * float(bar.number / most)))
        drawn.append(_text(left - 8, top + 16, bar.label, "end"))
        drawn.append(f'<rect x="{left}" y="{top + 4}" width="{length}" height="16" fill="{_COLOUR}"/>')
        drawn.append(_text(left + length + 6, top + 16, bar.text, "start"))
    return _frame(chart, _HEAD + len(chart.bars) * _ROW + 6, drawn)


def _line(chart: Chart) -> str:
    """Points in time, the scale from the lowest to the highest with a margin."""
    low, high = (pick(bar.number for bar in chart.bars) for pick in (min, max))
    span = float(high - low) or 1.0
    step = (_WIDTH - 120) / max(len(chart.bars) - 1, 1)
    points = [
        (60 + place * step, _HEAD + 20 + (_LINE_HEIGHT - 90) * (1 - float(bar.number - low) / span))
        for place, bar in enumerate(chart.bars)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = [_title(chart), f'<polyline points="{path}" fill="none" stroke="{_COLOUR}" stroke-width="2"/>']
    for (x, y), bar in zip(points, chart.bars, strict=True):
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_COLOUR}"/>')
        drawn.append(_text(round(x), round(y) - 10, bar.text, "middle"))
        drawn.append(_text(round(x), _LINE_HEIGHT - 10, bar.label, "middle"))
    return _frame(chart, _LINE_HEIGHT, drawn)


def _title(chart: Chart) -> str:
    return _text(0, 18, f"{chart.title}（{chart.unit}）", "start", "15", "bold")


def _frame(chart: Chart, height: int, drawn: list[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(chart.title)}：{_summary(chart.bars)}" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}">{"".join(drawn)}</svg>'
    )


def _summary(bars: Sequence[Bar]) -> str:
    """What a reader who cannot see the drawing is told."""
    return escape("，".join(f"{bar.label} {bar.text}" for bar in bars))


def _text(x: int, y: int, text: str, anchor: str, size: str = "13", weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{_TEXT}">'
        f"{escape(text)}</text>"
    )
