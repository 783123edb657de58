"""What of a sheet goes into the problems workbook (摘录): title, header, and the rows that were not written.

Where an import was refused that is every row, the good ones too, so that who corrects and imports it loses none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from partybuild_cli.records.base.draft import Finding
from partybuild_cli.sheets.importing import SheetReport
from partybuild_cli.sheets.importing.rowkinds import GROUP
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.sheets.reading import Merge
from partybuild_cli.values.kind import Raw


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
