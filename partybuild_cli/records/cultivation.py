"""双带头人双培养台账: who is being formed into what, and by whom (双带头人 双培养)."""

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import DAY, MEMBER, PROSE, TEXT
from partybuild_cli.values import Choice

#: 方向.
TRACK = Choice({"双带头人": "", "业务骨干培养成党员": "骨干→党员", "党员培养成业务骨干": "党员→骨干"})


class Cultivation(Record, table=True):
    """双带头人双培养台账: one member on one track."""

    title_words = ("双带头人", "双培养")
    brief = ("member", "track", "started_on", "result")
    date = "started_on"
    begins = "started_on"
    came_with = {"ended_on": ("result",)}

    member_id: int = column(MEMBER, "姓名", "培养对象", required=True, identity=True)
    track: str = column(TRACK, "方向", "培养方向", required=True, identity=True, mark=2.5)
    measures: str | None = column(PROSE, "培养措施", "措施", mark=1)
    responsible: str | None = column(TEXT, "培养责任人", "责任人 培养联系人", mark=0.5)
    started_on: str | None = column(DAY, "开始日期", "开始时间", mark=0.5)
    ended_on: str | None = column(DAY, "结束日期", "完成日期")
    result: str | None = column(TEXT, "培养结果", "考核 结果", mark=0.5)
