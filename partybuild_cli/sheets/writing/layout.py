"""A sheet from its title to its signatures: columns, print setup, head, rows as they come, totals (版面)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, repeat

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.cells import (
    BODY_SIZE,
    FONT,
    Choices,
    Looks,
    Pen,
    join_cells,
    row_height,
    write_cell,
    write_merged,
    write_text,
)
from partybuild_cli.sheets.writing.pages import IDENTITY_HEADING, SERIAL_HEADING, Cell, Field, Page
from partybuild_cli.sheets.writing.widths import (
    BOUNDLESS,
    column_widths,
    display_width,
    divide,
    line_count,
    room,
    serial_width,
)

_TITLE_LINE = 30.0
_TITLE_SCALE = 18 / BODY_SIZE
_UNIT_PADDING = 2.0


def write_title(sheet: Worksheet, page: Page, looks: Looks, widths: Sequence[float]) -> int:
    """Title over all columns, the opening sentences, unit and period where there are any; returns the next row."""
    row = _write_names(sheet, page, looks, widths)
    if page.opening:
        lines = write_merged(sheet, row, (0, len(widths) - 1), page.opening, looks.left, widths)
        sheet.set_row(row, row_height(lines))
    return row + bool(page.opening)


def _write_names(sheet: Worksheet, page: Page, looks: Looks, widths: Sequence[float]) -> int:
    last = len(widths) - 1
    narrowed = [width / _TITLE_SCALE for width in widths]
    lines = write_merged(sheet, 0, (0, last), page.title, looks.title, narrowed)
    sheet.set_row(0, lines * _TITLE_LINE + row_height(0))
    if not (page.left or page.right):
        return 1
    split = _split(page.left, page.right, widths)
    if split == 0:
        both = "    ".join(filter(None, (page.left, page.right)))
        lines = write_merged(sheet, 1, (0, last), both, looks.left, widths)
    else:
        lines = write_merged(sheet, 1, (0, split - 1), page.left, looks.left, widths)
        lines = max(lines, write_merged(sheet, 1, (split, last), page.right, looks.right, widths))
    sheet.set_row(1, row_height(lines))
    return 2


def _split(left: str, right: str, widths: Sequence[float]) -> int:
    """The column where the right part begins: as few as hold it; 0 when they cannot share the row."""
    if not right:
        return 0
    wanted = display_width(right) + _UNIT_PADDING
    start = len(widths)
    while start > 0 and sum(widths[start:]) < wanted:
        start -= 1
    return start if display_width(left) <= sum(widths[:start]) else 0


def headed_fields(page: Page) -> list[Field]:
    """Every column of the sheet in order: serial number, fields, hidden identity."""
    serial = [Field(SERIAL_HEADING)] if page.numbered else []
    identity = [Field(IDENTITY_HEADING)] if page.identities is not None else []
    return [*serial, *page.fields, *identity]


def write_heading(sheet: Worksheet, page: Page, top: int, looks: Looks, widths: Sequence[float]) -> int:
    """One row of headings, or two when any field stands in a group; returns the next row."""
    fields = headed_fields(page)
    bottom = top
    if any(field.group for field in fields):
        _write_groups(sheet, fields, top, looks, widths)
        bottom += 1
    lines = 1
    for column, field in enumerate(fields):
        taken = line_count(field.heading, room(widths[column]))
        if bottom == top or field.group:
            _write_one(sheet, bottom, column, field, looks)
        else:
            sheet.write_blank(bottom, column, None, looks.heading)
            join_cells(sheet, top, column, bottom, column)
            taken -= 1  # the upper row holds the first
        lines = max(lines, taken)
    sheet.set_row(bottom, row_height(lines))
    return bottom + 1


def _write_groups(sheet: Worksheet, fields: Sequence[Field], top: int, looks: Looks, widths: Sequence[float]) -> None:
    """The upper row: a merged heading over each group, and the headings that stand alone."""
    column, lines = 0, 1
    for group, members in groupby(fields, key=lambda field: field.group):
        run = list(members)
        if group:
            last = column + len(run) - 1
            lines = max(lines, write_merged(sheet, top, (column, last), group, looks.heading, widths))
        else:
            for offset, field in enumerate(run):
                _write_one(sheet, top, column + offset, field, looks)
        column += len(run)
    sheet.set_row(top, row_height(lines))


def _write_one(sheet: Worksheet, row: int, column: int, field: Field, looks: Looks) -> None:
    write_text(sheet, row, column, field.heading, looks.heading)
    if field.note:
        size = {"x_scale": 1.6, "y_scale": _note_scale(field.note)}
        sheet.write_comment(row, column, field.note, {"font_name": FONT, "font_size": 9, **size})


def _note_scale(note: str) -> float:
    """A comment box shows some five lines of 32 units at its ordinary height."""
    return max(0.6, line_count(note, 32) / 5 + 0.2)


_A4 = 9
_MARGIN = 0.4  # inches
_MARGIN_BELOW = 0.6  # the page number stands here
_IDENTITY_WIDTH = 2.0
_ONE_PAGE = 45  # rows that are still readable on one upright page


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose head is written. `widths`: of the visible columns; `top`: the first row of data."""

    sheet: Worksheet
    page: Page
    looks: Looks
    widths: Sequence[float]
    top: int

    @property
    def first_field(self) -> int:
        """The column of the first field, after the serial number if there is one."""
        return int(self.page.numbered)


