"""Encrypting a book, changing its key, making it plain again (加密、换密钥、取消加密): the whole file, or nothing of it.

The book is written anew beside itself and takes the old file's place in one step, while nobody else can open it; its backups
before. A run that was cut short can be run again. What is damaged or no book of ours is left alone and named.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from partybuild_cli import effects
from partybuild_cli.errors import Busy, PartybuildError, why
from partybuild_cli.store import backup, driver, evidence
from partybuild_cli.store.engine import PATIENCE, Book, faults, open_book, patiently, under_way
from partybuild_cli.store.history import Change, save
from partybuild_cli.store.key import PLAIN, Key, Lock, ring

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Relocked:
    """What was done: the backups that are now as the book is, and what else lies there and is not as the book is."""

    backups: list[Path]
    left: list[Path]


def relock(opened: Book, key: Key | None, command: str) -> Relocked:
    """Let `key` alone open the book and its backups; anybody where there is none. Unfit or Busy: the book has not changed."""
    book = opened.path
    lock, under = driver.lock_of(book), PLAIN if key is None else ring().new_lock(key)
    file = book.resolve()  # a link stays a link
    prepared = file.with_name(f"{file.name}.partial")
    try:
        with _alone(book, lock) as raw:
            backup.copy(book, prepared, lock, under, opened=raw, task=f"改写 {book} ")
            number = _note(prepared, command)
            saved = [*backup.kept(book), *backup.others(book)]
            done = [path for path in saved if _relock_backup(path, lock, key, under)]
            with effects.whole():
                _put(raw, file, prepared)
                effects.changed(book, number)
    except OSError as fault:
        raise Busy(f"不能写入 {book.parent}（{why(fault)}）。数据库没有改动，请检查磁盘空间和权限。") from None
    finally:
        driver.discard(prepared)
    with open_book(book).reading() as connection:
        unread = evidence.relock(connection)
    beside = sorted({*backup.folder_of(book).glob("*"), *backup.leftovers(book)} - {*done})
    rest = [path for path in beside if path.is_file() and (driver.salt_of(path) is None) is (key is not None)]
    return Relocked(done, [*rest, *unread])


@contextmanager
def _alone(book: Path, lock: Lock) -> Iterator[Connection]:
    """A connection of SQLCipher that keeps everybody else out of the book. Busy where somebody has it open."""
    module, patience = driver.sqlcipher(), PATIENCE / 1000
    with faults(book), under_way(book), closing(driver.connect(book, lock, timeout=patience, module=module)) as raw:
        raw.execute("PRAGMA locking_mode = exclusive")
        # Nothing of it stays in a log beside it.
        patiently(book, raw.execute, "PRAGMA journal_mode = delete", "BEGIN EXCLUSIVE", "COMMIT")
        try:
            yield raw
        finally:
            with suppress(*driver.errors()):  # closed where the file has been replaced
                raw.execute("PRAGMA journal_mode = wal")


def _note(prepared: Path, command: str) -> int:
    """Write into the new file's log what happened to it, before it takes the old one's place; the change's number."""
    with closing(driver.connect(prepared)) as raw:
        raw.execute("PRAGMA journal_mode = wal")
    with effects.draft(prepared), open_book(prepared, keep=False).writing() as connection:
        return save(connection, Change(command))


def _relock_backup(path: Path, was: Lock, key: Key | None, under: Lock) -> bool:
    """Write a backup anew under the lock of the book; whether it is under it now. A run cut short may have done it before."""
    locks = [PLAIN]
    if salt := driver.salt_of(path):
        locks = [*([ring().lock(path, salt)] if was is not PLAIN else []), *([key.lock(salt)] if key else [])]
    for lock in locks:
        with suppress(PartybuildError):
            if backup.name_in(path, lock) is not None:
                if lock != under:
                    backup.copy(path, path, lock, under)
                return True
    return False


def _put(raw: Connection, book: Path, prepared: Path) -> None:
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
