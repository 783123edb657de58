"""Printing (输出): tables and colour on a terminal, tab-separated lines in a pipe, one JSON document with `--json`; and records."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import Literal

from partybuild_cli import effects
from partybuild_cli.cli.lazy import later
from partybuild_cli.cli.session import pasteable
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.registry import captions
from partybuild_cli.values.text import display_width, padded

with later():
    import pydoc

    from rich import box, markup, text
    from rich import console as consoles
    from rich import table as tables

    from partybuild_cli.records.base import declare, present, row
    from partybuild_cli.store import backup
    from partybuild_cli.values import kind

#: Control characters and terminal escapes of a cell must never reach the terminal as such.
_NO_TEXT = re.compile("[\udc80-\udcff]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: A cell of no more columns (a day, a score, a name) is never broken; a longer text keeps so many at the least; and so
#: many lie between two cells.
_WHOLE, _LEAST, _BETWEEN = 10, 6, 2
#: What stands below a record, as a person calls it.
_BELOW = {
    "attendance": "出席情况", "headcount": "应到实到", "vote": "表决", "participation": "参加党员", "person": "涉及党员",
    "entry": "附记", "stay": "原支部", "span": "此前", "attachment": "佐证文件",
}  # fmt: skip


class UnheardError(Exception):
    """A listing was given up because nobody can read on."""


def still_heard() -> None:
    """Give up a long listing that nobody reads on; a command that has written something is let finish."""
    if getattr(sys.stdout, "fault", None) is not None and not effects.so_far():
        raise UnheardError


def _speaks_unicode() -> bool:
    """Whether whatever is printed arrives as it is; asked for by JSON, which is UTF-8 unless the user chose otherwise."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure and not os.environ.get("PYTHONIOENCODING", "").partition(":")[0]:
        reconfigure(encoding="utf-8")
    return (sys.stdout.encoding or "utf8").lower().replace("-", "") == "utf8"


def safe(said: str) -> str:
    """Text as it may reach a terminal; the name of a file that an old Windows wrote is read as it did, in GBK."""
    return _CONTROLS.sub("", _NO_TEXT.sub(lambda found: os.fsencode(found[0]).decode("gb18030", "replace"), said))


def console(error: bool = False) -> "consoles.Console":
    """The terminal; plain text where there is none, and with NO_COLOR."""
    plain = bool(os.environ.get("NO_COLOR"))
    return consoles.Console(stderr=error, highlight=False, soft_wrap=True, color_system=None if plain else "auto")


def on_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def to_terminal() -> bool:
    """Whether a person reads what is printed, rather than a file or another program."""
    return sys.stdout.isatty()


def say(*lines: str, style: str = "") -> None:
    """Sentences on standard output; commands in them work when they are pasted."""
    for line in map(safe, map(pasteable, lines)):
        if style and sys.stdout.isatty():
            console().print(text.Text(line, style=style))
        else:
            print(line)


def note(*lines: str) -> None:
    """Sentences on standard error: progress, warnings, what to do next; commands in them work when they are pasted."""
    for line in lines:
        print(safe(pasteable(line)), file=sys.stderr)


def warn(drafts: "Iterable[row.PlannedRow]") -> None:
    for draft in drafts:
        for finding in draft.warnings:
            note(f"注意：{finding.column}：{finding.message}。")


