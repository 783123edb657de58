"""发展党员 (D6 D7): how each of the 25 steps stands on a day, with its earliest and latest day and the article.

The steps are data, with the editions of the 细则 (2014, revised 2026-05-18). A step falls under the edition of its own day,
or of the next day recorded; one to come under that of today. A day known only to the month or year breaks a limit only if
every day that it may mean does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.index.calendar import Calendar, built_in_years
from partybuild_cli.rules.belonging import Candidate, candidates, is_ahead
from partybuild_cli.rules.facts import Facts, PartyBranch
from partybuild_cli.rules.item import Result, State, check, judged, not_applicable, percent, table
from partybuild_cli.values.day import add_months, chinese_day, ends, first_date, last_date
from partybuild_cli.values.kind import Reference


class Limit(NamedTuple):
    """An earliest or latest day, counted from the day of another field (`anchor`)."""

    edge: str
    anchor: str
    words: str
    months: int = 0
    days: int = 0
    working_days: int = 0
    extension: bool = False
    editions: Sequence[str] = ()
    local: str = ""

    def posted(self, start: date) -> date:
        """The last of the working days of a posting that begins on a day (公示起算日计入)."""
        return Calendar(built_in_years()).working_days_from(start, self.working_days).last

    def bound(self, day: str, extension_months: int) -> "Bound":
        """The first and last day that the limit may mean, as coarse as the day it counts from; a posting runs to its end."""
        begun, over = ends(day)
        months = self.months + (extension_months if self.extension else 0)

        def after(edge: Callable[[str], date]) -> date:
            if not self.working_days:
                return add_months(edge(over), months) + timedelta(days=self.days)
            last = self.posted(edge(begun))
            return (last if begun == over else max(last, edge(over))) + timedelta(days=1)

        return Bound(after(first_date), after(last_date), "，".join(filter(None, (self.words, self.local))))


class Step(NamedTuple):
    """One of the 25 steps (环节); `field` is the ledger's, empty where the ledger does not keep the step."""

    number: int
    stage: int
    name: str
    articles: Mapping[str, str]
    field: str = ""
    merged: str = ""
    after: Sequence[str] = ()
    limits: Sequence[Limit] = ()
    people: Sequence[int] = ()
    training: Mapping[str, int] | None = None


class Rulebook(NamedTuple):
    """An edition of the 细则 and the day from which decisions fall under it."""

    id: str
    name: str
    begins: date


@cache
def steps() -> tuple[Step, ...]:
    rows = table("development")["step"]
    return tuple(Step(**{**row, "limits": [Limit(**limit) for limit in row.get("limits", ())]}) for row in rows)


@cache
def editions() -> dict[str, Rulebook]:
    return {row["id"]: Rulebook(**row) for row in table("development")["edition"]}


def edition_on(day: date) -> Rulebook:
    """The edition for a decision of that day; before 2014 the oldest one known stands in."""
    every = list(editions().values())
    return next((edition for edition in reversed(every) if edition.begins <= day), every[0])


class Probation(NamedTuple):
    """预备期: from the vote of 支部大会 to `last_day`; 转正 and 党龄 are of `full_on`."""

    begun: date
    last_day: date
    full_on: date


def _check_extension(months: int) -> None:
    """An extension lasts six to twelve months, once (2014年版第三十二条，2026年版第三十一条)."""
    least, most = table("development")["probation"]["extension"]
    if months and not least <= months <= most:
        raise ValueProblem(f"延长预备期应为{least}至{most}个月，现为{months}个月；请核对支部大会决议。")


def probation(voted_on: str, extension_months: int = 0) -> Probation | None:
    """通过 2025-06-15: 期满 2026-06-14, 转正日 2026-06-15; None where the day of the vote is only known to the month or year."""
    _check_extension(extension_months)
    begun = first_date(voted_on)
    if begun != last_date(voted_on):
        return None
    full_on = add_months(begun, table("development")["probation"]["months"] + extension_months)
    return Probation(begun, full_on - timedelta(days=1), full_on)


class StepState(StrEnum):
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


class StepResult(NamedTuple):
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


class Bound(NamedTuple):
    """A limit laid on the days of a case: the first and last day that it may mean."""

    first: date
    last: date
    told: str


@cache
def _called() -> dict[str, str]:
    return {"born_on": "出生日期", "posted_on": "公示日期"} | {s.field: f"“{s.name}”的日期" for s in steps()}


