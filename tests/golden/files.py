"""What a file shows, as text: the cells of a workbook that a person sees, the words of a page, what an archive holds.

Hidden sheets and columns are left out: identities and fingerprints lie there, which are drawn by chance.
"""

import hashlib
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, time
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

_A4 = 9
#: Ends of HTML that begin a new line; elements whose text nobody reads.
_LINES, _UNREAD = {"p", "tr", "h1", "h2", "title", "footer", "figure", "text"}, {"style", "script"}


class Shown:
    """Files as they were shown; a file with the same bytes as an earlier one only names that."""

    def __init__(self) -> None:
        self._seen: dict[bytes, str] = {}

    def folder(self, folder: Path) -> str:
        """Every file below a folder."""
        paths = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())
        return "\n".join(self.file(path.relative_to(folder.parent).as_posix(), path.read_bytes()) for path in paths)

    def file(self, name: str, data: bytes) -> str:
        """One file."""
        text = _text(name, data)
        seen = hashlib.sha256(text.encode() if text else data).digest()
        if seen in self._seen:
            return f"= {name}: as {self._seen[seen]}\n"
        self._seen[seen] = name
        if name.endswith(".zip"):
            with zipfile.ZipFile(BytesIO(data)) as archive:
                text = "\n".join(self.file(f"{name}/{one}", archive.read(one)) for one in archive.namelist())
        return f"= {name}\n{text}"


def _text(name: str, data: bytes) -> str:
    kind = name.rpartition(".")[2]
    if kind == "xlsx":
        return workbook(data) if data.startswith(b"PK") else "(encrypted)\n"
    if kind == "html":
        reader = _Words()
        reader.feed(data.decode("utf8"))
        return "".join(f"{line.strip()}\n" for line in "".join(reader.found).splitlines() if line.strip())
    if kind == "json":
        return json.dumps(json.loads(data), ensure_ascii=False, indent=2) + "\n"
    return "" if kind == "zip" else data.decode("utf8")


class _Words(HTMLParser):
    """The words of a page, a line a row."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        self.found.append("\n" if tag in _LINES else " | " if tag in ("td", "th") else "")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.found.append(data)


def workbook(data: bytes) -> str:
    """Every visible sheet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl does not keep
        book = load_workbook(BytesIO(data))
    return "".join(line + "\n" for sheet in book if sheet.sheet_state == "visible" for line in _Sheet(sheet).lines())


class _Sheet:
    """One sheet without its hidden columns; those that are left are lettered anew."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        hidden = {
            column
            for dimension in sheet.column_dimensions.values()
            if dimension.hidden
            for column in range(dimension.min, dimension.max + 1)
        }
        shown = [column for column in range(1, sheet.max_column + 1) if column not in hidden]
        self._letters = {column: get_column_letter(place) for place, column in enumerate(shown, start=1)}

    def lines(self) -> Iterator[str]:
        """Page setup, rows, merges, number formats, choices and notes."""
        sheet = self._sheet
        page = [sheet.page_setup.orientation, "A4" if sheet.page_setup.paperSize == _A4 else None]
        repeated = [f"repeat {sheet.print_title_rows}"] if sheet.print_title_rows else []
        frozen = [f"frozen {sheet.freeze_panes}"] if sheet.freeze_panes else []
        yield f"# {sheet.title}: " + ", ".join([*filter(None, page), *repeated, *frozen])
        for row in sheet.iter_rows():
            cells = [_cell(cell) for cell in row if cell.column in self._letters]
            if any(cells):
                yield f"{row[0].row}| " + " | ".join(cells).rstrip(" |")
        yield from self._of("merged", filter(None, (self._range(one) for one in sheet.merged_cells.ranges)))
        yield from self._formats()
        for rule in sheet.data_validations.dataValidation:
            where = list(filter(None, (self._range(one) for one in rule.sqref.ranges)))
            yield from self._of(f"{rule.type} {rule.formula1}", where)
        for cell in self._cells():
            if cell.comment is not None:
                yield f"note {self._letters[cell.column]}{cell.row}: {_line(cell.comment.text)}"

    def _cells(self) -> Iterator[Any]:
        return (cell for row in self._sheet.iter_rows() for cell in row if cell.column in self._letters)

    def _of(self, name: str, places: Iterable[str]) -> Iterator[str]:
        found = " ".join(sorted(places, key=lambda place: (len(place), place)))
        if found:
            yield f"{name}: {found}"

    def _range(self, cells: Any) -> str:
        """A range in the letters of the visible columns; empty where all of it is hidden."""
        shown = [self._letters[column] for column in range(cells.min_col, cells.max_col + 1) if column in self._letters]
        return f"{shown[0]}{cells.min_row}:{shown[-1]}{cells.max_row}" if shown else ""

    def _formats(self) -> Iterator[str]:
        """The number formats of cells that hold something: rows of each column, one line a format."""
        found: dict[str, dict[int, list[int]]] = {}
        for cell in self._cells():
            if cell.value is not None and cell.number_format != "General":
                found.setdefault(cell.number_format, {}).setdefault(cell.column, []).append(cell.row)
        for name, columns in sorted(found.items()):
            alike: dict[str, list[str]] = {}
            for column, rows in columns.items():
                alike.setdefault(f"{min(rows)}-{max(rows)}×{len(rows)}", []).append(self._letters[column])
            yield f"format {name}: " + ", ".join(f"{' '.join(letters)} {rows}" for rows, letters in alike.items())


def _cell(cell: Any) -> str:
    """Text as it is; what is no text in braces."""
    value, link = cell.value, cell.hyperlink
    if isinstance(value, str) and cell.data_type != "f":
        shown = _line(value)
    elif isinstance(value, date | time):
        shown = f"{{{value.isoformat()}}}"
    else:
        shown = "" if value is None else f"{{{value}}}"
    return f"{shown} → {link.target or ''}#{link.location or ''}" if link is not None else shown


def _line(text: str) -> str:
    return re.sub(r"\r?\n", "⏎", text)
