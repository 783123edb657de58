"""The chain of seals over the history (校验链): each entry's SHA-256 covers its content and the entry before it.

An entry that was altered outside the program can so be named. Whoever alters one can seal all later ones anew, but what they
were stands in backups and quarterly archives, which may lie on other disks. Version 1 of a seal read Python's `repr`, which
differs between Python versions, so entries of it are sealed again once, by canonical JSON, where the chain was sound.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.store import backup, driver
from partybuild_cli.store.driver import PLAIN
from partybuild_cli.store.history import HEAD, VERSION, Head, Row, seal
from partybuild_cli.store.shape import FORMAT, Document, encode_document
from partybuild_cli.values.kind import Primitive

#: Characters that were added to Unicode after the version of Python 3.11 (CJK extensions H and I), as `repr` escapes them.
_NEWER = re.compile("[\U0002ebf0-\U0002ee5d\U00031350-\U000323af]")
_ESCAPED = re.compile(r"\\U(0002e[b-e][0-9a-f]{2}|0003(?:1[3-9a-f]|2[0-3])[0-9a-f]{2})")
#: What version 1 may have read: as many as Python had notions of what can be printed.
_READINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: _NEWER.sub(lambda found: f"\\U{ord(found[0]):08x}", text),
    lambda text: _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text),
)

#: Every entry, each of its rows beside it.
_ENTRIES = (
    'SELECT e.id, e.at, e."user", e.command, e.undoes, e.seal, e.hash, r.change_id, r.place, r.ledger, r.number, r.action,'
    " r.before, r.after, r.format FROM change AS e LEFT JOIN change_row AS r ON r.change_id = e.id ORDER BY e.id, r.place"
)

#: The first row that belongs to no entry.
_ORPHAN = "SELECT min(change_id) FROM change_row WHERE change_id NOT IN (SELECT id FROM change)"
#: A row of an entry: change, place, ledger, number, action, before, after, format.
SealedRow = tuple[Primitive, ...]


class _Entry(NamedTuple):
    """An entry as it lies there, with its rows and its seal."""

    head: Head
    rows: list[SealedRow]
    version: int
    kept: str

    def sealed_behind(self, previous: str) -> bool:
        """Whether the seal fits; what is neither text nor number was never sealed."""
        with suppress(TypeError, ValueError):
            if self.version == VERSION:
                return self.kept == seal(previous, self.head, self.rows)
            text = previous + "".join(repr(part) for part in (tuple(self.head), *(row[:7] for row in self.rows)))
            return self.version == 1 and any(
                self.kept == hashlib.sha256(put(text).encode()).hexdigest() for put in _READINGS
            )
        return False


class Verdict(NamedTuple):
    """How many entries were looked at, and the first that is not as it was written (None where all are)."""

    entries: int
    altered: int | None = None
    reason: str = ""


def verify(connection: Connection) -> Verdict:
    """Compute every seal again, one pass over the history."""
    previous, count, orphan = "", 0, connection.exec_driver_sql(_ORPHAN).scalar()
    for count, entry in enumerate(_entries(connection), start=1):
        if entry.head.number != count:
            return Verdict(count, count, "这一条不见了" + ("，明细还在" if orphan == count else ""))
        if not entry.sealed_behind(previous):
            return Verdict(count, count, "内容与写入时的校验值不符")
        previous = entry.kept
    last, _, said = (driver.setting(connection, HEAD) or "0:").partition(":")
    if orphan is not None or (last.isdecimal() and int(last) > count):
        return Verdict(count, count + 1, "这一条不见了" if orphan is None else "这一条不见了，明细还在")
    if not last.isdecimal():
        return Verdict(count, count, "记着最后一条的地方已损坏")
    if (int(last), said) != (count, previous):
        return Verdict(count, int(last) + 1, "这一条不是本程序写入的")
    return Verdict(count)


def refuse_if_altered(connection: Connection) -> None:
    """Unfit where the history was altered outside the tool: sealing it anew would cover that up."""
    if (altered := verify(connection).altered) is not None:
        raise Unfit(
            f"变更日志第 {altered} 条在本程序之外被改动过，抹除会盖住这一痕迹，没有抹除任何内容。请先用 partybuild doctor 查明。"
        )


@contextmanager
def rewriting(connection: Connection) -> Iterator[None]:
    """Let the history be rewritten, and seal it again behind that."""
    connection.exec_driver_sql("INSERT INTO erasing (change_id) VALUES (0)")
    yield
    seal_again(connection)
    connection.exec_driver_sql("DELETE FROM erasing")


def rewrite(connection: Connection, row: Row, before: Document | None, after: Document | None) -> None:
    """Let a row of the history say this, in today's format; `rewriting` is under way."""
    texts = [None if document is None else encode_document(document) for document in (before, after)]
    connection.exec_driver_sql(
        "UPDATE change_row SET before = ?, after = ?, format = ? WHERE change_id = ? AND place = ?",
        (*texts, FORMAT, row.change, row.place),
    )


