"""One cell at a time, how it is dressed and what may be chosen in it: text stays text, a number keeps its places (单元格)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from itertools import zip_longest

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.pages import Cell, Link, Style
from partybuild_cli.sheets.writing.widths import line_count, room

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


_LONGEST_RULE = 255
_MARKS = frozenset(',"')  # part and enclose the words of a rule, so no word may hold one
_SHEET = "选项"


class Choices:
    """The drop-downs of one workbook, and the hidden sheet for those too long for a rule."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._long: list[tuple[str, ...]] = []

    def offer(self, sheet: Worksheet, column: int, rows: tuple[int, int], choices: tuple[str, ...]) -> None:
        """Puts a drop-down on the rows from first to last of a column."""
        first, last = rows
        rule = {
            "validate": "list",
            "source": self._source(choices),
            "error_title": "不在选项之内",
            "error_message": "请从下拉列表中选择一项；没有合适的，请留空，并在备注中写明。",
        }
        sheet.data_validation(first, column, last, column, rule)

    def _source(self, choices: tuple[str, ...]) -> list[str] | str:
        short = len(",".join(choices).encode("utf-16-le")) // 2 <= _LONGEST_RULE
        if short and not any(_MARKS.intersection(word) for word in choices):
            return list(choices)
        if choices not in self._long:
            self._long.append(choices)
        column = xl_col_to_name(self._long.index(choices), col_abs=True)
        return f"='{_SHEET}'!{column}$1:{column}${len(choices)}"

    def finish(self) -> None:
        """Writes the hidden sheet, if one is needed; after all others."""
        if not self._long:
            return
        sheet = self._book.add_worksheet(_SHEET)
        for row, words in enumerate(zip_longest(*self._long)):
            for column, word in enumerate(words):
                if word is not None:
                    sheet.write_string(row, column, word)
        sheet.hide()


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
