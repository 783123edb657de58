"""Where a member sat and when (在支部的一段): his stretches of days in branches, as the book holds them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from partybuild_cli.records.base.dated import Span, earlier, spans_of

if TYPE_CHECKING:
    from sqlalchemy import Connection


#: Party posts whose holders are the branch committee (支部委员会: 书记 副书记 委员).
_COMMITTEE = ("书记", "委员")
#: What in front of a post, or in brackets behind it, says that it is held no longer, or not yet.
_NOT_HELD = re.compile(r"^(?:原|前任|前|曾任|历任|已?离任|卸任|拟任|拟)|[(（](?:原|前任|曾任|离任|卸任|免|拟任)")


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
    exempt_reason: str | None = None
    excluded_reason: str | None = None
    excluded_on: str | None = None
    spans: tuple[Span, ...] = ()

    def on(self, day: str) -> "Seat":
        """The seat with what held on that day; of a day known no closer, on its last."""
        day += "-99-99"[: 10 - len(day)]
        held: dict[str, Any] = {key: value for key, value in earlier(self.spans, day).items() if key in _HELD}
        return replace(self, **held) if held else self

    def holds_on(self, day: str) -> bool:
        """Whether the member belonged on `day` (YYYY-MM-DD or coarser: then on any day that it may mean).

        A start known only to the month counts from its first day; the day of leaving is the first day outside.
        """
        last = day + "-99"[: 3 * (day.count("-") < 2)] if len(day) < 10 else day
        return (self.starts is None or self.starts <= last) and (self.ends is None or day < _after(self.ends))

    def excused_on(self, day: str) -> bool:
        """Whether he is not counted in 应到: 免考核, or 不计入应到 as agreed by that day."""
        return self.exempt_reason is not None or self.not_counted_on(day)

    def not_counted_on(self, day: str) -> bool:
        """Whether 支部党员大会 had agreed by that day not to count him (不计入应到)."""
        return self.excluded_reason is not None and self.excluded_on is not None and self.excluded_on <= day

    @property
    def on_committee(self) -> bool:
        """支委: holds one of the posts of the branch committee."""
        return any(word in post for post in self.posts for word in _COMMITTEE)

    @property
    def posts(self) -> list[str]:
        """The posts that a cell names (书记兼纪检委员 is two), without those that are held no longer, or not yet."""
        said = re.split(r"[、，,;；/\s]+|兼任?", self.party_post or "")
        return [post for post in said if post and not _NOT_HELD.search(post)]


def _after(end: str) -> str:
    """The first day outside; a month of leaving counts whole."""
    return end if len(end) == 10 else end + "-99"


#: What of a seat holds for a time.
_HELD = ("group", "party_post", "standing", "exempt_reason", "excluded_reason", "excluded_on")
#: Reads the seats of some members, all seats of each: a condition of `_WHO` and what it is bound to.
Reader = Callable[[str, str | int], Iterable[tuple[Any, ...]]]
STATES = "SELECT member_id, kind, coalesce(value, kind), coalesce(started_on, ''), coalesce(ended_on, '9999') FROM tenure ORDER BY id"
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
    coalesce(m.arrived_on, m.joined_on), m.left_on, m.exempt_reason, m.excluded_reason, m.excluded_on, 0 AS past
FROM member AS m WHERE {who}
UNION ALL
SELECT m.id, m.name, m.staff_no, s.branch_id, m."group", m.party_post, m.standing,
    coalesce(s.arrived_on, m.joined_on), s.left_on, m.exempt_reason, m.excluded_reason, m.excluded_on, 1
FROM stay AS s JOIN member AS m ON m.id = s.member_id WHERE {who}
ORDER BY 1, past
"""


def reader(connection: "Connection") -> Reader:
    """Reads them while the connection is open."""

    def read(who: str, value: str | int) -> Iterable[tuple[Any, ...]]:
        where = _WHO[who]
        whose = f" AND record_id IN (SELECT m.id FROM member AS m WHERE {where})"
        spans = spans_of(connection, "member", whose, *(value,) * where.count("?"))
        sql = _SEATS.format(who=where)
        rows = connection.exec_driver_sql(sql, (value,) * sql.count("?"))
        return ((*tuple(row)[:-1], tuple(spans.get(row[0], ()))) for row in rows)

    return read
