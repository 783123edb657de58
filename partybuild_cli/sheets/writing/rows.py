"""The rows of a sheet, one after another as they come, never all at once (数据行)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.writing.cells import Pen, write_cell
from partybuild_cli.sheets.writing.choices import Choices
from partybuild_cli.sheets.writing.columns import BOUNDLESS, room
from partybuild_cli.sheets.writing.layout import Table
from partybuild_cli.sheets.writing.looks import row_height
from partybuild_cli.sheets.writing.pages import Cell

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
