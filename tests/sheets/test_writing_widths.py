"""Widths of texts and of columns."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.sheets.writing.layout import TALLEST_ROW, row_height
from partybuild_cli.sheets.writing.pages import column_widths, divide, line_count, room
from partybuild_cli.values.text import display_width


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("张三", 4), ("２", 2), ("“A”…", 7), ("e\u0301", 1), ("ｱ", 1)]
)
def test_display_width(text: str, width: int) -> None:
    assert display_width(text) == width


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 4, 1),
        ("张三", 4, 1),
        ("张三丰", 4, 2),
        ("一\n\n二", 10, 3),
        ("2026-09-30起", 10, 2),
        ("于2026-09-30", 11, 2),  # a date is not broken
        ("甲乙丙，丁", 6, 2),  # a comma does not begin a line
        ("a" * 25, 10, 3),
        ("甲" + "a" * 25, 10, 3),
    ],
)
def test_line_count(text: str, room: float, lines: int) -> None:
    assert line_count(text, room) == lines


@given(st.text("甲乙，。（）a1 \n", max_size=80), st.floats(4, 60))
def test_lines_have_room_for_all_the_text(text: str, space: float) -> None:
    assert line_count(text, space) * space >= display_width(text.replace("\n", ""))


@given(st.lists(st.floats(2, 60), min_size=1, max_size=30), st.integers(1, 5))
def test_divide_covers_every_column_once(widths: list[float], parts: int) -> None:
    runs = divide(widths, parts)
    assert len(runs) == min(parts, len(widths))
    assert [column for first, last in runs for column in range(first, last + 1)] == list(range(len(widths)))


def test_short_content_stays_on_one_line_and_prose_wraps() -> None:
    rows: list[tuple[Cell, ...]] = [("欧阳雪梅", "2026-09-30", "字" * 200)]
    name, day, prose = column_widths([Field("姓名", "center"), Field("日期", "day"), Field("内容")], rows)
    assert room(name) >= 8
    assert room(day) >= 10
    assert 100 <= name + day + prose <= 150  # the page is filled, and not by the name
    assert prose > 40


@pytest.mark.parametrize("others", [2, 20])
def test_very_long_prose_gets_a_column_in_which_it_is_not_clipped(others: int) -> None:
    text = "会议决定建立重症患者随访责任区。" * 70
    rows: list[tuple[Cell, ...]] = [(text, *["神经内科一病区"] * others)]
    prose = column_widths([Field("内容"), *[Field("科室")] * others], rows)[0]
    assert row_height(line_count(text, room(prose))) < TALLEST_ROW


def test_figures_in_the_totals_have_room(tmp_path: Path) -> None:
    page = Page("p", "t", [Field("金额", "money")], [(Decimal("1"),)], totals=[Decimal("1234567890.12")])
    write_book(tmp_path / "b.xlsx", [page], created=datetime(2026, 9, 30))
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert sheet.column_dimensions["B"].width > 13
    assert sheet["B4"].alignment.shrink_to_fit


def test_given_width_is_kept() -> None:
    assert column_widths([Field("甲", width=7.0), Field("乙")], [("字" * 100, "短")])[0] == 7.0


@pytest.mark.parametrize("count", [16, 22, 30])
def test_crowded_page_takes_from_phrases_but_breaks_no_number(count: int) -> None:
    fields = [Field("身份号码", "center"), Field("日期", "day"), *[Field("科室")] * (count - 2)]
    rows: list[tuple[Cell, ...]] = [("119900198503120011", "2026-09-30", *["神经内科一病区"] * (count - 2))]
    identity, day, *others = column_widths(fields, rows)
    assert room(identity) >= 18
    assert room(day) >= 10
    assert max(others) < 14


def test_thin_page_is_filled() -> None:
    rows: list[tuple[Cell, ...]] = [("张三", "字" * 60)]
    assert sum(column_widths([Field("姓名", "center"), Field("内容")], rows)) > 40


def test_a_heading_is_broken_only_where_the_page_is_full() -> None:
    fields = [Field("缴纳日期", "day"), Field("缴纳情况", "center"), Field("备注")]
    rows: list[tuple[Cell, ...]] = [(None, "已缴", None)]
    assert all(room(width) >= 8 for width in column_widths(fields, rows)[:2])
    crowded = column_widths([*fields, *[Field("科室")] * 20], [(None, "已缴", None, *["神经内科一病区"] * 20)])
    assert room(crowded[0]) < 8
