"""OOXML workbooks (xlsx, xlsm, et): which parts hold the sheets, and their cells.

The parts are read with expat, event by event, so that only filled cells take memory: a used area of a million columns
costs nothing, and `<dimension>` is never believed.
"""

import posixpath
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element  # nosec B405
from xml.parsers import expat

from partybuild_cli.sheets.reading import workbook
from partybuild_cli.sheets.reading.number_formats import Format, built_in, dated, format_of, number_of, present
from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.values.kind import ErrorCell, Raw

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})", re.ASCII)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TEXTS: Final = ("s", "str", "inlineStr")
#: Numbers of which it is remembered how their format shows them; a ledger has few days and many of each.
_MOST_KNOWN: Final = 50_000


class Outline(NamedTuple):
    """What has to be known before a sheet can be read."""

    sheets: dict[str, tuple[str, bool]]  # part -> the sheet's name, and whether it is hidden (veryHidden counts)
    formats: list[Format]  # by the style number of a cell
    strings_part: str
    epoch_1904: bool


def read_xlsx(package: Package, data: bytes, path: Path) -> workbook.Workbook:
    """Every worksheet of a verified package; chart sheets have no cells and are left out."""
    outline = outline_of(package)
    reader = _Reader(outline)
    if package.has(outline.strings_part):
        reader.read(package.chunks(outline.strings_part))
    for part, (name, hidden) in outline.sheets.items():
        reader.builder.sheet(name, hidden)
        reader.read(package.chunks(part))
    macros = any("vbaproject" in name or "macrosheets/" in name for name in package.names())
    links = any("externallinks/" in name or name.endswith("xl/connections.xml") for name in package.names())
    kind = "xlsm" if package.has("xl/vbaProject.bin") else "xlsx"
    return workbook.Workbook(path, kind, reader.builder.sheets, workbook.notes_on(macros=macros, links=links), data)


def outline_of(package: Package) -> Outline:
    main = dict(_relations(package, "").values()).get("officeDocument", "xl/workbook.xml")
    if not package.has(main):
        raise workbook.Broken("no workbook")
    parts, tree = _relations(package, main), package.tree(main)
    named = dict(parts.values())
    sheets: dict[str, tuple[str, bool]] = {}
    for sheet in tree.iterfind(".//{*}sheet"):
        relations = [value for key, value in sheet.items() if key.endswith("}id")]
        if len(relations) != 1:
            raise workbook.Broken("relation of a sheet")
        kind, part = parts.get(relations[0], ("", ""))
        if part in sheets:
            raise workbook.Broken("two sheets of one part")
        if kind == "worksheet":
            sheets[part] = (sheet.get("name", ""), sheet.get("state", "visible") != "visible")
    strings = named.get("sharedStrings") or posixpath.join(posixpath.dirname(main), "sharedStrings.xml")
    epoch_1904 = any(item.get("date1904") in ("1", "true") for item in tree.iterfind(".//{*}workbookPr"))
    return Outline(sheets, _formats(package.tree(named.get("styles", ""))), strings, epoch_1904)


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """The relations of a part: id -> (last word of the type, target part). External targets stay closed."""
    folder, name = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}
    for item in package.tree(posixpath.join(folder, "_rels", f"{name}.rels")).iterfind(".//{*}Relationship"):
        if item.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, item.get("Target", "")))
            relations[item.get("Id", "")] = (item.get("Type", "").rpartition("/")[2], target.lstrip("/"))
    return relations


def _formats(styles: Element) -> list[Format]:
    """The number format of each cell style; a workbook without styles has none."""

    def number(element: Element) -> int:
        text = element.get("numFmtId", "0")
        if not re.fullmatch(r"\d{1,9}", text):
            raise workbook.Broken("numFmtId")
        return int(text)

    codes = {number(item): format_of(item.get("formatCode", "General")) for item in styles.iterfind(".//{*}numFmt")}
    numbers = [number(xf) for xf in styles.iterfind(".//{*}cellXfs//{*}xf")]
    return [codes.get(other) or built_in(other) for other in numbers]


