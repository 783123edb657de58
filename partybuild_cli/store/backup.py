"""Backups (备份): consistent copies while the book is in use, each checked before it counts as one, and which of them stay.

They lie beside the book in a folder `NAME-backups` that only its owner may open, under names like
`book-2026-09-05-120000-00042-change.db`: when, the how-manieth, for what. The number alone gives the order, for a clock may lie.
What a person asked for and what a restore replaced stays; of the others, fewer the older. A file of any other name is left alone.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from itertools import accumulate, count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from partybuild_cli import outputs
from partybuild_cli.errors import Busy, NotFound, Unfit, why
from partybuild_cli.store import driver
from partybuild_cli.store.driver import PLAIN, Lock

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: What a backup was made for, or before.
Occasion = Literal["manual", "change", "undo", "restore", "upgrade", "quarter"]
#: Those that thin out; each occasion among its own, so that a run of one never pushes out another.
AUTOMATIC: tuple[Occasion, ...] = ("change", "undo", "upgrade", "quarter")
#: The latest that stay, and of how many hours, days, months, years the first: by how much of the stamp says them.
LATEST, FIRSTS = 10, {13: 24, 10: 31, 7: 12, 4: 10}
#: A number of fewer digits stands in names of an older version: it told apart what was made within one second.
_NAME = re.compile(
    r"(?P<stem>.+)-(?P<stamp>\d{4}(?:-\d\d){2}-\d{6})(?:-\d{1,4}|-(?P<number>\d{5,}))?-(?P<occasion>[a-z]+)\.db"
)
#: The setting that says when the last backup was made.
LAST = "last_backup"


class Copy(NamedTuple):
    """A backup that was checked: where it lies, its size in bytes, and how many rows each table has."""

    path: Path
    size: int
    rows: dict[str, int]


class Room(NamedTuple):
    """How many files the folder of backups holds, and how many bytes they take (占用空间)."""

    files: int
    size: int


class Made(NamedTuple):
    """What the name of a backup says: of which book, when on this machine's clock, the how-manieth (0: of before), for what."""

    path: Path
    stem: str
    stamp: str
    number: int
    occasion: str


def name_of(stem: str, stamp: str, number: int, occasion: Occasion) -> str:
    """The file name of a backup."""
    return f"{stem}-{stamp}-{number:05}-{occasion}.db"


def read_names(paths: Iterable[Path]) -> list[Made]:
    """The backups among files, in the order in which they were made."""
    named = ((path, name) for path in paths if (name := _NAME.fullmatch(path.name)))
    made = [Made(path, name["stem"], name["stamp"], int(name["number"] or 0), name["occasion"]) for path, name in named]
    return sorted(made, key=lambda backup: (backup.number, backup.stamp, backup.path.name))


def superseded(made: Sequence[Made], latest: int = LATEST, firsts: Mapping[int, int] = FIRSTS) -> list[Made]:
    """Which of a book's backups, given in the order of their making, the rule lets go of."""
    dropped = []
    for occasion in AUTOMATIC:
        mine = [backup for backup in made if backup.occasion == occasion]
        # Where the clock went back, what follows is another time, whatever it says.
        turns = accumulate((after.stamp < before.stamp for before, after in pairwise(mine)), initial=0)
        backwards = [*zip(turns, mine, strict=False)][::-1]
        stay = {*mine[-latest:]}
        for length, number in firsts.items():
            first = {(turn, backup.stamp[:length]): backup for turn, backup in backwards}
            stay.update([*first.values()][:number])
        dropped += [backup for backup in mine if backup not in stay]
    return dropped


def folder_of(book: Path) -> Path:
    """The folder of a book's backups."""
    return book.with_name(f"{book.name}-backups")


def made(book: Path) -> list[Made]:
    """The book's backups in the order in which they were made."""
    return read_names(folder_of(book).glob("*.db"))


def kept(book: Path) -> list[Path]:
    """The files of the book's backups, newest first."""
    return [backup.path for backup in reversed(made(book))]


def latest(book: Path) -> Path:
    """The newest backup, leaving out what a restore replaced. NotFound where there is none."""
    found = [backup.path for backup in made(book) if backup.occasion != "restore"]
    if not found:
        raise NotFound(f"{folder_of(book)} 里还没有备份。请写明备份文件，如 partybuild restore 备份.db。")
    return found[-1]


def others(book: Path) -> list[Path]:
    """Databases in the folder of backups that have no backup's name: renamed by a person, or damaged and put aside."""
    return sorted({*folder_of(book).glob("*.db")} - {*kept(book)})


def leftovers(book: Path) -> Iterable[Path]:
    """Copies that an older version began and never finished, after a crash; what this one leaves is swept (`outputs.workshop`)."""
    return [*folder_of(book).glob("*.partial*"), *book.parent.glob(f"{book.name}.partial*")]


def room(book: Path) -> Room:
    """What the folder of backups takes of the disk."""
    sizes = []
    for path in folder_of(book).glob("*"):
        with suppress(OSError):  # another process may let go of it
            sizes.append(path.stat().st_size)
    return Room(len(sizes), sum(sizes))


