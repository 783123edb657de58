"""The problems workbook (问题工作簿): what was not written, in the layout of its sheet, bad cells marked; importable once corrected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from partybuild_cli.records.base.row import Finding
from partybuild_cli.sheets.amending.saving import area, open_looks, save_workbook, writable
from partybuild_cli.sheets.importing import Report, SheetReport
from partybuild_cli.sheets.importing.grid import NO_PROBLEM, PROBLEM_HEADING, PROBLEM_MARK
from partybuild_cli.sheets.importing.rowkinds import GROUP
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.sheets.reading import Merge
from partybuild_cli.sheets.writing.cells import A4, BODY_SIZE, FONT, row_height
from partybuild_cli.sheets.writing.pages import sheet_names
from partybuild_cli.sheets.writing.widths import line_count, longest_line, room
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw

#: So many rows go into it whole.
_ALL_ROWS: Final = 3_000
#: Rows whose own looks are copied, and whose marked cells bear a comment; those below look like the last of them.
_DRESSED: Final = 2_000
_RED = PatternFill("solid", fgColor="FFFFC7CE")
_THIN = Side(style="thin")
_RULED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_PROBLEM_WIDTH = 36.0
_WIDE, _WIDEST = 18.0, 40.0  # of a column without and with a marked cell
_DAYS = {"day": "yyyy-mm-dd", "month": 'yyyy"年"m"月"', "year": "yyyy"}


@dataclass(slots=True)
class Line:
    """One row of the excerpt.

    Attributes:
        row: its number on the sheet that it came from; 0 for what a person said of the whole table.
        cells: column (from 0) -> what the cell says.
        findings: column (-1 where the problem is of no cell) -> what is wrong there.
        kind: the first or a further row of a header; a record with a problem, or without one that was not written either.
    """

    row: int
    cells: dict[int, Raw] = field(default_factory=dict)
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    kind: Literal["above", "header", "further", "bad", "good"] = "above"


@dataclass(slots=True)
class Excerpt:
    """The rows of one sheet that have problems, with what stands above them; `merges` by rows of the excerpt, from 1."""

    name: str
    shift: int
    lines: list[Line]
    merges: list[Merge]


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


def excerpts(sheets: Sequence[SheetReport], whole: bool) -> Iterator[Excerpt]:
    """An excerpt for each sheet that has problems, in the order of the file; `whole`: of all sheets, with every row."""
    for name, reports in groupby(sheets, key=lambda report: report.sheet):
        tables = [(report, report.table) for report in reports if report.table is not None]
        if any(_is_wanted(report, whole) for report, _ in tables):
            yield _excerpt(name, tables, whole)


def _is_wanted(report: SheetReport, whole: bool) -> bool:
    return bool(report.all_problems() or (whole and report.drafts))


def _excerpt(name: str, tables: list[tuple[SheetReport, Table]], whole: bool) -> Excerpt:
    lines: dict[int, Line] = {}
    above = 1
    for _, side_by_side in groupby(tables, key=lambda pair: pair[0].header_rows):
        beside = list(side_by_side)
        for report, table in beside:
            if _is_wanted(report, whole):
                _take_table(lines, report, table, range(above, table.header.top), whole)
        above = max(table.last for _, table in beside) + 1
    grid = tables[0][1].grid
    places = {number: place for place, number in enumerate(sorted(lines), start=1)}
    kept = [*_merges(grid.sheet.merges, lines, places), *_heading_merges(lines, places)]
    return Excerpt(name, grid.shift, [lines[number] for number in places], kept)


def _take_table(lines: dict[int, Line], report: SheetReport, table: Table, above: Iterable[int], whole: bool) -> None:
    if report.answered and report.record:  # so that who corrects and imports it is not asked again
        said = (f"{report.record.columns[key].heading}：{value}" for key, value in report.answered.items())
        lines[0] = Line(0, dict(enumerate(said)))
    for number in above:
        lines[number] = Line(number, dict(enumerate(table.grid.row(number))))
    for number in table.header.rows:
        _take_cells(lines, table, number).kind = "header" if number == table.header.top else "further"
    bad, fills = _findings(report, table), table.grid.fills()
    rows = bad.keys() | ({draft.row for draft in report.drafts} if whole else set())
    # The group rows (一、政治建设方面) above bad rows say what no cell of the row says.
    groups = [number for number, reason in report.skipped if reason == GROUP]
    over = {max(group for group in groups if group < row) for row in rows if any(group < row for group in groups)}
    for number in sorted(rows | over):
        line = _take_cells(lines, table, number)
        for column, raw in fills.get(number, {}).items():
            if table.left <= column <= table.right and line.cells.get(column) is None:
                line.cells[column] = raw
        if number in bad:
            line.kind = "bad"
        elif number in rows and line.kind != "bad":
            line.kind = "good"
        for column, finding in bad.get(number, ()):
            line.findings.setdefault(column, []).append(finding)


def _take_cells(lines: dict[int, Line], table: Table, number: int) -> Line:
    line = lines.setdefault(number, Line(number))
    row = table.grid.row(number)
    line.cells |= {column: row[column] for column in range(table.left, min(table.right + 1, len(row)))}
    return line


def _findings(report: SheetReport, table: Table) -> dict[int, list[tuple[int, Finding]]]:
    """Row -> column and problem. What the whole sheet lacks stands with its first record, and takes every record along."""
    places = {heading.key: heading.column for heading in table.headings}
    bad: dict[int, list[tuple[int, Finding]]] = {}
    if report.problems and report.drafts:
        bad = {draft.row: [] for draft in report.drafts}
        bad[report.drafts[0].row] += [(-1, replace(finding, column="")) for _, finding in report.problems]
    for draft in report.drafts:
        for finding in draft.problems:
            one, found = (places.get(finding.column, -1), finding), bad.setdefault(draft.row, [])
            if one not in found:
                found.append(one)
    return bad


def _merges(merges: Iterable[Merge], lines: Mapping[int, Line], places: Mapping[int, int]) -> Iterator[Merge]:
    """Merged ranges above the records, and those within one row; a range over several records was filled into each."""
    for one in merges:
        rows = range(one.top, one.bottom + 1)
        flat = one.top == one.bottom and one.top in places
        if flat or (
            len(rows) <= len(places) and all(row in places and lines[row].kind not in ("bad", "good") for row in rows)
        ):
            yield replace(one, top=places[one.top], bottom=places[one.bottom])


def _heading_merges(lines: Mapping[int, Line], places: Mapping[int, int]) -> Iterator[Merge]:
    """The heading 问题 stands over all rows of each header, in a column before the first."""
    for number, place in places.items():
        if lines[number].kind == "header":
            bottom = number
            while bottom + 1 in lines and lines[bottom + 1].kind == "further":
                bottom += 1
            if bottom > number:
                yield Merge(place, 0, places[bottom], 0)


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
        for merge in self._excerpt.merges:
            self._sheet.merged_cells.add(area(replace(merge, left=merge.left + 1, right=merge.right + 1)))
        for place, line in enumerate(self._excerpt.lines, start=1):
            told = None if line.kind == "above" else self._problem_cell(line)
            height = self._looks.row_dimensions[line.row].height or 0 if self._looks is not None and line.row else 0
            if line.kind == "bad" and told is not None:
                height = max(height, row_height(line_count(told.value, room(_PROBLEM_WIDTH))))
            if height:
                self._sheet.row_dimensions[place].height = height
            self._sheet.append([told, *self._cells(line)])

    def _cells(self, line: Line) -> Iterator[Any]:
        near = not line.row or line.row in self._near
        row = line.row if self._looks is None or near else self._rows[-1]
        for column in range(max(line.cells, default=-1) + 1):
            like = self._looks.cell(row, column + 1 + self._excerpt.shift) if self._looks is not None and row else None
            marked, raw = column in line.findings, line.cells.get(column)
            if raw is None and like is None and not marked and line.kind == "above":
                yield None
                continue
            cell = self._cell(raw, plain=like is None)
            self._dress(cell, like, marked, ruled=line.kind != "above")
            if marked:
                text = writable("\n".join(finding.message for finding in line.findings[column]))
                cell.comment = Comment(text, "partybuild", height=40 + 18 * (len(text) // 14 + 1), width=260)
            yield cell

    def _cell(self, raw: Raw, plain: bool) -> Any:
        """What the cell said; without the looks of its sheet, a number that showed otherwise becomes what it showed."""
        if isinstance(raw, DateCell):
            cell = WriteOnlyCell(self._sheet, raw.day)
            cell.number_format = _DAYS[raw.shown]
            return cell
        if isinstance(raw, NumberCell):
            raw = raw.shown if plain else raw.value
        if isinstance(raw, ErrorCell):
            raw = raw.code
        cell = WriteOnlyCell(self._sheet, writable(raw) if isinstance(raw, str) else raw)
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
        heads = line.kind in ("header", "further")
        told = [
            f"{PROBLEM_MARK} {f'{one.column}：' if one.column else ''}{one.message}"
            for found in line.findings.values()
            for one in found
        ]
        said = {"header": PROBLEM_HEADING, "further": None}.get(line.kind, writable("\n".join(told)) or NO_PROBLEM)
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
        needs = {0: _PROBLEM_WIDTH}
        for line in self._excerpt.lines:
            for column, raw in line.cells.items() if line.kind in ("bad", "good") else ():
                text = str(getattr(raw, "shown", raw) or "")
                most = _WIDEST if column in line.findings else _WIDE
                needs[column + 1] = max(needs.get(column + 1, 0), min(longest_line(text) + 2, most))
        for at, need in needs.items():
            self._sheet.column_dimensions[get_column_letter(at + 1)].width = need
        shift = 1 - self._excerpt.shift
        for kept in self._looks.column_dimensions.values() if self._looks is not None else ():
            for column in range(kept.min or 0, min(kept.max or 0, 200) + 1):
                if column + shift > 1:
                    own = self._sheet.column_dimensions[get_column_letter(column + shift)]
                    own.width, own.hidden = max(kept.width, own.width if own.customWidth else 0), kept.hidden
