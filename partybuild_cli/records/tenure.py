"""任职和状态台账: what holds of a member from a day to a day: long leave, academic posts, restrictions of his rights."""

from partybuild_cli.records.base.declare import Record, ResolvedRow, Scope, column, related
from partybuild_cli.records.base.kinds import DAY, HOME, MEMBER, TEXT
from partybuild_cli.values import Choice
from partybuild_cli.values.day import first_date, last_date

#: 事项. What stands in the roster (党内职务, 岗位类别 …) is dated there: `member edit --party-post … --from`.
KIND = Choice({"长期请假": "长假", "学术任职": "学术兼职 学会任职", "限期改正": "", "留党察看": "", "中止权利": ""})

#: 级别 of an academic post.
LEVEL = Choice({"国家级": "全国", "省级": "省", "市级": "市"})


class Tenure(Record, table=True):
    """任职和状态台账: one stretch of days; without an end it goes on."""

    title_words = ("长期请假", "学术任职", "任职和状态", "留党察看")
    brief = ("member", "kind", "value", "started_on", "ended_on")
    date = "started_on"
    begins = "started_on"

    branch = related(HOME, "所在党支部", "党支部 支部 党组织", context=True)
    member_id: int = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    kind: str = column(KIND, "事项", "状态类别", required=True, identity=True, context=True, mark=2)
    value: str | None = column(
        TEXT, "内容", "请假类别 请假事由 任职名称 事由 原因",
        help="如 产假、进修、援外、病假；学术任职写职务", identity=True,
    )  # fmt: skip
    level: str | None = column(LEVEL, "级别")
    started_on: str | None = column(DAY, "开始日期", "起始日期 任职时间 请假开始", identity=True, mark=0.5)
    ended_on: str | None = column(
        DAY, "结束日期", "终止日期 请假结束 销假日期", help="最后一天；不写是还没有结束", mark=0.5
    )
    basis: str | None = column(TEXT, "依据", "文号")
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """Nothing ends before it begins."""
        started, ended = row.values.get("started_on"), row.values.get("ended_on")
        if started and ended and last_date(ended) < first_date(started):
            row.refuse(cls.columns["ended_on"], ended, f"早于开始日期 {started}，请核对这两个日期")
