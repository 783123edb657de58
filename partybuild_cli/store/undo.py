"""Taking back a change (撤销): one command whole, while nothing later stands on it; which is a change too, to be taken back."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from partybuild_cli.errors import Unfit
from partybuild_cli.store import history, rows
from partybuild_cli.store.history import Change, Row
from partybuild_cli.store.shape import Shape, Stored, stored_of

#: How many records a refusal names.
_NAMED = 10
#: Takes back the rows of an entry that are another room's.
Others = Callable[[Connection, Change, Sequence[Row]], None]
#: Acts of the index of before they stood in the history row by row; nothing older is taken back in their place.
_ACTS = re.compile(r" index (publish|object|revise|lock) ")
#: What was done later: to the records of a change, and what was removed.
_BUILT_UPON = (
    "SELECT DISTINCT later.change_id, later.ledger, later.number FROM change_row AS mine JOIN change_row AS later"
    " ON later.ledger = mine.ledger AND later.number = mine.number AND later.change_id > mine.change_id"
    " WHERE mine.change_id = ? ORDER BY later.change_id DESC"
)
_REMOVED = "SELECT change_id, ledger, number FROM change_row WHERE change_id > ? AND action = 'remove'"
#: Says a record in words: ledger and number.
Called = Callable[[str, int], str]


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
    if later := _later(connection, _BUILT_UPON, number, called):
        raise _built_upon(number, later)
    change.undoes = number
    connection.exec_driver_sql("DELETE FROM heading_map WHERE change_id = ?", (number,))  # what that import was taught
    done = list(history.rows(connection, number))
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
                raise _built_upon(number, _referring(connection, shapes.values(), part, called)) from None
            gone = "、".join(_later(connection, _REMOVED, number, called)[:_NAMED])
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


def _later(connection: Connection, sql: str, number: int, called: Called) -> list[str]:
    """In words the records (change, ledger, number) that a query finds in later changes that still stand.

    A change and the undo of it cancel each other.
    """
    links = connection.exec_driver_sql("SELECT id, undoes FROM change WHERE id > ?", (number,)).all()
    undone = history.standing_undoes((change, undoes) for change, undoes in links)
    cancelled = {change for pair in undone.items() if pair[0] > number for change in pair}
    standing = {change for change, _ in links} - cancelled
    found = connection.exec_driver_sql(sql, (number,)).all() if standing else ()
    return [_in_words(called, *place) for place in found if place[0] in standing]


def _in_words(called: Called, change: int, ledger: str, record: int) -> str:
    return f"{called(ledger, record)}（第 {change} 次变更）"


def _built_upon(number: int, found: Sequence[str]) -> Unfit:
    more = "等" if len(found) > _NAMED else ""
    return Unfit(
        f"第 {number} 次变更不能撤销，后来的内容建立在它上面：{'、'.join(found[:_NAMED])}{more}。"
        "没有撤销任何内容。请先从最新的开始撤销那些变更，或直接改正记录。"
    )


def _referring(connection: Connection, shapes: Iterable[Shape], group: Sequence[Row], called: Called) -> list[str]:
    """In words the records that refer to some of the given ones, themselves or in the rows below them, each in its last change."""
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
    named = sorted(found)[: _NAMED + 1]
    return [_in_words(called, connection.exec_driver_sql(last, place).scalar_one(), *place) for place in named]
