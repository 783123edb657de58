"""党费收缴台账: dues by member and month (中组发〔2008〕3号, 组电明字〔2017〕5号)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from partybuild_cli.records.base.column import column, computed, related
from partybuild_cli.records.base.context import Below, Context, Scope, Values
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.kinds import DAY, HOME, MEMBER, MONTH, TEXT
from partybuild_cli.values import Choice, Number
from partybuild_cli.values.day import add_months, last_date


class DuesState(StrEnum):
    """缴纳情况: kept only where the ledger says that a member pays nothing; the rest is worked out."""

    EXEMPT = "免缴"


#: What registers write besides: it follows from the amounts, is checked against them and not kept.
PAID, UNPAID, SHORT = "已缴", "未缴", "未缴足"
STATE_WORDS = {
    "免交": "免缴",
    f"{PAID} 已交 补缴 补交 正常 已缴费 已交费 已缴纳 已交纳 已缴清 已支付 足额缴纳 已扣缴": PAID,
    f"{SHORT} 未交足 部分缴纳": SHORT,
    f"{UNPAID} 未交 欠缴 未缴费 未交费 未缴纳 未交纳 未支付 欠费": UNPAID,
}


MONEY = Number(unit="元", units=("元",), places=2)


class Dues(Record, table=True):
    """党费收缴台账: one member's month; a register with twelve columns 1月…12月 is read as twelve of these."""

    title_words = ("党费",)
    brief = ("member", "month", "due", "paid", "paid_on")
    date = "month"
    came_with: ClassVar[dict[str, tuple[str, ...]]] = {"paid_on": ("paid",)}
    completed_by = ("base", "due", "paid", "paid_on")
    months_of = "paid"
    in_full: ClassVar[dict[str, str]] = {PAID: "due"}
    sums: ClassVar[dict[str, str]] = {"total": "paid"}

    branch = related(HOME, "所在党支部", "党支部 支部 党支部名称", context=True)
    member_id: int = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    month: str = column(MONTH, "月份", "年月 缴费月份 所属月份", required=True, identity=True, context=True, mark=1)
    base: Decimal | None = column(MONEY, "缴纳基数", "交纳基数 党费基数 缴费基数", mark=2)
    due: Decimal | None = column(
        MONEY, "应缴", "应缴党费 应交党费 月缴党费 应缴金额 应交 月交党费 应交纳党费数/月", mark=2.5
    )
    paid: Decimal | None = column(MONEY, "实缴", "实缴党费 已缴党费 实际缴纳党费 实缴金额 实交 缴纳党费金额", mark=2.5)
    paid_on: str | None = column(DAY, "缴纳日期", "缴费日期 交纳日期", mark=1)
    state: str | None = column(Choice(DuesState, STATE_WORDS), "缴纳情况", "状态 缴纳状态", mark=0.5)
    total = computed(MONEY, "合计", "全年合计 累计", check_only=True)
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, draft: Draft, scope: Scope) -> None:
        """已缴, 未缴足 and 未缴 follow from the amounts; only 免缴 is kept."""
        state = draft.values.get("state")
        if state is None or state == DuesState.EXEMPT:
            return
        draft.stored["state"] = None
        follows = dues_state(draft.stored)
        if state != follows and not draft.carries("state"):
            draft.warn(cls.columns["state"], state, f"表中填“{state}”，按应缴和实缴应为“{follows}”，请核对")

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The state, from what is due and what was paid."""
        return {"state": dues_state(row)}


def dues_state(row: Mapping[str, Any]) -> str:
    """How a member's month stands, by its stored amounts; without a known 应缴 any payment counts as paid."""
    due, paid = row.get("due"), row.get("paid")
    if row.get("state") == DuesState.EXEMPT or due == 0:
        return DuesState.EXEMPT
    if not paid:
        return UNPAID
    return SHORT if due is not None and paid < due else PAID


def overdue_since(month: str, *, quarterly: bool = False) -> date:
    """The first day on which a month's dues are late; `quarterly` where the branch agreed (中组发〔2008〕3号第十二条)."""
    end = last_date(month)
    months_left = (3 - end.month % 3) % 3 if quarterly else 0
    return add_months(end.replace(day=1), months_left + 1)


def paid_late(dues: str, by_quarter: str) -> str:
    """SQL: whether a month (`dues` names its table) was certainly paid late (补缴); `by_quarter` is whether the branch agreed so.

    The one rule of index and self-check. A day of payment known to the month alone is not held against the payer.
    """
    month, ends = f"substr({dues}.month, 6, 2)", ("03", "06", "09", "12")
    quarter = " ".join(f"WHEN {month} <= '{end}' THEN '{end}'" for end in ends)
    last = f"substr({dues}.month, 1, 5) || CASE WHEN {by_quarter} THEN CASE {quarter} END ELSE {month} END || '-99'"
    return f"({dues}.paid_on IS NOT NULL AND substr({dues}.paid_on || '-01-01', 1, 10) > {last})"
