"""Records by their history: as they stood on a day (历史时点), and whether the book is what its history makes of it (重演).

A rebuilt state is laid into temporary tables of the same names, which hide the real ones from every query of the
connection: what lists, shows or exports today's records does the same for an earlier day.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.store import history, rows
from partybuild_cli.store.shape import Document, Shape, Stored, stored_of


class Difference(NamedTuple):
    """A record that is not what the history makes of it; `change` where it is this entry that is damaged or does not follow."""

    ledger: str
    number: int
    change: int | None = None


def last_change_on(connection: Connection, day: date) -> int:
    """The last change up to the end of a day of this machine's clock. NotFound where the book is younger."""
    last = _last_by(connection, day)
    if last is None:
        known = times(connection)
        began = datetime.fromisoformat(known[0][1]).astimezone().date() if known else "今天"
        raise NotFound(f"{day} 还没有任何记录，这个数据库从 {began} 开始记。请换一个日期。")
    return last


def known_by(connection: Connection, day: date) -> int | None:
    """The last change up to the end of a day that is past; None where the book is younger, and tells of the day all the same."""
    return _last_by(connection, day) if day < date.today() else None


def _last_by(connection: Connection, day: date) -> int | None:
    end = datetime.combine(day + timedelta(days=1), time()).astimezone(UTC).isoformat(timespec="seconds")
    return max((number for number, at in times(connection) if at < end), default=None)


def added_after(connection: Connection, ledger: str, change: int | None) -> set[int]:
    """The records of a ledger that came into the book after a change. What was removed and taken back was there all along."""
    sql = (
        "SELECT r.number FROM change_row AS r JOIN change AS c ON c.id = r.change_id"
        " WHERE r.ledger = ? AND r.action = 'add' AND c.undoes IS NULL GROUP BY r.number HAVING min(r.change_id) > ?"
    )
    return set() if change is None else set(connection.exec_driver_sql(sql, (ledger, change)).scalars())


def times(connection: Connection) -> list[tuple[int, str]]:
    """Each entry's number and the time by which it surely stood: where its own fits no order, that of the next one believed.

    The clock may have lied: nothing is believed to be of tomorrow, and of the others as many as can be in the order of their
    numbers, rather later ones.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    found = [
        (number, min(at.decode("utf8", "backslashreplace"), now))
        for number, at in connection.exec_driver_sql("SELECT id, CAST(at AS BLOB) FROM change ORDER BY id")
    ]
    least: list[str] = []  # the least time at which a run of each length ends, and the entry that ends it
    ends: list[int] = []
    before: list[int] = []
    for place, (_, at) in enumerate(found):
        length = bisect_right(least, at)
        before.append(ends[length - 1] if length else -1)
        least[length : length + 1] = [at]
        ends[length : length + 1] = [place]
    believed, standing = ends[-1] if ends else -1, now
    for place in range(len(found) - 1, -1, -1):
        number, at = found[place]
        if place == believed:
            believed, standing = before[place], at
        found[place] = number, standing
    return found


def travel(connection: Connection, shapes: Iterable[Shape], change: int) -> list[Difference]:
    """Let the connection see the ledgers as they stood after `change`, until it is closed; the records that cannot be told."""
    states = [(shape, *state(connection, shape, change)) for shape in shapes]
    only_reads = connection.exec_driver_sql("PRAGMA query_only").scalar_one()
    connection.exec_driver_sql("PRAGMA temp_store = memory")  # personal data stays off the disk
    connection.exec_driver_sql("PRAGMA query_only = off")
    for table in dict.fromkeys(table for shape, _, _ in states for table in shape.tables):
        connection.exec_driver_sql(f'CREATE TEMP TABLE "{table}" AS SELECT * FROM main."{table}" WHERE 0')
    for shape, standing, _ in states:
        rows.insert(connection, shape, standing)
    connection.exec_driver_sql(f"PRAGMA query_only = {only_reads}")
    return [one for _, _, lost in states for one in lost]


def state(connection: Connection, shape: Shape, change: int) -> tuple[dict[int, Stored], list[Difference]]:
    """Every record of a ledger as change number `change` left it, by number, and those of which that cannot be told."""
    known = {*shape.columns, *shape.tables[1:]}
    standing: dict[int, Document] = {}
    lost: dict[int, Difference] = {}
    for row in history.rows_of(connection, shape.table, change):
        if not row.plays or not (row.after or {}).keys() <= known:
            lost[row.number] = Difference(shape.table, row.number, row.change)
            standing.pop(row.number, None)
        elif row.number not in lost or row.action in ("add", "remove"):  # which say all of it
            lost.pop(row.number, None)
            history.play(standing, row)
    return {number: stored_of(shape, document) for number, document in standing.items()}, [*lost.values()]


def differences(connection: Connection, shapes: Mapping[str, Shape], written: int | None = None) -> list[Difference]:
    """Where the book is not what its history makes of it, ledger by ledger: another program has changed it, or ours is wrong.

    `written`: see `history.every_row`.
    """
    standing: dict[str, dict[int, Document]] = {ledger: {} for ledger in shapes}
    found = list(_played(connection, shapes, standing, written))
    for ledger, shape in shapes.items():
        numbers = connection.exec_driver_sql(f'SELECT id FROM "{ledger}" ORDER BY id').scalars().all()
        told, now = standing[ledger], rows.kept(connection, shape, numbers)
        for number in sorted(told.keys() | now.keys()):
            said = stored_of(shape, told[number]) if number in told else None
            if shape.plain(said) != shape.plain(now.get(number)):
                found.append(Difference(ledger, number))
    return found


def _played(
    connection: Connection, shapes: Mapping[str, Shape], standing: dict[str, dict[int, Document]], written: int | None
) -> Iterator[Difference]:
    """Play every entry, and name those that do not follow from the ones before. Ledgers of other rooms are theirs to check."""
    for row in history.every_row(connection, written):
        shape = shapes.get(row.ledger)
        if shape is None or row.action == "forget":
            continue
        had, before = standing[row.ledger].get(row.number), row.before
        if row.action == "edit":
            before = before or {}
            had = None if had is None else {key: had.get(key) for key in before}
        said, left = (None if one is None else shape.plain(stored_of(shape, one)) for one in (before, had))
        if row.damaged or said != left:
            yield Difference(row.ledger, row.number, row.change)
        if row.plays:
            history.play(standing[row.ledger], row)
