"""Where a measure finds its records (数据来源), and what it takes of each: one declaration for the figure and for the
records behind it, so that the two can never disagree.

A source is the FROM and WHERE of a query over `s`, the stays of the quarter, and `t`, the ledger. A part adds its
condition and its amounts. Parts of one source are summed in one pass over the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rules import Measured
from partybuild_cli.index.scheme import Option
from partybuild_cli.index.stays import Key, Scope, Seats, plain_rows

#: Hours and points are kept as whole ten-thousandths.
SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """Records of one ledger within the quarter, laid to the members' stays.

    `joins` follows `FROM stays AS s` and ends in its WHERE; where it says {stay} the record's day, `keyed` by its
    column, must fall into the stay. `day`, `title` and `note` are SQL for what an explanation names of a record.
    The great ledgers are joined by CROSS JOIN: it keeps the order, members first, so that nothing need be sorted.
    """

    ledger: str
    joins: str
    values: tuple[Any, ...]
    keyed: str
    day: str
    title: str
    note: str = "NULL"

    def of(self, seat: Seats, columns: str, more: str = "") -> str:
        """The query for some columns over some stays."""
        day = self.keyed
        stay = "1 = 1" if seat.whole else f"{day} >= s.starts AND {day} < s.ends"
        return f"SELECT {columns} FROM {seat.sql} AS s {self.joins.replace('{stay}', stay)}{more}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a measure takes of a source: the records that meet `where`, what each counts, and under which word.

    Of those, the ones that meet `met` count `done`, and the ones that meet `owed` were due. `unit` is that of amounts with a `scale`. A part of one `month` (0, 1, 2) may say that the month has no record
    (`missing`), `if_kept` only where the branch kept the register of it. The records of a `silent` part are not named,
    and a part that only `names` records adds nothing to the figure.
    """

    source: Source
    where: str = "1 = 1"
    values: tuple[Any, ...] = ()
    done: str = "1"
    met: str = ""
    owed: str = ""
    word: str = ""
    scale: int = 1
    unit: str = ""
    month: int | None = None
    missing: str = ""
    if_kept: bool = False
    silent: bool = False
    names: bool = False


class Sum(NamedTuple):
    """What a part adds up to for one member."""

    done: int
    due: int


class Standing(NamedTuple):
    """What a figure depends on besides the records: the months that were the member's, those kept by the branch."""

    due_months: tuple[int, ...]
    kept_months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A measure with its settings, ready to be asked (测算方案).

    `sources` are those whose records show that the branch keeps the ledger; without any of them in the branch the
    measure has no data. `finish` makes the figure of a member from the sums of his parts.
    """

    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    finish: Callable[[tuple[Sum, ...], Standing], Measured]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an indicator, bonus or deduction item asks of a measure.

    `words` are those that it prices, `ranges` those whose points the committee grants; `self_verified` are the tasks
    that somebody verified who was responsible himself.
    """

    quarter: Quarter
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    self_verified: tuple[int, ...] = ()


def within(column: str) -> str:
    """SQL: the day lies between two bounds that are bound, and within the stay."""
    return f"{column} >= ? AND {column} < ? AND {{stay}}"


def like_any(column: str, count: int) -> str:
    """SQL: the column is like one of so many patterns that are bound; like none where there are none."""
    return " OR ".join([f"coalesce({column}, '') LIKE ?"] * count) or "1 = 0"


def one_of(column: str, words: Sequence[str]) -> str:
    """SQL: the column holds one of some words that are bound."""
    return f"{column} IN ({', '.join('?' * len(words))})"


