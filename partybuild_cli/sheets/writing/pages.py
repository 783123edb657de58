"""What a workbook is made of: pages, columns and rows (表页与栏目), and how wide each column is, in half-width characters (列宽).

A Chinese character is twice as wide as a Latin letter; ambiguous ones (“ ” … ① —) are wide in Chinese fonts.
"""

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate, chain, count
from math import ceil, sqrt
from typing import Literal, NamedTuple

from partybuild_cli.values.text import display_width


class Link(NamedTuple):
    """A cell that leads to a row of a workbook of the same folder, or of this one where no file is named (超链接)."""

    text: str | int
    file: str
    sheet: str = ""
    row: int = 1


Cell = str | int | Decimal | Link | None
Style = Literal["text", "number", "money", "day", "center"]

SERIAL_HEADING = "序号"
IDENTITY_HEADING = "系统标识（勿改）"
SIGNATURES = ("党支部书记（签字）：", "党务干事（签字）：", "年   月   日（支部章）")

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_NAME_LIMIT = 31


class Field(NamedTuple):
    """One column. `width` None: worked out from what it holds; `prose`: roomy where blank."""

    heading: str
    style: Style = "text"
    width: float | None = None
    choices: tuple[str, ...] = ()
    note: str | None = None
    prose: bool = False


class Page(NamedTuple):
    name: str
    title: str
    fields: Sequence[Field]
    rows: Iterable[Sequence[Cell]] = ()
    left: str = ""
    right: str = ""
    identities: Iterable[str] | None = None
    serial: bool = True  # whether the first column counts the rows (序号)
    totals: Sequence[Cell] | str | None = None
    remarks: Sequence[str] = ()
    footer: Sequence[str] = SIGNATURES
    opening: str = ""  # the sentences between title and table
    upright: bool = False  # printed in portrait, on one page where it is readable so
    still: int | None = None  # so many fields stay in view when one scrolls to the right, and the heading filters

    @property
    def first_row(self) -> int:
        """The row of the first record, as a spreadsheet numbers it: below title, unit and period, and heading."""
        return 3 + bool(self.opening) + bool(self.left or self.right)


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel accepts, no two alike even to one who does not mind capitals."""
    taken: set[str] = set()
    names: list[str] = []
    for name in wanted:
        legal = _shortened(_FORBIDDEN.sub("-", name).strip().strip("'"), "").strip("'") or "台账"
        if legal.casefold() == "history":  # Excel keeps this one for itself
            legal += "-"
        copies = chain([legal], (_shortened(legal, f"（{copy}）") for copy in count(2)))
        names.append(next(copy for copy in copies if copy.casefold() not in taken))
        taken.add(names[-1].casefold())
    return names


def _shortened(name: str, suffix: str) -> str:
    """Excel counts UTF-16 units, of which a rare character (𠮷) takes two."""
    while len((name + suffix).encode("utf-16-le")) > 2 * _NAME_LIMIT:
        name = name[:-1]
    return name + suffix


_UNBREAKABLE = re.compile(r"[!-~]+")
# What is not broken: a Latin word, a number, a character, with the punctuation that clings to it (避头尾).
_PIECES = re.compile(r"[（《“‘【]*(?:[!-~]+|.)[，。、；：？！）》”’】…]*")


def longest_line(text: str) -> int:
    """Width of the widest line of a text that holds line breaks."""
    return max(map(display_width, text.split("\n")))


def longest_run(text: str) -> int:
    """Width of the longest run that ought not to be broken: a date, a number, an ID number, a Latin word."""
    return max(map(len, _UNBREAKABLE.findall(text)), default=0)


def line_count(text: str, room: float) -> int:
    """Lines that a text takes in a column of that room, broken as a spreadsheet breaks it."""
    lines = 0
    for line in text.split("\n"):
        lines, used = lines + 1, 0
        for piece in _PIECES.findall(line) if display_width(line) > room else ():
            width = display_width(piece)
            if used + width <= room:
                used += width
            elif width <= room:
                lines, used = lines + 1, width
            else:  # a word longer than a line is broken wherever the line ends
                more = ceil((used + width) / room) - 1
                lines, used = lines + more, ceil(used + width - more * room)
    return lines


def divide(widths: Sequence[float], parts: int) -> list[tuple[int, int]]:
    """Cuts a row of columns into runs (first, last) of nearly equal width; never more runs than columns."""
    parts, ends = min(parts, len(widths)), [*accumulate(widths)]
    middles = [end - width / 2 for end, width in zip(ends, widths, strict=True)]
    runs: list[tuple[int, int]] = []
    for part in range(1, parts + 1):
        first = runs[-1][1] + 1 if runs else 0
        last = len(widths) - 1 if part == parts else bisect(middles, ends[-1] * part / parts) - 1
        runs.append((first, max(first, min(last, len(widths) - 1 - (parts - part)))))
    return runs


SAMPLE = 200

_INSET = 0.7  # what a cell keeps free on both sides
_PADDING = 1.5  # the same and some ease, when a width is worked out
_ONE_LINE = 16  # up to this a text stays on one line; beyond, it is prose and wraps
_WIDEST = 52.0
_WIDEST_FOR_TALLEST = 100.0
_MOST_LINES = 24  # that fit a row of Excel's greatest height, less what is lost at the ends of lines
_DIGITS_MORE = 1  # a figure that does not fit is not shown at all, so those after the sample get some ease
_NARROWEST_PROSE = 14
_NARROWEST_PHRASE = 6
_NARROWEST = 4.0
_PAGE = 145.0  # units across a landscape A4 page at full size
_CROWDED = 175.0  # units at which print has shrunk to some 8 points: as small as may be
_UPRIGHT = 0.68  # of either, across a portrait page
_MOST_STRETCH = 2.5


def room(width: float) -> float:
    """What of a column's width its text may use."""
    return width - _INSET


