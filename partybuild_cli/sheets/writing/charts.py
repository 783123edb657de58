"""Charts in a workbook (图表): a page of figures, the numbers behind each chart, and the charts themselves."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook

from partybuild_cli.sheets.writing.book import save_book, write_pages
from partybuild_cli.sheets.writing.cells import A4, FONT
from partybuild_cli.sheets.writing.pages import Field, Page, sheet_names

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

    def fill(book: Workbook) -> None:
        if not charts:
            write_pages(book, pages)
            return
        rows = [(chart.title, bar.label, bar.number, bar.text) for chart in charts for bar in chart.bars]
        numbers = Page("图表数据", "图表数据", _NUMBERS, rows, serial=False, footer=())
        write_pages(book, [*pages, numbers])
        book.worksheets()[-1].hide()
        _write_charts(book, charts, numbers.first_row - 1)

    save_book(path, fill, created=created)


def _write_charts(book: Workbook, charts: Sequence[Chart], row: int) -> None:
    """`row`: the first of the numbers behind the charts, on the last sheet so far, counted from 0."""
    names = [sheet.get_name() for sheet in book.worksheets()]
    source = names[-1]
    sheet = book.add_worksheet(sheet_names([*names, "图表"])[-1])
    sheet.hide_gridlines(2)
    sheet.set_portrait()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    lines = -(-len(charts) // _ACROSS)
    sheet.set_h_pagebreaks([at * _ROWS_EACH for at in range(_LINES_A_PAGE, lines, _LINES_A_PAGE)])
    for place, chart in enumerate(charts):
        last = row + len(chart.bars) - 1
        made = book.add_chart({"type": "line" if chart.line else "bar"})
        look = {"line": {"color": _COLOUR, "width": 2}} if chart.line else {"fill": {"color": _COLOUR}}
        made.add_series(
            {
                "categories": [source, row, 1, last, 1],
                "values": [source, row, 2, last, 2],
                "data_labels": {"value": True, "font": {"name": FONT}},
                "gap": 60,
                **look,
            }
        )
        made.set_title({"name": f"{chart.title}（{chart.unit}）", "name_font": {"name": FONT, "size": 12}})
        made.set_legend({"none": True})
        font, unseen = {"num_font": {"name": FONT}}, {"major_gridlines": {"visible": False}}
        # The first row stands on top, as in the table.
        made.set_y_axis({**unseen, **font} if chart.line else {"reverse": True, **font})
        made.set_x_axis(font if chart.line else {"visible": False, **unseen})
        made.set_size(_SIZE)
        down, across = divmod(place, _ACROSS)
        sheet.insert_chart(down * _ROWS_EACH, across * _COLUMNS_EACH, made)
        row = last + 1
