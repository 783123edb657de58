"""发展党员 cases as the rules see them (发展党员事实): days, people and hours of each, from two queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.index.calendar import Calendar, built_in_years
from partybuild_cli.records.development import Development
from partybuild_cli.rules.development import Case, StepResult, assess
from partybuild_cli.values.day import Day
from partybuild_cli.values.idnumber import birth_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DAYS = [column.key for column in Development.columns.values() if isinstance(column.kind, Day)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person of the development ledger."""

    number: int
    name: str
    branch: int | None
    votes: str | None
    staff_kind: str | None
    case: Case


def candidates(connection: "Connection") -> list[Candidate]:
    """Everybody in the ledger; 岗位类别 from the roster where the ledger does not say it."""
    people: dict[int, dict[str, int]] = {}
    counted = (
        "SELECT record_id, role, count(*) FROM person WHERE ledger = 'development' GROUP BY record_id, role ORDER BY 1"
    )
    for number, role, count in connection.exec_driver_sql(counted):
        people.setdefault(number, {})[role] = count
    sql = (
        "SELECT d.*, coalesce(d.staff_kind, m.staff_kind) AS known_kind"
        " FROM development AS d LEFT JOIN member AS m ON m.id_number = d.id_number ORDER BY d.id"
    )
    return [_candidate(dict(row), people) for row in connection.exec_driver_sql(sql).mappings()]


def _candidate(row: dict[str, Any], people: dict[int, dict[str, int]]) -> Candidate:
    days = {key: row[key] for key in _DAYS}
    if not days["born_on"] and row["id_number"]:
        days["born_on"] = birth_day(row["id_number"])
    hours = row["trained_hours"]
    case = Case(
        days,
        people.get(row["id"], {}),
        None if hours is None else Decimal(hours).scaleb(-4),
        (row["extension_months"] or 0) // 10_000,
    )
    return Candidate(row["id"], row["name"], row["branch_id"], row["votes"], row["known_kind"], case)


def assess_all(
    found: Iterable[Candidate], today: date, *, edition: str | None = None, local: bool = False
) -> dict[int, list[StepResult]]:
    """The 25 steps of each, by number."""
    calendar = Calendar(built_in_years())

    def working_day(start: date, count: int) -> date:
        return calendar.working_days_from(start, count).last

    return {one.number: assess(one.case, today, working_day=working_day, edition=edition, local=local) for one in found}


def steps_of(
    connection: "Connection", number: int, today: date, *, edition: str | None = None, local: bool = False
) -> list[StepResult]:
    """The 25 steps of one person. UsageFault when the edition, or a recorded extension, is not one."""
    try:
        wanted = [one for one in candidates(connection) if one.number == number]
        return assess_all(wanted, today, edition=edition, local=local)[number]
    except ValueProblem as problem:
        raise UsageFault(problem.sentence) from None
