"""Party dues (党费, D5): what is due on a base, what a branch owes, the six-month flag, and a month before it is collected.

中组发〔2008〕3号 gives the rates; 组电明字〔2017〕5号 adds that a month is normally no more than 1000 yuan.
A rate holds for the whole base, it is not progressive: 5000.00 owes 50.00 and 5000.01 owes 75.00.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import InputProblems, UsageFault, ValueProblem
from partybuild_cli.records.base.context import scope_of
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.rows import Parser
from partybuild_cli.records.dues import (
    MONEY,
    PAID,
    SHORT,
    UNPAID,
    Dues,
    DuesState,
    dues_state,
    overdue_since,
    paid_late,
)
from partybuild_cli.rules.branches import Branch
from partybuild_cli.rules.facts import Facts, Row, load_facts
from partybuild_cli.rules.item import Finding, Findings, check, judged, not_applicable, table
from partybuild_cli.values.day import add_months, last_date
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import months, period_of
from partybuild_cli.values.reference import Reference

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.store.history import Change

FEN = Decimal("0.01")


class Payer(StrEnum):
    """Who pays, which decides the table of rates."""

    WAGE = "按月领取工资的党员"
    RETIRED = "离退休党员"
    STUDENT = "学生党员等没有固定收入的党员"


class Edition(StrEnum):
    """The edition of the rule on dues."""

    OF_2008 = "2008"
    OF_2017 = "2017"


@dataclass(frozen=True, slots=True)
class Due:
    """What one month owes; `rate` is None for a flat amount, `prompt` asks where the amount is unusual."""

    amount: Decimal
    rate: Decimal | None
    prompt: str


def edition_on(day: date) -> Edition | None:
    """The edition in force on a day; none before 2008-04-01."""
    begun = [e for e in Edition if table("dues")["edition"][e.value]["from"] <= day]
    return begun[-1] if begun else None


def due_amount(base: Decimal | None, payer: Payer, edition: Edition = Edition.OF_2017) -> Due:
    """The month's dues on a base, rounded HALF_UP to a fen; students owe 0.20 whatever the base."""
    rule = table("dues")["payer"][payer.name.lower()]
    if "flat" in rule:
        return Due(Decimal(rule["flat"]), None, "")
    if base is None:
        raise ValueProblem("缺少党费缴纳基数，算不出应缴数；请补填缴纳基数。")
    if base <= 0:
        raise ValueProblem(f"党费缴纳基数应大于0，现为{base}；请核对缴纳基数。")
    bracket = next(row for row in rule["brackets"] if "up_to" not in row or base <= Decimal(row["up_to"]))
    rate = Decimal(bracket["rate"])
    amount = (base * rate).quantize(FEN, ROUND_HALF_UP)
    return Due(amount, rate, _prompt(amount, edition))


def _prompt(amount: Decimal, edition: Edition) -> str:
    rule = table("dues")["edition"][edition.value]
    usual = rule.get("normally_at_most")
    if usual is None or amount <= Decimal(usual):
        return ""
    return (
        f"每月应缴{amount}元，超过每月一般不高于{usual}元的规定（{rule['name']}），"
        f"请确认按{usual}元还是按本人意愿多缴。"
    )


def unpaid_months(unpaid: Collection[str], on: date) -> int:
    """How many months in a row, up to the last month that has ended by `on`, were due and not paid.

    `unpaid` holds months (YYYY-MM) known to be unpaid; a month without a record is not among them.
    """
    run = 0
    month = add_months(on.replace(day=1), -1)
    while f"{month:%Y-%m}" in unpaid:
        run += 1
        month = add_months(month, -1)
    return run


def six_months_unpaid(unpaid: Collection[str], on: date) -> bool:
    """The flag of 第十三条: six months in a row; 2026-01 to 2026-06 unpaid raises it on 2026-07-01."""
    return unpaid_months(unpaid, on) >= int(table("dues")["expelled"]["months"])


@dataclass(slots=True)
class Paid:
    """How the dues of a branch stand, by member and month: how many are owed, which are unpaid, unrecorded, late; who is
    six months behind.
    """

    owed: int = 0
    unpaid: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    late: list[tuple[int, str]] = field(default_factory=list)
    behind: list[int] = field(default_factory=list)
    records: list[Reference] = field(default_factory=list)


_DUES = f"""
SELECT id, member_id, month, due, CASE WHEN paid_on > ? THEN NULL ELSE paid END AS paid, state, paid_on,
    {paid_late("dues", "1 = 0")} AS late_by_month, {paid_late("dues", "1 = 1")} AS late_by_quarter
FROM dues WHERE month >= ? AND month <= ?
"""


