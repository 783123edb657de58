"""What fields are called on a screen (字段的叫法)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partybuild_cli.records.base.declare import Record

#: What stands below a record, as a person calls it.
_BELOW = {
    "attendance": "出席情况",
    "headcount": "应到实到",
    "participation": "参加党员",
    "person": "涉及党员",
    "entry": "附记",
    "stay": "原支部",
}


def heading_of(record: "type[Record]", field: str) -> str:
    """The Chinese heading of a field that differs; an unknown column of the clerk's keeps its own."""
    return _BELOW[field] if field in _BELOW else record.columns[field].heading if field in record.columns else field
