"""A defect leaves a record for the maintainer beside the book: all that finds it, and nothing that speaks of a person."""

import itertools
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.cli import crash
from partybuild_cli.cli.crash import command_line, record, records_of
from partybuild_cli.records.base import editing

ID, PHONE = "119900199001010029", "15400002222"
_PERSON = ("欧阳静", "zhangsan", "K8888", ID, PHONE, "家在外地", "神经内科")


def strike(*_: object, **__: object) -> None:
    """A defect whose message holds all that must not be told, as messages of libraries do."""
    name, number = "欧阳静", ID
    try:
        raise KeyError(f"{name} zhangsan {number}")
    except KeyError as first:
        raise ValueError(f"K8888 {PHONE} 家在外地 神经内科") from first


Defect = Callable[[], tuple[int, str, Path]]


@pytest.fixture
def defect(branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch) -> Defect:
    """`member add` with a defect in it: exit code, standard error, and the newest record beside the book."""

    def call() -> tuple[int, str, Path]:
        with monkeypatch.context() as patch:
            patch.setattr(editing, "add_records", strike)
            done = branch(
                "member", "add", "--name", "欧阳静", "--staff-no=K8888", "--id-number", ID, "--phone", PHONE,
                "--category", "正式党员", "--note", "家在外地", "--branch", "神经内科党支部",
            )  # fmt: skip
        return done.code, done.err, records_of(book_file)[-1]

    return call


def test_the_sentence_says_what_was_written_and_where_the_record_lies(defect: Defect, book_file: Path) -> None:
    code, said, path = defect()
    assert code == 70
    assert said.count("\n") == 1
    assert "没有写入任何内容" in said
    assert str(path) in said
    assert path.parent == book_file.parent
    assert not any(word in said for word in _PERSON)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode")
def test_only_the_owner_may_read_it(defect: Defect) -> None:
    assert stat.S_IMODE(defect()[2].stat().st_mode) == 0o600


def test_a_developer_finds_versions_command_and_traceback(defect: Defect) -> None:
    text = defect()[2].read_text(encoding="utf8")
    for word in ("partybuild 0.", "Python 3.", "SQLite 3.", "sqlalchemy 2.", "变更 []，文件 0 个"):
        assert word in text
    assert "命令：partybuild member add --name *** --staff-no=*** --id-number *** --phone ***" in text
    assert re.search(
        r"partybuild_cli/cli/verbs.py:\d+ run\n +drafts = editing.add_records\(connection, change, record, rows\)", text
    )
    assert text.index("KeyError") < text.index("ValueError")


def test_nothing_in_it_speaks_of_a_person(defect: Defect, tmp_path: Path) -> None:
    text = defect()[2].read_text(encoding="utf8")
    for word in (*_PERSON, "正式党员", str(tmp_path), str(Path.home())):
        assert word not in text


def test_no_more_than_ten_are_kept_and_the_last_always(
    defect: Defect, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(15):  # a clock that ran ahead, and one that stands behind
        (book_file.parent / f"book.db-crash-209901{at + 10}-000000.txt").write_text("older")
    other = book_file.parent / "other.db-crash-20990101-000000.txt"
    other.write_text("of another book")
    before = set(records_of(book_file))
    _, said, _ = defect()
    (new,) = set(records_of(book_file)) - before
    assert str(new) in said
    assert len(records_of(book_file)) == 10
    assert other.exists()
    assert not any(f"209901{at + 10}" in str(one) for at in range(6) for one in records_of(book_file))


def test_two_defects_in_one_second_leave_two_records(defect: Defect, book_file: Path) -> None:
    for _ in range(3):
        defect()
    assert len(records_of(book_file)) == 3


@pytest.mark.parametrize("book", ["gone/book.db", "data/partybuild/partybuild.db"], ids=["refuses", "is not made yet"])
def test_where_the_folder_is_not_there_the_record_lies_in_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: str
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "data" / "partybuild")
    path, reason = record(ValueError(), [], tmp_path / book)
    assert (path and path.parent, reason) == (tmp_path / "data" / "partybuild", "")
    assert not (tmp_path / "gone").exists()


def test_where_every_folder_refuses_the_sentence_says_so(
    branch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(crash, "_put", refused)
    monkeypatch.setattr(editing, "add_records", strike)
    done = branch("member", "add", "--name", "欧阳静", "--category", "正式党员", "--staff-no", "K8888")
    assert done.code == 70
    assert "没有写入任何内容。详情没能记下来（磁盘已满）" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/full")
def test_a_record_that_was_begun_on_a_full_disk_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fdopen

    def full(handle: int, mode: str, encoding: str) -> Any:
        real(handle, mode).close()
        return Path("/dev/full").open(mode, encoding=encoding)

    monkeypatch.setattr(os, "fdopen", full)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "data")
    path, reason = record(ValueError(), [], tmp_path / "book.db")
    assert (path, reason) == (None, "磁盘已满")
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_record_that_fails_is_no_second_defect(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash, "command_line", strike)
    monkeypatch.setattr(editing, "add_records", strike)
    done = branch("member", "add", "--name", "欧阳静", "--category", "正式党员", "--staff-no", "K8888")
    assert done.code == 70
    assert "详情没能记下来（ValueError）" in done.err


def test_endless_recursion_is_told_in_few_lines(tmp_path: Path) -> None:
    def again() -> None:
        again()

    try:
        again()
    except RecursionError as fault:
        path, _ = record(fault, [], tmp_path / "book.db")
    assert path is not None
    text = path.read_text(encoding="utf8")
    assert "其间" in text
    assert text.count("\n") < 150


def test_doctor_mentions_them(defect: Defect, branch: Any) -> None:
    _, _, path = defect()
    assert str(path) in branch("doctor").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["member", "show", "张三"], "partybuild member show ***"),
        (["member", "show", "2024"], "partybuild member show ***"),
        (["--db", "/home/zhangsan/book.db", "log", "show", "12"], "partybuild --db ***.db log show ***"),
        (["import", "张三.xlsx", "--dry-run"], "partybuild import ***.xlsx --dry-run"),
        (
            ["index", "explain", "张三", "2026Q3", "--what-if", "D2:+1"],
            "partybuild index explain *** 2026Q3 --what-if ***",
        ),
        (["member", "add", "--name=张三"], "partybuild member add --name=***"),
        (["member", "add", "--张三", "-5"], "partybuild member add *** ***"),
        (["nothing", "--json"], "partybuild *** ***"),
        ([], "partybuild"),
    ],
)
def test_the_command_line_keeps_what_is_the_programs(words: list[str], told: str) -> None:
    assert command_line(words) == told


_FREE = st.text("张三李四Kwang09=-. ", min_size=1).filter(lambda text: not text.startswith("-"))


@given(values=st.lists(_FREE, max_size=4))
def test_no_value_stays_in_the_command_line(values: list[str]) -> None:
    mixed: Iterator[str] = itertools.chain.from_iterable(zip(itertools.repeat("--note"), values, strict=False))
    told = command_line(["member", "edit", *mixed])
    assert told == "partybuild member edit" + " --note ***" * len(values)
