"""Kinds of value that point at other records (指向党员、党组织的值), of which only the roster knows which member a name means, and
the votes (表决) of a record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partybuild_cli.values.kind import ELSEWHERE, WORDS, Json, Kind, KindOf, Matter, Pointing, Primitive, Raw
from partybuild_cli.values.number import CountKind
from partybuild_cli.values.people import IdNumber, Person, Phone, format_people
from partybuild_cli.values.period import Day, PeriodKind, QuarterKind
from partybuild_cli.values.text import Name, Prose, Text, YesNo, as_text, tight
from partybuild_cli.values.votes import Ballots, Vote, read_votes

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.plan import Resolver
    from partybuild_cli.records.base.present import Names
    from partybuild_cli.records.base.row import ResolvedRow

#: A 工号: digits, perhaps with letters; never a Chinese name.
_STAFF_NO = re.compile(r"[A-Za-z]{0,4}\d{1,12}[A-Za-z]{0,2}")
#: A namesake's name with his 工号, or the number of his record, behind it.
_NAMESAKE = re.compile(r"(.+)\((?:编号([0-9]+)|([0-9A-Za-z-]+))\)")
_POST = re.compile(r"\([^()\d]*(?:书记|委员|[组科院处部]长|主任|干事|护士长?|[医护药技]师|医生)\)$")  # behind a name


def _named(shown: str) -> dict[str, str | int]:
    """A member as a program reads him: the name, and beside a namesake's his 工号, or the number of his record."""
    found = _NAMESAKE.fullmatch(shown)
    if found is None:
        return {"name": shown}
    return {"name": found[1], **({"id": int(found[2])} if found[2] else {"staff_no": found[3]})}


class MemberKind(Pointing):
    """One member (党员), by name, or by 工号 where two bear the name; stored as the member's number."""

    matter: Matter = "member"
    label = "党员姓名或工号"
    example = "张三"
    how = "姓名；有同名党员时写成 姓名(工号)"
    names = "member"

    def parse(self, raw: Raw) -> str | None:
        text = None if isinstance(raw, bool) else as_text(raw)
        if text is not None and _STAFF_NO.fullmatch(tight(text)):
            return tight(text)
        name = NAME.parse(raw)
        return name and _POST.sub("", name)

    def view_json(self, value: str) -> str | dict[str, str | int]:
        named = _named(value)
        return named if len(named) > 1 else value


class SealedMemberKind(MemberKind):
    """A rater (评议人): stored under a seal, so that no output can tie a score to the one who gave it."""

    matter = "rater"
    hidden = "***"
    resolved_last = True
    sql = WORDS

    def resolve(self, value: str, row: "Resolver") -> tuple[Primitive, ...]:
        return (row.rater(value),)

    def read(self, primitives: Sequence[Primitive], record: "Names") -> None:
        """Never."""


class OrganisationKind(Text):
    """The name of an organisation (党组织名称), without white space; it may hold any other sign: 内科、外科联合党支部."""

    matter = ""
    label = "名称"

    def parse(self, raw: Raw) -> str | None:
        text = super().parse(raw)
        return tight(text) if text else None


class BranchKind(Pointing):
    """One branch (党支部), by name; stored as the branch's number."""

    matter = "branch"
    label = "党支部名称"
    example = "神经内科党支部"
    how = "党支部全称，须已登记"
    names = "branch"

    def parse(self, raw: Raw) -> str | None:
        return ORGANISATION.parse(raw)

    def said(self, primitives: Sequence[Primitive], record: "Names") -> str:
        return self.read(primitives, record) or str(primitives[0])


class HomeKind(BranchKind):
    """The branch of the member whom a record is about (所在党支部): never stored, it only tells persons apart."""

    sql = ELSEWHERE

    def resolve(self, value: str, row: "Resolver") -> tuple[Primitive, ...]:
        row.branch(value)
        return ()

    def read(self, primitives: Sequence[Primitive], record: "Names") -> str | None:
        return record.home()


class MentionsKind(Text):
    """A text that may name members among others (责任人, 获得者); whom it names is kept beside the record."""

    matter = ""
    links = True
    as_it_is = False

    def resolve(self, value: str, row: "Resolver") -> tuple[Primitive, ...]:
        return (row.mentioned(value),)

    def read(self, primitives: Sequence[Primitive], record: "Names") -> str | None:
        [text] = primitives
        return record.mentioned(text) if isinstance(text, str) else None

    def said(self, primitives: Sequence[Primitive], record: "Names") -> str:
        return str(primitives[0])


class PeopleKind(Kind):
    """Members named in one cell (人员名单), each with a reason where brackets hold one; stored as rows of their own."""

    matter = "people"
    label = "人员名单"
    example = "张三、李四"
    prose = True
    how = "姓名之间用顿号；需要说明的写在括号里"
    names = "member"
    many = links = True
    sql = ELSEWHERE

    def parse(self, raw: Raw) -> str | None:
        return TEXT.parse(raw)

    def resolve(self, value: str, row: "Resolver") -> tuple[Primitive, ...]:
        row.listed(value)
        return ()

    def read(self, primitives: Sequence[Primitive], record: "Names") -> list[Person] | None:
        return record.listed()

    def text(self, value: str | list[Person]) -> str:
        return value if isinstance(value, str) else format_people(value)

    def retyped(self, told: list[Person]) -> str:
        return format_people(told)

    def view_json(self, value: list[Person]) -> list[dict[str, str | int | None]]:
        return [{**_named(person.name), "reason": person.reason} for person in value]


