"""Where tables are on a sheet (找表): below each header, beside each other, until the next header."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from partybuild_cli.sheets.importing.grid import Block, Grid, Labels, Tally, block_around, lines_of
from partybuild_cli.sheets.importing.headings import Heading, bare, keyed, label, letter
from partybuild_cli.sheets.importing.rowkinds import closes, says_how
from partybuild_cli.sheets.importing.words import known, lexicon, speaks_of_a_record, vocabulary, words_in
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import clean, is_blank, normalise

_PAIR = re.compile(r"([^\s::;；,，。]{2,9})\s*[::]\s*(.*?)(?=\s+[^\s::]{2,9}\s*[::]|[;；\n]|$)")
_LONGEST = 14
#: A form of more rows is none.
_ROWS = 60


def labelled(lines: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Label and value of what a head says: 时间：2026年3月5日　主题：…, within a cell or over two."""
    for line in lines:
        for place, text in enumerate(line):
            plain = normalise(clean(text).replace("\u3000", "  "))
            for found in _PAIR.finditer(plain):
                value = found[2].strip() or ("" if place + 1 == len(line) else normalise(line[place + 1]))
                if value and ":" not in value[:8].replace("：", ":"):
                    yield label(found[1]), value


def form_sheet(grid: Grid) -> Sheet | None:
    """A form as a sheet of one row: its labels are the header, its values the row. None where it is no form."""
    if len(grid.rows) > _ROWS:
        return None
    pairs: dict[str, Raw] = {}
    first = 0
    columns = _label_columns(grid)
    for number in range(1, len(grid.rows) + 1):
        row = grid.row(number)
        words = _labels(row, columns)
        for column in columns - words.keys() if words else ():
            raw = row[column] if column < len(row) else None
            if (
                isinstance(raw, str)
                and len(raw) <= _LONGEST
                and column + 1 < len(row)
                and not is_blank(row[column + 1])
            ):
                words[column] = bare(label(raw))  # no field of ours, but it stands where labels stand
        for column, word in words.items():
            value = _beside(row, column, columns)
            if is_blank(value):
                value = _below(grid, number, column, columns)
            if word not in pairs and not is_blank(value):
                pairs[word] = value
                first = first or number
    if len(pairs) < 3:
        return None
    above = [list(grid.row(number)) for number in range(1, first)]
    return Sheet(grid.sheet.name, [*above, list(pairs), list(pairs.values())], hidden=grid.sheet.hidden)


def _label_columns(grid: Grid) -> set[int]:
    """Where labels stand: not in a column behind one of them in which most cells are none (地点｜会议室 is a value)."""
    labels, filled = Counter[int](), Counter[int]()
    for row in grid.rows:
        labels.update(list(_labels(row)))
        filled.update(at for at, raw in enumerate(row) if not is_blank(raw))
    found: set[int] = set()
    for column in sorted(labels):
        if column - 1 not in found or labels[column] * 2 > filled[column]:
            found.add(column)
    return found


def _labels(row: Sequence[Raw], columns: Collection[int] | None = None) -> dict[int, str]:
    """The cells of a row that name a column of some ledger."""
    words = {column: label(raw).rstrip(":") for column, raw in enumerate(row) if isinstance(raw, str)}
    return {
        column: bare(word)
        for column, word in words.items()
        if word and len(word) <= _LONGEST and (columns is None or column in columns) and known(word)
    }


def _beside(row: Sequence[Raw], column: int, columns: Collection[int]) -> Raw:
    """The first filled cell to the right, unless it is a label too."""
    labels = _labels(row, columns)
    for place in range(column + 1, len(row)):
        if row[place] is not None:
            return None if place in labels else row[place]
    return None


def _below(grid: Grid, number: int, column: int, columns: Collection[int]) -> Raw:
    """The cell below a label, in a row that is no row of labels."""
    row = grid.row(number + 1)
    return row[column] if column < len(row) and column not in _labels(row, columns) else None


