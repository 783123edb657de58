"""A sheet with its merged ranges at hand (网格): labels of a row, what a merged cell covers, the rows and lines of a header."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import attrgetter

from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.reading import Merge, Sheet
from partybuild_cli.values.kind import DateCell, Raw

PROBLEM_HEADING = "问题"
#: Each problem in the column begins with it, which tells the column from a ledger's own 问题 (整改事项).
PROBLEM_MARK = "▲"
#: What stands there beside a row that was not written for the sake of others.
NO_PROBLEM = "（没有问题，随这个文件一起导入）"

Labels = dict[int, str]
_DAY = re.compile(r"(?:1[0-2]|0?[1-9])[月./-](?:3[01]|[12]\d|0?[1-9])日?")
_LONGEST = 30  # longer than this a text is prose and no heading
_DEEPEST = 4  # a header has at most so many rows


class Grid:
    """Rows and columns of one sheet; rows are numbered from 1 as the spreadsheet program does, columns from 0."""

    def __init__(self, sheet: Sheet, confirmed: Mapping[str, str] | None = None) -> None:
        # The first column is the 问题 column of a problems workbook; a clerk may have emptied it or written in it.
        filled = [row[0] for row in sheet.rows if row and row[0] is not None]
        below = [raw for raw in filled if raw != PROBLEM_HEADING]
        marked = any(isinstance(raw, str) and (raw.startswith(PROBLEM_MARK) or raw == NO_PROBLEM) for raw in below)
        self.shift = int(len(below) < len(filled) and (not below or marked))  # then it is taken off
        if self.shift:
            kept = [area for area in sheet.merges if area.right > 1]
            merges = [Merge(area.top, max(area.left - 1, 1), area.bottom, area.right - 1) for area in kept]
            sheet = replace(sheet, rows=[row[1:] for row in sheet.rows], merges=merges)
        self.sheet = sheet
        self.rows = sheet.rows
        self.width = max(map(len, sheet.rows), default=0)
        self.confirmed = confirmed or {}
        texts = ((at, raw) for row in self.rows[:30] for at, raw in enumerate(row) if isinstance(raw, str))
        self._identity = next((at for at, raw in texts if wording.label(raw) == wording.IDENTITY_HEADING), None)
        self._labels: dict[int, Labels] = {}
        self._merges: dict[int, list[Merge]] = {}
        for merge in sorted(sheet.merges, key=attrgetter("left")):
            for row in range(merge.top, min(merge.bottom, merge.top + 6) + 1):
                self._merges.setdefault(row, []).append(merge)

    def row(self, number: int) -> list[Raw]:
        """The cells of a row, trimmed at its end; empty outside the sheet."""
        return self.rows[number - 1] if 0 < number <= len(self.rows) else []

    def covering(self, number: int, column: int) -> Merge | None:
        """The merged range that holds the cell, looked at over its first rows."""
        merges = self._merges.get(number, [])
        at = bisect_right(merges, column + 1, key=attrgetter("left"))
        return merges[at - 1] if at and merges[at - 1].right > column else None

    def labels(self, number: int) -> Labels:
        """The cells of a row that could be headings: column -> comparable form; none in a row that we exported as a record."""
        if number not in self._labels:
            row = self.row(number)
            own = cell_at(row, self._identity) if self._identity is not None else None
            exported = own is not None and wording.label(own) != wording.IDENTITY_HEADING
            days = [raw.day for raw in row if isinstance(raw, DateCell)]
            months = [day.year * 12 + day.month if day.day == 1 else 0 for day in days]
            if len(days) > 1 and all(month and then == month + 1 for month, then in pairwise(months)):
                # First days of months that follow each other (2026-01-01, 2026-02-01 …) head the columns of these months.
                row = [raw._replace(shown="month") if isinstance(raw, DateCell) else raw for raw in row]
            words = ((column, wording.label(raw)) for column, raw in enumerate(row) if raw is not None and not exported)
            self._labels[number] = {
                at: word for at, word in words if 0 < len(word) <= _LONGEST and ":" not in word[:-1]
            }
        return self._labels[number]

    def is_labels(self, number: int) -> bool:
        """Whether nearly every filled cell of the row could be a heading; a day beside one is what a form holds under it."""
        labels, row = self.labels(number), enumerate(self.row(number))
        filled = sum(raw is not None and not (isinstance(raw, DateCell) and at - 1 in labels) for at, raw in row)
        return filled > 0 and len(labels) * 5 >= filled * 4

    def hits(self, words: Iterable[str], strict: bool = False) -> int:
        """How many columns of one ledger the labels name, for the ledger that they name most of; `strict`: to the letter."""
        words, found = [*words], set[tuple[str, str]]()
        for word in words:
            fields = sorted(wording.known(word, strict or word in wording.choice_words()), reverse=True)
            found |= {*dict(fields).items()}  # one column of each ledger: 请假 is its 请假人员 or its 请假人数
            said = wording.months_of(wording.Heading(0, word, (word,)))
            if said and (not strict or (wording.known(said[3]) if said[3] else said[0] is None)):
                found.add(("dues", word))  # 3月5日, 2015年6月 are values
        most = max(Counter(ledger for ledger, _ in found).values(), default=0)
        roll = not strict and any(wording.words_in(word) == ("人员",) for word in words)  # names down, days across
        return most + sum(word in self.confirmed or (roll and bool(_DAY.match(word))) for word in words)

    def fills(self) -> dict[int, dict[int, Raw]]:
        """Values of cells merged downwards, for the rows below the first: row -> column -> value."""
        result: dict[int, dict[int, Raw]] = {}
        for merge in self.sheet.merges:
            value = cell_at(self.row(merge.top), merge.left - 1)
            for number in range(merge.top + 1, min(merge.bottom, len(self.rows)) + 1) if value is not None else ():
                result.setdefault(number, {})[merge.left - 1] = value
        return result


def cell_at(row: Sequence[Raw], at: int) -> Raw:
    """The cell of a row that was trimmed at its end."""
    return row[at] if at < len(row) else None


def block_around(grid: Grid, number: int) -> range:
    """The header that the row belongs to: further rows joined by merged cells, or that name what groups leave open."""
    top = bottom = number
    while bottom - top + 1 < _DEEPEST:
        tall = _tall(grid, top, bottom)
        if any(merge.bottom > bottom for merge in tall) or _pairs(grid, bottom, bottom + 1):
            bottom += 1
        elif any(merge.top < top for merge in tall) or (top > 1 and _pairs(grid, top - 1, top)):
            top -= 1
        else:
            break
    return range(top, bottom + 1)


def _tall(grid: Grid, top: int, bottom: int) -> list[Merge]:
    """Merged ranges of labels in several rows that touch the block and leave it."""
    cells = ((number, column) for number in range(top, bottom + 1) for column in range(grid.width))
    touching = {merge: None for cell in cells if (merge := grid.covering(*cell)) is not None}
    leaving = [merge for merge in touching if merge.top < merge.bottom < merge.top + _DEEPEST]
    spans = {range(merge.top, merge.bottom + 1) for merge in leaving if merge.bottom > bottom or merge.top < top}
    fit = {span for span in spans if all(grid.is_labels(number) for number in span if any(grid.row(number)))}
    return [merge for merge in leaving if range(merge.top, merge.bottom + 1) in fit]


def _pairs(grid: Grid, upper: int, lower: int) -> bool:
    """Whether the lower row names the columns below the groups of the upper one."""
    above, below = grid.labels(upper), grid.labels(lower)
    if len(above) < 2 or not below or not (grid.is_labels(upper) and grid.is_labels(lower)):
        return False
    if all(_is_remark(word) for word in below.values()):
        return all(column in above for column in below)
    for column in above.keys() & below.keys():  # nothing stands below what stands over one column
        merge = grid.covering(upper, column)
        if merge.right - 1 == column if merge else column + 1 in above or column == max(below) == max(above):
            return False
    return len(below) >= 2 and grid.hits(below.values()) >= 1


def lines_of(grid: Grid, block: range) -> list[tuple[str, ...]]:
    """The lines that stand over each column, groups first; none over a column without a heading."""
    rows: list[Labels] = []
    for number in reversed(block):
        rows.insert(0, _spread(grid, number, set().union(*rows)))
    found = []
    for column in range(grid.width):
        lines: list[str] = []
        for word in [row[column] for row in rows if column in row]:
            if lines and _is_remark(word):
                lines[-1] += word
            elif not lines or lines[-1] != word:
                lines.append(word)
        found.append(tuple(lines))
    return found


def _spread(grid: Grid, number: int, named_below: set[int]) -> Labels:
    """The label that stands over each column in this row: by merge, or over blanks that have a heading below."""
    labels, spread = grid.labels(number), Labels()
    word, end = "", 0  # the label to the left, and where its merged cell ends, if it is in one
    for column in range(grid.width):
        merge = grid.covering(number, column)
        if column in labels:
            word, end = labels[column], merge.right if merge else 0
        if word and (column in labels or (column < end if end else column in named_below)):
            spread[column] = word
        elif merge and merge.top < number and (above := grid.labels(merge.top).get(merge.left - 1)):
            spread[column] = above
    return spread


def _is_remark(word: str) -> bool:
    """A line that only adds a unit or a remark to the one above: (元)."""
    return word.startswith("(") and word.endswith(")")
