"""Writing ledgers into a folder (导出成文件): one workbook a ledger, or one workbook with a sheet each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound, ValueProblem
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base import origin
from partybuild_cli.records.base.collected import marks_of, stamp_of
from partybuild_cli.records.base.context import Context, View
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import pick, tell_all
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.records.base.returned import Marker, compared
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.branch import Branch
from partybuild_cli.sheets.exporting.ledger import Setting, is_cut, ledger_page
from partybuild_cli.sheets.writing import Page, write_book
from partybuild_cli.sheets.writing.book import opened_with
from partybuild_cli.store import origins
from partybuild_cli.store.origins import Known
from partybuild_cli.values.text import tight


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be exported: which ledgers, whose, of which period, how much of it."""

    ledgers: Sequence[type[Record]]
    setting: Setting
    branch: str | None = None
    one_file: bool = False
    password: str | None = None
    leave_empty: bool = False


#: File, sheet, row.
Place = tuple[str, str, int]
#: Where each record of a ledger stands, by its number.
Rows = dict[tuple[str, int], Place]


def export_ledgers(
    connection: Connection,
    shelf: Shelf,
    request: Request,
    progress: Callable[[str, int], None] | None = None,
    rows: Rows | None = None,
) -> list[Path]:
    """Write the workbooks; their paths. With `leave_empty`, ledgers without a record make no file.

    `rows` is told where each record of a ledger with a workbook of its own is found.
    """
    setting, roster = request.setting, load_roster(connection, request.setting.as_of)
    created, opened = datetime.combine(setting.as_of, time()), opened_with(request.password)
    pages: list[Page] = []
    paths: list[Path] = []

    def write(name: str, cut: bool, pages: Sequence[Page]) -> None:
        period = setting.period.label if setting.period and cut else ""
        paths.append(shelf.place(f"{name}{period}.xlsx", opened))
        write_book(paths[-1], pages, created=created, password=request.password)

    for record in request.ledgers:
        told = records_for(connection, record, request, roster)
        if progress is not None:
            progress(record.caption, len(told))
        if not told and request.leave_empty:
            continue
        page = ledger_page(connection, record, told, setting)
        if request.one_file:
            pages.append(page)
            continue
        write(record.caption, is_cut(record), [page])
        if rows is not None:
            places = enumerate(told, page.first_row)
            rows |= {(record.ledger, one.number): (paths[-1].name, record.caption, row) for row, one in places}
    if request.one_file:
        write("党务台账", True, pages)
    return paths


def records_for(
    connection: Connection, record: type[Record], request: Request, roster: Roster | None = None
) -> list[View]:
    """What happened in the period; of what stands from one day on, the roster too, what was there on its last day."""
    setting = request.setting
    period = setting.period if is_cut(record) else None
    wanted = Wanted(request.branch, period=period, by=setting.as_of if setting.period else None)
    return fetch(connection, record, wanted, as_of=setting.as_of, roster=roster)


def unit_of(connection: Connection, branch: str | None, day: date) -> str:
    """Who reports: the branch that was asked for, else the only one, else the organisation above them, as it was called."""
    if branch:
        return branch
    roster = load_roster(connection, day)
    if (only := roster.only_branch()) is not None:
        return roster.branch_names[only]
    above = [number for number, kind in roster.branch_kinds.items() if kind in ("党委", "党总支")]
    if above:
        return roster.branch_names[above[0]]
    sql = "SELECT parent FROM branch WHERE parent IS NOT NULL ORDER BY id"
    return str(connection.exec_driver_sql(sql).scalar() or "")


def write_back(connection: Connection, target: Path, branch: str, *, full: bool, everything: bool) -> dict[str, int]:
    """A workbook for a branch (退回支部): what the committee corrected or added, or `everything` of it; by ledger how many.

    Nothing is written where there is nothing. NotFound where there is no such branch.
    """
    try:
        roster = load_roster(connection)
        number = roster.branch_meant(tight(branch))
    except ValueProblem as problem:
        raise NotFound(f"{problem.sentence}。") from None
    setting = Setting(roster.branch_names[number], date.today(), full=full)
    pages, counts = [], {}
    for record in all_records():
        known = {
            one.number: one
            for one in origins.of_branch(connection, record.ledger, 0 if record is Branch else number).values()
        }
        told, marker = fetch(connection, record, Wanted(branch=setting.unit), roster=roster), Marker(compared(record))
        if not record.tells_apart:  # what is about somebody who has left is the branch's still
            came = pick(connection, record, sorted(known.keys() - {one.number for one in told}))
            told += tell_all(record, came, Context(roster, setting.as_of))
        if record is Branch:
            told = [one for one in told if one.number == number]
        if not everything:
            told = [one for one in told if one.number not in known or _corrected(known[one.number], one, marker)]
        if record.command and told:
            hidden = {one.number: _as_it_was(known[one.number], record) for one in told if one.number in known}
            pages.append(ledger_page(connection, record, told, setting, hidden))
            counts[record.caption] = len(told)
    if pages:
        write_book(target, pages, created=datetime.combine(setting.as_of, time()))
    return counts


def _corrected(last: Known, one: View, marker: Marker) -> bool:
    """Whether a record is no longer what the branch said of it."""
    base = marks_of(last)
    return any(base.isdisjoint(marks) for marks in marker.look(one.values, one.extras).values())


def _as_it_was(last: Known, record: type[Record]) -> str:
    """The hidden cell of a row that goes back to the branch: what the branch's own book showed when it was collected.

    So that the branch's import knows what the committee has changed, and what was changed on both sides.
    """
    blank = (origin.mark(key, None) for key in record.columns)
    return origin.written(last.uid, stamp_of(last.said), sorted({*marks_of(last), *blank}))