def paid_dues(facts: Facts) -> dict[int, Paid]:
    """The dues of each branch that have fallen due; a member owes the month on whose last day he belongs to it."""
    first = add_months(facts.period.first.replace(day=1), -table("dues")["expelled"]["months"])
    found = {
        (row["member_id"], row["month"]): row
        for row in facts.rows(_DUES, str(facts.as_of), f"{first:%Y-%m}", f"{facts.as_of:%Y-%m}")
    }
    unpaid: dict[int, set[str]] = defaultdict(set)
    for (member, month), row in found.items():
        if dues_state(row) == UNPAID:
            unpaid[member].add(month)
    on = min(facts.today, facts.period.last + timedelta(days=1))
    result: dict[int, Paid] = {}
    for branch in facts.branches:
        paid = result[branch.number] = Paid()
        for month in months(facts.period):
            if overdue_since(month, quarterly=branch.dues_quarterly) <= facts.today:
                for seat in facts.members(branch.number, last_date(month)):
                    _enter(paid, facts, branch, seat.member, month, found.get((seat.member, month)))
        here = [seat.member for seat in facts.members(branch.number)]
        paid.behind = [one for one in here if six_months_unpaid(unpaid[one], on)]
    return result


def _enter(paid: Paid, facts: Facts, branch: Branch, member: int, month: str, row: Row | None) -> None:
    """Count one member's month where it belongs."""
    state = dues_state(row) if row else None
    if state == "免缴":
        return
    paid.owed += 1
    late = row is not None and bool(row["late_by_quarter" if branch.dues_quarterly else "late_by_month"])
    if row is None:
        paid.unknown.append((member, month))
    elif state in (UNPAID, SHORT):
        paid.unpaid.append((member, month))
    elif late:
        paid.late.append((member, month))
    note = "没有记录" if row is None else f"{row['paid_on']}缴，逾期" if late else state or ""
    paid.records.append(Reference("dues", row["id"] if row else None, month, facts.roster.shown(member), note))


@check("D5")
def collected(facts: Facts) -> Findings:
    """Every month that has fallen due is paid in full and in time (第十二条); six months unpaid are flagged (第十三条)."""
    found = paid_dues(facts)
    for branch in facts.branches:
        paid = found[branch.number]
        if not paid.owed:
            yield branch.name, not_applicable("没有应缴的月份")
            continue
        unpaid, unsaid = len(paid.unpaid), len(paid.unknown)
        figure = f"应缴{paid.owed}人月，已缴{paid.owed - unpaid - unsaid}人月"
        figure += f"，未缴{unpaid}人月" if unpaid else ""
        figure += f"，无记录{unsaid}人月" if unsaid else ""
        lists = (
            ("：", _months(facts, [*paid.unpaid, *paid.unknown])),
            ("；逾期缴纳：", _months(facts, paid.late)),
            ("；连续六个月未缴：", facts.shown(paid.behind)),
        )
        state = judged(unpaid + len(paid.late) + len(paid.behind), unsaid)
        yield branch.name, Finding(state, figure, lists, paid.records)


def _months(facts: Facts, found: list[tuple[int, str]]) -> list[str]:
    return [f"{facts.roster.shown(member)} {month}" for member, month in found]


_BASES = """
SELECT d.member_id, d.base FROM dues AS d
WHERE d.base IS NOT NULL AND d.month = (
    SELECT max(e.month) FROM dues AS e WHERE e.member_id = d.member_id AND e.base IS NOT NULL AND e.month < ?
)
"""
_ONE = """
SELECT d.month, d.base, d.due, m.staff_kind FROM dues AS d JOIN member AS m ON m.id = d.member_id WHERE d.id = ?
"""


@dataclass(slots=True)
class Prepared:
    """What was made: how many records, whose base is not known, and what somebody should confirm."""

    added: int = 0
    unknown: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)


def prepare_month(connection: "Connection", change: "Change", month: str, branch: str | None = None) -> Prepared:
    """Enter the 应缴 of a month for members who have no record of it, on the last base that is known.

    A rate holds for the whole base. UsageFault for a month before the rule.
    """
    here = load_facts(connection, period_of(month), date.today(), branch)
    there = [seat.member for home in here.branches for seat in here.members(home.number, last_date(month))]
    made, parser = Prepared(), Parser(Dues)
    owed = _owed(here, month, [one for one in there if one not in _months_records(connection, month)], made)
    drafts = [parser.draft(place, cells) for place, cells in enumerate(owed.values(), start=1)]
    carry_out(connection, change, make_plan(connection, Dues, drafts, scope_of(connection)))
    made.added = len(drafts)
    return made


def _months_records(connection: "Connection", month: str) -> dict[int, dict[str, Any]]:
    """The amounts recorded of a month, by member."""
    found = connection.exec_driver_sql("SELECT member_id, due, paid, state FROM dues WHERE month = ?", (month,))
    return {row["member_id"]: dict(row) for row in found.mappings()}