def numbered(words: Sequence[str]) -> None:
    """What can be chosen, by number; short ones side by side."""
    cells = [f"{at:>3}. {word}" for at, word in enumerate(words, start=1)]
    width = max(map(display_width, cells)) + 2
    across = max(1, min(4, get_terminal_size().columns // width))
    lines = (cells[at : at + across] for at in range(0, len(cells), across))
    note(*("".join(padded(cell, width) for cell in line).rstrip() for line in lines))


def place(out: Path | None, name: str) -> Path:
    """Where a file goes: as the clerk said, else under a name of ours in the folder where he is."""
    return out or Shelf(Path(), note).place(name)


class Working:
    """What a command is at (进度), turning on a terminal from the first word on; elsewhere nothing of it is seen."""

    def __init__(self, quiet: bool) -> None:
        self._status = None if quiet or not on_terminal() else console(error=True).status("")

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._status is not None:
            self._status.update(f"{what}（{done + 1}/{total}）")
            self._status.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.__exit__()
        yield

    def __enter__(self) -> "Working":
        return self

    def __exit__(self, *ending: object) -> None:
        if self._status is not None:
            self._status.stop()


def document(value: object) -> None:
    print(json.dumps(value, ensure_ascii=not _speaks_unicode(), indent=2))


def answer(json: bool, value: object, *sentences: str) -> None:
    """For a program one JSON document, for a person sentences."""
    if json:
        document(value)
    else:
        say(*sentences)


def documents(values: Iterable[object]) -> None:
    """A list of JSON documents, each printed as it comes, so that a great ledger is never held whole."""
    before, plain = "[\n  ", not _speaks_unicode()
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

    Where it is too wide, an unbroken column that says the same in every line is said once; where it still is, each
    record is a line of text.
    """
    if not sys.stdout.isatty():
        count = 0
        print("\t".join(headings))
        for count, line in enumerate(lines, start=1):  # noqa: B007 - it is what is returned
            still_heard()
            print("\t".join(safe(cell).replace("\n", " ").replace("\t", " ") for cell in line))
        return count
    headings, cells = [*headings], [[safe(cell) for cell in line] for line in lines]
    if not cells:
        return 0
    terminal, full = console(), [max(map(display_width, column)) for column in zip(headings, *cells, strict=True)]
    for at in [at for at, heading in enumerate(headings) if heading in unbroken and len(cells) > 1]:
        if sum(each + _BETWEEN for each in full) > terminal.width and len({line[at] for line in cells}) == 1:
            say(f"{headings.pop(at)}：{cells[0][at]}")
            cells, _ = [[*line[:at], *line[at + 1 :]] for line in cells], full.pop(at)
            break
    fits = zip(headings, full, strict=True)
    widths = [each if each <= _WHOLE or heading in unbroken else 0 for heading, each in fits]
    if sum((each or _LEAST) + _BETWEEN for each in widths) > terminal.width:
        named = (zip(headings, line, strict=True) for line in cells)
        paged(
            [
                *([title] if title else []),
                *("　".join(f"{name}：{cell}" for name, cell in line if cell) for line in named),
            ]
        )
        return len(cells)
    drawn = tables.Table(title=title or None, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    drawn.title_justify, drawn.title_style = "left", "bold"
    for heading, width in zip(headings, widths, strict=True):  # a column without a width is folded as it needs
        justify: Literal["left", "right"] = "right" if heading in right else "left"
        drawn.add_column(heading, justify=justify, overflow="fold", no_wrap=width > 0, min_width=width or _LEAST)
    for line in cells:
        drawn.add_row(*map(markup.escape, line))
    with terminal.capture() as shown:
        terminal.print(drawn)
    paged(shown.get().splitlines())
    return len(cells)


def table(
    json: bool,
    value: object,
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    title: str = "",
    right: Sequence[str] = (),
    unbroken: Sequence[str] = (),
    *,
    remark: str = "",
    none: str = "",
) -> None:
    """For a program one JSON document; for a person a table, and below it a remark on its `{}` lines, or on there being none."""
    if json:
        document(value)
        return
    count = rows(headings, lines, title, right=right, unbroken=unbroken)
    if said := remark if count else none:
        note(said.replace("{}", str(count)))


def listing(
    found: Iterable[Mapping[str, object]],
    headings: Mapping[str, str],
    json: bool,
    right: Sequence[str] = (),
    remark: str = "",
    none: str = "",
) -> None:
    """The same of what a program gets as it is; a person sees what has a heading."""

    def cell(value: object) -> str:
        return "、".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)

    documents = list(found)
    lines = ([cell(each[key]) for key in headings] for each in documents)
    table(json, documents, [*headings.values()], lines, right=right, remark=remark, none=none)


def paged(lines: Sequence[str]) -> None:
    """Lines that are too many for the screen, in the system's pager; as they are where nobody could turn its pages."""
    if len(lines) < console().height or not sys.stdin.isatty():
        for line in lines:
            print(line)
        return
    os.environ.setdefault("LESSCHARSET", "utf-8")
    pydoc.pager("\n".join(text.Text.from_ansi(line).plain for line in lines) + "\n")


def some(title: str, lines: Sequence[str], most: int, indent: int = 4, style: str = "") -> None:
    """So many lines of a kind; the rest is counted."""
    say(*(f"{' ' * indent}{title}：{line}" for line in lines[:most]), style=style)
    if len(lines) > most:
        say(f"{' ' * indent}{title}：还有 {len(lines) - most} 处，用 --json 看全部")


def counted(counts: Mapping[str, int]) -> str:
    outcomes = (("添加", "added"), ("修改", "changed"), ("未变", "unchanged"), ("有问题", "problem"))
    return "，".join(f"{word} {counts[key]}" for word, key in outcomes if counts.get(key))


def references(found: "Iterable[kind.Reference]") -> None:
    """The records behind a figure, one a line: ledger, number, day, title, and how each counted."""
    known = {**captions(), "index": "先锋指数公示表"}
    for each in found:
        number = f"编号 {each.id}" if each.id is not None else ""
        print(safe("       " + "　".join(filter(None, [known[each.ledger], number, each.day, each.title, each.note]))))


def fields(pairs: Iterable[tuple[str, str]], title: str) -> None:
    """One record, a line a field."""
    say(title, style="bold")
    for line in field_lines(pairs):
        print(line)


def field_lines(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The lines of one record, a line a field, or more where the field has several."""
    shown = []
    for heading, value in pairs:
        first, *more = safe(value).splitlines() or [""]
        shown += [f"  {heading}：{first}", *(f"  {'　' * len(heading)}　{line}" for line in more)]
    return shown


def room_of(folder: "backup.Room") -> str:
    """How much lies in the folder of the backups."""
    return f"备份文件夹里有 {folder.files} 个文件，共 {folder.size / 2**20:.1f} MB"


def local_time(moment: str) -> str:
    """A moment kept as UTC, on the clock of the room; one that is damaged as it stands."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment


def heading_of(record: "type[declare.Record]", field: str) -> str:
    """The Chinese heading of a field that differs; an unknown column of the clerk's keeps its own."""
    return _BELOW.get(field) or (record.columns[field].heading if field in record.columns else field)


def difference(record: "type[declare.Record]", change: "row.FieldChange") -> str:
    """One field of a record, before and after."""
    return f"{heading_of(record, change.field)}：{change.before or '（空）'} → {change.after or '（空）'}"


def records(record: "type[declare.Record]", found: "Iterable[row.View]", keys: Sequence[str], full: bool) -> None:
    columns = [record.columns[key] for key in keys]
    lines = (
        [str(view.number), *(present.as_text(column, view.values.get(column.key), full) for column in columns)]
        for view in found
    )
    called = [column.heading for column in columns if (column.kind.names and not column.kind.many) or column.kind.words]
    headings = ["编号", *(column.heading for column in columns)]
    none = f"{record.caption}中没有符合条件的记录。"
    table(False, None, headings, lines, right=("编号",), unbroken=[*called, "姓名"], remark="共 {} 条。", none=none)


def pairs_of(
    record: "type[declare.Record]", view: "row.View", full: bool, private: bool = False
) -> list[tuple[str, str]]:
    """Every field of a record under its heading; a terminal is too narrow for that many columns."""
    columns = [each for key, each in record.columns.items() if key in view.values and (private or not each.private)]
    pairs = [(column.heading, present.as_text(column, view.values[column.key], full)) for column in columns]
    return [*pairs, *view.own_columns(full).items()]


def title_of(record: "type[declare.Record]", view: "row.View") -> str:
    """The few words by which a person knows the record."""
    columns, values = record.columns, view.values
    return " ".join(
        present.as_text(columns[key], values[key]) for key in record.brief[:4] if values.get(key) is not None
    )


def as_document(
    record: "type[declare.Record]", view: "row.View", full: bool = False, private: bool = False
) -> dict[str, object]:
    """A record as `--json` prints it: its number as `id`, fields by key, the clerk's own columns under `extras`."""
    values = {
        key: None if view.values[key] is None else present.as_json(column, view.values[key], full)
        for key, column in record.columns.items()
        if key in view.values and (private or not column.private)
    }
    return {"id": view.number, **values, **({"extras": view.own_columns(full)} if view.extras else {})}
