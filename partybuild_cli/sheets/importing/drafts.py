"""What the rows of a table say together (行与行之间): rows that are one record, copies of a row, changes that nobody can have meant.

In rows that came back from an export a change where no one sees it, one covered by merged cells, whole columns exchanged under
their headings, and a person's row copied for another and not changed throughout are problems, and the record stays as it is.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from partybuild_cli.records.base import origin
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.row import ParsedRow, PlannedRow
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.values.number import plain_decimal

_HIDDEN = (
    "{where}是隐藏的，内容却和导出时不一样，没有改动。请取消隐藏或筛选，看过这一行再导入；不是有意改的，请重新导出再改"
)
_COVERED = "合并单元格盖住了这一行原来的内容，没有改动。请取消合并，填上这一行自己的内容再导入"
_SWAPPED = (
    "“{one}”和“{two}”两列像是换了位置：有 {count} 行的内容互相对调，没有改动。"
    "请核对表头，把两列换回来再导入；确实要对调的，请用 edit 命令逐条改"
)
_COPIED = "这一行像是复制第 {row} 行改成的，{columns}还是那个人的。请改成他自己的，不知道的留空，再导入"
#: So many rows with two cells exchanged are two columns exchanged; fewer may be corrections.
_LEAST = 3
_SEVERAL = re.compile(r"[、，,；;\n]+")


def compare_rows(table: Table, matched: Matched, drafts: list[ParsedRow]) -> None:
    """Refuse what nobody can have meant, leave copies aside, and make one record of rows that are one."""
    came = [
        draft for draft in drafts if draft.origin is not None and draft.origin.marks is not None and draft.origin.cells
    ]
    if came:
        _refuse_unmeant(table, matched, came)
    if any(draft.origin is not None or draft.masked for draft in drafts):
        _settle_copies(table, matched, drafts)
    join_rows(matched.record, drafts)


def _refuse_unmeant(table: Table, matched: Matched, drafts: Sequence[ParsedRow]) -> None:
    """Refuse rows that were changed as nobody changes them on purpose."""
    names = {heading.column: heading.key for heading in table.headings}
    fills, sheet = table.grid.fills(), table.grid.sheet
    swapped = defaultdict[tuple[int, int], list[ParsedRow]](list)
    for draft in drafts:
        came, covered = draft.origin or origin.Origin(""), fills.get(draft.row, {})
        row = dict(enumerate(table.grid.row(draft.row))) | covered
        touched = [at for at, key in matched.keys.items() if key in came.cells and row.get(at) not in (None, "")]
        if touched and (sheet.hidden or draft.row in sheet.hidden_rows):
            where = "这一行" if draft.row in sheet.hidden_rows else "这张工作表"
            draft.refuse(names[touched[0]], "", _HIDDEN.format(where=where))
            continue
        for at in touched:
            if at in covered:
                draft.refuse(names[at], "", _COVERED)
        for one, two in combinations(touched, 2):  # each was exported with what stands under the other now
            marks = {origin.mark(matched.keys[one], row[two]), origin.mark(matched.keys[two], row[one])}
            if marks <= (came.marks or set()):
                swapped[one, two].append(draft)
    for (one, two), rows in swapped.items():
        for draft in rows if len(rows) >= _LEAST else ():
            draft.refuse(names[one], "", _SWAPPED.format(one=names[one], two=names[two], count=len(rows)))


def _settle_copies(table: Table, matched: Matched, drafts: Sequence[ParsedRow]) -> None:
    """Of a row that was copied to make new ones the one that is most as it was exported is the record. The others, which bear
    another's name, are refused where they still have that person's numbers or birth."""
    record = matched.record
    masked = [at for at, key in matched.keys.items() if key in record.tells_apart and record.columns[key].mask]
    first: dict[str, ParsedRow] = {}
    copies = []

    def changed(draft: ParsedRow) -> int:
        own = draft.origin
        return 1_000 if own is None else len(own.cells) if own.marks else 0

    for draft in sorted(drafts, key=changed):
        row = table.grid.row(draft.row)
        shown = [str(row[at]) for at in masked if at < len(row) and matched.keys[at] in draft.masked]
        for said in [draft.origin.uid] if draft.origin is not None else shown:
            if (source := first.setdefault(said, draft)) is not draft:
                _refuse_copy(record, source, draft)
                copies.append(draft)
        for said in shown if draft.origin is not None else ():
            first.setdefault(said, draft)
    for draft in copies:
        draft.origin = None


def _refuse_copy(record: type[Record], source: ParsedRow, draft: ParsedRow) -> None:
    name, *telling = record.tells_apart or ("",)
    if not name or draft.values.get(name) == source.values.get(name):
        return

    def is_left(column: Column) -> bool:
        key, held = column.key, column.key in draft.values
        if draft.origin is not None:
            return key not in draft.origin.cells and (held or key in draft.masked)
        return key in draft.masked or (held and draft.values[key] == source.values.get(key))

    left = [one for key, one in record.columns.items() if (one.mask or key in telling) and is_left(one)]
    if left and not (draft.origin is None and all(column.key in draft.masked for column in left)):
        columns = "、".join(column.heading for column in left)
        draft.refuse(left[0], "", _COPIED.format(row=source.row, columns=columns))


def join_rows(record: type[Record], drafts: list[ParsedRow]) -> None:
    """Rows of one record, one row a participant, are one record with its members; what each did for himself stands by him."""
    if not record.gathers:
        return
    identity = [column.key for column in record.identity()]
    groups = defaultdict[tuple[Any, ...], list[ParsedRow]](list)
    for draft in drafts:
        names = [draft.values[key] for key in _lists(record) if key in draft.values]
        alone = len(names) == 1 and not _SEVERAL.search(names[0])
        if alone and draft.origin is None and record.date in draft.values:
            groups[tuple(draft.values.get(key) for key in identity)].append(draft)
    for rows in groups.values():
        if len(rows) > 1 and any(record.gathers[0] in draft.values for draft in rows):
            _join(rows, record.gathers[1], record)


def _lists(record: type[Record]) -> dict[str, None]:
    """The columns that name who took part, and who did not."""
    return dict.fromkeys((record.gathers[0], *record.presence)) if record.gathers else {}


def _join(rows: list[ParsedRow], own: str, record: type[Record]) -> None:
    amounts = [draft.values.get(own) for draft in rows]
    apart = len(set(amounts)) > 1
    first = rows[0]
    joined = dict(first.values)
    for key in _lists(record):
        names = []
        for draft, amount in zip(rows, amounts, strict=True):
            if key in draft.values:
                kind = record.columns[own].kind if apart and amount is not None else None
                unit = f"（{kind.text(amount)}{getattr(kind, 'unit', '')}）" if kind else ""
                names.append(f"{_marked(draft, key)}{unit}")
        joined |= {key: "、".join(names)} if names else {}
    if apart:
        joined.pop(own, None)
    first.values, first.numbers = joined, {}
    for draft in rows[1:]:
        draft.joins = first
        first.problems += draft.problems


def with_joined(read: Sequence[ParsedRow], planned: list[PlannedRow]) -> list[PlannedRow]:
    """Every row that was read; one that was joined to another is planned with that."""
    if len(read) == len(planned):
        return planned
    found, rest = dict[int, PlannedRow](), iter(planned)
    for row in read:
        found[id(row)] = row.planned(joins=found[id(row.joins)]) if row.joins else next(rest)
    return list(found.values())


def blame_rows(record: type[Record], drafts: list[PlannedRow]) -> None:
    """A problem of somebody named stands in the row that names him; the others of his activity say which one that is."""
    for draft in drafts:
        if (first := draft.joins) is not None:
            named = {str(draft.values[key]) for key in _lists(record) if key in draft.values}
            draft.problems += [one for one in first.problems if one.value in named]
            first.problems[:] = [one for one in first.problems if not any(one is own for own in draft.problems)]
    bad = {id(draft.joins or draft): draft.row for draft in reversed(drafts) if draft.problems}
    for draft in drafts:
        row = bad.get(id(draft.joins or draft), draft.row)
        if row != draft.row and not draft.problems and (draft.joins or id(draft) in bad):
            draft.refuse("", "", f"与第 {row} 行是同一次活动，那一行有问题")


def _marked(draft: ParsedRow, people: str) -> str:
    """The name with the 工号 beside it, which tells it from a namesake's."""
    name = str(draft.values[people])
    which, number = draft.numbers.get(people, ("", ""))
    return f"{name}({number})" if which == "staff_no" and number else name


def check_totals(record: type[Record], drafts: list[PlannedRow]) -> None:
    """Compare the stated sum of each member with the sum of the rows; a running sum, which changes, is left aside."""
    groups = defaultdict[Any, list[PlannedRow]](list)
    for draft in drafts if record.sums else ():
        groups[draft.values.get("branch"), draft.values.get("member")].append(draft)
    for (key, summed), rows in product(record.sums.items(), groups.values()):
        saying = [draft for draft in rows if key in draft.values]
        stated = {draft.values[key] for draft in saying}
        total = sum((draft.values[summed] for draft in rows if summed in draft.values), start=Decimal(0))
        if len(stated) == 1 and stated != {total} and not any(draft.problems for draft in rows):
            typed, right = plain_decimal(stated.pop()), plain_decimal(total)
            message = f"表中填 {typed}，按本表各行相加应为 {right}，请核对"
            saying[0].warn(record.columns[key], typed, message)
