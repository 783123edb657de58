"""What this run has done that stays (已生效的改动): changes committed to a book, and files put in their places.

Whoever commits or puts in place notes it here, in the same breath; how a command ended is told from these notes alone, so
that no sentence and no exit code says of the work what is not so.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


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
    return any(path.is_relative_to(one) for one in _now.drafts)


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
