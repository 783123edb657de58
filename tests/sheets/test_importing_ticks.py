"""Registers in which marks stand for words: members × meetings, months paid, quarters of dues, and counts of who was away."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.importing import Report, SheetReport
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.shapes import legend
from partybuild_cli.sheets.importing.table import find_tables
from partybuild_cli.sheets.reading import Sheet

Take = Callable[..., Report]
Rows = list[list[Any]]


def read(take: Take, name: str, rows: Rows) -> SheetReport:
    return take({name: rows}).files[0].sheets[0]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("（√出席 ○请假 △缺席）", {"√": "出席", "○": "请假", "△": "缺席"}),
        ("说明：√表示参加；○代表请假，×为缺席。", {"√": "参加", "○": "请假", "×": "缺席"}),
        ("已缴打“√”，免缴△", {"√": "已缴", "△": "免缴"}),
        ("√出席 √请假", {}),
        ("签到册", {}),
    ],
)
def test_a_legend_says_what_marks_mean(text: str, means: dict[str, str]) -> None:
    rows = [[text], ["姓名", "月份", "实缴"], ["周明远", "1月", "30"]]
    assert legend(find_tables(Grid(Sheet("表", rows)))[0][0]) == means


def test_members_down_and_meetings_across_are_one_meeting_a_column(take: Take) -> None:
    sheet = read(take, "签到", [
        ["神经内科党支部2026年三会一课出席情况（√出席 ○请假 △缺席）"],
        ["序号", "姓名", "3月5日支部党员大会", "3月20日主题党日"],
        [1, "周明远", "√", "√"], [2, "陈静姝", "√", "○"], [3, "张敏", "△", "√"], [4, "欧阳晨", "√", None],
        ["合计", None, 3, 2],
    ])  # fmt: skip
    said = [(one.values["held_on"], one.values["kind"], sheet.context["branch"]) for one in sheet.drafts]
    assert said == [("2026-03-05", "支部党员大会", "神经内科党支部"), ("2026-03-20", "主题党日", "神经内科党支部")]
    assert not sheet.all_problems()
    assert [draft.values.get("absent") for draft in sheet.drafts] == ["张敏", None]
    assert [draft.values.get("on_leave") for draft in sheet.drafts] == [None, "陈静姝"]
    assert [draft.values.get("attendees") for draft in sheet.drafts] == ["周明远、陈静姝、欧阳晨", "周明远、张敏"]
    assert any("一列一次会议" in note for note in sheet.notes)


def test_words_in_place_of_marks_a_reason_and_two_lines_of_heading(take: Take) -> None:
    sheet = read(take, "2026年", [
        ["心内科党支部参会情况"],
        ["工号", "姓名", "4月2日", "4月16日"],
        [None, None, "党课", "支部党员大会"],
        ["004001", "吴振华", "到", "手术"], ["004002", "张敏", "到", "请假（出差）"],
    ])  # fmt: skip
    assert not sheet.all_problems()
    assert [draft.values["held_on"] for draft in sheet.drafts] == ["2026-04-02", "2026-04-16"]
    assert sheet.drafts[1].values["on_leave"] == "吴振华(004001)（手术）、张敏(004002)（出差）"


def test_a_mark_that_nothing_explains_is_named_and_not_guessed(take: Take) -> None:
    rows = [
        ["神经内科党支部2026年签到册"],
        ["姓名", "3月5日党课", "4月2日党课"],
        ["周明远", "√", "●"],
        ["陈静姝", "√", "√"],
    ]
    with pytest.raises(Unfit, match=re.escape("第 3 行的“●”没有说明是什么意思")):
        read(take, "签到", rows)


def test_months_that_are_ticked_as_paid(take: Take) -> None:
    sheet = read(take, "党费", [
        ["心内科党支部2026年党费缴纳登记（已缴打√，免缴△）"], ["姓名", "月缴党费", "1月", "2月"],
        ["吴振华", 30, "√", "√"], ["张敏", 20, "√", "△"],
    ])  # fmt: skip
    assert not sheet.all_problems()
    paid = [(one.values["month"], str(one.values.get("paid")), one.values.get("state")) for one in sheet.drafts]
    assert paid[0] == ("2026-01", "30", "已缴")
    assert paid[3] == ("2026-02", "None", "免缴")


def test_a_tick_for_money_without_a_legend_is_a_problem(take: Take) -> None:
    sheet = read(
        take, "党费", [["心内科党支部2026年党费"], ["姓名", "月缴党费", "1月", "2月"], ["吴振华", 30, "√", 30]]
    )
    assert [row for row, _ in sheet.all_problems()] == [3]


def test_a_quarter_is_three_months_only_where_the_sheet_says_so(take: Take) -> None:
    title = ["神经内科党支部2026年党费收缴表"]
    sheet = read(
        take,
        "党费",
        [title, ["姓名", "每月应缴", "一季度", "二季度"], ["周明远", 30, 90, None], ["陈静姝", 20, 60, 50]],
    )
    paid = [(one.row, one.values["month"], str(one.values.get("paid"))) for one in sheet.drafts]
    assert paid[:3] == [(3, "2026-01", "30"), (3, "2026-02", "30"), (3, "2026-03", "30")]
    ((row, finding),) = sheet.all_problems()
    assert (row, finding.column, finding.value) == (4, "二季度", "50")
    bare = read(take, "党费", [title, ["姓名", "第一季度", "第二季度"], ["周明远", 90, 90], ["陈静姝", 60, 0]])
    assert {finding.column for _, finding in bare.all_problems()} == {"第一季度", "第二季度"}


def test_counts_of_leave_and_absence_are_checked(take: Take) -> None:
    sheet = read(take, "会议", [
        ["神经内科党支部会议汇总"], ["召开时间", "会议类型", "会议议题", "请假人数", "缺席人数", "请假人员"],
        ["2026-03-05", "支部党员大会", "学习", 2, 0, "张敏（手术）"],
        ["2026-03-06", "支部党员大会", "学习", 1, 0, "张敏（手术）"],
    ])  # fmt: skip
    said = [(draft.row, one.column, one.value) for draft in sheet.drafts for one in draft.warnings]
    assert said == [(3, "请假人数", "2")]


@pytest.mark.parametrize(
    ("heading", "said", "title"),
    [("缴费月份", "1-3月", "2026年党费收缴表"), ("所属季度", "第一季度", "2026年党费收缴表"), (None, None, "2026年第一季度党费收缴表")],
)  # fmt: skip
@pytest.mark.parametrize("monthly", ["每月应缴", "月缴标准"])
def test_a_row_of_three_months_is_read_where_it_says_what_a_month_is(
    take: Take, heading: str | None, said: str | None, title: str, monthly: str
) -> None:
    span = [heading] if heading else []
    rows = [[f"神经内科党支部{title}"], ["姓名", *span, monthly, "应缴", "实缴"]]
    rows += [["周明远", *([said] * len(span)), 30, 90, 90], ["陈静姝", *([said] * len(span)), 20, 60, 50]]
    sheet = read(take, "党费", rows)
    assert [(one.values["month"], str(one.values["due"]), str(one.values["paid"])) for one in sheet.drafts[:3]] == [
        (f"2026-0{month}", "30", "30") for month in (1, 2, 3)
    ]
    assert [(row, one.column, one.value) for row, one in sheet.all_problems()] == [(4, "实缴", "50")]


def test_one_amount_beside_columns_of_months_is_never_every_months(take: Take) -> None:
    head = ["姓名", "1月应缴", "2月应缴", "3月应缴", "实缴"]
    sheet = read(take, "党费", [
        ["神经内科党支部2026年党费收缴表"], head,
        ["周明远", 30, 30, 30, 90], ["陈静姝", 20, 20, 20, 20], ["欧阳晨", 20, 20, 20, 50], ["张敏", 10, 10, 10, 0],
    ])  # fmt: skip
    assert {row for row, _ in sheet.all_problems()} == {4, 5}
    assert [str(one.values.get("paid")) for one in sheet.drafts if one.row == 3] == ["30"] * 3
    assert [str(one.values.get("paid")) for one in sheet.drafts if one.row == 6] == ["0"] * 3


def test_what_is_due_for_the_year_is_no_months(take: Take) -> None:
    sheet = read(take, "党费", [
        ["神经内科党支部2026年党费收缴表"], ["姓名", "应缴", "1月", "2月", "3月", "4月"],
        ["周明远", 120, 30, 30, 30, None], ["陈静姝", 20, 20, 20, 10, 0], ["欧阳晨", 90, 30, None, None, None],
        ["张敏", 60, 20, 20, 20, None],
    ])  # fmt: skip
    due = {row: [str(one.values.get("due")) for one in sheet.drafts if one.row == row] for row in (3, 4, 6)}
    assert due == {3: ["30"] * 3, 4: ["20"] * 4, 6: ["20"] * 3}
    assert [(row, one.column, one.value) for row, one in sheet.all_problems()] == [(5, "应缴", "90")]


HEAD = ["会议主题：学习全会精神专题党课", "", "时间：2026年3月5日", "地点：二楼"]


@pytest.mark.parametrize("column", ["签到", "签到情况", "是否到会", "签名"])
def test_who_did_not_sign_is_no_participant(take: Take, column: str) -> None:
    sheet = read(take, "签到", [
        ["神经内科党支部会议签到表（×为缺席）"], HEAD, ["序号", "姓名", column],
        [1, "周明远", "√"], [2, "陈静姝", None], [3, "张敏", "请假"], [4, "欧阳晨", "×"],
    ])  # fmt: skip
    assert not sheet.all_problems()
    values = sheet.drafts[0].values
    assert [values[key] for key in ("attendees", "on_leave", "absent", "place")] == ["周明远", "张敏", "欧阳晨", "二楼"]
    assert sheet.skipped == [(5, "没有签到")]


def test_a_mark_beside_a_name_that_nothing_explains_is_a_problem_of_its_row(take: Take) -> None:
    rows = [["神经内科党支部会议签到表"], HEAD, ["姓名", "签到"], ["周明远", "√"], ["陈静姝", "△"]]
    sheet = read(take, "签到", rows)
    said = [(row, one.value, one.message) for row, one in sheet.all_problems()]
    assert said == [
        (4, "", "与第 5 行是同一次活动，那一行有问题"),
        (5, "△", "没有说明是什么意思；请写明到会、请假或缺席"),
    ]


def test_a_list_that_nobody_has_signed_yet_is_said_to_be_read_as_those_who_came(take: Take) -> None:
    sheet = read(
        take, "签到", [["神经内科党支部会议签到表"], HEAD, ["姓名", "签名"], ["周明远", None], ["陈静姝", None]]
    )
    assert sheet.drafts[0].values["attendees"] == "周明远、陈静姝"
    assert "“签名”一栏是空的，名单上的人都按参加读取，请核对" in sheet.notes


def test_who_was_away_from_a_training_has_no_hours(take: Take) -> None:
    sheet = read(take, "培训", [
        ["学习培训签到表"], ["培训内容：党章", "培训时间：2026年3月5日", "学时：2"], ["姓名", "科室", "签到"],
        ["周明远", "神内", "√"], ["陈静姝", "神内", None], ["欧阳晨", "神内", "值班"],
    ])  # fmt: skip
    assert [one.values["member"] for one in sheet.drafts] == ["周明远"]
    assert sheet.skipped == [(5, "没有签到"), (6, "值班，没有参加")]


def test_a_problem_of_one_participant_stands_in_his_row(take: Take) -> None:
    sheet = read(take, "志愿", [
        ["志愿者姓名", "活动名称", "服务类别", "服务日期", "服务时长"],
        ["周明远", "测血压", "社区服务", "2026-03-05", 3], ["外人甲", "测血压", "社区服务", "2026-03-05", 2],
    ])  # fmt: skip
    assert [(row, one.value) for row, one in sheet.all_problems()] == [(2, ""), (3, "外人甲")]
