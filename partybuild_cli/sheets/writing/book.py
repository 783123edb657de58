"""Workbooks for the reader of a ledger: every page with its rows and its ending (导出的工作簿)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from xlsxwriter import Workbook

from partybuild_cli.sheets.writing.choices import Choices
from partybuild_cli.sheets.writing.columns import SAMPLE
from partybuild_cli.sheets.writing.ending import write_ending
from partybuild_cli.sheets.writing.layout import begin_table
from partybuild_cli.sheets.writing.looks import Looks
from partybuild_cli.sheets.writing.pages import Page, sheet_names
from partybuild_cli.sheets.writing.rows import offer_choices, pens_for, write_rows
from partybuild_cli.sheets.writing.saving import save_book


def write_book(path: Path, pages: Sequence[Page], *, created: datetime, password: str | None = None) -> None:
    """Writes one sheet a page. Same pages, same moment: same bytes, unless a password salts them."""

    def fill(book: Workbook) -> None:
        looks, choices = Looks(book), Choices(book)
        for name, page in zip(sheet_names(page.name for page in pages), pages, strict=True):
            write_page(book, name, page, looks, choices)
        choices.finish()

    save_book(path, fill, created=created, password=password)


def write_page(book: Workbook, name: str, page: Page, looks: Looks, choices: Choices) -> None:
    """Writes one sheet; only the first rows are held, to measure the columns by."""
    stream = iter(page.rows)
    sample = list(islice(stream, SAMPLE))
    table = begin_table(book, name, page, looks, sample)
    end = write_rows(table, chain(sample, stream), pens_for(table))
    offer_choices(table, table.top, end - 1, choices)
    if page.still is not None and end > table.top:  # with the identities, so that a sorted row keeps its own
        table.sheet.autofilter(table.top - 1, 0, end - 1, len(table.widths) - (page.identities is None))
    write_ending(table.sheet, page, end, looks, table.widths)
