"""From a path to a book (打开工作簿): which reader the content calls for, or why none can read it."""

from pathlib import Path
from typing import Final

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading.grid import Stray, TooMany
from partybuild_cli.sheets.reading.model import Book, Broken, named, too_many_cells
from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.sheets.reading.source import content_of, refused, snapshot

_EXTENSIONS: Final = {
    "xlsx": (".xlsx", ".et"),
    "xlsm": (".xlsm", ".et"),
    "xls": (".xls", ".et"),
    "ods": (".ods",),
    "csv": (".csv", ".txt", ".tsv"),
}
_ODS_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"


def read_book(path: Path, password: str | None = None) -> Book:
    """Read a workbook.

    Raises NotFound where there is no file, and Unfit, with what to do, where the file is not a workbook
    that we can read: something else, damaged, encrypted without the right password, or too large.
    """
    data = snapshot(path)
    try:
        book = _read(data, path, password)
    except TooMany:
        raise too_many_cells(path) from None
    except Stray as stray:
        raise Unfit(
            f"文件{named(path)}里有相隔极远的单元格（到第 {stray.row} 行、第 {stray.column} 列），"
            "请删除远离数据的内容再导入。"
        ) from None
    except Broken:
        raise Unfit(
            f"文件{named(path)}已损坏或不完整，无法读取；请重新下载，或在表格软件里打开后另存为 .xlsx。"
        ) from None
    if path.suffix.casefold() not in _EXTENSIONS[book.format]:
        shown = path.suffix if path.suffix.isprintable() and path.suffix else "（无）"
        book.notes.insert(0, f"扩展名是 {shown}，内容却是 {book.format} 格式：已按内容读取。")
    return book


def _read(data: bytes, path: Path, password: str | None) -> Book:
    content = content_of(data, path)
    if content == "cfb":
        from partybuild_cli.sheets.reading.xls import read_compound

        found = read_compound(data, path, password)
        if isinstance(found, Book):
            return found
        data, content = found, "zip"
    if content == "zip":
        return _read_package(data, path)
    from partybuild_cli.sheets.reading.textfile import read_text

    return read_text(data, path)


def _read_package(data: bytes, path: Path) -> Book:
    package = Package(data, path)
    if package.has("word/document.xml") or package.has("ppt/presentation.xml"):
        raise refused(path, "Word 或 PPT 文档")
    if package.has("xl/workbook.bin"):
        raise Unfit(f"文件{named(path)}是二进制工作簿（xlsb）；请在表格软件里另存为 .xlsx 再导入。")
    package.verify()
    if package.has("content.xml"):
        from partybuild_cli.sheets.reading.ods import read_ods

        if package.has("mimetype") and not package.read("mimetype").startswith(_ODS_TYPE):
            raise refused(path, "别的文档")
        return read_ods(package, path)
    if not package.has("[Content_Types].xml"):
        raise refused(path, "压缩包")
    from partybuild_cli.sheets.reading.xlsx import read_xlsx

    return read_xlsx(package, data, path)
