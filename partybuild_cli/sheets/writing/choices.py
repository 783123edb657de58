"""Drop-downs (下拉选项). Excel holds a short list in the cell's rule; a long one has to stand on a sheet."""

from itertools import zip_longest

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

_LONGEST_RULE = 255
_MARKS = frozenset(',"')  # part and enclose the words of a rule, so no word may hold one
_SHEET = "选项"


class Choices:
    """The drop-downs of one workbook, and the hidden sheet for those too long for a rule."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._long: list[tuple[str, ...]] = []

    def offer(self, sheet: Worksheet, column: int, rows: tuple[int, int], choices: tuple[str, ...]) -> None:
        """Puts a drop-down on the rows from first to last of a column."""
        first, last = rows
        rule = {
            "validate": "list",
            "source": self._source(choices),
            "error_title": "不在选项之内",
            "error_message": "请从下拉列表中选择一项；没有合适的，请留空，并在备注中写明。",
        }
        sheet.data_validation(first, column, last, column, rule)

    def _source(self, choices: tuple[str, ...]) -> list[str] | str:
        short = len(",".join(choices).encode("utf-16-le")) // 2 <= _LONGEST_RULE
        if short and not any(_MARKS.intersection(word) for word in choices):
            return list(choices)
        if choices not in self._long:
            self._long.append(choices)
        column = xl_col_to_name(self._long.index(choices), col_abs=True)
        return f"='{_SHEET}'!{column}$1:{column}${len(choices)}"

    def finish(self) -> None:
        """Writes the hidden sheet, if one is needed; after all others."""
        if not self._long:
            return
        sheet = self._book.add_worksheet(_SHEET)
        for row, words in enumerate(zip_longest(*self._long)):
            for column, word in enumerate(words):
                if word is not None:
                    sheet.write_string(row, column, word)
        sheet.hide()
