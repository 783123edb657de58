"""The five verbs: exact output, exit codes, JSON, and faults that leave the book untouched."""

import hashlib
from pathlib import Path

import openpyxl
import pytest

from partybuild_cli.values.people import check_digit, mask_id

NUMBER = "11990019850312001" + check_digit("11990019850312001")
WRONG = NUMBER[:-1] + ("1" if NUMBER[-1] == "0" else "0")
MEETING = ("meeting", "add", "--kind", "支部党员大会", "--on", "2026-09-05", "--topic", "第三季度党员大会")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_add_says_number_and_record(branch):
    done = branch(*MEETING, "--absent", "张三:值班")
    assert (done.code, done.out) == (
        0,
        "已登记到三会一课台账，编号 1：2026-09-05 支部党员大会 第三季度党员大会 神经内科党支部。应到 4 人，实到 3 人。\n",
    )


def test_all_who_were_due_attended_but_those_named(branch):
    branch(*MEETING, "--absent", "张三:值班", "--absent", "李四")
    shown = branch("meeting", "show", "1", "--json").json
    assert [(person["name"], person["staff_no"]) for person in shown["attendees"]] == [("王芳", "003"), ("王芳", "004")]
    assert shown["on_leave"] == [{"name": "张三", "reason": "值班"}]
    assert shown["absent"] == [{"name": "李四", "reason": None}]
    assert (shown["due"], shown["present"], shown["rate"]) == (4, 2, "50")


def test_one_who_was_not_yet_a_member_is_refused(branch, book_file):
    before = digest(book_file)
    done = branch(*"meeting add --kind 党课 --on 2026-03-05 --topic 微党课 --absent 张三:值班 --absent 李四".split())
    assert done.code == 4
    assert "李四在 2026-03-05 还不是本支部党员（2026-05-22 起）" in done.err
    assert branch("meeting", "list", "--json").json == []
    assert digest(book_file) == before


def test_committee_meeting_is_for_the_committee(branch):
    branch("meeting", "add", "--kind", "支委会", "--on", "2026-09-01", "--topic", "研究工作", "--all-present")
    shown = branch("meeting", "show", "1", "--json").json
    assert [(person["name"], person.get("staff_no")) for person in shown["attendees"]] == [
        ("张三", None),
        ("王芳", "003"),
    ]
    refused = branch(
        "meeting", "add", "--kind", "支委会", "--on", "2026-09-02", "--topic", "再研究", "--absent", "李四"
    )
    assert refused.code == 4
    assert "不在这次支委会的应到范围内" in refused.err


def test_namesakes_ask_for_the_staff_number(branch):
    refused = branch(*MEETING, "--absent", "王芳:手术")
    assert refused.code == 4
    assert "有 2 名党员叫“王芳”" in refused.err
    assert "王芳(003)、王芳(004)" in refused.err
    assert branch(*MEETING, "--absent", "王芳(004):手术").code == 0
    assert branch("meeting", "show", "1", "--json").json["on_leave"] == [
        {"name": "王芳", "staff_no": "004", "reason": "手术"}
    ]


def test_the_same_meeting_is_not_added_twice(branch):
    branch(*MEETING)
    again = branch(*MEETING)
    assert again.code == 4
    assert "已有这条记录（编号 1）" in again.err


def test_hours_of_one_member_override_those_of_the_service(branch):
    branch(
        *"service add --kind 义诊 --on 2026-08-01 --title 进社区 --member 张三 --member 李四:6 --hours 3 --people-served 300余 --organizer 张三".split()
    )
    shown = branch("service", "show", "1", "--json").json
    assert shown["members"] == [{"name": "张三", "reason": None}, {"name": "李四", "reason": "6小时"}]
    assert (shown["hours"], shown["turnout"], shown["people_served"]) == ("3", 2, {"value": 300, "qualifier": "余"})


def test_edit_changes_what_is_given_and_nothing_else(branch):
    branch(*MEETING, "--absent", "张三:值班", "--note", "旧")
    done = branch("meeting", "edit", "1", "--place", "示教室", "--clear", "note")
    assert done.code == 0
    assert "地点：（空） → 示教室" in done.out
    assert "备注：旧 → （空）" in done.out
    shown = branch("meeting", "show", "1", "--json").json
    assert (shown["place"], shown.get("note"), shown["on_leave"][0]["name"]) == ("示教室", None, "张三")
    assert branch("meeting", "edit", "1", "--place", "示教室").out == "没有不同之处，什么也没有改。\n"


def test_attendance_can_be_corrected(branch):
    branch(*MEETING, "--absent", "张三:值班")
    branch("meeting", "edit", "1", "--absent", "李四")
    shown = branch("meeting", "show", "1", "--json").json
    assert shown["absent"] == [{"name": "李四", "reason": None}]
    assert [person["name"] for person in shown["on_leave"]] == ["张三"]


def test_remove_needs_a_yes_without_a_terminal(branch):
    branch(*MEETING)
    refused = branch("meeting", "remove", "1")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert branch("meeting", "remove", "1", "--yes").code == 0
    assert branch("meeting", "show", "1").code == 3


def test_a_number_is_never_used_again_but_for_the_same_record(branch):
    branch(*MEETING)
    branch("meeting", "remove", "1", "--yes")
    other = branch("meeting", "add", "--kind", "党课", "--on", "2026-09-06", "--topic", "党课")
    assert "编号 2" in other.out
    assert "编号 1" in branch(*MEETING).out


