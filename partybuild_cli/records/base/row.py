"""A row on its way into the book (在途的一行), in three states: as it was read, as it would be stored, as what is done with it.

No state changes the one before. Problems (the row is not written) and warnings (it is) gather from the first to the last.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.dated import Row, Values
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.store.rows import Edit
from partybuild_cli.values.mask import is_masked

#: Whose word holds where both sides changed the same.
Prefer = Literal["", "branch", "committee"]
#: Whether the branch's book said so before, under a column.
SaidBefore = Callable[[str, str | None], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem or a warning, at the column that a person sees."""

    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as a person reads it; `since` is the day from which what holds for a time does so."""

    field: str
    before: str
    after: str
    since: str | None = None


@dataclass(slots=True, kw_only=True)
class Noted:
    """What was found wrong with a row, and what a person should look at."""

    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

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
    """A row as it was read.

    Attributes:
        row: its number on the sheet, 1 for a command.
        values: parsed values by column key; names where a column points at members or branches.
        extras: columns that the ledger does not know, as typed.
        number: the record that a command edits, or that the sheet says the row came from, if any.
        origin: what the sheet says of the record that the row came from, in exported workbooks.
        numbers: column that names somebody -> which of his numbers stands beside it (staff_no, id_number), and the number.
        joins: the earlier row of the same record to which the people of this one were joined.
        masked: columns whose cell holds a masked value, which stands for the one that is kept.
        asked: the columns of which an edit speaks, the rest being the record as it is; None where the row is all there is.
        erased: columns that are to become blank.
        since: the day from which an edit says that it holds; None for today.
        correct: whether an edit mends what was wrong all along.
        worded: the values in the words of the book that the record comes from, where people are called otherwise here.
        rows: the tables below the record as another book has them, where the row is a record of one: nothing is judged anew.
        joined: the tables below the record as this book and another make them together.
        settled: whether the record is known to say already what the row says.
    """

    row: int
    values: Values = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    origin: Origin | None = None
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    joins: "ParsedRow | None" = None
    masked: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None
    erased: frozenset[str] = frozenset()
    since: str | None = None
    correct: bool = False
    worded: Values | None = None
    rows: dict[str, list[Row]] | None = None
    joined: dict[str, list[Row]] | None = None
    settled: bool = False

    def copy(self) -> "ParsedRow":
        """One of the same, for a step that leaves some of it out."""
        came = None if self.origin is None else replace(self.origin)
        rows = None if self.rows is None else dict(self.rows)
        copied = replace(self, values=dict(self.values), extras=dict(self.extras), origin=came, rows=rows)
        copied.problems, copied.warnings = [*self.problems], [*self.warnings]
        return copied

    def planned(self, outcome: str = "", joins: "PlannedRow | None" = None) -> "PlannedRow":
        """The row before anything is planned with it, or where nothing is."""
        notes = self.problems, self.warnings
        return PlannedRow(self, self.values, outcome=outcome, joins=joins, problems=notes[0], warnings=notes[1])


@dataclass(slots=True)
class ResolvedRow(Noted):
    """A row whose people and organisations were found.

    Attributes:
        values: the parsed values, with those that context or the rows below say.
        stored: values by SQL column.
        below: rows for child tables, by table; a table that is absent is left as it is.
        below_if_bare: the same, for a record that has no rows in the first of its tables: what a row says that takes nothing away.
    """

    parsed: ParsedRow
    values: Values
    stored: Values = field(default_factory=dict)
    below: dict[str, list[Row]] = field(default_factory=dict)
    below_if_bare: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def number(self) -> int | None:
        """The record that the row is known to be about."""
        return self.parsed.number

    @property
    def alone(self) -> bool:
        """Whether the row is all there is, and no edit of a record."""
        return self.parsed.asked is None

    def carries(self, *columns: str) -> bool:
        """Whether the row says of these columns only what the record says already."""
        return self.parsed.asked is not None and self.parsed.asked.isdisjoint(columns)

    def say(self, key: str, value: str) -> None:
        """Let the row say something else than was read, in a column that is stored as it is."""
        self.values = {**self.values, key: value}
        self.stored[key] = value


@dataclass(slots=True)
class PlannedRow(Noted):
    """A row and what is done with it.

    Attributes:
        outcome: added, changed, unchanged; empty where it has a problem.
        number: the record's, once there is one.
        below: what the row says of the tables below the record.
        new: the record that is added, with the rows below it.
        edit: what is changed in the record, if anything; `changes` tells a person.
        joins: the row of the same record that is planned for both.
    """

    parsed: ParsedRow
    values: Values
    below: dict[str, list[Row]] = field(default_factory=dict)
    outcome: str = ""
    number: int | None = None
    new: Values | None = None
    edit: Edit | None = None
    changes: Sequence[FieldChange] = ()
    joins: "PlannedRow | None" = None

    @property
    def row(self) -> int:
        """Its number on the sheet."""
        return self.parsed.row

    @property
    def extras(self) -> dict[str, str]:
        """Columns that the ledger does not know."""
        return self.parsed.extras


Mode = Literal["update", "add_only", "fill_blank"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a row meets the record that it means (更新方式).

    Attributes:
        mode: `update` overwrites what differs; `add_only` leaves kept records alone; `fill_blank` fills only blanks.
        erase_blank: a blank cell of a column that the sheet has erases the kept value.
        columns: the columns that the sheet has (for `erase_blank`).
        as_typed: a coarser day replaces a finer one, because a person typed it about this record.
    """

    mode: Mode = "update"
    erase_blank: bool = False
    columns: frozenset[str] = frozenset()
    as_typed: bool = False


def outcome_counts(rows: Iterable[PlannedRow]) -> dict[str, int]:
    """How many rows were read, added, changed, unchanged, and had a problem."""
    found = Counter("problem" if row.problems else row.outcome for row in rows)
    return {"read": found.total()} | {name: found[name] for name in ("added", "changed", "unchanged", "problem")}
