"""Erasing a person from a book (抹除个人信息, 个人信息保护法第四十七条): from the records, from the history, from the free pages.

What counts stays. The history is sealed again from the first entry that was touched, in the same transaction, and only
where every seal was sound before; the entry that follows names every record that was touched.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.store import rows, settings
from partybuild_cli.store.history import HEAD, Change, fingerprint
from partybuild_cli.store.shape import Shape
from partybuild_cli.store.verify import verify

#: What is left of a record: ledger, number, its document or the differing part of it.
Scrub = Callable[[str, int, dict[str, Any]], dict[str, Any]]
_BATCH = 1000


def erase(
    connection: Connection, change: Change, shapes: Iterable[Shape], scrub: Scrub, text: Callable[[str], str]
) -> None:
    """Let `scrub` rewrite every record and every row of the history, and `text` every command line.

    `change` notes the records that were touched. Unfit where the history was altered outside the tool before.
    """
    refuse_if_altered(connection)
    touched = {(shape.table, number) for shape in shapes for number in _live(connection, shape, scrub)}
    connection.exec_driver_sql("INSERT INTO erasing (change_id) SELECT max(id) FROM change")
    touched |= set(_history(connection, scrub))
    _commands(connection, touched, text)
    _retired(connection, text)
    _seal(connection)
    connection.exec_driver_sql("DELETE FROM erasing")
    for ledger, number in sorted(touched):
        change.note(ledger, number, "forget", None, None)


def refuse_if_altered(connection: Connection) -> None:
    """Unfit where the history was altered outside the tool: sealing it anew would cover that up."""
    verdict = verify(connection)
    if verdict.altered is not None:
        raise Unfit(
            f"变更日志第 {verdict.altered} 条在本程序之外被改动过，抹除会盖住这一痕迹，没有抹除任何内容。"
            "请先用 partybuild doctor 查明。"
        )


def documents(connection: Connection) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Every document of the history: ledger, number, content."""
    for ledger, number, before, after in connection.exec_driver_sql(
        "SELECT ledger, number, before, after FROM change_row"
    ):
        for document in (before, after):
            if document is not None:
                yield ledger, number, json.loads(document)


def _live(connection: Connection, shape: Shape, scrub: Scrub) -> list[int]:
    """Rewrite the records of a ledger; the numbers of those that were touched."""
    numbers = connection.exec_driver_sql(f'SELECT id FROM "{shape.table}"').scalars().all()
    edits = []
    for at in range(0, len(numbers), _BATCH):
        for number, document in rows.documents(connection, shape, numbers[at : at + _BATCH]).items():
            left = scrub(shape.table, number, document)
            after = {key: value for key, value in left.items() if value != document.get(key)}
            if after:
                edits.append(rows.Edit(number, {}, after))
    rows.edit(connection, Change(""), shape, edits)
    return [edit.number for edit in edits]


def _history(connection: Connection, scrub: Scrub) -> Iterator[tuple[str, int]]:
    """Rewrite the rows of the history; the records that were touched."""
    found = connection.exec_driver_sql("SELECT change_id, place, ledger, number, before, after FROM change_row").all()
    for change, place, ledger, number, *texts in found:
        left = [None if text is None else _scrubbed(text, ledger, number, scrub) for text in texts]
        if left != texts:
            connection.exec_driver_sql(
                "UPDATE change_row SET before = ?, after = ? WHERE change_id = ? AND place = ?", (*left, change, place)
            )
            yield ledger, number


def _commands(connection: Connection, touched: set[tuple[str, int]], text: Callable[[str], str]) -> None:
    """Rewrite the command lines: one that wrote a touched record loses its options, for they said the same."""
    found = connection.exec_driver_sql("SELECT change_id, ledger, number FROM change_row")
    wrote = {change for change, *record in found if tuple(record) in touched}
    said = []
    for number, command in connection.exec_driver_sql("SELECT id, command FROM change").all():
        words, dashes, _ = command.partition(" --")
        left = text(f"{words}（其余已抹除）" if dashes and number in wrote else command)
        if left != command:
            said.append((left, number))
    if said:
        connection.exec_driver_sql("UPDATE change SET command = ? WHERE id = ?", said)


def _scrubbed(text: str, ledger: str, number: int, scrub: Scrub) -> str:
    document = json.loads(text)
    left = scrub(ledger, number, document)
    return text if left == document else json.dumps(left, ensure_ascii=False, separators=(",", ":"))


def _retired(connection: Connection, text: Callable[[str], str]) -> None:
    """Forget the identities of removed records that speak of the person; their numbers stay used."""
    found = connection.exec_driver_sql("SELECT ledger, identity FROM retired").all()
    gone = [(ledger, identity) for ledger, identity in found if text(identity) != identity]
    if gone:
        connection.exec_driver_sql("DELETE FROM retired WHERE ledger = ? AND identity = ?", gone)


def _seal(connection: Connection) -> None:
    """Compute every hash of the chain anew, and keep those that differ."""
    heads = connection.exec_driver_sql('SELECT id, at, "user", command, undoes, hash FROM change ORDER BY id').all()
    found = connection.exec_driver_sql(
        "SELECT change_id, place, ledger, number, action, before, after FROM change_row ORDER BY change_id, place"
    )
    content = {number: [tuple(row) for row in group] for number, group in groupby(found, key=lambda row: row[0])}
    previous, sealed = "", []
    for *head, kept in heads:
        previous = fingerprint(previous, tuple(head), content.get(head[0], []))
        if previous != kept:
            sealed.append((previous, head[0]))
    if sealed:
        connection.exec_driver_sql("UPDATE change SET hash = ? WHERE id = ?", sealed)
    settings.put(connection, HEAD, f"{heads[-1][0]}:{previous}")
