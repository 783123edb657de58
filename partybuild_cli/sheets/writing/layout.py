"""A sheet from its title to its signatures: columns, print setup, head, rows as they come, totals (版面)."""

from collections.abc import Iterable, Sequence
from itertools import repeat

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.cells import (
    A4,
    BODY_SIZE,
    FONT,
    Looks,
    Pen,
    row_height,
    write_across,
    write_cell,
    write_text,
)
from partybuild_cli.sheets.writing.pages import IDENTITY_HEADING, SERIAL_HEADING, Cell, Field, Page, Style
from partybuild_cli.sheets.writing.widths import BOUNDLESS, column_widths, divide, line_count, room, serial_width
from partybuild_cli.values.text import display_width

EXAMPLE_MARK = "例"

_TITLE_LINE = 30.0
_TITLE_SCALE = 18 / BODY_SIZE
_UNIT_PADDING = 2.0
_MARGIN = 0.4  # inches
_MARGIN_BELOW = 0.6  # the page number stands here
_IDENTITY_WIDTH = 2.0
_ONE_PAGE = 45  # rows that are still readable on one upright page
_LAST_ROW = 1_048_000  # Excel's last, less what may stand below the rows
_TOTAL = "合计"
_SIGNATURE_ROW = 36.0  # room to sign and to set a seal
_LEAST_GAP = 4
_RULED_ROWS = 30  # with borders: about a printed page, so that a blank template does not print as twenty


