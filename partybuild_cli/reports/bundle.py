"""What an inspection asks for, in one file (迎检资料包): the period's folder as a zip, led by an index sheet.

The index lists every item of the self-check and leads to its line there, and to the first row of the branch in the ledger
behind it; its second sheet leads from each record to the files that prove it (佐证文件).
"""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli import effects
from partybuild_cli.index.rounds import branch_names
from partybuild_cli.outputs import Shelf, file_name, file_names, put, refuse_taken, workshop
from partybuild_cli.records.base.present import as_text
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.registry import all_records, captions
from partybuild_cli.reports.quarterly import Tell, write_period
from partybuild_cli.rules.check import check
from partybuild_cli.rules.item import Item, catalogue
from partybuild_cli.sheets.exporting.files import unit_of
from partybuild_cli.sheets.reading import read_book
from partybuild_cli.sheets.writing import Cell, Field, Link, Page, write_book
from partybuild_cli.store.evidence import kept, read
from partybuild_cli.values.period import Period, spoken

INDEX = "00目录.xlsx"
_STAMP = (1980, 1, 1, 0, 0, 0)
_FIELDS = (
    Field("党支部"),
    Field("方面", style="center"),
    Field("检查项目"),
    Field("结果", style="center"),
    Field("自查表"),
    Field("台账"),
)


def write_bundle(connection: Connection, period: Period, target: Path, tell: Tell = None) -> int:
    """Write the zip, whole or not at all; the number of files in it."""
    refuse_taken(target)
    Shelf(target.parent)
    with workshop(target) as folder:
        shelf = Shelf(folder)
        with effects.draft(shelf.folder):
            write_period(connection, period, shelf, tell)
            _write_index(connection, period, shelf.folder, _evidence(connection, period, shelf.folder))
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


def _write_index(connection: Connection, period: Period, folder: Path, evidence: Page | None) -> None:
    unit, day = unit_of(connection, None), min(period.last, date.today())
    items = check(connection, period, min(period.last + timedelta(days=1), date.today()))
    places = _Places(folder, period, _stems(connection))
    page = Page(
        name="目录",
        title=f"{unit}{spoken(period)}迎检资料目录",
        left=f"单位：{unit}",
        right=f"共 {len(list(folder.iterdir()))} 个文件",
        fields=_FIELDS,
        rows=[places.row(one) for one in items],
        footer=(),
    )
    write_book(folder / INDEX, [page, evidence] if evidence else [page], created=datetime.combine(day, time()))


def _evidence(connection: Connection, period: Period, folder: Path) -> Page | None:
    """Lay the files that prove the records of the period into the folder; the sheet that leads to them, None without any.

    Records whose content is private (谈心谈话) keep theirs. Unfit where one is gone or was altered.
    """
    rows: list[list[Cell]] = []
    for record in all_records():
        files = kept(connection, record.ledger)
        if not files or any(column.private for column in record.columns.values()):
            continue
        told = {one.number: one.values for one in fetch(connection, record, Wanted(period=period))}
        for one in (one for one in files if one.number in told):
            stem = file_name(f"佐证{len(rows) + 1}-{record.caption}-{one.number}-{one.name.rpartition('.')[0]}")
            path = folder / f"{stem}.{one.kind}"
            path.write_bytes(read(connection, one))
            values = told[one.number]
            words = [as_text(record.columns[key], values.get(key)) for key in (record.date, record.named_by) if key]
            day, title = (*words, "")[:2] if record.date else ("", *words, "")[:2]
            rows.append([record.caption, str(one.number), day, title, Link(one.name, path.name)])
    if not rows:
        return None
    fields = [Field("台账"), Field("编号", "center"), Field("日期", "center"), Field("内容"), Field("佐证文件")]
    return Page(name="佐证", title=f"{spoken(period)}佐证材料目录", fields=fields, rows=rows, footer=())


def _stems(connection: Connection) -> dict[str, str]:
    """How the files of each branch begin."""
    names = branch_names(connection)
    return {names[number]: stem for number, stem in file_names(names).items()}


class _Places:
    """Where each item of the self-check is found in the folder."""

    def __init__(self, folder: Path, period: Period, stems: Mapping[str, str]) -> None:
        self._folder, self._period, self._stems = folder, period, stems
        self._rows: dict[str, list[list[str]]] = {}

    def row(self, one: Item) -> Sequence[Cell]:
        """One line of the index."""
        known = catalogue()[one.id]
        return (one.branch, known.head, f"{one.id} {known.name}", str(one.state), self._check(one), self._ledger(one))

    def _check(self, one: Item) -> Cell:
        file = f"自查表{self._period.label}.xlsx"
        return Link(one.brief, file, "自查表", self._find(file, one.branch, one.id))

    def _ledger(self, one: Item) -> Cell:
        ledger = catalogue()[one.id].ledger
        caption = "先锋指数公示表" if ledger == "index" else captions()[ledger]
        found = sorted(path.name for path in self._folder.glob("*.xlsx") if caption in path.name)
        mine = sorted((name for name in found if name.startswith(self._stems[one.branch])), key=len) or found
        if not mine:
            return f"{caption}（本期没有记录）"
        return Link(mine[0].removesuffix(".xlsx"), mine[0], self._sheet(mine[0]), self._find(mine[0], one.branch))

    def _sheet(self, file: str) -> str:
        self._load(file)
        return self._rows[file][0][0]

    def _find(self, file: str, *words: str) -> int:
        """The first row in which every word is a cell, else the first row."""
        self._load(file)
        for number, cells in enumerate(self._rows[file][1:], start=1):
            if all(word in cells for word in words):
                return number
        return 1

    def _load(self, file: str) -> None:
        if file not in self._rows:
            sheet = read_book(self._folder / file).sheets[0]
            self._rows[file] = [[sheet.name], *([str(cell) for cell in row] for row in sheet.rows)]
