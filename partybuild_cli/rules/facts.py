"""What the checks and figures go by (事实): the branches, the people in them on any day, and what the records hold.

Facts are read in whole sets, one query a fact and never one a branch; what is particular to a branch is picked out in
memory. What only one chapter needs stands there, and is read `once`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, Executable, FromClause, Join, and_, case, column, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from partybuild_cli.errors import NotFound, ValueProblem
from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.declare import DatedEntry
from partybuild_cli.records.base.kinds import kept_votes
from partybuild_cli.records.base.present import all_on, late
from partybuild_cli.records.base.registry import record
from partybuild_cli.records.base.roster import Membership, Roster, load_roster
from partybuild_cli.records.branch import Branch
from partybuild_cli.records.meeting import Attended, Basis
from partybuild_cli.records.member import Member
from partybuild_cli.records.settings import Settings, settings_of
from partybuild_cli.store.asof import known_by
from partybuild_cli.values.day import ends, last_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import Period, text_bounds
from partybuild_cli.values.text import tight
from partybuild_cli.values.votes import Ballots, Vote

Row = Mapping[str, Any]
Columns = ReadOnlyColumnCollection[str, Any]
#: What is said of a row.
Said = Callable[[Row], str | None]
T = TypeVar("T")


def table_of(ledger: str) -> FromClause:
    """The table of a ledger, to be selected from."""
    return record(ledger).metadata.tables[ledger]


def with_rows(ledger: str, below: str, every: bool = False) -> tuple[Columns, Columns, Join]:
    """The columns of a ledger and of the rows below its records (attendance below a meeting), and both joined; `every` record,
    those without such rows too.
    """
    own, child = table_of(ledger), next(child for child in record(ledger).shape.children if child.table == below)
    rows = sqlalchemy.table(below, *map(column, (*child.owner_columns, *child.columns)))
    return own.c, rows.c, own.join(rows, rows.c[child.owner] == own.c.id, isouter=every)


def between(day: ColumnElement[Any], bounds: tuple[str, str]) -> ColumnElement[bool]:
    """Whether a day lies between text bounds."""
    return and_(day >= bounds[0], day < bounds[1])


#: Of it only these columns are ever asked; its class need not be loaded.
_ELECTION = sqlalchemy.table(
    "election", *map(column, ("id", "branch_id", "elected_on", "term_years", "approved_on", "extended_until"))
)


class PartyBranch(NamedTuple):
    """A 党支部 on a day: what its record said then, its latest election, and since when nobody belongs to it (撤销)."""

    number: int
    name: str
    founded_on: str | None
    elected_on: str | None
    term_years: int | None
    brand: str | None
    departments: str | None
    lectures_per_year: int | None
    dues_quarterly: bool
    extended_until: str | None = None
    emptied_on: str | None = None


def _branches(connection: Connection, roster: Roster, unknown: set[int], as_of: date) -> list[PartyBranch]:
    """The branches that were there on a day, without those of which the book knew nothing yet; one without 类别 counts as one."""
    ends: dict[int | None, list[str]] = defaultdict(list)
    for who in roster.memberships:
        ends[who.branch].append(who.ends or "~")
    # the latest election by a day, with the delay of the next that had been approved by then (延期换届)
    held, day = _ELECTION.c, str(as_of)
    extended = case((held.approved_on <= day, held.extended_until)).label("extended_until")
    query = select(held.branch_id, held.elected_on, held.term_years, extended).where(held.elected_on <= day)
    rows = connection.execute(query.order_by(held.elected_on, held.id)).mappings()
    elections = {row["branch_id"]: dict(row) for row in rows}
    found = []
    for number, row in all_on(connection, Branch, as_of).items():
        there = (row["founded_on"] or "") <= str(as_of) and number not in unknown
        if row["kind"] in (None, "党支部") and there:
            election, last = elections.get(number, {}), max(ends[number], default="~")
            said = {**row, "number": number, "dues_quarterly": bool(row["dues_quarterly"])}
            said["emptied_on"] = None if last == "~" else last
            said |= election if (election.get("elected_on") or "") >= (row["elected_on"] or "") else {}
            found.append(PartyBranch(**{key: value for key, value in said.items() if key in PartyBranch._fields}))
    return found


class Window(NamedTuple):
    """A period seen from a day; nothing is owed before the branch was founded (`since`), nor once nobody was left (`until`)."""

    first: date
    last: date
    today: date
    since: date | None = None
    until: date | None = None


class Held(NamedTuple):
    """One meeting, with the members by their state, and how many were due (None where nobody said) and came."""

    number: int
    branch: int
    kind: str
    day: str
    topic: str
    group: str | None
    first_topic: bool | None
    votes: Ballots
    basis: str | None = None
    due: int | None = None
    present: int = 0
    states: Mapping[str, Sequence[int]] = {}
    made_up: Sequence[int] = ()

    def reference(self, note: str = "") -> Reference:
        return Reference("meeting", self.number, self.day, f"{self.kind}：{self.topic}", note)


@dataclass
class Facts:
    """The branches, the people, the period, and the day as of which it is looked at. `unit` is the branch, or the
    organisation above several, that was asked for; `narrowed` where that is not the whole book. `only`: the book has
    one branch; `upper` are the organisations above, 党委 first; `known`: the last change by `as_of`, where that is past
    and the book is not younger.
    """

    connection: Connection
    period: Period
    today: date
    branches: list[PartyBranch]
    roster: Roster
    narrowed: bool = False
    unit: str = ""
    only: bool = False
    upper: Sequence[str] = ()
    known: int | None = None
    _read: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, read: "Callable[[Facts], T]", named: object = None) -> T:
        """What a function reads of these facts, read when it is first asked for (`named` where it is made anew each time)."""
        if (key := (named, "by") if named else read) not in self._read:
            self._read[key] = read(self)
        found: T = self._read[key]
        return found

    @property
    def parts(self) -> "Iterator[Facts]":
        """The same of each 党总支 that has branches among these, and of each branch, in the order of the tree."""
        here, seen = {branch.number: branch for branch in self.branches}, set[int]()
        groups = list[tuple[list[PartyBranch], str]]()
        for name, number in self.roster.branches.items():
            below = [here[lower] for lower in self.roster.below(number) if lower in here]
            if self.roster.branch_kinds[number] == "党总支" and below and name != self.unit:
                groups += [(below, name), *(([branch], branch.name) for branch in below if branch.number not in seen)]
                seen |= {branch.number for branch in below}
        groups += [([branch], branch.name) for branch in self.branches if branch.number not in seen]
        for branches, unit in groups:
            part = replace(self, branches=branches, narrowed=True, unit=unit)
            for name in ("registered", "settings", "homes", "meetings"):  # which are of the whole book
                vars(part)[name] = getattr(self, name)
            yield part

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
        return text_bounds(self.as_of.replace(month=1, day=1), self.as_of)

    def rows(self, query: Executable) -> list[Row]:
        """The rows of a query by the names of their columns; dicts, which are read faster than the rows of the database."""
        result = self.connection.execute(query)
        keys = [*result.keys()]
        return [dict(zip(keys, row, strict=True)) for row in result]

    def every(self, ledger: str, bounds: tuple[str, str] | None = None) -> list[Row]:
        """The records of a ledger, or those whose day lies between bounds, the earliest first; read once, so nobody changes them."""
        if (found := self._read.get((ledger, bounds))) is None:
            table, day = table_of(ledger), record(ledger).date
            query = select(table).order_by(table.c.id)
            if bounds:
                query = select(table).where(between(table.c[day], bounds)).order_by(table.c[day], table.c.id)
            found = self._read[ledger, bounds] = self.rows(query)
        rows: list[Row] = found
        return rows

    def within(self, ledger: str) -> list[Row]:
        """The records of a ledger whose day falls in the period, by `as_of`."""
        return self.every(ledger, self.bounds)

    @cached_property
    def entries(self) -> dict[tuple[str, int], list[tuple[str, str | None]]]:
        """The dated entries below posts and pairs, by ledger and number: day (or quarter) and content, the earliest first."""
        found: dict[tuple[str, int], list[tuple[str, str | None]]] = defaultdict(list)
        entry = sqlalchemy.table("entry", *map(column, ("ledger", "record_id", *DatedEntry._fields)))
        query = select(entry).where(entry.c.ledger.in_(("post", "pairing"))).order_by(entry.c.on_day)
        for ledger, number, day, content in self.connection.execute(query):
            found[ledger, number].append((day, content))
        return found

    def asks_of(self, branch: int | None) -> bool:
        """Whether a branch is one of those asked for; any is where the whole book is."""
        return not self.narrowed or branch in [home.number for home in self.branches]

    def home(self, member: int, day: str | None = None) -> int | None:
        """The branch of a member on a day (of a coarse one on its last, of a range on its first), else on `as_of`."""
        return self.roster.home(member, str(last_date(ends(day)[0]) if day else self.as_of))

    @cached_property
    def registered(self) -> dict[int, Values]:
        return all_on(self.connection, Member, self.as_of)

    @cached_property
    def settings(self) -> Settings:
        """What the unit had decided by `as_of`; by now, where the book is younger than that."""
        return settings_of(self.connection, self.as_of if known_by(self.connection, self.as_of) else self.today)

    def is_formal(self, member: int, day: str) -> bool:
        """正式党员 on a day: 预备党员 before 转正."""
        row = self.registered[member]
        return row["category"] == "正式党员" and (row["full_on"] is None or bool(row["full_on"] <= day))

    @cached_property
    def homes(self) -> dict[int, set[int]]:
        """The branches to which a member belonged by `as_of`."""
        found: dict[int, set[int]] = defaultdict(set)
        for who in self.roster.memberships:
            if who.branch is not None and (who.starts or "") <= str(self.as_of):
                found[who.member].add(who.branch)
        return found

    def members(self, branch: PartyBranch, day: date | None = None) -> list[Membership]:
        """Who belonged to the branch on a day (else on `as_of`)."""
        return self.belonging(branch.number, (day or self.as_of).isoformat())

    def belonging(self, branch: int, day: str) -> list[Membership]:
        """The same by number and text; of whom it is not said since when, once the book knew him."""
        return self.roster.belonging(branch, day, self._unknown("member"))

    def _unknown(self, ledger: str) -> set[int]:
        return self.once(lambda _: late(self.connection, record(ledger), self.as_of, self.known), ledger)

    def standing(self, ledger: str, found: Iterable[Row]) -> list[Row]:
        """Of records of a ledger those that say since when they stand, or of which the book knew by `as_of`."""
        unknown = self._unknown(ledger)
        return [row for row in found if row["id"] not in unknown]

    def formal(self, branch: PartyBranch, day: date | None = None) -> list[Membership]:
        text = (day or self.as_of).isoformat()
        return [who for who in self.members(branch, day) if self.is_formal(who.member, text)]

    def assessable(self, branch: PartyBranch) -> list[Membership]:
        """Members of whom attendance, study and service are asked (年老体弱等免考核的除外)."""
        return [who for who in self.members(branch) if self.registered[who.member]["exempt_reason"] is None]

    def shown(self, members: Iterable[int]) -> list[str]:
        """Names, with the 工号 where two bear one."""
        return [self.roster.shown(member) for member in members]

    def person(self, member: int, note: str = "") -> Reference:
        return Reference("member", member, "", self.roster.shown(member), note)

    def named(
        self, ledger: str, found: Iterable[Row], note: Said | None = None, title: Said | None = None
    ) -> list[Reference]:
        """Rows of a ledger as they are named behind a figure: by its day, and its title or the members whom it is about."""
        kind, references = record(ledger), []
        for row in found:
            about = title(row) if title else row[kind.named_by] if kind.named_by else None
            if not (title or kind.named_by):
                about = "、".join(self.shown(row[who] for who in kind.member_columns))
            note_of = (note and note(row)) or ""
            references.append(Reference(ledger, row["id"], row[kind.date] or "", about or "", note_of))
        return references

    def window(self, branch: PartyBranch) -> Window:
        """The period as it is judged today, for a branch that may be younger than it."""
        since = last_date(branch.founded_on) if branch.founded_on else None
        until = last_date(branch.emptied_on) if branch.emptied_on else None
        return Window(self.period.first, self.period.last, self.today, since, until)

    @cached_property
    def meetings(self) -> dict[int, list[Held]]:
        """The meetings by branch, from the first day of the period's first year: a quarter may begin before the period."""
        bounds = text_bounds(self.period.first.replace(month=1, day=1), self.as_of)
        found: dict[int, list[Held]] = defaultdict(list)
        votes: dict[int, list[Vote]] = defaultdict(list)
        states: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        made_good: dict[int, list[int]] = defaultdict(list)
        its, vote, voted = with_rows("meeting", "vote")
        then = between(its.held_on, bounds)
        query = select(its.id, *(vote[name] for name in Vote._fields)).select_from(voted).where(then)
        for number, *fields in self.connection.execute(query):
            votes[number].append(Vote(*fields))
        _, stood, attended = with_rows("meeting", "attendance")
        query = select(its.id, stood.state, stood.made_up, stood.member_id).select_from(attended).where(then)
        query = query.order_by(its.id, stood.state.desc(), stood.member_id)
        for number, state, made_up, member in self.connection.execute(query):
            states[number][state].append(member)
            if made_up:
                made_good[number].append(member)
        _, count, counted = with_rows("meeting", "headcount", every=True)
        named = [its.id.label("number"), its.branch_id.label("branch"), its.held_on.label("day")]
        own = [its[name] for name in ("kind", "topic", "group", "first_topic", "votes")]
        query = select(*named, *own, count.basis, count.due, count.present).select_from(counted).where(then)
        for row in self.rows(query.order_by(its.held_on, its.id)):
            mine = dict(states[row["number"]])
            due: int | None = sum(len(who) for state, who in mine.items() if state != Attended.VISITOR)
            present = len(mine.get(Attended.PRESENT, ()))
            if row["basis"] == Basis.COUNT:
                due, present = row["due"] if row["present"] is not None else None, row["present"] or 0
            texts = {"due": due or None, "present": present, "states": mine, "made_up": made_good[row["number"]]}
            ballots = kept_votes(row["votes"], votes[row["number"]])
            found[row["branch"]].append(Held(**{**row, **texts, "votes": ballots}))
        return found

    def held(self, branch: PartyBranch | None = None, *kinds: str) -> list[Held]:
        """The meetings of the period itself, of a branch or of all that were asked for, of some kinds or of all."""
        start, end = self.bounds
        homes = [branch] if branch else self.branches if self.narrowed else None
        every = self.meetings.values() if homes is None else [self.meetings.get(home.number, ()) for home in homes]
        found = [it for held in every for it in held if start <= it.day < end and (not kinds or it.kind in kinds)]
        return sorted(found, key=lambda meeting: (meeting.day, meeting.number))


