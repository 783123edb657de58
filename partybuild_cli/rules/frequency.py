"""How often (频次): what each month, quarter and year owes, judged over the units that have ended (Z1-Z3 Z5 Z7 B4 B7).

A unit is owed once it is over, so that nobody is told on the 3rd that the month lacks a meeting. A day known
only to the year cannot be laid to a month: it leaves the question open instead of counting for or against.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from partybuild_cli.records.base.present import pick
from partybuild_cli.records.meeting import Basis, Meeting
from partybuild_cli.rules.facts import Facts, Held, PartyBranch, Window, with_rows
from partybuild_cli.rules.item import Result, State, check, judged, not_applicable, table, unknown
from partybuild_cli.store import rows
from partybuild_cli.store.history import Change
from partybuild_cli.values.day import first_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import Period, months, period_of, quarter_of

Per = Literal["month", "quarter", "year"]
_CALLED: dict[Per, str] = {"month": "个月", "quarter": "个季度", "year": "年"}


@cache
def owed_meetings() -> dict[str, Per]:
    return {row["kind"]: row["per"] for row in table("frequency")["owed"]}


class Coverage(NamedTuple):
    """The ended units of a period, those without a meeting, and how many days are too coarse to place."""

    units: tuple[str, ...]
    missing: tuple[str, ...]
    unplaced: int


def elapsed_units(per: Per, window: Window) -> list[str]:
    """The units (2026-09, 2026Q3, 2026) of the period that have ended, begun since the founding, while anybody was there."""
    touched = dict.fromkeys(_unit(per, month) or "" for month in months(Period(window.first, window.last, "")))
    ended = min(window.last, min(window.today, window.until or date.max) - timedelta(days=1))
    since = window.since or date.min
    return [unit for unit in touched if period_of(unit).last <= ended and period_of(unit).first >= since]


def _unit(per: Per, day: str) -> str | None:
    """The unit of a day; None where the day is too coarse."""
    if per == "year":
        return day[:4]
    return None if len(day) < 7 else day[:7] if per == "month" else quarter_of(first_date(day))


def coverage(per: Per, held: Collection[str], window: Window) -> Coverage:
    """Which units of a period have a meeting; `held` are the days recorded since the first unit began."""
    units, met = elapsed_units(per, window), [_unit(per, day) for day in held]
    return Coverage(tuple(units), tuple(unit for unit in units if unit not in met), met.count(None))


def regular(kind: str, held: Sequence[Held], window: Window) -> Result:
    """A kind of meeting over a period: a certain gap is 未达标, one that a coarse day may fill is 无数据."""
    per = owed_meetings()[kind]
    begin = str(period_of(_unit(per, str(window.first)) or "").first)
    held = [meeting for meeting in held if meeting.kind == kind and meeting.day >= begin[: min(len(meeting.day), 7)]]
    found = coverage(per, [meeting.day for meeting in held], window)
    records = [meeting.reference() for meeting in held]
    if not found.units and held:
        return Result(State.MET, f"已开{len(held)}次，本期没有期满的应开期限", records=records)
    if not found.units:
        return not_applicable("应开的期限尚未期满")
    figure = f"{len(found.units) - len(found.missing)}/{len(found.units)} {_CALLED[per]}"
    coarse = f"；另有{found.unplaced}次只记到年份" if found.missing and found.unplaced else ""
    certain = max(len(found.missing) - found.unplaced, 0)
    lacking = [Reference("meeting", None, unit, kind, "没有记录") for unit in found.missing]
    lists = (("，缺", found.missing), (coarse, ("",) if coarse else ()))
    return Result(judged(certain, len(found.missing)), figure, lists, [*records, *lacking])


def regular_in(kind: str, facts: Facts, branch: PartyBranch) -> Result:
    return regular(kind, facts.meetings[branch.number], facts.window(branch))


for _row in table("frequency")["owed"]:
    if "check" in _row:  # nothing more is asked of 党员大会, 主题党日 and 述职
        check(_row["check"])(partial(regular_in, _row["kind"]))


def committee_needed(formal: int) -> bool:
    """正式党员7人以上 set up a committee (第二十条)."""
    return formal >= int(table("structure")["committee_from"])


def window_of(kind: str, facts: Facts, branch: PartyBranch, *groups: str) -> Window | None:
    """The period in which a kind of meeting is asked of a branch: 支委会 since it should have a committee, 党小组会 since one of the
    groups was there, from the first month on at whose beginning that was so; None where it is not asked by now.
    """
    here = groups or {who.group for who in facts.members(branch) if who.group}

    def asked(day: date) -> bool:
        if kind == "支委会":
            return committee_needed(len(facts.formal(branch, day)))
        return any(who.group in here for who in facts.members(branch, day))

    window, begins = facts.window(branch), [period_of(month).first for month in months(facts.period)]
    if kind not in ("支委会", "党小组会"):
        return window
    first = next((day for day in begins if day <= facts.as_of and asked(day)), date.max)
    return window._replace(since=max(first, window.since or first)) if asked(facts.as_of) else None


@check("B4")
def committee_meetings(facts: Facts, branch: PartyBranch) -> Result:
    """支委会 each month where there is a committee, at least half of it present (第十二条)."""
    part, whole = table("structure")["committee_present"]
    window = window_of("支委会", facts, branch)
    if window is None:
        return not_applicable("不设支部委员会")
    found, held = regular("支委会", facts.meetings[branch.number], window), facts.held(branch, "支委会")
    few = {meeting.number: meeting for meeting in held if meeting.due and whole * meeting.present < part * meeting.due}
    unsaid = [meeting.day for meeting in held if not meeting.due]
    lists = (
        *found.lists,
        ("；到会不足半数：", [meeting.day for meeting in few.values()]),
        ("；没有登记到会人数：", unsaid),
    )
    state = State.NO_DATA if unsaid and found.state is State.MET else found.state
    notes = {number: f"应到{held.due}，实到{held.present}，不足半数" for number, held in few.items()}
    records = [replace(record, note=notes.get(record.id or 0, record.note)) for record in found.records]
    return Result(State.UNMET if few else state, found.figure, lists, records)


@check("Z7")
def group_meetings(facts: Facts, branch: PartyBranch) -> Result:
    """党小组会 each month in each of the groups (第十三条)."""
    worst = (State.UNMET, State.NO_DATA, State.NOT_APPLICABLE, State.MET)
    groups, found = dict.fromkeys(who.group for who in facts.members(branch) if who.group), dict[str, Result]()
    for group in groups:
        held = [meeting for meeting in facts.meetings[branch.number] if meeting.group == group]
        if window := window_of("党小组会", facts, branch, group):
            found[group] = regular("党小组会", held, window)
    if not found:
        return not_applicable("不设党小组")
    state = next(state for state in worst if state in {result.state for result in found.values()})
    figure = "；".join(f"{group} {result.text()}" for group, result in found.items())
    return Result(state, figure, records=[record for result in found.values() for record in result.records])


@check("Z5")
def lectures(facts: Facts, branch: PartyBranch) -> Result:
    """The branch's own number of 党课 a year, owed in step with the quarters that have ended (第十六条 names no number)."""
    said = (branch.lectures_per_year, facts.settings.lectures_per_year, table("frequency")["lectures"]["per_year"])
    yearly = int(next(number for number in said if number is not None))
    target = yearly * len(elapsed_units("quarter", facts.window(branch))) // 4
    held = facts.held(branch, "党课")
    records = [lecture.reference() for lecture in held]
    if not target:
        return Result(State.NOT_APPLICABLE, f"{len(held)}次，本期尚无应讲的党课", records=records)
    return Result(judged(max(target - len(held), 0), 0), f"{len(held)}/{target} 次", records=records)


