"""Who is to be forgotten and what of him stays (抹除个人信息的范围, 个人信息保护法第四十七条).

What identifies a person goes from the records that are about him, and from the cells of others that name him by a link. What
only counts stays without a name: days of joining and leaving, attendance, hours, dues. The branch has to be able to account
for these (党员教育管理工作条例, 党费收缴使用和管理的规定). A text that only seems to name him is another's, and stays: nobody
but a clerk can tell, so such texts are listed.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.declare import LINKS, Record
from partybuild_cli.records.base.present import read_extras
from partybuild_cli.records.base.registry import record
from partybuild_cli.store import history
from partybuild_cli.store.rows import own_rows

#: The columns that say whom a record is about; 谈话人 and the head of a zone are named in it, but it is not about them.
_ABOUT = ("member", "subject")
#: Columns that say who did something, and hold no link; in them a name that nobody else bears is the person's.
_SIGNED = ("host", "recorder", "leader", "verified_by", "responsible")
#: Cells of rows below other records that say something about the person.
_TOLD = ("reason", "note", "left_to")
#: Columns that identify somebody: in another's record they are that other's.
_IDENTIFYING = ("name", "staff_no", "id_number", "phone")
#: Texts of tables that are no ledger: table, what tells its rows apart, columns.
_ELSEWHERE = (
    ("change", "id", ("user", "command")),
    ("index_round", "id", ("reason", "frozen")),
    ("index_objection", "id", ("raised_by", "matter", "handled_by", "finding", "answer")),
    ("heading_map", "signature", ("heading",)),
    ("extra_place", "ledger", ("heading",)),
)
#: Shorter numbers than this stand in too many texts to be anybody's.
_LONG = 4
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_MARK = "已删除"
_GONE = "（其余已抹除）"


def mark_of(number: int) -> str:
    """What stands for a member's name once he is forgotten."""
    return f"{_MARK}{str(number).translate(_DIGITS)}"


