"""Files handed to the clerk (产出文件): whole or not at all, for their owner only, and never over anybody's work.

Every file that we write ends in a seal (封签): the SHA-256 of all its other bytes. A file whose seal holds is ours and as
we wrote it, whatever its name, its folder or the computer, and may be replaced by its next version. Whatever else stands
at a name is somebody's work and stays: a name that the clerk typed is refused, a name of our own choosing gets a number.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import count
from pathlib import Path
from time import sleep
from typing import BinaryIO
from unicodedata import normalize

from partybuild_cli import effects
from partybuild_cli.effects import clear_away as clear_away
from partybuild_cli.effects import workshop as workshop
from partybuild_cli.errors import Busy, Unfit, UsageFault, why

#: Makes the plain bytes of a file that is under a password; None where they cannot be had.
Opened = Callable[[bytes], bytes | None]

_MARK, _DIGITS = b"partybuild sha256:", 64
#: Stands at the end of a text file, in a comment of its format, until the file is whole; a zip gets it as its comment.
BLANK_SEAL = _MARK.decode() + "0" * _DIGITS
_TAIL = 128
_ZIP, _ZIP_END, _ZIP_END_SIZE = b"PK\x03\x04", b"PK\x05\x06", 22

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ud800-\udfff]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\..*)?")
_LONGEST, _LONGEST_BYTES = 60, 180

#: So long is waited, again and again, for a program that has a file open; only Windows refuses to replace one.
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0) if os.name == "nt" else ()


def file_name(text: str) -> str:
    """One part of a file's name: no separators, no leading dots, no device of Windows, at most 60 characters."""
    name = _FORBIDDEN.sub("-", normalize("NFC", text)).strip(" .-")[:_LONGEST]
    name = name.encode()[:_LONGEST_BYTES].decode(errors="ignore").rstrip(" .") or "未命名"
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def file_names(texts: Mapping[int, str]) -> dict[int, str]:
    """The same for each of many, no two alike to any file system: of those that would be, later ones get a number."""
    taken: set[str] = set()
    names = {}
    for key, text in texts.items():
        name = file_name(text)
        names[key] = next(free for free in _numbered(name) if alike(free) not in taken)
        taken.add(alike(names[key]))
    return names


def alike(name: str) -> str:
    """The same for all names that some file system takes for one: capitals and ways to write an accent do not count."""
    return normalize("NFC", normalize("NFC", name).casefold())


def numbered(path: Path) -> Iterator[Path]:
    """The path, then the path with a number behind its stem: 花名册.xlsx, 花名册（2）.xlsx, …"""
    return (path.with_name(stem + path.suffix) for stem in _numbered(path.stem))


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}（{number}）" for number in count(2))


#: What a folder is not called: a clerk who writes it means a file.
_FILES = (".xlsx", ".xls", ".et", ".csv", ".ods", ".zip", ".docx", ".pdf")


class Shelf:
    """The folder into which a command puts files under names of our own choosing (放文件的地方).

    `tell` is told of each file that made another one take a number; `spare` are files that the command itself reads.
    """

    def __init__(self, folder: Path, tell: Callable[[str], object] | None = None, spare: Sequence[Path] = ()) -> None:
        """Make the folder, for its owner only, where there is none. UsageFault for a file's name, Busy when it is refused."""
        if folder.suffix.lower() in _FILES and not folder.is_dir():
            raise UsageFault(f"这里要写文件夹，“{folder}”像是文件名。请写成 --out {folder.parent / folder.stem}。")
        self.folder, self._tell, self._spare = folder, tell, spare
        self._given: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            raise Busy(f"不能使用文件夹 {folder}（{why(fault)}）。请换一个位置，用 --out 指定。") from None

    def place(self, name: str, opened: Opened | None = None) -> Path:
        """Where a file of that name goes: over its earlier version, else where nothing stands."""
        reasons = []
        for path in numbered(self.folder / name):
            if alike(path.name) in self._given:
                continue
            reason = taken(path, self._spare, opened)
            if reason is None:
                break
            reasons.append(f"{path} {reason}，没有动它")
        self._given.add(alike(path.name))
        if reasons and self._tell:
            self._tell(f"{'；'.join(reasons)}。这次写成 {path.name}。")
        return path


def refuse_taken(path: Path, spare: Sequence[Path] = (), opened: Opened | None = None) -> None:
    """Unfit where a file cannot have the name that the clerk typed without harm to what stands there."""
    reason = taken(path, spare, opened)
    if reason is not None:
        raise Unfit(f"{path} {reason}，没有覆盖它。请换一个文件名，或先把它关上、移走。")


