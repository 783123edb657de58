"""Cells as the fast reader hands them over, made into ours; then what it lost is put back (修补)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from partybuild_cli.sheets.reading.formats import Format, clock, dated, elapsed_time, present
from partybuild_cli.sheets.reading.grid import Grid
from partybuild_cli.sheets.reading.model import Broken
from partybuild_cli.sheets.reading.scan import Scan, column_number
from partybuild_cli.sheets.reading.xmlsheet import one_line_end
from partybuild_cli.values.kind import DateCell, ErrorCell, Raw

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


def open_workbook(data: bytes) -> "CalamineWorkbook":
    """Hand the bytes to the fast reader; whatever it cannot bear is Broken."""
    from io import BytesIO

    from python_calamine import load_workbook

    with guarded():
        return load_workbook(BytesIO(data))


@contextmanager
def guarded() -> Iterator[None]:
    """Turn every failure of the fast reader into Broken, its panics too, which are no `Exception`."""
    try:
        yield
    except BaseException as fault:
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise Broken(str(fault)) from None
        raise


def rows_of(sheet: "CalamineSheet") -> list[list[Raw]]:
    """All rows from A1, normalised, the empty ends of rows taken off."""
    days: dict[date, DateCell] = {}
    rows: list[list[Raw]] = []
    if sheet.start is None:
        return rows
    blank = [""] * sheet.width
    margin: list[Raw] = [None] * sheet.start[1]
    with guarded():
        for found in sheet.iter_rows():
            if found == blank:
                rows.append([])
                continue
            row = [
                value if type(value) is str and value and "\r" not in value else _raw(value, days) for value in found
            ]
            while row and row[-1] is None:
                row.pop()
            rows.append(margin + row if margin and row else row)
    return rows


def _raw(value: Any, days: dict[date, DateCell]) -> Raw:
    """One cell; `days` keeps one object of each day, of which a ledger has few."""
    kind = type(value)
    if kind is str:
        return one_line_end(value) or None
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is date or kind is datetime:
        day = days.get(value)
        return day if day is not None else days.setdefault(value, dated(value))
    if kind is time:
        return clock(value)
    if kind is timedelta:
        return elapsed_time(value)
    return bool(value) if kind is bool else int(value)


def mended(rows: list[list[Raw]], scan: Scan, formats: list[Format], epoch_1904: bool) -> Grid:
    """The rows with the formats that matter applied and the failed formulas marked."""
    looks = {str(number).encode(): form for number, form in enumerate(formats)}
    known: dict[tuple[float | datetime, bytes], Raw] = {}
    for letters, row_number, style in scan.styled:
        row, column = int(row_number) - 1, column_number(letters)
        if row >= len(rows) or column >= len(rows[row]):
            continue
        value = rows[row][column]
        if not isinstance(value, (int, float, DateCell)) or isinstance(value, bool):
            continue
        key = (value.day if isinstance(value, DateCell) else value, style)
        if key not in known:
            known[key] = _styled(value, looks[style], epoch_1904)
        rows[row][column] = known[key]
    grid = Grid(rows, scan.filled)
    for row, column, code in scan.errors:
        grid.put(row, column, ErrorCell(code))
    return grid


def _styled(value: int | float | DateCell, form: Format, epoch_1904: bool) -> Raw:
    """A number or a date in the light of its number format."""
    if not isinstance(value, DateCell):
        return present(value, form, epoch_1904)
    return DateCell(value.day, form.look) if form.look in ("month", "year") else value
