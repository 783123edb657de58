"""Files that prove records (佐证文件), kept beside the book under their SHA-256, and never deleted with the record.

Of an encrypted book each lies in a SQLCipher database of its own, under a key that only the book holds. The folder of backups
has the same files, as links, for whoever deletes the folder beside the book.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from secrets import token_bytes
from sqlite3 import Connection as DriverConnection
from typing import TYPE_CHECKING, NamedTuple

from partybuild_cli import outputs
from partybuild_cli.errors import Busy, Unfit, why
from partybuild_cli.store import backup, driver, settings
from partybuild_cli.store.key import PLAIN, SALT, Lock

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: So many are named of what is wrong in the same way.
_NAMED = 5


class Attached(NamedTuple):
    """One file of one record."""

    ledger: str
    number: int
    name: str
    sha256: str
    kind: str
    size: int

    @property
    def file(self) -> str:
        """What it is called in the folder."""
        return f"{self.sha256}.{self.kind}"


def folder_of(book: Path) -> Path:
    """The folder of a book's files."""
    return book.with_name(f"{book.name}-evidence")


def _folders(book: Path) -> tuple[Path, Path]:
    """Where the files of a book lie: beside it, and once more among its backups."""
    return folder_of(book), backup.folder_of(book) / "evidence"


def kept(connection: "Connection", ledger: str = "", number: int | None = None) -> list[Attached]:
    """The files of one record, of a ledger or of the book."""
    rows = connection.exec_driver_sql(
        "SELECT ledger, record_id, name, sha256, kind, size FROM attachment"
        " WHERE ledger = coalesce(?, ledger) AND record_id = coalesce(?, record_id) ORDER BY ledger, record_id, name",
        (ledger or None, number),
    )
    return [Attached(*row) for row in rows]


def left_of(connection: "Connection", ledger: str, number: int) -> list[Attached]:
    """Files that were taken off a record and still lie in a folder, the last one first."""
    from partybuild_cli.store import history  # which loads SQL, that the help of commands does without

    rows = history.edits_of(connection, ledger, [number])
    off = [file for row in rows if not row.damaged for file in (row.before or {}).get("attachment", ())]
    found = [Attached(ledger, number, *map(file.get, Attached._fields[2:])) for file in reversed(off)]
    folders = _folders(backup.book_of(connection))
    return [file for file in found if any((folder / file.file).exists() for folder in folders)]


def digest(data: bytes) -> str:
    """The SHA-256 of a content."""
    return hashlib.sha256(data).hexdigest()


def put(connection: "Connection", data: bytes, kind: str) -> None:
    """Keep a file. It stays where the transaction fails, for nobody looks for it. Busy when the disk refuses."""
    folder, second = _folders(backup.book_of(connection))
    path = folder / f"{digest(data)}.{kind}"
    try:
        if _open(connection, path) != data:
            folder.mkdir(mode=0o700, exist_ok=True)
            _write(path, data, _key(connection))
        _link(path, second / path.name)
    except OSError as fault:
        raise Busy(f"佐证文件没有存进 {folder}（{why(fault)}）。没有写入任何内容，请检查磁盘空间和权限。") from None


def read(connection: "Connection", file: Attached) -> bytes:
    """The content of a file. Unfit where it is gone or not what was kept."""
    folders = _folders(backup.book_of(connection))
    found = [data for folder in folders if (data := _open(connection, folder / file.file)) is not None]
    for data in found:
        if digest(data) == file.sha256:
            return data
    wrong = "改动过或已损坏" if found else "不见了"
    raise Unfit(f"佐证文件“{file.name}”（{folders[0] / file.file}）{wrong}。请从备份旁的 -evidence 文件夹里复制回来。")


def wrong_with(connection: "Connection", file: Attached) -> str | None:
    """What is wrong with a file, in words; None where it is as it was kept."""
    try:
        read(connection, file)
        return None
    except Unfit as fault:
        return fault.sentence


def examine(connection: "Connection", called: Callable[[str, int], str]) -> str | None:
    """For `doctor`: files that are gone or altered, and those that lie open beside an encrypted book.

    `called` puts a record into words, by its ledger and its number.
    """
    folder, said = folder_of(backup.book_of(connection)), []
    files = {file.file: file for file in kept(connection)}
    if bad := [file for file in files.values() if wrong_with(connection, file)]:
        names = "、".join(f"“{file.name}”（{called(file.ledger, file.number)}）" for file in bad[:_NAMED])
        more = f" 等 {len(bad)} 个" if len(bad) > _NAMED else ""
        said.append(f"佐证文件{names}{more}不见了或改动过，请从备份旁的 -evidence 文件夹里复制回 {folder}")
    if plain := [path for path in _files(folder) if _key(connection) and digest(path.read_bytes()) == path.stem]:
        said.append(f"{len(plain)} 个佐证文件没有加密，请再运行一次 partybuild encrypt")
    return "；".join(said) or None


