"""What the checks and figures go by (事实): the branches, the people in them on any day, and what the records hold.

Facts are read in whole sets, one query a fact and never one a branch; what is particular to a branch is picked out in
memory. What only one check needs stands beside it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound, UsageFault, ValueProblem
from partybuild_cli.records.base.context import Values
from partybuild_cli.records.base.loaded import all_on
from partybuild_cli.records.base.roster import Roster, Seat, load_roster
from partybuild_cli.records.base.votes import kept_votes
from partybuild_cli.records.member import Member
from partybuild_cli.records.settings import Settings, settings_of
from partybuild_cli.rules.branches import Branch, load_branches
from partybuild_cli.rules.candidates import Candidate, read_candidates
from partybuild_cli.values.day import first_date
from partybuild_cli.values.period import Period, text_bounds
from partybuild_cli.values.reference import Reference
from partybuild_cli.values.text import tight
from partybuild_cli.values.votes import Ballots, Vote

#: What a record that names no branch, and nobody of one, is filed under.
UNPLACED = "（未对应党支部）"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """What the roster says of a member besides where he belongs."""

    category: str
    full_on: str | None
    exempt: bool
    staff_kind: str | None
    position: str | None

    def formal_on(self, day: str) -> bool:
        """正式党员 on a day: 预备党员 before 转正."""
        return self.category == "正式党员" and (self.full_on is None or self.full_on <= day)


def _person(row: Values) -> Person:
    exempt = row["exempt_reason"] is not None
    return Person(row["category"], row["full_on"], exempt, row["staff_kind"], row["position"])


@dataclass(frozen=True, slots=True)
class Window:
    """A period seen from a day; `since` is the branch's founding, before which nothing is owed."""

    first: date
    last: date
    today: date
    since: date | None = None


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
    votes: Ballots
    due: int
    present: int
    formal_due: int
    formal_present: int

    def reference(self, note: str = "") -> Reference:
        """The meeting as it is named behind a figure."""
        return Reference("meeting", self.number, self.day, f"{self.kind}：{self.topic}", note)


#: Attendance is only asked of meetings that must be quorate; counting all of it would take most of the time.
_MEETINGS = """
SELECT m.id AS number, m.branch_id AS branch, m.kind, m.held_on AS day, m.topic, m."group", m.first_topic, m.votes,
    CASE WHEN h.meeting_id IS NULL THEN count(a.member_id) WHEN h.present IS NULL THEN 0 ELSE coalesce(h.due, 0) END AS due,
    CASE WHEN h.meeting_id IS NULL THEN count(CASE WHEN a.state = '出席' THEN 1 END) ELSE coalesce(h.present, 0) END AS present,
    count(CASE WHEN {formal} THEN 1 END) AS formal_due, count(CASE WHEN {formal} AND a.state = '出席' THEN 1 END) AS formal_present
FROM meeting AS m
LEFT JOIN headcount AS h ON h.meeting_id = m.id AND h.basis = '按人数'
LEFT JOIN attendance AS a ON a.meeting_id = m.id AND a.state <> '列席' AND (
    m.kind = '支委会' OR m.votes <> '' OR m.id IN (SELECT meeting_id FROM vote)
)
LEFT JOIN member AS p ON p.id = a.member_id
WHERE m.held_on >= ? AND m.held_on < ?
GROUP BY m.id ORDER BY m.held_on, m.id
""".format(formal="h.meeting_id IS NULL AND p.category = '正式党员' AND (p.full_on IS NULL OR p.full_on <= m.held_on)")


_VOTES = f"""
SELECT v.meeting_id, {", ".join(f"v.{name}" for name in Vote._fields)} FROM vote AS v JOIN meeting AS m ON m.id = v.meeting_id
WHERE m.held_on >= ? AND m.held_on < ?
"""