def _owed(here: Facts, month: str, members: Collection[int], made: Prepared) -> dict[int, dict[str, str]]:
    """The cells of what members owe of a month, on their last bases; who has none is noted as unknown."""
    edition = edition_on(last_date(month))
    if edition is None:
        raise UsageFault(f"{month} 早于 2008 年 4 月，没有可用的党费标准。请核对月份。")
    bases = {member: Decimal(base).scaleb(-4) for member, base in here.connection.exec_driver_sql(_BASES, (month,))}
    found = {}
    for member in members:
        name, base = here.roster.shown(member), bases.get(member)
        if base is None or base <= 0:
            made.unknown.append(name)
            continue
        due = due_amount(base, payer_of(here.people[member].staff_kind), edition)
        if due.prompt:
            made.prompts.append(f"{name}：{due.prompt}")
        found[member] = {"member": name, "month": month, "base": plain_decimal(base), "due": str(due.amount)}
    return found


@dataclass(slots=True)
class Payment(Prepared):
    """What was entered as paid, and who was left as he is: paid already, exempt, or short by his record."""

    total: Decimal = Decimal(0)
    already: list[str] = field(default_factory=list)
    exempt: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)


def pay_month(
    connection: "Connection", change: "Change", month: str, names: Collection[str], paid_on: str, amount: str | None
) -> Payment:
    """Enter that members paid what a month asks of them, or the amount; a record of what is due is made where none is.

    InputProblems where one of them is not known. Whoever paid already, or less than was due, is left as he is.
    """
    here = load_facts(connection, period_of(month), date.today())
    done, kept, rows = Payment(), _months_records(connection, month), []
    try:
        members = {here.roster.member(name, day=str(last_date(month))): name for name in names}
    except ValueProblem as problem:
        raise InputProblems(f"{problem.sentence}。没有写入任何内容。") from None
    owed = _owed(here, month, [one for one in members if one not in kept and one in here.people], done)
    for member in members:
        name = here.roster.shown(member)
        cells, record = owed.get(member, {"member": name, "month": month}), kept.get(member)
        state = UNPAID if record is None else dues_state(record)
        due = MONEY.decode((record["due"],)) if record else cells.get("due")
        left = {PAID: done.already, SHORT: done.short, DuesState.EXEMPT: done.exempt}.get(state)
        if left is not None and not (state == SHORT and amount):
            left.append(name)
        elif amount is None and due is None:
            done.unknown += [name] if name not in done.unknown else []
        else:
            done.unknown = [one for one in done.unknown if one != name]
            rows.append({**cells, "paid": amount or str(due), "paid_on": paid_on})
    parser = Parser(Dues)
    drafts = [parser.draft(place, cells) for place, cells in enumerate(rows, start=1)]
    plan = make_plan(connection, Dues, drafts, scope_of(connection))
    if problems := [f"{one.values.get('member', '')} {f.column}：{f.message}" for one in drafts for f in one.problems]:
        raise InputProblems("；".join(problems) + "。没有写入任何内容。")
    carry_out(connection, change, plan)
    done.added, done.total = len(drafts), sum((one.values["paid"] for one in drafts), Decimal(0))
    return done


@dataclass(frozen=True, slots=True)
class Followed:
    """What a new base brings: the 应缴 that follows it, or that a typed one stays; what somebody should know."""

    due: Decimal | None = None
    said: str = ""


def follow_base(connection: "Connection", number: int, base: Decimal) -> Followed:
    """The 应缴 of a record whose base changes: worked out again where it was the rule's, kept where it was typed."""
    month, *stored, staff_kind = connection.exec_driver_sql(_ONE, (number,)).one()
    old_base, old_due = (MONEY.decode((amount,)) for amount in stored)
    edition = edition_on(last_date(month))
    if base in (0, old_base) or base < 0 or old_due is None or edition is None:
        return Followed()
    payer = payer_of(staff_kind)
    new = due_amount(base, payer, edition)
    if old_base and old_due == due_amount(old_base, payer, edition).amount:
        return Followed(new.amount, new.prompt)
    if old_due == new.amount:
        return Followed()
    return Followed(
        said=f"应缴 {MONEY.text(old_due)} 元不是按原基数算出的，没有跟着改；按新基数每月应缴 {new.amount} 元，要改请加 --due {new.amount}。"
    )


def payer_of(staff_kind: str | None) -> Payer:
    """离退休党员 have a table of their own."""
    return Payer.RETIRED if staff_kind == "退休" else Payer.WAGE


def told_rate(base: Decimal, retired: bool) -> str:
    """A base, its rate and what is due, as a sentence."""
    due = due_amount(base, Payer.RETIRED if retired else Payer.WAGE, Edition.OF_2017)
    assert due.rate is not None
    share = plain_decimal(due.rate * 100)
    said = f"缴纳基数 {plain_decimal(base)} 元，全额按 {share}% 计，每月应缴 {due.amount} 元。"
    return f"{said}{due.prompt}"
