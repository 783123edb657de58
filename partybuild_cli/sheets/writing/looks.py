"""How a ledger is dressed (版式): one set of formats a workbook, each made when first asked for."""

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from partybuild_cli.sheets.writing.pages import Style

FONT = "宋体"
BODY_SIZE = 10.5
# Column widths are counted in digits of the default font: with the body's own font they fit its text.
DEFAULT_FONT = {"font_name": FONT, "font_size": BODY_SIZE}
LINE_HEIGHT = 15.0
ROW_PADDING = 6.0
TALLEST_ROW = 409.0  # Excel's own limit

_GB2312 = 134  # lets a machine without 宋体 choose another Chinese font and not a Latin one
_BASE: dict[str, object] = {
    "font_name": FONT,
    "font_family": 1,
    "font_charset": _GB2312,
    "font_scheme": "none",  # a font of a theme would be changed with the theme
    "valign": "vcenter",
}
_ALIGN: dict[Style, str] = {"text": "left", "number": "center", "money": "right", "day": "center", "center": "center"}
_GREY = "#7F7F7F"
_BLUE = "#0563C1"
_FILL = "#E8EEF6"


def row_height(lines: int) -> float:
    """Height that shows so many lines of body text."""
    return min(lines * LINE_HEIGHT + ROW_PADDING, TALLEST_ROW)


class Looks:
    """The formats of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}
        self.title = self._format(font_size=18, bold=True, align="center", text_wrap=True)
        self.left = self._line(align="left")
        self.right = self._line(align="right")
        self.heading = self._format(
            font_size=BODY_SIZE, bold=True, align="center", text_wrap=True, border=1, bg_color=_FILL
        )
        self.sentence = self._line(align="left", bold=True, border=1)

    def text(self, style: Style, *, bold: bool = False, example: bool = False) -> Format:
        """A text cell: its number format is text, so nothing in it is ever taken for a formula or a date."""
        return self._cell(style, "@", bold=bold, example=example)

    def number(self, style: Style, places: int, *, bold: bool = False, example: bool = False) -> Format:
        """A number that shows as many decimal places as it has; money at least two."""
        shown = max(places, 2) if style == "money" else places
        return self._cell(style, f"0.{'0' * shown}" if shown else "0", bold=bold, example=example)

    def blank(self, style: Style, *, ruled: bool = True) -> Format:
        """A cell to be filled in by hand: days stay text, or a month would be turned into its first day."""
        shown = {"number": "General", "money": "0.00"}.get(style, "@")
        return self._cell(style, shown, border=int(ruled))

    def link(self) -> Format:
        """A cell that leads elsewhere."""
        return self._cell("text", "@", colour=_BLUE)

    def _line(self, **extra: object) -> Format:
        return self._format(font_size=BODY_SIZE, text_wrap=True, num_format="@", **extra)

    def _cell(
        self, style: Style, shown: str, *, bold: bool = False, example: bool = False, border: int = 1, colour: str = ""
    ) -> Format:
        # Text wraps; a number cannot, and rather than ##### it is shown smaller.
        extra: dict[str, object] = {"text_wrap": True} if shown == "@" else {"shrink": True}
        if example:
            extra |= {"italic": True, "font_color": _GREY}
        if colour:
            extra |= {"underline": 1, "font_color": colour}
        if bold:
            extra["bold"] = True
        return self._format(font_size=BODY_SIZE, align=_ALIGN[style], border=border, num_format=shown, **extra)

    def _format(self, **properties: object) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(_BASE | properties)
        return self._made[key]
