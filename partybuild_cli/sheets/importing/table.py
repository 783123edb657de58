"""Where tables are on a sheet (找表), and what the rows below a header are (行的类别): records, totals, signatures, notes, groups.

The words of a row that is none are looked for in its first filled cell. A row that fills its required columns is a record
whatever its first word, so that a member called 合… or a task that begins with 总 is not lost.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.context import Surroundings, surroundings
from partybuild_cli.sheets.importing.grid import Grid, Labels, block_around, lines_of
from partybuild_cli.sheets.importing.wording import Heading
from partybuild_cli.sheets.reading import Merge
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import clean, is_blank, normalise

_LOOKS, _ZEROS = wording.ROWS, (0, "0", "0.0", "0.00")
RECORD, TOTAL, SUBTOTAL, SIGNATURE, NOTE, GROUP, EXAMPLE = (
    "",
    "合计行",
    "小计行",
    "签名行",
    "说明行",
    "分组行",
    "示例行",
)
HEADER, TITLE, TAIL, HINT = "重复的表头", "重复的标题", "表尾的其他内容", "填写说明行"
SERIAL, ZEROS, UNANSWERED = "只有序号，没有内容", "只有 0，没有内容", "没有填写"


@dataclass(slots=True)
class RowKinds:
    """Tells records from other rows of one table.

    Attributes:
        required, passive: places of columns that a record must fill, and of those that say nothing by themselves (serial
            numbers, what is worked out).
        repeats, titles: rows that repeat the header; texts above it, which a second page may repeat.
        answer: the place of the column that a form leaves to be filled in, if any.
        ended: a signature or a note has stood below records; what follows and is no whole record is no record.
    """

    required: Sequence[int]
    passive: Collection[int]
    repeats: Collection[int]
    titles: Collection[str]
    answer: int | None = None
    begun: bool = False
    ended: bool = False

    def kind(self, number: int, filled: Sequence[tuple[int, Raw]], inherited: Collection[int], wide: bool) -> str:
        """Why the row is no record; empty where it is one.

        `filled` are its own cells that hold something, `inherited` the columns that a merged cell above fills, `wide`
        says that its first cell is merged over several columns.
        """
        if number in self.repeats:
            return HEADER
        if filled[0][1] in self.titles:
            return TITLE
        kind = self._kind(filled, inherited, wide)
        if kind in (SIGNATURE, NOTE):
            self.ended = self.begun
        elif not kind:
            self.begun, self.ended = True, False
        return kind

    def _kind(self, filled: Sequence[tuple[int, Raw]], inherited: Collection[int], wide: bool) -> str:
        first, text = filled[0][0], wording.label(filled[0][1])
        telling = [(column, raw) for column, raw in filled if column not in self.passive] if self.passive else filled
        told = text if telling[:1] == filled[:1] else wording.label(telling[0][1]) if telling else ""
        if text and _LOOKS["example"].fullmatch(text) and (first in self.passive or len(text) > 3):
            return EXAMPLE
        if not self.begun and says_how([raw for _, raw in filled]):
            return HINT
        if telling and not inherited and all(raw is not False and raw in _ZEROS for _, raw in telling):
            return ZEROS
        if any(map(_LOOKS["only_total"].fullmatch, {text, told})):
            return SUBTOTAL if "小计" in text else TOTAL
        if len(filled) == 1 and len(text) > 12 and _LOOKS["note"].match(text):
            return NOTE
        held = dict(filled)
        lacking = [place for place in self.required if place not in inherited and is_blank(held.get(place))]
        if self.required and not lacking:
            return SIGNATURE if ":" in text and _LOOKS["signature"].match(text) else RECORD
        apart = wide or first in self.passive or bool(_LOOKS["branch"].fullmatch(text))
        kind = _kind_of(text, len(filled), apart) if text else RECORD
        if kind or not telling:
            return kind or SERIAL
        if lacking == [self.answer]:
            return UNANSWERED  # a row of a form that names somebody and got no answer (没有填写得分)
        return TAIL if self.ended else RECORD


def closes(raw: Raw) -> bool:
    """Whether a text belongs below the records of a table: a total, a signature or a note."""
    text = wording.label(raw)
    return bool(text) and any(_LOOKS[name].match(text) for name in ("total", "signature", "note"))


def _kind_of(text: str, cells: int, apart: bool) -> str:
    """What the first text of an incomplete row makes of it; `apart`: it stands in no column of a record."""
    for name, kind in (("signature", SIGNATURE), ("note", NOTE), ("total", SUBTOTAL if "小计" in text else TOTAL)):
        if _LOOKS[name].match(text):
            return kind
    if _LOOKS["numbered"].match(text) and cells <= 2:
        return NOTE if cells == 1 and _LOOKS["several_items"].search(text) else GROUP
    if cells == 1 and apart:
        return NOTE if _LOOKS["prose"].search(text) else GROUP
    return RECORD


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
#: No sheet has more tables side by side.
_MOST_CUTS = 20
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
    header: range
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
    def around(self) -> Surroundings:
        """What stands around it."""
        return surroundings(self.preamble, self.grid.sheet.name, self.head_of_sheet)

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
        return Merge(self.header[0], self.left + 1, self.last, self.right + 1).area


def find_tables(grid: Grid) -> tuple[list[Table], str]:
    """The tables of a sheet from the top; where there is none, the reason."""
    headers, form = _headers(grid)
    if not headers:
        return [], FORM_REASON if form else "没有找到表头（前 20 行里没有一行像台账的栏目名称）"
    tables: list[Table] = []
    above = 1
    for place, (block, repeats) in enumerate(headers):
        following = headers[place + 1][0][0] if place + 1 < len(headers) else len(grid.rows) + 1
        begin = _preamble_start(grid, block[-1] + 1, following) if place + 1 < len(headers) else following
        preamble = [_texts(grid, number) for number in range(above, block[0])]
        rows = grid.rows[block[-1] : begin - 1]  # a sheet may be 16,384 columns wide for one stray cell
        filled = {column for row in rows for column, raw in enumerate(row) if raw is not None}
        lines = lines_of(grid, block)
        for left, right in _sides(grid, lines, filled):
            columns = [(column, lines[column]) for column in range(left, right + 1)]
            headings = [one for one in wording.keyed(columns) if one.lines or one.column in filled]
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
    said = dict(reversed([*labelled(table.preamble)]))
    whole = sum(map(wording.speaks_of_a_record, said)) > 1  # it says what was held and when: then where and by whom too
    for label, value in reversed(said.items()):
        word = wording.TABLE["label"].get(label, label)
        if word not in named and (wording.speaks_of_a_record(word) or (whole and wording.known(word, strict=True))):
            place = max(table.grid.width, table.right + 1) + len(table.head)
            table.head[place] = value
            table.headings.append(Heading(place, word, (word,)))
            named.add(word)


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
        elif (grid.is_labels(number) and grid.hits(labels.values(), bool(found)) >= (3 if found else least)) or (
            not found and _signs(grid, number, labels)
        ):
            block = block_around(grid, number)
            if _is_form(grid, block) or (form_row and form_row + 1 == number):
                form_row = number
                continue
            found.append((block, set()))
            watched |= {raw for line in block for raw in grid.row(line) if isinstance(raw, str)}
            number = block[-1]
    return found, form_row > 0


def _signs(grid: Grid, number: int, labels: Labels) -> bool:
    """Whether the row heads a list of names to sign, under a head that says what was held and when."""
    if len(labels) < 2 or not any(wording.words_in(word) == ("人员",) for word in labels.values()):
        return False
    above = [_texts(grid, line) for line in range(1, number)]
    to_sign = any("签到" in text for line in above[:1] for text in line)
    return sum(wording.speaks_of_a_record(word) for word in {word for word, _ in labelled(above)}) + to_sign > 1


def _is_form(grid: Grid, block: range) -> bool:
    """Labels with values between them: the next row names columns too, and other ones."""
    following = next((n for n in range(block[-1] + 1, min(block[-1] + 4, len(grid.rows)) + 1) if grid.row(n)), 0)
    labels, below = grid.labels(block[-1]), grid.labels(following)
    if any(map(wording.known, set(labels.values()) & set(below.values()))):
        return False
    first, under = min(labels.items(), default=(0, "")), min(below.items(), default=(0, ""))
    apart = max(labels, default=0) - min(labels, default=0) >= len(labels)
    parted = apart or any(
        not wording.known(word) for word in labels.values()
    )  # a value, or room for one, between the labels
    column_of_labels = (
        parted and first[0] == under[0] and bool(wording.known(first[1], True)) and bool(wording.known(under[1], True))
    )
    return grid.hits(below.values(), strict=True) >= 2 or column_of_labels


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
    words, begin = [name for _, name in names], 0
    parted = [at for at, (column, name) in enumerate(names) if at and (column - 1 in empty or name == words[0])]
    for at in parted[:_MOST_CUTS]:
        gap, left, right = names[at][0] - 1 in empty, grid.hits(words[begin:at]), grid.hits(words[at:])
        if words[at] == words[0]:
            cut = gap or {*words[at:]} <= {*words[begin:at]}
        else:
            cut = right > 2 and left + right > grid.hits(words[begin:])
        if cut and min(left, right) >= 2:
            begin = at
            yield names[at][0]


def labelled(lines: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Label and value of what a head says: 时间：2026年3月5日　主题：…, within a cell or over two."""
    for line in lines:
        for place, text in enumerate(line):
            plain = normalise(clean(text).replace("\u3000", "  "))
            for found in _PAIR.finditer(plain):
                value = _YEAR_BEHIND.sub("", found[2].strip()) or (
                    "" if place + 1 == len(line) else normalise(line[place + 1])
                )
                if value and ":" not in value[:8].replace("：", ":"):
                    yield wording.label(found[1]), value
