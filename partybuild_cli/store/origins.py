"""Where collected records came from (汇总的来源): which record of a branch's book, by its identity there, and what was said."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from partybuild_cli.store import history
from partybuild_cli.store.rows import AMONG

_SQL = "SELECT uid, branch_id, number, said, change_id FROM origin WHERE ledger = ?"


@dataclass(slots=True)
class CollectedRecord:
    """A record of a branch's book, the committee's number of it, and what the book said when it was collected, now and before."""

    uid: str
    branch: int
    number: int
    said: str
    change: int
    before: list[str] = field(default_factory=list)


def of_branch(connection: Connection, ledger: str, branch: int) -> dict[str, CollectedRecord]:
    """Everything of a ledger that came from a branch's book, by the identity that it has there."""
    rows = connection.exec_driver_sql(f"{_SQL} AND branch_id = ? ORDER BY change_id", (ledger, branch))
    return {one.uid: one for one in _standing(connection, rows)}


def of_records(connection: Connection, ledger: str, numbers: Iterable[int]) -> dict[int, list[CollectedRecord]]:
    """Whence records of the committee's came, by their numbers; the latest first."""
    sql = f"{_SQL} AND number {AMONG} ORDER BY change_id"
    rows = connection.exec_driver_sql(sql, (ledger, json.dumps([*numbers])))
    found: dict[int, list[CollectedRecord]] = {}
    for one in sorted(_standing(connection, rows), key=lambda one: -one.change):
        found.setdefault(one.number, []).append(one)
    return found


def _standing(connection: Connection, rows: Iterable[tuple[str, int, int, str, int]]) -> list[CollectedRecord]:
    """What is known after all collects that were not taken back."""
    undone = history.undone_changes(connection)
    found: dict[tuple[str, int], CollectedRecord] = {}
    for uid, branch, number, said, change in rows:
        if change not in undone:
            last = found.get((uid, branch))
            before = [*last.before, last.said] if last else []
            found[uid, branch] = CollectedRecord(uid, branch, number, said, change, before)
    return list(found.values())


def note(connection: Connection, change: int, rows: Iterable[tuple[str, str, int, int, str]]) -> None:
    """Remember what a collect brought: ledger, identity, branch, number and what was said."""
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO origin (ledger, uid, branch_id, number, said, change_id) VALUES (?, ?, ?, ?, ?, ?)",
        [(*row, change) for row in rows],
    )
