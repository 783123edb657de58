"""Legacy workbooks (.xls, WPS .et): compound files with a BIFF8 stream, and what else such a file may be."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading import fast
from partybuild_cli.sheets.reading.biff import BiffBook, BiffSheet, scan_book
from partybuild_cli.sheets.reading.grid import Grid, TooMany
from partybuild_cli.sheets.reading.locked import unlocked
from partybuild_cli.sheets.reading.model import MAX_CELLS, Book, Broken, Sheet, named, trimmed
from partybuild_cli.sheets.reading.source import refused
from partybuild_cli.values.cells import ErrorCell

if TYPE_CHECKING:
    from olefile import OleFileIO  # type: ignore[import-untyped]
    from python_calamine import CalamineWorkbook

MAX_AREA = 18_000_000
"""The rectangles of all sheets, which the fast reader holds at once; one may stretch to IV65536."""


def read_compound(data: bytes, path: Path, password: str | None) -> Book | bytes:
    """A legacy workbook, or the bytes of the package that lay encrypted in the file."""
    ole = _ole(data)
    if ole.exists("EncryptedPackage"):
        return unlocked(data, ole, path, password)
    if not ole.exists("Workbook"):
        if ole.exists("Book"):
            raise Unfit(f"文件{named(path)}是 Excel 95 或更早的格式；请在表格软件里另存为 .xlsx 再导入。")
        raise refused(path, "Word 文档" if ole.exists("WordDocument") else "别的文档")
    book = scan_book(_stream(ole))
    if book.encrypted:
        data = unlocked(data, ole, path, password)
        book = scan_book(_stream(_ole(data)))
    return _read(data, book, path, macros=book.macros or ole.exists("_VBA_PROJECT_CUR"))


def _ole(data: bytes) -> "OleFileIO":
    from olefile import OleFileIO

    try:
        return OleFileIO(BytesIO(data))
    except Exception as fault:
        # A damaged compound file makes the library stumble in any way (index, struct, OS and its own errors).
        raise Broken("CFB") from fault


def _stream(ole: "OleFileIO") -> bytes:
    try:
        return bytes(ole.openstream("Workbook").read())
    except Exception as fault:
        raise Broken("CFB stream") from fault


def _read(data: bytes, scan: BiffBook, path: Path, *, macros: bool) -> Book:
    _refuse_large(scan, path)
    workbook = fast.open_workbook(data)
    book = Book(path, "xls", [_sheet(workbook, sheet, scan.epoch_1904) for sheet in scan.sheets])
    if macros:
        book.notes.append("文件里有宏：没有运行，只读取了单元格。")
    if scan.external:
        book.notes.append("文件引用了别的文件或数据源：没有打开，只读取了保存在本文件里的数值。")
    return book


def _sheet(workbook: "CalamineWorkbook", scan: BiffSheet, epoch_1904: bool) -> Sheet:
    with fast.guarded():
        found = workbook.get_sheet_by_name(scan.name)
        merges = fast.merges_of(found.merged_cell_ranges)
    grid = Grid(fast.rows_of(found), scan.filled)
    rows = grid.rows
    for row, column, form in scan.styled:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = fast.styled(rows[row][column], form, epoch_1904)
    for row, column, code in scan.errors:
        grid.put(row, column, ErrorCell(code))
    return Sheet(scan.name, trimmed(rows), merges, scan.hidden, scan.hidden_rows)


def _refuse_large(scan: BiffBook, path: Path) -> None:
    if sum(sheet.filled for sheet in scan.sheets) > MAX_CELLS:
        raise TooMany
    if sum(sheet.height * sheet.width for sheet in scan.sheets) > MAX_AREA:
        widest = max(scan.sheets, key=lambda sheet: sheet.height * sheet.width)
        raise Unfit(
            f"文件{named(path)}的工作表「{widest.name}」在离数据很远的地方还有内容"
            f"（占到第 {widest.height} 行、第 {widest.width} 列）；请删除那里的内容，或另存为 .xlsx 再导入。"
        )
