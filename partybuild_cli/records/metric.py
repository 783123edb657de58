"""指标台账: measured figures of a member, branch or department (患者满意度, 关键技术开展率)."""

from typing import ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import PERIOD, TEXT
from partybuild_cli.values import Number


class Metric(Record):
    """指标台账: one figure of one subject in one period."""

    title_words = ("指标", "满意度")
    marks: ClassVar[dict[str, float]] = {"actual": 1.5, "target": 1.5, "name": 1, "subject": 0.5, "period": 0.5}
    brief = ("subject", "name", "period", "actual", "target")
    date = "period"
    named_by = "name"

    subject = column(TEXT, "对象", "考核对象", "科室/个人", required=True, identity=True, place="link")
    name = column(TEXT, "指标", "指标名称", required=True, identity=True)
    period = column(PERIOD, "期间", "考核期间", "统计期间", required=True, identity=True, context=True)
    actual = column(Number(unit="%", minimum=None), "实际值", "实际", "完成值", required=True)
    target = column(Number(unit="%", minimum=None), "目标值", "目标", "计划值")
    unit = column(TEXT, "单位", "计量单位")
