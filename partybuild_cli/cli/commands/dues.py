"""`dues prepare`, `rate`, `arrears`, `register`: from the base to the twelve columns (党费)."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, OfPeriod, ToFile
from partybuild_cli.cli.session import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.rules.dues import Paid
    from partybuild_cli.rules.facts import Branch, Facts

app = Commands()


def entailed(
    connection: "Connection", number: int, cells: dict[str, Any], erase: list[str], values: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """A new base brings a new 应缴, unless that was typed or is typed now."""
    from partybuild_cli.errors import ValueProblem
    from partybuild_cli.records.dues import MONEY
    from partybuild_cli.rules.dues import follow_base

    try:
        base = MONEY.parse(cells.get("base"))
    except ValueProblem:  # told with all other problems of the edit
        return cells, ""
    if base is None or "due" in cells or "due" in erase:
        return cells, ""
    followed = follow_base(connection, number, base)
    return (cells if followed.due is None else {**cells, "due": str(followed.due)}), followed.said


@app.command(example="partybuild dues prepare 2026-10")
def prepare(
    context: typer.Context,
    month: Annotated[str, typer.Argument(metavar="月份", help="如 2026-10")],
    branch: OfBranch = None,
) -> None:
    """按上次的缴纳基数核定一个月的应缴，收缴后只需填实缴"""
    from datetime import date

    from partybuild_cli.errors import UsageFault, ValueProblem
    from partybuild_cli.records.base.kinds import MONTH
    from partybuild_cli.rules.dues import prepare_month

    try:
        wanted = MONTH.parse(MONTH.meant(month, date.today())) or ""
    except ValueProblem as problem:
        raise UsageFault(f"{problem.sentence}。") from None
    with writing(context) as (connection, change):
        made = prepare_month(connection, change, wanted, branch)
    for prompt in made.prompts:
        screen.note(f"注意：{prompt}")
    if made.unknown:
        unknown = "、".join(made.unknown)
        screen.note(f"还不知道缴纳基数，没有登记：{unknown}。请用 partybuild dues add --base 登记。")
    screen.say(f"已核定 {wanted} 应缴 {made.added} 人。")


@app.command(example="partybuild dues rate 8600")
def rate(
    base: Annotated[str, typer.Argument(metavar="基数", help="每月缴纳基数，元")],
    retired: Annotated[bool, typer.Option("--retired", help="离退休党员")] = False,
) -> None:
    """按缴纳基数算每月应缴"""
    from partybuild_cli.errors import UsageFault, ValueProblem
    from partybuild_cli.records.dues import MONEY
    from partybuild_cli.rules.dues import told_rate

    try:
        amount = MONEY.parse(base)
        screen.say(told_rate(amount, retired) if amount is not None else "")
    except ValueProblem as problem:
        raise UsageFault(problem.sentence) from None


@app.command(example="partybuild dues arrears 2026Q3")
def arrears(context: typer.Context, period: OfPeriod = None, branch: OfBranch = None, json: AsJson = False) -> None:
    """列出到期未缴、没有记录的月份，和连续六个月未缴的党员"""
    from datetime import date

    from partybuild_cli.cli.options import period_of
    from partybuild_cli.rules.dues import paid_dues
    from partybuild_cli.rules.facts import load_facts, refuse_future

    when = period_of(period)
    refuse_future(when, date.today())
    with reading(context) as connection:
        here = load_facts(connection, when, date.today(), branch)
        paid = paid_dues(here)
        found = [line for one in here.branches for line in _lines(here, paid[one.number], one)]
    if json:
        screen.document([dict(zip(("branch", "name", "months", "state"), line, strict=True)) for line in found])
        return
    shown = ([branch, name, "、".join(months), state] for branch, name, months, state in found)
    count = screen.rows(["党支部", "姓名", "月份", "情况"], shown)
    screen.note(f"共 {count} 条。" if count else "没有到期未缴的党费。")


def _lines(here: "Facts", paid: "Paid", branch: "Branch") -> list[tuple[str, str, list[str], str]]:
    """Each member's months, unpaid ones before those without a record."""
    found: dict[tuple[int, str], list[str]] = {}
    for state, months in (("未缴", paid.unpaid), ("没有记录", paid.unknown)):
        for member, month in months:
            told = "连续六个月未缴" if state == "未缴" and member in paid.behind else state
            found.setdefault((member, told), []).append(month)
    return [(branch.name, here.roster.shown(member), months, state) for (member, state), months in found.items()]


@app.command(example="partybuild dues register 2026 --branch 神经内科党支部")
def register(
    context: typer.Context,
    year: Annotated[str, typer.Argument(metavar="年度", help="如 2026")],
    branch: OfBranch = None,
    out: ToFile = None,
) -> None:
    """写出十二个月的党费收缴登记表"""
    from partybuild_cli.cli.ask import required
    from partybuild_cli.cli.options import period_of
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.outputs import Shelf, file_names
    from partybuild_cli.records.base.roster import load_roster
    from partybuild_cli.reports.register import branch_in, write_register

    when = period_of(year)
    if len(when.label) != 4:
        raise UsageFault(f"登记表按年度写，请写年份，如 {when.label[:4]}。")
    with reading(context) as connection:
        roster = load_roster(connection)
    only = roster.only_branch()
    wanted = branch or (roster.branch_names[only] if only is not None else required("--branch", "党支部", None))
    name = f"{file_names(roster.branch_names)[branch_in(roster, wanted)]}{when.label}年党费收缴登记表.xlsx"
    path = out or Shelf(Path(), screen.note).place(name)
    with reading(context) as connection:
        count = write_register(connection, when, wanted, path)
    screen.say(f"已写出 {path}，{count} 名党员。")
