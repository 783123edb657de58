"""先锋指数评议: self, peer and committee ratings of a quarter (自评 互评 组织评定)."""

from decimal import Decimal
from enum import StrEnum

from partybuild_cli.records.base.declare import Record, ResolvedRow, Scope, Values, column, computed, related
from partybuild_cli.records.base.kinds import HOME, MEMBER, QUARTER, RATER, TEXT
from partybuild_cli.values import Choice, Number


class RatingPart(StrEnum):
    """评议方式."""

    SELF = "自评"
    PEER = "互评"
    COMMITTEE = "组织评定"
    MASSES = "群众评议"
    ADJUSTMENT = "组织加减分"


class Rating(Record, table=True):
    """先锋指数评议: one score; the rater is kept under a seal and never printed."""

    title_words = ("评议", "自评", "互评", "组织评定", "群众评议", "组织加减分", "先锋指数")
    brief = ("member", "quarter", "part", "score")
    date = "quarter"
    command = False
    answer = "score"
    added_up = ("本人打分", "满分")
    scattered = ("part", "互评")

    branch = related(HOME, "所在党支部", "党支部 支部", context=True)
    member_id: int = column(MEMBER, "姓名", "被评议人 党员姓名 被评人", required=True, identity=True)
    quarter: str = column(QUARTER, "季度", "评议季度", required=True, identity=True, context=True, mark=1)
    part: str = column(
        Choice(RatingPart, {"个人自评": "自评", "党员互评": "互评", "组织评价": "组织评定", "群众测评": "群众评议"}),
        "评议方式", "评议类型", required=True, identity=True, context=True, mark=1.5,
    )  # fmt: skip
    rater: str | None = column(RATER, "评议人", "评分人", identity=True, private=True, context=True, mark=1.5)
    score: Decimal = column(
        Number(unit="分", minimum=Decimal(-100), maximum=Decimal(100)),
        "得分", "评分 分数 加减分", required=True, mark=1.5,
    )  # fmt: skip
    reason: str | None = column(TEXT, "理由", "事由 评分理由")
    # What the committee's form shows beside the cells to be filled in; never read back.
    recorded = computed(Number(unit="分"), "记录得分", check_only=True, mark=0.5)
    own = computed(Number(unit="分"), "本人自评", check_only=True)
    peers = computed(Number(unit="分"), "互评均分", check_only=True)
    grounds = computed(TEXT, "主要佐证", check_only=True)

    @classmethod
    def log_tells(cls, row: Values) -> tuple[str, ...] | None:
        """Of a peer rating no more: those that came together would say who is missing among the rated (互评匿名)."""
        return ("季度", "评议方式") if row.get("part", RatingPart.PEER) == RatingPart.PEER else None

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """Nobody rates himself as a peer, and a self-rating is nobody else's (互评不评本人，自评只由本人)."""
        part, rater = row.values["part"], row.stored.get("rater")
        score = cls.columns["score"]
        if part != RatingPart.ADJUSTMENT and row.values["score"] < 0:
            row.refuse(
                score, str(row.values["score"]), "得分不能是负数，请填 0 到 100；要加减分的，评议方式请写“组织加减分”"
            )
        elif part == RatingPart.ADJUSTMENT and not row.values.get("reason"):
            row.refuse(cls.columns["reason"], "", "组织加减分没有写理由，请补写")
        rated = row.stored["member_id"]
        own = rater == scope.raters.digest(row.values["quarter"], rated, rated)
        column, shown = cls.columns["rater"], row.values.get("rater", "")
        if part == RatingPart.PEER and rater is None and row.parsed.number is None:  # an exported row shows no rater
            row.refuse(column, "", "互评要写明评议人，才能知道不是本人评本人、也没有重复；评议人只用来核对，不会打印")
        elif part == RatingPart.PEER and own:
            row.refuse(column, shown, "互评不能评自己，请去掉这一行")
        elif part == RatingPart.SELF and rater is not None and not own:
            row.refuse(column, shown, "自评只能由本人作出；别人的评分请填在互评表中")
