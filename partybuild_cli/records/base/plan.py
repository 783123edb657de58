"""The plan (导入计划): cells are parsed, people and organisations found, rows held against what is kept; then the writing.

Commands and workbooks take the same road: `member add` plans one row, an import thousands. Every problem of a row is told at once.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import clash, collected, present, returned
from partybuild_cli.records.base.column import SPAN, Column, Values
from partybuild_cli.records.base.declare import ENTRIES, LINKS, DatedEntry, PersonLink, Record
from partybuild_cli.records.base.diff import Difference
from partybuild_cli.records.base.roster import UNSAID, Roster, spans_of
from partybuild_cli.records.base.row import RATER_CODE, Manner, ParsedRow, PlannedRow, ResolvedRow, Scope
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.people import is_masked, name_words, put_name
from partybuild_cli.values.period import PeriodKind, period_of
from partybuild_cli.values.text import Text, tight

#: Values remembered a column, so that a word, or a day of forty years, that stands in many rows is understood once.
_MEMORY = 1 << 14
_PLAIN = Text()
_REMOVED = "这条记录在导出以后已经从数据库里去掉了，没有重新添加。去掉是误操作的，用 partybuild log 找到那次变更，再用 undo 撤销；确实是新的一条，请用 add 命令登记"
_MASKED = "这里是打码的，没有存下来；请补上完整的，或换用 export --full 导出的表"
_AT_A_TIME = 1000  # so many kept records are held at a time


class Parser:
    """Reads the cells of many rows of one record type."""

    def __init__(self, record: type[Record], headings: Mapping[str, str] | None = None) -> None:
        self._headings, self._columns = headings or {}, record.columns
        self._read: dict[str, Callable[[Raw], Any]] = {}

    def parse(self, row: int, cells: Mapping[str, Raw]) -> ParsedRow:
        """One row; `cells` by column key. Every problem of every cell is noted."""
        parsed = ParsedRow(row)
        for key, raw in cells.items():
            column = self._columns[key]
            if column.mask is not None and isinstance(raw, str) and is_masked(raw):
                parsed.masked |= {key}  # a masked value that comes back never overwrites or erases the true one
                continue
            if key not in self._read:
                personal = column.mask is not None  # and so another's in every row
                self._read[key] = column.kind.parse if personal else lru_cache(_MEMORY, typed=True)(column.kind.parse)
            try:
                if (value := self._read[key](raw)) is not None:
                    parsed.values[key] = value
            except ValueProblem as problem:
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
        self._record, self._scope, self._roster, self._headings = record, scope, scope.roster, headings or {}
        self._sheet_day = UNSAID if scope.undated else str(scope.as_of)
        self._required: list[Column] = []
        self._entries: list[Column] = []
        self._plain, self._named, self._last = set[str](), set[str](), set[str]()
        #: What a row may take for granted where it says nothing: the sheet's context, the only branch of the book.
        self._context: Values = {}
        for key, column in record.columns.items():
            if column.required:
                self._required.append(column)
            if column.context and key in scope.context:
                self._context[key] = scope.context[key]
            if column.entry:
                self._entries.append(column)
            elif column.parts and column.kind.as_it_is:
                self._plain.add(key)
            elif not column.computed:
                (self._last if column.kind.resolved_last else self._named).add(key)
        branch, only = record.columns.get("branch"), scope.roster.only_branch
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
        for column in self._required:
            if column.key not in values:
                heading = self._headings.get(column.key, column.heading)
                if all(finding.column != heading for finding in parsed.problems):
                    parsed.refuse(heading, "", f"缺少“{heading}”，这一项必须填写")
        # The day whose names the row speaks: of what happened, else of the sheet, else since when the record stands.
        self._asked, self._day = parsed.asked, self._sheet_day
        said = str(values.get(record.date) or "").partition("..")[0]
        if said and (record.happens or (self._scope.undated and record.begins == record.date)):
            self._day = str(period_of(said).last) if isinstance(record.columns[record.date].kind, PeriodKind) else said
        stored = {key: value for key, value in values.items() if key in self._plain}
        self._row = row = ResolvedRow(parsed, values, stored, parsed.problems, parsed.warnings)
        for keys in (self._named, self._last):
            for key in filter(keys.__contains__, values):
                self._key, column = key, record.columns[key]
                try:
                    stored |= zip(column.parts, column.kind.resolve(values[key], self), strict=True)
                except ValueProblem as problem:
                    row.refuse(self._headings.get(key, column.heading), values[key], problem.sentence)
        if self._entries and (day := values.get(self._entries[0].key)) is not None:
            content = values.get(self._entries[1].key)
            if content is not None or not self._entries[0].context:  # a day alone says something where it is no sheet's
                row.below[ENTRIES.table] = [DatedEntry(day, content)]
        row.below.update(parsed.joined or ())
        if parsed.rows is not None:
            row.below.update(parsed.rows)
        elif not row.problems or self._says_enough(values, stored):
            record.settle(row, self._scope)
        return row

    def _says_enough(self, values: Values, stored: Values) -> bool:
        """Whether a row with problems says enough for its lists of people to be looked at too."""
        needed = [self._record.columns[key] for key in self._record.settles_with]
        return bool(needed) and all(column.key in values and stored.keys() >= column.parts.keys() for column in needed)

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
    resolver = Resolver(record, scope, headings)
    if source is not None:
        sheet = returned.SheetColumns(record, manner, headings or {})
        parsed = collected.meet(connection, sheet, parsed, scope, source, resolver.resolve)
    elif any(map(attrgetter("origin"), parsed)):
        parsed = returned.follow(connection, returned.SheetColumns(record, manner, headings or {}), parsed, scope)
    planned, good, stored, numbers = list[PlannedRow](), list[PlannedRow](), list[Values](), list[int]()
    for read in parsed:
        if read.settled:
            planned.append(read.planned("unchanged"))
            continue
        resolved = resolver.resolve(read)
        planned.append(PlannedRow(resolved, read.problems, read.warnings))
        if not read.problems:
            good.append(planned[-1])
            stored.append(resolved.stored)
            numbers += [read.number] if read.number is not None else ()
    if good:
        among = SPAN.c.field.in_([*record.renamed])
        spans = spans_of(connection, record.ledger, among) if record.renamed else {}
        former = clash.Former(record, spans, stored, numbers, scope) if spans else None
        records = present.candidates(connection, record, stored, former.numbers if former else numbers)
        found, added = _match(record, good, records, former, source)
        for row in added:
            if row.problems:
                continue
            resolved, own, came = row.resolved, row.resolved.parsed, row.resolved.parsed.origin
            row.outcome, row.new = "added", dict(resolved.stored)
            if own.extras:
                row.new["extras"] = json.dumps(own.extras, ensure_ascii=False)
            if came is not None and came.marks is not None and came.cells.keys().isdisjoint(record.telling):
                row.new["uid"] = came.uid  # one of another book, where the row is still the same
            for table, below in (resolved.below_if_bare | resolved.below).items():
                row.new[table] = sorted(below, key=str)
            for key in sorted(own.masked):
                row.warn(record.columns[key], "", _MASKED)
        if found:
            _compare(connection, record, found, scope, manner)
            clash.refuse_exchanged(record, planned)
            clash.refuse_twins(record, records, planned)
    if source is not None:
        source.rows.setdefault(record.ledger, []).extend(planned)
    return planned


def _match(
    record: type[Record],
    rows: Sequence[PlannedRow],
    records: Mapping[int, Values],
    former: clash.Former | None,
    source: collected.Source | None,
) -> tuple[list[tuple[PlannedRow, int]], list[PlannedRow]]:
    """The rows that mean a kept record, with its number; and those that mean none."""
    matcher = record.matcher(record.identity, former.as_then(records) if former else records)
    met: dict[int, PlannedRow] = {}
    found, added = list[tuple[PlannedRow, int]](), list[PlannedRow]()
    for at, row in enumerate(rows, start=1):
        resolved, said, came = row.resolved, row.resolved.parsed.number, row.resolved.parsed.origin
        # what has an identity is told from others by that: two branches decide alike on one day
        followed = source is not None and came is not None
        number = said if followed and not record.tells_apart else matcher.find(resolved)
        if former:
            former.question(resolved, number, records)
        if row.problems:
            continue
        if number is not None and number in met:
            clash.again(record, row, met[number])
            continue
        if number is not None:
            if words := matcher.reworded(resolved, number):
                row.resolved = replace(resolved, values=resolved.values | words, stored=resolved.stored | words)
            found.append((row, number))
        else:
            if not followed:
                record.check_new(resolved)
            if came is not None and came.gone:
                row.refuse(record.columns[record.telling[0]], "", _REMOVED)
            number = -at
            matcher.remember(number, resolved.stored)
            added.append(row)
        met[number] = row
        if came is not None and said is not None:
            clash.refuse_anothers(record, row, matcher)
    return found, added


def _compare(
    connection: Connection, record: type[Record], found: Sequence[tuple[PlannedRow, int]], scope: Scope, manner: Manner
) -> None:
    """Say what rows change in the records that they mean."""
    found = [(row, number) for row, number in found if not row.problems]
    for at in range(0, len(found), _AT_A_TIME):
        part = found[at : at + _AT_A_TIME]
        full = present.pick(connection, record, [number for _, number in part]) if manner.mode != "add_only" else {}
        for row, number in part:
            row.number, row.outcome = number, "unchanged"
            if number in full:
                differs = Difference(record, scope, manner, row.resolved, number, full[number])
                row.changes = differs.changes
                row.outcome, row.edit = ("changed", differs.edit) if differs.edit.after else ("unchanged", None)


def carry_out(connection: Connection, change: Change, record: type[Record], planned: Sequence[PlannedRow]) -> None:
    """Write additions and edits of a plan, and note them in the history; added rows get the numbers of their records."""
    added, new, edits = list[PlannedRow](), list[Values](), list[store.Edit]()
    for row in planned:
        if row.new is not None and not row.problems:
            added.append(row)
            new.append(row.new)
        if row.edit is not None and not row.problems:
            edits.append(row.edit)
    for row, number in zip(added, store.add(connection, change, record.shape, new) if new else (), strict=True):
        row.number, row.new = number, None
    if edits:
        store.edit(connection, change, record.shape, edits)
        record.carry_on(connection, change, edits)
