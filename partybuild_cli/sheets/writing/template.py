"""Blank ledgers to be filled in (空白模板): headed as the export is, with examples and a sheet of notes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

from partybuild_cli.sheets.writing.book import write_page
from partybuild_cli.sheets.writing.cells import write_cell
from partybuild_cli.sheets.writing.choices import Choices
from partybuild_cli.sheets.writing.layout import Table, begin_table
from partybuild_cli.sheets.writing.looks import Looks
from partybuild_cli.sheets.writing.pages import Cell, Field, Page, Style, sheet_names
from partybuild_cli.sheets.writing.rows import offer_choices, pens_for, write_fields
from partybuild_cli.sheets.writing.saving import save_book

EXAMPLE_MARK = "例"

_NOTES_SHEET = "填写说明"
_NOTE_FIELDS = (
    Field("栏目", width=22),
    Field("是否必填", style="center", width=10),
    Field("类型", style="center", width=14),
    Field("怎样填写", width=90),
)
_PROSE = 16.0  # wide enough to write sentences and names into
_ROWS_TO_FILL = 500  # with drop-downs
_RULED_ROWS = 30  # with borders: about a printed page, so that a blank template does not print as twenty

Note = tuple[str, str, str, str]


def write_template(
    path: Path, page: Page, examples: Sequence[Sequence[Cell]], notes: Sequence[Note], *, created: datetime
) -> None:
    """Writes the blank ledger of a page (its rows, totals and footer are left out) and its notes."""
    fields = [replace(field, width=_PROSE) if field.prose else field for field in page.fields]
    blank = replace(page, fields=fields, rows=(), identities=None, totals=None, footer=(), serial=True, plain=False)
    explained = Page(name=_NOTES_SHEET, title=f"{page.title}填写说明", fields=_NOTE_FIELDS, rows=notes, plain=True)

    def fill(book: Workbook) -> None:
        looks, choices = Looks(book), Choices(book)
        first, second = sheet_names((blank.name, explained.name))
        table = begin_table(book, first, blank, looks, examples)
        _write_examples(table, examples)
        start = table.top + len(examples)
        _rule_rows(table, start)
        offer_choices(table, start, start + _ROWS_TO_FILL - 1, choices)
        write_page(book, second, explained, looks, choices)
        choices.finish()

    save_book(path, fill, created=created)


def _write_examples(table: Table, examples: Sequence[Sequence[Cell]]) -> None:
    """Example rows stand in grey italics behind a mark, by which an import leaves them out."""
    pens = pens_for(table, example=True)
    for row, values in enumerate(examples, table.top):
        write_cell(table.sheet, row, 0, EXAMPLE_MARK, pens.serial)
        write_fields(table, row, values, pens.fields)


def _rule_rows(table: Table, start: int) -> None:
    """Borders for the first page of rows, and each column's kind for all of them."""
    sheet, looks = table.sheet, table.looks
    styles: list[Style] = ["center", *(field.style for field in table.page.fields)]
    for row in range(start, start + _RULED_ROWS):
        for column, style in enumerate(styles):
            sheet.write_blank(row, column, None, looks.blank(style))
    for column, (style, width) in enumerate(zip(styles, table.widths, strict=True)):
        sheet.set_column(column, column, width, looks.blank(style, ruled=False))
