"""A row on its way into the book (在途的一行): its cells parsed into values, or into problems, all of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.values.cells import Raw
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.text import Text

#: Values remembered a column, so that a word that stands in thousands of rows is understood once.
_MEMORY = 4096
_PLAIN = Text()


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem (the row is not written) or a warning (it is), at the column that a person sees."""

    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as a person reads it."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class Draft:
    """One row on its way.

    Attributes:
        row: its number on the sheet, 1 for a command.
        values: parsed values by column key; names where a column points at members or branches.
        extras: columns that the ledger does not know, as typed.
        number: the record that the sheet says it came from (hidden identity), if any.
        stored: values by SQL column, once names are resolved.
        below: rows for child tables, by table; a table that is absent is left as it is.
        below_if_new: the same, for a record that is not kept yet: what follows where the row says nothing.
    """

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict)
    below: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    below_if_new: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    outcome: str = ""
    changes: list[FieldChange] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)

    def refuse(self, column: Column | str, value: Any, message: str) -> None:
        """Note a problem; the row will not be written."""
        self.problems.append(_finding(column, value, message))

    def warn(self, column: Column | str, value: Any, message: str) -> None:
        """Note what a person should look at; the row is written."""
        self.warnings.append(_finding(column, value, message))


def _finding(column: Column | str, value: Any, message: str) -> Finding:
    if isinstance(column, str):
        return Finding(column, str(value), message)
    text = str(value)
    hidden = column.mask is not None and text and not is_masked(text)
    return Finding(column.heading, column.mask(text) if hidden and column.mask else text, message)


class Parser:
    """Turns the cells of many rows of one record type into drafts."""

    def __init__(self, record: type[Record], headings: Mapping[str, str] | None = None) -> None:
        self.record = record
        self._headings = headings or {}
        self._memory: dict[str, dict[tuple[type, Raw], Any]] = {key: {} for key in record.columns}

    def draft(self, row: int, cells: Mapping[str, Raw]) -> Draft:
        """Parse one row; `cells` by column key. Every problem of every cell is noted."""
        draft = Draft(row)
        for key, raw in cells.items():
            if raw is not None:
                self._put(draft, self.record.columns[key], raw)
        return draft

    def heading(self, column: Column) -> str:
        """The heading as the sheet has it, else ours."""
        return self._headings.get(column.key, column.heading)

    def _put(self, draft: Draft, column: Column, raw: Raw) -> None:
        if column.mask is not None and isinstance(raw, str) and is_masked(raw):
            return  # a masked value that comes back never overwrites the true one
        memory = self._memory[column.key]
        known = (type(raw), raw)
        value = memory.get(known)
        if value is None:
            try:
                value = column.kind.parse(raw)
            except ValueProblem as problem:
                if column.place == "worked_out":
                    draft.warn(self.heading(column), shown(raw, column), problem.sentence)
                else:
                    draft.refuse(self.heading(column), shown(raw, column), problem.sentence)
                return
            if len(memory) < _MEMORY:
                memory[known] = value
        if value is not None:
            draft.values[column.key] = value


def require(draft: Draft, record: type[Record], headings: Mapping[str, str] | None = None) -> None:
    """Note every required column that has neither a value nor a problem already."""
    blamed = {finding.column for finding in draft.problems}
    for column in record.columns.values():
        heading = (headings or {}).get(column.key, column.heading)
        if column.required and column.key not in draft.values and heading not in blamed:
            draft.refuse(heading, "", f"缺少“{heading}”，这一项必须填写")


def shown(raw: Raw, column: Column) -> str:
    """A raw cell as it may stand in a message: masked where the column is personal."""
    if column.kind.label == "身份证号" or column.mask is not None:
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
