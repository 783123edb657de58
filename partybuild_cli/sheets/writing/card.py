"""A posting card (示范岗公示牌): one A4 page to print, with a place for the photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from partybuild_cli.sheets.writing.book import save_book
from partybuild_cli.sheets.writing.cells import FONT, join_cells, write_text
from partybuild_cli.sheets.writing.widths import line_count

_A4 = 9
_WIDTHS = (42.0, 22.0, 80.0)
_RED = "#B22222"
_LINE, _PADDING, _LEAST = 22.0, 18.0, 96.0


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on the card: `lines` beside the photo, `blocks` of prose below it."""

    above: str
    title: str
    lines: Sequence[tuple[str, str]]
    blocks: Sequence[tuple[str, str]]
    below: str


def write_card(path: Path, card: Card, *, created: datetime) -> None:
    """Writes the card as a workbook of one page."""
    save_book(path, lambda book: _fill(book, card), created=created)


def _fill(book: Workbook, card: Card) -> None:
    sheet = book.add_worksheet("公示牌")
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.5)
    _across(sheet, 0, card.above, _look(book, 16, align="center"), 30)
    _across(sheet, 1, card.title, _look(book, 34, align="center", bold=True, font_color=_RED), 64)
    row = _write_lines(sheet, book, card.lines, 2)
    label, prose = _look(book, 16, align="center", bold=True, border=1), _look(book, 16, border=1, indent=1)
    for title, text in card.blocks:
        room = _WIDTHS[1] + _WIDTHS[2]
        lines = line_count(text, room * 0.62)  # the prose is set larger than the unit in which widths are counted
        sheet.set_row(row, min(max(lines * _LINE + _PADDING, _LEAST), 400.0))
        write_text(sheet, row, 0, title, label)
        write_text(sheet, row, 1, text, prose)
        sheet.write_blank(row, 2, None, prose)
        join_cells(sheet, row, 1, row, 2)
        row += 1
    _across(sheet, row, card.below, _look(book, 14, align="right"), 34)


def _write_lines(sheet: Worksheet, book: Workbook, lines: Sequence[tuple[str, str]], top: int) -> int:
    """The photo's place spans every line beside it; cells are written row by row and joined at the end."""
    photo = _look(book, 14, align="center", border=1, font_color="#888888")
    label, value = _look(book, 16, align="center", bold=True, border=1), _look(book, 16, border=1, indent=1)
    for row, (name, text) in enumerate(lines, start=top):
        sheet.set_row(row, 44)
        write_text(sheet, row, 0, "照片" if row == top else "", photo)
        write_text(sheet, row, 1, name, label)
        write_text(sheet, row, 2, text, value)
    join_cells(sheet, top, 0, top + len(lines) - 1, 0)
    return top + len(lines)


def _across(sheet: Worksheet, row: int, text: str, look: Format, height: float) -> None:
    sheet.set_row(row, height)
    write_text(sheet, row, 0, text, look)
    for column in (1, 2):
        sheet.write_blank(row, column, None, look)
    join_cells(sheet, row, 0, row, 2)


def _look(book: Workbook, size: int, **more: object) -> Format:
    return book.add_format(
        {"font_name": FONT, "font_size": size, "valign": "vcenter", "text_wrap": True, "num_format": "@", **more}
    )
