"""Backups (备份): consistent copies while the book is in use, each checked before it counts as one.

Automatic ones lie beside the book in a folder `NAME-backups` that only its owner may open. They are kept by a rule: the
newest ones, and beyond them one a month.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from partybuild_cli.errors import Busy, Unfit, why
from partybuild_cli.store import driver, settings
from partybuild_cli.store.key import Lock
from partybuild_cli.store.refusals import reason, unreadable

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: What a backup was made for, or before.
Occasion = Literal["manual", "change", "undo", "restore", "upgrade", "quarter"]
#: The setting that says when the last backup was made.
LAST = "last_backup"
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which backups stay (保留规则): the newest `latest`, and beyond them the newest of each of `months` months."""

    latest: int = 10
    months: int = 12


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup that was checked: where it lies, its size in bytes, and how many rows each table has."""

    path: Path
    size: int
    rows: dict[str, int]


def folder_of(book: Path) -> Path:
    """The folder of a book's backups."""
    return book.with_name(f"{book.name}-backups")


def back_up(book: Path, occasion: Occasion, rotation: Rotation = Rotation(), lock: Lock | None = None) -> Copy:
    """Copy the book into its folder of backups, and let go of those that the rule no longer keeps.

    `lock` is known where this process has the book open.
    """
    folder = folder_of(book)
    with _disk(folder, book):
        folder.mkdir(mode=0o700, exist_ok=True)
        target = _reserve(folder, book.stem[:30], occasion)
    copied = copy(book, target, lock)
    for old in superseded(kept(book), rotation):
        with _disk(old):
            old.unlink(missing_ok=True)
    return copied


def keep_before(connection: "Connection", occasion: Occasion) -> Copy:
    """Back up what was committed before the transaction that `connection` is in, and note the time in it."""
    book = Path(str(connection.engine.url.database))
    copied = back_up(book, occasion, lock=connection.info["lock"])
    note(connection)
    return copied


def note(connection: "Connection") -> None:
    """Remember that a backup was made now."""
    settings.put(connection, LAST, datetime.now(UTC).isoformat(timespec="seconds"))


def copy(source: Path, target: Path, lock: Lock | None = None, under: Lock | None = None) -> Copy:
    """A consistent copy while others read or write, checked before it gets its name; an older file there is replaced.

    The source is under `lock` (as its first bytes say), the copy under the same one or under another.
    Busy when the disk refuses, Unfit when the copy is not sound.
    """
    with _disk(target, source):
        lock = lock or driver.lock_of(source)
        with closing(_source(source, lock, encrypting=under not in (None, lock))) as raw:
            return copy_from(raw, source, target, lock, under or lock)


