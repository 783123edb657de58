"""One cell at a time: text stays text, a number keeps its places (单元格)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.columns import room
from partybuild_cli.sheets.writing.looks import Looks
from partybuild_cli.sheets.writing.pages import Cell, Link, Style
from partybuild_cli.sheets.writing.widths import line_count

_MOST_CHARACTERS = 32_767
_MOST_DIGITS = 15  # a spreadsheet's number keeps no more


@dataclass(slots=True)
class Pen:
    """What writing in one column needs to know, looked up once."""

    looks: Looks
    style: Style
    room: float
    bold: bool = False
    example: bool = False
    text: Format = field(init=False)
    half_room: int = field(init=False)
    numbers: dict[int, Format] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.text = self.looks.text(self.style, bold=self.bold, example=self.example)
        self.half_room = int(self.room) // 2

    def number(self, places: int) -> Format:
        if places not in self.numbers:
            self.numbers[places] = self.looks.number(self.style, places, bold=self.bold, example=self.example)
        return self.numbers[places]


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
    return _write_number(sheet, row, column, value, pen)


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


def _write_number(sheet: Worksheet, row: int, column: int, value: int | Decimal, pen: Pen) -> int:
    if isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
        sheet.write_number(row, column, value, pen.number(0))
        return 1
    places = 0
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int):
            raise ValueError(f"not a finite number: {value}")
        places = max(0, -exponent)
        shown = format(value, "f")
    else:
        shown = str(value)
    if sum(map(str.isdigit, shown)) > _MOST_DIGITS:
        write_text(sheet, row, column, shown, pen.text)
        return line_count(shown, pen.room)
    sheet.write_number(row, column, float(value), pen.number(places))
    return 1


def write_merged(
    sheet: Worksheet, row: int, columns: tuple[int, int], text: str, look: Format, widths: Sequence[float]
) -> int:
    """Writes a sentence over several columns of one row; returns the lines it takes there."""
    first, last = columns
    for column in range(first, last + 1):
        sheet.write_blank(row, column, None, look)
    if text:
        write_text(sheet, row, first, text, look)
    join_cells(sheet, row, first, row, last)
    return line_count(text, room(sum(widths[first : last + 1])))


def join_cells(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Merges cells already written.

    `merge_range` would write them again, which a file written row by row cannot do for the row above.
    """
    if (top, left) != (bottom, right):
        sheet.merge.append([top, left, bottom, right])
