"""An edit never makes a record the same as another, by command or by workbook."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook


def numbers(branch: Any) -> list[tuple[str, str]]:
    return [(one["name"], one["staff_no"]) for one in branch("member", "list", "--json").json]


BEFORE = [("张三", "001"), ("李四", "002"), ("王芳", "003"), ("王芳", "004")]


def rewritten(branch: Any, folder: Path, staff_nos: dict[str, str]) -> Path:
    """An exported roster in which somebody gave other 工号 to those who bear these."""
    assert branch("export", "member", "--out", str(folder)).code == 0
    file = next(folder.glob("*.xlsx"))
    book = load_workbook(file)
    for row in book.active.iter_rows():
        for cell in row:
            if str(cell.value) in staff_nos:
                cell.value = staff_nos[str(cell.value)]
    book.save(file)
    return file


def test_a_staff_number_stays_one_persons(branch: Any) -> None:
    done = branch("member", "edit", "张三", "--staff-no", "002")
    assert done.code == 4
    assert done.err == "错误：工号（--staff-no）：改后就与编号 2 的记录是同一条了，请核对。没有写入任何内容。\n"
    assert numbers(branch) == BEFORE


def test_other_fields_of_namesakes_are_edited_freely(branch: Any) -> None:
    assert branch("member", "edit", "003", "--title", "主任护师").code == 0
    assert branch("member", "edit", "李四", "--name", "王芳").code == 0
    assert numbers(branch)[1] == ("王芳", "002")


@pytest.mark.parametrize(("month", "code"), [("2026-08", 4), ("2026-09", 0)])
def test_one_month_of_dues_is_one_record(branch: Any, month: str, code: int) -> None:
    for one in ("2026-07", "2026-08"):
        assert branch("dues", "add", "--member", "张三", "--month", one, "--due", "96", "--paid", "96").code == 0
    assert branch("dues", "edit", "1", "--month", month).code == code
    kept = [one["month"] for one in branch("dues", "list", "--json").json]
    assert sorted(kept) == (["2026-07", "2026-08"] if code else ["2026-08", "2026-09"])


def test_a_workbook_may_not_give_one_number_to_two(branch: Any, tmp_path: Path) -> None:
    done = branch("import", str(rewritten(branch, tmp_path / "out", {"001": "002"})), "--json")
    assert done.code == 4
    assert [one["column"] for one in done.json["files"][0]["sheets"][0]["problems"]] == ["工号"]
    assert numbers(branch) == BEFORE


def test_two_do_not_change_places_in_a_workbook(branch: Any, tmp_path: Path) -> None:
    """Nobody can tell two that were exchanged from a column that was sorted alone; by command they may."""
    file = rewritten(branch, tmp_path / "out", {"001": "002", "002": "001"})
    done = branch("import", str(file), "--yes")
    assert done.code == 4
    assert "有 2 行的内容互相换了位置" in done.out + done.err
    assert numbers(branch) == BEFORE
    for person, staff_no in (("张三", "x"), ("李四", "001"), ("张三", "002")):
        assert branch("member", "edit", person, "--staff-no", staff_no).code == 0
    assert numbers(branch) == [("张三", "002"), ("李四", "001"), *BEFORE[2:]]


ID_NUMBER = "119900198503120012"


def test_an_id_number_of_somebody_else_is_refused_in_an_edit_and_of_a_new_member(branch: Any) -> None:
    assert branch("member", "edit", "张三", "--id-number", ID_NUMBER).code == 0
    done = branch("member", "edit", "李四", "--id-number", ID_NUMBER)
    assert done.code == 4
    assert ID_NUMBER not in done.err
    person = ("--name", "赵六", "--staff-no", "009", "--category", "正式党员", "--id-number", ID_NUMBER)
    done = branch("member", "add", *person)
    assert done.code == 4
    assert "已经是编号 1（张三）的" in done.err
    assert ID_NUMBER not in done.err
    assert numbers(branch) == BEFORE


@pytest.fixture
def born(branch: Any) -> Any:
    """Three members known by name and birth only: 5 and 6 of the branch, 7 of another."""
    branch("branch", "add", "--name", "外科党支部", "--kind", "党支部")
    for where, day in (("神经内科党支部", "1985-03"), ("神经内科党支部", "1990"), ("外科党支部", "1985-03-09")):
        person = ("--name", f"钱七{day}号", "--born-on", day, "--category", "正式党员", "--branch", where)
        assert branch("member", "add", *person).code == 0
    for number in (5, 6, 7):  # typed anew, the second would be asked for his 工号
        assert branch("member", "edit", number, "--name", "钱七").code == 0
    return branch


def test_a_birth_or_a_branch_never_makes_two_members_one(born: Any) -> None:
    before = born("member", "list", "--json").out
    assert born("member", "edit", "6", "--born-on", "1985-03-02").code == 4
    assert born("member", "edit", "5", "--branch", "外科党支部").code == 4
    done = born("member", "transfer", "5", "--to", "外科党支部", "--on", "2026-01-05")
    assert done.code == 4
    assert "与编号 7 的党员分不清" in done.err
    assert born("member", "list", "--json").out == before


def test_undo_never_brings_back_a_number_that_is_anothers_now(branch: Any) -> None:
    assert branch("member", "edit", "张三", "--staff-no", "009").code == 0
    change = branch("log", "--json").json[0]["change"]
    assert branch("member", "add", "--name", "王五", "--staff-no", "001", "--category", "正式党员").code == 0
    done = branch("undo", change)
    assert done.code == 3
    assert "党员花名册编号 1 会与编号 5 的记录成为同一条" in done.err
    assert numbers(branch)[0] == ("张三", "009")


def test_a_transfer_says_where_to(branch: Any) -> None:
    assert branch("member", "transfer", "张三", "--to", " ", "--on", "2026-01-05").code == 4


def test_who_found_no_room_leaves_none_to_another(branch: Any, tmp_path: Path) -> None:
    """张三 was to get the number of 李四, who was to get that of 王芳, who keeps it."""
    file = rewritten(branch, tmp_path / "out", {"001": "002", "002": "003"})
    assert branch("import", str(file), "--yes", "--skip-bad").code == 0
    assert numbers(branch) == BEFORE


def test_a_number_is_that_of_the_last_record_that_had_it(branch: Any, tmp_path: Path) -> None:
    task = ("task", "add", "--area", "党建", "--responsible", "李四", "--due-on", "2026-12-01", "--item", "甲")
    for command in (task, ("task", "remove", "1", "--yes"), task, ("task", "edit", "1", "--item", "乙")):
        assert branch(*command).code == 0
    assert branch("task", "remove", "1", "--yes").code == 0
    sheet = tmp_path / "任务清单台账.csv"
    rows = ("方面,目标任务,责任人,完成时限", "党建,甲,李四,2026-12-01", "党建,乙,李四,2026-12-01")
    sheet.write_text("\n".join(rows), encoding="utf-8")
    assert branch("import", str(sheet)).code == 0
    kept = [(one["id"], one["item"]) for one in branch("task", "list", "--json").json]
    assert sorted(kept) == [(1, "乙"), (2, "甲")]


def test_a_row_that_fits_two_records_is_asked_about_and_changes_neither(branch: Any) -> None:
    heard = ("study", "add", "--member", "张三", "--topic", "党章", "--hours", "2", "--on")
    assert branch(*heard, "2026-03-05").code == branch(*heard, "2026-03-19").code == 0
    done = branch(*heard, "2026-03")
    assert done.code == 4
    assert "与 2 条已有记录（编号 1、2）都相符，不能确定是哪一条" in done.err
    assert [one["studied_on"] for one in branch("study", "list", "--json").json] == ["2026-03-05", "2026-03-19"]
    assert branch(*heard, "2026-03-19").code == 4, "the exact day is the record of that day"
    assert "编号 2" in branch(*heard, "2026-03-19").err