def begin_table(book: Workbook, name: str, page: Page, looks: Looks, sample: Sequence[Sequence[Cell]]) -> Table:
    """Adds a sheet and writes everything above its rows."""
    sheet = book.add_worksheet(name)
    beside = [serial_width(sample)] if page.numbered else []
    totals = [] if page.totals is None or isinstance(page.totals, str) else [page.totals]
    widths = [*beside, *column_widths(page.fields, [*sample, *totals], sum(beside), page.upright)]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    every = list(widths)
    if page.identities is not None:
        sheet.set_column(len(widths), len(widths), _IDENTITY_WIDTH, None, {"hidden": True})
        every.append(BOUNDLESS)
    sheet.set_default_row(row_height(1))
    heading = write_title(sheet, page, looks, widths)
    top = write_heading(sheet, page, heading, looks, every)
    _set_up_printing(sheet, page, heading, top, len(sample))
    return Table(sheet, page, looks, widths, top)


def _set_up_printing(sheet: Worksheet, page: Page, heading: int, top: int, rows: int) -> None:
    if page.upright:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, int(page.upright and rows <= _ONE_PAGE))
    sheet.set_margins(left=_MARGIN, right=_MARGIN, top=_MARGIN, bottom=_MARGIN_BELOW)
    sheet.center_horizontally()
    sheet.set_footer("&C第&P页 共&N页", {"margin": _MARGIN / 2})
    sheet.repeat_rows(heading, top - 1)
    sheet.freeze_panes(top, int(page.numbered) + page.still if page.still else 0)
    # Numbers kept as text (工号、身份证号) are meant so; no green corners.
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


_LAST_ROW = 1_048_000  # Excel's last, less what may stand below the rows


@dataclass(frozen=True, slots=True)
class Pens:
    """The pens of one table: serial number, one a field, identity."""

    serial: Pen
    fields: Sequence[Pen]
    identity: Pen


def pens_for(table: Table, *, example: bool = False) -> Pens:
    """Pens for the data of a table, or for the examples of a template."""
    looks = table.looks
    widths = table.widths[table.first_field :]
    return Pens(
        Pen(looks, "center", room(table.widths[0]), example=example),
        [
            Pen(looks, field.style, room(width), example=example)
            for field, width in zip(table.page.fields, widths, strict=True)
        ],
        Pen(looks, "text", BOUNDLESS),
    )


