"""How much room a text takes, counted in half-width characters, and how wide each column is (显示宽度、列宽).

A Chinese character is twice as wide as a Latin letter in the fonts that ledgers are set in, so lengths
counted in characters say nothing about columns. Ambiguous characters (“ ” … ① —) are wide in Chinese fonts
and count as two.
"""

import re
from collections.abc import Sequence
from math import ceil, sqrt

from partybuild_cli.sheets.writing.pages import Cell, Field
from partybuild_cli.values.text import display_width

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
    parts, total = min(parts, len(widths)), sum(widths)
    runs: list[tuple[int, int]] = []
    start, passed = 0, 0.0
    for part in range(1, parts + 1):
        end = start
        passed += widths[start]
        last_possible = len(widths) - (parts - part) - 1
        while end < last_possible and (part == parts or passed + widths[end + 1] / 2 <= total * part / parts):
            end += 1
            passed += widths[end]
        runs.append((start, end))
        start = end + 1
    return runs


SAMPLE = 200
BOUNDLESS = 1e6  # room of a hidden column: nobody sees it wrap

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
    needs, floors = [need for _, need in bounds], [floor for floor, _ in bounds]
    total = sum(needs) + beside
    if total > crowded:
        slack = sum(needs) - sum(floors)
        share = min(1.0, (total - crowded) / slack) if slack else 0.0
        return [need - (need - floor) * share for floor, need in bounds]
    flat = [
        one.width or max(need, longest_line(one.heading) + _PADDING) for one, need in zip(fields, needs, strict=True)
    ]
    if sum(flat) + beside < page:  # with so much room no heading has to be broken
        needs, total = flat, sum(flat) + beside
    # The page is filled by widening prose, or where there is none, every column whose width was not given.
    free = [field.width is None for field in fields]
    prose = [
        may and field.style == "text" and need > _ONE_LINE for may, field, need in zip(free, fields, needs, strict=True)
    ]
    grows = prose if any(prose) else free
    stretchable = sum(need for need, wide in zip(needs, grows, strict=True) if wide)
    factor = min(_MOST_STRETCH, 1 + (page - total) / stretchable) if total < page and stretchable else 1
    return [need * factor if wide else need for need, wide in zip(needs, grows, strict=True)]


def _bounds(field: Field, texts: Sequence[str]) -> tuple[float, float]:
    """How narrow a column may be made (prose to a stripe, a phrase to two lines, others not), and what it needs."""
    if field.width is not None:
        return field.width, field.width
    widest, unbroken = max(map(longest_line, texts), default=0), max(map(longest_run, texts), default=0)
    # The width at which the longest text still fits the tallest row that there can be.
    for_tallest = min(max(map(display_width, texts), default=0) / _MOST_LINES, _WIDEST_FOR_TALLEST)
    # A long heading is set on two lines, a very long one on three.
    width = longest_line(field.heading)
    lines = 1 if width <= 6 else 2 if width <= 20 else 3
    heading = max(2 * ceil(width / lines / 2), longest_run(field.heading))
    wanted = widest
    if field.style in ("number", "money"):
        wanted += _DIGITS_MORE
    elif widest > _ONE_LINE and field.style != "day":
        # Grows with the root of the length, so that prose gets a block and not a thread.
        wanted = max(ceil(sqrt(8 * widest)), _ONE_LINE, unbroken)
    need = max(min(max(wanted, heading, _NARROWEST) + _PADDING, _WIDEST), for_tallest)
    if field.style not in ("text", "center"):
        return need, need
    half = max(2 * ceil(widest / 4), _NARROWEST_PHRASE)
    narrow = max(min(half, _NARROWEST_PROSE), unbroken, heading) + _PADDING
    return min(need, max(narrow, for_tallest)), need
