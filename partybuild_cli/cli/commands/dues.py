"""`dues prepare`, `pay`, `rate`, `arrears`, `register`: from the base to the twelve columns (党费)."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Annotated

from partybuild_cli import effects
from partybuild_cli.cli import adding, ask, screen, session
from partybuild_cli.cli.lazy import Commands, Several, Text, argument, flag, later, option
from partybuild_cli.cli.options import MEMBERS, AsJson, Cells, InYear, OfBranch, OfPeriod, Own, Said, ToFile
from partybuild_cli.cli.session import reading, roster_of, writing
from partybuild_cli.errors import InputProblems, UsageFault, ValueProblem
from partybuild_cli.outputs import file_names
from partybuild_cli.records.base.kinds import DAY, MONTH
from partybuild_cli.values.day import far_ahead, last_date
from partybuild_cli.values.number import plain_decimal

with later():
    from partybuild_cli.records import dues as record
    from partybuild_cli.records.base import editing
    from partybuild_cli.reports import forms
    from partybuild_cli.rules import dues as rules
    from partybuild_cli.rules import facts

dues_app = Commands()
_ADD = "partybuild dues add --member 姓名 --month 月份 --base 基数"


def _entailed(
    connection: "session.Connection", number: int, cells: Cells, erase: list[str], values: Mapping[str, Said]
) -> tuple[Cells, str]:
    """A new base brings a new 应缴, unless that was typed or is typed now."""
    try:
        base = record.MONEY.parse(cells.get("base"))
    except ValueProblem:  # told with all other problems of the edit
        return cells, ""
    if base is None or "due" in cells or "due" in erase:
        return cells, ""
    due, said = rules.follow_base(connection, number, base)
    return (cells if due is None else {**cells, "due": str(due)}), said


def _worked_out(connection: "session.Connection", rows: list[Cells]) -> list[Cells]:
    """New records with the 应缴 that follows from their base; it is said how much."""
    made = [rules.with_due(connection, row) for row in rows]
    screen.note(*dict.fromkeys(said for _, said in made if said))
    return [cells for cells, _ in made]


dues_own = Own(entailed=_entailed, worked_out=_worked_out)


def _month(said: str) -> str:
    try:
        month = MONTH.parse(MONTH.meant(said, date.today())) or ""
        if slip := far_ahead(month, date.today()):
            raise ValueProblem(slip)
        return month
    except ValueProblem as problem:
        raise UsageFault(f"{problem.sentence}。") from None


@dues_app.command(example="partybuild dues prepare 2026-10")
def prepare(month: Annotated[str, argument("月份", "如 2026-10")], branch: OfBranch = None) -> None:
    """按上次的缴纳基数核定一个月的应缴，收缴后只需填实缴"""
    wanted = _month(month)
    with writing() as (connection, change):
        made = rules.prepare_month(connection, change, wanted, branch)
    screen.note(*(f"注意：{sentence}" for sentence in made.prompts))
    if made.unknown:
        screen.note(f"还不知道缴纳基数，没有登记：{'、'.join(made.unknown)}。请用 {_ADD} 登记。")
    screen.say(f"已核定 {wanted} 应缴 {made.added} 人。")


@dues_app.command(example="partybuild dues pay 2026-10 --branch 呼吸内科党支部 --all --except 李四 --on 2026-10-12")
def pay(
    month: Annotated[Text, argument("月份", "如 2026-10、本月")] = None,
    member: Annotated[
        Several, option("姓名", "谁缴了；可重复，也可写 甲、乙 或 @名单.txt", autocompletion=MEMBERS)
    ] = None,
    all: adding.All = False,
    group: adding.Groups = None,
    without: adding.Without = None,
    on: Annotated[Text, option("日期", "哪天缴的，不写则为今天")] = None,
    paid: Annotated[Text, option("元", "每人实缴多少；不写则按各人应缴")] = None,
    branch: OfBranch = None,
) -> None:
    """登记一批党员缴了一个月的党费：实缴按应缴填，没有核定的按上次的基数核定；已缴的不动"""

    def known(said: str) -> None:
        with reading() as connection:
            if wrong := adding.doubt(roster_of(connection), None, said):
                raise ValueProblem(wrong)

    wanted = _month(ask.required("月份", "哪个月的党费（如 本月、上月、2026-10）", month, _month))
    named, many = adding.parted(member), adding.many(all, group, without)
    asked = not named and not many
    if asked:
        if not screen.on_terminal():
            raise UsageFault("请写明谁缴了：--member 姓名、--group 党小组，或 --all（可加 --except 姓名）。")
        said = ask.prompt_for(f"谁缴了（{adding.HOW}）", known)
        many = adding.spoken(said)
        named = [] if many else adding.parted([said])
        on = on or ask.prompt_for("哪天缴的（今天直接回车）", _day, needed=False)
    branch = adding.branch_of(branch) if many else branch
    try:
        day = _day(on or "今天")
    except ValueProblem as problem:
        raise InputProblems(f"缴纳日期（--on）：{problem.sentence}。没有写入任何内容。") from None
    line = ["dues", "pay", wanted, *(word for name in named for word in ("--member", name)), *many.words(), "--on", day]
    line += ["--branch", branch] if branch else []
    if asked:
        effects.so_far().command = line  # the answers are part of it: the log shall have it whole
    with writing() as (connection, change):
        if many:
            found = many.members(roster_of(connection), branch, str(last_date(wanted)))
            named += [name for name in found if name not in named]
        done = rules.pay_month(connection, change, wanted, named, day, paid)
        if done.unknown and not many and not asked:
            raise InputProblems(
                f"还不知道缴纳基数：{'、'.join(done.unknown)}。请加 --paid 写明实缴，或先用 {_ADD} 登记。没有写入任何内容。"
            )
    new = _asked_bases(done.unknown) if asked else {}
    done.unknown = [name for name in done.unknown if name not in new]
    _tell_payment(done, wanted)
    if new:
        with writing() as (connection, change):
            rows = [{"member": name, "month": wanted, "base": base} for name, base in new.items()]
            editing.add_records(connection, change, record.Dues, _worked_out(connection, rows))
            done = rules.pay_month(connection, change, wanted, [*new], day, paid)
        _tell_payment(done, wanted)
    if asked:
        ask.teach(line)


def _asked_bases(unknown: list[str]) -> dict[str, str]:
    """The 缴纳基数 of those of whom none is known, as far as the clerk knows it; he may stop anywhere."""
    said: dict[str, str] = {}
    if unknown:
        screen.note(f"还不知道 {len(unknown)} 人的缴纳基数，不知道的直接回车，写 {ask.BACK} 就不再问。")
    with suppress(ask.Stop):
        for name in unknown:
            said[name] = ask.prompt_for(f"{name}的缴纳基数（元）", record.MONEY.parse, needed=False)
    return {name: base for name, base in said.items() if base}


def _day(said: str) -> str:
    day = DAY.meant(said, date.today())
    if DAY.parse(day) and (slip := far_ahead(day, date.today())):
        raise ValueProblem(slip)
    return day


def _tell_payment(done: "rules.Payment", month: str) -> None:
    screen.note(*(f"注意：{sentence}" for sentence in done.prompts))
    left = {
        f"不知道缴纳基数，没有登记，请用 {_ADD} 登记": done.unknown,
        "记录为未缴足，没有改动，补缴的请加 --paid 写明一共实缴多少": done.short,
        "早已缴清，没有改动": done.already,
        "免缴": done.exempt,
    }
    screen.note(*(f"{why}：{'、'.join(who)}。" for why, who in left.items() if who))
    screen.say(f"已登记 {month} 缴纳党费 {done.added} 人，共 {plain_decimal(done.total)} 元。")


@dues_app.command(example="partybuild dues rate 8600")
def rate(
    base: Annotated[str, argument("基数", "每月缴纳基数，元")],
    retired: Annotated[bool, flag("--retired", "离退休党员")] = False,
    json: AsJson = False,
) -> None:
    """按缴纳基数算每月应缴"""
    try:
        amount = record.MONEY.parse(base)
        due = record.due_amount(amount, record.Payer.RETIRED if retired else record.Payer.WAGE)
    except ValueProblem as problem:
        raise UsageFault(f"{problem.sentence.rstrip('。')}。") from None
    said, share = plain_decimal(amount or Decimal(0)), plain_decimal((due.rate or Decimal(0)) * 100)
    document = {"base": said, "retired": retired, "percent": share, "due": plain_decimal(due.amount)}
    document["note"] = due.prompt or None
    screen.answer(json, document, f"缴纳基数 {said} 元，全额按 {share}% 计，每月应缴 {due.amount} 元。{due.prompt}")


@dues_app.command(example="partybuild dues arrears 2026Q3")
def arrears(period: OfPeriod, branch: OfBranch = None, json: AsJson = False) -> None:
    """列出到期未缴、没有记录的月份，和连续六个月未缴的党员"""
    with reading() as connection:
        here = facts.load_facts(connection, period, date.today(), branch)
        paid = rules.paid_dues(here)
    found = dict[tuple[int, int, str], list[str]]()
    for party in here.branches:
        dues = paid[party.number]
        for owed in dues.unpaid:
            state = "连续六个月未缴" if owed.member in dues.behind else "未缴"
            found.setdefault((party.number, owed.member, state), []).append(owed.month)
        for owed in dues.unknown:
            state = "连续六个月不知道缴没缴" if owed.member in dues.unseen else "没有记录"
            found.setdefault((party.number, owed.member, state), []).append(owed.month)
    called = {party.number: party.name for party in here.branches}
    lines = [
        {"branch": called[number], "name": here.roster.shown(member), "months": months, "state": state}
        for (number, member, state), months in found.items()
    ]
    headings = {"branch": "党支部", "name": "姓名", "months": "月份", "state": "情况"}
    none = f"{period.label} 没有到期未缴的党费。"
    screen.listing(lines, headings, json, remark="共 {} 条。", none=none)


@dues_app.command(example="partybuild dues register 2026 --branch 神经内科党支部")
def register(year: InYear, branch: OfBranch = None, out: ToFile = None) -> None:
    """写出十二个月的党费收缴登记表"""
    with reading() as connection:
        roster = roster_of(connection)
    only = roster.only_branch
    wanted = branch or (roster.branch_names[only] if only is not None else ask.required("--branch", "党支部", None))
    name = f"{file_names(roster.branch_names)[facts.branch_in(roster, wanted)]}{year.label}年党费收缴登记表.xlsx"
    path = screen.place(out, name)
    with reading() as connection:
        count = forms.write_register(connection, year, wanted, path)
    screen.say(f"已写出 {path}，{count} 名党员。")
