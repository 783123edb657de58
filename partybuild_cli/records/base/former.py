"""What records were called before (曾用名): a sheet of a day means whoever was called so on that day, and who takes a former name is
told whose it was."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from partybuild_cli.records.base.column import Values, earlier, spans_of
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.row import ResolvedRow, Scope


class Former:
    """The former names of the records of a ledger: what columns by which a record is found again said until some day.

    Attributes:
        numbers: the records that rows speak of by their numbers, or that once were called as a row says.
    """

    def __init__(self, connection: Connection, record: type[Record], rows: Sequence[ResolvedRow], scope: Scope) -> None:
        self._record, self._scope, self._columns = record, scope, record.renamed
        marks = ", ".join("?" * len(self._columns))
        where = f" AND field IN ({marks})"
        self._spans = spans_of(connection, record.ledger, where, *self._columns)
        self._meant = {row.number for row in rows if row.number is not None}
        said = {(part, row.stored.get(part)) for row in rows for part in self._columns} if self._spans else set()
        once = (n for n, spans in self._spans.items() if any((one.field, one.value) in said for one in spans))
        self.numbers = [*self._meant, *once]

    def as_then(self, kept: Mapping[int, Values]) -> Mapping[int, Values]:
        """The kept records as they were called on the day of the sheet, without those that took a name only later."""
        then = {number: self._then(number) for number in kept} if self._spans else {}
        if not any(then.values()):
            return kept
        found = {number: {**row, **then[number]} for number, row in kept.items()}
        taken = {self._key(found[number]) for number, names in then.items() if names and not self._record.tells_apart}
        return {n: row for n, row in found.items() if then[n] or n in self._meant or self._key(row) not in taken}

    def _then(self, number: int) -> Mapping[str, str | None]:
        return earlier(self._spans.get(number, ()), str(self._scope.as_of))

    def _key(self, row: Values, but: str = "") -> tuple[object, ...]:
        return tuple(row.get(part) for column in self._record.identity for part in column.parts if part != but)

    def question(self, row: ResolvedRow, number: int | None, kept: Mapping[int, Values]) -> None:
        """Tell the new bearer of a former name whose it was; refuse what leaves open, or contradicts, whose it is."""
        asked, undated, people = row.parsed.asked, self._scope.undated, bool(self._record.tells_apart)
        for part, column in self._columns.items() if self._spans else ():
            if not (asked is None or column.key in asked) or (undated and row.number is not None):
                continue
            bearers = [*self._bearers(part, row, kept)]
            alike = [one for one in bearers if people and number is None and self._may_be(row, kept[one[1]])]
            if alike and row.parsed.origin is None:
                until, other = max(alike)
                message = (
                    f"编号 {other}（现在叫“{kept[other][part]}”）在 {until} 以前也叫“{row.stored[part]}”，没有什么可以核对，"
                    "不能确定是不是同一个人；同一个人请写现在的姓名，另一个人请补上与他不同的工号、公民身份号码或出生日期"
                )
                row.refuse(column, row.stored[part], message)
                continue
            # a sheet without a day may mean any bearer, but for people, whom 工号 and 公民身份号码 tell apart
            theirs = [one for one in bearers if undated != (one[1] != number) or not people]
            if not theirs:
                continue
            said, (until, other) = row.stored[part], max(theirs)
            told = f"“{said}”在 {until} 以前是编号 {other}（现在叫“{kept[other][part]}”）的{column.heading}"
            begins = row.parsed.since or str(self._scope.as_of)
            if undated:
                message = "这张表没有写是哪天的，看不出说的是哪一个。请在标题下面写上“填报日期：年月日”，再导入"
                row.refuse(column, said, f"{told}；{message}")
            elif other == number or said == {**kept.get(number or 0, {}), **self._then(number or 0)}.get(part):
                continue
            elif number and begins < until and not (people or row.parsed.correct):
                row.refuse(column, said, f"{told}，用到 {until}，不能从 {begins} 起就是另一个的，请改正从哪天起")
            else:
                row.warn(column, said, f"{told}，那以前的记录和表格仍算它的")

    def _may_be(self, row: ResolvedRow, kept: Values) -> bool:
        """Whether a row may be who once was called so: nothing tells them apart, and branch or day of birth is the same."""
        columns = (self._record.columns[key] for key in self._record.tells_apart[1:])
        said = [(column.kind.same, row.stored.get(column.key), kept.get(column.key)) for column in columns]
        alike = row.stored.get("branch_id") == kept.get("branch_id") or any(new and new == old for _, new, old in said)
        return alike and all(not new or not old or same(new, old) for same, new, old in said)

    def _bearers(self, part: str, row: ResolvedRow, kept: Mapping[int, Values]) -> Iterator[tuple[str, int]]:
        """Who was called as the row says, and until when; all else by which they are told apart being the same."""
        said = row.stored.get(part)
        for number, spans in self._spans.items():
            if number in kept and (
                self._record.tells_apart or self._key(kept[number], part) == self._key(row.stored, part)
            ):
                yield from ((one.until, number) for one in spans if one.field == part and one.value == said is not None)
