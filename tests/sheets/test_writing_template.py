"""A blank ledger to be filled in."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from partybuild_cli.sheets.writing import EXAMPLE_MARK, Field, Page, write_book, write_template

CREATED = datetime(2026, 9, 30, 8, 0)
PAGE = Page(
    name="志愿服务",
    title="××党支部志愿服务台账",
    fields=[
        Field("日期", "day", note="写作2026-09-30"),
        Field("类型", "center", choices=("义诊", "宣教")),
        Field("时长", "number"),
        Field("金额", "money"),
        Field("备注"),
    ],
    left="填报单位（盖章）：××党支部",
    right="期间：2026年第三季度",
    totals="合计：0次",
    remarks=("说明：时长以小时计。",),
)
EXAMPLE = ("2026-09-05", "义诊", 4, None, "社区卒中筛查")
NOTES = [("日期", "必填", "日期", "写作2026-09-30，只知道月份时写2026-09。"), ("时长", "选填", "数", "=小时")]


@pytest.fixture
def book(tmp_path: Path) -> openpyxl.Workbook:
    write_template(tmp_path / "t.xlsx", PAGE, [EXAMPLE], NOTES, created=CREATED)
    return openpyxl.load_workbook(tmp_path / "t.xlsx")


def test_head_is_the_head_of_the_export(book: openpyxl.Workbook, tmp_path: Path) -> None:
    write_book(tmp_path / "export.xlsx", [PAGE._replace(rows=[EXAMPLE])], created=CREATED)
    export = openpyxl.load_workbook(tmp_path / "export.xlsx")[PAGE.name]
    blank = book[PAGE.name]
    for row in range(1, 4):
        assert [cell.value for cell in blank[row]] == [cell.value for cell in export[row]]
    assert blank.print_title_rows == export.print_title_rows == "$3:$3"
    assert blank["B3"].comment.text == "写作2026-09-30"


def test_example_is_marked_grey_and_slanted(book: openpyxl.Workbook) -> None:
    row = book[PAGE.name][4]
    assert [cell.value for cell in row] == [EXAMPLE_MARK, *EXAMPLE]
    assert all(cell.font.i and cell.font.color.rgb == "FF7F7F7F" for cell in row)


def test_rows_to_fill_have_drop_downs_borders_and_their_kind(book: openpyxl.Workbook) -> None:
    sheet = book[PAGE.name]
    [rule] = sheet.data_validations.dataValidation
    assert str(rule.sqref) == "C5:C504"
    formats = ["@", "@", "@", "General", "0.00", "@"]
    assert [cell.number_format for cell in sheet[5]] == formats
    assert all(cell.value is None and cell.border.left.style == "thin" for cell in sheet[5])
    assert not any(cell.font.i for cell in sheet[5])
    # Below the ruled rows each column still knows its kind.
    assert [sheet.column_dimensions[letter].number_format for letter in "ABCDEF"] == formats


def test_nothing_but_head_and_example_is_filled(book: openpyxl.Workbook) -> None:
    values = [cell.value for row in book[PAGE.name].iter_rows(min_row=5) for cell in row]
    assert values
    assert set(values) == {None}


def test_second_sheet_explains_every_column(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["志愿服务", "填写说明"]
    rows = [tuple(cell.value for cell in row) for row in book["填写说明"].iter_rows(min_row=2)]
    assert rows == [("栏目", "是否必填", "类型", "怎样填写"), *NOTES]
    assert book["填写说明"]["D4"].data_type != "f"
