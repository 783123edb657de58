"""What is due this month (月度提醒): one text for the branch's chat or a mail, gathered from what the rules and `status` know."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.dues import overdue_since
from partybuild_cli.records.task import TaskState
from partybuild_cli.reports.status import owing, tasks_of
from partybuild_cli.rules.board import term_of
from partybuild_cli.rules.candidates import candidates
from partybuild_cli.rules.check import check
from partybuild_cli.rules.development import StepState, assess_all
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Branch, Facts, load_facts
from partybuild_cli.rules.item import Item, State
from partybuild_cli.values.day import chinese_day, last_date
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.period import months, period_of, quarter_of, spoken

#: So many names stand in one line of the text; `--json` has all.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do: of which branch, who it concerns, by when (None where nobody set a day), and the command that records it."""

    kind: str
    branch: str
    who: str
    what: str
    due_on: str | None
    command: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """The month's list, seen from a day."""

    today: date
    items: Sequence[ToDo]
    branches: Sequence[str]

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return f"{self.today:%Y-%m}"

    def document(self) -> dict[str, Any]:
        """The list as `--json` prints it."""
        return {"month": self.month, "items": [asdict(one) for one in self.items]}

    def lines(self) -> Iterator[str]:
        """The text to paste: a title, and the things to do by branch and kind, numbered."""
        only = self.branches[0] if len(self.branches) == 1 else ""
        yield f"{only}{spoken(period_of(self.month))}工作提醒（{chinese_day(str(self.today))}）"
        if not self.items:
            yield "本月没有到期的事项。"
        for branch in dict.fromkeys(one.branch for one in self.items):
            if branch != only:
                yield f"◆ {branch or '未写明党支部的'}"
            for kind in dict.fromkeys(one.kind for one in self.items if one.branch == branch):
                yield f"【{kind}】"
                mine = [one for one in self.items if (one.branch, one.kind) == (branch, kind)]
                yield from (f"{place}. {self._line(one)}" for place, one in enumerate(mine, start=1))

    def _line(self, one: ToDo) -> str:
        names = one.who.split("、")
        who = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
        day = ""
        if one.due_on:
            last = chinese_day(one.due_on)
            day = f"，已过期限（{last}）" if last_date(one.due_on) < self.today else f"，{last}前"
        return f"{f'{who}：' if who else ''}{one.what}{day}"


def remind(connection: Connection, today: date, branch: str | None = None) -> Reminder:
    """Everything that is overdue or falls due by the end of the month. NotFound when there is no such branch."""
    month_end = last_date(f"{today:%Y-%m}")
    here = load_facts(connection, period_of(quarter_of(today)), today, branch)

    def seen(period: str, day: date, item: str) -> list[Item]:
        return check(connection, period_of(period), day, branch, item)

    this_month = f"{today:%Y-%m}"
    found = [
        *_meetings(here, month_end),
        *_dues(connection, today, month_end, branch),
        *_tasks(here, month_end),
        *_talks(seen(str(today.year), today, "D4"), today),
        *_terms(here, seen(this_month, month_end, "B2")),  # as they will stand on the last day of the month
        *_development(here, month_end),
        *_away(seen(this_month, month_end, "D8"), month_end),
    ]
    clean = [replace(one, who=mask_found("", one.who), what=mask_found("", one.what)) for one in found]
    return Reminder(today, clean, [one.name for one in here.branches])


def _meetings(here: Facts, month_end: date) -> Iterator[ToDo]:
    """Meetings whose month, quarter or year has ended without one, or runs and has none yet."""
    for one in owing(here):
        begun = [unit for unit in one.coming if period_of(unit).first <= month_end]
        for period in map(period_of, (*one.late, *begun)):
            what = f"{spoken(period)}的{one.kind}还没有记录"
            command = f"partybuild meeting add --branch {one.branch} --kind {one.kind} --on 日期 --topic 主题"
            yield ToDo("会议", one.branch, "", what, str(period.last), command)


def _dues(connection: Connection, today: date, month_end: date, branch: str | None) -> Iterator[ToDo]:
    """The dues of the year that are not paid when this month is over."""
    month = f"{today:%Y-%m}"
    over = load_facts(connection, period_of(f"{today.year}-01-01..{month_end}"), overdue_since(month), branch)
    for one in over.branches:
        paid = over.once(paid_dues)[one.number]
        for members, owed in _alike(paid.unpaid, month):
            what, command = f"{_spoken_months(owed)}的党费没有缴足", f"arrears {owed[0][:4]}"
            yield _of_dues(over, one, members, owed, what, command)
        for members, owed in _alike(paid.unknown, month):
            what = f"{_spoken_months(owed)}的党费没有记录（{len(members)} 人）"
            entered = all((member, owed[0]) in paid.blank for member in members)
            command = f"pay {owed[0]} --member 姓名 --on 日期" if entered else f"prepare {owed[0]}"
            yield _of_dues(over, one, members, owed, what, command)


