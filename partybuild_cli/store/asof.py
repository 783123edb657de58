"""Records as they stood (历史时点): rebuilt from the history, change by change, up to the end of a day.

A rebuilt state is laid into temporary tables of the same names, which hide the real ones from every query of the
connection: what lists, shows or exports today's records does the same for an earlier day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.store import documents, journal, rows
from partybuild_cli.store.history import times
from partybuild_cli.store.rows import Stored
from partybuild_cli.store.shape import Shape


@dataclass(frozen=True, slots=True)
class Lost:
    """A record that cannot be told as it stood, because this entry of the history is damaged."""

    ledger: str
    number: int
    change: int


def last_change_on(connection: Connection, day: date) -> int:
    """The last change up to the end of a day of this machine's clock. NotFound where the book is younger."""
    end = datetime.combine(day + timedelta(days=1), time()).astimezone(UTC).isoformat(timespec="seconds")
    known = times(connection)
    found = [number for number, at in known if at < end]
    if not found:
        began = datetime.fromisoformat(known[0][1]).astimezone().date() if known else "今天"
        raise NotFound(f"{day} 还没有任何记录，这个数据库从 {began} 开始记。请换一个日期。")
    return found[-1]


def state(connection: Connection, shape: Shape, change: int) -> tuple[dict[int, Stored], list[Lost]]:
    """Every record of a ledger as change number `change` left it, by number, and those of which that cannot be told."""
    known = {*shape.columns, *(child.table for child in shape.children)}
    standing: dict[int, documents.Document] = {}
    lost: dict[int, Lost] = {}
    for row in journal.rows_of(connection, shape.table, change):
        if not row.plays or not (row.after or {}).keys() <= known:
            lost[row.number] = Lost(shape.table, row.number, row.change)
            standing.pop(row.number, None)
        elif (
            row.action in ("add", "remove") or row.number not in lost
        ):  # an entry that says all of it makes it known again
            lost.pop(row.number, None)
            journal.play(standing, row)
    return {number: documents.stored(shape, document) for number, document in standing.items()}, [*lost.values()]


def travel(connection: Connection, shapes: Iterable[Shape], change: int) -> list[Lost]:
    """Let the connection see the ledgers as they stood after `change`, until it is closed; the records that it does not see."""
    states = [(shape, *state(connection, shape, change)) for shape in shapes]
    only_reads = connection.exec_driver_sql("PRAGMA query_only").scalar_one()
    connection.exec_driver_sql("PRAGMA temp_store = memory")  # personal data stays off the disk
    connection.exec_driver_sql("PRAGMA query_only = off")
    for table in dict.fromkeys(table for shape, _, _ in states for table in _tables(shape)):
        connection.exec_driver_sql(f'CREATE TEMP TABLE "{table}" AS SELECT * FROM main."{table}" WHERE 0')
    for shape, standing, _ in states:
        rows.insert(connection, shape, list(standing.items()))
    connection.exec_driver_sql(f"PRAGMA query_only = {only_reads}")
    return [one for _, _, lost in states for one in lost]


def _tables(shape: Shape) -> Iterator[str]:
    yield shape.table
    yield from (child.table for child in shape.children)
