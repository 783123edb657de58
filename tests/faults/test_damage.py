"""A value that a bad sector or another program damaged: no command breaks down, `doctor` names it and goes on with its other checks.

The kinds: history that is no JSON, no text, of no known deed or format; a live record with a text where a number belongs,
with bytes that are no text, with columns of its own that are no JSON; a posting, a scheme, a setting; the version mark.
"""

import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.cli.run import run
from partybuild_cli.store import driver

_STORY = (
    ("init", "--branch", "神经内科党支部"),
    ("import", "roster.csv", "--yes"),
    ("member", "edit", "001", "--note", "调查员"),
    ("member", "edit", "001", "--note", "复核员"),
    ("member", "edit", "002", "--note", "宣传员"),
    ("dues", "add", "--member", "张三", "--month", "2026-01", "--base", "3000", "--paid", "15"),
    ("meeting", "add", "--kind", "支部党员大会", "--on", "2026-03-05", "--topic", "学习", "--absent", "李四:值班"),
    ("index", "publish", "2026Q1", "--on", "2026-04-09"),
    ("index", "compute", "2026Q2"),
)
_ROSTER = (
    "姓名,工号,人员类别,入党时间,籍贯\n张三,001,正式党员,2008-05-01,某县\n李四,002,正式党员,2009-05-01,某县\n"
    "王芳,003,正式党员,2010-05-01,某县\n"
)
#: What is asked of a damaged book; none of these may break down.
_COMMANDS = tuple(
    tuple(line.strip().split())
    for line in """
        doctor
        doctor --replay --json
        log
        log --json
        log verify
        status
        member list
        member list --json
        member list --all
        member show 001
        member show 002 --json
        dues list
        meeting list --json
        meeting show 1
        branch list
        index list 2026Q1
        index list 2026Q2 --json
        index explain 张三 2026Q1
        index explain 张三 2026Q2 --json
        index annual 2026
        check 2026Q1
        report 2026Q1 --json
        export --out out
        backup
        member list --as-of {today}
        member show 001 --as-of {today} --json
        meeting list --as-of {today} --json
        export member --as-of {today} --out out
        import roster.csv --dry-run
        member edit 003 --note 新的
        member add --name 赵六 --staff-no 099 --category 正式党员
        index compute 2026Q2
        undo 3
        undo 5
    """.strip().splitlines()
)
#: Of these, what reads the history or goes on with it: enough for most kinds of harm to it alone.
_READ_HISTORY = ("doctor", "log", "--as-of", "undo", "edit", "add", "backup", "import")
_HISTORY = "UPDATE change_row SET {} WHERE change_id = 4 AND place = 1"
#: The harm, and which checks of `doctor` must speak of it (any of them).
_KINDS: dict[str, tuple[str, tuple[Any, ...], set[str]]] = {
    "no JSON": (_HISTORY.format("after = replace(after, ':\"', ':#')"), (), {"history"}),
    "JSON cut off": (_HISTORY.format("after = substr(after, 1, 5)"), (), {"history"}),
    "empty": (_HISTORY.format("after = ''"), (), {"history"}),
    "a list": (_HISTORY.format("after = '[1]'"), (), {"history"}),
    "a number": (_HISTORY.format("after = '5'"), (), {"history"}),
    "nothing": (_HISTORY.format("after = NULL"), (), {"history"}),
    "before is no JSON": (_HISTORY.format("before = '{'"), (), {"history"}),
    "bytes that are no text": (_HISTORY.format("after = CAST(? AS TEXT)"), ('{"note":"复核员"}'.encode()[:-3] + b'"}',), {"history"}),
    "a blob": (_HISTORY.format("after = ?"), (b"\x00\xff",), {"history"}),
    "a list in a value": (_HISTORY.format("after = '{\"note\":[\"x\"]}'"), (), {"history"}),
    "an object in a value": (_HISTORY.format("after = '{\"note\":{\"x\":1}}'"), (), {"history"}),
    "a number too large": (_HISTORY.format("after = '{\"note\":99999999999999999999}'"), (), {"history"}),
    "another key": (_HISTORY.format("after = '{\"nxte\":\"复核员\"}'"), (), {"history"}),
    "unknown deed": (_HISTORY.format("action = 'exit'"), (), {"history"}),
    "deed that is a number": (_HISTORY.format("action = 7"), (), {"history"}),
    "number of a record": (_HISTORY.format("number = 'x1'"), (), {"history"}),
    "unknown ledger": (_HISTORY.format("ledger = 'member '"), (), {"history"}),
    "ledger of bytes": (_HISTORY.format("ledger = ?"), (b"\xff",), {"history"}),
    "format of tomorrow": (_HISTORY.format("format = 99"), (), {"history"}),
    "format 0": (_HISTORY.format("format = 0"), (), {"history"}),
    "format that is a text": (_HISTORY.format("format = 'x'"), (), {"history"}),
    "older format": (_HISTORY.format("format = 1"), (), {"history"}),
    "rows below": ("UPDATE change_row SET after = replace(after, '[{', '{[') WHERE ledger = 'meeting'", (), {"history"}),
    "rows below that are none": (
        "UPDATE change_row SET after = json_set(after, '$.attendance', 5) WHERE ledger = 'meeting'", (), {"history"},
    ),
    "day that is none": ("UPDATE change_row SET after = '{\"born_on\":\"198x-01\"}' WHERE change_id = 4", (), {"history"}),
    "moment of a change": ("UPDATE change SET at = 'yesterday' WHERE id = 4", (), {"history"}),
    "moment of the first": ("UPDATE change SET at = '2026-1x' WHERE id = 1", (), {"history"}),
    "moment that is a number": ("UPDATE change SET at = 7 WHERE id = 9", (), {"history"}),
    "moment of bytes": ("UPDATE change SET at = ? WHERE id = 9", (b"\xff\xfe",), {"history"}),
    "user of bytes": ('UPDATE change SET "user" = CAST(? AS TEXT) WHERE id = 4', (b"\xe5\xbc",), {"history"}),
    "command of bytes": ("UPDATE change SET command = CAST(? AS TEXT) WHERE id = 4", (b"partybuild \xe5\xbc",), {"history"}),
    "what it takes back": ("UPDATE change SET undoes = 'x' WHERE id = 4", (), {"history"}),
    "seal": ("UPDATE change SET hash = 7 WHERE id = 4", (), {"history"}),
    "seal of tomorrow": ("UPDATE change SET seal = 99 WHERE id = 4", (), {"history"}),
    "seal of no version": ("UPDATE change SET seal = 'x' WHERE id = 4", (), {"history"}),
    "an entry gone": ("DELETE FROM change WHERE id = 4", (), {"history"}),
    "end of the history": ("UPDATE setting SET value = 'x' WHERE key = 'history_head'", (), {"history"}),
    "end of bytes": ("UPDATE setting SET value = CAST(? AS TEXT) WHERE key = 'history_head'", (b"\xff:1",), {"history"}),
    "the book's name": ("UPDATE setting SET value = CAST(? AS TEXT) WHERE key = 'book'", (b"\xff\xfe",), {"values", "types"}),
    "extras no JSON": ("UPDATE member SET extras = '{\"籍贯\"' WHERE id = 1", (), {"values", "types"}),
    "extras a list": ("UPDATE member SET extras = '[1]' WHERE id = 1", (), {"values", "types"}),
    "extras of numbers": ("UPDATE member SET extras = '{\"籍贯\":5}' WHERE id = 1", (), {"values", "types"}),
    "extras of bytes": ("UPDATE member SET extras = CAST(? AS TEXT) WHERE id = 1", (b'{"\xe7":"x"}',), {"values", "types"}),
    "name of bytes": ("UPDATE member SET name = CAST(? AS TEXT) WHERE id = 1", (b"\xe5\xbc\xa0\xe4",), {"values", "types"}),
    "name that is a number": ("UPDATE member SET name = x'ff00' WHERE id = 1", (), {"values", "types"}),
    "day of a member": ("UPDATE member SET joined_on = '2008-1x-01' WHERE id = 1", (), {"values", "types"}),
    "day that is a number": ("UPDATE member SET joined_on = x'32' WHERE id = 1", (), {"values", "types"}),
    "word of a choice": ("UPDATE member SET category = '正式當員' WHERE id = 1", (), {"values", "types"}),
    "money that is a text": ("UPDATE dues SET paid = '1x5' WHERE id = 1", (), {"values", "types"}),
    "money that is a float": ("UPDATE dues SET paid = 15.5 WHERE id = 1", (), {"values", "types"}),
    "money of bytes": ("UPDATE dues SET paid = x'3135' WHERE id = 1", (), {"values", "types"}),
    "month": ("UPDATE dues SET month = '2026-1x' WHERE id = 1", (), {"values", "types"}),
    "branch of a member": ("UPDATE member SET branch_id = 'x' WHERE id = 1", (), {"values", "types"}),
    "day of a meeting": ("UPDATE meeting SET held_on = '2026-3x-05' WHERE id = 1", (), {"values", "types"}),
    "who was there": ("UPDATE attendance SET member_id = 'x' WHERE member_id = 2", (), {"values", "types"}),
    "how he was there": ("UPDATE attendance SET state = 5.5 WHERE member_id = 2", (), {"records"}),
    "counter": ("UPDATE counter SET last = 'x' WHERE ledger = 'member'", (), {"values", "types"}),
    "counter of none": ("UPDATE counter SET ledger = 'x' WHERE ledger = 'member'", (), {"numbers"}),
    "counter set back": ("UPDATE counter SET last = 0 WHERE ledger = 'member'", (), {"numbers"}),
    "posting no JSON": ("UPDATE index_round SET frozen = substr(frozen, 2) WHERE frozen IS NOT NULL", (), {"archive"}),
    "posting of bytes": ("UPDATE index_round SET frozen = x'ff' WHERE frozen IS NOT NULL", (), {"archive"}),
    "posting gone": ("UPDATE index_round SET frozen = NULL", (), {"archive"}),
    "scheme no JSON": ("UPDATE index_scheme SET body = replace(body, ':', '')", (), {"archive"}),
    "scheme of bytes": ("UPDATE index_scheme SET body = x'ff'", (), {"archive", "values"}),
    "scheme empty": ("UPDATE index_scheme SET body = ''", (), {"archive"}),
    "quarter": ("UPDATE index_round SET quarter = '2026Q9' WHERE quarter = '2026Q1'", (), {"archive"}),
    "state of a round": ("UPDATE index_round SET state = 'pxsted'", (), {"archive"}),
    "score": ("UPDATE index_score SET score = 'x'", (), {"values", "types"}),
    "day of a posting": ("UPDATE index_round SET posted_from = '2026-0x' WHERE posted_from IS NOT NULL", (), {"archive"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a book that has a history, a posting and columns of its own."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "roster.csv").write_text(_ROSTER, encoding="utf-8-sig")
    for words in _STORY:
        code, _, said = call(folder, words)
        assert code == 0, (words, said)
    return folder


@pytest.fixture
def place(sound: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    shutil.copytree(sound, folder)
    return folder


def call(place: Path, words: tuple[str, ...]) -> tuple[int, str, str]:
    """Exit code, output and standard error of a command on the book of a folder."""
    before = Path.cwd()
    os.chdir(place)
    try:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as said:
            asked = [word.format(today=date.today()) for word in words]
            return run(["--db", "book.db", *asked]), out.getvalue(), said.getvalue()
    finally:
        os.chdir(before)


def harm(book: Path, sql: str, values: tuple[Any, ...] = ()) -> None:
    """Change the book as a bad sector or another program does: past the triggers, and past the foreign keys."""
    with closing(sqlite3.connect(book, isolation_level=None)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f'DROP TRIGGER "{name}"')
        assert raw.execute(sql, values).rowcount > 0
        for _, text in triggers:
            raw.execute(text)


@pytest.mark.parametrize("kind", _KINDS)
def test_no_command_breaks_down_and_doctor_names_it(place: Path, kind: str) -> None:
    sql, values, checks = _KINDS[kind]
    harm(place / "book.db", sql, values)
    code, out, _ = call(place, ("doctor", "--json"))
    assert code == 1
    found = {one["id"]: one["message"] for one in json.loads(out)["checks"]}
    assert {"integrity", "references", "history", "records", "values", "archive", "clock"} <= found.keys(), "it goes on"
    assert any(found[one] for one in checks), found
    broken = []
    only = checks == {"history"} and kind not in ("no JSON", "bytes that are no text", "rows below", "moment of bytes")
    for words in [words for words in _COMMANDS if not only or {*words} & {*_READ_HISTORY}]:
        code, out, said = call(place, words)
        if code not in (0, 1, 3, 4, 5) or "Traceback" in out + said:
            broken.append((" ".join(words), code, said[-300:]))
    assert broken == []


def test_a_sound_book_is_found_sound(place: Path) -> None:
    code, out, said = call(place, ("doctor",))
    assert (code, said) == (0, "数据库完好。\n"), out
    assert list(place.glob("*crash*")) == []


# What is named, and where it goes on.

BROKEN = _HISTORY.format("after = '{'")


def test_doctor_names_the_entry_and_the_record(place: Path) -> None:
    harm(place / "book.db", BROKEN)
    harm(place / "book.db", "UPDATE dues SET paid = 'x' WHERE id = 1")
    code, out, _ = call(place, ("doctor",))
    assert code == 1
    assert "变更日志：第 4 条" in out
    assert "党员花名册编号 1" in out
    assert "党费收缴台账编号 1 的“" in out
    assert "引用关系：正常" in out
    assert "公示存档和评分方案：正常" in out


def test_log_show_shows_the_other_rows(place: Path) -> None:
    harm(place / "book.db", "UPDATE change_row SET after = '{' WHERE change_id = 2 AND number = 2")
    code, out, said = call(place, ("log", "show", "2"))
    assert code == 1
    assert "新增 党员花名册 编号 2（这一行已损坏，读不出来）" in out
    assert "张三" in out
    assert "王芳" in out
    assert "李四" not in out
    assert "第 2 次变更有 1 行已损坏" in said
    told = json.loads(call(place, ("log", "show", "2", "--json"))[1])
    assert [one.get("damaged", False) for one in told["records"]] == [False, True, False]


def test_log_lists_the_other_entries(place: Path) -> None:
    harm(
        place / "book.db",
        "UPDATE change SET at = 'yesterday', command = CAST(? AS TEXT) WHERE id = 4",
        (b"partybuild \xe5",),
    )
    code, out, _ = call(place, ("log",))
    assert code == 0
    assert len(out.splitlines()) == 1 + len(_STORY)
    assert "yesterday" in out


def test_a_past_day_is_told_but_for_the_records_that_cannot_be(place: Path) -> None:
    harm(place / "book.db", BROKEN)
    code, out, said = call(place, ("member", "list", "--as-of", "{today}"))
    assert code == 1
    assert "张三" not in out
    assert "李四" in out
    assert "党员花名册编号 1" in said
    assert "第 4 次变更" in said
    code, out, said = call(place, ("member", "show", "001", "--as-of", "{today}"))
    assert code == 3
    assert "编号 1" in said
    code, out, _ = call(place, ("member", "show", "002", "--as-of", "{today}"))
    assert (code, "李四" in out) == (0, True)
    code, out, said = call(place, ("export", "member", "--as-of", "{today}", "--out", "out"))
    assert (code, "编号 1" in said) == (3, True)
    assert not list((place / "out").glob("*.xlsx"))


def test_a_record_is_told_again_where_a_later_entry_says_all_of_it(place: Path) -> None:
    call(place, ("dues", "remove", "1", "--yes"))
    assert call(place, ("undo", "10"))[0] == 0
    harm(place / "book.db", "UPDATE change_row SET after = '{' WHERE ledger = 'dues' AND change_id = 6")
    code, out, _ = call(place, ("dues", "list", "--as-of", "{today}"))
    assert (code, "2026-01" in out) == (0, True)


def test_undo_names_the_row_and_takes_nothing_back(place: Path) -> None:
    harm(place / "book.db", "UPDATE change_row SET before = '{' WHERE change_id = 5")
    code, _, said = call(place, ("undo", "5"))
    assert code == 3
    assert "第 5 次变更" in said
    assert "党员花名册编号 2" in said
    assert "没有撤销任何内容" in said
    assert "宣传员" in call(place, ("member", "show", "002"))[1]


def test_a_damaged_record_is_named_where_it_is_needed(place: Path) -> None:
    harm(place / "book.db", "UPDATE member SET extras = '{' WHERE id = 2")
    code, _, said = call(place, ("export", "member", "--out", "out"))
    assert code == 3
    assert "党员花名册编号 2" in said
    assert "其他列" in said


def test_a_damaged_posting_is_named(place: Path) -> None:
    harm(place / "book.db", "UPDATE index_round SET frozen = substr(frozen, 2) WHERE frozen IS NOT NULL")
    code, _, said = call(place, ("index", "explain", "张三", "2026Q1"))
    assert code == 3
    assert "公示存档" in said
    code, out, _ = call(place, ("doctor",))
    assert "神经内科党支部 2026Q1" in out


def test_a_damaged_scheme_is_named(place: Path) -> None:
    harm(place / "book.db", "UPDATE index_scheme SET body = 'x'")
    code, _, said = call(place, ("index", "compute", "2026Q2"))
    assert code == 3
    assert "默认方案" in said
    assert "已损坏" in said


def test_a_defect_on_a_sound_book_stays_a_defect(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from partybuild_cli.records.base import present

    def strike(*_: object) -> None:
        raise TypeError("张三")

    monkeypatch.setattr(present, "tell_all", strike)
    monkeypatch.setattr("partybuild_cli.records.base.query.tell_all", strike)
    assert call(place, ("member", "list"))[0] == 70
    assert len(list(place.glob("*crash*"))) == 1


# The version mark.


def marked(version: int) -> Callable[[Path], None]:
    def harm(book: Path) -> None:
        with closing(sqlite3.connect(book, isolation_level=None)) as raw:
            raw.execute(f"PRAGMA user_version = {version}")

    return harm


def mark_of(book: Path) -> int:
    with closing(sqlite3.connect(book)) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0])


def everything(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as raw:
        return [line for line in raw.iterdump() if "last_backup" not in line]


@pytest.mark.parametrize("older", range(len(driver.migrations())))
def test_a_mark_that_was_set_back_is_recognised_by_the_tables(place: Path, older: int) -> None:
    book = place / "book.db"
    before = everything(book)
    marked(older)(book)
    code, out, _ = call(place, ("doctor",))
    assert code == 1
    assert "版本标记" in out
    assert "变更日志：正常" in out, "it goes on"
    code, _, said = call(place, ("member", "list"))
    assert code == 0
    assert "版本标记" in said
    assert mark_of(book) == len(driver.migrations())
    assert everything(book) == before
    assert len(list((place / "book.db-backups").glob("*upgrade*"))) == 1
    assert call(place, ("doctor",))[0] == 0
    assert call(place, ("member", "list"))[2].count("版本标记") == 0


def test_tables_of_no_version_are_refused_as_they_are(place: Path) -> None:
    book = place / "book.db"
    harm_schema = "DROP TABLE extra_place"
    with closing(sqlite3.connect(book, isolation_level=None)) as raw:
        raw.execute(harm_schema)
        raw.execute("PRAGMA user_version = 3")
    before = everything(book)
    for words in (("member", "list"), ("status",), ("backup",), ("member", "edit", "001", "--note", "x")):
        code, _, said = call(place, words)
        assert code == 3, said
        assert "版本" in said
        assert "restore" in said
    assert everything(book) == before
    assert mark_of(book) == 3
    assert call(place, ("doctor",))[0] == 1


def test_a_mark_set_forward_is_no_older_book(place: Path) -> None:
    book = place / "book.db"
    marked(99)(book)
    code, _, said = call(place, ("member", "list"))
    assert code == 3
    assert "升级" in said


def test_a_backup_with_its_mark_set_back_can_be_restored(place: Path) -> None:
    assert call(place, ("backup", "copy.db"))[0] == 0
    marked(2)(place / "copy.db")
    code, _, said = call(place, ("restore", "copy.db", "--yes"))
    assert code == 0, said
    assert call(place, ("doctor",))[0] == 0


def test_an_older_book_with_its_mark_set_back_is_carried_forward(tmp_path: Path) -> None:
    from tests.faults.kills import older_book

    older_book(tmp_path / "book.db", 5)
    marked(0)(tmp_path / "book.db")
    code, out, said = call(tmp_path, ("member", "list", "--json"))
    assert code == 0, said
    assert len(json.loads(out)) == 5
    assert mark_of(tmp_path / "book.db") == len(driver.migrations())