def _any_of(words: Iterable[str]) -> str:
    """A pattern for one of some words, the longest first; for nothing where there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


@dataclass(slots=True)
class Known:
    """What a record of roster or development ledger says of a person, and ever said."""

    now: Values = field(default_factory=dict)  # the record as it stands, or as it last stood
    #: Every name, 工号, ID number and phone that it bore.
    ever: dict[str, set[str]] = field(default_factory=lambda: {key: set() for key in _IDENTIFYING})
    there: bool = False  # whether it stands in the book

    def learn(self, document: Values) -> None:
        """Take in what an entry of the history, or the record itself, says."""
        self.now = {**self.now, **document}
        for key, values in self.ever.items():
            if document.get(key) and not str(document[key]).startswith(_MARK):
                values.add(document[key])

    @property
    def stays(self) -> bool:
        """Whether the person still belongs to a branch of the book."""
        return self.there and not self.now.get("left_on")

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
        mine, his = self.now, case.now
        if mine.get("id_number") and his.get("id_number"):
            return bool(mine["id_number"] == his["id_number"])
        pairs = (("born_on", "born_on"), ("joined_on", "voted_on"))
        agree = any(len(str(mine.get(pair) or "")) == 10 and mine[pair] == his.get(other) for pair, other in pairs)
        born, birth = mine.get("born_on"), his.get("born_on")
        contradicted = bool(born and birth and not (born.startswith(birth) or birth.startswith(born)))
        return agree and not contradicted and mine.get("name") == his.get("name")


def everybody(connection: Connection, ledger: str = "member") -> dict[int, Known]:
    """Every record of a ledger of people that stands in the book or ever stood there, by number."""
    found: dict[int, Known] = {}
    for row in history.rows(connection, ledger=ledger):
        for document in (row.before, row.after):
            if document is not None:
                found.setdefault(row.number, Known()).learn(document)
    for number, standing in own_rows(connection, record(ledger).shape).items():
        known = found.setdefault(number, Known())
        known.learn(standing)
        known.there = True
    return found


def same_person(people: Mapping[int, Known], person: Collection[Known]) -> set[int]:
    """The numbers under which the book knows a person."""
    known, found = list(person), set[int]()
    while more := {n for n, other in people.items() if n not in found and any(map(other.same_as, known))}:
        found |= more
        known += [people[number] for number in more]
    return found


class Seen(NamedTuple):
    """A text of the book that seems to name the person, and was not changed: ledger or table, number, column."""

    ledger: str
    number: str
    field: str


@dataclass(frozen=True)
class Erasure:
    """One person's erasure from one book."""

    members: frozenset[int]  # the numbers under which the roster knows or knew the person; they stay
    developments: frozenset[int]  # the records of the development ledger that are the person's
    names: frozenset[str]  # that the person bore
    numbers: frozenset[str]  # 工号, ID numbers and phones
    namesakes: frozenset[int]  # other members who bear or bore one of the names
    theirs: frozenset[str]  # the names of everybody else, member or applicant
    records: Mapping[str, type[Record]]  # the record types by ledger

    @property
    def words(self) -> frozenset[str]:
        """All that identifies the person."""
        return self.names | self.numbers

    def clean(self, ledger: str, number: int, document: Values) -> Values:
        """What is left of a record."""
        if not self.concerns(ledger, number, document, document):
            return document
        record, own, about = self.records[ledger], self._own(ledger, number), self.owns(ledger, number, document)
        left = {**document, **self._unsigned(record, document)}
        for key, column in record.columns.items():
            goes = key not in record.lasting if own else about and column.kind.free_text and not column.required
            for part in left.keys() & column.parts:
                if own and key == "name" and left[part] is not None:
                    left[part] = mark_of(number if ledger == "member" else min(self.members, default=0))
                elif goes:
                    left[part] = None
        if about and left.get("extras"):
            left["extras"] = None
        for child in record.shape.children:
            if left.get(child.table):
                kept = (row for row in left[child.table] if not own or row.get("field") in (None, *record.lasting))
                mine = ((row, own or row.get("member_id") in self.members) for row in kept)
                left[child.table] = [
                    {key: value for key, value in row.items() if not (his and key in _TOLD)} for row, his in mine
                ]
        links = left.get(LINKS.table) or ()  # the cells whose link leads to the person
        for role, member in [(link["role"], link["member_id"]) for link in links]:
            if member in self.members and role in record.columns:
                bare = not any(link["role"] == role and link["member_id"] in self.namesakes for link in links)
                for part in record.columns[role].parts:
                    left[part] = left.get(part) and self._unnamed(left[part], member, bare)
        return document if left == document else left

    def concerns(self, ledger: str, number: int, standing: Values, document: Values) -> bool:
        """Whether an entry is about the person, or names him: by a number, a row below it, or a signature."""
        record = self.records.get(ledger)
        if record is None:
            return False
        parts = [part for column in record.columns.values() if column.points_at == "member" for part in column.parts]
        below = (row.get("member_id") for child in record.shape.children for row in document.get(child.table) or ())
        named = any(item in self.members for item in (*map(document.get, parts), *below))
        return named or self.owns(ledger, number, standing) or bool(self._unsigned(record, document))

    def owns(self, ledger: str, number: int, standing: Values) -> bool:
        """Whether the record is about the person, and not only names him."""
        columns = self.records[ledger].columns
        mine = (columns[key].parts for key in _ABOUT if key in columns and columns[key].points_at == "member")
        return self._own(ledger, number) or any(standing.get(part) in self.members for parts in mine for part in parts)

    def _own(self, ledger: str, number: int) -> bool:
        return number in {"member": self.members, "development": self.developments}.get(ledger, ())

    def _unsigned(self, record: type[Record], document: Values) -> dict[str, str]:
        """The cells that say the person did something, without the name."""
        keys = [key for key in _SIGNED if document.get(key) and not record.columns[key].kind.links]
        return {key: left for key in keys if (left := self.unsigned(document[key])) != document[key]}

    def unsigned(self, text: str) -> str:
        """A cell that holds names and no link, with the mark for a name that nobody else bears, or that his 工号 follows."""
        return self._unnamed(text, min(self.members, default=0), self.names.isdisjoint(self.theirs))

    def _unnamed(self, text: str, number: int, bare: bool) -> str:
        """A cell that lists names, with the mark for the person's; `bare`: also where no 工号 stands behind it."""

        def instead(found: re.Match[str]) -> str:
            mine = found["number"] in self.numbers or found["number"] in {f"编号{member}" for member in self.members}
            return mark_of(number) if mine or (found["number"] is None and bare) else found[0]

        return self._listed.sub(instead, text)

    @cached_property
    def _listed(self) -> re.Pattern[str]:
        """The person's name where it stands by itself (张三 is no part of 张三丰), with the number behind it."""
        behind = r"(?:[(（]\s*(?P<number>(?:编号)?[0-9A-Za-z]+)\s*[)）])?"
        return re.compile(rf"(?<![^、，,；;/\s])(?:{_any_of(self.names)}){behind}(?=[、，,；;/\s(（]|$)")

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
        numbers = _any_of((*self.numbers, *(f"编号{number}" for number in self.members)))
        named = any(name in command for name in self.names)
        named = named or re.search(rf"(?<![0-9A-Za-z-])(?:{numbers})(?![0-9A-Za-z-])", command) is not None
        if command.endswith(_GONE) or not (owned or named):
            return command
        words: list[str] = re.findall(r'"[^"]*"|\S+', command)
        while words[1:2] and words[1].startswith(("--db", "--key-file")):
            del words[1 : 2 if "=" in words[1] else 3]
        plain = words[: next((at for at, word in enumerate(words) if word.startswith("--")), len(words))]
        kept = [word for word in plain if not any(other in word for other in self.words)]
        return command if len(kept) == len(words) else " ".join(kept) + _GONE

    def seeming(self, connection: Connection) -> list[Seen]:
        """The texts that seem to name the person; a longer name that holds the name is another's, and a year is no 工号."""
        longer = {other for other in self.theirs for name in self.names if name in other and name != other}
        numbers = "|".join(
            rf"(?<!\d[-./~至]){re.escape(number)}(?![0-9A-Za-z年])(?![-./~至]\d)"
            for number in self.numbers
            if len(number) >= _LONG
        )
        pattern = re.compile(
            rf"(?P<other>{_any_of(longer)})|{_any_of(self.names)}|(?<![0-9A-Za-z])(?:{numbers or '(?!)'})"
        )
        seen = (
            Seen(ledger, str(number), key)
            for ledger, number, key, text in self._prose(connection)
            if text and any(found.lastgroup != "other" for found in pattern.finditer(str(text)))
        )
        return sorted({*seen})

    def _prose(self, connection: Connection) -> Iterator[tuple[str, Any, str, Any]]:
        """The prose of the book: no day, no choice, and not what identifies the one whom a record is about."""
        for name, key, columns in _ELSEWHERE:
            asked: list[Any] = [sql.column(heading) for heading in (key, *columns)]
            for number, *texts in map(tuple, connection.execute(sql.select(*asked).select_from(sql.table(name)))):
                yield from ((name, number, heading, text) for heading, text in zip(columns, texts, strict=True))
        for row in history.rows(connection):
            if (record := self.records.get(row.ledger)) is None:
                continue
            for key, value in (*(row.before or {}).items(), *(row.after or {}).items()):
                said = list[tuple[str, Any]]()
                if key == "extras" and value:
                    said = [(heading, f"{heading} {text}") for heading, text in read_extras(value).items()]
                elif isinstance(value, list):
                    said = [(name, below.get(name)) for below in value for name in ("content", "name", *_TOLD)]
                elif key in record.columns and record.columns[key].kind.free_text:
                    said = [] if record.lasting and key in _IDENTIFYING else [(key, value)]
                yield from ((row.ledger, row.number, *text) for text in said)


def erasure_of(connection: Connection, records: Collection[type[Record]], person: Collection[Known]) -> Erasure:
    """What forgetting a person means for a book, which need not be the one that he is known from."""
    people, cases = everybody(connection), everybody(connection, "development")
    members = same_person(people, person)
    mine = [*person, *(people[number] for number in members)]
    developments = {number for number, case in cases.items() if any(other.applied_as(case) for other in mine)}
    known = [*mine, *(cases[number] for number in developments)]
    others = {number: other for number, other in people.items() if number not in members}
    applicants = (case for number, case in cases.items() if number not in developments)
    names = frozenset().union(*(other.ever["name"] for other in known))
    return Erasure(
        frozenset(members),
        frozenset(developments),
        names,
        frozenset().union(*(other.words - other.ever["name"] for other in known)),
        frozenset(number for number, other in others.items() if other.ever["name"] & names),
        frozenset().union(*(applicant.ever["name"] for applicant in (*others.values(), *applicants))),
        {record.ledger: record for record in records},
    )
