"""Records into a form of the superior unit: in its rows and styles, everything else as it was."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from partybuild_cli.errors import Unfit
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.registry import record
from partybuild_cli.sheets.amending.form import Filled, fill_form
from partybuild_cli.sheets.exporting import Request, Setting
from partybuild_cli.sheets.importing import Options, import_files
from partybuild_cli.store.engine import Book
from partybuild_cli.values.period import period_of

THIN = Side(style="thin")
RULED = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


@pytest.fixture
def fill(party: Book, tmp_path: Path) -> Callable[..., Filled]:
    def call(workbook: Workbook, ledger: str = "member", **settings: Any) -> Filled:
        form = tmp_path / "上报表.xlsx"
        workbook.save(form)
        before = form.read_bytes()
        with party.reading() as connection:
            setting = Setting("", date(2026, 9, 30))._replace(**settings)
            done = fill_form(connection, form, Shelf(tmp_path / "out"), Request([record(ledger)], setting))
        assert form.read_bytes() == before
        return done

    (tmp_path / "out").mkdir()
    return call


def roster_form(ruled: int = 3) -> Workbook:
    """Title, two header rows, an example, ruled rows with serial numbers, total, signatures; a second sheet counts."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "党员名册"
    sheet["A1"] = "某某医院党员花名册"
    sheet.merge_cells("A1:G1")
    for column, words in enumerate(
        [
            ("序号", None),
            ("基本信息", "姓名"),
            (None, "性别"),
            (None, "工号"),
            ("入党时间", None),
            ("党费档次", None),
            ("月缴", None),
        ],
        1,
    ):
        sheet.cell(2, column, words[0])
        sheet.cell(3, column, words[1])
    sheet.merge_cells("B2:D2")
    for letter in "AEFG":
        sheet.merge_cells(f"{letter}2:{letter}3")
    for number in range(4, 4 + ruled):
        sheet.row_dimensions[number].height = 26
        sheet.cell(number, 1, number - 3)
        for column in range(1, 8):
            sheet.cell(number, column).border = RULED
            sheet.cell(number, column).font = Font(name="仿宋", size=12)
        sheet.cell(number, 5).number_format = "yyyy-mm-dd"
        sheet.cell(number, 7, f"=F{number}*2")
    if ruled:
        sheet["A4"], sheet["B4"], sheet["D4"] = "例", "张某", "000"
    end = 4 + ruled
    sheet.cell(end, 1, "合计")
    sheet.cell(end, 6, f"=SUM(F4:F{end - 1})")
    sheet.cell(end, 7, f"=SUM($G$4:$G{end - 1})+SUM(G4:G4)")
    sheet.merge_cells(start_row=end, end_row=end, start_column=1, end_column=5)
    sheet.cell(end + 2, 1, "填表人：").comment = Comment("签名", "x")
    sheet.merge_cells(start_row=end + 2, end_row=end + 2, start_column=1, end_column=7)
    sheet.row_dimensions[end + 2].height = 44
    sheet.print_area = f"A1:G{end + 2}"
    sheet.print_title_rows = "2:3"
    sheet.column_dimensions["B"].width = 21
    choice = DataValidation(type="list", formula1='"男,女"')
    choice.add(f"C4:C{max(end - 1, 4)}")
    sheet.add_data_validation(choice)
    sheet.conditional_formatting.add(
        f"F4:F{max(end - 1, 4)}", CellIsRule("greaterThan", ["100"], fill=PatternFill("solid", "FFFF00"))
    )
    other = workbook.create_sheet("汇总")
    other["A1"] = f"=党员名册!F{end}"
    other["A2"] = "=A1+1"
    return workbook


def values(sheet: Any, number: int, width: int = 7) -> list[Any]:
    return [sheet.cell(number, column).value for column in range(1, width + 1)]


def test_rows_are_inserted_in_the_forms_own_look(fill: Callable[..., Filled]):
    done = fill(roster_form())
    workbook = openpyxl.load_workbook(done.path)
    sheet, other = workbook.worksheets
    assert (done.path.name, done.rows, done.notes) == ("上报表.xlsx", 6, [])
    assert values(sheet, 4)[:6] == [1, "周明远", None, "003001", datetime(2010, 7, 1), None]
    assert values(sheet, 9)[:4] == [6, "张敏", None, "004002"]
    assert [sheet.cell(number, 7).value for number in (4, 6, 7, 9)] == ["=F4*2", "=F6*2", "=F7*2", "=F9*2"]
    assert (sheet["B9"].font.name, sheet["B9"].border.left.style, sheet.row_dimensions[9].height) == (
        "仿宋",
        "thin",
        26,
    )
    assert sheet["E9"].number_format == "yyyy-mm-dd"
    assert (sheet["A10"].value, sheet["F10"].value) == ("合计", "=SUM(F4:F9)")
    assert sheet["G10"].value == "=SUM($G$4:$G9)+SUM(G4:G4)"
    assert (sheet["A12"].value, sheet["A12"].comment.text, sheet.row_dimensions[12].height) == ("填表人：", "签名", 44)
    merges = {str(one) for one in sheet.merged_cells.ranges}
    assert {"A1:G1", "B2:D2", "A2:A3", "A10:E10", "A12:G12"} <= merges
    assert "A7:E7" not in merges
    assert (other["A1"].value, other["A2"].value) == ("=党员名册!F10", "=A1+1")
    assert str(sheet.print_area).endswith("$A$1:$G$12")
    assert sheet.print_title_rows in ("$2:$3", "2:3")
    assert sheet.column_dimensions["B"].width == 21
    assert str(sheet.data_validations.dataValidation[0].sqref) == "C4:C9"
    assert [str(one.sqref) for one in sheet.conditional_formatting] == ["F4:F9"]


