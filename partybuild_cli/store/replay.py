"""Building the book again from its history (重演): every entry in its order, each held against what the ones before it left.

What comes out must be what the tables hold. Where it is not, the book was changed with another program, or the program that
carried it forward did not do its work; either way a person must know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.store import documents, journal, rows
from partybuild_cli.store.documents import Document
from partybuild_cli.store.shape import Shape


@dataclass(frozen=True, slots=True)
class Difference:
    """A record of which history and book say different things; `change` where an entry does not follow from those before."""

    ledger: str
    number: int
    change: int | None = None


def differences(connection: Connection, shapes: Mapping[str, Shape], written: int | None = None) -> list[Difference]:
    """Where the book is not what its history makes of it, ledger by ledger; nothing where all is well.

    `written`: see `journal.every_row`.
    """
    standing: dict[str, dict[int, Document]] = {ledger: {} for ledger in shapes}
    found = list(_played(connection, shapes, standing, written))
    for ledger, shape in shapes.items():
        numbers = connection.exec_driver_sql(f'SELECT id FROM "{ledger}" ORDER BY id').scalars().all()
        told, now = standing[ledger], rows.kept(connection, shape, numbers)
        for number in sorted(told.keys() | now.keys()):
            said = documents.stored(shape, told[number]) if number in told else None
            if _plain(said) != _plain(now.get(number)):
                found.append(Difference(ledger, number))
    return found


def _played(
    connection: Connection, shapes: Mapping[str, Shape], standing: dict[str, dict[int, Document]], written: int | None
) -> Iterator[Difference]:
    """Play every entry, and name those that do not follow from the ones before. Ledgers of other rooms are theirs to check."""
    for row in journal.every_row(connection, written):
        shape = shapes.get(row.ledger)
        if shape is None or row.action == "forget":
            continue
        if row.damaged:
            yield Difference(row.ledger, row.number, row.change)
        if not row.plays:
            continue
        had, before = standing[row.ledger].get(row.number), row.before
        if row.action == "edit":
            before = before or {}
            had = None if had is None else {key: had.get(key) for key in before}
        said, left = (None if one is None else _plain(documents.stored(shape, one)) for one in (before, had))
        if said != left and not row.damaged:
            yield Difference(row.ledger, row.number, row.change)
        journal.play(standing[row.ledger], row)


def _plain(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A record for comparing: what is blank, and rows below it that are none, say nothing; their order says nothing."""
    if stored is None:
        return None
    return {
        key: sorted((list(row) for row in value), key=str) if isinstance(value, list) else value
        for key, value in stored.items()
        if value is not None and value != []
    }
