"""A month's dues before they are collected (应缴核定): base -> rate -> due for every member who owes that month."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from partybuild_cli.errors import UsageFault
from partybuild_cli.records.base.context import scope_of
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.rows import Parser
from partybuild_cli.records.dues import MONEY, Dues
from partybuild_cli.rules.dues import Edition, Payer, due_amount, edition_on
from partybuild_cli.rules.facts import load_field
from partybuild_cli.values.day import last_date
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import period_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.store.history import Change

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
    edition = edition_on(last_date(month))
    if edition is None:
        raise UsageFault(f"{month} 早于 2008 年 4 月，没有可用的党费标准。请核对月份。")
    here = load_field(connection, period_of(month), date.today(), branch)
    bases = {member: Decimal(base).scaleb(-4) for member, base in connection.exec_driver_sql(_BASES, (month,))}
    kept = set(connection.exec_driver_sql("SELECT member_id FROM dues WHERE month = ?", (month,)).scalars())
    made, parser = Prepared(), Parser(Dues)
    drafts: list[Draft] = []
    for home in here.branches:
        for seat in here.members(home.number, last_date(month)):
            if seat.member in kept:
                continue
            name, base = here.roster.shown(seat.member), bases.get(seat.member)
            if base is None or base <= 0:
                made.unknown.append(name)
                continue
            due = due_amount(base, payer_of(here.people[seat.member].staff_kind), edition)
            if due.prompt:
                made.prompts.append(f"{name}：{due.prompt}")
            cells = {"branch": home.name, "member": name, "month": month}
            drafts.append(parser.draft(len(drafts) + 1, {**cells, "base": plain_decimal(base), "due": str(due.amount)}))
    carry_out(connection, change, make_plan(connection, Dues, drafts, scope_of(connection)))
    made.added = len(drafts)
    return made


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
