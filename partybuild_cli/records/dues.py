"""党费收缴台账: dues by member and month (中组发〔2008〕3号, 组电明字〔2017〕5号)."""

from enum import StrEnum
from typing import ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, DAY, MEMBER, MONTH, TEXT
from partybuild_cli.values import Choice, Number


class DuesState(StrEnum):
    """缴纳情况: kept only where the ledger says that a member pays nothing; the rest is worked out."""

    EXEMPT = "免缴"


MONEY = Number(unit="元", units=("元",), places=2)


class Dues(Record):
    """党费收缴台账: one member's month; a register with twelve columns 1月…12月 is read as twelve of these."""

    title_words = ("党费",)
    brief = ("member", "month", "due", "paid", "paid_on")
    date = "month"
    months_of = "paid"
    sums: ClassVar[dict[str, str]] = {"total": "paid"}

    branch = column(BRANCH, "所在党支部", "党支部", "支部", "党支部名称", place="scope", context=True)
    member = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    month = column(MONTH, "月份", "年月", "缴费月份", "所属月份", required=True, identity=True)
    base = column(MONEY, "缴纳基数", "交纳基数", "党费基数", "缴费基数")
    due = column(MONEY, "应缴", "应缴党费", "应交党费", "月缴党费", "应缴金额", "应交", "月交党费", "应交纳党费数/月")
    paid = column(MONEY, "实缴", "实缴党费", "已缴党费", "实际缴纳党费", "实缴金额", "实交", "缴纳党费金额")
    paid_on = column(DAY, "缴纳日期", "缴费日期", "交纳日期")
    state = column(Choice(DuesState, {"免交": "免缴"}), "缴纳情况", "状态", "缴纳状态")
    total = column(MONEY, "合计", "全年合计", "累计", place="worked_out", check_only=True)
    note = column(TEXT, "备注", "说明")
