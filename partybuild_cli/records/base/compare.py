"""A row against the record that it means (逐项比对): which fields differ, before and after.

A blank never erases unless asked to; of two days that do not contradict each other the finer stays; extras of the row join
those that are kept.
"""

import json
from typing import Any

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Below, Scope
from partybuild_cli.records.base.dated import SPANS, held, hold
from partybuild_cli.records.base.declare import LINKS, Record
from partybuild_cli.records.base.draft import Draft, FieldChange, Manner
from partybuild_cli.records.base.present import Names, read_extras
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.store.rows import Edit
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.day import first_date
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.people import without_marks

Stored = dict[str, Any]
Row = tuple[Any, ...]


def compare(
    record: type[Record], draft: Draft, kept: Stored, scope: Scope, manner: Manner
) -> tuple[Edit, list[FieldChange]]:
    """What the row changes in the record, for the store and for a person."""
    assert draft.number is not None
    roster = scope.roster
    edit = Edit(draft.number, {}, {})
    changes: list[FieldChange] = []
    _same_people(record, draft, kept)
    children = record.shape().children
    lying = Below((child.row, kept[child.table]) for child in children if kept.get(child.table))
    then = record.as_on(kept, lying, scope.as_of.isoformat())
    same = not manner.erase_blank and not draft.erased and draft.stored.items() <= then.items() and not draft.correct
    for column in () if same else record.columns.values():
        if column.key in draft.masked:
            continue
        if column.dated:
            _hold(record, column, draft, kept, then, edit, changes, scope, manner)
        elif _differs(column, draft, kept, manner) and _differs(column, draft, then, manner):
            edit.before.update({part: kept.get(part) for part in column.parts})
            edit.after.update({part: draft.stored.get(part) for part in column.parts})
            change = FieldChange(column.key, text_of(column, kept, roster), text_of(column, draft.stored, roster))
            if change.before != change.after or column.private:  # else it is told by the rows below the record
                changes.append(change)
    _extras(draft, kept, edit, changes, manner)
    bare = draft.below_if_bare and not kept.get(record.children[0].table)
    below = {**draft.below_if_bare, **draft.below} if bare else draft.below
    for child in children:
        if child.table == SPANS.table:
            continue
        old = [tuple(row) for row in kept.get(child.table, [])]
        if child.table == LINKS.table:
            _below(child, _links(record, draft, kept, edit, manner), old, edit, changes, roster)
        elif child.table in below and not (manner.mode == "fill_blank" and old and not child.grows):
            new = [tuple(row) for row in below[child.table]]
            _below(child, _grown(child, old, new, manner) if child.grows else new, old, edit, changes, roster)
    return edit, changes


def _hold(
    record: type[Record], column: Column, draft: Draft, kept: Stored, then: Stored, edit: Edit,
    changes: list[FieldChange], scope: Scope, manner: Manner,
) -> None:  # fmt: skip
    """A value that holds for a time: from the day that the row says, or all along where the book knew of none."""
    spoken = draft.asked is None or column.key in draft.asked
    day, own = scope.as_of.isoformat(), draft.stored.get(column.since) if column.since else None
    if spoken and draft.since:
        day = draft.since
    elif spoken and own and (draft.asked is None or column.since in draft.asked):
        day = first_date(own).isoformat()
    spans: Any = kept.get(SPANS.table, ())
    was = then if day == scope.as_of.isoformat() else held(record, kept, spans, day)
    again = draft.correct and spoken and column.key in draft.values  # what is said already may have been so for longer
    if not (again or _differs(column, draft, was, manner)):
        return
    first = draft.asked is None and all(kept.get(part) is None for part in column.parts)
    known = any(one[0] in column.parts for one in spans)
    since = None if (draft.correct and spoken) or (first and not known) else day
    spans = edit.after.get(SPANS.table, spans)
    now = {**kept, SPANS.table: spans}
    for part in column.parts:
        now[SPANS.table], now[part] = hold(record, now, part, draft.stored.get(part), since)
    after = {part: now[part] for part in column.parts if now[part] != kept.get(part)}
    if sorted(now[SPANS.table]) != sorted(spans):
        after[SPANS.table] = sorted(now[SPANS.table])
    if not after:
        return
    edit.before.update({key: kept.get(key, [] if key == SPANS.table else None) for key in after})
    edit.after.update(after)
    changes.append(
        FieldChange(column.key, text_of(column, was, scope.roster), text_of(column, draft.stored, scope.roster), since)
    )


