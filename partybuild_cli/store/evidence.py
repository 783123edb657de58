"""Files that prove records (佐证文件), kept beside the book under their SHA-256, and never deleted with the record.

Of an encrypted book each lies in a SQLCipher database of its own, under a key that only the book holds. The folder of backups
has the same files, as links, for whoever deletes the folder beside the book. Which kinds are taken says their content; of a
photograph the position (拍摄位置) can be taken out.
"""

import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from sqlite3 import Connection as DriverConnection
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from partybuild_cli import outputs
from partybuild_cli.errors import Busy, Unfit, ValueProblem, why
from partybuild_cli.store import backup, driver
from partybuild_cli.store.driver import PLAIN, SALT, Lock

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

    edits = (row for row in history.rows(connection, ledger=ledger, numbers=[number]) if row.action == "edit")
    off = [file for row in edits if not row.damaged for file in (row.before or {}).get("attachment", ())]
    found = [Attached(ledger, number, *map(file.get, Attached._fields[2:])) for file in reversed(off)]
    folders = _folders(backup.book_of(connection))
    return [file for file in found if any((folder / file.file).exists() for folder in folders)]


def digest(data: bytes) -> str:
    """The SHA-256 of a content."""
    return sha256(data).hexdigest()


def put(connection: "Connection", data: bytes, kind: str) -> None:
    """Keep a file. It stays where the transaction fails, for nobody looks for it. Busy when the disk refuses."""
    folder, second = _folders(backup.book_of(connection))
    path = folder / f"{digest(data)}.{kind}"
    try:
        if _open(connection, path) != data:
            _write(path, data, None if connection.info["lock"] is PLAIN else _secret(connection))
        _link(path, second / path.name)
    except OSError as fault:
        raise Busy(f"佐证文件没有存进 {folder}（{why(fault)}）。没有写入任何内容，请检查磁盘空间和权限。") from None


def read(connection: "Connection", file: Attached) -> bytes:
    """The content of a file. Unfit where it is gone or not what was kept."""
    folders, wrong = _folders(backup.book_of(connection)), "不见了"
    for folder in folders:
        if (data := _open(connection, folder / file.file)) is not None:
            if digest(data) == file.sha256:
                return data
            wrong = "改动过或已损坏"
    raise Unfit(f"佐证文件“{file.name}”（{folders[0] / file.file}）{wrong}。请从备份旁的 -evidence 文件夹里复制回来。")


def wrong_with(connection: "Connection", file: Attached) -> str | None:
    """What is wrong with a file, in words; None where it is as it was kept."""
    try:
        read(connection, file)
    except Unfit as fault:
        return fault.sentence
    return None


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
    locked = connection.info["lock"] is not PLAIN
    if plain := [path for path in _files(folder) if locked and digest(path.read_bytes()) == path.stem]:
        said.append(f"{len(plain)} 个佐证文件没有加密，请再运行一次 partybuild encrypt")
    return "；".join(said) or None


def copy_along(book: Path, target: Path) -> int:
    """Lay the files of a book beside a backup of it; how many are there. Busy where the disk refuses."""
    try:
        return _copy_all(folder_of(book), folder_of(target))
    except OSError as fault:
        raise Busy(
            f"数据库已备份到 {target}，佐证文件没有复制完（{why(fault)}）。请检查磁盘空间，换一个文件名再备份一次。"
        ) from None


def bring_back(source: Path, book: Path) -> str | None:
    """Take back the files that lie beside a backup and are lacking beside the book; why it did not succeed, in words."""
    try:
        for folder in (folder_of(source), source.parent / "evidence", _folders(book)[1]):
            _copy_all(folder, folder_of(book))
    except OSError as fault:
        return f"佐证文件没有全部带回（{why(fault)}），请把备份旁 -evidence 文件夹里的复制到 {folder_of(book)}"
    return None


def relock(connection: "Connection", book: Path, locked: bool) -> list[Path]:
    """Lock or unlock every file of a book, whichever it is itself; those that could not be read. `connection` knows its secret."""
    key, left, second = _secret(connection) if locked else None, [], _folders(book)[1]
    for path in [path for folder in _folders(book) for path in _files(folder)]:
        try:
            if (digest(path.read_bytes()) == path.stem) is not locked:
                continue
            data = _open(connection, path)
            if data is None or digest(data) != path.stem:
                left.append(path)
                continue
            with path.open("rb+") if locked and driver.REPLACES_OPEN_FILES else nullcontext() as old:
                _write(path, data, key)
                twin = second / path.name
                if twin != path and twin.exists():
                    twin.unlink()
                    _link(path, twin)
                if old is not None:  # little is left on the disk of what anybody could read
                    old.write(bytes(len(data)))
        except OSError:
            left.append(path)
    return left


def erase(connection: "Connection", file: Attached) -> bool:
    """Delete a file that no record has any more, from both folders; whether it is gone."""
    if any(other.sha256 == file.sha256 for other in kept(connection)):
        return False
    for folder in _folders(backup.book_of(connection)):
        (folder / file.file).unlink(missing_ok=True)
    return True


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.*")) if len(path.stem) == len(digest(b""))]


