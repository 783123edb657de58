"""What stands below the rows: totals, remarks and the row for signatures (合计、说明、签字)."""

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from partybuild_cli.sheets.writing.cells import Pen, write_cell, write_merged
from partybuild_cli.sheets.writing.columns import room
from partybuild_cli.sheets.writing.looks import Looks, row_height
from partybuild_cli.sheets.writing.pages import Page
from partybuild_cli.sheets.writing.widths import display_width, divide

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
