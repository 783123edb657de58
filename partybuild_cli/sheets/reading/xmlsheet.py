"""The careful reader of OOXML sheets, cell by cell, for what the fast reader must not or cannot read.

It takes only filled cells into memory, so a used area of a million columns costs nothing.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from partybuild_cli.sheets.reading.formats import Format, dated, present, whole
from partybuild_cli.sheets.reading.grid import Grid
from partybuild_cli.sheets.reading.model import MAX_CELLS, MAX_MERGES, Broken, Merge
from partybuild_cli.sheets.reading.package import parse
from partybuild_cli.sheets.reading.scan import NO_VALUE, column_number
from partybuild_cli.values.kind import ErrorCell, Raw

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TEXTS: Final = ("s", "str", "inlineStr")


def unescaped(text: str) -> str:
    """Undo `_x000D_`, by which Excel writes characters that XML cannot hold."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda hit: chr(int(hit[1], 16)), text)
    return one_line_end(text)


def one_line_end(text: str) -> str:
    """The text with each of its line ends as one sign."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def shared_strings(chunks: Iterator[bytes]) -> list[str]:
    """The workbook's table of texts; phonetic readings above the characters are no part of a text."""
    strings: list[str] = []
    pieces: list[str] = []
    depth = {"rPh": 0, "t": 0}

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            pieces.clear()
        elif name in depth:
            depth[name] += 1

    def end(name: str) -> None:
        if name == "si":
            strings.append(unescaped("".join(pieces)))
            if len(strings) > MAX_CELLS:
                raise Broken("strings")
        elif name in depth:
            depth[name] -= 1

    def text(piece: str) -> None:
        if depth["t"] and not depth["rPh"]:
            pieces.append(piece)

    parse(chunks, start, end, text)
    return strings


def _iso(text: str) -> Raw:
    """A date that the strict form of the format writes as text."""
    try:
        return dated(datetime.fromisoformat(text))
    except ValueError:
        return text


class SheetReader:
    """Takes the events of one sheet's part; `grid`, `merges` and `hidden_rows` then hold what was found."""

    def __init__(self, formats: list[Format], strings: list[str], epoch_1904: bool, filled: int) -> None:
        self.grid = Grid(filled=filled)
        self.merges: list[Merge] = []
        self.hidden_rows: set[int] = set()
        self._formats = formats
        self._strings = strings
        self._epoch_1904 = epoch_1904
        self._row = self._column = -1
        self._cell: dict[str, str] = {}
        self._inside: list[str] = []
        self._pieces: list[str] = []
        self._formula = False

    def read(self, chunks: Iterator[bytes]) -> None:
        """Read the whole part."""
        parse(chunks, self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside.append(name)
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            given = attributes.get("r", "")
            self._row = int(given) - 1 if given.isdecimal() else self._row + 1
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.add(self._row + 1)
        elif name == "f":
            self._formula = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        if place:
            self._column = column_number(place[1].upper().encode())
            self._row = int(place[2]) - 1
        else:
            self._column += 1
        self._cell = attributes
        self._pieces.clear()
        self._formula = False

    def _text(self, piece: str) -> None:
        if self._inside[-1] in ("v", "t") and "rPh" not in self._inside[-4:]:
            self._pieces.append(piece)

    def _end(self, name: str) -> None:
        self._inside.pop()
        if name == "c":
            self.grid.put(self._row, self._column, self._value("".join(self._pieces)))

    def _value(self, text: str) -> Raw:
        kind = self._cell.get("t", "n")
        if not text:
            return ErrorCell(NO_VALUE) if self._formula and kind not in _TEXTS else None
        if kind == "s":
            return self._shared(text)
        if kind in _TEXTS:
            return unescaped(text)
        if kind == "d":
            return _iso(text)
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return ErrorCell(text)
        return self._number(text)

    def _shared(self, text: str) -> str | None:
        if not text.isdecimal() or int(text) >= len(self._strings):
            raise Broken("shared string")
        return self._strings[int(text)] or None

    def _number(self, text: str) -> Raw:
        try:
            value = whole(float(text))
        except ValueError:
            raise Broken("number") from None
        style = self._cell.get("s", "0")
        known = style.isdecimal() and int(style) < len(self._formats)
        return present(value, self._formats[int(style)], self._epoch_1904) if known else value

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        one, two = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
        if not one or not two:
            return
        left, right = (column_number(place[1].upper().encode()) + 1 for place in (one, two))
        self.merges.append(Merge(int(one[2]), left, int(two[2]), right))
        if len(self.merges) > MAX_MERGES:
            raise Broken("merges")
