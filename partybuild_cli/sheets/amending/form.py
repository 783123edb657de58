"""Records into a form that the superior unit sent out (填入上级的表): its rows, its styles, everything else as it was."""

import re
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from datetime import date, datetime, time
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.cell import Cell, MergedCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import is_date_format
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import cell_maker
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.base.row import View
from partybuild_cli.sheets.amending.saving import MOST_CHARACTERS, open_workbook, save_workbook
from partybuild_cli.sheets.exporting import Request, records_for, written
from partybuild_cli.sheets.importing.columns import Matched, match_columns
from partybuild_cli.sheets.importing.context import surroundings
from partybuild_cli.sheets.importing.evidence import Samples
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.jobs import recall
from partybuild_cli.sheets.importing.rows import EXAMPLE, RECORD, SERIAL, RowKinds
from partybuild_cli.sheets.importing.table import Table, find_tables
from partybuild_cli.sheets.reading import read_book
from partybuild_cli.values.day import first_date

_REFERENCE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?")
_LEAST = 2
Content = str | int | float | Decimal | date | None  # what is written into a cell


class Form(NamedTuple):
    table: Table
    matched: Matched
    filled: int  # records that stand in it already; ours come below them
    first: int  # the first row to fill
    ending: int  # the row of its total, signature or note, or that behind the last


def _read_form(table: Table, matched: Matched, sheet: Worksheet) -> Form:
    """Which rows of the table wait; `sheet` tells formulas, which say nothing yet, from what stands there already."""
    kinds = RowKinds(matched, table)
    records, first = 0, table.first
    for number in range(table.first, table.last + 1):
        row = enumerate(table.grid.row(number)[: table.right + 1])
        said = {at: raw for at, raw in row if at >= table.left and raw is not None}
        said = {at: raw for at, raw in said.items() if sheet.cell(number, at + 1).data_type != "f"}
        if said:
            kind = kinds.kind(number, said, ())
            if kind not in (RECORD, EXAMPLE, SERIAL):
                return Form(table, matched, records, first, number)
            records, first = (records + 1, number + 1) if kind == RECORD else (records, first)
    return Form(table, matched, records, first, int(sheet.max_row) + 1)


class Filled(NamedTuple):
    """What was written where: the new file, its rows, rows that stood in the form before, sentences for the clerk."""

    path: Path
    rows: int
    notes: list[str]


def fill_form(connection: Connection, form: Path, shelf: Shelf, request: Request) -> Filled:
    """Write a ledger into a copy of the form. Unfit where the form has no table for it."""
    (record,) = request.ledgers
    source, roster = read_book(form), load_roster(connection)
    if source.package is None:
        raise Unfit(f"{form.name} 不是 .xlsx 工作簿，不能照原样填写。请在表格软件里另存为 .xlsx，再用 --into 指定。")
    # The table that names most columns of the ledger.
    tables = [table for sheet in source.sheets for table in find_tables(Grid(sheet))[0]]
    known = [
        (table, match_columns(record, Samples(table, roster), recall(connection, table.headings))) for table in tables
    ]
    best = max(known, key=lambda pair: len(pair[1].found), default=None)
    if best is None or len(best[1].found) < _LEAST:
        raise Unfit(
            f"{form.name} 里没有找到{record.caption}的表头：至少要有两列的标题认得出来。"
            f"请核对文件和台账名；标题写法特殊的，可先把这张表 import 一次并用 --map 指明。"
        )
    try:
        book = open_workbook(source.package, macros=source.format == "xlsm")
    except Exception:  # odd styles or drawings make openpyxl stumble in any way
        raise Unfit(f"{form.name} 的格式特殊，打不开修改。请在表格软件里另存为 .xlsx，再用 --into 指定。") from None
    sheet = book[best[0].grid.sheet.name]
    found = _read_form(*best, sheet)
    rows = _rows(record, found, records_for(connection, record, request), request)
    _make_room(book, sheet, found, len(rows))
    hidden = 0
    for position, row in enumerate(rows):
        for at, value in [*dict.fromkeys(found.matched.serial, found.filled + position + 1).items(), *row.items()]:
            cell = sheet.cell(found.first + position, at + 1)
            hidden += isinstance(cell, MergedCell) and value is not None
            _write(cell, value)
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True
    here = shelf.folder == Path()
    target = shelf.place(form.with_stem(f"{form.stem}-已填").name if here else form.name)
    save_workbook(book, target, saved=datetime.combine(request.setting.as_of, time()))
    notes = [f"表里原有 {found.filled} 行内容没有改动，新的行写在它们下面。"] if found.filled else []
    if hidden:
        notes.append(f"有 {hidden} 格被合并单元格盖住，内容没有写进去。请取消表里数据行的合并，再写一次。")
    if b"xl/media/" in source.package:
        notes.append("原表里的图片没有带过来，需要时请自行补上。")
    return Filled(target, len(rows), notes)


