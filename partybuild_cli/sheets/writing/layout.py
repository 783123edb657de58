"""A sheet from its name to the row where the data begins: columns, print setup, head (页面设置)."""

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.sheets.writing.columns import BOUNDLESS, column_widths, serial_width
from partybuild_cli.sheets.writing.heading import write_heading, write_title
from partybuild_cli.sheets.writing.looks import Looks, row_height
from partybuild_cli.sheets.writing.pages import Cell, Page

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
