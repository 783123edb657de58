"""The problems workbook (问题工作簿): what was not written, in the layout of its sheet, bad cells marked; importable once corrected."""

from collections.abc import Hashable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any, Final, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from partybuild_cli.records.base.row import Finding
from partybuild_cli.sheets.amending.saving import open_looks, raw_cell, save_workbook, writable
from partybuild_cli.sheets.importing import Report, SheetReport
from partybuild_cli.sheets.importing.grid import NO_PROBLEM, PROBLEM_HEADING, PROBLEM_MARK
from partybuild_cli.sheets.importing.rows import GROUP
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.sheets.reading import Merge, letters
from partybuild_cli.sheets.writing.layout import A4, BODY_SIZE, FONT, row_height
from partybuild_cli.sheets.writing.pages import line_count, longest_line, room, sheet_names
from partybuild_cli.values.kind import Raw

MOST_ROWS: Final = 3_000  # so many rows go into it: what a person corrects by hand
_RED = PatternFill("solid", fgColor="FFFFC7CE")
_THIN = Side(style="thin")
_RULED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_PROBLEM_WIDTH = 36.0
_WIDE, _WIDEST = 18.0, 40.0  # of a column without and with a marked cell


@dataclass(slots=True)
class Line:
    row: int  # its number on the sheet that it came from; 0 for what no row of it says
    cells: dict[int, Raw] = field(default_factory=dict)  # by column, from 0
    findings: dict[int, list[Finding]] = field(default_factory=dict)  # by column; -1 where the problem is of no cell
    #: Above a header; its first or a further row; a record with a problem, or one that was not written either.
    kind: Literal["above", "header", "further", "bad", "good"] = "above"


def holds_all(report: Report) -> bool:
    """Whether the problems workbook holds every row that was not written; of very many only the first with problems."""
    return sum(len(_rows(sheet, not report.written)) for sheet in report.sheets) <= MOST_ROWS


def write_problems(path: Path, report: Report, saved: datetime) -> None:
    """Write what was not written of every sheet, one sheet for each. Busy where the disk refuses."""
    good, left = holds_all(report) and not report.written, MOST_ROWS
    parts = []
    for file in report.files:
        for name, reports in groupby(file.sheets, key=lambda sheet: sheet.sheet):
            tables = [(sheet, sheet.table, _rows(sheet, good)) for sheet in reports if sheet.table is not None]
            rows = sorted({row for *_, own in tables for row in own})
            taken, left = set(rows[:left]), left - len(rows[:left])
            if taken or any(sheet.problems for sheet, *_ in tables):
                lines = _lines([(sheet, table, own & taken) for sheet, table, own in tables])
                more = [Line(0, kind="bad")] if len(taken) < len(rows) else []
                parts.append((name, file.package, tables[0][1], lines + more))
    book = Workbook(write_only=True)
    for title, part in zip(sheet_names(name.strip("*") for name, *_ in parts), parts, strict=True):
        _Page(book, title, *part).write()
    save_workbook(book, path, saved=saved)


def _rows(sheet: SheetReport, good: bool) -> set[int]:
    """The rows with a problem, which are all where the sheet itself has one; the `good` ones too where nothing was written."""
    return {draft.row for draft in sheet.drafts if good or sheet.problems or draft.problems}


def _lines(tables: Sequence[tuple[SheetReport, Table, set[int]]]) -> list[Line]:
    """The wanted rows of a sheet, with what stands above each of its tables."""
    lines: dict[int, Line] = {}
    above = 1
    for _, side_by_side in groupby(tables, key=lambda part: part[0].header_rows):
        beside = list(side_by_side)
        for sheet, table, rows in [part for part in beside if part[2] or part[0].problems]:
            for number in range(above, table.header[0]):
                lines[number] = Line(number, dict(enumerate(table.grid.row(number))))
            if sheet.answered and sheet.record:  # so that who corrects and imports it is not asked again
                said = (f"{sheet.record.columns[key].heading}：{value}" for key, value in sheet.answered.items())
                lines[0] = Line(0, dict(enumerate(said)))
            # The group rows (一、政治建设方面) above the rows say what no cell of the row says.
            groups = [number for number, reason in sheet.skipped if reason == GROUP]
            over = {
                max(group for group in groups if group < row) for row in rows if any(group < row for group in groups)
            }
            fills, own, bad = table.grid.fills(), range(table.left, table.right + 1), _rows(sheet, good=False)
            for number in (*table.header, *(rows | over)):
                line, row = lines.setdefault(number, Line(number)), table.grid.row(number)
                line.cells |= {column: row[column] for column in own if column < len(row)}
                if number in table.header:
                    line.kind = "header" if number == table.header[0] else "further"
                    continue
                merged = fills.get(number, {}).items()
                line.cells |= {at: raw for at, raw in merged if at in own and line.cells.get(at) is None}
                if number in rows:
                    line.kind = "bad" if number in bad or line.kind == "bad" else "good"
            # Each problem in its row and column; what the whole sheet lacks stands with its first record.
            places = {heading.key: heading.column for heading in table.headings}
            found = [
                (draft.row, -1, problem._replace(column=""))
                for draft in sheet.drafts[:1]
                for _, problem in sheet.problems
            ]
            found += [
                (draft.row, places.get(problem.column, -1), problem)
                for draft in sheet.drafts
                for problem in draft.problems
            ]
            for number, column, finding in found:
                if number in rows and finding not in (there := lines[number].findings.setdefault(column, [])):
                    there.append(finding)
        above = max(table.last for _, table, _ in beside) + 1
    return [lines[number] for number in sorted(lines)]


