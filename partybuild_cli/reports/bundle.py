"""What an inspection asks for, in one file (迎检资料包): the period's folder as a zip, led by an index sheet.

The index lists every item of the self-check and leads to its line there, and to the first record behind it in its ledger,
or the first of the branch; its second sheet leads from each record to the files that prove it (佐证文件).
"""

import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import cache
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli import effects
from partybuild_cli.errors import Unfit
from partybuild_cli.outputs import Shelf, file_name, put, refuse_taken, workshop
from partybuild_cli.records.base.present import as_text
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.registry import all_records, captions, record
from partybuild_cli.reports.quarterly import Tell, Written, write_period
from partybuild_cli.reports.workbook import fields
from partybuild_cli.rules.item import Item, catalogue
from partybuild_cli.sheets.exporting.files import Place
from partybuild_cli.sheets.writing import Cell, Link, Page, write_book
from partybuild_cli.store.evidence import kept, read
from partybuild_cli.values.period import Period, spoken

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
            _write_index(connection, period, shelf.folder, written, evidence)
        files = sorted(shelf.folder.iterdir())
        put(target, lambda beside: _zip(files, beside))
    return len(files)


def _zip(files: Sequence[Path], target: Path) -> None:
    """All files in the order of their names, with one fixed date, so that the same records give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, path.read_bytes())


def _write_index(connection: Connection, period: Period, folder: Path, written: Written, evidence: Page | None) -> None:
    unit, day = written.about["unit"], min(period.last, date.today())
    find, rows = _finder(connection, written, day), list[Sequence[Cell]]()
    for line, item in enumerate(written.items, written.first_item):
        asked = catalogue()[item.id]
        # The list of what there is names nobody who lacks something: that stands in the self-check.
        checked = Link(f"自查表第 {line} 行", f"自查表{period.label}.xlsx", "自查表", line)
        caption = "先锋指数公示表" if asked.ledger == "index" else captions()[asked.ledger]
        place = find(item, asked.ledger)
        ledger = Link(place[0].removesuffix(".xlsx"), *place) if place else f"{caption}（本期没有记录）"
        rows.append((item.branch, asked.head, f"{item.id} {asked.name}", str(item.state), checked, ledger))
    page = Page(
        *("目录", f"{unit}{spoken(period)}迎检资料目录", fields("contents"), rows),
        left=f"单位：{unit}",
        right=f"共 {len(list(folder.iterdir()))} 个文件",
        footer=(),
    )
    write_book(folder / INDEX, [page, evidence] if evidence else [page], created=datetime.combine(day, time()))


def _finder(connection: Connection, written: Written, day: date) -> Callable[[Item, str], Place | None]:
    """Where what is behind an item is found: the posting of the branch; or the first record behind the item, else of the
    branch, else of the ledger.
    """
    rows: dict[str, dict[int, Place]] = defaultdict(dict)
    for (ledger, number), place in written.rows.items():
        rows[ledger][number] = place

    @cache
    def mine(ledger: str, branch: str) -> set[int]:
        wanted = Wanted(branch=branch, by=day)
        return {view.number for view in fetch(connection, record(ledger), wanted)} if branch else set()

    def find(item: Item, ledger: str) -> Place | None:
        if ledger == "index":
            return written.postings.get(item.branch)
        here = rows[ledger]
        behind = (here[record.id] for record in item.records if record.ledger == ledger and record.id in here)
        of_branch = (place for number, place in here.items() if number in mine(ledger, item.branch))
        return next(chain(behind, of_branch, here.values()), None)

    return find


def _evidence(connection: Connection, wanted: Wanted, folder: Path, tell: Tell) -> Page | None:
    """Lay the files that prove the records of the period into the folder; the sheet that leads to them, None without any.

    Records whose content is private (谈心谈话) keep theirs. One that is gone or was altered is named.
    """
    rows: list[list[Cell]] = []
    for ledger in all_records():
        files = kept(connection, ledger.ledger)
        if not files or any(column.private for column in ledger.columns.values()):
            continue
        told = {view.number: view.values for view in fetch(connection, ledger, wanted)}
        for file in (file for file in files if file.number in told):
            stem = file_name(f"佐证{len(rows) + 1}-{ledger.caption}-{file.number}-{file.name.rpartition('.')[0]}")
            path = folder / f"{stem}.{file.kind}"
            place: Cell = Link(file.name, path.name)
            try:
                path.write_bytes(read(connection, file))
            except Unfit as fault:
                place = f"{file.name}（不见了或改动过，没有装入）"
                if tell:
                    tell(fault.sentence)
            day, title = (
                as_text(ledger.columns[key], told[file.number].get(key)) if key else ""
                for key in (ledger.date, ledger.named_by)
            )
            rows.append([ledger.caption, str(file.number), day, title, place])
    title = f"{spoken(wanted.period) if wanted.period else ''}佐证材料目录"
    return Page("佐证", title, fields("evidence"), rows, footer=()) if rows else None