def _of_dues(over: Facts, branch: Branch, members: list[int], owed: list[str], what: str, command: str) -> ToDo:
    names, last = "、".join(over.shown(members)), str(last_date(owed[0]))
    return ToDo("党费", branch.name, names, what, last, f"partybuild dues {command}")


def _alike(found: Sequence[tuple[int, str]], month: str) -> Iterator[tuple[list[int], list[str]]]:
    """Members who owe the same months, with these months; this month, which all owe, stands by itself."""
    of_member: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for member, owed in found:
        of_member[member, owed == month].append(owed)
    together: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for (member, _), owed_months in of_member.items():
        together[tuple(owed_months)].append(member)
    yield from ((together[owed], list(owed)) for owed in sorted(together))


def _spoken_months(found: Sequence[str]) -> str:
    if len(found) > 2 and list(found) == months(period_of(f"{found[0]}..{found[-1]}")):
        return chinese_day(f"{found[0]}..{found[-1]}")
    return "、".join(map(chinese_day, found))


def _tasks(here: Facts, month_end: date) -> Iterator[ToDo]:
    """Tasks that are overdue, wait to be verified, or fall due by the end of the month."""
    for one, branches in tasks_of(here, month_end - here.today):
        what = one.item if one.state is TaskState.OVERDUE else f"{one.item}（{one.state}）"
        command = f"partybuild task close {one.number} --evidence 佐证 --verified-by 验收人"
        open_still = one.state is not TaskState.TO_VERIFY and one.due_on and one.due_on[:1].isdigit()
        yield ToDo("任务", "、".join(branches), one.responsible, what, one.due_on if open_still else None, command)


def _talks(checked: Sequence[Item], today: date) -> Iterator[ToDo]:
    """谈心谈话 of the year that have not been recorded."""
    for one in checked:
        if lacking := dict.fromkeys(record.title for record in one.records if record.note):
            what = f"今年的谈心谈话还没有谈全（{one.brief.partition('；')[0]}）"
            command = "partybuild talk add --talker 谈话人 --subject 谈话对象 --on 日期"
            yield ToDo("谈心谈话", one.branch, "、".join(lacking), what, f"{today.year}-12-31", command)


def _terms(here: Facts, checked: Sequence[Item]) -> Iterator[ToDo]:
    """Committees whose term has ended, or ends within six months."""
    ends = {one.name: str(term_of(one)[1].expires) for one in here.branches if one.elected_on}
    for one in checked:
        if one.remedy and one.state is not State.NO_DATA:
            command = f"partybuild branch edit {one.branch} --elected-on 选举日期"
            yield ToDo("换届", one.branch, "", one.brief, ends.get(one.branch), command)


def _development(here: Facts, month_end: date) -> Iterator[ToDo]:
    """Steps of 发展党员 that are overdue, are to be done now, or must be done by the end of the month."""
    names: dict[int | None, str] = {one.number: one.name for one in here.branches}
    if not here.narrowed:
        names[None] = here.branches[0].name if len(here.branches) == 1 else ""
    mine = [one for one in here.once(candidates) if one.branch in names]
    for one, steps in zip(mine, assess_all(mine, here.today).values(), strict=True):
        for step in steps:
            pressing = step.state in (StepState.OVERDUE, StepState.DUE)
            if pressing or (step.state is StepState.NEXT and step.latest is not None and step.latest <= month_end):
                what, day = f"{step.name}（{step.state}）", str(step.latest) if step.latest else None
                command = f"partybuild development steps {one.number}"
                yield ToDo("发展党员", names[one.branch], one.name, what, day, command)


def _away(checked: Sequence[Item], month_end: date) -> Iterator[ToDo]:
    """Members away or lost, for six months by the end of the month; two years after 停止党籍."""
    for one in checked:
        if one.state is State.UNMET:
            command = "partybuild member transfer 姓名 --to 去向 --on 日期"
            yield ToDo("外出和失联", one.branch, "", one.brief, str(month_end), command)
