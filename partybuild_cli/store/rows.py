"""Writing records and the rows below them in sets, each with its entry in the history (成批写入).

The records rooms hand over plain dictionaries of stored values, shaped by `Shape`; a key that names a child table holds
the list of its rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.store import documents
from partybuild_cli.store.history import Change
from partybuild_cli.store.shape import ChildShape, Shape

Stored = dict[str, Any]
#: SQLite takes at most so many bound values in one statement on old builds.
CHUNK = 900
#: Draws the numbers that tell nothing of when a record came.
_SCATTER = SystemRandom()


@dataclass(frozen=True, slots=True)
class Edit:
    """A record's differing values before and after; child tables as whole lists of rows."""

    number: int
    before: Stored
    after: Stored


def add(connection: Connection, change: Change, shape: Shape, rows: Sequence[Stored]) -> list[int]:
    """Insert records, each with a number and an identity of its own; their numbers, in order.

    A record that was removed before gets back those that it had.
    """
    numbers = _number(connection, shape, rows)
    change.scattered |= {(shape.table, number) for number, row in zip(numbers, rows, strict=True) if _apart(shape, row)}
    put_back(connection, change, shape, dict(zip(numbers, rows, strict=True)))
    return numbers


def edit(connection: Connection, change: Change, shape: Shape, edits: Sequence[Edit]) -> None:
    """Update records and replace the child rows that differ."""
    for one in edits:
        before, after = documents.write(shape, one.before), documents.write(shape, one.after)
        change.note(shape.table, one.number, "edit", before, after)
    by_keys: dict[tuple[str, ...], list[Edit]] = {}
    for one in edits:
        by_keys.setdefault(tuple(key for key in one.after if key in shape.columns), []).append(one)
    for keys, group in by_keys.items():
        if keys:
            sets = ", ".join(f'"{key}" = ?' for key in keys)
            connection.exec_driver_sql(
                f'UPDATE "{shape.table}" SET {sets} WHERE id = ?',
                [(*(one.after[key] for key in keys), one.number) for one in group],
            )
    for child in shape.children:
        touched = [(one.number, one.after[child.table]) for one in edits if child.table in one.after]
        delete_children(connection, child, [number for number, _ in touched])
        insert_children(connection, child, touched)


def remove(connection: Connection, change: Change, shape: Shape, rows: Mapping[int, Stored]) -> None:
    """Delete records; the numbers they had are kept for them."""
    for number, row in rows.items():
        change.note(shape.table, number, "remove", documents.write(shape, _filled(row)), None)
    delete(connection, shape, rows)


def put_back(connection: Connection, change: Change, shape: Shape, rows: Mapping[int, Stored]) -> None:
    """Insert records under the numbers and with the identities that they had."""
    insert(connection, shape, list(rows.items()))
    for number, row in rows.items():
        change.note(shape.table, number, "add", None, documents.write(shape, _filled(row)))


def _filled(row: Stored) -> Stored:
    return {name: value for name, value in row.items() if value is not None}


def kept(connection: Connection, shape: Shape, numbers: Sequence[int]) -> dict[int, Stored]:
    """Records by number as they are kept: what is filled, and the rows below them as sorted lists."""
    found: dict[int, Stored] = {}
    for start in range(0, len(numbers), CHUNK):
        part = tuple(numbers[start : start + CHUNK])
        marks = ", ".join("?" * len(part))
        names = ", ".join(f'"{name}"' for name in shape.columns)
        sql = f'SELECT id, {names} FROM "{shape.table}" WHERE id IN ({marks})'
        for number, *row in connection.exec_driver_sql(sql, part):
            filled = zip(shape.columns, row, strict=True)
            found[number] = {name: value for name, value in filled if value is not None}
        for child in shape.children:
            names = ", ".join(f'"{name}"' for name in (child.owner, *child.columns))
            ledger = f" AND ledger = '{child.ledger}'" if child.ledger else ""
            sql = f'SELECT {names} FROM "{child.table}" WHERE "{child.owner}" IN ({marks}){ledger}'
            for number, *row in connection.exec_driver_sql(sql, part):
                found[number].setdefault(child.table, []).append(row)
    for document in found.values():
        for child in shape.children:
            if child.table in document:
                document[child.table].sort(key=str)
    return found


