"""结对帮带台账: pairs and the visits that they made (师徒 党员群众 支部共建 困难帮扶)."""

from partybuild_cli.records.base.declare import Record, column, related
from partybuild_cli.records.base.kinds import BRANCH, DAY, MENTIONS, PROSE
from partybuild_cli.values import Choice

#: 类型.
KIND = Choice({
    "师徒": "师徒结对 师带徒 传帮带 导师制", "党员群众": "党员-群众", "党员骨干": "党员-业务骨干", "支部共建": "共建 结对共建",
    "困难帮扶": "困难党员帮扶 困难群众 困难职工 困难党员 帮困",
})  # fmt: skip


class Pairing(Record, table=True):
    """结对帮带台账: one pair; each visit joins the earlier ones, and a sheet shows the last."""

    title_words = ("结对", "帮带", "帮扶")
    branch_from = ("giver", "receiver")
    brief = ("kind", "giver", "receiver", "started_on", "visited_on")
    date = "started_on"
    begins = "started_on"
    came_with = {"ended_on": ()}
    named_by = "giver"

    branch_id: int | None = column(BRANCH, "所在党支部", "党支部 责任支部 支部", context=True)
    kind: str = column(KIND, "类型", "结对类型 类别", required=True, context=True, mark=1.5)
    giver: str = column(MENTIONS, "结对方", "帮带人", required=True, identity=True, mark=2)
    receiver: str = column(MENTIONS, "被结对方", "被帮带人 帮扶对象", required=True, identity=True, mark=2)
    started_on: str | None = column(DAY, "开始日期", "起始日期 结对日期 结对时间", identity=True)
    ended_on: str | None = column(DAY, "结束日期", "终止日期")
    goal: str | None = column(PROSE, "目标", "目标/协议 帮带目标", mark=1)
    visited_on = related(DAY, "走访日期", "走访时间 帮带日期", entry=True, mark=1)
    content = related(PROSE, "走访内容", "帮带内容", entry=True, mark=0.5)
