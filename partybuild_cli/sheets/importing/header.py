"""The header of a table (表头): one to four rows, groups above columns, with or without merged cells."""

from dataclasses import dataclass
from itertools import pairwise

from partybuild_cli.sheets.importing.grid import Grid, Labels
from partybuild_cli.sheets.reading import Merge

_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of a header, from 1 and inclusive."""

    top: int
    bottom: int

    @property
    def rows(self) -> list[int]:
        """Their numbers."""
        return list(range(self.top, self.bottom + 1))


def block_around(grid: Grid, number: int) -> Block:
    """The header that the row belongs to: further rows joined by merged cells, or that name what groups leave open."""
    top = bottom = number
    while bottom - top + 1 < _DEEPEST:
        tall = _tall(grid, top, bottom)
        lowest = max((merge.bottom for merge in tall), default=bottom)
        highest = min((merge.top for merge in tall), default=top)
        if lowest > bottom or _pairs(grid, bottom, bottom + 1):
            bottom += 1
        elif highest < top or (top > 1 and _pairs(grid, top - 1, top)):
            top -= 1
        else:
            break
    return Block(top, bottom)


def lines_of(grid: Grid, block: Block) -> list[tuple[str, ...]]:
    """The lines that stand over each column, groups first; none over a column without a heading."""
    rows: list[Labels] = []
    named: set[int] = set()
    for number in reversed(block.rows):
        row = _spread(grid, number, named)
        named |= row.keys()
        rows.insert(0, row)
    return [_lines(rows, column) for column in range(grid.width)]


def _tall(grid: Grid, top: int, bottom: int) -> list[Merge]:
    """Merged ranges of more than one row that touch the block and leave it."""
    cells = ((number, column) for number in range(top, bottom + 1) for column in range(grid.width))
    touching = {merge: None for cell in cells if (merge := grid.covering(*cell)) is not None}
    leaving = [one for one in touching if one.bottom > one.top and (one.bottom > bottom or one.top < top)]
    spans = {(one.top, one.bottom) for one in leaving if one.bottom - one.top < _DEEPEST}
    fit = {span for span in spans if _only_labels(grid, *span)}
    return [one for one in leaving if (one.top, one.bottom) in fit]


def _only_labels(grid: Grid, top: int, bottom: int) -> bool:
    """Whether no row of a merged range holds anything that heads no column."""
    return all(grid.is_labels(number) for number in range(top, bottom + 1) if any(grid.row(number)))


def _pairs(grid: Grid, upper: int, lower: int) -> bool:
    """Whether the lower row names the columns below the groups of the upper one."""
    above, below = grid.labels(upper), grid.labels(lower)
    if len(above) < 2 or not below or not (grid.is_labels(upper) and grid.is_labels(lower)):
        return False
    if all(_is_remark(word) for word in below.values()):
        return all(column in above for column in below)
    spans = _spans(grid, upper, above, max(below))
    alone = {column for column, last in spans.items() if last == column}
    return not (alone & below.keys()) and len(below) >= 2 and grid.hits(below) >= 1


def _spans(grid: Grid, number: int, labels: Labels, right: int) -> dict[int, int]:
    """Column of a label -> the last column that it stands over, by merge or by the blanks behind it."""
    ordered = [*sorted(labels), right + 1]
    spans = {}
    for column, following in pairwise(ordered):
        merge = grid.covering(number, column)
        spans[column] = merge.right - 1 if merge else max(column, following - 1)
    return spans


def _spread(grid: Grid, number: int, named_below: set[int]) -> Labels:
    """The label that stands over each column in this row: by merge, or over blanks that have a heading below."""
    labels = grid.labels(number)
    spread: Labels = {}
    for column, end in _spans(grid, number, labels, grid.width - 1).items():
        merged = grid.covering(number, column) is not None
        for covered in range(column, end + 1):
            if covered == column or merged or covered in named_below:
                spread[covered] = labels[column]
    above: dict[int, Labels] = {}
    for column in range(grid.width):
        merge = grid.covering(number, column)
        if merge is None or merge.top >= number:
            continue
        if merge.top not in above:
            above[merge.top] = grid.labels(merge.top)
        word = above[merge.top].get(merge.left - 1)
        if word and column not in spread:
            spread[column] = word
    return spread


def _lines(rows: list[Labels], column: int) -> tuple[str, ...]:
    lines: list[str] = []
    for row in rows:
        word = row.get(column, "")
        if word and lines and _is_remark(word):
            lines[-1] += word
        elif word and (not lines or lines[-1] != word):
            lines.append(word)
    return tuple(lines)


def _is_remark(word: str) -> bool:
    """A line that only adds a unit or a remark to the one above: (元)."""
    return word.startswith("(") and word.endswith(")")
