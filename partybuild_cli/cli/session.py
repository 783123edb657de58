"""The command line that runs: the book that it works on (本次使用的数据库), how it writes to it, and how it is said.

Command lines named in sentences (提示里的命令) are complete, so that they work when they are pasted: `screen.say`,
`screen.note` and the sentence of an error pass by `pasteable`; nobody else has to think of it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from typer import Context

from partybuild_cli.cli.lazy import typed
from partybuild_cli.records.base.registry import record

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from partybuild_cli.records.base.roster import Roster
    from partybuild_cli.store.engine import Book
    from partybuild_cli.store.history import Change

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


def the_book() -> "Book":
    from partybuild_cli.store.engine import open_book

    return open_book(book_path())


@contextmanager
def reading() -> Iterator["Connection"]:
    """A connection that only reads. A clock that has gone back since the last change is noticed."""
    from partybuild_cli.store.history import watch_clock

    with the_book().reading() as connection:
        watch_clock(connection)
        yield connection


@contextmanager
def writing(always: bool = False) -> Iterator[tuple["Connection", "Change"]]:
    """One transaction and its one entry in the history; an entry without rows is kept only when `always`."""
    from partybuild_cli.store.engine import open_book
    from partybuild_cli.store.history import Change, save, this_command

    with open_book(book_path()).writing() as connection:
        change = Change(this_command())
        yield connection, change
        if connection.exec_driver_sql("SELECT 1 FROM index_round LIMIT 1").first():  # else nobody has seen any figures
            from partybuild_cli.index.touched import remark_of_past

            remark_of_past(connection, change)
        if change.rows or always:
            save(connection, change)


def branches() -> list[str]:
    return _names("SELECT name FROM branch WHERE coalesce(kind, '党支部') = '党支部' ORDER BY id")


def groups() -> list[str]:
    return _names('SELECT DISTINCT "group" FROM member WHERE "group" IS NOT NULL ORDER BY 1')


def _names(sql: str) -> list[str]:
    with reading() as connection:
        return list(connection.exec_driver_sql(sql).scalars())


def roster_of(connection: "Connection") -> "Roster":
    from partybuild_cli.records.base.roster import load_roster

    return load_roster(connection)


def number_of(connection: "Connection", ledger: str, said: str, day: "date | None" = None) -> int:
    """The number of the record of a ledger that is meant, by what it was called on a day. NotFound when there is none."""
    from partybuild_cli.records.base.query import number_of

    return number_of(connection, record(ledger), said, day)


def branch_of(connection: "Connection", name: str | None, day: "date | None" = None) -> int | None:
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
