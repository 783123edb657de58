"""What stands in the way of a row (冲突): a former name (曾用名) that may mean somebody else, a record that it would make the same
as another (重复), a column that was sorted without the rest of its rows (只排了一列).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from partybuild_cli.records.base.column import Column, Span, Values, earlier
from partybuild_cli.records.base.declare import ENTRIES, Record
from partybuild_cli.records.base.matching import Matcher
from partybuild_cli.records.base.present import candidates
from partybuild_cli.records.base.row import FieldChange, PlannedRow, ResolvedRow, Scope
from partybuild_cli.store.rows import own_rows

_MANY = 3  # so many different values that changed places were hardly corrected one by one
_ALIKE = "没有什么可以核对，不能确定是不是同一个人；同一个人请写现在的姓名，另一个人请补上与他不同的工号、公民身份号码或出生日期"
_UNDATED = "这张表没有写是哪天的，看不出说的是哪一个。请在标题下面写上“填报日期：年月日”，再导入"
_ANOTHERS = "如果只排了这一列的序，请撤销后整行一起排；确实要这样改的，请用 edit 命令逐条改"
_EXCHANGED = "记录换成了彼此原来的内容，没有改动。请核对每一行，整行一起排，再导入；确实要互换的，请用 edit 命令逐条改"
Spans = Mapping[int, Sequence[Span]]


class Former:
    """The former names of the records of a ledger: what columns by which a record is found again said until some day.

    Attributes:
        numbers: the records that rows speak of by their numbers, or that once were called as a row says.
    """

    def __init__(
        self, record: type[Record], spans: Spans, rows: Iterable[Values], numbers: Iterable[int], scope: Scope
    ) -> None:
        self._record, self._scope, self._spans, self._meant = record, scope, spans, {*numbers}
        said = {(part, row.get(part)) for row in rows for part in record.renamed}
        once = (number for number, some in spans.items() if any((span.field, span.value) in said for span in some))
        self.numbers = [*self._meant, *once]

    def as_then(self, stored: Mapping[int, Values]) -> Mapping[int, Values]:
        """The kept records as they were called on the day of the sheet, without those that took a name only later."""
        then = {number: names for number in stored if (names := self._then(number))}
        if not then:
            return stored
        found = {number: {**row, **then.get(number, {})} for number, row in stored.items()}
        stay = self._meant | then.keys()
        taken = () if self._record.tells_apart else {self._key(found[number]) for number in then}
        return {number: row for number, row in found.items() if number in stay or self._key(row) not in taken}

    def _then(self, number: int) -> Mapping[str, str | None]:
        return earlier(self._spans.get(number, ()), str(self._scope.as_of))

    def _key(self, row: Values, but: str = "") -> tuple[object, ...]:
        return tuple(row.get(part) for column in self._record.identity for part in column.parts if part != but)

    def question(self, row: ResolvedRow, number: int | None, records: Mapping[int, Values]) -> None:
        """Tell the new bearer of a former name whose it was; refuse what leaves open, or contradicts, whose it is."""
        asked, undated, people = row.parsed.asked, self._scope.undated, bool(self._record.tells_apart)
        begins = row.parsed.since or str(self._scope.as_of)
        for part, column in self._record.renamed.items():
            if not (asked is None or column.key in asked) or (undated and row.parsed.number is not None):
                continue
            said, bearers = row.stored.get(part), [*self._bearers(part, row, records)]
            if people and number is None and row.parsed.origin is None:
                alike = [bearer for bearer in bearers if self._may_be(row, records[bearer[1]])]
                if alike:
                    until, other = max(alike)
                    row.refuse(
                        column,
                        said,
                        f"编号 {other}（现在叫“{records[other][part]}”）在 {until} 以前也叫“{said}”，{_ALIKE}",
                    )
                    continue
            # a sheet without a day may mean any bearer, but for people, whom 工号 and 公民身份号码 tell apart
            theirs = [bearer for bearer in bearers if undated != (bearer[1] != number) or not people]
            if not theirs:
                continue
            until, other = max(theirs)
            text = f"“{said}”在 {until} 以前是编号 {other}（现在叫“{records[other][part]}”）的{column.heading}"
            if undated:
                row.refuse(column, said, f"{text}；{_UNDATED}")
            elif other == number or said == {**records.get(number or 0, {}), **self._then(number or 0)}.get(part):
                continue
            elif number and begins < until and not (people or row.parsed.correct):
                row.refuse(column, said, f"{text}，用到 {until}，不能从 {begins} 起就是另一个的，请改正从哪天起")
            else:
                row.warn(column, said, f"{text}，那以前的记录和表格仍算它的")

    def _may_be(self, row: ResolvedRow, record: Values) -> bool:
        """Whether a row may be who once was called so: nothing tells them apart, and branch or day of birth is the same."""
        columns = (self._record.columns[key] for key in self._record.tells_apart[1:])
        said = [(column.kind.same, row.stored.get(column.key), record.get(column.key)) for column in columns]
        alike = row.stored.get("branch_id") == record.get("branch_id") or any(
            new and new == old for _, new, old in said
        )
        return alike and all(not new or not old or same(new, old) for same, new, old in said)

    def _bearers(self, part: str, row: ResolvedRow, records: Mapping[int, Values]) -> Iterator[tuple[str, int]]:
        """Who was called as the row says, and until when; all else by which they are told apart being the same."""
        said, people, key = row.stored.get(part), self._record.tells_apart, self._key(row.stored, part)
        for number, spans in self._spans.items():
            if said is not None and number in records and (people or self._key(records[number], part) == key):
                yield from ((span.until, number) for span in spans if span.field == part and span.value == said)


def twins_now(connection: Connection, record: type[Record], numbers: Sequence[int]) -> dict[int, int]:
    """Of the kept records named, those that are the same as another one: number -> the other's."""
    if not numbers:
        return {}
    mine = own_rows(connection, record.shape, {"id": numbers}, record.known)
    return _twins(record, candidates(connection, record, mine.values(), numbers), numbers)


