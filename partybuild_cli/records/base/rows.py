"""Parse the cells of a row, and resolve the names in it (逐格读取、对人对组织): every problem of a row at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import RATER_CODE, Scope, Values
from partybuild_cli.records.base.declare import ENTRIES, LINKS, Entry, Link, Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.people import Person, format_people, name_words, names_everybody, put_name
from partybuild_cli.values.text import Text, tight

#: Values remembered a column, so that a word that stands in thousands of rows is understood once.
_MEMORY = 4096
_PLAIN = Text()


class Parser:
    """Turns the cells of many rows of one record type into drafts."""

    def __init__(self, record: type[Record], headings: Mapping[str, str] | None = None) -> None:
        self.record = record
        self._headings = headings or {}
        self._memory: dict[str, dict[tuple[type, Raw], Any]] = {key: {} for key in record.columns}
        self._personal = {key for key, column in record.columns.items() if column.mask is not None}

    def draft(self, row: int, cells: Mapping[str, Raw]) -> Draft:
        """Parse one row; `cells` by column key. Every problem of every cell is noted."""
        draft = Draft(row)
        for key, raw in cells.items():
            if key in self._personal and isinstance(raw, str) and is_masked(raw):
                draft.masked.add(key)  # a masked value that comes back never overwrites or erases the true one
                continue
            memory = self._memory[key]
            value = memory.get((type(raw), raw))
            if value is None and raw is not None:
                column = self.record.columns[key]
                try:
                    value = column.kind.parse(raw)
                except ValueProblem as problem:
                    note = draft.warn if column.computed else draft.refuse
                    note(self.heading(column), shown(raw, column), problem.sentence)
                    continue
                if len(memory) < _MEMORY:
                    memory[type(raw), raw] = value
            if value is not None:
                draft.values[key] = value
        return draft

    def heading(self, column: Column) -> str:
        """The heading as the sheet has it, else ours."""
        return self._headings.get(column.key, column.heading)


def shown(raw: Raw, column: Column) -> str:
    """A raw cell as it may stand in a message: masked where the column is personal."""
    if column.mask is not None:
        text = str(getattr(raw, "value", raw))
        return text[:3] + "***" if len(text) > 5 else "***"
    try:
        return str(_PLAIN.parse(raw) or "")
    except ValueProblem:
        return str(getattr(raw, "code", getattr(raw, "value", raw)))


def outcome_counts(drafts: Sequence[Draft]) -> dict[str, int]:
    """How many rows were read, added, changed, unchanged, and had a problem."""
    counts = {"read": len(drafts), "added": 0, "changed": 0, "unchanged": 0, "problem": 0}
    for draft in drafts:
        counts["problem" if draft.problems else draft.outcome] += 1
    return counts


def members_named(
    column: Column, draft: Draft, roster: Roster, branch: int | None, day: str
) -> Iterator[tuple[int, Person]]:
    """Number and words of each member in a list of people; a name that nobody bears becomes a problem of the row."""
    text = draft.values[column.key]
    if names_everybody(text):
        here = roster.belonging(branch, day) if branch is not None else []
        if not here:
            draft.refuse(column, text, f"不知道“{text}”是哪些人，请写明所在党支部，或者把姓名写出来")
        yield from ((seat.member, Person(seat.name)) for seat in here)
        return
    try:
        people = roster.people(text)
    except ValueProblem as problem:
        draft.refuse(column, text, problem.sentence)
        return
    beside = draft.numbers.get(column.key) if len(people) == 1 else None
    for person in people:
        try:
            yield roster.member(person.name, branch, day, beside), person
        except ValueProblem as problem:
            draft.refuse(column, person.name, problem.sentence)


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
                for people in after.values():
                    people[:] = [one for one in people if one.name != name]
                if key:
                    after[key].append(Person(name, person.reason))
    except ValueProblem as problem:
        raise InputProblems(f"{problem.sentence}。没有写入任何内容。") from None
    return {key: format_people(people) or "无人" for key, people in after.items() if people != list(lists.get(key, ()))}


@dataclass(slots=True)
class RowNames:
    """The names of one row, column by column, for kinds to ask (`Naming`); its branch and day narrow whom they can mean."""

    draft: Draft
    scope: Scope
    within: int | None
    day: str | None
    key: str = ""

    def member(self, name: str) -> int:
        """The member's number."""
        return self.scope.roster.member(name, self.within, self.day, self.draft.numbers.get(self.key))

    def branch(self, name: str) -> int:
        """The branch's number."""
        return self.scope.roster.branch(name)

    def rater(self, name: str) -> str:
        """The seal of a rater, who is named, or under the code that his form bears (匿名评议表)."""
        quarter, rated = self.draft.values.get("quarter"), self.draft.stored.get("member_id")
        if quarter is None or rated is None:
            raise ValueProblem("要先知道季度和被评议人，才能认出评议人，请先改好这两栏")
        raters, roster, code = self.scope.raters, self.scope.roster, name.removeprefix(RATER_CODE)
        number = roster.member(name, self.within) if code == name else raters.whose(quarter, code, roster.members)
        return raters.rated_by(quarter, number, rated)

    def listed(self, text: str) -> None:
        """Keep the members of a list; a stranger is a problem."""
        self._link([person.name for person in self.scope.roster.people(text)])

    def mentioned(self, text: str) -> str:
        """Keep which members a text names; the text, with the 工号 behind the name of a namesake."""
        roster = self.scope.roster
        words = [word for word in name_words(text) if roster.known(tight(word).partition("(")[0])]
        for word, member in self._link(words).items():
            text = put_name(text, word, roster.shown(member)) if roster.shown(member) not in text else text
        return text

    def _link(self, words: list[str]) -> dict[str, int]:
        beside = self.draft.numbers.get(self.key) if len(words) == 1 else None
        found = {word: self.scope.roster.member(word, self.within, self.day, beside) for word in words}
        rows = self.draft.below.setdefault(LINKS.table, [])
        rows.extend(Link(self.key, member) for member in dict.fromkeys(found.values()))
        return found


