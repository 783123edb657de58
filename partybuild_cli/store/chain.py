"""The chain of seals over the history (校验链): each entry's SHA-256 covers its content and the entry before it.

An entry that was altered outside the program can so be named. How a seal is computed has a version, which stands in the
entry: version 2 reads canonical JSON; version 1 read Python's `repr`, which differs between Python versions for characters
that Unicode has taken in meanwhile, so entries of it are sealed again once, where the chain was sound (see `seal_again`).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.store import settings

#: The setting that holds the last entry's number and seal, so that entries cut off at the end are missed.
HEAD = "history_head"
#: How entries are sealed today.
VERSION = 2
#: Stands behind every entry: for rows whose entry is no number.
_BEYOND = 2**63
_CANONICAL = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode
#: Characters that were added to Unicode after the version of Python 3.11 (CJK extensions H and I), as `repr` escapes them.
_NEWER = re.compile("[\U0002ebf0-\U0002ee5d\U00031350-\U000323af]")
_ESCAPED = re.compile(r"\\U(0002e[b-e][0-9a-f]{2}|0003(?:1[3-9a-f]|2[0-3])[0-9a-f]{2})")

_ENTRIES = 'SELECT id, CAST(at AS BLOB), CAST("user" AS BLOB), CAST(command AS BLOB), undoes, seal, hash FROM change ORDER BY id'
#: Texts are read as bytes: one that is none must not end the reading of all others.
_ROWS = (
    "SELECT change_id, place, CAST(ledger AS BLOB), number, CAST(action AS BLOB), CAST(before AS BLOB), CAST(after AS BLOB),"
    " format FROM change_row ORDER BY change_id, place"
)


class Head(NamedTuple):
    """What an entry says besides its rows: its number, when, who, by which command, which entry it takes back."""

    number: int
    at: str
    user: str
    command: str
    undoes: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were looked at, and the first that is not as it was written (None where all are)."""

    entries: int
    altered: int | None = None
    reason: str = ""


def seal(previous: str, head: Head, rows: Iterable[tuple[Any, ...]], version: int = VERSION) -> str:
    """The seal of an entry; its rows as (change, place, ledger, number, action, before, after, format)."""
    if version == 1:
        return _by_repr(previous, head, rows, str)
    if version != VERSION:
        raise ValueError(version)
    digest = hashlib.sha256(_CANONICAL([previous, *head]).encode())
    for row in rows:
        digest.update(_CANONICAL(row).encode())
    return digest.hexdigest()


def verify(connection: Connection) -> Verdict:
    """Compute every seal again, one pass over the history."""
    previous, count = "", 0
    for count, (head, rows, version, kept) in enumerate(_entries(connection), start=1):
        if head is None:
            return Verdict(count, rows[0][0], "这一条不见了，明细还在")
        if head.number != count:
            return Verdict(count, count, "这一条不见了")
        try:
            sound = kept in _seals(previous, head, rows, version)
        except (TypeError, ValueError):  # what is neither text nor number was never sealed
            sound = False
        if not sound:
            return Verdict(count, count, "内容与写入时的校验值不符")
        previous = kept
    return _end(connection, count, previous)


def seal_again(connection: Connection) -> None:
    """Seal every entry by today's rule. The caller knows that the chain was sound, and lets entries be changed meanwhile."""
    previous, sealed, number = "", [], 0
    for head, rows, version, kept in _entries(connection):
        assert head is not None
        previous, number = seal(previous, head, rows), head.number
        if (previous, VERSION) != (kept, version):
            sealed.append((previous, VERSION, number))
    if sealed:
        connection.exec_driver_sql("UPDATE change SET hash = ?, seal = ? WHERE id = ?", sealed)
    if number:
        settings.put(connection, HEAD, f"{number}:{previous}")


def _entries(connection: Connection) -> Iterator[tuple[Head | None, list[tuple[Any, ...]], int, str]]:
    """Every entry in order with its rows; rows that belong to none come with no entry."""
    groups = groupby(connection.exec_driver_sql(_ROWS), key=lambda row: row[0])
    number, rows = _next(groups)
    for *head, version, kept in map(_text, connection.exec_driver_sql(_ENTRIES)):
        while number is not None and number < head[0]:
            yield None, rows, VERSION, ""
            number, rows = _next(groups)
        mine: list[tuple[Any, ...]] = []
        if number == head[0]:
            mine = rows
            number, rows = _next(groups)
        yield Head(*head), mine, version, kept
    if number is not None:
        yield None, rows, VERSION, ""


def _next(groups: Iterator[tuple[int, Iterator[Any]]]) -> tuple[int | None, list[tuple[Any, ...]]]:
    number, rows = next(groups, (None, iter(())))
    return number if number is None or isinstance(number, int) else _BEYOND, [_text(row) for row in rows]


def _text(row: Iterable[Any]) -> tuple[Any, ...]:
    """The row with its texts as texts; bytes that are none make one that no seal fits."""
    return tuple(one.decode("utf8", "surrogateescape") if isinstance(one, bytes) else one for one in row)


def _seals(previous: str, head: Head, rows: list[tuple[Any, ...]], version: int) -> Iterator[str]:
    """What the seal may be; of version 1 there are as many as Python had notions of what can be printed."""
    yield seal(previous, head, rows, version)
    if version == 1:
        yield _by_repr(previous, head, rows, lambda text: _NEWER.sub(lambda found: f"\\U{ord(found[0]):08x}", text))
        yield _by_repr(previous, head, rows, lambda text: _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _by_repr(previous: str, head: Head, rows: Iterable[tuple[Any, ...]], put: Any) -> str:
    digest = hashlib.sha256(previous.encode())
    digest.update(put(repr(tuple(head))).encode())
    for row in rows:
        digest.update(put(repr(tuple(row[:7]))).encode())
    return digest.hexdigest()


def _end(connection: Connection, count: int, kept: str) -> Verdict:
    """Whether the last entry is the one that was written last."""
    last, _, said = (settings.get(connection, HEAD) or "0:").partition(":")
    if not last.isdecimal():
        return Verdict(count, count, "记着最后一条的地方已损坏")
    if int(last) > count:
        return Verdict(count, count + 1, "这一条不见了")
    if (int(last), said) != (count, kept):
        return Verdict(count, int(last) + 1, "这一条不是本程序写入的")
    return Verdict(count)
