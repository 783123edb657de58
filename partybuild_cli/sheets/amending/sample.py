"""A workbook with the layout of another and nothing of its content (样本): for whoever mends what was not understood.

The same name becomes the same invented name throughout, with a secret of this one run: nobody can go the way back.
"""

import re
import secrets
import tomllib
from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from partybuild_cli.records.base.registry import all_records
from partybuild_cli.sheets.amending.saving import raw_cell, save_workbook
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.table import find_tables
from partybuild_cli.sheets.importing.wording import CLASSES, OUTSIDERS
from partybuild_cli.sheets.reading import Sheet, read_book
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw
from partybuild_cli.values.people import check_digit

#: What is replaced, each in its own way: ID numbers, mobile numbers, days, other numbers, Latin words, Chinese words.
_PIECE = re.compile(
    r"(?P<id>(?<!\d)\d{17}[\dXx](?!\d))|(?P<mobile>(?<!\d)1[3-9]\d{9}(?!\d))"
    r"|(?P<day>(?P<year>(?:19|20)\d\d)(?P<one>\D{1,3})(?P<month>\d{1,2})(?P<two>\D{1,3})(?P<date>\d{1,2})(?!\d))"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<latin>[A-Za-z]{2,})|(?P<han>[\u3400-\u9fff]+)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
#: Numbers of people, which go from headings too; what may be a name, if it begins with a common surname.
_OF_PEOPLE = re.compile(r"\d{6,}[Xx]?")
_NAMELIKE = re.compile(r"[\u3400-\u9fff·]{2,4}")
#: What invented people are called, what may be a name, and what stays.
_WORDS: dict[str, str] = tomllib.loads(files(__package__).joinpath("sample.toml").read_text("utf8"))
_SURNAMES, _GIVEN, _COMMON = _WORDS["surnames"], _WORDS["given"], _WORDS["common"]


def write_sample(source: Path, target: Path, password: str | None, saved: datetime) -> int:
    """Write the sample of a workbook; how many sheets it has. NotFound or Unfit where the workbook cannot be read."""
    sheets = read_book(source, password).sheets
    cells = (raw for sheet in sheets for row in sheet.rows for raw in row)
    mask = Mask(secrets.token_bytes(16), frozenset(str(getattr(raw, "value", raw)) for raw in cells if raw is not None))
    book = Workbook(write_only=True)
    if sheets and sheets[0].epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    for number, sheet in enumerate(sheets, start=1):
        name = mask.text(sheet.name) if sheet.name != "*" else "表"
        _write(book.create_sheet(re.sub(r"[\[\]:*?/\\]", "-", name)[:31] or f"表{number}"), sheet, mask)
    save_workbook(book, target, saved=saved)
    return len(sheets)


