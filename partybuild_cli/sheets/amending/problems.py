"""The problems workbook (问题工作簿): what was not written, in the layout of its sheet, bad cells marked; importable once corrected."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from partybuild_cli.records.base.draft import Finding
from partybuild_cli.sheets.amending.saving import open_looks, save_workbook, writable
from partybuild_cli.sheets.importing import Report, SheetReport
from partybuild_cli.sheets.importing.grid import NO_PROBLEM, PROBLEM_HEADING, PROBLEM_MARK
from partybuild_cli.sheets.importing.rowkinds import GROUP
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.sheets.reading import Merge
from partybuild_cli.sheets.writing.cells import BODY_SIZE, FONT, row_height
from partybuild_cli.sheets.writing.pages import sheet_names
from partybuild_cli.sheets.writing.widths import line_count, longest_line, room
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw


@dataclass(slots=True)
class Line:
    """One row of the excerpt.

    Attributes:
        row: its number on the sheet that it came from; 0 for what a person said of the whole table.
        cells: column (from 0) -> what the cell says.
        findings: column (-1 where the problem is of no cell) -> what is wrong there.
        heads: the row belongs to a header; `opens` and `closes`: it is the first or last of one.
        bad: the row is a record with a problem, or of a sheet that has one.
        good: the row is a record without a problem that was not written either.
    """

    row: int
    cells: dict[int, Raw]
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    heads: bool = False
    opens: bool = False
    closes: bool = False
    bad: bool = False
    good: bool = False


@dataclass(slots=True)
class Excerpt:
    """The rows of one sheet that have problems, with what stands above them; `merges` by rows of the excerpt, from 1."""

    name: str
    shift: int
    lines: list[Line]
    merges: list[Merge]


def excerpts(sheets: Sequence[SheetReport], whole: bool) -> list[Excerpt]:
    """An excerpt for each sheet that has problems, in the order of the file; `whole`: of all sheets, with every row."""
    found = []
    for name, reports in groupby(sheets, key=lambda report: report.sheet):
        tables = list(reports)
        if any(report.table is not None and (report.all_problems() or (whole and report.drafts)) for report in tables):
            found.append(_excerpt(name, tables, whole))
    return found


def _excerpt(name: str, reports: list[SheetReport], whole: bool) -> Excerpt:
    lines: dict[int, Line] = {}
    above = 1
    shift = 0
    blocks = [report for report in reports if report.table is not None]
    for _, side_by_side in groupby(blocks, key=lambda report: report.header_rows):
        beside = list(side_by_side)
        for report in beside:
            assert report.table is not None
            shift = report.table.grid.shift
            if report.all_problems() or (whole and report.drafts):
                _take_table(lines, report, report.table, range(above, report.table.header.top), whole)
        above = max(report.table.last for report in beside if report.table) + 1
    ordered = [lines[number] for number in sorted(lines)]
    grids = [report.table.grid for report in blocks if report.table]
    return Excerpt(name, shift, ordered, _merges(grids[0].sheet.merges, ordered))


def _take_table(lines: dict[int, Line], report: SheetReport, table: Table, above: Iterable[int], whole: bool) -> None:
    if report.answered and report.record:  # so that who corrects and imports it is not asked again
        said = (f"{report.record.columns[key].heading}：{value}" for key, value in report.answered.items())
        lines[0] = Line(0, dict(enumerate(said)))
    for number in above:
        row = table.grid.row(number)
        lines[number] = Line(number, dict(enumerate(row)))
    for number in table.header.rows:
        line = _take_cells(lines, table, number)
        line.heads, line.opens, line.closes = True, number == table.header.top, number == table.header.bottom
    bad = _findings(report, table)
    fills = table.grid.fills()
    rows = bad.keys() | ({draft.row for draft in report.drafts} if whole else set())
    for number in sorted(rows | _groups_above(report, rows)):
        line = _take_cells(lines, table, number)
        line.cells |= {
            column: raw
            for column, raw in fills.get(number, {}).items()
            if table.left <= column <= table.right and line.cells.get(column) is None
        }
        line.bad = number in bad
        line.good = line.good or (number in rows and not line.bad)
        for column, finding in bad.get(number, ()):
            line.findings.setdefault(column, []).append(finding)


def _take_cells(lines: dict[int, Line], table: Table, number: int) -> Line:
    line = lines.setdefault(number, Line(number, {}))
    row = table.grid.row(number)
    line.cells |= {column: row[column] for column in range(table.left, min(table.right + 1, len(row)))}
    return line


def _findings(report: SheetReport, table: Table) -> dict[int, list[tuple[int, Finding]]]:
    """Row -> column and problem. What the whole sheet lacks stands with its first record, and takes every record along."""
    places = {heading.key: heading.column for heading in table.headings}
    bad: dict[int, list[tuple[int, Finding]]] = {}
    for draft in report.drafts:
        for finding in dict.fromkeys(draft.problems):
            found = bad.setdefault(draft.row, [])
            if (one := (places.get(finding.column, -1), finding)) not in found:
                found.append(one)
    if report.problems and report.drafts:
        bad = {draft.row: bad.get(draft.row, []) for draft in report.drafts}
        first = bad[report.drafts[0].row]
        first[:0] = [(-1, replace(finding, column="")) for _, finding in report.problems]
    return bad


def _groups_above(report: SheetReport, bad: Iterable[int]) -> set[int]:
    """The group rows (一、政治建设方面) under which bad rows stand: they say what no cell of the row says."""
    groups = [number for number, reason in report.skipped if reason == GROUP]
    return {max(group for group in groups if group < row) for row in bad if any(group < row for group in groups)}


def _merges(merges: Iterable[Merge], lines: Sequence[Line]) -> list[Merge]:
    """Merged ranges above the records, and those within one row; a range over several records was filled into each."""
    places = {line.row: place for place, line in enumerate(lines, start=1)}
    above = {line.row for line in lines if not (line.bad or line.good)}
    kept = []
    for one in merges:
        rows = range(one.top, one.bottom + 1)
        flat = one.top == one.bottom and one.top in places
        if flat or (len(rows) <= len(places) and all(row in above for row in rows)):
            kept.append(replace(one, top=places[one.top], bottom=places[one.bottom]))
    return kept


#: Rows whose own looks are copied, and whose marked cells bear a comment; those below look like the last of them, and say
#: what is wrong in the column 问题 only.
_DRESSED = 2_000
#: So many rows go into it whole.
_ALL_ROWS = 3_000
_RED = PatternFill("solid", fgColor="FFFFC7CE")
_THIN = Side(style="thin")
_RULED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_PROBLEM_WIDTH = 36.0
_A4 = 9
_WIDE, _WIDEST = 18.0, 40.0  # of a column without and with a marked cell
_DAYS = {"day": "yyyy-mm-dd", "month": 'yyyy"年"m"月"', "year": "yyyy"}


def write_problems(path: Path, report: Report, saved: datetime) -> None:
    """Write what was not written of every sheet, one sheet for each. Busy where the disk refuses."""
    whole = holds_all(report)
    parts = [(file.package, one) for file in report.files for one in excerpts(file.sheets, whole)]
    book = Workbook(write_only=True)
    for name, (package, excerpt) in zip(sheet_names(one.name.strip("*") for _, one in parts), parts, strict=True):
        _Page(book, name, package, excerpt).write()
    save_workbook(book, path, saved=saved)


def holds_all(report: Report) -> bool:
    """Whether the problems workbook holds every row of a refused import; of a very long one only the bad rows."""
    return not report.written and sum(len(sheet.drafts) for sheet in report.sheets) <= _ALL_ROWS


class _Page:
    """One sheet of the problems workbook; everything stands one column further right than it did."""

    def __init__(self, book: Workbook, name: str, package: bytes | None, excerpt: Excerpt) -> None:
        self._excerpt = excerpt
        self._sheet: Any = book.create_sheet(name)
        self._rows = [line.row for line in excerpt.lines if line.row][:_DRESSED]
        self._near = frozenset(self._rows)
        looks = open_looks(package, {excerpt.name: self._rows})
        self._looks: Any = looks[excerpt.name] if looks and excerpt.name in looks.sheetnames else None
        self._styles: dict[tuple[int | None, bool], Any] = {}

    def write(self) -> None:
        """Widths, merged ranges, then row after row."""
        self._set_widths()
        lines = self._excerpt.lines
        for merge in self._excerpt.merges:
            self._merge(merge.top, merge.left + 1, merge.bottom, merge.right + 1)
        opening = 0
        for place, line in enumerate(lines, start=1):
            opening = place if line.opens else opening
            if line.closes and place > opening:
                self._merge(opening, 1, place, 1)
        for place, line in enumerate(lines, start=1):
            told = self._problem_cell(line)
            self._set_height(place, line, "" if told is None else str(told.value or ""))
            self._sheet.append([told, *self._cells(line)])

    def _merge(self, top: int, left: int, bottom: int, right: int) -> None:
        self._sheet.merged_cells.add(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")

    def _cells(self, line: Line) -> Iterator[Any]:
        near = not line.row or line.row in self._near
        row = line.row if self._looks is None or near else self._rows[-1]
        for column in range(max(line.cells, default=-1) + 1):
            like = self._looks.cell(row, column + 1 + self._excerpt.shift) if self._looks is not None and row else None
            marked = column in line.findings
            raw = line.cells.get(column)
            if raw is None and like is None and not marked and not (line.heads or line.bad or line.good):
                yield None
                continue
            cell = self._cell(raw, plain=like is None)
            self._dress(cell, like, marked, ruled=line.heads or line.bad or line.good)
            if marked and near:
                cell.comment = _comment(line.findings[column])
            yield cell

    def _cell(self, raw: Raw, plain: bool) -> Any:
        """What the cell said; without the looks of its sheet, a number that showed otherwise becomes what it showed."""
        if isinstance(raw, NumberCell):
            raw = raw.shown if plain else raw.value
        if isinstance(raw, ErrorCell):
            raw = raw.code
        if isinstance(raw, str):
            raw = writable(raw)
        cell = WriteOnlyCell(self._sheet, raw.day if isinstance(raw, DateCell) else raw)
        if isinstance(raw, DateCell):
            cell.number_format = _DAYS[raw.shown]
        if isinstance(raw, str) and raw.startswith("="):
            cell.data_type = "s"  # text that looks like a formula stays text
        return cell

    def _dress(self, cell: Any, like: Any, marked: bool, ruled: bool) -> None:
        """The looks of the cell that it came from, worked out once for all that look the same."""
        if like is None:
            cell.font = Font(name=FONT, size=BODY_SIZE)
            cell.alignment = Alignment(vertical="center", wrap_text=ruled)
            cell.border = _RULED if ruled else Border()
            cell.fill = _RED if marked else PatternFill()
            return
        key = (like.style_id, marked)
        if key not in self._styles:
            cell.font, cell.border, cell.alignment = copy(like.font), copy(like.border), copy(like.alignment)
            cell.number_format = like.number_format
            cell.fill = _RED if marked else copy(like.fill)
            self._styles[key] = copy(cell._style)
        cell._style = copy(self._styles[key])

    def _problem_cell(self, line: Line) -> Any:
        """The 问题 column: its heading, and every problem of the row on a line of its own."""
        if not (line.heads or line.bad or line.good):
            return None
        lines = [f"{PROBLEM_MARK} {_said(one)}" for found in line.findings.values() for one in found]
        said = writable("\n".join(lines)) if lines else NO_PROBLEM
        cell = WriteOnlyCell(self._sheet, (PROBLEM_HEADING if line.opens else None) if line.heads else said)
        cell.font = Font(name=FONT, size=BODY_SIZE, bold=line.heads, color="FF9C0006" if line.bad else None)
        cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal="center" if line.heads else "left")
        cell.border = _RULED
        return cell

    def _set_widths(self) -> None:
        self._sheet.page_setup.orientation, self._sheet.page_setup.paperSize = "landscape", _A4
        self._sheet.page_setup.fitToHeight = 0
        self._sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self._sheet.column_dimensions["A"].width = _PROBLEM_WIDTH
        for column, need in self._needs().items():
            self._sheet.column_dimensions[get_column_letter(column + 2)].width = need
        shift = 1 - self._excerpt.shift
        for kept in self._looks.column_dimensions.values() if self._looks is not None else ():
            for column in range(kept.min or 0, min(kept.max or 0, 200) + 1):
                if column + shift > 1:
                    own = self._sheet.column_dimensions[get_column_letter(column + shift)]
                    own.width, own.hidden = max(kept.width, own.width if own.customWidth else 0), kept.hidden

    def _needs(self) -> dict[int, float]:
        """How wide each column must be for what is wrong in it, and what stands in its rows, to be read."""
        needs: dict[int, float] = {}
        for line in self._excerpt.lines:
            for column, raw in line.cells.items() if line.bad or line.good else ():
                text = str(getattr(raw, "shown", raw) or "")
                wide = _WIDEST if column in line.findings else _WIDE
                needs[column] = max(needs.get(column, 0), min(longest_line(text) + 2, wide))
        return needs

    def _set_height(self, place: int, line: Line, told: str) -> None:
        """As high as the row was, and high enough for its problems."""
        kept = self._looks.row_dimensions[line.row].height if self._looks is not None and line.row else None
        needed = row_height(line_count(told, room(_PROBLEM_WIDTH))) if line.bad else None
        if kept or needed:
            self._sheet.row_dimensions[place].height = max(kept or 0, needed or 0)


def _said(finding: Finding) -> str:
    return f"{finding.column}：{finding.message}" if finding.column else finding.message


def _comment(findings: Sequence[Finding]) -> Comment:
    text = writable("\n".join(finding.message for finding in findings))
    return Comment(text, "partybuild", height=40 + 18 * (len(text) // 14 + 1), width=260)
