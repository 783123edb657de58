"""`log`: every change listed, shown with masked values, and its chain checked."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def told(cli: Any) -> Any:
    """Runs a command on a book of three changes; its exit code and standard output."""

    def call(*arguments: str) -> tuple[int, str]:
        done = cli(*arguments)
        return done.code, done.out

    assert call("init", "--branch", "神经内科党支部")[0] == 0
    member = ("member", "add", "--name", "张三", "--born-on", "1985-03", "--category", "正式党员")
    assert call(*member, "--phone", "15400001111", "--id-number", "119900198503120012")[0] == 0
    assert call("member", "edit", "张三", "--department", "神经内科")[0] == 0
    return call


@pytest.fixture
def alter_book(book_file: Path, told: Any) -> Any:
    """Changes the book behind the program's back."""

    def alter(*statements: str) -> None:
        raw = sqlite3.connect(book_file, isolation_level=None)
        triggers = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        raw.close()

    return alter


def test_lists_the_newest_first(told: Any) -> None:
    code, out = told("log", "--json")
    found = json.loads(out)
    assert code == 0
    assert [one["change"] for one in found] == [3, 2, 1]
    assert found[0]["rows"] == {"added": 0, "changed": 1, "removed": 0, "erased": 0}
    assert found[1]["rows"]["added"] == 1
    assert [one["change"] for one in json.loads(told("log", "--limit", "1", "--json")[1])] == [3]


def test_shows_before_and_after_with_personal_data_masked(told: Any) -> None:
    code, out = told("log", "show", "2")
    assert code == 0
    assert "154****1111" in out
    assert "119900********0012" in out
    assert "15400001111" not in out
    assert "119900198503120012" not in out
    fields = json.loads(told("log", "show", "3", "--json")[1])["records"][0]["fields"]
    assert fields == [{"field": "科室", "before": None, "after": "神经内科"}]


def test_unknown_number_is_not_found(told: Any) -> None:
    assert told("log", "show", "9")[0] == 3


def test_verify_is_content_with_what_the_program_wrote(told: Any) -> None:
    code, out = told("log", "verify", "--json")
    assert code == 0
    assert json.loads(out) == {"entries": 3, "altered": None, "reason": None}


@pytest.mark.parametrize(
    ("statement", "altered"),
    [
        ("UPDATE change SET command = 'x' WHERE id = 2", 2),
        ("UPDATE change SET at = '2020-01-01' WHERE id = 1", 1),
        ("UPDATE change_row SET after = '{}' WHERE change_id = 3", 3),
        ("DELETE FROM change_row WHERE change_id = 2", 2),
        ("DELETE FROM change WHERE id = 2", 2),
        ("DELETE FROM change WHERE id = 3", 3),
        ("INSERT INTO change_row SELECT 1, 9, ledger, number, action, before, after, 2 FROM change_row LIMIT 1", 1),
        ("UPDATE change_row SET format = 1 WHERE change_id = 2", 2),
        ("UPDATE change SET seal = 1 WHERE id = 3", 3),
    ],
)
def test_verify_names_the_first_altered_entry(told: Any, alter_book: Any, statement: str, altered: int) -> None:
    alter_book("PRAGMA foreign_keys = off", statement)
    code, out = told("log", "verify", "--json")
    assert code == 1
    assert json.loads(out)["altered"] == altered
    assert f"第 {altered} 条" in told("log", "verify")[1]


def test_verify_misses_the_last_entries_when_they_are_cut_off(told: Any, alter_book: Any) -> None:
    alter_book("DELETE FROM change_row WHERE change_id = 3", "DELETE FROM change WHERE id = 3")
    code, out = told("log", "verify", "--json")
    assert (code, json.loads(out)["altered"]) == (1, 3)


def test_history_refuses_to_be_rewritten(told: Any, book_file: Path) -> None:
    raw = sqlite3.connect(book_file)
    for statement in ("UPDATE change SET command = 'x'", "DELETE FROM change", "DELETE FROM change_row"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
    raw.close()
