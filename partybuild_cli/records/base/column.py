"""One column of a ledger (列): its kind of value, its headings, what is particular to it, and what it said before.

What holds for a time (党内职务 党小组 岗位类别 …): the record's own column holds the latest value. Every earlier one lies below
the record as a span that says until when it held, that day being the first of the next; the first has no known beginning. So
every day has exactly one value, and what is typed of today leaves earlier days as they were.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, NamedTuple, ParamSpec

import sqlalchemy
from sqlalchemy import Dialect, Integer, TableClause, Text, TypeDecorator
from sqlmodel import Field

from partybuild_cli.store.shape import ChildShape
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
    known_once: bool = False  # its first value held all along: a blank said only that nobody wrote it down (覆盖科室)
    since: str = ""  # the column whose day is that day, where it is typed with it (转正日期 of 人员类别)
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


#: Values of a record by column key, or by SQL column; their types are those of the kinds of their columns.
Values = dict[str, Any]
Row = tuple[Any, ...]  # a row of a table below a record


class Span(NamedTuple):
    """An earlier value of a column: which SQL column, the first day on which it no longer held, the value as text."""

    field: str
    until: str
    value: str | None


def table_of(name: str, *columns: str) -> TableClause:
    """A table in a query, by the columns that it takes: one below a record, or one whose class need not be loaded for it."""
    return sqlalchemy.table(name, *map(sqlalchemy.column, columns))


SPAN = table_of("span", "ledger", "record_id", *Span._fields)
#: Earlier values below any record that has columns which hold for a time.
SPANS = ChildShape("span", "record_id", Span, keyed_by=("field", "until"))


def earlier(spans: Sequence[Span], day: str) -> dict[str, str | None]:
    """The columns that said something else on a day; what begins after today was dated by a clock that lied."""
    if not spans or day >= date.today().isoformat():
        return {}
    coming = sorted((span for span in spans if span.until > day), key=lambda span: span.until, reverse=True)
    return {span.field: span.value for span in coming}


def hold(stored: Values, field: str, value: Primitive, day: str | None) -> tuple[list[Span], Primitive]:
    """The spans of a record and the latest value of a column, once `value` holds from `day` on; without a day all along."""
    spans = [Span(*row) for row in stored.get(SPANS.table, ())]
    others = [span for span in spans if span.field != field]
    today, latest, said = date.today().isoformat(), stored.get(field), None if value is None else str(value)
    mine = sorted(
        (span._replace(until=min(span.until, today)) for span in spans if span.field == field),
        key=lambda span: span.until,
    )
    if day is None:
        return [*others, *_joined(mine[:-1] if latest == value else mine, said)], value
    past, coming = [span for span in mine if span.until <= day], [span for span in mine if span.until > day]
    if coming:
        new = [Span(field, day, coming[0].value), coming[0]._replace(value=said), *coming[1:]]
    else:
        new, latest = [Span(field, day, None if latest is None else str(latest))], value
    return [*others, *_joined([*past, *new], None if latest is None else str(latest))], latest


def _joined(spans: Sequence[Span], latest: str | None) -> list[Span]:
    """Without spans of no day, and without those that go on as they were."""
    found: list[Span] = []
    for at, span in enumerate(spans):
        after = spans[at + 1].value if at + 1 < len(spans) else latest
        if span.value != after and not (found and found[-1].until == span.until):
            found.append(span)
    return found
