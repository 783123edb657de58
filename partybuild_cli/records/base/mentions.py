"""Texts that seem to name a person who is forgotten (疑似提到的文字): nobody but a clerk can tell, so they are listed, not changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.forgetting import IDENTIFYING, KEPT, TOLD, Erasure
from partybuild_cli.records.base.present import read_extras
from partybuild_cli.store import journal

#: Shorter numbers than this stand in too many texts to be anybody's.
_LONG = 4
#: Texts of tables that are no ledger: table, what tells its rows apart, columns.
_ELSEWHERE = (
    ("change", "id", ("user", "command")),
    ("index_round", "id", ("reason", "frozen")),
    ("index_objection", "id", ("raised_by", "matter", "handled_by", "finding", "answer")),
    ("heading_map", "signature", ("heading",)),
    ("extra_place", "ledger", ("heading",)),
)


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A text of the book that seems to name the person, and was not changed: ledger or table, number, column."""

    ledger: str
    number: str
    field: str


def seeming(connection: Connection, erasure: Erasure) -> list[Seen]:
    """The texts that seem to name the person, for somebody to look at: of the records as they are and as they were."""
    pattern, found = _pattern(erasure), set[Seen]()

    def look(ledger: str, number: object, told: Iterator[tuple[str, Any]]) -> None:
        for key, text in told:
            if text and any(one.lastgroup != "other" for one in pattern.finditer(str(text))):
                found.add(Seen(ledger, str(number), key))

    for table, key, columns in _ELSEWHERE:
        names = ", ".join(f'"{name}"' for name in (key, *columns))
        for number, *texts in connection.exec_driver_sql(f"SELECT {names} FROM {table}"):
            look(table, number, zip(columns, texts, strict=True))
    for row in journal.every_row(connection):
        for document in (row.before, row.after) if row.ledger in erasure.records else ():
            look(row.ledger, row.number, _prose(erasure.records[row.ledger], document or {}))
    return sorted(found)


def _prose(record: type[Record], document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The prose of a record: no day, no choice, and not what identifies the one whom it is about."""
    for key, value in document.items():
        column = record.columns.get(key)
        if key == "extras" and value:
            yield from ((heading, f"{heading} {text}") for heading, text in read_extras(value).items())
        elif isinstance(value, list):
            yield from ((name, row.get(name)) for row in value for name in ("content", "name", *TOLD))
        elif record.ledger in KEPT and key in IDENTIFYING:
            continue
        elif column is not None and column.kind.free_text:
            yield key, value


def _pattern(erasure: Erasure) -> re.Pattern[str]:
    """Finds what seems to identify the person; a longer name that holds the name is another's, and a year is no 工号."""
    others = {other for other in erasure.theirs for name in erasure.names if name in other and name != other}
    alternatives = [f"(?P<other>{'|'.join(map(re.escape, sorted(others, key=len, reverse=True))) or '(?!)'})"]
    alternatives += [re.escape(name) for name in sorted(erasure.names, key=len, reverse=True)]
    numbers = sorted(number for number in erasure.numbers if len(number) >= _LONG)
    alternatives += [
        rf"(?<![0-9A-Za-z])(?<!\d[-./~至]){re.escape(number)}(?![0-9A-Za-z年])(?![-./~至]\d)" for number in numbers
    ]
    return re.compile("|".join(alternatives))
