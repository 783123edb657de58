"""Reading workbooks (读取工作簿): from a file to sheets of raw cells, in bounded time and memory; nothing is run or fetched."""

from partybuild_cli.sheets.reading.open import is_word, read_book
from partybuild_cli.sheets.reading.workbook import Merge, Sheet, Workbook, letters

__all__ = ["Merge", "Sheet", "Workbook", "is_word", "letters", "read_book"]
