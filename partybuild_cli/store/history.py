"""Writing the history of a book (变更日志): every change with its day, user and command, each row before and after."""

import getpass
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from partybuild_cli import effects
from partybuild_cli.store import backup, chain, settings
from partybuild_cli.store.documents import FORMAT

#: `forget`: a person's data was erased from this record and from its history (个人信息保护法第四十七条).
Action = Literal["add", "edit", "remove", "forget"]
#: Options whose value no log may hold: personal numbers, and what was said in confidence.
HIDDEN = ("--phone", "--id-number", "--content")
#: A change of more rows than this is worth a backup before it.
MANY = 100
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
    return clean_command(["partybuild", *(effects.so_far().command or sys.argv[1:])])


def save(connection: Connection, change: Change) -> int:
    """Write the entry with its rows, if any; its number. Before an undo and a change of many rows the book is backed up."""
    forgets = any(row[2] == "forget" for row in change.rows)
    if not forgets and (change.undoes is not None or len(change.rows) > MANY):
        backup.keep_before(connection, "change" if change.undoes is None else "undo")
    last = connection.exec_driver_sql("SELECT id, hash, at FROM change ORDER BY id DESC LIMIT 1").first()
    number, previous, at = (last[0] + 1, last[1], last[2]) if last else (1, "", "")
    now = datetime.now(UTC).isoformat(timespec="seconds")  # what the clock says; the order is that of the numbers
    _notice_jump(at, now, writes=True)
    head = chain.Head(number, now, _user(), change.command, change.undoes)
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
    if (settings.get(connection, chain.HEAD) or "") == (f"{last[0]}:{previous}" if last else ""):
        settings.put(connection, chain.HEAD, f"{number}:{seal}")
    else:  # the end was altered from outside, which going on must not cover up
        effects.remark("变更日志的末尾在本程序之外被改动过，请运行 partybuild doctor 查明")
    return number


def _in_no_order(change: Change) -> list[tuple[str, int, Action, str | None, str | None]]:
    """The rows of an entry; those of which nothing may tell which came together in the order of their random numbers."""
    ordered = iter(sorted((row for row in change.rows if row[:2] in change.scattered), key=lambda row: row[1]))
    return [next(ordered) if row[:2] in change.scattered else row for row in change.rows]


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


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user name; Windows without the variable
        return "?"
