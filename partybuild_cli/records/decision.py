"""三重一大台账: decisions on weighty matters, with what preceded them (重大决策 人事任免 项目安排 大额资金)."""

from decimal import Decimal

from partybuild_cli.records.base.declare import Record, ResolvedRow, Scope, column, qualifier
from partybuild_cli.records.base.kinds import BRANCH, COUNT, DAY, MENTIONS, PROSE, TEXT, YES_NO
from partybuild_cli.values import Choice, Number

#: 类别: the four kinds of weighty matter.
KIND = Choice({
    "重大事项决策": "重大决策", "重要人事任免": "重要干部任免 人事任免", "重大项目安排": "重大项目 重要项目安排",
    "大额资金使用": "大额度资金使用 大额资金",
})  # fmt: skip


class Decision(Record, table=True):
    """三重一大台账: one matter, the meeting that decided it, and how it is carried out."""

    title_words = ("三重一大",)
    branch_from = ("responsible",)
    brief = ("met_on", "kind", "item", "outcome")
    date = "met_on"
    named_by = "item"
    completed_by = ("meeting", "due", "present", "votes", "outcome")

    branch_id: int | None = column(BRANCH, "所在党支部", "党支部 责任支部 支部", context=True)
    item: str = column(PROSE, "决策事项", "事项 议题", required=True, identity=True, mark=2)
    kind: str = column(KIND, "类别", "类型 事项类别", required=True, mark=2)
    met_on: str = column(DAY, "会议日期", "会议时间 日期 时间", required=True, identity=True, mark=0.5)
    meeting: str | None = column(TEXT, "会议名称", "会议 决策会议", mark=0.5)
    consultations: int | None = column(COUNT, "论证场次", "论证咨询场次", mark=2)
    consultations_qualifier: str | None = qualifier()
    opinions: int | None = column(COUNT, "征求意见条数", "征求意见 意见条数", mark=1)
    opinions_qualifier: str | None = qualifier()
    adopted: int | None = column(COUNT, "采纳条数", "采纳意见条数", mark=1)
    adopted_qualifier: str | None = qualifier()
    due: int | None = column(COUNT, "应到", "应到人数")
    due_qualifier: str | None = qualifier()
    present: int | None = column(COUNT, "实到", "实到人数")
    present_qualifier: str | None = qualifier()
    votes: str | None = column(TEXT, "表决", "表决情况", mark=0.5)
    outcome: str | None = column(PROSE, "决定内容", "决策内容 决定 决议", mark=1.5)
    amount: Decimal | None = column(Number(unit="万元"), "金额(万元)", "金额", mark=1)
    responsible: str | None = column(MENTIONS, "责任人", "责任部门/责任人 责任部门")
    due_on: str | None = column(DAY, "完成时限", "时限")
    progress: str | None = column(PROSE, "落实情况", "进展情况")
    published: bool | None = column(YES_NO, "是否公开", "公开")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """More who came than were due is said."""
        due, present = row.values.get("due"), row.values.get("present")
        if due and present and present.value > due.value:
            row.warn(cls.columns["present"], present.value, f"比应到 {due.value} 人还多，请核对")