#: The first header stands within so many filled rows.
_FIRST_ROWS = 20
FORM_REASON = "像是填写一个人或一件事的表单（标签和内容相间），不是一行一条的台账"


@dataclass(slots=True)
class Table:
    """One table: its header, its columns, and the rows in which its records may stand (`first` to `last`).

    Attributes:
        preamble: the rows above it that say what it is, as text.
        repeats: rows further down that repeat the header.
        alone: whether it is the only table of its sheet.
        head: columns that stand in the head of the sheet instead (时间：…, 主题：…), beyond the last one -> their value.
        form: what is said of a table that was a form of labels and values, or a register of ticks.
        unread: why a register of ticks cannot be read.
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
    alone: bool = True
    head: dict[int, str] = field(default_factory=dict)
    form: str = ""
    unread: str = ""

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
        return f"{letter(self.left)}{self.header.top}:{letter(self.right)}{self.last}"


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
        filled = _filled(grid, block.bottom + 1, begin - 1)
        lines = lines_of(grid, block)
        for left, right in _sides(grid, lines, filled):
            columns = [(column, lines[column]) for column in range(left, right + 1)]
            headings = [one for one in keyed(columns) if one.lines or one.column in filled]
            table = Table(grid, block, headings, left, right, block.bottom + 1, begin - 1, preamble, repeats)
            _take_head(table)
            tables.append(table)
        above = begin
    for table in tables:
        table.alone = len(tables) == 1
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
    if len(labels) < 2:
        return False
    for number in block.rows:
        head = grid.labels(number)
        same = sum(head.get(column) == word for column, word in labels.items())
        if same >= 2 and same * 10 >= max(len(labels), len(head)) * 7:
            return True
    return False


def _preamble_start(grid: Grid, first: int, header: int) -> int:
    """Where the title and unit rows of a further table begin: rows of few texts above its header that close no table."""
    start = header
    while start > first and _may_be_title([raw for raw in grid.row(start - 1) if raw is not None]):
        start -= 1
    while start < header and not grid.row(start):
        start += 1
    return start


def _may_be_title(filled: list[Raw]) -> bool:
    return len(filled) <= 2 and not (filled and closes(filled[0]))


def _texts(grid: Grid, number: int) -> list[str]:
    return [raw for raw in grid.row(number) if isinstance(raw, str)]


def _filled(grid: Grid, first: int, last: int) -> set[int]:
    """The columns in which some row holds anything; a sheet may be 16,384 columns wide for one stray cell."""
    return {column for row in grid.rows[first - 1 : last] for column, raw in enumerate(row) if raw is not None}


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
    """The columns where a further table begins: there are headings of a ledger on both sides, and something parts them."""
    right, repeated = _from_the_right(grid, names)
    left, begin = Tally(grid.confirmed), 0
    for at, (column, name) in enumerate(names):
        if left.hits >= 2 and right[at] >= 2:
            gap = column - 1 in empty
            if name == names[0][1]:
                parted = gap or repeated[at] >= begin
            else:
                parted = gap and right[at] >= 3 and left.hits + right[at] > right[begin]
            if parted:
                left, begin = Tally(grid.confirmed), at
                yield column
        left.add(name)


def _from_the_right(grid: Grid, names: list[tuple[int, str]]) -> tuple[list[int], list[int]]:
    """For each heading, of it and those behind it: how many columns they name, and from where on each stands before too."""
    tally = Tally(grid.confirmed)
    last: dict[str, int] = {}
    hits, repeated = [0] * len(names), [-1] * len(names)
    for at, (_, name) in enumerate(names):
        repeated[at] = last.get(name, -1)
        last[name] = at
    least = len(names)
    for at in range(len(names) - 1, -1, -1):
        tally.add(names[at][1])
        hits[at] = tally.hits
        least = repeated[at] = min(repeated[at], least)
    return hits, repeated
