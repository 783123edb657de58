"""OpenDocument spreadsheets (.ods), read straight from content.xml.

Read here and not by the fast reader, which knows neither merged cells nor hidden rows of this format,
loses the text a cell shows, and takes memory for every repeated cell. OpenDocument keeps that text beside
the value, so it tells how a number or a date is shown: groups of digits in the shown date are counted,
which suits Chinese dates.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading.formats import dated, number_cell
from partybuild_cli.sheets.reading.grid import LAST_COLUMN, LAST_ROW, Grid
from partybuild_cli.sheets.reading.model import (
    LINKS_NOTE,
    MACROS_NOTE,
    MAX_MERGES,
    Book,
    Broken,
    Merge,
    Sheet,
    named,
    trimmed,
)
from partybuild_cli.sheets.reading.package import Package, local, parse
from partybuild_cli.sheets.reading.scan import NO_VALUE
from partybuild_cli.values.kind import ErrorCell, Raw, Shown

MAX_SPACES: Final = 100
"""Spaces that one element may stand for, so that a small file cannot become a huge text."""

_MACRO = re.compile(r"(?:basic|scripts)/.*\.(?:xml|py|js)$")
_NUMBERS: Final = ("float", "percentage", "currency")
_CELLS: Final = ("table-cell", "covered-table-cell")
_SIGNS: Final = {"tab": "\t", "line-break": "\n"}


def read_ods(package: Package, path: Path) -> Book:
    """Every sheet of a verified package."""
    manifest = package.read("META-INF/manifest.xml") if package.has("META-INF/manifest.xml") else b""
    if b"encryption-data" in manifest:
        raise Unfit(f"文件{named(path)}设有打开密码；这种格式请先在表格软件里取消密码再导入。")
    reader = _Content()
    parse(package.chunks("content.xml"), reader.start, reader.end, reader.text)
    book = Book(path, "ods", reader.sheets)
    if any(_MACRO.match(name) for name in package.names()):
        book.notes.append(MACROS_NOTE)
    if reader.external:
        book.notes.append(LINKS_NOTE)
    return book


class _Content:
    """Takes the events of content.xml."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.external = False
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._grid = Grid()
        self._row = self._column = self._row_repeats = 0
        self._cells: list[tuple[int, int, Raw]] = []
        self._attributes: dict[str, str] = {}
        self._paragraphs: list[str] = []
        self._inside: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside.append(name)
        if name == "table" and self._inside.count("table") == 1:
            self._start_sheet(attributes)
        elif name == "table-row" and self._in_sheet():
            self._start_row(attributes)
        elif name in _CELLS and self._in_sheet():
            self._start_cell(attributes)
        elif self._in_cell():
            self._start_text(name, attributes)
        elif name == "style":
            self._style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table-source":
            self.external = True

    def end(self, name: str) -> None:
        self._inside.pop()
        if name in _CELLS and self._in_sheet():
            self._end_cell()
        elif name == "table-row" and self._in_sheet():
            self._end_row()
        elif name == "table" and "table" not in self._inside:
            self.sheets[-1].rows = trimmed(self._grid.rows)

    def text(self, piece: str) -> None:
        if self._paragraphs and self._in_cell() and "p" in self._inside:
            self._paragraphs[-1] += piece

    def _in_sheet(self) -> bool:
        return self._inside.count("table") == 1 and "annotation" not in self._inside

    def _in_cell(self) -> bool:
        return self._in_sheet() and any(name in _CELLS for name in self._inside)

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        hidden = attributes.get("table:style-name", "") in self._hidden_styles
        self.sheets.append(Sheet(attributes.get("table:name", ""), [], hidden=hidden))
        self._grid = Grid(filled=self._grid.filled)
        self._row = 0

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row_repeats = _repeats(attributes.get("table:number-rows-repeated"), LAST_ROW)
        self._column = 0
        self._cells = []
        after = self._row + self._row_repeats
        if attributes.get("table:visibility") in ("collapse", "filter") and after < LAST_ROW:
            self.sheets[-1].hidden_rows.update(range(self._row + 1, after + 1))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        """Keep the attributes by local name; LibreOffice doubles some in a namespace of its own."""
        own = attributes.get("calcext:value-type", "")
        self._attributes = {local(key): value for key, value in attributes.items() if key[:7] != "calcext"}
        self._attributes["error"] = own
        self._paragraphs = []

    def _end_row(self) -> None:
        for row in range(self._row, self._row + self._row_repeats) if self._cells else ():
            for first, repeats, value in self._cells:
                for column in range(first, first + repeats):
                    self._grid.put(row, column, value)
        self._row += self._row_repeats

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._paragraphs.append("")
        elif self._paragraphs and name == "s":
            self._paragraphs[-1] += " " * min(_repeats(attributes.get("text:c"), LAST_COLUMN), MAX_SPACES)
        elif self._paragraphs and name in _SIGNS:
            self._paragraphs[-1] += _SIGNS[name]

    def _end_cell(self) -> None:
        repeats = _repeats(self._attributes.get("number-columns-repeated"), LAST_COLUMN)
        value = _value(self._attributes, "\n".join(self._paragraphs))
        if value is not None:
            self._cells.append((self._column, repeats, value))
        self._merge()
        self._column += repeats

    def _merge(self) -> None:
        down = _repeats(self._attributes.get("number-rows-spanned"), LAST_ROW)
        across = _repeats(self._attributes.get("number-columns-spanned"), LAST_COLUMN)
        if down * across == 1:
            return
        merges = self.sheets[-1].merges
        merges.append(Merge(self._row + 1, self._column + 1, self._row + down, self._column + across))
        if len(merges) > MAX_MERGES:
            raise Broken("merges")


def _repeats(text: str | None, most: int) -> int:
    if text is None:
        return 1
    if not text.isdecimal() or not text.isascii() or not 0 < int(text[:9]) <= most:
        raise Broken("repeats")
    return int(text)


def _value(attributes: dict[str, str], text: str) -> Raw:
    kind = attributes.get("value-type", "")
    if attributes["error"] == "error" or (attributes.get("formula") and re.match(r"#[A-Z]|Err:", text)):
        return ErrorCell(text)
    if kind in _NUMBERS:
        return _number(attributes.get("value", ""), text)
    if kind == "date":
        return _date(attributes.get("date-value", ""), text)
    if kind == "boolean":
        return attributes.get("boolean-value") == "true"
    if not text and not kind and attributes.get("formula"):
        return ErrorCell(NO_VALUE)
    return text or attributes.get("string-value") or None


def _number(value: str, text: str) -> Raw:
    try:
        number = float(value)
    except ValueError:
        raise Broken("number") from None
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return number_cell(number, text)


def _date(value: str, text: str) -> Raw:
    try:
        return dated(datetime.fromisoformat(value), _shown(text))
    except ValueError:
        return text or value or None


def _shown(text: str) -> Shown:
    """How much of a date its text shows: one group of digits is a year, two with a year are a month."""
    groups = re.findall(r"\d+", text)
    if not any(len(group) == 4 for group in groups) or len(groups) > 2:
        return "day"
    return "month" if len(groups) == 2 or re.search(r"[^\W\d_]", text.replace("年", "")) else "year"