def resolve(
    record: type[Record], drafts: Sequence[Draft], scope: Scope, headings: Mapping[str, str] | None = None
) -> None:
    """Fill `stored` and `below` of every draft; what cannot be resolved becomes a problem of its row."""
    columns, context = record.columns.items(), _context(record, scope)
    names = {key: (headings or {}).get(key, column.heading) for key, column in columns}
    plain = frozenset(key for key, column in columns if column.parts and column.kind.as_it_is)
    late = {key for key, column in columns if column.kind.resolved_last}
    entries = [key for key, column in columns if column.entry]
    for draft in drafts:
        for key, value in context.items():
            draft.values.setdefault(key, value)
        if record.branch_from and "branch" not in draft.values and draft.asked is None:
            _say_home(record, draft, scope.roster)
        blamed = {finding.column for finding in draft.problems}
        for key, column in columns:
            if column.required and key not in draft.values and names[key] not in blamed:
                draft.refuse(names[key], "", f"缺少“{names[key]}”，这一项必须填写")
        home = draft.values.get("branch") if "branch" in record.columns else scope.context.get("branch")
        day = str(draft.values.get("held_on") or "").partition("..")[0]
        row = RowNames(draft, scope, scope.roster.numbered(tight(home)) if home else None, day or None)
        values = draft.values.items()
        for key, value in sorted(values, key=lambda one: one[0] in late) if late else values:
            column = record.columns[key]
            if key in plain:
                draft.stored[key] = value
            elif not column.computed and not column.entry:
                row.key = key
                try:
                    draft.stored |= zip(column.parts, column.kind.resolve(value, row), strict=True)
                except ValueProblem as problem:
                    draft.refuse(names[key], value, problem.sentence)
        said: list[Any] = [draft.values.get(key) for key in entries]
        if said and said[0] is not None and (None not in said or not record.columns[entries[0]].context):
            draft.below[ENTRIES.table] = [Entry(*said)]  # what the two columns say; a day alone, where it is no sheet's
        if draft.rows is not None:
            draft.below |= draft.rows
        elif not draft.problems or _settles(record, draft):
            record.settle(draft, scope)


def _settles(record: type[Record], draft: Draft) -> bool:
    """Whether a row with problems says enough for its lists of people to be looked at too."""
    needed = [record.columns[key] for key in record.settles_with]
    known = (one.key in draft.values and draft.stored.keys() >= one.parts.keys() for one in needed)
    return bool(needed) and all(known)


def _context(record: type[Record], scope: Scope) -> Values:
    """What a draft may take for granted where it says nothing: the sheet's context, the only branch of the book."""
    context = {
        key: said for key, said in scope.context.items() if key in record.columns and record.columns[key].context
    }
    branch, only = record.columns.get("branch"), scope.roster.only_branch()
    if branch and (branch.required or record.branch_from) and only is not None:
        context.setdefault("branch", scope.roster.branch_names[only])
    return context


def _say_home(record: type[Record], draft: Draft, roster: Roster) -> None:
    """The branch of the people whom the row names, where nothing else says one; said where the record cannot do without."""
    home, column = home_of_named(record, draft, roster), record.columns["branch"]
    if home is not None:
        draft.values["branch"] = home
        if column.required:
            draft.warn(column, home, "没有写明党支部，按这一行写到的党员所在的支部计，请核对")


def home_of_named(record: type[Record], draft: Draft, roster: Roster) -> str | None:
    """The one branch that the row names, or to which all those belong whom it names and of whom there is no namesake."""
    homes: set[int | None] = set()
    for word in (word for key in record.branch_from for word in name_words(str(draft.values.get(key, "")))):
        with suppress(ValueProblem):
            number = roster.numbered(word)
            homes.add(number if number is not None else roster.home(roster.member(word)))
    home = homes.pop() if len(homes) == 1 else None
    return roster.branch_names.get(home) if home is not None else None
