"""Where a measure finds its records (数据来源), and what it takes of each: one declaration for the figure and for the
records behind it, so that the two can never disagree.

A source is the FROM and WHERE of a query over `s`, the stays of the quarter, and `t`, the ledger. A part adds its
condition and its amounts. Parts of one source are summed in one pass over the ledger.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.entrants import Key, Scope, Seats, plain_rows, seats
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rules import Measured
from partybuild_cli.index.scheme import Option

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

    `unit` is that of amounts with a `scale`. A part of one `month` (0, 1, 2) may say that the month has no record
    (`missing`), `if_kept` only where the branch kept the register of it. The records of a `silent` part are not named.
    """

    source: Source
    where: str = "1 = 1"
    values: tuple[Any, ...] = ()
    done: str = "1"
    due: str = "0"
    word: str = ""
    scale: int = 1
    unit: str = ""
    month: int | None = None
    missing: str = ""
    if_kept: bool = False
    silent: bool = False


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


def sums_of(connection: Connection, scope: Scope, source: Source, parts: Sequence[Part]) -> dict[Key, tuple[int, ...]]:
    """For every member with a record in the source: done and due of each part, in one pass."""
    columns = ", ".join(f"{_sum(part.where, part.done)}, {_sum(part.where, part.due)}" for part in parts) or "1"
    values = tuple(value for part in parts for value in (*part.values, *(() if part.due == "0" else part.values)))
    found: dict[Key, tuple[int, ...]] = {}
    for seat in seats(scope):
        sql = source.of(seat, f"s.member_id, s.branch_id, {columns}", " GROUP BY s.member_id, s.branch_id")
        rows = plain_rows(connection, sql, (*values, *seat.values, *source.values))
        if seat.whole:
            found = {row[:2]: row[2:] for row in rows}
            continue
        for row in rows:  # whoever left and came back has two stays in one branch
            before = found.get(row[:2])
            found[row[:2]] = row[2:] if before is None else tuple(map(sum, zip(before, row[2:], strict=True)))
    return found


def _sum(where: str, amount: str) -> str:
    if amount == "0":
        return "0"
    return f"sum(CASE WHEN {where} THEN {amount} ELSE 0 END)"


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
        f" {part.done}, {part.due}"
    )
    for seat in seats(scope):
        sql = source.of(seat, columns, f" AND {part.where}")
        found += [
            Evidence(*row) for row in connection.exec_driver_sql(sql, (*seat.values, *source.values, *part.values))
        ]
    return sorted(found, key=lambda one: (one.day or "", one.number))
