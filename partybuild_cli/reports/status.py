"""The clerk's morning page (今日一览): how the branch stands, what is owed, what to do next; one screen."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.rounds import STATE_WORDS
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.reports import runs
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.deeds import services
from partybuild_cli.rules.facts import Branch, Facts, Window, load_facts
from partybuild_cli.rules.frequency import committee_needed, coverage, owed_meetings
from partybuild_cli.store import backup, settings
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

    number: int
    item: str
    responsible: str
    due_on: str | None
    state: TaskState
    branch: int | None = None

    def document(self) -> dict[str, Any]:
        """The task as `--json` prints it."""
        told = {key: getattr(self, key) for key in ("item", "responsible", "due_on", "state")}
        return {"id": self.number, **told}


@dataclass(slots=True)
class Status:
    """Everything on the page."""

    today: date
    quarter: Period
    branches: list[dict[str, Any]]
    meetings: list[Owing]
    service: dict[str, int]
    tasks: list[NearTask]
    index: dict[str, Any] | None
    last_backup: str | None
    backups: backup.Room
    runs: dict[str, Any]
    leaves: list[dict[str, Any]]
    next: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The page as `--json` prints it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {
            "today": str(self.today),
            "quarter": self.quarter.label,
            "meetings": [asdict(one) for one in self.meetings],
            "tasks": [one.document() for one in self.tasks],
            "backups": {"files": self.backups.files, "bytes": self.backups.size},
        }


def status(connection: Connection, today: date, branch: str | None = None) -> Status:
    """How the book stands on a day. NotFound when the branch that is asked for does not exist."""
    quarter = period_of(quarter_of(today))
    here = load_facts(connection, quarter, today, branch)
    page = Status(
        today,
        quarter,
        [
            {"name": one.name, "members": len(here.members(one)), "formal": len(here.formal(one))}
            for one in here.branches
        ],
        owing(here),
        _service(here),
        [one for one, _ in tasks_of(here)],
        _index(here),
        settings.get(connection, "last_backup"),
        backup.room(backup.book_of(connection)),
        runs.read(backup.book_of(connection)).document(today),
        _leaves(here),
    )
    page.next = [*_unsaid(here), *_advice(page)]
    return page


def owing(here: Facts) -> list[Owing]:
    """Every kind of meeting that is owed in the period of the facts, branch by branch."""
    kinds = [(branch, kind) for branch in here.branches for kind in owed_meetings()]
    return [_of_kind(here, branch, kind) for branch, kind in kinds if _asked_of(here, branch, kind)]


def _asked_of(here: Facts, branch: Branch, kind: str) -> bool:
    """支委会 where there are seven full members, 党小组会 where there are groups, yearly meetings in the last quarter."""
    if kind == "支委会":
        return committee_needed(len(here.formal(branch)))
    if kind == "党小组会":
        return any(seat.group for seat in here.members(branch))
    return owed_meetings()[kind] != "year" or here.period.first.month >= _LAST_QUARTER_BEGINS


def _of_kind(here: Facts, branch: Branch, kind: str) -> Owing:
    """Seen from the day behind the quarter every unit counts, seen from today only those that have ended."""
    per, (first, last) = owed_meetings()[kind], (here.period.first, here.period.last)
    first = first.replace(month=1) if per == "year" else first
    held = [one.day for one in here.meetings[branch.number] if one.kind == kind]
    every, ended = (
        coverage(per, held, Window(first, last, day, here.window(branch).since))
        for day in (last + timedelta(days=1), here.today)
    )
    coming = tuple(unit for unit in every.missing if unit not in ended.missing)
    done, asked = len(every.units) - len(every.missing), len(every.units)
    return Owing(branch.name, kind, done, asked, ended.missing, coming)


def _service(here: Facts) -> dict[str, int]:
    """活动次数, 参与人次 and 参与党员 of the quarter."""
    branches = {one.number for one in here.branches}
    found = [one.hours for one in here.once(services) if one.row["branch_id"] in branches]
    people = {member for hours in found for member in hours}
    return {"count": len(found), "turnout": sum(map(len, found)), "people": len(people)}


_ROUNDS = """
SELECT r.quarter, r.state, count(*) FROM index_round AS r
WHERE r.revision = (
    SELECT max(later.revision) FROM index_round AS later WHERE later.quarter = r.quarter AND later.branch_id = r.branch_id
) AND r.quarter = (SELECT max(quarter) FROM index_round){branches} GROUP BY r.quarter, r.state ORDER BY r.state
"""


def _index(here: Facts) -> dict[str, Any] | None:
    """The latest quarter of the index and how many branches stand where in it; None before the first."""
    sql = _ROUNDS.format(branches=here.where_branch("r.branch_id"))
    rows = here.connection.exec_driver_sql(sql).all()
    states = {STATE_WORDS[state]: count for _, state, count in rows}
    return {"quarter": rows[0][0], "states": states} if rows else None


def near_tasks(connection: Connection, today: date, within: timedelta = NEAR) -> list[NearTask]:
    """Tasks that are overdue, wait to be verified, or fall due soon (提醒); the earliest first."""
    found = []
    for row in connection.exec_driver_sql("SELECT * FROM task ORDER BY due_on, id").mappings():
        state, due_on = task_state(dict(row), today), row["due_on"]
        ahead = state in (TaskState.WAITING, TaskState.RUNNING) and due_on is not None
        if state in (TaskState.OVERDUE, TaskState.TO_VERIFY) or (
            ahead and today <= last_date(due_on) <= today + within
        ):
            found.append(NearTask(row["id"], row["item"], row["responsible"], due_on, state, row["branch_id"]))
    return found


def tasks_of(here: Facts, within: timedelta = NEAR) -> Iterator[tuple[NearTask, list[str]]]:
    """The same of the branches that were asked for, each with the names of those that it belongs to."""
    for one in near_tasks(here.connection, here.today, within):
        branches = here.once(Owners).of("task", one.number, text=f"{one.responsible}、{one.item}", branch=one.branch)
        if branches or not here.narrowed:
            yield one, branches


def _leaves(here: Facts) -> list[dict[str, Any]]:
    """Long leave that ends soon, or has ended of late (长期请假到期)."""
    sql = (
        "SELECT member_id, coalesce(value, kind), ended_on FROM tenure WHERE kind = '长期请假'"
        " AND ended_on >= ? AND ended_on <= ? ORDER BY ended_on, id"
    )
    bounds = (str(here.today - NEAR)[:7], f"{here.today + 2 * NEAR}~")
    mine = {seat.member for branch in here.branches for seat in here.members(branch)}
    return [
        {"member": here.roster.shown(member), "kind": kind, "ends_on": day}
        for member, kind, day in here.connection.exec_driver_sql(sql, bounds)
        if member in mine and last_date(day) >= here.today - NEAR
    ]


def _unsaid(here: Facts) -> list[str]:
    """Meetings of the quarter of which nobody has said who came (出席情况未登记)."""
    found = sorted(one.number for one in here.held() if one.due is None and one.basis is None)
    told = (
        f"补记 {len(found)} 次会议的出席情况（编号 {'、'.join(map(str, found[:5]))}{'等' if len(found) > 5 else ''}）"
    )
    return [f"{told}：partybuild meeting edit 编号 --all-present 或 --absent 姓名:事由"] if found else []


def _advice(page: Status) -> Iterator[str]:
    """What to do next, the most pressing first."""
    if not any(branch["members"] for branch in page.branches):
        yield "导入花名册：partybuild import 花名册.xlsx"
        return
    if late := next((one for one in page.meetings if one.late), None):
        yield f"补记{late.branch}{'、'.join(late.late)}的{late.kind}：partybuild meeting add --kind {late.kind}"
    states = {task.state for task in page.tasks}
    if TaskState.TO_VERIFY in states:
        yield "验收销号：partybuild task close 编号 --evidence 佐证 --verified-by 验收人"
    if TaskState.OVERDUE in states:
        yield "催办逾期任务：partybuild task list"
    last = quarter_of(add_months(page.quarter.first, -1))
    if page.index is None or page.index["quarter"] < last:
        yield f"计算上季度先锋指数：partybuild index compute {last}"
    if page.runs["missing"]:
        yield f"补上没有归档的季度（{'、'.join(page.runs['missing'])}）：partybuild quarterly last --out 归档"
    if page.last_backup is None:
        yield "做一次备份：partybuild backup"
    yield f"看全部欠缺：partybuild check {page.quarter.label}"
