"""Reading OOXML workbooks as programs write them: values, looks, hidden things, merged ranges."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading import Merge, read_book
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw
from tests.sheets.readers import KINDS, PAGE, Kind, look, said


def read_cell(tmp_path: Path, value: object, number_format: str) -> Raw:
    book = openpyxl.Workbook()
    cell = book.active["A1"]
    cell.value, cell.number_format = value, number_format
    book.save(tmp_path / "one.xlsx")
    rows = read_book(tmp_path / "one.xlsx").sheets[0].rows
    return rows[0][0] if rows else None


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        ("张三", "General", "张三"),
        ("两行\n文字", "General", "两行\n文字"),
        (42, "General", 42),
        (42.0, "0", 42),
        (2.5, "General", 2.5),
        (True, "General", True),
        (42, "00000", NumberCell(42, "00042")),
        (12.5, "0.00", NumberCell(12.5, "12.50")),
        (0.85, "0%", NumberCell(0.85, "85%")),
        (28, '0"元"', NumberCell(28, "28元")),
        (1980.1, "0.00", NumberCell(1980.1, "1980.10")),
        (1234, "#,##0", 1234),
        (1234.5, "#,##0.00", NumberCell(1234.5, "1,234.50")),
        ("00042", "@", "00042"),
        (42, "@", 42),
        (0, '0;-0;"—"', 0),
        (datetime(2026, 3, 5), "yyyy-mm-dd", DateCell(datetime(2026, 3, 5), "day")),
        (date(2026, 3, 5), 'm"月"d"日"', DateCell(datetime(2026, 3, 5), "day")),
        (datetime(2026, 3, 5), 'yyyy"年"m"月"', DateCell(datetime(2026, 3, 5), "month")),
        (datetime(2026, 3, 5), "[$-804]yyyy/mm;@", DateCell(datetime(2026, 3, 5), "month")),
        (datetime(2026, 3, 5), 'yyyy"年"', DateCell(datetime(2026, 3, 5), "year")),
        (datetime(2026, 9, 5, 14, 30), "yyyy/m/d h:mm", DateCell(datetime(2026, 9, 5, 14, 30), "day")),
        (time(14, 30), "h:mm", "14:30"),
        (timedelta(hours=26), "[h]:mm", "26:00"),
        ("#DIV/0!", "General", ErrorCell("#DIV/0!")),
    ],
)
def test_a_cell_is_read_as_a_person_sees_it(tmp_path: Path, value: object, number_format: str, expected: Raw) -> None:
    found = read_cell(tmp_path, value, number_format)
    assert found == expected
    assert type(found) is type(expected)


def test_numbering_is_the_spreadsheets_own(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C4"] = "姓名"
    sheet["D9"] = None
    sheet["F30"].number_format = "0.00"
    sheet.merge_cells("C4:E5")
    book.save(tmp_path / "b.xlsx")
    found = read_book(tmp_path / "b.xlsx").sheets[0]
    assert found.rows == [[], [], [], [None, None, "姓名"]]
    assert found.merges == [Merge(4, 3, 5, 5)]


def test_hidden_rows_and_sheets_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 6):
        sheet.cell(row, 1, row)
    sheet.row_dimensions[3].hidden = True
    for name, state in (("藏", "hidden"), ("深藏", "veryHidden"), ("露", "visible")):
        book.create_sheet(name).sheet_state = state
    book.save(tmp_path / "b.xlsx")
    found = read_book(tmp_path / "b.xlsx")
    assert found.sheets[0].hidden_rows == {3}
    assert found.sheets[0].rows == [[1], [2], [3], [4], [5]]
    assert [(sheet.name, sheet.hidden) for sheet in found.sheets[1:]] == [("藏", True), ("深藏", True), ("露", False)]


def test_formulas_give_their_cached_value_or_say_that_there_is_none(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "cached.xlsx")
    sheet = book.add_worksheet()
    sheet.write_formula("A1", "=1+1", None, 2)
    sheet.write_boolean("B1", False)
    sheet.write_formula("C1", "=1/0", None, "#DIV/0!")
    sheet.write_formula("D1", '="张"&"三"', None, "张三")
    book.close()
    assert read_book(tmp_path / "cached.xlsx").sheets[0].rows == [[2, False, ErrorCell("#DIV/0!"), "张三"]]
    other = openpyxl.Workbook()
    other.active["A1"] = "=1+1"
    other.active["B2"] = "=A1"
    other.save(tmp_path / "bare.xlsx")
    missing = ErrorCell("无缓存值")
    assert read_book(tmp_path / "bare.xlsx").sheets[0].rows == [[missing], [None, missing]]


def test_inline_strings_and_many_columns(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "b.xlsx", {"constant_memory": True})
    sheet = book.add_worksheet("长表")
    for row in range(50):
        for column in range(40):
            sheet.write(row, column, f"{row}:c {column}" if column % 2 else row * column)
    book.close()
    rows = read_book(tmp_path / "b.xlsx").sheets[0].rows
    assert [len(row) for row in rows] == [40] * 50
    assert rows[7][38:] == [266, "7:c 39"]


def test_chart_sheets_hold_no_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.create_chartsheet("图", 0)
    book.save(tmp_path / "b.xlsx")
    assert [sheet.name for sheet in read_book(tmp_path / "b.xlsx").sheets] == ["Sheet"]


def test_an_empty_workbook_has_an_empty_sheet(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "b.xlsx")
    assert read_book(tmp_path / "b.xlsx").sheets[0].rows == []


@pytest.mark.parametrize("name", ["roster.xls", "roster.csv", "roster"])
def test_content_decides_and_the_extension_is_remarked_on(tmp_path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"
    book.save(tmp_path / "b.xlsx")
    path = (tmp_path / "b.xlsx").rename(tmp_path / name)
    found = read_book(path)
    assert found.format == "xlsx"
    assert found.sheets[0].rows == [["姓名"]]
    assert len(found.notes) == 1
    assert "内容却是 xlsx" in found.notes[0]
    assert read_book(path.rename(tmp_path / "r.et")).notes == []


def test_a_thousand_rows_agree_with_another_reader(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 1001):
        sheet.append([f"党员{row}", row, row / 4, datetime(2026, 1, 1) + timedelta(days=row), None, "x" * (row % 3)])
        sheet.cell(row, 4).number_format = "yyyy/mm" if row % 2 else "yyyy/mm/dd"
        sheet.cell(row, 3).number_format = "0.00"
    book.save(tmp_path / "b.xlsx")
    rows = read_book(tmp_path / "b.xlsx").sheets[0].rows
    for number, row in enumerate(rows, 1):
        day = DateCell(datetime(2026, 1, 1) + timedelta(days=number), "month" if number % 2 else "day")
        quarter = number / 4 if number % 4 in (1, 3) else NumberCell(number / 4, f"{number / 4:.2f}")
        assert row[:4] == [f"党员{number}", number, quarter, day]
        assert row[4:] == ([None, "x" * (number % 3)] if number % 3 else [])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_the_table_of_readers(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "b.xlsx"
    kind.write(path)
    if kind.meant == "refused":
        with pytest.raises(Unfit):
            read_book(path)
    else:
        assert said(look("ours", path, kind.cell)) == kind.meant.rpartition(": ")[2]
    assert f"| {kind.name} | {kind.meant} | ✓ | " in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("epoch_1904", [True, False])
def test_the_sheet_says_from_which_year_bare_serials_count(tmp_path: Path, epoch_1904: bool) -> None:
    book = xlsxwriter.Workbook(tmp_path / "b.xlsx", {"date_1904": epoch_1904})
    book.add_worksheet().write(0, 0, 44_538)
    book.close()
    sheet = read_book(tmp_path / "b.xlsx").sheets[0]
    assert (sheet.rows, sheet.epoch_1904) == ([[44_538]], epoch_1904)
