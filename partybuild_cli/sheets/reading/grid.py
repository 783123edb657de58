"""Rows that are filled cell by cell (逐格填表), with a bound on how far a stray cell may stretch them."""

from partybuild_cli.sheets.reading.model import MAX_CELLS, Broken
from partybuild_cli.values.kind import Raw

MAX_SLOTS = 12_000_000
"""Cells in rows, the empty ones before a filled one included: 100 MiB."""
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


class TooMany(Exception):
    """More filled cells than we hold."""


class Stray(Exception):
    """Filled cells so far from each other that the rows between cannot be held; `row` and `column` from 1."""

    def __init__(self, row: int, column: int) -> None:
        super().__init__(row, column)
        self.row = row
        self.column = column


class Grid:
    """The rows of one sheet while they are being filled; rows and columns are counted from 0."""

    def __init__(self, rows: list[list[Raw]] | None = None, filled: int = 0) -> None:
        self.rows: list[list[Raw]] = [] if rows is None else rows
        self.filled = filled
        self._slots = sum(map(len, self.rows))

    def put(self, row: int, column: int, value: Raw) -> None:
        """Set one cell; an empty value takes no room."""
        if value is None:
            return
        if not (0 <= row < LAST_ROW and 0 <= column < LAST_COLUMN):
            raise Broken("cell outside of any sheet")
        while len(self.rows) <= row:
            self.rows.append([])
        cells = self.rows[row]
        missing = column + 1 - len(cells)
        if missing > 0:
            self._slots += missing
            if self._slots > MAX_SLOTS:
                raise Stray(row + 1, column + 1)
            cells.extend([None] * missing)
        cells[column] = value
        self.filled += 1
        if self.filled > MAX_CELLS:
            raise TooMany
