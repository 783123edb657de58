"""The clerk's morning page (今日一览): how the branch stands, what is owed, what to do next; and what is due this month (月度提醒),
one text for the branch's chat or a mail.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import chain, product
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import STATE_WORDS, rounds_of
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.reports import runs
from partybuild_cli.rules import clocks
from partybuild_cli.rules.belonging import Owners, candidates
from partybuild_cli.rules.board import election, term_of
from partybuild_cli.rules.deeds import services
from partybuild_cli.rules.development import StepState, assess_all
from partybuild_cli.rules.dues import Owed, paid_dues
from partybuild_cli.rules.facts import Facts, Window, load_facts
from partybuild_cli.rules.frequency import committee_window, coverage, group_windows, owed_meetings
from partybuild_cli.rules.item import NAMED_AT_MOST, State
from partybuild_cli.rules.members import talks
from partybuild_cli.store import backup, settings
from partybuild_cli.values.day import add_months, chinese_day, last_date
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.period import Period, months, period_of, quarter_of, spoken

#: A task within so many days of its deadline is near.
NEAR = timedelta(days=14)
#: What is owed once a year is told in the last quarter.
_LAST_QUARTER_BEGINS = 10


@dataclass(frozen=True, slots=True)
class Owing:
    """One kind of meeting in this quarter: done of asked; `late` months or quarters have ended without one."""

    branch: str
    kind: str
    done: int
    asked: int
    late: tuple[str, ...]
    coming: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearTask:
    """A task that is overdue, waits to be verified, or nears its day."""

    id: int
    item: str
    responsible: str
    due_on: str | None
    state: TaskState


@dataclass(frozen=True, slots=True)
class Branch:
    name: str
    members: int
    formal: int


@dataclass(frozen=True, slots=True)
class Service:
    """活动次数, 参与人次 and 参与党员 of the quarter."""

    count: int
    turnout: int
    people: int


@dataclass(frozen=True, slots=True)
class Index:
    """The latest quarter of the index, and how many branches stand where in it."""

    quarter: str
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Leave:
    """Long leave that ends soon, or has ended of late (长期请假到期)."""

    member: str
    kind: str
    ends_on: str


@dataclass(slots=True)
class Status:
    today: date
    quarter: Period
    branches: list[Branch]
    meetings: list[Owing]
    service: Service
    tasks: list[NearTask]
    index: Index | None
    last_backup: str | None
    backups: backup.Room
    runs: runs.Standing
    leaves: list[Leave]
    next: list[str] = field(default_factory=list)

    def document(self) -> dict[str, object]:
        room = {"files": self.backups.files, "bytes": self.backups.size}
        return asdict(self) | {"today": str(self.today), "quarter": self.quarter.label, "backups": room}


def status(connection: Connection, today: date, branch: str | None = None) -> Status:
    """How the book stands on a day. NotFound when the branch that is asked for does not exist."""
    quarter = period_of(quarter_of(today))
    here = load_facts(connection, quarter, today, branch)
    branches = {home.number: home for home in here.branches}
    served = [service.hours for service in here.once(services) if service.row["branch_id"] in branches]
    people = {member for hours in served for member in hours}
    latest = connection.exec_driver_sql("SELECT max(quarter) FROM index_round").scalar()
    kept = rounds_of(connection, Quarter(latest)) if latest else {}
    states = sorted(round.state for branch, round in kept.items() if here.asks_of(branch))
    mine = {seat.member for home in here.branches for seat in here.members(home)}
    every = (row for row in here.every("tenure") if row["kind"] == "长期请假" and row["member_id"] in mine)
    leaves = [
        Leave(here.roster.shown(row["member_id"]), row["value"] or row["kind"], row["ended_on"])
        for row in sorted(every, key=lambda row: (row["ended_on"] or "", row["id"]))
        if row["ended_on"] and today - NEAR <= last_date(row["ended_on"]) and row["ended_on"] <= f"{today + 2 * NEAR}~"
    ]
    page = Status(
        today,
        quarter,
        [Branch(home.name, len(here.members(home)), len(here.formal(home))) for home in branches.values()],
        [*owing(here)],
        Service(len(served), sum(map(len, served)), len(people)),
        [task for task, _ in tasks_of(here)],
        Index(str(latest), {STATE_WORDS[state]: states.count(state) for state in states}) if states else None,
        settings.get(connection, "last_backup"),
        backup.room(backup.book_of(connection)),
        runs.read(backup.book_of(connection)).standing(today),
        leaves,
    )
    # meetings of the quarter of which nobody has said who came (出席情况未登记)
    if unsaid := sorted(meeting.number for meeting in here.held() if meeting.due is None and meeting.basis is None):
        which = f"编号 {'、'.join(map(str, unsaid[:5]))}{'等' if len(unsaid) > 5 else ''}"
        how = "partybuild meeting edit 编号 --all-present 或 --absent 姓名:事由"
        page.next.append(f"补记 {len(unsaid)} 次会议的出席情况（{which}）：{how}")
    page.next += _advice(page)
    return page


def owing(here: Facts) -> Iterator[Owing]:
    """Every unit counts by the day behind the quarter, those that have ended by today; yearly ones in the last one."""
    first, last = here.period.first, here.period.last
    for branch, (kind, per) in product(here.branches, owed_meetings().items()):
        window: Window | None = here.window(branch)
        if kind == "支委会":
            window = committee_window(here, branch)
        elif kind == "党小组会":
            windows = group_windows(here, branch).values()
            window = min(windows, key=lambda window: window.since or date.min, default=None)
        if window is None or (per == "year" and first.month < _LAST_QUARTER_BEGINS):
            continue
        begin = first.replace(month=1) if per == "year" else first
        held = [meeting.day for meeting in here.meetings[branch.number] if meeting.kind == kind]
        days = (last + timedelta(days=1), here.today)
        seen = (window._replace(first=begin, last=last, today=day) for day in days)
        every, ended = (coverage(per, held, window) for window in seen)
        coming = tuple(unit for unit in every.missing if unit not in ended.missing)
        asked = len(every.units)
        yield Owing(branch.name, kind, asked - len(every.missing), asked, ended.missing, coming)


def tasks_of(here: Facts, within: timedelta = NEAR) -> Iterator[tuple[NearTask, list[str]]]:
    """Tasks that are overdue, wait to be verified, or fall due soon (提醒), the earliest first, each with its branches."""
    for row in sorted(here.every("task"), key=lambda row: (row["due_on"] or "", row["id"])):
        state, due_on = task_state(row, here.today), row["due_on"]
        ahead = state in (TaskState.WAITING, TaskState.RUNNING) and due_on is not None
        near = ahead and here.today <= last_date(due_on) <= here.today + within
        if near or state in (TaskState.OVERDUE, TaskState.TO_VERIFY):
            text = f"{row['responsible']}、{row['item']}"
            branches = here.once(Owners).of("task", row, text)
            if branches or not here.narrowed:
                yield NearTask(row["id"], row["item"], row["responsible"], due_on, state), branches


def _advice(page: Status) -> Iterator[str]:
    """What to do next, the most pressing first."""
    if not any(branch.members for branch in page.branches):
        yield "导入花名册：partybuild import 花名册.xlsx"
        return
    if late := next((meeting for meeting in page.meetings if meeting.late), None):
        yield f"补记{late.branch}{'、'.join(late.late)}的{late.kind}：partybuild meeting add --kind {late.kind}"
    states = {task.state for task in page.tasks}
    if TaskState.TO_VERIFY in states:
        yield "验收销号：partybuild task close 编号 --evidence 佐证 --verified-by 验收人"
    if TaskState.OVERDUE in states:
        yield "催办逾期任务：partybuild task list"
    last = quarter_of(add_months(page.quarter.first, -1))
    if page.index is None or page.index.quarter < last:
        yield f"计算上季度先锋指数：partybuild index compute {last}"
    if page.runs.missing:
        good = page.runs.last_good
        out = str(Path(good.folder).parent) if good else "归档"
        place = f'"{out}"' if " " in out else out
        yield f"补上没有归档的季度（{'、'.join(page.runs.missing)}）：partybuild quarterly last --out {place}"
    if page.last_backup is None:
        yield "做一次备份：partybuild backup"
    yield f"看全部欠缺：partybuild check {page.quarter.label}"


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
                for place, todo in enumerate(mine, start=1):
                    names, day = todo.who.split("、"), ""
                    who = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
                    if todo.due_on:
                        last, over = chinese_day(todo.due_on), last_date(todo.due_on) < self.today
                        day = f"，已过期限（{last}）" if over else f"，{last}前"
                    yield f"{place}. {f'{who}：' if who else ''}{todo.what}{day}"


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
            together: dict[tuple[str, ...], list[list[Owed]]] = defaultdict(list)
            for mine in of_member.values():
                together[tuple(owed.month for owed in mine)].append(mine)
            for every, members in sorted(together.items()):
                spoken_months = "、".join(map(chinese_day, every))
                if len(every) > 2 and [*every] == months(period_of(f"{every[0]}..{every[-1]}")):
                    spoken_months = chinese_day(f"{every[0]}..{every[-1]}")
                what, command = f"{spoken_months}的党费{said}", f"arrears {every[0][:4]}"
                if said == "没有记录":
                    entered = all(mine[0].record.id is not None for mine in members)
                    command = f"pay {every[0]} --member 姓名 --on 日期" if entered else f"prepare {every[0]}"
                    what += f"（{len(members)} 人）"
                names, last = "、".join(mine[0].record.title for mine in members), str(last_date(every[0]))
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
