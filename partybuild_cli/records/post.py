"""党员示范岗台账: model posts, their plates and quarterly assessment (党员教育管理工作条例第二十二条)."""

from partybuild_cli.records.base.declare import Record, column, related
from partybuild_cli.records.base.kinds import DAY, MEMBER, PROSE, QUARTER, TEXT, YES_NO
from partybuild_cli.values import Choice

#: 考核.
ASSESSED = Choice(("合格", "不合格"))


class Post(Record, table=True):
    """党员示范岗台账: one member at one post; each quarter's assessment joins the earlier ones."""

    title_words = ("示范岗", "先锋岗")
    brief = ("place", "member", "set_on", "assessed")
    date = "set_on"
    begins = "set_on"
    came_with = {"removed_on": ()}
    named_by = "place"

    member_id: int = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    place: str = column(TEXT, "岗位", "岗位名称 示范岗", required=True, identity=True, mark=1, dated=True)
    set_on: str | None = column(DAY, "设岗日期", "设岗时间", mark=1.5)
    plate: str | None = column(TEXT, "岗位牌编号", "岗牌编号", mark=2, dated=True)
    duties: str | None = column(PROSE, "职责", "岗位职责", mark=1)
    pledge: str | None = column(PROSE, "承诺", "公开承诺 岗位承诺", mark=1.5)
    deeds: str | None = column(PROSE, "事迹", "主要事迹", mark=1.5)
    published: bool | None = column(YES_NO, "是否公开", "公开 是否公示", dated=True)
    quarter = related(QUARTER, "考核季度", "季度", context=True, entry=True)
    assessed = related(ASSESSED, "考核", "季度考核 考核结果", entry=True, mark=0.5)
    removed_on: str | None = column(DAY, "摘牌日期", "撤岗日期", mark=1)
