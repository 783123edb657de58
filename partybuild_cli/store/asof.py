"""Going back by the history: records as they stood on a day (历史时点), whether the book is what its history makes of it (重演),
and taking back a change (撤销).

A rebuilt state is laid into temporary tables of the same names, which hide the real ones from every query of the
connection: what lists, shows or exports today's records does the same for an earlier day. One command is taken back whole,
while nothing later stands on it; which is a change too, to be taken back.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.store import history, rows
from partybuild_cli.store.history import Change, Row
from partybuild_cli.store.shape import Document, Shape, Stored, stored_of


class Difference(NamedTuple):
    """A record that is not what the history makes of it; `change` where it is this entry that is damaged or does not follow."""

    ledger: str
    number: int
    change: int | None = None


def last_change_on(connection: Connection, day: date) -> int:
    """The last change up to the end of a day of this machine's clock. NotFound where the book is younger."""
    end = datetime.combine(day + timedelta(days=1), time()).astimezone(UTC).isoformat(timespec="seconds")
    known = times(connection)
    if standing := [number for number, at in known if at < end]:
        return max(standing)
    began = datetime.fromisoformat(known[0][1]).astimezone().date() if known else "今天"
    raise NotFound(f"{day} 还没有任何记录，这个数据库从 {began} 开始记。请换一个日期。")


def known_by(connection: Connection, day: date) -> int | None:
    """The last change up to the end of a day that is past; None where the book is younger, and tells of the day all the same."""
    with suppress(NotFound):
        return last_change_on(connection, day) if day < date.today() else None
    return None


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
    for position, (_, at) in enumerate(found):
        length = bisect_right(least, at)
        before.append(ends[length - 1] if length else -1)
        least[length : length + 1] = [at]
        ends[length : length + 1] = [position]
    believed, standing = ends[-1] if ends else -1, now
    for position in range(len(found) - 1, -1, -1):
        number, at = found[position]
        if position == believed:
            believed, standing = before[position], at
        found[position] = number, standing
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
    return [difference for _, _, lost in states for difference in lost]


def state(connection: Connection, shape: Shape, change: int) -> tuple[dict[int, Stored], list[Difference]]:
    """Every record of a ledger as change number `change` left it, by number, and those of which that cannot be told."""
    known = {*shape.columns, *shape.tables[1:]}
    standing: dict[int, Document] = {}
    lost: dict[int, Difference] = {}
    for row in history.rows(connection, ledger=shape.table, until=change):
        if not row.plays or not (row.after or {}).keys() <= known:
            lost[row.number] = Difference(shape.table, row.number, row.change)
            standing.pop(row.number, None)
        elif row.number not in lost or row.action in ("add", "remove"):  # which say all of it
            lost.pop(row.number, None)
            history.play(standing, row)
    return {number: stored_of(shape, standing[number]) for number in sorted(standing)}, [*lost.values()]


def differences(connection: Connection, shapes: Mapping[str, Shape], written: int | None = None) -> list[Difference]:
    """Where the book is not what its history makes of it, ledger by ledger: another program has changed it, or ours is wrong.

    `written`: see `history.rows`. Ledgers of other rooms are theirs to check.
    """
    standing: dict[str, dict[int, Document]] = {ledger: {} for ledger in shapes}
    found = []
    for row in history.rows(connection, written=written):
        if (shape := shapes.get(row.ledger)) is None or row.action == "forget":
            continue
        had, before = standing[row.ledger].get(row.number), row.before
        if row.action == "edit":
            before = before or {}
            had = None if had is None else {key: had.get(key) for key in before}
        said, left = (None if item is None else shape.plain(stored_of(shape, item)) for item in (before, had))
        if row.damaged or said != left:  # which does not follow from the ones before
            found.append(Difference(row.ledger, row.number, row.change))
        if row.plays:
            history.play(standing[row.ledger], row)
    for ledger, shape in shapes.items():
        texts, now = standing[ledger], rows.kept(connection, shape)
        for number in sorted(texts.keys() | now.keys()):
            said = stored_of(shape, texts[number]) if number in texts else None
            if shape.plain(said) != shape.plain(now.get(number)):
                found.append(Difference(ledger, number))
    return found


