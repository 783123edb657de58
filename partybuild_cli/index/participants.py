"""Who is scored in a quarter, and in which branch (参评人): each member for the part of it that he belonged there.

A member who moved between two branches of the book within the quarter stands in both, each with his part. Names, settings and
people are those of the quarter's end, asked once by a `Roll` that all later steps read.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, column, select, text
from sqlmodel import col

from partybuild_cli.index.measures import QUERIES
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, rounds_of
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.records.base.column import Span, Values
from partybuild_cli.records.base.present import all_on, late
from partybuild_cli.records.base.registry import record
from partybuild_cli.records.base.roster import Roster, load_roster, spans_of
from partybuild_cli.records.branch import Branch
from partybuild_cli.records.member import Member
from partybuild_cli.records.settings import Settings, settings_of
from partybuild_cli.records.task import Task, own_verifier
from partybuild_cli.store.asof import added_after, known_by
from partybuild_cli.values.day import first_date, last_date
from partybuild_cli.values.text import tight

#: What stands from one day on, which nobody need have written down.
_STANDING = ("member", "post", "zone", "pairing")
#: What is asked of each stay, and of whose it is.
_STAY = ("member_id", "branch_id", "starts", "ends", "whole", "past")
_PERSON = (
    *("name", "staff_no", "category", "staff_kind", "party_post", "group", "department"),
    *("standing", "suspended_on", "exempt_reason", "away_on", "lost_on"),
)
#: A member in a branch, by their numbers.
Key = tuple[int, int]
#: A row of a query, whose columns go by place and by name.
Found = Any
Rows = Sequence[Found]


class Participant(NamedTuple):
    """A member in one branch in one quarter; `unscored` says why he is listed without a score, `presence` is the part
    of the quarter that he was there, `stayed` whether he was when it ended.
    """

    member: int
    branch: int
    branch_name: str
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
    stayed: bool

    @property
    def key(self) -> Key:
        return self.member, self.branch


#: Those who are ranked among themselves where a scheme ranks them apart (名次分开排).
RANKED_APART = ("在岗", "退休", "预备")


def rank_profile(scheme: Scheme, participant: Participant) -> str | None:
    """Among whom a member is ranked; None where a scheme ranks all together."""
    if not scheme.ranked_apart:
        return None
    if participant.category == "预备党员":
        return "预备"
    return "退休" if participant.staff_kind == "退休" else "在岗"


class Roll(NamedTuple):
    """A quarter of the book, or of some `branches`, as it stood when the quarter ended (参评名册): asked once by `roll_of`.

    `roster` has the organisations as they were called, `settings` what the unit had decided (本单位设定), `values` what every
    query may name, `participants` everybody who belonged to a branch on any day, by branch and in the order of the roster.
    """

    connection: Connection
    quarter: Quarter
    branches: tuple[int, ...] | None
    roster: Roster
    settings: Settings
    values: Mapping[str, object]
    participants: Sequence[Participant]

    @property
    def names(self) -> Mapping[int, str]:
        """What every organisation was called, in the order of their numbers."""
        return self.roster.branch_names

    def of(self, branches: Collection[int]) -> "Roll":
        """The same of some of its branches."""
        inside = [who for who in self.participants if who.branch in branches]
        if len(inside) == len(self.participants):
            return self
        return self._replace(branches=tuple(branches), participants=inside)

    def rounds(self) -> dict[int, Round]:
        """The last revision of each of its branches that has a round by now."""
        latest = rounds_of(self.connection, self.quarter)
        return {number: found for number, found in latest.items() if self.branches is None or number in self.branches}

    def posted(self) -> dict[int, Round]:
        """Those of them that hang or hung (已公示)."""
        return {number: found for number, found in self.rounds().items() if not found.open}

    def select(self, sql: str, **values: object) -> Rows:
        """The rows of a query about the quarter."""
        named = {**self.values, "branches": self.branches, **values}
        return self.connection.execute(_bound(sql, named)).all()


def roll_of(connection: Connection, quarter: Quarter, branch: int | None = None) -> Roll:
    """The roll of a branch (of a 党总支 or 党委: of those under it), or of the book: all that is asked as of the quarter's end."""
    roster, settings = load_roster(connection, quarter.last), settings_of(connection, quarter.last)
    known, today, (begin, end) = known_by(connection, quarter.last), date.today(), quarter.bounds
    branches = None if branch is None else tuple(roster.below(branch))
    values: dict[str, object] = {
        **{"first": str(quarter.first), "last": str(quarter.last), "begin": begin, "end": end},
        **{"quarter": quarter.label, "branches": branches, "today": str(today), "this_month": f"{today:%Y-%m}"},
        **{f"month_{at}": month for at, month in enumerate(quarter.months, start=1)},
        **{f"late_{ledger}": tuple(late(connection, record(ledger), quarter.last, known)) for ledger in _STANDING},
        **{"late_dues": tuple(added_after(connection, "dues", known)), "paid_by": f"{quarter.last}~" if known else "~"},
    }
    by_quarter = all_on(connection, Branch, quarter.last).items()
    values["by_quarter"] = tuple(number for number, row in by_quarter if row["dues_quarterly"])
    verified = select(col(Task.id), col(Task.responsible), col(Task.verified_by)).where(
        col(Task.due_on) >= begin, col(Task.due_on) < end, col(Task.verified_by).is_not(None)
    )
    tasks = (row._asdict() for row in connection.execute(verified))
    values["self_verified"] = tuple(task["id"] for task in tasks if own_verifier(task))
    stays = _bound(QUERIES["stays"], values).columns(*map(column, _STAY)).subquery("s")
    people = (
        select(stays, *(getattr(Member, field) for field in _PERSON))
        .join(Member, col(Member.id) == stays.c.member_id)
        .order_by(stays.c.branch_id, stays.c.member_id, stays.c.past)
    )
    found: dict[Key, list[Found]] = {}
    for row in connection.execute(people).all():
        found.setdefault((row.member_id, row.branch_id), []).append(row)
    spans, names = spans_of(connection, "member"), roster.branch_names
    everyone = [_participant(key, names[key[1]], rows, spans.get(key[0], ()), quarter) for key, rows in found.items()]
    return Roll(connection, quarter, branches, roster, settings, values, everyone)


