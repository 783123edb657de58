"""Where tables are on a sheet (找表): their headers, what stands above them, and what may stand below their records."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, zip_longest

from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.grid import Grid, block_around, lines_of
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import clean, normalise

_LOOKS = wording.ROWS


def closes(raw: Raw) -> bool:
    """Whether a text belongs below the records of a table: a total, a signature or a note."""
    text = wording.label(raw)
    return bool(text) and any(_LOOKS[name].match(text) for name in ("total", "signature", "note"))


def says_how(cells: Sequence[Raw]) -> bool:
    """Whether most of what a row holds says how to fill in the columns, and nothing is a value."""
    filled = [wording.label(raw) for raw in cells if raw is not None]
    hints = sum(bool(_LOOKS["hint"].fullmatch(word)) for word in filled)
    return hints > 1 and hints * 3 >= len(filled) * 2


def group_name(text: str) -> str:
    """政治建设方面 from 一、政治建设方面（3项）."""
    return _LOOKS["counted"].sub("", _LOOKS["numbered"].sub("", wording.label(text))).strip()


FORM_REASON = "像是填写一个人或一件事的表单（标签和内容相间），不是一行一条的台账"
_PAIR = re.compile(r"([^\s::;；,，。]{2,9})\s*[::]\s*(.*?)(?=\s+[^\s::]{2,9}\s*[::]|[;；\n]|$)")
#: 党支部：心内科党支部　　2026年度: what stands far behind a value is none of it.
_YEAR_BEHIND = re.compile(r"\s{2,}(?:19|20)\d\d年\S*$")
_MOST_CUTS = 20  # no sheet has more tables side by side
_FIRST_ROWS = 20  # the first header stands within so many filled rows


@dataclass(slots=True)
class Table:
    """One table: its header, its columns, and the rows in which its records may stand (`first` to `last`)."""

    grid: Grid
    header: range
    headings: list[wording.Heading]
    left: int
    right: int
    first: int
    last: int
    preamble: list[list[str]] = field(default_factory=list)  # the rows above it that say what it is, as text
    repeats: set[int] = field(default_factory=set)  # rows further down that repeat the header
    alone: bool = False
    #: Columns that stand in the head of the sheet instead (时间：…, 主题：…), beyond the last one -> their value.
    head: dict[int, str] = field(default_factory=dict)
    form: str = ""  # what is said of what was a form or a register of ticks
    unread: str = ""  # why a register of ticks cannot be read
    head_of_sheet: list[list[str]] = field(default_factory=list)  # the rows above the first table

    @property
    def titles(self) -> list[str]:
        return [text for line in self.preamble for text in line]


def find_tables(grid: Grid) -> tuple[list[Table], str]:
    """The tables of a sheet from the top; where there is none, the reason."""
    headers, form = _headers(grid)
    if not headers:
        labels = (grid.labels(number).values() for number in range(1, min(len(grid.rows), _FIRST_ROWS) + 1))
        known = [word for words in labels for word in words if wording.known(word, strict=True)]
        lone = f"只认得“{''.join(known)}”一栏，看不出是哪一种台账；是的话请用 --ledger 和 --map {''.join(known)}=字段名 指定"
        other = lone if len(known) == 1 else "没有找到表头（前 20 行里没有一行像台账的栏目名称）"
        return [], FORM_REASON if form else other
    tables: list[Table] = []
    above = 1
    for (block, repeats), further in zip_longest(headers, headers[1:]):
        begin = _preamble_start(grid, block[-1] + 1, further[0][0]) if further else len(grid.rows) + 1
        preamble = [_texts(grid, number) for number in range(above, block[0])]
        rows = grid.rows[block[-1] : begin - 1]  # a sheet may be 16,384 columns wide for one stray cell
        filled = {column for row in rows for column, raw in enumerate(row) if raw is not None}
        lines = lines_of(grid, block)
        for left, right in _sides(grid, lines, filled):
            columns = [(column, lines[column]) for column in range(left, right + 1)]
            headings = [heading for heading in wording.keyed(columns) if heading.lines or heading.column in filled]
            table = Table(grid, block, headings, left, right, block[-1] + 1, begin - 1, preamble, repeats)
            table.head_of_sheet = tables[0].preamble if tables else []
            _take_head(table)
            tables.append(table)
        above = begin
    tables[0].alone = len(tables) == 1
    return tables, ""


def _take_head(table: Table) -> None:
    """Columns that the head of the sheet holds as label and value: one more column each, the same for every row."""
    named = {heading.lowest for heading in table.headings}
    said = [*reversed(dict(reversed([*labelled(table.preamble)])).items())]
    whole = sum(wording.speaks_of_a_record(word) for word, _ in said) > 1  # then where and by whom are columns too
    for label, value in said:
        word = wording.TABLE["label"].get(label, label)
        if word not in named and (wording.speaks_of_a_record(word) or (whole and wording.known(word, strict=True))):
            at = max(table.grid.width, table.right + 1) + len(table.head)
            table.head[at] = value
            table.headings.append(wording.Heading(at, word, (word,)))


def _headers(grid: Grid) -> tuple[list[tuple[range, set[int]]], bool]:
    """Every header with the rows that repeat it, and whether a form was met."""
    found: list[tuple[range, set[int]]] = []
    watched = set(wording.vocabulary()) | set(grid.confirmed) | set(wording.CLASSES)
    first = [number for number, row in enumerate(grid.rows[:200], start=1) if row][:_FIRST_ROWS]
    most = max((grid.hits(grid.labels(number).values()) for number in first if grid.is_labels(number)), default=0)
    least = min(3, max(2, most))  # three columns must be known where some row has so many, else two will do
    form_row, seen, number = 0, 0, 0
    while number < len(grid.rows):
        number += 1
        row = grid.rows[number - 1]
        if not row or (found and watched.isdisjoint(row)):
            continue
        seen += 1
        if not found and seen > _FIRST_ROWS:
            break
        labels = grid.labels(number)
        heads = map(grid.labels, found[-1][0] if found else ())
        same = ((len(head.items() & labels.items()), max(len(labels), len(head))) for head in heads)
        if any(alike >= 2 and alike * 10 >= size * 7 for alike, size in same):
            found[-1][1].add(number)
            continue
        known = grid.is_labels(number) and grid.hits(labels.values(), bool(found)) >= (3 if found else least)
        signs = len(labels) > 1 and any(wording.words_in(word) == ("人员",) for word in labels.values())
        if signs and not found and not known:  # a list of names to sign, under a head that says what was held and when
            above = [_texts(grid, line) for line in range(1, number)]
            head = {word for word, _ in labelled(above)}
            known = sum(map(wording.speaks_of_a_record, head)) + any("签到" in text for text in chain(*above[:1])) > 1
        if known:
            block = block_around(grid, number)
            if _is_form(grid, block) or (form_row and form_row + 1 == number):
                form_row = number
                continue
            found.append((block, set()))
            watched |= {raw for line in block for raw in grid.row(line) if isinstance(raw, str)}
            number = block[-1]
    return found, form_row > 0


def _is_form(grid: Grid, block: range) -> bool:
    """Labels with values between them: the next row names columns too, and other ones."""
    following = next((n for n in range(block[-1] + 1, min(block[-1] + 4, len(grid.rows)) + 1) if grid.row(n)), 0)
    labels, below = grid.labels(block[-1]), grid.labels(following)
    if any(map(wording.known, set(labels.values()) & set(below.values()))):
        return False
    firsts = [min(labels.items(), default=(0, "")), min(below.items(), default=(0, ""))]
    # A value, or room for one, stands between the labels, which begin in one column.
    apart = max(labels, default=0) - min(labels, default=0) >= len(labels)
    parted = apart or not all(map(wording.known, labels.values()))
    in_one = firsts[0][0] == firsts[1][0] and all(wording.known(word, True) for _, word in firsts)
    return grid.hits(below.values(), strict=True) >= 2 or (parted and in_one)


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
    names = [(column, wording.bare(own[-1])) for column, own in enumerate(lines) if own]
    empty = {column for column, own in enumerate(lines) if not own} - filled
    first = names[0][0] if names else 0
    start = next((column for column in range(first) if column not in empty), first)
    cuts, words, begin = list[int](), [name for _, name in names], 0
    parted = [at for at, (column, name) in enumerate(names) if at and (column - 1 in empty or name == words[0])]
    for at in parted[:_MOST_CUTS]:  # there are headings of a ledger on both sides, and something parts them
        gap, before, behind = names[at][0] - 1 in empty, grid.hits(words[begin:at]), grid.hits(words[at:])
        if words[at] == words[0]:
            cut = gap or {*words[at:]} <= {*words[begin:at]}
        else:
            cut = behind > 2 and before + behind > grid.hits(words[begin:])
        if cut and min(before, behind) >= 2:
            begin = at
            cuts.append(names[at][0])
    for left, right in zip([start, *cuts], [*(cut - 1 for cut in cuts), grid.width - 1], strict=True):
        while right > left and right in empty:
            right -= 1
        while left < right and left in empty:
            left += 1
        yield left, right


def labelled(lines: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Label and value of what a head says: 时间：2026年3月5日　主题：…, within a cell or over two."""
    for text, beside in (pair for line in lines for pair in pairwise([*line, ""])):
        for found in _PAIR.finditer(normalise(clean(text).replace("\u3000", "  "))):
            value = _YEAR_BEHIND.sub("", found[2].strip()) or normalise(beside)
            if value and ":" not in value[:8]:
                yield wording.label(found[1]), value
