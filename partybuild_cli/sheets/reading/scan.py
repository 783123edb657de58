"""A quick look over the XML of an OOXML sheet, for what the fast reader does not tell or cannot bear.

The fast reader takes memory for the whole rectangle that the filled cells span, and ends the process
where that is too much; it loses hidden rows, number formats, error cells and formulas without a value.
Almost every program writes cells as `<c r="B7" s="3" t="s">`; for that dialect regular expressions over
raw chunks are enough and cost less than the reading itself. Anything else raises Unusual, and the slow
reader takes the sheet.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from partybuild_cli.sheets.reading.model import MAX_MERGES, Broken, Merge

MAX_HELD: Final = 32 << 20
NO_VALUE: Final = "无缓存值"
"""The code of an ErrorCell that stands for a formula whose program saved no value."""

_DATA_END: Final = b"</sheetData>"
_ROWS = re.compile(rb'<row r="(\d{1,7})"')
_CELLS = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})"')
_WIDE = re.compile(rb'<c r="([A-Z]{2,3})')
_BLANKS = re.compile(rb'<c r="[A-Z]{1,3}\d{1,7}"[^>]*/>')
_PREFIXED = re.compile(rb"<[^<>\s/]{1,40}:c[\s/>]")
_HIDDEN = re.compile(rb'<row r="(\d{1,7})"[^>]* hidden="(?:1|true)"')
_ERRORS = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]* t="e"[^>]*>(?:<f[^>]*(?:/>|>[^<]*</f>))?<v>([^<]*)</v>')
_UNVALUED = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"(?![^>]* t="str")[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class Unusual(Exception):
    """The sheet's XML is not in the common dialect."""


@dataclass(slots=True)
class Scan:
    """What was found. Cells are numbered from 0: (row, column)."""

    filled: int = 0
    height: int = 0
    width: int = 26
    hidden_rows: set[int] = field(default_factory=set)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    styled: list[tuple[bytes, bytes, bytes]] = field(default_factory=list)
    """Column letters, row number and style of the number cells in one of the styles that matter."""
    merges: list[Merge] = field(default_factory=list)
    last_row: bytes = b"0"


@cache
def column_number(letters: bytes) -> int:
    """A -> 0, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def scan_sheet(chunks: Iterator[bytes], styles: set[int], most_cells: int) -> Scan:
    """Look over a sheet's part; stops early where more than `most_cells` cells are filled."""
    scan = Scan()
    wanted = "|".join(map(str, sorted(styles)))
    styled = re.compile(rf'<c r="([A-Z]{{1,3}})(\d{{1,7}})"(?: t="n")? s="({wanted})"(?! t="s")'.encode())
    held = b""
    inside = False
    chunks = iter(chunks)
    for chunk in chunks:
        held += chunk
        if not inside:
            held, inside = _data_start(held)
            if not inside:
                continue
        end = held.find(_DATA_END)
        cut = end if end >= 0 else max(held.rfind(b"<row"), 0)
        _look(held[:cut], scan, styled if styles else None)
        held = held[cut:]
        if scan.filled > most_cells:
            return scan
        if end >= 0:
            break
        if len(held) > MAX_HELD:
            raise Unusual
    else:
        raise Unusual
    _merges(held, chunks, scan.merges)
    return scan


def _data_start(held: bytes) -> tuple[bytes, bool]:
    start = held.find(b"<sheetData")
    if b"<!" in held[:start] or b":sheetData" in held:
        raise Unusual
    if start < 0 or held.find(b">", start) < 0:
        if len(held) > MAX_HELD:
            raise Unusual
        return held, False
    after = held.index(b">", start) + 1
    return (_DATA_END if held[after - 2 : after - 1] == b"/" else b"") + held[after:], True


def _look(rows: bytes, scan: Scan, styled: re.Pattern[bytes] | None) -> None:
    """Take in a piece of whole rows."""
    if b"/><c" in rows or b"/></row>" in rows:
        rows = _BLANKS.sub(b"", rows)
    numbers = _ROWS.findall(rows)
    cells = _CELLS.findall(rows)
    if rows.count(b"<row") != len(numbers) or rows.count(b"<c") != len(cells) or b"<!" in rows:
        raise Unusual
    if b":c" in rows and _PREFIXED.search(rows):
        raise Unusual
    if not set(cells) <= set(numbers) or not _increasing([int(scan.last_row), *map(int, numbers)]):
        raise Unusual
    if numbers:
        scan.last_row = numbers[-1]
    if cells:
        scan.height = max(scan.height, *map(int, set(cells)))
        scan.width = max(scan.width, *(column_number(letters) + 1 for letters in set(_WIDE.findall(rows))), 0)
    scan.filled += len(cells)
    _findings(rows, scan, styled)


def _findings(rows: bytes, scan: Scan, styled: re.Pattern[bytes] | None) -> None:
    if b"hidden=" in rows:
        scan.hidden_rows.update(map(int, _HIDDEN.findall(rows)))
    if b't="e"' in rows:
        for letters, row, code in _ERRORS.findall(rows):
            scan.errors.append((int(row) - 1, column_number(letters), code.decode("utf-8", "replace")))
    if b"<f" in rows:
        for letters, row in _UNVALUED.findall(rows):
            scan.errors.append((int(row) - 1, column_number(letters), NO_VALUE))
    if styled:
        scan.styled += styled.findall(rows)


def _increasing(numbers: list[int]) -> bool:
    return numbers == sorted(set(numbers))


def _merges(held: bytes, chunks: Iterator[bytes], merges: list[Merge]) -> None:
    """The merged ranges, which stand behind the rows."""
    while True:
        cut = held.rfind(b">") + 1
        if b"sheetData" in held[len(_DATA_END) :]:
            raise Unusual
        for left, top, right, bottom in _MERGE.findall(held[:cut]):
            merges.append(Merge(int(top), column_number(left) + 1, int(bottom), column_number(right) + 1))
        if len(merges) > MAX_MERGES:
            raise Broken("merges")
        chunk = next(chunks, None)
        if chunk is None:
            return
        held = held[cut:] + chunk
