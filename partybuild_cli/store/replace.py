"""Putting another file in the book's place: restoring a backup (恢复), encrypting, changing the key, making plain again (加密).

What takes the place is written beside it, checked, and has the entry of what happened in its log beforehand; then it takes the
place in one step. What a restore replaces is kept, to the last commit. A run that was cut short can be run again.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli import effects, outputs
from partybuild_cli.errors import Busy, NotFound, Unfit, why
from partybuild_cli.store import backup, chain, driver, engine, evidence
from partybuild_cli.store.asof import differences
from partybuild_cli.store.driver import PLAIN, Key, Lock, ring
from partybuild_cli.store.history import Change, save
from partybuild_cli.store.shape import declared

#: So many pages are written at a time; any book has more.
_PAGES = 16
_BLOCK = 2**20


class Restored(NamedTuple):
    """What a restore did: rows by table, where the replaced book is kept (None where there was none), a warning."""

    rows: dict[str, int]
    replaced: Path | None
    warning: str | None


class Relocked(NamedTuple):
    """What was encrypted or made plain: the backups that are now as the book is, and what else lies there and is not."""

    backups: list[Path]
    left: list[Path]


@contextmanager
def _beside(book: Path) -> Iterator[Path]:
    """Where the new file is written, which is gone at the end; Busy where the disk refuses."""
    try:
        book.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with outputs.workshop(book) as shop:
            yield shop / "book.db"
    except OSError as fault:
        raise Busy(f"不能写入 {book.parent}（{why(fault)}）。没有改动任何内容，请检查磁盘空间和权限。") from None


@contextmanager
def _draft(prepared: Path, shown: Path) -> Iterator[Connection]:
    """The new file, carried forward, to be written into before it takes the place; nothing of that has an effect yet."""
    with engine.called(prepared, shown):
        opened = engine.open_book(prepared, keep=False)
        with effects.draft(prepared), opened.writing() as connection:
            yield connection
    with closing(driver.connect(prepared)) as raw:
        raw.execute("PRAGMA journal_mode = wal")


def restore(book: Path, source: Path, command: str) -> Restored:
    """Put a backup in the place of the book. NotFound or Unfit where it is none that can be; then nothing has changed."""
    look_at(book, source)
    outputs.clear_away(book.parent)
    another, under = stranger(book, source), driver.lock_of(source)
    if under is PLAIN and driver.salt_of(book):  # an encrypted book stays encrypted
        engine.open_book(book)  # what is locked with a key that does not fit could never be opened again
        under = driver.lock_of(book)
    elif under is not PLAIN and book.exists() and driver.is_plain(book):
        raise Unfit(
            f"{source} 是加密的备份，现在的数据库 {book} 没有加密，没有改动任何内容。"
            "请先用备份的密钥运行 partybuild encrypt，再恢复；或先把现在的数据库移走。"
        )
    with _beside(book) as prepared:
        rows = backup.copy(source, prepared, under=under, task=f"从 {source} 恢复").rows
        with _draft(prepared, source) as connection:
            verdict, differing = chain.verify(connection), {*differences(connection, declared())}
            number = save(connection, Change(command))
            chain.restored(connection, number)
            backup.note(connection)
        with effects.whole():
            replaced = _put(book, prepared)
            effects.changed(book, number)
    lacking = evidence.bring_back(source, book)
    with engine.open_book(book).reading() as connection:
        evidence.relock(connection, book, connection.info["lock"] is not PLAIN)
        differing |= {*differences(connection, declared())}
    altered = f"这份备份的变更日志第 {verdict.altered} 条被改动过（{verdict.reason}）"
    doubtful = f"有 {len(differing)} 处与变更日志对不上，可能被别的程序改过，请运行 partybuild doctor --replay 查看"
    warnings = [another, altered if verdict.altered is not None else None, doubtful if differing else None, lacking]
    return Restored(rows, replaced, "；".join(filter(None, warnings)) or None)


def look_at(book: Path, source: Path) -> None:
    """NotFound or Unfit where the source cannot take the place of the book."""
    if not source.exists():
        listed = "、".join(path.name for path in backup.kept(book)[:3])
        raise NotFound(
            f"没有找到备份文件 {source}。" + (f"最近的备份有：{listed}。" if listed else "请核对路径和文件名。")
        )
    if book.exists() and source.samefile(book):
        raise Unfit(f"{source} 就是正在使用的数据库，不用恢复。请写明备份文件夹里的一份。")
    try:
        engine.inspect_file(source)
    except Unfit as fault:
        text = fault.sentence.removeprefix(f"{source} ").partition("。")[0]
        raise Unfit(f"{source} 不能用来恢复：{text}。请换一份备份，用 partybuild backup --list 查看。") from None


def stranger(book: Path, source: Path) -> str | None:
    """What to say where a backup is of another book than the one whose place it is to take."""
    known = [backup.whose(path, driver.lock_of(path)) for path in (book, source) if path.exists()]
    if len(known) < 2 or not (known[0] and known[1] and known[0][0]) or known[0][0] == known[1][0]:
        return None
    return f"这份备份是另一个数据库的（{known[1][1]}），不是 {book}（{known[0][1]}）的"


def _put(book: Path, prepared: Path) -> Path | None:
    """Let the prepared copy take the book's place; where the replaced book is kept."""
    if not any(part.exists() for part in driver.files_of(book)):
        prepared.replace(book)
        return None
    if not book.exists():
        return _put_aside(book, prepared)
    saved: list[Path] = []

    def written(status: int, left: int, pages: int) -> None:
        """With the first pages SQLite takes the write lock, so nobody can add to what is backed up and replaced."""
        if status in driver.HELD:
            raise engine.held(book)
        if not saved:
            saved.append(backup.back_up(book, "restore", lock).path)

    with suppress(Unfit):
        lock = driver.lock_of(book)
        with closing(driver.connect(prepared)) as new, _waited_for(book, lock, "BEGIN IMMEDIATE", "ROLLBACK") as old:
            old.execute("PRAGMA synchronous = full")
            old.execute("PRAGMA journal_mode = wal")  # a backup laid in the book's place by hand has another
            new.backup(old, pages=_PAGES, progress=written)  # all pages as one transaction
        return saved[0]
    return _put_aside(book, prepared)  # the present book is damaged, so it is put aside as it is