def _twins(record: type[Record], rows: Mapping[int, Values], numbers: Iterable[int]) -> dict[int, int]:
    matcher = record.matcher(record.identity, rows)
    others = {number: [other for other in matcher.twins(rows[number]) if other != number] for number in numbers}
    return {number: found[0] for number, found in others.items() if found}


def refuse_twins(record: type[Record], stored: Mapping[int, Values], planned: Sequence[PlannedRow]) -> None:
    """A record never becomes the same as another: one 工号 is one person, one member has one record of a month."""
    identity, columns = {*record.shape.identity}, record.columns.values()
    while True:
        standing = [row for row in planned if not row.problems]
        edits = [(row, row.edit) for row in standing if row.edit and not identity.isdisjoint(row.edit.after)]
        if not edits:
            return
        rows = {**stored, **{edit.number: {**stored[edit.number], **edit.after} for _, edit in edits}}
        rows |= {-at: row.new for at, row in enumerate(standing, start=1) if row.new is not None}
        twins = _twins(record, rows, [edit.number for _, edit in edits])
        if not twins:
            return
        for row, number in ((row, edit.number) for row, edit in edits if edit.number in twins):
            row.edit, changed = None, {change.field for change in row.changes}
            who = f"编号 {twins[number]} 的记录" if twins[number] > 0 else "这次添加的另一行"
            if changed:
                column = next(
                    field for field in columns if field.key in changed and not identity.isdisjoint(field.parts)
                )
                row.refuse(column, row.values.get(column.key, ""), f"改后就与{who}是同一条了，请核对")


def again(record: type[Record], row: PlannedRow, first: PlannedRow) -> None:
    """A second row of one identity: a further visit of a pair joins the first, anything else is a problem."""
    entries, before = row.resolved.below.get(ENTRIES.table), first.resolved.below
    if entries and entries != before.get(ENTRIES.table):
        joined = {ENTRIES.table: [*before.get(ENTRIES.table, ()), *entries]}
        first.resolved, row.outcome = replace(first.resolved, below={**before, **joined}), "unchanged"
    else:
        heading = next((column.heading for column in record.identity), "")
        row.refuse(heading, "", f"与第 {first.resolved.parsed.row} 行是同一条记录，请合并成一行或改正其中一行")


def refuse_anothers(record: type[Record], row: PlannedRow, matcher: Matcher) -> None:
    """What was changed in an exported row must not be what another record of the book is known by (只排了一列)."""
    cells = row.parsed.origin.cells if row.parsed.origin else {}
    for column in (record.columns[key] for key in record.telling if key in cells and key in row.values):
        other = matcher.bearer(row.resolved, column)
        if other is not None:
            where = f"这是编号 {other} 的{column.heading}，写到了编号 {row.parsed.number} 的行上"
            row.refuse(column, row.values[column.key], f"{where}。{_ANOTHERS}")


def refuse_exchanged(record: type[Record], planned: Sequence[PlannedRow]) -> None:
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
        for row, change in rows:
            row.refuse(column, change.after, f"这一列像是单独排过序：{len(rows)} 条{_EXCHANGED}")
