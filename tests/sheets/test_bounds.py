"""Sheets that are wide, tall or merged all over cost what their size asks for: each further column or row as much as the one before."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import xlsxwriter

import partybuild_cli
from tests.conftest import Cli
from tests.measured import command
from tests.sheets.packages import with_sheet

HEADINGS = ["姓名", "工号", "性别", "民族", "出生日期", "学历", "人员类别", "入党日期"]
RECORD = ["张三", "001", "男", "汉族", "1980-01-01", "本科", "正式党员", "2008-05-01"]
Rows = Sequence[Sequence[str]]
Range = tuple[int, int, int, int]
PACKAGE = str(Path(partybuild_cli.__file__).parent)


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


def equal_rows(count: int) -> tuple[Rows, list[Range]]:
    """One record again and again."""
    head, row = ["服务项目", "服务日期", "服务时长（小时）", "参加党员"], ["义诊", "2026-09-01", "2", "周明远"]
    return [head, *[row] * count], []


def saved(path: Path, rows: Rows, merges: Sequence[Range]) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet, plain = book.add_worksheet(), book.add_format()
    for top, left, bottom, right in merges:
        sheet.merge_range(top, left, bottom, right, "", plain)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(number, column, text)
    book.close()
    return path


def steps(work: Callable[[], object]) -> int:
    """How many lines of ours are run, each round of a loop anew, and how many functions of any library are called."""
    count = 0

    def line(*_: Any) -> Any:
        nonlocal count
        count += 1
        return line

    def entered(frame: FrameType, *_: Any) -> Any:
        nonlocal count
        count += 1
        return line if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    ("layout", "size"), [(further, 32), (repeated, 32), (alike, 32), (parted, 32), (two_rows, 32), (equal_rows, 100)]
)
def test_what_comes_further_costs_no_more_than_what_came_before(
    cli: Cli, ready_made: Path, tmp_path: Path, layout: Callable[[int], tuple[Rows, list[Range]]], size: int
) -> None:
    def take(times: int) -> None:
        path = saved(tmp_path / f"{times}.xlsx", *layout(times * size))
        codes.append(cli("--db", ready_made, "import", path, "--dry-run", "--json").code)

    codes: list[int] = []
    take(1)  # with what is done once in a process
    once, twice, thrice = (steps(partial(take, times)) for times in (1, 2, 3))
    assert len(set(codes)) == 1
    assert thrice - twice < 1.25 * (twice - once)


def test_twenty_thousand_equal_rows_take_little_memory(ready_made: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "b.xlsx", *equal_rows(20_000))
    assert command("--db", ready_made, "import", path, "--dry-run").mib < 200


def test_ranges_of_seven_rows_and_three_hundred_columns(ready_made: Path, tmp_path: Path) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in [*HEADINGS, *["列"] * 292])
    tops = range(2, 28_002, 7)
    rows = "".join(f'<row r="{top}"><c t="inlineStr"><is><t>张三</t></is></c></row>' for top in tops)
    data = f"<sheetData><row>{cells}</row>{rows}</sheetData>"
    merges = "".join(f'<mergeCell ref="A{top}:KN{top + 6}"/>' for top in tops)
    path = with_sheet(tmp_path / "b.xlsx", f"{data}<mergeCells>{merges}</mergeCells>")
    assert path.stat().st_size < 50_000
    assert command("--db", ready_made, "import", path, "--dry-run").mib < 150
