"""Who is to be forgotten and what of him stays (抹除个人信息的范围, 个人信息保护法第四十七条).

What identifies a person goes, wherever it stands. What only counts stays without a name: days of joining and leaving,
attendance, hours, dues. The branch has to be able to account for these (党员教育管理工作条例, 党费收缴使用和管理的规定).
"""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import MemberKind, SealedMemberKind
from partybuild_cli.records.base.present import read_extras
from partybuild_cli.store.forget import every_document
from partybuild_cli.values.text import Text

#: What stays of a person's own record; every other column, and every column of the clerk's own, goes.
_KEPT = {
    "member": (
        "branch", "category", "staff_kind", "standing", "joined_on", "full_on", "arrived_on", "left_on",
        "suspended_on", "away_on", "lost_on", "excluded_on",
    ),
    "development": (
        "branch", "staff_kind", "applied_on", "talked_on", "activist_on", "candidate_on", "reviewed_on", "trained_on",
        "trained_hours", "prechecked_on", "posted_on", "voted_on", "approved_on", "sworn_on", "full_applied_on",
        "full_voted_on", "full_approved_on", "extension_months",
    ),
}  # fmt: skip
#: Cells of rows below other records that say something about the person.
_TOLD = ("reason", "note", "left_to")
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
#: Shorter numbers than this stand in too many texts to be anybody's.
_LONG = 4


@dataclass(frozen=True)
class Erasure:
    """One person's erasure.

    Attributes:
        number: the member's number, which stays.
        mark: what stands for the name.
        words: texts that identify the person (name where nobody else bears it, ID number, phone, 工号).
        namesakes: whether another member bears the name; then prose that holds it may mean the other one.
        own: the records that are about this person alone, by ledger.
        about: the records that name the person as their member, by ledger.
    """

    number: int
    name: str
    mark: str
    words: re.Pattern[str]
    namesakes: bool
    own: dict[str, set[int]]
    about: dict[str, set[int]]
    records: dict[str, type[Record]]

    def text(self, text: str) -> str:
        """A text without the person."""
        return self.words.sub(self._instead, text)

    def document(self, ledger: str, number: int, document: dict[str, Any]) -> dict[str, Any]:
        """A stored record, or the differing part of one, without the person."""
        record = self.records.get(ledger)
        if record is None:
            return {key: self.deep(value) for key, value in document.items()}
        left = dict(document)
        for column in record.columns.values():
            for part in column.parts:
                if left.get(part) is not None:
                    left[part] = self._value(ledger, number, column, left[part])
        if left.get("extras"):
            alone = number in self.own.get(ledger, ()) or number in self.about.get(ledger, ())
            extras = {heading: self.text(value) for heading, value in read_extras(left["extras"]).items()}
            left["extras"] = None if alone else json.dumps(extras, ensure_ascii=False)
        for child in record.shape().children:
            if left.get(child.table):
                mine = ledger == "member" and number == self.number
                left[child.table] = [self._below(row, mine) for row in left[child.table]]
        return left

    def _value(self, ledger: str, number: int, column: Any, value: Any) -> Any:
        if number in self.own.get(ledger, ()):
            return self.mark if column.key == "name" else value if column.key in _KEPT[ledger] else None
        if number in self.about.get(ledger, ()) and isinstance(column.kind, Text) and not column.required:
            return None
        return self.text(value) if isinstance(value, str) and isinstance(column.kind, Text) else value

    def _below(self, row: dict[str, Any], mine: bool) -> dict[str, Any]:
        mine = mine or row.get("member_id") == self.number
        return {name: self.deep(value) for name, value in row.items() if not (mine and name in _TOLD)}

    def deep(self, value: Any) -> Any:
        """Whatever JSON can hold, without the person."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.deep(one) for one in value]
        return {key: self.deep(one) for key, one in value.items()} if isinstance(value, dict) else value

    def _instead(self, found: re.Match[str]) -> str:
        if found["other"]:
            return found[0]
        return "***" if found[0][0].isascii() else self.mark


def erasure_of(connection: Connection, number: int, records: Iterable[type[Record]]) -> Erasure:
    """What forgetting member `number` means for the book."""
    row = connection.exec_driver_sql(
        "SELECT name, staff_no, id_number, phone FROM member WHERE id = ?", (number,)
    ).one()
    name, staff_no, id_number, phone = row
    names = set(connection.exec_driver_sql("SELECT name FROM member WHERE id <> ?", (number,)).scalars())
    own: dict[str, set[int]] = {"member": {number}, "development": set()}
    about: dict[str, set[int]] = {}
    known = {record.ledger: record for record in records}
    pointing = {ledger: _pointing(record) for ledger, record in known.items()}
    past = {"name": {name}, "id_number": {id_number}, "phone": {phone}, "staff_no": {staff_no}}
    for ledger, record, document in every_document(connection):
        if ledger == "member" and record == number:
            for key, values in past.items():
                values.add(document.get(key))
        if any(document.get(part) == number for part in pointing.get(ledger, ())):
            about.setdefault(ledger, set()).add(record)
        if ledger == "development" and _same_person(document, name, id_number, name in names):
            own["development"].add(record)
    return Erasure(
        number, name, f"已删除{str(number).translate(_DIGITS)}", _pattern(past, names), name in names, own, about, known
    )


def _pointing(record: type[Record]) -> list[str]:
    """The columns by which a record names one member."""
    return [
        part
        for column in record.columns.values()
        if isinstance(column.kind, MemberKind) and not isinstance(column.kind, SealedMemberKind)
        for part in column.parts
    ]


def _same_person(document: dict[str, Any], name: str, id_number: str | None, namesakes: bool) -> bool:
    """Whether an applicant is this member: by 公民身份号码, else by a name that nobody else bears."""
    if id_number and document.get("id_number"):
        return bool(document["id_number"] == id_number)
    return document.get("name") == name and not namesakes


def _pattern(past: dict[str, set[Any]], names: Collection[str]) -> re.Pattern[str]:
    """Finds what identifies the person, now or in the past; longer names that hold the name are somebody else's."""
    mine = {name for name in past["name"] if name} - set(names)
    others = {other for other in names for name in mine if name in other}
    numbers = {word for key in ("id_number", "phone", "staff_no") for word in past[key] if word and len(word) >= _LONG}
    alternatives = [f"(?P<other>{'|'.join(map(re.escape, sorted(others, key=len, reverse=True))) or '(?!)'})"]
    alternatives += [re.escape(name) for name in sorted(mine, key=len, reverse=True)]
    alternatives += [rf"(?<![0-9A-Za-z]){re.escape(number)}(?![0-9A-Za-z])" for number in sorted(numbers)]
    return re.compile("|".join(alternatives))
