"""What an edit says is done, and what it does not speak of stays as it is: lists of people, visits, days, names in texts."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook


@pytest.fixture
def met(branch: Any) -> Any:
    """An assembly that 张三 missed, and a lecture that 张三 gave and 李四 chaired."""
    day = ("--on", "2026-09-05", "--topic", "大会")
    assert branch("meeting", "add", "--kind", "支部党员大会", *day, "--absent", "张三").code == 0
    names = ("--lecturer", "张三", "--host", "李四")
    assert (
        branch("meeting", "add", "--kind", "党课", "--on", "2026-09-06", "--topic", "课", *names, "--all-present").code
        == 0
    )
    return branch


def shown(cli: Any, *asked: str) -> Any:
    return cli(*asked, "--json").json


def lists(cli: Any) -> dict[str, list[str]]:
    meeting = shown(cli, "meeting", "show", "1")
    return {key: [one["name"] for one in meeting[key]] for key in ("on_leave", "absent") if key in meeting}


@pytest.mark.parametrize(
    ("option", "left"),
    [
        (("--on-leave", "张三:病假"), {"on_leave": ["张三"]}),
        (("--attendees", "张三、李四、003、004"), {}),
        (("--on-leave", "李四:病假"), {"on_leave": ["李四"], "absent": ["张三"]}),
    ],
)
def test_who_is_moved_to_another_list_leaves_the_one_he_was_in(met: Any, option: tuple[str, ...], left: Any) -> None:
    assert met("meeting", "edit", "1", *option).out.startswith("出席情况：")
    assert lists(met) == left


def test_who_is_typed_into_two_lists_is_told(met: Any) -> None:
    day = ("--on", "2026-09-07", "--topic", "学习")
    people = ("--attendees", "张三、李四、003、004", "--absent", "张三")
    done = met("meeting", "add", "--kind", "专题学习", *day, *people)
    assert done.code == 0
    assert "张三也在缺席人员及原因中，按后者计，请核对" in done.err


def test_another_kind_of_meeting_says_who_was_not_due_at_it(met: Any) -> None:
    done = met("meeting", "edit", "1", "--kind", "支委会")
    assert "李四、王芳(004)不在应到范围内，仍记为出席；要按应到重算，请加 --clear attendees" in done.err
    assert met("meeting", "edit", "1", "--clear", "attendees").code == 0
    assert [shown(met, "meeting", "show", "1")[key] for key in ("due", "present")] == [2, 1]


def test_a_member_registered_late_hinders_no_edit_of_an_old_meeting(met: Any) -> None:
    assert met("member", "add", "--name", "赵六", "--staff-no", "006", "--category", "正式党员").code == 0
    assert met("meeting", "edit", "1", "--note", "雨").code == 0
    assert shown(met, "meeting", "show", "1")["due"] == 4


def test_an_export_comes_back_unchanged_although_the_roster_has_changed(met: Any, tmp_path: Path) -> None:
    committee = ("--kind", "支委会", "--on", "2026-09-08", "--topic", "支委会", "--absent", "003")
    assert met("meeting", "add", *committee).code == 0
    assert met("member", "edit", "003", "--clear", "party_post").code == 0
    assert met("member", "add", "--name", "赵六", "--staff-no", "006", "--category", "正式党员").code == 0
    assert met("export", "meeting", "--out", "out").code == 0
    file = next((tmp_path / "out").glob("*.xlsx"))
    assert met("import", str(file), "--json").json["files"][0]["sheets"][0]["rows"]["unchanged"] == 3
    book = load_workbook(file)
    cells = [cell for row in book.active.iter_rows() for cell in row if str(cell.value).startswith("张三、李四")]
    assert len(cells) == 1
    cells[0].value = "张三"
    book.save(file)
    done = met("import", str(file), "--json")
    assert done.code == 0
    assert "既不在出席名单中" in done.json["files"][0]["sheets"][0]["warnings"][0]["message"]


def test_a_coarser_day_that_is_typed_replaces_the_finer_one(branch: Any) -> None:
    assert branch("member", "edit", "004", "--joined-on", "2012").code == 0
    assert shown(branch, "member", "show", "004")["joined_on"] == "2012"


def test_a_visit_brings_its_own_content(branch: Any) -> None:
    visit = ("--visited-on", "2026-04-01", "--content", "第一次")
    branch("pairing", "add", "--kind", "师徒", "--giver", "张三", "--receiver", "李四", *visit)
    assert branch("pairing", "edit", "1", "--visited-on", "2026-05-01").code == 0
    assert "content" not in shown(branch, "pairing", "show", "1")
    assert branch("pairing", "edit", "1", "--content", "第二次").code == 0
    assert branch("pairing", "edit", "1", "--visited-on", "2026-04-01").out.startswith("没有不同之处")


def test_old_texts_go_on_naming_a_member_who_is_called_otherwise_now(met: Any, tmp_path: Path) -> None:
    assert met("member", "edit", "张三", "--name", "张山").code == 0
    other = ("--name", "张三", "--staff-no", "005", "--category", "预备党员", "--joined-on", "2026-10-01")
    assert met("member", "add", *other).code == 0
    assert met("meeting", "edit", "2", "--note", "雨").out.startswith("备注：（空） → 雨\n已修改")
    assert met("export", "meeting", "--out", "out").code == 0
    done = met("import", str(next((tmp_path / "out").glob("*.xlsx"))), "--json").json
    assert done["files"][0]["sheets"][0]["rows"]["unchanged"] == 2
    assert 2 in [one["id"] for one in shown(met, "meeting", "list", "--member", "张山")]
    assert 2 not in [one["id"] for one in shown(met, "meeting", "list", "--member", "张三")]


def test_a_sheet_without_a_column_unlinks_nobody_in_it(met: Any, tmp_path: Path) -> None:
    assert met("export", "meeting", "--out", "out").code == 0
    file = next((tmp_path / "out").glob("*.xlsx"))
    book = load_workbook(file)
    for row in book.active.iter_rows():
        for cell in row:
            if cell.value == "主讲人":
                book.active.delete_cols(cell.column)
                break
    book.save(file)
    done = met("import", str(file), "--json").json
    assert done["files"][0]["sheets"][0]["rows"]["unchanged"] == 2


def test_an_option_is_cleared_by_the_name_that_help_shows(branch: Any) -> None:
    branch(*"development add --name 甲某 --staff-kind 护理 --applied-on 2026-01-05 --contact 张三".split())
    assert branch("development", "edit", "1", "--clear", "contact").code == 0
    assert "contacts" not in shown(branch, "development", "show", "1")


def test_a_name_that_is_cleared_is_no_longer_linked(branch: Any) -> None:
    branch("meeting", "add", "--kind", "党课", "--on", "2026-09-06", "--topic", "课", "--lecturer", "李四")
    before = branch("log", "--json").json[0]["change"]
    assert branch("meeting", "edit", "1", "--clear", "lecturer").code == 0
    (record,) = branch("log", "show", before + 1, "--json").json["records"]
    assert [one["after"] for one in record["fields"]] == [None, None]


def test_what_follows_from_an_edit_is_no_warning(branch: Any) -> None:
    assert branch("dues", "add", "--member", "张三", "--month", "2026-08", "--due", "96").code == 0
    done = branch("dues", "edit", "1", "--paid", "96")
    assert (done.code, done.err) == (0, "")
    assert shown(branch, "dues", "show", "1")["state"] == "已缴"


def test_an_edit_tells_what_stands_below_a_record_in_words(branch: Any) -> None:
    given = ("--on", "2026-09-20", "--title", "社区义诊", "--hours", "3", "--member", "张三", "--member", "李四:6")
    assert branch("service", "add", "--kind", "义诊", *given, "--organizer", "张三").code == 0
    edited = branch("service", "edit", "1", "--without", "李四", "--member", "003:2.5")
    assert "参加党员：李四（6小时） → 王芳(003)（2.5小时）" in edited.out
    assert "李四（6小时）" in branch("log", "show", branch("log", "--json").json[0]["change"]).out
    told = branch("service", "edit", "1", "--clear", "organizer")
    assert "张三（带队） → 张三" in told.out

    counted = ("--on", "2026-09-25", "--topic", "课", "--due", "9", "--present", "6")
    assert branch("meeting", "add", "--kind", "党课", *counted).code == 0
    assert "按人数 应到 9 实到 6 → 按人数 应到 9 实到 7" in branch("meeting", "edit", "1", "--present", "7").out


def test_who_is_written_in_two_places_is_asked_about_and_nobody_is_moved(met: Any) -> None:
    twice = met("meeting", "edit", "1", "--attended", "张三", "--on-leave", "张三:值班")
    assert twice.code == 4
    assert "张三写在两处，不能都算，请只留一处" in twice.err
    assert lists(met) == {"absent": ["张三"]}
    given = ("--on", "2026-09-20", "--title", "社区义诊", "--member", "张三")
    assert met("service", "add", "--kind", "义诊", *given).code == 0
    assert met("service", "edit", "1", "--member", "李四", "--without", "李四").code == 4


def test_who_left_since_does_not_stand_in_the_way_of_another_ones_correction(met: Any) -> None:
    assert met("branch", "add", "--name", "外科党支部").code == 0
    assert met("member", "transfer", "李四", "--to", "外科党支部", "--on", "2026-09-01").code == 0
    edited = met("meeting", "edit", "1", "--attended", "张三")
    assert edited.code == 0
    assert "李四" in edited.err
    assert "原来已登记，仍照记" in edited.err
    assert {"张三", "李四"} <= {one["name"] for one in shown(met, "meeting", "show", "1")["attendees"]}
    moved = met("meeting", "edit", "1", "--on", "2026-09-08", "--attended", "张三", "--absent", "李四")
    assert moved.code == 4
