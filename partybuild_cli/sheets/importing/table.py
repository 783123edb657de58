"""Where tables are on a sheet (找表): below each header, beside each other, until the next header."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from partybuild_cli.sheets.importing.grid import Block, Grid, Labels, Tally, block_around, lines_of
from partybuild_cli.sheets.importing.headings import (
    Heading,
    bare,
    keyed,
    known,
    lexicon,
    speaks_of_a_record,
    vocabulary,
    words_in,
)
from partybuild_cli.sheets.importing.rowkinds import closes, says_how
from partybuild_cli.sheets.importing.shapes import FORM_REASON, labelled
from partybuild_cli.sheets.reading import Merge

#: The first header stands within so many filled rows.
_FIRST_ROWS = 20


@dataclass(slots=True)
class Table:
    """One table: its header, its columns, and the rows in which its records may stand (`first` to `last`).

    Attributes:
        preamble, head_of_sheet: the rows above it that say what it is, as text; and those above the first table.
        repeats: rows further down that repeat the header.
        head: columns that stand in the head of the sheet instead (时间：…, 主题：…), beyond the last one -> their value.
        form, unread: what is said of what was a form or a register of ticks; why a register of ticks cannot be read.
    """

    grid: Grid
    header: Block
    headings: list[Heading]
    left: int
    right: int
    first: int
    last: int
    preamble: list[list[str]] = field(default_factory=list)
    repeats: set[int] = field(default_factory=set)
    alone: bool = False
    head: dict[int, str] = field(default_factory=dict)
    form: str = ""
    unread: str = ""
    head_of_sheet: list[list[str]] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """The texts above the table."""
        return [text for line in self.preamble for text in line]

    def says_how(self, number: int) -> bool:
        """Whether the row says how to fill in the columns (必填, 选填, 例：…), or shows it."""
        return says_how(self.grid.row(number)[self.left : self.right + 1])

    @property
    def range(self) -> str:
        """A3:H20."""
        return Merge(self.header.top, self.left + 1, self.last, self.right + 1).area


def find_tables(grid: Grid) -> tuple[list[Table], str]:
    """The tables of a sheet from the top; where there is none, the reason."""
    headers, form = _headers(grid)
    if not headers:
        return [], FORM_REASON if form else "没有找到表头（前 20 行里没有一行像台账的栏目名称）"
    tables: list[Table] = []
    above = 1
    for place, (block, repeats) in enumerate(headers):
        following = headers[place + 1][0].top if place + 1 < len(headers) else len(grid.rows) + 1
        begin = _preamble_start(grid, block.bottom + 1, following) if place + 1 < len(headers) else following
        preamble = [_texts(grid, number) for number in range(above, block.top)]
        rows = grid.rows[block.bottom : begin - 1]  # a sheet may be 16,384 columns wide for one stray cell
        filled = {column for row in rows for column, raw in enumerate(row) if raw is not None}
        lines = lines_of(grid, block)
        for left, right in _sides(grid, lines, filled):
            columns = [(column, lines[column]) for column in range(left, right + 1)]
            headings = [one for one in keyed(columns) if one.lines or one.column in filled]
            table = Table(grid, block, headings, left, right, block.bottom + 1, begin - 1, preamble, repeats)
            table.head_of_sheet = tables[0].preamble if tables else []
            _take_head(table)
            tables.append(table)
        above = begin
    tables[0].alone = len(tables) == 1
    return tables, ""


def _take_head(table: Table) -> None:
    """Columns that the head of the sheet holds as label and value: one more column each, the same for every row."""
    named = {heading.lowest for heading in table.headings}
    said = dict(reversed([*labelled(table.preamble)]))
    whole = sum(map(speaks_of_a_record, said)) > 1  # it says what was held and when: then where and by whom too
    for word, value in reversed(said.items()):
        if word not in named and (speaks_of_a_record(word) or (whole and known(word, strict=True))):
            place = max(table.grid.width, table.right + 1) + len(table.head)
            table.head[place] = value
            table.headings.append(Heading(place, word, (word,)))
            named.add(word)


def _headers(grid: Grid) -> tuple[list[tuple[Block, set[int]]], bool]:
    """Every header with the rows that repeat it, and whether a form was met."""
    found: list[tuple[Block, set[int]]] = []
    watched = set(vocabulary()) | set(grid.confirmed) | set(lexicon().classes)
    form_row, seen, number, least = 0, 0, 0, _least_hits(grid)
    while number < len(grid.rows):
        number += 1
        row = grid.rows[number - 1]
        if not row or (found and watched.isdisjoint(row)):
            continue
        seen += 1
        if not found and seen > _FIRST_ROWS:
            break
        labels = grid.labels(number)
        if found and _repeats(grid, found[-1][0], labels):
            found[-1][1].add(number)
        elif (grid.is_labels(number) and grid.hits(labels, bool(found)) >= (3 if found else least)) or (
            not found and _signs(grid, number, labels)
        ):
            block = block_around(grid, number)
            if _is_form(grid, block) or (form_row and form_row + 1 == number):
                form_row = number
                continue
            found.append((block, set()))
            watched |= {raw for line in block.rows for raw in grid.row(line) if isinstance(raw, str)}
            number = block.bottom
    return found, form_row > 0


def _least_hits(grid: Grid) -> int:
    """Three columns must be known where some row has so many, else two will do."""
    numbers = [number for number, row in enumerate(grid.rows[:200], start=1) if row][:_FIRST_ROWS]
    most = max((grid.hits(grid.labels(number)) for number in numbers if grid.is_labels(number)), default=0)
    return min(3, max(2, most))


def _signs(grid: Grid, number: int, labels: Labels) -> bool:
    """Whether the row heads a list of names to sign, under a head that says what was held and when."""
    if len(labels) < 2 or not any(words_in(word) == ("人员",) for word in labels.values()):
        return False
    head = {word for word, _ in labelled([_texts(grid, above) for above in range(1, number)])}
    return sum(map(speaks_of_a_record, head)) > 1


def _is_form(grid: Grid, block: Block) -> bool:
    """Labels with values between them: the next row names columns too, and other ones."""
    following = next((n for n in range(block.bottom + 1, min(block.bottom + 4, len(grid.rows)) + 1) if grid.row(n)), 0)
    labels, below = grid.labels(block.bottom), grid.labels(following)
    if any(map(known, set(labels.values()) & set(below.values()))):
        return False
    first, under = min(labels.items(), default=(0, "")), min(below.items(), default=(0, ""))
    apart = max(labels, default=0) - min(labels, default=0) >= len(labels)
    parted = apart or any(not known(word) for word in labels.values())  # a value, or room for one, between the labels
    column_of_labels = parted and first[0] == under[0] and bool(known(first[1], True)) and bool(known(under[1], True))
    return grid.hits(below, strict=True) >= 2 or column_of_labels


def _repeats(grid: Grid, block: Block, labels: Labels) -> bool:
    """Whether a row further down is one of the header's rows again."""
    for head in map(grid.labels, block.rows):
        same = len(head.items() & labels.items())
        if same >= 2 and same * 10 >= max(len(labels), len(head)) * 7:
            return True
    return False