@dataclass(frozen=True)
class AttendeesKind(PeopleKind):
    """Such a list where the ledger itself says what stands beside each name (出席, 时长): see `settle` and `tell` there."""

    links = False
    nobody: bool = False

    def parse(self, raw: Raw) -> str | None:
        none = self.nobody and isinstance(raw, str) and tight(raw) == "无"
        return "无人" if none else super().parse(raw)

    def resolve(self, value: str, row: "Resolver") -> tuple[Primitive, ...]:
        return ()

    def read(self, primitives: Sequence[Primitive], record: "Names") -> None:
        """The ledger's own."""


@dataclass(frozen=True)
class VotesKind(KindOf[Ballots]):
    """Votes: typed rows below a meeting, whose own column keeps only the words that give no figures; else all in the column."""

    label = "表决"
    how = "一行一项：接收预备党员（何思齐）：应到20，实到15，赞成11，反对2，弃权2"
    free_text = any_will_do = True
    rows: bool = False

    def parse(self, raw: Raw) -> Ballots | None:
        text = TEXT.parse(raw)
        return read_votes(text) if text else None

    def encode(self, value: Ballots | None) -> tuple[Primitive, ...]:
        """The text; blank, and not NULL, where all of it stands in rows: so it takes the place of what stood there."""
        return (None if value is None else value.unread if self.rows else value.text(),)

    def decode(self, primitives: Sequence[Primitive]) -> Ballots:
        return read_votes(str(primitives[0] or ""))

    def read(self, primitives: Sequence[Primitive], record: "Names") -> Ballots | None:
        return self.decode(primitives) if primitives[0] else None

    def said(self, primitives: Sequence[Primitive], record: "Names") -> str:
        return str(primitives[0] or "")

    def text(self, value: Ballots) -> str:
        return value.text()

    def json(self, value: Ballots) -> Json:
        """A vote each, by field."""
        return value.documents()


class MonthKind(Day):
    """A month (月份): a full day gives its month, a bare year is a problem."""

    label = "月份（如 2026-09）"
    example = "2026.09"
    how = "月份，如 2026.09"
    signs = 7


class YearKind(Day):
    """A year (年度)."""

    label = "年份（如 2026）"
    example = "2026"
    how = "年份，如 2026"
    signs = 4


class DeadlineKind(Day):
    """A day, or the word 长期坚持 for what has no end (完成时限)."""

    label = "日期，或“长期坚持”"
    how = "日期，如 2026.09.05；没有期限的写 长期坚持"
    ahead = True

    def parse(self, raw: Raw) -> str | None:
        if isinstance(raw, str) and tight(raw) in ("长期坚持", "长期", "持续", "持续推进"):
            return FOREVER
        return super().parse(_BY_THE_END.sub("", raw.strip()) if isinstance(raw, str) else raw)


#: What says that a deadline is the end of what stands before it: 12月底前, 2026年底, 6月30日前.
_BY_THE_END = re.compile(r"(?<=[年月])[底末](?:之?前)?$|(?<=[月日号])(?:之?前|底)$")
FOREVER = "长期坚持"  # a deadline that never comes
TEXT = Text()
PROSE = Prose()
NAME = Name()
PHONE = Phone()
ORGANISATION = OrganisationKind()
DAY = Day()
DAY_RANGE = Day(range_allowed=True)
YES_NO = YesNo()
COUNT = CountKind()
ID_NUMBER = IdNumber()
QUARTER = QuarterKind()
PERIOD = PeriodKind()
MONTH = MonthKind()
YEAR = YearKind()
DEADLINE = DeadlineKind()
MEMBER = MemberKind()
RATER = SealedMemberKind()
BRANCH = BranchKind()
HOME = HomeKind()
MENTIONS = MentionsKind()
PEOPLE = PeopleKind()
ATTENDEES = AttendeesKind()
ABSENTEES = AttendeesKind(nobody=True)


def kept_votes(text: str | None, rows: Sequence[Vote]) -> Ballots:
    """The votes of a meeting: its rows; in books of before they stand in the text."""
    read = read_votes(text or "")
    return Ballots(tuple(sorted(rows)) or read.votes, read.unread)


def settle_votes(column: "Column", row: "ResolvedRow") -> None:
    """The rows below a meeting; figures that contradict each other, and words without figures, are said."""
    said: Ballots | None = row.values.get(column.key)
    if said is not None:
        row.below["vote"] = [*said.votes]
        warn_of_votes(column, row)
        if row.carries("due", "present") and not row.carries(column.key):  # the attendance is as it was
            warn_of_voters(
                column, row, {key: row.values[key].value for key in ("due", "present") if row.values.get(key)}
            )
    elif not row.alone and not row.carries(column.key):
        row.below["vote"] = []


def warn_of_votes(column: "Column", row: "ResolvedRow") -> None:
    """What a person should look at in votes that were typed."""
    said: Ballots = Ballots() if row.carries(column.key) else row.values.get(column.key) or Ballots()
    for vote in said.votes:
        for fault in vote.faults():
            row.warn(column, vote.text(), f"{vote.called}{fault}，请核对")
    if said.unread:
        row.warn(column, said.unread, "没有读出票数，按原文保留；请补记应到、实到和票数")


def warn_of_voters(column: "Column", row: "ResolvedRow", whole: dict[str, int]) -> None:
    """More voters than were due or came, by the attendance of the meeting."""
    said: Ballots = row.values.get(column.key) or Ballots()
    for vote in said.votes:
        for key, word, voters in (("due", "应到", vote.voters_due), ("present", "实到", vote.voters_present)):
            if key in whole and (voters or 0) > whole[key]:
                message = f"{vote.called}有表决权的{word}{voters}人，多于本次会议{word}{whole[key]}人，请核对"
                row.warn(column, vote.text(), message)