def _differs(column: Column, draft: Draft, kept: Stored, manner: Manner) -> bool:
    row = draft.stored
    for part in column.parts:
        if row.get(part) != kept.get(part):
            break
    else:
        return False
    new = [row.get(part) for part in column.parts]
    old = [kept.get(part) for part in column.parts]
    if all(value is None for value in new):
        return column.key in draft.erased or (manner.erase_blank and column.key in manner.columns)
    if manner.mode == "fill_blank" and any(value is not None for value in old):
        return False
    return column.kind.differs(new[0], old[0], manner.as_typed)


def text_of(column: Column, row: Stored, roster: Roster) -> str:
    """A stored value as the difference shows it; personal data masked."""
    parts = tuple(row.get(part) for part in column.parts)
    if parts[0] is None:
        return ""
    if column.private:
        return column.kind.hidden
    text = column.kind.said(parts, Names(roster))
    return column.mask(text) if column.mask else text


def _extras(draft: Draft, kept: Stored, edit: Edit, changes: list[FieldChange], manner: Manner) -> None:
    if not draft.extras:
        return
    old = read_extras(kept.get("extras"))
    new = {**draft.extras, **old} if manner.mode == "fill_blank" else {**old, **draft.extras}
    if new != old:
        edit.before["extras"] = kept.get("extras")
        edit.after["extras"] = json.dumps(new, ensure_ascii=False)
        for heading, value in new.items():
            if old.get(heading) != value:
                changes.append(
                    FieldChange(heading, mask_found(heading, old.get(heading, "")), mask_found(heading, value))
                )


def _same_people(record: type[Record], draft: Draft, kept: Stored) -> None:
    """A text that differs by nothing but the numbers behind namesakes, and names the same members, is the kept one."""
    said, known = draft.below.get(LINKS.table), kept.get(LINKS.table)
    for column in record.columns.values() if said and known else ():
        for part in column.parts if column.kind.links else ():
            new, old = draft.stored.get(part), kept.get(part)
            whom = [{member for role, member in rows if role == column.key} for rows in (said or (), known or ())]
            if new and old and new != old and whom[0] == whom[1] and without_marks(new) == without_marks(old):
                draft.stored[part] = old


def _links(record: type[Record], draft: Draft, kept: Stored, edit: Edit, manner: Manner) -> list[Row]:
    """Whom each text names, once the texts are as the edit leaves them. A text that stays unlinks nobody: it was written of
    the same people, whatever they are called by now.
    """
    said, known = draft.below.get(LINKS.table, []), [tuple(row) for row in kept.get(LINKS.table, [])]
    rows: list[Row] = []
    for column in record.columns.values() if said or known else ():
        if column.kind.links:
            new, old = ([row for row in some if row[0] == column.key] for some in (said, known))
            changed = _differs_people(column, draft, old, manner) or any(part in edit.after for part in column.parts)
            same = all(draft.stored.get(part) == kept.get(part) for part in column.parts) and bool(column.parts)
            rows += new if changed or (same and {*new} >= {*old}) else old
    return rows


def _differs_people(column: Column, draft: Draft, old: list[Row], manner: Manner) -> bool:
    """Whether a list of people, which has no text of its own, is as the row says and not as it was."""
    if column.parts:
        return False
    if column.key in draft.values:
        return not (old and manner.mode == "fill_blank")
    return column.key in draft.erased or (manner.erase_blank and column.key in manner.columns)


def _grown(child: ChildShape, old: list[Row], new: list[Row], manner: Manner) -> list[Row]:
    """The entries with those of the row; one of a day that is known already erases nothing by being blank."""
    width = len(child.keyed_by)
    keyed = {row[:width]: row for row in old}
    for row in new:
        if (manner.erase_blank and manner.columns) or row[:width] not in keyed or any(row[width:]):
            keyed[row[:width]] = row
    return list(keyed.values())


def _below(
    child: ChildShape, new: list[Row], old: list[Row], edit: Edit, changes: list[FieldChange], roster: Roster
) -> None:
    if sorted(new, key=str) == sorted(old, key=str):
        return
    edit.before[child.table] = sorted(old, key=str)
    edit.after[child.table] = sorted(new, key=str)
    gone, come = [row for row in old if row not in new], [row for row in new if row not in old]
    changes.append(FieldChange(child.table, rows_text(child, gone, roster), rows_text(child, come, roster)))


def rows_text(child: ChildShape, rows: list[tuple[Any, ...]], roster: Roster) -> str:
    words = []
    for row in rows[:20]:
        if (text := getattr(child.row, "text", None)) is not None:  # a row that can say itself
            words.append(text(child.row(*row)))
            continue
        cells = [
            roster.shown(value) if name == "member_id" else value
            for name, value in zip(child.columns, row, strict=True)
            if name != "role" and value is not None
        ]
        words.append(" ".join(str(cell) for cell in cells))
    return "；".join(words) + ("…" if len(rows) > 20 else "")
