"""The plan (导入计划): what writing the drafts would add, change or leave alone; then the writing itself.

Commands and workbooks take the same road: `member add` plans one row, an import thousands. Held against the record that it
means, a blank never erases unless asked to; of two days that do not contradict each other the finer stays; extras of the row
join those that are kept.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from partybuild_cli.records.base.collected import Source, meet
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Below, Scope, Values
from partybuild_cli.records.base.dated import SPANS, Row, Span, held, hold
from partybuild_cli.records.base.declare import ENTRIES, LINKS, Record
from partybuild_cli.records.base.draft import Draft, FieldChange, Manner, Matcher
from partybuild_cli.records.base.loaded import clashes, load_below, matcher_of, pick
from partybuild_cli.records.base.present import Names, read_extras, tell_all
from partybuild_cli.records.base.returned import Sheet, follow
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.rows import resolve
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.store.rows import Edit
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.day import first_date
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.people import format_people, without_marks
from partybuild_cli.values.text import tight

_MOST_TOLD = 20
_REMOVED = (
    "这条记录在导出以后已经从数据库里去掉了，没有重新添加。"
    "去掉是误操作的，用 partybuild log 找到那次变更，再用 undo 撤销；确实是新的一条，请用 add 命令登记"
)
_MASKED = "这里是打码的，没有存下来；请补上完整的，或换用 export --full 导出的表"
#: So many different values that changed places were hardly corrected one by one.
_MANY = 3
_EXCHANGED = (
    "这一列像是单独排过序：{count} 条记录换成了彼此原来的内容，没有改动。"
    "请核对每一行，整行一起排，再导入；确实要互换的，请用 edit 命令逐条改"
)


@dataclass(slots=True)
class Plan:
    """Drafts with their outcomes, ready to be written."""

    record: type[Record]
    drafts: Sequence[Draft]
    edits: list[Edit]
    additions: list[Draft]


def make_plan(
    connection: Connection,
    record: type[Record],
    drafts: Sequence[Draft],
    scope: Scope,
    manner: Manner = Manner(),
    headings: Mapping[str, str] | None = None,
    source: Source | None = None,
) -> Plan:
    """Resolve names, match every draft with what is kept, and say what would change; `source`: the book they come from."""
    sheet = Sheet(record, manner, headings or {})
    if source is not None:
        drafts = meet(connection, sheet, drafts, scope, source)
    elif any(draft.origin for draft in drafts):
        follow(connection, sheet, drafts, scope)
    plan = Plan(record, drafts, [], [])
    if not drafts:
        return plan
    if record.lists_who_was_due:
        _say_what_is_new(connection, record, drafts, scope)
    resolve(record, drafts, scope, headings)
    good = [draft for draft in drafts if not draft.problems]
    matcher, kept = matcher_of(connection, record, good)
    met: dict[int, Draft] = {}
    found: list[tuple[Draft, int]] = []
    for place, draft in enumerate(good, start=1):
        followed = source is not None and draft.origin is not None and not record.tells_apart
        number = draft.number if followed else matcher.find(draft)  # two branches decide alike on one day
        if draft.problems:
            continue
        if number is not None and number in met:
            _again(record, draft, met[number])
            continue
        if number is None:
            if source is None or draft.origin is None:  # what has an identity is told from others by that
                record.check_new(draft)
            came = draft.origin
            if came is not None and came.gone:
                draft.refuse(record.columns[next(iter(record.telling()))], "", _REMOVED)
            if came is not None and came.marks is not None and came.cells.keys().isdisjoint(record.telling()):
                draft.stored["uid"] = came.uid  # of a record of another book, where the row is still the same
            number = -place
            matcher.remember(number, draft.stored)
            plan.additions.append(draft)
        else:
            found.append((draft, number))
        met[number] = draft
        _refuse_anothers(record, draft, matcher)
    found = [(draft, number) for draft, number in found if not draft.problems]
    plan.additions = [draft for draft in plan.additions if not draft.problems]
    for draft in plan.additions:
        draft.outcome, draft.below = "added", {**draft.below_if_bare, **draft.below}
        for key in sorted(draft.masked):
            draft.warn(record.columns[key], "", _MASKED)
    if found:
        load_below(connection, kept, [number for _, number in found])
    for draft, number in found:
        draft.number, draft.outcome = number, "unchanged"
        if manner.mode != "add_only":
            _compare(plan, draft, kept.full(number), scope, manner)
    _refuse_exchanged(plan)
    while twins := clashes(record, kept, plan.edits, plan.additions):
        _refuse_twins(plan, twins)  # what one of these was to make room for has none now
    return plan


def _refuse_exchanged(plan: Plan) -> None:
    """Refuse a column that gives each of many records what another of them has: the clerk's own sheet was sorted in part."""
    changed: dict[str, list[tuple[Draft, FieldChange]]] = {}
    for draft in plan.drafts:
        for change in draft.changes if draft.origin is None and not draft.problems else ():
            changed.setdefault(change.field, []).append((draft, change))
    refused = set()
    for key, rows in changed.items():
        before, after = (Counter(words) for words in zip(*((one.before, one.after) for _, one in rows), strict=True))
        same = before & after
        if len(same) < _MANY or same.total() * 5 < len(rows) * 4:
            continue
        column: Column | str = plan.record.columns.get(key) or key
        for draft, change in rows:
            draft.refuse(column, change.after, _EXCHANGED.format(count=len(rows)))
            refused.add(draft.number)
    plan.edits = [edit for edit in plan.edits if edit.number not in refused]


