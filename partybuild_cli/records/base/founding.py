"""Founding a book (建账): a new database with its first branch, or nothing at all."""

from collections.abc import Mapping
from pathlib import Path

from partybuild_cli import effects
from partybuild_cli.records.base.deeds import add_record
from partybuild_cli.records.branch import Branch
from partybuild_cli.store import settings
from partybuild_cli.store.engine import Book, create_book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.store.key import PLAIN, Lock
from partybuild_cli.values.cells import Raw


def found(path: Path, branch: Mapping[str, Raw], lock: Lock = PLAIN) -> Book:
    """Make the book at `path` with a first branch; a branch that cannot be understood leaves no file behind."""
    book = create_book(path, lock)
    try:
        with book.writing() as connection:
            settings.christen(connection)
            change = Change(this_command())
            add_record(connection, change, Branch, branch)
            save(connection, change)
    except BaseException:
        if path in effects.so_far().changes:  # Ctrl-C came when it was there
            raise
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise
    return book
