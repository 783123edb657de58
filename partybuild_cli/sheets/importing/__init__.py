"""Importing workbooks (导入): recognise the ledgers on their sheets, read every row, and write them in one transaction."""

from partybuild_cli.sheets.importing.importer import import_files
from partybuild_cli.sheets.importing.jobs import Agree, Ask, Options, Progress, Question, Report, SheetReport

__all__ = ["Agree", "Ask", "Options", "Progress", "Question", "Report", "SheetReport", "import_files"]
