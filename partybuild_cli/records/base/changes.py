"""What a change did, as a person reads it (变更明细): fields before and after, names instead of numbers, personal data masked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.compare import rows_text, text_of
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import FieldChange
from partybuild_cli.records.base.loaded import identifying, twins_now
from partybuild_cli.records.base.present import read_extras
from partybuild_cli.records.base.registry import all_records, called, captions, shapes
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.store import journal
from partybuild_cli.store import undo as undoing
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, hide_numbers, save, this_command
from partybuild_cli.store.rows import kept
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.mask import mask_found


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One record in a change: the ledger's Chinese name, the record's number, what was done, and every field of it.

    A row that is `damaged` tells no fields: they can no longer be read.
    """

    ledger: str
    caption: str
    number: int
    action: str
    fields: list[FieldChange]
    damaged: bool = False


def tell_change(connection: Connection, number: int) -> Iterator[ToldRow]:
    """The rows of change `number`, in order."""
    roster = load_roster(connection)
    records = {record.ledger: record for record in all_records()}
    for row in journal.rows(connection, number):
        record = records.get(row.ledger)
        if row.damaged:
            yield ToldRow(row.ledger, captions().get(row.ledger, row.ledger), row.number, row.action, [], damaged=True)
        elif record is None:
            yield ToldRow(row.ledger, *_of_another_room(row))
        else:
            fields = list(_fields(record, row.before or {}, row.after or {}, roster))
            if record.log_tells and record.confides(
                {**_now(connection, record, row), **(row.before or row.after or {})}
            ):
                fields = [one for one in fields if one.field in record.log_tells]
            yield ToldRow(row.ledger, record.caption, row.number, row.action, fields)


def _now(connection: Connection, record: type[Record], row: journal.Row) -> dict[str, Any]:
    """The record as it stands, where it still does."""
    return kept(connection, record.shape(), [row.number]).get(row.number, {})


def _of_another_room(row: journal.Row) -> tuple[str, int, str, list[FieldChange]]:
    """What another room did tells itself in words: its name, and each value under its word."""
    before, after = row.before or {}, row.after or {}
    words = [word for word in {**before, **after} if word != "名称" or row.action != "edit"]
    said = ({word: "" if one.get(word) is None else str(one[word]) for word in words} for one in (before, after))
    was, now = said
    caption = str(after.get("名称") or before.get("名称") or row.ledger)
    return (
        caption,
        row.number,
        row.action,
        [FieldChange(word, was[word], now[word]) for word in words if was[word] != now[word]],
    )


def _fields(
    record: type[Record], before: dict[str, Any], after: dict[str, Any], roster: Roster
) -> Iterator[FieldChange]:
    keys = before.keys() | after.keys()
    known = before.get("span") or ()
    for column in record.columns.values():
        if any(part in keys for part in column.parts):
            begun = [
                one["until"] for one in after.get("span") or () if one["field"] in column.parts and one not in known
            ]
            since = max(begun, default=None)
            yield FieldChange(column.heading, _said(column, before, roster), _said(column, after, roster), since)
    old_extras, new_extras = _extras(before), _extras(after)
    for heading in {**old_extras, **new_extras}:
        if old_extras.get(heading) != new_extras.get(heading):
            yield FieldChange(heading, old_extras.get(heading, ""), new_extras.get(heading, ""))
    for child in record.shape().children:
        if child.table in keys and (child.table != "span" or not keys & record.columns.keys()):
            old, new = _tuples(child, before), _tuples(child, after)
            gone, come = [row for row in old if row not in new], [row for row in new if row not in old]
            if child.table == "span":
                gone, come = [_named_span(record, row) for row in gone], [_named_span(record, row) for row in come]
            words = rows_text(child, gone, roster), rows_text(child, come, roster)
            if any(words):
                yield FieldChange(_CHILDREN.get(child.table, child.table), *words)


def _named_span(record: type[Record], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """An earlier value under its heading: 党内职务 2026-09-01 前 宣传委员."""
    heading = next((one.heading for one in record.columns.values() if row[0] in one.parts), row[0])
    return heading, f"{row[1]} 前", row[2] or "（空）"


#: What stands below a record, in words.
_CHILDREN = {
    "attendance": "出席情况",
    "headcount": "应到实到",
    "vote": "表决",
    "participation": "参加人员",
    "person": "有关党员",
    "entry": "分次记录",
    "stay": "原所在支部",
    "span": "此前",
    "attachment": "佐证文件",
}


#: What stands for a value that is none of its kind.
_UNREADABLE = "（读不出来）"


def _said(column: Any, row: dict[str, Any], roster: Roster) -> str:
    """The value in words; a number that the roster no longer knows stays a number."""
    if not column.kind.sound(tuple(row.get(part) for part in column.parts)):
        return _UNREADABLE
    return text_of(column, row, roster) if any(row.get(part) is not None for part in column.parts) else ""


def _extras(row: dict[str, Any]) -> dict[str, str]:
    """The clerk's own columns; a long number in one of them may be anybody's ID number or phone."""
    try:
        extras = read_extras(row.get("extras"))
    except (ValueError, TypeError):
        return {"其他列": _UNREADABLE}
    return {heading: hide_numbers(mask_found(heading, value)) for heading, value in extras.items()}


def _tuples(child: ChildShape, document: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in child.columns) for row in document.get(child.table) or ()]


@dataclass(frozen=True, slots=True)
class Undone:
    """A change that was taken back, its command line, the change that did it, and how many records it touched."""

    undone: int
    command: str
    change: int
    rows: int
    comes_back: bool


def take_back(book: Book, number: int, others: undoing.Others) -> Undone:
    """Undo a change; a copy of the book is kept before. `others` takes back what another room did."""
    with book.writing() as connection:
        command = journal.entry(connection, number).command
        change = Change(this_command())
        undoing.undo(connection, change, shapes(), called, number, others)
        _refuse_twins(connection, change, number)
        ours = all(row[0] in shapes() for row in change.rows)
        return Undone(number, command, save(connection, change), len(change.rows), ours)


def _refuse_twins(connection: Connection, change: Change, target: int) -> None:
    """What comes back must not be the same as a record that came meanwhile: one 工号 is one person."""
    for record in all_records():
        back = [
            number
            for ledger, number, _, _, after in change.rows
            if ledger == record.ledger and after is not None and identifying(record) & json.loads(after).keys()
        ]
        for number, other in twins_now(connection, record, back).items():
            raise Unfit(
                f"第 {target} 次变更不能撤销：{called(record.ledger, number)} 会与编号 {other} 的记录成为同一条。"
                "没有撤销任何内容。请先改正或删除那条记录。"
            )