def carry_out(connection: Connection, change: Change, plan: Plan) -> None:
    """Write additions and edits of a plan, and note them in the history; drafts get the numbers of their records."""
    shape, rows = plan.record.shape(), []
    for draft in plan.additions:
        extras = json.dumps(draft.extras, ensure_ascii=False) if draft.extras else None
        below = {table: sorted(some, key=str) for table, some in draft.below.items()}
        rows.append({**draft.stored, "extras": extras, **below})
    numbers = store.add(connection, change, shape, rows) if rows else []
    for draft, number in zip(plan.additions, numbers, strict=True):
        draft.number = number
    if plan.edits:
        store.edit(connection, change, shape, plan.edits)


def _say_what_is_new(connection: Connection, record: type[Record], drafts: Sequence[Draft], scope: Scope) -> None:
    """A row that comes back as it was exported is not judged anew by a roster that has changed since (导出再导入)."""
    numbers = [draft.number for draft in drafts if draft.number is not None and draft.asked is None]
    told = {one.number: one.values for one in tell_all(record, pick(connection, record, numbers), scope)}
    for draft in drafts:
        before = told.get(draft.number or 0)
        if before is None or draft.asked is not None:
            continue
        asked = set()
        for key in draft.values.keys() | {key for key in before if record.columns[key].kind.many}:
            was, now = before.get(key), draft.values.get(key)
            if isinstance(was, list):
                was, now = tight(format_people(was)), tight(now or "")
            asked |= {key} if was != now else set()
        draft.asked = frozenset(asked)


def _again(record: type[Record], draft: Draft, first: Draft) -> None:
    """A second row of one identity: a further visit of a pair joins the first, anything else is a problem."""
    entries = draft.below.get(ENTRIES.table)
    if entries and entries != first.below.get(ENTRIES.table):
        first.below.setdefault(ENTRIES.table, []).extend(entries)
        draft.outcome = "unchanged"
        return
    heading = next((column.heading for column in record.identity()), "")
    draft.refuse(heading, "", f"与第 {first.row} 行是同一条记录，请合并成一行或改正其中一行")


def _refuse_anothers(record: type[Record], draft: Draft, matcher: Matcher) -> None:
    """What was changed in an exported row must not be what another record of the book is known by (只排了一列)."""
    touched = draft.origin.cells.keys() if draft.origin is not None and draft.number is not None else ()
    for key in (key for key in record.telling() if key in touched and key in draft.values):
        column = record.columns[key]
        other = matcher.bearer(draft, column)
        if other is not None:
            draft.refuse(
                column,
                draft.values[key],
                f"这是编号 {other} 的{column.heading}，写到了编号 {draft.number} 的行上。如果只排了这一列的序，"
                "请撤销后整行一起排；确实要这样改的，请用 edit 命令逐条改",
            )


