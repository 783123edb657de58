"""A row on its way into the book (在途的一行), in three states: as it was read, as it would be stored, as what is done with it;
which kept record it means (对上已有的记录), and whom its lists name.

No state changes the one before. Problems (the row is not written) and warnings (it is) gather from the first to the last.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base.column import Column, Row, Values
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.store.rows import Edit
from partybuild_cli.values.people import Person, format_people, is_masked, mask_found, names_everybody

if TYPE_CHECKING:
    from partybuild_cli.store.forget import Raters

RATER_CODE = "匿名-"  # stands before a rater's seal on an anonymous form
Of = TypeVar("Of")


class Below(dict[type, list[Any]]):
    """The rows of the tables below one record (分项), by the type of row."""

    def of(self, row: type[Of]) -> list[Of]:
        return self.get(row, [])


@dataclass(slots=True)
class Context:
    """Context for computed columns: the roster, and the as-of date (截止日期) up to which 党龄 and 年龄 count."""

    roster: Roster
    as_of: date


@dataclass
class Scope(Context):
    """Context of the rows of one sheet, or of one command; `as_of` is the sheet's 填报日期, else today."""

    connection: Connection  # the book, for what is asked of it while rows are resolved
    context: Values = field(default_factory=dict)  # what title, unit row or sheet name say, by column key
    undated: bool = False  # the sheet does not say of which day it speaks

    @cached_property
    def raters(self) -> "Raters":
        """Turns raters into what is stored for them."""
        from partybuild_cli.store.forget import Raters

        return Raters(self.connection)


@dataclass(slots=True)
class View:
    """One kept record: its number, its values by column key, the columns that only the clerk knows, its identity."""

    number: int
    values: Values
    extras: dict[str, str] = field(default_factory=dict)
    uid: str = ""

    def own_columns(self, full: bool = False) -> dict[str, str]:
        """The columns that only the clerk knows; personal data in them masked unless `full`."""
        return {heading: text if full else mask_found(heading, text) for heading, text in self.extras.items()}


Prefer = Literal["", "branch", "committee"]  # whose word holds where both sides changed the same
SaidBefore = Callable[[str, str | None], bool]  # whether the branch's book said so before, under a column


class Finding(NamedTuple):
    """A problem or a warning, at the column that a person sees."""

    column: str
    value: str
    message: str


class FieldChange(NamedTuple):
    """One field before and after, as a person reads it; `since` is the day from which what holds for a time does so."""

    field: str
    before: str
    after: str
    since: str | None = None


class Noted:
    """What was found wrong with a row, and what a person should look at; each state hands its lists on to the next."""

    __slots__ = ()
    problems: list[Finding]
    warnings: list[Finding]

    def refuse(self, column: Column | str, value: Any, message: str) -> None:
        """Note a problem; the row will not be written."""
        self.problems.append(_finding(column, str(value), message))

    def warn(self, column: Column | str, value: Any, message: str) -> None:
        """Note what a person should look at; the row is written."""
        self.warnings.append(_finding(column, str(value), message))


def _finding(column: Column | str, text: str, message: str) -> Finding:
    if isinstance(column, str):
        return Finding(column, text, message)
    return Finding(column.heading, column.mask(text) if column.mask and text and not is_masked(text) else text, message)


@dataclass(slots=True)
class ParsedRow(Noted):
    """A row as it was read; nobody but its reader and who brings it home writes into it."""

    row: int  # its number on the sheet, 1 for a command
    values: Values = field(default_factory=dict)  # by column key; names where a column points at members or branches
    extras: dict[str, str] = field(default_factory=dict)  # columns that the ledger does not know, as typed
    number: int | None = None  # the record that a command edits, or that the sheet says the row came from, if any
    origin: Origin | None = None  # what the sheet says of the record that the row came from, in exported workbooks
    #: Column that names somebody -> which of his numbers stands beside it (staff_no, id_number), and the number.
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    joins: "ParsedRow | None" = None  # the earlier row of the same record to which its people were joined
    masked: frozenset[str] = frozenset()  # columns with a masked value, which stands for the one that is kept
    asked: frozenset[str] | None = None  # of which an edit speaks, the rest being as it is; None: the row is all
    erased: frozenset[str] = frozenset()  # columns that are to become blank
    since: str | None = None  # the day from which an edit says that it holds; None for today
    correct: bool = False  # whether an edit mends what was wrong all along
    worded: Values | None = None  # the values in the words of another book, where it calls people otherwise
    rows: dict[str, list[Row]] | None = None  # the tables below a record of another book, which is not judged anew
    joined: dict[str, list[Row]] | None = None  # the tables below as this book and another make them together
    alias: str = ""  # what its own book calls the branch that it is
    said: str = ""  # what is to be remembered of what another book says in it
    settled: bool = False  # whether the record is known to say already what the row says
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def copy(self) -> "ParsedRow":
        """One of the same, for a step that leaves some of it out."""
        came, rows = self.origin and replace(self.origin), None if self.rows is None else {**self.rows}
        copied = replace(self, values={**self.values}, extras={**self.extras}, origin=came, rows=rows)
        copied.problems, copied.warnings = [*self.problems], [*self.warnings]
        return copied

    def planned(self, outcome: str = "", joins: "PlannedRow | None" = None) -> "PlannedRow":
        """The row where nothing is planned with it."""
        row, number = ResolvedRow(self, self.values, {}, self.problems, self.warnings), self.number
        return PlannedRow(row, self.problems, self.warnings, outcome, number if self.settled else None, joins=joins)


