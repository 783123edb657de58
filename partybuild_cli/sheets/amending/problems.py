"""The problems workbook (问题工作簿): what was not written, in the layout of its sheet, bad cells marked; importable once corrected."""

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from partybuild_cli.records.base.draft import Finding
from partybuild_cli.sheets.amending.excerpt import Excerpt, Line, excerpts
from partybuild_cli.sheets.amending.saving import save_workbook, writable
from partybuild_cli.sheets.amending.source import open_looks
from partybuild_cli.sheets.importing import Report
from partybuild_cli.sheets.importing.returned import NO_PROBLEM, PROBLEM_HEADING, PROBLEM_MARK
from partybuild_cli.sheets.writing.columns import room
from partybuild_cli.sheets.writing.looks import BODY_SIZE, FONT, row_height
from partybuild_cli.sheets.writing.pages import sheet_names
from partybuild_cli.sheets.writing.widths import line_count, longest_line
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw

#: Rows whose own looks are copied; those below look like the last of them.
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
        row = line.row if self._looks is None or not line.row or line.row in self._rows else self._rows[-1]
        for column in range(max(line.cells, default=-1) + 1):
            like = self._looks.cell(row, column + 1 + self._excerpt.shift) if self._looks is not None and row else None
            marked = column in line.findings
            raw = line.cells.get(column)
            if raw is None and like is None and not marked and not (line.heads or line.bad or line.good):
                yield None
                continue
            cell = self._cell(raw, plain=like is None)
            self._dress(cell, like, marked, ruled=line.heads or line.bad or line.good)
            if marked:
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
