"""先锋指数评议: self, peer and committee ratings of a quarter (自评 互评 组织评定)."""

from decimal import Decimal
from enum import StrEnum

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, MEMBER, QUARTER, RATER, TEXT
from partybuild_cli.values import Choice, Number


class Part(StrEnum):
    """评议方式."""

    SELF = "自评"
    PEER = "互评"
    COMMITTEE = "组织评定"


class Rating(Record):
    """先锋指数评议: one score; the rater is kept under a seal and never printed."""

    title_words = ("评议", "自评", "互评", "组织评定", "先锋指数")
    brief = ("member", "quarter", "part", "score")
    date = "quarter"
    command = False

    branch = column(BRANCH, "所在党支部", "党支部", "支部", place="scope", context=True)
    member = column(MEMBER, "姓名", "被评议人", "党员姓名", "被评人", required=True, identity=True)
    quarter = column(QUARTER, "季度", "评议季度", required=True, identity=True, context=True)
    part = column(
        Choice(Part, {"个人自评": "自评", "党员互评": "互评", "组织评价": "组织评定"}),
        "评议方式",
        "评议类型",
        required=True,
        identity=True,
        context=True,
    )
    rater = column(RATER, "评议人", "评分人", identity=True, private=True)
    score = column(Number(unit="分", units=("分",), maximum=Decimal(100)), "得分", "评分", "分数", required=True)
    reason = column(TEXT, "理由", "事由", "评分理由")
