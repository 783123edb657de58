"""Workbooks of openpyxl as files (保存): whole or not at all, for their owner only, the same content in the same bytes."""

import re
import warnings
from collections.abc import Collection, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from partybuild_cli.outputs import put
from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.sheets.reading.xlsx import outline_of
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw

MOST_CHARACTERS = 32_767
_DAYS = {"day": "yyyy-mm-dd", "month": 'yyyy"年"m"月"', "year": "yyyy"}
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"[^>]*?(?:/>|>.*?</row>)', re.DOTALL)
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    """The text as a workbook can hold it: without control characters and broken halves, cut at what a cell takes."""
    return _UNWRITABLE.sub("", text)[:MOST_CHARACTERS]


def raw_cell(sheet: Worksheet, raw: Raw, look: str = "") -> Cell:
    """A cell of a write-only sheet; `look` is its number format, without which a number becomes the text that it showed.

    A text never becomes a formula or an error.
    """
    if isinstance(raw, DateCell):
        look = look or _DAYS[raw.shown]
        cell = WriteOnlyCell(sheet, raw.day)
    elif isinstance(raw, ErrorCell):
        cell = WriteOnlyCell(sheet, writable(raw.code))
    else:
        value = raw if not isinstance(raw, NumberCell) else raw.value if look else raw.shown
        cell = WriteOnlyCell(sheet, writable(value) if isinstance(value, str) else value)
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    if look:
        cell.number_format = look
    return cell


def save_workbook(book: Workbook, path: Path, *, saved: datetime) -> None:
    """Save under a name; `saved` stands in the file as its day, in place of the moments of its making."""
    packed, result = BytesIO(), BytesIO()
    book.save(packed)
    moment = saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(packed) as source, ZipFile(result, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(rb"\g<1>" + moment + rb"\g<2>", content)
            target.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    put(path, lambda beside: beside.write_bytes(result.getvalue()))


def open_looks(package: bytes | None, wanted: dict[str, Collection[int]]) -> Workbook | None:
    """The workbook with the wanted rows of the wanted sheets; None where the file has no looks, or odd ones."""
    if package is None:
        return None
    try:
        return open_workbook(_only(package, wanted))
    except Exception:
        # The reader took the file, so its cells are sound; on odd styles or drawings openpyxl stumbles in any way.
        return None


def open_workbook(package: bytes, macros: bool = False) -> Workbook:
    """A workbook to be amended. What openpyxl cannot keep it says in warnings, which are no concern of a clerk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(BytesIO(package), keep_vba=macros)


def _only(package: bytes, wanted: dict[str, Collection[int]]) -> bytes:
    """The package without the rows that nobody wants; no sheet ever stands whole in memory."""
    parts = Package(package)
    rows = {part.casefold(): frozenset(wanted.get(name, ())) for part, (name, _) in outline_of(parts).sheets.items()}
    result = BytesIO()
    with ZipFile(BytesIO(package)) as source, ZipFile(result, "w", ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            with target.open(name, "w") as part:
                kept = rows.get(name.casefold())
                for piece in parts.chunks(name) if kept is None else _rows_of(parts.chunks(name), kept):
                    part.write(piece)
    return result.getvalue()


def _rows_of(chunks: Iterator[bytes], kept: Collection[int]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        begun = rest.rfind(b"<row", max(len(rest) - len(chunk) - 4, 1))
        if begun > 0:
            yield _ROW.sub(lambda row: row[0] if int(row[1]) in kept else b"", rest[:begun])
            rest = rest[begun:]
    yield _ROW.sub(lambda row: row[0] if int(row[1]) in kept else b"", rest)