@check("Z1")
def first_topics(facts: Facts, branch: PartyBranch) -> Result:
    """Of the 支委会 and 党员大会 of the period those marked 第一议题; one that says neither 是 nor 否 is unknown."""
    held = facts.held(branch, *table("frequency")["first_topic"]["kinds"])
    if not held:
        return unknown("本期没有支委会和支部党员大会记录")
    flagged, unsaid = (sum(meeting.first_topic == said for meeting in held) for said in (1, None))
    figure = f"{flagged}/{len(held)} 次" + (f"，{unsaid}次没有注明" if unsaid else "")
    words = {1: "第一议题", 0: "不是第一议题", None: "没有注明第一议题"}
    records = [meeting.reference(words.get(meeting.first_topic, "")) for meeting in held]
    return Result(judged(len(held) - flagged - unsaid, unsaid), figure, records=records)


def presumed(connection: Connection) -> list[int]:
    """The meetings of which an earlier version took for granted that all had come (推定)."""
    meeting, headcount, both = with_rows("meeting", "headcount")
    query = select(meeting.id).select_from(both).where(headcount.basis == Basis.PRESUMED)
    query = query.order_by(meeting.held_on, meeting.id)
    return [*connection.execute(query).scalars()]


def settle_presumed(connection: Connection, change: Change, numbers: Sequence[int], came: bool) -> None:
    """Say of such meetings that all came indeed, or that nobody knows who came."""
    stored, tables = pick(connection, Meeting, numbers), ["headcount"] if came else ["headcount", "attendance"]
    edits = [rows.Edit(number, {t: stored[number][t] for t in tables}, {t: [] for t in tables}) for number in numbers]
    rows.edit(connection, change, Meeting.shape, edits)