def _bound(sql: str, values: Mapping[str, object]) -> TextClause:
    """A query with named values, of which it may need only some; a tuple stands for the list of an IN, None for all branches."""
    if values["branches"] is None:
        sql = sql.replace(" AND t.branch_id IN :branches", "")
    needed = {name: values[name] for name in re.findall(r":(\w+)", sql)}
    return text(sql).bindparams(
        *(bindparam(name, value, expanding=isinstance(value, tuple)) for name, value in needed.items())
    )


def _participant(key: Key, branch_name: str, rows: Rows, spans: Sequence[Span], quarter: Quarter) -> Participant:
    """As he stood on the last day of the quarter, or on his last there."""
    last = min(quarter.last, max(_last_inside(row.ends) for row in rows))
    person = Member.held(rows[0]._mapping, spans, last.isoformat())
    if rows[0].past:  # what he is now says nothing of then
        known = {span.field for span in spans}
        person |= {field: None for field in ("party_post", "group") if field not in known}
    days = 0
    for row in rows:
        first = max(quarter.first, date.fromisoformat(row.starts)) if row.starts else quarter.first
        days += max(0, (min(quarter.last, _last_inside(row.ends)) - first).days + 1)
    return Participant(
        member=key[0],
        branch=key[1],
        branch_name=branch_name,
        **{field: person[field] for field in ("name", "staff_no", "category", "staff_kind", "party_post")},
        group=tight(person["group"]) if person["group"] else None,
        department=tight(person["department"]) if person["department"] else None,
        unscored=_unscored(quarter, person),
        days=days,
        presence=Fraction(days, quarter.days),
        stayed=any(row.ends > str(quarter.last) for row in rows),
    )


def _last_inside(ends: str) -> date:
    if ends == "9999":
        return date.max
    return last_date(ends[:-1]) if ends.endswith("~") else date.fromisoformat(ends) - timedelta(days=1)


def _unscored(quarter: Quarter, person: Values) -> str:
    """Why a member is listed and not scored; who was away all of the quarter was away for three months."""
    suspended_on = person["suspended_on"]
    if person["standing"] == "停止党籍" and not (suspended_on and first_date(suspended_on) > quarter.last):
        return "停止党籍"
    if person["exempt_reason"]:
        return f"免考核：{person['exempt_reason']}"
    for since, word in ((person["away_on"], "外出满三个月"), (person["lost_on"], "失去联系满三个月")):
        if since and last_date(since) <= quarter.first:
            return word
    return ""
