"""OpenDocument spreadsheets (.ods), read from content.xml row by row; the text that a cell shows tells how much of a date counts."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError, iterparse  # nosec B405

from partybuild_cli.sheets.reading import workbook
from partybuild_cli.sheets.reading.number_formats import dated, number_cell, number_of
from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.values.kind import ErrorCell, Raw, Shown

MAX_SPACES: Final = 100  # that one element may stand for, so that a small file cannot become a huge text
_MOST_ELEMENTS: Final = 20 * workbook.LAST_COLUMN  # of one row, which is all that is held of the document at a time

_OFFICE, _TABLE, _TEXT, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "style")
)
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_SHEET, _ROW = f"{_TABLE}table", f"{_TABLE}table-row"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_ROWS_REPEATED, _REPEATED = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_DOWN, _ACROSS = f"{_TABLE}number-rows-spanned", f"{_TABLE}number-columns-spanned"
_KIND, _VALUE, _FORMULA, _ERROR = f"{_OFFICE}value-type", f"{_OFFICE}value", f"{_TABLE}formula", f"{_CALC}value-type"
_LINE: Final = f"{_TEXT}p"
_SIGNS: Final = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_NUMBERS: Final = ("float", "percentage", "currency")
_MACRO = re.compile(r"(?:basic|scripts)/.*\.(?:xml|py|js)$")


def read_ods(package: Package, path: Path) -> workbook.Workbook:
    manifest = package.read("META-INF/manifest.xml") if package.has("META-INF/manifest.xml") else b""
    if b"encryption-data" in manifest:
        raise workbook.Refused("设有打开密码；这种格式请先在表格软件里取消密码再导入。")
    content = _Content(package.chunks("content.xml"))
    macros = any(_MACRO.match(name) for name in package.names())
    notes = workbook.notes_on(macros=macros, links=content.external)
    return workbook.Workbook(path, "ods", content.builder.sheets, notes)


class _Content:
    """Goes through content.xml; of its tree only the elements that are open and those of the current row are held."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.builder = workbook.Builder()
        self.external = False
        self._chunks = chunks
        self._hidden_styles: set[str] = set()
        self._open: list[Element] = []
        self._tables = self._row_depth = self._elements = self._row = 0
        try:
            # The package refused entity declarations in every part before (`Package`), which is what B314 warns of.
            for event, element in iterparse(self, ("start", "end")):  # nosec B314
                self._start(element) if event == "start" else self._end(element)
        except (ParseError, ValueError, LookupError) as fault:
            raise workbook.Broken("XML") from fault

    def read(self, _size: int = 0, /) -> bytes:
        return next(self._chunks, b"")

    def _start(self, element: Element) -> None:
        self._open.append(element)
        if self._row_depth:
            self._elements += 1
            if self._elements > _MOST_ELEMENTS:
                raise workbook.Broken("elements")
        elif element.tag == _SHEET:
            self._tables += 1
            if self._tables == 1:
                hidden = element.get(f"{_TABLE}style-name") in self._hidden_styles
                self.builder.sheet(element.get(f"{_TABLE}name", ""), hidden)
                self._row = 0
        elif element.tag == _ROW and self._tables == 1:
            self._row_depth, self._elements = len(self._open), 0

    def _end(self, element: Element) -> None:
        self._open.pop()
        if len(self._open) >= self._row_depth > 0:
            return
        if self._row_depth:
            self._row_depth = 0
            after = self._row + _repeats(element, _ROWS_REPEATED, workbook.LAST_ROW)
            if element.get(f"{_TABLE}visibility") in ("collapse", "filter") and after < workbook.LAST_ROW:
                self.builder.sheets[-1].hidden_rows.update(range(self._row + 1, after + 1))
            cells = self._cells(element)
            for row in range(self._row, after) if cells else ():
                self.builder.put_row(row, cells.copy())
            self._row = after
        elif element.tag == _SHEET:
            self._tables -= 1
        elif element.tag == f"{_TABLE}table-source":
            self.external = True
        elif element.tag == f"{_STYLE}table-properties" and element.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(self._open[-1].get(f"{_STYLE}name", ""))
        if self._open:
            self._open[-1].clear()

    def _cells(self, row: Element) -> list[Raw]:
        cells: list[Raw] = []
        column = 0
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            repeats, value = _repeats(cell, _REPEATED, workbook.LAST_COLUMN), _value(cell)
            if value is not None:
                if column + repeats > workbook.LAST_COLUMN:
                    raise workbook.Broken("cell outside of any sheet")
                cells += [None] * (column - len(cells)) + [value] * repeats
            down, across = _repeats(cell, _DOWN, workbook.LAST_ROW), _repeats(cell, _ACROSS, workbook.LAST_COLUMN)
            if down * across > 1:
                self.builder.merge(workbook.Merge(self._row + 1, column + 1, self._row + down, column + across))
            column += repeats
        return cells


def _repeats(element: Element, name: str, most: int) -> int:
    text = element.get(name)
    if text is None:
        return 1
    if not text.isdecimal() or not text.isascii() or not 0 < int(text[:9]) <= most:
        raise workbook.Broken("repeats")
    return int(text)


def _value(cell: Element) -> Raw:
    kind, formula = cell.get(_KIND), cell.get(_FORMULA)
    text = "\n".join([_text(line) for line in cell if line.tag == _LINE])
    if cell.get(_ERROR) == "error" or (formula and re.match(r"#[A-Z]|Err:", text)):
        return ErrorCell(text)
    if kind in _NUMBERS:
        number = number_of(cell.get(_VALUE, ""))
        return text == "TRUE" if text in ("TRUE", "FALSE") else number_cell(number, text)
    if kind == "date":
        value = cell.get(f"{_OFFICE}date-value", "")
        try:
            return dated(datetime.fromisoformat(value), _shown(text))
        except ValueError:
            return text or value or None
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if not text and not kind and formula:
        return ErrorCell(workbook.NO_VALUE)
    return text or cell.get(f"{_OFFICE}string-value") or None


def _text(line: Element) -> str:
    """The text of one line of a cell, with the signs in it that are written as elements."""
    if not len(line):
        return line.text or ""
    for sign in line.iter():
        if sign.tag == f"{_TEXT}s":
            count = sign.get(f"{_TEXT}c", "1")
            sign.text = " " * min(int(count[:4]) if count.isdecimal() else 1, MAX_SPACES)
        else:
            sign.text = _SIGNS.get(sign.tag, sign.text)
    return "".join(line.itertext())


def _shown(text: str) -> Shown:
    """How much of a date its text shows: one group of digits is a year, two with a year are a month."""
    groups = re.findall(r"\d+", text)
    if not any(len(group) == 4 for group in groups) or len(groups) > 2:
        return "day"
    return "month" if len(groups) == 2 or re.search(r"[^\W\d_]", text.replace("年", "")) else "year"