def assess(case: Candidate, today: date, *, edition: str | None = None, local: bool = False) -> list[StepResult]:
    """The 25 steps of a case on a day, by an `edition` or that of each day; a day to come proves nothing. ValueProblem."""
    _check_extension(case.extension_months)
    if edition and edition not in editions():
        raise ValueProblem(f"没有“{edition}”版的发展党员工作细则；可选：{'、'.join(editions())}。")
    ahead = {name: day for name, day in case.days.items() if name != "posted_on" and is_ahead(day, today)}
    case = case._replace(days={name: None if name in ahead else day for name, day in case.days.items()})
    done = {step.field for step in steps() if case.days.get(step.field) or case.people.get(step.field)}
    furthest = max((step.number for step in steps() if case.days.get(step.field)), default=0)
    turn = next((s.number for s in steps() if s.field and s.number > furthest and s.field not in done), None)
    results = []
    for step in steps():
        # The day of a step, or of the next one recorded, by which it must have been taken; else it is still to come.
        decided = next((day for later in steps()[step.number - 1 :] if (day := case.days.get(later.field))), None)
        rule = editions()[edition] if edition else edition_on(first_date(decided) if decided else today)
        laid = _Laid(step, case, rule.id, local)
        if rule.id not in step.articles:
            state, sentence = StepState.MERGED, step.merged
        elif not step.field:
            state, sentence = StepState.NOT_KEPT, "台账没有这一步的栏目，请以纸质材料为准"
        elif step.field not in done:
            state, sentence = laid.ahead(today, furthest, turn)
        elif step.people:
            state, sentence = laid.named()
        else:
            state, sentence = laid.recorded(case.days[step.field] or "")
        if step.field in ahead:
            sentence = "；".join(filter(None, (sentence, f"登记的日期{ahead[step.field]}还没有到，不算已办")))
        days = (laid.early.last if laid.early else None, laid.late.first if laid.late else None)
        line = (step.number, step.stage, step.name, step.field)
        # The edition alone where the number of the article has not been confirmed.
        results.append(StepResult(*line, state, *days, rule.name + step.articles.get(rule.id, ""), sentence))
    return results


class _Laid:
    """A step laid beside a case: its tightest limits on the safe side (the last of the earliest days, the first of the latest;
    local ones where asked), the unrecorded days that others count from, and which posting was too short.
    """

    def __init__(self, step: Step, case: Candidate, edition: str, local: bool) -> None:
        self.step, self.case = step, case
        held = [limit for limit in step.limits if local or not limit.local]
        held = [limit for limit in held if edition in (limit.editions or (edition,))]
        days = [(limit, case.days.get(limit.anchor)) for limit in held]
        laid = [(limit.edge, limit.bound(day, case.extension_months)) for limit, day in days if day]
        early, late = ([bound for edge, bound in laid if edge == wanted] for wanted in ("earliest", "latest"))
        self.early = max(early, key=lambda bound: bound.last, default=None)
        self.late = min(late, key=lambda bound: bound.first, default=None)
        self.absent = "、".join(_called()[limit.anchor] for limit, day in days if not day)
        posted = case.days.get("posted_on") or ""
        begun, over = ends(posted) if posted else ("", "")
        # a posting whose end is recorded, and which certainly ended before its working days were over
        hung = [limit for limit in held if limit.anchor == "posted_on" and limit.working_days and begun != over]
        cut = (limit.working_days for limit in hung if last_date(over) < limit.posted(first_date(begun)))
        self.short = next((f"公示{chinese_day(posted)}不足{days}个工作日" for days in cut), "")

    def ahead(self, today: date, furthest: int, turn: int | None) -> tuple[StepState, str]:
        """A step that is not recorded: by the steps that are, and by whose turn it is."""
        early, late = self.early, self.late
        if self.step.number < furthest:
            return StepState.MISSING, "后面的步骤已有记录，这一步没有；请补记"
        if late and today > late.last:
            return StepState.OVERDUE, f"最迟{late.last}（{late.told}），已逾期；请尽快办理"
        if self.step.number != turn:
            return StepState.WAITING, ""
        if early and today < early.last:
            return StepState.NEXT, f"最早{early.last}可办（{early.told}）"
        if self.absent:
            return StepState.NEXT, f"没有{self.absent}，算不出时限；请先补记"
        return StepState.DUE, "现在可以办理" + (f"，最迟{late.first}（{late.told}）" if late else "")

    def named(self) -> tuple[StepState, str]:
        """A step for which people are named: as many as are asked, 正式党员 all of them."""
        if unfit := self.case.unfit.get(self.step.field):
            names = "、".join(unfit)
            return StepState.SHORT, f"应为正式党员（留党察看期间的除外），{names}当时不是；请核对，或另行指定"
        (least, most), count = self.step.people, self.case.people[self.step.field]
        if least <= count <= most:
            return StepState.DONE, ""
        wanted = f"{least}名" if least == most else f"{least}至{most}名"
        return StepState.SHORT, f"应为{wanted}正式党员，现为{count}名；请核对"

    def recorded(self, day: str) -> tuple[StepState, str]:
        """A step that is recorded: its day against the steps before it and its limits, and its training, which lasts three days or
        24 hours; a single day without hours may be the day on which the course ended.
        """
        (begun, over), early, late, days = ends(day), self.early, self.late, self.case.days
        for before in self.step.after:
            earlier = days.get(before)
            if earlier and last_date(begun) < first_date(ends(earlier)[1]):  # the same day is in order
                return StepState.EARLY, f"日期{day}早于{_called()[before]}{earlier}；请核对先后"
        if self.short:
            return StepState.SHORT, f"{self.short}；请核对公示日期"
        if early and last_date(begun) < early.first:
            return StepState.EARLY, f"日期{day}早于{early.first}（{early.told}）；请核对"
        if late and first_date(over) > late.last:
            return StepState.LATE, f"日期{day}晚于{late.last}（{late.told}）；请说明原因"
        if self.absent:
            return StepState.UNSURE, f"没有{self.absent}，无法判断是否合乎时限；请补记"
        if (early and first_date(begun) < early.last) or (late and last_date(over) > late.first):
            return StepState.UNSURE, "日期只到年或月，无法判断是否合乎时限；请补全日期"
        if (training := self.step.training) is None:
            return StepState.DONE, ""
        wanted, hours = f"不少于{training['days']}天或{training['hours']}学时", self.case.trained_hours
        length = (last_date(over) - first_date(begun)).days + 1 if begun != over else 0
        if length >= training["days"] or (hours or 0) >= Decimal(training["hours"]):
            return StepState.DONE, ""
        if hours is None and not length:
            return StepState.UNSURE, f"没有培训学时，无法判断是否{wanted}；请补记学时或起止日期"
        return StepState.SHORT, f"培训{wanted}，记录的不足；请核对"


