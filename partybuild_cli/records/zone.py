"""党员责任区台账: zones of responsibility over the wards (责任区 病区)."""

from partybuild_cli.records.base.column import column, related
from partybuild_cli.records.base.context import Below, Context, Values
from partybuild_cli.records.base.declare import Record, last_entry
from partybuild_cli.records.base.kinds import MEMBER, PEOPLE, PROSE, QUARTER, TEXT
from partybuild_cli.records.post import ASSESSED
from partybuild_cli.values import Choice


class Zone(Record, table=True):
    """党员责任区台账: one zone over a ward; its head is a member."""

    title_words = ("责任区",)
    brief = ("name", "ward", "head", "assessed")
    named_by = "name"

    name: str = column(TEXT, "责任区", "责任区名称", required=True, identity=True, mark=2)
    ward: str = column(TEXT, "病区", "覆盖病区", required=True, mark=1, dated=True)
    head_id: int = column(MEMBER, "第一负责人", "负责人 责任人", required=True, mark=1, dated=True)
    members = related(PEOPLE, "成员", "责任区成员", option="member")
    duties: str | None = column(PROSE, "职责", "主要职责", mark=0.5)
    quarter = related(QUARTER, "考核季度", "季度", context=True, entry=True)
    assessed = related(Choice(ASSESSED), "考核", "季度考核 考核结果", entry=True, mark=0.5)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The last assessment."""
        return last_entry("quarter", "assessed", below, context.as_of)
