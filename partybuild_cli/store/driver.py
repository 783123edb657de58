"""Which SQLite opens a file (数据库驱动), and with which key (密钥): that of Python a plain file, SQLCipher an encrypted one.

SQLCipher is an extra package, loaded only when the first encrypted file is met or made. Its connections do as those of
Python do, but its exceptions are of a family of their own: catch `errors()`, never those of `sqlite3`. A key is stretched as
SQLCipher 4 does it by default, so every program that knows it opens the file; doing so here costs once a command, not once a
connection. It is never shown and never written.
"""

import hashlib
import os
import re
import secrets
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partybuild_cli import effects
from partybuild_cli.errors import PartybuildError, Unfit, UsageFault

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The first bytes of an encrypted file.
SALT = 16
ROUNDS, _BYTES = 256_000, 32


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """How one file is locked: what SQLCipher takes for its key, stretched key and salt; None for a plain file."""

    secret: str | None


PLAIN = Lock(None)


class Key:
    """A passphrase."""

    def __init__(self, words: str) -> None:
        self._words = words.encode("utf8", "surrogateescape")

    def lock(self, salt: bytes) -> Lock:
        """What opens a file that begins with `salt`."""
        stretched = hashlib.pbkdf2_hmac("sha512", self._words, salt, ROUNDS, _BYTES)
        return Lock(f"x'{stretched.hex()}{salt.hex()}'")


class KeyRing:
    """The locks that this run can open; its key is asked for when the first encrypted file is met."""

    def __init__(self) -> None:
        self.run = effects.so_far()
        self._key: Key | None = None
        self._locks: dict[bytes, Lock] = {}

    def lock(self, path: Path, salt: bytes) -> Lock:
        """The lock of a file that begins with `salt`: one made by this command, else one that its key should open."""
        if salt not in self._locks:
            if self._key is None:
                said = effects.passphrase_of(path)
                if not said:
                    raise UsageFault(
                        f"{path} 是加密的，要有密钥才能打开。请用 --key-file 指定密钥文件，或设置环境变量 PARTYBUILD_KEY_FILE；"
                        "在终端里会询问。"
                    )
                self._key = Key(said)
            self.open_with(self._key, salt)
        return self._locks[salt]

    def open_with(self, key: Key, salt: bytes) -> Lock:
        """Open the file that begins with `salt` with a key of its own."""
        self._locks[salt] = key.lock(salt)
        return self._locks[salt]

    def new_lock(self, key: Key) -> Lock:
        """A lock for a file that is yet to be made."""
        return self.open_with(key, secrets.token_bytes(SALT))


_ring = KeyRing()


def ring() -> KeyRing:
    """The ring of this run; it asks whoever talks with people."""
    global _ring
    if _ring.run is not effects.so_far():
        _ring = KeyRing()
    return _ring


_MODULE = "sqlcipher3.dbapi2"
_FOLDER = Path(__file__).parent / "migrations"
#: How a file is opened that nobody writes to, or that lies on a disk that only reads.
AS_IT_LIES = "mode=ro&immutable=1"
#: Windows neither deletes nor replaces a file that is open.
REPLACES_OPEN_FILES = os.name != "nt"
_PLAIN_HEAD = b"SQLite format 3\0"
#: SQLCipher writes whole pages that look like noise: hardly a byte value is missing in the first.
_PAGE, _NOISE = 4096, 240


@cache
def migrations() -> tuple[Path, ...]:
    """The SQL files that make the tables of a book, in the order in which they are applied: 0001_….sql, 0002_….sql."""
    found = tuple(sorted(_FOLDER.glob("[0-9]*.sql")))
    if not found:
        raise RuntimeError("migrations are missing from this build")
    return found


