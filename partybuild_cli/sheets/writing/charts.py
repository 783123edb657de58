"""What is looked at rather than filled in: a page of figures with charts (图表), a posting card with a photo's place (示范岗公示牌)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from partybuild_cli.sheets.writing.book import save_book, write_pages
from partybuild_cli.sheets.writing.layout import A4, FONT, write_across, write_text
from partybuild_cli.sheets.writing.pages import Field, Page, line_count, sheet_names

_NUMBERS = (Field("图表"), Field("类别"), Field("数值", "number"), Field("原文"))
_ACROSS = 2  # charts side by side on a page
_LINES_A_PAGE = 4
_ROWS_EACH, _COLUMNS_EACH = 17, 8
_SIZE = {"width": 500, "height": 320}
_COLOUR = "#B22222"


class Bar(NamedTuple):
    """One bar: its label, its height, and the value as people read it (>50000)."""

    label: str
    number: Decimal
    text: str


class Chart(NamedTuple):
    """Bars under a title; `line` where they follow each other in time."""

    title: str
    unit: str
    bars: Sequence[Bar]
    line: bool = False


def write_charted(path: Path, pages: Sequence[Page], charts: Sequence[Chart], *, created: datetime) -> None:
    """Writes the pages, then a hidden sheet of the numbers that the charts rest on, and one of the charts."""
    rows = [(chart.title, bar.label, bar.number, bar.text) for chart in charts for bar in chart.bars]
    numbers = Page("图表数据", "图表数据", _NUMBERS, rows, serial=False, footer=())

    def fill(book: Workbook) -> None:
        write_pages(book, [*pages, numbers] if charts else pages)
        if charts:
            book.worksheets()[-1].hide()
            _write_charts(book, charts, numbers.first_row - 1)

    save_book(path, fill, created=created)


def _write_charts(book: Workbook, charts: Sequence[Chart], row: int) -> None:
    """`row`: the first of the numbers behind the charts, on the last sheet so far, counted from 0."""
    *_, source = names = [sheet.get_name() for sheet in book.worksheets()]
    sheet = book.add_worksheet(sheet_names([*names, "图表"])[-1])
    sheet.hide_gridlines(2)
    sheet.set_portrait()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    lines = range(_LINES_A_PAGE, ceil(len(charts) / _ACROSS), _LINES_A_PAGE)
    sheet.set_h_pagebreaks([line * _ROWS_EACH for line in lines])
    for at, chart in enumerate(charts):
        last = row + len(chart.bars) - 1
        made = book.add_chart({"type": "line" if chart.line else "bar"})
        look = {"line": {"color": _COLOUR, "width": 2}} if chart.line else {"fill": {"color": _COLOUR}}
        labels = {"data_labels": {"value": True, "font": {"name": FONT}}}
        series = {"categories": [source, row, 1, last, 1], "values": [source, row, 2, last, 2], "gap": 60}
        made.add_series({**series, **labels, **look})
        made.set_title({"name": f"{chart.title}（{chart.unit}）", "name_font": {"name": FONT, "size": 12}})
        made.set_legend({"none": True})
        font, unseen = {"num_font": {"name": FONT}}, {"major_gridlines": {"visible": False}}
        # The first row stands on top, as in the table.
        made.set_y_axis({**unseen, **font} if chart.line else {"reverse": True, **font})
        made.set_x_axis(font if chart.line else {"visible": False, **unseen})
        made.set_size(_SIZE)
        down, across = divmod(at, _ACROSS)
        sheet.insert_chart(down * _ROWS_EACH, across * _COLUMNS_EACH, made)
        row = last + 1


_WIDTHS = (42.0, 22.0, 80.0)
_LINE, _PADDING, _LEAST = 22.0, 18.0, 96.0


class Card(NamedTuple):
    """What stands on the card: `lines` beside the photo, `blocks` of prose below it."""

    above: str
    title: str
    lines: Sequence[tuple[str, str]]
    blocks: Sequence[tuple[str, str]]
    below: str


def write_card(path: Path, card: Card, *, created: datetime) -> None:
    save_book(path, lambda book: _fill_card(book, card), created=created)


def _fill_card(book: Workbook, card: Card) -> None:
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
    write_across(sheet, 1, 0, 2, card.title, look(34, align="center", bold=True, font_color=_COLOUR))
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
