"""The plan (导入计划): cells are parsed, people and organisations found, rows held against what is kept; then the writing.

Commands and workbooks take the same road: `member add` plans one row, an import thousands. Every problem of a row is told at once.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import collected, present, returned
from partybuild_cli.records.base.column import Column, Values
from partybuild_cli.records.base.declare import ENTRIES, LINKS, DatedEntry, PersonLink, Record
from partybuild_cli.records.base.diff import Difference
from partybuild_cli.records.base.former import Former
from partybuild_cli.records.base.roster import UNSAID, Roster
from partybuild_cli.records.base.row import (
    RATER_CODE,
    FieldChange,
    Manner,
    Matcher,
    ParsedRow,
    PlannedRow,
    ResolvedRow,
    Scope,
)
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.people import name_words, put_name
from partybuild_cli.values.period import PeriodKind, period_of
from partybuild_cli.values.text import Text, tight

#: Values remembered a column, so that a word, or a day of ninety years, that stands in many rows is understood once.
_MEMORY = 1 << 15
_PLAIN = Text()
_REMOVED = (
    "这条记录在导出以后已经从数据库里去掉了，没有重新添加。"
    "去掉是误操作的，用 partybuild log 找到那次变更，再用 undo 撤销；确实是新的一条，请用 add 命令登记"
)
_MASKED = "这里是打码的，没有存下来；请补上完整的，或换用 export --full 导出的表"
_AT_A_TIME = 1000  # so many kept records are held at a time
_MANY = 3  # so many different values that changed places were hardly corrected one by one


class Parser:
    """Reads the cells of many rows of one record type."""

    def __init__(self, record: type[Record], headings: Mapping[str, str] | None = None) -> None:
        self._headings, self._columns, columns = headings or {}, record.columns, record.columns.items()
        self._personal = {key for key, column in columns if column.mask is not None}  # and so another's in every row
        self._read = {
            key: column.kind.parse if key in self._personal else lru_cache(_MEMORY, typed=True)(column.kind.parse)
            for key, column in columns
        }

    def parse(self, row: int, cells: Mapping[str, Raw]) -> ParsedRow:
        """One row; `cells` by column key. Every problem of every cell is noted."""
        parsed = ParsedRow(row)
        for key, raw in cells.items():
            if key in self._personal and isinstance(raw, str) and is_masked(raw):
                parsed.masked |= {key}  # a masked value that comes back never overwrites or erases the true one
                continue
            try:
                if (value := self._read[key](raw)) is not None:
                    parsed.values[key] = value
            except ValueProblem as problem:
                column = self._columns[key]
                note = parsed.warn if column.computed else parsed.refuse
                note(self._headings.get(key, column.heading), shown(raw, column), problem.sentence)
        return parsed


def shown(raw: Raw, column: Column) -> str:
    """A raw cell as it may stand in a message: masked where the column is personal."""
    if column.mask is not None:
        text = str(getattr(raw, "value", raw))
        return text[:3] + "***" if len(text) > 5 else "***"
    try:
        return str(_PLAIN.parse(raw) or "")
    except ValueProblem:
        return str(getattr(raw, "code", getattr(raw, "value", raw)))


class Resolver:
    """Turns parsed rows of one sheet into what would be stored; what cannot be resolved becomes a problem of its row.

    Kinds ask it what the names in a cell mean (`Naming`); branch and day of the row narrow whom they can mean.
    """

    def __init__(self, record: type[Record], scope: Scope, headings: Mapping[str, str] | None = None) -> None:
        self._record, self._scope, self._roster = record, scope, scope.roster
        self._sheet_day = UNSAID if scope.undated else str(scope.as_of)
        columns = record.columns.items()
        self._names = {key: (headings or {}).get(key, column.heading) for key, column in columns}
        self._required = [key for key, column in columns if column.required]
        self._plain = frozenset(key for key, column in columns if column.parts and column.kind.as_it_is)
        self._idle = frozenset(key for key, column in columns if column.computed or column.entry)
        self._last = frozenset(key for key, column in columns if column.kind.resolved_last)
        self._entries = [column for _, column in columns if column.entry]
        #: What a row may take for granted where it says nothing: the sheet's context, the only branch of the book.
        self._context = {
            k: said for k, said in scope.context.items() if k in record.columns and record.columns[k].context
        }
        branch, only = record.columns.get("branch"), scope.roster.only_branch()
        if branch and (branch.required or record.branch_from) and only is not None:
            self._context.setdefault("branch", scope.roster.branch_names[only])

    def resolve(self, parsed: ParsedRow) -> ResolvedRow:
        """The row with the numbers of the people and organisations that it names, and the rows below it."""
        record, values = self._record, parsed.values
        if not self._context.keys() <= values.keys():
            values = {**self._context, **values}
        if record.branch_from and "branch" not in values and parsed.asked is None:
            branch, home = record.columns["branch"], home_of_named(record, values, self._roster)
            values = values if home is None else {**values, "branch": home}
            if home is not None and branch.required:
                parsed.warn(branch, home, "没有写明党支部，按这一行写到的党员所在的支部计，请核对")
        if lacking := [self._names[key] for key in self._required if key not in values]:
            blamed = {finding.column for finding in parsed.problems}
            for name in [name for name in lacking if name not in blamed]:
                parsed.refuse(name, "", f"缺少“{name}”，这一项必须填写")
        self._asked, self._day = parsed.asked, self._spoken_of(values)
        stored = {key: value for key, value in values.items() if key in self._plain}
        self._row = row = ResolvedRow(parsed, values, stored, parsed.problems, parsed.warnings)
        others = [key for key in values if key not in self._plain and key not in self._idle]
        for key in sorted(others, key=self._last.__contains__):
            self._key, column = key, record.columns[key]
            try:
                stored |= zip(column.parts, column.kind.resolve(values[key], self), strict=True)
            except ValueProblem as problem:
                row.refuse(self._names[key], values[key], problem.sentence)
        said: list[Any] = [values.get(column.key) for column in self._entries]
        # What the two columns say; a day alone, where it is no sheet's.
        if said and said[0] is not None and (None not in said or not self._entries[0].context):
            row.below[ENTRIES.table] = [DatedEntry(*said)]
        row.below.update(parsed.joined or ())
        if parsed.rows is not None:
            row.below.update(parsed.rows)
        else:  # a row with problems may say enough for its lists of people to be looked at too
            needed = [record.columns[key] for key in record.settles_with]
            known = bool(needed) and all(one.key in values and stored.keys() >= one.parts.keys() for one in needed)
            if known or not row.problems:
                record.settle(row, self._scope)
        return row

    def _spoken_of(self, values: Values) -> str:
        """The day whose names a row speaks: of what happened, else of the sheet, else since when the record stands."""
        record, said = self._record, str(values.get(self._record.date) or "").partition("..")[0]
        if said and (record.happens or (self._scope.undated and record.begins == record.date)):
            return str(period_of(said).last) if isinstance(record.columns[record.date].kind, PeriodKind) else said
        return self._sheet_day

    @property
    def _within(self) -> int | None:
        """The branch of the row, which narrows whom a name can mean."""
        said = self._row.values if "branch" in self._record.columns else self._scope.context
        return self._roster.numbered(tight(said["branch"]), self._when("branch")) if said.get("branch") else None

    def _when(self, key: str) -> str | None:
        """The day whose names stand in a column: what an edit says nothing of is told in those of now."""
        return self._day if self._asked is None or key in self._asked else None

    def member(self, name: str) -> int:
        day, beside = self._when(self._key), self._row.parsed.numbers.get(self._key)
        return self._roster.member(name, self._within, day, beside)

    def branch(self, name: str) -> int:
        return self._roster.branch(name, self._when(self._key))

    def rater(self, name: str) -> str:
        """The seal of a rater, who is named, or under the code that his form bears (匿名评议表)."""
        quarter, rated = self._row.values.get("quarter"), self._row.stored.get("member_id")
        if quarter is None or rated is None:
            raise ValueProblem("要先知道季度和被评议人，才能认出评议人，请先改好这两栏")
        raters, roster, code = self._scope.raters, self._roster, name.removeprefix(RATER_CODE)
        number = roster.member(name, self._within) if code == name else raters.whose(quarter, code, roster.members)
        return raters.rated_by(quarter, number, rated)

    def listed(self, text: str) -> None:
        """Keep the members of a list; a stranger is a problem."""
        self._link([person.name for person in self._roster.people(text)])

    def mentioned(self, text: str) -> str:
        """Keep which members a text names; the text, with the 工号 behind the name of a namesake."""
        words = [word for word in name_words(text) if self._roster.known(tight(word).partition("(")[0])]
        for word, member in self._link(words).items():
            name = tight(word).partition("(")[0]  # he may be called otherwise by now
            shown = self._roster.shown(member, name if name in self._roster.names(member) else None)
            text = put_name(text, word, shown) if shown not in text else text
        return text

    def _link(self, words: list[str]) -> dict[str, int]:
        beside = self._row.parsed.numbers.get(self._key) if len(words) == 1 else None
        day = self._when(self._key)
        found = {word: self._roster.member(word, self._within, day, beside) for word in words}
        rows = self._row.below.setdefault(LINKS.table, [])
        rows.extend(PersonLink(self._key, member) for member in dict.fromkeys(found.values()))
        return found


def home_of_named(record: type[Record], values: Values, roster: Roster) -> str | None:
    """The one branch that a row names, or to which all those belong whom it names and of whom there is no namesake."""
    homes: set[int | None] = set()
    for word in (word for key in record.branch_from for word in name_words(str(values.get(key, "")))):
        with suppress(ValueProblem):
            number = roster.numbered(word)
            homes.add(number if number is not None else roster.home(roster.member(word)))
    home = homes.pop() if len(homes) == 1 else None
    return roster.branch_names.get(home) if home is not None else None


def make_plan(
    connection: Connection,
    record: type[Record],
    parsed: Sequence[ParsedRow],
    scope: Scope,
    manner: Manner = Manner(),
    headings: Mapping[str, str] | None = None,
    source: collected.Source | None = None,
) -> list[PlannedRow]:
    """Resolve names, match every row with what is kept, and say what would change; `source`: the book they come from."""
    resolver, sheet = Resolver(record, scope, headings), returned.SheetColumns(record, manner, headings or {})
    if source is not None:
        parsed = collected.meet(connection, sheet, parsed, scope, source, resolver.resolve)
    elif any(row.origin for row in parsed):
        parsed = returned.follow(connection, sheet, parsed, scope)
    planned = [
        row.planned("unchanged") if row.settled else row.planned(resolved=resolver.resolve(row)) for row in parsed
    ]
    good = [row for row in planned if not row.problems and not row.parsed.settled]
    if good:
        rows = [row.resolved for row in good]
        former = Former(connection, record, rows, scope) if record.renamed else None
        numbers = former.numbers if former else [row.number for row in rows if row.number is not None]
        kept = present.candidates(connection, record, [row.stored for row in rows], numbers)
        if found := _match(record, good, kept, former, source):
            _compare(connection, record, found, scope, manner)
            _refuse_exchanged(record, planned)
            while twins := present.clashes(record, kept, planned):
                _refuse_twins(record, planned, twins)  # what one of these was to make room for has none now
    if source is not None:
        source.rows.setdefault(record.ledger, []).extend(planned)
    return planned


def _match(
    record: type[Record],
    rows: Sequence[PlannedRow],
    kept: Mapping[int, Values],
    former: Former | None,
    source: collected.Source | None,
) -> list[tuple[PlannedRow, int]]:
    """The rows that mean a kept record, with its number; of the others is said what they add."""
    matcher = record.matcher(record.identity, former.as_then(kept) if former else kept)
    met: dict[int, PlannedRow] = {}
    found: list[tuple[PlannedRow, int]] = []
    added: list[PlannedRow] = []
    for place, row in enumerate(rows, start=1):
        resolved, came = row.resolved, row.parsed.origin
        followed = source is not None and came is not None and not record.tells_apart
        number = resolved.number if followed else matcher.find(resolved)  # two branches decide alike on one day
        if former:
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
                row.refuse(record.columns[next(iter(record.telling))], "", _REMOVED)
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
    if came is not None and came.marks is not None and came.cells.keys().isdisjoint(record.telling):
        new["uid"] = came.uid
    return new | {table: sorted(rows, key=str) for table, rows in (resolved.below_if_bare | resolved.below).items()}


def _compare(
    connection: Connection, record: type[Record], found: Sequence[tuple[PlannedRow, int]], scope: Scope, manner: Manner
) -> None:
    """Say what rows change in the records that they mean."""
    for at in range(0, len(found), _AT_A_TIME):
        part = found[at : at + _AT_A_TIME]
        full = present.pick(connection, record, [number for _, number in part]) if manner.mode != "add_only" else {}
        for row, number in part:
            row.number, row.outcome = number, "unchanged"
            if number in full:
                found_out = Difference(record, scope, manner, row.resolved, number, full[number])
                row.changes = found_out.changes
                row.outcome, row.edit = ("changed", found_out.edit) if found_out.edit.after else ("unchanged", None)


def carry_out(connection: Connection, change: Change, record: type[Record], planned: Sequence[PlannedRow]) -> None:
    """Write additions and edits of a plan, and note them in the history; added rows get the numbers of their records."""
    shape, good = record.shape, [row for row in planned if not row.problems]
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
    heading = next((column.heading for column in record.identity), "")
    row.refuse(heading, "", f"与第 {first.row} 行是同一条记录，请合并成一行或改正其中一行")


def _refuse_anothers(record: type[Record], row: PlannedRow, matcher: Matcher) -> None:
    """What was changed in an exported row must not be what another record of the book is known by (只排了一列)."""
    cells = row.parsed.origin.cells if row.parsed.origin else {}
    for column in (record.columns[key] for key in record.telling if key in cells and key in row.values):
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
        changed, telling = {change.field for change in row.changes}, record.shape.identity
        columns = record.columns.values()
        column = next(one for one in columns if one.key in changed and not one.parts.keys().isdisjoint(telling))
        other = twins[row.number or 0]
        who = f"编号 {other} 的记录" if other > 0 else "这次添加的另一行"
        row.refuse(column, row.values.get(column.key, ""), f"改后就与{who}是同一条了，请核对")
