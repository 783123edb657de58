"""The base of all kinds of value (值的类别): each knows how its values are read, kept, shown, looked up and printed."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from partybuild_cli.errors import ValueProblem

Shown: TypeAlias = Literal["day", "month", "year"]


class DateCell(NamedTuple):
    """A date cell (日期), and how much of it the number format lets a person see."""

    day: datetime
    shown: Shown


class NumberCell(NamedTuple):
    """A number whose format changes what a person reads: 00042, 12.50, 85%."""

    value: int | float
    shown: str


class ErrorCell(NamedTuple):
    """A formula that failed, such as #DIV/0! or #REF!."""

    code: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A record behind a figure, a check or a score (依据的记录), and how it counted; or, with `id` None, what is missing.

    A person is a record of the ledger `member`.
    """

    ledger: str
    id: int | None
    day: str
    title: str
    note: str = ""

    def document(self) -> dict[str, Any]:
        """The record as `--json` prints it."""
        return asdict(self)


Raw: TypeAlias = str | int | float | bool | DateCell | NumberCell | ErrorCell | None
#: What the database stores for one part of a value.
Primitive: TypeAlias = str | int | None
#: What `--json` prints for one value.
Json: TypeAlias = str | int | bool | Sequence["Json"] | Mapping[str, "Json"] | None
#: How a column of such values looks on a sheet.
Style = Literal["text", "center", "day", "number", "money"]
#: What the values of a kind are: a day of any precision is a day, a name is anybody's and a member one of the book's.
Matter = Literal[
    "",
    "text",
    "choice",
    "yes or no",
    "number",
    "count",
    "day",
    "period",
    "quarter",
    "name",
    "id",
    "member",
    "rater",
    "people",
    "branch",
]
#: What a kind makes of a cell.
V = TypeVar("V")


#: SQL columns: what stands behind the key of the field -> type. A whole number, one with its hedge, the number of a record.
Sql: TypeAlias = Mapping[str, str]
WORDS: Sql = {"": "TEXT"}
WHOLE: Sql = {"": "INTEGER"}
HEDGED: Sql = {"": "INTEGER", "_qualifier": "TEXT"}
NUMBERED: Sql = {"_id": "INTEGER"}
ELSEWHERE: Sql = {}


class KindOf(ABC, Generic[V]):
    """One kind of value; kinds are frozen and hashable, so a caller may memoise what they parsed."""

    label: str  # what it is called in help and templates
    matter: Matter = ""  # what its values are, for who has to tell columns apart
    example: str = ""  # what a template shows
    how: str = "按实际填写"  # how a clerk is told to fill it
    style: Style = "text"  # how a sheet dresses it
    sql: Sql = WORDS  # the SQL columns that it takes
    words: tuple[str, ...] = ()  # the words to choose from, where it is a choice
    meanings: Mapping[str, str] = MappingProxyType({})  # of a choice what may be written -> the word that it means
    units: tuple[str, ...] = ()  # of a number the other words for its unit
    signs: int = 0  # of a day how much of it is kept: 7 of a month, 4 of a year
    range_allowed: bool = False  # of a day whether it may be `first..last`
    ahead: bool = False  # of a day whether it is a deadline, which may be as far ahead as it likes
    names: str = ""  # the ledger whose records its values name: `member`, `branch`, or none
    many: bool = False  # whether one cell holds several
    links: bool = False  # whether the members that it names are kept in rows beside the record
    as_it_is: bool = False  # whether it is stored and told as it was parsed, which is most of every ledger
    any_will_do: bool = False  # whether `encode` may store whatever is of the type of its column
    free_text: bool = False  # whether it may name anybody
    prose: bool = False  # whether it holds sentences or many names, so that a blank column of it is a wide one
    adds_up: bool = False  # whether several values have a sum
    vague: bool = False  # whether two values may differ and yet not contradict each other (2026-03 and 2026-03-12)
    hidden: str = "（不公开）"  # what stands for it where it is not to be shown
    resolved_last: bool = False  # whether it is only known once the rest of the row is
    mask: Callable[[str], str] | None = None  # how personal data is shown outside the database

    @property
    def unit(self) -> str:
        """Of a number what it is counted in."""
        return ""

    def parts(self, key: str) -> Mapping[str, str]:
        """The SQL columns, with their types, that the field `key` takes."""
        return {f"{key}{ending}": type for ending, type in self.sql.items()}

    @abstractmethod
    def parse(self, raw: Raw) -> V | None:
        """The value that a cell or an option says; None for a blank, ValueProblem if not understood."""

    def meant(self, said: str, today: date) -> str:
        """What a clerk's word of a command means on a day (今天); any other text as it is."""
        return said

    def encode(self, value: Any) -> tuple[Primitive, ...]:
        """The primitives to store, in the order of `parts`; None is stored as NULL in every part. A name needs `resolve`."""
        return (value,)

    def decode(self, primitives: Sequence[Primitive]) -> V | None:
        """The value that `encode` stored, None for NULL; a name needs `read`."""
        raise NotImplementedError

    def resolve(self, value: V, row: Any) -> tuple[Primitive, ...]:
        """The primitives to store, once the row (`Resolver`) has said whom a name means. ValueProblem where it cannot."""
        return self.encode(value)

    def read(self, primitives: Sequence[Primitive], record: Any) -> V | None:
        """The kept value as people read it: the record (`Names`) says the names behind numbers; None where there is none."""
        return None if primitives[0] is None else self.decode(primitives)

    def said(self, primitives: Sequence[Primitive], record: Any) -> str:
        """The kept value in a difference or an entry of the history."""
        value = self.read(primitives, record)
        return "" if value is None else self.text(value)

    def sound(self, primitives: Sequence[Primitive]) -> bool:
        """Whether `encode` can have stored this; a bad sector or another program stores what reads back as something else."""
        for part, sql in zip(primitives, self.sql.values(), strict=True):
            typed = isinstance(part, str) and not _HALVES.search(part) if sql == "TEXT" else type(part) is int
            if part is not None and not typed:
                return False
        if primitives[0] is None or self.any_will_do:
            return True
        try:
            value = self.decode(primitives)
            return value is not None and bool(self.parse(self.text(value)) == value)
        except (ValueProblem, ValueError, ArithmeticError):
            return False

    def text(self, value: V) -> str:
        """The value as a sheet or a screen shows it; `parse` reads it back to the same value."""
        return str(value)

    def cell(self, value: V) -> str | int | Decimal:
        """The value as a cell of a workbook: numbers as numbers, everything else as text."""
        return self.text(value)

    def json(self, value: V) -> Json:
        """The value as `--json` prints it."""
        return self.text(value)

    def view_json(self, value: V) -> Json:
        """A told value as `--json` prints it."""
        return self.json(value)

    def retyped(self, v: V) -> V:
        """What `parse` would have made of a told value."""
        return v

    def same(self, v: V, other: V) -> bool:
        """Whether two values, parsed or told, say the same."""
        return bool(v == other)

    def differs(self, new: Primitive, old: Primitive, as_typed: bool) -> bool:
        """Whether a new primitive replaces an old and different one; `as_typed` where a person corrected this record."""
        return True


#: Any kind, where it is not known which.
Kind: TypeAlias = KindOf[Any]
#: Bytes that are no text are read as half characters.
_HALVES = re.compile("[\ud800-\udfff]")


class TextKind(KindOf[str]):
    """A kind whose values are texts, stored and told as they were parsed."""

    as_it_is = True

    def decode(self, primitives: Sequence[Primitive]) -> str | None:
        return primitives[0] if isinstance(primitives[0], str) else None


class Pointing(Kind):
    """One record of another ledger, stored as its number; whose that is is the roster's to know."""

    any_will_do = True
    sql = NUMBERED

    def resolve(self, value: str, row: Any) -> tuple[Primitive, ...]:
        return (row.member(value) if self.names == "member" else row.branch(value),)

    def read(self, primitives: Sequence[Primitive], record: Any) -> str | None:
        [number] = primitives
        tell = record.member if self.names == "member" else record.branch
        return tell(number) if isinstance(number, int) else None
