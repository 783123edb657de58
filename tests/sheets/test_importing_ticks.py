"""Registers in which marks stand for words: members × meetings, months paid, quarters of dues, and counts of who was away."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.importing import Report, SheetReport
from partybuild_cli.sheets.importing.ticks import legend

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
    assert legend([text]) == means


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