def _rows(record: type[Record], form: Form, views: Iterable[View], request: Request) -> list[dict[int, Content]]:
    """What each row says, by column from 0; in a register of months (党费) all months of a member are one row."""
    months, setting, keys = form.matched.months, request.setting, form.matched.keys
    groups: dict[Hashable, list[View]] = {}
    for view in views:
        whose = (view.values.get("branch"), view.values.get("member")) if months else view.number
        groups.setdefault(whose, []).append(view)
    year = surroundings(form.table.preamble, form.table.grid.sheet.name).year
    year = year or (setting.period.first.year if setting.period else setting.as_of.year)
    makers = {column.key: _maker(column, setting.full) for column in written(record, setting.private)}
    extras = {heading.column: heading.key for heading in form.table.headings if heading.column not in keys}
    rows = []
    for group in groups.values():
        own, values = group[0].own_columns(setting.full), group[0].values
        row: dict[int, Content] = {at: own[heading] for at, heading in extras.items() if heading in own}
        wanted = ((at, key, values.get(key)) for at, key in keys.items() if key in makers)
        row |= {at: makers[key](value) for at, key, value in wanted if value is not None}
        by_month = {view.values.get(record.date): view.values for view in group if months}
        for at, (said, month, key) in months.items():
            value = by_month.get(f"{said or year}-{month:02d}", {}).get(key)
            row |= {} if value is None else {at: makers[key](value)}
        rows += [row] if not months or not months.keys().isdisjoint(row) else []
    return rows


def _maker(column: Column, full: bool) -> Callable[[Any], Content]:
    """Says a full day as the day itself, for cells that are made for dates; else what the ledger's own export would say."""
    make = cell_maker(column, full)
    if column.kind.matter != "day":
        return make
    return lambda said: first_date(said) if len(said) == 10 and said[:1].isdigit() else make(said)


def _make_room(book: openpyxl.Workbook, sheet: Worksheet, form: Form, count: int) -> None:
    """So many rows to write in, like the first waiting one; what they show goes, but for formulas and serial numbers."""
    pattern, columns = form.first, range(form.table.left + 1, form.table.right + 2)

    def waits(cell: Cell | MergedCell) -> bool:
        sides = (cell.border.left, cell.border.right, cell.border.top, cell.border.bottom)
        return any(side and side.style for side in sides) or cell.value is not None or isinstance(cell, MergedCell)

    # Rows that are ruled, merged, numbered or hold an example wait to be filled; without any, a blank one.
    rows = range(pattern, form.ending)
    waiting = len([*takewhile(lambda row: any(waits(sheet.cell(row, at)) for at in columns), rows)] or rows[:1])
    for merge in list(sheet.merged_cells.ranges):  # over several waiting rows: each row will say its own
        if pattern <= merge.min_row < min(merge.max_row, pattern + waiting):
            sheet.unmerge_cells(str(merge))
    if count > waiting:
        insert_rows(book, sheet, pattern + waiting, count - waiting)
    flat = [merge for merge in sheet.merged_cells.ranges if merge.min_row == merge.max_row == pattern]
    for number in range(pattern + max(waiting, 1), pattern + count):
        for column in columns:
            like: Any = sheet.cell(pattern, column)
            cell: Any = sheet.cell(number, column)
            cell._style = copy(like._style)
            if like.data_type == "f" and isinstance(like.value, str):
                cell.value = Translator(like.value, like.coordinate).translate_formula(cell.coordinate)
        if pattern in sheet.row_dimensions:
            sheet.row_dimensions[number].height = sheet.row_dimensions[pattern].height
        for merge in flat:
            sheet.merge_cells(start_row=number, end_row=number, start_column=merge.min_col, end_column=merge.max_col)
    for cell in (sheet.cell(number, column) for number in range(pattern, pattern + waiting) for column in columns):
        serial = cell.column - 1 in form.matched.serial and isinstance(cell.value, int)
        if not isinstance(cell, MergedCell) and cell.data_type != "f" and not serial:
            cell.value = None


