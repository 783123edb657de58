"""OOXML workbooks (xlsx, xlsm, et): the fast reader for values, the scan for what it loses and cannot bear.

`<dimension>` is never believed. A sheet that is written in an unusual way, or whose few filled cells span
a huge area, goes through the slow reader instead.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.sheets.reading import fast
from partybuild_cli.sheets.reading.formats import matters
from partybuild_cli.sheets.reading.grid import TooMany
from partybuild_cli.sheets.reading.model import MAX_CELLS, Book, Broken, Sheet, trimmed
from partybuild_cli.sheets.reading.outline import USUAL_MAIN, Outline, SheetPart, outline_of
from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.sheets.reading.scan import Scan, Unusual, scan_sheet
from partybuild_cli.sheets.reading.xmlsheet import SheetReader, shared_strings

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_USUAL_PLACE = re.compile(r"xl/worksheets/\w+\.xml")
MAX_AREA = 4_000_000
"""Cells of the rectangle the fast reader may span in any case; beyond it, four times the filled ones."""


def read_xlsx(package: Package, data: bytes, path: Path) -> Book:
    """Every worksheet of a verified package; chart sheets have no cells and are left out."""
    outline = outline_of(package)
    macros = package.has("xl/vbaProject.bin")
    book = Book(path, "xlsm" if macros else "xlsx", [], outline.notes, data)
    reader = _Reader(package, data, outline)
    for part in outline.sheets:
        book.sheets.append(reader.sheet(part))
    return book


class _Reader:
    """Reads the sheets of one workbook; fast reader and shared strings are opened when first needed."""

    def __init__(self, package: Package, data: bytes, outline: Outline) -> None:
        self._package = package
        self._data = data
        self._outline = outline
        self._styles = {style for style, form in enumerate(outline.formats) if matters(form)}
        self._fast: CalamineWorkbook | None = None
        self._strings: list[str] | None = None
        self._filled = 0

    def sheet(self, part: SheetPart) -> Sheet:
        """One sheet, the fast way where that is safe."""
        try:
            scan = scan_sheet(self._package.chunks(part.part), self._styles, MAX_CELLS - self._filled)
            if self._filled + scan.filled > MAX_CELLS:
                raise TooMany
            fast_way = _bearable(scan) and self._unmistakable(part)
            sheet = self._fast_sheet(part, scan) if fast_way else self._slow_sheet(part)
        except (Unusual, Broken):
            sheet = self._slow_sheet(part)
        sheet.epoch_1904 = self._outline.epoch_1904
        return sheet

    def _unmistakable(self, part: SheetPart) -> bool:
        """Whether the fast reader, which goes by name and by the usual places, surely takes the part scanned."""
        once = sum(sheet.name == part.name for sheet in self._outline.sheets) == 1
        return once and self._outline.main == USUAL_MAIN and bool(_USUAL_PLACE.fullmatch(part.part))

    def _fast_sheet(self, part: SheetPart, scan: Scan) -> Sheet:
        rows = []
        if scan.filled:
            self._fast = self._fast or fast.open_workbook(self._data)
            with fast.guarded():
                found = self._fast.get_sheet_by_name(part.name)
            rows = fast.rows_of(found)
        grid = fast.mended(rows, scan, self._outline.formats, self._outline.epoch_1904)
        self._filled += scan.filled
        return Sheet(part.name, trimmed(grid.rows), scan.merges, part.hidden, scan.hidden_rows)

    def _slow_sheet(self, part: SheetPart) -> Sheet:
        if self._strings is None:
            where = self._outline.strings_part
            known = self._package.has(where)
            self._strings = shared_strings(self._package.chunks(where)) if known else []
        reader = SheetReader(self._outline.formats, self._strings, self._outline.epoch_1904, self._filled)
        reader.read(self._package.chunks(part.part))
        self._filled = reader.grid.filled
        return Sheet(part.name, trimmed(reader.grid.rows), reader.merges, part.hidden, reader.hidden_rows)


def _bearable(scan: Scan) -> bool:
    return scan.height * scan.width <= max(MAX_AREA, 4 * scan.filled)