class Table:
    """One sheet, written from its title down.

    Attributes:
        widths: of the visible columns.
        top: the first row of data. row: the next row to be written.
    """

    def __init__(self, book: Workbook, name: str, page: Page, looks: Looks, sample: Sequence[Sequence[Cell]]) -> None:
        """Add the sheet and write everything above its rows; `sample` are the first of these, to measure the columns by."""
        self.sheet = book.add_worksheet(name)
        self.page = page
        self.row = 0
        self._looks = looks
        beside = [serial_width(sample)] if page.numbered else []
        totals = [] if page.totals is None or isinstance(page.totals, str) else [page.totals]
        self.widths = [*beside, *column_widths(page.fields, [*sample, *totals], sum(beside), page.upright)]
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
        """Write rows with serial number and identity."""
        pens, identity_pen = self._pens(), Pen(self._looks, "text", BOUNDLESS)
        page, hidden = self.page, len(self.widths)
        identities: Iterable[str | None] = repeat(None) if page.identities is None else page.identities
        for values, identity in zip(rows, identities, strict=page.identities is not None):
            if self.row >= _LAST_ROW:
                raise Unfit(
                    f"工作表“{self.sheet.get_name()}”超过 {_LAST_ROW} 行，电子表格放不下；请缩短期间，分几次导出。"
                )
            if identity is not None:
                write_cell(self.sheet, self.row, hidden, identity, identity_pen)
            self._write_row([self.row - self.top + 1, *values] if page.numbered else values, pens)

    def write_examples(self, examples: Iterable[Sequence[Cell]]) -> None:
        """Example rows stand in grey italics behind a mark, by which an import leaves them out."""
        pens = self._pens(example=True)
        for values in examples:
            self._write_row([EXAMPLE_MARK, *values], pens)

    def rule_rows(self) -> None:
        """Borders for the first page of rows to be filled in, and each column's kind for all of them."""
        for row in range(self.row, self.row + _RULED_ROWS):
            for column, style in enumerate(self._styles()):
                self.sheet.write_blank(row, column, None, self._looks.blank(style))
        for column, (style, width) in enumerate(zip(self._styles(), self.widths, strict=True)):
            self.sheet.set_column(column, column, width, self._looks.blank(style, ruled=False))

    def offer_choices(self, first: int, last: int) -> None:
        """Drop-downs on the rows from first to last, wherever a field has choices."""
        for column, field in enumerate(self.page.fields, int(self.page.numbered)):
            if field.choices and first <= last:
                rule = {
                    "validate": "list",
                    "source": list(field.choices),
                    "error_title": "不在选项之内",
                    "error_message": "请从下拉列表中选择一项；没有合适的，请留空，并在备注中写明。",
                }
                self.sheet.data_validation(first, column, last, column, rule)

    def write_ending(self) -> None:
        """Write everything below the last row."""
        if isinstance(self.page.totals, str):
            self._write_sentence(self.page.totals, self._looks.sentence)
        elif self.page.totals is not None:
            serial = [_TOTAL] if self.page.numbered else []
            self._write_row([*serial, *self.page.totals], self._pens(bold=True), always_high=True)
        for remark in self.page.remarks:
            self._write_sentence(remark, self._looks.left)
        if self.page.footer and not self.page.plain:
            self._write_signatures(self.page.footer)

    def _styles(self) -> list[Style]:
        serial: list[Style] = ["center"] if self.page.numbered else []
        return [*serial, *(field.style for field in self.page.fields)]

    def _pens(self, *, bold: bool = False, example: bool = False) -> list[Pen]:
        return [
            Pen(self._looks, style, room(width), bold=bold, example=example)
            for style, width in zip(self._styles(), self.widths, strict=True)
        ]

    def _write_row(self, values: Sequence[Cell], pens: Sequence[Pen], *, always_high: bool = False) -> None:
        """Write one row and make it high enough for its longest cell."""
        sheet, row, lines = self.sheet, self.row, 1
        for column, (value, pen) in enumerate(zip(values, pens, strict=True)):
            taken = write_cell(sheet, row, column, value, pen)
            if taken > lines:
                lines = taken
        if lines > 1 or always_high:
            sheet.set_row(row, row_height(lines))
        self.row += 1

    def _write_sentence(self, text: str, look: Format) -> None:
        """One sentence over all columns."""
        self.sheet.set_row(self.row, row_height(self._write_across(text, look)))
        self.row += 1

    def _write_across(self, text: str, look: Format, first: int = 0, last: int = -1, scale: float = 1.0) -> int:
        """Write a text over the columns from first to last; the lines that it takes there, set so much larger."""
        last %= len(self.widths)
        write_across(self.sheet, self.row, (first, last), text, look)
        return line_count(text, room(sum(self.widths[first : last + 1]) / scale))

    def _write_title(self) -> None:
        """Title over all columns, unit and period where there are any, the opening sentences."""
        page, looks = self.page, self._looks
        lines = self._write_across(page.title, looks.title, scale=_TITLE_SCALE)
        self.sheet.set_row(0, lines * _TITLE_LINE + row_height(0))
        self.row = 1
        if page.left or page.right:
            # The right part begins at the last column from which it has room; without, both share one cell.
            split = len(self.widths)
            while split > 0 and sum(self.widths[split:]) < display_width(page.right) + _UNIT_PADDING:
                split -= 1
            if not page.right or display_width(page.left) > sum(self.widths[:split]):
                split = 0
            if split == 0:
                self._write_sentence("    ".join(filter(None, (page.left, page.right))), looks.left)
            else:
                left = self._write_across(page.left, looks.left, 0, split - 1)
                right = self._write_across(page.right, looks.right, split)
                self.sheet.set_row(self.row, row_height(max(left, right)))
                self.row += 1
        if page.opening:
            self._write_sentence(page.opening, looks.left)

    def _write_heading(self) -> None:
        """Serial number, fields, hidden identity."""
        serial = [Field(SERIAL_HEADING)] if self.page.numbered else []
        identity = [Field(IDENTITY_HEADING)] if self.page.identities is not None else []
        lines = 1
        for column, field in enumerate([*serial, *self.page.fields, *identity]):
            write_text(self.sheet, self.row, column, field.heading, self._looks.heading)
            if field.note:  # a comment box shows some five lines of 32 units at its ordinary height
                size = {"x_scale": 1.6, "y_scale": max(0.6, line_count(field.note, 32) / 5 + 0.2)}
                self.sheet.write_comment(self.row, column, field.note, {"font_name": FONT, "font_size": 9, **size})
            if column < len(self.widths):
                lines = max(lines, line_count(field.heading, room(self.widths[column])))
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
        sheet.freeze_panes(self.top, int(page.numbered) + page.still if page.still else 0)
        # Numbers kept as text (工号、身份证号) are meant so; no green corners.
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def _write_signatures(self, signatures: Sequence[str]) -> None:
        """Side by side, each over its share of the columns; else spaced in one cell; else one below the other."""
        widths = self.widths
        runs = divide(widths, len(signatures))
        lengths = [display_width(text) for text in signatures]
        whole = (0, len(widths) - 1)
        gap = int((sum(widths) - sum(lengths)) / len(signatures)) - 1
        shares = [sum(widths[first : last + 1]) for first, last in runs]
        if len(runs) == len(signatures) and all(map(float.__le__, map(float, lengths), shares)):
            lines = [list(zip(runs, signatures, strict=True))]
        elif gap >= _LEAST_GAP:
            lines = [[(whole, (" " * gap).join(signatures))]]
        else:
            lines = [[(whole, text)] for text in signatures]
        for line in lines:
            for (first, last), text in line:
                self._write_across(text, self._looks.left, first, last)
            self.sheet.set_row(self.row, _SIGNATURE_ROW)
            self.row += 1
