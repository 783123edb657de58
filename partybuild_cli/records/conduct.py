"""加分扣分台账: what adds to, takes from or vetoes a quarter's index (加分 扣分 一票否决)."""

from decimal import Decimal

from partybuild_cli.records.base.declare import Record, column, qualifier, related
from partybuild_cli.records.base.kinds import COUNT, DAY, HOME, MEMBER, TEXT
from partybuild_cli.values import Number


class Conduct(Record, table=True):
    """加分扣分台账: one matter, its basis and who decided; its word is an item of the index scheme."""

    title_words = ("加分", "扣分", "一票否决")
    brief = ("member", "happened_on", "kind", "times")
    date = "happened_on"
    completed_by = ("points", "basis", "decided_by")
    named_by = "kind"

    branch = related(HOME, "所在党支部", "党支部 支部", context=True)
    member_id: int = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    happened_on: str = column(DAY, "发生日期", "发生时间 日期 时间", required=True, identity=True, mark=0.5)
    kind: str = column(TEXT, "事项", "加扣分事项 项目", required=True, identity=True, mark=1.5)
    times: int | None = column(COUNT, "次数", "数量", mark=0.5)
    times_qualifier: str | None = qualifier()
    basis: str | None = column(TEXT, "依据", "认定依据 事由", mark=1)
    points: Decimal | None = column(
        Number(unit="分", minimum=None), "分值", "加扣分", help="方案中该事项分值为区间时填写", mark=1
    )
    decided_by: str | None = column(TEXT, "认定", "认定人 认定单位", mark=1)
    decided_on: str | None = column(DAY, "认定日期", "认定时间")
    note: str | None = column(TEXT, "备注", "说明")
