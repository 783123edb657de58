"""A `--db` that is not what it should be: one Chinese sentence and the right exit code, whatever the command."""

import ctypes
import errno
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

COMMANDS = (
    ("member", "list"), ("member", "add", "--name", "赵六", "--staff-no", "9", "--category", "正式党员"), ("log",),
    ("log", "verify"), ("undo", "--yes"), ("backup",), ("status",), ("init", "--branch", "乙党支部"), ("export", "member"),
)  # fmt: skip
Make = Callable[[Path], object]


def foreign(path: Path, version: int = 0) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE photo (id INTEGER)")
        raw.execute(f"PRAGMA user_version = {version}")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE change_row (id INTEGER)")
        raw.execute("PRAGMA user_version = 999")


FILES: dict[str, Make] = {
    "text": lambda path: path.write_text("党员花名册", encoding="utf8"),
    "folder": lambda path: path.mkdir(),
    "picture": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "empty": lambda path: path.write_bytes(b""),
    "foreign": foreign,
    "foreign of our version": lambda path: foreign(path, 1),
    "foreign of a later version": lambda path: foreign(path, 999),
    "newer": newer,
    "garbage behind the header": lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 9000),
    "header alone": lambda path: path.write_bytes(b"SQLite format 3\0"),
}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("make", FILES.values(), ids=FILES.keys())
def test_what_is_no_book_of_ours_is_refused(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "strange.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    done = cli("--db", str(path), *command)
    assert done.code == 3, done.err
    _one_sentence(done.err)
    assert before == (path.read_bytes() if path.is_file() else b"")


@pytest.mark.parametrize("name", ["a?b.db", "a#b%20c.db", "支部 台账.db", "x" * 200 + ".db", "党" * 60 + ".db"])
def test_names_that_an_address_would_misread(cli: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert cli("--db", str(path), "init", "--branch", "甲党支部").code == 0
    assert path.exists()
    assert cli("--db", str(path), "branch", "list", "--json").json[0]["name"] == "甲党支部"
    assert cli("--db", str(path), "undo", "--yes").code == 0


def test_a_book_with_a_table_missing(branch: Any, book_file: Path) -> None:
    with closing(sqlite3.connect(book_file)) as raw:
        raw.execute("DROP TABLE member")
    done = branch("member", "list")
    assert done.code == 3
    _one_sentence(done.err)
    assert branch("doctor").code == 1


def test_a_book_that_is_damaged_in_the_middle(branch: Any, book_file: Path) -> None:
    data = bytearray(book_file.read_bytes())
    for at in range(4096, len(data), 4096):
        data[at : at + 300] = b"\x7f" * 300
    book_file.write_bytes(data)
    done = branch("member", "list")
    assert done.code == 3
    _one_sentence(done.err)
    assert branch("doctor").code in (1, 3)


def test_a_disk_that_cannot_write_safely(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network drives know no write-ahead log; SQLite then says that it stays with the old journal."""

    class Remote(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("journal_mode = wal", "journal_mode = delete"), *values)

    connect = sqlite3.dbapi2.connect
    monkeypatch.setattr(sqlite3.dbapi2, "connect", lambda *a, **k: connect(*a, **{**k, "factory": Remote}))
    monkeypatch.setattr(sqlite3, "connect", sqlite3.dbapi2.connect)
    done = cli("--db", str(tmp_path / "remote.db"), "init", "--branch", "甲党支部")
    assert done.code == 3
    assert "网络盘" in done.err
    _one_sentence(done.err)
    assert list(tmp_path.glob("remote.db*")) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_folder_that_only_reads(branch: Any, book_file: Path, tmp_path: Path) -> None:
    """Records can be seen and copied elsewhere; nothing can be written, and each refusal is one sentence."""
    folder = tmp_path / "only-read"
    folder.mkdir()
    book_file.rename(folder / "book.db")
    folder.chmod(0o500)
    target = tmp_path / "copy.db"
    expected = {("member", "list"): 0, ("log",): 0, ("backup", str(target)): 0, ("doctor",): 1}
    try:
        for command in (*COMMANDS[:2], ("log",), ("undo", "--yes"), ("backup",), ("backup", str(target)), ("doctor",)):
            done = _unprivileged("--db", str(folder / "book.db"), *command)
            assert done.returncode == expected.get(command, 5), (command, done.stderr)
            if done.returncode == 5:
                _one_sentence(done.stderr)
    finally:
        folder.chmod(0o700)
    assert target.exists()


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that only reads: it refuses even to delete what is not there, which others pass over."""

    def refuse(*given: Any, **more: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(given[0]))

    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, flags, *more: (refuse if flags & os.O_CREAT else real)(path, flags, *more)
    )
    monkeypatch.setattr(Path, "unlink", refuse)


@pytest.mark.usefixtures("branch")
@pytest.mark.parametrize(
    "command", [("backup", "elsewhere.db"), ("restore", "saved.db", "--yes"), ("encrypt", "--new-key-file", "key")]
)
def test_a_disk_that_only_reads(
    cli: Any, tmp_path: Path, request: pytest.FixtureRequest, command: tuple[str, ...]
) -> None:
    cli("backup", "saved.db")
    (tmp_path / "key").write_text("一把很长的钥匙123")
    (tmp_path / "key").chmod(0o600)
    request.getfixturevalue("read_only")
    done = cli(*command)
    assert done.code == 5, done.err
    assert "磁盘是只读的" in done.err
    assert "partial" not in done.err
    _one_sentence(done.err)


def test_a_link_that_leads_nowhere_is_said(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "linked.db").symlink_to(tmp_path / "usb.db")
    done = cli("--db", str(tmp_path / "linked.db"), "member", "list")
    assert done.code == 3
    assert "链接" in done.err
    assert "usb.db" in done.err
    assert "init" not in done.err
    _one_sentence(done.err)


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs an administrator there")
def test_by_a_link_and_by_its_own_name_it_is_one_book(branch: Any, book_file: Path, tmp_path: Path) -> None:
    """Files that prove records, and backups, lie beside the book and not beside a link to it."""
    link = tmp_path / "desk" / "linked.db"
    link.parent.mkdir()
    link.symlink_to(book_file)
    proof = tmp_path / "proof.pdf"
    proof.write_bytes(b"%PDF-1.4 proof")
    assert branch("meeting", "add", "--kind", "支委会", "--on", "2026-09-05", "--topic", "甲").code == 0
    assert branch("--db", str(link), "evidence", "add", "meeting", "1", proof).code == 0
    assert branch("--db", str(link), "backup").code == 0
    assert [path.name for path in link.parent.iterdir()] == ["linked.db"]
    checks = {check["id"]: check["message"] for check in branch("doctor", "--json").json["checks"]}
    assert checks["evidence"] is None
    assert book_file.name in branch("backup", "--list").out


def test_a_disk_that_is_full_is_called_full(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no room is left for the file that readers share, SQLite speaks of a fault while reading or writing."""
    connect = sqlite3.dbapi2.connect

    class Full(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            fault = sqlite3.OperationalError("disk I/O error")
            fault.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
            raise fault

    monkeypatch.setattr(sqlite3.dbapi2, "connect", lambda *a, **k: connect(*a, **{**k, "factory": Full}))
    monkeypatch.setattr(sqlite3, "connect", sqlite3.dbapi2.connect)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(900, 900, 0))
    done = branch("member", "list")
    assert done.code == 5
    assert "磁盘已满" in done.err
    _one_sentence(done.err)


def _one_sentence(err: str) -> None:
    assert re.fullmatch(r"错误：[^\n]*[\u4e00-\u9fff][^\n]*。\n", err), err
    assert "Traceback" not in err
    assert "程序自身" not in err


def _unprivileged(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that permissions bind, even where the tests run as root."""

    def drop() -> None:
        libc = ctypes.CDLL(None)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP

    return subprocess.run(
        [sys.executable, "-m", "partybuild_cli", *arguments],
        capture_output=True, encoding="utf8", check=False,
        preexec_fn=drop if sys.platform == "linux" and os.geteuid() == 0 else None,
    )  # fmt: skip
