"""Opening a record book (打开数据库): one SQLite file, safe against power cuts, readable by its owner only.

An older book is copied and carried forward by numbered migrations (数据库升级), a newer one is refused.
"""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from partybuild_cli import effects, outputs
from partybuild_cli.errors import Busy, NotFound, PartybuildError, Unfit, why
from partybuild_cli.store import backup, chain, driver
from partybuild_cli.store.asof import Difference, differences
from partybuild_cli.store.driver import DAMAGE, HELD, PLAIN, REFUSALS, Lock, reason, unreadable
from partybuild_cli.store.shape import declared, derived_uid

#: How long a command waits for another that is writing, in milliseconds.
PATIENCE = 30_000
#: How long it does so without a word.
SILENCE = 1_000
#: With less room SQLite cannot even lay down the file that readers share, and calls it a fault while reading or writing.
_LITTLE = 2**16
#: The version of a file, and whether it has a history of ours.
_KNOWN = "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'change_row') FROM pragma_user_version"
#: The books of which this process has a transaction under way.
_under_way: list[Path] = []

#: The migration since which entries are sealed by today's rule and documents say their format.
_SEALED_ANEW = 6


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into a sentence for the user, whether it came through SQLAlchemy or not."""
    try:
        yield
    except driver.errors("DatabaseError", DatabaseError, OverflowError) as fault:
        if told := _told(path, fault):
            raise told from None
        raise


@contextmanager
def under_way(path: Path) -> Iterator[None]:
    """`faults` in a block in which nobody is asked anything, for others may have to wait for what is done in it."""
    _under_way.append(path)
    try:
        with faults(path):
            yield
    finally:
        _under_way.remove(path)


def may_ask() -> None:
    """To be called before a person is asked. RuntimeError within a transaction: the book would wait for the answer."""
    if _under_way:
        raise RuntimeError(f"a question within a transaction on {_under_way[-1].name}")


class Book(NamedTuple):
    """One database (台账数据库): gives connections for reading, and transactions for writing."""

    path: Path
    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the book throughout; writes are refused."""
        with under_way(self.path), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = on")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that holds the write lock; commits when the block ends well, else rolls all of it back."""
        with under_way(self.path), self.engine.connect() as connection:
            connection = connection.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin() as transaction:
                before = last_change(connection)
                yield connection
                number = last_change(connection)
                with effects.whole():
                    transaction.commit()
                    if number != before:
                        effects.changed(self.path, number)

    @contextmanager
    def rehearsing(self) -> Iterator[Connection]:
        """A connection to a copy of the book in memory: it may write, keeps nobody waiting, and nothing of it is kept."""
        with under_way(self.path), engine_of(self.path, in_memory=True).connect() as connection:
            yield connection

    def fold(self) -> None:
        """Take in the log that lies beside the file: of a backup there is one file."""
        with faults(self.path), closing(driver.connect(self.path)) as raw:
            raw.execute("PRAGMA journal_mode = delete")

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was erased stays in free pages or in the log. Busy while others read."""
        with faults(self.path), closing(driver.connect(self.path)) as raw:
            raw.execute("PRAGMA secure_delete = on")
            raw.execute("VACUUM")
            if raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise held(self.path)


def open_book(path: Path, keep: bool = True) -> Book:
    """Open an existing book, carrying an older one forward; one that the clerk is to `keep` is backed up before.

    NotFound where there is none, Unfit where it is no book of ours or a newer version's, Busy where it is locked.
    """
    found = inspect_file(path)
    if keep:
        outputs.clear_away(path.parent)
    if found.st_nlink > 1:  # SQLite keeps its log by name, and through two of them a book loses commits
        raise Unfit(
            f"{path} 在磁盘上不止一个名字（硬链接），从两个名字登记会丢失记录，没有打开它。"
            "请先复制成单独的文件，再用 --db 指定这个副本。"
        )
    book = Book(path, engine_of(path))
    with faults(path):
        with book.engine.connect() as connection:
            known = connection.exec_driver_sql(_KNOWN).one()
        if known != (len(driver.migrations()), 1):
            carry_forward(book.engine, path, keep)
    return book


def create_book(path: Path, lock: Lock = PLAIN, begin: Callable[[Connection], object] = lambda new: None) -> Book:
    """Make a new book at `path`, in a folder of mode 0700 where there was none, with what `begin` writes into it.

    It gets its name when all of it is there. Unfit when something has the name.
    """
    refuse_existing(path)
    if warning := driver.elsewhere(path):
        effects.remark(warning)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with outputs.workshop(path) as shop, effects.draft(shop), called(shop / path.name, path):
            draft = shop / path.name
            draft.touch(0o600, exist_ok=False)
            with faults(draft):
                with closing(driver.connect(draft, lock)) as raw:
                    raw.execute("PRAGMA journal_mode = wal")  # so that it is encrypted from its first byte on
                book = Book(draft, engine_of(draft))
                carry_forward(book.engine, draft, keep=False)
            with book.writing() as connection:
                begin(connection)
                number = last_change(connection)
            with effects.whole():
                if not backup.name_first(draft, path):
                    refuse_existing(path)
                if number:
                    effects.changed(path, number)
    except OSError as fault:
        raise Busy(
            f"不能在 {path.parent} 中新建数据库（{why(fault)}）。请检查目录权限，或用 --db 换一个位置。"
        ) from None
    return Book(path, engine_of(path))


@contextmanager
def called(path: Path, shown: Path) -> Iterator[None]:
    """What is refused of a copy is said of the file that it is of."""
    try:
        yield
    except PartybuildError as fault:
        raise type(fault)(fault.sentence.replace(str(path), str(shown))) from None


def refuse_existing(path: Path) -> None:
    """Unfit where a new book would meet a file, or cannot have its name."""
    driver.refuse_name(path)
    if os.path.lexists(path):
        raise Unfit(f"{path} 已经存在，没有改动它。要新建请用 --db 指定另一个文件，或先把原文件移走。")


def inspect_file(path: Path) -> os.stat_result:
    """Refuse what is no database at all, encrypted or not, before SQLite sees it. NotFound, Unfit or Busy."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise Unfit(f"{path} 是文件夹，不是数据库文件。请用 --db 指定到文件。")
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for without end
            raise Unfit(f"{path} 是管道或设备，不是数据库文件。请用 --db 指定到文件。")
        sound = driver.is_plain(path) or driver.salt_of(path)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise NotFound(
                f"{path} 是链接，它指向的 {path.readlink()} 不在。请接上那个磁盘，或用 --db 指定实际的文件。"
            ) from None
        if not path.parent.is_dir():
            raise NotFound(
                f"没有找到数据库 {path}，它所在的文件夹也不在。在 U 盘或网络盘上的，请先接好；也可用 --db 指定别的文件。"
            ) from None
        raise NotFound(
            f"没有找到数据库 {path}。请先运行 partybuild init --branch 党支部名称，或用 --db 指定已有的文件。"
        ) from None
    except OSError as fault:
        raise Busy(f"不能读取 {path}（{why(fault)}）。请检查文件权限，或换一个有权限的账号再运行。") from None
    if sound:
        return found
    raise Unfit(
        f"{path} 不是 partybuild 的数据库（内容不是 SQLite 格式，也不是完整的加密数据库）。请用 --db 指定正确的文件。"
        if found.st_size
        else f"{path} 是空文件，里面没有台账。如果它本该有内容，请用 partybuild restore 从备份恢复；要新建请先删除它再运行 init。"
    )