def column_widths(
    fields: Sequence[Field], sample: Sequence[Sequence[Cell]], beside: float = 0.0, upright: bool = False
) -> list[float]:
    """Widths of the fields, `beside` being taken by the serial column. A width that was given is kept."""
    page, crowded = (_PAGE * _UPRIGHT, _CROWDED * _UPRIGHT) if upright else (_PAGE, _CROWDED)
    texts = [[str(row[at]) for row in sample if row[at] is not None] for at in range(len(fields))]
    bounds = [_bounds(field, column) for field, column in zip(fields, texts, strict=True)]
    needs, slack = [need for _, need in bounds], sum(need - floor for floor, need in bounds)
    if (excess := sum(needs) + beside - crowded) > 0:
        share = min(1.0, excess / slack) if slack else 0.0
        return [need - (need - floor) * share for floor, need in bounds]
    pairs = zip(fields, needs, strict=True)
    flat = [field.width or max(need, longest_line(field.heading) + _PADDING) for field, need in pairs]
    if sum(flat) + beside < page:  # with so much room no heading has to be broken
        needs = flat
    # The page is filled by widening prose, or where there is none, every column whose width was not given.
    free = [at for at, field in enumerate(fields) if field.width is None]
    grows = [at for at in free if fields[at].style == "text" and needs[at] > _ONE_LINE] or free
    spare, stretchable = page - beside - sum(needs), sum(needs[at] for at in grows)
    factor = min(_MOST_STRETCH, 1 + spare / stretchable) if spare > 0 and stretchable else 1
    return [need * factor if at in grows else need for at, need in enumerate(needs)]


def _bounds(field: Field, texts: Sequence[str]) -> tuple[float, float]:
    """How narrow a column may be made (prose to a stripe, a phrase to two lines, others not), and what it needs."""
    if field.width is not None:
        return field.width, field.width
    measures = (longest_line, longest_run, display_width)
    widest, unbroken, longest = (max(map(measure, texts), default=0) for measure in measures)
    # The width at which the longest text still fits the tallest row that there can be.
    for_tallest = min(longest / _MOST_LINES, _WIDEST_FOR_TALLEST)
    # A long heading is set on two lines, a very long one on three.
    width = longest_line(field.heading)
    lines = 1 if width <= 6 else 2 if width <= 20 else 3
    heading = max(2 * ceil(width / lines / 2), longest_run(field.heading))
    wanted = widest + _DIGITS_MORE * (field.style in ("number", "money"))
    if widest > _ONE_LINE and field.style in ("text", "center"):
        # Grows with the root of the length, so that prose gets a block and not a thread.
        wanted = max(ceil(sqrt(8 * widest)), _ONE_LINE, unbroken)
    need = max(min(max(wanted, heading, _NARROWEST) + _PADDING, _WIDEST), for_tallest)
    if field.style not in ("text", "center"):
        return need, need
    half = max(2 * ceil(widest / 4), _NARROWEST_PHRASE)
    narrow = max(min(half, _NARROWEST_PROSE), unbroken, heading) + _PADDING
    return min(need, max(narrow, for_tallest)), need
