"""Console blocks of the manual: found, run in order, compared with what the page shows, and written anew.

A page says in a comment in which world its blocks begin: `<!-- world: empty -->` (no book), `example` (a book with two members)
or `demo` (a book into which the ledgers of the demo were imported); the files of the demo lie there in `台账原件`, those of
`docs/examples` in `examples`. A comment `<!-- exit: 4 -->` before
a block says that its last command ends so, `<!-- typed: 1 -->` what somebody answers at its terminal, `<!-- picture: NAME -->`
that the screen is shown as `screens/NAME.svg`, `<!-- width: 80 -->` how wide it is, `<!-- today: 2026-09-28 -->` which day it is. A line `……` in what a block shows stands for any number of lines, and `…` within a
line for anything.
"""

import atexit
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import time_machine

from generator.play import WIDTH, Played, folder, play
from generator.sentences import PACKAGE

_BLOCK = re.compile(r"(?P<marks>(?:<!-- \w+: \S+ -->\n+)*)```console\n(?P<body>.*?)```", re.DOTALL)
_MARK = re.compile(r"<!-- (\w+): (\S+) -->")
_ANY, _LINES = "…", "……"
_MADE = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, _MADE, ignore_errors=True)
#: Where the ledgers of the demo lie in every world.
LEDGERS = "台账原件"
EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(slots=True)
class Step:
    """One command of a block, and the lines that the page shows beneath it."""

    line: str
    shown: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One console block: where its lines stand in the page, what its comments say, its commands."""

    start: int
    end: int
    marks: dict[str, str]
    steps: list[Step]

    @property
    def code(self) -> int:
        """How the last command ends."""
        return int(self.marks.get("exit", 0))

    @property
    def width(self) -> int:
        """How many columns the screen has."""
        return int(self.marks.get("width", WIDTH))

    @property
    def typed(self) -> str:
        """What somebody types when asked."""
        return "".join(f"{answer}\n" for answer in self.marks["typed"].split(",")) if "typed" in self.marks else ""


def blocks(text: str) -> list[Block]:
    """The console blocks of a page."""
    found = []
    for one in _BLOCK.finditer(text):
        steps: list[Step] = []
        for line in one["body"].splitlines():
            if line.startswith("$ "):
                steps.append(Step(line[2:]))
            else:
                steps[-1].shown.append(line)
        found.append(Block(one.start("body"), one.end("body"), dict(_MARK.findall(one["marks"])), steps))
    return found


def faults(text: str) -> Iterator[str]:
    """What does not come out as the page shows it."""
    for block, step, played in perform(text):
        wanted = block.code if step is block.steps[-1] else 0
        if played.code != wanted:
            yield f"$ {step.line}\nended with {played.code}, not {wanted}:\n{played.text}"
        elif step.shown and not _agrees(step.shown, played.text):
            yield f"$ {step.line}\nshows:\n{played.text}"


def renewed(text: str) -> str:
    """The page with what its commands show now; what was abridged by hand stays where it still agrees."""
    bodies: dict[int, list[str]] = {}
    for block, step, played in perform(text):
        keep = not step.shown or _agrees(step.shown, played.text)
        shown = step.shown if keep else played.text.splitlines()
        bodies.setdefault(block.start, []).extend([f"$ {step.line}", *shown])
    for block in reversed(blocks(text)):
        body = "\n".join(bodies[block.start]) + "\n"
        text = text[: block.start] + body + text[block.end :]
    return text


def _agrees(shown: list[str], said: str) -> bool:
    lines = ["(?:.*\n)*" if line == _LINES else re.escape(line).replace(_ANY, ".*") + "\n" for line in shown]
    return re.fullmatch("".join(lines), said + "\n") is not None


def perform(text: str) -> Iterator[tuple[Block, Step, Played]]:
    """Run the blocks of a page in order, in a folder of their own."""
    found = blocks(text)
    if not found:
        return
    with tempfile.TemporaryDirectory() as name, folder(Path(name)) as here:
        for block in found:
            with _today(block.marks.get("today")):
                if "world" in block.marks:
                    begin(block.marks["world"], here)
                for step in block.steps:
                    yield block, step, play(step.line, block.typed, block.width)


@contextmanager
def _today(day: str | None) -> Iterator[None]:
    """The clock stands still at noon of a day, where one is named."""
    if day is None:
        yield
        return
    with time_machine.travel(datetime.fromisoformat(f"{day}T12:00+00:00"), tick=False):
        yield


def begin(world: str, here: Path) -> None:
    """Make the folder as a page expects it: a copy of what was made for an earlier page on the same day."""
    for path in here.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    kept = _MADE / f"{world} {date.today()}"
    if not kept.exists():
        kept.mkdir()
        with folder(kept):
            WORLDS[world](kept)
    shutil.copytree(kept, here, dirs_exist_ok=True)


def _ledgers(here: Path) -> None:
    shutil.copytree(PACKAGE / "demo" / "ledgers", here / LEDGERS)
    shutil.copytree(EXAMPLES, here / EXAMPLES.name)


def _example(here: Path) -> None:
    _ledgers(here)
    for line in (
        "partybuild init --branch 呼吸内科党支部",
        "partybuild member add --name 张三 --staff-no 001 --category 正式党员 --joined-on 2008-05 --party-post 书记",
        "partybuild member add --name 李四 --staff-no 002 --category 正式党员 --joined-on 2010-07",
    ):
        _well(play(line))


def _demo(here: Path) -> None:
    _ledgers(here)
    _well(play("partybuild init --branch 呼吸内科党支部"))
    for path in sorted((here / LEDGERS).iterdir()):
        _well(play(f"partybuild import {LEDGERS}/{path.name}"))


def _well(played: Played) -> None:
    if played.code:
        raise RuntimeError(played.text)


WORLDS = {"empty": _ledgers, "example": _example, "demo": _demo}


@contextmanager
def world(name: str) -> Iterator[Path]:
    """A temporary folder in one of the worlds."""
    with tempfile.TemporaryDirectory() as made, folder(Path(made)) as here:
        begin(name, here)
        yield here