def connect(
    path: Path, lock: Lock | None = None, query: str = "", timeout: float = 30, module: Any = None
) -> sqlite3.Connection:
    """A connection without transactions of its own; `query` is what stands behind `?` in an SQLite address.

    `module` is the driver where it is not the one of the lock: SQLCipher opens plain files too.
    """
    lock = lock or lock_of(path)
    module = module or module_of(lock)
    refuse_name(path)
    place = f"{path.resolve().as_uri()}?{query}" if query else str(path)
    raw: sqlite3.Connection = module.connect(place, uri=bool(query), timeout=timeout, isolation_level=None)
    with closed_on_fault(raw):
        if lock.secret is not None:
            raw.execute("PRAGMA cipher_log_level = NONE")  # it would speak English on standard error
            raw.execute(f'PRAGMA key = "{lock.secret}"')  # hexadecimal digits only, whatever the passphrase
            raw.execute("PRAGMA temp_store = memory")
    return raw


def refuse_name(path: Path) -> None:
    """Unfit where a name is no text: an old Windows wrote it in GBK."""
    if not str(path).isprintable() and re.search("[\ud800-\udfff]", str(path)):
        raise Unfit(f"{path} 的名称或所在的文件夹不是 UTF-8 编码，数据库打不开。请先给它改名，或用 --db 指定别的位置。")


@contextmanager
def closed_on_fault(raw: sqlite3.Connection) -> Iterator[None]:
    """Leave no connection behind where it could not be made ready: Windows replaces no file that is open."""
    try:
        yield
    except BaseException:
        raw.close()
        raise


def only_reads(path: Path) -> bool:
    """Whether a file lies in a folder where nothing can be written and nobody writes to it: it is read as it lies there."""
    return not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()


#: Folders that a program copies elsewhere while they are written (同步盘), and disks of other computers (网络盘).
_SYNCED = re.compile(
    r"onedrive|dropbox|nutstore|坚果云|wps ?云|wpsdrive|云盘|百度网盘|baidu|icloud|mobile documents|google ?drive", re.I
)
_REMOTE = re.compile(r"nfs\d?|cifs|smb\w*|9p|afpfs|davfs|fuse\.(sshfs|davfs|rclone|gvfsd-fuse)")
_MOUNTS = Path("/proc/self/mounts")


def elsewhere(path: Path) -> str | None:
    """Why a book does not belong where it lies, with what to do: what SQLite writes beside it must stay with it, on one computer."""
    target = path.resolve()  # of a drive letter of Windows the share behind it
    if synced := next((part for part in target.parts[:-1] if _SYNCED.search(part)), None):
        return (
            f"{path} 在同步盘的文件夹“{synced}”里，写到一半时被同步就会损坏，请把数据库移到别的文件夹，备份可以放在那里"
        )
    mounts: list[tuple[Path, str]] = []
    with suppress(OSError):
        lines = _MOUNTS.read_text(encoding="utf8", errors="replace").splitlines()
        mounts = [(Path(at.replace("\\040", " ")), kind) for _, at, kind, *_ in map(str.split, lines)]
    kind = max((mount for mount in mounts if target.is_relative_to(mount[0])), default=(target, ""))[1]
    if str(target).startswith("\\\\") or _REMOTE.fullmatch(kind):
        return f"{path} 在网络盘上，几台电脑同时用会损坏，请把数据库移到本机硬盘，备份可以放在那里"
    return None


def in_memory(path: Path, lock: Lock, query: str = "") -> sqlite3.Connection:
    """A connection to a copy of the file in memory: what is written there is written nowhere."""
    raw = connect(Path(":memory:"), lock)
    with closed_on_fault(raw), closing(connect(path, lock, query)) as connection:
        connection.execute("BEGIN")
        connection.execute(
            "SELECT count(*) FROM sqlite_master"
        )  # waits for a lock as long as any command, and no longer
        connection.backup(raw)
    return raw


def files_of(path: Path) -> list[Path]:
    """A database file and those that SQLite writes beside it."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]


def raw_of(connection: "Connection") -> sqlite3.Connection:
    """The driver's own connection behind one of SQLAlchemy."""
    raw: sqlite3.Connection | None = connection.connection.driver_connection
    assert raw is not None
    return raw