#: How many records a refusal to undo names.
_NAMED = 10
#: Takes back the rows of an entry that are another room's.
Others = Callable[[Connection, Change, Sequence[Row]], None]
#: Says a record in words: ledger and number.
Called = Callable[[str, int], str]
#: Acts of the index of before they stood in the history row by row; nothing older is taken back in their place.
_ACTS = re.compile(r" index (publish|object|revise|lock) ")
#: What was done later: to the records of a change, and what was removed.
_BUILT_UPON = (
    "SELECT DISTINCT later.change_id, later.ledger, later.number FROM change_row AS mine JOIN change_row AS later"
    " ON later.ledger = mine.ledger AND later.number = mine.number AND later.change_id > mine.change_id"
    " WHERE mine.change_id = ? ORDER BY later.change_id DESC"
)
_REMOVED = "SELECT change_id, ledger, number FROM change_row WHERE change_id > ? AND action = 'remove'"


def last_standing(connection: Connection) -> int:
    """The newest change that can be taken back: it did something, it is no undo, and it was not taken back yet.

    Unfit where that is an act of the index that says nothing of what it did: an older change is not taken in its place.
    """
    undone = history.undone_changes(connection)
    found = connection.exec_driver_sql(
        "SELECT id, CAST(command AS TEXT), EXISTS (SELECT 1 FROM change_row WHERE change_id = change.id) FROM change"
        " WHERE undoes IS NULL ORDER BY id DESC"
    )
    for number, command, did in found:
        if number in undone:
            continue
        if did:
            return int(number)
        if _ACTS.search(f"{command} "):
            raise Unfit(
                f"最近一次变更是先锋指数的操作（第 {number} 次，{command}），不能撤销，也没有撤销更早的。"
                "要撤销更早的变更，请用 partybuild log 查编号，再运行 partybuild undo 编号。"
            )
    raise Unfit("没有可以撤销的变更。用 partybuild log 查看所有变更。")


def undo(
    connection: Connection, change: Change, shapes: Mapping[str, Shape], called: Called, number: int, others: Others
) -> None:
    """Take back change `number` whole, within the caller's transaction; `change` becomes the entry that says so.

    `others` takes back what another room did. NotFound where there is no such change; Unfit, naming what stands on it, where it cannot be taken back.
    """
    taken = history.entry(connection, number)
    if taken.undone_by is not None:
        raise Unfit(
            f"第 {number} 次变更已被第 {taken.undone_by} 次撤销。要恢复它，请运行 partybuild undo {taken.undone_by}。"
        )
    if not taken.counts:
        raise Unfit(f"第 {number} 次变更没有改动任何记录（{taken.command}），不用撤销。")
    if taken.counts["forget"]:
        raise Unfit(f"第 {number} 次变更是按要求抹除个人信息，不能撤销。")
    if later := _later(connection, _BUILT_UPON, number):
        raise _built_upon(number, later, called)
    change.undoes = number
    connection.exec_driver_sql("DELETE FROM heading_map WHERE change_id = ?", (number,))  # what that import was taught
    done = list(history.rows(connection, change=number))
    if damaged := [row for row in done if row.damaged]:
        raise Unfit(
            f"第 {number} 次变更的第 {damaged[0].place} 行（{called(damaged[0].ledger, damaged[0].number)}）已损坏，读不出来，"
            "没有撤销任何内容。请用 partybuild doctor 查明，用 partybuild restore 对照备份。"
        )
    if theirs := [row for row in done if row.ledger not in shapes]:
        others(connection, change, theirs)
    ours = [row for row in reversed(done) if row.ledger in shapes]
    for (ledger, action), group in groupby(ours, key=lambda row: (row.ledger, row.action)):
        part = list(group)
        try:
            _take_back(connection, change, shapes[ledger], part, called)
        except IntegrityError:
            if action == "add":  # a record to be taken away is referred to
                raise _built_upon(number, _referring(connection, shapes.values(), part), called) from None
            gone = "、".join(_in_words(called, _later(connection, _REMOVED, number)))
            raise Unfit(
                f"第 {number} 次变更不能撤销，要恢复的内容引用了后来删除的记录，可能是：{gone}。"
                "没有撤销任何内容。请先撤销那些删除。"
            ) from None


