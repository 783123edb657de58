"""A row on its way into the book (在途的一行), in three states: as it was read, as it would be stored, as what is done with it;
and which kept record it means (对上已有的记录).

No state changes the one before. Problems (the row is not written) and warnings (it is) gather from the first to the last.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.dated import Row, Values
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.store.rows import Edit
from partybuild_cli.values.day import agrees
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.text import tight

#: Whose word holds where both sides changed the same.
Prefer = Literal["", "branch", "committee"]
#: Whether the branch's book said so before, under a column.
SaidBefore = Callable[[str, str | None], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem or a warning, at the column that a person sees."""

    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as a person reads it; `since` is the day from which what holds for a time does so."""

    field: str
    before: str
    after: str
    since: str | None = None


@dataclass(slots=True, kw_only=True)
class Noted:
    """What was found wrong with a row, and what a person should look at; each state hands its lists on to the next."""

    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def refuse(self, column: Column | str, value: Any, message: str) -> None:
        """Note a problem; the row will not be written."""
        self.problems.append(_finding(column, str(value), message))

    def warn(self, column: Column | str, value: Any, message: str) -> None:
        """Note what a person should look at; the row is written."""
        self.warnings.append(_finding(column, str(value), message))


def _finding(column: Column | str, text: str, message: str) -> Finding:
    if isinstance(column, str):
        return Finding(column, text, message)
    return Finding(column.heading, column.mask(text) if column.mask and text and not is_masked(text) else text, message)


@dataclass(slots=True)
class ParsedRow(Noted):
    """A row as it was read.

    Attributes:
        row: its number on the sheet, 1 for a command.
        values: parsed values by column key; names where a column points at members or branches.
        extras: columns that the ledger does not know, as typed.
        number: the record that a command edits, or that the sheet says the row came from, if any.
        origin: what the sheet says of the record that the row came from, in exported workbooks.
        numbers: column that names somebody -> which of his numbers stands beside it (staff_no, id_number), and the number.
        joins: the earlier row of the same record to which the people of this one were joined.
        masked: columns whose cell holds a masked value, which stands for the one that is kept.
        asked: the columns of which an edit speaks, the rest being the record as it is; None where the row is all there is.
        erased: columns that are to become blank.
        since: the day from which an edit says that it holds; None for today.
        correct: whether an edit mends what was wrong all along.
        worded: the values in the words of the book that the record comes from, where people are called otherwise here.
        rows: the tables below the record as another book has them, where the row is a record of one: nothing is judged anew.
        joined: the tables below the record as this book and another make them together.
        settled: whether the record is known to say already what the row says.
    """

    row: int
    values: Values = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    origin: Origin | None = None
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    joins: "ParsedRow | None" = None
    masked: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None
    erased: frozenset[str] = frozenset()
    since: str | None = None
    correct: bool = False
    worded: Values | None = None
    rows: dict[str, list[Row]] | None = None
    joined: dict[str, list[Row]] | None = None
    settled: bool = False

    def copy(self) -> "ParsedRow":
        """One of the same, for a step that leaves some of it out."""
        came = None if self.origin is None else replace(self.origin)
        rows = None if self.rows is None else dict(self.rows)
        copied = replace(self, values=dict(self.values), extras=dict(self.extras), origin=came, rows=rows)
        copied.problems, copied.warnings = [*self.problems], [*self.warnings]
        return copied

    def planned(self, outcome: str = "", joins: "PlannedRow | None" = None) -> "PlannedRow":
        """The row before anything is planned with it, or where nothing is."""
        row = ResolvedRow(self, self.values)
        return PlannedRow(row, outcome=outcome, joins=joins, problems=self.problems, warnings=self.warnings)


@dataclass(slots=True)
class ResolvedRow(Noted):
    """A row whose people and organisations were found.

    Attributes:
        values: the parsed values, with those that context or the rows below say.
        stored: values by SQL column.
        below: rows for child tables, by table; a table that is absent is left as it is.
        below_if_bare: the same, for a record that has no rows in the first of its tables: what a row says that takes nothing away.
    """

    parsed: ParsedRow
    values: Values
    stored: Values = field(default_factory=dict)
    below: dict[str, list[Row]] = field(default_factory=dict)
    below_if_bare: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def number(self) -> int | None:
        """The record that the row is known to be about."""
        return self.parsed.number

    @property
    def alone(self) -> bool:
        """Whether the row is all there is, and no edit of a record."""
        return self.parsed.asked is None

    def carries(self, *columns: str) -> bool:
        """Whether the row says of these columns only what the record says already."""
        return self.parsed.asked is not None and self.parsed.asked.isdisjoint(columns)

    def say(self, key: str, value: str) -> None:
        """Let the row say something else than was read, in a column that is stored as it is."""
        self.values = {**self.values, key: value}
        self.stored[key] = value


@dataclass(slots=True)
class PlannedRow(Noted):
    """A row and what is done with it.

    Attributes:
        resolved: the row as it would be stored.
        outcome: added, changed, unchanged; empty where it has a problem.
        number: the record's, once there is one.
        new: the record that is added, with the rows below it.
        edit: what is changed in the record, if anything; `changes` tells a person.
        joins: the row of the same record that is planned for both.
    """

    resolved: ResolvedRow
    outcome: str = ""
    number: int | None = None
    new: Values | None = None
    edit: Edit | None = None
    changes: Sequence[FieldChange] = ()
    joins: "PlannedRow | None" = None

    @property
    def parsed(self) -> ParsedRow:
        """The row as it was read."""
        return self.resolved.parsed

    @property
    def row(self) -> int:
        """Its number on the sheet."""
        return self.parsed.row

    @property
    def values(self) -> Values:
        """What it says, by column key."""
        return self.resolved.values

    @property
    def extras(self) -> dict[str, str]:
        """Columns that the ledger does not know."""
        return self.parsed.extras


class Matcher:
    """Finds the kept record, or the earlier row of the same sheet, that a row means: never by a name alone, never by chance."""

    def __init__(self, columns: Iterable[Column], rows: Mapping[int, Values]) -> None:
        self._plain: list[str] = []
        self._days: list[str] = []
        for column in columns:
            (self._days if column.kind.vague else self._plain).extend(column.parts)
        self._rows: dict[int, Values] = dict(rows)
        self._index: dict[str, dict[Hashable, list[int]]] = {}

    def find(self, row: ResolvedRow) -> int | None:
        """The number that the row means, None where it is new; a clash becomes a problem of the row."""
        if row.number in self._rows:
            return row.number
        found = self.alike(row.stored)
        if len(found) > 1:
            names = "、".join(map(str, found[:5]))
            message = f"与 {len(found)} 条已有记录（编号 {names}）都相符，不能确定是哪一条，请补全日期或工号"
            row.refuse("", "", message)
        return found[0] if found else None

    def remember(self, number: int, row: Values) -> None:
        """Let later rows of the sheet meet this one."""
        self._rows[number] = row
        for kind, index in self._index.items():
            if (key := self.kept_key(kind, row)) is not None:
                index.setdefault(key, []).append(number)

    def keys(self, row: Values) -> Iterator[tuple[str, Hashable | None]]:
        """The kinds of key under which a row is looked for, the strongest first, and its own of each."""
        yield "", self.kept_key("", row)

    def kept_key(self, kind: str, row: Values) -> Hashable | None:
        """The key of a kind under which a row is found; None where it has none."""
        return tuple(tight(one) if isinstance(one, str) else one for one in map(row.get, self._plain))

    def fits(self, row: Values, other: Values) -> bool:
        """Whether two rows of one key may be the same record: no day of the identity contradicts."""
        return all(
            row.get(part) is None or other.get(part) is None or agrees(row[part], other[part]) for part in self._days
        )

    def under(self, kind: str, key: Hashable | None) -> Sequence[int]:
        """The records that have a key, none where there is none; who has one is gathered when a kind is first asked for."""
        if key is None:
            return ()
        index = self._index.get(kind)
        if index is None:
            index = self._index[kind] = {}
            for number, row in self._rows.items():
                if (own := self.kept_key(kind, row)) is not None:
                    index.setdefault(own, []).append(number)
        return index.get(key, ())

    def alike(self, row: Values) -> list[int]:
        """The records that a row may mean; none where it is new."""
        for kind, key in self.keys(row):
            found = [number for number in self.under(kind, key) if self.fits(row, self._rows[number])]
            if len(found) > 1:
                exact = [n for n in found if all(row.get(part) == self._rows[n].get(part) for part in self._days)]
                found = list(dict.fromkeys(exact or found))
            if found:
                return found
        return []

    def twins(self, row: Values) -> list[int]:
        """The records, the row itself among them, that cannot stand beside it."""
        return self.alike(row)

    def bearer(self, row: ResolvedRow, column: Column) -> int | None:
        """Another kept record that is known by what the row says under a column, if there is one."""
        return next((n for n in self.alike(row.stored) if n != row.number and n > 0), None)


Mode = Literal["update", "add_only", "fill_blank"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a row meets the record that it means (更新方式).

    Attributes:
        mode: `update` overwrites what differs; `add_only` leaves kept records alone; `fill_blank` fills only blanks.
        erase_blank: a blank cell of a column that the sheet has erases the kept value.
        columns: the columns that the sheet has (for `erase_blank`).
        as_typed: a coarser day replaces a finer one, because a person typed it about this record.
    """

    mode: Mode = "update"
    erase_blank: bool = False
    columns: frozenset[str] = frozenset()
    as_typed: bool = False


def outcome_counts(rows: Iterable[PlannedRow]) -> dict[str, int]:
    """How many rows were read, added, changed, unchanged, and had a problem."""
    found = Counter("problem" if row.problems else row.outcome for row in rows)
    return {"read": found.total()} | {name: found[name] for name in ("added", "changed", "unchanged", "problem")}