@contextmanager
def leniently(connection: "Connection") -> Iterator[None]:
    """Read text of which some bytes are none as half characters in this block."""
    raw = raw_of(connection)
    before, raw.text_factory = raw.text_factory, lambda text: text.decode("utf8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = before


def lock_of(path: Path) -> Lock:
    """How a file is locked, by its first bytes; the key is asked for where it is encrypted. Unfit without SQLCipher.

    Not while this process has a connection to it: closing a file lets go of all locks that the process holds on it.
    """
    if (salt := salt_of(path)) is None:
        return PLAIN
    sqlcipher()  # nobody is asked for a key in vain
    return ring().lock(path, salt)


def is_plain(path: Path) -> bool:
    """Whether a file is an SQLite database that anybody can read; the same warning holds."""
    with path.open("rb") as file:
        return file.read(len(_PLAIN_HEAD)) == _PLAIN_HEAD


def salt_of(path: Path) -> bytes | None:
    """The salt of a file that looks encrypted; None for any other, and for one that is not there. The same warning holds."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        page = file.read(_PAGE)
    noise = len(page) == _PAGE and not page.startswith(_PLAIN_HEAD) and len(set(page)) > _NOISE
    # the last page may have been written in part where a log lies beside the file, from which SQLite will mend it
    whole = path.stat().st_size % _PAGE == 0 or any(part.exists() for part in files_of(path)[1:])
    return page[:SALT] if noise and whole else None


def module_of(lock: Lock) -> Any:
    """The driver for a lock. Unfit where SQLCipher is needed and not installed."""
    return sqlite3 if lock.secret is None else sqlcipher()


def sqlcipher() -> Any:
    """SQLCipher's driver. Unfit where it is not installed."""
    try:
        return import_module(_MODULE)
    except ImportError:
        raise Unfit(
            "加密的数据库要用 SQLCipher，这台电脑上还没有装。请在装 partybuild 的环境里用 pip 安装 sqlcipher3，再试一次。"
        ) from None


def errors(kind: str = "DatabaseError", *more: type[Exception]) -> tuple[type[Exception], ...]:
    """The exceptions of that name of every driver that is loaded, and `more`, for one `except`."""
    loaded = (module for module in (sqlite3, sys.modules.get(_MODULE)) if module is not None)
    return (*(getattr(module, kind) for module in loaded), *more)


def columns_of(raw: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """The tables of a database in the order of their names, each with its columns and their types."""
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in raw.execute(
        "SELECT t.name, c.name, c.type FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name"
    ):
        found.setdefault(table, {})[name] = kind
    return found


def count_rows(raw: sqlite3.Connection) -> dict[str, int]:
    """How many rows every table has."""
    return {table: raw.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in columns_of(raw)}


def beginning(path: Path, table: str, sought: Sequence[str], beside: str, text: str) -> list[tuple[str, str]]:
    """The first names of a table, each with what stands `beside` it, in whose `sought` columns a text begins a value (补全).

    None where nothing opens: whoever completes a word wants no sentence.
    """
    where = " OR ".join(f"{column} LIKE ?" for column in sought)
    sql = f"SELECT name, coalesce({beside}, '') FROM {table} WHERE {where} ORDER BY id LIMIT 50"
    try:
        with closing(connect(path, query="mode=ro", timeout=0.2)) as raw:
            return raw.execute(sql, [f"{text}%" for _ in sought]).fetchall()
    except errors("Error", OSError, PartybuildError):
        return []


def texts(connection: "Connection") -> Iterator[tuple[str, str]]:
    """Every text of a database with its table; bytes that are none as half characters."""
    raw = raw_of(connection)
    with leniently(connection):
        for table in columns_of(raw):
            for row in raw.execute(f'SELECT * FROM "{table}"'):
                yield from ((table, text) for text in row if isinstance(text, str))


def damage(raw: sqlite3.Connection) -> str | None:
    """What SQLite finds wrong with a file; None where it is sound."""
    found = raw.execute("PRAGMA integrity_check(3)").fetchall()
    return None if found == [("ok",)] else "；".join(str(line) for (line,) in found)


def dangling(raw: sqlite3.Connection) -> str | None:
    """What refers to records that there are none of, in words."""
    found = raw.execute("PRAGMA foreign_key_check").fetchall()
    return f"{len(found)} 处引用了不存在的记录（如 {found[0][0]} 引用 {found[0][2]}）" if found else None


def export(raw: sqlite3.Connection, target: Path, lock: Lock) -> dict[str, int]:
    """Write what a connection of SQLCipher sees into an empty file under another lock; how many rows it has there."""
    raw.execute("ATTACH ? AS target KEY ?", (str(target), lock.secret or ""))
    try:
        raw.execute("BEGIN")
        rows = count_rows(raw)
        raw.execute("SELECT sqlcipher_export('target')").fetchall()
        version = raw.execute("PRAGMA main.user_version").fetchone()[0]
        raw.execute(f"PRAGMA target.user_version = {version}")
        raw.execute("COMMIT")
        return rows
    finally:
        with suppress(*errors()):
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raw.execute("DETACH target")


def setting(connection: "Connection", key: str) -> str | None:
    """A small fact about a book (设置): its own name, its secret, remembered headings, local numbers; None where there is none."""
    found: str | None = connection.exec_driver_sql("SELECT value FROM setting WHERE key = ?", (key,)).scalar()
    return found


def put_setting(connection: "Connection", key: str, value: str) -> None:
    """Keep a small fact about a book."""
    connection.exec_driver_sql(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def christen(connection: "Connection") -> None:
    """Give a new book its name, and the secret that sealed raters and seals files."""
    put_setting(connection, "book", secrets.token_hex(4))
    put_setting(connection, "secret", secrets.token_hex(16))


#: The disk will not: nothing was written.
REFUSALS = {
    sqlite3.SQLITE_READONLY: "只读，不能写入",
    sqlite3.SQLITE_FULL: "磁盘已满",
    sqlite3.SQLITE_CANTOPEN: "打不开文件",
    sqlite3.SQLITE_IOERR: "磁盘读写出错",
}
#: The file is not what it should be.
DAMAGE = {
    sqlite3.SQLITE_NOTADB: "内容不是数据库",
    sqlite3.SQLITE_CORRUPT: "内容损坏",
    sqlite3.SQLITE_SCHEMA: "缺少应有的表或列",
}
#: Another program holds it.
HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def code_of(fault: object) -> int:
    """The primary error code of SQLite; a table or column that is missing has no code of its own and counts as SCHEMA."""
    fault = getattr(fault, "orig", None) or fault  # SQLAlchemy wraps it
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    missing = code == sqlite3.SQLITE_ERROR and str(fault).startswith("no such ")
    return sqlite3.SQLITE_SCHEMA if missing else code


def reason(fault: object) -> str:
    """The reason in Chinese where it is one of the known ones, else as SQLite says it."""
    return (REFUSALS | DAMAGE).get(code_of(fault), str(fault))


def unreadable(path: Path, fault: object) -> Unfit:
    """What to say of a file that cannot be read. To SQLCipher a wrong key and a file that is damaged look the same."""
    if type(fault).__module__.startswith("sqlcipher3") and code_of(fault) == sqlite3.SQLITE_NOTADB:
        return Unfit(
            f"用这个密钥打不开 {path}：密钥不对，或者它已损坏、不是加密的数据库，程序分不出。没有改动任何内容。"
            "请核对密钥；密钥没有错，再用 partybuild restore 从备份恢复。"
        )
    return Unfit(f"{path} 已损坏或不是数据库（{reason(fault)}）。请用 partybuild restore 从备份恢复。")
