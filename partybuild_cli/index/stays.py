"""Who belonged where in a quarter (在支部的起止): the stays that every source of the index lays its records to."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.quarter import Quarter, end_of_stay, first_day

#: A member in a branch, by their numbers.
Key = tuple[int, int]

#: Where present members and past stays are found: the member's number, the tables, the first day.
_PRESENT = ("t.id", "member AS t", "coalesce(t.arrived_on, t.joined_on)")
_PAST = ("t.member_id", "stay AS t JOIN member AS m ON m.id = t.member_id", "coalesce(t.arrived_on, m.joined_on)")
#: How many stays one statement names; SQLite binds no more than some 32,000 values.
_AT_ONCE = 500


class Seats(NamedTuple):
    """Some of the stays within a quarter, as a subquery with columns member_id, branch_id, starts, ends (the first day
    outside). `whole` stays cover all of the quarter, so that no day need be laid to them.
    """

    sql: str
    values: tuple[Any, ...]
    whole: bool
    past: bool


class Scope:
    """The quarter that is asked about, and whose stays: of all, of one branch, of one member.

    `seats` are present members of the whole quarter, then those who came or went, then past stays. They stand apart
    because the first are nearly all, and need neither sorting nor comparing of days; the others are looked for once.
    """

    def __init__(
        self, connection: Connection, quarter: Quarter, branch: int | None = None, member: int | None = None
    ) -> None:
        self.quarter = quarter
        self.branch = branch
        self.member = member
        first, last = str(quarter.first), str(quarter.last)
        whole = there = "{starts} <= ? AND {ends} > ?"
        self.seats = [
            Seats(*self._stays(_PRESENT, whole, (first, last)), whole=True, past=False),
            *self._few(connection, _PRESENT, f"{there} AND NOT ({whole})", (last, first, first, last), past=False),
            *self._few(connection, _PAST, there, (last, first), past=True),
        ]

    def _stays(
        self, where_from: tuple[str, str, str], condition: str, values: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        member, source, start = where_from
        starts, ends = f"coalesce({first_day(start)}, '')", end_of_stay("t.left_on")
        conditions = [condition.format(starts=starts, ends=ends)]
        for column, wanted in (("t.branch_id", self.branch), (member, self.member)):
            if wanted is not None:
                conditions.append(f"{column} = ?")
                values += (wanted,)
        sql = (
            f"(SELECT {member} AS member_id, t.branch_id AS branch_id, {starts} AS starts, {ends} AS ends"
            f" FROM {source} WHERE {' AND '.join(conditions)})"
        )
        return sql, values

    def _few(
        self,
        connection: Connection,
        where_from: tuple[str, str, str],
        condition: str,
        values: tuple[Any, ...],
        *,
        past: bool,
    ) -> Iterator[Seats]:
        """Stays that are few, written out: to look for them costs a walk over all members, and every source asks."""
        sql, values = self._stays(where_from, condition, values)
        rows = plain_rows(connection, f"SELECT * FROM {sql} AS s ORDER BY member_id", values)
        for at in range(0, len(rows), _AT_ONCE):
            some = rows[at : at + _AT_ONCE]
            lines = ", ".join(["(?, ?, ?, ?)"] * len(some))
            written = (
                "(SELECT column1 AS member_id, column2 AS branch_id, column3 AS starts, column4 AS ends"
                f" FROM (VALUES {lines}) AS written)"
            )
            yield Seats(written, tuple(value for row in some for value in row), whole=False, past=past)


def plain_rows(connection: Connection, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The rows of a query as the driver gives them: for sets of a hundred thousand, wrapping each would cost most."""
    cursor = connection.exec_driver_sql(sql, values).cursor
    assert cursor is not None
    rows: list[tuple[Any, ...]] = list(cursor.fetchall())
    return rows