@contextmanager
def _waited_for(book: Path, lock: Lock, *statements: str, alone: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to the book once nobody is in the way of the statements; of SQLCipher where it is to be `alone`."""
    module = driver.sqlcipher() if alone else None
    opened = closing(driver.connect(book, lock, timeout=engine.PATIENCE / 1000, module=module))
    with engine.under_way(book), opened as raw:
        if alone:
            raw.execute("PRAGMA locking_mode = exclusive")
        engine.patiently(book, raw.execute, *statements)
        yield raw


def _put_aside(book: Path, prepared: Path) -> Path:
    """Move a damaged book with its companions into the folder of backups, and let the copy take its place; all or nothing."""
    folder = backup.folder_of(book)
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = f"{book.stem[:30]}-damaged-{datetime.now():%Y-%m-%d-%H%M%S}"
    names = (folder / f"{stem}{f'-{again}' if again else ''}.db" for again in count())
    aside = next(path for path in names if not any(part.exists() for part in driver.files_of(path)))
    with ExitStack() as undo:
        # companions first: a book must never meet the log of another
        for part, where in reversed([*zip(driver.files_of(book), driver.files_of(aside), strict=True)]):
            if part.exists():
                undo.callback(part.replace(where).replace, part)
        prepared.replace(book)
        undo.pop_all()
    return aside


@contextmanager
def opened_copy(path: Path) -> Iterator[Connection]:
    """A copy of a branch's book in memory, carried forward where it is of an older version; the file itself stays as it is."""
    with ExitStack() as stack:
        copy = Path(stack.enter_context(TemporaryDirectory(prefix="partybuild-"))) / path.name
        with engine.called(copy, path):
            with engine.faults(path), engine.engine_of(path).connect() as raw:
                current = raw.exec_driver_sql("PRAGMA user_version").scalar_one() == len(driver.migrations())
            if not current:
                backup.copy(path, copy)
                engine.open_book(copy, keep=False)
            opened = engine.engine_of(path if current else copy, in_memory=True)
            connection = stack.enter_context(opened.connect())
        yield connection


def relock(opened: engine.Book, key: Key | None, command: str) -> Relocked:
    """Let `key` alone open the book and its backups; anybody where there is none. Unfit or Busy: the book has not changed.

    Backups and files that prove records go first: of a run that was cut short the book is as it was. What is damaged or no book of
    ours is left alone and named.
    """
    book = opened.path
    lock, under = driver.lock_of(book), PLAIN if key is None else ring().new_lock(key)
    file = book.resolve()  # a link stays a link
    # Exclusive, and without a log beside it.
    alone = ("PRAGMA journal_mode = delete", "BEGIN EXCLUSIVE", "COMMIT")
    with _beside(file) as prepared, _waited_for(book, lock, *alone, alone=True) as raw:
        try:
            backup.copy(book, prepared, lock, under, opened=raw, task=f"改写 {book} ")
            with _draft(prepared, book) as connection:
                number = save(connection, Change(command))
                unread = evidence.relock(connection, book, key is not None)
            saved = [*backup.kept(book), *backup.others(book)]
            done = [path for path in saved if _relock_backup(path, lock, key, under)]
            with effects.whole():
                _put_over(raw, file, prepared)
                effects.changed(book, number)
        finally:
            with suppress(*driver.errors()):  # closed where the file has been replaced
                raw.execute("PRAGMA journal_mode = wal")
    beside = sorted({*backup.folder_of(book).glob("*"), *backup.leftovers(book)} - {*done})
    rest = [path for path in beside if path.is_file() and (driver.salt_of(path) is None) is (key is not None)]
    return Relocked(done, [*rest, *unread])


def _relock_backup(path: Path, was: Lock, key: Key | None, under: Lock) -> bool:
    """Write a backup anew under the lock of the book; whether it is under it now. A run cut short may have done it before."""
    locks = [PLAIN]
    if salt := driver.salt_of(path):
        locks = [*([ring().lock(path, salt)] if was is not PLAIN else []), *([key.lock(salt)] if key else [])]
    for lock in locks:
        with suppress(Unfit):  # which is damaged; a disk that refuses is another matter
            if backup.name_in(path, lock) is not None:
                if lock != under:
                    backup.copy(path, path, lock, under)
                return True
    return False


def _put_over(raw: sqlite3.Connection, book: Path, prepared: Path) -> None:
    """Let the new file take the old one's place, which is overwritten with zeros, save on Windows.

    A program that waited for it so finds no database, rather than write into a file that has no name any more.
    """
    if not driver.REPLACES_OPEN_FILES:
        raw.execute("PRAGMA journal_mode = wal")  # as it was, should somebody else be quicker now
        raw.close()
        backup.settle(prepared, book)
        return
    with book.open("rb+") as old:  # closing it lets go of the lock, so it stays open to the end
        backup.settle(prepared, book)
        with suppress(OSError):
            size = os.fstat(old.fileno()).st_size
            for at in range(0, size, _BLOCK):
                old.write(bytes(min(_BLOCK, size - at)))
            old.flush()
            os.fsync(old.fileno())
        raw.close()
