"""The 25 steps of 发展党员 as data, with the editions of the 细则 (2014, revised 2026-05-18), and the probation (预备期)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

from partybuild_cli.errors import ValueProblem
from partybuild_cli.rules.item import table
from partybuild_cli.values.day import add_months, ends, first_date, last_date

WorkingDay = Callable[[date, int], date]
"""The n-th working day from a day on, which itself counts (公示起算日计入)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An earliest or latest day, counted from the day of another field."""

    edge: Literal["earliest", "latest"]
    anchor: str
    words: str
    months: int = 0
    days: int = 0
    working_days: int = 0
    extension: bool = False
    editions: tuple[str, ...] = ()
    local: str = ""

    def holds(self, edition: str, local: bool) -> bool:
        """Whether it binds under an edition; a local one only where the branch asks for local limits."""
        return (local or not self.local) and (not self.editions or edition in self.editions)

    def window(self, day: str, extension_months: int, working_day: WorkingDay) -> tuple[date, date]:
        """The first and last day that the limit may mean, as coarse as the day it counts from."""
        if self.working_days:
            begun = ends(day)[0]
            starts = (first_date(begun), last_date(begun))
            return _both(starts, lambda start: working_day(start, self.working_days) + timedelta(days=1))
        over = ends(day)[1]
        months = self.months + (extension_months if self.extension else 0)
        more = timedelta(days=self.days)
        return _both((first_date(over), last_date(over)), lambda start: add_months(start, months) + more)


def _both(days: tuple[date, date], shift: Callable[[date], date]) -> tuple[date, date]:
    return shift(days[0]), shift(days[1])


@dataclass(frozen=True, slots=True)
class Step:
    """One of the 25 steps (环节); `field` is the ledger's, empty where the ledger does not keep the step."""

    number: int
    stage: int
    name: str
    articles: Mapping[str, str]
    field: str = ""
    merged: str = ""
    after: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    people: tuple[int, ...] = ()
    training: Mapping[str, Any] | None = None

    def article(self, edition: str) -> str:
        """The edition and its article; the edition alone where the number has not been confirmed."""
        return editions()[edition].name + self.articles.get(edition, "")


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of the 细则 and the day from which decisions fall under it."""

    id: str
    name: str
    begins: date


@cache
def steps() -> tuple[Step, ...]:
    """The 25 steps in order."""
    return tuple(_step(dict(row)) for row in table("development")["step"])


def _step(row: dict[str, Any]) -> Step:
    row["limits"] = tuple(_limit(dict(one)) for one in row.get("limits", ()))
    row["after"] = tuple(row.get("after", ()))
    row["people"] = tuple(row.get("people", ()))
    return Step(**row)


def _limit(row: dict[str, Any]) -> Limit:
    row["anchor"] = row.pop("from")
    row["editions"] = tuple(row.get("editions", ()))
    return Limit(**row)


@cache
def editions() -> dict[str, Edition]:
    """The editions by id, the older first."""
    rows = table("development")["edition"]
    return {row["id"]: Edition(row["id"], row["name"], row["from"]) for row in rows}


def edition_on(day: date) -> Edition:
    """The edition for a decision of that day; before 2014 the oldest one known stands in."""
    every = list(editions().values())
    return next((one for one in reversed(every) if one.begins <= day), every[0])


def edition_named(name: str) -> Edition:
    """The edition that a user asked for."""
    if name not in editions():
        raise ValueProblem(f"没有“{name}”版的发展党员工作细则；可选：{'、'.join(editions())}。")
    return editions()[name]


@dataclass(frozen=True, slots=True)
class Probation:
    """预备期: from the vote of 支部大会 to `last_day`; 转正 and 党龄 are of `full_on`."""

    begun: date
    last_day: date
    full_on: date


def check_extension(months: int) -> None:
    """An extension lasts six to twelve months, once (2014年版第三十二条，2026年版第三十一条)."""
    least, most = table("development")["probation"]["extension"]
    if months and not least <= months <= most:
        raise ValueProblem(f"延长预备期应为{least}至{most}个月，现为{months}个月；请核对支部大会决议。")


def probation(voted_on: str, extension_months: int = 0) -> Probation | None:
    """The probation after a vote of that day; None where the day is only known to the month or year.

    通过 2025-06-15: 期满 2026-06-14, 转正日 2026-06-15 (some print 期满 as that day).
    """
    check_extension(extension_months)
    begun = first_date(voted_on)
    if begun != last_date(voted_on):
        return None
    full_on = add_months(begun, table("development")["probation"]["months"] + extension_months)
    return Probation(begun, full_on - timedelta(days=1), full_on)
