"""What speaks for a column of the sheet being a column of the ledger (证据): its heading, and a sample of the values below it."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import ATTENDEES, DAY
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.context import choice_in, surroundings, with_year
from partybuild_cli.sheets.importing.grid import cell_at
from partybuild_cli.sheets.importing.table import Table, says_how
from partybuild_cli.values.day import first_date
from partybuild_cli.values.kind import DateCell, NumberCell, Raw
from partybuild_cli.values.people import mask_phone, name_words, names_everybody
from partybuild_cli.values.text import is_blank, tight

_ROWS = 160  # so many rows are weighed: all of a short table, else spread over it
_LOOKS = {name: re.compile(pattern) for name, pattern in wording.TABLE["values"].items()}
WRAPS = frozenset("='`‘’")  # what such a cell begins with
#: How sure a heading makes it: its own, the first synonym, the least likeness that is considered.
OWN, SYNONYM, LEAST = 1.0, 0.97, 0.5
_FEW = 60  # a text that is longer is no name of what was held
_SAME = 0.8  # from here on a heading says nothing else
_BY_VALUES = 0.62  # what values alone make of a column whose heading says nothing


def unwrapped(raw: Raw) -> Raw:
    """The cell without what keeps a spreadsheet from reading it as a number: ="0551", '0551, `0551."""
    if isinstance(raw, str) and raw[:1] in WRAPS and (found := _LOOKS["wrapped"].fullmatch(raw.strip())):
        return found[1] if found[1] is not None else found[2]
    return raw


def is_of_people(column: Column) -> bool:
    return column.kind.matter in ("member", "rater", "people")


def matter_of(column: Column) -> wording.Matter | None:
    """What the column is about, for words that turn the meaning of a heading."""
    matter = column.kind.matter
    if matter == "branch" or matter == "day":
        return matter
    if is_of_people(column):
        return "people"
    if matter in ("number", "count"):
        return "number"
    return "person" if column.mask is not None or matter == "name" else None


def is_text(column: Column) -> bool:
    return column.kind.matter == "text"


