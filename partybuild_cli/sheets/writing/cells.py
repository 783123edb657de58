"""One cell at a time and how it is dressed: text stays text, a number keeps its places (单元格)."""

from collections.abc import Mapping
from decimal import Decimal
from html import escape

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.pages import Cell, Link, Style
from partybuild_cli.sheets.writing.widths import line_count

A4 = 9
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

    def cell(self, style: Style, shown: str = "@", more: Mapping[str, object] = {}, border: int = 1) -> Format:
        """A cell with a number format: text by default, so that nothing in it is ever taken for a formula or a date.

        Text wraps; a number cannot, and rather than ##### it is shown smaller.
        """
        wrap = "text_wrap" if shown == "@" else "shrink"
        return self._format(
            font_size=BODY_SIZE, align=_ALIGN[style], border=border, num_format=shown, **{wrap: True}, **more
        )

    def blank(self, style: Style, *, ruled: bool = True) -> Format:
        """A cell to be filled in by hand: days stay text, or a month would be turned into its first day."""
        return self.cell(style, {"number": "General", "money": "0.00"}.get(style, "@"), border=int(ruled))

    def link(self) -> Format:
        """A cell that leads elsewhere."""
        return self.cell("text", more={"underline": 1, "font_color": _BLUE})

    def _line(self, **more: object) -> Format:
        return self._format(font_size=BODY_SIZE, text_wrap=True, num_format="@", **more)

    def _format(self, **properties: object) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(_BASE | properties)
        return self._made[key]


class Pen:
    """What writing in one column needs to know, looked up once."""

    def __init__(self, looks: Looks, style: Style, room: float, *, bold: bool = False, example: bool = False) -> None:
        self.looks, self.style, self.room, self.half_room = looks, style, room, int(room) // 2
        self._more: dict[str, object] = {"italic": True, "font_color": _GREY} if example else {}
        if bold:
            self._more["bold"] = True
        self.text = looks.cell(style, more=self._more)
        self._numbers: dict[int, Format] = {}

    def number(self, places: int) -> Format:
        """A number that shows as many decimal places as it has; money at least two."""
        if places not in self._numbers:
            shown = max(places, 2) if self.style == "money" else places
            self._numbers[places] = self.looks.cell(self.style, f"0.{'0' * shown}" if shown else "0", self._more)
        return self._numbers[places]


_MOST_CHARACTERS = 32_767
_MOST_DIGITS = 15  # a spreadsheet's number keeps no more


def write_cell(sheet: Worksheet, row: int, column: int, value: Cell, pen: Pen) -> int:
    """Writes one value and says how many lines it takes in its column."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, pen.text)
        return 1
    if isinstance(value, str):
        write_text(sheet, row, column, value, pen.text)
        if len(value) <= (pen.room if value.isascii() else pen.half_room) and "\n" not in value:
            return 1
        return line_count(value, pen.room)
    if isinstance(value, Link):
        where = f"external:{value.file}" if value.file else "internal:"
        place = f"{'#' if value.file else ''}'{value.sheet}'!A{value.row}" if value.sheet else ""
        look = pen.looks.link()
        sheet.write_url(row, column, where + place, look, string=str(value.text))
        if isinstance(value.text, int):
            sheet.write_number(row, column, value.text, look)
        return line_count(str(value.text), pen.room)
    if isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
        sheet.write_number(row, column, value, pen.number(0))
        return 1
    shown = format(Decimal(value), "f")
    if sum(map(str.isdigit, shown)) > _MOST_DIGITS:
        write_text(sheet, row, column, shown, pen.text)
        return line_count(shown, pen.room)
    sheet.write_number(row, column, float(value), pen.number(len(shown.partition(".")[2])))
    return 1


def write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Writes text as it is: never a formula, a link or markup."""
    if len(text) > _MOST_CHARACTERS // 2 and len(text.encode("utf-16-le")) // 2 > _MOST_CHARACTERS:
        raise Unfit(
            f"工作表“{sheet.get_name()}”第{row + 1}行有一格文字超过 {_MOST_CHARACTERS} 个字符，"
            "电子表格放不下；请把这条记录的文字缩短或分成几条，再导出。"
        )
    if text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter takes such text for its own markup and would write it unescaped.
        text = f'<r><t xml:space="preserve">{escape(text, quote=False)}</t></r>'
    sheet.write_string(row, column, text, look)


def write_across(sheet: Worksheet, row: int, columns: tuple[int, int], text: str, look: Format) -> None:
    """Writes a text over several columns of one row."""
    first, last = columns
    for column in range(first, last + 1):
        sheet.write_blank(row, column, None, look)
    if text:
        write_text(sheet, row, first, text, look)
    join_cells(sheet, row, first, row, last)


def join_cells(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Merges cells already written.

    `merge_range` would write them again, which a file written row by row cannot do for the row above.
    """
    if (top, left) != (bottom, right):
        sheet.merge.append([top, left, bottom, right])
