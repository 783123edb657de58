"""How a record lies in tables, said by the rooms above (表的形状), and how it is written in the history (日志中的记录).

A document of the history is the record's filled columns by name, and lists of the rows below it, by name too. One of an older
format is lifted to the present shape when it is read, so that log, undo and earlier states hold across every migration: who
changes the shape of a table adds a step to `_LIFTS` and raises `FORMAT`. A new column needs none.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple

from partybuild_cli.values.kind import Primitive

#: What is kept of a record: its columns by name, and by the name of each table below it the list of its rows.
Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChildShape:
    """A table of rows below a record: attendance below a meeting.

    `owner` is the column that holds the record's number, `row` a row without it, typed, its fields the other columns in the order
    in which rows are written; `columns` are those that there are in a book of an earlier format, `make` makes a row of them, then
    an untyped one. `keyed_by` tells rows of a record apart; new ones replace those that are kept, or join them where the table
    `grows`. `ledger` is set where one table serves several, and has a column of that name too.
    """

    table: str
    owner: str
    row: type[tuple[Primitive, ...]]
    keyed_by: tuple[str, ...]
    columns: tuple[str, ...] = ()
    ledger: str = ""
    grows: bool = False
    make: Callable[[Iterable[Primitive]], tuple[Primitive, ...]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        fields = tuple(self.row.__annotations__)
        object.__setattr__(self, "columns", self.columns or fields)
        object.__setattr__(self, "make", getattr(self.row, "_make") if self.columns == fields else tuple)  # noqa: B009

    def below(self, ledger: str) -> "ChildShape":
        """The same table for one of the ledgers that share it."""
        return replace(self, ledger=ledger)

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

    def plain(self, stored: Stored | None) -> Stored | None:
        """A record for comparing: what is blank, and rows below it that are none, say nothing; their order says nothing."""
        if stored is None:
            return None
        document = {name: value for name, value in stored.items() if value is not None and value != []}
        below = {child.table for child in self.children} & document.keys()
        return document | {table: sorted(map(list, document[table]), key=str) for table in below}


_declared: Callable[[], Mapping[str, Shape]] = dict


def declare(shapes: Callable[[], Mapping[str, Shape]]) -> None:
    """Let the store know how to come by the shapes of all record types, by ledger; they are asked for where they are needed."""
    global _declared
    _declared = shapes


def declared() -> Mapping[str, Shape]:
    """The shapes of all record types, by ledger; none where nobody declared them."""
    return _declared()


Document = Stored
#: In which format documents are written today.
FORMAT = 3
#: The first whole number that the database does not take.
_BEYOND = 2**63
#: A document of today's format as JSON.
encode_document = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class DocumentOrigin(NamedTuple):
    """Where a document stands: the book's own name, the record, and whether it is all of it or what an edit changed."""

    book: str
    ledger: str
    number: int
    whole: bool


class DamagedError(ValueError):
    """A document that a bad sector or another program has made unreadable."""


def read_document(text: bytes, written: int, origin: DocumentOrigin) -> Document:
    """A document, written in some format, as today's program would have written it. DamagedError where it is none."""
    try:
        document: Document = json.loads(text)
        for lift in _LIFTS[range(FORMAT).index(written - 1) :]:
            document = lift(document, origin)
        if all(map(_storable, document.values())):
            return document
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise DamagedError


def _storable(value: object) -> bool:
    """Whether the database takes the value as one of ours: text, a whole number, nothing; or the rows below a record."""
    if isinstance(value, list):
        return all(
            type(row) is dict and all(_storable(v) and type(v) is not list for v in row.values()) for row in value
        )
    return value is None or type(value) is str or (type(value) is int and abs(value) < _BEYOND)


def stored_of(shape: Shape, document: Document) -> Stored:
    """The record as `store/rows.py` takes it: the columns that its table has, the rows below it typed."""
    found = {name: value for name, value in document.items() if name in shape.columns}
    for child in shape.children:
        if child.table in document:
            rows = document[child.table] or ()
            found[child.table] = [child.make(row.get(name) for name in child.columns) for row in rows]
    return found


def derived_uid(book: str, ledger: str, number: int) -> str:
    """The identity of a record that was made before records had one of their own: the same wherever it is worked out."""
    return sha256(f"{book}-{ledger}-{number}".encode()).hexdigest()[:16]


#: The columns of the tables below a record, in the order in which format 1 wrote them.
_POSITIONS = {
    "stay": ("branch_id", "arrived_on", "left_on", "left_to"),
    "attendance": ("member_id", "state", "reason", "made_up"),
    "participation": ("member_id", "hours", "organizer", "note"),
    "person": ("role", "member_id"),
    "entry": ("on_day", "content"),
}


def _named_rows_and_identity(document: Document, origin: DocumentOrigin) -> Document:
    """From format 1 to 2: rows below a record by name, and the identity that migration 6 gave the record."""
    lifted = {}
    for key, value in document.items():
        names = _POSITIONS.get(key)
        if names and isinstance(value, list):
            value = [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in value]
        lifted[key] = value
    if origin.whole:
        lifted["uid"] = derived_uid(origin.book, origin.ledger, origin.number)
    return lifted


def _all_present_is_presumed(document: Document, origin: DocumentOrigin) -> Document:
    """From format 2 to 3: that all were present where nobody was named otherwise had been assumed, and the migration marks it."""
    if origin.ledger != "meeting" or "attendance" not in document:
        return document
    plain = all(row.keys() == {"member_id", "state"} and row["state"] == "出席" for row in document["attendance"])
    presumed = [{"basis": "推定"}] if plain and document["attendance"] else []
    return {**document, "headcount": presumed} if presumed or not origin.whole else document


_LIFTS: tuple[Callable[[Document, DocumentOrigin], Document], ...] = (
    _named_rows_and_identity,
    _all_present_is_presumed,
)
