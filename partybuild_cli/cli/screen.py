"""Printing (输出): tables and colour on a terminal, tab-separated lines in a pipe, one JSON document with `--json`."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from partybuild_cli.cli.session import pasteable
from partybuild_cli.cli.streams import speaks_unicode, still_heard
from partybuild_cli.values.text import display_width, padded

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from partybuild_cli.values.reference import Reference

#: Control characters and terminal escapes of a cell must never reach the terminal as such.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: A cell of no more columns (a day, a score, a name) is never broken; a longer text keeps so many at the least; and so
#: many lie between two cells.
_WHOLE, _LEAST, _BETWEEN = 10, 6, 2


def safe(text: str) -> str:
    """Text as it may reach a terminal."""
    return _CONTROLS.sub("", text)


def console(error: bool = False) -> "Console":
    """The terminal; plain text where there is none."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, soft_wrap=True)


def on_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def to_terminal() -> bool:
    """Whether a person reads what is printed, rather than a file or another program."""
    return sys.stdout.isatty()


def say(line: str = "", style: str = "") -> None:
    """One sentence on standard output; commands in it work when they are pasted."""
    _line(pasteable(line), style)


def _line(line: str, style: str = "") -> None:
    """One line, as it is."""
    if sys.stdout.isatty() and style:
        from rich.text import Text

        console().print(Text(safe(line), style=style))
    else:
        print(safe(line))


def note(line: str) -> None:
    """One sentence on standard error: progress, warnings, what to do next; commands in it work when they are pasted."""
    print(safe(pasteable(line)), file=sys.stderr)


