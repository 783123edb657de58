"""History written by earlier versions: lifted when it is read, sealed anew only where it was sound, built again to the record."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.records.base.registry import shapes
from partybuild_cli.records.meeting import Meeting
from partybuild_cli.store import chain, driver, history, rows
from partybuild_cli.store import shape as shapes_of
from partybuild_cli.store.asof import differences
from partybuild_cli.store.engine import open_book
from partybuild_cli.store.shape import Shape

NEWER = "刘\U00031350"  # a character that Python counts as printable since 3.12

MEETING = {
    "branch_id": 1, "kind": "党课", "held_on": "2026-03-05", "topic": "学习",
    "attendance": [[1, "出席", None, None], [2, "请假", "值班", "2026-03-09"]],
}  # fmt: skip


def escaped(text: str) -> str:
    """`repr` as Python 3.11 has it, whatever Python runs the test."""
    return text.replace("\U00031350", "\\U00031350")


def literal(text: str) -> str:
    """`repr` as Python 3.12 has it."""
    return text.replace("\\U00031350", "\U00031350")


def book_of(version: int, path: Path, python: Any = str, spoil: str = "") -> Path:
    """A book as schema `version` left it, with a branch, two members, and a meeting that was edited and removed."""
    rows: list[tuple[Any, ...]] = []

    def did(change: int, ledger: str, number: int, action: str, before: Any, after: Any) -> None:
        place = sum(row[0] == change for row in rows) + 1
        texts = [
            None if one is None else json.dumps(one, ensure_ascii=False, separators=(",", ":"))
            for one in (before, after)
        ]
        rows.append((change, place, ledger, number, action, *texts))

    branch = {"name": "神经内科党支部"}
    members = [{"branch_id": 1, "name": name, "category": "正式党员"} for name in (NEWER, "李四")]
    corrected = [[1, "出席", None, None], [2, "出席", None, None]]
    did(1, "branch", 1, "add", None, branch)
    for number, member in enumerate(members, start=1):
        did(2, "member", number, "add", None, member)
    did(3, "meeting", 1, "add", None, MEETING)
    did(
        4,
        "meeting",
        1,
        "edit",
        {"attendance": MEETING["attendance"], "place": None},
        {"attendance": corrected, "place": "会议室"},
    )
    did(5, "meeting", 1, "remove", {**MEETING, "attendance": corrected, "place": "会议室"}, None)
    with closing(sqlite3.connect(path)) as raw, raw:
        for file in driver.migrations()[:version]:
            raw.executescript(file.read_text(encoding="utf8"))
        raw.execute("INSERT INTO branch (id, name) VALUES (1, ?)", tuple(branch.values()))
        for number, member in enumerate(members, start=1):
            raw.execute(
                "INSERT INTO member (id, branch_id, name, category) VALUES (?, ?, ?, ?)", (number, *member.values())
            )
        raw.execute(
            "INSERT INTO retired VALUES ('meeting', ?, 1)",
            (json.dumps([1, "党课", "2026-03-05", "学习"], ensure_ascii=False),),
        )
        raw.executemany("INSERT INTO counter VALUES (?, ?)", [("branch", 1), ("member", 2), ("meeting", 1)])
        seal = ""
        for number in range(1, 6):
            head = (number, f"2026-03-0{number}T08:00:00+00:00", "clerk", f"partybuild {number}", None)
            digest = hashlib.sha256(seal.encode())
            digest.update(python(repr(head)).encode())
            for row in rows:
                if row[0] == number:
                    digest.update(python(repr(row)).encode())
            seal = digest.hexdigest()
            raw.execute("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", (*head, seal))
        raw.executemany("INSERT INTO change_row VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        raw.executemany(
            "INSERT INTO setting VALUES (?, ?)", [("book", "0a1b2c3d"), ("secret", "00"), (history.HEAD, f"5:{seal}")]
        )
        if spoil:
            raw.execute("DROP TRIGGER change_is_final")
            raw.execute("DROP TRIGGER change_row_is_final")
            raw.execute(spoil)
        raw.execute(f"PRAGMA user_version = {version}")
    path.chmod(0o600)
    return path


def on(cli: Any, path: Path) -> Any:
    """The commands on a book."""
    return lambda *words: cli("--db", str(path), *words)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return book_of(5, tmp_path / "older.db")


@pytest.mark.parametrize("python", [escaped, literal])
def test_a_rare_name_is_not_altered_because_python_was_another(tmp_path: Path, python: Any) -> None:
    with open_book(book_of(5, tmp_path / "older.db", python)).reading() as connection:
        assert chain.verify(connection).altered is None
        assert {seal for (seal,) in connection.exec_driver_sql("SELECT seal FROM change")} == {history.VERSION}


def test_a_history_that_was_altered_is_not_sealed_anew(cli: Any, tmp_path: Path) -> None:
    path = book_of(5, tmp_path / "older.db", spoil="UPDATE change SET command = 'x' WHERE id = 2")
    with open_book(path).reading() as connection:
        assert chain.verify(connection).altered == 2
        assert {seal for (seal,) in connection.exec_driver_sql("SELECT seal FROM change")} == {1}
    run = on(cli, path)
    assert run("member", "edit", "李四", "--note", "好").code == 0
    assert json.loads(run("log", "verify", "--json").out)["altered"] == 2


def test_every_command_of_history_works_on_an_older_book(cli: Any, older: Path) -> None:
    run = on(cli, older)
    assert [one["change"] for one in json.loads(run("log", "--json").out)] == [5, 4, 3, 2, 1]
    shown = json.loads(run("log", "show", "4", "--json").out)
    fields = {one["field"]: (one["before"], one["after"]) for one in shown["records"][0]["fields"]}
    assert fields == {
        "地点": (None, "会议室"),
        "出席情况": ("李四 请假 值班 2026-03-09", "李四 出席"),
        "应到实到": (None, "推定"),
    }
    assert run("doctor", "--replay").code == 0
    assert run("meeting", "list", "--as-of", "2026-03-04").code == 0
    assert run("undo", "5").code == 0
    assert run("undo", "4").code == 0
    assert json.loads(run("meeting", "show", "1", "--json").out)["on_leave"] == [{"name": "李四", "reason": "值班"}]
    assert run("doctor").code == 0
    assert run("doctor", "--replay").code == 0


def test_identities_of_before_are_worked_out_and_the_same_everywhere(older: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(older.read_bytes())
    found = []
    for path in (older, copy):
        with open_book(path).reading() as connection:
            found.append(connection.exec_driver_sql("SELECT uid FROM member ORDER BY id").scalars().all())
            retired = connection.exec_driver_sql("SELECT uid FROM retired").scalar()
    assert found[0] == found[1] == [shapes_of.derived_uid("0a1b2c3d", "member", number) for number in (1, 2)]
    assert retired == shapes_of.derived_uid("0a1b2c3d", "meeting", 1)


def test_a_column_that_came_later_alters_nothing(
    cli: Any, older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more column on a table below a record: what was written before stands as it was."""
    run = on(cli, older)
    assert run("undo", "5").code == 0
    script = tmp_path / "9999_seat.sql"
    script.write_text("ALTER TABLE attendance ADD COLUMN seat TEXT;")
    known = driver.migrations()
    monkeypatch.setattr(driver, "migrations", lambda: (*known, script))
    shape = Meeting.shape
    children = tuple(
        replace(child, columns=(child.columns[0], "seat", *child.columns[1:])) if child.table == "attendance" else child
        for child in shape.children
    )
    monkeypatch.setattr(Meeting, "shape", replace(shape, children=children))
    assert run("doctor").code == 1  # the migration has not been made yet
    assert run("status").code == 0
    assert run("doctor").code == 0
    assert run("doctor", "--replay").code == 0
    assert run("undo", "6").code == 0
    assert run("doctor", "--replay").code == 0


