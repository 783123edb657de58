"""The cells of one sheet of a legacy workbook (BIFF8).

A formula without a cached value cannot be told from one whose value is zero: the format always stores a number.
"""

import struct
from typing import Final

from partybuild_cli.sheets.reading.biff import BiffBook, BiffSheet, Cursor, records, word
from partybuild_cli.sheets.reading.formats import present, whole
from partybuild_cli.sheets.reading.grid import Grid
from partybuild_cli.sheets.reading.model import MAX_MERGES, Broken, Merge, Sheet, trimmed
from partybuild_cli.sheets.reading.xmlsheet import one_line_end
from partybuild_cli.values.kind import ErrorCell, Raw

_NUMBER: Final = 0x203
_RK: Final = 0x27E
_MANY_RK: Final = 0xBD
_SHARED_TEXT: Final = 0xFD
_TEXTS: Final = (0x204, 0xD6)
_BOOL_OR_ERROR: Final = 0x205
_FORMULA: Final = 0x06
_FORMULA_TEXT: Final = 0x207
_ROW: Final = 0x208
_MERGES: Final = 0xE5
_HIDDEN_ROW: Final = 0x20
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_sheet(stream: bytes, book: BiffBook, part: BiffSheet, filled: int) -> tuple[Sheet, int]:
    """One sheet, and how many cells of the workbook are filled so far."""
    reader = _Reader(book, Sheet(part.name, [], hidden=part.hidden, epoch_1904=book.epoch_1904), filled)
    for kind, pieces in records(stream, part.offset):
        try:
            reader.take(kind, pieces)
        except (struct.error, IndexError) as fault:
            raise Broken("cell record") from fault
    reader.sheet.rows = trimmed(reader.grid.rows)
    return reader.sheet, reader.grid.filled


class _Reader:
    """Takes the records of one sheet in their order."""

    def __init__(self, book: BiffBook, sheet: Sheet, filled: int) -> None:
        self.sheet = sheet
        self.grid = Grid(filled=filled)
        self._book = book
        self._formula = (0, 0)

    def take(self, kind: int, pieces: list[bytes]) -> None:
        body = pieces[0]
        if kind == _MANY_RK:
            self._many(body)
        elif kind == _ROW and body[12] & _HIDDEN_ROW:
            self.sheet.hidden_rows.add(word(body, 0) + 1)
        elif kind == _MERGES:
            self._merges(body)
        elif kind == _FORMULA_TEXT:
            self.grid.put(*self._formula, one_line_end(Cursor(pieces).text(2)) or None)
        elif kind in _CELLS:
            row, column, style = struct.unpack_from("<HHH", body)
            self._formula = (row, column)
            self.grid.put(row, column, self._value(kind, pieces, style))

    def _value(self, kind: int, pieces: list[bytes], style: int) -> Raw:
        body = pieces[0]
        if kind == _NUMBER:
            return self._number(struct.unpack_from("<d", body, 6)[0], style)
        if kind == _RK:
            return self._number(_rk(body[6:10]), style)
        if kind == _SHARED_TEXT:
            return one_line_end(self._book.strings[int.from_bytes(body[6:10], "little")]) or None
        if kind in _TEXTS:
            return one_line_end(Cursor([body[6:], *pieces[1:]]).text(2)) or None
        if kind == _BOOL_OR_ERROR:
            return _error(body[6]) if body[7] else body[6] == 1
        return self._result(body, style)

    def _result(self, body: bytes, style: int) -> Raw:
        """A formula's cached value; that of a text follows in a record of its own."""
        if body[12:14] != b"\xff\xff":
            return self._number(struct.unpack_from("<d", body, 6)[0], style)
        if body[6] == 1:
            return body[8] == 1
        return _error(body[8]) if body[6] == 2 else None

    def _number(self, value: float, style: int) -> Raw:
        formats = self._book.formats
        return present(value, formats[style], self._book.epoch_1904) if style < len(formats) else whole(value)

    def _many(self, body: bytes) -> None:
        row, first = struct.unpack_from("<HH", body)
        for number, at in enumerate(range(4, len(body) - 5, 6)):
            self.grid.put(row, first + number, self._number(_rk(body[at + 2 : at + 6]), word(body, at)))

    def _merges(self, body: bytes) -> None:
        for at in range(2, len(body) - 7, 8):
            top, bottom, left, right = struct.unpack_from("<HHHH", body, at)
            self.sheet.merges.append(Merge(top + 1, left + 1, bottom + 1, right + 1))
        if len(self.sheet.merges) > MAX_MERGES:
            raise Broken("merges")


_CELLS: Final = (_NUMBER, _RK, _SHARED_TEXT, *_TEXTS, _BOOL_OR_ERROR, _FORMULA)


def _rk(packed: bytes) -> float:
    """A number packed into four bytes: an integer or the upper half of a double, perhaps in hundredths."""
    bits = struct.unpack("<i", packed)[0]
    value = float(bits >> 2) if bits & 2 else struct.unpack("<d", b"\0\0\0\0" + struct.pack("<i", bits & ~3))[0]
    return float(value / 100) if bits & 1 else float(value)


def _error(code: int) -> ErrorCell:
    return ErrorCell(_ERRORS.get(code, "#ERR"))
