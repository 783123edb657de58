"""Meetings as the checks see them (会议事实): every meeting of the years that a period touches, with its attendance."""

from dataclasses import dataclass

from partybuild_cli.rules.facts import Branch, Field
from partybuild_cli.rules.frequency import Window, first_unit_begins, owed_meetings
from partybuild_cli.values.period import text_bounds


@dataclass(frozen=True, slots=True)
class Held:
    """One meeting, with how many were due and how many came where that was counted."""

    number: int
    branch: int
    kind: str
    day: str
    topic: str
    group: str | None
    first_topic: int | None
    votes: str | None
    due: int
    present: int
    formal_due: int
    formal_present: int


_MEETINGS = """
SELECT m.id, m.branch_id, m.kind, m.held_on, m.topic, m."group", m.first_topic, m.votes,
    count(a.member_id), count(CASE WHEN a.state = '出席' THEN 1 END),
    count(CASE WHEN {formal} THEN 1 END), count(CASE WHEN {formal} AND a.state = '出席' THEN 1 END)
FROM meeting AS m
LEFT JOIN attendance AS a ON a.meeting_id = m.id AND {counted}
LEFT JOIN member AS p ON p.id = a.member_id
WHERE m.held_on >= ? AND m.held_on < ?
GROUP BY m.id ORDER BY m.held_on, m.id
"""
#: Attendance is only asked of meetings that must be quorate; counting all of it would take most of the time.
_QUORATE = "(m.kind = '支委会' OR m.votes IS NOT NULL)"
#: 正式党员 on the day of the meeting.
_FORMAL = "p.category = '正式党员' AND (p.full_on IS NULL OR p.full_on <= m.held_on)"


def meetings(field: Field, *, attendance: bool = True) -> dict[int, list[Held]]:
    """The meetings by branch, from the first day of the period's first year: a quarter may begin before the period.

    Who was due and came is counted for 支委会 and for meetings with a vote, and not at all without `attendance`.
    """
    bounds = text_bounds(field.period.first.replace(month=1, day=1), field.as_of)
    sql = _MEETINGS.format(formal=_FORMAL, counted=_QUORATE if attendance else "1 = 0")
    found: dict[int, list[Held]] = {}
    for row in field.connection.exec_driver_sql(sql, bounds):
        held = Held(*row)
        found.setdefault(held.branch, []).append(held)
    return found


def within(field: Field, held: list[Held]) -> list[Held]:
    """The meetings of the period itself."""
    start, end = field.bounds
    return [one for one in held if start <= one.day < end]


def of_kind(held: list[Held], kind: str) -> list[Held]:
    """The meetings of one kind."""
    return [one for one in held if one.kind == kind]


def window_of(field: Field, branch: Branch) -> Window:
    """The period as it is judged today, for a branch that may be younger than it."""
    return Window(field.period.first, field.period.last, field.today, branch.since)


def days_for(kind: str, held: list[Held], window: Window) -> list[str]:
    """The days of a kind of meeting from the beginning of the first unit that is judged."""
    begin = str(first_unit_begins(owed_meetings()[kind].per, window))
    return [one.day for one in of_kind(held, kind) if one.day >= begin[: min(len(one.day), 7)]]
