"""Opening a record book (打开数据库): one SQLite file, safe against power cuts, readable by its owner only."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from partybuild_cli import effects, outputs
from partybuild_cli.errors import Busy, NotFound, PartybuildError, Unfit, why
from partybuild_cli.store import backup, driver, migrate
from partybuild_cli.store.driver import DAMAGE, HELD, REFUSALS, reason, unreadable
from partybuild_cli.store.key import PLAIN, Lock

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


@contextmanager
def under_way(path: Path) -> Iterator[None]:
    """`faults` in a block in which nobody is asked anything, for others may have to wait for what is done in it."""
    _under_way.append(path)
    try:
        yield
    except _refusals() as fault:
        if told := _told(path, fault):
            raise told from None
        raise
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
            connection.rollback()

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
            connection.rollback()

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
            migrate.carry_forward(book.engine, path, keep)
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
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with faults(draft), closing(driver.connect(draft, lock)) as raw:
                raw.execute("PRAGMA journal_mode = wal")  # so that it is encrypted from its first byte on
            book = Book(draft, engine_of(draft))
            with faults(draft):
                migrate.carry_forward(book.engine, draft, keep=False)
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
    if not found.st_size:
        raise Unfit(
            f"{path} 是空文件，里面没有台账。如果它本该有内容，请用 partybuild restore 从备份恢复；要新建请先删除它再运行 init。"
        )
    if not sound:
        raise Unfit(
            f"{path} 不是 partybuild 的数据库（内容不是 SQLite 格式，也不是完整的加密数据库）。请用 --db 指定正确的文件。"
        )
    return found


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
    event.listen(engine, "connect", lambda raw, record: record.info.update(lock=lock))
    event.listen(engine, "begin", _begin)
    return engine


def last_change(connection: Connection) -> int:
    """The number of the last entry in the history; 0 in a book that has none."""
    return int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM change").scalar_one())


def texts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Every text of the database with its table; bytes that are none as half characters."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    with driver.leniently(connection):
        for table in connection.exec_driver_sql(tables).scalars().all():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                yield from ((table, text) for text in row if isinstance(text, str))


def _begin(connection: Connection) -> None:
    """Begin a transaction; one that only reads waits for nobody."""
    how = connection.get_execution_options().get("begin", "BEGIN")
    patiently(Path(connection.engine.url.database or ""), connection.exec_driver_sql, how)


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


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into a sentence for the user, whether it came through SQLAlchemy or not."""
    try:
        yield
    except _refusals() as fault:
        if told := _told(path, fault):
            raise told from None
        raise


def _refusals() -> tuple[type[Exception], ...]:
    return driver.errors("DatabaseError", DatabaseError, OverflowError)


def _told(path: Path, fault: Exception) -> Exception | None:
    """What a user is told of a refusal; None where a rule of the tables was broken, which is for whoever wrote it to tell."""
    cause, code = getattr(fault, "orig", None) or fault, driver.code_of(fault)
    if isinstance(fault, OverflowError):
        huge = NotFound("没有这么大的编号：数据库的编号最多 19 位。请核对编号。")
        return huge if "SQLite" in str(fault) else None
    if isinstance(cause, driver.errors("IntegrityError")):
        return None
    if not isinstance(cause, driver.errors("OperationalError")):
        return unreadable(path, cause)
    if code in HELD:
        return held(path)
    if code in DAMAGE:
        return Unfit(f"{path} {reason(cause)}，已损坏或被别的程序改过。请用 partybuild restore 从备份恢复。")
    if code in REFUSALS:
        full = code == sqlite3.SQLITE_IOERR and shutil.disk_usage(path.parent).free < _LITTLE
        told = "磁盘已满" if full else reason(cause)
        return Busy(f"磁盘拒绝写入 {path}（{told}）。没有写入任何内容，请检查磁盘空间和文件权限。")
    return cause


def held(path: Path) -> Busy:
    """Another program holds the book."""
    return Busy(f"{path} 正被另一个程序使用，等待 {PATIENCE // 1000} 秒后仍未空闲。没有写入任何内容，请稍后再试。")
