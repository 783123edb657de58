"""`doctor`: content with a sound book, and every kind of harm is found and named; exit 1."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store import doctor, history


def found(branch: Any) -> list[str]:
    done = branch("doctor", "--json")
    told = done.json
    wrong = [one["id"] for one in told["checks"] if not one["ok"]]
    assert done.code == (1 if wrong else 0)
    assert told["ok"] is (not wrong)
    assert all(one["message"] for one in told["checks"] if not one["ok"])
    return wrong


def sql(*statements: str) -> Callable[[Path], None]:
    def harm(book: Path) -> None:
        with closing(sqlite3.connect(book, isolation_level=None)) as raw:
            for statement in statements:
                raw.execute(statement)

    return harm


def old(name: str) -> Callable[[Path], None]:
    def harm(book: Path) -> None:
        path = book.with_name(name)
        path.touch(mode=0o600)
        before = datetime.now(UTC) - timedelta(days=2)
        os.utime(path, (before.timestamp(), before.timestamp()))

    return harm


HARMS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "reference": (sql("UPDATE member SET branch_id = 9 WHERE id = 1"), ["references", "records"]),
    "orphan": (sql("INSERT INTO person VALUES ('honor', 7, 'winner', 1)"), ["orphans"]),
    "log": (sql("DROP TRIGGER change_is_final", "UPDATE change SET command = 'x' WHERE id = 2"), ["history"]),
    "record changed": (sql("UPDATE member SET note = 'x' WHERE id = 2"), ["records"]),
    "record removed": (sql("DELETE FROM member WHERE id = 4"), ["records"]),
    "record added": (sql("INSERT INTO branch (id, name) VALUES (9, '乙党支部')"), ["numbers", "records"]),
    "older": (sql("PRAGMA user_version = 1"), ["schema"]),
    "newer": (sql("PRAGMA user_version = 999"), ["schema"]),
    "open to all": (lambda book: book.chmod(0o644), ["permissions"]),
    "stale lock": (old("book.db.lock"), ["lock"]),
    "half a restore": (old("book.db.partial"), ["lock"]),
    "index damaged": (sql("PRAGMA writable_schema = on", "UPDATE sqlite_master SET rootpage = 2 WHERE name = 'honor_by_day'"), []),
}  # fmt: skip


def test_a_sound_book(branch: Any) -> None:
    assert found(branch) == []
    assert "数据库完好" in branch("doctor").err


@pytest.mark.parametrize("harm", HARMS)
def test_every_harm_is_found(branch: Any, book_file: Path, harm: str) -> None:
    do, expected = HARMS[harm]
    do(book_file)
    wrong = found(branch)
    assert wrong == expected if expected else wrong
    done = branch("doctor")
    assert done.code == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "harm",
    [
        (
            "DELETE FROM change_row WHERE change_id = (SELECT max(id) FROM change)",
            "DELETE FROM change WHERE id = (SELECT max(id) FROM change)",
        ),
        ("DELETE FROM setting WHERE key = 'history_head'",),
        ("UPDATE setting SET value = x'ff' WHERE key = 'history_head'",),
    ],
)
def test_going_on_does_not_cover_up_that_the_end_of_the_log_was_altered(
    branch: Any, book_file: Path, harm: tuple[str, ...]
) -> None:
    sql("DROP TRIGGER change_stays", "DROP TRIGGER change_row_stays", *harm)(book_file)
    for note in ("一", "二"):
        done = branch("member", "edit", "张三", "--note", note)
        assert done.code == 0
        assert "变更日志" in done.err
        assert "doctor" in done.err
    assert "history" in found(branch)


def test_a_full_disk_is_found(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_ROOM", 2**62)
    assert found(branch) == ["space"]


def test_a_clock_set_back_is_found_and_the_order_of_changes_stays(
    branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=400)

    with monkeypatch.context() as patched:
        patched.setattr(history, "datetime", Ahead)
        branch("member", "edit", "张三", "--note", "一")
    assert found(branch) == ["clock"]
    branch("member", "edit", "张三", "--note", "二")
    assert found(branch) == []
    numbers = [one["change"] for one in branch("log", "--json").json]
    assert numbers == sorted(numbers, reverse=True)
    assert branch("log", "verify").code == 0


def test_no_book_is_not_found(cli: Any) -> None:
    assert cli("doctor").code == 3