def test_a_migration_that_loses_something_is_not_made(
    cli: Any, older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = on(cli, older)
    assert run("status").code == 0
    script = tmp_path / "9999_lossy.sql"
    script.write_text("UPDATE member SET name = upper(name) || 'x' WHERE id = 2;")
    known = driver.migrations()
    monkeypatch.setattr(driver, "migrations", lambda: (*known, script))
    done = run("status")
    assert done.code == 3
    assert "已放弃升级" in done.err
    monkeypatch.setattr(driver, "migrations", lambda: known)
    assert run("doctor").code == 0


def test_a_book_that_differed_before_is_still_carried_forward(cli: Any, older: Path) -> None:
    """Somebody changed it with another program: that is for the doctor to say, and no reason to lock the clerk out."""
    with closing(sqlite3.connect(older)) as raw, raw:
        raw.execute("UPDATE member SET note = 'x' WHERE id = 2")
    run = on(cli, older)
    assert run("status").code == 0
    done = run("doctor", "--replay", "--json")
    assert (done.code, json.loads(done.out)["differences"]) == (1, [{"ledger": "member", "number": 2, "change": None}])


def test_replay_names_an_entry_that_does_not_follow(older: Path) -> None:
    path = older
    with open_book(path).writing() as connection:
        connection.exec_driver_sql("INSERT INTO erasing (change_id) VALUES (0)")
        connection.exec_driver_sql('UPDATE change_row SET before = \'{"place":"别处"}\' WHERE change_id = 4')
        chain.seal_again(connection)
        connection.exec_driver_sql("DELETE FROM erasing")
        found = differences(connection, shapes())
    assert [(one.ledger, one.number, one.change) for one in found] == [("meeting", 1, 4)]


def test_whatever_is_written_is_read_back() -> None:
    shape: Shape = Meeting.shape
    kept = {
        "topic": "学习",
        "place": None,
        "attendance": [(1, "出席", None, None), (2, "请假", "值班", "2026-03-09")],
        "uid": "a" * 16,
    }
    origin = shapes_of.DocumentOrigin("0a1b2c3d", "meeting", 1, whole=True)
    back = shapes_of.stored_of(
        shape, shapes_of.read_document(rows.document_text(shape, kept), shapes_of.FORMAT, origin)
    )
    assert back == kept
