"""Load records in whole sets (已有记录), one query for the records, one a child table; and match rows with them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.context import Below, Values
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.match import Matcher
from partybuild_cli.store.rows import CHUNK, Edit
from partybuild_cli.store.shape import ChildShape, Shape

RowsBelow = dict[int, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Loaded:
    """Rows by number, as stored; rows of child tables by table and number once they were asked for."""

    shape: Shape
    rows: dict[int, dict[str, Any]]
    below: dict[str, RowsBelow] = field(default_factory=dict)

    def full(self, number: int) -> dict[str, Any]:
        """One record with the rows below it, as the history keeps it."""
        children = {table: list(rows[number]) for table, rows in self.below.items() if rows.get(number)}
        return {**self.rows[number], **children} if children else self.rows[number]

    def below_of(self, number: int) -> Below:
        """The rows below one record, by their type."""
        return Below(
            (child.row, self.below[child.table][number])
            for child in self.shape.children
            if number in self.below.get(child.table, ())
        )


def load(
    connection: Connection, shape: Shape, where: Mapping[str, Collection[Any]] | None = None, *, sparse: bool = False
) -> Loaded:
    """The records of a ledger; `where` keeps those of which any column has one of its values (at most a few hundred each).

    `sparse` leaves blanks out of the rows, which halves what a large ledger takes.
    """
    names = ", ".join(f'"{name}"' for name in shape.columns)
    sql = f'SELECT id, {names} FROM "{shape.table}"'
    values: tuple[Any, ...] = ()
    if where is not None:
        values = tuple(value for some in where.values() for value in some)
        sql += " WHERE " + " OR ".join(f'"{name}" IN ({", ".join("?" * len(some))})' for name, some in where.items())
    found = connection.exec_driver_sql(f"{sql} ORDER BY id", values)
    if sparse:
        pairs = ((number, zip(shape.columns, row, strict=True)) for number, *row in found)
        return Loaded(shape, {number: {key: value for key, value in row if value is not None} for number, row in pairs})
    return Loaded(shape, {number: dict(zip(shape.columns, row, strict=True)) for number, *row in found})


def all_on(connection: Connection, record: type[Record], day: date) -> dict[int, Values]:
    """Every record of a ledger, as stored, as it was on a day."""
    kept = load_below(connection, load(connection, record.shape()))
    return {number: record.as_on(row, kept.below_of(number), day.isoformat()) for number, row in kept.rows.items()}


def load_below(connection: Connection, kept: Loaded, numbers: Iterable[int] | None = None) -> Loaded:
    """Add the child rows of the records (of some, or of all that were loaded)."""
    wanted = list(kept.rows if numbers is None else numbers)
    for child in kept.shape.children:
        kept.below[child.table] = _below(connection, child, wanted)
    return kept


def _below(connection: Connection, child: ChildShape, numbers: list[int]) -> RowsBelow:
    names = ", ".join(f'"{name}"' for name in (child.owner, *child.columns))
    conditions = ["ledger = ?"] if child.ledger else []
    start: tuple[Any, ...] = (child.ledger,) if child.ledger else ()
    result: RowsBelow = {}
    make = child.make
    whole = len(numbers) > 20 * CHUNK
    for at in range(0, 1 if whole else len(numbers), CHUNK):
        part = () if whole else tuple(numbers[at : at + CHUNK])
        asked = [*conditions, f'"{child.owner}" IN ({", ".join("?" * len(part))})'] if part else conditions
        where = f" WHERE {' AND '.join(asked)}" if asked else ""
        order = ", ".join(f'"{name}"' for name in (child.owner, *child.keyed_by))
        sql = f'SELECT {names} FROM "{child.table}"{where} ORDER BY {order}'
        for number, *row in connection.exec_driver_sql(sql, (*start, *part)):
            result.setdefault(number, []).append(make(row))
    return result


def matcher_of(connection: Connection, record: type[Record], drafts: Sequence[Draft]) -> tuple[Matcher, Loaded]:
    """Load what the drafts may mean, in one query, and a matcher over it."""
    numbers = [draft.number for draft in drafts if draft.number is not None]
    where = _narrow(record, [draft.stored for draft in drafts], numbers)
    kept = load(connection, record.shape(), where, sparse=True)
    return record.matcher(record.identity(), kept.rows), kept


def clashes(record: type[Record], kept: Loaded, edits: Sequence[Edit], additions: Sequence[Draft]) -> dict[int, int]:
    """Of the edits that change who or what a record is, those that would make it the same as another: number -> the other.

    All edits and additions are thought done, so that two records may change places.
    """
    moved = [edit.number for edit in edits if identifying(record) & edit.after.keys()]
    if not moved:
        return {}
    rows = {**kept.rows, **{edit.number: {**kept.rows[edit.number], **edit.after} for edit in edits}}
    rows |= {-place: draft.stored for place, draft in enumerate(additions, start=1)}
    return same_as_others(record, Loaded(kept.shape, rows), moved)


def identifying(record: type[Record]) -> frozenset[str]:
    """The SQL columns that say who or what a record is."""
    return frozenset(record.shape().identity)


def same_as_others(record: type[Record], kept: Loaded, numbers: Iterable[int]) -> dict[int, int]:
    """Of the records named, those that are the same as another one: number -> the other's."""
    matcher = record.matcher(record.identity(), kept.rows)
    others = {number: [one for one in matcher.twins(kept.rows[number]) if one != number] for number in numbers}
    return {number: found[0] for number, found in others.items() if found}


def twins_now(connection: Connection, record: type[Record], numbers: Sequence[int]) -> dict[int, int]:
    """Of the kept records named, those that are the same as another one: number -> the other's."""
    shape = record.shape()
    mine = load(connection, shape, {"id": numbers} if len(numbers) <= _FEW else None, sparse=True)
    where = _narrow(record, mine.rows.values(), numbers)
    return same_as_others(record, load(connection, shape, where, sparse=True), numbers) if numbers else {}


#: Whose record it is narrows a query for the records that drafts may mean, where the ledger says nothing else.
_OWNERS = ("member_id", "branch_id")
_FEW = 500


def _narrow(
    record: type[Record], rows: Collection[Mapping[str, Any]], numbers: Collection[int]
) -> dict[str, list[Any]] | None:
    """Columns and values of which a record must have one, where few are asked for; None for the whole ledger."""
    anchors: Sequence[str] = record.sought_by
    if not anchors:
        whole = (part for part in _OWNERS if part in record.shape().identity)
        anchors = [part for part in whole if all(row.get(part) is not None for row in rows)][:1]
    wanted = {part: {row[part] for row in rows if row.get(part) is not None} for part in anchors}
    wanted["id"] = set(numbers)
    if not anchors or any(len(values) > _FEW for values in wanted.values()):
        return None
    return {part: sorted(values, key=str) for part, values in wanted.items() if values} or None
