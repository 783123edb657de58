"""An import (导入任务): what it is told and asks, what it reports of every table, and what the book remembers of sheets alike."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, TableClause, bindparam, column, delete, insert, select, table

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.collected import Source
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import Finding, Mode, PlannedRow, Scope, outcome_counts
from partybuild_cli.sheets.importing.columns import UNUSED, Matched
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.sheets.importing.wording import Heading
from partybuild_cli.store.history import Change
from partybuild_cli.values.text import tight


@dataclass(slots=True)
class Options:
    ledger: str | None = None  # which every table is, where the recogniser is overruled
    maps: dict[str, str] = field(default_factory=dict)  # heading -> field key, where a heading is not known
    dry_run: bool = False
    skip_bad: bool = False  # write the good rows although there are problems
    mode: Mode = "update"
    erase_blank: bool = False  # a blank cell erases what is kept
    with_rows: bool = False  # list what every row says
    yes: bool = False  # any large change is agreed to
    agreed: dict[str, tuple[int, int]] | None = None  # this one is: by ledger how many records of how many
    password: str | None = None


class Question(NamedTuple):
    """What only a person can say: which `ledger` a sheet is, which heading holds a `column`, what `value` holds for all rows."""

    about: str
    sentence: str
    choices: tuple[tuple[str, str], ...]  # what may be answered, and how each is shown


Ask = Callable[[Question], str | None]  # answers a question with the value of a choice, or None for none of them
#: Whether a person agrees to a change of so many of the kept records of each ledger.
Agree = Callable[[dict[str, tuple[int, int]]], bool]
Progress = Callable[[str, int, int], None]  # told what is done, how much of it, and of how much
Learned = list[tuple[str, str, str]]  # what is to be remembered of sheets alike: their signature, heading, field


def spoken_sheet(name: str) -> str:
    """A sheet as a sentence names it; the one of a CSV has no name."""
    return "这张表" if name == "*" else f"工作表“{name}”"


@dataclass(slots=True)
class ImportJob:
    """What all tables of one import share."""

    connection: Connection
    change: Change
    options: Options
    ask: Ask | None = None
    mapped: dict[str, str] = field(init=False)  # heading -> field as this command was told or answered
    learned: Learned = field(default_factory=list)
    source: Source | None = None  # the branch whose book is collected, if one is
    _roster: Roster | None = None

    def __post_init__(self) -> None:
        self.mapped = {tight(heading): key for heading, key in self.options.maps.items()}

    @property
    def roster(self) -> Roster:
        """The roster after what the earlier tables wrote."""
        if self._roster is None:
            self._roster = load_roster(self.connection)
            for name, number in self.source.aliases.items() if self.source else ():
                self._roster.branches.setdefault(name, number)
        return self._roster

    def scope(self, as_of: date | None, context: dict[str, Any]) -> Scope:
        """What one table may take for granted."""
        return Scope(self.roster, as_of or date.today(), self.connection, context, as_of is None)

    def wrote(self, ledger: str = "member") -> None:
        """Branches or members may be others from now on."""
        if ledger in ("branch", "member"):
            self._roster = None


@dataclass(slots=True)
class SheetReport:
    """One table of one sheet; without a ledger, the reason why it is none."""

    sheet: str
    record: type[Record] | None = None
    reason: str = ""
    range: str = ""
    header_rows: list[int] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)  # headings that were taken by likeness or by their values
    extras: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    assumed: set[str] = field(default_factory=set)  # the fields of the context that nothing in the sheet says
    answered: dict[str, str] = field(default_factory=dict)  # what a person said of the whole table
    skipped: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    drafts: list[PlannedRow] = field(default_factory=list)
    records: list[dict[str, Any]] | None = None
    problems: list[tuple[int, Finding]] = field(default_factory=list)
    table: Table | None = None  # where it stands, for amending it

    @property
    def ledger(self) -> str | None:
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
        found: dict[str, Any] = {"sheet": self.sheet, "ledger": self.ledger}
        found |= {"range": self.range} if self.range else {}
        if self.record is None:
            return {**found, "reason": self.reason, **({"notes": self.notes} if self.notes else {})}
        found |= {
            "header_rows": self.header_rows,
            "columns": self.columns,
            "extras": self.extras,
            "rows": self.counts,
            "changes": [
                {"row": draft.row, "record": record_name(self.record, draft)}
                | {"field": change.field, "before": change.before, "after": change.after}
                for draft in self.drafts
                for change in draft.changes
            ],
            "problems": [{"row": row, **finding._asdict()} for row, finding in self.all_problems()],
            "warnings": [
                {"row": draft.row, **finding._asdict()} for draft in self.drafts for finding in draft.warnings
            ],
            "checked": self.checked,
            "context": self.context,
            "skipped": [{"row": row, "reason": reason} for row, reason in self.skipped],
            "notes": self.notes,
        }
        return found if self.records is None else {**found, "records": self.records}


@dataclass(slots=True)
class FileReport:
    """One file with its tables, and what the reader has to tell about it. `package`: see `Book`."""

    path: Path
    sheets: list[SheetReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    package: bytes | None = None

    def document(self) -> dict[str, Any]:
        found = {"file": self.path.name, "sheets": [sheet.document() for sheet in self.sheets]}
        return {**found, "notes": self.notes} if self.notes else found


@dataclass(slots=True)
class Report:
    """A whole import: whether it was written, as which entry of the history (None where nothing had to change)."""

    files: list[FileReport] = field(default_factory=list)
    written: bool = False
    change: int | None = None
    needs_yes: dict[str, tuple[int, int]] = field(default_factory=dict)  # ledger -> so many would change, of so many

    @property
    def sheets(self) -> list[SheetReport]:
        return [sheet for file in self.files for sheet in file.sheets]

    @property
    def problem_count(self) -> int:
        return sum(len(sheet.all_problems()) for sheet in self.sheets)

    def document(self) -> dict[str, Any]:
        return {"files": [file.document() for file in self.files], "written": self.written, "change": self.change}


class UnansweredError(Exception):
    """Ends the transaction, so that a person is asked when nobody waits for the book."""

    def __init__(self, question: Question) -> None:
        self.question = question


def replayed(answered: list[tuple[Question, str | None]]) -> Ask:
    """Answers as in the tries before; where this one asks something else, it ends."""
    numbers = count()

    def answer(question: Question) -> str | None:
        at = next(numbers)
        if at < len(answered) and answered[at][0] == question:
            return answered[at][1]
        del answered[at:]
        raise UnansweredError(question)

    return answer


def ask_day(job: ImportJob, report: SheetReport, rows: Iterable[Mapping[str, Any]]) -> date | None:
    """Ask of which time a sheet is that bears no day, where a branch in it is called as another was before (曾用名)."""
    record, roster = report.record, job.roster
    if record is None or job.ask is None or record.happens:  # which says its own day
        return None
    words = {row.get("name" if record.ledger == "branch" else "branch") for row in rows}
    for name in sorted(tight(word) for word in words if word):
        if (handed := roster.handed_on(name)) is not None:
            until, former, now = handed
            question = f"{spoken_sheet(report.sheet)}（{record.caption}）没有写是哪天的，里面的“{name}”是哪一个？"
            before = str(date.fromisoformat(until) - timedelta(days=1))
            old, new = (roster.branch_names[number] for number in (former, now))
            choices = ((before, f"{until} 以前的，现在叫“{old}”"), (str(date.today()), f"现在的“{new}”"))
            if answer := job.ask(Question("day", question, choices)):
                report.notes.append(f"表里没有写是哪天的，按 {answer} 的情况读取")
                return date.fromisoformat(answer)
    return None


def record_name(record: type[Record], draft: PlannedRow) -> str:
    for key in (record.named_by, "member", "subject", record.date):
        if key and draft.values.get(key) is not None:
            return record.columns[key].kind.text(draft.values[key])
    return str(draft.number or "")


def records_of(record: type[Record], drafts: list[PlannedRow], roster: Roster) -> list[dict[str, Any]]:
    """What every row says (`--rows`); a row of several records is listed once for each."""

    def shown(column: Column, value: Any) -> Any:
        with suppress(ValueProblem):  # a text that cannot be parted and a name that is nobody's stay as they are
            if column.kind.matter == "branch" and roster.numbered(value) is None:
                return roster.branch_names[roster.branch(value)]
            if column.kind.matter == "people":
                return [{"name": person.name, "reason": person.reason} for person in roster.people(value)]
        return column.kind.json(value)

    columns = record.columns.items()
    return [
        {
            "row": draft.row,
            "outcome": "problem" if draft.problems else (draft.joins or draft).outcome,
            "values": {
                key: shown(column, draft.values[key]) for key, column in columns if draft.values.get(key) is not None
            },
            "extras": draft.extras,
        }
        for draft in drafts
    ]


LEDGER = "(台账)"  # stands among the headings for the answer to which ledger the sheet is
_HEADING_MAP = table("heading_map", *map(column, ("signature", "heading", "field", "change_id")))
_EXTRA_PLACE = table("extra_place", *map(column, ("ledger", "heading", "after", "place")))


def _signature(headings: Sequence[Heading]) -> str:
    """The same for every sheet with the same headings in the same order."""
    return hashlib.sha256("\n".join(heading.key for heading in headings).encode()).hexdigest()[:32]


def recall(connection: Connection, headings: Sequence[Heading], open_ones: Learned | None = None) -> dict[str, str]:
    """What was confirmed for such a sheet: heading -> field. `open_ones` gets what a refused import was told, which the
    import that goes by it makes its own."""
    mark, of = _signature(headings), _HEADING_MAP.c
    rows = connection.execute(select(of.heading, of.field, of.change_id).where(of.signature == mark)).all()
    if open_ones is not None:
        open_ones += [(mark, heading, key) for heading, key, change in rows if change is None]
    return {heading: key for heading, key, _ in rows}


def confirmed(
    headings: Sequence[Heading], matched: Matched, mapped: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """What this command was told about the sheet's headings: signature, heading, field."""
    mark = _signature(headings)
    for heading in headings:
        key = mapped.get(heading.key, mapped.get(heading.lowest))
        if key is not None and (key == UNUSED or heading.column in matched.keys):
            yield mark, heading.key, matched.keys.get(heading.column, UNUSED)
    if LEDGER in mapped:
        yield mark, LEDGER, matched.record.ledger


