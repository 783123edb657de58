"""The records of a legacy workbook (BIFF8: .xls and WPS .et), and what they say of the workbook as a whole.

Read here and not by the fast reader: it loses number formats and hidden rows of this format, and a damaged file makes
it ask for more memory than there is, which ends the process.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from partybuild_cli.sheets.reading.formats import Format, built_in, format_of
from partybuild_cli.sheets.reading.model import MAX_CELLS, Broken

MAX_SHEETS: Final = 255

_BEGIN: Final = 0x809
_END: Final = 0x0A
_CONTINUE: Final = b"\x3c\0"
_BOUND_SHEET: Final = 0x85
_FILE_PASS: Final = 0x2F
_DATE_1904: Final = 0x22
_FORMAT: Final = 0x41E
_XF: Final = 0xE0
_STRINGS: Final = 0xFC
_EXTERNAL: Final = 0x1AE
_MACROS: Final = 0xD3


@dataclass(frozen=True, slots=True)
class BiffSheet:
    """A worksheet's name, where its records begin, and whether it is hidden."""

    name: str
    offset: int
    hidden: bool


@dataclass(slots=True)
class BiffBook:
    """What the workbook's own records say. `formats` go by the style number of a cell."""

    sheets: list[BiffSheet] = field(default_factory=list)
    formats: list[Format] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    encrypted: bool = False
    epoch_1904: bool = False
    macros: bool = False
    external: bool = False


class Cursor:
    """Reads on through a record and those that continue it; a text cut by the border goes on with a new width."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces[1:])
        self._piece = pieces[0]
        self._at = 0

    def number(self, size: int) -> int:
        """A little-endian number of `size` bytes."""
        return int.from_bytes(self._take(size), "little")

    def text(self, length_size: int) -> str:
        """A text with its length before it; formatting runs and phonetic data behind it are passed over."""
        left, flags = self.number(length_size), self.number(1)
        runs = self.number(2) if flags & 8 else 0
        phonetic = self.number(4) if flags & 4 else 0
        texts = []
        while left:
            if self._at >= len(self._piece):
                self._next()
                flags = self.number(1)
            width = 2 if flags & 1 else 1
            count = min(left, (len(self._piece) - self._at) // width)
            if not count:
                raise Broken("text")
            texts.append(self._take(count * width).decode("utf-16-le" if width == 2 else "latin-1", "replace"))
            left -= count
        self._skip(4 * runs + phonetic)
        return "".join(texts)

    def _take(self, size: int) -> bytes:
        if self._at >= len(self._piece):
            self._next()
        part = self._piece[self._at : self._at + size]
        if len(part) < size:
            raise Broken("record")
        self._at += size
        return part

    def _skip(self, size: int) -> None:
        while size > len(self._piece) - self._at:
            size -= len(self._piece) - self._at
            self._next()
        self._at += size

    def _next(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise Broken("record")
        self._piece, self._at = piece, 0


def book_of(stream: bytes) -> BiffBook:
    """Go through the workbook's own records, which stand before those of its sheets."""
    book = BiffBook()
    codes: dict[int, str] = {}
    numbers: list[int] = []
    for kind, pieces in records(stream, 0):
        body = pieces[0]
        if kind == _FILE_PASS:
            book.encrypted = True
            return book
        if kind == _BOUND_SHEET and body[5:6] == b"\0":
            name = Cursor([body[6:]]).text(1)
            book.sheets.append(BiffSheet(name, int.from_bytes(body[:4], "little"), bool(body[4] & 3)))
        elif kind == _FORMAT:
            codes[word(body, 0)] = Cursor([body[2:]]).text(2)
        elif kind == _XF:
            numbers.append(word(body, 2))
        elif kind == _STRINGS:
            book.strings = _strings(pieces)
        elif kind == _DATE_1904:
            book.epoch_1904 = body[:1] == b"\1"
        book.macros |= kind == _MACROS
        book.external |= kind == _EXTERNAL and len(body) > 4
    if len({sheet.offset for sheet in book.sheets}) < len(book.sheets) or len(book.sheets) > MAX_SHEETS:
        raise Broken("sheets")
    book.formats = [format_of(codes[number]) if number in codes else built_in(number) for number in numbers]
    return book


def records(stream: bytes, offset: int) -> Iterator[tuple[int, list[bytes]]]:
    """The records of one substream with those that continue them; nested substreams (charts) are passed over."""
    depth = 0
    while True:
        kind, body, offset = _record(stream, offset)
        if depth == 0 and kind != _BEGIN:
            raise Broken("no BIFF8 substream")
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 0:
            return
        pieces = [body]
        while stream[offset : offset + 2] == _CONTINUE:
            _, more, offset = _record(stream, offset)
            pieces.append(more)
        if depth == 1:
            yield kind, pieces


def word(body: bytes, at: int) -> int:
    """A number of two bytes."""
    return int.from_bytes(body[at : at + 2], "little")


def _record(stream: bytes, offset: int) -> tuple[int, bytes, int]:
    if offset + 4 > len(stream):
        raise Broken("BIFF cut off")
    kind, size = struct.unpack_from("<HH", stream, offset)
    return kind, stream[offset + 4 : offset + 4 + size], offset + 4 + size


def _strings(pieces: list[bytes]) -> list[str]:
    """The workbook's table of texts."""
    cursor = Cursor(pieces)
    cursor.number(4)
    count = cursor.number(4)
    if count > MAX_CELLS:
        raise Broken("strings")
    return [cursor.text(2) for _ in range(count)]