def _refuse_twins(plan: Plan, twins: Mapping[int, int]) -> None:
    """A record never becomes the same as another: one 工号 is one person, one member has one record of a month."""
    for draft in plan.drafts:
        other = twins.get(draft.number or 0)
        if other is None or not draft.changes:
            continue
        changed, telling = {change.field for change in draft.changes}, plan.record.shape().identity
        columns = plan.record.columns.values()
        column = next(one for one in columns if one.key in changed and not one.parts.keys().isdisjoint(telling))
        who = f"编号 {other} 的记录" if other > 0 else "这次添加的另一行"
        draft.refuse(column, draft.values.get(column.key, ""), f"改后就与{who}是同一条了，请核对")
    plan.edits = [edit for edit in plan.edits if edit.number not in twins]


def _compare(plan: Plan, draft: Draft, kept: Values, scope: Scope, manner: Manner) -> None:
    """What the row changes in the record that it means, for the store and for a person."""
    assert draft.number is not None
    record, changes, edit = plan.record, draft.changes, Edit(draft.number, {}, {})
    _same_people(record, draft, kept)
    children = record.shape().children
    lying = Below((child.row, kept[child.table]) for child in children if kept.get(child.table))
    then = record.as_on(kept, lying, scope.as_of.isoformat())
    same = not manner.erase_blank and not draft.erased and draft.stored.items() <= then.items() and not draft.correct
    for column in () if same else record.columns.values():
        if column.key in draft.masked:
            continue
        if column.dated:
            _hold(record, column, draft, kept, then, edit, scope, manner)
        elif _differs(column, draft, kept, manner) and _differs(column, draft, then, manner):
            edit.before.update({part: kept.get(part) for part in column.parts})
            edit.after.update({part: draft.stored.get(part) for part in column.parts})
            before, after = (text_of(column, row, scope.roster) for row in (kept, draft.stored))
            if before != after or column.private:  # else it is told by the rows below the record
                changes.append(FieldChange(column.key, before, after))
    _join_extras(draft, kept, edit, manner)
    bare = draft.below_if_bare and not kept.get(record.children[0].table)
    below = {**draft.below_if_bare, **draft.below} if bare else draft.below
    for child in children:
        old = [tuple(row) for row in kept.get(child.table, [])]
        if child.table == LINKS.table:
            new = _links(record, draft, old, kept, edit, manner)
        elif (
            child.table in below
            and child.table != SPANS.table
            and not (manner.mode == "fill_blank" and old and not child.grows)
        ):
            new = [tuple(row) for row in below[child.table]]
            new = _grown(child, old, new, manner) if child.grows else new
        else:
            continue
        if sorted(new, key=str) != sorted(old, key=str):
            edit.before[child.table], edit.after[child.table] = sorted(old, key=str), sorted(new, key=str)
            gone, come = [row for row in old if row not in new], [row for row in new if row not in old]
            words = (rows_text(child, some, scope.roster) for some in (gone, come))
            changes.append(FieldChange(child.table, *words))
    record.check_edit(draft, kept, edit)
    draft.outcome = "changed" if edit.after else "unchanged"
    if edit.after and not draft.problems:
        plan.edits.append(edit)


def _hold(
    record: type[Record], column: Column, draft: Draft, kept: Values, then: Values, edit: Edit, scope: Scope,
    manner: Manner,
) -> None:  # fmt: skip
    """A value that holds for a time: from the day that the row says, or all along where the book knew of none."""
    spoken = draft.asked is None or column.key in draft.asked
    day, own = scope.as_of.isoformat(), draft.stored.get(column.since) if column.since else None
    if spoken and draft.since:
        day = draft.since
    elif spoken and own and (draft.asked is None or column.since in draft.asked):
        day = first_date(own).isoformat()
    spans: list[Span] = kept.get(SPANS.table, [])
    was = then if day == scope.as_of.isoformat() else held(record, kept, spans, day)
    again = draft.correct and spoken and column.key in draft.values  # what is said already may have been so for longer
    if not (again or _differs(column, draft, was, manner)):
        return
    first = draft.asked is None and all(kept.get(part) is None for part in column.parts)
    known = any(one.field in column.parts for one in spans)
    since = None if (draft.correct and spoken) or (first and not known) else day
    spans = edit.after.get(SPANS.table, spans)
    now: Values = {**kept, SPANS.table: spans}
    for part in column.parts:
        now[SPANS.table], now[part] = hold(record, now, part, draft.stored.get(part), since)
    after = {part: now[part] for part in column.parts if now[part] != kept.get(part)}
    if sorted(now[SPANS.table]) != sorted(spans):
        after[SPANS.table] = sorted(now[SPANS.table])
    if after:
        edit.before.update({key: kept.get(key, [] if key == SPANS.table else None) for key in after})
        edit.after.update(after)
        before, now_said = (text_of(column, row, scope.roster) for row in (was, draft.stored))
        draft.changes.append(FieldChange(column.key, before, now_said, since))


