"""Who is who, and who belonged to which branch on any day (花名册的两种问法: 谁是谁, 某日谁在哪个支部).

One query a book or a branch; names are resolved from memory. Two members of one name are never merged: where the branch
does not tell them apart, the caller is asked for the 工号.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.people import Person, split_people
from partybuild_cli.values.text import tight

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: A 工号 behind a name, which tells namesakes apart and is no reason.
_IN_BRACKETS = re.compile(r"[(（]\s*([0-9A-Za-z]+)\s*[)）]")
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

    def holds_on(self, day: str) -> bool:
        """Whether the member belonged on `day` (YYYY-MM-DD or coarser: then on any day that it may mean).

        A start known only to the month counts from its first day; the day of leaving is the first day outside.
        """
        last = day + "-99"[: 3 * (day.count("-") < 2)] if len(day) < 10 else day
        return (self.starts is None or self.starts <= last) and (self.ends is None or day < _after(self.ends))

    @property
    def on_committee(self) -> bool:
        """支委: holds one of the posts of the branch committee."""
        return bool(self.party_post) and any(word in str(self.party_post) for word in _COMMITTEE)


def _after(end: str) -> str:
    """The first day outside; a month of leaving counts whole."""
    return end if len(end) == 10 else end + "-99"


@dataclass(slots=True)
class Roster:
    """The members and branches of a book, for resolving names and asking who belonged where."""

    branches: dict[str, int] = field(default_factory=dict)
    branch_names: dict[int, str] = field(init=False, default_factory=dict)
    branch_kinds: dict[int, str | None] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    staff_nos: dict[int, str] = field(default_factory=dict)
    seats: list[Seat] = field(default_factory=list)
    _by_name: dict[str, set[int]] = field(default_factory=dict)
    _by_staff_no: dict[str, int] = field(default_factory=dict)
    _by_branch: dict[int, list[Seat]] = field(default_factory=dict)
    _homes: dict[int, set[int]] = field(default_factory=dict)
    _present: dict[int, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.branch_names |= {number: name for name, number in self.branches.items()}

    def belonging(self, branch: int, day: str) -> list[Seat]:
        """Who belonged to the branch on that day, in the order of the roster; 停止党籍 is not counted."""
        return [seat for seat in self._by_branch.get(branch, ()) if seat.standing != "停止党籍" and seat.holds_on(day)]

    def home(self, member: int) -> int | None:
        """The member's present branch."""
        return self._present.get(member)

    def shown(self, member: int) -> str:
        """The member's name; with the 工号 behind it where two bear the name. One who was removed has a number only."""
        name = self.names.get(member)
        if name is None:
            return f"已删除的党员（编号 {member}）"
        if len(self._by_name[name]) > 1 and member in self.staff_nos:
            return f"{name}({self.staff_nos[member]})"
        return name

    def known(self, word: str) -> bool:
        """Whether a word is the name or 工号 of some member, or both as 姓名#工号."""
        name, mark, staff_no = word.partition("#")
        return name in self._by_name or name in self._by_staff_no if not mark else staff_no in self._by_staff_no

    def people(self, text: str) -> list[Person]:
        """The people that a cell names, with their reasons. ValueProblem when the text says that names are missing."""
        marked = _IN_BRACKETS.sub(lambda found: f"#{found[1]}" if found[1] in self._by_staff_no else found[0], text)
        return [
            Person(f"{person.name.replace('#', '(')})", person.reason) if "#" in person.name else person
            for person in split_people(marked, self.known)
        ]

    def member(self, name: str, branch: int | None = None, day: str | None = None, staff_no: str | None = None) -> int:
        """The number of the member that `name` (or 工号, or 姓名(工号)) means.

        `branch` and `day` narrow whom a name can mean; so does the 工号 that stands beside the name, which must not be
        another's. ValueProblem when nobody or more than one remains.
        """
        word, _, bracket = tight(name).rstrip(")").partition("(")
        beside = self._by_staff_no.get(staff_no) if staff_no and not bracket else None
        if beside is not None:
            if self.names[beside] != word:
                raise ValueProblem(f"工号 {staff_no} 是{self.names[beside]}，不是“{word}”。请核对这一行的姓名和工号")
            return beside
        number = bracket or word
        if number in self._by_staff_no and (not bracket or self.names[self._by_staff_no[number]] == word):
            return self._by_staff_no[number]
        found = self._by_name.get(word, set())
        if not found:
            raise ValueProblem(f"花名册中没有“{word}”。请核对姓名，或先用 partybuild member add 登记")
        if len(found) > 1 and branch is not None:
            found = {one for one in found if branch in self._homes.get(one, ())} or found
        if len(found) > 1 and branch is not None and day is not None:
            here = {seat.member for seat in self._by_branch.get(branch, ()) if seat.holds_on(day)}
            found = found & here or found
        if len(found) > 1:
            raise ValueProblem(
                f"有 {len(found)} 名党员叫“{word}”，不能确定是谁。请写成 姓名(工号)，如 {self._example(found)}"
            )
        return next(iter(found))

    def why_not_due(self, member: int, branch: int, day: str, kind: str) -> str:
        """Why a member who is named was not due at a meeting, as a sentence."""
        name = self.shown(member)
        seats = [seat for seat in self._by_branch.get(branch, ()) if seat.member == member]
        if not seats:
            homes = [self.branch_names[home] for home in self._homes.get(member, ())]
            return f"{name}不在本支部（在{'、'.join(homes) or '其他单位'}），不能记为请假或缺席；外单位人员请填在列席中"
        if any(seat.holds_on(day) for seat in seats):
            return f"{name}不在这次{kind}的应到范围内，请核对党内职务、党小组，或从名单中去掉"
        if any(seat.starts and seat.starts > day for seat in seats):
            return f"{name}在 {day} 还不是本支部党员（{min(s.starts for s in seats if s.starts)} 起），请从名单中去掉或改正日期"
        return f"{name}在 {day} 已不在本支部（{max(s.ends for s in seats if s.ends)} 转出），请从名单中去掉或改正日期"

    def branch(self, name: str) -> int:
        """The number of the organisation called `name`. ValueProblem when there is none."""
        if name not in self.branches:
            raise ValueProblem(f"没有叫“{name}”的党组织。请核对名称，或先用 partybuild branch add 登记")
        return self.branches[name]

    def only_branch(self) -> int | None:
        """The one branch (党支部) of a book that has but one."""
        real = [number for number, kind in self.branch_kinds.items() if kind in ("党支部", None)]
        return real[0] if len(real) == 1 else None

    def _example(self, members: Iterable[int]) -> str:
        numbered = sorted(f"{self.names[one]}({self.staff_nos[one]})" for one in members if one in self.staff_nos)
        return "、".join(numbered[:3]) or "张三(003011)"

    def _seat(self, seat: Seat) -> None:
        self.seats.append(seat)
        self._present.setdefault(seat.member, seat.branch)
        if seat.branch is not None:
            self._by_branch.setdefault(seat.branch, []).append(seat)
            self._homes.setdefault(seat.member, set()).add(seat.branch)


