"""Erasing a person from a book (抹除个人信息, 个人信息保护法第四十七条): from the records, from the history, from the free pages.

What counts stays. The history is sealed again from the first entry that was touched, in the same transaction, and only
where every seal was sound before; the entry that follows names every record that was touched.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.store import chain, documents, journal, rows
from partybuild_cli.store.documents import Document
from partybuild_cli.store.history import Change
from partybuild_cli.store.shape import Shape

#: What is left of a record: ledger, number, its document or the differing part of it.
Scrub = Callable[[str, int, Document], Document]
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
    chain.seal_again(connection)
    connection.exec_driver_sql("DELETE FROM erasing")
    for ledger, number in sorted(touched):
        change.note(ledger, number, "forget", None, None)


def refuse_if_altered(connection: Connection) -> None:
    """Unfit where the history was altered outside the tool: sealing it anew would cover that up."""
    verdict = chain.verify(connection)
    if verdict.altered is not None:
        raise Unfit(
            f"变更日志第 {verdict.altered} 条在本程序之外被改动过，抹除会盖住这一痕迹，没有抹除任何内容。"
            "请先用 partybuild doctor 查明。"
        )


def every_document(connection: Connection) -> Iterator[tuple[str, int, Document]]:
    """Every document of the history: ledger, number, content."""
    for row in journal.every_row(connection):
        for document in (row.before, row.after):
            if document is not None:
                yield row.ledger, row.number, document


def _live(connection: Connection, shape: Shape, scrub: Scrub) -> list[int]:
    """Rewrite the records of a ledger; the numbers of those that were touched."""
    numbers = connection.exec_driver_sql(f'SELECT id FROM "{shape.table}"').scalars().all()
    edits = []
    for at in range(0, len(numbers), _BATCH):
        for number, kept in rows.kept(connection, shape, numbers[at : at + _BATCH]).items():
            left = documents.stored(shape, scrub(shape.table, number, documents.named(shape, kept)))
            after = {key: value for key, value in left.items() if value != kept.get(key)}
            if after:
                edits.append(rows.Edit(number, {}, after))
    rows.edit(connection, Change(""), shape, edits)
    return [edit.number for edit in edits]


def _history(connection: Connection, scrub: Scrub) -> Iterator[tuple[str, int]]:
    """Rewrite the rows of the history, in today's format; the records that were touched."""
    for row in list(journal.every_row(connection)):
        told = (row.before, row.after)
        left = [None if one is None else scrub(row.ledger, row.number, one) for one in told]
        if left != [*told]:
            texts = [None if one is None else documents.encode(one) for one in left]
            connection.exec_driver_sql(
                "UPDATE change_row SET before = ?, after = ?, format = ? WHERE change_id = ? AND place = ?",
                (*texts, documents.FORMAT, row.change, row.place),
            )
            yield row.ledger, row.number


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


def _retired(connection: Connection, text: Callable[[str], str]) -> None:
    """Forget the identities of removed records that speak of the person; their numbers stay used."""
    found = connection.exec_driver_sql("SELECT ledger, identity FROM retired").all()
    gone = [(ledger, identity) for ledger, identity in found if text(identity) != identity]
    if gone:
        connection.exec_driver_sql("DELETE FROM retired WHERE ledger = ? AND identity = ?", gone)
