"""Writing records and the rows below them in sets, each with its entry in the history (成批写入); and whence collected ones came."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import SystemRandom
from secrets import token_hex
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.store.history import Change, undone_changes
from partybuild_cli.store.shape import ChildShape, Document, Shape, Stored, encode_document
from partybuild_cli.values.kind import Primitive

#: One of many values, which are bound as one.
AMONG = "IN (SELECT value FROM json_each(?))"
#: Draws the numbers that tell nothing of when a record came.
_SCATTER = SystemRandom()


class Edit(NamedTuple):
    """A record's differing values before and after; child tables as whole lists of rows."""

    number: int
    before: Stored
    after: Stored


def document_of(shape: Shape, stored: Stored) -> Document:
    """The document of a record, or of the differing part of it, with what is blank: an edit may have made it so."""
    document = dict(stored)
    for child in shape.children:
        if child.table in document:
            rows = (zip(child.columns, row, strict=True) for row in document[child.table] or ())
            document[child.table] = [{name: value for name, value in row if value is not None} for row in rows]
    return document


def document_text(shape: Shape, stored: Stored, filled: bool = False) -> str:
    """The same as JSON; of a whole record only what is `filled`."""
    document = document_of(shape, stored)
    if filled:
        document = {name: value for name, value in document.items() if value is not None}
    return encode_document(document)


def add(connection: Connection, change: Change, shape: Shape, rows: Sequence[Stored]) -> list[int]:
    """Insert records, each with a number and an identity of its own; their numbers, in order.

    A record that was removed before gets back those that it had.
    """
    numbered = dict(zip(_number(connection, shape, rows), rows, strict=True))
    if shape.scattered:
        change.scattered |= {(shape.table, number) for number, row in numbered.items() if _apart(shape, row)}
    put_back(connection, change, shape, numbered)
    return [*numbered]


def edit(connection: Connection, change: Change, shape: Shape, edits: Sequence[Edit]) -> None:
    """Update records and replace the child rows that differ."""
    for each in edits:
        before, after = document_text(shape, each.before), document_text(shape, each.after)
        change.note(shape.table, each.number, "edit", before, after)
    by_keys: dict[tuple[str, ...], list[tuple[int, Stored]]] = {}
    for each in edits:
        keys = tuple(key for key in each.after if key in shape.columns)
        by_keys.setdefault(keys, []).append((each.number, each.after))
    for keys, group in by_keys.items():
        update(connection, shape, keys, group)
    for child in shape.children:
        touched = [(edit.number, edit.after[child.table]) for edit in edits if child.table in edit.after]
        _delete_below(connection, child, [number for number, _ in touched])
        _insert_below(connection, child, touched)


def update(connection: Connection, shape: Shape, keys: Sequence[str], rows: Iterable[tuple[int, Stored]]) -> None:
    """Set some columns of records to what their rows hold."""
    if keys:
        sets = ", ".join(f'"{key}" = ?' for key in keys)
        values = [(*map(row.get, keys), number) for number, row in rows]
        connection.exec_driver_sql(f'UPDATE "{shape.table}" SET {sets} WHERE id = ?', values)


def remove(connection: Connection, change: Change, shape: Shape, rows: Mapping[int, Stored]) -> None:
    """Delete records with what stands below them; the numbers and identities that they had are kept for them."""
    if not rows:
        return
    for number, row in rows.items():
        change.note(shape.table, number, "remove", document_text(shape, row, filled=True), None)
    numbers = json.dumps([*rows])
    for child in shape.children:
        _delete_below(connection, child, [*rows])
    connection.exec_driver_sql(f'DELETE FROM "{shape.table}" WHERE id {AMONG}', (numbers,))
    # A number is kept for what the record was last, and for nothing that it was before.
    connection.exec_driver_sql(f"DELETE FROM retired WHERE ledger = ? AND number {AMONG}", (shape.table, numbers))
    connection.exec_driver_sql(
        "INSERT INTO retired (ledger, identity, number, uid) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (ledger, identity) DO UPDATE SET number = excluded.number, uid = excluded.uid",
        [(shape.table, _identity(shape, row), number, row["uid"]) for number, row in rows.items()],
    )


