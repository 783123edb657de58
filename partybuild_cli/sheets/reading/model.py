"""What a workbook is once it has been read (工作簿、工作表、合并单元格), and how much of it we hold."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from partybuild_cli.errors import Unfit
from partybuild_cli.values.kind import Raw

MAX_CELLS: Final = 3_000_000
"""Filled cells of one workbook: 250,000 rows of twelve columns, and still under 1 GiB of memory."""

MAX_MERGES: Final = 100_000

MACROS_NOTE: Final = "文件里有宏：没有运行，只读取了单元格。"
LINKS_NOTE: Final = "文件引用了别的文件或数据源：没有打开，只读取了保存在本文件里的数值。"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range (合并单元格); numbered from 1 and inclusive, as the spreadsheet program shows it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """One sheet (工作表). `rows[0][0]` is A1: what is empty is kept before the data and trimmed after it.

    `epoch_1904`: a bare number that stands for a day counts from 1904, as the workbook's date cells do.
    """

    name: str
    rows: list[list[Raw]]
    merges: list[Merge] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    epoch_1904: bool = False


@dataclass(slots=True)
class Book:
    """A workbook with what the reader has to tell about it (`notes`, sentences for the clerk).

    `package` are the bytes of an OOXML workbook, deciphered where the file is encrypted; None for other formats.
    """

    path: Path
    format: str
    sheets: list[Sheet]
    notes: list[str] = field(default_factory=list)
    package: bytes | None = None


class Broken(Exception):
    """The content is not what its own structure promises; the entry point turns this into a sentence."""


def named(path: Path) -> str:
    """The file's name in quotation marks, without characters that would disturb a terminal."""
    return f"「{''.join(mark if mark.isprintable() else '?' for mark in path.name or str(path))}」"


def too_many_cells(path: Path) -> Unfit:
    """The refusal of a workbook with more filled cells than we hold."""
    return Unfit(f"文件{named(path)}的数据超过 {MAX_CELLS // 10_000} 万个单元格，请拆成几个文件再导入。")


def trimmed(rows: list[list[Raw]]) -> list[list[Raw]]:
    """Take the empty cells off the end of each row and the empty rows off the end of the sheet, in place."""
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows
