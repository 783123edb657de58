"""党费收缴台账: dues by member and month (中组发〔2008〕3号, 组电明字〔2017〕5号).

The rates hold for the whole base, they are not progressive: 5000.00 owes 50.00 and 5000.01 owes 75.00.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.declare import Below, Context, Record, ResolvedRow, Scope, column, computed, related
from partybuild_cli.records.base.kinds import DAY, HOME, MEMBER, MONTH, TEXT
from partybuild_cli.values import Choice, Number
from partybuild_cli.values.day import add_months, last_date
from partybuild_cli.values.number import plain_decimal


class DuesState(StrEnum):
    """缴纳情况: kept only where the ledger says that a member pays nothing; the rest is worked out."""

    EXEMPT = "免缴"


#: What registers write besides: it follows from the amounts, is checked against them and not kept. Where neither 应缴 nor 实缴
#: is written, as in a month without a record, nothing is known.
PAID, UNPAID, SHORT, UNKNOWN = "已缴", "未缴", "未缴足", "未登记"
STATE_WORDS = {
    "免交 免 免收": "免缴",
    f"{PAID} 已交 补缴 补交 正常 已缴费 已交费 已缴纳 已交纳 已缴清 已支付 足额缴纳 已扣缴 支付成功 缴费成功 扣款成功 扣缴成功 成功 已扣款 是": PAID,
    f"{SHORT} 未交足 部分缴纳": SHORT,
    f"{UNPAID} 未交 欠缴 未缴费 未交费 未缴纳 未交纳 未支付 欠费 欠 欠交 待支付 待缴 待缴费 未扣 未扣款 失败 扣款失败 扣缴失败 支付失败 缴费失败 已退款 已关闭 已取消 交易关闭 否": UNPAID,
}


MONEY = Number(unit="元", places=2)


class Payer(StrEnum):
    """缴费类别: who pays, which decides the table of rates."""

    WAGE = "工资收入党员"
    RETIRED = "离退休党员"
    STUDENT = "学生等无固定收入党员"


_ALSO = ("在职 在职党员 按月领取工资的党员", "退休 离退休 离休", "学生 学生党员 无固定收入")
PAYER = Choice(dict(zip(Payer, _ALSO, strict=True)))


class Dues(Record, table=True):
    """党费收缴台账: one member's month; a register with twelve columns 1月…12月 is read as twelve of these."""

    title_words = ("党费",)
    brief = ("member", "month", "due", "paid", "paid_on")
    date = "month"
    came_with = {"paid_on": ("paid",)}
    completed_by = ("base", "due", "paid", "paid_on")
    months_of = "paid"
    in_full = {PAID: "due"}
    sums = {"total": "paid"}

    branch = related(HOME, "所在党支部", "党支部 支部 党支部名称", context=True)
    member_id: int = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    month: str = column(MONTH, "月份", "年月 缴费月份 所属月份", required=True, identity=True, context=True, mark=1)
    payer: str | None = column(PAYER, "缴费类别", help="按哪张标准算；不填则岗位类别是退休的按离退休，其余按工资收入")
    base: Decimal | None = column(MONEY, "缴纳基数", "交纳基数 党费基数 缴费基数", mark=2)
    due: Decimal | None = column(
        MONEY, "应缴", "应缴党费 应交党费 月缴党费 应缴金额 应交 月交党费 应交纳党费数/月", mark=2.5
    )
    paid: Decimal | None = column(MONEY, "实缴", "实缴党费 已缴党费 实际缴纳党费 实缴金额 实交 缴纳党费金额", mark=2.5)
    paid_on: str | None = column(DAY, "缴纳日期", "缴费日期 交纳日期", mark=1)
    state: str | None = column(
        Choice(DuesState, STATE_WORDS), "缴纳情况",
        "状态 缴纳状态 是否缴纳 是否交纳 是否已缴 是否缴清 是否缴费 是否交费 订单状态 支付状态 交易状态 缴费状态 扣款状态 扣款结果 扣缴结果 代扣结果 支付结果 缴费结果",
        mark=0.5,
    )  # fmt: skip
    reduction: str | None = column(
        TEXT, "减免批准", "减免情况", help="经批准少缴或免缴的，写明哪个党委、哪天批准；写了就不按基数核对"
    )
    total = computed(MONEY, "合计", "全年合计 累计", check_only=True)
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """已缴, 未缴足 and 未缴 follow from the amounts, only 免缴 is kept; 应缴 is compared with the rate of the base."""
        if not row.carries("base", "due", "payer", "reduction", "state") and (wrong := wrong_due(row.stored)):
            row.warn(cls.columns["due"], MONEY.text(row.values["due"]), wrong.sentence)
        state = row.values.get("state")
        if row.parsed.number is not None and row.parsed.origin is not None and "state" not in row.parsed.origin.cells:
            row.stored.pop("state", None)  # an exported cell that nobody touched only says what followed then
            return
        if state is None or state == DuesState.EXEMPT:
            return
        row.stored["state"] = None
        if state == UNPAID and row.stored.get("paid") is None and not row.carries("state"):
            row.stored["paid"] = 0
        follows, carried, paid = dues_state(row.stored), row.carries("state"), row.stored.get("paid")
        if state == UNPAID and paid and not carried:
            sentence = "表中又填“未缴”，不能确定缴了没有；没有缴的请把金额填在应缴，缴了的请改“缴纳情况”，再导入"
            row.refuse(cls.columns["paid"], MONEY.text(row.values["paid"]), sentence)
        elif state != follows and not carried:
            row.warn(cls.columns["state"], state, f"表中填“{state}”，按应缴和实缴应为“{follows}”，请核对")

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The state, from what is due and what was paid."""
        return {"state": dues_state(row)}


def dues_state(row: Mapping[str, Any]) -> str:
    """How a member's month stands, by its stored amounts; without a known 应缴 any payment counts as paid (缴足, not 按期).

    未缴 is said (0, or 未缴): what is due and of which no payment is entered may have been paid.
    """
    due, paid = row.get("due"), row.get("paid")
    if row.get("state") == DuesState.EXEMPT or due == 0:
        return DuesState.EXEMPT
    if not paid:
        return UNKNOWN if paid is None else UNPAID
    return SHORT if due is not None and paid < due else PAID


def overdue_since(month: str, *, quarterly: bool = False) -> date:
    """The first day on which a month's dues are late; `quarterly` where the branch agreed (中组发〔2008〕3号第十二条)."""
    end = last_date(month)
    months_left = (3 - end.month % 3) % 3 if quarterly else 0
    return add_months(end.replace(day=1), months_left + 1)


