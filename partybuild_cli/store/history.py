"""The history of a book (变更日志): every change with its day, user and command, each row before and after.

Entries are chained by their seals (`store/chain.py`). Triggers refuse to change or delete what is written.
"""

import getpass
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection

from partybuild_cli.store import backup, chain, settings
from partybuild_cli.store.documents import FORMAT

#: `forget`: a person's data was erased from this record and from its history (个人信息保护法第四十七条).
Action = Literal["add", "edit", "remove", "forget"]
#: Options whose value no log may hold: personal numbers, and what was said in confidence.
HIDDEN = ("--phone", "--id-number", "--content")
#: A change of more rows than this is worth a backup before it.
MANY = 100


@dataclass(slots=True)
class Change:
    """One entry in the making: what a command does to the book within one transaction."""

    command: str
    undoes: int | None = None
    rows: list[tuple[str, int, Action, str | None, str | None]] = field(default_factory=list)
    scattered: set[tuple[str, int]] = field(default_factory=set)

    def note(self, ledger: str, number: int, action: Action, before: str | None, after: str | None) -> None:
        """Remember one row, with its documents (`store/documents.py`); those of an edit name only what differs."""
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
        words.append(f'"{word}"' if " " in word else word)
    return hide_numbers(" ".join(words))


def hide_numbers(text: str) -> str:
    """A text with every long number (ID number, phone, account) hidden but for its first digits."""
    return re.sub(r"\d{8,}[\dXx*]*", lambda found: found[0][:3] + "***", text)


def this_command() -> str:
    """The command line that runs now."""
    return clean_command(["partybuild", *sys.argv[1:]])


def save(connection: Connection, change: Change) -> int:
    """Write the entry with its rows; its number. An entry without rows is written too: it says that a command ran.

    Before an undo, and before a change of many rows, the book as it was is backed up; not before a person is forgotten.
    """
    forgets = any(row[2] == "forget" for row in change.rows)
    if not forgets and (change.undoes is not None or len(change.rows) > MANY):
        backup.keep_before(connection, "change" if change.undoes is None else "undo")
    last = connection.exec_driver_sql("SELECT id, hash, at FROM change ORDER BY id DESC LIMIT 1").first()
    number, previous, at = (last[0] + 1, last[1], last[2]) if last else (1, "", "")
    at = max(at, datetime.now(UTC).isoformat(timespec="seconds"))  # a clock set back never turns the order round
    head = chain.Head(number, at, _user(), change.command, change.undoes)
    rows = [(number, place, *row, FORMAT) for place, row in enumerate(_in_no_order(change), start=1)]
    seal = chain.seal(previous, head, rows)
    connection.exec_driver_sql(
        'INSERT INTO change (id, at, "user", command, undoes, seal, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
        (*head, chain.VERSION, seal),
    )
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO change_row (change_id, place, ledger, number, action, before, after, format)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    settings.put(connection, chain.HEAD, f"{number}:{seal}")
    return number


def _in_no_order(change: Change) -> list[tuple[str, int, Action, str | None, str | None]]:
    """The rows of an entry; those of which nothing may tell which came together in the order of their random numbers."""
    ordered = iter(sorted((row for row in change.rows if row[:2] in change.scattered), key=lambda row: row[1]))
    return [next(ordered) if row[:2] in change.scattered else row for row in change.rows]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user name
        return "?"
