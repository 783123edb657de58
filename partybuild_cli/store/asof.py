"""Records as they stood (历史时点): rebuilt from the history, change by change, up to the end of a day.

A rebuilt state is laid into temporary tables of the same names, which hide the real ones from every query of the
connection: what lists, shows or exports today's records does the same for an earlier day.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.store import documents, journal, rows
from partybuild_cli.store.rows import Stored
from partybuild_cli.store.shape import Shape


def last_change_on(connection: Connection, day: date) -> int:
    """The last change up to the end of a day of this machine's clock. NotFound where the book is younger."""
    end = datetime.combine(day + timedelta(days=1), time()).astimezone(UTC).isoformat(timespec="seconds")
    found = connection.exec_driver_sql("SELECT max(id) FROM change WHERE at < ?", (end,)).scalar()
    if found is None:
        first = connection.exec_driver_sql("SELECT min(at) FROM change").scalar()
        began = datetime.fromisoformat(first).astimezone().date() if first else "今天"
        raise NotFound(f"{day} 还没有任何记录，这个数据库从 {began} 开始记。请换一个日期。")
    return int(found)


def state(connection: Connection, shape: Shape, change: int) -> dict[int, Stored]:
    """Every record of a ledger as change number `change` left it, by number."""
    standing: dict[int, documents.Document] = {}
    for row in journal.rows_of(connection, shape.table, change):
        journal.play(standing, row)
    return {number: documents.stored(shape, document) for number, document in standing.items()}


def travel(connection: Connection, shapes: Iterable[Shape], change: int) -> None:
    """Let the connection see the ledgers as they stood after `change`, until it is closed."""
    states = [(shape, state(connection, shape, change)) for shape in shapes]
    only_reads = connection.exec_driver_sql("PRAGMA query_only").scalar_one()
    connection.exec_driver_sql("PRAGMA temp_store = memory")  # personal data stays off the disk
    connection.exec_driver_sql("PRAGMA query_only = off")
    for table in dict.fromkeys(table for shape, _ in states for table in _tables(shape)):
        connection.exec_driver_sql(f'CREATE TEMP TABLE "{table}" AS SELECT * FROM main."{table}" WHERE 0')
    for shape, standing in states:
        rows.insert(connection, shape, list(standing.items()))
    connection.exec_driver_sql(f"PRAGMA query_only = {only_reads}")


def _tables(shape: Shape) -> Iterator[str]:
    yield shape.table
    yield from (child.table for child in shape.children)
