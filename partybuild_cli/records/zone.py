"""党员责任区台账: zones of responsibility over the wards (责任区 病区)."""

from partybuild_cli.records.base.declare import Record, column, related
from partybuild_cli.records.base.kinds import DAY, MEMBER, PEOPLE, PROSE, QUARTER, TEXT
from partybuild_cli.records.post import ASSESSED


class Zone(Record, table=True):
    """党员责任区台账: one zone over a ward; its head is a member."""

    title_words = ("责任区",)
    brief = ("name", "ward", "head", "set_on", "assessed")
    date = "set_on"
    begins = "set_on"
    came_with = {"removed_on": ()}
    named_by = "name"

    name: str = column(TEXT, "责任区", "责任区名称", required=True, identity=True, mark=2, dated=True)
    ward: str = column(TEXT, "病区", "覆盖病区", required=True, mark=1, dated=True)
    head_id: int = column(MEMBER, "第一负责人", "负责人 责任人", required=True, mark=1, dated=True)
    members = related(PEOPLE, "成员", "责任区成员", option="member", dated=True)
    set_on: str | None = column(DAY, "设立日期", "设立时间 划定日期 划定时间 起始日期", mark=0.5)
    duties: str | None = column(PROSE, "职责", "主要职责", mark=0.5)
    quarter = related(QUARTER, "考核季度", "季度", context=True, entry=True)
    assessed = related(ASSESSED, "考核", "季度考核 考核结果", entry=True, mark=0.5)
    removed_on: str | None = column(DAY, "撤销日期", "撤销时间", help="从哪天起不再是责任区")
