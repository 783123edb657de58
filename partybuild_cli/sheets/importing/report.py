"""What an import did or would do (导入报告), in the shape that `--json` prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft, Finding
from partybuild_cli.records.base.kinds import PeopleKind
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.rows import outcome_counts
from partybuild_cli.sheets.importing.table import Table


@dataclass(slots=True)
class SheetReport:
    """One table of one sheet; without a ledger, the reason why it is none. `table`: where it stands, for amending it.

    `near`: the headings among the columns that were not known and were taken by likeness or by their values. `assumed`: the
    fields of the context that nothing in the sheet says. `answered`: what a person said of the whole table.
    """

    sheet: str
    record: type[Record] | None = None
    reason: str = ""
    range: str = ""
    header_rows: list[int] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)
    extras: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    assumed: set[str] = field(default_factory=set)
    answered: dict[str, str] = field(default_factory=dict)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    records: list[dict[str, Any]] | None = None
    problems: list[tuple[int, Finding]] = field(default_factory=list)
    table: Table | None = None

    @property
    def ledger(self) -> str | None:
        """The ledger's name, None where the sheet is none."""
        return self.record.ledger if self.record else None

    @property
    def counts(self) -> dict[str, int]:
        """Records read, added, changed, unchanged, and with a problem."""
        return outcome_counts([draft for draft in self.drafts if draft.joins is None])

    def all_problems(self) -> list[tuple[int, Finding]]:
        """Problems of the sheet itself, then those of its rows in their order; of a row with several records each once."""
        found = [(draft.row, finding) for draft in self.drafts for finding in draft.problems]
        return [*self.problems, *dict.fromkeys(found)]

    def document(self) -> dict[str, Any]:
        """The table as JSON."""
        found: dict[str, Any] = {"sheet": self.sheet, "ledger": self.ledger}
        if self.range:
            found["range"] = self.range
        if self.record is None:
            return {**found, "reason": self.reason, **({"notes": self.notes} if self.notes else {})}
        found |= {
            "header_rows": self.header_rows,
            "columns": self.columns,
            "extras": self.extras,
            "rows": self.counts,
            "changes": [
                {
                    "row": draft.row,
                    "record": record_name(self.record, draft),
                    "field": change.field,
                    "before": change.before,
                    "after": change.after,
                }
                for draft in self.drafts
                for change in draft.changes
            ],
            "problems": [_finding(row, finding) for row, finding in self.all_problems()],
            "warnings": [_finding(draft.row, one) for draft in self.drafts for one in draft.warnings],
            "checked": self.checked,
            "context": self.context,
            "skipped": [{"row": row, "reason": reason} for row, reason in self.skipped],
            "notes": self.notes,
        }
        if self.records is not None:
            found["records"] = self.records
        return found


@dataclass(slots=True)
class FileReport:
    """One file with its tables, and what the reader has to tell about it. `package`: see `Book`."""

    path: Path
    sheets: list[SheetReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    package: bytes | None = None

    def document(self) -> dict[str, Any]:
        """The file as JSON."""
        found = {"file": self.path.name, "sheets": [sheet.document() for sheet in self.sheets]}
        return {**found, "notes": self.notes} if self.notes else found


@dataclass(slots=True)
class Report:
    """A whole import.

    Attributes:
        written: whether the database was changed to what the files say.
        change: the number of the history entry; None where nothing had to change.
        needs_yes: ledger -> (records that would change, records kept), where that is so much that a person must agree.
    """

    files: list[FileReport] = field(default_factory=list)
    written: bool = False
    change: int | None = None
    needs_yes: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def sheets(self) -> list[SheetReport]:
        """Every table of every file."""
        return [sheet for file in self.files for sheet in file.sheets]

    @property
    def problem_count(self) -> int:
        """How many problems all rows have together."""
        return sum(len(sheet.all_problems()) for sheet in self.sheets)

    def document(self) -> dict[str, Any]:
        """The import as JSON."""
        return {"files": [file.document() for file in self.files], "written": self.written, "change": self.change}


def _finding(row: int, finding: Finding) -> dict[str, Any]:
    return {"row": row, "column": finding.column, "value": finding.value, "message": finding.message}


def record_name(record: type[Record], draft: Draft) -> str:
    """How a person names the record."""
    for key in (record.named_by, "member", "subject", record.date):
        if key and draft.values.get(key) is not None:
            return record.columns[key].kind.text(draft.values[key])
    return str(draft.number or "")


def records_of(record: type[Record], drafts: list[Draft], roster: Roster) -> list[dict[str, Any]]:
    """What every row says (`--rows`); a row of several records is listed once for each."""
    return [
        {
            "row": draft.row,
            "outcome": "problem" if draft.problems else (draft.joins or draft).outcome,
            "values": _values(record, draft.values, roster),
            "extras": draft.extras,
        }
        for draft in drafts
    ]


def _values(record: type[Record], values: Mapping[str, Any], roster: Roster) -> dict[str, Any]:
    return {
        key: _people(value, roster) if isinstance(column.kind, PeopleKind) else column.kind.json(value)
        for key, column in record.columns.items()
        if (value := values.get(key)) is not None
    }


def _people(text: str, roster: Roster) -> Any:
    """Names with reasons; a text that cannot be parted stays as it is."""
    try:
        return [{"name": one.name, "reason": one.reason} for one in roster.people(text)]
    except ValueProblem:
        return text
