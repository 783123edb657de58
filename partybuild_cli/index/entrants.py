"""Who is scored in a quarter, and in which branch (参评人): each member for the part of it that he belonged there.

A member who moved between two branches of the book within the quarter stands in both, each with his part.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.stays import Key, Scope, plain_rows
from partybuild_cli.values.day import first_date, last_date
from partybuild_cli.values.text import tight

ONE = Fraction(1)


class Entrant(NamedTuple):
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
    key: Key


_PERSON = (
    'm.name, m.staff_no, m.category, m.staff_kind, m.party_post, m."group", m.department,'
    " m.standing, m.suspended_on, m.exempt_reason, m.away_on, m.lost_on"
)


def load_entrants(connection: Connection, scope: Scope) -> list[Entrant]:
    """Everybody who belonged to a branch on any day of the quarter, by branch and in the order of the roster."""
    made: list[Entrant] = []
    spans: dict[Key, list[tuple[str, str]]] = {}
    people: dict[Key, tuple[Any, ...]] = {}
    for seat in scope.seats:
        sql = (
            f"SELECT s.member_id, s.branch_id, s.starts, s.ends, {_PERSON}"
            f" FROM {seat.sql} AS s JOIN member AS m ON m.id = s.member_id"
        )
        for row in plain_rows(connection, sql, seat.values):
            if seat.whole:
                made.append(_entrant(scope.quarter, (row[0], row[1]), row[4:], scope.quarter.days, _EVERY_MONTH, True))
                continue
            person = row[4:]
            if seat.past:  # post and group of the present branch say nothing of an earlier one
                person = (*person[:4], None, None, *person[6:])
            spans.setdefault(row[:2], []).append((row[2], row[3]))
            people.setdefault(row[:2], person)
    whole = {one.key for one in made}
    made += [_in_part(key, people[key], found, scope.quarter) for key, found in spans.items() if key not in whole]
    return sorted(made, key=lambda one: (one.branch, one.member))


def _in_part(key: Key, person: tuple[Any, ...], spans: list[tuple[str, str]], quarter: Quarter) -> Entrant:
    """One who was not there all of the quarter."""
    days = _days(spans, quarter)
    due = tuple(
        place
        for place, month in enumerate(quarter.months)
        if any(starts <= f"{month}-99" < ends for starts, ends in spans)
    )
    stayed = any(ends > str(quarter.last) for _, ends in spans)
    return _entrant(quarter, key, person, days, due, stayed)


_EVERY_MONTH = (0, 1, 2)


def _entrant(
    quarter: Quarter, key: Key, person: tuple[Any, ...], days: int, due: tuple[int, ...], stayed: bool
) -> Entrant:
    name, staff_no, category, staff_kind, party_post, group, department, *standing = person
    return Entrant(
        key[0],
        key[1],
        name,
        staff_no,
        category,
        staff_kind,
        party_post,
        tight(group) if group else None,
        tight(department) if department else None,
        _unscored(quarter, *standing) if any(standing) else "",
        days,
        ONE if days == quarter.days else Fraction(days, quarter.days),
        due,
        stayed,
        key,
    )


def _unscored(
    quarter: Quarter,
    standing: str | None,
    suspended_on: str | None,
    exempt: str | None,
    away_on: str | None,
    lost_on: str | None,
) -> str:
    """Why a member is listed and not scored; who was away all of the quarter was away for three months."""
    if standing == "停止党籍" and not (suspended_on and first_date(suspended_on) > quarter.last):
        return "停止党籍"
    if exempt:
        return f"免考核：{exempt}"
    for since, word in ((away_on, "外出满三个月"), (lost_on, "失去联系满三个月")):
        if since and last_date(since) <= quarter.first:
            return word
    return ""


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
