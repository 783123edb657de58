"""Rows inserted into a sheet that exists (插入行): everything below moves down whole, with its merges, heights, rules and formulas.

openpyxl moves nothing but the cells themselves.
"""

import re
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.formula import ArrayFormula

_REFERENCE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?")


@dataclass(frozen=True, slots=True)
class Insertion:
    """So many rows (`count`) inserted before row `start` of the sheet."""

    sheet: str
    start: int
    count: int

    def row(self, number: int) -> int:
        """Where a row is afterwards."""
        return number + self.count if number >= self.start else number

    def range(self, text: str, rule: bool = False) -> str:
        """Ranges such as $A$1:B9, or single cells, afterwards: those that end in the row before the insertion take it in.

        Of single cells only those under a `rule` (drop-downs, formats) do so.
        """

        def moved(found: re.Match[str]) -> str:
            first, last = int(found[2]), int(found[4] or found[2])
            grows = last == self.start - 1 and (rule or found[3] is not None)
            end = self.row(last) + self.count * grows
            column = found[3] or found[1]
            return f"{found[1]}{self.row(first)}" + (f":{column}{end}" if found[3] or grows else "")

        return _REFERENCE.sub(moved, text)

    def formula(self, text: str, sheet: str) -> str:
        """A formula that stands on `sheet`, afterwards."""
        if not text.startswith("="):
            return text
        tokens = Tokenizer(text).items
        return "=" + "".join(self._token(token, sheet) for token in tokens)

    def _token(self, token: Token, sheet: str) -> str:
        value: str = token.value
        if token.type != Token.OPERAND or token.subtype != Token.RANGE:
            return value
        qualifier, mark, reference = value.rpartition("!")
        named = qualifier.strip("'").replace("''", "'") if mark else sheet
        return qualifier + mark + self.range(reference) if named == self.sheet else value


def insert_rows(book: Workbook, sheet: Any, start: int, count: int) -> None:
    """Insert empty rows before row `start`; ranges that end just above it grow, merged ones do not."""
    here = Insertion(sheet.title, start, count)
    sheet.insert_rows(start, count)
    corners = (one.coord.split(":") for one in sheet.merged_cells.ranges)
    sheet.merged_cells = MultiCellRange(" ".join(f"{here.range(first)}:{here.range(last)}" for first, last in corners))
    for number in sorted((number for number in sheet.row_dimensions if number >= start), reverse=True):
        kept = sheet.row_dimensions.pop(number)
        kept.index = here.row(number)
        sheet.row_dimensions[kept.index] = kept
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange(here.range(str(rule.sqref), rule=True))
    formats, sheet.conditional_formatting = sheet.conditional_formatting, ConditionalFormattingList()
    for one in formats:
        for rule in one.rules:
            rule.formula = [here.formula(f"={text}", sheet.title)[1:] for text in rule.formula]
            sheet.conditional_formatting.add(here.range(str(one.sqref), rule=True), rule)
    for line in sheet.row_breaks.brk:
        line.id = here.row(line.id)
    if sheet.print_area:
        sheet.print_area = [here.range(area.rpartition("!")[2]) for area in str(sheet.print_area).split(",")]
    for one in (sheet.auto_filter, *sheet.tables.values(), *(table.autoFilter for table in sheet.tables.values())):
        if one is not None and one.ref:
            one.ref = here.range(one.ref)
    for page in book.worksheets:
        _move_formulas(page, here)
    for names in (book.defined_names, *(page.defined_names for page in book.worksheets)):
        for name in names.values():
            if name.value and not name.is_external:
                name.value = here.formula(f"={name.value}", "")[1:]


def _move_formulas(page: Any, here: Insertion) -> None:
    for row in page.iter_rows():
        for cell in row:
            value = cell.value
            if isinstance(value, ArrayFormula):
                value.text = here.formula(value.text or "", page.title)
                if page.title == here.sheet:
                    value.ref = here.range(value.ref)
            elif cell.data_type == "f" and isinstance(value, str):
                cell.value = here.formula(value, page.title)
            if page.title == here.sheet and getattr(cell, "hyperlink", None) is not None:
                cell.hyperlink.ref = cell.coordinate
