"""Erasing a person from a book (抹除个人信息, 个人信息保护法第四十七条): from the records, from the history, from the bytes.

First one transaction rewrites records and history, seals the history again, and notes what is not finished. Then the file is
written anew, and the note goes when nothing is left. A run that was cut short is finished by running it again.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.store import chain, driver, engine, history, rows, settings
from partybuild_cli.store.history import Change
from partybuild_cli.store.shape import FORMAT, Document, Shape, document_of, encode_document, stored_of

_PENDING = "forgetting:"
#: A number of fewer digits may come about where two values meet.
_TELLING = 6


class Eraser(Protocol):
    """What the rooms above know of the person.

    `clean` says what is left of a record: the document itself where nothing goes; `concerns` whether an entry that says `told` of
    a record as it stood speaks of him; `owns` whether the record is about him; `named_in` whether a command that wrote no record
    was; `command` what is left of a command line, `owned` where it wrote a record that is about him.
    """

    def clean(self, ledger: str, number: int, document: Document) -> Document: ...
    def concerns(self, ledger: str, number: int, standing: Document, told: Document) -> bool: ...
    def owns(self, ledger: str, number: int, standing: Document) -> bool: ...
    def named_in(self, command: str) -> bool: ...
    def command(self, command: str, owned: bool) -> str: ...


def erase(connection: Connection, change: Change, shapes: Collection[Shape], eraser: Eraser) -> None:
    """Rewrite every record, row of the history and command line that speaks of the person; `change` notes which records.

    Unfit where the history was altered outside the tool before.
    """
    connection.exec_driver_sql("PRAGMA secure_delete = on").fetchall()
    refuse_if_altered(connection)
    touched = {(shape.table, number) for shape in shapes for number in _live(connection, shape, eraser)}
    with rewriting(connection):
        ledgers = {shape.table: shape for shape in shapes}
        rewritten, spoken = _history(connection, ledgers, eraser)
        _commands(connection, [*ledgers], spoken, eraser)
    for ledger, number in sorted(touched | rewritten):
        change.note(ledger, number, "forget", None, None)


@contextmanager
def rewriting(connection: Connection) -> Iterator[None]:
    """Let the history be rewritten, and seal it again behind that."""
    connection.exec_driver_sql("INSERT INTO erasing (change_id) VALUES (0)")
    yield
    chain.seal_again(connection)
    connection.exec_driver_sql("DELETE FROM erasing")


def rewrite(connection: Connection, row: history.Row, before: Document | None, after: Document | None) -> None:
    """Let a row of the history say this, in today's format; `rewriting` is under way."""
    texts = [None if document is None else encode_document(document) for document in (before, after)]
    connection.exec_driver_sql(
        "UPDATE change_row SET before = ?, after = ?, format = ? WHERE change_id = ? AND place = ?",
        (*texts, FORMAT, row.change, row.place),
    )


def refuse_if_altered(connection: Connection) -> None:
    """Unfit where the history was altered outside the tool: sealing it anew would cover that up."""
    verdict = chain.verify(connection)
    if verdict.altered is not None:
        raise Unfit(
            f"变更日志第 {verdict.altered} 条在本程序之外被改动过，抹除会盖住这一痕迹，没有抹除任何内容。"
            "请先用 partybuild doctor 查明。"
        )


def _live(connection: Connection, shape: Shape, eraser: Eraser) -> list[int]:
    """Rewrite the records of a ledger; the numbers of those that were touched."""
    numbers = connection.exec_driver_sql(f'SELECT id FROM "{shape.table}"').scalars().all()
    edits = []
    for number, kept in rows.kept(connection, shape, numbers).items():
        left = stored_of(shape, eraser.clean(shape.table, number, document_of(shape, kept)))
        if after := {key: value for key, value in left.items() if value != kept.get(key)}:
            edits.append(rows.Edit(number, {}, after))
    rows.edit(connection, Change(""), shape, edits)
    return [edit.number for edit in edits]