def assess_all(
    found: Iterable[Candidate], today: date, *, edition: str | None = None, local: bool = False
) -> dict[int, list[StepResult]]:
    """The 25 steps of each, by number. UsageFault when the edition, or a recorded extension, is not one."""
    try:
        return {case.number: assess(case, today, edition=edition, local=local) for case in found}
    except ValueProblem as problem:
        raise UsageFault(problem.sentence) from None


def _of_branch(facts: Facts, branch: PartyBranch) -> list[tuple[Candidate, str]]:
    """The people of a branch by name, with the number where two bear one; who names no branch belongs to the only one."""
    homes = (branch.number, None) if len(facts.branches) == 1 else (branch.number,)
    found = [case for case in facts.once(candidates) if case.branch in homes]
    bearers = Counter(case.name for case in found)
    return [(case, f"{case.name}(编号{case.number})" if bearers[case.name] > 1 else case.name) for case in found]


@check("D6")
def procedure(facts: Facts, branch: PartyBranch) -> Result:
    """The steps out of order or time, and those that cannot be judged, of whoever was on the way in the period."""
    start, faults, unknown, records = facts.bounds[0], list[str](), list[str](), list[Reference]()
    mine = [found for found in _of_branch(facts, branch) if (found[0].days["full_approved_on"] or "9999") >= start]
    if not mine:
        return not_applicable("没有发展党员记录")
    assessed = facts.once(lambda facts: assess_all(facts.once(candidates), facts.as_of), "steps")
    for case, name in mine:
        wrong = [step for step in assessed[case.number] if step.state in (*FAULTS, *UNKNOWN)]
        for step in wrong:
            (faults if step.state in FAULTS else unknown).append(f"{name}（{step.name}{step.state}）")
            day, note = case.days.get(step.field) or "", f"{step.state}：{step.sentence}"
            records.append(Reference("development", case.number, day, f"{name} {step.name}", note))
        records += [] if wrong else [Reference("development", case.number, "", name)]
    lists = (("：", faults), ("；记录不全：", unknown))
    figure = f"{len(mine)}人，程序或时限有误{len(faults)}处"
    return Result(judged(len(faults), len(unknown)), figure, lists, records)


def clinical(kind: str | None) -> bool:
    """临床、医技、护理一线 (双培养 counts them)."""
    return kind in table("development")["clinical"]


@check("D7")
def admitted_clinicians(facts: Facts, branch: PartyBranch) -> Result:
    """Of those admitted in the period the share of 临床医技护; no share is asked, so it is only told."""
    start, end = facts.bounds
    mine = [(case, name) for case, name in _of_branch(facts, branch) if start <= (case.days["voted_on"] or "") < end]
    if not mine:
        return not_applicable("本期没有接收预备党员")
    unknown, front = (sum(test(case.staff_kind) for case, _ in mine) for test in (lambda kind: kind is None, clinical))
    figure = f"临床医技护{front}/{len(mine)} = {percent(front, len(mine))}%"
    figure += f"；{unknown}人没有登记岗位类别" if unknown else ""
    records = [
        Reference("development", case.number, case.days["voted_on"] or "", name, case.staff_kind or "没有登记岗位类别")
        for case, name in mine
    ]
    return Result(State.NO_DATA if unknown else State.MET, figure, records=records)