class Samples:
    """The values of a table's columns, on a sample of its rows."""

    def __init__(self, table: Table, roster: Roster) -> None:
        self.table, self.roster = table, roster
        self.around = surroundings(table.preamble, table.grid.sheet.name, table.head_of_sheet)
        self._columns: dict[int, list[Raw]] = {}
        self._shares: dict[tuple[int, int], float | None] = {}
        numbers = range(table.first, table.last + 1)
        coarse = max(1, len(numbers) // (4 * _ROWS))  # of a long table not every row need be looked at
        rows = [table.grid.row(number) for number in numbers[::coarse] if number not in table.repeats]
        own = ((row, row[table.left : table.right + 1]) for row in rows)
        filled = [row for row, cells in own if sum(raw is not None for raw in cells) > 1 and not says_how(cells)]
        self.rows = filled[:: max(1, len(filled) // _ROWS)]

    def values(self, at: int) -> list[Raw]:
        """What the column holds, blanks left out."""
        if at in self.table.head:
            return [self.table.head[at]]
        if at not in self._columns:
            cells = (unwrapped(cell_at(row, at)) for row in self.rows)
            self._columns[at] = [raw for raw in cells if not is_blank(raw)]
        return self._columns[at]

    def text(self, raw: Raw) -> str:
        return _plain(raw)[:10] if isinstance(raw, DateCell) else _plain(raw)

    def share(self, at: int, column: Column) -> float | None:
        """The share of the values that are of the column's kind; None where there is none, or where any text would be."""
        key = (at, id(column))
        if key not in self._shares:
            judge, values = self._judge(column), self.values(at)
            self._shares[key] = sum(map(judge, values)) / len(values) if judge and values else None
        return self._shares[key]

    def _judge(self, column: Column) -> "Callable[[Raw], float] | None":
        """How far one value is of the column's kind, 0 to 1."""
        kind, matter = column.kind, column.kind.matter
        if matter == "branch":
            return self._is_branch
        number = "phone" if column.mask is mask_phone else "staff_no" if column.key == "staff_no" else ""
        if pattern := _LOOKS.get(number):
            return lambda raw: bool(pattern.fullmatch(_plain(raw)))
        if matter in ("member", "rater"):  # 学习: a row of several is one record each
            return lambda raw: self._is_member(raw) or self.names_people(raw)
        if matter == "name":
            return lambda raw: isinstance(raw, str) and bool(_LOOKS["name"].fullmatch(raw.replace("\n", "").strip()))
        if matter == "people":
            return self.names_people
        if kind.links:
            return lambda raw: self._is_branch(raw) or self.names_people(raw)  # 获得者, 责任人 may be a branch
        if matter == "day":
            return lambda raw: _parses(column, with_year(kind, raw, str(self.around.year or 2000)))
        parsed = matter in ("choice", "yes or no", "number", "count", "id")
        return (lambda raw: _parses(column, raw)) if parsed else None

    def _is_branch(self, raw: Raw) -> float:
        name = _plain(raw)
        return 1.0 if name in self.roster.branches else 0.9 * bool(_LOOKS["organisation"].fullmatch(name))

    def _is_member(self, raw: Raw) -> float:
        name = _plain(raw).partition("(")[0]
        known = self.roster.known(name) or (isinstance(raw, str) and self.roster.known(" ".join(raw.split())))
        return 1.0 if known else 0.7 * bool(_LOOKS["name"].fullmatch(name))

    def names_people(self, raw: Raw) -> float:
        """How far a value names people, 0 to 1."""
        if not isinstance(raw, str):
            return 0.0
        words = [] if names_everybody(raw) else self._names_in(raw)
        return 1.0 if not words else sum(self._is_member(word) for word in words) / len(words)

    def _names_in(self, raw: str) -> list[str]:
        """The names of a list as the roster parts it, else its words."""
        with suppress(ValueProblem):
            return [person.name for person in self.roster.people(raw)]
        return [word.partition("(")[0] for word in name_words(raw.replace("（", "("))] or [""]

    def all_are(self, at: int, column: Column) -> bool:
        """Whether every value is of the column's kind; quick to say no."""
        values = self.values(at)
        return bool(values) and all(_parses(column, raw) for raw in values)

    def known_people(self, at: int) -> bool:
        """Whether most values name members of the book."""
        values = self.values(at)
        named = (any(map(self.roster.known, self._names_in(raw))) for raw in values if isinstance(raw, str))
        return sum(named) * 2 > len(values)

    def are_numbers_of(self, at: int, names: int) -> bool:
        """Whether every value is the 工号 of the member whom the other column names."""
        pairs = [(_plain(name), _plain(raw)) for name, raw in self._pairs(names, at) if not is_blank(raw)]
        known = bool(pairs) and all(len(number) > 2 and self.roster.known(f"#{number}") for _, number in pairs)
        with suppress(ValueProblem):
            return known and all(self.roster.member(name, beside=("staff_no", number)) for name, number in pairs)
        return False

    def known_branches(self, at: int) -> bool:
        """Whether every value is a branch of the book, or called like one."""
        values = self.values(at)
        return bool(values) and all("支部" in _plain(raw) and self._is_branch(raw) >= 0.9 for raw in values)

    def contradicts(self, at: int, column: Column) -> bool:
        """Whether the title says a word of the choice that the column does not always say too (活动形式 in a table of 主题党日)."""
        if not (kind := column.kind).words:
            return False
        texts = map(tight, (*self.table.titles, self.table.grid.sheet.name))
        said = next(filter(None, (choice_in(kind, text) for text in texts)), None)
        return said is not None and {kind.meanings.get(_plain(raw)) for raw in self.values(at)} != {said}

    def may_hold(self, at: int, column: Column) -> bool:
        """Whether every value may be the column's: of its kind, or for a text a few words; no reasons why somebody was away."""
        share, values = self.share(at, column), self.values(at)
        for raw in values if column.kind is ATTENDEES else ():
            with suppress(ValueProblem):
                if isinstance(raw, str) and any(person.reason for person in self.roster.people(raw)):
                    return False
        words = self.is_prose(at) and all(len(_plain(raw)) <= _FEW for raw in values)
        return bool(values) and (words if share is None else share == 1)

    def is_prose(self, at: int) -> bool:
        """Whether most values hold words, and are no bare numbers or days."""
        values = self.values(at)
        bare_ones = sum(not isinstance(raw, str) or bool(_LOOKS["not_prose"].fullmatch(raw)) for raw in values)
        return not values or bare_ones * 2 < len(values)

    def counts_or_lists(self, heading: wording.Heading) -> bool:
        """Whether a 编号, or a column without a heading, holds 1, 2, 3 …, and so nobody's 工号; or a column beside the table
        nothing but the words of a drop-down, each once, the first perhaps above."""
        values = [*heading.lines, *map(_plain, self.values(heading.column))]
        if 1 < len(values) == len({*values}) and wording.choice_words().issuperset(values):
            return True
        if heading.lines and wording.bare(heading.lowest) != "编号":
            return False
        cells = (cell_at(row, heading.column) for row in self.table.grid.rows[self.table.first - 1 : self.table.last])
        shown = [str(raw) for raw in cells if raw is not None and (not isinstance(raw, str) or raw.isdecimal())]
        return len(shown) > 1 and all(word == str(number) for number, word in enumerate(shown, 1))

    def follow(self, first: int, then: int) -> bool:
        """Whether most days of the second column are half a year to three years after that of the first (入党, 转正)."""
        pairs = [pair for pair in self._pairs(first, then) if not is_blank(pair[1])]
        later = 0
        for pair in pairs:
            with suppress(ValueProblem):
                item, two = (first_date(day) if (day := DAY.parse(raw)) else None for raw in pair)
                later += bool(item and two and 5 < (two.year - item.year) * 12 + two.month - item.month < 37)
        return later * 2 >= len(pairs)

    def differ(self, number: int, other: int) -> bool:
        """Whether two columns say different things in some row that fills both."""
        return any(_plain(a) != _plain(b) for a, b in self._pairs(number, other) if not is_blank(a) and not is_blank(b))

    def _pairs(self, number: int, other: int) -> list[tuple[Raw, Raw]]:
        return [(cell_at(row, number), cell_at(row, other)) for row in self.rows]


def _plain(raw: Raw) -> str:
    """A cell as a person reads it, without white space."""
    if isinstance(raw, DateCell):
        return raw.day.isoformat()
    try:
        return tight(raw.shown if isinstance(raw, NumberCell) else str(raw))
    except ValueProblem:
        return ""


def _parses(column: Column, raw: Raw) -> float:
    try:
        return float(column.kind.parse(raw) is not None)
    except ValueProblem:
        return 0.0


class Pair(NamedTuple):
    """A column of the sheet and a field: how much speaks for the two being one."""

    place: int
    key: str
    weight: float
    rank: int | None  # 0 our own heading, then the synonyms; None where it is only near, or the values alone speak
    fits: float | None  # the share of the values that are of the field's kind; None where that says nothing


def in_company(
    record: type[Record], heading: wording.Heading, headings: Sequence[wording.Heading], samples: Samples
) -> tuple[wording.Heading, str]:
    """The heading as it is meant in its company, or what its column holds instead of a field; where the company speaks of both
    matters, the values say which it is."""

    def saying(words: Sequence[str]) -> list[int]:
        return [other.column for other in headings if any(word in wording.native(other.lowest) for word in words)]

    if record.months_of and wording.SAYS["of_a_year"].match(heading.lowest):
        return heading, wording.OF_OTHER_TIMES  # 2025年实缴
    name = wording.native(heading.lowest)
    for item in wording.TABLE["company"]:
        word = next((word for word in item["words"] if word in name), None)
        if word is None or item.get("of") not in (None, record.ledger) or saying(item.get("never", ())):
            continue
        plan = wording.turned_by(wording.words_in(name.replace(word, "")), "day")  # 拟接收为预备党员
        first = [at for at in saying(item.get("without", ())) if at != heading.column]
        if saying(item["with"]) and not plan and not any(samples.follow(at, heading.column) for at in first):
            return heading._replace(lines=(item["as"],)) if "as" in item else heading, item.get("means", "")
    return heading, ""


def weigh(record: type[Record], heading: wording.Heading, samples: Samples) -> tuple[list[Pair], str]:
    """The fields that the column may be, and what turns its meaning where it can be none of them."""
    pairs, at = [], heading.column
    heads, turned = _of_heading(record, heading, samples)
    values = samples.values(at)
    by_values = {key for key, (share, _) in heads.items() if share < LEAST}
    for key, column in record.columns.items():
        head, rank = heads[key]
        if key in by_values:  # branches of the book, words of a required choice, ID numbers say so themselves
            telling = column.kind.matter == "id" or (column.required and column.kind.words)
            alone = telling and samples.all_are(at, column) and all(len(_plain(raw)) > 1 for raw in values)
            alone = samples.known_branches(at) if column.kind.matter == "branch" else alone
            head, rank = _BY_VALUES if alone and not turned.get(key) else 0.0, None
        fits = samples.share(at, column) if head else None
        if not head or (rank is None and ((samples.rows and not values) or (fits is not None and fits < 0.5))):
            continue
        if not samples.rows:
            borne = 1.0  # by how much the values bear the heading out
        elif not values:
            borne = 0.75
        elif fits is None:
            prose = key in ("topic", "title", "item", "content") and not samples.is_prose(at)
            elsewhere = column.required or key in ("left_to", "away_to")
            branches = not elsewhere and samples.known_branches(at)  # 责任单位 that names branches is the branch
            borne = 0.5 if prose or branches else 0.97
        else:
            borne = 1.0 if fits >= 0.8 else 0.95 if fits >= 0.5 else 0.7 if fits > 0 else 0.4
        pairs.append(Pair(at, key, head * borne, rank, fits))
    best = max((pair.weight for pair in pairs), default=0.0)
    why = next(filter(None, turned.values()), "")
    return [pair for pair in pairs if pair.weight >= best - 0.12 or pair.key in by_values], "" if pairs else why


def _of_heading(
    record: type[Record], heading: wording.Heading, samples: Samples
) -> tuple[dict[str, tuple[float, int | None]], dict[str, str]]:
    """What the heading says: field -> how sure, and the rank of the synonym; field -> what turns the meaning."""
    none: tuple[float, int | None] = (0.0, None)
    heads, turned = dict.fromkeys(record.columns, none), dict[str, str]()
    names, declared = [wording.native(name) for name in heading.names], wording.declared_words(record.ledger)
    if not names:
        return heads, turned
    meant = [wording.words_of(record.ledger).get(name) for name in (*names, *wording.SENTENCE.get(names[-1], ()))]
    for at, found in enumerate(meant):
        if found and heads[found[0].key] is none:
            rank = found[1]
            sure = (OWN if not rank else SYNONYM - 0.003 * rank) - 0.01 * at
            heads[found[0].key] = (sure, rank) if at < len(names) else (0.8, None)  # 请假: how many or who
    if record.whom and wording.words_in(names[0]) == ("人员",) and heads[record.whom] is none:
        heads[record.whom] = (0.8, None)
    for said in map(wording.words_in, names[:2]):
        for column, wanted, words in declared:
            if words.issubset(said):
                share, means = wording.likeness(said, wanted, matter_of(column))
                if means:
                    turned.setdefault(column.key, means)
                elif share > heads[column.key][0]:
                    heads[column.key] = (share, None)
    if all(found is none for found in heads.values()):
        if record.date and wording.telling(names[0]) == ("日期",) and record.columns[record.date].identity:
            heads[record.date] = (0.7, None)  # 签约时间 of what declares a 开始日期
        elif "日期" not in wording.words_in(names[0]):
            dated = wording.words_in(f"{wording.bare(names[0])}日期")  # 确定发展对象, with days below it
            for column, wanted, _ in declared:
                like = matter_of(column) == "day" and wording.likeness(dated, wanted, "day")[0] >= _SAME
                if like and samples.share(heading.column, column) == 1:
                    heads[column.key] = (_SAME, None)
    return heads, {key: why for key, why in turned.items() if heads[key][0] < LEAST}


def likely(headings: Sequence[str], wanted: Column) -> list[str]:
    """The headings that are like the column's, the likest first."""
    shares = {name: max(wording.alike(name, tight(own)) for own in wanted.headings) for name in headings}
    return sorted((name for name in headings if shares[name]), key=lambda name: -shares[name])
