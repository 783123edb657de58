"""The plan (导入计划): what writing the drafts would add, change or leave alone; then the writing itself.

Commands and workbooks take the same road: `member add` plans one row, an import thousands.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.collected import Source, meet
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.compare import compare
from partybuild_cli.records.base.context import Scope
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft, FieldChange, Manner
from partybuild_cli.records.base.loaded import Loaded, clashes, identifying, load_below, matcher_of
from partybuild_cli.records.base.match import Matcher
from partybuild_cli.records.base.present import tell_all
from partybuild_cli.records.base.query import pick
from partybuild_cli.records.base.returned import Sheet, follow
from partybuild_cli.records.base.rows import resolve
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.people import format_people
from partybuild_cli.values.text import tight

_REMOVED = (
    "这条记录在导出以后已经从数据库里去掉了，没有重新添加。"
    "去掉是误操作的，用 partybuild log 找到那次变更，再用 undo 撤销；确实是新的一条，请用 add 命令登记"
)

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
    edits: list[store.Edit]
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
    """Resolve names, match every draft with what is kept, and say what would change. Nothing is written.

    `source`: the branch whose book the rows are collected from.
    """
    sheet = Sheet(record, manner, headings or {})
    if source is not None:
        drafts = meet(connection, sheet, drafts, scope, source)
    else:
        follow(connection, sheet, drafts, scope)
    if not drafts:
        return Plan(record, drafts, [], [])
    if record.lists_who_was_due:
        _say_what_is_new(connection, record, drafts, scope)
    resolve(record, drafts, scope, headings)
    good = [draft for draft in drafts if not draft.problems]
    matcher, kept = matcher_of(connection, record, good)
    plan = Plan(record, drafts, [], [])
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
            if draft.origin is not None and draft.origin.gone and source is None:
                draft.refuse(record.columns[(record.tells_apart or _identity_keys(record))[0]], "", _REMOVED)
            _take_identity(record, draft)
            number = -place
            matcher.remember(number, draft.stored)
            plan.additions.append(draft)
        else:
            found.append((draft, number))
        met[number] = draft
        _refuse_anothers(record, draft, matcher)
    found = [(draft, number) for draft, number in found if not draft.problems]
    plan.additions = [draft for draft in plan.additions if not draft.problems]
    _compare_all(plan, load_below(connection, kept, [number for _, number in found]), found, scope, manner)
    return plan


def _say_what_is_new(connection: Connection, record: type[Record], drafts: Sequence[Draft], scope: Scope) -> None:
    """A row that comes back as it was exported is not judged anew by a roster that has changed since (导出再导入)."""
    numbers = [draft.number for draft in drafts if draft.number is not None and draft.asked is None]
    kept = load_below(connection, pick(connection, record, numbers))
    told = {one.number: one.values for one in tell_all(record, kept, scope)}
    for draft in drafts if told else ():
        before = told.get(draft.number or 0)
        if before is not None and draft.asked is None:
            keys = draft.values.keys() | {key for key in before if record.columns[key].kind.many}
            draft.asked = frozenset(key for key in keys if not _as_told(before.get(key), draft.values.get(key)))


def _as_told(before: Any, value: Any) -> bool:
    return before == value or (isinstance(before, list) and tight(format_people(before)) == tight(value or ""))


def _again(record: type[Record], draft: Draft, first: Draft) -> None:
    """A second row of one identity: a further visit of a pair joins the first, anything else is a problem."""
    grows = any(column.entry for column in record.columns.values())
    if grows and draft.below.get("entry") and draft.below["entry"] != first.below.get("entry"):
        first.below.setdefault("entry", []).extend(draft.below["entry"])
        draft.outcome = "unchanged"
        return
    heading = next((column.heading for column in record.identity()), "")
    draft.refuse(heading, "", f"与第 {first.row} 行是同一条记录，请合并成一行或改正其中一行")


def _take_identity(record: type[Record], draft: Draft) -> None:
    """A record that comes from another book keeps the identity that it has there, where the row is still the same."""
    came = draft.origin
    telling = record.tells_apart or [column.key for column in record.identity()]
    if came is not None and came.marks is not None and came.cells.keys().isdisjoint(telling):
        draft.stored["uid"] = came.uid


def _refuse_anothers(record: type[Record], draft: Draft, matcher: Matcher) -> None:
    """What was changed in an exported row must not be what another record of the book is known by (只排了一列)."""
    touched = draft.origin.cells.keys() if draft.origin is not None and draft.number is not None else ()
    for key in (key for key in record.tells_apart or _identity_keys(record) if key in touched and key in draft.values):
        column = record.columns[key]
        other = matcher.bearer(draft, column)
        if other is not None:
            draft.refuse(
                column,
                draft.values[key],
                f"这是编号 {other} 的{column.heading}，写到了编号 {draft.number} 的行上。如果只排了这一列的序，"
                "请撤销后整行一起排；确实要这样改的，请用 edit 命令逐条改",
            )


def _identity_keys(record: type[Record]) -> list[str]:
    return [column.key for column in record.identity()]


def _compare_all(plan: Plan, kept: Loaded, found: list[tuple[Draft, int]], scope: Scope, manner: Manner) -> None:
    for draft in plan.additions:
        draft.outcome = "added"
        draft.below = {**draft.below_if_bare, **draft.below}
        for key in sorted(draft.masked):
            draft.warn(
                plan.record.columns[key], "", "这里是打码的，没有存下来；请补上完整的，或换用 export --full 导出的表"
            )
    for draft, number in found:
        draft.number = number
        if manner.mode == "add_only":
            draft.outcome = "unchanged"
            continue
        full = kept.full(number)
        edit, changes = compare(plan.record, draft, full, scope, manner)
        draft.changes = changes
        plan.record.check_edit(draft, full, edit)
        draft.outcome = "changed" if edit.after else "unchanged"
        if edit.after and not draft.problems:
            plan.edits.append(edit)
    _refuse_exchanged(plan)
    _refuse_clashes(plan, kept)


def _refuse_exchanged(plan: Plan) -> None:
    """Refuse a column that gives each of many records what another of them has: the clerk's own sheet was sorted in part."""
    changed: dict[str, list[tuple[Draft, FieldChange]]] = {}
    for draft in plan.drafts:
        if draft.number is not None and draft.origin is None and not draft.problems:
            for change in draft.changes:
                changed.setdefault(change.field, []).append((draft, change))
    refused = set()
    for key, rows in changed.items():
        before, after = (Counter(words) for words in zip(*((one.before, one.after) for _, one in rows), strict=True))
        same = before & after
        if len(same) < _MANY or same.total() * 5 < len(rows) * 4:
            continue
        column = plan.record.columns.get(key)
        for draft, change in rows:
            heading: Column | str = column or key
            draft.refuse(heading, change.after, _EXCHANGED.format(count=len(rows)))
            refused.add(draft.number)
    plan.edits = [edit for edit in plan.edits if edit.number not in refused]


