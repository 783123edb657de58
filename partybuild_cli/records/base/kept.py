"""What the book holds of one record type (已有记录), read in whole sets: one query for the records, one a child table."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.store.rows import CHUNK
from partybuild_cli.store.shape import ChildShape, Shape

Below = dict[int, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Kept:
    """Rows by number, as stored; rows of child tables by table and number once they were asked for."""

    shape: Shape
    rows: dict[int, dict[str, Any]]
    below: dict[str, Below] = field(default_factory=dict)

    def full(self, number: int) -> dict[str, Any]:
        """One record with the rows below it, as the history keeps it."""
        children = {table: list(rows[number]) for table, rows in self.below.items() if rows.get(number)}
        return {**self.rows[number], **children} if children else self.rows[number]


def load_kept(
    connection: Connection, shape: Shape, where: Mapping[str, Collection[Any]] | None = None, *, sparse: bool = False
) -> Kept:
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
        return Kept(shape, {number: {key: value for key, value in row if value is not None} for number, row in pairs})
    return Kept(shape, {number: dict(zip(shape.columns, row, strict=True)) for number, *row in found})


def load_below(connection: Connection, kept: Kept, numbers: Iterable[int] | None = None) -> Kept:
    """Add the child rows of the records (of some, or of all that were loaded)."""
    wanted = list(kept.rows if numbers is None else numbers)
    for child in kept.shape.children:
        kept.below[child.table] = _below(connection, child, wanted)
    return kept


def _below(connection: Connection, child: ChildShape, numbers: list[int]) -> Below:
    names = ", ".join(f'"{name}"' for name in (child.owner, *child.columns))
    conditions = ["ledger = ?"] if child.ledger else []
    start: tuple[Any, ...] = (child.ledger,) if child.ledger else ()
    result: Below = {}
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
