"""Compound files: legacy workbooks (.xls, WPS .et) with a BIFF8 stream, encrypted workbooks, and what else such a file may be."""

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final

import xlrd
from olefile import OleFileIO  # type: ignore[import-untyped]

from partybuild_cli.sheets.reading import workbook
from partybuild_cli.sheets.reading.number_formats import Format, built_in, format_of, present, whole
from partybuild_cli.values.kind import ErrorCell, Raw

_END, _FILE_PASS, _BOUND_SHEET, _MACROS, _EXTERNAL = 0x0A, 0x2F, 0x85, 0xD3, 0x1AE
_STREAM: Final = "Workbook"
MAX_SPINS: Final = 1_000_000  # rounds of hashing a password: programs use 100,000, a hostile file could ask for days
#: Excel encrypts with it what is only protected against changes, and opens that without asking.
_READ_ONLY_PASSWORD: Final = "VelvetSweatshop"


@contextmanager
def _sound() -> Iterator[None]:
    """A damaged file makes a library stumble in any way (assertions, struct, index, OS and its own errors)."""
    try:
        yield
    except (workbook.Refused, workbook.Broken):
        raise
    except Exception as fault:
        raise workbook.Broken("CFB or BIFF") from fault


@_sound()
def read_compound(data: bytes, path: Path, password: str | None) -> workbook.Workbook | bytes:
    """A legacy workbook, or the bytes of the package that lay encrypted in the file."""
    ole = OleFileIO(BytesIO(data))
    if ole.exists("EncryptedPackage"):
        return unlocked(data, ole.openstream("EncryptionInfo").read(), password)
    if not ole.exists(_STREAM):
        if ole.exists("Book"):
            raise workbook.Refused("是 Excel 95 或更早的格式；请在表格软件里另存为 .xlsx 再导入。")
        raise workbook.no_workbook("Word 文档" if ole.exists("WordDocument") else "别的文档，或已损坏的工作簿")
    stream = ole.openstream(_STREAM).read()
    if _FILE_PASS in dict(_globals(stream)):
        stream = OleFileIO(BytesIO(unlocked(data, b"", password))).openstream(_STREAM).read()
    records = list(_globals(stream))
    offsets = [body[:4] for kind, body in records if kind == _BOUND_SHEET]
    if len(set(offsets)) < len(offsets):
        raise workbook.Broken("sheets")
    macros = ole.exists("_VBA_PROJECT_CUR") or any(kind == _MACROS for kind, _ in records)
    links = any(kind == _EXTERNAL and len(body) > 4 for kind, body in records)
    return workbook.Workbook(path, "xls", _sheets(stream), workbook.notes_on(macros=macros, links=links))


def _globals(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records that speak of the workbook as a whole, which stand before those of its sheets."""
    kind = offset = 0
    while kind != _END:
        if offset + 4 > len(stream):
            raise workbook.Broken("BIFF cut off")
        kind, size = struct.unpack_from("<HH", stream, offset)
        yield kind, stream[offset + 4 : offset + 4 + size]
        offset += 4 + size


def _sheets(stream: bytes) -> list[workbook.Sheet]:
    """The sheets one after another, so that no more than one stands in memory twice."""
    how = {"formatting_info": True, "on_demand": True, "ragged_rows": True}
    book = xlrd.open_workbook(file_contents=stream, logfile=StringIO(), **how)
    codes = {form.format_key: form.format_str for form in book.format_list}
    numbers = [xf.format_key for xf in book.xf_list]
    formats = [format_of(codes[number]) if number in codes else built_in(number) for number in numbers]
    builder = workbook.Builder(book.datemode == 1)
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        kept = builder.sheet(sheet.name, sheet.visibility != 0)
        kept.hidden_rows.update(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
        for top, bottom, left, right in sheet.merged_cells:
            builder.merge(workbook.Merge(top + 1, left + 1, bottom, right))
        for row in range(sheet.nrows):
            builder.put_row(row, [_value(sheet, row, column, formats) for column in range(sheet.row_len(row))])
        book.unload_sheet(number)
    return builder.sheets


def _value(sheet: xlrd.sheet.Sheet, row: int, column: int, formats: list[Format]) -> Raw:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return workbook.one_line_end(value) or None
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        style = sheet.cell_xf_index(row, column)
        return present(value, formats[style], sheet.book.datemode == 1) if style < len(formats) else whole(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return ErrorCell(xlrd.error_text_from_code.get(value, "#ERR")) if kind == xlrd.XL_CELL_ERROR else None


def unlocked(data: bytes, info: bytes, password: str | None) -> bytes:
    """The decrypted workbook; `data` is an encrypted .xls, or an encrypted OOXML package with its `EncryptionInfo`."""
    spins = re.search(rb'spinCount="(\d+)"', info)
    if spins and int(spins[1]) > MAX_SPINS:
        raise workbook.Refused("的加密设置不正常，已拒绝打开；请在表格软件里取消密码再导入。")
    import msoffcrypto
    from msoffcrypto.exceptions import InvalidKeyError

    for candidate in filter(None, (_READ_ONLY_PASSWORD, password)):
        result = BytesIO()
        try:
            file = msoffcrypto.OfficeFile(BytesIO(data))
            if file.format == "ooxml":
                file.load_key(password=candidate, verify_password=True)
            else:
                file.load_key(password=candidate)
            file.decrypt(result)
            return result.getvalue()
        except InvalidKeyError:
            continue
        except Exception:
            # A damaged header makes the library stumble in any way (struct, key, OS and crypto errors).
            raise workbook.Refused("的加密方式无法识别，或文件已损坏；请在表格软件里取消密码，另存为 .xlsx。") from None
    if password is None:
        raise workbook.Refused("设有打开密码；请用 --password-file 给出密码，或先在表格软件里取消密码再导入。")
    raise workbook.Refused("的打开密码不对；请检查 --password-file 里的密码，或在表格软件里取消密码。")
