"""`backup` and `restore`: checked before they count, what is replaced is kept, files are their owner's alone."""

import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store import backup


def names(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as raw:
        return [name for (name,) in raw.execute("SELECT name FROM member ORDER BY id")]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_backup_into_the_folder_beside_the_book(branch: Any, book_file: Path) -> None:
    done = branch("backup", "--json").json
    path = Path(done["file"])
    assert path.parent == book_file.parent / "book.db-backups"
    assert done["rows"]["member"] == 4
    assert names(path) == names(book_file)
    assert (mode(path), mode(path.parent), mode(book_file)) == (0o600, 0o700, 0o600)
    assert [one["file"] for one in branch("backup", "--list", "--json").json] == [str(path)]
    assert branch("status", "--json").json["last_backup"] is not None


def test_backup_is_one_file_that_opens_by_itself(branch: Any, book_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    assert branch("backup", str(target)).code == 0
    assert [path.name for path in tmp_path.glob("copy.db*")] == ["copy.db"]
    assert mode(target) == 0o600
    assert branch("--db", str(target), "member", "list").code == 0


def test_backup_never_writes_over_a_file(branch: Any, book_file: Path, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("mine")
    for file in (tmp_path / "x.db", book_file, tmp_path):
        assert branch("backup", str(file)).code == 3
    assert (tmp_path / "x.db").read_text() == "mine"
    assert len(names(book_file)) == 4


def test_backup_where_nothing_can_be_written(branch: Any, tmp_path: Path) -> None:
    done = branch("backup", str(tmp_path / "none" / "x.db"))
    assert done.code == 5
    assert "没有写入任何内容" in done.err


def test_backup_of_a_book_that_somebody_is_writing(branch: Any, book_file: Path) -> None:
    with closing(sqlite3.connect(book_file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE member SET name = 'x'")
        copied = backup.back_up(book_file, "manual")
        writer.execute("ROLLBACK")
    assert names(copied.path) == names(book_file)


def test_restore_brings_back_and_keeps_what_it_replaced(branch: Any, book_file: Path) -> None:
    path = branch("backup", "--json").json["file"]
    before = names(book_file)
    assert branch("member", "add", "--name", "赵六", "--staff-no", "006", "--category", "正式党员").code == 0
    done = branch("restore", path, "--yes", "--json").json
    assert names(book_file) == before
    assert names(Path(done["replaced"])) == [*before, "赵六"]
    assert (
        "restore" in branch("log", "--json").json[0]["command"] or branch("log", "--json").json[0]["rows"]["added"] == 0
    )
    assert branch("doctor").code == 0
    assert branch("restore", done["replaced"], "--yes").code == 0
    assert names(book_file) == [*before, "赵六"]
    assert branch("log", "verify").code == 0


def test_restore_without_a_file_takes_the_newest_backup_and_never_what_a_restore_replaced(
    branch: Any, book_file: Path
) -> None:
    assert (done := branch("restore", "--yes")).code == 3
    assert "还没有备份" in done.err
    made = branch("backup", "--json").json["file"]
    for _ in range(2):
        branch("member", "edit", "李四", "--note", "改过")
        done = branch("restore", "--yes", "--json")
        assert (done.code, done.json["restored"]) == (0, made)
        assert "note" not in branch("member", "show", "李四", "--json").json


def test_restore_onto_a_new_computer(branch: Any, tmp_path: Path) -> None:
    path = branch("backup", "--json").json["file"]
    fresh = tmp_path / "new" / "book.db"
    assert branch("--db", str(fresh), "restore", path).code == 0
    assert len(names(fresh)) == 4
    assert mode(fresh) == 0o600
    with closing(sqlite3.connect(fresh)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_restore_replaces_a_damaged_book_and_keeps_it(branch: Any, book_file: Path) -> None:
    path = branch("backup", "--json").json["file"]
    book_file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    done = branch("restore", path, "--yes", "--json")
    assert done.code == 0, done.err
    assert Path(done.json["replaced"]).read_bytes().endswith(b"\xff")
    assert len(names(book_file)) == 4
    assert branch("doctor").code == 0


def test_restore_is_not_fooled_by_the_log_of_a_lost_book(branch: Any, book_file: Path) -> None:
    """A write-ahead log without its database must never be played into the restored one."""
    path = branch("backup", "--json").json["file"]
    keep = sqlite3.connect(book_file)
    with keep:
        keep.execute("UPDATE member SET name = '错'")
    shutil.copy(book_file.with_name("book.db-wal"), book_file.with_name("saved"))
    keep.close()
    book_file.unlink()
    book_file.with_name("saved").rename(book_file.with_name("book.db-wal"))
    assert branch("restore", path).code == 0
    assert "错" not in names(book_file)
    assert branch("doctor").code == 0


def damaged(source: Path, target: Path) -> None:
    data = bytearray(source.read_bytes())
    for at in range(8192, len(data), 4096):
        data[at : at + 200] = b"\x5a" * 200
    target.write_bytes(data)


def foreign(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(target)) as raw:
        raw.execute("CREATE TABLE photo (id INTEGER)")


def newer(source: Path, target: Path) -> None:
    shutil.copy(source, target)
    with closing(sqlite3.connect(target)) as raw:
        raw.execute("PRAGMA user_version = 999")


def dangling(source: Path, target: Path) -> None:
    shutil.copy(source, target)
    with closing(sqlite3.connect(target)) as raw, raw:
        raw.execute("UPDATE member SET branch_id = 77")


@pytest.mark.parametrize(
    "make", [damaged, foreign, newer, dangling, lambda _, to: to.write_text("台账"), lambda _, to: to.write_bytes(b""),
             lambda _, to: to.mkdir(), lambda _, to: None],
    ids=["damaged", "foreign", "newer", "dangling", "text", "empty", "folder", "missing"],
)  # fmt: skip
def test_restore_refuses_what_is_no_sound_backup(branch: Any, book_file: Path, tmp_path: Path, make: Any) -> None:
    good = Path(branch("backup", "--json").json["file"])
    bad = tmp_path / "bad.db"
    make(good, bad)
    content = book_file.read_bytes()
    done = branch("restore", str(bad), "--yes")
    assert done.code == 3
    assert done.err.startswith("错误：")
    assert done.err.count("\n") == 1
    assert book_file.read_bytes() == content
    assert not list(tmp_path.rglob(".partybuild-*"))


def test_restore_refuses_the_book_itself(branch: Any, book_file: Path) -> None:
    assert branch("restore", str(book_file), "--yes").code == 3


def test_restore_asks_first(branch: Any, book_file: Path) -> None:
    path = branch("backup", "--json").json["file"]
    done = branch("restore", path)
    assert done.code == 2
    assert "--yes" in done.err


def test_restore_warns_of_an_altered_log(branch: Any, book_file: Path) -> None:
    path = Path(branch("backup", "--json").json["file"])
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DROP TRIGGER change_is_final")
        raw.execute("UPDATE change SET command = 'x' WHERE id = 2")
    done = branch("restore", str(path), "--yes")
    assert done.code == 0
    assert "第 2 条" in done.err


def test_an_older_book_is_backed_up_and_carried_forward(
    branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from partybuild_cli.store import driver

    known = driver.migrations()
    script = tmp_path / "9999_later.sql"
    script.write_text(
        "CREATE TABLE later (id INTEGER);\nCREATE TRIGGER t BEFORE DELETE ON later BEGIN SELECT 1; END;\n"
    )
    monkeypatch.setattr(driver, "migrations", lambda: (*known, script))
    assert branch("member", "list").code == 0
    with closing(sqlite3.connect(book_file)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master WHERE name IN ('later', 't')").fetchall() == [
            ("later",),
            ("t",),
        ]
    (kept,) = backup.kept(book_file)
    assert kept.stem.endswith("-upgrade")
    with closing(sqlite3.connect(kept)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(known),)


def test_a_migration_that_fails_leaves_the_book_as_it_was(
    branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from partybuild_cli.store import driver

    known = driver.migrations()
    script = tmp_path / "9999_broken.sql"
    script.write_text("CREATE TABLE later (id INTEGER);\nINSERT INTO none VALUES (1);\n")
    monkeypatch.setattr(driver, "migrations", lambda: (*known, script))
    assert branch("member", "list").code == 3
    with closing(sqlite3.connect(book_file)) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone() == (0,)
        assert raw.execute("PRAGMA user_version").fetchone() == (len(known),)


def test_several_commands_carry_an_older_book_forward_at_once(branch: Any, tmp_path: Path) -> None:
    from tests.faults.bench import command, complaints
    from tests.faults.kills import older_book

    book = older_book(tmp_path / "older.db", 50)
    running = [subprocess.Popen(command(book, "member", "list"), stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert complaints(book) == []
