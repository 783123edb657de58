"""Kinds of value that point at other records: a member, a branch, people named in a text (指向党员、党组织的值).

They read names; which member a name means is decided by the roster (`roster.py`), because only it knows namesakes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.cells import Raw
from partybuild_cli.values.choice import YesNo
from partybuild_cli.values.count import CountKind
from partybuild_cli.values.day import Day
from partybuild_cli.values.idnumber import IdNumber
from partybuild_cli.values.kind import Kind, Primitive
from partybuild_cli.values.period import PeriodKind, QuarterKind
from partybuild_cli.values.text import Name, Text, as_text, is_blank, tight

#: A 工号: digits, perhaps with letters; never a Chinese name.
_STAFF_NO = re.compile(r"[A-Za-z]{0,4}\d{1,12}[A-Za-z]{0,2}")


@dataclass(frozen=True)
class MemberKind(Kind):
    """One member (党员), by name, or by 工号 where two bear the name; stored as the member's number."""

    label: ClassVar[str] = "党员姓名或工号"

    def sound(self, primitives: Sequence[Primitive]) -> bool:
        """Whether it is a number; who bears it is the roster's to know."""
        return self.typed(primitives)

    def parts(self, key: str) -> Mapping[str, str]:
        """The member's number."""
        return {f"{key}_id": "INTEGER"}

    def parse(self, raw: Raw) -> str | None:
        """The name, or the 工号, as written."""
        text = None if isinstance(raw, bool) else as_text(raw)
        if text is not None and _STAFF_NO.fullmatch(tight(text)):
            return tight(text)
        return Name().parse(raw)


@dataclass(frozen=True)
class SealedMemberKind(MemberKind):
    """A rater (评议人): stored under a seal, so that no output can tie a score to the one who gave it."""

    def parts(self, key: str) -> Mapping[str, str]:
        """The seal."""
        return {key: "TEXT"}


@dataclass(frozen=True)
class OrganisationKind(Text):
    """The name of an organisation (党组织名称), without white space; it may hold any other sign: 内科、外科联合党支部."""

    label: ClassVar[str] = "名称"

    def parse(self, raw: Raw) -> str | None:
        """The name."""
        text = super().parse(raw)
        return tight(text) if text else None


@dataclass(frozen=True)
class BranchKind(Kind):
    """One branch (党支部), by name; stored as the branch's number."""

    label: ClassVar[str] = "党支部名称"

    def sound(self, primitives: Sequence[Primitive]) -> bool:
        """Whether it is a number; who bears it is the roster's to know."""
        return self.typed(primitives)

    def parts(self, key: str) -> Mapping[str, str]:
        """The branch's number."""
        return {f"{key}_id": "INTEGER"}

    def parse(self, raw: Raw) -> str | None:
        """The name without white space."""
        text = Text().parse(raw)
        return tight(text) if text else None


@dataclass(frozen=True)
class PeopleKind(Kind):
    """Members named in one cell, each with a reason where brackets hold one (人员名单); stored as rows of their own."""

    label: ClassVar[str] = "人员名单"

    def parts(self, key: str) -> Mapping[str, str]:
        """Nothing in the record's own table."""
        return {}

    def parse(self, raw: Raw) -> Any:
        """The text as written; the roster splits it, because only it knows whether 张 三 is one name."""
        return None if is_blank(raw) else Text().parse(raw)


@dataclass(frozen=True)
class MonthKind(Day):
    """A month (月份): a full day gives its month, a bare year is a problem."""

    label: ClassVar[str] = "月份（如 2026-09）"

    def parse(self, raw: Raw) -> str | None:
        """`YYYY-MM`."""
        day = super().parse(raw)
        if day is not None and len(day) < 7:
            raise ValueProblem("只有年份，没有月份：请写到月，如 2026-09")
        return day[:7] if day else None


@dataclass(frozen=True)
class YearKind(Day):
    """A year (年度)."""

    label: ClassVar[str] = "年份（如 2026）"

    def parse(self, raw: Raw) -> str | None:
        """`YYYY`."""
        day = super().parse(raw.removesuffix("度") if isinstance(raw, str) else raw)
        return day[:4] if day else None


@dataclass(frozen=True)
class DeadlineKind(Day):
    """A day, or the word 长期坚持 for what has no end (完成时限)."""

    label: ClassVar[str] = "日期，或“长期坚持”"

    def parse(self, raw: Raw) -> str | None:
        """`YYYY-MM-DD`, or the word; as text the word sorts behind every day."""
        if isinstance(raw, str) and tight(raw) in ("长期坚持", "长期", "持续", "持续推进"):
            return FOREVER
        return super().parse(raw)


#: A deadline that never comes.
FOREVER = "长期坚持"
TEXT = Text()
NAME = Name()
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
PEOPLE = PeopleKind()