@dataclass
class Facts:
    """The branches, the people, the period, and the day as of which it is looked at.

    `unit` is the branch, or the organisation above several, that was asked for; `narrowed` where that is not the whole book.
    """

    connection: Connection
    period: Period
    today: date
    branches: list[Branch]
    roster: Roster
    narrowed: bool = False
    unit: str = ""

    @property
    def parts(self) -> "Iterator[Facts]":
        """The same of each 党总支 that has branches among these, and of each branch, in the order of the tree."""
        here, told = {one.number: one for one in self.branches}, set[int]()
        for name, number in self.roster.branches.items():
            below = [here[one] for one in self.roster.below(number) if one in here]
            if self.roster.branch_kinds[number] == "党总支" and below and name != self.unit:
                yield self._narrowed(below, name)
                yield from (self._narrowed([one], one.name) for one in below if one.number not in told)
                told |= {one.number for one in below}
        yield from (self._narrowed([one], one.name) for one in self.branches if one.number not in told)

    def _narrowed(self, branches: "list[Branch]", unit: str) -> "Facts":
        """The same of some branches, with what is read of the whole book."""
        part = replace(self, branches=branches, narrowed=True, unit=unit)
        for name in ("registered", "settings", "people", "homes", "meetings", "candidates"):
            vars(part)[name] = getattr(self, name)
        return part

    @property
    def as_of(self) -> date:
        """The last day of the period, or today while it runs."""
        return min(self.period.last, self.today)

    @property
    def bounds(self) -> tuple[str, str]:
        """Text bounds for `column >= ? AND column < ?` of what had happened by `as_of`; a month counts where it begins."""
        return text_bounds(self.period.first, self.as_of)

    @property
    def year_over(self) -> bool:
        """Whether the year of `as_of` is over: what is asked once a year is owed by then, and not before."""
        return (self.as_of.month, self.as_of.day) == (12, 31) and self.as_of < self.today

    @property
    def year_bounds(self) -> tuple[str, str]:
        """Text bounds from the first day of that year to `as_of`."""
        return text_bounds(self.as_of.replace(month=1, day=1), self.as_of)

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """The rows of a query."""
        return [dict(row) for row in self.connection.exec_driver_sql(sql, values).mappings()]

    def where_branch(self, column: str) -> str:
        """A condition that keeps the records of the branches asked for; nothing where the whole book is."""
        numbers = ", ".join(str(one.number) for one in self.branches)
        return f" AND {column} IN ({numbers})" if self.narrowed else ""

    @cached_property
    def registered(self) -> dict[int, Values]:
        """Everybody's row of the roster as it was on `as_of`, by number."""
        return all_on(self.connection, Member, self.as_of)

    @cached_property
    def settings(self) -> Settings:
        """What the unit has decided once."""
        return settings_of(self.connection)

    @cached_property
    def people(self) -> dict[int, Person]:
        """Everybody of the roster by number, as he stood on `as_of`."""
        return {number: _person(row) for number, row in self.registered.items()}

    @cached_property
    def homes(self) -> dict[int, set[int]]:
        """The branches to which a member belonged by `as_of`."""
        found: dict[int, set[int]] = defaultdict(set)
        for seat in self.roster.seats:
            if seat.branch is not None and (seat.starts or "") <= str(self.as_of):
                found[seat.member].add(seat.branch)
        return found

    def members(self, branch: int, day: date | None = None) -> list[Seat]:
        """Who belonged to the branch on a day (else on `as_of`)."""
        return self.roster.belonging(branch, (day or self.as_of).isoformat())

    def formal(self, branch: int, day: date | None = None) -> list[Seat]:
        """The full members among them."""
        text = (day or self.as_of).isoformat()
        return [seat for seat in self.members(branch, day) if self.people[seat.member].formal_on(text)]

    def assessable(self, branch: int) -> list[Seat]:
        """Members of whom attendance, study and service are asked (年老体弱等免考核的除外)."""
        return [seat for seat in self.members(branch) if not self.people[seat.member].exempt]

    def shown(self, members: Iterable[int]) -> list[str]:
        """Names, with the 工号 where two bear one."""
        return [self.roster.shown(member) for member in members]

    def person(self, member: int, note: str = "") -> Reference:
        """A member as he is named behind a figure."""
        return Reference("member", member, "", self.roster.shown(member), note)

    def window(self, branch: Branch) -> Window:
        """The period as it is judged today, for a branch that may be younger than it."""
        since = first_date(branch.founded_on) if branch.founded_on else None
        return Window(self.period.first, self.period.last, self.today, since)

    @cached_property
    def meetings(self) -> dict[int, list[Held]]:
        """The meetings by branch, from the first day of the period's first year: a quarter may begin before the period."""
        bounds = text_bounds(self.period.first.replace(month=1, day=1), self.as_of)
        found: dict[int, list[Held]] = {}
        votes: dict[int, list[Vote]] = defaultdict(list)
        for number, *fields in self.connection.exec_driver_sql(_VOTES, bounds):
            votes[number].append(Vote(*fields))
        for row in self.connection.exec_driver_sql(_MEETINGS, bounds).mappings():
            held = Held(**{**row, "votes": kept_votes(row["votes"], votes.get(row["number"], ()))})
            found.setdefault(held.branch, []).append(held)
        return found

    def held(self, branch: Branch, *kinds: str) -> list[Held]:
        """A branch's meetings of the period itself, of some kinds or of all."""
        start, end = self.bounds
        every = self.meetings.get(branch.number, [])
        return [one for one in every if start <= one.day < end and (not kinds or one.kind in kinds)]

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Everybody of the development ledger."""
        people = self.people
        return read_candidates(
            self.connection,
            lambda one, day: people[one].formal_on(day),
            self.roster.shown,
            lambda one: people[one].staff_kind,
        )

    @cached_property
    def owners(self) -> "Owners":
        """Which branches records belong to that name none."""
        return Owners(self)

    def by_owner(self, ledger: str, found: Iterable[Row], *texts: str) -> dict[str, list[Row]]:
        """Rows of a ledger by the names of the branches that they belong to; `texts` are columns that may name one."""
        result: dict[str, list[Row]] = defaultdict(list)
        for row in found:
            text = "、".join(str(row[key]) for key in texts if row[key])
            for name in self.owners.of(ledger, row["id"], text=text, branch=row.get("branch_id")):
                result[name].append(row)
        return result


def refuse_future(period: Period, today: date) -> None:
    """UsageFault for a period of which no day has come."""
    if period.first > today:
        raise UsageFault(
            f"{period.label} 到 {period.first} 才开始，现在还没有可以看的记录。请写已经开始的期间，如 this、last。"
        )


def load_facts(connection: Connection, period: Period, today: date, branch: str | None = None) -> Facts:
    """Read the branches and the roster; `branch` narrows to one, or to those below a 党委 or 党总支. NotFound for none.

    党支部 only: a 党委 or 党总支 has no members of its own; an organisation without 类别 counts as a branch.
    """
    roster = load_roster(connection)
    every = branches = load_branches(connection, min(period.last, today))
    unit = ""
    if branch is not None:
        try:
            number = roster.branch_meant(tight(branch))
        except ValueProblem as problem:
            raise NotFound(f"{problem.sentence}。") from None
        below, unit = set(roster.below(number)), roster.branch_names[number]
        branches = [one for one in every if one.number in below]
        if not branches:
            raise NotFound(
                f"“{unit}”下面没有党支部，自查和数据按党支部进行。请写党支部的名称，或给下级支部填上级党组织。"
            )
    roster.seats  # noqa: B018  everybody at once, before he is asked for by number
    whole = branch is None or (len(branches) == len(every) and unit not in [one.name for one in branches])
    return Facts(connection, period, today, branches, roster, not whole, unit)


class Owners:
    """Which branches a record belongs to (记录归属): those of the members that it names, and those whose names stand in it.

    A record that says its branch is of that one, in a book of one branch every record is; what names nobody of any branch is
    filed under the organisation above, or left unplaced.
    """

    def __init__(self, facts: Facts) -> None:
        self._only = facts.branches[0].name if facts.roster.only_branch() is not None and facts.branches else None
        self._branches = {one.number: one.name for one in facts.branches}
        self._known = facts.roster.branches
        self._all = {number for number, kind in facts.roster.branch_kinds.items() if kind in ("党支部", None)}
        self.above = _above(facts)
        self._named: dict[tuple[str, int], set[int]] = defaultdict(set)
        sql = (
            "SELECT DISTINCT ledger, record_id, member_id FROM person"
            " WHERE ledger IN ('task', 'decision', 'honor', 'pairing', 'zone', 'metric')"
        )
        for ledger, number, member in facts.connection.exec_driver_sql(sql):
            self._named[ledger, number].add(facts.registered[member]["branch_id"])

    def of(self, ledger: str, number: int, *, text: str = "", branch: int | None = None) -> list[str]:
        """The names of the branches that a record belongs to; `text` may name some."""
        if self._only:
            return [self._only]
        if branch is not None:
            named = {branch} & self._all
        else:
            named = set(self._named.get((ledger, number), ()))
            named |= {self._known[name] for name in whole_names(text, self._known)} & self._all
        if not named:
            return [self.above] if self.above else []
        return [self._branches[one] for one in sorted(named) if one in self._branches]


def _above(facts: Facts) -> str:
    """The organisation for what names no branch: the first 党委, else 党总支; none where one branch is asked for."""
    if facts.narrowed:
        return ""
    kinds = facts.roster.branch_kinds
    upper = [name for kind in ("党委", "党总支") for name, one in facts.roster.branches.items() if kinds[one] == kind]
    return upper[0] if upper else UNPLACED


#: What may stand before a name without being part of it: a mark, a word that joins, or the unit above.
_BEFORE_A_NAME = re.compile(r"(?:^|[^\w]|[与和及同跟由对向给]|医院|院区|党委|党总支|总支部?|中心|公司|大学|学院)$")


def whole_names(text: str, names: Iterable[str]) -> list[str]:
    """The names that stand in a text as whole names, the longest first: 神经内科党支部 does not name 内科党支部."""
    plain = re.sub(r"[\s　]+", "", text)
    found = []
    for name in sorted(names, key=len, reverse=True):
        parts = plain.split(tight(name))
        if any(_BEFORE_A_NAME.search(before) for before in parts[:-1]):
            found.append(name)
        if len(parts) > 1:
            plain = "、".join(parts)  # what a longer name takes up names nothing else
    return found


By = Callable[[Row], str]


def references(ledger: str, found: Iterable[Row], day: str, title: str, note: By | None = None) -> list[Reference]:
    """Rows of a ledger as they are named behind a figure."""
    return [
        Reference(ledger, row["id"], str(row[day] or ""), str(row[title] or ""), note(row) if note else "")
        for row in found
    ]