def write_rows(table: Table, rows: Iterable[Sequence[Cell]], pens: Pens) -> int:
    """Writes all rows with serial number and identity; returns the row after the last."""
    row, numbered = table.top, table.page.numbered
    hidden = len(table.widths)
    for values, identity in _identified(rows, table.page.identities):
        if row >= _LAST_ROW:
            raise Unfit(
                f"工作表“{table.sheet.get_name()}”超过 {_LAST_ROW} 行，电子表格放不下；请缩短期间，分几次导出。"
            )
        if numbered:
            write_cell(table.sheet, row, 0, row - table.top + 1, pens.serial)
        write_fields(table, row, values, pens.fields)
        if identity is not None:
            write_cell(table.sheet, row, hidden, identity, pens.identity)
        row += 1
    return row


def _identified(
    rows: Iterable[Sequence[Cell]], identities: Iterable[str] | None
) -> Iterable[tuple[Sequence[Cell], str | None]]:
    if identities is None:
        return zip(rows, repeat(None), strict=False)
    return zip(rows, identities, strict=True)


def write_fields(table: Table, row: int, values: Sequence[Cell], pens: Sequence[Pen]) -> None:
    """Writes the fields of one row and makes it high enough for the longest."""
    sheet = table.sheet
    lines = 1
    for column, (value, pen) in enumerate(zip(values, pens, strict=True), table.first_field):
        taken = write_cell(sheet, row, column, value, pen)
        if taken > lines:
            lines = taken
    if lines > 1:
        sheet.set_row(row, row_height(lines))


def offer_choices(table: Table, first: int, last: int, choices: Choices) -> None:
    """Drop-downs on the rows from first to last, wherever a field has choices."""
    if last < first:
        return
    for column, field in enumerate(table.page.fields, table.first_field):
        if field.choices:
            choices.offer(table.sheet, column, (first, last), field.choices)


_TOTAL = "合计"
_SIGNATURE_ROW = 36.0  # room to sign and to set a seal
_LEAST_GAP = 4


def write_ending(sheet: Worksheet, page: Page, top: int, looks: Looks, widths: Sequence[float]) -> None:
    """Writes everything below the last row."""
    row = _write_totals(sheet, page, top, looks, widths)
    for remark in page.remarks:
        lines = write_merged(sheet, row, (0, len(widths) - 1), remark, looks.left, widths)
        sheet.set_row(row, row_height(lines))
        row += 1
    if page.footer and not page.plain:
        _write_signatures(sheet, page.footer, row, looks, widths)


def _write_totals(sheet: Worksheet, page: Page, row: int, looks: Looks, widths: Sequence[float]) -> int:
    if page.totals is None:
        return row
    if isinstance(page.totals, str):
        lines = write_merged(sheet, row, (0, len(widths) - 1), page.totals, looks.sentence, widths)
    else:
        lines = 1
        start = int(page.numbered)
        if start:
            write_cell(sheet, row, 0, _TOTAL, Pen(looks, "center", room(widths[0]), bold=True))
        for column, (field, value) in enumerate(zip(page.fields, page.totals, strict=True), start):
            pen = Pen(looks, field.style, room(widths[column]), bold=True)
            lines = max(lines, write_cell(sheet, row, column, value, pen))
    sheet.set_row(row, row_height(lines))
    return row + 1


def _write_signatures(
    sheet: Worksheet, signatures: Sequence[str], row: int, looks: Looks, widths: Sequence[float]
) -> None:
    """Side by side, each over its share of the columns; else spaced in one cell; else one below the other."""
    runs = divide(widths, len(signatures))
    lengths = [display_width(text) for text in signatures]
    whole = (0, len(widths) - 1)
    gap = int((sum(widths) - sum(lengths)) / len(signatures)) - 1
    lines: list[list[tuple[tuple[int, int], str]]]
    if len(runs) == len(signatures) and all(
        length <= sum(widths[first : last + 1]) for length, (first, last) in zip(lengths, runs, strict=True)
    ):
        lines = [list(zip(runs, signatures, strict=True))]
    elif gap >= _LEAST_GAP:
        lines = [[(whole, (" " * gap).join(signatures))]]
    else:
        lines = [[(whole, text)] for text in signatures]
    for offset, line in enumerate(lines):
        for run, text in line:
            write_merged(sheet, row + offset, run, text, looks.left, widths)
        sheet.set_row(row + offset, _SIGNATURE_ROW)
