"""Where a row came from (行的来历): the record that was exported into it, what its cells showed then, what was changed since.

An exported row carries, hidden, the record's identity and a mark of each of its cells. When it comes back, a cell with its
mark says nothing new, so it never takes back what was changed in the book meanwhile; and a row that says of itself that it
is somebody else (a sheet sorted in part, a newcomer typed over a leaver) is a problem that names both.
"""

import re
import struct
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any
from unicodedata import normalize
from zlib import crc32

from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw
from partybuild_cli.values.number import plain_decimal

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
_DAY = re.compile(r"\d{4}-\d\d(?:-\d\d)?")
_HIDDEN = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{8})\.([A-Za-z0-9+/=]*)")
_SHOWN = {"day": 10, "month": 7, "year": 4}  # so many characters show a day, a month, a year of 2026.09.05
Cell = Raw | Decimal  # what a cell holds, read or to be written
EXTRA = "+"  # before the heading of a column that only the clerk knows, which may be called like a field


@dataclass(slots=True)
class Origin:
    """The record that a row was exported from."""

    uid: str  # the record's identity
    stamp: str = ""  # its state, by the change that touched it last (`history.stamps_of`); workbooks of old have none
    marks: frozenset[int] | None = None  # of the cells as they were exported; None in the same workbooks
    cells: dict[str, int] = field(default_factory=dict)  # of each that is not as exported, by key, or EXTRA and heading
    hidden: dict[str, str] = field(default_factory=dict)  # masked texts, which say who it is though they are not stored
    gone: bool = False  # whether the record was in this book when the row was exported, and is not any more

    def look(self, key: str, cell: Cell) -> None:
        """Take note of a cell of the row as it is now."""
        now = mark(key, cell)
        if self.marks is None or now not in self.marks:
            self.cells[key] = now


def mark(key: str, cell: Cell) -> int:
    """The mark of what a cell shows under a field: 32 bits, the same whichever program saved the workbook."""
    return crc32(shown(cell).encode("utf-8", "surrogatepass"), _begun(key))


_begun = cache(lambda key: crc32(f"{key}\x1f".encode("utf-8", "surrogatepass")))


def marker(key: str) -> Callable[[Any], int]:
    """The same for the many cells of a column, most of which say what others say."""
    return lru_cache(4096, typed=True)(partial(mark, key))


def shown(cell: Cell) -> str:
    """What a cell shows, without what spreadsheet programs change by themselves: blanks, 2.50 and 2.5, 2026-09-05 and 2026.09.05."""
    if isinstance(cell, str):
        plain = "".join((cell if cell.isascii() else normalize("NFKC", cell)).split())
        if _NUMBER.fullmatch(plain):
            return plain_decimal(Decimal(plain))
        return plain.replace("-", ".") if _DAY.fullmatch(plain) else plain
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, DateCell):
        return f"{cell.day:%Y.%m.%d}"[: _SHOWN[cell.shown]]
    if isinstance(cell, ErrorCell):
        return cell.code
    if isinstance(cell, NumberCell):
        cell = cell.value
    return plain_decimal(cell if isinstance(cell, Decimal) else Decimal(str(cell)))


def written(uid: str, stamp: str, marks: Sequence[int]) -> str:
    return f"{uid}.{stamp}.{b64encode(struct.pack(f'<{len(marks)}I', *marks)).decode()}"


def read(cell: Cell) -> Origin | None:
    """What a hidden cell says; None where it is none of ours. Those of earlier versions are for the caller."""
    found = _HIDDEN.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    uid, stamp, packed = found.groups()
    try:
        marks = frozenset(item for (item,) in struct.iter_unpack("<I", b64decode(packed)))
    except (NotBase64, struct.error):
        return None
    return Origin(uid, stamp, marks)
