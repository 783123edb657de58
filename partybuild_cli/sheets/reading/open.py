"""From a path to a book (打开工作簿): the content decides which reader takes it, or why none can; not the extension."""

import codecs
import csv
import errno
import re
import stat
from collections import Counter
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Final

from partybuild_cli.errors import NotFound, Unfit, why
from partybuild_cli.sheets.reading import workbook
from partybuild_cli.sheets.reading.package import Package

MAX_FILE: Final = 256 << 20

_EXTENSIONS: Final = {
    "xlsx": (".xlsx", ".et"),
    "xlsm": (".xlsm", ".et"),
    "xls": (".xls", ".et"),
    "ods": (".ods",),
    "csv": (".csv", ".txt", ".tsv"),
    "docx": (".docx", ".docm", ".wps"),
}
_ODS_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_MAGIC: Final = {
    "图片": (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF"),
    "PDF 文件": (b"%PDF",),
    "压缩包": (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh"),
    "Word 文档": (b"{\\rtf",),
    "网页": (b"MIME-Version:",),
    "数据库": (b"SQLite format 3\0",),
}
_WEB_TAGS: Final = ("<!doctype html", "<html", "<table", "<head", "<body", "<div", "<meta", "<style")
_MARKED: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS: Final = "\t,;"
_SAMPLE: Final = 1 << 16
_END: Final = "\x00end\x00"
"""A row of its own behind the text; where it does not arrive as one, a quotation mark was never closed."""


def read_book(path: Path, password: str | None = None) -> workbook.Workbook:
    """Read a workbook. NotFound where there is no file, Unfit, with what to do, where it is none that we can read."""
    data = _snapshot(path)
    try:
        book = _read(data, path, password)
        # A merged cell speaks for each of its rows, so that a small file may ask for many more cells than it holds.
        merges = ((merge, len(sheet.rows)) for sheet in book.sheets for merge in sheet.merges)
        covered = sum(max(min(merge.bottom, last) - merge.top, 0) for merge, last in merges)
        if covered > workbook.MAX_CELLS:
            raise workbook.Refused(
                f"的合并单元格一共跨 {covered // 10_000} 万行，多得不正常；请取消用不着的合并再导入。"
            )
    except workbook.Refused as refusal:
        raise Unfit(f"文件{_named(path)}{refusal}") from None
    except workbook.Broken:
        raise Unfit(
            f"文件{_named(path)}已损坏或不完整，无法读取；请重新下载，或在表格软件里打开后另存为 .xlsx。"
        ) from None
    if path.suffix.casefold() not in _EXTENSIONS[book.format]:
        shown = path.suffix if path.suffix.isprintable() and path.suffix else "（无）"
        book.notes.insert(0, f"扩展名是 {shown}，内容却是 {book.format} 格式：已按内容读取。")
    return book


def is_word(path: Path) -> bool:
    """Whether a file is a Word document: what it says was written for people, and is looked at before it is kept."""
    try:
        return Package(_snapshot(path)).has("word/document.xml")
    except (Unfit, NotFound, workbook.Broken, workbook.Refused):
        return False


def _snapshot(path: Path) -> bytes:
    """All bytes of the file, read once: a file that is still growing cannot differ between two looks."""
    try:
        if path.is_dir():
            raise Unfit(f"{_named(path)}是一个文件夹，请给出其中的工作簿文件。")
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unfit(f"{_named(path)}不是普通文件，请给出工作簿文件。")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise NotFound(f"找不到文件{_named(path)}，请检查文件名和所在的文件夹。") from None
    except OSError as fault:
        if fault.errno == errno.ENAMETOOLONG:
            raise NotFound("找不到文件：文件名太长，请检查命令里的文件名。") from None
        raise Unfit(f"打不开文件{_named(path)}（{why(fault)}），请把文件复制到自己的文件夹再试。") from None
    if not data:
        raise Unfit(f"文件{_named(path)}是空的（0 字节），请重新下载或另存一份。")
    if len(data) > MAX_FILE:
        raise Unfit(f"文件{_named(path)}超过 {MAX_FILE >> 20} MB，请拆成几个文件再导入。")
    return data


def _named(path: Path) -> str:
    """The file's name in quotation marks, without characters that would disturb a terminal."""
    return f"「{''.join(mark if mark.isprintable() else '?' for mark in path.name or str(path))}」"


def _read(data: bytes, path: Path, password: str | None) -> workbook.Workbook:
    """Zip package, compound file or text; anything else is refused by its name. Each reader is loaded when it is needed."""
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from partybuild_cli.sheets.reading.xls import read_compound

        found = read_compound(data, path, password)
        return found if isinstance(found, workbook.Workbook) else _read_package(found, path)
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _read_package(data, path)
    _refuse_other(data)
    return _read_text(data, path)


def _read_package(data: bytes, path: Path) -> workbook.Workbook:
    package = Package(data)
    if package.has("ppt/presentation.xml"):
        raise workbook.no_workbook("PPT 文档")
    if package.has("xl/workbook.bin"):
        raise workbook.Refused("是二进制工作簿（xlsb）；请在表格软件里另存为 .xlsx 再导入。")
    package.verify()
    if package.has("word/document.xml"):
        from partybuild_cli.sheets.reading.docx import read_docx

        return read_docx(package, path)
    if package.has("content.xml"):
        from partybuild_cli.sheets.reading.ods import read_ods

        if package.has("mimetype") and not package.read("mimetype").startswith(_ODS_TYPE):
            raise workbook.no_workbook("别的文档")
        return read_ods(package, path)
    if not package.has("[Content_Types].xml"):
        raise workbook.no_workbook("压缩包")
    from partybuild_cli.sheets.reading.xlsx import read_xlsx

    return read_xlsx(package, data, path)


def _refuse_other(data: bytes) -> None:
    """Refuse what is neither a workbook nor text; web pages and XML, which export programs call .xls, too."""
    for kind, beginnings in _MAGIC.items():
        if data.startswith(beginnings):
            raise workbook.no_workbook(kind)
    if data.startswith(b"BM") and b"\0" in data[:64]:
        raise workbook.no_workbook("图片")
    if not data.startswith((*_MARKED,)) and b"\0" in data:
        raise workbook.Refused("不是工作簿，也不是文本，无法读取；请在表格软件里另存为 .xlsx 再导入。")
    head = data[:4096].replace(b"\0", b"").decode("utf-8", "ignore").lstrip("\ufeff \t\r\n").casefold()
    if head.startswith("<?xml") and "<html" not in head:
        old = "office:spreadsheet" in head or "excel.sheet" in head
        raise workbook.no_workbook("XML 表格 2003" if old else "XML 文件")
    if head.startswith(_WEB_TAGS) or (head.startswith("<") and "<html" in head):
        raise workbook.no_workbook("网页（HTML）")


def _read_text(data: bytes, path: Path) -> workbook.Workbook:
    """The one sheet of a text table (CSV), which has no name; rows as a spreadsheet numbers them: an empty line is one too."""
    # Unicode by its mark, else UTF-8, else the Chinese national encoding.
    marked = [encoding for mark, encoding in _MARKED.items() if data.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if "\0" not in text:
                break
    else:
        raise workbook.Refused("的文字编码认不出（不是 UTF-8、UTF-16、GB18030）；请另存为 .xlsx 再导入。")
    # The delimiter is that on which the most lines agree, quoted cells left aside.
    lines = re.sub(r'"[^"]*"', "", text[:_SAMPLE]).splitlines()
    counts = {mark: Counter(line.count(mark) for line in lines if mark in line) for mark in _DELIMITERS}
    delimiter = max(counts, key=lambda mark: (max(counts[mark].values(), default=0), counts[mark].total()))
    builder = workbook.Builder()
    builder.sheet("*")
    csv.field_size_limit(len(text) + len(_END) + 2)
    source = StringIO(text + "\n" + _END, newline="")
    number, record = 0, [""]
    for number, record in enumerate(csv.reader(source, delimiter=delimiter if counts[delimiter] else ",")):
        if record == [_END]:
            return workbook.Workbook(path, "csv", builder.sheets)
        if number == workbook.LAST_ROW:
            raise workbook.Refused(f"超过 {workbook.LAST_ROW} 行，电子表格放不下；请拆成几个文件再导入。")
        builder.put_row(number, [workbook.one_line_end(field) or None for field in record])
    raise workbook.Refused(f"第 {number + 1} 行起有一个双引号没有配对，分不清行；请补上引号再导入。")
