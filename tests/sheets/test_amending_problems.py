"""The problems workbook: bad rows in the sheet's own layout, importable once they are corrected, none twice."""

import stat
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.styles import Font

from partybuild_cli.cli.commands.import_ import place_of
from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.query import fetch
from partybuild_cli.records.base.registry import record
from partybuild_cli.sheets.amending.problems import holds_all, write_problems
from partybuild_cli.sheets.importing import Options, Question, Report, import_files
from partybuild_cli.store.engine import Book

SAVED = datetime(2026, 9, 30)
Rows = Sequence[Sequence[Any]]


def taken(book: Book, *paths: Path, **settings: Any) -> Report:
    return import_files(book, paths, Options(with_rows=True, **settings))


def kept(book: Book, ledger: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
    with book.reading() as connection:
        return [(one.values, one.extras) for one in fetch(connection, record(ledger))]


def corrected(path: Path, cells: dict[str, Any], sheet: str | None = None) -> None:
    workbook = openpyxl.load_workbook(path)
    page = workbook[sheet] if sheet else workbook.worksheets[0]
    for place, value in cells.items():
        page[place] = value
    workbook.save(path)


ROSTER = [
    ["神经内科党支部党员花名册"],
    ["序号", "基本信息", None, None, "入党日期", "籍贯"],
    [None, "姓名", "工号", "人员类别", None, None],
    [1, "许文静", "00042", "正式党员", "2010-07", "甲市"],
    [2, "高远", "00043", "在编", "2010-77", "乙市"],
    [3, "邱实", "00044", "预备党员", datetime(2026, 5, 22), "丙市"],
    ["合计", None, None, None, "3 人", None],
    ["填表人：周明远"],
]
ROSTER_MERGES = ["A1:F1", "B2:D2", "A2:A3", "E2:E3", "F2:F3"]
MEETINGS = [
    ["神经内科党支部2026年三会一课台账"],
    ["序号", "会议类型", "时间", "主题", "请假人员及原因", "天气"],
    [1, "支部党员大会", "2026.9.5", "学习一", "陈静姝（值班）", "晴"],
    [2, "茶话会", "2026.9.6", "学习二", None, "雨"],
    [3, "支委会", "2026.9.7", "学习三", "查无此人", "阴"],
]
SERVICES = [
    ["党支部", "日期", "类别", "活动名称", "参加党员", "服务人次"],
    ["心内科党支部", "2026-08-01", "义诊", "进社区", "吴振华", "300余"],
    [None, "2026-08-02", "义诊", "进学校", "张敏", "十几二十"],
    [None, "2026-08-03", "义诊", "进企业", "吴振华、张敏", 40],
]
TASKS = [
    ["目标任务", "责任人", "完成时限"],
    ["一、政治建设方面", None, None],
    ["完善制度", "周明远", "2026-12-31"],
    ["二、作风建设方面", None, None],
    ["改进服务", "陈静姝", "年底前"],
]
DUES = [
    ["2026年党费收缴台账"],
    ["姓名", "1月", "2月", "3月", "合计"],
    ["周明远", 10, 10, 10, 30],
    ["陈静姝", 12, "十二块", 12, None],
]
#: Ledger, rows, merges, what is corrected in the problems workbook, and how many records there are in the end.
CASES: dict[str, tuple[Rows, list[str], dict[str, Any], int]] = {
    "member": (ROSTER, ROSTER_MERGES, {"E4": "正式党员", "F4": "2010-07"}, 9),
    "meeting": (MEETINGS, [], {"C3": "专题学习", "F4": None}, 3),
    "service": (SERVICES, ["A2:A4"], {"G2": 20}, 3),
    "task": (TASKS, ["A2:C2", "A4:C4"], {"D3": "2026-12"}, 2),
    "dues": (DUES, [], {"D3": 12}, 6),
}


@pytest.mark.parametrize("ledger", CASES)
def test_corrected_rows_complete_the_set_and_none_is_doubled(
    party: Book, sheet_file: Callable[..., Path], tmp_path: Path, ledger: str
):
    rows, merges, cells, count = CASES[ledger]
    source = sheet_file({"台账": rows}, {"台账": merges})
    first = taken(party, source, skip_bad=True)
    assert first.problem_count
    target = tmp_path / "p.xlsx"
    write_problems(target, first, SAVED)
    assert taken(party, target, dry_run=True).problem_count == first.problem_count

    corrected(target, cells)
    second = taken(party, target)
    assert (second.problem_count, second.sheets[0].ledger) == (0, ledger)
    assert second.sheets[0].counts["changed"] == 0
    assert len(kept(party, ledger)) == count
    again = taken(party, target)
    assert again.change is None
    assert len(kept(party, ledger)) == count


def test_a_refused_import_gives_back_every_row_and_none_is_lost(
    party: Book, sheet_file: Callable[..., Path], tmp_path: Path
):
    source = sheet_file({"台账": TASKS, "册": ROSTER}, {"台账": ["A2:C2", "A4:C4"], "册": ROSTER_MERGES})
    before = len(kept(party, "member"))
    refused = taken(party, source)
    assert not refused.written
    target = tmp_path / "p.xlsx"
    write_problems(target, refused, SAVED)
    page = openpyxl.load_workbook(target)["册"]
    marks = {page.cell(row, 3).value: page.cell(row, 1).value for row in range(4, 7)}
    assert marks["许文静"] == marks["邱实"] == "（没有问题，随这个文件一起导入）"
    assert str(marks["高远"]).startswith("▲")
    corrected(target, {"D5": "2026-12"}, "台账")
    corrected(target, {"E5": "正式党员", "F5": "2010-07"}, "册")
    again = taken(party, target)
    assert [one for sheet in again.sheets for one in sheet.all_problems()] == []
    assert again.written
    assert len(kept(party, "member")) == before + 3
    assert len(kept(party, "task")) == 2


@pytest.mark.parametrize("skip_bad", [False, True])
def test_of_very_many_bad_rows_only_the_first_are_given_back(
    party: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skip_bad: bool
):
    """What grows with the file is bounded, and says where the rest is to be corrected."""
    monkeypatch.setattr("partybuild_cli.sheets.amending.problems.MOST_ROWS", 5)
    rows = [["神经内科党支部"], ["姓名", "工号", "人员类别", "入党日期"]]
    good = [["许文静", "00042", "正式党员", "2010-07"]]
    bad = [[f"高远{mark}", f"10{mark}", "正式党员", "2010-77"] for mark in "甲乙丙丁戊己"]
    workbook = Workbook()
    for row in rows + good + bad:
        workbook.worksheets[0].append(row)
    workbook.create_sheet("又一张")
    for row in rows + bad:
        workbook["又一张"].append([f"{cell}二" if cell and cell[:2] in ("高远", "10") else cell for cell in row])
    workbook.save(tmp_path / "a.xlsx")
    report = taken(party, tmp_path / "a.xlsx", skip_bad=skip_bad)
    assert (report.problem_count, report.written, holds_all(report)) == (12, skip_bad, False)
    write_problems(tmp_path / "p.xlsx", report, SAVED)
    (page,) = openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets
    assert [page.cell(row, 2).value for row in range(3, 9)] == [*(f"高远{mark}" for mark in "甲乙丙丁戊"), None]
    assert "在原来的文件里改好" in page["A8"].value
    corrected(tmp_path / "p.xlsx", {f"E{row}": "2010-07" for row in range(3, 8)})
    again = taken(party, tmp_path / "p.xlsx")
    assert (again.problem_count, again.sheets[0].counts["added"]) == (0, 5)


def test_extras_and_group_rows_keep_their_meaning(party: Book, sheet_file: Callable[..., Path], tmp_path: Path):
    source = sheet_file({"台账": TASKS, "册": ROSTER}, {"台账": ["A2:C2", "A4:C4"], "册": ROSTER_MERGES})
    target = tmp_path / "p.xlsx"
    write_problems(target, taken(party, source, skip_bad=True), SAVED)
    corrected(target, {"D3": "2026-12"}, "台账")
    corrected(target, {"E4": "正式党员", "F4": "2010-07"}, "册")
    taken(party, target)
    assert {values["item"]: values["area"] for values, _ in kept(party, "task")} == {
        "完善制度": "政治建设方面",
        "改进服务": "作风建设方面",
    }
    members = {values["name"]: extras for values, extras in kept(party, "member")}
    assert members["高远"] == {"籍贯": "乙市"}


def test_the_sheet_keeps_its_looks_and_bad_cells_are_marked(party: Book, tmp_path: Path):
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in ROSTER:
        sheet.append(row)
    for merged in ROSTER_MERGES:
        sheet.merge_cells(merged)
    sheet["A1"].font = sheet["B5"].font = Font(name="楷体", size=16, bold=True)
    sheet["E6"].number_format = 'yyyy"年"m"月"'
    sheet.column_dimensions["F"].width = 41
    sheet.row_dimensions[3].height = 24
    sheet["D6"] = "退休人员"
    workbook.save(tmp_path / "a.xlsx")
    target = tmp_path / "p.xlsx"
    write_problems(target, taken(party, tmp_path / "a.xlsx", skip_bad=True), SAVED)

    page = openpyxl.load_workbook(target).worksheets[0]
    assert [page["A2"].value, page["B2"].value, page["C3"].value] == ["问题", "序号", "姓名"]
    assert {str(one) for one in page.merged_cells.ranges} == {"B1:G1", "C2:E2", "A2:A3", "B2:B3", "F2:F3", "G2:G3"}
    assert (page["B1"].font.name, page["C4"].font.size, page["F5"].number_format) == ("楷体", 16, 'yyyy"年"m"月"')
    assert (page.column_dimensions["G"].width, page.row_dimensions[3].height) == (41, 24)
    marked = {cell.coordinate for row in page.iter_rows() for cell in row if cell.comment}
    assert marked == {"E4", "F4", "E5"}
    assert all(page[place].fill.fgColor.rgb == "FFFFC7CE" for place in marked)
    assert "没有77月" in page["F4"].comment.text
    assert page["A4"].value.count("▲") == 2
    assert page.row_dimensions[4].height > page.row_dimensions[5].height > 20
    assert page.max_row == 5
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_column_that_is_missing_takes_every_row_along(party: Book, sheet_file: Callable[..., Path], tmp_path: Path):
    rows = [["姓名", "学习时间", "学时"], ["周明远", "2026-03-01", 2], ["陈静姝", "2026-03-02", 2]]
    report = taken(party, sheet_file({"学习学时台账": rows}), skip_bad=True)
    target = tmp_path / "p.xlsx"
    write_problems(target, report, SAVED)
    page = openpyxl.load_workbook(target).worksheets[0]
    assert [page["B2"].value, page["B3"].value] == ["周明远", "陈静姝"]
    assert "学习内容" in page["A2"].value
    corrected(target, {"E1": "学习内容", "E2": "党章", "E3": "党章"})
    assert taken(party, target).sheets[0].counts["added"] == 2


def test_tables_below_and_beside_each_other_stay_apart(party: Book, sheet_file: Callable[..., Path], tmp_path: Path):
    head = ["姓名", "学习时间", "学习内容", "学时"]
    rows = [
        ["学习学时台账"],
        [*head, None, *head],
        ["周明远", "2026-03-01", "甲", 2, None, "陈静姝", "2026-03-01", "乙", "两个钟"],
        ["周明远", "2026-13-01", "丙", 2, None, "陈静姝", "2026-03-02", "丁", 2],
        [],
        ["党费收缴台账"],
        ["姓名", "月份", "实缴"],
        ["周明远", "2026-03", "很多"],
    ]
    target = tmp_path / "p.xlsx"
    first = taken(party, sheet_file({"台账": rows}), skip_bad=True)
    assert [one.ledger for one in first.sheets] == ["study", "study", "dues"]
    write_problems(target, first, SAVED)
    told = openpyxl.load_workbook(target).worksheets[0]["A4"]
    assert told.font.color.rgb == "FF9C0006", "bad on the left, good on the right: the row is marked as bad"
    second = taken(party, target, dry_run=True)
    assert [(one.ledger, one.counts["problem"]) for one in second.sheets] == [("study", 1), ("study", 1), ("dues", 1)]
    assert second.sheets[0].counts["read"] == 1


def test_formats_without_looks_give_the_same_cells(party: Book, tmp_path: Path):
    (tmp_path / "a.csv").write_text(
        "姓名,谈话人,时间,地点\n陈静姝,周明远,2026-09-01,\n没有的人,周明远,2026-09-02,1\x07号\n".replace(
            "姓名", "谈话对象"
        ),
        encoding="gb18030",
    )
    old = xlwt.Workbook()
    sheet = old.add_sheet("党费")
    for row, line in enumerate([["姓名", "月份", "实缴", "缴纳日期"], ["周明远", "2026-03", "多"]]):
        for column, value in enumerate(line):
            sheet.write(row, column, value)
    sheet.write(1, 3, datetime(2026, 3, 5), xlwt.easyxf(num_format_str='yyyy"年"m"月"'))
    old.save(str(tmp_path / "b.xls"))
    report = taken(party, tmp_path / "a.csv", tmp_path / "b.xls", skip_bad=True)
    target = tmp_path / "p.xlsx"
    write_problems(target, report, SAVED)
    workbook = openpyxl.load_workbook(target)
    assert len(workbook.sheetnames) == 2
    corrected(target, {"B2": "张敏(003003)"}, workbook.sheetnames[0])
    corrected(target, {"D2": "12.50"}, workbook.sheetnames[1])
    page = openpyxl.load_workbook(target).worksheets[0]
    assert {page.cell(2, column).border.right.style for column in range(1, 6)} == {"thin"}, "blank cells at the end too"
    done = taken(party, target)
    assert [one.counts["added"] for one in done.sheets] == [1, 1]
    assert kept(party, "dues")[0][0]["paid_on"] == "2026-03"
    assert [extras for _, extras in kept(party, "talk")] == [{}, {"地点": "1号"}]


def test_a_ledgers_own_problem_column_is_no_problem_column(party: Book, sheet_file: Callable[..., Path]):
    rows = [["问题", "方面", "责任人"], ["走廊灯不亮", "服务", "周明远"]]
    report = taken(party, sheet_file({"问题清单": rows}))
    assert report.sheets[0].columns["问题"] == "item"


def test_the_same_report_gives_the_same_bytes(party: Book, sheet_file: Callable[..., Path], tmp_path: Path):
    report = taken(party, sheet_file({"台账": ROSTER}))
    for name in ("p.xlsx", "q.xlsx"):
        write_problems(tmp_path / name, report, SAVED)
    assert (tmp_path / "p.xlsx").read_bytes() == (tmp_path / "q.xlsx").read_bytes()


def test_nothing_of_a_clerk_is_overwritten(
    party: Book, sheet_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    source = sheet_file({"台账": ROSTER})
    first = place_of([source], None, False)
    assert first == Path("台账-问题.xlsx")
    write_problems(first, taken(party, source), SAVED)
    assert place_of([source], None, False) == first
    assert place_of([first.absolute()], None, False) == Path("台账-问题（2）.xlsx")
    assert place_of([Path("台账-问题（2）.xlsx")], None, False) == first
    corrected(first, {"E4": "正式党员"})
    assert place_of([source], None, False) == Path("台账-问题（2）.xlsx")
    (tmp_path / "note.xlsx").write_text("not a workbook", encoding="utf8")
    for asked in (first, tmp_path / "note.xlsx", source):
        with pytest.raises(Unfit, match="没有覆盖它"):
            place_of([source], asked, False)


def test_what_was_answered_of_the_whole_table_is_not_asked_again(party: Book, tmp_path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    for row in (["活动名称", "日期", "学时"], ["主题党日一", "2026-03-05", 2], ["主题党日二", "3月35日", 2]):
        page.append(row)
    book.save(tmp_path / "主题党日.xlsx")
    said: list[str] = []

    def answer(question: Question) -> str | None:
        said.append(question.sentence)
        return "meeting" if question.about == "ledger" else question.choices[-1][0]

    refused = import_files(party, [tmp_path / "主题党日.xlsx"], Options(ledger="meeting"), ask=answer)
    assert (refused.written, [one.partition("没有写明")[2] for one in said]) == (
        False,
        ["“党支部”，是哪一个？", "“会议类型”，是哪一个？"],
    )
    write_problems(tmp_path / "问题.xlsx", refused, SAVED)
    corrected(tmp_path / "问题.xlsx", {"C4": "2026-03-25"})
    assert import_files(party, [tmp_path / "问题.xlsx"], Options(ledger="meeting")).written
    assert [values["branch"] for values, _ in kept(party, "meeting")] == ["心内科党支部"] * 2


def test_a_wrong_value_is_wide_enough_to_be_read_on_a4(book: Book, tmp_path: Path) -> None:
    """A column of ordinary width cuts a wrong 公民身份号码 off."""
    workbook = Workbook()
    for row in (
        ["姓名", "公民身份号码", "人员类别", "所在党支部"],
        ["许文静", "11990019900101123X", "正式党员", "神经内科党支部"],
    ):
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "名册.xlsx")
    write_problems(tmp_path / "问题.xlsx", taken(book, tmp_path / "名册.xlsx"), SAVED)
    page = openpyxl.load_workbook(tmp_path / "问题.xlsx").worksheets[0]
    assert page["C2"].value == "11990019900101123X"
    assert page.column_dimensions["C"].width >= 18
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
