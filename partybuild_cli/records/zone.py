"""党员责任区台账: zones of responsibility over the wards (责任区 病区)."""

from typing import Any, ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import MEMBER, PEOPLE, QUARTER, TEXT
from partybuild_cli.records.base.told import Teller, last_entry
from partybuild_cli.records.post import Assessed
from partybuild_cli.values import Choice


class Zone(Record):
    """党员责任区台账: one zone over a ward; its head is a member."""

    title_words = ("责任区",)
    marks: ClassVar[dict[str, float]] = {"name": 2, "ward": 1, "head": 1, "duties": 0.5, "assessed": 0.5}
    brief = ("name", "ward", "head", "assessed")
    named_by = "name"

    name = column(TEXT, "责任区", "责任区名称", required=True, identity=True)
    ward = column(TEXT, "病区", "覆盖病区", required=True)
    head = column(MEMBER, "第一负责人", "负责人", "责任人", required=True)
    members = column(PEOPLE, "成员", "责任区成员", place="link", option="member")
    duties = column(TEXT, "职责", "主要职责")
    quarter = column(QUARTER, "考核季度", "季度", place="entry", context=True)
    assessed = column(Choice(Assessed), "考核", "季度考核", "考核结果", place="entry")

    @classmethod
    def tell(cls, row: dict[str, Any], below: dict[str, list[tuple[Any, ...]]], teller: Teller) -> dict[str, Any]:
        """The last assessment."""
        return last_entry("quarter", "assessed", below)
