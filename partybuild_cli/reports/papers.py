"""What each document says (文书的内容): words for the templates, from the records and nothing else.

A word that is not recorded is a gap to fill by hand (＿＿＿); in a template it counts as no, so that `{% if 列席 %}` leaves a line out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import as_text
from partybuild_cli.records.base.told import Told
from partybuild_cli.records.meeting import Basis, Meeting
from partybuild_cli.values.day import chinese_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

Words = Mapping[str, Any]
#: The documents: key of the layout -> name of the template.
PAPERS = {"meeting": "会议记录"}


class Gap(str):
    """Something that is not recorded, as a line to write on."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


GAP = Gap("＿＿＿＿＿")


@dataclass(frozen=True, slots=True)
class Paper:
    """One document: by which template, under which name, and its words."""

    template: str
    name: str
    words: Words


def meeting_papers(connection: "Connection", told: Sequence[Told]) -> Iterator[Paper]:
    """会议记录 of each meeting."""
    for one in told:
        words = meeting_words(one)
        yield Paper("meeting", f"会议记录-{one.values['held_on']}-{words['会议类型']}-{one.number}", words)


def meeting_words(told: Told) -> dict[str, Any]:
    """A meeting. Who came is told where it was recorded: 推定 is not, and that nobody was away only where all were named."""
    words = record_words(Meeting, told)
    basis, values = told.values["attendance"], told.values
    if basis == Basis.PRESUMED:
        words |= dict.fromkeys(("应到", "实到", "出勤率", "出席人员"), GAP)
    away = sum(values[key].value for key in ("leave_count", "absent_count") if key in values)
    if basis == Basis.NAMES and values["due"].value == values["present"].value + away:
        words |= {heading: words[heading] or "无" for heading in ("请假人员及原因", "缺席人员及原因")}
    return words | {"推定": basis == Basis.PRESUMED}


def record_words(record: type[Record], told: Told) -> dict[str, Any]:
    """Every column of a record by its heading, and the columns that only the clerk knows; private ones never."""
    columns = [column for column in record.columns.values() if not column.private]
    return told.own_columns() | {column.heading: word_of(column, told.values.get(column.key)) for column in columns}


def word_of(column: Column, value: Any) -> str:
    """A value as a document says it."""
    if value is None:
        return GAP
    text = as_text(column, value)
    return chinese_day(text) if column.kind.style == "day" and text[:1].isdigit() else text
