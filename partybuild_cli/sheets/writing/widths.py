"""How much room a text takes, counted in half-width characters (显示宽度).

A Chinese character is twice as wide as a Latin letter in the fonts that ledgers are set in, so lengths
counted in characters say nothing about columns. Ambiguous characters (“ ” … ① —) are wide in Chinese fonts
and count as two.
"""

import re
from collections.abc import Sequence
from math import ceil

from partybuild_cli.values.text import display_width

__all__ = ["display_width", "divide", "line_count", "longest_line", "longest_run"]

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
    return sum(_lines_of(line, room) for line in text.split("\n"))


def _lines_of(line: str, room: float) -> int:
    if display_width(line) <= room:
        return 1
    lines, used = 1, 0
    for piece in _PIECES.findall(line):
        width = display_width(piece)
        if used + width <= room:
            used += width
        elif width <= room:
            lines, used = lines + 1, width
        else:
            # A word longer than a line is broken wherever the line ends.
            more = ceil((used + width) / room) - 1
            lines, used = lines + more, ceil(used + width - more * room)
    return lines


def divide(widths: Sequence[float], parts: int) -> list[tuple[int, int]]:
    """Cuts a row of columns into runs (first, last) of nearly equal width; never more runs than columns."""
    parts = min(parts, len(widths))
    total = sum(widths)
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
