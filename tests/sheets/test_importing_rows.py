"""Which rows are records, and what each of them says: totals, groups, months, units, masked and failed cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from partybuild_cli.sheets.importing import Options, Report, SheetReport, import_files
from partybuild_cli.store.engine import Book

Take = Callable[..., Report]
Rows = list[list[Any]]
ROSTER = ["序号", "姓名", "工号", "人员类别", "入党日期", "备注"]


def one(report: Report) -> SheetReport:
    (sheet,) = report.sheets
    return sheet


def said(report: Report, *keys: str) -> list[tuple[Any, ...]]:
    """Row number and some values of each record of the only table."""
    return [(row["row"], *(row["values"].get(key) for key in keys)) for row in one(report).records or []]


def problems(report: Report) -> list[tuple[int, str, str]]:
    return [(row, finding.column, finding.value) for row, finding in one(report).all_problems()]


def warnings(report: Report) -> list[tuple[int, str, str]]:
    return [(draft.row, found.column, found.value) for draft in one(report).drafts for found in draft.warnings]


def test_totals_stand_anywhere_and_odd_names_are_no_totals(take: Take) -> None:
    rows = [
        ["神经内科党支部党员花名册"], ROSTER[1:], ["合计", 2], ["合小明", "0081", "正式党员", "2001.1"], ["第一党小组小计", "1人"],
        ["总建国", "0082", "正式党员", "2002-02"], ["共计2人"], ["本季度新发展党员0人、转入1人"], ["备注：以上属实"],
    ]  # fmt: skip
    report = take({"花名册": rows})
    assert said(report, "name", "joined_on") == [(4, "合小明", "2001-01"), (6, "总建国", "2002-02")]
    assert one(report).skipped == [
        (3, "合计行"), (5, "小计行"), (7, "合计行"), (8, "合计行"), (9, "说明行"),
    ]  # fmt: skip


def test_a_task_that_begins_like_a_total_or_a_note_is_a_task(take: Take) -> None:
    rows = [
        ["神经内科党支部任务清单"], ["方面", "目标任务", "责任人", "完成时限"], ["政治", "总结上半年工作", "周明远", "2026-06-30"],
        ["政治", "说明会筹备", "张敏", "长期坚持"], [None, "合计2项"], ["填表人：周明远", None, "审核人：陈静姝", "2026年6月30日"],
    ]  # fmt: skip
    report = take({"任务": rows})
    assert said(report, "item") == [(3, "总结上半年工作"), (4, "说明会筹备")]
    assert one(report).skipped == [(5, "合计行"), (6, "签名行")]


def test_serial_numbers_alone_and_examples_are_skipped(take: Take) -> None:
    rows = [
        ["神经内科党支部党员花名册"], ROSTER, ["例", "某某", "000000", "正式党员", "2020-07-01"], [1, "新一", "0081", "正式党员"],
        [2], [3, "　", None], [None, None, None, None, None, None],
    ]  # fmt: skip
    report = take({"花名册": rows})
    assert said(report, "name") == [(4, "新一")]
    assert one(report).skipped == [(3, "示例行"), (5, "只有序号，没有内容"), (6, "只有序号，没有内容")]


def test_a_column_of_1_2_3_is_nobodys_staff_number(take: Take) -> None:
    headings = ["编号", "姓名", "人员类别", "出生年月"]
    rows = [[1, "新一", "正式党员", "1980-01"], [2, "新二", "正式党员", "1981-01"]]
    report = take({"花名册": [["神经内科党支部党员花名册"], headings, *rows]})
    assert said(report, "name", "staff_no") == [(3, "新一", None), (4, "新二", None)]
    rows = [["0301", "新三", "正式党员", "1980-01"], ["0302", "新四", "正式党员", "1981-01"]]
    report = take({"花名册": [["神经内科党支部党员花名册"], headings, *rows]})
    assert said(report, "name", "staff_no") == [(3, "新三", "0301"), (4, "新四", "0302")]


def test_group_rows_say_the_branch_and_merged_cells_count_for_each_row(take: Take) -> None:
    rows = [
        ["2026年度先锋指数互评登记表"], ["被评议人", "评议人", "得分"], ["一、神经内科党支部（2人）"], ["张敏", "周明远", 90],
        [None, "陈静姝", 91], ["二、心内科党支部"], ["张敏", "吴振华", 88],
    ]  # fmt: skip
    report = take({"第二季度": rows}, {"第二季度": ["A4:A5"]})
    assert said(report, "branch", "member", "score", "quarter") == [
        (4, "神经内科党支部", "张敏", "90", "2026Q2"),
        (5, "神经内科党支部", "张敏", "91", "2026Q2"),
        (7, "心内科党支部", "张敏", "88", "2026Q2"),
    ]
    assert one(report).skipped == [(3, "分组行"), (6, "分组行")]
    assert one(report).context == {"quarter": "2026Q2", "part": "互评", "branch": "神经内科党支部、心内科党支部"}


def test_an_unmerged_blank_is_never_filled_down(take: Take) -> None:
    rows = [
        ["神经内科党支部会议台账"],
        ["会议时间", "会议类型", "主题"],
        ["2026-05-05", "支委会", "甲"],
        [None, "支委会", "乙"],
    ]
    assert problems(take({"会议": rows})) == [(4, "会议时间", "")]


DUES = [
    ["神经内科党支部党费登记表"], ["2026年度"], ["序号", "姓名", "1月", None, "2月", None, "合计", "备注"],
    [None, None, "应缴", "实缴", "应缴", "实缴"],
]  # fmt: skip


def test_months_with_due_and_paid_each_make_a_record(take: Take) -> None:
    rows = [
        *DUES, [1, "周明远", 20, 20, 20, None, 20], [2, "陈静姝", "—", "免缴", 15, "15元", 16, "2月起"], [3, "欧阳晨"],
        ["合计", None, 20, 20, 35, 15, 35],
    ]  # fmt: skip
    report = take({"党费": rows}, {"党费": ["A3:A4", "B3:B4", "C3:D3", "E3:F3", "G3:G4", "H3:H4"]})
    assert one(report).columns["2月/实缴"] == "month+paid"
    assert one(report).context == {"branch": "神经内科党支部", "month": "2026"}
    assert said(report, "member", "month", "due", "paid", "state") == [
        (5, "周明远", "2026-01", "20", "20", None), (5, "周明远", "2026-02", "20", None, None),
        (6, "陈静姝", "2026-01", None, None, "免缴"), (6, "陈静姝", "2026-02", "15", "15", None),
    ]  # fmt: skip
    assert one(report).skipped == [(7, "没有填写任何月份"), (8, "合计行")]
    assert warnings(report) == [(6, "合计", "16")]


def test_a_register_of_months_without_a_year_is_one_problem_of_the_sheet(take: Take) -> None:
    rows = [["神经内科党支部党费登记表"], ["姓名", "1月", "2月"], ["周明远", 20, 20]]
    report = take({"党费": rows})
    assert problems(report) == [(2, "月份", "")]
    assert one(report).counts["problem"] == 2


def test_a_month_that_stands_in_the_title_and_states_that_follow_from_amounts(take: Take) -> None:
    rows = [
        ["神经内科党支部2026年3月党费收缴明细表"], ["姓名", "应缴", "实缴", "缴纳情况"], ["周明远", 120, 120, "已缴"],
        ["陈静姝", 90, None, "已缴"], ["欧阳晨", 90, None, "免缴"],
    ]  # fmt: skip
    report = take({"3月": rows})
    assert said(report, "month", "paid", "state") == [
        (3, "2026-03", "120", "已缴"), (4, "2026-03", None, "已缴"), (5, "2026-03", None, "免缴"),
    ]  # fmt: skip
    assert warnings(report) == [(4, "缴纳情况", "已缴")]


def test_numbers_are_read_in_the_unit_of_their_heading(take: Take) -> None:
    rows = [
        ["三重一大台账"],
        ["决策事项", "类别", "会议日期", "金额（元）"],
        ["购置", "大额资金", "2026-03-01", 1350000],
    ]
    assert said(take({"三重一大": rows}), "amount") == [(3, "135")]
    rows = [
        ["神经内科党支部志愿服务台账"], ["活动日期", "活动名称", "类别", "参加党员", "时长（分钟）", "服务人次（万人次）"],
        ["2026-05-06", "甲", "义诊", "张敏", 90, 1.15], ["2026-05-07", "乙", "义诊", "张敏", "2小时", "3000余人次"],
    ]  # fmt: skip
    report = take({"志愿": rows})
    assert problems(report) == []
    assert said(report, "hours") == [(3, "1.5"), (4, "2")]
    assert said(report, "hours", "people_served") == [
        (3, "1.5", 11500), (4, "2", {"value": 3000, "qualifier": "余"}),
    ]  # fmt: skip


def test_several_winners_in_one_cell_are_a_record_each(take: Take) -> None:
    rows = [["荣誉台账"], ["荣誉名称", "获得者", "级别", "授予日期"], ["优秀党员", "周明远、陈静姝", "院级", "2026-06"]]
    assert said(take({"荣誉": rows}), "winner") == [(3, "周明远"), (3, "陈静姝")]


def test_failed_formulas_and_texts_like_formulas_are_problems_even_where_unknown(take: Take, party: Book) -> None:
    rows = [
        ["神经内科党支部党员花名册"], [*ROSTER, "籍贯"], [1, "新一", "0081", "正式党员", "#DIV/0!", None, "江苏"],
        [2, "新二", "0082", "正式党员", "2001", "'=1+1", "#REF!"],
    ]  # fmt: skip
    rows[3][5] = "＝1+1"
    report = take({"花名册": rows})
    assert [(row, column) for row, column, _ in problems(report)] == [(3, "入党日期"), (4, "籍贯")]


def test_id_numbers_are_never_whole_in_a_problem_and_disagreement_is_a_warning(take: Take) -> None:
    headings = ["姓名", "公民身份号码", "性别", "出生日期", "人员类别", "年龄"]
    rows = [
        ["神经内科党支部党员花名册"], ["填报日期：2026年9月30日"], headings,
        ["新一", "119900196804128035", "女", "1968-04", "正式党员", 57], ["新二", "119900196804128036", "男", "", "正式党员"],
        ["新三", 119900196804128035, "男", "1968-04-12", "正式党员"],
    ]  # fmt: skip
    report = take({"花名册": rows})
    assert [(row, column) for row, column, _ in problems(report)] == [(5, "公民身份号码"), (6, "公民身份号码")]
    assert warnings(report) == [(4, "性别", "女"), (4, "年龄", "57")]
    shown = str(report.document()["files"][0]["sheets"][0]["problems"])
    assert "119900196804" not in shown


@pytest.fixture
def marked(party: Book, sheet_file: Callable[..., Path]) -> Callable[[Rows], Report]:
    """Import a roster with the hidden identity column; `{own}` stands for the identity of the first member."""

    def call(rows: Rows) -> Report:
        with party.reading() as connection:
            own = connection.exec_driver_sql("SELECT uid || '.00000000.' FROM member WHERE id = 1").scalar()
        filled = [[cell.format(own=own) if isinstance(cell, str) else cell for cell in row] for row in rows]
        headings = ["姓名", "工号", "人员类别", "联系电话", "系统标识（勿改）"]
        return import_files(
            party, [sheet_file({"花名册": [["神经内科党支部党员花名册"], headings, *filled]})], Options()
        )

    return call


def test_a_hidden_identity_of_this_book_names_the_record(marked: Callable[[Rows], Report]) -> None:
    report = marked([["周明远新", "003001", "正式党员", None, "{own}"]])
    assert one(report).counts["changed"] == 1
    assert [(change.field, change.after) for change in one(report).drafts[0].changes] == [("name", "周明远新")]
    assert "系统标识(勿改)" not in {*one(report).columns, *one(report).extras}


def test_identities_of_another_book_and_of_copied_rows_are_left_aside(marked: Callable[[Rows], Report]) -> None:
    report = marked([
        ["新一", "0091", "正式党员", None, "0000000000000001.00000000."],
        ["周明远", "003001", "正式党员", None, "{own}"],
        ["新二", "0092", "正式党员", None, "{own}"],
    ])  # fmt: skip
    assert [draft.outcome for draft in one(report).drafts] == ["added", "unchanged", "added"]


def test_a_masked_value_that_comes_back_changes_nothing(marked: Callable[[Rows], Report]) -> None:
    assert one(marked([["周明远", "003001", "正式党员", "15400000001", None]])).counts["changed"] == 1
    report = marked([["周明远", "003001", "正式党员", "154****0001", "{own}"]])
    assert one(report).counts["unchanged"] == 1
    assert report.problem_count == 0


def test_a_date_cell_shown_as_a_month_is_a_month(party: Book, sheet_file: Callable[..., Path]) -> None:
    path = sheet_file({"花名册": [["神经内科党支部党员花名册"], ROSTER, [1, "新一", "0081", "正式党员", 31229]]})
    workbook = load_workbook(path)
    workbook["花名册"]["E3"].number_format = 'yyyy"年"m"月"'
    workbook.save(path)
    assert said(import_files(party, [path], Options(with_rows=True)), "joined_on") == [(3, "1985-07")]


def test_the_staff_number_beside_a_name_tells_namesakes_apart(take: Take) -> None:
    head, day = ["姓名", "职工号", "学习日期", "学习主题", "学时"], ["2026-08-05", "党章", 2]
    rows = [head, ["张敏", "004002", *day], ["张敏", "003003", *day], ["陈静姝", None, *day], ["周明远", "外聘", *day]]
    told = take({"学习学时台账": rows})
    assert not problems(told)
    assert [draft.resolved.stored["member_id"] for draft in one(told).drafts] == [6, 3, 2, 1]
    wrong = take({"学习学时台账": [head, ["陈静姝", "003003", *day], ["张敏", None, *day]]})
    assert problems(wrong) == [(2, "姓名", "陈静姝"), (3, "姓名", "张敏")]
    assert not wrong.written
