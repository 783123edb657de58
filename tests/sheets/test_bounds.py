"""Sheets that are wide, tall or merged all over cost what their size asks for: twice the columns, about twice the work."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from tests.measured import Spent, command
from tests.sheets.packages import with_sheet

HEADINGS = ["姓名", "工号", "性别", "民族", "出生日期", "学历", "人员类别", "入党日期"]
RECORD = ["张三", "001", "男", "汉族", "1980-01-01", "本科", "正式党员", "2008-05-01"]
Rows = Sequence[Sequence[str]]
Range = tuple[int, int, int, int]


def further(columns: int) -> tuple[Rows, list[Range]]:
    """A known header with unknown columns behind it."""
    more = range(columns - len(HEADINGS))
    return [[*HEADINGS, *(f"列{at}" for at in more)], [*RECORD, *("x" for _ in more)]], []


def repeated(columns: int) -> tuple[Rows, list[Range]]:
    """The same headings over and over."""
    times = columns // len(HEADINGS)
    return [HEADINGS * times, RECORD * times], []


def alike(columns: int) -> tuple[Rows, list[Range]]:
    """One heading in every column."""
    return [["姓名", "工号", *["姓名"] * (columns - 2)], ["张三", "001", *["李四"] * (columns - 2)]], []


def parted(columns: int) -> tuple[Rows, list[Range]]:
    """An empty column behind each heading."""
    cells = [cell for name in HEADINGS * (columns // 16) for cell in (name, "")]
    return [cells, [cell for value in RECORD * (columns // 16) for cell in (value, "")]], []


def two_rows(columns: int) -> tuple[Rows, list[Range]]:
    """A header of two rows, every column merged down."""
    heads, record = further(columns)[0]
    return [heads, [], record], [(0, at, 1, at) for at in range(columns)]


def cost(path: Path, party: Path, rows: Rows, merges: Sequence[Range]) -> Spent:
    book = xlsxwriter.Workbook(path)
    sheet, plain = book.add_worksheet(), book.add_format()
    for top, left, bottom, right in merges:
        sheet.merge_range(top, left, bottom, right, "", plain)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(number, column, text)
    book.close()
    return command("--db", party, "import", path, "--dry-run", "--json")


@pytest.mark.parametrize("layout", [further, repeated, alike, parted, two_rows])
def test_ten_times_the_columns(
    ready_made: Path, tmp_path: Path, layout: Callable[[int], tuple[Rows, list[Range]]]
) -> None:
    small, large = (cost(tmp_path / f"{columns}.xlsx", ready_made, *layout(columns)) for columns in (300, 3000))
    assert small.answer == large.answer
    assert large.seconds < 12 * small.seconds
    assert large.mib < 200


def test_ranges_of_seven_rows_and_three_hundred_columns(ready_made: Path, tmp_path: Path) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in [*HEADINGS, *["列"] * 292])
    tops = range(2, 28_002, 7)
    rows = "".join(f'<row r="{top}"><c t="inlineStr"><is><t>张三</t></is></c></row>' for top in tops)
    data = f"<sheetData><row>{cells}</row>{rows}</sheetData>"
    merges = "".join(f'<mergeCell ref="A{top}:KN{top + 6}"/>' for top in tops)
    path = with_sheet(tmp_path / "b.xlsx", f"{data}<mergeCells>{merges}</mergeCells>")
    assert path.stat().st_size < 50_000
    assert command("--db", ready_made, "import", path, "--dry-run").mib < 150


def test_equal_rows_by_the_ten_thousand(ready_made: Path, tmp_path: Path) -> None:
    head, row = ["服务项目", "服务日期", "服务时长（小时）", "参加党员"], ["义诊", "2026-09-01", "2", "周明远"]
    small, large = (
        cost(tmp_path / f"{count}.xlsx", ready_made, [head, *[row] * count], []) for count in (2_000, 20_000)
    )
    assert small.answer == large.answer == 4
    assert large.seconds < 12 * small.seconds
    assert large.mib < 200