def _preamble_start(grid: Grid, first: int, header: int) -> int:
    """Where the title and unit rows of a further table begin: rows of few texts above its header that close no table."""
    start = header
    while start > first:
        filled = [raw for raw in grid.row(start - 1) if raw is not None]
        if len(filled) > 2 or any(map(closes, filled[:1])):
            break
        start -= 1
    while start < header and not grid.row(start):
        start += 1
    return start


def _texts(grid: Grid, number: int) -> list[str]:
    return [raw for raw in grid.row(number) if isinstance(raw, str)]


def _sides(grid: Grid, lines: list[tuple[str, ...]], filled: set[int]) -> Iterator[tuple[int, int]]:
    """The columns of each table under one header: parted by an empty column, or where the headings begin again."""
    names = [(column, bare(own[-1])) for column, own in enumerate(lines) if own]
    empty = {column for column, own in enumerate(lines) if not own} - filled
    start = names[0][0] if names else 0
    start = next((column for column in range(start) if column not in empty), start)
    cuts = list(_cuts(grid, names, empty))
    for left, right in zip([start, *cuts], [*(cut - 1 for cut in cuts), grid.width - 1], strict=True):
        while right > left and right in empty:
            right -= 1
        while left < right and left in empty:
            left += 1
        yield left, right


def _cuts(grid: Grid, names: list[tuple[int, str]], empty: set[int]) -> Iterator[int]:
    """The columns where a further table begins: there are headings of a ledger on both sides, and something parts them.

    From the right: for each heading, of it and those behind it, how many columns they name (`right`), and the last place
    before which each of them stands before too (`repeated`).
    """
    right, repeated = [0] * len(names), [-1] * len(names)
    last: dict[str, int] = {}
    for at, (_, name) in enumerate(names):
        repeated[at] = last.get(name, -1)
        last[name] = at
    tally, least = Tally(grid.confirmed), len(names)
    for at in range(len(names) - 1, -1, -1):
        tally.add(names[at][1])
        right[at] = tally.hits
        least = repeated[at] = min(repeated[at], least)
    left, begin = Tally(grid.confirmed), 0
    for at, (column, name) in enumerate(names):
        if left.hits >= 2 and right[at] >= 2:
            gap = column - 1 in empty
            more = gap and right[at] >= 3 and left.hits + right[at] > right[begin]
            if gap or repeated[at] >= begin if name == names[0][1] else more:
                left, begin = Tally(grid.confirmed), at
                yield column
        left.add(name)
