"""One table on its way into the book (一张表的导入): recognised, read, planned and written."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.draft import Finding
from partybuild_cli.records.base.plan import Manner, carry_out, make_plan
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.scope import Scope
from partybuild_cli.sheets.importing import memory
from partybuild_cli.sheets.importing.asking import Recogniser
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.context import Surroundings, as_of_in, context_of, surroundings, year_in
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.model import Options
from partybuild_cli.sheets.importing.report import SheetReport, records_of
from partybuild_cli.sheets.importing.rows import Reading, RowReader
from partybuild_cli.sheets.importing.serial import mark_serials
from partybuild_cli.sheets.importing.table import Table, find_tables
from partybuild_cli.sheets.importing.totals import check_totals
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.store import settings
from partybuild_cli.store.history import Change


@dataclass(slots=True)
class Desk:
    """What all tables of one import share: the connection, the roster as it stands, the history entry in the making."""

    connection: Connection
    change: Change
    options: Options
    recogniser: Recogniser
    _roster: Roster | None = None
    book: str = ""
    secret: str = ""
    touched: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = settings.get(self.connection, "book") or ""
        self.secret = settings.get(self.connection, "secret") or ""

    @property
    def roster(self) -> Roster:
        """The roster after what the earlier tables wrote."""
        if self._roster is None:
            self._roster = load_roster(self.connection)
        return self._roster

    def wrote(self, ledger: str, changed: int) -> None:
        """Note what a table changed."""
        self.touched[ledger] = self.touched.get(ledger, 0) + changed
        if ledger in ("branch", "member"):
            self._roster = None


def import_sheet(desk: Desk, sheet: Sheet) -> list[SheetReport]:
    """Every table of a sheet."""
    grid = Grid(sheet, desk.recogniser.told)
    notes = _hidden(sheet)
    tables, reason = find_tables(grid)
    if not tables:
        empty = not any(grid.rows)
        return [SheetReport(sheet.name, reason="空表" if empty else reason, notes=notes)]
    return [_import_table(desk, table, notes) for table in tables]


def _hidden(sheet: Sheet) -> list[str]:
    notes = ["工作表是隐藏的，已照常读取"] if sheet.hidden else []
    if sheet.hidden_rows:
        rows = sorted(sheet.hidden_rows)
        shown = "、".join(map(str, rows[:10])) + ("等" if len(rows) > 10 else "")
        notes.append(f"第 {shown} 行（共 {len(rows)} 行）是隐藏的，已照常读取")
    return notes


def _import_table(desk: Desk, table: Table, notes: list[str]) -> SheetReport:
    name = table.grid.sheet.name
    report = SheetReport(name, header_rows=table.header.rows, notes=list(notes))
    if not table.alone:
        report.range = table.range
    titles = [text for line in table.preamble for text in line]
    recognised = desk.recogniser.recognise(table, titles, name)
    matched = recognised.matched
    if matched is None:
        report.reason = recognised.reason
        return report
    report.record = matched.record
    mark_serials(table, matched)
    around = surroundings(table.preamble, name)
    reading = RowReader(table, matched, desk.roster, desk.book, year_in(around.texts)).read()
    context = context_of(matched.record, matched.found | reading.grouped.keys(), around, desk.roster)
    _describe(report, table, matched, reading, context)
    _plan(desk, report, matched, reading, _scope(desk, around, reading, context))
    memory.keep(desk.connection, table.headings, matched, desk.recogniser.told)
    return report


def _scope(desk: Desk, around: Surroundings, reading: Reading, context: dict[str, Any]) -> Scope:
    ended = Surroundings(around.lines, around.sheet, surroundings([reading.texts], "").lines)
    return Scope(
        desk.roster, lambda number: settings.seal(desk.secret, number), as_of_in(ended) or date.today(), context
    )


def _describe(report: SheetReport, table: Table, matched: Matched, reading: Reading, context: dict[str, Any]) -> None:
    columns = matched.record.columns
    for heading in table.headings:
        if heading.column in matched.keys:
            report.columns[heading.key] = matched.keys[heading.column]
            if columns[matched.keys[heading.column]].place == "worked_out":
                report.checked.append(heading.key)
        elif heading.column in matched.months:
            report.columns[heading.key] = f"{matched.record.date}+{matched.months[heading.column][2]}"
    report.extras = [heading.key for heading in table.headings if heading.key in reading.extras]
    report.skipped = reading.skipped
    report.drafts = reading.drafts
    report.context = {key: str(value) for key, value in context.items()}
    for key, values in reading.grouped.items():
        report.context[key] = "、".join(dict.fromkeys(map(str, values)))
    for heading_key, key in matched.near.items():
        report.notes.append(
            f"“{heading_key}”按“{columns[key].heading}”读取；不对的话请用 --map {heading_key}=栏目名 指定"
        )


def _plan(desk: Desk, report: SheetReport, matched: Matched, reading: Reading, scope: Scope) -> None:
    record, drafts = matched.record, reading.drafts
    headings = {key: name for name, key in report.columns.items()}
    if matched.missing:
        for column in matched.missing:
            sentence = desk.recogniser.how_to_map(report, matched, column)
            report.problems.append((report.header_rows[-1], Finding(column.heading, "", sentence)))
    else:
        manner = Manner(desk.options.mode, desk.options.erase_blank, frozenset(matched.keys.values()))
        plan = make_plan(desk.connection, record, drafts, scope, manner, headings)
        carry_out(desk.connection, desk.change, plan)
        changed = sum(draft.outcome == "changed" and not draft.problems for draft in drafts)
        desk.wrote(record.ledger, changed)
    check_totals(record, drafts)
    _in_the_sheets_words(report, record.columns, headings)
    if desk.options.with_rows:
        report.records = records_of(record, drafts, scope.roster)


def _in_the_sheets_words(report: SheetReport, columns: Any, headings: dict[str, str]) -> None:
    """Findings name the column as the sheet does."""
    words = {columns[key].heading: name for key, name in headings.items() if key in columns}
    for draft in report.drafts:
        for findings in (draft.problems, draft.warnings):
            findings[:] = [Finding(words.get(one.column, one.column), one.value, one.message) for one in findings]
