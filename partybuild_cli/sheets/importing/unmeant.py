"""Changes that nobody can have meant (不像是有意的改动), in rows that came back from an export.

Changed where no one sees it, covered by merged cells, whole columns exchanged under their headings, a person's row copied
for another and not changed throughout: each is a problem, and the record stays as it is.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.origin import Origin, mark
from partybuild_cli.records.base.row import ParsedRow
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.values.kind import Raw

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


def refuse_unmeant(table: Table, matched: Matched, drafts: Sequence[ParsedRow]) -> None:
    """Refuse the rows of a table that were changed as nobody changes them on purpose."""
    names = {heading.column: heading.key for heading in table.headings}
    fills, sheet = table.grid.fills(), table.grid.sheet
    swapped: dict[tuple[int, int], list[ParsedRow]] = {}
    for draft in drafts:
        came = draft.origin
        if came is None or came.marks is None or not came.cells:
            continue
        row = dict(enumerate(table.grid.row(draft.row))) | fills.get(draft.row, {})
        touched = [at for at, key in matched.keys.items() if key in came.cells and row.get(at) not in (None, "")]
        if touched and (sheet.hidden or draft.row in sheet.hidden_rows):
            where = "这一行" if draft.row in sheet.hidden_rows else "这张工作表"
            draft.refuse(names[touched[0]], "", _HIDDEN.format(where=where))
            continue
        for at in touched:
            if at in fills.get(draft.row, {}):
                draft.refuse(names[at], "", _COVERED)
        for one, two in combinations(touched, 2):
            if _exchanged(came, (matched.keys[one], row[two]), (matched.keys[two], row[one])):
                swapped.setdefault((one, two), []).append(draft)
    for (one, two), rows in swapped.items():
        for draft in rows if len(rows) >= _LEAST else ():
            draft.refuse(names[one], "", _SWAPPED.format(one=names[one], two=names[two], count=len(rows)))
    if matched.record.tells_apart:
        _refuse_copies(table, matched, drafts)


def _exchanged(came: Origin, *cells: tuple[str, Raw]) -> bool:
    """Whether each field was exported with what stands under the other now."""
    return came.marks is not None and all(mark(key, raw) in came.marks for key, raw in cells)


def _refuse_copies(table: Table, matched: Matched, drafts: Iterable[ParsedRow]) -> None:
    """Refuse a row that was copied from a person's, and bears another's name and still that person's numbers or birth."""
    record = matched.record
    masked = [at for at, key in matched.keys.items() if key in record.tells_apart and record.columns[key].mask]
    first: dict[str, ParsedRow] = {}
    for draft in sorted(drafts, key=lambda one: len(one.origin.cells) if one.origin is not None else 1_000):
        row = table.grid.row(draft.row)
        shown = [str(row[at]) for at in masked if at < len(row) and matched.keys[at] in draft.masked]
        for said in [draft.origin.uid] if draft.origin is not None else shown:
            source = first.setdefault(said, draft)
            if source is not draft:
                _refuse_copy(record, source, draft)
        for said in shown if draft.origin is not None else ():
            first.setdefault(said, draft)


def _refuse_copy(record: type[Record], source: ParsedRow, draft: ParsedRow) -> None:
    name, *telling = record.tells_apart
    if draft.values.get(name) == source.values.get(name):
        return
    personal = [column for key, column in record.columns.items() if column.mask or key in telling]
    left = [column for column in personal if _is_left(column, source, draft)]
    if left and not (draft.origin is None and all(column.key in draft.masked for column in left)):
        columns = "、".join(column.heading for column in left)
        draft.refuse(left[0], "", _COPIED.format(row=source.row, columns=columns))


def _is_left(column: Column, source: ParsedRow, draft: ParsedRow) -> bool:
    key = column.key
    if draft.origin is not None:
        return key not in draft.origin.cells and (key in draft.values or key in draft.masked)
    return key in draft.masked or (key in draft.values and draft.values[key] == source.values.get(key))
