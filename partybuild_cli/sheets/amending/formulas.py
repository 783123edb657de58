"""References in formulas when rows are inserted (公式里的引用): what lies below moves along, a range that ends above grows."""

import re
from dataclasses import dataclass

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

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

    def end(self, first: int, last: int) -> int:
        """Where the last row of a range is: a range whose last row is the one before the insertion takes it in."""
        return self.row(last) + (self.count if first < last == self.start - 1 else 0)

    def range(self, text: str) -> str:
        """A range such as $A$1:B9, or a single cell, afterwards."""
        return _REFERENCE.sub(self._replaced, text)

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

    def _replaced(self, found: re.Match[str]) -> str:
        first = int(found[2])
        if found[3] is None:
            return f"{found[1]}{self.row(first)}"
        return f"{found[1]}{self.row(first)}:{found[3]}{self.end(first, int(found[4]))}"
