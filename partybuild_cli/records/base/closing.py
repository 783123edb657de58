"""Closing a task (销号): done, proved by evidence, verified by somebody who is not responsible for it."""

from datetime import date
from typing import TYPE_CHECKING

from partybuild_cli.errors import InputProblems
from partybuild_cli.records.base.deeds import edit_record, read_one
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
            raise InputProblems(f"完成时间 {done['done_on']} 还没有到，办结之后再销号。没有写入任何内容。")
        raise InputProblems("佐证和验收人都要写明才能销号，没有写入任何内容。")
    return f"已销号：{done['item']}（编号 {number}），{done['done_on']} 完成，{done['verified_by']}验收。"
