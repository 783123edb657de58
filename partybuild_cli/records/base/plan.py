"""The plan (导入计划): what writing rows would add, change or leave alone; then the writing itself.

Commands and workbooks take the same road: `member add` plans one row, an import thousands.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from partybuild_cli.records.base.collected import Source, meet
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Scope, Values
from partybuild_cli.records.base.declare import ENTRIES, Record
from partybuild_cli.records.base.diff import Differ
from partybuild_cli.records.base.former import Former
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.records.base.present import candidates, clashes, pick, tell_all
from partybuild_cli.records.base.returned import SheetColumns, follow
from partybuild_cli.records.base.row import FieldChange, Manner, Matcher, ParsedRow, PlannedRow, ResolvedRow
from partybuild_cli.records.base.rows import Resolver
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.people import format_people
from partybuild_cli.values.text import tight

_REMOVED = (
    "这条记录在导出以后已经从数据库里去掉了，没有重新添加。"
    "去掉是误操作的，用 partybuild log 找到那次变更，再用 undo 撤销；确实是新的一条，请用 add 命令登记"
)
_MASKED = "这里是打码的，没有存下来；请补上完整的，或换用 export --full 导出的表"
#: So many kept records are held at a time.
_AT_A_TIME = 1000
#: So many different values that changed places were hardly corrected one by one.
_MANY = 3
_EXCHANGED = (
    "这一列像是单独排过序：{count} 条记录换成了彼此原来的内容，没有改动。"
    "请核对每一行，整行一起排，再导入；确实要互换的，请用 edit 命令逐条改"
)


@dataclass(slots=True)
class Plan:
    """What is to be done with rows, in their order."""

    record: type[Record]
    rows: list[PlannedRow]


def make_plan(
    connection: Connection,
    record: type[Record],
    parsed: Sequence[ParsedRow],
    scope: Scope,
    manner: Manner = Manner(),
    headings: Mapping[str, str] | None = None,
    source: Source | None = None,
) -> Plan:
    """Resolve names, match every row with what is kept, and say what would change; `source`: the book they come from."""
    sheet = SheetColumns(record, manner, headings or {})
    if source is not None:
        parsed = meet(connection, sheet, parsed, scope, source)
    elif any(row.origin for row in parsed):
        parsed = follow(connection, sheet, parsed, scope)
    if record.lists_who_was_due:
        parsed = _say_what_is_new(connection, record, parsed, scope)
    planned = [row.planned() for row in parsed]
    resolver = Resolver(record, scope, headings)
    good: list[tuple[PlannedRow, ResolvedRow]] = []
    for row in planned:
        if row.parsed.settled:
            row.number, row.outcome = row.parsed.number, "unchanged"
            continue
        resolved = resolver.resolve(row.parsed)
        row.values, row.below = resolved.values, resolved.below
        if not row.problems:
            good.append((row, resolved))
    plan = Plan(record, planned)
    if good:
        _meet_the_kept(connection, plan, good, scope, manner, source)
    if source is not None:
        source.take(record.ledger, plan.rows)
    return plan


def _meet_the_kept(
    connection: Connection, plan: Plan, good: Sequence[tuple[PlannedRow, ResolvedRow]], scope: Scope, manner: Manner,
    source: Source | None,
) -> None:  # fmt: skip
    """Add, change or leave alone."""
    record, rows = plan.record, [row for _, row in good]
    former = Former(connection, record, rows, scope)
    kept = candidates(connection, record, [row.stored for row in rows], former.numbers)
    matcher = record.matcher(record.identity(), former.as_then(kept))
    met: dict[int, ResolvedRow] = {}
    found: list[tuple[PlannedRow, ResolvedRow, int]] = []
    added: list[tuple[PlannedRow, ResolvedRow]] = []
    for place, (row, resolved) in enumerate(good, start=1):
        came = row.parsed.origin
        followed = source is not None and came is not None and not record.tells_apart
        number = resolved.number if followed else matcher.find(resolved)  # two branches decide alike on one day
        row.values = resolved.values
        former.question(resolved, number, kept)
        if row.problems:
            continue
        if number is not None and number in met:
            _again(record, row, resolved, met[number])
            continue
        if number is not None:
            found.append((row, resolved, number))
        else:
            if source is None or came is None:  # what has an identity is told from others by that
                record.check_new(resolved)
            if came is not None and came.gone:
                row.refuse(record.columns[next(iter(record.telling()))], "", _REMOVED)
            if came is not None and came.marks is not None and came.cells.keys().isdisjoint(record.telling()):
                resolved.stored["uid"] = came.uid  # of a record of another book, where the row is still the same
            number = -place
            matcher.remember(number, resolved.stored)
            added.append((row, resolved))
        met[number] = resolved
        if came is not None and resolved.number is not None:
            _refuse_anothers(record, resolved, came, matcher)
    for row, resolved in added:
        if not row.problems:
            row.outcome, row.new = "added", _stored(resolved)
            for key in sorted(row.parsed.masked):
                row.warn(record.columns[key], "", _MASKED)
    found = [one for one in found if not one[0].problems]
    differ = Differ(record, scope, manner)
    for at in range(0, len(found), _AT_A_TIME):
        part = found[at : at + _AT_A_TIME]
        full = pick(connection, record, [number for *_, number in part]) if manner.mode != "add_only" else {}
        for row, resolved, number in part:
            row.number, row.outcome = number, "unchanged"
            if number in full:
                edit, row.changes = differ.edit(resolved, number, full[number])
                row.outcome, row.edit = ("changed", edit) if edit.after else ("unchanged", None)
    _refuse_exchanged(plan)
    while twins := clashes(record, kept, plan.rows):
        _refuse_twins(plan, twins)  # what one of these was to make room for has none now


def _stored(row: ResolvedRow) -> Values:
    """A new record with the rows below it."""
    if row.parsed.extras:
        row.stored["extras"] = json.dumps(row.parsed.extras, ensure_ascii=False)
    for table, some in {**row.below_if_bare, **row.below}.items():
        row.stored[table] = sorted(some, key=str)
    return row.stored


def carry_out(connection: Connection, change: Change, plan: Plan) -> None:
    """Write additions and edits of a plan, and note them in the history; added rows get the numbers of their records."""
    shape, good = plan.record.shape(), [row for row in plan.rows if not row.problems]
    added = [row for row in good if row.new is not None]
    numbers = store.add(connection, change, shape, [row.new or {} for row in added]) if added else []
    for row, number in zip(added, numbers, strict=True):
        row.number = number
    if edits := [row.edit for row in good if row.edit is not None]:
        store.edit(connection, change, shape, edits)


def _say_what_is_new(
    connection: Connection, record: type[Record], parsed: Sequence[ParsedRow], scope: Scope
) -> list[ParsedRow]:
    """A row that comes back as it was exported is not judged anew by a roster that has changed since (导出再导入)."""
    numbers = [row.number for row in parsed if row.number is not None and row.asked is None and not row.settled]
    told = {one.number: one.values for one in tell_all(record, pick(connection, record, numbers), scope)}
    return [
        replace(row, asked=frozenset(_new_in(record, row.values, told[row.number])))
        if row.asked is None and row.number in told
        else row
        for row in parsed
    ]


def _new_in(record: type[Record], values: Values, before: Values) -> Iterator[str]:
    """The columns in which a row says something else than its record."""
    for key in values.keys() | {key for key in before if record.columns[key].kind.many}:
        was, now = before.get(key), values.get(key)
        if (tight(format_people(was)) != tight(now or "")) if isinstance(was, list) else was != now:
            yield key


def _again(record: type[Record], row: PlannedRow, resolved: ResolvedRow, first: ResolvedRow) -> None:
    """A second row of one identity: a further visit of a pair joins the first, anything else is a problem."""
    entries = resolved.below.get(ENTRIES.table)
    if entries and entries != first.below.get(ENTRIES.table):
        first.below.setdefault(ENTRIES.table, []).extend(entries)
        row.outcome = "unchanged"
        return
    heading = next((column.heading for column in record.identity()), "")
    row.refuse(heading, "", f"与第 {first.parsed.row} 行是同一条记录，请合并成一行或改正其中一行")


def _refuse_anothers(record: type[Record], row: ResolvedRow, came: Origin, matcher: Matcher) -> None:
    """What was changed in an exported row must not be what another record of the book is known by (只排了一列)."""
    for key in (key for key in record.telling() if key in came.cells and key in row.values):
        column = record.columns[key]
        other = matcher.bearer(row, column)
        if other is not None:
            row.refuse(
                column,
                row.values[key],
                f"这是编号 {other} 的{column.heading}，写到了编号 {row.number} 的行上。如果只排了这一列的序，"
                "请撤销后整行一起排；确实要这样改的，请用 edit 命令逐条改",
            )


def _refuse_exchanged(plan: Plan) -> None:
    """Refuse a column that gives each of many records what another of them has: the clerk's own sheet was sorted in part."""
    changed: dict[str, list[tuple[PlannedRow, FieldChange]]] = {}
    for row in plan.rows:
        for change in row.changes if row.parsed.origin is None and not row.problems else ():
            changed.setdefault(change.field, []).append((row, change))
    for key, rows in changed.items():
        before, after = (Counter(words) for words in zip(*((one.before, one.after) for _, one in rows), strict=True))
        same = before & after
        if len(same) < _MANY or same.total() * 5 < len(rows) * 4:
            continue
        column: Column | str = plan.record.columns.get(key) or key
        for row, change in rows:
            row.refuse(column, change.after, _EXCHANGED.format(count=len(rows)))


def _refuse_twins(plan: Plan, twins: Mapping[int, int]) -> None:
    """A record never becomes the same as another: one 工号 is one person, one member has one record of a month."""
    for row in plan.rows:
        other = twins.get(row.number or 0)
        if other is None:
            continue
        row.edit = None
        if not row.changes:
            continue
        changed, telling = {change.field for change in row.changes}, plan.record.shape().identity
        columns = plan.record.columns.values()
        column = next(one for one in columns if one.key in changed and not one.parts.keys().isdisjoint(telling))
        who = f"编号 {other} 的记录" if other > 0 else "这次添加的另一行"
        row.refuse(column, row.values.get(column.key, ""), f"改后就与{who}是同一条了，请核对")