def _write(cell: Cell | MergedCell, value: Content) -> None:
    """Write a value, but into no formula."""
    if isinstance(cell, MergedCell) or cell.data_type == "f" or value is None:
        return
    if isinstance(value, date) and not is_date_format(cell.number_format):
        value = f"{value:%Y.%m.%d}"
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        raise Unfit(f"第 {cell.row} 行有一格文字超过 {MOST_CHARACTERS} 个字符，表格放不下；请缩短后再导出。")
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # text that looks like a formula or an error stays text


class Insertion(NamedTuple):
    """So many rows (`many`) inserted before row `start` of the sheet."""

    sheet: str
    start: int
    many: int

    def row(self, number: int) -> int:
        return number + self.many if number >= self.start else number

    def range(self, text: str, rule: bool = False) -> str:
        """Ranges such as $A$1:B9, or single cells, afterwards: those that end in the row before the insertion take it in.

        Of single cells only those under a `rule` (drop-downs, formats) do so.
        """

        def moved(found: re.Match[str]) -> str:
            first, last = int(found[2]), int(found[4] or found[2])
            grows = last == self.start - 1 and (rule or found[3] is not None)
            end = self.row(last) + self.many * grows
            column = found[3] or found[1]
            return f"{found[1]}{self.row(first)}" + (f":{column}{end}" if found[3] or grows else "")

        return _REFERENCE.sub(moved, text)

    def formula(self, text: str, sheet: str) -> str:
        if not text.startswith("="):
            return text
        moved = ["="]
        for token in Tokenizer(text).items:
            qualifier, mark, reference = token.value.rpartition("!")
            named = qualifier.strip("'").replace("''", "'") if mark else sheet
            ours = token.type == Token.OPERAND and token.subtype == Token.RANGE and named == self.sheet
            moved.append(qualifier + mark + self.range(reference) if ours else token.value)
        return "".join(moved)


def insert_rows(book: openpyxl.Workbook, sheet: Worksheet, start: int, count: int) -> None:
    """Insert empty rows before row `start`; ranges that end just above it grow, merged ones do not."""
    here = Insertion(sheet.title, start, count)
    sheet.insert_rows(start, count)
    corners = (other.coord.split(":") for other in sheet.merged_cells.ranges)
    sheet.merged_cells = MultiCellRange(" ".join(f"{here.range(first)}:{here.range(last)}" for first, last in corners))
    for number in sorted((number for number in sheet.row_dimensions if number >= start), reverse=True):
        kept = sheet.row_dimensions.pop(number)
        kept.index = here.row(number)
        sheet.row_dimensions[kept.index] = kept
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange(here.range(str(rule.sqref), rule=True))
    formats, sheet.conditional_formatting = sheet.conditional_formatting, ConditionalFormattingList()
    for other in formats:
        for rule in other.rules:
            rule.formula = [here.formula(f"={text}", sheet.title)[1:] for text in rule.formula]
            sheet.conditional_formatting.add(here.range(str(other.sqref), rule=True), rule)
    for line in sheet.row_breaks.brk:
        line.id = here.row(line.id)
    if sheet.print_area:
        sheet.print_area = [here.range(area.rpartition("!")[2]) for area in str(sheet.print_area).split(",")]
    for other in (sheet.auto_filter, *sheet.tables.values(), *(table.autoFilter for table in sheet.tables.values())):
        if other is not None and other.ref:
            other.ref = here.range(other.ref)
    for page, cell in (
        (worksheet, cell) for worksheet in book.worksheets for row in worksheet.iter_rows() for cell in row
    ):
        value = cell.value
        if isinstance(value, ArrayFormula):
            value.text = here.formula(value.text or "", page.title)
            if page.title == here.sheet:
                value.ref = here.range(value.ref)
        elif cell.data_type == "f" and isinstance(value, str):
            cell.value = here.formula(value, page.title)
        if page.title == here.sheet and (link := cell.hyperlink) is not None:
            link.ref = cell.coordinate
    for names in (book.defined_names, *(page.defined_names for page in book.worksheets)):
        for name in names.values():
            if name.value and not name.is_external:
                name.value = here.formula(f"={name.value}", "")[1:]
