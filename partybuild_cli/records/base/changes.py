"""What a change did, as a person reads it (变更明细): fields before and after, names instead of numbers, personal data masked."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.clash import twins_now
from partybuild_cli.records.base.column import SPANS, Column, Values
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.diff import rows_text, text_of
from partybuild_cli.records.base.present import read_extras
from partybuild_cli.records.base.registry import all_records, called, captions, shapes
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import FieldChange
from partybuild_cli.records.base.touched import remark_of_past
from partybuild_cli.store import asof, history
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, hide_numbers, save, this_command
from partybuild_cli.store.rows import kept
from partybuild_cli.values.people import mask_found

_UNREADABLE = "（读不出来）"  # what stands for a value that is none of its kind
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


class ToldRow(NamedTuple):
    """One record in a change: ledger, number, what was done, every field; of a `damaged` row no field is told."""

    ledger: str
    caption: str
    number: int
    action: str
    fields: list[FieldChange]
    damaged: bool = False


def tell_change(connection: Connection, number: int) -> Iterator[ToldRow]:
    roster = load_roster(connection)
    records = {record.ledger: record for record in all_records()}
    for row in history.rows(connection, change=number):
        record, before, after = records.get(row.ledger), row.before or {}, row.after or {}
        if row.damaged:
            yield ToldRow(row.ledger, captions().get(row.ledger, row.ledger), row.number, row.action, [], damaged=True)
        elif record is None:  # what another room did tells itself in words: its name, and each value under its word
            words = [word for word in {**before, **after} if word != "名称" or row.action != "edit"]
            said = [
                (word, *("" if one.get(word) is None else str(one[word]) for one in (before, after))) for word in words
            ]
            fields = [FieldChange(*one) for one in said if one[1] != one[2]]
            caption = str(after.get("名称") or before.get("名称") or row.ledger)
            yield ToldRow(row.ledger, caption, row.number, row.action, fields)
        else:
            fields = list(_fields(record, before, after, roster))
            now = kept(connection, record.shape, [row.number]).get(row.number, {}) if record.scattered else {}
            alone = record.log_tells({**now, **(before or after)})
            fields = [one for one in fields if alone is None or one.field in alone]
            yield ToldRow(row.ledger, record.caption, row.number, row.action, fields)


def _fields(record: type[Record], before: Values, after: Values, roster: Roster) -> Iterator[FieldChange]:
    keys, known = before.keys() | after.keys(), before.get(SPANS.table) or ()
    for column in record.columns.values():
        if not keys.isdisjoint(column.parts):
            new = [one for one in after.get(SPANS.table) or () if one["field"] in column.parts and one not in known]
            was, now = (_said(column, row, roster) for row in (before, after))
            yield FieldChange(column.heading, was, now, max((one["until"] for one in new), default=None))
    old, come = _extras(before), _extras(after)
    for heading in {**old, **come}:
        if old.get(heading) != come.get(heading):
            yield FieldChange(heading, old.get(heading, ""), come.get(heading, ""))
    for child in record.shape.children:
        if child.table not in keys or (child.table == SPANS.table and keys & record.columns.keys()):
            continue
        rows = [[tuple(map(row.get, child.columns)) for row in one.get(child.table) or ()] for one in (before, after)]
        differing = [[row for row in rows[at] if row not in rows[1 - at]] for at in (0, 1)]
        if child.table == SPANS.table:
            differing = [[_named_span(record, *row) for row in some] for some in differing]
        was, now = (rows_text(child, some, roster) for some in differing)
        if was or now:
            yield FieldChange(_CHILDREN.get(child.table, child.table), was, now)


def _named_span(record: type[Record], field: str, until: str, value: str | None) -> tuple[str, str, str]:
    """An earlier value under its heading: 党内职务 2026-09-01 前 宣传委员."""
    heading = next((one.heading for one in record.columns.values() if field in one.parts), field)
    return heading, f"{until} 前", value or "（空）"


def _said(column: Column, row: Values, roster: Roster) -> str:
    """The value in words; a number that the roster no longer knows stays a number."""
    if not column.kind.sound(tuple(row.get(part) for part in column.parts)):
        return _UNREADABLE
    return text_of(column, row, roster) if any(row.get(part) is not None for part in column.parts) else ""


def _extras(row: Values) -> dict[str, str]:
    """The clerk's own columns; a long number in one of them may be anybody's ID number or phone."""
    try:
        extras = read_extras(row.get("extras"))
    except (ValueError, TypeError):
        return {"其他列": _UNREADABLE}
    return {heading: hide_numbers(mask_found(heading, value)) for heading, value in extras.items()}


class Undone(NamedTuple):
    """A change that was taken back, its command line, the change that did it, and how many records it touched.

    `past`: whether it had added some that speak of a period that is over.
    """

    undone: int
    command: str
    change: int
    rows: int
    comes_back: bool


def take_back(book: Book, number: int, others: asof.Others) -> Undone:
    """Undo a change; `others` takes back what another room did. Unfit where a twin of what comes back came meanwhile."""
    with book.writing() as connection:
        command = history.entry(connection, number).command
        change = Change(this_command())
        asof.undo(connection, change, shapes(), called, number, others)
        for record in all_records():
            back = [
                row[1]
                for row in change.rows
                if row[0] == record.ledger and row[4] and json.loads(row[4]).keys() & {*record.shape.identity}
            ]
            for twin, other in twins_now(connection, record, back).items():
                raise Unfit(
                    f"第 {number} 次变更不能撤销：{called(record.ledger, twin)} 会与编号 {other} 的记录成为同一条。"
                    "没有撤销任何内容。请先改正或删除那条记录。"
                )
        ours = all(row[0] in shapes() for row in change.rows)
        remark_of_past(connection, change)
        return Undone(number, command, save(connection, change), len(change.rows), ours)
