"""三重一大台账: decisions on weighty matters, with what preceded them (重大决策 人事任免 项目安排 大额资金)."""

from enum import StrEnum
from typing import ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, COUNT, DAY, TEXT, YES_NO
from partybuild_cli.values import Choice, Number


class DecisionKind(StrEnum):
    """类别: the four kinds of weighty matter."""

    POLICY = "重大事项决策"
    APPOINTMENT = "重要人事任免"
    PROJECT = "重大项目安排"
    FUNDS = "大额资金使用"


KIND_WORDS = {
    "重大决策": "重大事项决策",
    "重要干部任免": "重要人事任免",
    "人事任免": "重要人事任免",
    "重大项目": "重大项目安排",
    "重要项目安排": "重大项目安排",
    "大额度资金使用": "大额资金使用",
    "大额资金": "大额资金使用",
}


class Decision(Record):
    """三重一大台账: one matter, the meeting that decided it, and how it is carried out."""

    title_words = ("三重一大",)
    marks: ClassVar[dict[str, float]] = {
        "item": 2,
        "kind": 2,
        "outcome": 1.5,
        "amount": 1,
        "consultations": 2,
        "opinions": 1,
        "adopted": 1,
        "meeting": 0.5,
        "met_on": 0.5,
        "votes": 0.5,
    }
    branch_from = ("responsible",)
    brief = ("met_on", "kind", "item", "outcome")
    date = "met_on"
    named_by = "item"

    branch = column(BRANCH, "所在党支部", "党支部", "责任支部", "支部", context=True)
    item = column(TEXT, "决策事项", "事项", "议题", required=True, identity=True)
    kind = column(Choice(DecisionKind, KIND_WORDS), "类别", "类型", "事项类别", required=True)
    met_on = column(DAY, "会议日期", "会议时间", "日期", "时间", required=True, identity=True)
    meeting = column(TEXT, "会议名称", "会议", "决策会议")
    consultations = column(COUNT, "论证场次", "论证咨询场次")
    opinions = column(COUNT, "征求意见条数", "征求意见", "意见条数")
    adopted = column(COUNT, "采纳条数", "采纳意见条数")
    due = column(COUNT, "应到", "应到人数")
    present = column(COUNT, "实到", "实到人数")
    votes = column(TEXT, "表决", "表决情况")
    outcome = column(TEXT, "决定内容", "决策内容", "决定")
    amount = column(Number(unit="万元", units=("万元",)), "金额(万元)", "金额")
    responsible = column(TEXT, "责任人", "责任部门/责任人", "责任部门", place="link")
    due_on = column(DAY, "完成时限", "时限")
    progress = column(TEXT, "落实情况", "进展情况")
    published = column(YES_NO, "是否公开", "公开")
