"""The history of a book (变更日志): every change with its day, user and command, each row before and after; written and read.

What is read comes row by row with what is damaged in it: a text that is none must not end the reading of all others.
"""

import getpass
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from partybuild_cli import effects
from partybuild_cli.errors import NotFound
from partybuild_cli.store import backup, driver
from partybuild_cli.store.shape import FORMAT, DamagedError, Document, DocumentOrigin, read_document
from partybuild_cli.values.kind import Primitive

#: `forget`: a person's data was erased from this record and from its history (个人信息保护法第四十七条).
Action = Literal["add", "edit", "remove", "forget"]
#: What may be done to a record, and which of before and after there is none of then.
_DEEDS: dict[bytes, tuple[Action, tuple[bool, bool]]] = {
    b"add": ("add", (True, False)), b"edit": ("edit", (False, False)), b"remove": ("remove", (False, True)),
    b"forget": ("forget", (True, True)),
}  # fmt: skip
#: The largest number that a database takes.
_LARGEST = 2**63 - 1
#: Options whose value no log may hold: personal numbers, and what was said in confidence.
HIDDEN = ("--phone", "--id-number", "--content")
#: What a shell would take a word apart at, so that the line can be pasted: 张伟(编号4) too.
_PARTED = re.compile(r"[\s()<>|&;]")
#: A change of more rows than this is worth a backup before it.
MANY = 100
#: The setting that holds the last entry's number and seal, so that entries cut off at the end are missed; how entries are sealed.
HEAD, VERSION = "history_head", 2
_CANONICAL = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode
#: Two clocks that are both right differ by less; and a book that is in use lies idle for less.
_CLOCKS_DIFFER, _IDLE = timedelta(hours=1), timedelta(days=400)


@dataclass(slots=True)
class Change:
    """One entry in the making: what a command does to the book within one transaction."""

    command: str
    undoes: int | None = None
    rows: list[tuple[str, int, Action, str | None, str | None]] = field(default_factory=list)
    scattered: set[tuple[str, int]] = field(default_factory=set)

    def note(self, ledger: str, number: int, action: Action, before: str | None, after: str | None) -> None:
        """Remember one row, with its documents (`store/shape.py`); those of an edit name only what differs."""
        self.rows.append((ledger, number, action, before, after))


def clean_command(arguments: Iterable[str]) -> str:
    """The command line as it may stand in a log: what is personal or private hidden, and every long number."""
    words: list[str] = []
    for word in arguments:
        flag, equals, value = word.partition("=")
        if words and words[-1] in HIDDEN:
            word = "***"
        elif flag in HIDDEN and value:
            word = f"{flag}{equals}***"
        words.append(f'"{word}"' if _PARTED.search(word) else word)
    return hide_numbers(" ".join(words))


def hide_numbers(text: str) -> str:
    """A text with every long number (ID number, phone, account) hidden but for its first digits."""
    return re.sub(r"\d{8,}[\dXx*]*", lambda found: found[0][:3] + "***", text)


def this_command() -> str:
    """The command line that runs now."""
    return clean_command(["partybuild", *(effects.so_far().command or sys.argv[1:])])


class Head(NamedTuple):
    """What an entry says besides its rows: its number, when, who, by which command, which entry it takes back."""

    number: int
    at: str
    user: str
    command: str
    undoes: int | None


def seal(previous: str, head: Head, rows: Iterable[tuple[Primitive, ...]]) -> str:
    """The seal of an entry: the SHA-256 of its content and of the seal before it (`store/chain.py`)."""
    digest = sha256(_CANONICAL([previous, *head]).encode())
    for row in rows:
        digest.update(_CANONICAL(row).encode())
    return digest.hexdigest()


