"""Writing workbooks (写出电子表格): pages in, a file dressed as an inspector expects out; nothing is known of records."""

from partybuild_cli.sheets.writing.book import write_book, write_template
from partybuild_cli.sheets.writing.layout import EXAMPLE_MARK
from partybuild_cli.sheets.writing.pages import Cell, Field, Link, Page, sheet_names

__all__ = ["EXAMPLE_MARK", "Cell", "Field", "Link", "Page", "sheet_names", "write_book", "write_template"]
