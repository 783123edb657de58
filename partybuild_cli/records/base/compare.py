"""A row against the record that it means (逐项比对): which fields differ, before and after.

A blank never erases unless asked to; of two days that do not contradict each other the finer stays; extras of the row join
those that are kept.
"""

import json
from typing import Any

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.draft import Draft, FieldChange
from partybuild_cli.records.base.kinds import BranchKind, MemberKind
from partybuild_cli.records.base.manner import Manner
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.store.rows import Edit
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.day import Day, agrees, finer

Stored = dict[str, Any]


def compare(
    record: type[Record], draft: Draft, kept: Stored, roster: Roster, manner: Manner
) -> tuple[Edit, list[FieldChange]]:
    """What the row changes in the record, for the store and for a person."""
    assert draft.number is not None
    edit = Edit(draft.number, {}, {})
    changes: list[FieldChange] = []
    same = not manner.erase_blank and draft.stored.items() <= kept.items()
    for column in () if same else record.columns.values():
        if _differs(column, draft.stored, kept, manner):
            edit.before.update({part: kept.get(part) for part in column.parts})
            edit.after.update({part: draft.stored.get(part) for part in column.parts})
            changes.append(
                FieldChange(column.key, text_of(column, kept, roster), text_of(column, draft.stored, roster))
            )
    _extras(draft, kept, edit, changes, manner)
    for child in record.shape().children:
        if child.table in draft.below and not (
            manner.mode == "fill_blank" and kept.get(child.table) and not child.grows
        ):
            _below(child, draft.below[child.table], kept.get(child.table, []), edit, changes, roster)
    return edit, changes


def _differs(column: Column, row: Stored, kept: Stored, manner: Manner) -> bool:
    for part in column.parts:
        if row.get(part) != kept.get(part):
            break
    else:
        return False
    new = [row.get(part) for part in column.parts]
    old = [kept.get(part) for part in column.parts]
    if all(value is None for value in new):
        return manner.erase_blank and column.key in manner.columns
    if manner.mode == "fill_blank" and any(value is not None for value in old):
        return False
    if isinstance(column.kind, Day):
        day, was = str(new[0]), str(old[0] or "")
        if day[:1].isdigit() and was[:1].isdigit():
            return not agrees(day, was) or finer(day, was) != was
    return True


def text_of(column: Column, row: Stored, roster: Roster) -> str:
    """A stored value as the difference shows it; personal data masked."""
    parts = tuple(row.get(part) for part in column.parts)
    if parts[0] is None:
        return ""
    if isinstance(column.kind, BranchKind):
        return roster.branch_names.get(int(parts[0]), str(parts[0]))
    if isinstance(column.kind, MemberKind):
        return roster.shown(parts[0]) if isinstance(parts[0], int) else "***"
    text = column.kind.text(column.kind.decode(parts))
    if column.private:
        return "（不公开）"
    return column.mask(text) if column.mask else text


def _extras(draft: Draft, kept: Stored, edit: Edit, changes: list[FieldChange], manner: Manner) -> None:
    if not draft.extras:
        return
    old: dict[str, str] = json.loads(kept["extras"]) if kept.get("extras") else {}
    new = {**draft.extras, **old} if manner.mode == "fill_blank" else {**old, **draft.extras}
    if new != old:
        edit.before["extras"] = kept.get("extras")
        edit.after["extras"] = json.dumps(new, ensure_ascii=False)
        for heading, value in new.items():
            if old.get(heading) != value:
                changes.append(FieldChange(heading, old.get(heading, ""), value))


def _below(
    child: ChildShape, rows: list[Any], kept: list[Any], edit: Edit, changes: list[FieldChange], roster: Roster
) -> None:
    old = [tuple(row) for row in kept]
    new = [tuple(row) for row in rows]
    if child.grows:
        width = [child.columns.index(name) for name in child.keyed_by]
        keyed = {tuple(row[at] for at in width): row for row in [*old, *new]}
        new = list(keyed.values())
    if sorted(new, key=str) == sorted(old, key=str):
        return
    edit.before[child.table] = sorted(old, key=str)
    edit.after[child.table] = sorted(new, key=str)
    gone, come = [row for row in old if row not in new], [row for row in new if row not in old]
    changes.append(FieldChange(child.table, rows_text(child, gone, roster), rows_text(child, come, roster)))


def rows_text(child: ChildShape, rows: list[tuple[Any, ...]], roster: Roster) -> str:
    words = []
    for row in rows[:20]:
        cells = [
            roster.shown(value) if name == "member_id" else value
            for name, value in zip(child.columns, row, strict=True)
            if name != "role" and value is not None
        ]
        words.append(" ".join(str(cell) for cell in cells))
    return "；".join(words) + ("…" if len(rows) > 20 else "")
