"""Forgetting a member (抹除个人信息): in the book, in its history, and in the copies beside it; two phases, see `store/forget.py`."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, column, delete, table

from partybuild_cli import effects
from partybuild_cli.errors import NotFound, PartybuildError, Unfit
from partybuild_cli.records.base.forgetting import Erasure, Known, Seen, erasure_of, everybody, mark_of, same_person
from partybuild_cli.records.base.query import about_member
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.store import backup, driver, evidence, forget
from partybuild_cli.store.chain import refuse_if_altered
from partybuild_cli.store.driver import PLAIN, Lock
from partybuild_cli.store.engine import Book, open_book
from partybuild_cli.store.evidence import Attached
from partybuild_cli.store.history import Change, save
from partybuild_cli.values.text import tight

#: What other rooms keep about members (the index: scores, postings, objections).
Elsewhere = Callable[[Connection, Erasure], None]


class Whom(NamedTuple):
    """Who is to be forgotten: the number, the words by which he was called, what is known, files that are still to do."""

    number: int
    called: str
    person: list[Known]
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class Forgotten:
    """What was done."""

    number: int
    mark: str  # what stands for the name
    change: int | None = None  # the entry that says so; None where nothing of the person was in the book any more
    records: int = 0  # how many were touched
    backups: list[Path] = field(default_factory=list)  # the copies of which the person was erased
    left: list[Path] = field(default_factory=list)  # files in which the person can still be read, or may be
    texts: list[Seen] = field(default_factory=list)  # which seem to name the person; they were not changed
    namesakes: bool = False  # whether another member bears the name
    files: list[Attached] = field(default_factory=list)  # of records about the person, who may be seen on them


def whom(book: Book, word: str) -> Whom:
    """Whom a number, name or 工号 means, of all who ever stood in the book, and of those whose erasure is unfinished.

    NotFound where it is nobody, or more than one. Unfit where the person still belongs to a branch of the book, or where the
    history was altered outside the program.
    """
    with book.reading() as connection:
        people, (begun, left) = everybody(connection), forget.pending(connection, tight(word))
        found = _meant(people, tight(word))
        if begun in people and not any(people[number].stays for number in found):
            found = {begun}
        refuse_if_altered(connection)
    if len(found) > 1:
        states = {n: "在册" if people[n].stays else "已转出" if people[n].there else "已移除" for n in sorted(found)}
        listed = "、".join(f"编号{number}（{state}）" for number, state in states.items())
        raise NotFound(f"“{word}”可能是 {len(found)} 个人：{listed}。请写 编号 后面的号码，如 编号{min(found)}。")
    if not found:
        raise NotFound(
            f"花名册和变更日志中都没有“{word}”，已经抹除完的人也查不到了（见 partybuild log）。请核对姓名、工号或编号。"
        )
    [number] = found
    person = [people[other] for other in sorted({number, *same_person(people, [people[number]])})]
    for known in person:
        if known.stays:
            raise Unfit(
                f"{known.now['name']}还在花名册上，党支部履行法定职责需要这些信息（个人信息保护法第十三条），不能抹除。"
                "转出后再抹除：partybuild member transfer 姓名 --to 去向 --on 日期。"
            )
    return Whom(number, tight(word), person, left if begun == number else ())


def _meant(people: dict[int, Known], word: str) -> set[int]:
    """The numbers that a word can mean: as people are called now, else as they were called, else as a number."""
    name, _, bracket = word.rstrip(")").partition("(")
    bare = word.removeprefix("编号")
    numbered = {int(bare)} & people.keys() if bare.isdecimal() and len(bare) < 19 else set[int]()
    if bare != word:
        return numbered
    now, ever = set[int](), set[int]()
    for number, known in people.items():
        staff_no = known.now.get("staff_no")
        if word == staff_no or (name == known.now.get("name") and bracket in ("", staff_no, f"编号{number}")):
            now.add(number)
        if word in known.ever["name"] | known.ever["staff_no"]:
            ever.add(number)
    found = now or ever or numbered
    first = min(found, default=0)
    return {first} if found and found <= {first, *same_person(people, [people[first]])} else found


def forget_member(book: Book, who: Whom, elsewhere: Elsewhere) -> Forgotten:
    """Erase a person: first from the records and the history, then from the bytes of the book and of the copies beside it."""
    done = Forgotten(who.number, mark_of(who.number))
    words = {who.called} - {str(who.number), done.mark, f"编号{who.number}"}
    words |= set().union(*(known.words for known in who.person))
    with book.writing() as connection:
        erasure = erasure_of(connection, all_records(), who.person)
        change = _erase(connection, erasure, elsewhere)
        forget.note_pending(connection, who.number, words, map(Path, who.left))
        if change.rows:
            done.change, done.records = save(connection, change), len(change.rows)
        name, lock = driver.setting(connection, "book") or "", connection.info["lock"]
    done.namesakes = bool(erasure.namesakes)
    # every database in the folder of backups, whatever its name, and every copy of the book that lies beside it
    saved, beside = sorted(backup.folder_of(book.path).glob("*")), sorted({*book.path.parent.iterdir()} - {book.path})
    copies = [path for path in saved if path.suffix == ".db" or _is_database(path)]
    copies += [path for path in beside if _is_database(path) and name and name in _names_in(path, lock)]
    for path in copies:
        with _or_left(done, path):
            _clean_copy(path, who, elsewhere, words, done)
    with _or_left(done, book.path):
        book.compact()
        with book.reading() as connection:
            done.texts = erasure.seeming(connection)
            for record in all_records():
                files, members = evidence.kept(connection, record.ledger), {who.number, *erasure.members}
                about = {n for member in members if files for n in about_member(connection, record, member)}
                done.files += [file for file in files if file.number in about]
            if forget.legible(connection, book.path, words):
                done.left.append(book.path)
        done.left += _others({book.path, *copies}, book.path, words, who.left)
        with book.writing() as connection:
            if done.left:
                forget.note_pending(connection, who.number, words, done.left)
            else:
                forget.settle_pending(connection, who.number)
    return done


def _erase(connection: Connection, erasure: Erasure, elsewhere: Elsewhere) -> Change:
    """Erase the person from the tables of a book; the entry that says so."""
    change = Change(f"partybuild member forget {min(erasure.members, default='')}")
    forget.erase(connection, change, [record.shape for record in erasure.records.values()], erasure)
    elsewhere(connection, erasure)
    for learnt in ("heading_map", "extra_place"):  # what an import learnt of a column with his name
        connection.execute(delete(table(learnt)).where(column("heading").in_(erasure.names)))
    return change


@contextmanager
def _or_left(done: Forgotten, path: Path) -> Iterator[None]:
    """A file that cannot be cleaned now (damaged, in use, a full disk) is left, and the rest goes on."""
    try:
        yield
    except (PartybuildError, OSError):
        done.left.append(path)


def _is_database(path: Path) -> bool:
    with suppress(OSError):
        return path.is_file() and (driver.is_plain(path) or driver.salt_of(path) is not None)
    return False


def _is_damaged(path: Path) -> bool:
    return _is_database(path) and not _names_in(path, PLAIN)


def _names_in(path: Path, lock: Lock) -> set[str | None]:
    """The name of the book that a file holds, as far as it can be read."""
    return {backup.name_in(path, PLAIN), backup.name_in(path, lock)} - {None}


def _clean_copy(path: Path, who: Whom, elsewhere: Elsewhere, words: set[str], done: Forgotten) -> None:
    """Erase the person from a copy that knows him; `words` learns how the copy called him."""
    with effects.draft(path):
        copy = open_book(path, keep=False)
    with copy.reading() as connection:
        erasure = erasure_of(connection, all_records(), who.person)
    words |= erasure.words
    if erasure.members or erasure.developments:
        with effects.draft(path), copy.writing() as connection:
            change = _erase(connection, erasure, elsewhere)
            if change.rows:
                save(connection, change)
        copy.compact()
        done.backups.append(path)
    copy.fold()
    with copy.reading() as connection:
        if forget.legible(connection, path, words):
            done.left.append(path)


def _others(done: Collection[Path], book: Path, words: Collection[str], before: Collection[str]) -> Iterator[Path]:
    """Other files among the backups or beside the book, named like it or damaged databases, that hold the person."""
    done = {part for path in done for part in driver.files_of(path)}
    named = (path for path in book.parent.iterdir() if path.name.startswith(book.name) or _is_damaged(path))
    for path in sorted({*named, *backup.folder_of(book).glob("*")} - done):
        if path.is_file() and (str(path) in before or forget.readable(path, words)):
            yield path
