"""Unknown columns come back where they stood, and a second import of the same sheet changes nothing."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.query import fetch
from partybuild_cli.records.base.registry import record
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
from partybuild_cli.sheets.importing import Options, Report, import_files
from partybuild_cli.store.engine import Book

Take = Callable[..., Report]


def exported(book: Book, folder: Path, ledger: str = "member") -> Path:
    with book.reading() as connection:
        setting = Setting("", date(2026, 9, 30))
        (path,) = export_ledgers(connection, Shelf(folder), Request([record(ledger)], setting))
    return path


def headings(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return next([str(cell.value) for cell in row] for row in sheet.iter_rows() if row[0].value == "序号")


HEAD = ["神内号", "姓名", "曾用名", "工号", "籍贯", "健康状况", "人员类别", "备注", "复核"]
ROW = ["A1", "许文静", "许静", "00042", "甲市", "良好", "正式党员", "无误", "已核"]


def test_columns_stand_behind_the_field_that_they_stood_behind(party: Book, take: Take, tmp_path: Path):
    assert take({"神经内科党支部花名册": [HEAD, ROW]}).problem_count == 0
    found = headings(exported(party, tmp_path))
    known = [name for name in found if name in HEAD]
    assert known == ["神内号", "姓名", "曾用名", "工号", "籍贯", "健康状况", "人员类别", "备注", "复核"]
    assert found[:2] == ["序号", "神内号"]


def test_the_same_sheet_twice_changes_nothing(party: Book, take: Take):
    sheet = {"神经内科党支部花名册": [HEAD, ROW]}
    assert take(sheet).change is not None
    assert take(sheet).change is None


def test_a_place_whose_field_is_left_out_is_the_one_before(party: Book, take: Take, tmp_path: Path):
    rows = [["姓名", "工号", "人员类别", "民族", "信仰"], ["许文静", "00042", "正式党员", None, "无神论"]]
    assert take({"神经内科党支部花名册": rows}).problem_count == 0
    found = headings(exported(party, tmp_path))
    assert "民族" not in found
    assert found.index("信仰") == found.index("公民身份号码") + 1


def test_of_two_headings_alike_the_filled_one_is_the_field(party: Book, take: Take, tmp_path: Path):
    """备注 and a second 备注: only the second is filled, so it is the one."""
    rows = [["姓名", "工号", "人员类别", "备注", "备注"], ["许文静", "00042", "正式党员", None, "借调"]]
    assert take({"神经内科党支部花名册": rows}).sheets[0].extras == []
    report = import_files(party, [exported(party, tmp_path)], Options())
    assert report.change is None
    assert report.sheets[0].extras == []


INJECTIONS = ["=1+1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0", "＝1+1"]
HARMLESS = ["+1", "-2+3", "@SUM(A1)", "\tx", "00042", "12.50", "1e", "#N/A?", "'=1", "<r>a</r>", "_x0041_", "1985.03"]


@pytest.mark.parametrize("text", INJECTIONS[:3])
def test_text_like_a_formula_is_a_problem_on_the_way_in(party: Book, tmp_path: Path, text: str):
    """In a column of the ledger and in an unknown one, from a CSV and from a text cell."""
    for heading in ("科室", "籍贯"):
        (tmp_path / "a.csv").write_text(
            f'所在党支部,姓名,工号,人员类别,{heading}\n心内科党支部,许文静,00042,正式党员,"{text.replace(chr(34), chr(34) * 2)}"\n',
            encoding="utf8",
        )
        report = import_files(party, [tmp_path / "a.csv"], Options())
        assert [(row, one.column) for row, one in report.sheets[0].all_problems()] == [(2, heading)]
        assert not report.written


@pytest.mark.parametrize("text", [*HARMLESS, *INJECTIONS[3:]])
def test_text_goes_out_as_text_and_comes_back_as_it_was(party: Book, tmp_path: Path, text: str):
    rows: list[Any] = [
        ["所在党支部", "姓名", "工号", "人员类别", "科室", "籍贯"],
        ["心内科党支部", "许文静", text, "正式党员", text, text],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for cell in book.worksheets[0][2]:
        cell.data_type = "s"
    book.save(tmp_path / "a.xlsx")
    report = import_files(party, [tmp_path / "a.xlsx"], Options())
    assert report.problem_count == 0
    with party.reading() as connection:
        kept = [*fetch(connection, record("member"))][-1]
    assert kept.values["department"] == kept.extras["籍贯"] == kept.values["staff_no"]

    path = exported(party, tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == kept.values["department"]]
    assert len(cells) == 3
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert import_files(party, [path], Options()).change is None
