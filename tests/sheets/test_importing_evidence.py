"""Columns by evidence, ledgers by their marks, and the shapes of sheets that clerks really keep."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.index.archive import take_back_acts
from partybuild_cli.index.touched import remark_of_past
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.diff import take_back
from partybuild_cli.records.base.kinds import DAY, MONTH
from partybuild_cli.records.base.registry import record
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
from partybuild_cli.sheets.importing import Options, Question, Report, SheetReport, import_files
from partybuild_cli.sheets.importing.columns import UNUSED
from partybuild_cli.sheets.importing.context import months_in, since_1900, with_year
from partybuild_cli.sheets.importing.shapes import TICKS
from partybuild_cli.sheets.importing.wording import CLASSES, alike, bare, native, turned_by, words_in
from partybuild_cli.store.engine import Book
from partybuild_cli.values.kind import NumberCell, Raw

Take = Callable[..., Report]
Rows = Sequence[Sequence[Any]]


def read(take: Take, rows: Rows, name: str = "表", **settings: Any) -> SheetReport:
    """The one table of a sheet."""
    (sheet,) = take({name: rows}, **settings).sheets
    return sheet


def values(sheet: SheetReport, *keys: str) -> list[Any]:
    """What the rows without a problem say in one column, or in several."""
    rows = [one["values"] for one in sheet.records or () if one["outcome"] != "problem"]
    return [row.get(keys[0]) if len(keys) == 1 else tuple(row.get(key) for key in keys) for row in rows]


def told(sheet: SheetReport) -> list[str]:
    return [finding.message for _, finding in sheet.all_problems()]


# ------------------------------------------------------------------ headings


@pytest.mark.parametrize(
    ("heading", "declared", "matter"),
    [
        ("实际开会时间（年月日）", "会议时间", "day"), ("Q3、您的姓名", "姓名", "person"), ("与会同志名单", "出席人员", "people"), ("所属党组织全称", "所在党支部", "branch"),
        ("本月应交党费（元）", "应缴", "number"), ("颁奖机关", "授予单位", None), ("递交书面申请日期", "递交入党申请书日期", "day"), ("★政治面目", "政治面貌", None),
        ("被列为发展对象的时间", "列为发展对象时间", "day"), ("授课老师", "主讲人", "people"),
    ],
)  # fmt: skip
def test_headings_of_the_same_words_are_near(heading: str, declared: str, matter: Any) -> None:
    assert alike(bare(heading), declared, matter) >= 0.5, (words_in(heading), words_in(declared))


@pytest.mark.parametrize(
    ("heading", "declared", "matter"),
    [
        ("拟召开时间", "时间", "day"), ("系统录入时间", "时间", "day"), ("活动截止时间", "活动时间", "day"), ("上年度实缴党费", "实缴党费", "number"),
        ("紧急联络人手机", "手机", "person"), ("曾用名", "名字", "person"), ("转出党支部", "党支部", "branch"), ("支部编码", "支部", "branch"),
        ("未参加人员", "参加人员", "people"), ("参加人数", "参加人员", "people"), ("谈话人所在科室", "谈话人", "people"), ("直属上级党委", "党组织", "branch"),
    ],
)  # fmt: skip
def test_words_that_turn_the_meaning(heading: str, declared: str, matter: Any) -> None:
    assert alike(heading, declared, matter) < 0.5
    assert turned_by(words_in("计划会议时间"), "day")


@pytest.mark.parametrize(
    ("heading", "word"),
    [("Emp_No.", "工号"), ("Full Name", "姓名"), ("zzmm", "政治面貌"), ("姓名", "姓名"), ("Bonus", "Bonus")],
)
def test_english_and_pinyin_headings(heading: str, word: str) -> None:
    assert native(heading) == word


def test_every_word_of_the_table_is_in_one_class_only() -> None:
    text = (Path(__import__("partybuild_cli").__file__).parent / "sheets/importing/words.toml").read_text(
        encoding="utf8"
    )
    same = text.partition("[same]")[2].partition("[join]")[0]
    words = re.findall(r'"([^"]+)"', re.sub(r'(?m)^"[^"]+" =', "", same))
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert set(words) == set(CLASSES)


# ------------------------------------------------------------------ values as the judge


def test_the_category_is_where_its_words_are(take: Take) -> None:
    rows = [
        ["姓名", "人员类别", "党员身份状况", "工号", "支部"],
        ["甲一", "合同制", "正式党员", "0901", "神经内科党支部"],
        ["乙二", "编制内", "预备党员", "0902", "神经内科党支部"],
    ]
    sheet = read(take, rows)
    assert values(sheet, "category") == ["正式党员", "预备党员"]
    assert sheet.columns["党员身份状况"] == "category"
    assert [draft.extras["人员类别"] for draft in sheet.drafts] == ["合同制", "编制内"]
    assert any("党员身份状况" in note for note in sheet.notes)


def test_the_branch_is_where_the_branches_are(take: Take) -> None:
    rows = [
        ["姓名", "工号", "政治面貌", "入党时所在支部", "关系所在"],
        ["甲一", "0901", "中共党员", "外地党支部", "心内科党支部"],
    ]
    sheet = read(take, rows)
    assert sheet.columns["关系所在"] == "branch"
    assert values(sheet, "branch") == ["心内科党支部"]
    assert "入党时所在支部" in sheet.extras


def test_a_planned_day_is_no_day_of_the_meeting(take: Take) -> None:
    head = ["党支部", "会议类型", "议题名称", "计划开会日期", "召开日期", "上传时间"]
    rows = [
        head,
        ["心内科党支部", "支委会", "人事", "2026-03-01", "2026-03-03", "2026-03-09"],
        ["心内科党支部", "支委会", "财务", "2026-04-01", None, "2026-04-09"],
    ]
    sheet = read(take, rows)
    assert values(sheet, "held_on") == ["2026-03-03"]
    assert [(row, one.column) for row, one in sheet.all_problems()] == [(3, "召开日期")]


def test_this_month_is_paid_and_not_the_sum_or_last_year(take: Take) -> None:
    head = ["姓名", "缴费月份", "当月应缴", "当月实缴", "本年累计实缴", "去年实缴"]
    sheet = read(take, [head, ["周明远", "2026-05", 20, 20, 100, 240]])
    assert values(sheet, "due", "paid") == [("20", "20")]
    lacking = read(take, [[head[0], head[1], head[2], head[5]], ["周明远", "2026-06", 20, 240]])
    assert values(lacking, "due", "paid") == [("20", None)]
    assert lacking.problems == []


def test_an_employment_is_no_admission(take: Take) -> None:
    head = ["姓名", "工号", "入职日期", "试用期", "转正日期", "政治面貌", "支部"]
    sheet = read(take, [head, ["甲一", "0901", "2020-07-01", "6个月", "2021-01-01", "中共党员", "心内科党支部"]])
    assert values(sheet, "full_on") == [None]


def test_two_days_that_are_both_likely_are_asked_about(take: Take) -> None:
    rows = [
        ["支部", "会议类型", "主题", "召开日期", "举行日期"],
        ["心内科党支部", "支委会", "人事", "2026-03-01", "2026-03-03"],
    ]
    sheet = read(take, rows)
    assert sheet.counts["added"] == 0
    assert "--map 召开日期=held_on 或 --map 举行日期=held_on" in told(sheet)[0]
    asked: list[Question] = []

    def answer(question: Question) -> str:
        asked.append(question)
        return "举行日期"

    assert values(read(take, rows, ask=answer), "held_on") == ["2026-03-03"]
    assert [shown for _, shown in asked[0].choices] == ["召开日期：2026-03-01", "举行日期：2026-03-03"]
    assert values(read(take, rows), "held_on") == ["2026-03-03"]  # and the answer is remembered


def test_a_column_that_speaks_of_attendance_is_never_passed_over(take: Take) -> None:
    rows = [
        ["支部", "会议类型", "主题", "时间", "到了谁"],
        ["神经内科党支部", "支委会", "人事", "2026-03-01", "周明远"],
    ]
    sheet = read(take, rows)
    assert sheet.counts["added"] == 0
    assert f"--map 到了谁={UNUSED}" in told(sheet)[0]
    assert read(take, rows, maps={"到了谁": "出席人员"}).columns["到了谁"] == "attendees"
    kept = read(take, [rows[0], ["神经内科党支部", "支委会", "财务", "2026-04-01", "周明远"]], maps={"到了谁": UNUSED})
    assert (kept.problems, kept.extras) == ([], ["到了谁"])


# ------------------------------------------------------------------ ledgers by their marks


@pytest.mark.parametrize(
    ("name", "rows", "called"),
    [
        ("春节", [["慰问困难职工名单"], ["姓名", "性别", "身份证号", "电话", "金额"], ["周明远", "男", None, "15400000001", 500]], "慰问名单"),
        ("报名", [["序号", "姓名", "科室", "联系电话", "是否参加"], [1, "周明远", "神经内科", "15400000001", "是"], [2, "陈静姝", "神经内科", "15400000002", "是"]], "报名表"),
        ("名单", [["姓名", "性别", "民族", "学历", "科室"], ["周明远", "男", "汉族", "本科", "神经内科"]], "人员名单"),
        ("物资", [["办公用品采购"], ["品名", "规格", "数量", "单价"], ["笔", "黑", 5, 2], ["本", "大", 6, 3]], "采购单"),
        ("签到册", [["姓名", "3月5日党课", "3月19日主题党日"], ["周明远", "√", "×"], ["陈静姝", "√", "√"]], TICKS[:5]),
    ],
)  # fmt: skip
def test_what_is_no_ledger_is_called_what_it_is(take: Take, name: str, rows: Rows, called: str) -> None:
    with pytest.raises(Unfit, match=re.escape(called)):
        take({name: rows})


def test_a_training_list_is_study_and_a_list_of_applicants_development(take: Take) -> None:
    training = [
        ["姓名", "性别", "参训班次名称", "培训开始日期", "培训结束日期", "培训课时", "结业成绩"],
        ["周明远", "男", "党务班", "2026-05-06", "2026-05-07", 12, "优"],
    ]
    sheet = read(take, training, name="参训")
    assert (sheet.ledger, values(sheet, "studied_on", "hours")) == ("study", [("2026-05-06..2026-05-07", "12")])
    applicants = [
        ["姓名", "工号", "联系支部", "提交申请书时间", "被确定为积极分子日期", "目前阶段"],
        ["新一", "0801", "心内科党支部", "2025-01-02", None, "入党申请人"],
    ]
    assert read(take, applicants, name="发展").ledger == "development"


def test_one_row_a_volunteer_is_one_service(take: Take) -> None:
    head = ["支部", "服务日期", "服务项目", "类别", "志愿者", "工号", "时长"]
    one = ["神经内科党支部", "2026-03-05", "导诊服务", "院内志愿"]
    sheet = read(take, [head, [*one, "周明远", "003001", 2], [*one, "张敏", "003003", 3]])
    assert sheet.counts["added"] == 1
    assert values(sheet, "members")[0] == [
        {"name": "周明远(003001)", "reason": "2小时"},
        {"name": "张敏(003003)", "reason": "3小时"},
    ]


# ------------------------------------------------------------------ year, month, day


@pytest.mark.parametrize(
    ("kind", "raw", "full"),
    [
        (DAY, "3月5日", "2026年3月5日"), (DAY, "3.5", "2026年3月5日"), (DAY, 4.16, "2026.4.16"), (DAY, 4.2, 4.2), (DAY, "2025-03-05", "2025-03-05"), (DAY, "16.3.5", "16.3.5"),
        (MONTH, 3, "2026-03"), (MONTH, "三月", "2026-03"), (MONTH, "12月份", "2026-12"), (MONTH, 13, 13), (MONTH, "2025-03", "2025-03"),
    ],
)  # fmt: skip
def test_days_and_months_get_the_year_that_they_lack(kind: Any, raw: Raw, full: Raw) -> None:
    assert with_year(kind, raw, "2026") == full
    assert with_year(kind, raw, None) == raw


def test_serials_of_1904_and_words_for_several_months() -> None:
    assert (since_1900(40000), since_1900(NumberCell(40000, "40000")), since_1900(12), since_1900("40000")) == (
        41462,
        41462,
        12,
        "40000",
    )
    first = ["2026-01", "2026-02", "2026-03"]
    assert [months_in(raw, "2026") for raw in ("2026年1-3月", "第一季度", "2026Q1", "3月", 3)] == [
        first,
        first,
        first,
        [],
        [],
    ]
    assert months_in("第一季度", None) == []


def test_the_year_stands_in_a_column_a_group_row_or_the_title(take: Take) -> None:
    column = [["姓名", "年度", "月份", "实缴"], ["周明远", 2025, 12, 30], ["陈静姝", "2026年", "一月", 30]]
    assert values(read(take, column), "month") == ["2025-12", "2026-01"]
    titled = [
        ["心内科党支部2026年会议记录"],
        ["时间", "会议类型", "主题"],
        ["3月5日", "支委会", "甲"],
        ["4.16", "支委会", "乙"],
    ]
    assert values(read(take, titled), "held_on") == ["2026-03-05", "2026-04-16"]
    nowhere = [["支部", "时间", "会议类型", "主题"], ["心内科党支部", "3月5日", "支委会", "丙"]]
    assert "没有写年份" in told(read(take, nowhere))[0]


def test_rows_of_days_without_a_year_are_no_header_of_months(take: Take) -> None:
    rows = [["心内科党支部2026年会议"], ["会议类型", "时间", "主题", "填报时间"], ["支委会", "3月5日", "甲", "3月9日"]]
    assert values(read(take, rows), "held_on") == ["2026-03-05"]


def test_several_months_in_one_row_are_a_question(take: Take) -> None:
    rows = [
        ["姓名", "缴费起始月份", "缴费截止月份", "缴费金额"],
        ["周明远", "2026-01", "2026-03", 90],
        ["陈静姝", "2026-01", "2026-01", 30],
    ]
    sheet = read(take, rows)
    assert values(sheet, "month", "paid") == [("2026-01", "30")]
    assert "几个月" in told(sheet)[0]


# ------------------------------------------------------------------ rows, people, forms


def test_rows_of_hints_examples_and_people_who_are_no_members(take: Take) -> None:
    head = ["姓名", "工号", "政治面貌", "支部"]
    rows = [head, ["必填", "必填，文本", "下拉选择", "必填"], ["（示例）张三", "000", "中共党员", "某党支部"], ["甲一", "0901", "中共党员", "心内科党支部"],
            ["乙二", "0902", "民盟盟员", "心内科党支部"], ["丙三", "0903", None, "心内科党支部"], ["丁四", "0904", "群众", None]]  # fmt: skip
    sheet = read(take, rows)
    assert values(sheet, "name") == ["甲一"]
    assert dict(sheet.skipped) == {
        2: "填写说明行",
        3: "示例行",
        5: "民主党派，不是党员",
        6: "没有填写政治面貌，不按党员读取",
        7: "群众，不是党员",
    }
    assert told(sheet) == []


def test_a_bare_member_beside_full_and_probationary_ones_is_said(take: Take) -> None:
    rows = [
        ["姓名", "工号", "人员类别", "支部"],
        ["甲一", "0901", "党员", "心内科党支部"],
        ["乙二", "0902", "预备党员", "心内科党支部"],
    ]
    sheet = read(take, rows)
    assert [draft.row for draft in sheet.drafts if draft.warnings] == [2]


def test_words_for_everybody_nobody_and_a_reason_behind_a_name(take: Take) -> None:
    head = ["支部", "时间", "会议类型", "主题", "出席人员", "缺席人员"]
    rows = [head, ["神经内科党支部", "2026-03-05", "支部党员大会", "甲", "全体党员", "无人缺席"], ["神经内科党支部", "2026-03-06", "支部党员大会", "乙", "除请假外全体党员", "欧阳晨因病请假；陈静姝 值班"],
            ["神经内科党支部", "2026-03-07", "支部党员大会", "丙", "详见签到表", None]]  # fmt: skip
    sheet = read(take, rows)
    assert [one["outcome"] for one in sheet.records or ()] == ["added", "added", "problem"]
    away = [row for row in sheet.drafts[1].resolved.below["attendance"] if row[1] != "出席"]
    assert sorted((reason, state) for _, state, reason, _ in away) == [("值班", "请假"), ("因病请假", "缺席")]
    assert all(row[1] == "出席" for row in sheet.drafts[0].resolved.below["attendance"])


def test_a_number_tells_apart_only_the_namesakes_of_its_own_role(take: Take) -> None:
    rows = [
        ["姓名", "学习时间", "学习内容", "学时", "授课人", "授课人工号"],
        ["张敏", "2026-03-05", "甲", 2, "张敏", "004002"],
    ]
    assert "有 2 名党员叫“张敏”" in told(read(take, rows))[0]
    rows = [["张敏", "004002", "2026-03-05", "甲", 2, "周明远"]]
    sheet = read(take, [["姓名", "员工编号", "学习时间", "学习内容", "学时", "授课人"], *rows])
    assert sheet.counts["added"] == 1


def test_a_form_of_one_meeting_is_one_record_and_an_application_is_named(take: Take) -> None:
    form = [
        ["党支部会议记录"],
        ["党支部", "心内科党支部", "会议类型", "支委会"],
        ["时间", "2026年3月5日", "地点", "示教室"],
        ["主持人", "吴振华", "记录人", "张敏"],
        ["主题", "研究人事"],
        ["内容", "逐项讨论"],
    ]
    sheet = read(take, form)
    assert values(sheet, "branch", "held_on", "kind", "topic", "host") == [
        ("心内科党支部", "2026-03-05", "支委会", "研究人事", "吴振华")
    ]
    with pytest.raises(Unfit, match="入党申请书"):
        take(
            {
                "申请": [
                    ["入党志愿书"],
                    ["姓名", "新一", "性别", "男"],
                    ["民族", "汉族", "出生日期", "1990-01-01"],
                    ["学历", "本科", "联系电话", "15400000009"],
                ]
            }
        )


def test_a_sign_in_sheet_whose_head_says_day_topic_and_hours(take: Take) -> None:
    rows = [
        ["学习培训签到表"],
        ["学习时间：2026年3月5日　学习内容：党章", None, "学时：2"],
        ["序号", "姓名", "科室", "签名"],
        [1, "周明远", "神经内科", None],
        [2, "陈静姝", "神经内科", None],
    ]
    sheet = read(take, rows)
    assert (sheet.ledger, values(sheet, "studied_on", "topic", "hours")) == ("study", [("2026-03-05", "党章", "2")] * 2)


def test_durations(take: Take) -> None:
    head = ["支部", "日期", "类别", "活动名称", "参加党员", "时长"]
    said = ["90分钟", "1小时30分", "14:00-15:30", "1:30", "半天"]
    rows = [
        ["神经内科党支部", f"2026-03-0{n}", "义诊", f"活动{n}", "周明远", text] for n, text in enumerate(said, start=1)
    ]
    sheet = read(take, [head, *rows])
    assert values(sheet, "hours") == ["1.5"] * 4
    assert len(told(sheet)) == 1


def test_numbers_wrapped_against_spreadsheets(take: Take) -> None:
    rows = [
        ["姓名", "工号", "政治面貌", "支部"],
        ["甲一", "'0901", "中共党员", "心内科党支部"],
        ["乙二", "`0902", "中共党员", "心内科党支部"],
    ]
    assert values(read(take, rows), "staff_no") == ["0901", "0902"]


# ------------------------------------------------------------------ the same people again


def test_the_same_person_under_another_spelling_of_the_number(take: Take, party: Book) -> None:
    head = ["姓名", "工号", "政治面貌", "支部"]
    for number in (3001, "003001 ", "h003001", "003001.0"):
        sheet = read(take, [head, ["周明远", number, "中共党员", "神经内科党支部"]])
        assert (sheet.counts["added"], sheet.counts["problem"]) == (0, 0), number
    with party.reading() as connection:
        kept = connection.exec_driver_sql("SELECT staff_no FROM member WHERE name = '周明远'").scalars().all()
    assert kept == ["003001"]
    other = read(take, [head, ["甲一", "3001", "中共党员", "神经内科党支部"]])
    assert other.counts["added"] == 1


def test_a_namesake_of_whom_nothing_can_be_compared_is_a_problem(take: Take) -> None:
    rows = [["姓名", "出生年月", "政治面貌", "支部"], ["周明远", "1980-01", "中共党员", "神经内科党支部"]]
    assert "同名" in told(read(take, rows))[0]
    assert read(take, [rows[0], ["周明远", "1980-01", "中共党员", "心内科党支部"]]).counts["added"] == 1


def test_the_birth_day_inside_an_id_number_is_a_birth_day(take: Take) -> None:
    first = [["姓名", "身份证号", "政治面貌", "支部"], ["甲一", "119900198503120012", "中共党员", "心内科党支部"]]
    assert read(take, first).counts["added"] == 1
    again = [["姓名", "出生年月", "政治面貌", "支部"], ["甲一", "1985.03", "中共党员", "心内科党支部"]]
    assert read(take, again).counts["added"] == 0


# ------------------------------------------------------------------ memory and privacy


def test_what_was_said_is_remembered_though_refused_and_forgotten_by_undo(take: Take, party: Book) -> None:
    head = ["支部", "会议类型", "主题", "那天"]
    rows = [head, ["心内科党支部", "茶话会", "甲", "2026-03-05"]]
    assert not take({"会议": rows}, maps={"那天": "held_on"}).written
    assert read(take, [head, ["心内科党支部", "支委会", "甲", "2026-03-05"]]).counts["added"] == 1
    other = [[*head, "备注"], ["心内科党支部", "支委会", "乙", "2026-03-06", None]]
    report = take({"会议": other}, maps={"那天": "held-on"})
    assert report.written
    take_back(party, report.change, take_back_acts, remark_of_past)
    assert "没有找到“时间”" in told(read(take, other))[0]


def test_personal_data_in_unknown_columns_leaves_masked_and_comes_back_unharmed(
    take: Take, party: Book, tmp_path: Path
) -> None:
    head = ["姓名", "工号", "政治面貌", "支部", "配偶证件", "银行卡号", "家庭住址", "籍贯"]
    own = ["11990019850202001X", "6222020000000000018", "城东路1号", "浙江"]
    assert take({"册": [head, ["甲一", "0901", "中共党员", "心内科党支部", *own]]}).written
    with party.reading() as connection:
        request = Request([record("member")], Setting("", date(2026, 9, 30)))
        (file,) = export_ledgers(connection, Shelf(tmp_path), request)
    text = " ".join(str(cell.value) for row in openpyxl.load_workbook(file).worksheets[0].iter_rows() for cell in row)
    assert [word in text for word in own] == [False, False, False, True]
    again = import_files(party, [file], Options())
    assert (again.problem_count, again.change) == (0, None)
