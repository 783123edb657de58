"""`undo`: one command whole or not at all; refused with names where something stands on it."""

import csv
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store import backup


def lines(cli: Any, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli(*arguments, "--json").json
    return found


def dump(book: Path) -> dict[str, list[Any]]:
    """Every record and what stands below it, from the file itself."""
    raw = sqlite3.connect(book)
    tables = tuple("branch member stay meeting attendance service participation person pairing entry".split())
    found = {table: raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables}
    raw.close()
    return found


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A roster of 150 invented members, as a CSV file."""
    path = tmp_path / "花名册.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["姓名", "工号", "人员类别", "入党时间", "籍贯"])
        writer.writerows([f"党员{n:03}", f"G{n:04}", "正式党员", f"20{n % 20:02}-07", "某省"] for n in range(150))
    return path


def test_import_undo_import_ends_with_the_same_records_and_numbers(branch: Any, book_file: Path, roster: Path) -> None:
    before = dump(book_file)
    assert branch("import", str(roster)).code == 0
    once = dump(book_file)
    assert len(once["member"]) == len(before["member"]) + 150
    assert branch("undo", "--yes").code == 0
    assert dump(book_file) == before
    assert branch("import", str(roster)).code == 0
    assert dump(book_file) == once
    assert branch("doctor").code == 0


def test_an_undo_can_be_undone(branch: Any, book_file: Path, roster: Path) -> None:
    change = branch("import", str(roster), "--json").json["change"]
    full = dump(book_file)
    undo = branch("undo", str(change), "--json").json
    assert undo == {"undone": change, "change": change + 1, "rows": 150}
    assert branch("undo", str(undo["change"])).code == 0
    assert dump(book_file) == full
    assert branch("undo", str(change)).code == 0
    assert branch("log", "verify").code == 0


def test_undo_without_a_number_steps_back_through_what_stands(branch: Any) -> None:
    branch("member", "edit", "张三", "--note", "一")
    branch("member", "edit", "张三", "--note", "二")
    assert branch("undo", "--yes").code == 0
    assert branch("member", "show", "张三", "--json").json["note"] == "一"
    assert branch("undo", "--yes").code == 0
    assert "note" not in branch("member", "show", "张三", "--json").json


def test_every_kind_of_deed_is_taken_back(branch: Any, book_file: Path) -> None:
    deeds: list[tuple[str, ...]] = [
        ("meeting", "add", "--kind", "支部党员大会", "--on", "2026-09-05", "--topic", "学习", "--absent", "李四:值班"),
        ("meeting", "edit", "1", "--absent", "张三:手术", "--place", "会议室"),
        tuple("service add --kind 义诊 --on 2026-09-06 --title 进社区 --member 张三:3 --hours 2".split()),
        ("pairing", "add", "--kind", "师徒", "--giver", "张三", "--receiver", "李四", "--started-on", "2026-01-01"),
        ("pairing", "edit", "1", "--visited-on", "2026-03-01", "--content", "查房"),
        ("member", "transfer", "李四", "--to", "外院党委", "--on", "2026-10-01"),
        ("meeting", "remove", "1", "--yes"),
    ]
    states = [dump(book_file)]
    for deed in deeds:
        done = branch(*deed)
        assert done.code == 0, done.err
        states.append(dump(book_file))
    for state in reversed(states[:-1]):
        assert branch("undo", "--yes").code == 0
        assert dump(book_file) == state
    assert branch("doctor").code == 0


def test_refused_where_a_later_change_stands_on_a_row(branch: Any, book_file: Path) -> None:
    added = lines(branch, "log")[-2]["change"]
    branch("member", "edit", "张三", "--note", "好")
    before = dump(book_file)
    done = branch("undo", str(added))
    assert done.code == 3
    assert "党员花名册编号 1（第 6 次变更）" in done.err
    assert dump(book_file) == before


def test_refused_where_a_later_record_refers_to_an_added_one(branch: Any, book_file: Path) -> None:
    added = lines(branch, "log")[0]["change"]
    branch("study", "add", "--member", "王芳(004)", "--on", "2026-05-01", "--topic", "党章", "--hours", "2")
    branch("meeting", "add", "--kind", "支部党员大会", "--on", "2026-09-05", "--topic", "学习", "--all-present")
    before = dump(book_file)
    done = branch("undo", str(added))
    assert done.code == 3
    assert "三会一课台账编号 1（第 7 次变更）" in done.err
    assert "学习学时台账编号 1" in done.err
    assert dump(book_file) == before


def test_refused_where_what_comes_back_refers_to_a_record_that_was_removed(branch: Any, book_file: Path) -> None:
    branch("study", "add", "--member", "王芳(004)", "--on", "2026-05-01", "--topic", "党章", "--hours", "2")
    branch("study", "remove", "1", "--yes")
    removed = lines(branch, "log")[0]["change"]
    assert branch("member", "remove", "004", "--yes").code == 0
    before = dump(book_file)
    done = branch("undo", str(removed))
    assert done.code == 3
    assert "党员花名册编号 4" in done.err
    assert dump(book_file) == before


def test_a_change_that_was_taken_back_holds_nothing_up(branch: Any) -> None:
    added = lines(branch, "log")[0]["change"]
    branch("member", "edit", "004", "--note", "好")
    branch("undo", "--yes")
    assert branch("undo", str(added)).code == 0


def test_refused_where_a_row_was_changed_outside_the_tool(branch: Any, book_file: Path) -> None:
    raw = sqlite3.connect(book_file)
    with raw:
        raw.execute("UPDATE member SET note = 'x' WHERE id = 4")
    raw.close()
    done = branch("undo", "--yes")
    assert done.code == 3
    assert "党员花名册编号 4" in done.err


@pytest.mark.parametrize("number", ["99", "0"])
def test_unknown_change_is_not_found(branch: Any, number: str) -> None:
    assert branch("undo", number).code == 3


def test_twice_is_refused_and_names_the_way_back(branch: Any) -> None:
    last = lines(branch, "log")[0]["change"]
    assert branch("undo", str(last)).code == 0
    done = branch("undo", str(last))
    assert done.code == 3
    assert f"partybuild undo {last + 1}" in done.err


def test_a_backup_is_kept_before_an_undo_and_before_a_large_import(branch: Any, book_file: Path, roster: Path) -> None:
    assert backup.kept(book_file) == []
    assert branch("import", str(roster)).code == 0
    assert [path.stem.rpartition("-")[2] for path in backup.kept(book_file)] == ["change"]
    assert branch("undo", "--yes").code == 0
    kept = backup.kept(book_file)
    assert sorted(path.stem.rpartition("-")[2] for path in kept) == ["change", "undo"]
    before_import = next(path for path in kept if path.stem.endswith("change"))
    assert len(dump(before_import)["member"]) == 4


def test_a_bare_undo_asks_and_takes_nothing_without_an_answer(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = branch("log", "--json").json
    done = branch("undo")
    assert done.code == 2
    assert "最近一次变更是第 5 次" in done.err
    assert "--yes" in done.err
    monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: "n")
    done = branch("undo")
    assert done.code == 0
    assert "新增 党员花名册 编号 4" in done.err
    assert branch("log", "--json").json == before
    monkeypatch.setattr("builtins.input", lambda: "y")
    assert branch("undo").code == 0
    assert [one["staff_no"] for one in branch("member", "list", "--json").json] == ["001", "002", "003"]
