"""A form as the superior unit sent it (上级发来的空表): where its table is, which rows wait to be filled, where its ending begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.sheets.importing import memory
from partybuild_cli.sheets.importing.columns import Matched, match_columns, rows_of
from partybuild_cli.sheets.importing.context import surroundings, year_in
from partybuild_cli.sheets.importing.evidence import Samples
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.rowkinds import EXAMPLE, RECORD, SERIAL
from partybuild_cli.sheets.importing.table import Table, find_tables
from partybuild_cli.sheets.reading import Book

_LEAST = 2


@dataclass(frozen=True, slots=True)
class Form:
    """The table of a form.

    Attributes:
        table, matched: where it stands, and which field each of its columns is.
        kept: records that stand in it already; ours come below them.
        first: the first row to fill. ending: the row of its total, signature or note; 0 where it has none.
    """

    table: Table
    matched: Matched
    kept: int
    first: int
    ending: int

    @property
    def year(self) -> int | None:
        """The year that its title says."""
        return year_in(surroundings(self.table.preamble, self.table.grid.sheet.name).texts)


def find_form(connection: Connection, book: Book, record: type[Record], name: str) -> tuple[Table, Matched]:
    """The table of the form that names most columns of the ledger. Unfit where there is none."""
    found = [(len(one.found), table, one) for table, one in _candidates(connection, book, record)]
    if not found or max(score for score, _, _ in found) < _LEAST:
        raise Unfit(
            f"{name} 里没有找到{record.caption}的表头：至少要有两列的标题认得出来。"
            f"请核对文件和台账名；标题写法特殊的，可先把这张表 import 一次并用 --map 指明。"
        )
    _, table, matched = max(found, key=lambda one: one[0])
    return table, matched


def _candidates(connection: Connection, book: Book, record: type[Record]) -> Iterator[tuple[Table, Matched]]:
    roster = load_roster(connection)
    for sheet in book.sheets:
        for table in find_tables(Grid(sheet))[0]:
            told = memory.recall(connection, table.headings)
            yield table, match_columns(record, table.headings, told, Samples(table, roster))


def read_form(table: Table, matched: Matched, sheet: Any) -> Form:
    """Which rows of the table wait; `sheet` tells formulas, which say nothing yet, from what stands there already."""
    kinds = rows_of(matched, table.repeats, set(table.titles))
    kept, first = 0, table.first
    for number in range(table.first, table.last + 1):
        filled = [
            (at, raw)
            for at, raw in enumerate(table.grid.row(number))
            if raw is not None and table.left <= at <= table.right and sheet.cell(number, at + 1).data_type != "f"
        ]
        if not filled:
            continue
        merge = table.grid.covering(number, filled[0][0])
        kind = kinds.kind(number, filled, (), wide=bool(merge and merge.right > merge.left))
        if kind == RECORD:
            kept, first = kept + 1, number + 1
        elif kind not in (EXAMPLE, SERIAL):
            return Form(table, matched, kept, first, number)
    return Form(table, matched, kept, first, 0)


def waiting_rows(form: Form, sheet: Any) -> int:
    """How many rows from the first wait to be filled: ruled, numbered or holding an example; without any, a blank one."""
    bottom = form.ending - 1 if form.ending else int(sheet.max_row)
    count = 0
    for number in range(form.first, bottom + 1):
        cells = [sheet.cell(number, at + 1) for at in range(form.table.left, form.table.right + 1)]
        if not any(_ruled(cell) or cell.value is not None for cell in cells):
            break
        count += 1
    return count or int(bottom >= form.first)


def _ruled(cell: Any) -> bool:
    border = cell.border
    return any(side is not None and side.style for side in (border.left, border.right, border.top, border.bottom))
