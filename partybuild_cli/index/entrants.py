"""Who is scored in a quarter, and in which branch (参评人): each member for the part of it that he belonged there.

A member who moved between two branches of the book within the quarter stands in both, each with his part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.quarter import Quarter, end_of_stay, first_day
from partybuild_cli.values.day import last_date
from partybuild_cli.values.text import tight

ONE = Fraction(1)
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A member in one branch in one quarter.

    `due_months` holds the places (0, 1, 2) of the months at whose end he belonged there: what falls due monthly was
    his duty there. `unscored` says why he is listed without a score; empty where he has one.
    """

    member: int
    branch: int
    name: str
    staff_no: str | None
    category: str
    staff_kind: str | None
    party_post: str | None
    group: str | None
    department: str | None
    unscored: str
    days: int
    presence: Fraction
    due_months: tuple[int, ...]
    stayed: bool

    @property
    def key(self) -> Key:
        return self.member, self.branch


@dataclass(frozen=True, slots=True)
class Scope:
    """The quarter that is asked about; None leaves branch or member open."""

    quarter: Quarter
    branch: int | None = None
    member: int | None = None


class Seats(NamedTuple):
    """Some of the stays within a quarter, as a subquery with columns member_id, branch_id, starts, ends (the first day
    outside). `whole` stays cover all of the quarter, so that no day need be laid to them.
    """

    sql: str
    values: tuple[Any, ...]
    whole: bool


def seats(scope: Scope) -> list[Seats]:
    """Who belonged where: present members of the whole quarter, then those who came or went, then past stays.

    They stand apart because the first are nearly all, and need neither sorting nor comparing of days.
    """
    present = ("t.id", "member AS t", "coalesce(t.arrived_on, t.joined_on)")
    past = ("t.member_id", "stay AS t JOIN member AS m ON m.id = t.member_id", "coalesce(t.arrived_on, m.joined_on)")
    first, last = str(scope.quarter.first), str(scope.quarter.last)
    whole, there = "{starts} <= ? AND {ends} > ?", "{starts} <= ? AND {ends} > ?"
    return [
        _seats(scope, *present, whole, (first, last), True),
        _seats(scope, *present, f"{there} AND NOT ({whole})", (last, first, first, last), False),
        _seats(scope, *past, there, (last, first), False),
    ]


def _seats(
    scope: Scope, member: str, source: str, start: str, condition: str, values: tuple[Any, ...], whole: bool
) -> Seats:
    starts, ends = f"coalesce({first_day(start)}, '')", end_of_stay("t.left_on")
    conditions = [condition.format(starts=starts, ends=ends)]
    for column, wanted in (("t.branch_id", scope.branch), (member, scope.member)):
        if wanted is not None:
            conditions.append(f"{column} = ?")
            values += (wanted,)
    sql = (
        f"(SELECT {member} AS member_id, t.branch_id AS branch_id, {starts} AS starts, {ends} AS ends"
        f" FROM {source} WHERE {' AND '.join(conditions)})"
    )
    return Seats(sql, values, whole)


def load_entrants(connection: Connection, scope: Scope) -> list[Entrant]:
    """Everybody who belonged to a branch on any day of the quarter, by branch and in the order of the roster."""
    spans: dict[Key, list[tuple[str, str]]] = {}
    people: dict[Key, Any] = {}
    for seat in seats(scope):
        sql = (
            "SELECT s.member_id, s.branch_id, s.starts, s.ends, m.name, m.staff_no, m.category, m.staff_kind,"
            ' m.party_post, m."group", m.department, m.standing, m.exempt_reason'
            f" FROM {seat.sql} AS s JOIN member AS m ON m.id = s.member_id"
        )
        for member, branch, starts, ends, *person in connection.exec_driver_sql(sql, seat.values):
            key = (member, branch)
            spans.setdefault(key, []).append((starts, ends))
            if seat.sql.find("FROM stay") > 0 and key not in people:
                person[4] = person[5] = None  # post and group of the present branch say nothing of an earlier one
            people.setdefault(key, person)
    made = [_entrant(key, people[key], found, scope.quarter) for key, found in spans.items()]
    return sorted(made, key=lambda one: (one.branch, one.member))


def _entrant(key: Key, person: Any, spans: list[tuple[str, str]], quarter: Quarter) -> Entrant:
    name, staff_no, category, staff_kind, party_post, group, department, standing, exempt = person
    first, last = str(quarter.first), str(quarter.last)
    if any(starts <= first and ends > last for starts, ends in spans):
        days, presence, stayed = quarter.days, ONE, True
        due: tuple[int, ...] = (0, 1, 2)
    else:
        days = _days(spans, quarter)
        presence = Fraction(days, quarter.days)
        due = tuple(
            place
            for place, month in enumerate(quarter.months)
            if any(starts <= f"{month}-99" < ends for starts, ends in spans)
        )
        stayed = any(ends > last for _, ends in spans)
    return Entrant(
        member=key[0],
        branch=key[1],
        name=name,
        staff_no=staff_no,
        category=category,
        staff_kind=staff_kind,
        party_post=party_post,
        group=tight(group) if group else None,
        department=tight(department) if department else None,
        unscored=_unscored(standing, exempt),
        days=days,
        presence=presence,
        due_months=due,
        stayed=stayed,
    )


def _unscored(standing: str | None, exempt: str | None) -> str:
    if standing == "停止党籍":
        return "停止党籍"
    return f"免考核：{exempt}" if exempt else ""


def _days(spans: Iterable[tuple[str, str]], quarter: Quarter) -> int:
    """The days of the quarter on which the member belonged there."""
    days = 0
    for starts, ends in spans:
        first = max(quarter.first, date.fromisoformat(starts)) if starts else quarter.first
        days += max(0, (min(quarter.last, _last_inside(ends)) - first).days + 1)
    return days


def _last_inside(ends: str) -> date:
    if ends == "9999":
        return date.max
    if ends.endswith("~"):
        return last_date(ends[:-1])
    return date.fromisoformat(ends) - timedelta(days=1)