def _merges(sheet: Sequence[Merge], lines: Sequence[Line]) -> Iterator[Merge]:
    """Merged ranges above the records, and those within one row; a range over several records was filled into each.

    The heading 问题 stands over all rows of each header, in a column before the first.
    """
    places = {line.row: at for at, line in enumerate(lines, start=1)}
    heads = {line.row for line in lines if line.kind not in ("bad", "good")}
    for merge in sheet:
        flat = merge.top == merge.bottom and merge.top in places
        if flat or (merge.bottom - merge.top < len(lines) and heads.issuperset(range(merge.top, merge.bottom + 1))):
            yield Merge(places[merge.top], merge.left + 1, places[merge.bottom], merge.right + 1)
    for at, line in enumerate(lines, start=1):
        further = [*takewhile(lambda other: other.kind == "further", lines[at:])]
        if line.kind == "header" and further:
            yield Merge(at, 1, at + len(further), 1)


class _Page:
    """One sheet of the problems workbook; everything stands one column further right than it did."""

    def __init__(self, book: Workbook, title: str, name: str, package: bytes | None, table: Table, lines: list[Line]):
        self._sheet: Worksheet = book.create_sheet(title)
        self._shift, self._lines = table.grid.shift, lines
        self._merges = _merges(table.grid.sheet.merges, lines)
        looks = open_looks(package, {name: [line.row for line in lines if line.row]})
        self._looks: Worksheet | None = looks[name] if looks and name in looks.sheetnames else None
        self._styles: dict[Hashable, StyleArray] = {}
        self._last = max(max(line.cells, default=-1) for line in lines if line.kind != "above")

    def write(self) -> None:
        self._set_widths()
        for merge in self._merges:
            self._sheet.merged_cells.add(merge.area)
        for at, line in enumerate(self._lines, start=1):
            told = None if line.kind == "above" else self._problem_cell(line)
            height = self._looks.row_dimensions[line.row].height or 0 if self._looks is not None and line.row else 0
            if line.kind == "bad" and told is not None:
                height = max(height, row_height(line_count(str(told.value), room(_PROBLEM_WIDTH))))
            if height:
                self._sheet.row_dimensions[at].height = height
            last = max(line.cells, default=-1) if line.kind == "above" else self._last
            self._sheet.append([told, *(self._cell(line, column) for column in range(last + 1))])

    def _cell(self, line: Line, column: int) -> Any:
        looks, marked, raw = self._looks if line.row else None, column in line.findings, line.cells.get(column)
        like = looks.cell(line.row, column + 1 + self._shift) if looks is not None else None
        if raw is None and like is None and not marked and line.kind == "above":
            return None
        cell: Any = raw_cell(self._sheet, raw, like.number_format if like is not None else "")
        key = (like.style_id, marked) if like is not None else (cell.number_format, marked, line.kind == "above")
        if key not in self._styles:
            if like is None:
                cell.font = Font(name=FONT, size=BODY_SIZE)
                cell.alignment = Alignment(vertical="center", wrap_text=line.kind != "above")
                cell.border = Border() if line.kind == "above" else _RULED
            else:  # the looks of the cell that it came from
                cell.font, cell.border, cell.alignment = copy(like.font), copy(like.border), copy(like.alignment)
                cell.fill = copy(like.fill)
            if marked:
                cell.fill = _RED
            self._styles[key] = cell._style
        cell._style = copy(self._styles[key])
        if marked:
            text = writable("\n".join(finding.message for finding in line.findings[column]))
            cell.comment = Comment(text, "partybuild", height=40 + 18 * (len(text) // 14 + 1), width=260)
        return cell

    def _problem_cell(self, line: Line) -> Cell:
        """The 问题 column: its heading, and every problem of the row on a line of its own."""
        heads = line.kind in ("header", "further")
        found = [finding for some in line.findings.values() for finding in some]
        text = "\n".join(
            f"{PROBLEM_MARK} {f'{finding.column}：' if finding.column else ''}{finding.message}" for finding in found
        )
        rest = f"{PROBLEM_MARK} 下面还有，这里只放 {MOST_ROWS} 行：请在原来的文件里改好，再导入原来的文件。"
        usual = rest if line.kind == "bad" and not line.row else NO_PROBLEM
        said = {"header": PROBLEM_HEADING, "further": None}.get(line.kind, writable(text) or usual)
        cell = WriteOnlyCell(self._sheet, said)
        cell.font = Font(name=FONT, size=BODY_SIZE, bold=heads, color="FF9C0006" if line.kind == "bad" else None)
        cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal="center" if heads else "left")
        cell.border = _RULED
        return cell

    def _set_widths(self) -> None:
        """Paper, and columns wide enough for what is wrong in them, and what stands in their rows, to be read."""
        self._sheet.page_setup.orientation, self._sheet.page_setup.paperSize = "landscape", A4
        self._sheet.page_setup.fitToHeight = 0
        self._sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        columns, needs, shift = self._sheet.column_dimensions, {1: _PROBLEM_WIDTH}, 1 - self._shift
        for line in self._lines:
            for column, raw in line.cells.items() if line.kind in ("bad", "good") else ():
                most, shown = _WIDEST if column in line.findings else _WIDE, str(getattr(raw, "shown", raw) or "")
                needs[column + 2] = max(needs.get(column + 2, 0), min(longest_line(shown) + 2, most))
        for number, need in needs.items():
            columns[letters(number)].width = need
        for kept in self._looks.column_dimensions.values() if self._looks is not None else ():
            for column in range(kept.min or 0, min(kept.max or 0, 200) + 1):
                if column + shift > 1:
                    own = columns[letters(column + shift)]
                    own.width, own.hidden = max(kept.width, own.width if own.customWidth else 0), kept.hidden
