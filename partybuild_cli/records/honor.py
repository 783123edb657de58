"""荣誉台账: honours won by members and branches."""

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, DAY, MENTIONS, TEXT
from partybuild_cli.values import Choice

#: 级别.
LEVEL = Choice({
    "国家级": "国家 全国", "省部级": "省级 省 部级", "市厅级": "市级 市 厅级", "县级": "县 区级", "校级": "校", "院级": "院", "科级": "科",
})  # fmt: skip

#: 类别.
HONOR_FIELDS = ("党内", "业务", "医德", "科研", "教学")


class Honor(Record, table=True):
    """荣誉台账: one honour of one winner; several winners in one cell are one record each."""

    title_words = ("荣誉", "表彰", "获奖")
    whom = "winner"
    branch_from = ("winner",)
    brief = ("title", "winner", "level", "awarded_on")
    date = "awarded_on"
    begins = "awarded_on"
    named_by = "title"
    split_by = "winner"
    completed_by = ("awarded_on", "field", "awarded_by")

    branch_id: int | None = column(BRANCH, "所在党支部", "党支部 责任支部 支部", context=True)
    title: str = column(
        TEXT, "荣誉名称", "奖项名称 荣誉称号", required=True, identity=True, mark=2.5, example="院先进党支部"
    )
    winner: str = column(
        MENTIONS, "获得者", "获奖者 获奖人 获得者(集体/个人) 姓名/组织", required=True, identity=True, mark=1
    )
    level: str = column(LEVEL, "级别", "荣誉级别", required=True, mark=1)
    awarded_by: str | None = column(TEXT, "授予单位", "颁发单位 授予机关", mark=1.5)
    awarded_on: str | None = column(DAY, "授予日期", "获奖时间 授予时间 获奖日期 颁发日期", identity=True, mark=1.5)
    number: str | None = column(TEXT, "文号", "文号/证书号 证书号", mark=1)
    field: str | None = column(Choice(HONOR_FIELDS), "类别", "荣誉类别 类型")
