"""Problems workbooks that come back corrected (改好的问题工作簿): their 问题 column is taken off before anything looks at it.

What is left has the layout of the sheet that the rows came from, so that it is read as that sheet was.
"""

from dataclasses import replace

from partybuild_cli.sheets.reading import Merge, Sheet
from partybuild_cli.values.kind import Raw

PROBLEM_HEADING = "问题"
#: Each problem in the column begins with it, which tells the column from a ledger's own 问题 (整改事项).
PROBLEM_MARK = "▲"
#: What stands there beside a row that was not written for the sake of others.
NO_PROBLEM = "（没有问题，随这个文件一起导入）"


def is_returned(sheet: Sheet) -> bool:
    """Whether the first column is the 问题 column of a problems workbook; a clerk may have emptied it or written in it."""
    filled = [row[0] for row in sheet.rows if row and row[0] is not None]
    below = [raw for raw in filled if raw != PROBLEM_HEADING]
    return len(below) < len(filled) and (not below or any(_marked(raw) for raw in below))


def without_problems(sheet: Sheet) -> Sheet:
    """The sheet without its first column."""
    merges = [Merge(one.top, max(one.left - 1, 1), one.bottom, one.right - 1) for one in sheet.merges if one.right > 1]
    return replace(sheet, rows=[row[1:] for row in sheet.rows], merges=merges)


def _marked(raw: Raw) -> bool:
    return isinstance(raw, str) and (raw.startswith(PROBLEM_MARK) or raw == NO_PROBLEM)