def _refuse_clashes(plan: Plan, kept: Loaded) -> None:
    """A record never becomes the same as another: one 工号 is one person, one member has one record of a month."""
    found = clashes(plan.record, kept, plan.edits, plan.additions)
    drafts = {draft.number: draft for draft in plan.drafts} if found else {}
    for number, other in found.items():
        draft = drafts[number]
        changed = {change.field for change in draft.changes}
        telling = identifying(plan.record)
        column = next(one for one in plan.record.columns.values() if one.key in changed and telling & {*one.parts})
        who = f"编号 {other} 的记录" if other > 0 else "这次添加的另一行"
        draft.refuse(column, draft.values.get(column.key, ""), f"改后就与{who}是同一条了，请核对")
    if found:  # what one of these was to make room for has none now
        plan.edits = [edit for edit in plan.edits if edit.number not in found]
        _refuse_clashes(plan, kept)


def carry_out(connection: Connection, change: Change, plan: Plan) -> None:
    """Write additions and edits of a plan, and note them in the history; drafts get the numbers of their records."""
    shape = plan.record.shape()
    rows = [_document(draft) for draft in plan.additions]
    numbers = store.add(connection, change, shape, rows) if rows else []
    for draft, number in zip(plan.additions, numbers, strict=True):
        draft.number = number
    store.edit(connection, change, shape, plan.edits)


def _document(draft: Draft) -> dict[str, Any]:
    extras = json.dumps(draft.extras, ensure_ascii=False) if draft.extras else None
    return {**draft.stored, "extras": extras, **{table: sorted(rows, key=str) for table, rows in draft.below.items()}}
