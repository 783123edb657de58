"""The three standard streams (标准输入输出): a command does its work to the end, whatever becomes of them.

A stream that is closed, full, or read by nobody takes what is printed and drops it. What was lost is told at the end,
together with what was written.
"""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from partybuild_cli import effects

#: What a pipe says when its reader has gone; Windows has another word for it.
_LEFT = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)

#: Characters that turn the direction of what stands around them: a terminal would show another text than there is.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: Any text of ours has such characters.
_CHINESE = "党"


class UnheardError(Exception):
    """A listing was given up because nobody can read on."""


class Outlet:
    """A standard stream that never breaks the work of a command; `fault` is what it refused with first."""

    def __init__(self, stream: TextIO | None) -> None:
        self.fault: OSError | None = None
        self._closed = stream is None
        self._stream = stream or Path(os.devnull).open("w", encoding="utf8")  # noqa: SIM115

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def left(self) -> bool:
        """Whether the reader (head, less) has gone, having read what it wanted."""
        return self.fault is not None and self.fault.errno in _LEFT

    def write(self, text: str) -> int:
        """Print, or drop it where that cannot be."""
        if self.fault is None:
            try:
                if self._closed:
                    raise OSError(errno.EBADF, os.strerror(errno.EBADF))
                self._stream.write(self._straight(text))
                return len(text)
            except OSError as fault:
                self._lose(fault)
        return len(text)

    def _straight(self, text: str) -> str:
        """The text as it may reach a terminal: what turns its direction is shown as an escape, as JSON would have it."""
        if text.isascii() or not self._stream.isatty():
            return text
        return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

    def flush(self) -> None:
        """Print what waits in a buffer."""
        if self.fault is None:
            try:
                self._stream.flush()
            except OSError as fault:
                self._lose(fault)

    def _lose(self, fault: OSError) -> None:
        """Nothing more goes there, nor does what still waits in a buffer when the interpreter ends."""
        self.fault = fault
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def guarded() -> Iterator[tuple[Outlet, Outlet]]:
    """Standard output and error for the length of a run. A closed stream's number is taken, so that no file gets it."""
    before = sys.stdin, sys.stdout, sys.stderr
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf8")  # noqa: SIM115
    out, error = Outlet(sys.stdout), Outlet(sys.stderr)
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", error)
    try:
        yield out, error
    finally:
        error.flush()
        sys.stdin, sys.stdout, sys.stderr = before


def speak_chinese(*streams: Outlet) -> None:
    """Print in the encoding that the reader has (GBK on a Chinese Windows), and in UTF-8 where that one knows no Chinese.

    What it cannot say is shown as an escape, so that printing never fails. PYTHONIOENCODING is the user's own choice.
    """
    said, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            encoding = stream.encoding if said or stream.isatty() else _console_encoding() or stream.encoding
            if not said and not _knows_chinese(encoding):
                encoding = "utf-8"
            lenient = "backslashreplace" if errors in ("", "strict") else errors
            stream.reconfigure(encoding=encoding, errors=lenient)


def speaks_unicode() -> bool:
    """Whether whatever is printed arrives as it is; asked for by JSON, which is UTF-8 unless the user chose otherwise."""
    stream: Any = sys.stdout
    if hasattr(stream, "reconfigure") and not os.environ.get("PYTHONIOENCODING", "").partition(":")[0]:
        stream.reconfigure(encoding="utf-8")
    return str(stream.encoding or "utf8").lower().replace("-", "") == "utf8"


def _knows_chinese(encoding: str) -> bool:
    try:
        return bool(_CHINESE.encode(encoding))
    except (UnicodeError, LookupError):
        return False


def _console_encoding() -> str | None:
    """The code page of the console that reads a pipe on Windows; None elsewhere, and where there is no console."""
    if sys.platform != "win32":
        return None
    import ctypes

    page = ctypes.windll.kernel32.GetConsoleOutputCP()
    return f"cp{page}" if page else None


def still_heard() -> None:
    """Give up a long listing that nobody reads on; a command that has written something is let finish."""
    if getattr(sys.stdout, "fault", None) is not None and not effects.so_far():
        raise UnheardError
