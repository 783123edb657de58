"""A member in one branch over one stretch of days (在支部的一段), and reading those of the members that are asked about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Party posts whose holders are the branch committee (支部委员会: 书记 副书记 委员).
_COMMITTEE = ("书记", "委员")


@dataclass(frozen=True, slots=True)
class Seat:
    """A member in one branch over one stretch of days (open where None); a transfer inside the book makes two."""

    member: int
    name: str
    branch: int | None
    group: str | None
    party_post: str | None
    standing: str | None
    starts: str | None
    ends: str | None
    excused: str | None = None

    def holds_on(self, day: str) -> bool:
        """Whether the member belonged on `day` (YYYY-MM-DD or coarser: then on any day that it may mean).

        A start known only to the month counts from its first day; the day of leaving is the first day outside.
        """
        last = day + "-99"[: 3 * (day.count("-") < 2)] if len(day) < 10 else day
        return (self.starts is None or self.starts <= last) and (self.ends is None or day < _after(self.ends))

    def excused_on(self, day: str) -> bool:
        """Whether he is not counted in 应到: 免考核, or 不计入应到 as agreed by that day."""
        return self.excused is not None and self.excused <= day

    @property
    def on_committee(self) -> bool:
        """支委: holds one of the posts of the branch committee."""
        return bool(self.party_post) and any(word in str(self.party_post) for word in _COMMITTEE)


def _after(end: str) -> str:
    """The first day outside; a month of leaving counts whole."""
    return end if len(end) == 10 else end + "-99"


#: Reads the seats of some members, all seats of each: a condition of `_WHO` and what it is bound to.
Reader = Callable[[str, str | int], Iterable[tuple[Any, ...]]]
#: Which members a question is about; the present seat of each comes first.
_WHO = {
    "everybody": "1 = 1",
    "word": "(m.name = ? OR m.staff_no = ?)",
    "member": "m.id = ?",
    "id_number": "m.id_number = ?",
    "branch": "(m.branch_id = ? OR m.id IN (SELECT member_id FROM stay WHERE branch_id = ?))",
}
_SEATS = """
SELECT m.id, m.name, m.staff_no, m.branch_id, m."group", m.party_post, m.standing,
    coalesce(m.arrived_on, m.joined_on), m.left_on, {excused}, 0 AS past
FROM member AS m WHERE {who}
UNION ALL
SELECT m.id, m.name, m.staff_no, s.branch_id, m."group", m.party_post, m.standing,
    coalesce(s.arrived_on, m.joined_on), s.left_on, {excused}, 1
FROM stay AS s JOIN member AS m ON m.id = s.member_id WHERE {who}
ORDER BY 1, past
"""
#: 免考核 holds on every day, 不计入应到 from the day on which it was agreed.
_EXCUSED = "CASE WHEN m.exempt_reason IS NOT NULL THEN '' WHEN m.excluded_reason IS NOT NULL THEN m.excluded_on END"


def reader(connection: "Connection") -> Reader:
    """Reads them while the connection is open."""

    def read(who: str, value: str | int) -> Iterable[tuple[Any, ...]]:
        sql = _SEATS.format(who=_WHO[who], excused=_EXCUSED)
        rows = connection.exec_driver_sql(sql, (value,) * sql.count("?"))
        return (tuple(row)[:-1] for row in rows)

    return read
