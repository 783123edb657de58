"""Reading the history of a book (查阅变更日志): entries, the rows of one entry, and which entries have been taken back."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.store.history import Action

_ENTRY = 'SELECT id, at, "user", command, undoes FROM change'
#: The largest number that a database takes.
_LARGEST = 2**63 - 1
_ROWS = "SELECT ledger, number, action, before, after FROM change_row"


@dataclass(slots=True)
class Entry:
    """One change as the log lists it.

    Attributes:
        at: when, ISO time in UTC.
        undoes: the change that it took back.
        undone_by: the change that took it back, where that one still stands.
        counts: rows by action.
    """

    number: int
    at: str
    user: str
    command: str
    undoes: int | None
    undone_by: int | None = None
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a change. Before and after hold what differs for an edit, else the whole record or None."""

    ledger: str
    number: int
    action: Action
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def entries(connection: Connection, limit: int | None = None) -> list[Entry]:
    """The newest entries, newest first; all of them without a limit."""
    found = connection.exec_driver_sql(
        f"{_ENTRY} ORDER BY id DESC LIMIT ?", (-1 if limit is None else min(limit, _LARGEST),)
    )
    listed = [Entry(*row) for row in found]
    _complete(connection, listed)
    return listed


def entry(connection: Connection, number: int) -> Entry:
    """One entry. NotFound where there is none."""
    known = abs(number) <= _LARGEST
    found = connection.exec_driver_sql(f"{_ENTRY} WHERE id = ?", (number,)).first() if known else None
    if found is None:
        raise NotFound(f"变更日志中没有第 {number} 号。请用 partybuild log 查看编号。")
    one = Entry(*found)
    _complete(connection, [one])
    return one


def rows(connection: Connection, number: int) -> Iterator[Row]:
    """What an entry did, in the order in which it was done."""
    found = connection.exec_driver_sql(f"{_ROWS} WHERE change_id = ? ORDER BY place", (number,))
    for ledger, record, action, before, after in found:
        yield Row(ledger, record, action, _document(before), _document(after))


def standing_undoes(links: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    """Change -> the undo of it that still stands, from (number, undoes) of all changes.

    An undo that was itself taken back no longer counts: its change stands again.
    """
    undone: dict[int, int] = {}
    for number, undoes in sorted(links, reverse=True):
        if undoes is not None and number not in undone:
            undone[undoes] = number
    return undone


def undone_changes(connection: Connection) -> dict[int, int]:
    """`standing_undoes` of the whole book."""
    links = connection.exec_driver_sql("SELECT id, undoes FROM change WHERE undoes IS NOT NULL")
    return standing_undoes((number, undoes) for number, undoes in links)


def _complete(connection: Connection, listed: list[Entry]) -> None:
    """Add the counts, and what was taken back."""
    if not listed:
        return
    by_number = {one.number: one for one in listed}
    counts = connection.exec_driver_sql(
        "SELECT change_id, action, count(*) FROM change_row WHERE change_id BETWEEN ? AND ? GROUP BY change_id, action",
        (min(by_number), max(by_number)),
    )
    for number, action, count in counts:
        by_number[number].counts[action] = count
    for number, undo in undone_changes(connection).items():
        if number in by_number:
            by_number[number].undone_by = undo


def _document(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
