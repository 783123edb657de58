"""发展党员: how each of the 25 steps stands on a day, with its earliest and latest day and the article.

A step falls under the edition of its own day, or of the next day recorded; one to come under that of today.
A day known only to the month or year breaks a limit only if every day that it may mean does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from partybuild_cli.rules.item import Item, State, item, judged, listed
from partybuild_cli.rules.probation import check_extension
from partybuild_cli.rules.steps import Limit, Step, WorkingDay, edition_named, edition_on, steps
from partybuild_cli.values.day import ends, first_date, last_date


class StepState(StrEnum):
    """How a step stands."""

    DONE = "已完成"
    EARLY = "过早"
    LATE = "逾期完成"
    SHORT = "不合要求"
    UNSURE = "无法判断"
    OVERDUE = "逾期未办"
    DUE = "应办"
    NEXT = "下一步"
    WAITING = "未到"
    MISSING = "缺记录"
    NOT_KEPT = "台账不记"
    MERGED = "不单列"


FAULTS = (StepState.EARLY, StepState.LATE, StepState.SHORT, StepState.OVERDUE)
UNKNOWN = (StepState.UNSURE, StepState.MISSING)


@dataclass(frozen=True, slots=True)
class Case:
    """What is recorded of one person: days by field (also `born_on`, and `posted_on` for 公示), people."""

    days: Mapping[str, str | None]
    people: Mapping[str, int | None] = field(default_factory=dict)
    trained_hours: Decimal | None = None
    extension_months: int = 0

    def recorded(self, name: str) -> bool:
        return bool(self.days.get(name) or self.people.get(name))


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step's line: its state, between which days it belongs, the article, a sentence for the clerk."""

    number: int
    stage: int
    name: str
    field: str
    state: StepState
    earliest: date | None
    latest: date | None
    article: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Bound:
    """A limit laid on the days of a case: the first and last day that it may mean."""

    limit: Limit
    first: date
    last: date

    @property
    def told(self) -> str:
        return self.limit.words + (f"，{self.limit.local}" if self.limit.local else "")


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The tightest limits of a step, and the unrecorded days that others count from."""

    earliest: _Bound | None
    latest: _Bound | None
    absent: tuple[str, ...]


@cache
def _called() -> dict[str, str]:
    """What the days that limits count from are called."""
    return {"born_on": "出生日期", "posted_on": "公示日期"} | {s.field: f"“{s.name}”的日期" for s in steps()}


def assess(
    case: Case, today: date, *, working_day: WorkingDay, edition: str | None = None, local: bool = False
) -> list[StepResult]:
    """The 25 steps of a case on a day; `edition` overrides the choice by date, `local` adds local limits."""
    check_extension(case.extension_months)
    kept = [step for step in steps() if step.field]
    furthest = max((step.number for step in kept if case.days.get(step.field)), default=0)
    turn = next((step.number for step in kept if step.number > furthest and not case.recorded(step.field)), None)
    results = []
    for step in steps():
        rule = edition_named(edition) if edition else edition_on(_decided(step, case, today))
        bounds = _bounds(step, case, rule.id, local, working_day)
        state, sentence = _judge(step, case, rule.id, bounds, today, furthest, turn)
        results.append(
            StepResult(
                step.number,
                step.stage,
                step.name,
                step.field,
                state,
                bounds.earliest.last if bounds.earliest else None,
                bounds.latest.first if bounds.latest else None,
                step.article(rule.id),
                sentence,
            )
        )
    return results


def _decided(step: Step, case: Case, today: date) -> date:
    """The day of a step, or of the next one recorded, by which it must have been taken; else it is still to come."""
    later = (case.days.get(one.field) for one in steps()[step.number - 1 :])
    day = next((day for day in later if day), None)
    return first_date(day) if day else today


def _bounds(step: Step, case: Case, edition: str, local: bool, working_day: WorkingDay) -> _Bounds:
    """The tightest on the safe side: the last of the earliest days, the first of the latest days."""
    early: list[_Bound] = []
    late: list[_Bound] = []
    absent: list[str] = []
    for limit in step.limits:
        if not limit.holds(edition, local):
            continue
        day = case.days.get(limit.anchor)
        if not day:
            absent.append(_called()[limit.anchor])
            continue
        bound = _Bound(limit, *limit.window(day, case.extension_months, working_day))
        (early if limit.edge == "earliest" else late).append(bound)
    earliest = max(early, key=lambda bound: bound.last, default=None)
    latest = min(late, key=lambda bound: bound.first, default=None)
    return _Bounds(earliest, latest, tuple(absent))


def _judge(
    step: Step, case: Case, edition: str, bounds: _Bounds, today: date, furthest: int, turn: int | None
) -> tuple[StepState, str]:
    if edition not in step.articles:
        return StepState.MERGED, step.merged
    if not step.field:
        return StepState.NOT_KEPT, "台账没有这一步的栏目，请以纸质材料为准"
    if case.recorded(step.field):
        return _of_recorded(step, case, bounds)
    if step.number < furthest:
        return StepState.MISSING, "后面的步骤已有记录，这一步没有；请补记"
    if bounds.latest and today > bounds.latest.last:
        return StepState.OVERDUE, f"最迟{bounds.latest.last}（{bounds.latest.told}），已逾期；请尽快办理"
    if step.number != turn:
        return StepState.WAITING, ""
    return _of_turn(bounds, today)


def _of_turn(bounds: _Bounds, today: date) -> tuple[StepState, str]:
    if bounds.earliest and today < bounds.earliest.last:
        return StepState.NEXT, f"最早{bounds.earliest.last}可办（{bounds.earliest.told}）"
    if bounds.absent:
        return StepState.NEXT, f"没有{'、'.join(bounds.absent)}，算不出时限；请先补记"
    until = f"，最迟{bounds.latest.first}（{bounds.latest.told}）" if bounds.latest else ""
    return StepState.DUE, f"现在可以办理{until}"


def _of_recorded(step: Step, case: Case, bounds: _Bounds) -> tuple[StepState, str]:
    if step.people:
        return _of_people(step, case.people.get(step.field) or 0)
    day = case.days[step.field] or ""
    for judge in (_out_of_order(step, case, day), _of_limits(day, bounds)):
        if judge:
            return judge
    return _of_training(step.training, case, day) if step.training else (StepState.DONE, "")


def _of_people(step: Step, count: int) -> tuple[StepState, str]:
    least, most = step.people
    if least <= count <= most:
        return StepState.DONE, ""
    wanted = f"{least}名" if least == most else f"{least}至{most}名"
    return StepState.SHORT, f"应为{wanted}正式党员，现为{count}名；请核对"


def _out_of_order(step: Step, case: Case, day: str) -> tuple[StepState, str] | None:
    """A step before one that must come first; the same day is in order."""
    begun = last_date(ends(day)[0])
    for before in step.after:
        earlier = case.days.get(before)
        if earlier and begun < first_date(ends(earlier)[1]):
            return StepState.EARLY, f"日期{day}早于{_called()[before]}{earlier}；请核对先后"
    return None


def _of_limits(day: str, bounds: _Bounds) -> tuple[StepState, str] | None:
    begun, over = ends(day)
    early, late = bounds.earliest, bounds.latest
    if early and last_date(begun) < early.first:
        return StepState.EARLY, f"日期{day}早于{early.first}（{early.told}）；请核对"
    if late and first_date(over) > late.last:
        return StepState.LATE, f"日期{day}晚于{late.last}（{late.told}）；请说明原因"
    if bounds.absent:
        return StepState.UNSURE, f"没有{'、'.join(bounds.absent)}，无法判断是否合乎时限；请补记"
    if (early and first_date(begun) < early.last) or (late and last_date(over) > late.first):
        return StepState.UNSURE, "日期只到年或月，无法判断是否合乎时限；请补全日期"
    return None


def _of_training(training: Mapping[str, Any], case: Case, day: str) -> tuple[StepState, str]:
    """Three days or 24 hours; a single day without hours may be the day on which the course ended."""
    wanted = f"不少于{training['days']}天或{training['hours']}学时"
    begun, over = ends(day)
    length = (last_date(over) - first_date(begun)).days + 1 if begun != over else 0
    if length >= training["days"] or (case.trained_hours or 0) >= Decimal(training["hours"]):
        return StepState.DONE, ""
    if case.trained_hours is None and not length:
        return StepState.UNSURE, f"没有培训学时，无法判断是否{wanted}；请补记学时或起止日期"
    return StepState.SHORT, f"培训{wanted}，记录的不足；请核对"


def development_item(branch: str, cases: Mapping[str, Iterable[StepResult]]) -> Item:
    """D6 over a branch's people by name: the steps out of order or time, and those that cannot be judged."""
    if not cases:
        return item("D6", branch, State.NOT_APPLICABLE, "没有发展党员记录")
    faults = _counted(cases, lambda result: result.state in FAULTS)
    unknown = _counted(cases, lambda result: result.state in UNKNOWN)
    figure = f"{len(cases)}人，程序或时限有误{len(faults)}处"
    figure += f"：{listed(faults)}" if faults else ""
    figure += f"；记录不全：{listed(unknown)}" if unknown else ""
    return item("D6", branch, judged(len(faults), len(unknown)), figure)


def _counted(cases: Mapping[str, Iterable[StepResult]], wanted: Callable[[StepResult], bool]) -> list[str]:
    found = ((name, result) for name, results in cases.items() for result in results if wanted(result))
    return [f"{name}（{result.name}{result.state}）" for name, result in found]
