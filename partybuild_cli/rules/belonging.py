"""Whose the records are: the branches that a record belongs to (记录归属), and the people of the development ledger as the rules
see them (发展党员对象), with days, people, hours and votes of each.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from sqlalchemy import column, select, table

from partybuild_cli.records.base.declare import PersonLink
from partybuild_cli.records.base.registry import record
from partybuild_cli.records.base.roster import spans_of
from partybuild_cli.rules import item
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.store.asof import added_after
from partybuild_cli.values.day import ends, first_date, last_date
from partybuild_cli.values.people import birth_day
from partybuild_cli.values.period import behind
from partybuild_cli.values.text import tight
from partybuild_cli.values.votes import Ballots, read_votes

#: What a record that names no branch, and nobody of one, is filed under.
UNPLACED = "（未对应党支部）"
#: Whom records name, of any ledger.
PERSON = table("person", *map(column, ("ledger", "record_id", *PersonLink._fields)))


class Owners:
    """Whose a record is: of the branch that it says, of the only one there is, of the members that it names or those
    whose names stand in it; what names nobody is filed under the organisation above, or left unplaced.
    """

    def __init__(self, facts: Facts) -> None:
        self._only = facts.branches[0].name if facts.only and facts.branches else None
        self._branches = {branch.number: branch.name for branch in facts.branches}
        self._roster, kinds = facts.roster, facts.roster.branch_kinds
        self._all = {number for number, kind in kinds.items() if kind in ("党支部", None)}
        #: Where what names no branch is filed; nowhere where one branch is asked for.
        self.above = "" if facts.narrowed else next(iter(facts.upper), UNPLACED)
        self._named: dict[tuple[str, int], set[int]] = defaultdict(set)
        named, about = PERSON.c, ("task", "decision", "honor", "pairing", "zone", "metric")
        query = select(named.ledger, named.record_id, named.member_id).where(named.ledger.in_(about)).distinct()
        for ledger, number, member in facts.connection.execute(query):
            self._named[ledger, number].add(facts.registered[member]["branch_id"])

    def of(self, ledger: str, row: Row, text: str = "") -> list[str]:
        """The names of the branches that a record belongs to; `text` may name some, as they were called on its day."""
        if self._only:
            return [self._only]
        branch = row.get("branch_id")
        day = next((row[key] for key in ("awarded_on", "started_on") if row.get(key)), None)
        named = {branch} & self._all if branch is not None else set(self._named.get((ledger, row["id"]), ()))
        if branch is None:
            words = whole_names(text, {**self._roster.borne, **self._roster.branches}) if text else ()
            named |= {self._roster.numbered(name, day) or 0 for name in words} & self._all
        if not named:
            return [self.above] if self.above else []
        return [self._branches[number] for number in sorted(named) if number in self._branches]


def by_owner(facts: Facts, ledger: str, read: Callable[[Facts], list[Row]], *texts: str) -> dict[str, list[Row]]:
    """What is read of a ledger by the names of the branches that it belongs to; `texts` are columns that may name one."""

    def grouped(facts: Facts) -> dict[str, list[Row]]:
        result: dict[str, list[Row]] = defaultdict(list)
        for row in read(facts):
            for name in facts.once(Owners).of(ledger, row, "、".join(str(row[key]) for key in texts if row[key])):
                result[name].append(row)
        return result

    return facts.once(grouped, read)


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


@cache
def days_kept() -> list[str]:
    """The days that the development ledger keeps; all but that of birth show that somebody had set out."""
    return [column.key for column in record("development").columns.values() if column.kind.matter == "day"]


class Candidate(NamedTuple):
    """One person of the development ledger: days by field (`posted_on`: 公示), people of each step, the `unfit` ones."""

    days: Mapping[str, str | None]
    people: Mapping[str, int] = {}
    trained_hours: Decimal | None = None
    extension_months: int = 0
    unfit: Mapping[str, Sequence[str]] = {}
    number: int = 0
    name: str = ""
    branch: int | None = None
    votes: Mapping[str, Ballots] = {}
    staff_kind: str | None = None


def candidates(facts: Facts) -> list[Candidate]:
    """Everybody of the development ledger who had set out by `as_of`; 岗位类别 from the roster where the ledger does not say it."""
    named: dict[int, dict[str, list[int]]] = {}
    link = PERSON.c
    query = select(link.record_id, link.role, link.member_id).where(link.ledger == "development")
    for number, role, member in facts.connection.execute(query.order_by(link.record_id, link.role, link.member_id)):
        named.setdefault(number, {}).setdefault(role, []).append(member)
    kinds = {row["id_number"]: row["staff_kind"] for row in facts.registered.values() if row["id_number"]}
    spans, day = spans_of(facts.connection, "development"), str(facts.as_of)
    held, way = record("development").held, [key for key in days_kept() if key != "born_on"]
    rows = [held({**row}, spans.get(row["id"], ()), day) for row in facts.every("development")]
    rows = [{**row, "begun": min(filter(None, map(row.get, way)), default=None)} for row in rows]
    later, end = added_after(facts.connection, "development", facts.known), behind(facts.as_of)
    known = set() if facts.known is None else {row["id"] for row in rows} - later  # whatever step came first since
    found = []
    for row in facts.standing("development", (row for row in rows if (row["begun"] or "") < end or row["id"] in known)):
        days, roles = {key: row[key] for key in days_kept()}, named.get(row["id"], {})
        if not days["born_on"] and row["id_number"]:
            days["born_on"] = birth_day(row["id_number"])
        case = Candidate(days, number=row["id"], name=row["name"], branch=row["branch_id"])
        said = {
            "people": {role: len(members) for role, members in roles.items()},
            "unfit": {role: facts.shown(_unfit(facts, role, days, members)) for role, members in roles.items()},
            "votes": {key: read_votes(row[key] or "") for key in ("votes", "full_votes")},
            "staff_kind": row["staff_kind"] or kinds.get(row["id_number"]),
            "trained_hours": row["trained_hours"],
            "extension_months": int(row["extension_months"] or 0),
        }
        found.append(case._replace(**said))
    return found


def _unfit(facts: Facts, role: str, days: Mapping[str, str | None], members: Sequence[int]) -> list[int]:
    """Who was certainly no 正式党员, or had no rights (留党察看), on the day on which he was named, a coarse one's last."""
    keys = item.table("development")["named_on"].get(role, ())
    day = next((days[key] for key in keys if days[key]), None)
    last = str(last_date(ends(day)[1]) if day else date.max)
    voteless = {member for member, start, end in facts.once(without_rights) if day and start <= day and last <= end}
    return [member for member in members if member in voteless or not facts.is_formal(member, last)]


def tenures(facts: Facts) -> list[Row]:
    """What held of members for a time (任职和状态), as far as the book knew of it."""
    return facts.standing("tenure", facts.every("tenure"))


def without_rights(facts: Facts) -> list[tuple[int, str, str]]:
    """Who has no vote, from when to when (留党察看期间没有表决权、选举权和被选举权; 中止权利)."""
    found = (row for row in facts.once(tenures) if row["kind"] in item.table("quorum")["voteless"])
    return [(row["member_id"], row["started_on"] or "", f"{row['ended_on'] or '9999'}~") for row in found]


def is_ahead(day: str | None, today: date) -> bool:
    """Whether a recorded day has not come; of a range the last day counts."""
    return bool(day) and first_date(ends(str(day))[1]) > today