def copy_from(raw: sqlite3.Connection, source: Path, target: Path, lock: Lock, under: Lock) -> Copy:
    """The same of a book that `raw` has open; with SQLCipher, where the copy is under another lock."""
    partial = target.with_name(target.name + _PARTIAL)
    try:
        with _disk(target, source):
            os.close(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
            partial.chmod(0o600)
            counts = _fill(raw, partial, lock, under)
            _judge(source, partial, counts, under)
            settle(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Copy(target, target.stat().st_size, counts)


def check(path: Path, lock: Lock | None = None) -> str | None:
    """What is wrong with a database file, in words; None where it is sound."""
    with closing(driver.connect(path, lock)) as raw:
        found = raw.execute("PRAGMA integrity_check(3)").fetchall()
        if found != [("ok",)]:
            return f"完整性检查不通过：{'；'.join(str(line) for (line,) in found)}"
        dangling = raw.execute("PRAGMA foreign_key_check").fetchall()
        if dangling:
            return f"{len(dangling)} 处引用了不存在的记录（如 {dangling[0][0]} 引用 {dangling[0][2]}）"
    return None


def count_rows(raw: sqlite3.Connection) -> dict[str, int]:
    """How many rows every table has."""
    tables = raw.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return {name: raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables.fetchall()}


def kept(book: Path) -> list[Path]:
    """The book's backups, newest first; those of one second in the order of their names."""
    folder = folder_of(book)
    found = (path for path in folder.glob("*.db") if _stamp(path))
    return sorted(found, key=lambda path: (_stamp(path), path.name), reverse=True)


def superseded(backups: Sequence[Path], rotation: Rotation) -> list[Path]:
    """Which of the backups (newest first) the rule no longer keeps."""
    months: set[str] = set()
    dropped = []
    for place, path in enumerate(backups):
        month = _stamp(path)[:7]
        stays = place < rotation.latest or (month not in months and len(months) < rotation.months)
        months.add(month)
        if not stays:
            dropped.append(path)
    return dropped


def _stamp(path: Path) -> str:
    """When a backup was made, from its name; empty for a file that is none."""
    found = re.search(r"-(\d{4}-\d\d-\d\d-\d{6}(?:-\d+)?)-[a-z]+$", path.stem)
    return found[1] if found else ""


def _reserve(folder: Path, stem: str, occasion: Occasion) -> Path:
    """A name that no backup has yet, and that no other process takes at the same moment."""
    now = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    for again in count():
        path = folder / f"{stem}-{now}{f'-{again}' if again else ''}-{occasion}.db"
        partial = path.with_name(path.name + _PARTIAL)
        try:
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            continue
        if not path.exists():
            break
        partial.unlink()
    return path


def _fill(raw: sqlite3.Connection, partial: Path, lock: Lock, under: Lock) -> dict[str, int]:
    """Write one state of the book into an empty file; how many rows it has there."""
    if under != lock:
        return driver.export(raw, partial, under, count_rows)
    raw.execute("BEGIN")
    counts = count_rows(raw)
    with closing(driver.connect(partial, lock)) as new:
        raw.backup(new)
        new.execute("PRAGMA journal_mode = delete")
    return counts


def _judge(source: Path, partial: Path, counts: dict[str, int], under: Lock) -> None:
    wrong = check(partial, under)
    with closing(driver.connect(partial, under)) as new:
        if wrong is None and count_rows(new) != counts:
            wrong = "行数与原文件不一致"
    if wrong is not None:
        raise Unfit(
            f"{source} 的副本没有通过检查（{wrong}），没有改动任何内容。数据库请运行 partybuild doctor 检查；备份请换一份。"
        )


def _source(path: Path, lock: Lock, encrypting: bool) -> sqlite3.Connection:
    """The file to copy; on a disk that only reads, as it lies there.

    SQLCipher can write a copy under another lock only where it may write to the source as well.
    """
    module = driver.sqlcipher() if encrypting else driver.module_of(lock)
    mode = "mode=rw" if encrypting else "mode=ro"
    raw = driver.connect_with(module, path, lock, mode)
    try:
        raw.execute("SELECT count(*) FROM sqlite_master")
    except driver.errors("OperationalError") as fault:
        raw.close()
        if "locked" in str(fault) or path.with_name(f"{path.name}-wal").exists():
            raise
        raw = driver.connect_with(module, path, lock, f"{mode}&immutable=1")
    return raw


def settle(partial: Path, target: Path) -> None:
    """Give the copy its name once its bytes are on the disk."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    if os.name != "nt":
        folder = os.open(target.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


@contextmanager
def _disk(path: Path, source: Path | None = None) -> Iterator[None]:
    """Turn what the disk refuses into a sentence."""
    refused = "没有写入任何内容，请检查磁盘空间和权限。"
    try:
        yield
    except driver.errors("OperationalError") as fault:
        raise Busy(f"备份到 {path} 没有成功（{reason(fault)}）。{refused}") from None
    except driver.errors() as fault:
        raise unreadable(source or path, fault) from None
    except OSError as fault:
        raise Busy(f"备份到 {path} 没有成功（{why(fault)}）。{refused}") from None


def leftovers(book: Path) -> Iterable[Path]:
    """Copies that were begun and never finished, after a crash."""
    return [*folder_of(book).glob(f"*{_PARTIAL}*"), *book.parent.glob(f"{book.name}{_PARTIAL}*")]