def _take_back(connection: Connection, change: Change, shape: Shape, group: Sequence[Row], called: Called) -> None:
    """Undo rows of one ledger and one kind of deed, as a set."""

    def stored(document: Stored | None) -> Stored:
        return stored_of(shape, document or {})

    now = rows.kept(connection, shape, [row.number for row in group])
    for row in group:
        there, left = now.get(row.number), None if row.after is None else stored(row.after)
        if there is not None and left is not None and row.action == "edit":
            there = {key: there.get(key) for key in left}
        if shape.plain(there) != shape.plain(left):
            raise Unfit(
                f"{called(row.ledger, row.number)}在本程序之外被改过，与变更日志对不上，没有撤销任何内容。请用 partybuild doctor 查明。"
            )
    if group[0].action == "add":
        rows.remove(connection, change, shape, {row.number: now[row.number] for row in group})
    elif group[0].action == "remove":
        rows.put_back(connection, change, shape, {row.number: stored(row.before) for row in group})
    else:
        edits = [rows.Edit(row.number, stored(row.after), stored(row.before)) for row in group]
        rows.edit(connection, change, shape, edits)


#: A record in a change: change, ledger, number.
_Place = tuple[int, str, int]


def _later(connection: Connection, sql: str, number: int) -> list[_Place]:
    """What a query finds in later changes that still stand; a change and the undo of it cancel each other."""
    links = connection.exec_driver_sql("SELECT id, undoes FROM change WHERE id > ?", (number,)).all()
    undone = history.standing_undoes((change, undoes) for change, undoes in links)
    cancelled = {change for pair in undone.items() if pair[0] > number for change in pair}
    standing = {change for change, _ in links} - cancelled
    found = connection.exec_driver_sql(sql, (number,)).all() if standing else ()
    return [(*place,) for place in found if place[0] in standing]


def _in_words(called: Called, found: Sequence[_Place]) -> list[str]:
    return [f"{called(ledger, record)}（第 {change} 次变更）" for change, ledger, record in found[:_NAMED]]


def _built_upon(number: int, found: Sequence[_Place], called: Called) -> Unfit:
    return Unfit(
        f"第 {number} 次变更不能撤销，后来的内容建立在它上面：{'、'.join(_in_words(called, found))}{'等' * (len(found) > _NAMED)}。"
        "没有撤销任何内容。请先从最新的开始撤销那些变更，或直接改正记录。"
    )


def _referring(connection: Connection, shapes: Iterable[Shape], group: Sequence[Row]) -> list[_Place]:
    """The records that refer to some of the given ones, themselves or in the rows below them, each in its last change."""
    numbers, found = {row.number for row in group}, set[tuple[str, int]]()
    for shape in shapes:
        below = [(child.table, child.owner, child.ledger) for child in shape.children]
        for table, owner, ledger in [(shape.table, "id", ""), *below]:
            for key in connection.exec_driver_sql(f"PRAGMA foreign_key_list('{table}')"):
                if key[2] == group[0].ledger and key[3] != owner:
                    where = f" AND ledger = '{ledger}'" if ledger else ""
                    sql = f'SELECT DISTINCT "{owner}", "{key[3]}" FROM "{table}" WHERE "{key[3]}" IS NOT NULL{where}'
                    pairs = connection.exec_driver_sql(sql)
                    found |= {(shape.table, record) for record, target in pairs if target in numbers}
    last = "SELECT max(change_id) FROM change_row WHERE ledger = ? AND number = ?"
    return [(connection.exec_driver_sql(last, place).scalar_one(), *place) for place in sorted(found)[: _NAMED + 1]]