def copy_along(book: Path, target: Path) -> int:
    """Lay the files of a book beside a backup of it; how many are there. Busy where the disk refuses."""
    found = _files(folder_of(book))
    try:
        for path in found:
            _copy(path, folder_of(target) / path.name)
    except OSError as fault:
        raise Busy(
            f"数据库已备份到 {target}，佐证文件没有复制完（{why(fault)}）。请检查磁盘空间，换一个文件名再备份一次。"
        ) from None
    return len(found)


def bring_back(source: Path, book: Path) -> str | None:
    """Take back the files that lie beside a backup and are lacking beside the book; why it did not succeed, in words."""
    try:
        for folder in (folder_of(source), source.parent / "evidence", _folders(book)[1]):
            for path in _files(folder):
                _copy(path, folder_of(book) / path.name)
    except OSError as fault:
        return f"佐证文件没有全部带回（{why(fault)}），请把备份旁 -evidence 文件夹里的复制到 {folder_of(book)}"
    return None


def relock(connection: "Connection", book: Path, locked: bool) -> list[Path]:
    """Lock or unlock every file of a book, whichever it is itself; those that could not be read. `connection` knows its secret."""
    key, left = _secret(connection) if locked else None, []
    for path in [path for folder in _folders(book) for path in _files(folder)]:
        try:
            if (digest(path.read_bytes()) == path.stem) is locked and not _relock(
                connection, path, key, _folders(book)[1]
            ):
                left.append(path)
        except OSError:
            left.append(path)
    return left


def _relock(connection: "Connection", path: Path, key: bytes | None, second: Path) -> bool:
    """Lock or unlock one file, and its twin in the second folder; False where it cannot be read."""
    data = _open(connection, path)
    if data is None or digest(data) != path.stem:
        return False
    open_now = path.open("rb+") if key is not None and driver.REPLACES_OPEN_FILES else nullcontext()
    with open_now as old:  # little is left on the disk of what anybody could read
        _write(path, data, key)
        twin = second / path.name
        if twin != path and twin.exists():
            twin.unlink()
            _link(path, twin)
        if old is not None:
            old.write(bytes(len(data)))
    return True


def erase(connection: "Connection", file: Attached) -> bool:
    """Delete a file that no record has any more, from both folders; whether it is gone."""
    if any(other.sha256 == file.sha256 for other in kept(connection)):
        return False
    for folder in _folders(backup.book_of(connection)):
        (folder / file.file).unlink(missing_ok=True)
    return True


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.*")) if len(path.stem) == 2 * hashlib.sha256().digest_size]


def _secret(connection: "Connection") -> bytes:
    """The key of the files of an encrypted book."""
    return hashlib.sha256(f"evidence:{settings.get(connection, 'secret')}".encode()).digest()


def _key(connection: "Connection") -> bytes | None:
    """The same; None of a book that anybody may read."""
    return None if connection.info["lock"] is PLAIN else _secret(connection)


def _opened(path: Path, key: bytes, salt: bytes, query: str = "") -> "closing[DriverConnection]":
    """The SQLCipher database that holds one file."""
    return closing(driver.connect(path, Lock(f"x'{key.hex()}{salt.hex()}'"), query))


def _open(connection: "Connection", path: Path) -> bytes | None:
    """The content of a file, whichever way it lies there; None where there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if digest(data) == path.stem or driver.salt_of(path) is None:
        return data
    driver.sqlcipher()  # loaded first, so that its errors are known
    with suppress(*driver.errors()), _opened(path, _secret(connection), data[:SALT], driver.AS_IT_LIES) as raw:
        return bytes(raw.execute("SELECT data FROM file").fetchone()[0])
    return data


def _write(path: Path, data: bytes, key: bytes | None) -> None:
    """Write a file whole or not at all."""
    with outputs.workshop(path) as shop:
        partial = shop / path.name
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if key is None:
            partial.write_bytes(data)
        else:
            with _opened(partial, key, token_bytes(SALT)) as raw:
                raw.execute("PRAGMA journal_mode = off")
                raw.execute("CREATE TABLE file (data BLOB NOT NULL)")
                raw.execute("INSERT INTO file VALUES (?)", (data,))
        backup.settle(partial, path)


def _link(path: Path, target: Path) -> None:
    """The same file under another name, as a copy where the disk knows no links."""
    target.parent.parent.mkdir(mode=0o700, exist_ok=True)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(OSError):
        os.link(path, target)
    _copy(path, target)


def _copy(path: Path, target: Path) -> None:
    """A copy, where nothing stands under that name."""
    if not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        _write(target, path.read_bytes(), None)
