"""Who is to be forgotten and what of him stays (抹除个人信息的范围, 个人信息保护法第四十七条).

What identifies a person goes from the records that are about him, and from the cells of others that name him by a link. What
only counts stays without a name: days of joining and leaving, attendance, hours, dues. The branch has to be able to account
for these (党员教育管理工作条例, 党费收缴使用和管理的规定). A text that only seems to name him is another's, and stays.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import LINKS, Record
from partybuild_cli.records.base.kinds import MemberKind, SealedMemberKind
from partybuild_cli.store import journal

#: What stays of a person's own record; every other column, and every column of the clerk's own, goes.
KEPT = {
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
#: The columns that say whom a record is about; 谈话人 and the head of a zone are named in it, but it is not about them.
_ABOUT = ("member", "subject")
#: Columns that say who did something, and hold no link; in them a name that nobody else bears is the person's.
_SIGNED = ("host", "recorder", "leader", "verified_by", "responsible")
#: Cells of rows below other records that say something about the person.
TOLD = ("reason", "note", "left_to")
#: Columns that identify somebody: in another's record they are that other's.
IDENTIFYING = ("name", "staff_no", "id_number", "phone")
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_MARK = "已删除"
_GONE = "（其余已抹除）"
_LAST = 2**63 - 1


def mark_of(number: int) -> str:
    """What stands for a member's name once he is forgotten."""
    return f"{_MARK}{str(number).translate(_DIGITS)}"


@dataclass(slots=True)
class Known:
    """What a record of roster or development ledger says of a person, and ever said.

    Attributes:
        now: the record as it stands, or as it last stood.
        ever: every name, 工号, ID number and phone that it bore.
        there: whether it stands in the book.
    """

    now: dict[str, Any] = field(default_factory=dict)
    ever: dict[str, set[str]] = field(default_factory=lambda: {key: set() for key in IDENTIFYING})
    there: bool = False

    def learn(self, document: Mapping[str, Any]) -> None:
        """Take in what an entry of the history, or the record itself, says."""
        self.now = {**self.now, **document}
        for key, values in self.ever.items():
            if document.get(key) and not str(document[key]).startswith(_MARK):
                values.add(document[key])

    @property
    def words(self) -> set[str]:
        """All that it was ever known by."""
        return set().union(*self.ever.values())

    def same_as(self, other: "Known") -> bool:
        """Whether the two records are one person's: by identity or ID number; where one lacks that, by 姓名 and 工号.

        Two copies of a book that went their own ways may have given one identity to two people, who share no word.
        """

        def agree(*keys: str) -> bool:
            return all(self.now.get(key) and self.now[key] == other.now.get(key) for key in keys)

        strangers = bool(self.words and other.words) and self.words.isdisjoint(other.words)
        both = self.now.get("id_number") and other.now.get("id_number")
        return (agree("uid") and not strangers) or (agree("id_number") if both else agree("name", "staff_no"))

    def applied_as(self, case: "Known") -> bool:
        """Whether an applicant became this member: by ID number; where one lacks it, by 姓名 with 出生日期 or 接收 day."""
        mine, his = self.now.get("id_number"), case.now.get("id_number")
        if mine and his:
            return bool(mine == his)
        pairs = (("born_on", "born_on"), ("joined_on", "voted_on"))
        agree = any(
            len(str(self.now.get(one) or "")) == 10 and self.now[one] == case.now.get(other) for one, other in pairs
        )
        born, birth = self.now.get("born_on"), case.now.get("born_on")
        contradicted = bool(born and birth and not (born.startswith(birth) or birth.startswith(born)))
        return agree and not contradicted and self.now.get("name") == case.now.get("name")


def everybody(connection: Connection, ledger: str = "member") -> dict[int, Known]:
    """Every record of a ledger of people that stands in the book or ever stood there, by number."""
    found: dict[int, Known] = {}
    for row in journal.rows_of(connection, ledger, _LAST):
        for document in (row.before, row.after):
            if document is not None:
                found.setdefault(row.number, Known()).learn(document)
    for standing in connection.exec_driver_sql(f'SELECT * FROM "{ledger}"').mappings():
        one = found.setdefault(standing["id"], Known())
        one.learn({**standing})
        one.there = True
    return found


