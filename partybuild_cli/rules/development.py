"""发展党员 (D6 D7): how each of the 25 steps stands on a day, with its earliest and latest day and the article.

A step falls under the edition of its own day, or of the next day recorded; one to come under that of today.
A day known only to the month or year breaks a limit only if every day that it may mean does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.index.calendar import Calendar, built_in_years
from partybuild_cli.rules.branches import Branch
from partybuild_cli.rules.candidates import Candidate, Case, is_ahead
from partybuild_cli.rules.facts import Facts
from partybuild_cli.rules.item import Finding, Findings, State, check, judged, not_applicable, percent
from partybuild_cli.rules.steps import Limit, Step, WorkingDay, check_extension, edition_named, edition_on, steps
from partybuild_cli.values.day import ends, first_date, last_date
from partybuild_cli.values.reference import Reference

#: 临床、医技、护理一线 (双培养 counts them).
CLINICAL = ("临床", "医技", "护理")


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
    """The 25 steps of a case on a day; `edition` overrides the choice by date, `local` adds local limits.

    A day that has not come yet proves nothing.
    """
    check_extension(case.extension_months)
    ahead = {name: day for name, day in case.days.items() if name != "posted_on" and is_ahead(day, today)}
    case = replace(case, days={name: None if name in ahead else day for name, day in case.days.items()})
    kept = [step for step in steps() if step.field]
    furthest = max((step.number for step in kept if case.days.get(step.field)), default=0)
    turn = next((step.number for step in kept if step.number > furthest and not case.recorded(step.field)), None)
    results = []
    for step in steps():
        rule = edition_named(edition) if edition else edition_on(_decided(step, case, today))
        bounds = _bounds(step, case, rule.id, local, working_day)
        state, sentence = _judge(step, case, rule.id, bounds, today, furthest, turn)
        if step.field in ahead:
            told = f"登记的日期{ahead[step.field]}还没有到，不算已办"
            sentence = f"{sentence}；{told}" if sentence else told
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
        return _of_people(step, case.people.get(step.field) or 0, case.unfit.get(step.field, ()))
    day = case.days[step.field] or ""
    for judge in (_out_of_order(step, case, day), _of_limits(day, bounds)):
        if judge:
            return judge
    return _of_training(step.training, case, day) if step.training else (StepState.DONE, "")


def _of_people(step: Step, count: int, unfit: Sequence[str]) -> tuple[StepState, str]:
    least, most = step.people
    if unfit:
        return StepState.SHORT, f"应为正式党员，{'、'.join(unfit)}当时不是；请核对，或另行指定"
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


def assess_all(
    found: Iterable[Candidate], today: date, *, edition: str | None = None, local: bool = False
) -> dict[int, list[StepResult]]:
    """The 25 steps of each, by number. UsageFault when the edition, or a recorded extension, is not one."""
    calendar = Calendar(built_in_years())

    def working_day(start: date, count: int) -> date:
        return calendar.working_days_from(start, count).last

    try:
        return {
            one.number: assess(one.case, today, working_day=working_day, edition=edition, local=local) for one in found
        }
    except ValueProblem as problem:
        raise UsageFault(problem.sentence) from None


def _of_branch(facts: Facts, branch: Branch) -> list[Candidate]:
    """The people of a branch; who names none belongs to the only one."""
    only = len(facts.branches) == 1
    return [one for one in facts.candidates if one.branch == branch.number or (only and one.branch is None)]


def _shown(found: Sequence[Candidate]) -> dict[int, str]:
    """Names by number, with the number behind them where two bear one."""
    bearers = Counter(one.name for one in found)
    return {one.number: f"{one.name}(编号{one.number})" if bearers[one.name] > 1 else one.name for one in found}


@check("D6")
def procedure(facts: Facts) -> Findings:
    """The steps out of order or time, and those that cannot be judged, of whoever was on the way in the period."""
    start = facts.bounds[0]
    steps_of = assess_all(facts.candidates, facts.as_of)
    for branch in facts.branches:
        mine = [one for one in _of_branch(facts, branch) if (one.case.days["full_approved_on"] or "9999") >= start]
        if not mine:
            yield branch.name, not_applicable("没有发展党员记录")
            continue
        names = _shown(mine)
        told: dict[bool, list[str]] = {True: [], False: []}
        records: list[Reference] = []
        for one in mine:
            wrong = [step for step in steps_of[one.number] if step.state in (*FAULTS, *UNKNOWN)]
            for step in wrong:
                told[step.state in FAULTS].append(f"{names[one.number]}（{step.name}{step.state}）")
                note = f"{step.state}：{step.sentence}"
                records.append(
                    Reference(
                        "development",
                        one.number,
                        one.case.days.get(step.field) or "",
                        f"{names[one.number]} {step.name}",
                        note,
                    )
                )
            if not wrong:
                records.append(Reference("development", one.number, "", names[one.number]))
        faults, unknown = told[True], told[False]
        figure = f"{len(mine)}人，程序或时限有误{len(faults)}处"
        lists = (("：", faults), ("；记录不全：", unknown))
        yield branch.name, Finding(judged(len(faults), len(unknown)), figure, lists, records)


@check("D7")
def clinical(facts: Facts) -> Findings:
    """Of those admitted in the period the share of 临床医技护; no share is asked, so it is only told."""
    start, end = facts.bounds
    for branch in facts.branches:
        mine = [one for one in _of_branch(facts, branch) if start <= (one.case.days["voted_on"] or "") < end]
        if not mine:
            yield branch.name, not_applicable("本期没有接收预备党员")
            continue
        unknown = sum(one.staff_kind is None for one in mine)
        front = sum(one.staff_kind in CLINICAL for one in mine)
        figure = f"临床医技护{front}/{len(mine)} = {percent(front, len(mine))}%"
        figure += f"；{unknown}人没有登记岗位类别" if unknown else ""
        names = _shown(mine)
        records = [
            Reference(
                "development",
                one.number,
                one.case.days["voted_on"] or "",
                names[one.number],
                one.staff_kind or "没有登记岗位类别",
            )
            for one in mine
        ]
        yield branch.name, Finding(State.NO_DATA if unknown else State.MET, figure, records=records)
