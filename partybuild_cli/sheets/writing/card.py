"""A posting card (示范岗公示牌): one A4 page to print, with a place for the photo."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from partybuild_cli.sheets.writing.book import save_book
from partybuild_cli.sheets.writing.cells import A4, write_across, write_text
from partybuild_cli.sheets.writing.widths import line_count

_WIDTHS = (42.0, 22.0, 80.0)
_RED = "#B22222"
_LINE, _PADDING, _LEAST = 22.0, 18.0, 96.0


class Card(NamedTuple):
    """What stands on the card: `lines` beside the photo, `blocks` of prose below it."""

    above: str
    title: str
    lines: Sequence[tuple[str, str]]
    blocks: Sequence[tuple[str, str]]
    below: str


def write_card(path: Path, card: Card, *, created: datetime) -> None:
    save_book(path, lambda book: _fill(book, card), created=created)


def _fill(book: Workbook, card: Card) -> None:
    def look(size: int, **more: object) -> Format:
        return book.add_format({"font_size": size, "text_wrap": True, "num_format": "@", **more})

    sheet = book.add_worksheet("公示牌")
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.5)
    write_across(sheet, 0, 0, 2, card.above, look(16, align="center"))
    sheet.set_row(0, 30)
    write_across(sheet, 1, 0, 2, card.title, look(34, align="center", bold=True, font_color=_RED))
    sheet.set_row(1, 64)
    photo = look(14, align="center", border=1, font_color="#888888")
    label, prose = look(16, align="center", bold=True, border=1), look(16, border=1, indent=1)
    row = top = 2
    for name, text in card.lines:  # the photo's place spans every line beside it
        sheet.set_row(row, 44)
        write_text(sheet, row, 0, "照片" if row == top else "", photo)
        write_text(sheet, row, 1, name, label)
        write_text(sheet, row, 2, text, prose)
        row += 1
    if row > top + 1:  # `merge_range` would write the cells again, which a file written row by row cannot do
        sheet.merge.append([top, 0, row - 1, 0])
    for title, text in card.blocks:
        # The prose is set larger than the unit in which widths are counted.
        lines = line_count(text, (_WIDTHS[1] + _WIDTHS[2]) * 0.62)
        write_text(sheet, row, 0, title, label)
        write_across(sheet, row, 1, 2, text, prose)
        sheet.set_row(row, min(max(lines * _LINE + _PADDING, _LEAST), 400.0))
        row += 1
    write_across(sheet, row, 0, 2, card.below, look(14, align="right"))
    sheet.set_row(row, 34)
