"""Reading workbooks (读取工作簿): from a file to sheets of raw cells, whatever the file turns out to be.

The content decides, not the extension. Nothing is run, nothing is fetched, and time and memory are bounded.
"""

from partybuild_cli.sheets.reading.model import Book, Merge, Sheet
from partybuild_cli.sheets.reading.opening import read_book

__all__ = ["Book", "Merge", "Sheet", "read_book"]
