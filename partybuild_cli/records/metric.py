"""指标台账: measured figures of a member, branch or department (患者满意度, 关键技术开展率)."""

from decimal import Decimal

from partybuild_cli.records.base.declare import Record, column, qualifier
from partybuild_cli.records.base.kinds import MENTIONS, PERIOD, TEXT
from partybuild_cli.values import Number
from partybuild_cli.values.number import Estimate


class Metric(Record, table=True):
    """指标台账: one figure of one subject in one period."""

    title_words = ("指标", "满意度")
    brief = ("subject", "name", "period", "actual", "target")
    date = "period"
    named_by = "name"

    subject: str = column(MENTIONS, "对象", "考核对象 科室/个人", required=True, identity=True, mark=0.5)
    name: str = column(TEXT, "指标", "指标名称", required=True, identity=True, mark=1)
    period: str = column(PERIOD, "期间", "考核期间 统计期间", required=True, identity=True, context=True, mark=0.5)
    actual: Decimal = column(Estimate(Number(unit="%", minimum=None)), "实际值", "实际 完成值", required=True, mark=1.5)
    actual_qualifier: str | None = qualifier()
    target: Decimal | None = column(Number(unit="%", minimum=None), "目标值", "目标 计划值", mark=1.5)
    unit: str | None = column(TEXT, "单位", "计量单位")
