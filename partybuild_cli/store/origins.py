"""Where collected records came from (汇总的来源): which record of which branch's book, and what that book said of it last.

A record is followed by the identity that it has in the branch's book, whatever the book is called or restored from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from partybuild_cli.store import journal
from partybuild_cli.store.rows import CHUNK

_SQL = "SELECT uid, branch_id, number, said, change_id FROM origin WHERE ledger = ?"


@dataclass(slots=True)
class Known:
    """A record of a branch's book as the committee knows it.

    Attributes:
        number: of the committee's record.
        said: what the book said of it when it was collected last, as `records/base/origin.py` writes it; `before`: earlier.
    """

    uid: str
    branch: int
    number: int
    said: str
    change: int
    before: list[str] = field(default_factory=list)


def of_branch(connection: Connection, ledger: str, branch: int) -> dict[str, Known]:
    """Everything of a ledger that came from a branch's book, by the identity that it has there."""
    rows = connection.exec_driver_sql(f"{_SQL} AND branch_id = ? ORDER BY change_id", (ledger, branch))
    return {one.uid: one for one in _standing(connection, rows)}


def of_records(connection: Connection, ledger: str, numbers: Iterable[int]) -> dict[int, list[Known]]:
    """Whence records of the committee's came, by their numbers; the latest first."""
    found: dict[int, list[Known]] = {}
    wanted = list(numbers)
    for at in range(0, len(wanted), CHUNK):
        part = wanted[at : at + CHUNK]
        sql = f"{_SQL} AND number IN ({', '.join('?' * len(part))}) ORDER BY change_id"
        for one in _standing(connection, connection.exec_driver_sql(sql, (ledger, *part))):
            found.setdefault(one.number, []).append(one)
    for known in found.values():
        known.sort(key=lambda one: -one.change)
    return found


def _standing(connection: Connection, rows: Iterable[tuple[str, int, int, str, int]]) -> list[Known]:
    """What is known after all collects that were not taken back."""
    undone = journal.undone_changes(connection)
    found: dict[tuple[str, int], Known] = {}
    for uid, branch, number, said, change in rows:
        if change not in undone:
            last = found.get((uid, branch))
            before = [*last.before, last.said] if last else []
            found[uid, branch] = Known(uid, branch, number, said, change, before)
    return list(found.values())


def note(connection: Connection, change: int, rows: Iterable[tuple[str, str, int, int, str]]) -> None:
    """Remember what a collect brought: ledger, identity, branch, number and what was said."""
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO origin (ledger, uid, branch_id, number, said, change_id) VALUES (?, ?, ?, ?, ?, ?)",
        [(*row, change) for row in rows],
    )