def put_back(connection: Connection, change: Change, shape: Shape, rows: Mapping[int, Stored]) -> None:
    """Insert records under the numbers and with the identities that they had."""
    insert(connection, shape, rows)
    for number, row in rows.items():
        change.note(shape.table, number, "add", None, document_text(shape, row, filled=True))


def kept(connection: Connection, shape: Shape, numbers: Collection[int] | None = None) -> dict[int, Stored]:
    """Records by number as they are kept, all or some: every column, and the rows below them, typed."""
    found = own_rows(connection, shape, None if numbers is None else {"id": numbers})
    wanted = json.dumps([*found])
    for child in shape.children if found else ():
        names, order = _names([child.owner, *child.columns]), _names([child.owner, *child.keyed_by])
        ledger = f"ledger = '{child.ledger}' AND " if child.ledger else ""
        sql = f'SELECT {names} FROM "{child.table}" WHERE {ledger}"{child.owner}" {AMONG} ORDER BY {order}'
        make = child.make
        for number, *row in connection.exec_driver_sql(sql, (wanted,)):
            found[number].setdefault(child.table, []).append(make(row))
    return found


def own_rows(
    connection: Connection,
    shape: Shape,
    where: Mapping[str, Collection[Primitive]] | None = None,
    columns: Sequence[str] = (),
) -> dict[int, Stored]:
    """The rows of a ledger's own table in the order of their numbers: all, or those with any of the values in `where`."""
    columns = columns or shape.columns
    sql = f'SELECT {_names(["id", *columns])} FROM "{shape.table}"'
    if where is not None:
        sql += " WHERE " + " OR ".join(map(f'"{{}}" {AMONG}'.format, where))
    values = tuple(map(json.dumps, map(list, (where or {}).values())))
    rows = connection.exec_driver_sql(f"{sql} ORDER BY id", values)
    return {number: dict(zip(columns, row, strict=True)) for number, *row in rows}


def insert(connection: Connection, shape: Shape, rows: Mapping[int, Stored]) -> None:
    """Insert records under given numbers, with what stands below them."""
    filled: set[str] = set().union(*rows.values())
    columns = [name for name in shape.columns if name in filled]
    values = [(number, *map(row.get, columns)) for number, row in rows.items()]
    _insert_rows(connection, shape.table, ["id", *columns], values)
    for child in shape.children:
        if child.table in filled:
            _insert_below(connection, child, ((number, row.get(child.table) or ()) for number, row in rows.items()))


def _insert_rows(
    connection: Connection, table: str, columns: Sequence[str], values: list[tuple[Primitive, ...]]
) -> None:
    if values:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({marks})', values)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(map('"{}"'.format, columns))


def _insert_below(
    connection: Connection, child: ChildShape, rows: Iterable[tuple[int, Iterable[Iterable[Primitive]]]]
) -> None:
    values = [(*child.owned_by(number), *row) for number, below in rows for row in below]
    _insert_rows(connection, child.table, (*child.owner_columns, *child.columns), values)


def _delete_below(connection: Connection, child: ChildShape, numbers: Sequence[int]) -> None:
    if numbers:
        where = " AND ".join(f'"{name}" = ?' for name in child.owner_columns)
        owners = [child.owned_by(number) for number in numbers]
        connection.exec_driver_sql(f'DELETE FROM "{child.table}" WHERE {where}', owners)


def _identity(shape: Shape, row: Stored) -> str:
    """The identity of a stored row as text."""
    return json.dumps([row.get(name) for name in shape.identity], ensure_ascii=False)


