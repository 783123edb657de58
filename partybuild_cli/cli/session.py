"""The command line that runs: the book that it works on (本次使用的数据库), how it writes to it, and how it is said.

Command lines named in sentences (提示里的命令) are complete, so that they work when they are pasted: `screen.say`,
`screen.note` and the sentence of an error pass by `pasteable`; nobody else has to think of it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from typer import Context

from partybuild_cli.cli.lazy import later, typed
from partybuild_cli.records.base.registry import record

with later():
    from partybuild_cli.index import touched
    from partybuild_cli.records.base import query, roster
    from partybuild_cli.store import engine, history

if TYPE_CHECKING:
    from sqlalchemy import Connection as Connection

#: A command of ours in a sentence; the help of a command needs no book.
_COMMAND = re.compile(r"\bpartybuild (?=[a-z])(?![a-z ]*--help)")
_PLAIN_WORD = re.compile(r"[\w./\\:~+-]+")
#: The command line that runs, for those who speak of it after its end.
_context: Context | None = None


def begin(context: Context | None) -> None:
    """A command line was understood so far; None where a new one is about to be."""
    global _context
    _context = context


def context() -> Context | None:
    """The command line that runs, or ran last; None before it is understood."""
    return _context


def book_path() -> Path:
    """Where the book lies, whatever links lead there: `--db`, else PARTYBUILD_DB, else the platform's user data folder."""
    said = None if _context is None else _context.find_root().params.get("db")
    if said is None:
        from platformdirs import user_data_path

        said = user_data_path("partybuild", appauthor=False) / "partybuild.db"
    path = Path(said)  # of a line that is being completed it is still text
    # What belongs to a book lies beside it, not beside a link to it. The methods of Path fail where nobody may look.
    linked = os.path.islink(path) and os.path.exists(path)  # noqa: PTH110, PTH114
    return Path(os.path.realpath(path)) if linked else path


def key_file() -> Path | None:
    """The file with the key of an encrypted book: `--key-file`, else PARTYBUILD_KEY_FILE."""
    said: str | Path | None = None if _context is None else _context.find_root().params.get("key_file")
    return None if said is None else Path(said)


def the_book() -> "engine.Book":
    return engine.open_book(book_path())


@contextmanager
def reading() -> Iterator["Connection"]:
    """A connection that only reads. A clock that has gone back since the last change is noticed."""
    with the_book().reading() as connection:
        history.watch_clock(connection)
        yield connection


@contextmanager
def writing(always: bool = False) -> Iterator[tuple["Connection", "history.Change"]]:
    """One transaction and its one entry in the history; an entry without rows is kept only when `always`."""
    from sqlalchemy import literal, select, table

    posted = select(literal(1)).select_from(table("index_round")).limit(1)
    with the_book().writing() as connection:
        change = history.Change(history.this_command())
        yield connection, change
        if connection.execute(posted).first():  # else nobody has seen any figures
            touched.remark_of_past(connection, change)
        if change.rows or always:
            history.save(connection, change)


def branches() -> list[str]:
    """The branches (党支部) of the book, to be chosen from."""
    with reading() as connection:
        known = roster_of(connection)
        return [known.branch_names[number] for number, kind in known.branch_kinds.items() if kind in ("党支部", None)]


def groups() -> list[str]:
    """The groups (党小组) of the book, to be chosen from."""
    with reading() as connection:
        return sorted({who.group for who in roster_of(connection).memberships if who.group})


def roster_of(connection: "Connection") -> "roster.Roster":
    return roster.load_roster(connection)


def number_of(connection: "Connection", ledger: str, said: str, day: date | None = None) -> int:
    """The number of the record of a ledger that is meant, by what it was called on a day. NotFound when there is none."""
    return query.number_of(connection, record(ledger), said, day)


def branch_of(connection: "Connection", name: str | None, day: date | None = None) -> int | None:
    """The number of a branch that an option names as it was called on a day. NotFound when there is none."""
    return None if name is None else number_of(connection, "branch", name, day)


def pasteable(sentence: str) -> str:
    """The sentence with its commands on the book of this command, where an option before the command chose it."""
    if "partybuild " not in sentence:
        return sentence
    given = "".join(f"{shell_word(word)} " for word in given_words())
    return _COMMAND.sub(lambda found: found[0] + given, sentence)


def shell_word(text: str) -> str:
    """A word of a command line; in every shell, quotes keep one with a blank together."""
    return text if _PLAIN_WORD.fullmatch(text) else f'"{text}"'


def given_words() -> list[str]:
    """The options with a value that were typed before the command: `--db 文件`. Those of the environment hold on."""
    if _context is None:
        return []
    root = cast(Context, _context.find_root())
    given = {option.opts[0]: root.params.get(option.name or "") for option in typed(root)}
    return [word for flag, value in given.items() if value is not None for word in (flag, str(value))]
