"""One column of a ledger (列): its kind of value, its headings, and what is particular to it."""

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, ParamSpec

from sqlalchemy import Dialect, Integer, Text, TypeDecorator
from sqlmodel import Field

from partybuild_cli.values.kind import Kind, Primitive

P = ParamSpec("P")
_order = count()


@dataclass(eq=False)
class Column:
    """One column of a ledger (列)."""

    kind: Kind  # the kind of value (`values/`); it knows how it is parsed, stored and shown
    heading: str  # the Chinese heading that the tool writes
    others: InitVar[str] = ""  # other headings that it answers to, the commonest first, parted by blanks
    required: bool = False  # a record without it is a problem
    identity: bool = False  # part of what makes two rows the same record
    context: bool = False  # may stand in a title, the sheet's name or a group row instead of a cell
    private: bool = False  # left out of every export, report and log unless asked for
    computed: bool = False  # worked out and never stored; what a sheet says is checked
    check_only: bool = False  # computed, compared when it is read but never written
    entry: bool = False  # kept in dated entries below the record
    mark: float = 0  # how much it speaks for this ledger where a table has it (see `Record.marks`)
    dated: bool = False  # holds for a time: a new value begins on a day, and the earlier stays true for the days before
    known_once: bool = (
        False  # dated, and its first value held all along: a blank says that nobody wrote it down (覆盖科室)
    )
    since: str = ""  # dated by this column's day, where it is typed with it (转正日期 of 人员类别)
    option: str = ""  # another name of the command option (`member` for one of several `members`)
    example: str = ""  # what the example row of a template says where that of its kind makes no sense
    help: str = ""
    asks: str = ""  # the question by which a terminal asks for it, where the heading is none
    also: tuple[str, ...] = field(init=False)
    key: str = field(init=False, default="")
    flag: str = field(init=False, default="")  # the command option: `--people-served`
    mask: Callable[[str], str] | None = field(init=False)  # how personal data is shown outside the database
    #: Whether a command cannot do without it: no title speaks for it, only its branch may go without saying.
    needed: bool = field(init=False)
    #: SQL columns in the record's own table, with their types; empty where the value lives elsewhere.
    parts: Mapping[str, str] = field(init=False, default_factory=dict)
    order: int = field(init=False, default_factory=_order.__next__)

    def __post_init__(self, others: str) -> None:
        self.also = tuple(others.split())
        self.mask, self.dated = self.kind.mask, self.dated or self.known_once or bool(self.since)

    def name(self, attribute: str) -> None:
        """Take the key from the attribute of the class: `member` where it holds a number as `member_id`."""
        self.key = attribute.removesuffix("_id") if "_id" in self.kind.parts("") else attribute
        self.flag, self.needed = f"--{self.key.replace('_', '-')}", self.required and self.key != "branch"
        if not self.computed and not self.entry:
            self.parts = self.kind.parts(self.key)

    @property
    def headings(self) -> tuple[str, ...]:
        return (self.heading, *self.also)

    @property
    def points_at(self) -> str:
        """The ledger whose record's number it stores; empty where it stores none."""
        return self.kind.names if f"{self.key}_id" in self.parts else ""


class Stored(TypeDecorator[Decimal | bool]):
    """Decimals and yes or no, as their kind stores them in a whole number."""

    impl = Integer
    cache_ok = True

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Decimal | bool | None, dialect: Dialect) -> Primitive:
        return self.kind.encode(value)[0]

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | bool | None:
        found: Decimal | bool | None = self.kind.decode((value,))
        return found


def _of_the_table(make: Callable[P, Column]) -> Callable[P, Any]:
    def declare(*args: P.args, **settings: P.kwargs) -> Any:
        made = make(*args, **settings)
        parts = made.kind.parts("")
        whole = Integer if "_id" in parts or len(parts) > 1 else Stored(made.kind)
        return Field(
            default=None,
            sa_type=Text if next(iter(parts.values())) == "TEXT" else whole,
            nullable=not made.required,
            sa_column_kwargs={"info": {"column": made}},
            foreign_key=f"{made.kind.names}.id" if "_id" in parts else None,
        )

    return declare


column = _of_the_table(Column)  # a column of a record's table
related = Column  # a column whose values are kept beside the record: people, dated entries, the branch of its member
computed = partial(Column, computed=True)  # a column that is worked out and never stored; what a sheet says is checked


def qualifier() -> Any:
    """Declare the SQL column that keeps how the count above it was hedged (约, 余)."""
    return Field(default=None, sa_type=Text)