def save(connection: Connection, change: Change) -> int:
    """Write the entry with its rows, if any; its number. Before an undo and a change of many rows the book is backed up."""
    great = change.undoes is not None or len(change.rows) > MANY
    if great and not any(row[2] == "forget" for row in change.rows):
        occasion: backup.Occasion = "change" if change.undoes is None else "undo"
        backup.back_up(backup.book_of(connection), occasion, connection.info["lock"])
        backup.note(connection)
    last = connection.exec_driver_sql("SELECT id, hash, at FROM change ORDER BY id DESC LIMIT 1").first()
    number, previous, at = (last[0] + 1, last[1], last[2]) if last else (1, "", "")
    now = datetime.now(UTC).isoformat(timespec="seconds")  # what the clock says; the order is that of the numbers
    _notice_jump(at, now, writes=True)
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user name; Windows without the variable
        user = "?"
    head = Head(number, now, user, change.command, change.undoes)
    done = change.rows
    if (
        change.scattered
    ):  # of these nothing may tell which came together: they stand in the order of their random numbers
        ordered = iter(sorted((row for row in done if row[:2] in change.scattered), key=lambda row: row[1]))
        done = [next(ordered) if row[:2] in change.scattered else row for row in done]
    rows = [(number, position, *row, FORMAT) for position, row in enumerate(done, start=1)]
    sealed = seal(previous, head, rows)
    entry = 'INSERT INTO change (id, at, "user", command, undoes, seal, hash) VALUES (?, ?, ?, ?, ?, ?, ?)'
    connection.exec_driver_sql(entry, (*head, VERSION, sealed))
    columns = "change_id, place, ledger, number, action, before, after, format"
    if rows:
        connection.exec_driver_sql(f"INSERT INTO change_row ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    known = f"{last[0]}:{previous}" if last else None
    if driver.setting(connection, HEAD) == known:
        driver.put_setting(connection, HEAD, f"{number}:{sealed}")
    else:  # the end was altered from outside, which going on must not cover up
        effects.remark("变更日志的末尾在本程序之外被改动过，请运行 partybuild doctor 查明")
    return number


def watch_clock(connection: Connection) -> None:
    """Say that the clock has gone back since the last entry."""
    last = connection.exec_driver_sql("SELECT CAST(at AS TEXT) FROM change ORDER BY id DESC LIMIT 1").scalar()
    _notice_jump(str(last or ""), datetime.now(UTC).isoformat(timespec="seconds"))


def _notice_jump(last: str, now: str, writes: bool = False) -> None:
    """Say that the clock has jumped, as far as the time of the last entry tells: back, or on further than a book lies idle."""
    try:
        gap = datetime.fromisoformat(now) - datetime.fromisoformat(last)
    except ValueError:  # the first entry, or one that is damaged
        return
    if gap < -_CLOCKS_DIFFER:
        effects.remark(
            f"现在的时间 {now[:10]} 早于上一次变更记着的 {last[:10]}，系统时钟跳动过。先后以日志的编号为准；请核对时钟。"
        )
    elif writes and gap > _IDLE:
        effects.remark(
            f"距上一次变更（{last[:10]}）已有 {gap.days} 天，这一次记在 {now[:10]}。如果不对，请校准系统时钟，再用 undo 撤销重做。"
        )


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


class Row(NamedTuple):
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
    return _listed(connection, "ORDER BY id DESC LIMIT ?", -1 if limit is None else min(limit, _LARGEST))


def entry(connection: Connection, number: int) -> Entry:
    """One entry. NotFound where there is none."""
    found = _listed(connection, "WHERE id = ?", number) if abs(number) <= _LARGEST else []
    if not found:
        raise NotFound(f"变更日志中没有第 {number} 号。请用 partybuild log 查看编号。")
    return found[0]


def _listed(connection: Connection, which: str, value: int) -> list[Entry]:
    """Entries with their counts and what was taken back; what is no text in one stands there as it can be read."""
    texts = 'CAST(at AS BLOB), CAST("user" AS BLOB), CAST(command AS BLOB)'
    undone, found = undone_changes(connection), {}
    for number, *words, undoes in connection.exec_driver_sql(
        f"SELECT id, {texts}, undoes FROM change {which}", (value,)
    ):
        at, user, command = (text.decode("utf8", "backslashreplace") for text in words)
        back = undoes if isinstance(undoes, int) else None
        found[number] = Entry(number, at, user, command, back, undone.get(number))
    counts = connection.exec_driver_sql(
        "SELECT change_id, CAST(action AS BLOB), count(*) FROM change_row"
        f" WHERE change_id IN (SELECT id FROM change {which}) GROUP BY change_id, action",
        (value,),
    )
    for number, action, count in counts:
        if action in _DEEDS:
            found[number].counts[_DEEDS[action][0]] = count
    return [*found.values()]


def rows(
    connection: Connection,
    *,
    change: int | None = None,
    ledger: str | None = None,
    numbers: Sequence[int] | None = None,
    until: int | None = None,
    written: int | None = None,
) -> Iterator[Row]:
    """What all entries did in order, or one; to all records or some, up to an entry; `written`: the format of a book too old to
    say it itself."""
    book = driver.setting(connection, "book") or ""
    sql = (
        "SELECT change_id, place, CAST(ledger AS BLOB), number, CAST(action AS BLOB), CAST(before AS BLOB),"
        f" CAST(after AS BLOB), {'format' if written is None else int(written)} FROM change_row"
    )
    said = {"change_id = ?": change, "change_id <= ?": until, "ledger = ?": ledger}
    said["number IN (SELECT value FROM json_each(?))"] = None if numbers is None else json.dumps([*numbers])
    which = {part: value for part, value in said.items() if value is not None}
    sql += f" WHERE {' AND '.join(which) or '1 = 1'} ORDER BY change_id, place"
    for change_id, at, table, number, deed, *texts, form in connection.exec_driver_sql(sql, (*which.values(),)):
        name, (action, absent) = table.decode("utf8", "backslashreplace"), _DEEDS.get(deed, _DEEDS[b"edit"])
        damaged = {"row"} if deed not in _DEEDS or type(number) is not int else set()
        origin = DocumentOrigin(book, name, number, whole=action in ("add", "remove"))
        words: dict[str, Document | None] = {}
        for part, text in zip(("before", "after"), texts, strict=True):
            words[part] = None
            try:
                words[part] = None if text is None else read_document(text, form, origin)
            except DamagedError:
                damaged.add(part)
        if (words["before"] is None, words["after"] is None) != absent and not damaged:
            damaged.add("row")
        yield Row(change_id, at, name, number, action, words["before"], words["after"], frozenset(damaged))


def play(standing: dict[int, Document], row: Row) -> None:
    """Do to the records of a ledger, by number, what a row of the history did."""
    if row.action == "remove":
        standing.pop(row.number, None)
    elif row.action == "edit":
        standing.setdefault(row.number, {}).update(row.after or {})
    elif row.action == "add":
        standing[row.number] = dict(row.after or {})


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


def once_here(connection: Connection, ledger: str, uids: Sequence[str]) -> set[str]:
    """Those of the identities that a record of a ledger has, or had before it was removed."""
    uid = "CASE WHEN json_valid(after) THEN json_extract(after, '$.uid') END"
    sql = f"SELECT {uid} FROM change_row WHERE ledger = ? AND action = 'add' AND {uid} IN (SELECT value FROM json_each(?))"
    return {item for (item,) in connection.exec_driver_sql(sql, (ledger, json.dumps([*uids])))}


def stamps(connection: Connection) -> dict[int, str]:
    """A short name for each change of this book; a change of another book, or of a copy that went its own way, has another."""
    book = driver.setting(connection, "book") or ""
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
