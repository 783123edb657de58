"""Console blocks of the manual: found, run in order, compared with what the page shows, and written anew.

A page says in a comment in which world its blocks begin: `<!-- world: empty -->`, `example` (a book with two members) or
`demo` (a book with the ledgers that ship with the program, as `partybuild demo` leaves it). A comment `<!-- exit: 4 -->` before
a block says that its last command ends so. A line `……` in what a block shows stands for any number of lines, and `…` within a
line for anything.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generator.play import Played, folder, play

_BLOCK = re.compile(
    r"(?:<!-- world: (?P<world>\w+) -->\n+)?(?:<!-- exit: (?P<code>\d+) -->\n)?```console\n(?P<body>.*?)```", re.DOTALL
)
_ANY, _LINES = "…", "……"
#: Ledgers that pages may import; the demo leaves them beside its book.
LEDGERS = "台账原件"


@dataclass(slots=True)
class Step:
    """One command of a block, and the lines that the page shows beneath it."""

    line: str
    shown: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One console block: where it stands, its world where it begins one, how its last command ends, its commands."""

    start: int
    end: int
    world: str
    code: int
    steps: list[Step]


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
        found.append(Block(one.start("body"), one.end("body"), one["world"] or "", int(one["code"] or 0), steps))
    return found


def faults(text: str) -> Iterator[str]:
    """What does not come out as the page shows it."""
    for block, step, played in _run(text):
        wanted = block.code if step is block.steps[-1] else 0
        if played.code != wanted:
            yield f"$ {step.line}\nended with {played.code}, not {wanted}:\n{played.text}"
        elif step.shown and not _agrees(step.shown, played.text):
            yield f"$ {step.line}\nshows:\n{played.text}"


def renewed(text: str) -> str:
    """The page with what its commands show now; what was abridged by hand stays where it still agrees."""
    bodies: dict[int, list[str]] = {}
    for block, step, played in _run(text):
        keep = not step.shown or _agrees(step.shown, played.text)
        shown = step.shown if keep else played.text.splitlines()
        bodies.setdefault(block.start, []).extend([f"$ {step.line}", *shown])
    for block in reversed(blocks(text)):
        body = "\n".join(bodies[block.start]) + "\n"
        text = text[: block.start] + body + text[block.end :]
    return text


def _agrees(shown: list[str], said: str) -> bool:
    pattern = "\n".join(shown).strip("\n")
    parts = [re.escape(part).replace(re.escape(_ANY), "[^\n]*") for part in pattern.split(_LINES)]
    return re.fullmatch("(?:.|\n)*".join(parts), said) is not None


def _run(text: str) -> Iterator[tuple[Block, Step, Played]]:
    found = blocks(text)
    if not found:
        return
    with tempfile.TemporaryDirectory() as name, folder(Path(name)) as here:
        for block in found:
            if block.world:
                begin(block.world, here)
            for step in block.steps:
                yield block, step, play(step.line)


def begin(world: str, here: Path) -> None:
    """Make the folder as a page expects it."""
    for path in here.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    WORLDS[world](here)


def _empty(here: Path) -> None:
    """Nothing but the ledgers that ship with the program."""
    from partybuild_cli.demo.story import copy_ledgers

    copy_ledgers(here / LEDGERS)


def _example(here: Path) -> None:
    del here
    for line in (
        "partybuild init --branch 神经内科党支部",
        "partybuild member add --name 张三 --staff-no 001 --category 正式党员 --joined-on 2008-05 --party-post 书记",
        "partybuild member add --name 李四 --staff-no 002 --category 正式党员 --joined-on 2010-07",
    ):
        _well(play(line))


def _demo(here: Path) -> None:
    _well(play("partybuild demo 演示"))
    shutil.move(here / "演示" / LEDGERS, here / LEDGERS)
    shutil.move(here / "演示" / "partybuild.db", here / "partybuild.db")
    shutil.rmtree(here / "演示")


def _well(played: Played) -> None:
    if played.code:
        raise RuntimeError(played.text)


WORLDS = {"empty": _empty, "example": _example, "demo": _demo}


@contextmanager
def world(name: str) -> Iterator[Path]:
    """A temporary folder in one of the worlds."""
    with tempfile.TemporaryDirectory() as made, folder(Path(made)) as here:
        begin(name, here)
        yield here
