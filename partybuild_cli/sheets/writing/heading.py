"""The head of a sheet: title, unit and period, and a heading of one or two rows (表头)."""

from collections.abc import Sequence
from itertools import groupby

from xlsxwriter.worksheet import Worksheet

from partybuild_cli.sheets.writing.cells import join_cells, write_merged, write_text
from partybuild_cli.sheets.writing.columns import room
from partybuild_cli.sheets.writing.looks import BODY_SIZE, FONT, Looks, row_height
from partybuild_cli.sheets.writing.pages import IDENTITY_HEADING, SERIAL_HEADING, Field, Page
from partybuild_cli.sheets.writing.widths import display_width, line_count

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
