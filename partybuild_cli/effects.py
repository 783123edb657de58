"""What this run has done that stays (已生效的改动): changes committed to a book, and files put in their places.

Whoever commits or puts in place notes it here, in the same breath; how a command ended is told from these notes alone, so
that no sentence and no exit code says of the work what is not so.

What is in the making (制作中) lies beside its place, never in a folder that all users share, and bears the process that makes
it. What a killed run left is cleared away when the next one opens the book, which finds it by a note beside the book.
"""

import hashlib
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, filterfalse
from pathlib import Path
from time import time, time_ns


@dataclass
class Effects:
    """What stays: the numbers of changes by book, files; what is being made and has no effect yet; what else is to be said.

    `command` is the command line, where it is not the one that the process was started with, or was completed by answers.
    """

    command: Sequence[str] | None = None
    changes: dict[Path, list[int]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    drafts: list[Path] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes or self.standing_files())

    def standing_files(self) -> list[Path]:
        """The files that are still where they were put, each once."""
        return [path for path in dict.fromkeys(self.files) if os.path.exists(path)]  # noqa: PTH110 - Path.exists fails where nobody may look


_now = Effects()

#: Says that this run has to wait for another program; whoever talks with people puts a voice here.
waits: Callable[[str], object] = lambda sentence: None  # noqa: E731
#: Asks for the passphrase of an encrypted file; None where nobody can be asked.
passphrase_of: Callable[[Path], str | None] = lambda path: None  # noqa: E731


def begin(command: Sequence[str] | None = None) -> None:
    """A new run, which has done nothing yet."""
    global _now
    _now = Effects(command)


def resume(outer: Effects) -> None:
    """A run that was begun within another has ended: what it did, the other has done too."""
    global _now
    for book, numbers in _now.changes.items():
        outer.changes.setdefault(book, []).extend(numbers)
    outer.files += _now.files
    _now = outer


def so_far() -> Effects:
    """What this run has done until now."""
    return _now


def changed(book: Path, number: int) -> None:
    """A change was committed to a book."""
    if not (_now.drafts and _is_draft(book)):
        _now.changes.setdefault(book, []).append(number)


def wrote(path: Path) -> None:
    """A file, or a folder with all that is in it, was put in its place."""
    if not (_now.drafts and _is_draft(path)):
        _now.files.append(path)


def remark(sentence: str) -> None:
    """What was done besides, and a person must know."""
    if sentence not in _now.remarks:
        _now.remarks.append(sentence)


@contextmanager
def draft(path: Path) -> Iterator[None]:
    """What is done to this file or in this folder has no effect: it is still to take the place of another."""
    _now.drafts.append(path)
    try:
        yield
    finally:
        _now.drafts.remove(path)


def _is_draft(path: Path) -> bool:
    return any(path.is_relative_to(draft) for draft in _now.drafts)


@contextmanager
def whole() -> Iterator[None]:
    """Ctrl-C waits for the end of the block: between a deed and the note of it nobody can be told anything true."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


#: What is in the making: the machine and the process stand in its name.
_MAKING = ".partybuild-"
_MADE_BY = re.compile(re.escape(_MAKING) + r"(?P<machine>[0-9a-f]{6})-(?P<run>(?P<process>\d+)-[0-9a-f]+)_\d+(\.\w+)?")
#: A leaving of another machine, or of a system that does not tell which processes there are, is known by its age.
_OLD = 3600 if os.name == "nt" else 86400
_name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
_machine = hashlib.sha256(_name.encode()).hexdigest()[:6]
#: This run as its makings name it, how many those are, and the folder of the book in which it notes where they lie.
_run, _made = f"{os.getpid()}-{time_ns():x}", count()
_book_folder: Path | None = None


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A folder beside a target for what is not whole yet (工作文件夹), for its owner only; at the end it is gone."""
    folder = target.with_name(f"{_MAKING}{_machine}-{_run}_{next(_made)}")
    note = _book_folder / f"{folder.name}.note" if _book_folder not in (None, folder.parent) else None
    try:
        if note is not None:
            with suppress(OSError):  # a book on a disk that only reads can be exported from too
                note.write_bytes(os.fsencode(folder.parent.absolute()))
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _delete(folder)
        if note is not None:
            _delete(note)


def clear_away(folder: Path) -> None:
    """Delete what killed runs left in the making in the folder of a book, and where their notes lead."""
    global _book_folder
    _book_folder = folder
    for path in _left(folder):
        if path.suffix == ".note":
            with suppress(OSError, ValueError):
                for other in _left(Path(os.fsdecode(path.read_bytes()))):
                    _delete(other)
        _delete(path)


def _left(folder: Path) -> list[Path]:
    """What lies in a folder in the making and is made by nobody any more."""
    try:
        return [*filterfalse(_is_made, folder.glob(f"{_MAKING}*"))]
    except OSError:
        return []


def _is_made(path: Path) -> bool:
    """Whether a process is at it; another run of our own number died in another container."""
    by = _MADE_BY.fullmatch(path.name)
    if by is None or by["machine"] != _machine or os.name == "nt":
        return time() - path.lstat().st_mtime < _OLD
    if by["run"] == _run or int(by["process"]) == os.getpid():
        return by["run"] == _run
    try:
        os.kill(int(by["process"]), 0)
    except OSError as fault:
        return isinstance(fault, PermissionError)
    return True


def _delete(path: Path) -> None:
    from shutil import rmtree

    rmtree(path, ignore_errors=True)  # a link and a file it leaves alone
    with suppress(OSError):
        path.unlink()
