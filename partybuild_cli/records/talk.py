"""谈心谈话台账: heart-to-heart talks (支部工作条例第十九条: 每年一般不少于 1 次)."""

from enum import StrEnum

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, DAY, MEMBER, TEXT
from partybuild_cli.values import Choice


class TalkKind(StrEnum):
    """类型."""

    DAILY = "日常"
    REMINDER = "提醒"
    CARE = "关爱"
    BEFORE_MEETING = "会前"
    APPOINTMENT = "任职"


class Talk(Record):
    """谈心谈话台账: one talk; its content is private and leaves the database only when asked for."""

    title_words = ("谈心谈话", "谈话")
    brief = ("talked_on", "talker", "subject", "kind")
    date = "talked_on"

    branch = column(BRANCH, "所在党支部", "党支部", "支部", place="scope", context=True)
    talked_on = column(DAY, "谈话时间", "时间", "日期", "谈话日期", required=True, identity=True)
    talker = column(MEMBER, "谈话人", required=True, identity=True)
    subject = column(MEMBER, "谈话对象", "被谈话人", required=True, identity=True)
    relation = column(TEXT, "关系类型", "关系", place="worked_out")
    kind = column(
        Choice(
            TalkKind,
            {
                "谈心": "日常",
                "日常谈话": "日常",
                "提醒谈话": "提醒",
                "会前谈话": "会前",
                "任职谈话": "任职",
                "关爱谈话": "关爱",
            },
        ),
        "类型",
        "谈话类型",
        "类别",
    )
    content = column(TEXT, "主要内容", "谈话内容", "内容", private=True)
    note = column(TEXT, "备注", "说明")