def keep(connection: Connection, learned: Learned, change: int | None) -> None:
    """Remember it, as taught by that entry of the history; an undo of the entry takes it back."""
    last = {(mark, heading): key for mark, heading, key in learned}  # of two sheets alike what was said of the second
    _put(connection, _HEADING_MAP, [(*name, key, change) for name, key in last.items()])


def learn(connection: Connection, matched: Matched, headings: Sequence[Heading], extras: Collection[str]) -> None:
    """Note the places of the unknown columns of a sheet; our own exports, which were ordered by us, teach nothing."""
    held = matched.keys | {at: key for at, (_, _, key) in matched.months.items()}
    after, rows = "", []
    for heading in headings:
        after = held.get(heading.column, after)
        if heading.column not in held and heading.key in extras:
            rows.append((matched.record.ledger, heading.key, after, heading.column))
    _put(connection, _EXTRA_PLACE, rows if matched.identity is None else [])


def learnt_extras(connection: Connection, ledger: str) -> set[str]:
    """The headings of unknown columns that sheets of the ledger had."""
    of = _EXTRA_PLACE.c
    return {*connection.execute(select(of.heading).where(of.ledger == ledger)).scalars()}


def _put(connection: Connection, into: TableClause, rows: Sequence[tuple[str | int | None, ...]]) -> None:
    """Write rows, each in the stead of that with the same first two columns, which are the key of these tables."""
    values = [dict(zip(into.c.keys(), row, strict=True)) for row in rows]
    if values:
        same = (item == bindparam(item.key) for item in into.c[:2])
        connection.execute(delete(into).where(*same), values)
        connection.execute(insert(into), values)
