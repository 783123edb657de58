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
    """One column of a ledger (列).

    Attributes:
        kind: the kind of value (`values/`); it knows how it is parsed, stored and shown.
        heading: the Chinese heading that the tool writes.
        also: other headings that it answers to, the commonest first; declared as one text, parted by blanks.
        required: a record without it is a problem.
        identity: part of what makes two rows the same record.
        context: may stand in a title, the sheet's name or a group row instead of a cell.
        private: left out of every export, report and log unless asked for.
        computed: worked out and never stored; what a sheet says is checked.
        check_only: computed, compared when it is read but never written.
        entry: kept in dated entries below the record.
        mark: how much it speaks for this ledger where a table has it (see `Record.marks`).
        dated: holds for a time: a new value begins on a day, and the earlier one stays true for the days before.
        known_once: its first value held all along, for a blank says only that nobody wrote it down (覆盖科室).
        since: the column whose day is that day, where it is typed with it (转正日期 of 人员类别).
        example: what the example row of a template says where that of its kind makes no sense.
        option: another name of the command option (`member` for one of several `members`).
        asks: the question by which a terminal asks for it, where the heading is none.
        parts: SQL columns in the record's own table, with their types; empty where the value lives elsewhere.
        flag: the command option: `--people-served`.
        mask: how it is shown outside the database, where it is personal data.
        needed: whether a command cannot do without it: no title speaks for it, only its branch may go without saying.
    """

    kind: Kind
    heading: str
    others: InitVar[str] = ""
    required: bool = False
    identity: bool = False
    context: bool = False
    private: bool = False
    computed: bool = False
    check_only: bool = False
    entry: bool = False
    mark: float = 0
    dated: bool = False
    known_once: bool = False
    since: str = ""
    option: str = ""
    example: str = ""
    help: str = ""
    asks: str = ""
    also: tuple[str, ...] = field(init=False)
    key: str = field(init=False, default="")
    flag: str = field(init=False, default="")
    mask: Callable[[str], str] | None = field(init=False)
    needed: bool = field(init=False)
    parts: Mapping[str, str] = field(init=False, default_factory=dict)
    order: int = field(init=False, default_factory=_order.__next__)

    def __post_init__(self, others: str) -> None:
        self.also = tuple(others.split())
        self.mask = self.kind.mask

    def name(self, attribute: str) -> None:
        """Take the key from the attribute of the class: `member` where it holds a number as `member_id`."""
        self.key = attribute.removesuffix("_id") if "_id" in self.kind.parts("") else attribute
        self.flag, self.needed = f"--{self.key.replace('_', '-')}", self.required and self.key != "branch"
        if not self.computed and not self.entry:
            self.parts = self.kind.parts(self.key)

    @property
    def headings(self) -> tuple[str, ...]:
        """The heading and every synonym."""
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


#: A column of a record's table.
column = _of_the_table(Column)
#: A column whose values are kept beside the record: people, dated entries, the branch of its member.
related = Column
#: A column that is worked out and never stored; what a sheet says is checked.
computed = partial(Column, computed=True)


def qualifier() -> Any:
    """Declare the SQL column that keeps how the count above it was hedged (约, 余)."""
    return Field(default=None, sa_type=Text)
