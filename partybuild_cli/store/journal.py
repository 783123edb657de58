"""Reading the history of a book (查阅变更日志): entries, the rows of one entry, and which entries have been taken back."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.store import documents, settings
from partybuild_cli.store.documents import Document
from partybuild_cli.store.history import Action
from partybuild_cli.values.kind import Primitive

_ENTRY = 'SELECT id, CAST(at AS BLOB), CAST("user" AS BLOB), CAST(command AS BLOB), undoes FROM change'
#: The largest number that a database takes.
_LARGEST = 2**63 - 1
#: Texts are read as bytes: one that is none must not end the reading of all others.
_ROWS = (
    "SELECT change_id, place, CAST(ledger AS BLOB), number, CAST(action AS BLOB), CAST(before AS BLOB), CAST(after AS BLOB),"
    " {format} FROM change_row"
)
#: What may be done to a record, and which of before and after there is none of then.
_DEEDS: dict[bytes, tuple[Action, tuple[bool, bool]]] = {
    b"add": ("add", (True, False)), b"edit": ("edit", (False, False)), b"remove": ("remove", (False, True)),
    b"forget": ("forget", (True, True)),
}  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One change as the log lists it: when (ISO, UTC), what it took back, what took it back and still stands, rows by action."""

    number: int
    at: str
    user: str
    command: str
    undoes: int | None
    undone_by: int | None = None
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a change, before and after it: what differs for an edit, else the whole record or None.

    `damaged` names the parts that can no longer be read: `before`, `after`, or `row` for what was done to which record.
    """

    change: int
    place: int
    ledger: str
    number: int
    action: Action
    before: Document | None
    after: Document | None
    damaged: frozenset[str] = frozenset()

    @property
    def plays(self) -> bool:
        """Whether it can be known what the row made of the record."""
        return not self.damaged & {"row", "after"}


def entries(connection: Connection, limit: int | None = None) -> list[Entry]:
    """The newest entries, newest first; all of them without a limit."""
    found = connection.exec_driver_sql(
        f"{_ENTRY} ORDER BY id DESC LIMIT ?", (-1 if limit is None else min(limit, _LARGEST),)
    )
    listed = [_entry(*row) for row in found]
    _complete(connection, listed)
    return listed


def entry(connection: Connection, number: int) -> Entry:
    """One entry. NotFound where there is none."""
    known = abs(number) <= _LARGEST
    found = connection.exec_driver_sql(f"{_ENTRY} WHERE id = ?", (number,)).first() if known else None
    if found is None:
        raise NotFound(f"变更日志中没有第 {number} 号。请用 partybuild log 查看编号。")
    one = _entry(*found)
    _complete(connection, [one])
    return one


def _entry(number: int, at: bytes, user: bytes, command: bytes, undoes: int | str | None) -> Entry:
    """An entry; what is no text in it stands there as it can be read."""
    when, who, words = (text.decode("utf8", "backslashreplace") for text in (at, user, command))
    return Entry(number, when, who, words, undoes if isinstance(undoes, int) else None)


def rows(connection: Connection, number: int) -> Iterator[Row]:
    """What an entry did, in the order in which it was done."""
    return _read(connection, f"{_ROWS} WHERE change_id = ? ORDER BY place", (number,))


def every_row(connection: Connection, written: int | None = None) -> Iterator[Row]:
    """What all entries did, in order; `written` is the format of a book that is too old to say it itself."""
    return _read(connection, f"{_ROWS} ORDER BY change_id, place", (), written)


def rows_of(connection: Connection, ledger: str, until: int) -> Iterator[Row]:
    """What happened to the records of a ledger up to an entry, record by record."""
    sql = f"{_ROWS} WHERE ledger = ? AND change_id <= ? ORDER BY number, change_id, place"
    return _read(connection, sql, (ledger, until))


def edits_of(connection: Connection, ledger: str, numbers: Sequence[int]) -> Iterator[Row]:
    """What was changed in some records of a ledger, oldest first."""
    where = "ledger = ? AND action = 'edit' AND number IN (SELECT value FROM json_each(?))"
    return _read(connection, f"{_ROWS} WHERE {where} ORDER BY change_id, place", (ledger, json.dumps([*numbers])))


def once_here(connection: Connection, ledger: str, uids: Sequence[str]) -> set[str]:
    """Those of the identities that a record of a ledger has, or had before it was removed."""
    uid = "CASE WHEN json_valid(after) THEN json_extract(after, '$.uid') END"
    sql = f"SELECT {uid} FROM change_row WHERE ledger = ? AND action = 'add' AND {uid} IN (SELECT value FROM json_each(?))"
    return {one for (one,) in connection.exec_driver_sql(sql, (ledger, json.dumps([*uids])))}


def stamps(connection: Connection) -> dict[int, str]:
    """A short name for each change of this book; a change of another book, or of a copy that went its own way, has another."""
    book = settings.get(connection, "book") or ""
    changes = connection.exec_driver_sql('SELECT id, at, "user" FROM change')
    return {change[0]: sha256("\n".join(map(str, (book, *change))).encode()).hexdigest()[:8] for change in changes}


def stamps_of(connection: Connection, ledger: str, *, past: bool = False) -> dict[int, str]:
    """For each record of a ledger the name of the change that touched it last; of a day that is `past` that by which it came."""
    names = stamps(connection)
    last = connection.exec_driver_sql(
        f"SELECT number, {'min' if past else 'max'}(change_id) FROM change_row WHERE ledger = ? GROUP BY number",
        (ledger,),
    )
    return {number: names[change] for number, change in last}


def play(standing: dict[int, Document], row: Row) -> None:
    """Do to the records of a ledger, by number, what a row of the history did."""
    if row.action == "remove":
        standing.pop(row.number, None)
    elif row.action == "edit":
        standing.setdefault(row.number, {}).update(row.after or {})
    elif row.action == "add":
        standing[row.number] = dict(row.after or {})


def _read(connection: Connection, sql: str, values: tuple[Primitive, ...], written: int | None = None) -> Iterator[Row]:
    book = settings.get(connection, "book") or ""
    sql = sql.format(format="format" if written is None else int(written))
    for change, place, table, number, deed, before, after, form in connection.exec_driver_sql(sql, values):
        ledger, (action, absent) = table.decode("utf8", "backslashreplace"), _DEEDS.get(deed, _DEEDS[b"edit"])
        damaged = set()
        if deed not in _DEEDS or type(number) is not int:
            damaged.add("row")
        origin = documents.Origin(book, ledger, number, whole=action in ("add", "remove"))
        told: dict[str, Document | None] = {}
        for part, text in (("before", before), ("after", after)):
            told[part] = None
            try:
                told[part] = None if text is None else documents.read(text, form, origin)
            except documents.DamagedError:
                damaged.add(part)
        if (told["before"] is None, told["after"] is None) != absent and not damaged:
            damaged.add("row")
        yield Row(change, place, ledger, number, action, told["before"], told["after"], frozenset(damaged))


def standing_undoes(links: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    """Change -> the undo of it that still stands, from (number, undoes) of all changes.

    An undo that was itself taken back no longer counts: its change stands again.
    """
    undone: dict[int, int] = {}
    for number, undoes in sorted(links, reverse=True):
        if undoes is not None and number not in undone:
            undone[undoes] = number
    return undone


def undone_changes(connection: Connection) -> dict[int, int]:
    """`standing_undoes` of the whole book."""
    links = connection.exec_driver_sql("SELECT id, undoes FROM change WHERE typeof(undoes) = 'integer'")
    return standing_undoes((number, undoes) for number, undoes in links)


def _complete(connection: Connection, listed: list[Entry]) -> None:
    """Add the counts, and what was taken back."""
    if not listed:
        return
    by_number = {one.number: one for one in listed}
    counts = connection.exec_driver_sql(
        "SELECT change_id, CAST(action AS BLOB), count(*) FROM change_row WHERE change_id BETWEEN ? AND ? GROUP BY change_id, action",
        (min(by_number), max(by_number)),
    )
    for number, action, count in counts:
        if number in by_number and action in _DEEDS:
            by_number[number].counts[_DEEDS[action][0]] = count
    for number, undo in undone_changes(connection).items():
        if number in by_number:
            by_number[number].undone_by = undo
