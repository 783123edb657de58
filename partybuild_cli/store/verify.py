"""Checking the chain of the history (核对日志): names the first entry that was altered outside the tool."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.store import settings
from partybuild_cli.store.history import HEAD, fingerprint


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries there are, and the first that is not as it was written (None where all are)."""

    entries: int
    altered: int | None = None
    reason: str = ""


def verify(connection: Connection) -> Verdict:
    """Compute every hash again, one pass over the history."""
    heads = connection.exec_driver_sql('SELECT id, at, "user", command, undoes, hash FROM change ORDER BY id').all()
    groups = _groups(connection)
    number, rows = next(groups, (None, []))
    previous = ""
    for place, (*head, kept) in enumerate(heads, start=1):
        if head[0] != place:
            return Verdict(len(heads), place, "这一条不见了")
        if number is not None and number < place:
            return Verdict(len(heads), place, "有不属于任何变更的明细")
        mine = []
        if number == place:
            mine = rows
            number, rows = next(groups, (None, []))
        if fingerprint(previous, tuple(head), mine) != kept:
            return Verdict(len(heads), place, "内容与写入时的校验值不符")
        previous = kept
    if number is not None:
        return Verdict(len(heads), number, "这一条不见了，明细还在")
    return _end(connection, len(heads), previous)


def _end(connection: Connection, count: int, seal: str) -> Verdict:
    """Whether the last entry is the one that was written last."""
    last, _, kept = (settings.get(connection, HEAD) or "0:").partition(":")
    if int(last) > count:
        return Verdict(count, count + 1, "这一条不见了")
    if (int(last), kept) != (count, seal):
        return Verdict(count, int(last) + 1, "这一条不是本程序写入的")
    return Verdict(count)


def _groups(connection: Connection) -> Iterator[tuple[int, list[Any]]]:
    """The rows of each change, as they were hashed."""
    found = connection.exec_driver_sql(
        "SELECT change_id, place, ledger, number, action, before, after FROM change_row ORDER BY change_id, place"
    )
    for number, rows in groupby(found, key=lambda row: row[0]):
        yield number, [tuple(row) for row in rows]