def _unescaped(text: str) -> str:
    """Undo `_x000D_`, by which Excel writes characters that XML cannot hold."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda hit: chr(int(hit[1], 16)), text)
    return workbook.one_line_end(text)


class _Reader:
    """Takes the events of the table of texts, then of one sheet after another; the cells of a row gather in `_cells`.

    A large roster has millions of events, so the common case comes first: a cell that stands in its row and next to
    the cell before it, in a column whose letters were met before.
    """

    def __init__(self, outline: Outline) -> None:
        self.builder = workbook.Builder(outline.epoch_1904)
        self._formats: dict[str | None, Format] = {
            str(style): form for style, form in enumerate(outline.formats) if form.code not in ("General", "@")
        }
        if "0" in self._formats:
            self._formats[None] = self._formats["0"]
        self._shared: list[str] = []
        self._presented = lru_cache(_MOST_KNOWN)(
            lambda style, text: present(number_of(text), self._formats[style], outline.epoch_1904)
        )
        self._columns: dict[str, int] = {}
        self._cells: list[Raw] = []
        self._pieces: list[str] = []
        self._kind: str | None = None
        self._style: str | None = None

    def read(self, chunks: Iterator[bytes]) -> None:
        self._row = self._column = -1
        self._row_text = ""
        self._wanted = self._formula = False
        self._readings = 0
        parser = expat.ParserCreate()  # nothing outside the part is loaded
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            for chunk in chunks:
                parser.Parse(chunk)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as fault:
            raise workbook.Broken("XML") from fault
        self._end_row()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r", "")
            row = self._row_text
            column = self._columns.get(reference[: -len(row)]) if row and reference.endswith(row) else None
            self._column = self._place(reference) if column is None else column
            self._kind = attributes.get("t")
            self._style = attributes.get("s")
            self._formula = False
            self._pieces.clear()
        elif name == "v" or name == "t":
            self._wanted = not self._readings
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._formula = True
        elif name == "si":
            self._pieces.clear()
        elif name == "rPh":
            self._readings += 1
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            item, two = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
            if item and two:
                self.builder.merge(workbook.Merge(int(item[2]), _column(item[1]) + 1, int(two[2]), _column(two[1]) + 1))
        elif ":" in name:
            self._start(name.rpartition(":")[2], attributes)

    def _text(self, piece: str) -> None:
        if self._wanted:
            self._pieces.append(piece)

    def _end(self, name: str) -> None:
        if name == "c":
            if self._pieces or self._formula:
                value = self._value("".join(self._pieces))
                if self._column == len(self._cells):
                    self._cells.append(value)
                elif value is not None:
                    self._cells.extend([None] * (self._column + 1 - len(self._cells)))
                    self._cells[self._column] = value
        elif name == "v" or name == "t":
            self._wanted = False
        elif name == "row":
            self._end_row()
        elif name == "si":
            self._shared.append(_unescaped("".join(self._pieces)))
            if len(self._shared) > workbook.MAX_CELLS:
                raise workbook.Broken("strings")
        elif name == "rPh":
            self._readings -= 1
        elif ":" in name:
            self._end(name.rpartition(":")[2])

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._end_row()
        given = attributes.get("r", "")
        self._row = int(given) - 1 if given.isdecimal() else self._row + 1
        self._row_text = str(self._row + 1)
        self._column = -1
        if attributes.get("hidden") in ("1", "true") and self._row < workbook.LAST_ROW:
            self.builder.sheets[-1].hidden_rows.add(self._row + 1)

    def _end_row(self) -> None:
        if self._cells:
            self.builder.put_row(self._row, self._cells)
            self._cells = []

    def _place(self, reference: str) -> int:
        """The column of a cell, and its row where that is another; without a reference it follows the cell before it."""
        if not self.builder.sheets:
            raise workbook.Broken("a cell among the texts")
        found = _REFERENCE.fullmatch(reference)
        column = _column(found[1]) if found else self._column + 1
        if column >= workbook.LAST_COLUMN:
            raise workbook.Broken("cell outside of any sheet")
        if found and int(found[2]) - 1 != self._row:
            self._end_row()
            self._row, self._row_text = int(found[2]) - 1, found[2]
        elif found:
            self._columns[found[1]] = column
        return column

    def _value(self, text: str) -> Raw:
        kind = self._kind
        if not text:
            return ErrorCell(workbook.NO_VALUE) if self._formula and kind not in _TEXTS else None
        if kind == "s":
            if not text.isdecimal() or int(text) >= len(self._shared):
                raise workbook.Broken("shared string")
            return self._shared[int(text)] or None
        if kind == "inlineStr" or kind == "str":
            return _unescaped(text) if "_" in text or "\r" in text else text
        if kind is None or kind == "n":
            return self._number(text)
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return ErrorCell(text)
        if kind != "d":
            return self._number(text)
        look = self._formats[self._style].look if self._style in self._formats else "day"
        try:  # a date that the strict form of the format writes as text
            return dated(datetime.fromisoformat(text), look if look in ("month", "year") else "day")
        except ValueError:
            return text

    def _number(self, text: str) -> Raw:
        if self._style in self._formats:
            return self._presented(self._style, text)
        return int(text) if len(text) < 16 and text.isdecimal() else number_of(text)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
