"""What a workbook is once it has been read (工作簿、工作表、合并单元格), and how much of it we hold."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from partybuild_cli.values.kind import Raw

MAX_SHEETS: Final = 1_000
MAX_CELLS: Final = 3_000_000
"""Filled cells of one workbook: 250,000 rows of twelve columns, and still under 1 GiB of memory."""
MAX_MERGES: Final = 100_000
LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

_MACROS: Final = "文件里有宏：没有运行，只读取了单元格。"
_LINKS: Final = "文件引用了别的文件或数据源：没有打开，只读取了保存在本文件里的数值。"
NO_VALUE: Final = "无缓存值"  # the code of an ErrorCell that stands for a formula whose program saved no value

_MAX_SLOTS: Final = 32_000_000
"""Places for cells in the rows of one workbook, the empty ones before a filled one included: 250 MiB."""
_ROW_SLOTS: Final = 8  # an empty row takes the memory of so many places


class Broken(Exception):
    """The content is not what its own structure promises; `read_book` turns this into a sentence."""


class Refused(Exception):
    """A workbook that is not read: its sentence, before which `read_book` puts the name of the file."""


class Merge(NamedTuple):
    """A merged range (合并单元格); numbered from 1 and inclusive, as the spreadsheet program shows it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> str:
        """B2:D2."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


def letters(column: int) -> str:
    """The name of a column counted from 1: A, Z, AA."""
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)


@dataclass(slots=True)
class Sheet:
    """One sheet (工作表). `rows[0][0]` is A1: what is empty is kept before the data and trimmed after it."""

    name: str
    rows: list[list[Raw]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    epoch_1904: bool = False  # a bare number that stands for a day counts from 1904


@dataclass(slots=True)
class Workbook:
    """A workbook with what the reader has to tell about it (`notes`, sentences for the clerk)."""

    path: Path
    format: str
    sheets: list[Sheet]
    notes: list[str] = field(default_factory=list)
    package: bytes | None = None  # the bytes of an OOXML workbook, deciphered where the file is encrypted


class Builder:
    """The sheets of one workbook while they are being filled, row by row, within what we hold."""

    def __init__(self, epoch_1904: bool = False) -> None:
        self.sheets: list[Sheet] = []
        self._epoch_1904 = epoch_1904
        self._filled = self._slots = 0

    def sheet(self, name: str, hidden: bool = False) -> Sheet:
        """Begin the next sheet; its rows and merges go into this one until the next begins."""
        if len(self.sheets) == MAX_SHEETS:
            raise Refused(f"的工作表超过 {MAX_SHEETS} 张；请删去用不着的工作表，或拆成几个文件再导入。")
        self.sheets.append(Sheet(name, hidden=hidden, epoch_1904=self._epoch_1904))
        return self.sheets[-1]

    def put_row(self, row: int, cells: list[Raw]) -> None:
        """Set the filled cells of one row, counted from 0; the list itself is kept where it is the first of its row."""
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            return
        if not (0 <= row < LAST_ROW and len(cells) <= LAST_COLUMN):
            raise Broken("cell outside of any sheet")
        rows = self.sheets[-1].rows
        more = max(row + 1 - len(rows), 0)
        self._slots += more * _ROW_SLOTS + len(cells)
        self._filled += len(cells) - cells.count(None)
        if self._slots > _MAX_SLOTS:
            raise Refused(
                f"里有相隔极远的单元格（到第 {row + 1} 行、第 {len(cells)} 列），请删除远离数据的内容再导入。"
            )
        if self._filled > MAX_CELLS:
            raise Refused(f"的数据超过 {MAX_CELLS // 10_000} 万个单元格，请拆成几个文件再导入。")
        while len(rows) <= row:
            rows.append([])
        if not rows[row]:
            rows[row] = cells
            return
        kept = rows[row]
        kept.extend([None] * (len(cells) - len(kept)))
        for column, value in enumerate(cells):
            if value is not None:
                kept[column] = value

    def merge(self, merge: Merge) -> None:
        merges = self.sheets[-1].merges
        merges.append(merge)
        if len(merges) > MAX_MERGES:
            raise Broken("merges")


def notes_on(*, macros: bool, links: bool) -> list[str]:
    """What the clerk is told of a workbook with macros, or with links to other files."""
    return [_MACROS] * macros + [_LINKS] * links


def no_workbook(kind: str) -> Refused:
    return Refused(f"的内容是{kind}，不是工作簿；请在表格软件里打开，另存为 .xlsx 再导入。")


def one_line_end(text: str) -> str:
    """The text with each of its line ends as one sign."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