def branch_in(roster: Roster, branch: str) -> int:
    """The organisation of that name. NotFound when there is none."""
    try:
        return roster.branch_meant(tight(branch))
    except ValueProblem as problem:
        raise NotFound(f"{problem.sentence}。") from None


def load_facts(connection: Connection, period: Period, today: date, branch: str | None = None) -> Facts:
    """Read the branches and the roster; `branch` narrows to one, or to those below a 党委 or 党总支. NotFound for none."""
    as_of = min(period.last, today)
    roster = load_roster(connection, as_of)
    known = known_by(connection, as_of) or known_by(connection, today)
    unknown = late(connection, Branch, as_of, known)
    unknown -= {
        who.branch for who in roster.memberships if (who.starts or "~") <= str(as_of)
    }  # it was there for somebody
    every = _branches(connection, roster, unknown, as_of)
    left = [home for home in every if not home.emptied_on or last_date(home.emptied_on) > period.first]
    branches, unit = left or every, ""
    if branch is not None:
        number = branch_in(roster, branch)
        below, unit = set(roster.below(number)), roster.branch_names[number]
        branches = [home for home in every if home.number == number or (home.number in below and home in left)]
        if not branches:
            raise NotFound(
                f"“{unit}”下面没有党支部，自查和数据按党支部进行。请写党支部的名称，或给下级支部填上级党组织。"
            )
    whole = branch is None or (len(branches) == len(left) and unit not in [home.name for home in branches])
    kinds = {number: kind for number, kind in roster.branch_kinds.items() if number not in unknown}
    upper = [
        roster.branch_names[number] for above in ("党委", "党总支") for number, kind in kinds.items() if kind == above
    ]
    return Facts(connection, period, today, branches, roster, not whole, unit, len(every) == 1, upper, known)
