"""Probation and standing (预备期、党龄、阶段), worked out from the days of a development record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.rules.tables import table
from partybuild_cli.values.day import add_months, first_date, last_date


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


def party_age_from(days: Mapping[str, str | None], extension_months: int = 0) -> date | None:
    """预备期满转为正式党员之日, from which 党龄 counts, however late the branch discussed it; None before."""
    voted = days.get("voted_on")
    served = probation(voted, extension_months) if voted else None
    return served.full_on if served and stage_of(days) is Stage.FULL else None
