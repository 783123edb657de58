"""Texts that seem to name a person who is forgotten (疑似提到的文字): nobody but a clerk can tell, so they are listed, not changed."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.forgetting import IDENTIFYING, KEPT, TOLD, Erasure
from partybuild_cli.records.base.soundness import read_extras
from partybuild_cli.store import journal
from partybuild_cli.store.forget import cells
from partybuild_cli.values.text import Text

#: Shorter numbers than this stand in too many texts to be anybody's.
_LONG = 4


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A text of the book that seems to name the person, and was not changed: ledger or table, number, column."""

    ledger: str
    number: str
    field: str


#: Texts of tables that are no ledger.
_ELSEWHERE = {
    "change": ("command",),
    "index_objection": ("raised_by", "matter", "handled_by", "finding", "answer"),
    "index_round": ("reason", "frozen"),
    "index_score": (),
    "index_scheme": (),
    "setting": (),
    "retired": (),
    "change_row": (),
}


def seeming(connection: Connection, erasure: Erasure) -> list[Seen]:
    """The texts that seem to name the person, for somebody to look at: of the records as they are and as they were."""
    pattern, found = _pattern(erasure), set[Seen]()
    below = {child.table for record in erasure.records.values() for child in record.shape().children}
    for table, column, number, text in cells(connection):
        if table not in below and pattern.search(text):
            told = _of_cell(erasure.records.get(table), table, column, text)
            found |= {Seen(table, str(number), key) for key, said in told if _finds(pattern, said)}
    for row in journal.every_row(connection):
        for document in (row.before, row.after) if row.ledger in erasure.records else ():
            said = _of_document(erasure.records[row.ledger], document or {})
            found |= {Seen(row.ledger, str(row.number), key) for key, text in said if _finds(pattern, text)}
    return sorted(found)


def _of_cell(record: type[Record] | None, table: str, column: str, text: str) -> Iterator[tuple[str, str]]:
    """The texts that a cell of the database holds, each with what it is called."""
    if record is not None:
        yield from _of_document(record, {column: text})
    elif column == "frozen":
        yield from ((column, said) for said in _said(json.loads(text)))
    elif column in _ELSEWHERE.get(table, (column,)):
        yield column, text


def _of_document(record: type[Record], document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The prose of a document: no day, no choice, and not what identifies the one whom it is about."""
    for key, value in document.items():
        column = record.columns.get(key)
        if key == "extras" and value:
            yield from ((heading, f"{heading} {text}") for heading, text in read_extras(value).items())
        elif isinstance(value, list):
            yield from ((name, str(row[name])) for row in value for name in ("content", *TOLD) if row.get(name))
        elif value and column is not None and isinstance(column.kind, Text) and not _identifies(record, key):
            yield key, str(value)


def _identifies(record: type[Record], key: str) -> bool:
    return record.ledger in KEPT and key in IDENTIFYING


def _said(posted: Any) -> Iterator[str]:
    """The titles and notes of the records behind a posting."""
    if isinstance(posted, list):
        yield from (text for one in posted for text in _said(one))
    elif isinstance(posted, dict):
        yield from (str(posted[key]) for key in ("title", "note") if posted.get(key))
        yield from (text for one in posted.values() for text in _said(one))


def _finds(pattern: re.Pattern[str], text: str) -> bool:
    return any(found.lastgroup != "other" for found in pattern.finditer(text))


def _pattern(erasure: Erasure) -> re.Pattern[str]:
    """Finds what seems to identify the person; a longer name that holds the name is another's, and a year is no 工号."""
    theirs = {name for one in erasure.others.values() for name in one.ever["name"]}
    others = {other for other in theirs for name in erasure.names if name in other and name != other}
    alternatives = [f"(?P<other>{'|'.join(map(re.escape, sorted(others, key=len, reverse=True))) or '(?!)'})"]
    alternatives += [re.escape(name) for name in sorted(erasure.names, key=len, reverse=True)]
    numbers = sorted(number for number in erasure.numbers if len(number) >= _LONG)
    alternatives += [
        rf"(?<![0-9A-Za-z])(?<!\d[-./~至]){re.escape(number)}(?![0-9A-Za-z年])(?![-./~至]\d)" for number in numbers
    ]
    return re.compile("|".join(alternatives))