def _number(connection: Connection, shape: Shape, rows: Sequence[Stored]) -> list[int]:
    """Give each row its identity, and say its number: those it had before it was removed, where no living record has taken them
    back, else new ones; neither is ever another record's."""
    former = {}
    if connection.exec_driver_sql("SELECT 1 FROM retired WHERE ledger = ? LIMIT 1", (shape.table,)).first():
        found = connection.exec_driver_sql(
            f"SELECT identity, number, uid FROM retired WHERE ledger = ? AND identity {AMONG}"
            f' AND number NOT IN (SELECT id FROM "{shape.table}")',
            (shape.table, json.dumps([_identity(shape, row) for row in rows])),
        )
        former = {identity: (number, uid) for identity, number, uid in found}
    last = connection.exec_driver_sql("SELECT last FROM counter WHERE ledger = ?", (shape.table,)).scalar() or 0
    numbers = []
    for row in rows:
        number, uid = former.pop(_identity(shape, row), (None, None)) if former else (None, None)
        if number is None and shape.scattered and _apart(shape, row):
            number = _SCATTER.randrange(1, 2**53)
        elif number is None:
            last = number = last + 1
        numbers.append(number)
        row["uid"] = uid or row.get("uid") or token_hex(8)
    connection.exec_driver_sql(
        "INSERT INTO counter (ledger, last) VALUES (?, ?) ON CONFLICT (ledger) DO UPDATE SET last = excluded.last",
        (shape.table, max([last, *numbers])),
    )
    return numbers


def _apart(shape: Shape, row: Stored) -> bool:
    """Whether nothing may tell with which others the record came."""
    return shape.scattered is not None and row.get(shape.scattered[0]) == shape.scattered[1]


_ORIGINS = "SELECT uid, branch_id, number, said, change_id FROM origin WHERE ledger = ?"


@dataclass(slots=True)
class CollectedRecord:
    """A record of a branch's book, the committee's number of it, and what the book said when it was collected, now and before."""

    uid: str
    branch: int
    number: int
    said: str
    change: int
    before: list[str] = field(default_factory=list)


def collected_from(connection: Connection, ledger: str, branch: int) -> dict[str, CollectedRecord]:
    """Everything of a ledger that came from a branch's book, by the identity that it has there."""
    rows = connection.exec_driver_sql(f"{_ORIGINS} AND branch_id = ? ORDER BY change_id", (ledger, branch))
    return {record.uid: record for record in _standing(connection, rows)}


def collected_as(connection: Connection, ledger: str, numbers: Iterable[int]) -> dict[int, list[CollectedRecord]]:
    """Whence records of the committee's came, by their numbers; the latest first."""
    sql = f"{_ORIGINS} AND number {AMONG} ORDER BY change_id"
    rows = connection.exec_driver_sql(sql, (ledger, json.dumps([*numbers])))
    found: dict[int, list[CollectedRecord]] = {}
    for record in sorted(_standing(connection, rows), key=lambda record: -record.change):
        found.setdefault(record.number, []).append(record)
    return found


def _standing(connection: Connection, rows: Iterable[tuple[str, int, int, str, int]]) -> list[CollectedRecord]:
    """What is known after all collects that were not taken back."""
    undone = undone_changes(connection)
    found: dict[tuple[str, int], CollectedRecord] = {}
    for uid, branch, number, said, change in rows:
        if change not in undone:
            last = found.get((uid, branch))
            before = [*last.before, last.said] if last else []
            found[uid, branch] = CollectedRecord(uid, branch, number, said, change, before)
    return list(found.values())


def note_origins(connection: Connection, change: int, rows: Iterable[tuple[str, str, int, int, str]]) -> None:
    """Remember what a collect brought: ledger, identity, branch, number and what was said."""
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO origin (ledger, uid, branch_id, number, said, change_id) VALUES (?, ?, ?, ?, ?, ?)",
        [(*row, change) for row in rows],
    )
