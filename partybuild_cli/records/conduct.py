"""加分扣分台账: what adds to, takes from or vetoes a quarter's index (加分 扣分 一票否决)."""

from typing import ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, COUNT, DAY, MEMBER, TEXT
from partybuild_cli.values import Number


class Conduct(Record):
    """加分扣分台账: one matter, its basis and who decided; its word is an item of the index scheme."""

    title_words = ("加分", "扣分", "一票否决")
    marks: ClassVar[dict[str, float]] = {
        "kind": 1.5,
        "points": 1,
        "basis": 1,
        "happened_on": 0.5,
        "times": 0.5,
        "decided_by": 1,
    }
    brief = ("member", "happened_on", "kind", "times")
    date = "happened_on"
    named_by = "kind"

    branch = column(BRANCH, "所在党支部", "党支部", "支部", place="scope", context=True)
    member = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    happened_on = column(DAY, "发生日期", "发生时间", "日期", "时间", required=True, identity=True)
    kind = column(TEXT, "事项", "加扣分事项", "项目", required=True, identity=True)
    times = column(COUNT, "次数", "数量")
    basis = column(TEXT, "依据", "认定依据", "事由")
    points = column(
        Number(unit="分", units=("分",), minimum=None), "分值", "加扣分", help="方案中该事项分值为区间时填写"
    )
    decided_by = column(TEXT, "认定", "认定人", "认定单位")
    decided_on = column(DAY, "认定日期", "认定时间")
    note = column(TEXT, "备注", "说明")
