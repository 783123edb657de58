"""The records of a legacy workbook (BIFF8, .xls and WPS .et), for what the fast reader does not tell.

Taken from it: hidden rows and sheets, number formats of cells, error cells, the size of each sheet,
macros, the mark of encryption. A formula without a cached value cannot be told from one whose value is
zero: the format always stores a number.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from partybuild_cli.sheets.reading.formats import Format, built_in, format_of, matters
from partybuild_cli.sheets.reading.model import Broken

MAX_SHEETS: Final = 255
_BOUND_SHEET: Final = 0x85
_FILE_PASS: Final = 0x2F
_DATE_1904: Final = 0x22
_FORMAT: Final = 0x41E
_XF: Final = 0xE0
_ROW: Final = 0x208
_BOOL_ERR: Final = 0x205
_FORMULA: Final = 0x06
_MUL_RK: Final = 0xBD
_EXTERNAL: Final = 0x1AE
_MACROS: Final = 0xD3
_ONE_CELL: Final = {0x203, 0x27E, 0xFD, 0x204, 0xD6, _FORMULA, _BOOL_ERR}
_HIDDEN_ROW: Final = 0x20
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


@dataclass(slots=True)
class BiffSheet:
    """What the records of one sheet say; rows and columns from 0."""

    name: str
    offset: int
    hidden: bool
    filled: int = 0
    height: int = 0
    width: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    styled: list[tuple[int, int, Format]] = field(default_factory=list)


@dataclass(slots=True)
class BiffBook:
    """What the workbook's own records say."""

    sheets: list[BiffSheet] = field(default_factory=list)
    formats: list[Format] = field(default_factory=list)
    encrypted: bool = False
    epoch_1904: bool = False
    macros: bool = False
    external: bool = False


def scan_book(stream: bytes) -> BiffBook:
    """Go through the workbook's globals, then through each sheet that they list."""
    book = BiffBook()
    codes: dict[int, str] = {}
    numbers: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == _FILE_PASS:
            book.encrypted = True
            return book
        if kind == _BOUND_SHEET and len(body) >= 8 and body[5] == 0:
            offset = int.from_bytes(body[:4], "little")
            book.sheets.append(BiffSheet(_text(body[6:], 1), offset, bool(body[4] & 3)))
        elif kind == _FORMAT and len(body) >= 5:
            codes[_word(body, 0)] = _text(body[2:], 2)
        elif kind == _XF and len(body) >= 4:
            numbers.append(_word(body, 2))
        elif kind == _DATE_1904:
            book.epoch_1904 = body[:1] == b"\1"
        book.macros |= kind == _MACROS
        book.external |= kind == _EXTERNAL and len(body) > 4
    book.formats = [format_of(codes[number]) if number in codes else built_in(number) for number in numbers]
    if len({sheet.offset for sheet in book.sheets}) < len(book.sheets) or len(book.sheets) > MAX_SHEETS:
        raise Broken("sheets")
    important = {number for number, form in enumerate(book.formats) if matters(form)}
    for sheet in book.sheets:
        _scan_sheet(stream, sheet, book.formats, important)
    return book


def _scan_sheet(stream: bytes, sheet: BiffSheet, formats: list[Format], important: set[int]) -> None:
    for kind, body in _records(stream, sheet.offset):
        if len(body) < 6:
            continue
        row, column, style = struct.unpack_from("<HHH", body)
        if kind in _ONE_CELL:
            _cell(sheet, row, column, column)
            if style in important:
                sheet.styled.append((row, column, formats[style]))
            _error(sheet, kind, body, row, column)
        elif kind == _MUL_RK:
            styles = [_word(body, at) for at in range(4, len(body) - 5, 6)]
            _cell(sheet, row, column, column + len(styles) - 1)
            sheet.styled += [(row, column + n, formats[s]) for n, s in enumerate(styles) if s in important]
        elif kind == _ROW and len(body) >= 14 and body[12] & _HIDDEN_ROW:
            sheet.hidden_rows.add(row + 1)


def _cell(sheet: BiffSheet, row: int, first: int, last: int) -> None:
    sheet.filled += last - first + 1
    sheet.height = max(sheet.height, row + 1)
    sheet.width = max(sheet.width, last + 1)


def _error(sheet: BiffSheet, kind: int, body: bytes, row: int, column: int) -> None:
    """An error cell typed in, or the error that a formula came to."""
    if kind == _BOOL_ERR and len(body) >= 8 and body[7]:
        sheet.errors.append((row, column, _ERRORS.get(body[6], "#ERR")))
    elif kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        sheet.errors.append((row, column, _ERRORS.get(body[8], "#ERR")))


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream, nested ones (charts) skipped."""
    depth = 0
    while True:
        if offset + 4 > len(stream):
            raise Broken("BIFF cut off")
        kind, size = struct.unpack_from("<HH", stream, offset)
        if depth == 0 and kind != 0x809:
            raise Broken("no BIFF8 substream")
        depth += (kind == 0x809) - (kind == 0x0A)
        if depth == 0:
            return
        if depth == 1:
            yield kind, stream[offset + 4 : offset + 4 + size]
        offset += 4 + size


def _word(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 2], "little")


def _text(body: bytes, length_bytes: int) -> str:
    length = int.from_bytes(body[:length_bytes], "little")
    wide = body[length_bytes] & 1
    start = length_bytes + 1
    raw = body[start : start + length * (2 if wide else 1)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")
