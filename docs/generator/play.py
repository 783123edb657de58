"""Running a command line as if at a terminal, and keeping what the screen showed."""

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from partybuild_cli.cli.run import run

WIDTH = 100
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\]8;[^\x1b]*\x1b\\)")
#: A progress line that a terminal would have overwritten.
_SPINNER = re.compile(r"(?:\x1b\[[0-9;?]*[A-Za-z]|\r)*[\u2801-\u28ff][^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Played:
    """What one command line left: its exit code, and the screen with its colours."""

    code: int
    screen: str

    @property
    def text(self) -> str:
        """The screen without colours, and without blanks at the ends of lines."""
        plain = _ESCAPES.sub("", self.screen)
        return "\n".join(line.rstrip() for line in plain.splitlines()).strip("\n")


class _Stream(io.StringIO):
    """A standard stream; what is written to it, and what is typed into it, shows on the screen."""

    encoding = "utf-8"

    def __init__(self, screen: io.StringIO, terminal: bool, typed: str = "") -> None:
        super().__init__(typed)
        self._screen, self._terminal = screen, terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        return self._screen.write(text)

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size)
        self._screen.write(line)
        return line


def play(line: str, answers: str = "", width: int = WIDTH) -> Played:
    """Run `partybuild …` here and now; with answers, somebody sits at the terminal and types them."""
    words = shlex.split(line)
    if words[:1] != ["partybuild"]:
        raise ValueError(f"only partybuild can be run in a console block: {line}")
    screen, asked = io.StringIO(), bool(answers)
    surroundings = {"COLUMNS": str(width), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    with (
        mock.patch.dict(os.environ, surroundings),
        mock.patch.multiple(
            sys,
            argv=words,
            stdin=_Stream(screen, asked, answers),
            stdout=_Stream(screen, True),
            stderr=_Stream(screen, asked),
        ),
    ):
        os.environ.pop("NO_COLOR", None)
        try:
            code = run(words[1:])
        except SystemExit as end:
            code = int(end.code or 0)
    return Played(code, _SPINNER.sub("", screen.getvalue()))


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Work in a folder, with a book of its own."""
    before = Path.cwd()
    with mock.patch.dict(os.environ, {"PARTYBUILD_DB": "partybuild.db"}):
        os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(before)
