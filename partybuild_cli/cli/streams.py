"""The three standard streams (标准输入输出): a command does its work to the end, whatever becomes of them.

A stream that is closed, full, or read by nobody takes what is printed and drops it. What was lost is told at the end,
together with what was written.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from partybuild_cli import effects

#: What a pipe says when its reader has gone; Windows has another word for it.
_LEFT = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)


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
                return self._stream.write(text)
            except OSError as fault:
                self._lose(fault)
        return len(text)

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


def still_heard() -> None:
    """Give up a long listing that nobody reads on; a command that has written something is let finish."""
    if getattr(sys.stdout, "fault", None) is not None and not effects.so_far():
        raise UnheardError