def back_up(book: Path, occasion: Occasion, lock: Lock | None = None) -> Copy:
    """Copy the book into its folder of backups, and let go of those that the rule no longer keeps.

    Only readable backups of this very book go, as far as can be, and never the one just made.
    """
    folder, stem = folder_of(book), book.stem[:30]
    with _disk(folder, book):
        lock = lock or driver.lock_of(book)
        folder.mkdir(mode=0o700, exist_ok=True)
        with _copied(book, folder, lock, lock) as (partial, rows):
            stamp, last = (
                datetime.now().strftime("%Y-%m-%d-%H%M%S"),
                max((backup.number for backup in made(book)), default=0),
            )
            names = (folder / name_of(stem, stamp, number, occasion) for number in count(last + 1))
            target = next(path for path in names if name_first(partial, path))  # another process may name one just now
    mine = [backup for backup in made(book) if backup.stem == stem]
    old = [backup.path for backup in superseded(mine) if backup.path != target]
    name = name_in(target, lock) if old else None
    for path in old:
        if name and name in (name_in(path, PLAIN), name_in(path, lock)):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return Copy(target, target.stat().st_size, rows)


def whose(path: Path, lock: Lock) -> tuple[str, str] | None:
    """The names of the book that a backup holds and of its branch, empty where it has none; None where it cannot be read."""
    try:
        with closing(driver.connect(path, lock, driver.AS_IT_LIES)) as raw:
            found = raw.execute("SELECT value FROM setting WHERE key = 'book'").fetchone()
            branch = raw.execute("SELECT name FROM branch ORDER BY id LIMIT 1").fetchone()
            return (str(found[0]) if found else "", str(branch[0]) if branch else "")
    except driver.errors("DatabaseError", OSError):
        return None


def name_in(path: Path, lock: Lock) -> str | None:
    """The name of the book that a backup holds, empty where it has none; None where it cannot be read with this lock."""
    return found[0] if (found := whose(path, lock)) else None


def book_of(connection: "Connection") -> Path:
    """The file that a connection leads to."""
    return Path(str(connection.engine.url.database))


def note(connection: "Connection") -> None:
    """Remember that a backup was made now."""
    driver.put_setting(connection, LAST, datetime.now(UTC).isoformat(timespec="seconds"))


def copy(
    source: Path,
    target: Path,
    lock: Lock | None = None,
    under: Lock | None = None,
    opened: sqlite3.Connection | None = None,
    task: str = "",
) -> Copy:
    """A consistent copy while others read or write, checked before it gets its name; an older file there is replaced.

    The source is under `lock` (as its first bytes say), the copy under the same one or under another; `opened` has it open.
    Busy, naming the `task`, when the disk refuses; Unfit when the copy is not sound.
    """
    with _disk(target, source, task):
        lock = lock or driver.lock_of(source)
        with _copied(source, target.parent, lock, under or lock, opened) as (partial, rows):
            settle(partial, target)
        return Copy(target, target.stat().st_size, rows)


@contextmanager
def _copied(
    source: Path, folder: Path, lock: Lock, under: Lock, opened: sqlite3.Connection | None = None
) -> Iterator[tuple[Path, dict[str, int]]]:
    """A checked copy that has no name in the folder yet, and how many rows its tables have; what a killed run left is swept."""
    # SQLCipher can write a copy under another lock only where it may write to the source as well
    mode, module = ("mode=ro", None) if under == lock else ("mode=rw", driver.sqlcipher())
    mode += "&immutable=1" if driver.only_reads(source) else ""
    with outputs.workshop(folder / source.name) as shop:
        partial = shop / "book.db"  # whatever it is called, the whole path is not too long
        partial.touch(0o600, exist_ok=False)
        with nullcontext(opened) if opened else closing(driver.connect(source, lock, mode, module=module)) as raw:
            if under != lock:
                rows = driver.export(raw, partial, under)
            else:
                raw.execute("BEGIN")
                rows = driver.count_rows(raw)
                with closing(driver.connect(partial, lock)) as new:
                    raw.backup(new)
                    new.execute("PRAGMA journal_mode = delete")
        if wrong := check(partial, under, rows):
            raise Unfit(
                f"{source} 的副本没有通过检查（{wrong}），没有改动任何内容。数据库请运行 partybuild doctor 检查；备份请换一份。"
            )
        yield partial, rows


def check(path: Path, lock: Lock | None = None, rows: dict[str, int] | None = None) -> str | None:
    """What is wrong with a database file, that should have so many rows, in words; None where it is sound."""
    with closing(driver.connect(path, lock)) as raw:
        if damage := driver.damage(raw):
            return f"完整性检查不通过：{damage}"
        return driver.dangling(raw) or (
            "行数与原文件不一致" if rows is not None and driver.count_rows(raw) != rows else None
        )


def name_first(partial: Path, target: Path) -> bool:
    """Give the copy a name that nobody has; False where somebody was quicker."""
    try:
        os.link(partial, target)
    except OSError as fault:  # a disk may know no links
        if isinstance(fault, FileExistsError) or os.path.lexists(target):
            return False
    settle(partial, target)
    return True


def settle(partial: Path, target: Path) -> None:
    """Give the copy its name once its bytes are on the disk."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    if os.name != "nt":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _disk(path: Path, source: Path, task: str = "") -> Iterator[None]:
    """Turn what the disk refuses into a sentence, which names the task."""
    try:
        yield
    except driver.errors("OperationalError", OSError) as fault:
        reason = why(fault) if isinstance(fault, OSError) else driver.reason(fault)
        raise Busy(
            f"{task or f'备份到 {path} '}没有成功（{reason}）。没有写入任何内容，请检查磁盘空间和权限。"
        ) from None
    except driver.errors() as fault:
        raise driver.unreadable(source, fault) from None
