"""Meetings of which an earlier version took for granted that all had come (推定): finding them, and saying how it was."""

from collections.abc import Sequence

from sqlalchemy import Connection

from partybuild_cli.records.base.loaded import load_below
from partybuild_cli.records.base.query import pick
from partybuild_cli.records.meeting import Basis, Meeting
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.store.rows import Edit


def presumed(connection: Connection) -> list[int]:
    """The meetings of which an earlier version took for granted that all had come (推定)."""
    sql = "SELECT meeting_id FROM headcount JOIN meeting ON meeting.id = meeting_id WHERE basis = ? ORDER BY held_on, 1"
    return list(connection.exec_driver_sql(sql, (str(Basis.PRESUMED),)).scalars())


def settle_presumed(connection: Connection, change: Change, numbers: Sequence[int], came: bool) -> None:
    """Say of such meetings that all came indeed, or that nobody knows who came."""
    kept, edits = load_below(connection, pick(connection, Meeting, numbers)), []
    for number in numbers:
        full = kept.full(number)
        tables = ["headcount"] if came else ["headcount", "attendance"]
        edits.append(Edit(number, {one: full[one] for one in tables}, {one: [] for one in tables}))
    store.edit(connection, change, Meeting.shape(), edits)
