"""One row on its way into the book (在途的一行): its values, its problems, and how it meets the record that it means."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from partybuild_cli.records.base.column import Column, Row, Values
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.values.mask import is_masked

#: Whose word holds where both sides changed the same.
Prefer = Literal["", "branch", "committee"]
#: Whether the branch's book said so before, under a column.
SaidBefore = Callable[[str, str | None], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem (the row is not written) or a warning (it is), at the column that a person sees."""

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


@dataclass(slots=True)
class Draft:
    """One row on its way.

    Attributes:
        row: its number on the sheet, 1 for a command.
        values: parsed values by column key; names where a column points at members or branches.
        extras: columns that the ledger does not know, as typed.
        number: the record that a command edits, or that the sheet says the row came from, if any.
        origin: what the sheet says of the record that the row came from, in exported workbooks.
        stored: values by SQL column, once names are resolved.
        below: rows for child tables, by table; a table that is absent is left as it is.
        below_if_bare: the same, for a record that has no rows in the first of its tables: what a row says that takes nothing away.
        worded: the values in the words of the book that the record comes from, where people are called otherwise here.
        rows: the tables below the record as another book has them, where the row is a record of one: nothing is judged anew.
        numbers: column that names somebody -> which of his numbers stands beside it (staff_no, id_number), and the number.
        joins: the earlier row of the same record to which the people of this one were joined.
        asked: the columns of which an edit speaks, the rest being the record as it is; None where the row is all there is.
        erased: columns that are to become blank.
        masked: columns whose cell holds a masked value, which stands for the one that is kept.
        since: the day from which an edit says that it holds; None for today.
        correct: whether an edit mends what was wrong all along.
    """

    row: int
    values: Values = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    origin: Origin | None = None
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    stored: Values = field(default_factory=dict)
    below: dict[str, list[Row]] = field(default_factory=dict)
    below_if_bare: dict[str, list[Row]] = field(default_factory=dict)
    worded: Values = field(default_factory=dict)
    rows: dict[str, list[Row]] | None = None
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    joins: "Draft | None" = None
    asked: frozenset[str] | None = None
    erased: set[str] = field(default_factory=set)
    masked: set[str] = field(default_factory=set)
    since: str | None = None
    correct: bool = False
    outcome: str = ""
    changes: list[FieldChange] = field(default_factory=list)

    def carries(self, *columns: str) -> bool:
        """Whether the row says of these columns only what the record says already."""
        return self.asked is not None and self.asked.isdisjoint(columns)

    def refuse(self, column: Column | str, value: Any, message: str) -> None:
        """Note a problem; the row will not be written."""
        self.problems.append(_finding(column, str(value), message))

    def warn(self, column: Column | str, value: Any, message: str) -> None:
        """Note what a person should look at; the row is written."""
        self.warnings.append(_finding(column, str(value), message))


def _finding(column: Column | str, text: str, message: str) -> Finding:
    if isinstance(column, str):
        return Finding(column, text, message)
    hidden = column.mask is not None and text and not is_masked(text)
    return Finding(column.heading, column.mask(text) if hidden and column.mask else text, message)


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