_SEATS = """
SELECT m.id, m.name, m.staff_no, s.branch_id, m."group", m.party_post, m.standing, s.starts, s.ends
FROM member AS m JOIN (
    SELECT id AS member_id, branch_id, coalesce(arrived_on, joined_on) AS starts, left_on AS ends FROM member
    UNION ALL
    SELECT stay.member_id, stay.branch_id, coalesce(stay.arrived_on, member.joined_on), stay.left_on
    FROM stay JOIN member ON member.id = stay.member_id
) AS s ON s.member_id = m.id ORDER BY m.id
"""


def load_roster(connection: "Connection", people: bool = True) -> Roster:
    """Read the roster of the whole book in two queries; without `people`, its branches only."""
    roster = Roster()
    for number, name, kind in connection.exec_driver_sql("SELECT id, name, kind FROM branch ORDER BY id"):
        roster.branches[name] = number
        roster.branch_names[number] = name
        roster.branch_kinds[number] = kind
    for number, name, staff_no, *seat in connection.exec_driver_sql(_SEATS) if people else ():
        roster.names[number] = name
        roster._by_name.setdefault(name, set()).add(number)
        if staff_no:
            roster.staff_nos[number] = staff_no
            roster._by_staff_no[staff_no] = number
        roster._seat(Seat(number, name, *seat))
    return roster
