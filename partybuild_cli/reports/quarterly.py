"""What a period left behind: every ledger, posting, check and report, as the quarter's folder (季度归档) or as one zip that an
inspection asks for (迎检资料包), in the same bytes for the same records.

Everything is written as of one day, the last of the period (today, while it runs), so nothing in it depends on the hour at
which it was made. The zip is led by an index: every item of the self-check with its line there and the first record behind it;
its second sheet leads from each record to the files that prove it (佐证文件).
"""

import itertools
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli import __version__, effects
from partybuild_cli.errors import Unfit
from partybuild_cli.index.accounts import list_quarter
from partybuild_cli.index.compute import compute_quarter
from partybuild_cli.index.pages import POSTING, write_posting
from partybuild_cli.index.participants import roll_of
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.outputs import Shelf, file_name, put, refuse_taken, workshop
from partybuild_cli.records.base.present import as_text
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.registry import all_records, captions, record
from partybuild_cli.reports.folder import Delivered, deliver
from partybuild_cli.reports.report import earlier, fields, report, write_check, write_html, write_report
from partybuild_cli.rules.check import check, side_by_side
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.item import Item, catalogue
from partybuild_cli.sheets.exporting import Place, Request, Rows, Setting, export_ledgers, unit_of
from partybuild_cli.sheets.writing import Cell, Link, Page, write_book
from partybuild_cli.store import backup, chain, driver
from partybuild_cli.store.engine import Book, last_change
from partybuild_cli.store.evidence import kept, read
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values.period import Period, spoken

Tell = Callable[[str], None] | None
#: The setting that holds the change of the last run: nothing has happened since while it is the last of all.
_RUN = "quarter_run"


def run_quarter(book: Book, quarter: Period, out: Path, tell: Tell = None, branch: str | None = None) -> Delivered:
    """Back up, compute the quarter, and write its folder `OUT/2026Q3`, whole or not at all; of one branch, or of the whole book."""

    def fill(folder: Path) -> dict[str, object]:
        with book.reading() as connection:
            untouched = str(last_change(connection)) == driver.setting(connection, _RUN)
        again = untouched and any(kept.occasion == "quarter" for kept in backup.made(book.path))
        if not again:  # what the last run backed up would be backed up once more
            backup.back_up(book.path, "quarter")
        with book.writing() as connection:
            if not again:
                backup.note(connection)
            compute_quarter(roll_of(connection, Quarter(quarter.label)))
            driver.put_setting(connection, _RUN, str(save(connection, Change(this_command()))))
        with book.reading() as connection:
            about = write_period(connection, quarter, Shelf(folder), tell, branch).about
            return {**about, **chain.manifest_entry(connection)}

    return deliver(out / (f"{quarter.label}-{file_name(branch)}" if branch else quarter.label), fill)


class Written(NamedTuple):
    """What a manifest says of a period, the items of the self-check from row `first_item` on, each branch's posting."""

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


INDEX = "00目录.xlsx"
_STAMP = (1980, 1, 1, 0, 0, 0)


def write_bundle(
    connection: Connection, period: Period, target: Path, tell: Tell = None, branch: str | None = None
) -> int:
    """Write the zip of the whole book or of one branch, whole or not at all; the number of files in it."""
    refuse_taken(target)
    Shelf(target.parent)
    with workshop(target) as folder:
        shelf = Shelf(folder)
        with effects.draft(shelf.folder):
            written = write_period(connection, period, shelf, tell, branch)
            evidence = _evidence(connection, Wanted(branch, period=period), shelf.folder, tell)
            pages = [_index(connection, period, written, len(list(shelf.folder.iterdir()))), *evidence]
            moment = datetime.combine(min(period.last, date.today()), time())
            write_book(shelf.folder / INDEX, pages, created=moment)
        files = sorted(shelf.folder.iterdir())
        put(target, lambda beside: _zip(files, beside))
    return len(files)


def _zip(files: Sequence[Path], target: Path) -> None:
    """All files in the order of their names, with one fixed date, so that the same records give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, _STAMP)
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _index(connection: Connection, period: Period, written: Written, files: int) -> Page:
    """Each item of the self-check, its line there, and the first record behind it, else of its branch or ledger."""
    unit, day, rows = written.about["unit"], min(period.last, date.today()), list[Sequence[Cell]]()
    of_ledger: dict[str, dict[int, Place]] = defaultdict(dict)
    for (ledger, number), place in written.rows.items():
        of_ledger[ledger][number] = place

    @cache
    def mine(ledger: str, branch: str) -> set[int]:
        wanted = Wanted(branch=branch, by=day)
        return {view.number for view in fetch(connection, record(ledger), wanted)} if branch else set()

    for line, item in enumerate(written.items, written.first_item):
        asked = catalogue()[item.id]
        caption, found = "先锋指数公示表", written.postings.get(item.branch)
        if asked.ledger != "index":
            caption, here = captions()[asked.ledger], of_ledger[asked.ledger]
            behind = (here[it.id] for it in item.records if it.ledger == asked.ledger and it.id in here)
            of_branch = (place for number, place in here.items() if number in mine(asked.ledger, item.branch))
            found = next(itertools.chain(behind, of_branch, here.values()), None)
        # The list of what there is names nobody who lacks something: that stands in the self-check.
        checked = Link(f"自查表第 {line} 行", f"自查表{period.label}.xlsx", "自查表", line)
        told = Link(found[0].removesuffix(".xlsx"), *found) if found else f"{caption}（本期没有记录）"
        rows.append((item.branch, asked.head, f"{item.id} {asked.name}", str(item.state), checked, told))
    title, left, right = f"{unit}{spoken(period)}迎检资料目录", f"单位：{unit}", f"共 {files} 个文件"
    return Page("目录", title, fields("contents"), rows, left, right, footer=())


def _evidence(connection: Connection, wanted: Wanted, folder: Path, tell: Tell) -> list[Page]:
    """Lay the files that prove records into the folder, but of private ones (谈心谈话); the sheet that leads to them."""
    rows: list[list[Cell]] = []
    for ledger in all_records():
        files = kept(connection, ledger.ledger)
        if not files or any(column.private for column in ledger.columns.values()):
            continue
        texts = {view.number: view.values for view in fetch(connection, ledger, wanted)}
        for file in (file for file in files if file.number in texts):
            stem = file_name(f"佐证{len(rows) + 1}-{ledger.caption}-{file.number}-{file.name.rpartition('.')[0]}")
            path = folder / f"{stem}.{file.kind}"
            place: Cell = Link(file.name, path.name)
            try:
                path.write_bytes(read(connection, file))
            except Unfit as fault:
                place = f"{file.name}（不见了或改动过，没有装入）"
                if tell:
                    tell(fault.sentence)
            keys, said = (ledger.date, ledger.named_by), texts[file.number]
            day, title = (as_text(ledger.columns[key], said.get(key)) if key else "" for key in keys)
            rows.append([ledger.caption, str(file.number), day, title, place])
    title = f"{spoken(wanted.period) if wanted.period else ''}佐证材料目录"
    return [Page("佐证", title, fields("evidence"), rows, footer=())] if rows else []