class Sums:
    """What the records of a source add up to, member by member: each distinct row once, under a number.

    To have the same number is to have the same sums, so that what follows from them is worked out once.
    """

    def __init__(self) -> None:
        self.numbers: dict[Key, int] = {}
        self.distinct: list[tuple[int, ...]] = [()]
        self._known: dict[tuple[int, ...], int] = {(): 0}

    def put(self, key: Key, row: tuple[int, ...]) -> None:
        """Add the sums of one stay; whoever left and came back has two in one branch."""
        if key in self.numbers:
            row = tuple(map(sum, zip(self.distinct[self.numbers[key]], row, strict=True)))
        self.numbers[key] = self._number(row)

    def put_all(self, rows: Iterable[tuple[int, ...]]) -> None:
        """Add rows of member, branch and sums, of which none is there yet."""
        number = self._number
        self.numbers = {(row[0], row[1]): number(row[2:]) for row in rows}

    def items(self) -> Iterator[tuple[Key, tuple[int, ...]]]:
        """Every member with his row."""
        return ((key, self.distinct[number]) for key, number in self.numbers.items())

    def _number(self, row: tuple[int, ...]) -> int:
        number = self._known.get(row)
        if number is None:
            number = self._known[row] = len(self.distinct)
            self.distinct.append(row)
        return number


class Place(NamedTuple):
    """Where a part's sums stand in the rows of its source; None where it has none."""

    done: int | None
    due: int | None

    def of(self, row: tuple[int, ...]) -> Sum:
        """The part's sums in one row; an empty row is of a member without records."""
        return Sum(
            row[self.done] if row and self.done is not None else 0, row[self.due] if row and self.due is not None else 0
        )


class Columns:
    """The sums to ask of one source for some parts, each distinct one once."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._known: dict[tuple[str, tuple[Any, ...]], int] = {}
        self.places = {part: Place(*self._places(part)) for part in parts}

    @property
    def sql(self) -> str:
        """The columns of the query."""
        return ", ".join(sql for sql, _ in self._known) or "1"

    @property
    def values(self) -> tuple[Any, ...]:
        """What is bound in them, in their order."""
        return tuple(value for _, values in self._known for value in values)

    def _places(self, part: Part) -> tuple[int | None, int | None]:
        if part.names:
            return None, None
        done = self._put(part, part.done, part.met)
        return done, self._put(part, "1", part.owed) if part.owed else None

    def _put(self, part: Part, amount: str, condition: str) -> int:
        where = f"{part.where} AND ({condition})" if condition else part.where
        summed = "count(*)" if amount == "1" else f"sum({amount})"
        return self._known.setdefault((f"coalesce({summed} FILTER (WHERE {where}), 0)", part.values), len(self._known))


def sums_of(connection: Connection, scope: Scope, source: Source, columns: Columns) -> Sums:
    """For every member with a record in the source: all sums that are asked, in one pass."""
    found = Sums()
    for seat in scope.seats:
        sql = source.of(seat, f"s.member_id, s.branch_id, {columns.sql}", " GROUP BY s.member_id, s.branch_id")
        rows = plain_rows(connection, sql, (*columns.values, *seat.values, *source.values))
        if seat.whole:
            found.put_all(rows)
        else:
            for row in rows:
                found.put((row[0], row[1]), row[2:])
    return found


class Evidence(NamedTuple):
    """One record behind a figure (佐证): ledger, number, day and title, and what it counted."""

    member: int
    branch: int
    ledger: str
    number: int
    day: str
    title: str
    note: str | None
    done: int
    due: int


def evidence_of(connection: Connection, scope: Scope, part: Part) -> list[Evidence]:
    """The records that a part counted, in the order of their days."""
    source, found = part.source, []
    columns = (
        f"s.member_id, s.branch_id, '{source.ledger}', t.id, {source.day}, {source.title}, {source.note},"
        f" {_amount(part.done, part.met)}, {_amount('1', part.owed) if part.owed else 0}"
    )
    for seat in scope.seats:
        sql = source.of(seat, columns, f" AND {part.where}")
        found += [
            Evidence(*row) for row in connection.exec_driver_sql(sql, (*seat.values, *source.values, *part.values))
        ]
    return sorted(found, key=lambda one: (one.day or "", one.number))


def _amount(amount: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN {amount} ELSE 0 END" if condition else amount
