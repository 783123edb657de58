"""`task open`, `close`, `remind`: from a decision to the ledger, 销号, and what nears its day (清单 台账 销号)."""

from typing import Any

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.options import argument, flag, option
from partybuild_cli.cli.session import reading, writing


def commands() -> list[ChineseCommand]:
    """The commands that tasks have besides the five verbs."""
    from partybuild_cli.cli.verbs import made

    close = [
        argument("number", "编号", "任务的编号，用 partybuild task list 查看"),
        option("evidence", "佐证", "证明办结的材料"),
        option("verified-by", "验收人", "验收的人，不能是责任人"),
        option("on", "日期", "完成的日期；不写则用已登记的，再没有则是今天"),
    ]
    remind = [option("days", "天数", "提前多少天提醒，默认 14", default="14"), flag("json", "以 JSON 输出")]
    begin = [
        option("decision", "编号", "由这项三重一大决策立任务"),
        option("meeting", "编号", "由这次会议的决议立任务"),
        option("area", "方面", "任务方面；不写则用决策类别或会议类型"),
        option("item", "任务", "目标任务；不写则用决策事项或会议决议"),
        option("responsible", "责任人", "不写则用决策的责任人"),
        option("due-on", "日期", "完成时限，或“长期坚持”；不写则用决策的时限"),
    ]
    return [
        made("open", "由三重一大决策或会议决议立一项任务，两边互相注明", _open, begin),
        made("close", "销号：写明佐证，由责任人以外的人验收", _close, close),
        made("remind", "列出逾期、待验收和快到期的任务", _remind, remind),
    ]


def _open(context: Any, decision: str | None, meeting: str | None, **given: str | None) -> None:
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.base.tasks import open_task
    from partybuild_cli.records.decision import Decision
    from partybuild_cli.records.meeting import Meeting

    if (decision is None) == (meeting is None):
        raise UsageFault("请写明由哪里立任务：--decision 决策编号，或 --meeting 会议编号，只写一个。")
    origin = Meeting if decision is None else Decision
    cells = {key: value for key, value in given.items() if value is not None}
    with writing(context) as (connection, change):
        number = number_of(connection, origin, decision or meeting or "")
        sentence = open_task(connection, change, origin, number, cells)
    screen.say(sentence)


def _close(context: Any, number: str, evidence: str | None, verified_by: str | None, on: str | None) -> None:
    from partybuild_cli.cli.ask import required
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.base.tasks import close_task
    from partybuild_cli.records.task import Task

    evidence, verified_by = required("--evidence", "佐证", evidence), required("--verified-by", "验收人", verified_by)
    with writing(context) as (connection, change):
        task = number_of(connection, Task, number)
        sentence = close_task(connection, change, task, evidence=evidence, verified_by=verified_by, done_on=on)
    screen.say(sentence)


def _remind(context: Any, days: str, json: bool) -> None:
    from datetime import date, timedelta

    from partybuild_cli.errors import UsageFault
    from partybuild_cli.reports.status import near_tasks

    if not days.isdecimal() or len(days) > 3:
        raise UsageFault(f"--days 后面要写天数，如 14，现为“{days}”。")
    with reading(context) as connection:
        found = near_tasks(connection, date.today(), timedelta(days=int(days)))
    if json:
        screen.document([one.document() for one in found])
        return
    lines = ([str(one.number), one.state, one.due_on or "", one.item, one.responsible] for one in found)
    count = screen.rows(["编号", "状态", "完成时限", "目标任务", "责任人"], lines, right=("编号",))
    screen.note(f"共 {count} 项。" if count else f"{days} 天内没有到期、逾期或待验收的任务。")