def seal_again(connection: Connection) -> None:
    """Seal every entry by today's rule. The caller knows that the chain was sound, and lets entries be changed meanwhile."""
    previous, sealed, number = "", [], 0
    for entry in _entries(connection):
        previous, number = seal(previous, entry.head, entry.rows), entry.head.number
        if (previous, VERSION) != (entry.kept, entry.version):
            sealed.append((previous, VERSION, number))
    if sealed:
        connection.exec_driver_sql("UPDATE change SET hash = ?, seal = ? WHERE id = ?", sealed)
    if number:
        driver.put_setting(connection, HEAD, f"{number}:{previous}")


def _entries(connection: Connection) -> Iterator[_Entry]:
    """Every entry in order; bytes that are no text make one that no seal fits, and end the reading of no other."""
    with driver.leniently(connection):
        for _, lines in groupby(connection.exec_driver_sql(_ENTRIES), key=lambda line: line[0]):
            first, *more = (tuple(line) for line in lines)
            yield _Entry(Head(*first[:5]), [line[7:] for line in (first, *more) if line[7] is not None], *first[5:7])


class Witness(NamedTuple):
    """What a file says of the history of its day (旁证): number -> seal of every entry it knows, which of them are restores, and
    the last at which an erasure or the closing of a peer rating made its past another one."""

    place: Path
    seals: Mapping[int, str]
    restores: frozenset[int] = frozenset()
    rewritten: int = 0


_HISTORY = "history"
#: The setting that names the last entry at which a round of peer ratings was closed: history told more before.
CLOSED = "raters_closed"
#: The setting in which the entries that are restores stand, their numbers parted by commas.
_RESTORES = "restores"
_REWRITTEN = (
    "SELECT max((SELECT coalesce(max(change_id), 0) FROM change_row WHERE action = 'forget'),"
    f" (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM setting WHERE key = '{CLOSED}'))"
)


def manifest_entry(connection: Connection) -> dict[str, dict[str, int | str]]:
    """What the manifest of an archive keeps: the last entry that changed a record, with its seal."""
    last = "SELECT id, hash FROM change WHERE id = (SELECT max(change_id) FROM change_row)"
    found = connection.exec_driver_sql(last).first()
    return {_HISTORY: {"change": found[0], "seal": found[1]}} if found else {}


def archives(manifests: Iterable[Path]) -> Iterator[Witness]:
    """What manifests say, those that can be read and speak of it."""
    for path in manifests:
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(path.read_bytes())[_HISTORY]
            yield Witness(path, {int(kept["change"]): str(kept["seal"])})


def restored(connection: Connection, number: int) -> None:
    """Keep that an entry is a restore: from it on the past may differ from what backups and archives know."""
    known = _restores(driver.setting(connection, _RESTORES))
    driver.put_setting(connection, _RESTORES, ",".join(map(str, sorted({*known, number}))))


def _restores(setting: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in (setting or "").split(",") if number.isdecimal())


def backups(connection: Connection) -> Iterator[Witness]:
    """What the backups of this book say, those that can be read and were sealed by today's rule."""
    book = driver.setting(connection, "book")
    for path in reversed(backup.kept(backup.book_of(connection))):
        lock = PLAIN if driver.is_plain(path) else connection.info["lock"]
        lenient = suppress(*driver.errors("DatabaseError", OSError))
        with lenient, closing(driver.connect(path, lock, driver.AS_IT_LIES)) as raw:
            kept = dict(raw.execute("SELECT key, value FROM setting WHERE key IN ('book', ?)", (_RESTORES,)))
            if kept.get("book") == book:
                seals = dict(raw.execute("SELECT id, hash FROM change WHERE seal = ?", (VERSION,)))
                rewritten = raw.execute(_REWRITTEN).fetchone()[0]
                yield Witness(path, seals, _restores(kept.get(_RESTORES)), rewritten)


def contradiction(connection: Connection, witnesses: Iterable[Witness]) -> str | None:
    """The first witness that knows another past than the book, where no restore, erasure or closed peer rating accounts for it."""
    found = connection.exec_driver_sql("SELECT id, hash FROM change WHERE seal = ?", (VERSION,))
    seals: dict[int, str] = {row.id: row.hash for row in found}
    restores = _restores(driver.setting(connection, _RESTORES))
    rewritten = connection.exec_driver_sql(_REWRITTEN).scalar_one()
    for witness in witnesses:
        differing = [number for number, seal in witness.seals.items() if seals.get(number) != seal]
        if not differing or max(witness.seals) <= rewritten:
            continue
        first, archive = min(differing), len(witness.seals) == 1
        put_back = restores and first <= witness.rewritten  # to before it, as the log says
        told = first in restores | witness.restores or (archive and any(number <= first for number in restores))
        if not (put_back or told):
            return (
                f"{witness.place} 里保存的变更日志，从第 {first} 条起与现在的不同，而日志里没有恢复或抹除的记录："
                "日志在本程序之外被改写过，或数据库被换成了较早的副本，请与这份文件逐条核对"
            )
    return None
