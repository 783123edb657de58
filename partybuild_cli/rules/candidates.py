"""The people of the development ledger as the rules see them (发展党员对象): days, people and hours of each, from two queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from partybuild_cli.records.development import Development
from partybuild_cli.rules.facts import Facts
from partybuild_cli.values.day import ends, first_date, last_date
from partybuild_cli.values.idnumber import birth_day
from partybuild_cli.values.period import Day, behind
from partybuild_cli.values.votes import Ballots, read_votes

#: The days that the ledger keeps.
DAYS = [column.key for column in Development.columns.values() if isinstance(column.kind, Day)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person of the development ledger: days by field (also `born_on`, and `posted_on` for 公示), how many people.

    `unfit` are those of the people who were no 正式党员 on their day.
    """

    days: Mapping[str, str | None]
    people: Mapping[str, int] = field(default_factory=dict)
    trained_hours: Decimal | None = None
    extension_months: int = 0
    unfit: Mapping[str, Sequence[str]] = field(default_factory=dict)
    number: int = 0
    name: str = ""
    branch: int | None = None
    votes: Mapping[str, Ballots] = field(default_factory=dict)
    staff_kind: str | None = None

    def recorded(self, name: str) -> bool:
        """Whether a step has its day, or its people."""
        return bool(self.days.get(name) or self.people.get(name))


#: The days on the way, by which it is known that somebody had set out.
_WAY = [key for key in DAYS if key != "born_on"]
_PEOPLE = (
    "SELECT record_id, role, member_id FROM person WHERE ledger = 'development' ORDER BY record_id, role, member_id"
)
_CANDIDATES = """
SELECT d.*, m.id AS member_id
FROM development AS d LEFT JOIN member AS m ON m.id_number = d.id_number ORDER BY d.id
"""
#: By which day somebody must be 正式党员 to be named for a step: the first of these that is recorded.
_NAMED_ON = {"contacts": ("activist_on",), "sponsors": ("candidate_on", "voted_on")}


def candidates(facts: Facts) -> list[Candidate]:
    """Everybody of the development ledger who had set out by `as_of`; 岗位类别 from the roster where the ledger does not say it."""
    named: dict[int, dict[str, list[int]]] = {}
    for number, role, member in facts.connection.exec_driver_sql(_PEOPLE):
        named.setdefault(number, {}).setdefault(role, []).append(member)
    found = []
    for row in facts.standing(Development, facts.rows(_CANDIDATES)):
        if min(filter(None, map(row.get, _WAY)), default="") >= behind(facts.as_of):
            continue
        days = {key: row[key] for key in DAYS}
        if not days["born_on"] and row["id_number"]:
            days["born_on"] = birth_day(row["id_number"])
        hours = None if row["trained_hours"] is None else Decimal(row["trained_hours"]).scaleb(-4)
        roles = named.get(row["id"], {})
        unfit = {
            role: facts.shown(one for one in members if _unfit(facts, role, days, one))
            for role, members in roles.items()
        }
        counted = {role: len(members) for role, members in roles.items()}
        votes = {key: read_votes(row[key] or "") for key in ("votes", "full_votes")}
        kind = row["staff_kind"] or (facts.people[row["member_id"]].staff_kind if row["member_id"] else None)
        months = (row["extension_months"] or 0) // 10_000
        of = (row["id"], row["name"], row["branch_id"])
        found.append(Candidate(days, counted, hours, months, unfit, *of, votes, kind))
    return found


def _unfit(facts: Facts, role: str, days: Mapping[str, str | None], member: int) -> bool:
    """Whether somebody was certainly no 正式党员 when he was named; of a coarse day the last counts for him."""
    day = next((days[key] for key in _NAMED_ON.get(role, ()) if days[key]), None)
    return not facts.people[member].formal_on(str(last_date(ends(day)[1]) if day else date.max))


def is_ahead(day: str | None, today: date) -> bool:
    """Whether a recorded day has not come; of a range the last day counts."""
    return bool(day) and first_date(ends(str(day))[1]) > today