def taken(path: Path, spare: Sequence[Path] = (), opened: Opened | None = None) -> str | None:
    """Why no file of ours may be written there; None where nothing stands there, or an earlier version of ours."""
    try:
        mode = path.lstat().st_mode
    except OSError:  # nothing there; and what cannot be looked at cannot be written either, which is said then
        return None
    if stat.S_ISLNK(mode):
        return "是一个链接"
    if stat.S_ISDIR(mode):
        return "是文件夹"
    if not stat.S_ISREG(mode):
        return "不是普通文件"
    if any(other.exists() and other.samefile(path) for other in spare):
        return "是这次要读的文件"
    if is_locked(mode):
        return "设成了只读"
    if not is_ours(path, opened):
        return "是别的文件，或者写好以后有人改过"
    name = path.name  # LibreOffice, Excel and WPS leave a note beside a file that they have open
    notes = (f".~lock.{name}#", f"~${name}", f"~${name[2:]}", f".~{name}")
    return "正被别的程序打开" if any(path.with_name(note).exists() for note in notes) else None


def is_locked(mode: int) -> bool:
    """Whether nobody may write the file: who set it so wants it as it is."""
    return not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def is_ours(path: Path, opened: Opened | None = None) -> bool:
    """Whether we wrote the file, and nobody has changed a byte since."""
    try:
        with path.open("rb") as file:
            if opened is None:
                return _holds(file)
            plain = opened(file.read())
    except OSError:
        return False
    return plain is not None and is_sealed(plain)


def is_sealed(data: bytes) -> bool:
    """Whether these bytes end in a seal that fits them."""
    return _holds(BytesIO(data))


def sealed(data: bytes) -> bytes:
    """The same bytes with their seal."""
    file = BytesIO(data)
    _seal(file)
    return file.getvalue()


def _seal(file: BinaryIO) -> None:
    """Fill in the seal of a file; a zip without a comment takes it as its comment."""
    size = file.seek(0, os.SEEK_END)
    if _read(file, 0, len(_ZIP)) == _ZIP and _read(file, size - _ZIP_END_SIZE, len(_ZIP_END)) == _ZIP_END:
        file.seek(size - 2)
        file.write(len(BLANK_SEAL).to_bytes(2, "little") + BLANK_SEAL.encode())
    if at := _seal_of(file):
        digest = _digest(file, at)
        file.seek(at)
        file.write(digest)


def _holds(file: BinaryIO) -> bool:
    """Whether the file ends in a seal that fits it; only where it ends in one is the rest read, which may be a film."""
    at = _seal_of(file)
    return at > 0 and _read(file, at, _DIGITS) == _digest(file, at)


def _seal_of(file: BinaryIO) -> int:
    """Where the digest of a seal begins; 0 where there is none."""
    size = file.seek(0, os.SEEK_END)
    tail = _read(file, size - _TAIL, _TAIL)
    at = tail.rfind(_MARK)
    return 0 if at < 0 or at + len(BLANK_SEAL) > len(tail) else size - len(tail) + at + len(_MARK)


def _digest(file: BinaryIO, at: int) -> bytes:
    """Of all bytes but those of the digest itself; a large file is not held whole."""
    digest = hashlib.sha256()
    for position in range(0, at, 1 << 20):
        digest.update(_read(file, position, min(1 << 20, at - position)))
    digest.update(_read(file, at + _DIGITS, _TAIL))
    return digest.hexdigest().encode()


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(max(at, 0))
    return file.read(size)


def put(path: Path, write: Callable[[Path], object], opened: Opened | None = None) -> None:
    """Write a file beside its place, seal it, and give it its name; a failure leaves what stands there alone.

    Unfit where somebody's work stands there, also when it came while the file was written; Busy where the disk refuses.
    """
    refuse_taken(path, opened=opened)
    try:
        with workshop(path) as folder:
            beside = folder / path.name
            os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            write(beside)
            if opened is None:
                with beside.open("r+b") as file:
                    _seal(file)
            with effects.whole():
                try:
                    os.link(beside, path)  # never over what has come meanwhile
                except OSError:  # something has, or the disk knows no links
                    refuse_taken(path, opened=opened)
                    take_place(beside, path)
                effects.wrote(path)
    except OSError as fault:
        raise Busy(
            f"无法写入 {path}（{why(fault)}），原有文件没有改动。请检查文件夹是否存在、是否可写、磁盘是否已满，"
            "文件是否正被别的程序打开，然后重试。"
        ) from fault


def take_place(made: Path, target: Path) -> None:
    """Give a file or a folder its name. On Windows a program that has one of them open is waited for some seconds."""
    for pause in _PAUSES:
        try:
            made.replace(target)
            return
        except PermissionError:
            sleep(pause)
    made.replace(target)
