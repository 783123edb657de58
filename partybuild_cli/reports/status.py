"""The clerk's morning page (今日一览): how the branch stands, what is owed, what to do next; one screen."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path

from sqlalchemy import Connection, func, select

from partybuild_cli.index.quarter import STATE_WORDS, Quarter
from partybuild_cli.index.rounds import rounds_of
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.reports import runs
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.facts import Facts, load_facts
from partybuild_cli.rules.frequency import coverage, owed_meetings, window_of
from partybuild_cli.rules.participation import ROUNDS, services
from partybuild_cli.store import backup, driver
from partybuild_cli.values.day import add_months, last_date
from partybuild_cli.values.period import Period, period_of, quarter_of

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
    quarter, book = period_of(quarter_of(today)), backup.book_of(connection)
    here = load_facts(connection, quarter, today, branch)
    members = {home.number: here.members(home) for home in here.branches}
    served = [row["taken"] for row in here.once(services) if row["branch_id"] in members]
    latest = connection.execute(select(func.max(ROUNDS.c.quarter))).scalar()
    rounds = rounds_of(connection, Quarter(latest)) if latest else {}
    states = sorted(round.state for branch, round in rounds.items() if here.asks_of(branch))
    mine = {who.member for seats in members.values() for who in seats}
    every = (row for row in here.every("tenure") if row["kind"] == "长期请假" and row["member_id"] in mine)
    leaves = [
        Leave(here.roster.shown(row["member_id"]), row["value"] or row["kind"], row["ended_on"])
        for row in sorted(every, key=lambda row: (row["ended_on"] or "", row["id"]))
        if row["ended_on"] and today - NEAR <= last_date(row["ended_on"]) and row["ended_on"] <= f"{today + 2 * NEAR}~"
    ]
    page = Status(
        today,
        quarter,
        [Branch(home.name, len(members[home.number]), len(here.formal(home))) for home in here.branches],
        [*owing(here)],
        Service(len(served), sum(map(len, served)), len({member for taken in served for member in taken})),
        [task for task, _ in tasks_of(here)],
        Index(str(latest), {STATE_WORDS[state]: states.count(state) for state in states}) if states else None,
        driver.setting(connection, "last_backup"),
        backup.room(book),
        runs.read(book).standing(today),
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
        window = window_of(kind, here, branch)
        if window is None or (per == "year" and first.month < _LAST_QUARTER_BEGINS):
            continue
        begin = first.replace(month=1) if per == "year" else first
        held = [meeting.day for meeting in here.meetings[branch.number] if meeting.kind == kind]
        days = (last + timedelta(days=1), here.today)
        seen = (window._replace(first=begin, last=last, today=day) for day in days)
        every, ended = (coverage(per, held, window) for window in seen)
        coming = tuple(unit for unit in every.missing if unit not in ended.missing)
        done, asked = len(every.units) - len(every.missing), len(every.units)
        yield Owing(branch.name, kind, done, asked, ended.missing, coming)


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
