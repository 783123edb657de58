"""What a scheme may measure (数据项目录): each measure's name, what it yields, and its definition for the
manual.

The queries live elsewhere, one for each name here; this is what a scheme is checked against. `yields` are
the words by which a measure of shape "items" counts, none meaning any word of the conduct ledger. `ledger`
is where a word would be counted twice if two places of a scheme took it (一事不两计), and `claimed_by` says
which of the scheme's words those are; no kinds mean all of the ledger. `kinds` are the words of the ledger's
类别 that a scheme may name, none meaning that the measure takes no kinds; ANY_KIND stands for any word.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from partybuild_cli.records.honor import HonorField
from partybuild_cli.records.meeting import MeetingKind
from partybuild_cli.records.service import ServiceKind
from partybuild_cli.records.study import StudyKind

Shape = Literal["amount", "share", "flag", "items"]

RULES_OF_SHAPE: dict[Shape, tuple[str, ...]] = {
    "amount": ("ratio", "step", "minus"),
    "share": ("share",),
    "flag": ("flag",),
    "items": ("each",),
}


ANY_KIND = ("*",)
_STUDIES = tuple(StudyKind)
_MEETINGS = tuple(MeetingKind)


class OptionFacts(NamedTuple):
    """An option that a measure takes; there is no default in code, so a needed one must stand in the
    scheme.
    """

    name: str
    form: Literal["flag", "number", "count", "text", "words"]
    needed: bool


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What is known of a measure before any record is looked at."""

    name: str
    shape: Shape
    definition: str
    yields: tuple[str, ...] = ()
    options: tuple[OptionFacts, ...] = ()
    ledger: str | None = None
    claimed_by: Literal["kinds", "each"] = "kinds"
    kinds: tuple[str, ...] = ()


LAPSE_COUNTS = OptionFacts("lapse_counts", "flag", True)

_FACTS = (
    MeasureFacts("study_hours", "amount", "本季度 kinds 所列类别的学习学时之和，加上出席会议所记学时", kinds=_STUDIES),
    MeasureFacts("self_study_months", "share", "完成规定自学的月数 ÷ 本季度在册月数", kinds=_STUDIES),
    MeasureFacts(
        "lectures",
        "items",
        "主讲党课计“讲党课”，主讲其他会议计“领学”，另计加分扣分台账中的同名事项",
        ("领学", "讲党课", "交流发言", "心得"),
        ledger="conduct",
        claimed_by="each",
    ),
    MeasureFacts("training", "share", "完成的专题培训 ÷ 要求参加的专题培训", kinds=_STUDIES),
    MeasureFacts(
        "attendance",
        "share",
        "出席（含请假后补学）÷ 应到；请假未补学的不计入应到；lapse_counts 为 false 时无故缺席也不计入应到",
        options=(LAPSE_COUNTS,),
        ledger="meeting",
        kinds=_MEETINGS,
    ),
    MeasureFacts("dues_months", "share", "按期交纳党费的月数 ÷ 应交月数，免缴的月份不计"),
    MeasureFacts(
        "talks",
        "flag",
        "截至季末的 months 个月内，与本人谈心谈话的次数",
        options=(OptionFacts("months", "count", True),),
    ),
    MeasureFacts(
        "tasks",
        "share",
        "按期销号 ÷ 本季度到期；kinds 为任务来源，without 为除外的来源；lapse_counts 为 false 时逾期的不计",
        options=(LAPSE_COUNTS, OptionFacts("without", "words", False)),
        ledger="task",
        kinds=ANY_KIND,
    ),
    MeasureFacts(
        "metric",
        "amount",
        "指标台账中 metric 所指指标的实际值：先本人，后科室，再支部",
        options=(OptionFacts("metric", "text", True),),
    ),
    MeasureFacts("complaints", "amount", "加分扣分台账中 kinds 所列事项的件数", ledger="conduct", kinds=ANY_KIND),
    MeasureFacts(
        "honors",
        "items",
        "荣誉台账中 kinds 所列类别的荣誉，按级别计件；同一事项只计最高一级",
        ("国家级", "省部级", "市厅级", "县级", "校级", "院级", "科级"),
        ledger="honor",
        kinds=tuple(HonorField),
    ),
    MeasureFacts(
        "service",
        "items",
        "志愿服务台账中 kinds 所列类别：每场计一“次”，带队另计一“带队”；"
        "写了 session_hours 的，不足此时长的场次改按“小时”计",
        ("次", "小时", "带队"),
        options=(OptionFacts("session_hours", "number", False),),
        ledger="service",
        kinds=tuple(ServiceKind),
    ),
    MeasureFacts("posts", "flag", "季末在岗且本季度评为合格的示范岗、责任区个数"),
    MeasureFacts("pairing", "flag", "本季度结对帮带走访次数"),
    MeasureFacts("conduct", "items", "加分扣分台账中的同名事项", ledger="conduct", claimed_by="each"),
    MeasureFacts(
        "unexcused",
        "items",
        "三会一课、主题党日无故缺席次数，另计加分扣分台账中的同名事项；同一次只计一回",
        ("无故缺席",),
        ledger="conduct",
        claimed_by="each",
        kinds=_MEETINGS,
    ),
    MeasureFacts(
        "dues_overdue",
        "items",
        "党费逾期月数，另计加分扣分台账中的同名事项；同一个月只计一回",
        ("党费逾期",),
        ledger="conduct",
        claimed_by="each",
    ),
    MeasureFacts(
        "tasks_overdue",
        "items",
        "本季度到期而季末仍未销号的任务件数，另计加分扣分台账中的同名事项；同一件只计一回",
        ("任务逾期",),
        ledger="conduct",
        claimed_by="each",
    ),
)

MEASURES = {facts.name: facts for facts in _FACTS}
