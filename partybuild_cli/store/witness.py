"""Who else knows the history (校验链的旁证): backups and quarterly archives, which keep the seal of its last entry of their day.

Whoever alters an old entry from outside can seal all later ones anew, so that the chain is sound in itself; what it was
stands in these files, which may lie on other disks. A restore and an erasure change the past too, and say so in the log.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.store import backup, chain, driver, settings
from partybuild_cli.store.key import PLAIN

_HISTORY = "history"
#: The setting in which the entries that are restores stand, their numbers parted by commas.
_RESTORES = "restores"


@dataclass(frozen=True, slots=True)
class Witness:
    """What a file says of the history of its day: number -> seal of every entry it knows, and which of them are restores."""

    place: Path
    seals: Mapping[int, str]
    restores: frozenset[int] = frozenset()


def manifest_entry(connection: Connection) -> dict[str, Any]:
    """What the manifest of an archive keeps: the last entry that changed a record, with its seal."""
    found = connection.exec_driver_sql(
        "SELECT id, hash FROM change WHERE id = (SELECT max(change_id) FROM change_row)"
    ).first()
    return {_HISTORY: {"change": found[0], "seal": found[1]}} if found else {}


def archives(manifests: Iterable[Path]) -> Iterator[Witness]:
    """What manifests say, those that can be read and speak of it."""
    for path in manifests:
        try:
            kept = json.loads(path.read_bytes())[_HISTORY]
            yield Witness(path, {int(kept["change"]): str(kept["seal"])})
        except (OSError, ValueError, KeyError, TypeError):
            continue


def restored(connection: Connection, number: int) -> None:
    """Keep that an entry is a restore: from it on the past may differ from what backups and archives know."""
    settings.put(
        connection, _RESTORES, ",".join(map(str, sorted({*_restores(settings.get(connection, _RESTORES)), number})))
    )


def _restores(setting: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in (setting or "").split(",") if number.isdecimal())


def backups(connection: Connection) -> Iterator[Witness]:
    """What the backups of this book say, those that can be read and were sealed by today's rule."""
    book = settings.get(connection, "book")
    for one in backup.made(backup.book_of(connection)):
        lock = PLAIN if driver.is_plain(one.path) else connection.info["lock"]
        try:
            with closing(driver.connect(one.path, lock, "mode=ro&immutable=1")) as raw:
                kept = dict(
                    raw.execute("SELECT key, value FROM setting WHERE key IN ('book', ?)", (_RESTORES,)).fetchall()
                )
                if kept.get("book") != book:
                    continue
                seals = dict(raw.execute("SELECT id, hash FROM change WHERE seal = ?", (chain.VERSION,)).fetchall())
        except driver.errors("DatabaseError", OSError):
            continue
        yield Witness(one.path, seals, _restores(kept.get(_RESTORES)))


def contradiction(connection: Connection, witnesses: Iterable[Witness]) -> str | None:
    """The first witness that knows another past than the book, where no restore and no erasure of the log accounts for it."""
    found = connection.exec_driver_sql("SELECT id, hash FROM change WHERE seal = ?", (chain.VERSION,))
    seals: dict[int, str] = {row.id: row.hash for row in found}
    restores = _restores(settings.get(connection, _RESTORES))
    erased = connection.exec_driver_sql(
        "SELECT coalesce(max(change_id), 0) FROM change_row WHERE action = 'forget'"
    ).scalar()
    for one in witnesses:
        differing = [number for number, seal in one.seals.items() if seals.get(number) != seal]
        if not differing or max(one.seals) <= int(erased or 0):
            continue
        first = min(differing)
        if first in restores | one.restores or (len(one.seals) == 1 and any(number <= first for number in restores)):
            continue
        return (
            f"{one.place} 里保存的变更日志，从第 {first} 条起与现在的不同，而日志里没有恢复或抹除的记录："
            "日志在本程序之外被改写过，或数据库被换成了较早的副本，请与这份文件逐条核对"
        )
    return None
