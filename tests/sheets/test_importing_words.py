"""Ledgers in other people's words and layouts: months, sentences about who came, exports of other systems."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest

from partybuild_cli.sheets.importing import Report, SheetReport

Take = Callable[..., Report]
Rows = Sequence[Sequence[Any]]


def read(take: Take, rows: Rows) -> SheetReport:
    (sheet,) = take({"表": rows}).sheets
    return sheet


def said(sheet: SheetReport, *keys: str) -> list[Any]:
    """What the rows without a problem say in one column, or in several."""
    rows = [one["values"] for one in sheet.records or () if one["outcome"] != "problem"]
    return [row.get(keys[0]) if len(keys) == 1 else tuple(row.get(key) for key in keys) for row in rows]


def told(sheet: SheetReport) -> list[str]:
    return [finding.message for _, finding in sheet.all_problems()]


def test_month_and_year_values_make_no_form_of_a_roster(take: Take) -> None:
    head = ["姓名", "出生年月", "入党时间", "转正时间", "支部", "政治面貌"]
    sheet = read(take, [head, ["甲一", "1989年2月", "2015年6月", "2016年6月", "心内科党支部", "中共党员"]])
    assert said(sheet, "name", "born_on", "joined_on", "full_on") == [("甲一", "1989-02", "2015-06", "2016-06")]


@pytest.mark.parametrize(
    "months", [["2026.1", "2026.2", "2026.3"], [datetime(2026, month, 1) for month in (1, 2, 3)]], ids=["text", "days"]
)
def test_months_as_numbers_or_first_days_head_their_columns(take: Take, months: list[Any]) -> None:
    sheet = read(take, [["神经内科党支部党费登记"], ["姓名", *months, "合计"], ["周明远", 90, 90, 60, 240]])
    assert said(sheet, "month", "paid") == [("2026-01", "90"), ("2026-02", "90"), ("2026-03", "60")]


def test_the_sum_of_a_quarter_whose_months_have_columns_is_no_dues(take: Take) -> None:
    rows = [["2026年党费"], ["姓名", "1月", "2月", "3月", "第一季度小计"], ["周明远", 90, 90, 60, 240]]
    sheet = read(take, rows)
    assert said(sheet, "month", "paid") == [("2026-01", "90"), ("2026-02", "90"), ("2026-03", "60")]
    assert sheet.extras == ["第一季度小计"]


@pytest.mark.parametrize(
    ("sentence", "away"),
    [
        ("应到4人，实到3人，请假1人（欧阳晨夜班）", ["欧阳晨"]),
        ("应到会4人,实到会3人,请假1人:欧阳晨", ["欧阳晨"]),
        ("应到 4 人，实到 3 人，请假 1 人：欧阳晨（夜班）。", ["欧阳晨"]),
        ("应到党员4名；实到2名；其中请假2名(欧阳晨（夜班）、陈静姝（产假）)", ["欧阳晨", "陈静姝"]),
    ],
)
def test_a_sentence_that_counts_who_came_is_read(take: Take, sentence: str, away: list[str]) -> None:
    head = ["支部", "时间", "会议类型", "主题", "参会情况"]
    sheet = read(take, [head, ["神经内科党支部", "2026-03-05", "支部党员大会", "转正", sentence]])
    assert sheet.columns["参会情况"] == "due+present+leave_count+on_leave"
    [found] = said(sheet, "on_leave")
    assert [one["name"] for one in found] == away


def test_a_latin_name_in_a_sentence_keeps_its_blanks(take: Take) -> None:
    roster = [["姓名", "工号", "支部", "人员类别"], ["Anna Liu", "0777", "神经内科党支部", "正式党员"]]
    assert take({"花名册": roster}).written
    head = ["支部", "时间", "会议类型", "主题", "参会情况"]
    sentence = "应到5人，请假1人（Anna Liu）"
    sheet = read(take, [head, ["神经内科党支部", "2026-03-05", "支部党员大会", "转正", sentence]])
    assert said(sheet, "on_leave") == [[{"name": "Anna Liu", "reason": None}]]


def test_other_sentences_about_who_came_stop_the_sheet(take: Take) -> None:
    head = ["支部", "时间", "会议类型", "主题", "到会情况"]
    rows = [head, ["神经内科党支部", "2026-03-05", "支部党员大会", "转正", "除值班的同志外均参加"]]
    sheet = read(take, rows)
    assert sheet.counts["added"] == 0
    assert "--map 到会情况=" in told(sheet)[0]
    mixed = read(
        take,
        [
            *rows[:1],
            [*rows[1][:4], "应到4人，实到4人"],
            ["神经内科党支部", "2026-04-05", "支部党员大会", "评优", "基本到齐"],
        ],
    )
    assert [finding.column for _, finding in mixed.all_problems()] == ["到会情况"]


def test_who_did_not_sign_in_was_not_there(take: Take) -> None:
    head = ["会议主题", "会议类型", "召开支部", "会议开始时间", "签到人", "签到时间", "签到状态"]
    meeting = ["学党章", "党课", "神经内科党支部", "2026-03-10 15:00"]
    rows = [
        [*meeting, name, None, state]
        for name, state in (("周明远", "已签到"), ("陈静姝", "已签到"), ("欧阳晨", "未签到"))
    ]
    sheet = read(take, [head, *rows])
    assert [[one["name"] for one in sheet.records[0]["values"][key]] for key in ("attendees", "absent")] == [
        ["周明远", "陈静姝"],
        ["欧阳晨"],
    ]


def test_a_day_alone_is_of_the_month_that_the_sheet_says(take: Take) -> None:
    rows = [
        ["神经内科党支部主题党日记录（2026年）"],
        ["日期", "主题", "请假人员"],
        ["5日", "植树", "无"],
        ["19号", "学雷锋", "无"],
    ]
    (sheet,) = take({"3月": rows}).sheets
    assert said(sheet, "held_on") == ["2026-03-05", "2026-03-19"]
    (nowhere,) = take({"记录": rows}).sheets
    assert nowhere.counts["problem"] == 2


@pytest.mark.parametrize(
    ("heading", "key", "value"),
    [("党派时间", "joined_on", "2014-06"), ("何时转正", "full_on", "2014-06"), ("Party Joining Date", "joined_on", "2014-06"), ("SZDZB", "branch", "心内科党支部")],
)  # fmt: skip
def test_headings_of_other_personnel_systems(take: Take, heading: str, key: str, value: str) -> None:
    others = [["姓名", "甲一"], ["工号", "0901"], ["政治面貌", "中共党员"], ["政治身份备注", "无"]]
    home = [] if key == "branch" else [["支部", "心内科党支部"]]
    first = [] if key != "full_on" else [["入党时间", "2013-06"]]
    columns = [*others, *home, *first, [heading, value]]
    sheet = read(take, [[name for name, _ in columns], [cell for _, cell in columns]])
    assert sheet.columns[heading.replace(" ", "")] == key
    assert said(sheet, key) == [value]


@pytest.mark.parametrize(("payer", "day"), [("缴费人", "代扣日期"), ("交款人", "扣缴时间")])
def test_dues_by_whom_and_when_they_were_paid(take: Take, payer: str, day: str) -> None:
    head = [payer, "党支部", "费款所属月份", "缴费金额(元)", day, "经办人"]
    sheet = read(take, [head, ["周明远", "神经内科党支部", "2026年03月", 120, "2026-03-15 12:00:01", "陈静姝"]])
    assert said(sheet, "month", "paid", "paid_on") == [("2026-03", "120", "2026-03-15")]


def test_who_filled_in_a_sheet_was_not_at_the_meeting_for_it(take: Take) -> None:
    head = ["支部", "组织生活类型", "党课时间", "党课题目", "填报人"]
    sheet = read(take, [head, ["神经内科党支部", "党课", "2026-05-06", "廉洁行医", "陈静姝"]])
    assert (said(sheet, "held_on", "topic"), sheet.extras) == ([("2026-05-06", "廉洁行医")], ["填报人"])
    assert "attendees" not in sheet.columns.values()


def test_two_rows_a_member_say_what_is_due_and_what_was_paid(take: Take) -> None:
    rows = [["2026年党费"], ["姓名", "项目", "1月", "2月"], ["周明远", "应交", 90, 90], ["周明远", "实交", 90, 0]]
    sheet = read(take, rows)
    assert sheet.counts["added"] == 2
    assert said(sheet, "month", "due", "paid")[:2] == [("2026-01", "90", "90"), ("2026-02", "90", "0")]


def test_a_row_that_does_not_say_which_of_the_two_it_is_is_a_problem(take: Take) -> None:
    """And no crash: what a column says in nearly all rows it need not say in all of them."""
    rows = [["2026年党费"], ["姓名", "项目", "1月", "2月"], ["周明远", "应交", 90, 90], ["周明远", None, 90, 0]]
    sheet = take({"表": rows}).sheets[0]
    assert [(row, one.column) for row, one in sheet.all_problems()] == [(3, ""), (4, "项目")]


def test_paid_or_not_is_a_state(take: Take) -> None:
    head = ["支部", "姓名", "应缴金额", "是否缴纳"]
    rows = [["2026年5月党费"], head, ["神经内科党支部", "周明远", 120, "是"], ["神经内科党支部", "陈静姝", 40, "否"]]
    assert said(read(take, rows), "due", "paid") == [("120", "120"), ("40", None)]


def test_a_row_about_several_people_is_one_record_each(take: Take) -> None:
    study = read(take, [["学习日期", "学习主题", "参加人员", "学时"], ["2026-03-12", "条例", "周明远、陈静姝", 2]])
    assert said(study, "member", "hours") == [("周明远", "2"), ("陈静姝", "2")]
    talk = read(take, [["谈话时间", "谈话人", "谈话对象"], ["2026-02-03", "周明远", "陈静姝、欧阳晨"]])
    assert said(talk, "subject") == ["陈静姝", "欧阳晨"]
    dues = read(take, [["姓名", "月份", "应缴", "实缴"], ["周明远、陈静姝", "2026-03", 90, 90]])
    assert dues.counts["problem"] == 1


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (("周明远、陈静姝", "欧阳晨（出差）"), {"出席": "attendees", "请假": "on_leave"}),
        ((3, 1), {"出席": "present", "请假": "leave_count"}),
    ],
)
def test_bare_words_are_names_or_numbers_as_the_values_say(
    take: Take, cells: tuple[Any, Any], read_as: dict[str, str]
) -> None:
    head = ["支部", "时间", "会议类型", "主题", "出席", "请假", "记录"]
    sheet = read(take, [head, ["神经内科党支部", "2026-03-05", "支委会", "总结", *cells, "陈静姝"]])
    assert {name: sheet.columns[name] for name in read_as} == read_as
    assert sheet.columns["记录"] == "recorder"


def test_what_was_passed_on_is_the_topic_where_the_name_of_the_meeting_is_its_kind(take: Take) -> None:
    rows = [
        ["神经内科党支部“第一议题”学习台账"],
        ["学习日期", "会议名称", "第一议题学习内容", "传达人", "参加人员"],
        ["2026-03-03", "支委会", "重要讲话精神", "周明远", "周明远、陈静姝"],
    ]
    sheet = read(take, rows)
    assert said(sheet, "held_on", "kind", "topic", "lecturer") == [("2026-03-03", "支委会", "重要讲话精神", "周明远")]


def test_blocks_of_a_list_to_sign_are_one_meeting(take: Take) -> None:
    rows = [
        ["神经内科党支部主题党日签到"],
        ["时间：2026年8月3日", "主题：送健康下乡"],
        ["姓名", "签到", "姓名", "签到"],
        ["周明远", "√", "欧阳晨", "请假"],
        ["陈静姝", "√"],
    ]
    sheet = read(take, rows)
    assert (sheet.counts["added"], sheet.counts["problem"]) == (1, 0)
    [first, *_] = said(sheet, "attendees", "on_leave", "held_on")
    assert [[one["name"] for one in some] for some in first[:2]] == [["周明远", "陈静姝"], ["欧阳晨"]]
    assert "行号从第二栏起顺延" in sheet.notes[0]


def test_a_latin_name_in_an_unknown_column_speaks_of_who_took_part(take: Take) -> None:
    roster = [["姓名", "工号", "支部", "人员类别"], ["Anna Liu", "0777", "神经内科党支部", "正式党员"]]
    assert take({"花名册": roster}).written
    head = ["支部", "时间", "会议类型", "主题", "到场情形"]
    rows = [["神经内科党支部", f"2026-03-0{day}", "支委会", "总结", "Anna Liu（值班）"] for day in (5, 6)]
    assert "--map 到场情形=" in told(read(take, [head, *rows]))[0]