@dataclass(frozen=True, slots=True)
class ResolvedRow(Noted):
    """A row whose people and organisations were found: what would be stored. Its ledger's `settle` completes it."""

    parsed: ParsedRow
    values: Values  # the parsed values, with those that context or the rows below say
    stored: Values  # values by SQL column
    problems: list[Finding]
    warnings: list[Finding]
    below: dict[str, list[Row]] = field(default_factory=dict)  # rows of child tables; an absent one is left as it is
    #: The same, for a record that has no rows in the first of its tables: what a row says that takes nothing away.
    below_if_bare: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Whether the row is all there is, and no edit of a record."""
        return self.parsed.asked is None

    def carries(self, *columns: str) -> bool:
        """Whether the row says of these columns only what the record says already."""
        return self.parsed.asked is not None and self.parsed.asked.isdisjoint(columns)

    def say(self, key: str, value: str) -> None:
        """While it is settled: let it say something else than was read, in a column that is stored as it is."""
        self.values[key] = self.stored[key] = value


@dataclass(slots=True)
class PlannedRow(Noted):
    """A row and what is done with it."""

    resolved: ResolvedRow
    problems: list[Finding]
    warnings: list[Finding]
    outcome: str = ""  # added, changed, unchanged; empty where it has a problem
    number: int | None = None  # the record's, once there is one
    new: Values | None = None  # the record that is added, with the rows below it, until it is written
    edit: Edit | None = None  # what is changed in the record, if anything; `changes` tells a person
    changes: Sequence[FieldChange] = ()
    joins: "PlannedRow | None" = None  # the row of the same record that is planned for both

    @property
    def parsed(self) -> ParsedRow:
        return self.resolved.parsed

    @property
    def row(self) -> int:
        return self.parsed.row

    @property
    def values(self) -> Values:
        return self.resolved.values

    @property
    def extras(self) -> dict[str, str]:
        return self.parsed.extras


Mode = Literal["update", "add_only", "fill_blank"]


class Manner(NamedTuple):
    """How a row meets the record that it means (更新方式)."""

    #: `update` overwrites what differs; `add_only` leaves kept records alone; `fill_blank` fills only blanks.
    mode: Mode = "update"
    erase_blank: bool = False  # a blank cell of a column that the sheet has erases the kept value
    columns: frozenset[str] = frozenset()  # the columns that the sheet has (for `erase_blank`)
    as_typed: bool = False  # a coarser day replaces a finer one, because a person typed it about this record


def outcome_counts(rows: Iterable[PlannedRow]) -> dict[str, int]:
    """How many rows were read, added, changed, unchanged, and had a problem."""
    found = Counter("problem" if row.problems else row.outcome for row in rows)
    return {"read": found.total()} | {name: found[name] for name in ("added", "changed", "unchanged", "problem")}


def members_named(
    column: Column, row: ResolvedRow, roster: Roster, branch: int | None, day: str
) -> Iterator[tuple[int, Person]]:
    """Number and words of each member in a list of people; a name that nobody bears becomes a problem of the row."""
    text = row.values[column.key]
    if names_everybody(text):
        here = roster.belonging(branch, day) if branch is not None else []
        if not here or (text.startswith("除") and column.key == "members"):
            row.refuse(column, text, f"不知道“{text}”是哪些人，请写明所在党支部，或者把姓名写出来")
        yield from ((stay.member, Person(stay.name)) for stay in here)
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
    stay as they are. Only the lists that change. InputProblems for a name that nobody, or more than one, bears, or that is
    said to belong in two places.
    """
    after = {key: list(lists.get(key, ())) for key in {**lists, **said}}
    moved_to = dict[str, str]()
    try:
        for key, text in [("", gone), *said.items()]:
            for person in roster.people(text):
                name = roster.shown(roster.member(person.name))
                if moved_to.setdefault(name, key) != key:
                    raise ValueProblem(f"{name}写在两处，不能都算，请只留一处")
                after = {held: [person for person in people if person.name != name] for held, people in after.items()}
                if key:
                    after[key].append(Person(name, person.reason))
    except ValueProblem as problem:
        raise InputProblems(f"{problem.sentence}。没有写入任何内容。") from None
    return {key: format_people(people) or "无人" for key, people in after.items() if people != list(lists.get(key, ()))}
