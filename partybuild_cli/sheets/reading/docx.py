"""Word documents (Word 文档): their tables as sheets, with the paragraphs above each, as a clerk's minutes have them.

What stands in a text box, a content control or a tracked insertion is read too, what was struck out is not. A cell of nothing
but a line to write on is empty.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from partybuild_cli.sheets.reading.package import Package, parse
from partybuild_cli.sheets.reading.workbook import Book, Broken, Builder, Merge, Refused
from partybuild_cli.values.kind import Raw

#: A gap to fill by hand.
_GAP = re.compile(r"[\s＿_﹍﹎　]*")
_SIGNS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}


@dataclass(slots=True)
class _Cell:
    """A cell of a table: how many columns it takes, and whether it goes on with the one above."""

    span: int = 1
    goes_on: bool = False
    text: list[str] = field(default_factory=list)


class _Reader:
    """Takes the elements as they come; only tables of the page itself become sheets, one within a cell is part of its text."""

    def __init__(self) -> None:
        self.builder = Builder()
        self._above: list[str] = []
        self._paragraph: list[str] = []
        self._rows: list[list[_Cell]] = []
        self._depth = self._aside = 0
        self._said = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        values = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name == "Fallback":
            self._aside += 1  # says the same again for old programs
        elif name == "tbl":
            self._depth += 1
        elif self._depth == 1 and name == "tr":
            self._rows.append([])
        elif self._depth == 1 and name == "tc" and self._rows:
            self._rows[-1].append(_Cell())
        elif name == "gridBefore" and self._depth == 1:
            self._rows[-1].append(_Cell(_number(values)))
        elif name == "gridSpan" and self._depth == 1 and self._cell is not None:
            self._cell.span = _number(values)
        elif name == "vMerge" and self._depth == 1 and self._cell is not None:
            self._cell.goes_on = values.get("val", "continue") == "continue"
        elif name in _SIGNS and not self._aside:
            self._take(_SIGNS[name])
        self._said = name == "t" and not self._aside

    def text(self, text: str) -> None:
        """What stands in an element."""
        if self._said:
            self._take(text)

    def end(self, name: str) -> None:
        """An element ends."""
        self._said = False
        if name == "Fallback":
            self._aside -= 1
        elif name == "p" and self._depth:
            self._take("\n")
        elif name == "p":
            self._above.append("".join(self._paragraph))
            self._paragraph = []
        elif name == "tbl":
            self._depth -= 1
            if not self._depth:
                self._close()

    @property
    def _cell(self) -> _Cell | None:
        return self._rows[-1][-1] if self._rows and self._rows[-1] else None

    def _take(self, text: str) -> None:
        if not self._depth:
            self._paragraph.append(text)
        elif self._cell is not None:
            self._cell.text.append(text)

    def _close(self) -> None:
        """A table is whole: the paragraphs above it, then its rows."""
        self.builder.sheet(f"表{len(self.builder.sheets) + 1}")
        above = [text.strip() for text in self._above if not _GAP.fullmatch(text)]
        for number, text in enumerate(above):
            self.builder.put_row(number, [text])
        open_merges: dict[int, Merge] = {}
        for number, row in enumerate(self._rows, start=len(above)):
            cells: list[Raw] = []
            for cell in row:
                left, right = len(cells) + 1, len(cells) + cell.span
                text = "".join(cell.text).strip()
                cells += [None if _GAP.fullmatch(text) else text, *[None] * (cell.span - 1)]
                before = open_merges.pop(left, None)
                if cell.goes_on and before is not None:
                    open_merges[left] = Merge(before.top, left, number + 1, before.right)
                elif not cell.goes_on:
                    self._settle(before)
                    open_merges[left] = Merge(number + 1, left, number + 1, right)
            self.builder.put_row(number, cells)
        for merge in open_merges.values():
            self._settle(merge)
        self._above, self._rows = [], []

    def _settle(self, merge: Merge | None) -> None:
        if merge is not None and (merge.top, merge.left) != (merge.bottom, merge.right):
            self.builder.merge(merge)


def _number(values: dict[str, str]) -> int:
    """How many columns: a number of a page, and no more."""
    try:
        count = int(values.get("val", "1"))
    except ValueError:
        raise Broken("span") from None
    if not 0 < count < 1000:
        raise Broken("span")
    return count


def read_docx(package: Package, path: Path) -> Book:
    """Every table of a Word document as a sheet. Refused where there is none."""
    reader = _Reader()
    parse(package.chunks("word/document.xml"), reader.start, reader.end, reader.text)
    if not reader.builder.sheets:
        raise Refused("是 Word 文档，里面没有表格，无法读取；请把内容放进“栏目—内容”相间的表格，或填进台账模板再导入。")
    return Book(path, "docx", reader.builder.sheets)
