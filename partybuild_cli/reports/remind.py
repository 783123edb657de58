"""What is due this month (月度提醒): one text for the branch's chat or a mail, gathered from what the rules and `status` know."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, product
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.records.task import TaskState
from partybuild_cli.reports.status import owing, tasks_of
from partybuild_cli.rules import clocks
from partybuild_cli.rules.belonging import candidates
from partybuild_cli.rules.board import election, term_of
from partybuild_cli.rules.development import StepState, assess_all
from partybuild_cli.rules.dues import Owed, paid_dues
from partybuild_cli.rules.facts import Facts, load_facts
from partybuild_cli.rules.item import NAMED_AT_MOST, State
from partybuild_cli.rules.members import talks
from partybuild_cli.values.day import chinese_day, last_date
from partybuild_cli.values.people import mask_found
from partybuild_cli.values.period import months, period_of, quarter_of, spoken

#: So many names stand in one line of the text; `--json` has all.
_NAMED = 8


class ToDo(NamedTuple):
    """One thing to do: of which branch, who it concerns, by when (None where nobody set a day), and the command that records it."""

    kind: str
    branch: str
    who: str
    what: str
    due_on: str | None
    command: str


class Reminder(NamedTuple):
    today: date
    items: Sequence[ToDo]
    branches: Sequence[str]

    @property
    def month(self) -> str:
        return f"{self.today:%Y-%m}"

    def document(self) -> dict[str, object]:
        return {"month": self.month, "items": [todo._asdict() for todo in self.items]}

    def lines(self) -> Iterator[str]:
        """The text to paste: a title, and the things to do by branch and kind, numbered."""
        only = self.branches[0] if len(self.branches) == 1 else ""
        yield f"{only}{spoken(period_of(self.month))}工作提醒（{chinese_day(str(self.today))}）"
        if not self.items:
            yield "本月没有到期的事项。"
        for branch in dict.fromkeys(todo.branch for todo in self.items):
            if branch != only:
                yield f"◆ {branch or '未写明党支部的'}"
            for kind in dict.fromkeys(todo.kind for todo in self.items if todo.branch == branch):
                yield f"【{kind}】"
                mine = [todo for todo in self.items if (todo.branch, todo.kind) == (branch, kind)]
                for at, todo in enumerate(mine, start=1):
                    names, day = todo.who.split("、"), ""
                    who = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
                    if todo.due_on:
                        last, over = chinese_day(todo.due_on), last_date(todo.due_on) < self.today
                        day = f"，已过期限（{last}）" if over else f"，{last}前"
                    yield f"{at}. {f'{who}：' if who else ''}{todo.what}{day}"


def remind(connection: Connection, today: date, branch: str | None = None) -> Reminder:
    """Everything that is overdue or falls due by the end of the month. NotFound when there is no such branch."""
    month_end = last_date(f"{today:%Y-%m}")
    here = load_facts(connection, period_of(quarter_of(today)), today, branch)
    # The year as it will stand when this month is over.
    over = load_facts(connection, period_of(f"{today.year}-01-01..{month_end}"), month_end + timedelta(days=1), branch)
    groups = [_meetings(here, month_end), _dues(over), _tasks(here, month_end), _talks_and_terms(here, over)]
    groups += [_development(here, month_end), _clocks(over)]
    found = [todo._replace(who=mask_found("", todo.who), what=mask_found("", todo.what)) for todo in chain(*groups)]
    return Reminder(today, found, [home.name for home in here.branches])


def _meetings(here: Facts, month_end: date) -> Iterator[ToDo]:
    """Meetings whose month, quarter or year has ended without one, or runs and has none yet."""
    for owed in owing(here):
        begun = [unit for unit in owed.coming if period_of(unit).first <= month_end]
        for period in map(period_of, (*owed.late, *begun)):
            what = f"{spoken(period)}的{owed.kind}还没有记录"
            command = f"partybuild meeting add --branch {owed.branch} --kind {owed.kind} --on 日期 --topic 主题"
            yield ToDo("会议", owed.branch, "", what, str(period.last), command)


def _dues(over: Facts) -> Iterator[ToDo]:
    """The dues of the year that are not paid when this month is over."""
    month = f"{over.as_of:%Y-%m}"
    for branch in over.branches:
        paid = over.once(paid_dues)[branch.number]
        for found, said in ((paid.unpaid, "没有缴足"), (paid.unknown, "没有记录")):
            # this month, which all owe, stands by itself; members who owe the same months stand together
            of_member: dict[tuple[int, bool], list[Owed]] = defaultdict(list)
            for owed in found:
                of_member[owed.member, owed.month == month].append(owed)
            together: dict[tuple[str, ...], list[Owed]] = defaultdict(list)
            for mine in of_member.values():
                together[tuple(owed.month for owed in mine)].append(mine[0])
            for every, members in sorted(together.items(), key=lambda owing: owing[0]):
                spoken_months = "、".join(map(chinese_day, every))
                if len(every) > 2 and [*every] == months(period_of(f"{every[0]}..{every[-1]}")):
                    spoken_months = chinese_day(f"{every[0]}..{every[-1]}")
                what, command = f"{spoken_months}的党费{said}", f"arrears {every[0][:4]}"
                if said == "没有记录":
                    entered = all(owed.record.id is not None for owed in members)
                    command = f"pay {every[0]} --member 姓名 --on 日期" if entered else f"prepare {every[0]}"
                    what += f"（{len(members)} 人）"
                names, last = "、".join(owed.record.title for owed in members), str(last_date(every[0]))
                yield ToDo("党费", branch.name, names, what, last, f"partybuild dues {command}")


def _tasks(here: Facts, month_end: date) -> Iterator[ToDo]:
    """Tasks that are overdue, wait to be verified, or fall due by the end of the month."""
    for task, branches in tasks_of(here, month_end - here.today):
        what = task.item if task.state is TaskState.OVERDUE else f"{task.item}（{task.state}）"
        command = f"partybuild task close {task.id} --evidence 佐证 --verified-by 验收人"
        open_still = task.state is not TaskState.TO_VERIFY and task.due_on and task.due_on[:1].isdigit()
        day = task.due_on if open_still else None
        yield ToDo("任务", "、".join(branches), task.responsible, what, day, command)


def _talks_and_terms(here: Facts, over: Facts) -> Iterator[ToDo]:
    """Talks that are lacking; committees whose term has ended, or ends within six months, on the last day of the month."""
    for branch in here.branches:
        found = talks(here, branch)
        if lacking := dict.fromkeys(record.title for record in found.records if record.note):
            what = f"今年的谈心谈话还没有谈全（{found.figure.partition('；')[0]}）"
            command = "partybuild talk add --talker 谈话人 --subject 谈话对象 --on 日期"
            yield ToDo("谈心谈话", branch.name, "、".join(lacking), what, f"{here.today.year}-12-31", command)
    for branch in over.branches:
        found = election(over, branch)
        if found.remind or found.state is State.UNMET:
            command = f"partybuild branch edit {branch.name} --elected-on 选举日期"
            yield ToDo("换届", branch.name, "", found.figure, str(term_of(branch)[1].expires), command)


def _development(here: Facts, month_end: date) -> Iterator[ToDo]:
    """Steps of 发展党员 that are overdue, are to be done now, or must be done by the end of the month."""
    names: dict[int | None, str] = {home.number: home.name for home in here.branches}
    if not here.narrowed:
        names[None] = here.branches[0].name if len(here.branches) == 1 else ""
    mine = {case.number: case for case in here.once(candidates) if case.branch in names}
    for number, steps in assess_all(mine.values(), here.today).items():
        for step in steps:
            pressing = step.state in (StepState.OVERDUE, StepState.DUE)
            if pressing or (step.state is StepState.NEXT and step.latest and step.latest <= month_end):
                what, day = f"{step.name}（{step.state}）", str(step.latest) if step.latest else None
                case, command = mine[number], f"partybuild development steps {number}"
                yield ToDo("发展党员", names[case.branch], case.name, what, day, command)


#: The clocks of membership that may have run out by the end of the month, and what records that something was done.
_CLOCKS = (
    ("外出和失联", clocks.away, "member transfer 姓名 --to 去向 --on 日期"),
    ("连续六个月没有参加", clocks.lapsed, "talk add --talker 谈话人 --subject 谈话对象 --on 日期"),
    ("出国（境）党员", clocks.abroad, "talk add --talker 谈话人 --subject 谈话对象 --on 日期"),
    ("限期改正", clocks.mending, "tenure edit 编号 --ended-on 日期"),
)


def _clocks(over: Facts) -> Iterator[ToDo]:
    for (kind, asked, command), branch in product(_CLOCKS, over.branches):
        found = asked(over, branch)
        if found.state is State.UNMET:
            yield ToDo(kind, branch.name, "", found.text(NAMED_AT_MOST), str(over.as_of), f"partybuild {command}")