class Mask:
    """Replaces what a cell says by something of the same shape; no number of somebody in the source stands for somebody else's."""

    def __init__(self, secret: bytes, taken: Container[str]) -> None:
        self._secret, self._taken = secret, taken

    def cell(self, raw: Raw) -> tuple[Raw, str]:
        """What stands in the sample, and its number format."""
        if isinstance(raw, DateCell):
            days = self._roll(raw.day.isoformat()) % 27 - 13
            return DateCell(raw.day + timedelta(days=days), raw.shown), ""
        if isinstance(raw, NumberCell):
            whole, _, decimals = raw.shown.partition(".")
            look = "0" * len(whole) if whole[:1] == "0" and whole.isdecimal() else "0"
            look += "." + "0" * len(decimals) if decimals else ""
            look = look if "%" not in raw.shown else "0.0%" if decimals else "0%"
            return NumberCell(self.number(raw.value), raw.shown), look
        if isinstance(raw, str):
            return self.text(raw), "@" if raw.isdecimal() else ""
        return (raw if isinstance(raw, bool | ErrorCell) or raw is None else self.number(raw)), ""

    def heading(self, text: str, values: Sequence[Raw]) -> str:
        """A heading stays, save the numbers of people in it, and what may be a name above a column of ticks or counts."""
        plain = _OF_PEOPLE.sub("", text).strip()
        ticked = all(isinstance(value, str) and len(value.strip()) < 3 for value in values)
        counted = all(not isinstance(value, DateCell) and len(str(value).strip()) < 3 for value in values)
        surname = plain[:1] in _COMMON or plain[:1] in _SURNAMES
        if (ticked or (counted and surname)) and _NAMELIKE.fullmatch(plain) and not _pattern().search(plain):
            return self.text(text)
        return _OF_PEOPLE.sub(lambda found: self.text(found[0]), text)

    def number(self, value: int | float) -> int | float:
        """A number of as many digits; the small ones, which count rows or say months, stay, and a year becomes another."""
        if isinstance(value, int) and abs(value) < 13:
            return value
        if isinstance(value, int) and len(str(value)) in (4, 11):
            return int(self.text(str(value)))
        digits = self._another(repr(abs(value)), self._digits) if abs(value) < 1e15 and "e" not in repr(value) else "1"
        return int(digits) if isinstance(value, int) else float(digits)

    def text(self, text: str) -> str:
        """A text of the same shape: invented people for people, 119900… for ID numbers, 1540… for telephones."""
        return _PIECE.sub(self._piece, text)

    def _piece(self, found: re.Match[str]) -> str:
        said = found[0]
        roll, other = self._roll(said), self._roll(said[::-1])
        match found.lastgroup:
            case "id":
                first = f"119900{datetime(1955, 1, 1) + timedelta(days=roll % 16_000):%Y%m%d}{other % 1000:03d}"
                return first + check_digit(first)
            case "mobile":
                return f"1540{roll % 10**7:07d}"
            case "number" if _YEAR.fullmatch(said) and found.string.strip() == said:  # perhaps a staff number
                return self._another(said, lambda year, turn: str(1990 + self._roll(f"{year}/{turn}") % 40))
            case "number":
                return said if len(said) < 3 or _YEAR.fullmatch(said) else self._another(said, self._digits)
            case "latin":
                letters = (chr(ord("a") + self._roll(f"{said}{at}") % 26) for at in range(len(said)))
                return "".join(
                    word.upper() if mark.isupper() else word for mark, word in zip(said, letters, strict=True)
                )
            case "han":  # the known words of a run stay; what is between them becomes a name of the same length
                between, known = _pattern().split(said), [*_pattern().findall(said), ""]
                kept = _pattern().fullmatch(said)
                return said if kept else "".join(map(str.__add__, map(self._name, between), known))
        # Another day of the same year, written the same way.
        widths = [len(found[name]) if len(found[name]) == 2 else 1 for name in ("month", "date")]
        month, day = f"{roll % 12 + 1:0{widths[0]}d}", f"{other % 28 + 1:0{widths[1]}d}"
        return f"{found['year']}{found['one']}{month}{found['two']}{day}"

    def _name(self, word: str) -> str:
        if not word or (len(word) == 1 and word in _WORDS["units"]):
            return word
        first, *further = (self._roll(f"{word}{at}") for at in range(len(word)))
        return _SURNAMES[first % len(_SURNAMES)] + "".join(_GIVEN[roll % len(_GIVEN)] for roll in further)

    def _another(self, said: str, draw: Callable[[str, int], str]) -> str:
        """A number that no cell of the source says; where there are too few to choose from, the last one drawn."""
        return next((drawn for turn in range(60) if (drawn := draw(said, turn)) not in self._taken), draw(said, 60))

    def _digits(self, number: str, turn: int) -> str:
        return "".join(
            str(self._roll(f"{number}{at}{turn or ''}") % 9 + 1) if mark.isdecimal() and mark != "0" else mark
            for at, mark in enumerate(number)
        )

    def _roll(self, text: str) -> int:
        drawn = blake2b(text.encode("utf8", "replace"), key=self._secret, digest_size=8)
        return int.from_bytes(drawn.digest(), "big")


@cache
def _pattern() -> re.Pattern[str]:
    """The words that stay: of headings, choices, and what says what a row or a cell is."""
    words = {*CLASSES, *OUTSIDERS, *_WORDS["kept"].split()}
    for record in all_records():
        words.update(record.title_words)
        for column in record.columns.values():
            words.update(column.headings, column.kind.meanings)
    return re.compile(
        "|".join(map(re.escape, sorted((word for word in words if len(word) > 1), key=len, reverse=True)))
    )


def _write(page: Worksheet, sheet: Sheet, mask: Mask) -> None:
    """One sheet: what stands in its headers stays, save what may be somebody's."""
    headers: dict[int, range] = {}  # the rows that are headers, and over which columns
    for table in find_tables(Grid(sheet))[0]:
        for number in table.header:
            before = headers.get(number, range(table.left, table.right + 1))
            headers[number] = range(min(before.start, table.left), max(before.stop, table.right + 1))
    page.sheet_state = "hidden" if sheet.hidden else "visible"
    for merge in sheet.merges:
        page.merged_cells.add(merge.area)
    for number in sheet.hidden_rows:
        page.row_dimensions[number].hidden = True
    for number, row in enumerate(sheet.rows, start=1):
        cells: list[Cell | None] = []
        for column, raw in enumerate(row):
            look = ""
            if column in headers.get(number, ()) and isinstance(raw, str):
                below = (other[column] for other in sheet.rows[number:] if column < len(other))
                raw = mask.heading(raw, [other for other in below if other is not None])
            elif not (
                column in headers.get(number, ()) and isinstance(raw, int) and raw < 2100
            ):  # a month, a day or a year
                raw, look = mask.cell(raw)
            cells.append(None if raw is None else raw_cell(page, raw, look))
        page.append(cells)
