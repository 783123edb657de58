"""A restore replaces one state of the book, and exactly that state is kept; what fails leaves everything as it was."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store import backup, engine, replace


def commit(book: Path, name: str) -> bool:
    """Whether another program could write a member into the book at this moment."""
    with closing(sqlite3.connect(book, timeout=0, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        raw.execute("UPDATE member SET name = ? WHERE id = 1", (name,))
        raw.execute("COMMIT")
        return True


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as raw:
        return [name for (name,) in raw.execute("SELECT name FROM member ORDER BY id")]


@pytest.fixture
def saved(branch: Any) -> Path:
    return Path(branch("backup", "--json").json["file"])


def test_a_backup_of_another_book_is_said_before_and_after(cli: Any, saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    assert cli("--db", str(other), "init", "--branch", "心内科党支部").code == 0
    done = cli("--db", str(other), "restore", str(saved), "--yes", "--json")
    assert done.code == 0
    assert "另一个数据库" in done.json["warning"]
    assert "神经内科党支部" in done.json["warning"]
    assert cli("--db", str(other), "restore", str(saved), "--yes", "--json").json["warning"] is None


def test_what_is_no_backup_is_refused_with_what_to_do(branch: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("笔记", encoding="utf8")
    done = branch("restore", "notes.db", "--yes")
    assert done.code == 3
    assert "--db" not in done.err
    assert "backup --list" in done.err


@pytest.mark.parametrize("place", ["before the backup", "while it is made", "after it"])
def test_whatever_is_committed_while_restoring_is_kept(
    branch: Any, saved: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    written: list[str] = []

    def write(when: str) -> None:
        if when == place and commit(book_file, "赵新来"):
            written.append("赵新来")

    back_up, check = backup.back_up, backup.check
    making: list[bool] = []

    def backing_up(*given: Any, **more: Any) -> Any:
        write("before the backup")
        making.append(True)
        done = back_up(*given, **more)
        write("after it")
        return done

    def checking(*given: Any) -> str | None:
        if making:
            write("while it is made")
        return check(*given)

    monkeypatch.setattr(backup, "back_up", backing_up)
    monkeypatch.setattr(backup, "check", checking)
    done = branch("restore", saved, "--yes", "--json")
    assert done.code == 0, done.err
    found = {*names(book_file), *names(Path(done.json["replaced"]))}
    assert found >= {"张三", *written}


def test_whoever_waits_for_a_restore_writes_into_what_it_brought(
    branch: Any, saved: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert branch("member", "add", "--name", "赵六", "--staff-no", "006", "--category", "正式党员").code == 0
    back_up, waiting = backup.back_up, threading.Event()

    def wait_and_write() -> None:
        with closing(sqlite3.connect(book_file, timeout=60, isolation_level=None)) as raw:
            waiting.set()
            raw.execute("UPDATE member SET name = '孙后到' WHERE id = 1")

    writer = threading.Thread(target=wait_and_write)

    def backing_up(*given: Any, **more: Any) -> Any:
        writer.start()
        waiting.wait()
        return back_up(*given, **more)

    monkeypatch.setattr(backup, "back_up", backing_up)
    assert branch("restore", saved, "--yes").code == 0
    writer.join()
    assert names(book_file) == ["孙后到", "李四", "王芳", "王芳"]


def test_a_book_that_somebody_is_writing_is_not_waited_for_without_end(
    branch: Any, saved: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 50)
    before = {path: path.read_bytes() for path in backup.kept(book_file)}
    with closing(sqlite3.connect(book_file, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("UPDATE member SET name = '正在写'")
        done = branch("restore", saved, "--yes")
        raw.execute("ROLLBACK")
    assert done.code == 5
    assert "正被另一个程序使用" in done.err
    assert names(book_file) == ["张三", "李四", "王芳", "王芳"]
    assert {path: path.read_bytes() for path in backup.kept(book_file)} == before
    assert not list(book_file.parent.glob(".partybuild-*"))


def test_a_backup_that_was_laid_in_the_books_place_by_hand_can_be_restored_over(
    branch: Any, saved: Path, book_file: Path
) -> None:
    with closing(sqlite3.connect(book_file)) as raw:
        raw.execute("PRAGMA journal_mode = delete")
    done = branch("restore", saved, "--yes", "--json")
    assert done.code == 0, done.err
    assert names(Path(done.json["replaced"])) == names(saved)
    with closing(sqlite3.connect(book_file)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_two_damaged_books_put_aside_within_one_second_are_both_kept(
    branch: Any, saved: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time_machine

    aside = []
    with time_machine.travel("2026-07-01T08:00:00Z", tick=False):
        for n in range(3):
            book_file.write_bytes(b"SQLite format 3\0" + bytes([65 + n]) * 5000)
            aside.append(Path(branch("restore", saved, "--yes", "--json").json["replaced"]))
    assert [path.read_bytes()[-1] for path in aside] == [65, 66, 67]


@pytest.mark.parametrize("step", [1, 2])
def test_where_the_disk_refuses_a_step_the_damaged_book_is_where_it_was(
    branch: Any, saved: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    book_file.write_bytes(damage := b"SQLite format 3\0" + b"\xff" * 5000)
    replace, seen = Path.replace, []

    def refuse(path: Path, target: Path) -> Path:
        if book_file in (path, target):
            seen.append(path)
            if len(seen) == step:
                raise PermissionError(13, "no")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    done = branch("restore", saved, "--yes")
    assert done.code == 5
    assert "没有改动任何内容" in done.err
    assert book_file.read_bytes() == damage
    assert not list(backup.folder_of(book_file).glob("*damaged*"))


def test_restores_at_once_do_not_meet(
    branch: Any, saved: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process prepares its copy at the same moment."""
    prepare, met = replace._draft, []

    def preparing(prepared: Path, *given: Any) -> Any:
        met.append(prepared)
        if len(met) == 1:
            assert branch("restore", saved, "--yes").code == 0
        return prepare(prepared, *given)

    monkeypatch.setattr(replace, "_draft", preparing)
    assert branch("restore", saved, "--yes").code == 0
    assert len(set(met)) == 2
    assert branch("doctor").code == 0


def test_a_backup_that_is_not_what_its_history_makes_of_it_is_said(branch: Any, saved: Path) -> None:
    assert branch("restore", saved, "--yes", "--json").json["warning"] is None
    assert commit(saved, "赵改名")
    done = branch("restore", saved, "--yes", "--json").json
    assert done["warning"] == "有 1 处与变更日志对不上，可能被别的程序改过，请运行 partybuild doctor --replay 查看"
    assert branch("doctor", "--replay").code == 1