def test_what_is_ruled_is_filled_before_rows_are_inserted(fill: Callable[..., Filled]):
    sheet = openpyxl.load_workbook(fill(roster_form(9)).path).worksheets[0]
    assert values(sheet, 9)[:4] == [6, "张敏", None, "004002"]
    assert values(sheet, 10)[:4] == [7, None, None, None]
    assert (sheet["A13"].value, sheet["F13"].value) == ("合计", "=SUM(F4:F12)")


def test_a_form_without_any_row_gets_them_all(fill: Callable[..., Filled]):
    sheet = openpyxl.load_workbook(fill(roster_form(0)).path).worksheets[0]
    assert [values(sheet, number)[:2] for number in (4, 9)] == [[1, "周明远"], [6, "张敏"]]
    assert (sheet["A10"].value, sheet["A12"].value) == ("合计", "填表人：")


def test_the_filled_form_comes_back_unchanged(party: Book, fill: Callable[..., Filled]):
    form = Workbook()
    for row in [["序号", "党支部", "姓名", "工号", "政治面貌", "入党时间"], [1], [2], ["填表人："]]:
        form.worksheets[0].append(row)
    (sheet,) = import_files(party, [fill(form).path], Options()).sheets
    assert sheet.counts == {"read": 6, "added": 0, "changed": 0, "unchanged": 6, "problem": 0}
    assert sheet.skipped == [(8, "签名行")]


def test_extras_fill_the_columns_that_bear_their_name(party: Book, fill: Callable[..., Filled], tmp_path: Path):
    kept = Workbook()
    for row in [
        ["神经内科党支部"],
        ["姓名", "工号", "人员类别", "党费档次"],
        ["周明远", "003001", "正式党员", "@甲"],
        ["陈静姝", "003002", "正式党员", "乙-1"],
    ]:
        kept.worksheets[0].append(row)
    kept.save(tmp_path / "a.xlsx")
    assert import_files(party, [tmp_path / "a.xlsx"], Options()).problem_count == 0
    sheet = openpyxl.load_workbook(fill(roster_form()).path).worksheets[0]
    assert [sheet[place].value for place in ("F4", "F5", "F6")] == ["@甲", "乙-1", None]


def test_a_register_of_months_has_one_row_a_member(party: Book, fill: Callable[..., Filled], tmp_path: Path):
    kept = Workbook()
    for row in [["2026年党费"], ["姓名", "1月", "2月", "3月"], ["周明远", 10, 10, 12.5], ["陈静姝", 8, None, 8]]:
        kept.worksheets[0].append(row)
    kept.save(tmp_path / "a.xlsx")
    assert import_files(party, [tmp_path / "a.xlsx"], Options()).problem_count == 0
    form = Workbook()
    for row in [
        ["2026年度党费收缴登记表"],
        ["序号", "姓名", *(f"{month}月" for month in range(1, 13)), "合计"],
        [],
        ["审核人："],
    ]:
        form.worksheets[0].append(row)
    done = fill(form, "dues", period=period_of("2026"))
    sheet = openpyxl.load_workbook(done.path).worksheets[0]
    assert values(sheet, 3, 5) == [1, "周明远", 10, 10, 12.5]
    assert values(sheet, 4, 5) == [2, "陈静姝", 8, None, 8]
    assert sheet["A5"].value == "审核人："


def test_what_a_record_does_not_say_is_left_blank(party: Book, fill: Callable[..., Filled], tmp_path: Path):
    """Who was due at a meeting that names nobody is worked out, and not known."""
    kept = Workbook()
    for row in [["神经内科党支部"], ["会议类型", "日期", "主题"], ["支委会", "2026-03-05", "学习"]]:
        kept.worksheets[0].append(row)
    kept.save(tmp_path / "a.xlsx")
    assert import_files(party, [tmp_path / "a.xlsx"], Options()).written
    form = Workbook()
    for row in [["会议类型", "日期", "主题", "应到人数", "实到人数"], []]:
        form.worksheets[0].append(row)
    sheet = openpyxl.load_workbook(fill(form, "meeting").path).worksheets[0]
    assert values(sheet, 2, 3) == ["支委会", "2026.03.05", "学习"]


