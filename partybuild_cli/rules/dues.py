"""Party dues (党费): what is due on a base, whether a month was paid in time, and the six-month flag.

中组发〔2008〕3号 gives the rates; 组电明字〔2017〕5号 adds that a month is normally no more than 1000 yuan.
A rate holds for the whole base, it is not progressive: 5000.00 owes 50.00 and 5000.01 owes 75.00.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from partybuild_cli.errors import ValueProblem
from partybuild_cli.rules.item import Item, State, item, judged, listed
from partybuild_cli.rules.tables import table
from partybuild_cli.values.day import add_months, first_date, last_date

FEN = Decimal("0.01")
EXPELLED_AFTER = 6
"""Months in a row without paying and without reason: 自行脱党 (中组发〔2008〕3号第十三条)."""


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


def overdue_since(month: str, *, quarterly: bool = False) -> date:
    """The first day on which a month's dues are late; `quarterly` where the branch agreed (第十二条)."""
    end = last_date(month)
    months_left = (3 - end.month % 3) % 3 if quarterly else 0
    return add_months(end.replace(day=1), months_left + 1)


def paid_late(month: str, paid_on: str, *, quarterly: bool = False) -> bool | None:
    """Whether a payment was late (补缴); None where the day of payment is too coarse to tell."""
    limit = overdue_since(month, quarterly=quarterly)
    if last_date(paid_on) < limit:
        return False
    return True if first_date(paid_on) >= limit else None


def made_up_too_late(month: str, paid_on: str) -> bool:
    """Whether dues were made up over six months later (第十二条); a coarse day counts for the payer."""
    return first_date(paid_on) >= add_months(overdue_since(month), EXPELLED_AFTER)


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
    return unpaid_months(unpaid, on) >= EXPELLED_AFTER


def dues_item(
    branch: str, owed: int, unpaid: int, unknown: int, flagged: Collection[str], lacking: Collection[str] = ()
) -> Item:
    """D5 over member-months: owed, those unpaid or unrecorded; `flagged`: who is six months behind.

    `lacking` names the months that are not paid for or not recorded.
    """
    if owed == 0:
        return item("D5", branch, State.NOT_APPLICABLE, "没有应缴的月份")
    figure = f"应缴{owed}人月，已缴{owed - unpaid - unknown}人月"
    figure += f"，未缴{unpaid}人月" if unpaid else ""
    figure += f"，无记录{unknown}人月" if unknown else ""
    figure += f"：{listed(lacking)}" if lacking else ""
    figure += f"；连续六个月未缴：{listed(flagged)}" if flagged else ""
    return item("D5", branch, judged(unpaid + len(flagged), unknown), figure)