def test_a_member_of_whom_records_speak_stays(branch):
    branch(*MEETING, "--all-present")
    refused = branch("member", "remove", "张三", "--yes")
    assert refused.code == 4
    assert "member transfer" in refused.err


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["member", "add"], 2, "--name（姓名）、--category（人员类别）"),
        (["member", "show", "赵六"], 3, "花名册中没有“赵六”"),
        (["meeting", "show", "99"], 3, "没有编号 99 的记录"),
        (["meeting", "list", "--period", "2026Q5"], 2, "2026Q5"),
        (["member", "list", "--branch", "心内科党支部"], 3, "没有叫“心内科党支部”的党组织"),
        (["member", "list", "--nothing"], 2, "没有选项 --nothing"),
        (["nothing"], 2, "没有命令 nothing"),
        (["member", "show"], 2, "缺少参数 姓名或工号"),
        (["member", "edit", "张三", "--gender", "不详"], 4, "性别（--gender）"),
        (["member", "edit", "张三", "--clear", "name"], 2, "“姓名”必须填写"),
        (["member", "add", "--name", "钱七", "--category", "正式党员"], 4, "只有姓名"),
        (["member", "add", "--name", "钱七", "--category", "群众", "--staff-no", "9"], 4, "人员类别（--category）"),
        (
            ["member", "add", "--name", "钱七", "--category", "正式党员", "--staff-no", "9", "--born-on", "85.3.1"],
            4,
            "出生日期（--born-on）",
        ),
        (
            ["study", "add", "--member", "张三", "--on", "2026-09-01", "--topic", "学习", "--hours", "两小时多"],
            4,
            "学时（--hours）",
        ),
    ],
)
def test_each_fault_is_one_sentence_and_leaves_the_book_untouched(branch, book_file, command, code, words):
    before = digest(book_file)
    done = branch(*command)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert done.err.startswith("错误：")
    assert done.err.count("\n") == 1
    assert digest(book_file) == before


def test_id_numbers_are_masked_and_never_quoted(branch):
    wrong = branch("member", "edit", "张三", "--id-number", WRONG)
    assert wrong.code == 4
    assert WRONG not in wrong.err
    assert branch("member", "edit", "张三", "--id-number", NUMBER).code == 0
    assert branch("member", "show", "张三", "--json").json["id_number"] == mask_id(NUMBER)
    assert branch("member", "show", "张三", "--json", "--full").json["id_number"] == NUMBER
    assert NUMBER not in branch("member", "show", "张三").out


def test_list_is_tab_separated_in_a_pipe(branch):
    lines = branch("member", "list").out.splitlines()
    assert lines[0].split("\t")[:3] == ["编号", "姓名", "工号"]
    assert lines[1].split("\t")[:3] == ["1", "张三", "001"]
    assert len(lines) == 5


def test_lists_can_be_narrowed(branch):
    branch(*MEETING, "--absent", "李四")
    branch("meeting", "add", "--kind", "党课", "--on", "2026-03-05", "--topic", "微党课")
    assert len(branch("meeting", "list", "--json", "--period", "2026Q3").json) == 1
    assert len(branch("meeting", "list", "--json", "--member", "李四").json) == 1
    assert len(branch("meeting", "list", "--json", "--branch", "神经内科党支部").json) == 2


def test_terminal_escapes_in_a_cell_never_reach_the_terminal(branch):
    branch("meeting", "add", "--kind", "党课", "--on", "2026-03-05", "--topic", "微党课", "--place", "三楼\x1b[31m红")
    shown = branch("meeting", "show", "1").out + branch("meeting", "list").out
    assert "\x1b" not in shown


def test_branches_stand_below_the_one_above_them(cli) -> None:
    """党组织 by the tree, whatever the order in which they were typed."""
    cli("init", "--branch", "外科党支部")
    for name, above in (("内科党总支", "市医院党委"), ("市医院党委", ""), ("呼吸党支部", "内科党总支")):
        cli("branch", "add", "--name", name, *(["--parent", above] if above else []))
    cli("branch", "edit", "外科党支部", "--parent", "市医院党委")
    shown = [one["name"] for one in cli("branch", "list", "--json").json]
    assert shown == ["市医院党委", "外科党支部", "内科党总支", "呼吸党支部"]
    cli("branch", "edit", "市医院党委", "--parent", "呼吸党支部")
    assert len(cli("branch", "list", "--json").json) == 4, "a circle is a clerk's fault and shown all the same"


def test_the_ledger_of_study_sums_up_each_member(branch, tmp_path) -> None:
    for name, hours in (("张三", "2"), ("李四", "1.5"), ("张三", "3")):
        topic = f"学习{hours}"
        branch("study", "add", "--member", name, "--studied-on", "2026-09-05", "--topic", topic, "--hours", hours)
    assert branch("export", "study", "--out", tmp_path / "台账").code == 0
    page = openpyxl.load_workbook(tmp_path / "台账" / "学习学时台账.xlsx").worksheets[0]
    assert "合计：3 条，6.5 学时。个人合计：张三 5、李四 1.5" in [row[0].value for row in page.iter_rows()]
