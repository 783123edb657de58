"""What members did and owe (党员事实): hours of study, talks, dues, standing; each one query for the whole book."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial

from partybuild_cli.records.dues import SHORT, UNPAID, dues_state
from partybuild_cli.rules.dues import EXPELLED_AFTER, overdue_since, six_months_unpaid
from partybuild_cli.rules.facts import Branch, Field
from partybuild_cli.values.day import add_months, last_date
from partybuild_cli.values.period import months, text_bounds

_HOURS = """
SELECT member_id, sum(hours) FROM (
    SELECT member_id, hours FROM study WHERE studied_on >= ? AND studied_on < ?
    UNION ALL
    SELECT a.member_id, m.hours FROM meeting AS m JOIN attendance AS a ON a.meeting_id = m.id
    WHERE m.held_on >= ? AND m.held_on < ? AND m.hours IS NOT NULL AND (a.state = '出席' OR a.made_up IS NOT NULL)
) AS learned GROUP BY member_id
"""


def study_hours(field: Field) -> dict[int, Decimal]:
    """学时 by member: what the study ledger holds, and meetings with 学时 attended or made up for."""
    found = field.connection.exec_driver_sql(_HOURS, (*field.bounds, *field.bounds))
    return {member: Decimal(hours).scaleb(-4) for member, hours in found}


def trainings(field: Field) -> dict[int, int]:
    """专题培训 of each member in the year of `as_of`."""
    bounds = text_bounds(field.as_of.replace(month=1, day=1), field.as_of)
    sql = "SELECT member_id, count(*) FROM study WHERE kind = '专题培训' AND studied_on >= ? AND studied_on < ? GROUP BY 1"
    return dict(field.connection.exec_driver_sql(sql, bounds).all())


def talks(field: Field, months_back: int) -> dict[int, list[tuple[str, str]]]:
    """Branch -> who talked with whom in the months up to `as_of`, by number; a talk counts where either belongs."""
    since = add_months(field.as_of, -months_back) + timedelta(days=1)
    sql = "SELECT talker_id, subject_id FROM talk WHERE talked_on >= ? AND talked_on < ?"
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for talker, subject in field.connection.exec_driver_sql(sql, text_bounds(since, field.as_of)):
        for branch in field.homes.get(talker, set()) | field.homes.get(subject, set()):
            found[branch].append((str(talker), str(subject)))
    return found


def excellent(field: Field) -> dict[int, list[int]]:
    """Branch -> members graded 优秀 in the year of `as_of`; a branch is where the member belongs now."""
    sql = (
        "SELECT m.branch_id, r.member_id FROM review AS r JOIN member AS m ON m.id = r.member_id"
        " WHERE r.year = ? AND r.grade = '优秀' ORDER BY r.member_id"
    )
    found: dict[int, list[int]] = defaultdict(list)
    for branch, member in field.connection.exec_driver_sql(sql, (str(field.as_of.year),)):
        found[branch].append(member)
    return found


@dataclass(frozen=True, slots=True)
class Paid:
    """How the dues of a branch stand: member-months owed, unpaid, unrecorded; who is six months behind."""

    owed: int
    unpaid: list[tuple[int, str]]
    unknown: list[tuple[int, str]]
    behind: list[int]


class Dues:
    """The state of every member's months, from six months before the period on."""

    def __init__(self, field: Field) -> None:
        self._field = field
        first = add_months(field.period.first.replace(day=1), -EXPELLED_AFTER)
        sql = "SELECT member_id, month, due, paid, state FROM dues WHERE month >= ? AND month <= ?"
        rows = field.connection.exec_driver_sql(sql, (f"{first:%Y-%m}", f"{field.as_of:%Y-%m}"))
        self._states = {
            (member, month): dues_state({"due": due, "paid": paid, "state": state})
            for member, month, due, paid, state in rows
        }
        self._unpaid: dict[int, set[str]] = defaultdict(set)
        for (member, month), state in self._states.items():
            if state == UNPAID:
                self._unpaid[member].add(month)

    def of(self, branch: Branch) -> Paid:
        """A branch's months that are late by today; a member owes the month on whose last day he belongs."""
        late = partial(overdue_since, quarterly=branch.dues_quarterly)
        ended = [month for month in months(self._field.period) if late(month) <= self._field.today]
        owed = [(one, month) for month in ended for one in self._payers(branch.number, month)]
        states = [(one, self._states.get(one)) for one in owed]
        asked = [(one, state) for one, state in states if state != "免缴"]
        on = min(self._field.today, self._field.period.last + timedelta(days=1))
        behind = [s.member for s in self._field.members(branch.number) if six_months_unpaid(self._unpaid[s.member], on)]
        return Paid(
            len(asked),
            [one for one, state in asked if state in (UNPAID, SHORT)],
            [one for one, state in asked if state is None],
            behind,
        )

    def _payers(self, branch: int, month: str) -> Iterable[int]:
        return (seat.member for seat in self._field.members(branch, last_date(month)))


@dataclass(frozen=True, slots=True)
class Clock:
    """A member's days of absence (流动 失联 停止党籍)."""

    branch: int
    member: int
    away_on: str | None
    lost_on: str | None
    suspended_on: str | None


def clocks(field: Field) -> dict[int, list[Clock]]:
    """Branch -> members away, lost or suspended, of those who have not left by `as_of`."""
    sql = (
        "SELECT branch_id, id, away_on, lost_on, suspended_on FROM member"
        " WHERE (away_on IS NOT NULL OR lost_on IS NOT NULL OR suspended_on IS NOT NULL)"
        " AND (left_on IS NULL OR left_on > ?) ORDER BY id"
    )
    found: dict[int, list[Clock]] = defaultdict(list)
    for row in field.connection.exec_driver_sql(sql, (str(field.as_of),)):
        clock = Clock(*row)
        found[clock.branch].append(clock)
    return found
