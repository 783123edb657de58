"""Open a task from a decision or a resolution, and close it (立任务、销号)."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import InputProblems
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.editing import add_record, edit_record, read_one
from partybuild_cli.records.decision import Decision
from partybuild_cli.records.meeting import Meeting
from partybuild_cli.records.task import Task, TaskState, own_verifier
from partybuild_cli.values.day import first_date

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.store.history import Change


def close_task(
    connection: "Connection", change: "Change", number: int, *, evidence: str, verified_by: str, done_on: str | None
) -> str:
    """Close a task; a sentence of what was done. InputProblems when it is closed already, or verified by its own people.

    `done_on` is the day on which it was done; without it the day that the task has, else today.
    """
    kept = read_one(connection, Task, number).values
    if kept["state"] == TaskState.CLOSED:
        raise InputProblems(f"任务编号 {number} 已于 {kept['done_on']} 完成并销号，没有重复销号。")
    if own_verifier({"responsible": kept["responsible"], "verified_by": verified_by}):
        raise InputProblems(
            f"{verified_by}就是任务编号 {number} 的责任人，不能验收自己的任务。请由其他人验收。没有写入任何内容。"
        )
    today = date.today()
    day = done_on or kept.get("done_on") or today.isoformat()
    cells = {"evidence": evidence, "verified_by": verified_by, "done_on": day}
    edit_record(connection, change, Task, number, cells)
    done = read_one(connection, Task, number).values
    if done["state"] != TaskState.CLOSED:
        if first_date(done["done_on"]) > today:
            raise InputProblems(f"完成时间 {done['done_on']} 还没有到，请在办结之后再销号。没有写入任何内容。")
        raise InputProblems("佐证和验收人都要写明才能销号，没有写入任何内容。")
    return f"已销号：{done['item']}（编号 {number}），{done['done_on']} 完成，{done['verified_by']}验收。"


#: Where a task may come from: what it takes over from there, how its source reads, and where it is noted there.
_ORIGINS: dict[type[Record], tuple[dict[str, str], str, str]] = {
    Decision: (
        {"item": "item", "area": "kind", "responsible": "responsible", "due_on": "due_on"},
        "三重一大第{number}号",
        "progress",
    ),
    Meeting: ({"item": "resolution", "area": "kind"}, "{kind}第{number}号", "note"),
}


def open_task(
    connection: "Connection", change: "Change", origin: type[Record], number: int, cells: Mapping[str, Any]
) -> str:
    """Add a task that carries out a decision or a meeting's resolution; a sentence of what was done.

    What `cells` do not say is taken over. InputProblems when something that a task needs stands in neither.
    """
    kept = read_one(connection, origin, number).values
    taken, source, noted = _ORIGINS[origin]
    filled = {key: str(kept[of]) for key, of in taken.items() if of in kept} | dict(cells)
    filled["source"] = source.format(number=number, kind=kept["kind"])
    lacking = [Task.columns[key] for key in ("item", "responsible") if key not in filled]
    if lacking:
        names = "、".join(f"{column.heading}（{column.flag}）" for column in lacking)
        raise InputProblems(f"{origin.caption}第 {number} 号没有写{names}，立任务时要补上。没有写入任何内容。")
    task = add_record(connection, change, Task, filled)
    before = kept.get(noted)
    told = f"已立任务第{task.number}号"
    edit_record(connection, change, origin, number, {noted: f"{before}；{told}" if before else told})
    return f"已登记任务编号 {task.number}：{filled['item']}（来源：{filled['source']}）。"
