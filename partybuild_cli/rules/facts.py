"""Who belongs where, for the checks (自查所据的人和组织): the branches, and the people in them on any day.

Facts are read in whole sets, one query a fact and never one a branch; what is particular to a branch is picked out in memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound, ValueProblem
from partybuild_cli.records.base.roster import Roster, Seat, load_roster
from partybuild_cli.values.day import first_date
from partybuild_cli.values.period import Period
from partybuild_cli.values.text import tight

#: What a record that names no branch, and nobody of one, is filed under.
UNPLACED = "（未对应党支部）"


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

    @property
    def since(self) -> date | None:
        """The founding, before which nothing is owed."""
        return first_date(self.founded_on) if self.founded_on else None


@dataclass(frozen=True, slots=True)
class Person:
    """What the roster says of a member besides where he belongs."""

    name: str
    category: str
    full_on: str | None
    exempt: bool
    staff_kind: str | None
    position: str | None
    excluded_on: str | None

    def formal_on(self, day: str) -> bool:
        """正式党员 on a day: 预备党员 before 转正."""
        return self.category == "正式党员" and (self.full_on is None or self.full_on <= day)


@dataclass(slots=True)
class Field:
    """The field that a period is checked on: branches, people, the period, and the day as of which it is looked at.

    `narrowed` where one branch of the book was asked for.
    """

    connection: Connection
    period: Period
    today: date
    branches: list[Branch]
    roster: Roster
    people: dict[int, Person]
    narrowed: bool = False
    homes: dict[int, set[int]] = field(default_factory=dict)

    @property
    def as_of(self) -> date:
        """The last day of the period, or today while it runs."""
        return min(self.period.last, self.today)

    @property
    def bounds(self) -> tuple[str, str]:
        """Text bounds of the period for `column >= ? AND column < ?`; a month counts where it begins."""
        return self.period.bounds

    def where_branch(self, column: str) -> str:
        """A condition that keeps the records of the branches asked for; nothing where the whole book is."""
        numbers = ", ".join(str(one.number) for one in self.branches)
        return f" AND {column} IN ({numbers})" if self.narrowed else ""

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


def load_field(connection: Connection, period: Period, today: date, branch: str | None = None) -> Field:
    """Read the branches and the roster; `branch` narrows to one. NotFound when there is no such branch."""
    roster = load_roster(connection)
    branches = _branches(connection)
    if branch is not None:
        try:
            number = roster.branch(tight(branch))
        except ValueProblem as problem:
            raise NotFound(f"{problem.sentence}。") from None
        branches = [one for one in branches if one.number == number]
        if not branches:
            raise NotFound(f"“{tight(branch)}”不是党支部，自查和数据按党支部进行。请写党支部的名称。")
    seats = roster.seats  # everybody at once, before he is asked for by number
    made = Field(connection, period, today, branches, roster, _people(connection, roster), branch is not None)
    for seat in seats:
        if seat.branch is not None:
            made.homes.setdefault(seat.member, set()).add(seat.branch)
    return made


def _branches(connection: Connection) -> list[Branch]:
    """党支部 only: a 党委 or 党总支 has no members of its own; an organisation without 类别 counts as a branch."""
    columns = "id, name, founded_on, elected_on, term_years, brand, departments, lectures_per_year, coalesce(dues_quarterly, 0)"
    sql = f"SELECT {columns} FROM branch WHERE kind IS NULL OR kind = '党支部' ORDER BY id"
    return [Branch(*row) for row in connection.exec_driver_sql(sql)]


def _people(connection: Connection, roster: Roster) -> dict[int, Person]:
    excluded = "CASE WHEN excluded_reason IS NOT NULL THEN excluded_on END"
    columns = f"id, category, full_on, exempt_reason IS NOT NULL, staff_kind, position, {excluded}"
    return {
        number: Person(roster.shown(number), category, full_on, bool(exempt), *rest)
        for number, category, full_on, exempt, *rest in connection.exec_driver_sql(f"SELECT {columns} FROM member")
    }