def delete(connection: Connection, shape: Shape, rows: Mapping[int, Stored]) -> None:
    """Delete records with what stands below them, remembering identity and number."""
    for child in shape.children:
        delete_children(connection, child, list(rows))
    if rows:
        connection.exec_driver_sql(f'DELETE FROM "{shape.table}" WHERE id = ?', [(number,) for number in rows])
        _forget_former(connection, shape, list(rows))
        connection.exec_driver_sql(
            "INSERT INTO retired (ledger, identity, number, uid) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (ledger, identity) DO UPDATE SET number = excluded.number, uid = excluded.uid",
            [(shape.table, identity_of(shape, row), number, row["uid"]) for number, row in rows.items()],
        )


def _forget_former(connection: Connection, shape: Shape, numbers: Sequence[int]) -> None:
    """A number is kept for what the record was last, and for nothing that it was before."""
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        connection.exec_driver_sql(
            f"DELETE FROM retired WHERE ledger = ? AND number IN ({', '.join('?' * len(part))})", (shape.table, *part)
        )


def insert(connection: Connection, shape: Shape, rows: Sequence[tuple[int, Stored]]) -> None:
    """Insert records under given numbers, with what stands below them."""
    if not rows:
        return
    filled: set[str] = set().union(*(row for _, row in rows))
    columns = [name for name in shape.columns if name in filled]
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * (len(columns) + 1))
    connection.exec_driver_sql(
        f'INSERT INTO "{shape.table}" (id, {names}) VALUES ({marks})',
        [(number, *map(row.get, columns)) for number, row in rows],
    )
    for child in shape.children:
        insert_children(connection, child, [(number, row.get(child.table) or ()) for number, row in rows])


def insert_children(connection: Connection, child: ChildShape, rows: Iterable[tuple[int, Iterable[Any]]]) -> None:
    """Insert the rows below records."""
    columns = (*child.owner_columns, *child.columns)
    values = [(*child.owned_by(number), *row) for number, below in rows for row in below]
    if values:
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f'INSERT INTO "{child.table}" ({names}) VALUES ({marks})', values)


def delete_children(connection: Connection, child: ChildShape, numbers: Sequence[int]) -> None:
    """Delete the rows below records."""
    if numbers:
        where = " AND ".join(f'"{name}" = ?' for name in child.owner_columns)
        connection.exec_driver_sql(
            f'DELETE FROM "{child.table}" WHERE {where}', [child.owned_by(number) for number in numbers]
        )


def identity_of(shape: Shape, row: Stored) -> str:
    """The identity of a stored row as text."""
    return json.dumps([row.get(name) for name in shape.identity], ensure_ascii=False)


def _number(connection: Connection, shape: Shape, rows: Sequence[Stored]) -> list[int]:
    """Give each row its identity, and say its number: those it had, else new ones; neither is ever another record's."""
    gone = connection.exec_driver_sql("SELECT 1 FROM retired WHERE ledger = ? LIMIT 1", (shape.table,)).first()
    retired = _retired(connection, shape, [identity_of(shape, row) for row in rows]) if gone else {}
    last = connection.exec_driver_sql("SELECT last FROM counter WHERE ledger = ?", (shape.table,)).scalar() or 0
    numbers = []
    for row in rows:
        number, uid = retired.pop(identity_of(shape, row), (None, None)) if retired else (None, None)
        if number is None:
            last, number = (last, _SCATTER.randrange(1, 2**53)) if _apart(shape, row) else (last + 1, last + 1)
        numbers.append(number)
        row["uid"] = uid or row.get("uid") or token_hex(8)
    last = max([last, *numbers])
    connection.exec_driver_sql(
        "INSERT INTO counter (ledger, last) VALUES (?, ?) ON CONFLICT (ledger) DO UPDATE SET last = excluded.last",
        (shape.table, last),
    )
    return numbers


def _apart(shape: Shape, row: Stored) -> bool:
    """Whether nothing may tell with which others the record came."""
    return shape.scattered is not None and row.get(shape.scattered[0]) == shape.scattered[1]


def _retired(connection: Connection, shape: Shape, identities: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Numbers and identities of removed records among `identities`, where no living record has taken them back."""
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(identities), CHUNK):
        part = tuple(identities[start : start + CHUNK])
        rows = connection.exec_driver_sql(
            f"SELECT identity, number, uid FROM retired WHERE ledger = ? AND identity IN ({', '.join('?' * len(part))})"
            f' AND number NOT IN (SELECT id FROM "{shape.table}")',
            (shape.table, *part),
        )
        found |= {identity: (number, uid) for identity, number, uid in rows}
    return found