def engine_of(path: Path, in_memory: bool = False) -> Engine:
    """The way to a file, whatever it holds, or to copies of it. The lock stands in each connection's `info`."""
    lock = driver.lock_of(path)

    def connect() -> sqlite3.Connection:
        query = "immutable=1" if driver.only_reads(path) else ""
        raw = (driver.in_memory if in_memory else driver.connect)(path, lock, query)
        with driver.closed_on_fault(raw):
            for setting in (f"busy_timeout = {PATIENCE}", "foreign_keys = on", "synchronous = full"):
                raw.execute(f"PRAGMA {setting}")  # which SQLite forgets with each connection
        return raw

    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, module=driver.module_of(lock), creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info["lock"] = lock
        patiently(path, connection.exec_driver_sql, connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def carry_forward(engine: Engine, path: Path, keep: bool) -> None:
    """Apply what the book has not seen yet, backing up first where `keep` says so. Unfit where it is newer or the disk cannot."""
    with engine.connect() as connection:
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
        known = len(driver.migrations())
        fits = version_of(connection) if tables and at < known else at
    if tables and "change_row" not in tables:
        raise Unfit(f"{path} 是别的程序的 SQLite 数据库，不是 partybuild 的。请用 --db 指定正确的文件。")
    if at == known:
        return
    if at > known:
        raise Unfit(
            f"{path} 是由更新版本的 partybuild 写的（数据库版本 {at}，本程序到 {known}）。请先升级 partybuild。"
        )
    if fits is None:
        raise Unfit(
            f"{path} 的版本标记是 {at}，而表的样子不是任何一个版本的，可能被别的程序改过。没有改动任何内容。"
            "请用 partybuild restore 从备份恢复。"
        )
    if tables and keep:
        backup.back_up(path, "upgrade")
    if fits != at:
        with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            now = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if now == at and version_of(connection) == fits:  # no other process has been quicker
                connection.exec_driver_sql(f"PRAGMA user_version = {fits}")
        effects.remark(
            f"数据库的版本标记被别的程序改成了 {at}，内容是版本 {fits} 的，已改回{'；改回以前先备份了' if keep else ''}。"
        )
    if fits < known:
        _apply(engine, path)


def version_of(connection: Connection) -> int | None:
    """The version that a book's tables, columns and indexes have, whatever its mark says; None where they are of none."""
    versions = _versions(driver.migrations())
    there = _parts(connection) & frozenset().union(*versions)
    fitting = [number for number, parts in enumerate(versions) if parts == there]
    marked = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return marked if marked in fitting else max(fitting, default=None)


@cache
def _versions(files: tuple[Path, ...]) -> tuple[frozenset[tuple[str, str]], ...]:
    """What every version of a book is made of, from the empty one on, as the migrations make it."""
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:  # closed, also where a migration fails
        driver.raw_of(connection).create_function("derived_uid", 2, lambda ledger, number: "")
        found = [_parts(connection)]
        for file in files:
            _run(connection, file)
            found.append(_parts(connection))
    return tuple(found)


def _parts(connection: Connection) -> frozenset[tuple[str, str]]:
    """The names of what a book's records lie in: columns by table, and indexes. Triggers hold no records."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%'"
    found = {("", name) for name in connection.exec_driver_sql(sql).scalars()}
    for table, columns in driver.columns_of(driver.raw_of(connection)).items():
        found |= {(table, name) for name in columns}
    return frozenset(found)


def _apply(engine: Engine, path: Path) -> None:
    """Every migration that is missing, in one transaction. Unfit where records would differ from their history by it."""
    known = driver.migrations()
    with engine.connect() as connection:  # readers and a writer work beside each other
        if driver.raw_of(connection).execute("PRAGMA journal_mode = wal").fetchone()[0] != "wal":
            raise Unfit(f"{path} 所在的磁盘不支持安全写入（多为网络盘）。请把数据库放在本机硬盘上，用 --db 指定。")
    with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()  # another process may have been quicker
        before = _differing(connection, at) if 0 < at < len(known) else set()
        uid_of = partial(derived_uid, (driver.setting(connection, "book") or "") if at else "")
        driver.raw_of(connection).create_function("derived_uid", 2, uid_of, deterministic=True)
        for file in known[at:]:
            _run(connection, file)
        connection.exec_driver_sql(f"PRAGMA user_version = {max(at, len(known))}")
        if 0 < at < _SEALED_ANEW and chain.verify(connection).altered is None:
            with chain.rewriting(connection):
                pass  # which seals every entry anew
        if torn := _differing(connection, len(known)) - before if at else set():
            names = "、".join(f"{record.ledger} {record.number}" for record in sorted(torn, key=str)[:5])
            raise Unfit(
                f"{path} 升级后与变更日志对不上（{names}），已放弃升级，没有改动任何内容。请把这一行告诉维护者，先用原来的版本。"
            )


def _differing(connection: Connection, at: int) -> set[Difference]:
    """The records that differ from their history, with as much of today's shapes as the book has yet."""
    there = driver.columns_of(driver.raw_of(connection))

    def held(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in columns if name in there[table])

    shapes = {}
    for ledger, shape in declared().items():
        if shape.table in there:
            below = (replace(kid, columns=held(kid.table, kid.columns)) for kid in shape.children if kid.table in there)
            shapes[ledger] = replace(shape, columns=held(ledger, shape.columns), children=tuple(below))
    return {*differences(connection, shapes, 1 if at < _SEALED_ANEW else None)}


def _run(connection: Connection, file: Path) -> None:
    """Execute the statements of a script one by one, within the transaction; the body of a trigger belongs to its statement."""
    statement, raw = "", driver.raw_of(connection)
    for line in file.read_text(encoding="utf8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            raw.execute(statement)
            statement = ""


def last_change(connection: Connection) -> int:
    """The number of the last entry in the history; 0 in a book that has none."""
    return int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM change").scalar_one())


def patiently(path: Path, execute: Callable[[str], object], *statements: str) -> None:
    """Execute what may have to wait for another program, and say so after a while."""
    silence = min(SILENCE, PATIENCE)
    try:
        for statement in (f"PRAGMA busy_timeout = {silence}", *statements):
            execute(statement)
    except driver.errors("DatabaseError", DatabaseError) as fault:
        if driver.code_of(fault) not in HELD:
            raise
        effects.waits(f"{path.name} 正被另一个程序使用，正在等它用完（最多 {PATIENCE // 1000} 秒）…")
        for statement in (f"PRAGMA busy_timeout = {PATIENCE - silence}", *statements):
            execute(statement)
    execute(f"PRAGMA busy_timeout = {PATIENCE}")


def _told(path: Path, fault: Exception) -> Exception | None:
    """What a user is told of a refusal; None where a rule of the tables was broken, which is for whoever wrote it to tell."""
    cause, code = getattr(fault, "orig", None) or fault, driver.code_of(fault)
    if isinstance(fault, OverflowError) and "SQLite" in str(fault):
        return NotFound("没有这么大的编号：数据库的编号最多 19 位。请核对编号。")
    if isinstance(cause, (OverflowError, *driver.errors("IntegrityError"))):
        return None
    if not isinstance(cause, driver.errors("OperationalError")):
        return unreadable(path, cause)
    if code in HELD:
        return held(path)
    if code in DAMAGE:
        return Unfit(f"{path} {reason(cause)}，已损坏或被别的程序改过。请用 partybuild restore 从备份恢复。")
    if code in REFUSALS:
        full = code == sqlite3.SQLITE_IOERR and shutil.disk_usage(path.parent).free < _LITTLE
        text = "磁盘已满" if full else reason(cause)
        return Busy(f"磁盘拒绝写入 {path}（{text}）。没有写入任何内容，请检查磁盘空间和文件权限。")
    return cause


def held(path: Path) -> Busy:
    """Another program holds the book."""
    return Busy(f"{path} 正被另一个程序使用，等待 {PATIENCE // 1000} 秒后仍未空闲。没有写入任何内容，请稍后再试。")
