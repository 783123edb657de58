"""Legacy workbooks (.xls, WPS .et): compound files with a BIFF8 stream, and what else such a file may be."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading.biff import BiffBook, book_of
from partybuild_cli.sheets.reading.biffcells import read_sheet
from partybuild_cli.sheets.reading.locked import unlocked
from partybuild_cli.sheets.reading.model import LINKS_NOTE, MACROS_NOTE, Book, Broken, named
from partybuild_cli.sheets.reading.source import refused

if TYPE_CHECKING:
    from olefile import OleFileIO  # type: ignore[import-untyped]


def read_compound(data: bytes, path: Path, password: str | None) -> Book | bytes:
    """A legacy workbook, or the bytes of the package that lay encrypted in the file."""
    ole = _ole(data)
    if ole.exists("EncryptedPackage"):
        return unlocked(data, ole, path, password)
    if not ole.exists("Workbook"):
        if ole.exists("Book"):
            raise Unfit(f"文件{named(path)}是 Excel 95 或更早的格式；请在表格软件里另存为 .xlsx 再导入。")
        raise refused(path, "Word 文档" if ole.exists("WordDocument") else "别的文档，或已损坏的工作簿")
    stream = _stream(ole)
    book = book_of(stream)
    if book.encrypted:
        stream = _stream(_ole(unlocked(data, ole, path, password)))
        book = book_of(stream)
    if book.encrypted:
        raise Broken("still encrypted")
    book.macros |= ole.exists("_VBA_PROJECT_CUR")
    return _read(stream, book, path)


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


def _read(stream: bytes, content: BiffBook, path: Path) -> Book:
    book = Book(path, "xls", [])
    filled = 0
    for part in content.sheets:
        sheet, filled = read_sheet(stream, content, part, filled)
        book.sheets.append(sheet)
    if content.macros:
        book.notes.append(MACROS_NOTE)
    if content.external:
        book.notes.append(LINKS_NOTE)
    return book