def same_person(people: Mapping[int, Known], person: Collection[Known]) -> set[int]:
    """The numbers under which the book knows a person."""
    known, found = list(person), set[int]()
    while more := {n for n, one in people.items() if n not in found and any(one.same_as(other) for other in known)}:
        found |= more
        known += [people[number] for number in more]
    return found


@dataclass(frozen=True)
class Erasure:
    """One person's erasure from one book.

    Attributes:
        members: the numbers under which the roster knows or knew the person; they stay.
        developments: the records of the development ledger that are the person's.
        names: the names that the person bore.
        numbers: 工号, ID numbers and phones.
        others: every other member that ever was.
        theirs: the names of everybody else, member or applicant.
        records: the record types by ledger.
    """

    members: frozenset[int]
    developments: frozenset[int]
    names: frozenset[str]
    numbers: frozenset[str]
    others: Mapping[int, Known]
    theirs: frozenset[str]
    records: Mapping[str, type[Record]]

    @cached_property
    def words(self) -> frozenset[str]:
        """All that identifies the person."""
        return self.names | self.numbers

    @cached_property
    def namesakes(self) -> frozenset[int]:
        """Other members who bear or bore one of the names."""
        return frozenset(number for number, one in self.others.items() if one.ever["name"] & self.names)

    def clean(self, ledger: str, number: int, document: dict[str, Any]) -> dict[str, Any]:
        """What is left of a record."""
        record = self.records.get(ledger)
        if record is None:
            return document
        own, about = self._own(ledger, number), self._about(ledger, document)
        signed = self._unsigned(record, document)
        if not (own or about or signed or self._linked(record, document)):
            return document
        left = {**document, **signed}
        for column in record.columns.values():
            for part in column.parts:
                if left.get(part) is not None and (own or (about and _optional_text(column))):
                    left[part] = self._of_own(ledger, number, column, left[part]) if own else None
        if (own or about) and left.get("extras"):
            left["extras"] = None
        for child in record.shape().children:
            if left.get(child.table):
                kept = [row for row in left[child.table] if not own or row.get("field") in (None, *KEPT[ledger])]
                left[child.table] = [self._below(row, own) for row in kept]
        self._unname(record, left)
        return document if left == document else left

    def concerns(self, ledger: str, number: int, standing: dict[str, Any], told: dict[str, Any]) -> bool:
        """Whether an entry is about the person, or names him by a link."""
        record = self.records.get(ledger)
        if record is None:
            return False
        if self.owns(ledger, number, standing):
            return True
        parts = [part for column in record.columns.values() if _points(column) for part in column.parts]
        named = self._linked(record, told) or any(told.get(part) in self.members for part in parts)
        return named or bool(self._unsigned(record, told))

    def owns(self, ledger: str, number: int, standing: Mapping[str, Any]) -> bool:
        """Whether the record is about the person, and not only names him."""
        return self._own(ledger, number) or self._about(ledger, standing)

    def named_in(self, command: str) -> bool:
        """Whether a whole word of a command line is the person's name, or 工号 behind the option that asks for a member."""
        if self.namesakes:
            return False
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|[^\s=]+', command)]
        return any(
            word in self.names or (before in ("--member", "--by") and word in self.numbers)
            for before, word in zip(["", *words], words, strict=False)
        )

    def command(self, command: str, owned: bool) -> str:
        """A command line without its options, and without the words that hold what identifies the person.

        One that wrote no record of his own and does not name him stays as it is; a 工号 is none within a day or a number.
        """
        numbers = "|".join(map(re.escape, (*self.numbers, *(f"编号{number}" for number in self.members)))) or "(?!)"
        named = any(name in command for name in self.names)
        named = named or re.search(rf"(?<![0-9A-Za-z-])(?:{numbers})(?![0-9A-Za-z-])", command) is not None
        if command.endswith(_GONE) or not (owned or named):
            return command
        words: list[str] = re.findall(r'"[^"]*"|\S+', command)
        while words[1:2] and words[1].startswith(("--db", "--key-file")):
            del words[1 : 2 if "=" in words[1] else 3]
        plain = words[: next((at for at, word in enumerate(words) if word.startswith("--")), len(words))]
        kept = [word for word in plain if not any(one in word for one in self.words)]
        return command if len(kept) == len(words) else " ".join(kept) + _GONE

    def _own(self, ledger: str, number: int) -> bool:
        return number in {"member": self.members, "development": self.developments}.get(ledger, ())

    def _about(self, ledger: str, document: Mapping[str, Any]) -> bool:
        columns = self.records[ledger].columns
        return any(
            document.get(part) in self.members
            for key in _ABOUT
            if key in columns and _points(columns[key])
            for part in columns[key].parts
        )

    def _linked(self, record: type[Record], document: Mapping[str, Any]) -> bool:
        """Whether a row below the record is about the person, or leads to him."""
        below = (row for child in record.shape().children for row in document.get(child.table) or ())
        return any(row.get("member_id") in self.members for row in below)

    def _of_own(self, ledger: str, number: int, column: Column, value: Any) -> Any:
        if column.key == "name":
            return mark_of(number if ledger == "member" else min(self.members, default=0))
        return value if column.key in KEPT[ledger] else None

    def _below(self, row: dict[str, Any], own: bool) -> dict[str, Any]:
        mine = own or row.get("member_id") in self.members
        return {key: value for key, value in row.items() if not (mine and key in TOLD)}

    def unsigned(self, text: str) -> str:
        """A cell that holds names and no link, with the mark for a name that nobody else bears, or that his 工号 follows."""
        return self.unnamed(text, min(self.members, default=0), self.names.isdisjoint(self.theirs)) or ""

    def _unsigned(self, record: type[Record], document: Mapping[str, Any]) -> dict[str, str]:
        """The cells that say the person did something, without the name."""
        keys = [key for key in _SIGNED if document.get(key) and not record.columns[key].kind.links]
        return {key: left for key in keys if (left := self.unsigned(document[key])) != document[key]}

    def _unname(self, record: type[Record], left: dict[str, Any]) -> None:
        """Put the mark for the name into the cells whose link leads to the person."""
        links = left.get(LINKS.table) or ()
        for link in links:
            column = record.columns.get(link["role"])
            if link["member_id"] in self.members and column is not None:
                bare = not any(
                    other["member_id"] in self.namesakes and other["role"] == link["role"] for other in links
                )
                for part in column.parts:
                    left[part] = self.unnamed(left.get(part), link["member_id"], bare)

    def unnamed(self, text: str | None, number: int, bare: bool = True) -> str | None:
        """A cell that lists names, with the mark for the person's; `bare`: also where no 工号 stands behind it."""

        def instead(found: re.Match[str]) -> str:
            mine = found["number"] in self.numbers or found["number"] in {f"编号{one}" for one in self.members}
            return mark_of(number) if mine or (found["number"] is None and bare) else found[0]

        return text and self._listed.sub(instead, text)

    @cached_property
    def _listed(self) -> re.Pattern[str]:
        """The person's name where it stands by itself (张三 is no part of 张三丰), with the number behind it."""
        names = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True))) or "(?!)"
        behind = r"(?:[(（]\s*(?P<number>(?:编号)?[0-9A-Za-z]+)\s*[)）])?"
        return re.compile(rf"(?<![^、，,；;/\s])(?:{names}){behind}(?=[、，,；;/\s(（]|$)")


def erasure_of(connection: Connection, records: Collection[type[Record]], person: Collection[Known]) -> Erasure:
    """What forgetting a person means for a book, which need not be the one that he is known from."""
    people = everybody(connection)
    members = same_person(people, person)
    mine = [*person, *(people[number] for number in members)]
    cases = everybody(connection, "development")
    developments = {number for number, case in cases.items() if any(one.applied_as(case) for one in mine)}
    known = [*mine, *(cases[number] for number in developments)]
    others = {number: one for number, one in people.items() if number not in members}
    applicants = (one for number, one in cases.items() if number not in developments)
    return Erasure(
        frozenset(members),
        frozenset(developments),
        frozenset().union(*(one.ever["name"] for one in known)),
        frozenset().union(*(one.words - one.ever["name"] for one in known)),
        others,
        frozenset().union(*(one.ever["name"] for one in (*others.values(), *applicants))),
        {record.ledger: record for record in records},
    )


def _optional_text(column: Column) -> bool:
    return column.kind.free_text and not column.required


def _points(column: Column) -> bool:
    return isinstance(column.kind, MemberKind) and not isinstance(column.kind, SealedMemberKind)
