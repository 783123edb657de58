"""A picture of the screen (屏幕图) as SVG, the same bytes for the same screen.

Rich draws such pictures itself, but gives a Chinese character the width of a Latin one; here each run of characters of one
width takes the cells that it takes on a terminal.
"""

import io
from collections.abc import Iterator
from html import escape
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME as THEME
from rich.text import Text

from generator.play import WIDTH

_CELL, _LINE, _MARGIN, _BAR = 8, 21, 14, 30
#: Letter sizes at which a Latin and a Chinese character fill one and two cells.
_LATIN, _CHINESE = 13.3, 15.6
_FONTS = (
    "'Cascadia Mono', Consolas, Menlo, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', "
    "'Microsoft YaHei', 'PingFang SC', monospace"
)
_DOTS = "".join(
    f'<circle cx="{18 + 18 * place}" cy="15" r="5.5" fill="{colour}"/>'
    for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
)

#: A character and how it looks.
Sign = tuple[str, Style | None]


def svg(screen: str, title: str = "partybuild", columns: int = WIDTH) -> str:
    """What a terminal showed, escapes and all, as a picture."""
    rows = list(_rows(screen.rstrip(), columns))
    width, height = columns * _CELL + 2 * _MARGIN, len(rows) * _LINE + _BAR + _MARGIN
    drawn = [one for place, row in enumerate(rows) for one in _draw(row, _BAR + place * _LINE + _LINE // 2 + 5)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff" stroke="#c8c8c8"/>',
            _DOTS,
            f'<g font-family="{_FONTS}" font-size="{_LATIN}" fill="#1f2328" xml:space="preserve">',
            *drawn,
            "</g>",
            "</svg>\n",
        ]
    )


def _rows(screen: str, columns: int) -> Iterator[list[Sign]]:
    """The signs of each row; a line that is too long goes on in the next row, as on a terminal."""
    console = Console(width=columns, file=io.StringIO(), force_terminal=True, color_system="standard")
    for line in Text.from_ansi(screen).split("\n", allow_blank=True):
        row: list[Sign] = []
        used = 0
        for segment in line.render(console):
            for sign in segment.text:
                used += cell_len(sign)
                if used > columns:
                    yield row
                    row, used = [], cell_len(sign)
                row.append((sign, segment.style))
        yield row


def _draw(row: list[Sign], y: int) -> Iterator[str]:
    at = 0
    for (style, wide, blank), run in groupby(row, key=lambda one: (one[1], cell_len(one[0]) > 1, one[0].isspace())):
        said = "".join(sign for sign, _ in run)
        cells = cell_len(said)
        if not blank:
            look = (f' font-size="{_CHINESE}"' if wide else "") + _look(style)
            place = f'x="{_MARGIN + at * _CELL}" y="{y}" textLength="{cells * _CELL}"'
            yield f"<text {place}{look}>{escape(said)}</text>"
        at += cells


def _look(style: Style | None) -> str:
    if style is None:
        return ""
    colour = f' fill="{style.color.get_truecolor(THEME).hex}"' if style.color and not style.color.is_default else ""
    return colour + (' font-weight="bold"' if style.bold else "") + (' fill-opacity="0.6"' if style.dim else "")
