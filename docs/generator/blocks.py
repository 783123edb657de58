"""Console blocks of the manual: found, run in order, compared with what the page shows, and written anew.

A page says in a comment in which world its blocks begin: `<!-- world: empty -->` (no book), `example` (a book with two members)
or `demo` (a book into which the ledgers of the demo were imported); the files of the demo lie there in `台账原件`, those of
`docs/examples` in `examples`. A comment `<!-- exit: 4 -->` before
a block says that its last command ends so, `<!-- typed: 1 -->` what somebody answers at its terminal, `<!-- picture: NAME -->`
that the screen is shown as `screens/NAME.svg`, `<!-- width: 80 -->` how wide it is, `<!-- today: 2026-09-28 -->` which day it is. A line `……` in what a block shows stands for any number of lines, and `…` within a
line for anything.

A command line runs as if at a terminal; what the screen showed is drawn as SVG (屏幕图), the same bytes for the same screen. Rich
draws such pictures itself, but gives a Chinese character the width of a Latin one; here each run of characters of one width takes
the cells that it takes on a terminal.
"""

import atexit
import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from unittest import mock

import time_machine
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME as THEME
from rich.text import Text

from generator.text import PACKAGE
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


_CELL, _LINE, _MARGIN, _BAR = 8, 21, 14, 30
#: Letter sizes at which a Latin and a Chinese character fill one and two cells.
_LATIN, _CHINESE = 13.3, 15.6
_FONTS = (
    "'Cascadia Mono', Consolas, Menlo, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', "
    "'Microsoft YaHei', 'PingFang SC', monospace"
)
_DOTS = "".join(
    f'<circle cx="{18 + 18 * place}" cy="15" r="5.5" fill="{colour}"/>'
    for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
)

#: A character and how it looks.
Sign = tuple[str, Style | None]


def svg(screen: str, title: str = "partybuild", columns: int = WIDTH) -> str:
    """What a terminal showed, escapes and all, as a picture."""
    rows = list(_rows(screen.rstrip(), columns))
    width, height = columns * _CELL + 2 * _MARGIN, len(rows) * _LINE + _BAR + _MARGIN
    drawn = [one for place, row in enumerate(rows) for one in _draw(row, _BAR + place * _LINE + _LINE // 2 + 5)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff" stroke="#c8c8c8"/>',
            _DOTS,
            f'<g font-family="{_FONTS}" font-size="{_LATIN}" fill="#1f2328" xml:space="preserve">',
            *drawn,
            "</g>",
            "</svg>\n",
        ]
    )


def _rows(screen: str, columns: int) -> Iterator[list[Sign]]:
    """The signs of each row; a line that is too long goes on in the next row, as on a terminal."""
    console = Console(width=columns, file=io.StringIO(), force_terminal=True, color_system="standard")
    for line in Text.from_ansi(screen).split("\n", allow_blank=True):
        row: list[Sign] = []
        used = 0
        for segment in line.render(console):
            for sign in segment.text:
                used += cell_len(sign)
                if used > columns:
                    yield row
                    row, used = [], cell_len(sign)
                row.append((sign, segment.style))
        yield row


def _draw(row: list[Sign], y: int) -> Iterator[str]:
    at = 0
    for (style, wide, blank), signs in groupby(row, key=lambda one: (one[1], cell_len(one[0]) > 1, one[0].isspace())):
        said = "".join(sign for sign, _ in signs)
        cells = cell_len(said)
        if not blank:
            look = (f' font-size="{_CHINESE}"' if wide else "") + _look(style)
            place = f'x="{_MARGIN + at * _CELL}" y="{y}" textLength="{cells * _CELL}"'
            yield f"<text {place}{look}>{escape(said)}</text>"
        at += cells


def _look(style: Style | None) -> str:
    if style is None:
        return ""
    colour = f' fill="{style.color.get_truecolor(THEME).hex}"' if style.color and not style.color.is_default else ""
    return colour + (' font-weight="bold"' if style.bold else "") + (' fill-opacity="0.6"' if style.dim else "")


_BLOCK = re.compile(r"(?P<marks>(?:<!-- \w+: \S+ -->\n+)*)```console\n(?P<body>.*?)```", re.DOTALL)
_MARK = re.compile(r"<!-- (\w+): (\S+) -->")
_ANY, _LINES = "…", "……"
_MADE = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, _MADE, ignore_errors=True)
#: Where the ledgers of the demo lie in every world.
LEDGERS = "台账原件"
_SHIPPED = PACKAGE / "demo" / "ledgers"
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
    def width(self) -> int:
        """How many columns the screen has."""
        return int(self.marks.get("width", WIDTH))


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
        wanted = int(block.marks.get("exit", 0)) if step is block.steps[-1] else 0
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
            noon = f"{block.marks.get('today')}T12:00+00:00"
            still = (
                time_machine.travel(datetime.fromisoformat(noon), tick=False)
                if "today" in block.marks
                else nullcontext()
            )
            with still:
                if "world" in block.marks:
                    begin(block.marks["world"], here)
                answers = (
                    "".join(f"{one}\n" for one in block.marks["typed"].split(",")) if "typed" in block.marks else ""
                )
                for step in block.steps:
                    yield block, step, play(step.line, answers, block.width)


def begin(world: str, here: Path) -> None:
    """Make the folder as a page expects it: a copy of what was made for an earlier page on the same day."""
    for path in here.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    kept = _MADE / f"{world} {date.today()}"
    if not kept.exists():
        shutil.copytree(_SHIPPED, kept / LEDGERS)
        shutil.copytree(EXAMPLES, kept / EXAMPLES.name)
        with folder(kept):
            for line in WORLDS[world]:
                if (played := play(f"partybuild {line}")).code:
                    raise RuntimeError(played.text)
    shutil.copytree(kept, here, dirs_exist_ok=True)


#: World -> the command lines that make it, where the ledgers lie already.
WORLDS = {
    "empty": [],
    "example": [
        "init --branch 呼吸内科党支部",
        "member add --name 张三 --staff-no 001 --category 正式党员 --joined-on 2008-05 --party-post 书记",
        "member add --name 李四 --staff-no 002 --category 正式党员 --joined-on 2010-07",
    ],
    "demo": ["init --branch 呼吸内科党支部", *(f"import {LEDGERS}/{one.name}" for one in sorted(_SHIPPED.iterdir()))],
}


@contextmanager
def world(name: str) -> Iterator[Path]:
    """A temporary folder in one of the worlds."""
    with tempfile.TemporaryDirectory() as made, folder(Path(made)) as here:
        begin(name, here)
        yield here
