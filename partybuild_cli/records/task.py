"""任务清单台账: tasks from the list through the ledger to closing (清单 台账 销号)."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems
from partybuild_cli.records.base.declare import Below, Context, Record, ResolvedRow, Scope, Values, column, computed
from partybuild_cli.records.base.kinds import BRANCH, DAY, DEADLINE, FOREVER, MENTIONS, PROSE, TEXT
from partybuild_cli.store.history import Change
from partybuild_cli.values import Choice
from partybuild_cli.values.day import first_date, last_date
from partybuild_cli.values.people import name_words
from partybuild_cli.values.text import tight


class TaskState(StrEnum):
    """销号状态, worked out from days, evidence and verifier."""

    WAITING = "未启动"
    RUNNING = "进行中"
    TO_VERIFY = "待验收"
    CLOSED = "已销号"
    OVERDUE = "逾期"
    STANDING = "长期坚持"


#: What 是否销号 says where it says 否: any state but 已销号.
OPEN = "未销号"
STATE_WORDS = {"是 √ 已完成": "已销号", "否 × 未销号 未完成": OPEN}


class Task(Record, table=True):
    """任务清单台账: one item under its area (方面); closing needs evidence and a verifier who is not responsible for it."""

    title_words = ("任务清单", "销号", "整改", "问题清单")
    branch_from = ("responsible", "leader", "verified_by")
    brief = ("area", "item", "responsible", "due_on", "state")
    date = "due_on"
    begins = "started_on"
    came_with = {"done_on": ("verified_by", "evidence")}
    named_by = "item"
    completed_by = ("due_on",)

    branch_id: int | None = column(BRANCH, "所在党支部", "党支部 责任支部 支部", context=True)
    area: str = column(TEXT, "方面", "类别 任务方面", required=True, context=True, mark=1, example="党建引领医疗服务")
    item: str = column(
        PROSE, "目标任务", "事项 问题 问题描述 目标任务/问题 任务 整改事项",
        required=True, identity=True, mark=1.5, example="完善夜间急会诊流程",
    )  # fmt: skip
    source: str | None = column(TEXT, "来源", "任务来源 问题来源")
    measures: str | None = column(PROSE, "具体措施", "整改措施 措施 工作措施", mark=1.5)
    leader: str | None = column(TEXT, "牵头领导", "牵头人", mark=0.5)
    department: str | None = column(TEXT, "责任部门", "责任单位 责任科室", mark=0.5)
    responsible: str = column(MENTIONS, "责任人", "负责人", required=True, mark=1)
    started_on: str | None = column(DAY, "开始时间", "启动时间 发现时间")
    due_on: str | None = column(
        DEADLINE, "完成时限", "整改时限 时限 截止日期 完成期限", help="日期，或“长期坚持”", mark=1.5
    )
    progress: str | None = column(PROSE, "进展情况", "进度 落实情况 完成情况", mark=1)
    done_on: str | None = column(DAY, "完成时间", "完成日期 销号时间", mark=1)
    verified_by: str | None = column(TEXT, "验收人", "复核人", mark=1.5)
    evidence: str | None = column(TEXT, "佐证", "佐证材料")
    state = computed(Choice(TaskState, STATE_WORDS), "销号状态", "是否销号 状态 整改情况", mark=1)
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """A verifier who is responsible himself, and a typed state that the days do not bear out, are warnings."""
        if own_verifier(row.values):
            column = cls.columns["verified_by"]
            row.warn(column, row.values["verified_by"], "验收人就是责任人，不能算销号，请由他人验收")
        typed, worked_out = row.values.get("state"), task_state(row.values, scope.as_of)
        agreed = worked_out != TaskState.CLOSED if typed == OPEN else typed == worked_out
        if typed is not None and not agreed:
            message = f"表中填“{typed}”，按时限、完成时间、佐证和验收人应为“{worked_out}”，请核对"
            row.warn(cls.columns["state"], typed, message)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The state on the day of telling."""
        return {"state": task_state(row, context.as_of)}


