"""How a record lies in tables, said by the rooms above: the store itself knows no record type (表的形状)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from partybuild_cli.values.kind import Primitive

#: What is kept of a record: its columns by name, and by the name of each table below it the list of its rows.
Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChildShape:
    """A table of rows below a record: attendance below a meeting.

    Attributes:
        table: the table's name.
        owner: the column that holds the record's number.
        row: a row without its owner, typed; its fields are the other columns, in the order in which rows are written.
        columns: their names; of a book of an earlier format those that it has.
        keyed_by: the columns that tell one row below a record from another.
        ledger: set where one table serves several ledgers; then the table has a column `ledger` too.
        grows: new rows join those that are kept instead of replacing them.
    """

    table: str
    owner: str
    row: type[tuple[Primitive, ...]]
    keyed_by: tuple[str, ...]
    columns: tuple[str, ...] = ()
    ledger: str = ""
    grows: bool = False

    def __post_init__(self) -> None:
        if not self.columns:
            object.__setattr__(self, "columns", tuple(self.row.__annotations__))

    def below(self, ledger: str) -> "ChildShape":
        """The same table for one of the ledgers that share it."""
        return replace(self, ledger=ledger)

    @property
    def make(self) -> Callable[[Iterable[Primitive]], tuple[Primitive, ...]]:
        """Makes a typed row; a plain one where the book is of an earlier format and lacks columns."""
        complete = self.columns == tuple(self.row.__annotations__)
        return getattr(self.row, "_make") if complete else tuple  # noqa: B009

    @property
    def owner_columns(self) -> tuple[str, ...]:
        """The columns that say which record a row belongs to."""
        return ("ledger", self.owner) if self.ledger else (self.owner,)

    def owned_by(self, number: int) -> tuple[str | int, ...]:
        """The values of `owner_columns` for record `number`."""
        return (self.ledger, number) if self.ledger else (number,)


@dataclass(frozen=True, slots=True)
class Shape:
    """A record's own table, its columns without `id`, the columns of its identity, and the tables below it.

    Of records with the `scattered` value in a column neither numbers nor history tell which came together (互评).
    """

    table: str
    columns: tuple[str, ...]
    identity: tuple[str, ...] = ()
    children: tuple[ChildShape, ...] = ()
    scattered: tuple[str, str] | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """Its own table and those below it."""
        return (self.table, *(child.table for child in self.children))

    def plain(self, kept: Stored | None) -> Stored | None:
        """A record for comparing: what is blank, and rows below it that are none, say nothing; their order says nothing."""
        if kept is None:
            return None
        told = {name: value for name, value in kept.items() if value is not None and value != []}
        below = {child.table for child in self.children} & told.keys()
        return told | {table: sorted(map(list, told[table]), key=str) for table in below}


_declared: Callable[[], Mapping[str, Shape]] = dict


def declare(shapes: Callable[[], Mapping[str, Shape]]) -> None:
    """Let the store know how to come by the shapes of all record types, by ledger; they are asked for where they are needed."""
    global _declared
    _declared = shapes


def declared() -> Mapping[str, Shape]:
    """The shapes of all record types, by ledger; none where nobody declared them."""
    return _declared()
