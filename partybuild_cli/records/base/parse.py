"""Cells into drafts (逐格读取): every problem of every cell of a row at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.values.cells import Raw
from partybuild_cli.values.mask import is_masked
from partybuild_cli.values.text import Text

#: Values remembered a column, so that a word that stands in thousands of rows is understood once.
_MEMORY = 4096
_PLAIN = Text()


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
            draft.masked.add(column.key)  # a masked value that comes back never overwrites or erases the true one
            return
        memory = self._memory[column.key]
        known = (type(raw), raw)
        value = memory.get(known)
        if value is None:
            try:
                value = column.kind.parse(raw)
            except ValueProblem as problem:
                if column.computed:
                    draft.warn(self.heading(column), shown(raw, column), problem.sentence)
                else:
                    draft.refuse(self.heading(column), shown(raw, column), problem.sentence)
                return
            if len(memory) < _MEMORY:
                memory[known] = value
        if value is not None:
            draft.values[column.key] = value


def require(draft: Draft, columns: Sequence[Column], headings: Mapping[str, str]) -> None:
    """Note every column that has neither a value nor a problem already."""
    missing = [column for column in columns if column.key not in draft.values]
    if missing:
        blamed = {finding.column for finding in draft.problems}
        for heading in (headings[column.key] for column in missing):
            if heading not in blamed:
                draft.refuse(heading, "", f"缺少“{heading}”，这一项必须填写")


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