def _differs(column: Column, draft: Draft, kept: Values, manner: Manner) -> bool:
    new, old = ([row.get(part) for part in column.parts] for row in (draft.stored, kept))
    if new == old:
        return False
    if all(value is None for value in new):
        return column.key in draft.erased or (manner.erase_blank and column.key in manner.columns)
    if manner.mode == "fill_blank" and any(value is not None for value in old):
        return False
    return column.kind.differs(new[0], old[0], manner.as_typed)


def _join_extras(draft: Draft, kept: Values, edit: Edit, manner: Manner) -> None:
    old = read_extras(kept.get("extras")) if draft.extras else {}
    new = {**draft.extras, **old} if manner.mode == "fill_blank" else {**old, **draft.extras}
    if new != old:
        edit.before["extras"], edit.after["extras"] = kept.get("extras"), json.dumps(new, ensure_ascii=False)
    for heading, value in new.items():
        if old.get(heading) != value:
            words = (mask_found(heading, text) for text in (old.get(heading, ""), value))
            draft.changes.append(FieldChange(heading, *words))


def _same_people(record: type[Record], draft: Draft, kept: Values) -> None:
    """A text that differs by nothing but the numbers behind namesakes, and names the same members, is the kept one."""
    said, known = draft.below.get(LINKS.table), kept.get(LINKS.table)
    for column in record.columns.values() if said and known else ():
        for part in column.parts if column.kind.links else ():
            new, old = draft.stored.get(part), kept.get(part)
            whom = [{member for role, member in rows if role == column.key} for rows in (said or (), known or ())]
            if new and old and new != old and whom[0] == whom[1] and without_marks(new) == without_marks(old):
                draft.stored[part] = old


def _links(
    record: type[Record], draft: Draft, known: Sequence[Row], kept: Values, edit: Edit, manner: Manner
) -> list[Row]:
    """Whom each text names, once the texts are as the edit leaves them. A text that stays unlinks nobody: it was written of
    the same people, whatever they are called by now.
    """
    said: Sequence[Row] = draft.below.get(LINKS.table, [])
    rows: list[Row] = []
    for key, column in record.columns.items() if said or known else ():
        if not column.kind.links:
            continue
        new, old = ([row for row in some if row[0] == key] for some in (said, known))
        if column.parts:
            same = all(draft.stored.get(part) == kept.get(part) for part in column.parts)
            changed = any(part in edit.after for part in column.parts) or (same and {*new} >= {*old})
        elif key in draft.values:
            changed = not (old and manner.mode == "fill_blank")
        else:
            changed = key in draft.erased or (manner.erase_blank and key in manner.columns)
        rows += new if changed else old
    return rows


def _grown(child: ChildShape, old: list[Row], new: list[Row], manner: Manner) -> list[Row]:
    """The entries with those of the row; one of a day that is known already erases nothing by being blank."""
    width = len(child.keyed_by)
    keyed = {row[:width]: row for row in old}
    for row in new:
        if (manner.erase_blank and manner.columns) or row[:width] not in keyed or any(row[width:]):
            keyed[row[:width]] = row
    return list(keyed.values())


def text_of(column: Column, row: Values, roster: Roster) -> str:
    """A stored value as the difference shows it; personal data masked."""
    parts = tuple(row.get(part) for part in column.parts)
    if parts[0] is None:
        return ""
    if column.private:
        return column.kind.hidden
    text = column.kind.said(parts, Names(roster))
    return column.mask(text) if column.mask else text


def rows_text(child: ChildShape, rows: Sequence[Row], roster: Roster) -> str:
    """Rows below a record as the difference shows them."""
    words = []
    for row in rows[:_MOST_TOLD]:
        if (text := getattr(child.row, "text", None)) is not None:  # a row that can say itself
            words.append(text(child.row(*row)))
            continue
        cells = zip(child.columns, row, strict=True)
        said = (
            roster.shown(value) if name == "member_id" else str(value)
            for name, value in cells
            if value is not None and name != "role"
        )
        words.append(" ".join(said))
    return "；".join(words) + ("…" if len(rows) > _MOST_TOLD else "")