def test_records_in_the_form_stay_and_ours_come_below(fill: Callable[..., Filled]):
    workbook = roster_form(3)
    sheet = workbook.worksheets[0]
    sheet["A4"], sheet["B4"], sheet["D4"] = 1, "许文静", "999"
    done = fill(workbook)
    sheet = openpyxl.load_workbook(done.path).worksheets[0]
    assert [values(sheet, number)[:2] for number in (4, 5, 10)] == [[1, "许文静"], [2, "周明远"], [7, "张敏"]]
    assert done.notes


def test_another_form_is_refused_with_a_sentence(fill: Callable[..., Filled]):
    workbook = Workbook()
    workbook.worksheets[0].append(["会议室", "预约人", "电话"])
    with pytest.raises(Unfit, match="没有找到党员花名册的表头"):
        fill(workbook)


def test_a_form_that_is_no_xlsx_is_refused(party: Book, tmp_path: Path):
    (tmp_path / "a.csv").write_text("姓名,工号\n", encoding="utf8")
    request = Request([record("member")], Setting("", date(2026, 9, 30)))
    with party.reading() as connection, pytest.raises(Unfit, match="另存为"):
        fill_form(connection, tmp_path / "a.csv", Shelf(tmp_path), request)


def test_what_a_clerk_saved_is_never_replaced(fill: Callable[..., Filled]):
    first = fill(roster_form()).path
    assert fill(roster_form()).path == first
    workbook = openpyxl.load_workbook(first)
    workbook.save(first)
    assert fill(roster_form()).path.name == "上报表（2）.xlsx"


def test_masked_unless_asked_for(party: Book, fill: Callable[..., Filled], tmp_path: Path):
    kept = Workbook()
    for row in [
        ["神经内科党支部"],
        ["姓名", "工号", "人员类别", "联系电话"],
        ["周明远", "003001", "正式党员", "15400000001"],
    ]:
        kept.worksheets[0].append(row)
    kept.save(tmp_path / "a.xlsx")
    import_files(party, [tmp_path / "a.xlsx"], Options())
    form = Workbook()
    for row in [["姓名", "工号", "联系电话"], [], []]:
        form.worksheets[0].append(row)
    for full, shown in ((False, "154****0001"), (True, "15400000001")):
        sheet = openpyxl.load_workbook(fill(form, full=full).path).worksheets[0]
        assert sheet["C2"].value == shown


def test_what_only_the_clerk_keeps_is_masked_too(party: Book, fill: Callable[..., Filled], tmp_path: Path):
    kept = Workbook()
    for row in [
        ["神经内科党支部"],
        ["姓名", "工号", "人员类别", "配偶电话"],
        ["周明远", "003001", "正式党员", "15400000001"],
    ]:
        kept.worksheets[0].append(row)
    kept.save(tmp_path / "a.xlsx")
    import_files(party, [tmp_path / "a.xlsx"], Options())
    form = Workbook()
    for row in [["姓名", "工号", "配偶电话"], [], []]:
        form.worksheets[0].append(row)
    for full, shown in ((False, "154****0001"), (True, "15400000001")):
        sheet = openpyxl.load_workbook(fill(form, full=full).path).worksheets[0]
        assert sheet["C2"].value == shown


def test_a_pattern_of_two_merged_rows_swallows_nobody(fill: Callable[..., Filled]):
    """Names of all but the first went into a merged range that grew with every inserted row."""
    form = Workbook()
    sheet = form.worksheets[0]
    for row in [["序号", "姓名", "工号"], [1], [None], [2], [None]]:
        sheet.append(row)
    for area in ("A2:A3", "B2:B3", "A4:A5", "B4:B5"):
        sheet.merge_cells(area)
    done = fill(form)
    filled = openpyxl.load_workbook(done.path).worksheets[0]
    assert [filled.cell(row, 2).value for row in range(2, 9)][::5] == ["周明远", "张敏"]
    assert (all(filled.cell(row, 2).value for row in range(2, 8)), done.notes) == (True, [])


def test_what_a_merged_cell_hides_is_said(fill: Callable[..., Filled]):
    form = Workbook()
    for row in [["序号", "姓名", "工号", "入党时间"], [1], [2]]:
        form.worksheets[0].append(row)
    form.worksheets[0].merge_cells("B2:C2")
    done = fill(form)
    assert "盖住" in done.notes[0]


def test_one_waiting_row_passes_on_its_total_and_its_rules(fill: Callable[..., Filled]):
    """A total of one row, =SUM(F4:F4), stayed that of the first person."""
    sheet = openpyxl.load_workbook(fill(roster_form(1)).path).worksheets[0]
    assert (sheet["A10"].value, sheet["F10"].value) == ("合计", "=SUM(F4:F9)")
    assert str(sheet.data_validations.dataValidation[0].sqref) == "C4:C9"
    assert [str(one.sqref) for one in sheet.conditional_formatting] == ["F4:F9"]
    assert [sheet.cell(number, 7).value for number in (4, 5, 9)] == ["=F4*2", "=F5*2", "=F9*2"]
