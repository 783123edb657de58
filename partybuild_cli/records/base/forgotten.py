"""Forgetting a member (抹除个人信息): in the book, in its history, and in the backups beside it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli import effects
from partybuild_cli.errors import PartybuildError, Unfit
from partybuild_cli.records.base.forgetting import Erasure, erasure_of
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.store import backup, driver, forget
from partybuild_cli.store.engine import Book, open_book
from partybuild_cli.store.history import Change, save

#: What other rooms keep about members (the index: scores, postings, objections).
Elsewhere = Callable[[Connection, Erasure], None]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done: the name that was erased and what stands for it, the change that says so, records touched.

    `backups` were cleaned too, `left` could not be. `namesakes`: the name stays in prose, it may mean another member.
    """

    name: str
    mark: str
    change: int
    records: int
    backups: list[Path]
    left: list[Path]
    namesakes: bool


def forget_member(book: Book, number: int, elsewhere: Elsewhere) -> Forgotten:
    """Erase a member who has left. Unfit while he or she still belongs to a branch of the book."""
    with book.reading() as connection:
        name, left_on, *identity = _who(connection, number) or (None, None)
        forget.refuse_if_altered(connection)
    if left_on is None:
        raise Unfit(
            f"{name}还在花名册上，党支部履行法定职责需要这些信息（个人信息保护法第十三条），不能抹除。"
            "转出后再抹除：partybuild member transfer。"
        )
    cleaned, left = [], []
    for path in backup.kept(book.path):
        try:
            if _clean(path, number, [name, *identity], elsewhere):
                cleaned.append(path)
        except PartybuildError:
            left.append(path)
    change, erasure = _erase(book, number, elsewhere)  # last, so that a run that was cut short can be run again
    return Forgotten(erasure.name, erasure.mark, change[0], change[1], cleaned, left, erasure.namesakes)


def _who(connection: Connection, number: int) -> tuple[str | None, ...] | None:
    sql = "SELECT name, left_on, staff_no, id_number FROM member WHERE id = ?"
    found = connection.exec_driver_sql(sql, (number,)).first()
    return None if found is None else tuple(found)


def _erase(book: Book, number: int, elsewhere: Elsewhere) -> tuple[tuple[int, int], Erasure]:
    """The change and how many records it names; what was erased."""
    records = all_records()
    with book.writing() as connection:
        erasure = erasure_of(connection, number, records)
        change = Change(f"partybuild member forget {number}")
        shapes = [record.shape() for record in records]
        forget.erase(connection, change, shapes, erasure.document, erasure.text)
        elsewhere(connection, erasure)
        saved = save(connection, change)
    book.compact()
    return (saved, len(change.rows)), erasure


def _clean(path: Path, number: int, identity: list[str | None], elsewhere: Elsewhere) -> bool:
    """Erase the member from a backup that knows the same person; whether it did."""
    copy = open_book(path, keep=False)
    with copy.reading() as connection:
        known = _who(connection, number)
    same = known is not None and any(word and word in identity for word in (known[0], *known[2:]))
    if same:
        with effects.draft(path):
            _erase(copy, number, elsewhere)
    with closing(driver.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = delete")
    return same