def _history(
    connection: Connection, shapes: dict[str, Shape], eraser: Eraser
) -> tuple[set[tuple[str, int]], dict[int, bool]]:
    """Rewrite the rows of the history: each says what is left of the record as it stood before and after it.

    So the history still leads, entry by entry, to what is left of the records. Answers the records whose rows were rewritten, and
    the entries that speak of the person, each with whether a record of it is about him.
    """
    rewritten: set[tuple[str, int]] = set()
    spoken: dict[int, bool] = {}
    standing: dict[str, dict[int, Document]] = {}
    for row in [row for row in history.every_row(connection) if row.action != "forget"]:
        records = standing.setdefault(row.ledger, {})
        was = {**records.get(row.number, {}), **(row.before or {})}
        history.play(records, row)
        now = records.get(row.number, {})
        for stood, told in ((was, row.before), (now, row.after)):
            if told is not None and eraser.concerns(row.ledger, row.number, stood, told):
                owned = spoken.get(row.change, False) or eraser.owns(row.ledger, row.number, stood)
                spoken[row.change] = owned
        before, after = (eraser.clean(row.ledger, row.number, stood) for stood in (was, now))
        if (before is was and after is now) or (left := _part(row, before, after)) == (row.before, row.after):
            continue
        rewrite(connection, row, *left)
        rewritten.add((row.ledger, row.number))
        shape = shapes.get(row.ledger)
        if row.action == "remove" and shape and any(was.get(name) != before.get(name) for name in shape.identity):
            # the identity of a removed record speaks of the person too; its number stays used
            retired = (shape.table, row.number)
            connection.exec_driver_sql("DELETE FROM retired WHERE ledger = ? AND number = ?", retired)
    return rewritten, spoken


def _part(row: history.Row, before: Document, after: Document) -> tuple[Document | None, Document | None]:
    """What a row says of the record that is left: all of it where it said all, else what differs."""
    if row.action != "edit":
        return None if row.before is None else before, None if row.after is None else after
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    keys = dict.fromkeys((*(row.before or ()), *(row.after or ()), *differing))
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def _commands(connection: Connection, ledgers: Sequence[str], spoken: dict[int, bool], eraser: Eraser) -> None:
    """Rewrite the command lines of the entries that speak of the person."""
    wrote = f"EXISTS (SELECT 1 FROM change_row WHERE change_id = change.id AND ledger {rows.AMONG})"
    entries = connection.exec_driver_sql(f"SELECT id, command, {wrote} FROM change", (json.dumps(ledgers),))
    said = []
    for number, command, wrote_something in entries.all():
        if number in spoken or (not wrote_something and eraser.named_in(command)):
            said.append((eraser.command(command, spoken.get(number, True)), number))
    if said:
        connection.exec_driver_sql("UPDATE change SET command = ? WHERE id = ?", said)


class Pending(NamedTuple):
    """An erasure that is not finished: the member's number, seals of the words by which he was known, files that are left."""

    number: int
    seals: frozenset[str]
    left: tuple[str, ...] = ()


def pending(connection: Connection, word: str) -> Pending | None:
    """The erasure that was begun by this word and not finished."""
    sealed = _seals(connection, [word])
    found = connection.exec_driver_sql("SELECT value FROM setting WHERE key LIKE ?", (f"{_PENDING}%",)).scalars()
    for noted in map(json.loads, found):
        if sealed <= {*noted["seals"]}:
            return Pending(noted["number"], frozenset(noted["seals"]), tuple(noted["left"]))
    return None


def note_pending(connection: Connection, number: int, words: Iterable[str], left: Iterable[Path] = ()) -> None:
    """Remember that an erasure is not finished, by which words it can be called, and which files still hold the person."""
    key = f"{_PENDING}{number}"
    before = json.loads(settings.get(connection, key) or '{"seals": []}')["seals"]
    seals = sorted({*before, *_seals(connection, [*words, str(number)])})
    settings.put(connection, key, json.dumps({"number": number, "seals": seals, "left": [str(path) for path in left]}))


def settle_pending(connection: Connection, number: int) -> None:
    """Nothing is left to do."""
    connection.exec_driver_sql("PRAGMA secure_delete = on").fetchall()
    connection.exec_driver_sql("DELETE FROM setting WHERE key = ?", (f"{_PENDING}{number}",))


def _seals(connection: Connection, words: Iterable[str]) -> set[str]:
    secret = settings.get(connection, "secret") or ""
    return {hashlib.sha256(f"{secret}:{word}".encode()).hexdigest() for word in words}


def legible(connection: Connection, path: Path, words: Collection[str]) -> set[str]:
    """Which of the words the bytes of a database hold outside of its cells; a short number is found in any file."""
    sought = {word for word in words if len(word) > 1 and not (word.isdecimal() and len(word) < _TELLING)}
    held = {word for _, text in engine.texts(connection) for word in sought if word in text}
    return readable(path, sought - held)


def readable(path: Path, words: Collection[str]) -> set[str]:
    """Which of the words can be read in the bytes of a file or of what SQLite wrote beside it."""
    content = b"".join(part.read_bytes() for part in driver.files_of(path) if part.is_file())
    return {word for word in words if word.encode() in content or json.dumps(word)[1:-1].encode() in content}
