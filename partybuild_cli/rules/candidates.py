"""The people of the development ledger as the rules see them (发展党员对象): days, people, hours and votes of each."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from partybuild_cli.records.base.roster import spans_of
from partybuild_cli.records.development import Development
from partybuild_cli.records.tenure import Tenure
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.rules.item import table
from partybuild_cli.store.asof import added_after
from partybuild_cli.values.day import ends, first_date, last_date
from partybuild_cli.values.idnumber import birth_day
from partybuild_cli.values.period import Day, behind
from partybuild_cli.values.votes import Ballots, read_votes

#: The days that the ledger keeps, and those of them on the way, by which it is known that somebody had set out.
DAYS = [column.key for column in Development.columns.values() if isinstance(column.kind, Day)]
_WAY = [key for key in DAYS if key != "born_on"]


class Candidate(NamedTuple):
    """One person of the development ledger: days by field (also `born_on`, and `posted_on` for 公示), how many people.

    `unfit`: of the people of a step those who could not be named for it on their day.
    """

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
    people = (
        "SELECT record_id, role, member_id FROM person WHERE ledger = 'development' ORDER BY record_id, role, member_id"
    )
    for number, role, member in facts.connection.exec_driver_sql(people):
        named.setdefault(number, {}).setdefault(role, []).append(member)
    kinds = {row["id_number"]: row["staff_kind"] for row in facts.registered.values() if row["id_number"]}
    spans, day = spans_of(facts.connection, "development"), str(facts.as_of)
    rows = [Development.held({**row}, spans.get(row["id"], ()), day) for row in facts.every(Development)]
    rows = [{**row, "begun": min(filter(None, map(row.get, _WAY)), default=None)} for row in rows]
    later, end = added_after(facts.connection, "development", facts.known), behind(facts.as_of)
    known = set() if facts.known is None else {row["id"] for row in rows} - later  # whatever step came first since
    found = []
    for row in facts.standing(Development, (row for row in rows if (row["begun"] or "") < end or row["id"] in known)):
        days, roles = {key: row[key] for key in DAYS}, named.get(row["id"], {})
        if not days["born_on"] and row["id_number"]:
            days["born_on"] = birth_day(row["id_number"])
        found.append(
            Candidate(
                days,
                {role: len(members) for role, members in roles.items()},
                row["trained_hours"],
                int(row["extension_months"] or 0),
                {role: facts.shown(_unfit(facts, role, days, members)) for role, members in roles.items()},
                *(row["id"], row["name"], row["branch_id"]),
                {key: read_votes(row[key] or "") for key in ("votes", "full_votes")},
                row["staff_kind"] or kinds.get(row["id_number"]),
            )
        )
    return found


def _unfit(facts: Facts, role: str, days: Mapping[str, str | None], members: Sequence[int]) -> list[int]:
    """Who was certainly no 正式党员 on the day on which he was named (the first of these that is recorded), or had no rights
    then (留党察看); of a coarse day the last counts for him.
    """
    keys = table("development")["named_on"].get(role, ())
    day = next((days[key] for key in keys if days[key]), None)
    last = str(last_date(ends(day)[1]) if day else date.max)
    voteless = {member for member, start, end in facts.once(without_rights) if day and start <= day and last <= end}
    return [member for member in members if member in voteless or not facts.people[member].formal_on(last)]


def tenures(facts: Facts) -> list[Row]:
    """What held of members for a time (任职和状态), as far as the book knew of it."""
    return facts.standing(Tenure, facts.every(Tenure))


def without_rights(facts: Facts) -> list[tuple[int, str, str]]:
    """Who has no vote, from when to when (留党察看期间没有表决权、选举权和被选举权; 中止权利)."""
    found = (row for row in facts.once(tenures) if row["kind"] in table("quorum")["voteless"])
    return [(row["member_id"], row["started_on"] or "", f"{row['ended_on'] or '9999'}~") for row in found]


def is_ahead(day: str | None, today: date) -> bool:
    """Whether a recorded day has not come; of a range the last day counts."""
    return bool(day) and first_date(ends(str(day))[1]) > today
