"""One row on its way into the book (在途的一行): its values, its problems, which kept record it means, and how it meets that."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.dated import Row, Values
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.values.day import agrees
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.text import tight

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


class Matcher:
    """Finds the kept record, or the earlier row of the same sheet, that a draft means: never by a name alone, never by chance."""

    def __init__(self, columns: Iterable[Column], rows: Mapping[int, Values]) -> None:
        identity = [(part, column) for column in columns for part in column.parts]
        self._plain = [part for part, column in identity if not column.kind.vague]
        self._days = [part for part, column in identity if column.kind.vague]
        self._index: dict[Row, list[int]] = {}
        self._rows: dict[int, Values] = dict(rows)
        for number, row in rows.items():
            self._enter(number, row)

    def find(self, draft: Draft) -> int | None:
        """The number that the draft means, None where it is new; a clash becomes a problem of the draft."""
        if draft.number in self._rows:
            return draft.number
        found = self.alike(draft.stored)
        if len(found) > 1:
            draft.refuse(
                "",
                "",
                f"与 {len(found)} 条已有记录（编号 {'、'.join(map(str, found[:5]))}）都相符，不能确定是哪一条，请补全日期或工号",
            )
        return found[0] if found else None

    def remember(self, number: int, row: Values) -> None:
        """Let later rows of the sheet meet this one."""
        self._rows[number] = row
        self._enter(number, row)

    def keys(self, row: Values) -> list[Row]:
        """The keys under which a row is found."""
        return [tuple(tight(one) if isinstance(one, str) else one for one in map(row.get, self._plain))]

    def fits(self, row: Values, other: Values) -> bool:
        """Whether two rows of one key may be the same record: no day of the identity contradicts."""
        return all(
            row.get(part) is None or other.get(part) is None or agrees(row[part], other[part]) for part in self._days
        )

    def kept_keys(self, row: Values) -> list[Row]:
        """The keys under which a row is kept."""
        return self.keys(row)

    def _enter(self, number: int, row: Values) -> None:
        for key in self.kept_keys(row):
            self._index.setdefault(key, []).append(number)

    def alike(self, row: Values) -> list[int]:
        """The records that a row may mean; none where it is new."""
        for key in self.keys(row):
            found = [number for number in self._index.get(key, ()) if self.fits(row, self._rows[number])]
            if len(found) > 1:
                exact = [n for n in found if all(row.get(part) == self._rows[n].get(part) for part in self._days)]
                found = list(dict.fromkeys(exact or found))
            if found:
                return found
        return []

    def twins(self, row: Values) -> list[int]:
        """The records, the row itself among them, that cannot stand beside it."""
        return self.alike(row)

    def bearer(self, draft: Draft, column: Column) -> int | None:
        """Another kept record that is known by what the draft says under a column, if there is one."""
        return next((n for n in self.alike(draft.stored) if n != draft.number and n > 0), None)
