"""One cell at a time and how it is dressed: text stays text, a number keeps its places (单元格)."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from html import escape

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.pages import Cell, Link, Style
from partybuild_cli.sheets.writing.widths import line_count

A4 = 9
FONT, BODY_SIZE = "宋体", 10.5
#: What every cell has, the unformatted ones too: column widths are counted in digits of their font.
BASE = {
    "font_name": FONT,
    "font_size": BODY_SIZE,
    "font_family": 1,
    "font_charset": 134,  # GB 2312: lets a machine without 宋体 choose another Chinese font and not a Latin one
    "font_scheme": "none",  # a font of a theme would be changed with the theme
    "valign": "vcenter",
}
TALLEST_ROW = 409.0  # Excel's own limit
_LINE_HEIGHT, _ROW_PADDING = 15.0, 6.0
_ALIGN: dict[Style, str] = {"text": "left", "number": "center", "money": "right", "day": "center", "center": "center"}
_BLUE = "#0563C1"
_MOST_CHARACTERS = 32_767
_MOST_DIGITS = 15  # a spreadsheet's number keeps no more

Pen = Callable[[int, Cell], int]  # writes a value into a row of its column; says how many lines it takes there


def row_height(lines: int) -> float:
    return min(lines * _LINE_HEIGHT + _ROW_PADDING, TALLEST_ROW)


def look_of(book: Workbook, style: Style, shown: str = "@", /, **more: str | int) -> Format:
    """A cell with a number format: text by default, so that nothing in it is ever taken for a formula or a date.

    Text wraps; a number cannot, and rather than ##### it is shown smaller.
    """
    wrap = "text_wrap" if shown == "@" else "shrink"
    return book.add_format({"align": _ALIGN[style], "border": 1, "num_format": shown, wrap: True, **more})


def pen_for(book: Workbook, sheet: Worksheet, column: int, style: Style, room: float, **more: str | int) -> Pen:
    """What writes in one column; most cells of a large ledger are a short text, which comes first."""
    text, half_room = look_of(book, style, **more), int(room) // 2
    write_string, write_blank = sheet.write_string, sheet.write_blank

    @cache
    def number(places: int) -> Format:
        """A number that shows as many decimal places as it has; money at least two."""
        shown = max(places, 2) if style == "money" else places
        return look_of(book, style, f"0.{'0' * shown}" if shown else "0", **more)

    @cache
    def link() -> Format:
        return look_of(book, "text", underline=1, font_color=_BLUE)

    def write(row: int, value: Cell) -> int:
        if value is None or value == "":
            write_blank(row, column, None, text)
            return 1
        if isinstance(value, str):
            if len(value) <= (room if value.isascii() else half_room) and value[0] != "<" and "\n" not in value:
                write_string(row, column, value, text)
                return 1
            write_text(sheet, row, column, value, text)
            return line_count(value, room)
        if isinstance(value, Link):
            where = f"external:{value.file}" if value.file else "internal:"
            place = f"{'#' if value.file else ''}'{value.sheet}'!A{value.row}" if value.sheet else ""
            sheet.write_url(row, column, where + place, link(), string=str(value.text))
            if isinstance(value.text, int):
                sheet.write_number(row, column, value.text, link())
            return line_count(str(value.text), room)
        if isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
            sheet.write_number(row, column, value, number(0))
            return 1
        digits = format(Decimal(value), "f")
        if sum(map(str.isdigit, digits)) > _MOST_DIGITS:
            write_text(sheet, row, column, digits, text)
            return line_count(digits, room)
        sheet.write_number(row, column, float(value), number(len(digits.partition(".")[2])))
        return 1

    return write


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


def write_across(sheet: Worksheet, row: int, first: int, last: int, text: str, look: Format) -> None:
    if first < last:
        sheet.merge_range(row, first, row, last, "", look)
    if text:
        write_text(sheet, row, first, text, look)
    elif first == last:
        sheet.write_blank(row, first, None, look)