def own_verifier(task: Mapping[str, str | None]) -> bool:
    """Whether somebody who is responsible also verified (自己验收自己)."""
    return bool(_names(task.get("responsible")) & _names(task.get("verified_by")))


def task_state(task: Mapping[str, str | None], today: date) -> TaskState:
    """销号 is done, proved by evidence and verified by another; done without that waits to be verified."""
    done = task.get("done_on")
    if done and first_date(done) <= today:  # what was done later was open on that day
        proved = task.get("evidence") and task.get("verified_by") and not own_verifier(task)
        return TaskState.CLOSED if proved else TaskState.TO_VERIFY
    due = task.get("due_on")
    if due == FOREVER:
        return TaskState.STANDING
    if due and last_date(due) < today:
        return TaskState.OVERDUE
    begun = task.get("started_on")
    started = bool(begun) and str(begun) <= today.isoformat()
    return TaskState.RUNNING if started or task.get("progress") else TaskState.WAITING


def _names(text: str | None) -> set[str]:
    return {tight(word) for word in name_words(text or "")}


def close_task(
    connection: Connection, change: Change, number: int, *, evidence: str, verified_by: str, done_on: str | None
) -> str:
    """Close a task; a sentence of it. InputProblems when it is closed already, or verified by its own people."""
    from partybuild_cli.records.base.editing import edit_record, read_one

    stored = read_one(connection, Task, number).values
    if stored["state"] == TaskState.CLOSED:
        raise InputProblems(f"任务编号 {number} 已于 {stored['done_on']} 完成并销号，没有重复销号。")
    if own_verifier({"responsible": stored["responsible"], "verified_by": verified_by}):
        wrong = f"{verified_by}就是任务编号 {number} 的责任人，不能验收自己的任务。"
        raise InputProblems(f"{wrong}请由其他人验收。没有写入任何内容。")
    today = date.today()
    day = done_on or stored.get("done_on") or today.isoformat()
    edit_record(connection, change, Task, number, {"evidence": evidence, "verified_by": verified_by, "done_on": day})
    done = read_one(connection, Task, number).values
    if done["state"] != TaskState.CLOSED:
        if first_date(done["done_on"]) > today:
            raise InputProblems(f"完成时间 {done['done_on']} 还没有到，请在办结之后再销号。没有写入任何内容。")
        raise InputProblems("佐证和验收人都要写明才能销号，没有写入任何内容。")
    return f"已销号：{done['item']}（编号 {number}），{done['done_on']} 完成，{done['verified_by']}验收。"


_TAKEN = {"item": "item", "area": "kind", "responsible": "responsible", "due_on": "due_on"}
#: Where a task may come from: what it takes over from there, how its source reads, and where it is noted there.
_ORIGINS = {
    "decision": (_TAKEN, "三重一大第{number}号", "progress"),
    "meeting": ({"item": "resolution", "area": "kind"}, "{kind}第{number}号", "note"),
}


def open_task(
    connection: Connection, change: Change, origin: type[Record], number: int, cells: Mapping[str, str]
) -> str:
    """Add a task that carries out a decision or a resolution, with its words. InputProblems when something is lacking."""
    from partybuild_cli.records.base.editing import add_record, edit_record, read_one

    stored = read_one(connection, origin, number).values
    taken, source, noted = _ORIGINS[origin.ledger]
    filled = {key: str(stored[of]) for key, of in taken.items() if of in stored} | dict(cells)
    filled["source"] = source.format(number=number, kind=stored["kind"])
    lacking = [Task.columns[key] for key in ("item", "responsible") if key not in filled]
    if lacking:
        names = "、".join(f"{column.heading}（{column.flag}）" for column in lacking)
        raise InputProblems(f"{origin.caption}第 {number} 号没有写{names}，立任务时要补上。没有写入任何内容。")
    task = add_record(connection, change, Task, filled)
    text = f"已立任务第{task.number}号"
    edit_record(connection, change, origin, number, {noted: f"{stored[noted]}；{text}" if stored.get(noted) else text})
    return f"已登记任务编号 {task.number}：{filled['item']}（来源：{filled['source']}）。"
