"""党员示范岗台账: model posts, their plates and quarterly assessment (党员教育管理工作条例第二十二条)."""

from enum import StrEnum
from typing import Any, ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import DAY, MEMBER, QUARTER, TEXT, YES_NO
from partybuild_cli.records.base.told import Teller, last_entry
from partybuild_cli.values import Choice


class Assessed(StrEnum):
    """考核."""

    FIT = "合格"
    UNFIT = "不合格"


class Post(Record):
    """党员示范岗台账: one member at one post; each quarter's assessment joins the earlier ones."""

    title_words = ("示范岗", "先锋岗")
    marks: ClassVar[dict[str, float]] = {
        "place": 1,
        "set_on": 1.5,
        "plate": 2,
        "pledge": 1.5,
        "deeds": 1.5,
        "duties": 1,
        "assessed": 0.5,
        "removed_on": 1,
    }
    brief = ("place", "member", "set_on", "assessed")
    date = "set_on"
    named_by = "place"

    member = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    place = column(TEXT, "岗位", "岗位名称", "示范岗", required=True, identity=True)
    set_on = column(DAY, "设岗日期", "设岗时间")
    plate = column(TEXT, "岗位牌编号", "岗牌编号")
    duties = column(TEXT, "职责", "岗位职责")
    pledge = column(TEXT, "承诺", "公开承诺", "岗位承诺")
    deeds = column(TEXT, "事迹", "主要事迹")
    published = column(YES_NO, "是否公开", "公开", "是否公示")
    quarter = column(QUARTER, "考核季度", "季度", place="entry", context=True)
    assessed = column(Choice(Assessed), "考核", "季度考核", "考核结果", place="entry")
    removed_on = column(DAY, "摘牌日期", "撤岗日期")

    @classmethod
    def tell(cls, row: dict[str, Any], below: dict[str, list[tuple[Any, ...]]], teller: Teller) -> dict[str, Any]:
        """The last assessment."""
        return last_entry("quarter", "assessed", below)
