"""One quarter's folder (季度归档): every ledger, posting, check and report, in the same bytes for the same records.

Everything is written as of one day, the last of the quarter (today, while the quarter runs), so nothing in it depends on
the hour at which it was made.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli import __version__
from partybuild_cli.index.accounts import list_quarter
from partybuild_cli.index.compute import compute_quarter
from partybuild_cli.index.pages import POSTING, write_posting
from partybuild_cli.index.participants import roll_of
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.outputs import Shelf, file_name
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.reports.folder import Delivered, deliver
from partybuild_cli.reports.page import write_html
from partybuild_cli.reports.report import earlier, report
from partybuild_cli.reports.workbook import write_check, write_report
from partybuild_cli.rules.check import check, side_by_side
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.item import Item
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
from partybuild_cli.sheets.exporting.files import Place, Rows, unit_of
from partybuild_cli.store import backup, chain, settings
from partybuild_cli.store.engine import Book, last_change
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values.period import Period

Tell = Callable[[str], None] | None
#: The setting that holds the change of the last run: nothing has happened since while it is the last of all.
_RUN = "quarter_run"


def run_quarter(book: Book, quarter: Period, out: Path, tell: Tell = None, branch: str | None = None) -> Delivered:
    """Back up, compute the quarter, and write its folder `OUT/2026Q3`, whole or not at all; of one branch, or of the whole book."""

    def fill(folder: Path) -> dict[str, object]:
        with book.reading() as connection:
            untouched = str(last_change(connection)) == settings.get(connection, _RUN)
        again = untouched and any(kept.occasion == "quarter" for kept in backup.made(book.path))
        if not again:  # what the last run backed up would be backed up once more
            backup.back_up(book.path, "quarter")
        with book.writing() as connection:
            if not again:
                backup.note(connection)
            compute_quarter(roll_of(connection, Quarter(quarter.label)))
            settings.put(connection, _RUN, str(save(connection, Change(this_command()))))
        with book.reading() as connection:
            about = write_period(connection, quarter, Shelf(folder), tell, branch).about
            return {**about, **chain.manifest_entry(connection)}

    return deliver(out / (f"{quarter.label}-{file_name(branch)}" if branch else quarter.label), fill)


class Written(NamedTuple):
    """What a period left behind: what a manifest says of it, and where things stand in its workbooks.

    Attributes:
        items: the lines of the self-check, from row `first_item` on.
        postings: branch -> the file of its posting, its sheet, and where it begins.
    """

    about: dict[str, object]
    rows: Rows
    items: Sequence[Item]
    first_item: int
    postings: Mapping[str, Place]


def write_period(
    connection: Connection, period: Period, shelf: Shelf, tell: Tell = None, branch: str | None = None
) -> Written:
    """Write what a period left behind, in the whole book or in one branch. NotFound where there is no such branch."""
    say, counts, rows, postings = tell or (lambda _: None), dict[str, int](), Rows(), dict[str, Place]()
    day = min(period.last, date.today())
    setting = Setting(unit_of(connection, branch, day), day, period)

    def progress(caption: str, count: int) -> None:
        if count:
            counts[caption] = count
            say(f"{caption}：{count} 条")

    ledgers = [record for record in all_records() if record.command]
    export_ledgers(connection, shelf, Request(ledgers, setting, branch, leave_empty=True), progress, rows)
    homes = [home.number for home in load_facts(connection, period, day, branch).branches]
    if period.label[4:5] == "Q":  # an index is of a quarter only
        roll = roll_of(connection, Quarter(period.label))
        for number, accounts in list_quarter(roll).branches.items():
            if accounts and number in homes:
                path = write_posting(roll, number, shelf)
                say(f"公示表：{path.name}")
                postings[roll.names[number]] = (path.name, POSTING, 1)
    # Self-check and report are as of the day after the period: what was due in it is due by then.
    asked = min(period.last + timedelta(days=1), date.today())
    items = check(connection, period, asked, branch)
    beside = side_by_side(connection, items, day) if len(homes) > 1 else []
    first = write_check(items, setting, shelf.place(f"自查表{period.label}.xlsx"), rows, beside)
    found = report(connection, period, asked, branch, beside=len(homes) > 1)
    write_report(found, shelf.place(f"数据报告{period.label}.xlsx"), rows)
    write_html(found, shelf.place(f"数据报告{period.label}.html"), earlier(found, connection, branch))
    say("自查表、数据报告：已写出")
    program = f"partybuild {__version__}"
    about: dict[str, object] = {"period": period.label, "unit": setting.unit, "program": program, "records": counts}
    return Written(about, rows, items, first, postings)
