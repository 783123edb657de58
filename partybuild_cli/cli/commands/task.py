"""`task open`, `close`, `remind`: from a decision to the ledger, 销号, and what nears its day (清单 台账 销号)."""

from datetime import date, timedelta
from typing import Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import all_required
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, period_of
from partybuild_cli.cli.session import number_of, reading, writing
from partybuild_cli.errors import UsageFault

app = Commands()


@app.command("open", example="partybuild task open --meeting 1 --item 补课 --responsible 张三 --due-on 2026-12-31")
def open_(
    decision: Annotated[str | None, Option(metavar="编号", help="由这项三重一大决策立任务")] = None,
    meeting: Annotated[str | None, Option(metavar="编号", help="由这次会议的决议立任务")] = None,
    area: Annotated[str | None, Option(metavar="方面", help="任务方面；不写则用决策类别或会议类型")] = None,
    item: Annotated[str | None, Option(metavar="任务", help="目标任务；不写则用决策事项或会议决议")] = None,
    responsible: Annotated[str | None, Option(metavar="责任人", help="不写则用决策的责任人")] = None,
    due_on: Annotated[str | None, Option(metavar="日期", help="完成时限，或“长期坚持”；不写则用决策的时限")] = None,
) -> None:
    """由三重一大决策或会议决议立一项任务，两边互相注明"""
    from partybuild_cli.records.decision import Decision
    from partybuild_cli.records.meeting import Meeting
    from partybuild_cli.records.task import open_task

    if (decision is None) == (meeting is None):
        raise UsageFault("请写明由哪里立任务：--decision 决策编号，或 --meeting 会议编号，只写一个。")
    origin = Meeting if decision is None else Decision
    given = {"area": area, "item": item, "responsible": responsible, "due_on": due_on}
    cells = {key: value for key, value in given.items() if value is not None}
    with writing() as (connection, change):
        number = number_of(connection, origin.ledger, decision or meeting or "")
        sentence = open_task(connection, change, origin, number, cells)
    screen.say(sentence)


@app.command(example="partybuild task close 1 --evidence 验收照片 --verified-by 李四")
def close(
    number: Annotated[str, Argument(metavar="编号", help="任务的编号，用 partybuild task list 查看")],
    evidence: Annotated[str | None, Option(metavar="佐证", help="[必填] 证明办结的材料")] = None,
    verified_by: Annotated[str | None, Option(metavar="验收人", help="[必填] 验收的人，不能是责任人")] = None,
    on: Annotated[str | None, Option(metavar="日期", help="完成的日期；不写则用已登记的，再没有则是今天")] = None,
) -> None:
    """销号：写明佐证，由责任人以外的人验收"""
    from partybuild_cli.records.task import close_task

    evidence, verified_by = all_required(("--evidence", "佐证", evidence), ("--verified-by", "验收人", verified_by))
    with writing() as (connection, change):
        task = number_of(connection, "task", number)
        sentence = close_task(connection, change, task, evidence=evidence, verified_by=verified_by, done_on=on)
    screen.say(sentence)


@app.command(example="partybuild task remind --days 30")
def remind(
    days: Annotated[str, Option(metavar="天数", help="提前多少天提醒")] = "14",
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """列出逾期、待验收和快到期的任务"""
    from partybuild_cli.reports.status import tasks_of
    from partybuild_cli.rules.facts import load_facts

    if not days.isdecimal() or len(days) > 3:
        raise UsageFault(f"--days 后面要写天数，如 14，现为“{days}”。")
    with reading() as connection:
        here = load_facts(connection, period_of("this"), date.today(), branch)
        found = [one for one, _ in tasks_of(here, timedelta(days=int(days)))]
    headings = {"id": "编号", "state": "状态", "due_on": "完成时限", "item": "目标任务", "responsible": "责任人"}
    count = screen.listing((one.document() for one in found), headings, json, right=("编号",))
    if not json:
        screen.note(f"共 {count} 项。" if count else f"{days} 天内没有到期、逾期或待验收的任务。")
