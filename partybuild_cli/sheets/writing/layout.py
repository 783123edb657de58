"""A sheet from its title to its signatures (版面), cell by cell: text stays text, a number keeps its places."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from itertools import repeat

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing import pages
from partybuild_cli.sheets.writing.pages import Cell, Field, Link, Page, Style, line_count, room
from partybuild_cli.values.text import display_width

EXAMPLE_MARK = "例"

_TITLE_SIZE, _TITLE_LINE = 18, 30.0
_UNIT_PADDING, _IDENTITY_WIDTH = 2.0, 2.0
_MARGIN, _MARGIN_BELOW = 0.4, 0.6  # inches; the page number stands below
_ONE_PAGE = 45  # rows that are still readable on one upright page
_LAST_ROW = 1_048_000  # Excel's last, less what may stand below the rows
_SIGNATURE_ROW, _LEAST_GAP = 36.0, 4  # room to sign and to set a seal
_RULED_ROWS = 30  # with borders: about a printed page, so that a blank template does not print as twenty
_FILL, _GREY = "#E8EEF6", "#7F7F7F"
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
    """A cell with a number format: text by default, which wraps; a number cannot, and rather than ##### it is shown smaller."""
    wrap = "text_wrap" if shown == "@" else "shrink"
    return book.add_format({"align": _ALIGN[style], "border": 1, "num_format": shown, wrap: True, **more})


def pen_for(book: Workbook, sheet: Worksheet, column: int, style: Style, room: float, **more: str | int) -> Pen:
    """What writes in one column; most cells of a large ledger are a short text, which comes first."""
    text, half_room = look_of(book, style, **more), int(room) // 2
    link = look_of(book, "text", underline=1, font_color=_BLUE)
    write_string, write_blank = sheet.write_string, sheet.write_blank

    @cache
    def number(places: int) -> Format:
        """A number that shows as many decimal places as it has; money at least two."""
        shown = max(places, 2) if style == "money" else places
        return look_of(book, style, f"0.{'0' * shown}" if shown else "0", **more)

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
            sheet.write_url(row, column, where + place, link, string=str(value.text))
            if isinstance(value.text, int):
                sheet.write_number(row, column, value.text, link)
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


