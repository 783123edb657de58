"""Workbooks as other systems and other hands make them: exports, questionnaires, forms, lists of other kinds."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.registry import record
from partybuild_cli.sheets.importing import Report, SheetReport
from partybuild_cli.sheets.importing.context import with_year
from partybuild_cli.sheets.importing.recognise import how_to_map

Take = Callable[..., Report]
Rows = list[list[Any]]


def read(take: Take, rows: Rows, name: str = "Sheet1") -> SheetReport:
    return take({name: rows}).files[0].sheets[0]


def test_a_staff_export_in_english(take: Take) -> None:
    sheet = read(take, [
        ["Employee No.", "Full Name", "Gender", "Date of Birth", "Political Status", "Party Branch", "Date of Joining Party"],
        ["005001", "李秋月", "F", "1985-03-12", "中共党员", "神经内科党支部", "2012-06-30"],
        ["005002", "王五一", "Male", "1990-01-02", "群众", None, None],
    ])  # fmt: skip
    assert not sheet.all_problems()
    assert [(one.values["name"], one.values["gender"]) for one in sheet.drafts] == [("李秋月", "女")]
    assert sheet.skipped == [(3, "群众，不是党员")]


def test_a_category_of_posts_is_said_to_be_something_else(take: Take) -> None:
    sheet = read(take, [
        ["工号", "姓名", "人员类别", "政治面貌", "入党时间", "所属支部"],
        ["005001", "李秋月", "在编", "中共党员", "2012-06-30", "心内科党支部"],
        ["005003", "赵六二", "编外", "中共预备党员", "2026-01-05", "心内科党支部"],
    ])  # fmt: skip
    assert sheet.columns["政治面貌"] == "category"
    assert "“人员类别”的内容不像我们的“人员类别”，由别的列读取，这一列原样保留" in sheet.notes


@pytest.mark.parametrize(
    ("second", "hours", "lacking"), [("导诊", 2, set()), ("导诊", 3, {"类别"}), ("陪检", 2, {"类别"})]
)
def test_a_questionnaire_of_volunteers_lacks_the_kind_where_a_name_says_none_or_hours_differ(
    take: Take, second: str, hours: int, lacking: set[str]
) -> None:
    sheet = read(take, [
        ["序号", "提交答卷时间", "来源", "1、您的姓名", "2、您的工号", "3、参加志愿服务的日期", "4、志愿服务项目名称", "5、服务时长（小时）"],
        [1, "2026/3/8 10:00:01", "微信", "周明远", "003001", "2026-03-07", "导诊", 2],
        [2, "2026/3/8 10:05:01", "微信", "陈静姝", "003002", "2026-03-07", second, hours],
    ])  # fmt: skip
    assert sheet.record is record("service")
    assert {finding.column for _, finding in sheet.all_problems()} == lacking


def test_the_kind_of_service_and_of_a_pair_stands_in_the_title(take: Take) -> None:
    clinic = read(take, [
        ["下乡义诊情况登记"], ["义诊日期", "义诊地点", "参加党员", "服务群众人数", "义诊主题"],
        ["2026/4/12", "东乡卫生院", "周明远、陈静姝", "120人次", "卒中筛查"],
    ])  # fmt: skip
    assert clinic.context["kind"] == "义诊"
    assert clinic.drafts[0].outcome == "added"
    pair = read(
        take,
        [["师徒结对登记"], ["师傅", "徒弟", "结对时间", "党支部"], ["周明远", "李新新", "2026年3月", "神经内科党支部"]],
    )
    assert pair.context["kind"] == "师徒"
    assert pair.drafts[0].outcome == "added"


def test_a_sign_in_export_is_asked_about_and_not_thrown_away(take: Take) -> None:
    rows = [["活动名称", "活动时间", "签到人", "签到时间"], ["社区义诊", "2026-04-11", "周明远", "2026-04-11 08:30"]]
    with pytest.raises(Unfit, match=re.escape("--ledger service")):
        read(take, rows, "活动签到")


@pytest.mark.parametrize("title", ["七一走访慰问困难党员名单", "党员培训班报名表"])
def test_a_list_of_another_kind_is_no_roster_whatever_its_columns(take: Take, title: str) -> None:
    rows = [
        [title],
        ["姓名", "性别", "入党时间", "人员类别", "党支部"],
        ["李秋月", "男", "2010-07-01", "正式党员", "心内科党支部"],
    ]
    with pytest.raises(Unfit, match="不是要导入的台账"):
        read(take, rows)


def test_phrases_of_who_stayed_away(take: Take) -> None:
    sheet = read(take, [
        ["神经内科党支部2026年三会一课记录"], ["日期", "会议名称", "类型", "到会情况", "未到会人员及原因"],
        ["3.5", "学习", "支部党员大会", "全体党员", "无"],
        ["3月19日", "党课一", "党课", "除请假外全部到会", "张敏因出差请假、欧阳晨手术"],
        ["四月二十一日", "学习二", "党员大会", "3人", "张敏 值班"],
    ])  # fmt: skip
    assert sheet.columns["未到会人员及原因"] == "absent"
    assert not sheet.all_problems()
    assert [draft.values["held_on"] for draft in sheet.drafts] == ["2026-03-05", "2026-03-19", "2026-04-21"]
    assert [draft.values.get("absent") for draft in sheet.drafts][1:] == ["张敏因出差请假、欧阳晨手术", "张敏 值班"]


def test_the_day_in_the_sheets_name_is_the_meetings_where_no_column_speaks_of_one(take: Take) -> None:
    rows = [
        ["神经内科党支部会议记录"],
        ["会议议题", "主持人", "请假人员"],
        ["研究发展党员", "周明远", "陈静姝（手术）"],
    ]
    sheet = read(take, rows, "2026.3.5支委会")
    assert (sheet.context["held_on"], sheet.drafts[0].outcome) == ("2026-03-05", "added")
    planned = read(take, [rows[0], [*rows[1], "计划时间"], [*rows[2], "2026-04-01"]], "2026.3.6支委会")
    assert [finding.column for row, finding in planned.all_problems() if row == 2] == ["时间"]
    filled = read(take, [["填报日期：2026年3月9日"], *rows], "支委会")
    assert [finding.column for row, finding in filled.all_problems() if row == 3] == ["时间"]


def test_a_form_with_one_known_label_below_another_is_no_table_of_rows(take: Take) -> None:
    sheet = read(take, [
        ["谈心谈话记录表"], ["谈话人", "周明远", "谈话对象", "陈静姝"], ["谈话时间", "2026年3月5日", "谈话地点", "办公室"],
        ["谈话内容", "工作与家庭"],
    ])  # fmt: skip
    ((values, extras),) = [(draft.values, draft.extras) for draft in sheet.drafts]
    assert (values["talker"], values["subject"], values["talked_on"]) == ("周明远", "陈静姝", "2026-03-05")
    assert extras == {"谈话地点": "办公室"}


def test_the_day_of_an_application(take: Take) -> None:
    sheet = read(take, [
        ["发展党员工作进程表"], ["姓名", "申请入党时间", "确定为积极分子时间", "培养联系人", "支部"],
        ["李新新", "2024-03-01", "2024-12-01", "周明远、陈静姝", "神经内科党支部"],
    ])  # fmt: skip
    assert sheet.columns["申请入党时间"] == "applied_on"


@pytest.mark.parametrize(
    ("said", "day"),
    [("四月二日", "2026年4月2日"), ("十二月三十一日", "2026年12月31日"), ("五月廿三号", "2026年5月23日")],
)
def test_days_in_chinese_numerals(said: str, day: str) -> None:
    assert with_year(record("meeting").columns["held_on"].kind, said, "2026") == day  # type: ignore[arg-type]


def test_what_to_do_about_a_column_that_nothing_can_be(take: Take) -> None:
    assert "加一列“方面”，或者在每组前面单独写一行" in how_to_map([], record("task").columns["area"])
    assert "--map 类型说明=kind" in how_to_map(["类型说明"], record("service").columns["kind"])


@pytest.mark.parametrize("heading", ["会议内容主题", "会议主题及内容", "主题内容"])
def test_a_heading_of_topic_and_content_is_the_topic(take: Take, heading: str) -> None:
    rows = [["支部", "会议类型", "会议时间", heading], ["心内科党支部", "党课", "2026-03-05", "学习条例"]]
    assert read(take, rows).columns[heading] == "topic"


@pytest.mark.parametrize("title", ["主题党日活动统计", "党课台账", "支委会记录"])
def test_a_title_that_names_a_meeting_makes_no_volunteering(take: Take, title: str) -> None:
    rows = [[f"心内科党支部2026年{title}"], ["活动名称", "日期", "时长"], ["参观纪念馆", "3月5日", 2]]
    sheet = read(take, rows)
    assert (sheet.ledger, sheet.counts["added"], sheet.extras) == ("meeting", 1, ["时长"])


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (["荣誉名称", "获得者", "级别", "授予单位"], ["先进", "心内科党支部", "市厅级", "市委"]),
        (["荣誉名称", "获奖单位", "级别", "授予单位"], ["先进", "心内科党支部", "市厅级", "市委"]),
        (["方面", "目标任务", "责任人", "完成时限"], ["组织建设", "换届", "心内科党支部", "2026-05-01"]),
        (["方面", "目标任务", "责任单位", "责任人", "完成时限"], ["组织建设", "换届", "心内科党支部", "医务科", "2026-05-01"]),
        (["结对方", "被结对方", "结对类型", "开始日期"], ["心内科党支部", "东街社区党支部", "支部共建", "2026-05-01"]),
    ],
)  # fmt: skip
def test_the_branch_of_a_record_is_the_one_that_it_names(take: Take, head: list[str], row: list[str]) -> None:
    sheet = read(take, [head, row])
    assert not sheet.all_problems()
    assert sheet.drafts[0].values["branch"] == "心内科党支部"


def test_what_holds_for_the_whole_table_is_asked_where_nothing_says_it(take: Take) -> None:
    asked: list[str] = []

    def answer(question: Any) -> str:
        asked.append(question.sentence)
        return str(question.choices[1][0])

    tasks = [["方面", "目标任务", "责任人", "完成时限"], ["组织建设", "换届", "医务科", "2026-05-01"]]
    alone = read(take, tasks)
    assert any("没有写明“所在党支部”，这些记录不算在哪个支部" in note for note in alone.notes)
    sheet = take({"任务": tasks}, ask=answer, dry_run=True).sheets[0]
    assert sheet.drafts[0].values["branch"] == "心内科党支部"
    assert "表里没有写明党支部，按回答的“心内科党支部”计" in sheet.notes
    meetings = [["2026年会议"], ["议题", "时间", "主持人", "参会人员"], ["学习", "3月5日", "吴振华", "全体党员"]]
    sheet = take({"会议": meetings}, ask=answer, dry_run=True).sheets[0]
    assert (sheet.counts["problem"], sheet.drafts[0].values["kind"]) == (0, "支委会")
    assert [sentence.partition("没有写明")[2] for sentence in asked] == [
        "“所在党支部”，是哪一个？",
        "“会议类型”，是哪一个？",
    ]


def test_what_looks_like_a_label_beside_a_label_is_its_value(take: Take) -> None:
    sheet = read(take, [
        ["支部会议记录"], ["会议类型", "支委会", "时间", "2026年3月5日"], ["地点", "会议室", "主持人", "周明远"],
        ["应到人数", 2, "缺席人员及原因", "陈静姝（手术）"], ["会议议题", "研究发展党员"], ["会议内容", "略"],
    ])  # fmt: skip
    assert not sheet.all_problems()
    values = sheet.drafts[0].values
    assert (values["place"], values["host"], values["absent"]) == ("会议室", "周明远", "陈静姝（手术）")


def test_whose_probation_ended_the_values_say_where_the_sheet_speaks_of_both(take: Take) -> None:
    head = ["工号", "姓名", "入职日期", "转正日期", "政治面貌", "入党日期", "所属支部"]
    where = "心内科党支部"
    sheet = read(take, [
        head, ["009001", "甲一", "2010-07-01", "2010-10-01", "中共党员", "2008-06-30", where],
        ["009002", "甲二", "2012-07-01", "2012-10-01", "群众", None, None], ["009003", "甲三", "2012-07-01", "2012-10-01", "预备党员", "2025-10-01", where],
    ])  # fmt: skip
    assert (sheet.extras, "“转正日期”在这张表里是劳动合同的转正，这一列原样保留" in sheet.notes) == (
        ["入职日期", "转正日期"],
        True,
    )
    party = read(take, [
        head, ["009004", "甲四", "2010-07-01", "2009-06-30", "中共党员", "2008-06-30", where],
        ["009005", "甲五", "2012-07-01", None, "预备党员", "2025-10-01", where],
    ])  # fmt: skip
    assert party.columns["转正日期"] == "full_on"


def test_hours_by_month_are_no_dues(take: Take) -> None:
    rows = [["2026年志愿服务时长（小时）"], ["姓名", "1月", "2月", "3月"], ["周明远", 2, 3, 4]]
    with pytest.raises(Unfit, match="看不出各月的数是什么；是党费的话请在标题里写上“党费”"):
        read(take, rows)
    assert read(take, [["2026年缴纳党费"], *rows[1:]]).counts["added"] == 3
    assert read(take, [["2026年登记"], ["姓名", "月缴党费", "4月", "5月"], ["周明远", 30, 30, 30]]).ledger == "dues"


def test_a_payment_under_another_word_or_a_word_for_one(take: Take) -> None:
    title = ["2026年3月党费明细"]
    deducted = read(take, [title, ["姓名", "计缴基数", "代扣党费"], ["周明远", 5000, 50]])
    assert str(deducted.drafts[0].values["paid"]) == "50"
    stated = read(
        take, [title, ["姓名", "应缴金额(元)", "缴费状态"], ["周明远", "50.00", "已缴费"], ["陈静姝", "35", "未缴费"]]
    )
    assert [str(one.values.get("paid")) for one in stated.drafts] == ["50.00", "None"]
    unknown = read(take, [title, ["姓名", "计缴基数", "党费款项"], ["周明远", 5000, 50]])
    assert [finding.column for _, finding in unknown.all_problems()] == ["党费款项"]


def test_rows_of_meetings_planned_and_held_are_no_form(take: Take) -> None:
    sheet = read(take, [
        ["神经内科党支部2026年三会一课落实情况"], ["月份", "会议类型", "主题", "计划时间", "实际召开时间"],
        ["3月", "主题党日", "学雷锋", "3月上旬", "3月5日"], ["4月", "党课", "条例", "4月中旬", "4月16日"],
    ])  # fmt: skip
    assert [one.values["held_on"] for one in sheet.drafts] == ["2026-03-05", "2026-04-16"]


def test_an_honour_of_a_year_is_dated_by_it(take: Take) -> None:
    head = ["年度", "获奖人", "荣誉名称", "授予单位", "级别"]
    rows = [[year, "周明远", "优秀党员", "医院党委", "院级"] for year in ("2025", "2026年度")]
    sheet = read(take, [head, *rows])
    assert ([one.values["awarded_on"] for one in sheet.drafts], sheet.all_problems()) == (["2025", "2026"], [])


@pytest.mark.parametrize(
    ("said", "due"),
    [("2026年12月底", "2026-12"), ("6月底前", "2026-06"), ("2026年底前", "2026"), ("6月30日前", "2026-06-30")],
)
def test_a_deadline_by_the_end_of_something(take: Take, said: str, due: str) -> None:
    rows = [["2026年任务清单"], ["方面", "目标任务", "责任人", "完成时间要求"], ["组织建设", "换届", "周明远", said]]
    assert read(take, rows).drafts[0].values["due_on"] == due


def test_trainees_of_an_export(take: Take) -> None:
    sheet = read(take, [
        ["培训班名称", "培训开始时间", "培训结束时间", "学员姓名", "学员工号", "学时"],
        ["支书班", "2026-03-05", "2026-03-07", "张敏", "003003", 24], ["支书班", "2026-03-05", "2026-03-07", "张敏", "004002", 24],
    ])  # fmt: skip
    assert not sheet.all_problems()
    assert {one.values["studied_on"] for one in sheet.drafts} == {"2026-03-05..2026-03-07"}


def test_rows_with_nothing_but_a_branch_stand_over_its_records(take: Take) -> None:
    sheet = read(take, [
        ["2026年三会一课统计"], ["会议类型", "时间", "主题"], ["神经内科党支部"], ["党课", "3月5日", "学习"],
        ["心内科党支部"], ["党课", "3月6日", "学习"],
    ])  # fmt: skip
    assert not sheet.all_problems()
    assert [one.values["branch"] for one in sheet.drafts] == ["神经内科党支部", "心内科党支部"]


def test_a_form_in_which_one_word_is_the_value_of_two_labels(take: Take) -> None:
    sheet = read(take, [
        ["志愿服务活动登记表"], ["活动名称", "义诊", "活动时间", "2026年3月5日"], ["活动类别", "义诊", "活动地点", "社区"],
        ["参加人员", "周明远、陈静姝", "服务时长", "2小时"],
    ])  # fmt: skip
    assert not sheet.all_problems()
    assert (sheet.drafts[0].values["title"], str(sheet.drafts[0].values["hours"])) == ("义诊", "2")


def test_the_words_of_a_choice_tell_meetings_from_volunteering(take: Take) -> None:
    head = ["活动主题", "计划开展时间", "实际开展时间", "活动类型", "参与党员"]
    sheet = read(take, [["神经内科党支部"], head, ["学雷锋", "2026-03-01", "2026-03-05", "主题党日", "周明远、陈静姝"]])
    assert (sheet.ledger, sheet.drafts[0].values["held_on"]) == ("meeting", "2026-03-05")


def test_a_lecture_with_its_listeners(take: Take) -> None:
    sheet = read(take, [
        ["神经内科党支部党课记录"], ["党课题目", "授课时间", "登记时间", "授课人", "听课人员"],
        ["条例", "2026-03-05", "2026-03-09", "周明远", "陈静姝"],
    ])  # fmt: skip
    assert (sheet.columns["授课时间"], sheet.columns["听课人员"]) == ("held_on", "attendees")


def test_hints_of_other_words_and_an_example_behind_the_name(take: Take) -> None:
    sheet = read(take, [
        ["姓名*", "工号*", "所属党支部*", "政治面貌*", "入党时间"],
        ["填写真实姓名", "必填", "从下拉框选择", "中共党员/预备党员", "格式：2020-01-01"],
        ["张三（示例）", "000000", "某某党支部", "中共党员", "2010-07-01"],
        ["甲一", "009001", "心内科党支部", "中共党员", "2008-06-30"],
    ])  # fmt: skip
    assert (sheet.counts["added"], dict(sheet.skipped)) == (1, {2: "填写说明行", 3: "示例行"})


def test_a_list_of_words_parked_beside_the_table_whose_first_stands_in_the_header(take: Take) -> None:
    head = ["姓名", "工号", "政治面貌", "支部", None, "中共党员"]
    sheet = read(take, [head, ["甲一", "009001", "中共党员", "心内科党支部", None, "中共预备党员"]])
    assert (sheet.extras, sheet.counts["added"]) == ([], 1)


def test_the_only_text_that_may_be_the_topic_is_taken_and_said_unless_it_is_long(take: Take) -> None:
    rows = [["神经内科党支部会议"], ["会议日期", "会议类型", "会议内容"], ["2026/3/5", "党员大会", "学习"]]
    sheet = read(take, rows)
    assert (sheet.drafts[0].values["topic"], sheet.near) == ("学习", {"会议内容": "topic"})
    long = read(take, [*rows[:2], ["2026/3/6", "党员大会", "逐条学习并讨论。" * 9]])
    assert "--map 会议内容=topic" in long.all_problems()[0][1].message
