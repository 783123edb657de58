"""How often (频次): what each month, quarter and year owes, judged over the units that have ended.

A unit is owed once it is over, so that nobody is told on the 3rd that the month lacks a meeting. A day known
only to the year cannot be laid to a month: it leaves the question open instead of counting for or against.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from partybuild_cli.rules.item import Item, State, item, judged, listed
from partybuild_cli.rules.tables import table
from partybuild_cli.values.day import add_months

Per = Literal["month", "quarter", "year"]
_MONTHS: dict[Per, int] = {"month": 1, "quarter": 3, "year": 12}
_CALLED: dict[Per, str] = {"month": "个月", "quarter": "个季度", "year": "年"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A kind of meeting, how often it is owed, and the check that says so."""

    check: str
    kind: str
    per: Per


@cache
def owed_meetings() -> dict[str, Owed]:
    """What is owed, by kind of meeting."""
    return {row["kind"]: Owed(**row) for row in table("frequency")["owed"]}


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ended units of a period, those without a meeting, and how many days are too coarse to place."""

    units: tuple[str, ...]
    missing: tuple[str, ...]
    unplaced: int


@dataclass(frozen=True, slots=True)
class Window:
    """A period seen from a day; `since` is the branch's founding, before which nothing is owed."""

    first: date
    last: date
    today: date
    since: date | None = None


def first_unit_begins(per: Per, window: Window) -> date:
    """The first day of the unit in which the period begins."""
    step = _MONTHS[per]
    return date(window.first.year, (window.first.month - 1) // step * step + 1, 1)


def elapsed_units(per: Per, window: Window) -> list[str]:
    """The units (2026-09, 2026Q3, 2026) that end within the period and before today, begun since then."""
    step = _MONTHS[per]
    begin = first_unit_begins(per, window)
    end = min(window.last + timedelta(days=1), window.today)
    units = []
    while (after := add_months(begin, step)) <= end:
        if window.since is None or begin >= window.since:
            units.append(_unit(per, begin.isoformat()) or "")
        begin = after
    return units


def _unit(per: Per, day: str) -> str | None:
    """The unit of a day; None where the day is too coarse."""
    if per == "year":
        return day[:4]
    if len(day) < 7:
        return None
    return day[:7] if per == "month" else f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"


def coverage(per: Per, held: Collection[str], window: Window) -> Coverage:
    """Which units of a period have a meeting; `held` are the days recorded since the first unit began."""
    units = elapsed_units(per, window)
    met = {_unit(per, day) for day in held}
    unplaced = sum(_unit(per, day) is None for day in held)
    return Coverage(tuple(units), tuple(unit for unit in units if unit not in met), unplaced)


def meeting_item(kind: str, branch: str, held: Collection[str], window: Window) -> Item:
    """A kind of meeting over a period: a certain gap is 未达标, one that a coarse day may fill is 无数据."""
    owed = owed_meetings()[kind]
    found = coverage(owed.per, held, window)
    state, figure = _told(owed.per, found)
    if not found.units and held:
        state, figure = State.MET, f"已开{len(held)}次，本期没有期满的应开期限"
    return item(owed.check, branch, state, figure)


def _told(per: Per, found: Coverage) -> tuple[State, str]:
    if not found.units:
        return State.NOT_APPLICABLE, "应开的期限尚未期满"
    figure = f"{len(found.units) - len(found.missing)}/{len(found.units)} {_CALLED[per]}"
    figure += f"，缺{listed(found.missing)}" if found.missing else ""
    if found.missing and found.unplaced:
        figure += f"；另有{found.unplaced}次只记到年份"
    certain = max(len(found.missing) - found.unplaced, 0)
    return judged(certain, len(found.missing)), figure


def committee_meetings_item(
    branch: str, has_committee: bool, held: Collection[str], too_few: Collection[str], window: Window
) -> Item:
    """B4: monthly where there is a committee; `too_few` are the days on which less than half of it came."""
    if not has_committee:
        return item("B4", branch, State.NOT_APPLICABLE, "不设支部委员会")
    found = meeting_item("支委会", branch, held, window)
    if not too_few:
        return found
    return item("B4", branch, State.UNMET, f"{found.figure}；到会不足半数：{listed(too_few)}")


def group_meetings_item(branch: str, held: Mapping[str, Collection[str]], window: Window) -> Item:
    """Z7 over the groups of a branch, each with the days of its meetings (none: an empty collection)."""
    if not held:
        return item("Z7", branch, State.NOT_APPLICABLE, "不设党小组")
    per = owed_meetings()["党小组会"].per
    told = {group: _told(per, coverage(per, days, window)) for group, days in held.items()}
    states = [state for state, _ in told.values()]
    worst = next((s for s in (State.UNMET, State.NO_DATA, State.NOT_APPLICABLE) if s in states), State.MET)
    return item("Z7", branch, worst, "；".join(f"{group} {figure}" for group, (_, figure) in told.items()))


def lectures_item(branch: str, count: int, window: Window, per_year: int | None = None) -> Item:
    """Z5: the branch's own number of 党课 a year, owed in step with the quarters that have ended."""
    yearly = table("frequency")["lectures"]["per_year"] if per_year is None else per_year
    quarters = len(elapsed_units("quarter", window))
    target = yearly * quarters // 4
    if not target:
        return item("Z5", branch, State.NOT_APPLICABLE, f"{count}次，本期尚无应讲的党课")
    return item("Z5", branch, judged(max(target - count, 0), 0), f"{count}/{target} 次")


def first_topic_item(branch: str, flagged: int, meetings: int, unsaid: int = 0) -> Item:
    """Z1: of the 支委会 and 党员大会 of a period those marked 第一议题; `unsaid` say neither 是 nor 否."""
    if meetings == 0:
        return item("Z1", branch, State.NO_DATA, "本期没有支委会和支部党员大会记录")
    figure = f"{flagged}/{meetings} 次" + (f"，{unsaid}次没有注明" if unsaid else "")
    return item("Z1", branch, judged(meetings - flagged - unsaid, unsaid), figure)
