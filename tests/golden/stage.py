"""A stage for commands: a fixed day, clock, user, folder and chance, so that they say the same on any machine.

A command line runs in this process, as `partybuild` would; what it said is kept as text that a person can compare.
"""

import os
import random
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest import mock

import time_machine

from partybuild_cli.cli.run import run
from partybuild_cli.index import schemes

#: The clock of the branch's office, told to the C library without a database of time zones.
_ZONE, _TZ = timezone(timedelta(hours=8)), "CST-8"
#: Whose log it is: LOGNAME is the first name that `getpass.getuser` looks for.
_SURROUNDINGS = {"NO_COLOR": "1", "COLUMNS": "100", "LANG": "C.UTF-8", "TZ": _TZ, "LOGNAME": "dangwu"}
BOOK = "book.db"
ROOT = Path(__file__).parents[2]
ACCEPT = "python -m tests.golden --accept, and say in the commit why"
_SHOWN = 300


@dataclass(frozen=True)
class Said:
    """What one command line left: its exit code, and both of its streams."""

    line: str
    code: int
    out: str
    err: str

    def text(self) -> str:
        """As it stands in a file of answers: the line, standard output, standard error behind `!`, the exit code."""
        unended = "\n(没有换行)\n" if self.out and not self.out.endswith("\n") else ""
        errors = "".join(f"! {one}\n" for one in self.err.splitlines())
        return f"$ {self.line}\n{self.out}{unended}{errors}[{self.code}]\n"


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder, in memory where that can be: each command waits for the disk, and that takes longest."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@contextmanager
def stage(folder: Path) -> Iterator[None]:
    """Work in `folder`, whose book is `book.db`; nothing of this machine or this user is seen, and no chance is left."""
    draw, before = random.Random(1921).randbytes, Path.cwd()
    surroundings = {**_SURROUNDINGS, "HOME": str(folder), "PARTYBUILD_DB": BOOK}
    with (
        mock.patch.dict(os.environ, surroundings),
        mock.patch.object(os, "urandom", draw),
        mock.patch.object(random, "_urandom", draw),
        mock.patch.object(schemes, "DEFAULT", "默认方案@1"),  # what the answers were given by; they stay
        mock.patch.object(shutil, "disk_usage", return_value=SimpleNamespace(total=2**40, used=2**39, free=2**39)),
    ):
        for name in ("PARTYBUILD_KEY_FILE", "PARTYBUILD_DEBUG", "FORCE_COLOR"):
            os.environ.pop(name, None)
        os.chdir(folder)
        _read_zone()
        try:
            yield
        finally:
            os.chdir(before)
    _read_zone()


def _read_zone() -> None:
    if sys.platform != "win32":
        time.tzset()


@contextmanager
def at(moment: str) -> Iterator[None]:
    """The clock stands still at a moment of the branch's office, such as 2026-10-12 09:30."""
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=_ZONE), tick=False):
        yield


def say(line: str) -> Said:
    """Run `partybuild LINE` here and now; nobody sits at a terminal."""
    words = shlex.split(line)
    out, err = StringIO(), StringIO()
    with (
        mock.patch.object(sys, "argv", ["partybuild", *words]),
        mock.patch.object(sys, "stdin", StringIO()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = run(words)
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(line, code, out.getvalue(), err.getvalue())


def must(line: str) -> Said:
    """The same; the story cannot go on where the command fails."""
    said = say(line)
    if said.code != 0:
        raise AssertionError(said.text())
    return said


def difference(file: Path, now: str) -> str:
    """What is said otherwise than the file of answers says, as a unified diff; empty where nothing is."""
    before = file.read_bytes().decode() if file.exists() else ""
    if before == now:
        return ""
    name = file.relative_to(ROOT).as_posix()
    lines = list(unified_diff(before.split("\n"), now.split("\n"), name, f"{name} (now)", n=4, lineterm=""))
    more = [f"… {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more, "", f"{_command_of(before, lines)}If it is meant so: {ACCEPT}"])


def _command_of(before: str, lines: list[str]) -> str:
    """The command whose answer differs first."""
    first = int(next(line for line in lines if line.startswith("@@")).split("-")[1].split(",")[0].split(" ")[0])
    asked = [line for line in before.split("\n")[: first + 4] if line.startswith("$ ")]
    return f"First difference near: {asked[-1]}\n" if asked else ""
