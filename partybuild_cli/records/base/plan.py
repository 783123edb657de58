"""The plan (导入计划): what writing rows would add, change or leave alone; then the writing itself.

Commands and workbooks take the same road: `member add` plans one row, an import thousands.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from partybuild_cli.records.base.collected import Source, meet
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Scope, Values
from partybuild_cli.records.base.declare import ENTRIES, Record
from partybuild_cli.records.base.diff import Difference
from partybuild_cli.records.base.former import Former
from partybuild_cli.records.base.present import candidates, clashes, pick
from partybuild_cli.records.base.returned import SheetColumns, follow
from partybuild_cli.records.base.row import FieldChange, Manner, Matcher, ParsedRow, PlannedRow
from partybuild_cli.records.base.rows import Resolver
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change

_REMOVED = (
    "这条记录在导出以后已经从数据库里去掉了，没有重新添加。"
    "去掉是误操作的，用 partybuild log 找到那次变更，再用 undo 撤销；确实是新的一条，请用 add 命令登记"
)
_MASKED = "这里是打码的，没有存下来；请补上完整的，或换用 export --full 导出的表"
_AT_A_TIME = 1000  # so many kept records are held at a time
_MANY = 3  # so many different values that changed places were hardly corrected one by one


def make_plan(
    connection: Connection,
    record: type[Record],
    parsed: Sequence[ParsedRow],
    scope: Scope,
    manner: Manner = Manner(),
    headings: Mapping[str, str] | None = None,
    source: Source | None = None,
) -> list[PlannedRow]:
    """Resolve names, match every row with what is kept, and say what would change; `source`: the book they come from."""
    if source is not None or any(row.origin for row in parsed):
        sheet = SheetColumns(record, manner, headings or {})
        parsed = meet(connection, sheet, parsed, scope, source) if source else follow(connection, sheet, parsed, scope)
    planned, resolver = [row.planned() for row in parsed], Resolver(record, scope, headings)
    for row in planned:
        if row.parsed.settled:
            row.number, row.outcome = row.parsed.number, "unchanged"
        else:
            row.resolved = resolver.resolve(row.parsed)
    good = [row for row in planned if not row.problems and not row.parsed.settled]
    if good:
        rows = [row.resolved for row in good]
        former = Former(connection, record, rows, scope)
        kept = candidates(connection, record, [row.stored for row in rows], former.numbers)
        if found := _match(record, good, kept, former, source):
            _compare(connection, record, found, scope, manner)
            _refuse_exchanged(record, planned)
            while twins := clashes(record, kept, planned):
                _refuse_twins(record, planned, twins)  # what one of these was to make room for has none now
    if source is not None:
        source.take(record.ledger, planned)
    return planned


def _match(
    record: type[Record], rows: Sequence[PlannedRow], kept: Mapping[int, Values], former: Former, source: Source | None
) -> list[tuple[PlannedRow, int]]:
    """The rows that mean a kept record, with its number; of the others is said what they add."""
    matcher = record.matcher(record.identity(), former.as_then(kept))
    met: dict[int, PlannedRow] = {}
    found: list[tuple[PlannedRow, int]] = []
    added: list[PlannedRow] = []
    for place, row in enumerate(rows, start=1):
        resolved, came = row.resolved, row.parsed.origin
        followed = source is not None and came is not None and not record.tells_apart
        number = resolved.number if followed else matcher.find(resolved)  # two branches decide alike on one day
        former.question(resolved, number, kept)
        if row.problems:
            continue
        if number is not None and number in met:
            _again(record, row, met[number])
            continue
        if number is not None:
            if words := matcher.reworded(resolved, number):
                row.resolved = replace(resolved, values=resolved.values | words, stored=resolved.stored | words)
            found.append((row, number))
        else:
            if source is None or came is None:  # what has an identity is told from others by that
                record.check_new(resolved)
            if came is not None and came.gone:
                row.refuse(record.columns[next(iter(record.telling()))], "", _REMOVED)
            number = -place
            matcher.remember(number, resolved.stored)
            added.append(row)
        met[number] = row
        if came is not None and resolved.number is not None:
            _refuse_anothers(record, row, matcher)
    for row in added:
        if not row.problems:
            row.outcome, row.new = "added", _new(record, row)
            for key in sorted(row.parsed.masked):
                row.warn(record.columns[key], "", _MASKED)
    return [(row, number) for row, number in found if not row.problems]


def _new(record: type[Record], row: PlannedRow) -> Values:
    """A new record with the rows below it; it is one of another book where the row is still the same."""
    came, resolved, extras = row.parsed.origin, row.resolved, row.parsed.extras
    new = resolved.stored | ({"extras": json.dumps(extras, ensure_ascii=False)} if extras else {})
    if came is not None and came.marks is not None and came.cells.keys().isdisjoint(record.telling()):
        new["uid"] = came.uid
    return new | {table: sorted(rows, key=str) for table, rows in (resolved.below_if_bare | resolved.below).items()}


def _compare(
    connection: Connection, record: type[Record], found: Sequence[tuple[PlannedRow, int]], scope: Scope, manner: Manner
) -> None:
    """Say what rows change in the records that they mean."""
    for at in range(0, len(found), _AT_A_TIME):
        part = found[at : at + _AT_A_TIME]
        full = pick(connection, record, [number for _, number in part]) if manner.mode != "add_only" else {}
        for row, number in part:
            row.number, row.outcome = number, "unchanged"
            if number in full:
                found_out = Difference(record, scope, manner, row.resolved, number, full[number])
                row.changes = found_out.changes
                row.outcome, row.edit = ("changed", found_out.edit) if found_out.edit.after else ("unchanged", None)


def carry_out(connection: Connection, change: Change, record: type[Record], planned: Sequence[PlannedRow]) -> None:
    """Write additions and edits of a plan, and note them in the history; added rows get the numbers of their records."""
    shape, good = record.shape(), [row for row in planned if not row.problems]
    added = [(row, row.new) for row in good if row.new is not None]
    numbers = store.add(connection, change, shape, [new for _, new in added]) if added else []
    for (row, _), number in zip(added, numbers, strict=True):
        row.number = number
    if edits := [row.edit for row in good if row.edit is not None]:
        store.edit(connection, change, shape, edits)
        record.carry_on(connection, change, edits)


def _again(record: type[Record], row: PlannedRow, first: PlannedRow) -> None:
    """A second row of one identity: a further visit of a pair joins the first, anything else is a problem."""
    entries, before = row.resolved.below.get(ENTRIES.table), first.resolved.below
    if entries and entries != before.get(ENTRIES.table):
        joined = {ENTRIES.table: [*before.get(ENTRIES.table, ()), *entries]}
        first.resolved, row.outcome = replace(first.resolved, below={**before, **joined}), "unchanged"
        return
    heading = next((column.heading for column in record.identity()), "")
    row.refuse(heading, "", f"与第 {first.row} 行是同一条记录，请合并成一行或改正其中一行")


def _refuse_anothers(record: type[Record], row: PlannedRow, matcher: Matcher) -> None:
    """What was changed in an exported row must not be what another record of the book is known by (只排了一列)."""
    cells = row.parsed.origin.cells if row.parsed.origin else {}
    for column in (record.columns[key] for key in record.telling() if key in cells and key in row.values):
        other = matcher.bearer(row.resolved, column)
        if other is not None:
            row.refuse(
                column,
                row.values[column.key],
                f"这是编号 {other} 的{column.heading}，写到了编号 {row.parsed.number} 的行上。如果只排了这一列的序，"
                "请撤销后整行一起排；确实要这样改的，请用 edit 命令逐条改",
            )


def _refuse_exchanged(record: type[Record], planned: Sequence[PlannedRow]) -> None:
    """Refuse a column that gives each of many records what another of them has: the clerk's own sheet was sorted in part."""
    changed: dict[str, list[tuple[PlannedRow, FieldChange]]] = {}
    for row in planned:
        for change in row.changes if row.parsed.origin is None and not row.problems else ():
            changed.setdefault(change.field, []).append((row, change))
    for key, rows in changed.items():
        same = Counter(change.before for _, change in rows) & Counter(change.after for _, change in rows)
        if len(same) < _MANY or same.total() * 5 < len(rows) * 4:
            continue
        column: Column | str = record.columns.get(key) or key
        message = (
            f"这一列像是单独排过序：{len(rows)} 条记录换成了彼此原来的内容，没有改动。"
            "请核对每一行，整行一起排，再导入；确实要互换的，请用 edit 命令逐条改"
        )
        for row, change in rows:
            row.refuse(column, change.after, message)


def _refuse_twins(record: type[Record], planned: Sequence[PlannedRow], twins: Mapping[int, int]) -> None:
    """A record never becomes the same as another: one 工号 is one person, one member has one record of a month."""
    for row in [row for row in planned if row.number in twins]:
        row.edit = None
        if not row.changes:
            continue
        changed, telling = {change.field for change in row.changes}, record.shape().identity
        columns = record.columns.values()
        column = next(one for one in columns if one.key in changed and not one.parts.keys().isdisjoint(telling))
        other = twins[row.number or 0]
        who = f"编号 {other} 的记录" if other > 0 else "这次添加的另一行"
        row.refuse(column, row.values.get(column.key, ""), f"改后就与{who}是同一条了，请核对")
