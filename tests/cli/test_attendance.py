"""出席情况: by name, by count or unknown, and never assumed; correcting one member; visitors of other branches."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from partybuild_cli.records.task import task_state

FROZEN = Path(__file__).parent.parent / "books" / "frozen"

UNDATED = ("meeting", "add", "--kind", "支部党员大会", "--topic", "学习")
MEETING = (*UNDATED, "--on", "2026-09-05")
TOP = ["党支部", "会议类型", "时间", "主题"]
ROW = ["神经内科党支部", "支部党员大会", "2026.09.05", "学习"]


def of(cli: Any, number: int = 1) -> tuple[str, Any, Any]:
    shown = cli("meeting", "show", number, "--json").json
    return shown["attendance"], shown["due"], shown["present"]


def names(cli: Any, key: str, number: int = 1) -> list[tuple[str, str | None]]:
    shown = cli("meeting", "show", number, "--json").json.get(key, [])
    return [(one["name"] + (one.get("staff_no") or ""), one["reason"]) for one in shown]


def sheet(tmp_path: Any, headings: list[str], *cells: Any) -> str:
    book = Workbook()
    book.active.append(["三会一课台账"])
    book.active.append([*TOP, *headings])
    book.active.append([*ROW, *cells])
    book.save(tmp_path / "三会一课.xlsx")
    return str(tmp_path / "三会一课.xlsx")


@pytest.mark.parametrize(
    ("said", "attendance"),
    [
        ((), ("unknown", None, None)),
        (("--all-present",), ("by_name", 4, 4)),
        (("--absent", "张三:值班", "--absent", "李四"), ("by_name", 4, 2)),
        (("--on-leave", "张三:援外"), ("by_name", 4, 3)),
        (("--all-present", "--absent", "李四"), ("by_name", 4, 3)),
        (("--attendees", "张三、李四"), ("by_name", 4, 2)),
        (("--due", "4", "--present", "3"), ("by_count", 4, 3)),
        (("--due", "9", "--present", "6"), ("by_count", 9, 6)),
        (("--due", "4", "--present", "3", "--absent", "李四"), ("by_name", 4, 3)),
        (("--due", "9", "--present", "6", "--absent", "李四"), ("by_count", 9, 6)),
    ],
)
def test_a_meeting_says_what_was_said_of_it(branch: Any, said: tuple[str, ...], attendance: Any) -> None:
    done = branch(*MEETING, *said)
    assert done.code == 0, done.err
    assert of(branch) == attendance
    assert (f"应到 {attendance[1]} 人，实到 {attendance[2]} 人" if attendance[1] else "出席情况未登记") in done.out


@pytest.mark.parametrize(
    ("headings", "cells", "attendance"),
    [
        ([], (), ("unknown", None, None)),
        (["应到", "实到"], (9, 6), ("by_count", 9, 6)),
        (["应到", "实到"], (4, 4), ("by_name", 4, 4)),
        (["应到", "实到"], (9, 9), ("by_count", 9, 9)),
        (["应到"], (9,), ("by_count", 9, None)),
        (["应到", "请假人员及原因"], (9, "李四（手术）"), ("by_count", 9, None)),
        (["实到"], (3,), ("by_count", None, 3)),
        (["实到", "出勤率"], (3, "75%"), ("by_count", None, 3)),
        (["应到", "出勤率"], (4, "75%"), ("by_count", 4, None)),
        (["应到", "实到", "请假人员及原因"], (4, 3, "李四（手术）"), ("by_name", 4, 3)),
        (["应到", "实到", "请假人员及原因"], (9, 6, "李四（手术）"), ("by_count", 9, 6)),
        (["请假人员及原因", "缺席人员及原因"], ("无", "无"), ("by_name", 4, 4)),
        (["出席人员"], ("全体党员",), ("by_name", 4, 4)),
        (["应到", "实到", "出席人员"], (4, 2, "张三、李四"), ("by_name", 4, 2)),
    ],
)
def test_a_sheet_says_what_was_written(
    branch: Any, tmp_path: Any, headings: list[str], cells: tuple[Any, ...], attendance: Any
) -> None:
    file = sheet(tmp_path, headings, *cells)
    done = branch("import", file, "--json")
    assert done.code == 0, (done.out, done.err)
    assert of(branch) == attendance
    again = branch("import", file, "--json").json["files"][0]["sheets"][0]["rows"]
    assert (again["unchanged"], again["problem"]) == (1, 0)


def test_figures_alone_take_no_names_away(branch: Any, tmp_path: Any) -> None:
    assert branch(*MEETING, "--absent", "李四:值班").code == 0
    assert branch("import", sheet(tmp_path, ["应到", "实到"], 4, 3)).code == 0
    assert (of(branch), names(branch, "on_leave")) == (("by_name", 4, 3), [("李四", "值班")])


def test_that_more_came_than_were_due_is_said(branch: Any, tmp_path: Any) -> None:
    done = branch("import", sheet(tmp_path, ["应到", "实到"], 4, 5))
    assert (done.code, "比应到 4 人还多" in done.out, of(branch)) == (0, True, ("by_count", 4, 5))
    decided = ("--item", "买设备", "--kind", "大额资金使用", "--met-on", "2026-09-05", "--due", "9", "--present", "12")
    done = branch("decision", "add", *decided)
    assert (done.code, "比应到 9 人还多" in done.err) == (0, True)


def test_that_names_and_figures_disagree_is_said(branch: Any) -> None:
    done = branch(*MEETING, "--due", "9", "--present", "6", "--absent", "李四:手术")
    assert "表中填 9 人" in done.err
    assert "按表中人数登记" in done.err
    assert names(branch, "on_leave") == [("李四", "手术")]
    assert names(branch, "attendees") == []


def test_who_is_excused_is_not_due(branch: Any) -> None:
    assert branch("member", "edit", "004", "--exempt-reason", "年老体弱", "--correct").code == 0
    assert branch(*MEETING, "--all-present").code == 0
    assert (of(branch), ("王芳004", None) in names(branch, "attendees")) == (("by_name", 3, 3), False)
    assert branch("meeting", "edit", "1", "--attended", "004").code == 0
    assert of(branch) == ("by_name", 4, 4)


def test_one_member_is_corrected_and_the_others_stay(branch: Any) -> None:
    branch(*MEETING, "--absent", "张三", "--on-leave", "003:病假")
    moved = ("--attended", "张三", "--absent", "李四:值班", "--on-leave", "004:手术")
    assert branch("meeting", "edit", "1", *moved).code == 0
    assert names(branch, "attendees") == [("张三", None)]
    assert names(branch, "on_leave") == [("李四", "值班"), ("王芳003", "病假"), ("王芳004", "手术")]
    assert branch("meeting", "edit", "1", "--absent", "张三").code == 0
    assert (names(branch, "attendees"), names(branch, "absent")) == ([], [("张三", None)])
    assert of(branch) == ("by_name", 4, 0)
    assert branch("meeting", "edit", "1", "--attended", "张三丰").code == 4


def test_what_was_typed_behind_the_name_of_somebody_present_stays(branch: Any) -> None:
    done = branch(
        "meeting", "add", "--kind", "主题党日", "--on", "2026-07-05", "--topic", "学习", "--attendees", "张三：迟到"
    )
    assert done.code == 0, done.err
    assert names(branch, "attendees") == [("张三", "迟到")]


def test_clearing_clears(branch: Any) -> None:
    branch(*MEETING, "--on-leave", "张三:病假")
    assert branch("meeting", "edit", "1", "--clear", "attendees", "--clear", "on-leave").code == 0
    assert of(branch) == ("unknown", None, None)
    branch("meeting", "edit", "1", "--due", "9", "--present", "6")
    assert of(branch) == ("by_count", 9, 6)
    branch("meeting", "edit", "1", "--place", "会议室")
    assert of(branch) == ("by_count", 9, 6)
    assert branch("meeting", "edit", "1", "--clear", "due", "--clear", "present").code == 0
    assert of(branch) == ("unknown", None, None)


def test_figures_typed_later_replace_names_that_they_contradict(branch: Any) -> None:
    branch(*MEETING, "--all-present")
    assert branch("meeting", "edit", "1", "--due", "4", "--present", "1").code == 0
    assert (of(branch), names(branch, "attendees")) == (("by_count", 4, 1), [])


def test_an_export_brings_each_kind_back(branch: Any, tmp_path: Any) -> None:
    for day, said in enumerate(((), ("--all-present",), ("--due", "9", "--present", "6", "--absent", "李四")), start=1):
        assert branch(*UNDATED, "--on", f"2026-09-0{day}", *said).code == 0
    before = [of(branch, number) for number in (1, 2, 3)]
    assert branch("export", "meeting", "--out", "out").code == 0
    file = str(next((tmp_path / "out").glob("*.xlsx")))
    assert branch("import", file, "--json").json["files"][0]["sheets"][0]["rows"]["unchanged"] == 3
    assert branch("export", "member", "--full", "--out", "花名册").code == 0
    other = ("--db", tmp_path / "other.db")
    assert branch(*other, "init", "--branch", "神经内科党支部").code == 0
    done = branch(*other, "import", "花名册", file)
    assert done.code == 0, done.out
    again = branch(*other, "meeting", "list", "--json").json
    assert [(one["attendance"], one["due"], one["present"]) for one in again] == before


def test_a_visitor_is_recorded_as_such(branch: Any) -> None:
    assert branch("branch", "add", "--name", "外科党支部", "--kind", "党支部").code == 0
    person = ("--name", "何思", "--staff-no", "009", "--category", "正式党员", "--branch", "外科党支部")
    assert branch("member", "add", *person).code == 0
    open_day = tuple("--branch 神经内科党支部 --kind 主题党日 --on 2026-09-06 --topic 开放 --hours 2".split())
    done = branch("meeting", "add", *open_day, "--attendees", "张三、何思")
    assert (done.code, "何思是别的支部的党员，记入列席" in done.err) == (0, True)
    shown = branch("meeting", "show", "1", "--json").json
    assert (shown["guests"], shown["due"], shown["present"]) == ("何思", 4, 1)


def test_one_who_took_part_in_a_service_is_corrected(branch: Any) -> None:
    day = ("--kind", "义诊", "--on", "2026-08-01", "--title", "进社区", "--hours", "3")
    assert branch("service", "add", *day, "--members", "张三、李四:5").code == 0
    assert branch("service", "edit", "1", "--member", "003:2", "--without", "张三").code == 0
    shown = branch("service", "show", "1", "--json").json
    assert [(one["name"], one["reason"]) for one in shown["members"]] == [("李四", "5小时"), ("王芳", "2小时")]
    assert branch("service", "edit", "1", "--members", "张三").code == 0
    assert [one["name"] for one in branch("service", "show", "1", "--json").json["members"]] == ["张三"]


def test_who_was_missing_is_asked_on_a_terminal(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
    for day, (answer, attendance) in enumerate(
        (("张三（值班）、李四", ("by_name", 4, 2)), ("0", ("by_name", 4, 4)), ("", ("unknown", None, None))), start=1
    ):
        monkeypatch.setattr("builtins.input", lambda answer=answer: answer)
        assert branch(*UNDATED, "--on", f"2026-09-0{day}").code == 0
        assert of(branch, day) == attendance


def test_what_nobody_said_is_named_as_something_to_complete(branch: Any) -> None:
    today = str(date.today())
    assert branch(*UNDATED, "--on", today).code == 0
    assert "补记 1 次会议的出席情况（编号 1）" in branch("status").out
    assert branch("meeting", "edit", "1", "--all-present").code == 0
    assert "出席情况" not in branch("status").out


def test_a_task_done_later_was_open_on_the_day() -> None:
    task = {
        "due_on": "2026-12-31",
        "started_on": "2026-08-01",
        "done_on": "2026-11-27",
        "evidence": "照片",
        "verified_by": "李四",
    }
    assert task_state(task, date(2026, 9, 30)) == "进行中"
    assert task_state(task, date(2026, 11, 27)) == "已销号"


def test_what_an_earlier_version_assumed_is_marked_and_settled(cli: Any, book_file: Any) -> None:
    shutil.copy(FROZEN / "plain-5.db", book_file)
    before = {one["id"]: one["attendance"] for one in cli("meeting", "list", "--json").json}
    marked = [number for number, how in before.items() if how == "presumed"]
    assert marked
    assert "推定" in cli("meeting", "show", marked[0]).out
    first, *rest = marked
    assert cli("meeting", "confirm", first).code == 0
    assert of(cli, first)[0] == "by_name"
    assert cli("meeting", "confirm", "--all", "--clear").code == 0
    assert {of(cli, number) for number in rest} <= {("unknown", None, None)}
    assert cli("meeting", "confirm", first).code == 3
    assert cli("doctor", "--replay").code == 0
