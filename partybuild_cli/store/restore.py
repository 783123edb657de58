"""Restoring a backup (恢复): checked before it replaces anything, and what it replaces is kept, to the last commit."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from partybuild_cli import effects
from partybuild_cli.errors import Busy, NotFound, PartybuildError, Unfit, why
from partybuild_cli.store import backup, chain, driver, engine, evidence, migrate
from partybuild_cli.store.asof import Difference, differences
from partybuild_cli.store.history import Change, save
from partybuild_cli.store.key import PLAIN, Lock
from partybuild_cli.store.shape import declared

#: So many pages are written at a time; any book has more.
_PAGES = 16


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: rows by table, where the replaced book is kept (None where there was none), a warning."""

    rows: dict[str, int]
    replaced: Path | None
    warning: str | None


def restore(book: Path, source: Path, command: str) -> Restored:
    """Put a backup in the place of the book. NotFound or Unfit where it is none that can be; then nothing has changed."""
    look_at(book, source)
    under, another = _under(book, source), stranger(book, source)
    prepared = book.with_name(f"{book.name}.partial{os.getpid()}")
    try:
        book.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        rows = backup.copy(source, prepared, under=under, task=f"从 {source} 恢复").rows
        verdict, differing, number = _prepare(prepared, source, command)
        with effects.whole():
            replaced = _put(book, prepared)
            effects.changed(book, number)
    except OSError as fault:
        raise Busy(f"不能写入 {book.parent}（{why(fault)}）。没有改动任何内容。") from None
    finally:
        driver.discard(prepared)
    lacking = evidence.bring_back(source, book)
    with engine.open_book(book).reading() as connection:
        evidence.relock(connection)
        differing |= set(differences(connection, declared()))
    warnings = [another] if another else []
    if verdict.altered is not None:
        warnings.append(f"这份备份的变更日志第 {verdict.altered} 条被改动过（{verdict.reason}）")
    if differing:
        found = f"有 {len(differing)} 处与变更日志对不上"
        warnings.append(f"{found}，可能被别的程序改过，请运行 partybuild doctor --replay 查看")
    if lacking:
        warnings.append(lacking)
    return Restored(rows, replaced, "；".join(warnings) or None)


def look_at(book: Path, source: Path) -> None:
    """NotFound or Unfit where the source cannot take the place of the book."""
    if not source.exists():
        listed = "、".join(path.name for path in backup.kept(book)[:3])
        raise NotFound(f"没有找到备份文件 {source}。" + (f"最近的备份有：{listed}。" if listed else ""))
    if book.exists() and source.samefile(book):
        raise Unfit(f"{source} 就是正在使用的数据库，不用恢复。")
    try:
        engine.inspect_file(source)
    except Unfit as fault:
        told = fault.sentence.removeprefix(f"{source} ").partition("。")[0]
        raise Unfit(f"{source} 不能用来恢复：{told}。请换一份备份，用 partybuild backup --list 查看。") from None


def stranger(book: Path, source: Path) -> str | None:
    """What to say where a backup is of another book than the one whose place it is to take."""
    known = [backup.whose(path, driver.lock_of(path)) for path in (book, source) if path.exists()]
    if len(known) < 2 or not (known[0] and known[1] and known[0][0]) or known[0][0] == known[1][0]:
        return None
    return f"这份备份是另一个数据库的（{known[1][1]}），不是 {book}（{known[0][1]}）的"


def _under(book: Path, source: Path) -> Lock:
    """The lock for what is restored: an encrypted book stays encrypted. Unfit where only the backup is encrypted."""
    lock = driver.lock_of(source)
    if lock is PLAIN and driver.salt_of(book):
        engine.open_book(book)  # what is locked with a key that does not fit could never be opened again
        return driver.lock_of(book)
    if lock is not PLAIN and book.exists() and driver.is_plain(book):
        raise Unfit(
            f"{source} 是加密的备份，现在的数据库 {book} 没有加密，没有改动任何内容。"
            "请先用备份的密钥运行 partybuild encrypt，再恢复；或先把现在的数据库移走。"
        )
    return lock