class SheetWriter:
    def __init__(self, book: Workbook, name: str, page: Page, sample: Sequence[Sequence[Cell]]) -> None:
        """Add the sheet and write everything above its rows; `sample` are the first of these, to measure the columns by."""
        self.book, self.page, self.row = book, page, 0
        self.sheet = book.add_worksheet(name)
        self._left = look_of(book, "text", border=0)
        self.fields = [*([Field(pages.SERIAL_HEADING, "center")] if page.serial else []), *page.fields]
        # The serial numbers of a ledger that fills the sample may run to six figures.
        beside = [8.0 if len(sample) == pages.SAMPLE else 5.5] if page.serial else []
        totals = [] if page.totals is None or isinstance(page.totals, str) else [page.totals]
        self.widths = [*beside, *pages.column_widths(page.fields, [*sample, *totals], sum(beside), page.upright)]
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        if page.identities is not None:
            self.sheet.set_column(len(self.widths), len(self.widths), _IDENTITY_WIDTH, None, {"hidden": True})
        self.sheet.set_default_row(row_height(1))
        self._write_title()
        self._write_heading()
        self.top = self.row
        self._set_up_printing(len(sample))

    def write_rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        page, sheet, pens = self.page, self.sheet, self._pens()
        hidden = look_of(self.book, "text")
        identities: Iterable[str | None] = repeat(None) if page.identities is None else page.identities
        for values, identity in zip(rows, identities, strict=page.identities is not None):
            if self.row >= _LAST_ROW:
                raise Unfit(f"工作表“{sheet.get_name()}”超过 {_LAST_ROW} 行，电子表格放不下；请缩短期间，分几次导出。")
            if identity is not None:
                write_text(sheet, self.row, len(pens), identity, hidden)
            self._write_row([self.row - self.top + 1, *values] if page.serial else values, pens)

    def write_examples(self, examples: Iterable[Sequence[Cell]]) -> None:
        """Example rows stand in grey italics behind a mark, by which an import leaves them out."""
        pens = self._pens(italic=True, font_color=_GREY)
        for values in examples:
            self._write_row([EXAMPLE_MARK, *values], pens)

    def rule_rows(self) -> None:
        """Borders for the first page of rows to be filled in, and each column's kind for all of them; days stay text."""
        ruled = []
        for column, (field, width) in enumerate(zip(self.fields, self.widths, strict=True)):
            shown = {"number": "General", "money": "0.00"}.get(field.style, "@")
            self.sheet.set_column(column, column, width, look_of(self.book, field.style, shown, border=0))
            ruled.append(look_of(self.book, field.style, shown))
        for row in range(self.row, self.row + _RULED_ROWS):
            for column, look in enumerate(ruled):
                self.sheet.write_blank(row, column, None, look)

    def offer_choices(self, first: int, last: int) -> None:
        for column, field in enumerate(self.fields):
            if field.choices and first <= last:
                rule = {
                    "validate": "list",
                    "source": list(field.choices),
                    "error_title": "不在选项之内",
                    "error_message": "请从下拉列表中选择一项；没有合适的，请留空，并在备注中写明。",
                }
                self.sheet.data_validation(first, column, last, column, rule)

    def write_ending(self) -> None:
        if isinstance(self.page.totals, str):
            self._write_sentence(self.page.totals, look_of(self.book, "text", bold=True))
        elif self.page.totals is not None:
            serial = ["合计"] if self.page.serial else []
            lines = self._write_row([*serial, *self.page.totals], self._pens(bold=True))
            self.sheet.set_row(self.row - 1, row_height(lines))
        for remark in self.page.remarks:
            self._write_sentence(remark, self._left)
        if self.page.footer:
            self._write_signatures(self.page.footer)

    def _pens(self, **more: str | int) -> list[Pen]:
        columns = enumerate(zip(self.fields, self.widths, strict=True))
        return [pen_for(self.book, self.sheet, at, field.style, room(width), **more) for at, (field, width) in columns]

    def _write_row(self, values: Sequence[Cell], pens: Sequence[Pen]) -> int:
        """Write one row and make it high enough for its longest cell; the lines of that."""
        row = self.row
        lines = max([pen(row, value) for pen, value in zip(pens, values, strict=True)])
        if lines > 1:
            self.sheet.set_row(row, row_height(lines))
        self.row += 1
        return lines

    def _write_sentence(self, text: str, look: Format) -> None:
        self.sheet.set_row(self.row, row_height(self._write_across(text, look)))
        self.row += 1

    def _write_across(self, text: str, look: Format, first: int = 0, last: int = -1, size: float = BODY_SIZE) -> int:
        """Write a text over the columns from first to last; the lines that it takes there."""
        last %= len(self.widths)
        write_across(self.sheet, self.row, first, last, text, look)
        return line_count(text, room(sum(self.widths[first : last + 1]) * BODY_SIZE / size))

    def _write_title(self) -> None:
        """Title over all columns, unit and period where there are any, the opening sentences."""
        page = self.page
        look = self.book.add_format({"font_size": _TITLE_SIZE, "bold": True, "align": "center", "text_wrap": True})
        height = self._write_across(page.title, look, size=_TITLE_SIZE) * _TITLE_LINE
        self.sheet.set_row(0, height + row_height(0))
        self.row = 1
        if page.left or page.right:
            # The right part begins at the last column from which it has room; without, both share one cell.
            wanted, places = display_width(page.right) + _UNIT_PADDING, range(len(self.widths), 0, -1)
            split = next((at for at in places if sum(self.widths[at:]) >= wanted), 0)
            if not page.right or split == 0 or display_width(page.left) > sum(self.widths[:split]):
                self._write_sentence("    ".join(filter(None, (page.left, page.right))), self._left)
            else:
                lines = self._write_across(page.left, self._left, 0, split - 1)
                right = self._write_across(page.right, look_of(self.book, "money", border=0), split)
                self.sheet.set_row(self.row, row_height(max(lines, right)))
                self.row += 1
        if page.opening:
            self._write_sentence(page.opening, self._left)

    def _write_heading(self) -> None:
        dressed = {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": _FILL}
        look = self.book.add_format(dressed)
        for column, field in enumerate(self.fields):
            write_text(self.sheet, self.row, column, field.heading, look)
            if field.note:  # a comment box shows some five lines of 32 units at its ordinary height
                size = {"x_scale": 1.6, "y_scale": max(0.6, line_count(field.note, 32) / 5 + 0.2)}
                self.sheet.write_comment(self.row, column, field.note, {"font_name": FONT, "font_size": 9, **size})
        if self.page.identities is not None:
            write_text(self.sheet, self.row, len(self.fields), pages.IDENTITY_HEADING, look)
        columns = zip(self.fields, self.widths, strict=True)
        lines = max(line_count(field.heading, room(width)) for field, width in columns)
        self.sheet.set_row(self.row, row_height(lines))
        self.row += 1

    def _set_up_printing(self, rows: int) -> None:
        page, sheet = self.page, self.sheet
        if page.upright:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, int(page.upright and rows <= _ONE_PAGE))
        sheet.set_margins(left=_MARGIN, right=_MARGIN, top=_MARGIN, bottom=_MARGIN_BELOW)
        sheet.center_horizontally()
        sheet.set_footer("&C第&P页 共&N页", {"margin": _MARGIN / 2})
        sheet.repeat_rows(self.top - 1)
        sheet.freeze_panes(self.top, int(page.serial) + page.still if page.still else 0)
        # Numbers kept as text (工号、身份证号) are meant so; no green corners.
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def _write_signatures(self, signatures: Sequence[str]) -> None:
        """Side by side, each over its share of the columns; else spaced in one cell; else one below the other."""
        widths, lengths = self.widths, [float(display_width(text)) for text in signatures]
        runs = pages.divide(widths, len(signatures))
        shares = [sum(widths[first : last + 1]) for first, last in runs]
        gap = int((sum(widths) - sum(lengths)) / len(signatures)) - 1
        whole = (0, len(widths) - 1)
        if len(runs) == len(signatures) and all(map(float.__le__, lengths, shares)):
            lines = [list(zip(runs, signatures, strict=True))]
        elif gap >= _LEAST_GAP:
            lines = [[(whole, (" " * gap).join(signatures))]]
        else:
            lines = [[(whole, text)] for text in signatures]
        for line in lines:
            for (first, last), text in line:
                self._write_across(text, self._left, first, last)
            self.sheet.set_row(self.row, _SIGNATURE_ROW)
            self.row += 1