def numbered(words: Sequence[str]) -> None:
    """What can be chosen, by number; short ones side by side."""
    cells = [f"{place:>3}. {word}" for place, word in enumerate(words, start=1)]
    width = max(map(display_width, cells)) + 2
    across = max(1, min(4, get_terminal_size().columns // width))
    for at in range(0, len(cells), across):
        note("".join(padded(cell, width) for cell in cells[at : at + across]).rstrip())


class Working:
    """What a command is at (进度), turning on a terminal from the first word on; elsewhere nothing of it is seen."""

    def __init__(self, quiet: bool) -> None:
        self._status = None if quiet or not on_terminal() else console(error=True).status("")

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say what is done, of how many things of the kind."""
        if self._status is not None:
            self._status.update(f"{what}（{done + 1}/{total}）")
            self._status.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing turns in the line of an answer."""
        if self._status is not None:
            self._status.stop()
        yield

    def __enter__(self) -> "Working":
        return self

    def __exit__(self, *ending: object) -> None:
        if self._status is not None:
            self._status.stop()


def document(value: object) -> None:
    """One JSON document."""
    print(json.dumps(value, ensure_ascii=not speaks_unicode(), indent=2))


def documents(values: Iterable[object]) -> None:
    """A list of JSON documents, each printed as it comes, so that a great ledger is never held whole."""
    before, plain = "[\n  ", not speaks_unicode()
    for value in values:
        still_heard()
        print(before, json.dumps(value, ensure_ascii=plain, indent=2).replace("\n", "\n  "), sep="", end="")
        before = ",\n  "
    print("[]" if before.startswith("[") else "\n]")


def rows(
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    title: str = "",
    right: Sequence[str] = (),
    unbroken: Sequence[str] = (),
) -> int:
    """A table; the number of its lines. Headings in `right` are set to the right, cells under those in `unbroken` kept whole.

    Where it is too wide, an unbroken column that says the same in every line is said once.
    """
    if not sys.stdout.isatty():
        return _tabbed(headings, lines)
    headings, cells = [*headings], [[safe(cell) for cell in line] for line in lines]
    if not cells:
        return 0
    same = [place for place, heading in enumerate(headings) if heading in unbroken and len(cells) > 1]
    for place in same:
        if _width(headings, cells) > console().width and len({line[place] for line in cells}) == 1:
            say(f"{headings.pop(place)}：{cells[0][place]}")
            cells = [[*line[:place], *line[place + 1 :]] for line in cells]
            break
    widths = [max(map(display_width, (heading, *column))) for heading, *column in zip(headings, *cells, strict=True)]
    whole = [width <= _WHOLE or heading in unbroken for heading, width in zip(headings, widths, strict=True)]
    terminal = console()
    least = (width if kept else _LEAST for width, kept in zip(widths, whole, strict=True))
    if sum(width + _BETWEEN for width in least) > terminal.width:
        paged([*([title] if title else []), *_paragraphs(headings, cells)])
    elif len(cells) + 4 < terminal.height:
        terminal.print(_table(headings, cells, widths, whole, title, right))
    else:
        with terminal.capture() as shown:
            terminal.print(_table(headings, cells, widths, whole, title, right))
        paged(shown.get().splitlines())
    return len(cells)


def listing(
    found: Iterable[Mapping[str, object]], headings: Mapping[str, str], json: bool, right: Sequence[str] = ()
) -> int:
    """The same for a program or a person: one JSON document, or a table with a heading for each key; the number of lines."""
    lines = list(found)
    if json:
        document(lines)
    else:
        rows([*headings.values()], ([_cell(line[key]) for key in headings] for line in lines), right=right)
    return len(lines)


def _cell(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)


def _width(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """How wide a table is in which nothing is folded."""
    columns = zip(headings, *cells, strict=True)
    return sum(max(map(display_width, column)) + _BETWEEN for column in columns)


def paged(lines: Sequence[str]) -> None:
    """Lines that are too many for the screen, in the system's pager; as they are where nobody could turn its pages."""
    if len(lines) < console().height or not sys.stdin.isatty():
        for line in lines:
            print(line)
        return
    from pydoc import pager

    from rich.text import Text

    os.environ.setdefault("LESSCHARSET", "utf-8")
    pager("\n".join(Text.from_ansi(line).plain for line in lines) + "\n")


def _paragraphs(headings: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[str]:
    """A line of text a record, where its columns do not fit beside each other."""
    for line in cells:
        yield "　".join(f"{heading}：{cell}" for heading, cell in zip(headings, line, strict=True) if cell)


def _tabbed(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    count = 0
    print("\t".join(headings))
    for line in lines:
        still_heard()
        print("\t".join(safe(cell).replace("\n", " ").replace("\t", " ") for cell in line))
        count += 1
    return count


def _table(
    headings: Sequence[str],
    cells: Iterable[Sequence[str]],
    widths: Sequence[int],
    unbroken: Sequence[bool],
    title: str,
    right: Sequence[str],
) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title or None, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.title_justify, table.title_style = "left", "bold"
    for heading, width, whole in zip(headings, widths, unbroken, strict=True):
        table.add_column(
            heading,
            justify="right" if heading in right else "left",
            overflow="fold",
            no_wrap=whole,
            min_width=width if whole else _LEAST,
        )
    for line in cells:
        table.add_row(*map(escape, line))
    return table


def references(found: "Iterable[Reference]") -> None:
    """The records behind a figure, one a line: ledger, number, day, title, and how each counted."""
    from partybuild_cli.records.base.registry import captions

    known = {**captions(), "index": "先锋指数公示表"}
    for one in found:
        number = f"编号 {one.id}" if one.id is not None else ""
        words = [known[one.ledger], number, one.day, one.title, one.note]
        _line("       " + "　".join(filter(None, words)))


def fields(pairs: Iterable[tuple[str, str]], title: str = "") -> None:
    """One record, a line a field."""
    if title:
        say(title, "bold")
    for line in field_lines(pairs):
        print(line)


def field_lines(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines of one record, a line a field, or more where the field has several."""
    for heading, value in pairs:
        lines = safe(value).splitlines() or [""]
        yield f"  {heading}：{lines[0]}"
        for line in lines[1:]:
            yield f"  {'　' * len(heading)}　{line}"


def megabytes(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 2**20:.1f} MB"


def local_time(moment: str) -> str:
    """A moment kept as UTC, on the clock of the room; one that is damaged as it stands."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
