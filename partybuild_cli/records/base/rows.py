"""Parse the cells of a row, and find the people and organisations in it (逐格读取、对人对组织): every problem of a row at once."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import RATER_CODE, Scope, Values
from partybuild_cli.records.base.declare import ENTRIES, LINKS, DatedEntry, PersonLink, Record
from partybuild_cli.records.base.roster import UNSAID, Roster
from partybuild_cli.records.base.row import ParsedRow, ResolvedRow
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.people import Person, format_people, name_words, names_everybody, put_name
from partybuild_cli.values.period import PeriodKind, period_of
from partybuild_cli.values.text import Text, tight

#: Values remembered a column, so that a word, or a day of ninety years, that stands in many rows is understood once.
_MEMORY = 1 << 15
_PLAIN = Text()


class Parser:
    """Reads the cells of many rows of one record type."""

    def __init__(self, record: type[Record], headings: Mapping[str, str] | None = None) -> None:
        self.record = record
        self._headings = headings or {}
        self._memory: dict[str, dict[Hashable, Any]] = {key: {} for key in record.columns}
        self._personal = {key for key, column in record.columns.items() if column.mask is not None}

    def parse(self, row: int, cells: Mapping[str, Raw]) -> ParsedRow:
        """One row; `cells` by column key. Every problem of every cell is noted."""
        parsed = ParsedRow(row)
        for key, raw in cells.items():
            if key in self._personal and isinstance(raw, str) and is_masked(raw):
                parsed.masked |= {key}  # a masked value that comes back never overwrites or erases the true one
                continue
            memory, cell = self._memory[key], raw if type(raw) is str else (type(raw), raw)
            value = memory.get(cell)
            if value is None and raw is not None:
                column = self.record.columns[key]
                try:
                    value = column.kind.parse(raw)
                except ValueProblem as problem:
                    note = parsed.warn if column.computed else parsed.refuse
                    note(self._headings.get(key, column.heading), shown(raw, column), problem.sentence)
                    continue
                if len(memory) < _MEMORY:
                    memory[cell] = value
            if value is not None:
                parsed.values[key] = value
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
        record, values = self._record, {**self._context, **parsed.values}
        if record.branch_from and "branch" not in values and parsed.asked is None:
            branch, home = record.columns["branch"], home_of_named(record, values, self._roster)
            values |= {"branch": home} if home is not None else {}
            if home is not None and branch.required:
                parsed.warn(branch, home, "没有写明党支部，按这一行写到的党员所在的支部计，请核对")
        blamed = {finding.column for finding in parsed.problems}
        for key in self._required:
            if key not in values and self._names[key] not in blamed:
                parsed.refuse(self._names[key], "", f"缺少“{self._names[key]}”，这一项必须填写")
        home = values.get("branch") if "branch" in record.columns else self._scope.context.get("branch")
        self._asked, self._day = parsed.asked, self._spoken_of(values)
        self._within = self._roster.numbered(tight(home), self._when("branch")) if home else None
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
        row.below.update(parsed.joined or {})
        if parsed.rows is not None:
            row.below.update(parsed.rows)
        else:  # a row with problems may say enough for its lists of people to be looked at too
            needed = [record.columns[key] for key in record.settles_with]
            known = bool(needed) and all(one.key in values and stored.keys() >= one.parts.keys() for one in needed)
            if known or not row.problems:
                record.settle(row, self._scope)
        return row

    def _spoken_of(self, values: Values) -> str:
        """The day whose names a row speaks: that of what happened, else that of the sheet, if it says one."""
        record, said = self._record, str(values.get(self._record.date) or "").partition("..")[0]
        if said and not record.begins:
            return str(period_of(said).last) if isinstance(record.columns[record.date].kind, PeriodKind) else said
        return UNSAID if self._scope.undated else str(self._scope.as_of)

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


def members_named(
    column: Column, row: ResolvedRow, roster: Roster, branch: int | None, day: str
) -> Iterator[tuple[int, Person]]:
    """Number and words of each member in a list of people; a name that nobody bears becomes a problem of the row."""
    text = row.values[column.key]
    if names_everybody(text):
        here = roster.belonging(branch, day) if branch is not None else []
        if not here:
            row.refuse(column, text, f"不知道“{text}”是哪些人，请写明所在党支部，或者把姓名写出来")
        yield from ((seat.member, Person(seat.name)) for seat in here)
        return
    try:
        people = roster.people(text)
    except ValueProblem as problem:
        row.refuse(column, text, problem.sentence)
        return
    beside = row.parsed.numbers.get(column.key) if len(people) == 1 else None
    for person in people:
        try:
            yield roster.member(person.name, branch, day, beside), person
        except ValueProblem as problem:
            row.refuse(column, person.name, problem.sentence)


def moved(
    roster: Roster, lists: Mapping[str, Sequence[Person]], said: Mapping[str, str], gone: str = ""
) -> dict[str, str]:
    """Lists of people with those who are `said` to belong in one of them moved there, and who is `gone` taken out; the others
    stay as they are. Only the lists that change. InputProblems for a name that nobody, or more than one, bears.
    """
    after = {key: list(lists.get(key, ())) for key in {**lists, **said}}
    try:
        for key, text in [("", gone), *said.items()]:
            for person in roster.people(text):
                name = roster.shown(roster.member(person.name))
                after = {held: [one for one in people if one.name != name] for held, people in after.items()}
                if key:
                    after[key].append(Person(name, person.reason))
    except ValueProblem as problem:
        raise InputProblems(f"{problem.sentence}。没有写入任何内容。") from None
    return {key: format_people(people) or "无人" for key, people in after.items() if people != list(lists.get(key, ()))}
