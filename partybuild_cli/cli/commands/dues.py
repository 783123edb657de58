"""`dues prepare`, `rate`, `arrears`, `register`: from the base to the twelve columns (党费)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.options import argument, flag, option
from partybuild_cli.cli.session import reading, writing


def commands() -> list[ChineseCommand]:
    """The commands that dues have besides the five verbs."""
    from partybuild_cli.cli.verbs import made

    branch = option("branch", "党支部", "只办这个支部的", complete=names("branch"))
    period = argument("period", "[期间]", "如 2026Q3、2026、last；不写是本季度", required=False)
    prepare = [argument("month", "月份", "如 2026-10"), branch]
    rate = [argument("base", "基数", "每月缴纳基数，元"), flag("retired", "离退休党员")]
    register = [argument("year", "年度", "如 2026"), branch, option("out", "文件", "写到哪个工作簿")]
    return [
        made("prepare", "按上次的缴纳基数核定一个月的应缴，收缴后只需填实缴", _prepare, prepare),
        made("rate", "按缴纳基数算每月应缴", _rate, rate),
        made(
            "arrears",
            "列出到期未缴、没有记录的月份，和连续六个月未缴的党员",
            _arrears,
            [period, branch, flag("json", "以 JSON 输出")],
        ),
        made("register", "写出十二个月的党费收缴登记表", _register, register),
    ]


def entailed(connection: Any, number: int, cells: dict[str, Any], erase: Sequence[str]) -> tuple[dict[str, Any], str]:
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


def _prepare(context: Any, month: str, branch: str | None) -> None:
    from partybuild_cli.errors import UsageFault, ValueProblem
    from partybuild_cli.records.base.kinds import MONTH
    from partybuild_cli.rules.dues import prepare_month

    try:
        wanted = MONTH.parse(month) or ""
    except ValueProblem as problem:
        raise UsageFault(f"{problem.sentence}。") from None
    with writing(context) as (connection, change):
        made = prepare_month(connection, change, wanted, branch)
    for prompt in made.prompts:
        screen.note(f"注意：{prompt}")
    if made.unknown:
        unknown = f"还不知道缴纳基数，没有登记：{'、'.join(made.unknown)}。"
        screen.note(unknown + pasteable("请用 partybuild dues add --base 登记。"))
    screen.say(f"已核定 {wanted} 应缴 {made.added} 人。")


def _rate(context: Any, base: str, retired: bool) -> None:
    from partybuild_cli.errors import UsageFault, ValueProblem
    from partybuild_cli.records.dues import MONEY
    from partybuild_cli.rules.dues import told_rate

    try:
        amount = MONEY.parse(base)
        screen.say(told_rate(amount, retired) if amount is not None else "")
    except ValueProblem as problem:
        raise UsageFault(problem.sentence) from None


def _arrears(context: Any, period: str | None, branch: str | None, json: bool) -> None:
    from datetime import date

    from partybuild_cli.cli.periods import period_of
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


def _lines(here: Any, paid: Any, branch: Any) -> list[tuple[str, str, list[str], str]]:
    """Each member's months, unpaid ones before those without a record."""
    found: dict[tuple[int, str], list[str]] = {}
    for state, months in (("未缴", paid.unpaid), ("没有记录", paid.unknown)):
        for member, month in months:
            told = "连续六个月未缴" if state == "未缴" and member in paid.behind else state
            found.setdefault((member, told), []).append(month)
    return [(branch.name, here.roster.shown(member), months, state) for (member, state), months in found.items()]


def _register(context: Any, year: str, branch: str | None, out: str | None) -> None:
    from partybuild_cli.cli.ask import required
    from partybuild_cli.cli.periods import period_of
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
    path = Path(out) if out else Shelf(Path(), screen.note).place(name)
    with reading(context) as connection:
        count = write_register(connection, when, wanted, path)
    screen.say(f"已写出 {path}，{count} 名党员。")
