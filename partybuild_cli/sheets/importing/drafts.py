"""What the rows of a table say together (行与行之间): rows that are one record, copies of a row, changes that nobody can have meant;
and rows that are several records, one a month (按月的党费).
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from itertools import combinations, product
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import origin
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.plan import Parser, shown
from partybuild_cli.records.base.row import ParsedRow, PlannedRow
from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.columns import Matched, month_field
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.text import Text

_HIDDEN = (
    "{where}是隐藏的，内容却和导出时不一样，没有改动。请取消隐藏或筛选，看过这一行再导入；不是有意改的，请重新导出再改"
)
_COVERED = "合并单元格盖住了这一行原来的内容，没有改动。请取消合并，填上这一行自己的内容再导入"
_SWAPPED = (
    "“{one}”和“{two}”两列像是换了位置：有 {count} 行的内容互相对调，没有改动。"
    "请核对表头，把两列换回来再导入；确实要对调的，请用 edit 命令逐条改"
)
_COPIED = "这一行像是复制第 {row} 行改成的，{columns}还是那个人的。请改成他自己的，不知道的留空，再导入"
_LEAST = 3  # so many rows with two cells exchanged are two columns exchanged; fewer may be corrections
_SEVERAL = re.compile(r"[、，,；;\n]+")


def compare_rows(table: Table, matched: Matched, drafts: list[ParsedRow]) -> None:
    """Refuse what nobody can have meant, leave copies aside, and make one record of rows that are one."""
    if came := [draft for draft in drafts if draft.origin and draft.origin.marks is not None and draft.origin.cells]:
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
        for number, two in combinations(touched, 2):  # each was exported with what stands under the other now
            marks = {origin.mark(matched.keys[number], row[two]), origin.mark(matched.keys[two], row[number])}
            if marks <= (came.marks or set()):
                swapped[number, two].append(draft)
    for (number, two), rows in swapped.items():
        for draft in rows if len(rows) >= _LEAST else ():
            draft.refuse(names[number], "", _SWAPPED.format(one=names[number], two=names[two], count=len(rows)))


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
        for said in shown:
            first.setdefault(said, draft)
    for draft in copies:
        draft.origin = None


def _refuse_copy(record: type[Record], source: ParsedRow, draft: ParsedRow) -> None:
    name, *telling = record.tells_apart or ("",)
    if not name or draft.values.get(name) == source.values.get(name):
        return
    left = []
    for key, column in record.columns.items():
        masked, held = key in draft.masked, key in draft.values
        same = masked or (held and draft.values[key] == source.values.get(key))
        if draft.origin is not None:
            same = (held or masked) and key not in draft.origin.cells
        left += [column] if same and (column.mask or key in telling) else []
    if left and not (draft.origin is None and all(column.key in draft.masked for column in left)):
        columns = "、".join(column.heading for column in left)
        draft.refuse(left[0], "", _COPIED.format(row=source.row, columns=columns))


def join_rows(record: type[Record], drafts: list[ParsedRow]) -> None:
    """Rows of one record, one row a participant, are one record with its members; what each did for himself stands by him."""
    if not record.gathers:
        return
    people, own = record.gathers
    groups = defaultdict[tuple[Any, ...], list[ParsedRow]](list)
    for draft in drafts:
        names = [draft.values[key] for key in _lists(record) if key in draft.values]
        alone = len(names) == 1 and not _SEVERAL.search(names[0])
        if alone and draft.origin is None and record.date in draft.values:
            groups[tuple(draft.values.get(column.key) for column in record.identity)].append(draft)
    for rows in groups.values():
        if len(rows) == 1 or not any(people in draft.values for draft in rows):
            continue
        apart = len({draft.values.get(own) for draft in rows}) > 1
        joined = dict(rows[0].values)
        for key in _lists(record):
            named = [_named(record, draft, key, own if apart else "") for draft in rows if key in draft.values]
            joined |= {key: "、".join(named)} if named else {}
        if apart:
            joined.pop(own, None)
        rows[0].values, rows[0].numbers = joined, {}
        for draft in rows[1:]:
            draft.joins = rows[0]
            rows[0].problems += draft.problems


def _named(record: type[Record], draft: ParsedRow, key: str, own: str) -> str:
    """Whom a row names in a list, with what he did for himself where each has his own of that column (`own`)."""
    which, number = draft.numbers.get(key, ("", ""))  # the 工号 beside a name tells it from a namesake's
    name, *reason = re.split("(?=（)", draft.values[key], maxsplit=1)
    name += f"({number})" if which == "staff_no" and number else ""
    if own in draft.values:
        kind = record.columns[own].kind
        reason.append(f"（{kind.text(draft.values[own])}{getattr(kind, 'unit', '')}）")
    return "".join([name, *reason])


def _lists(record: type[Record]) -> dict[str, None]:
    """The columns that name who took part, and who did not."""
    return dict.fromkeys((record.gathers[0], *record.presence)) if record.gathers else {}


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
            draft.problems += [finding for finding in first.problems if finding.value in named]
            first.problems[:] = [
                finding for finding in first.problems if not any(finding is own for own in draft.problems)
            ]
    bad = {id(draft.joins or draft): draft.row for draft in reversed(drafts) if draft.problems}
    for draft in drafts if bad else ():
        row = bad.get(id(draft.joins or draft), draft.row)
        if row != draft.row and not draft.problems and (draft.joins or id(draft) in bad):
            draft.refuse("", "", f"与第 {row} 行是同一次活动，那一行有问题")


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
            saying[0].warn(record.columns[key], typed, f"表中填 {typed}，按本表各行相加应为 {right}，请核对")


Cells = dict[str, Raw]
Each = tuple[int, Raw, int]  # one column of a row: its place, what it holds, the month that it is of
_UNSAID = "这是几个月的数，表中没有写明每个月是多少；请加一列“每月应缴”，或者一个月一行填写，再导入"
_NO_MEASURE = "没有说明这一行的数是什么；请写明“应缴”或“实缴”，再导入"
_DUE = "due"
ANY = Column(Text(), "")


class MonthReader:
    """Makes drafts, one a month, of a row that speaks of several."""

    def __init__(self, matched: Matched, headings: Mapping[int, str], legend: Mapping[str, str]) -> None:
        self._matched, self._record = matched, matched.record
        self._headings, self._legend = headings, legend
        self._names = {key: headings[at] for at, key in matched.keys.items()}
        self._parser = Parser(self._record, self._names)
        self._of_column = cache(lambda at, key: Parser(self._record, {**self._names, key: headings[at]}))
        self._states = getattr(self._record.columns["state"].kind, "meanings", {})

    def by_column(
        self, number: int, cells: Cells, months: Mapping[int, Raw], said_year: str | None, measure: Raw
    ) -> list[ParsedRow]:
        """One draft for each month whose column holds something, of the field that the row's `measure` names, if it has one."""
        at = self._matched.measure
        field = "" if at is None else month_field(self._record, wording.label(measure))
        drafts: dict[tuple[int | None, int], ParsedRow] = {}
        each: list[Each] = []  # from the left, a quarter's as three, or as one where nobody knows what a month is
        for position, raw in sorted(months.items()):
            month, quarter = self._matched.months[position][1], position in self._matched.quarters
            part = self._part(raw, cells, 3) if quarter else raw
            each += [(position, part, month + more) for more in range(3 if quarter and part is not None else 1)]
        shared, totals = self._totals(cells, each)
        for position, raw, month in each:
            year, _, key = self._matched.months[position]
            key = field or key
            word = wording.label(raw) if isinstance(raw, str) else ""
            raw = self._legend.get(word, raw) if word else raw
            state = isinstance(raw, str) and wording.label(raw) in self._states  # 免缴 in place of a number
            of_month = {**shared, **dict.fromkeys((total for total, own in totals.items() if own), raw)}
            parsed = self._of_column(position, key).parse(number, {**of_month, "state" if state else key: raw})
            if at is not None and not field:
                parsed.refuse(self._headings[at], shown(measure, ANY), _NO_MEASURE)
            if raw is None:
                parsed.refuse(self._headings[position], shown(months[position], ANY), _UNSAID)
            for text in (total for total, own in totals.items() if not own):
                parsed.refuse(self._names[text], shown(cells[text], ANY), _UNSAID)
            if key not in parsed.values and "state" not in parsed.values and not parsed.problems:
                continue
            if key not in parsed.values:
                self.take_in_full(parsed, key)
            if year := year or int((said_year or "0")[:4]):
                parsed.values[self._record.date] = f"{year}-{month:02d}"
            earlier = drafts.setdefault((year, month), parsed)
            if earlier is not parsed:
                earlier.values |= parsed.values
                earlier.problems += parsed.problems
        return list(drafts.values())

    def by_row(self, number: int, cells: Cells, monthly: Raw, span: Sequence[str]) -> list[ParsedRow]:
        """One draft for each month that the row names; one, with a problem, where it does not say what each comes to."""
        paid, date = self._record.months_of, self._record.date
        own = {**cells, _DUE: cells.get(_DUE) if monthly is None else monthly}
        third = self._part(cells.get(paid), own, len(span))
        if third is None:
            draft = self._parser.parse(number, {**cells, date: span[0]})
            place = paid if paid in cells else date
            draft.refuse(self._names.get(place, ""), shown(cells.get(place), ANY), _UNSAID)
            return [draft]
        return [self._parser.parse(number, {**own, date: month, paid: third}) for month in span]

    def take_in_full(self, draft: ParsedRow, key: str = "") -> None:
        """A word in the amount's stead says that what was due was paid (已缴)."""
        meant = self._record.in_full.get(draft.values.get("state", ""))
        if meant in draft.values:
            draft.values[key or self._record.months_of] = draft.values[meant]

    def _part(self, raw: Raw, cells: Cells, count: int) -> Raw:
        """What each of so many months comes to, where the row says it: the 应缴 of each, nothing, a mark for all; else None."""
        if isinstance(raw, str) and wording.label(raw) in self._legend:
            return raw
        due, paid = self._amount(cells.get(_DUE)), self._amount(raw)
        return cells[_DUE] if due is not None and paid == count * due else 0 if paid == 0 else None

    def _totals(self, cells: Cells, each: Sequence[Each]) -> tuple[Cells, dict[str, bool]]:
        """Cells that every month of the row shares; and amounts of the whole row: whether they are those of its months."""
        totals: dict[str, bool] = {}
        held = [self._matched.months[at][2] for at, _, _ in each]
        for key, other in ((self._record.months_of, _DUE), (_DUE, self._record.months_of)):
            total = self._amount(cells.get(key))
            parts = [self._amount(raw) for (_, raw, _), of in zip(each, held, strict=True) if of == other]
            known = [part for part in parts if part]
            if key in held or not total or not known or (key != _DUE and len(each) < 2):
                continue
            if key != _DUE:
                totals[key] = sum(known) == total
            elif total >= 2 * max(known):  # no month's 应缴, but that of several
                columns = [month for _, month, of in self._matched.months.values() if of == other]
                same = len(known) == len(parts) and len({*known}) == 1
                totals[key] = same and total in (sum(known), len(columns) * known[0])
        return {key: raw for key, raw in cells.items() if key not in totals}, totals

    def _amount(self, raw: Raw) -> Decimal | None:
        found: Decimal | None = None
        with suppress(ValueProblem):
            found = self._record.columns[self._record.months_of].kind.parse(raw)
        return found