def _prepare(prepared: Path, source: Path, command: str) -> tuple[chain.Verdict, set[Difference], int]:
    """Bring the copy up to date, build it again from its history, and write the restore into its log, all beforehand."""
    try:
        opened = engine.open_book(prepared, keep=False)
    except PartybuildError as fault:
        raise type(fault)(fault.sentence.replace(str(prepared), str(source))) from None
    with effects.draft(prepared), opened.writing() as connection:
        verdict, differing = chain.verify(connection), set(differences(connection, declared()))
        number = save(connection, Change(command))
        chain.restored(connection, number)
        backup.note(connection)
    with closing(driver.connect(prepared)) as raw:
        raw.execute("PRAGMA journal_mode = wal")
    return verdict, differing, number


def _put(book: Path, prepared: Path) -> Path | None:
    """Let the prepared copy take the book's place; where the replaced book is kept."""
    if not any(part.exists() for part in driver.files_of(book)):
        prepared.replace(book)
        return None
    if book.exists():
        with suppress(Unfit):  # the present book is damaged, so it is put aside as it is
            return _overwrite(book, prepared)
    return _put_aside(book, prepared)


def _overwrite(book: Path, prepared: Path) -> Path:
    """Write the copy's pages into the book as one transaction; the backup of what they replace.

    With the first pages SQLite takes the write lock, so nobody can add to what is then backed up and replaced.
    """
    lock = driver.lock_of(book)
    saved: list[Path] = []

    def written(status: int, left: int, pages: int) -> None:
        if status in driver.HELD:
            raise engine.held(book)
        if not saved:
            saved.append(backup.back_up(book, "restore", lock).path)

    with (
        engine.faults(book),
        engine.under_way(book),
        closing(driver.connect(prepared)) as new,
        closing(driver.connect(book, lock, timeout=engine.PATIENCE / 1000)) as old,
    ):
        engine.patiently(book, old.execute, "BEGIN IMMEDIATE", "ROLLBACK")
        old.execute("PRAGMA synchronous = full")
        old.execute("PRAGMA journal_mode = wal")  # a backup laid in the book's place by hand has another
        new.backup(old, pages=_PAGES, progress=written)
    return saved[0]


def _put_aside(book: Path, prepared: Path) -> Path:
    """Move a damaged book with its companions into the folder of backups, and let the copy take its place; all or nothing."""
    folder = backup.folder_of(book)
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = f"{book.stem[:30]}-damaged-{datetime.now():%Y-%m-%d-%H%M%S}"
    names = (folder / f"{stem}{f'-{again}' if again else ''}.db" for again in count())
    aside = next(path for path in names if not any(part.exists() for part in driver.files_of(path)))
    moved: list[tuple[Path, Path]] = []
    try:
        parts = [*zip(driver.files_of(book), driver.files_of(aside), strict=True)]
        for part, where in reversed(parts):  # companions first: a book must never meet the log of another
            if part.exists():
                moved.append((part, part.replace(where)))
        prepared.replace(book)
    except BaseException:
        for part, where in reversed(moved):
            where.replace(part)
        raise
    return aside


@contextmanager
def opened_copy(path: Path) -> Iterator[Connection]:
    """A copy of a branch's book in memory, carried forward where it is of an older version; the file itself stays as it is."""
    with ExitStack() as stack:
        copy = path
        try:
            with engine.faults(path):
                with engine.engine_of(path).connect() as raw:
                    current = raw.exec_driver_sql("PRAGMA user_version").scalar_one() == len(migrate.migrations())
                if not current:
                    copy = Path(stack.enter_context(TemporaryDirectory(prefix="partybuild-"))) / path.name
                    backup.copy(path, copy)
                    engine.open_book(copy, keep=False)
                connection = stack.enter_context(engine.engine_of(copy, driver.in_memory).connect())
        except PartybuildError as fault:
            raise type(fault)(fault.sentence.replace(str(copy), str(path))) from None
        yield connection