def _secret(connection: "Connection") -> bytes:
    """The key of the files of an encrypted book."""
    return sha256(f"evidence:{driver.setting(connection, 'secret')}".encode()).digest()


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
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    with outputs.workshop(path) as shop:
        partial = shop / path.name
        partial.touch(0o600, exist_ok=False)
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
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(OSError):
        os.link(path, target)
    if not target.exists():
        _write(target, path.read_bytes(), None)


def _copy_all(folder: Path, target: Path) -> int:
    """Copy the files of a folder where nothing stands under their names; how many there are."""
    for path in _files(folder):
        if not (target / path.name).exists():
            _write(target / path.name, path.read_bytes(), None)
    return len(_files(folder))


MAX_FILE = 64 << 20

#: How the content of each kind begins, and the endings that a file of it may have, the usual one first.
_KINDS = {
    "JPEG": (rb"\xff\xd8\xff", ("jpg", "jpeg", "jpe", "jfif")),
    "PNG": (rb"\x89PNG\r\n\x1a\n", ("png",)),
    "GIF": (rb"GIF8[79]a", ("gif",)),
    "BMP": (rb"BM.{4}\0\0\0\0", ("bmp",)),
    "TIFF": (rb"II\*\0|MM\0\*", ("tif", "tiff")),
    "WebP": (rb"RIFF.{4}WEBP", ("webp",)),
    "HEIC": (rb".{4}ftyp(heic|heix|mif1|msf1|heim|heis|hevc)", ("heic", "heif")),
    "PDF": (rb"%PDF-", ("pdf",)),
    "OFD": (rb"PK\x03\x04(?s:.*?)OFD\.xml", ("ofd",)),
    "Office": (rb"PK\x03\x04(?s:.*)(\[Content_Types\]\.xml|mimetypeapplication/vnd\.oasis)", ("docx", "xlsx", "pptx", "odt", "ods")),
    "Office 97": (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("doc", "xls", "ppt", "wps", "et", "dps")),
}  # fmt: skip
_TAKEN = "图片（jpg、png、heic 等）、PDF、OFD 和 Word、Excel、PPT、WPS 文档"


def kind_of(name: str, data: bytes) -> str:
    """The ending under which the content is kept. ValueProblem where it is of no kind that is taken, or is not what it is called."""
    ending = name.rpartition(".")[2].lower()
    for called, (begins, endings) in _KINDS.items():
        if re.match(begins, data, re.DOTALL):
            if ending not in endings:
                raise ValueProblem(f"扩展名是 .{ending}，内容却是 {called}，请改成 .{endings[0]} 或另存一份")
            return endings[0] if called not in ("Office", "Office 97") else ending
    raise ValueProblem(f"不是可以作佐证的文件，可以用的有：{_TAKEN}")


_EXIF = re.compile(rb"Exif\0\0(?=II\*\0|MM\0\*)")
#: The position in the description that photo programs write beside Exif (XMP).
_XMP = re.compile(rb"""(exif:GPS\w+\s*=\s*["']|<exif:GPS\w+>)([^"'<]+)""")
_POSITION = 0x8825
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def without_position(data: bytes) -> bytes:
    """The same picture with zeros in place of where it was taken: not a byte moves, so nothing else is lost."""
    cleaned, chunks, at = bytearray(data), [], 8
    while data.startswith(b"\x89PNG") and at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"eXIf" and end + 4 <= len(data):
            chunks.append((at + 4, end))
        at = end + 4
    starts = [*(found.end() for found in _EXIF.finditer(data)), *(begin + 4 for begin, _ in chunks)]
    if data.startswith((b"II*\0", b"MM\0*")):
        starts.append(0)
    for start in starts:
        for begin, end in _positions(data, start):
            cleaned[begin:end] = bytes(end - begin)
    for begin, end in chunks:
        if cleaned[begin:end] != data[begin:end]:  # a check sum follows
            cleaned[end : end + 4] = crc32(cleaned[begin:end]).to_bytes(4, "big")
    for found in _XMP.finditer(data):
        if found[2].strip():
            cleaned[found.start(2) : found.end(2)] = b" " * len(found[2])
    return bytes(cleaned)


def _positions(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """The bytes of the position in one block of Exif: its entries, and the values to which they lead."""
    order = "<" if data[start : start + 1] == b"I" else ">"

    def number(form: str, at: int) -> int:
        return int(struct.unpack_from(order + form, data, at)[0])

    try:
        first = start + number("I", start + 4)
        for entry in range(first + 2, first + 2 + 12 * number("H", first), 12):
            if number("H", entry) != _POSITION:
                continue
            table = start + number("I", entry + 8)
            count = number("H", table)
            for at in range(table + 2, table + 2 + 12 * count, 12):
                size = _SIZES.get(number("H", at + 2), 0) * number("I", at + 4)
                if size > 4:
                    value = start + number("I", at + 8)
                    yield value, min(value + size, len(data))
            yield table, min(table + 2 + 12 * count, len(data))
    except struct.error:
        return  # a block that is cut short leads nowhere