def paid_late(
    month: ColumnElement[str], paid_on: ColumnElement[str], by_quarter: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Whether a month was certainly paid late (补缴); `by_quarter` is whether the branch agreed so.

    The one rule of index and self-check. A day of payment known to the month alone is not held against the payer.
    """
    number = func.substr(month, 6, 2)
    of_quarter = case(*((number <= end, end) for end in ("03", "06", "09", "12")))
    last = func.substr(month, 1, 5).concat(case((by_quarter, of_quarter), else_=number)).concat("-99")
    return and_(paid_on.is_not(None), func.substr(paid_on.concat("-01-01"), 1, 10) > last)


class Due(NamedTuple):
    """What one month owes; `rate` is None for a flat amount, `prompt` asks where it is more than is `usual`."""

    amount: Decimal
    rate: Decimal | None
    prompt: str
    usual: Decimal = Decimal("Infinity")


@cache
def rates() -> Values:
    """The table of editions, payers and rates."""
    return tomllib.loads(files("partybuild_cli.records").joinpath("dues.toml").read_text(encoding="utf-8"))


def edition_on(day: date) -> str | None:
    """The year of the edition in force on a day; none before 2008-04-01."""
    begun = [year for year, edition in rates()["edition"].items() if edition["from"] <= day]
    return max(begun, default=None)


#: 党费取整: down to which coin an amount is rounded.
COINS = {"分": Decimal("0.01"), "角": Decimal("0.1"), "元": Decimal(1)}


def due_amount(base: Decimal | None, payer: Payer, edition: str = "2017", coin: str | None = None) -> Due:
    """The month's dues on a base, rounded HALF_UP to a fen or a larger coin; students owe 0.20 whatever the base."""
    rule, of = rates()["payer"][payer.name.lower()], rates()["edition"][edition]
    if "flat" in rule:
        return Due(Decimal(rule["flat"]), None, "")
    if base is None:
        raise ValueProblem("缺少党费缴纳基数，算不出应缴数；请补填缴纳基数。")
    if base <= 0:
        raise ValueProblem(f"党费缴纳基数应大于0，现为{base}；请核对缴纳基数。")
    bracket = next(row for row in rule["brackets"] if "up_to" not in row or base <= Decimal(row["up_to"]))
    rate = Decimal(bracket["rate"])
    amount = (base * rate).quantize(COINS[coin or "分"], ROUND_HALF_UP).quantize(COINS["分"])
    usual = Decimal(of.get("normally_at_most", "Infinity"))
    if amount <= usual:
        return Due(amount, rate, "", usual)
    rule = f"超过每月一般不高于{usual}元的规定（{of['name']}）"
    return Due(amount, rate, f"每月应缴{amount}元，{rule}，请确认按{usual}元还是按本人意愿多缴。", usual)


class WrongDue(NamedTuple):
    """An 应缴 that the rate of its base does not give: what was typed, the right amount, a sentence."""

    typed: Decimal
    right: Decimal
    sentence: str


def wrong_due(row: Mapping[str, Any], staff_kind: str | None = "") -> WrongDue | None:
    """What is wrong with the 应缴 of a stored row; None where nothing is, or where it cannot be said.

    Any usual rounding will do, and so does an approved reduction. Where nobody says who pays (`staff_kind` empty), the rate
    of wages or that of pensions will do too.
    """
    due, base = (MONEY.decode((row.get(key),)) for key in ("due", "base"))
    edition = edition_on(last_date(row["month"]))
    if not due or edition is None or row.get("reduction") or row.get("state") == DuesState.EXEMPT:
        return None
    nobody_says = staff_kind == "" and not row.get("payer")
    payers = [Payer.WAGE, Payer.RETIRED] if nobody_says else [payer_of(row.get("payer"), staff_kind)]
    if (base is None or base <= 0) and payers != [Payer.STUDENT]:
        return None
    told = due_amount(base, payers[0], edition)
    right = [due_amount(base, payer, edition, coin).amount for payer in payers for coin in COINS]
    if due in right or (told.prompt and due >= told.usual):
        return None
    whole = base and told.rate and f"缴纳基数 {plain_decimal(base)} 元，全额按 {plain_decimal(told.rate * 100)}%，"
    more = f"（离退休党员为 {due_amount(base, payers[1], edition).amount} 元）" if len(payers) > 1 else ""
    owes, article = f"{payers[0]}每月应缴 {told.amount} 元{more}", rates()["payer"][payers[0].name.lower()]["article"]
    said = f"与标准不符：{whole or ''}{owes}（{article}）；请核对，经批准减免的写明减免批准"
    return WrongDue(due, told.amount, said)


def payer_of(payer: str | None, staff_kind: str | None) -> Payer:
    """Who pays: as the record says, else 离退休党员 by their kind of work."""
    return Payer(payer) if payer else Payer.RETIRED if staff_kind == "退休" else Payer.WAGE
