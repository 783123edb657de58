"""The branches (党支部) as they stood on a day: what their own record said then, and their latest election by it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from partybuild_cli.records.base.context import Values
from partybuild_cli.records.base.loaded import all_on
from partybuild_cli.records.branch import Branch as BranchRecord


@dataclass(frozen=True, slots=True)
class Branch:
    """One 党支部, as the checks need it."""

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


def load_branches(connection: Connection, as_of: date) -> list[Branch]:
    """The branches that were there on a day; an organisation without 类别 counts as one."""
    elected = _elections(connection, as_of)
    return [
        _branch(number, row | elected.get(number, {}) if _later(row, elected.get(number)) else row)
        for number, row in all_on(connection, BranchRecord, as_of).items()
        if row["kind"] in (None, "党支部") and (row["founded_on"] or "") <= str(as_of)
    ]


_ELECTIONS = """
SELECT branch_id, elected_on, term_years, CASE WHEN approved_on <= ? THEN extended_until END FROM election
WHERE elected_on <= ? ORDER BY elected_on, id
"""


def _elections(connection: Connection, as_of: date) -> dict[int, Values]:
    """The latest election of each branch by a day, with the delay of the next that had been approved by then (延期换届)."""
    found = connection.exec_driver_sql(_ELECTIONS, (str(as_of), str(as_of)))
    return {
        branch: {"elected_on": day, "term_years": years, "extended_until": until} for branch, day, years, until in found
    }


def _later(row: Values, election: Values | None) -> bool:
    return election is not None and election["elected_on"] >= (row["elected_on"] or "")


def _branch(number: int, row: Values) -> Branch:
    asked = ("name", "founded_on", "elected_on", "term_years", "brand", "departments", "lectures_per_year")
    said: Values = {key: row[key] for key in asked}
    until = row.get("extended_until")
    return Branch(number=number, dues_quarterly=bool(row["dues_quarterly"]), extended_until=until, **said)
