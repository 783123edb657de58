"""Whether what is kept can be read (内容可读): values that a bad sector or another program changed are named, not guessed at."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kept import load_kept
from partybuild_cli.records.base.kinds import TEXT
from partybuild_cli.records.base.registry import all_records, called

#: The heading under which the columns that only the clerk knows are named.
_EXTRAS = "其他列"
_NAMED = 5


def read_extras(text: Any) -> dict[str, str]:
    """The columns that only the clerk knows (其他列). ValueError where they are none."""
    found = json.loads(text or "{}")
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError
    return found


def unsound(record: type[Record], row: dict[str, Any]) -> list[str]:
    """The headings of those columns of a stored record that cannot have been stored so."""
    found = [
        column.heading
        for column in record.columns.values()
        if column.parts and not column.kind.sound(tuple(row.get(part) for part in column.parts))
    ]
    try:
        if not TEXT.sound((row.get("extras"),)):
            raise ValueError
        read_extras(row.get("extras"))
    except (ValueError, TypeError):
        found.append(_EXTRAS)
    return found


def damaged(record: type[Record], number: int, headings: list[str]) -> Unfit:
    """What to say where such a record is needed."""
    return Unfit(
        f"{_named(record.ledger, number, headings)}已损坏，读不出来。"
        "请用 partybuild doctor 看还有哪些，再用 partybuild restore 从备份恢复。"
    )


def damage_of(connection: Connection) -> str | None:
    """Every value of the records that cannot be read, in words; None where all can. The connection reads what is no text."""
    found = list(_unreadable(connection))
    if not found:
        return None
    more = f" 等 {len(found)} 处" if len(found) > _NAMED else ""
    return f"{'；'.join(found[:_NAMED])}{more}读不出来，请用 partybuild restore 从最近的备份恢复"


def _unreadable(connection: Connection) -> Iterator[str]:
    for record in all_records():
        for number, row in load_kept(connection, record.shape()).rows.items():
            headings = unsound(record, row)
            if headings:
                yield _named(record.ledger, number, headings)


def _named(ledger: str, number: int, headings: list[str]) -> str:
    return f"{called(ledger, number)} 的{''.join(f'“{one}”' for one in headings)}"
