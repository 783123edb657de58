"""Word documents (Word 文档): their tables as sheets, with the paragraphs above each; what was struck out is not read."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element  # nosec B405

from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.sheets.reading.workbook import Broken, Builder, Merge, Refused, Workbook
from partybuild_cli.values.kind import Raw

_GAP = re.compile(r"[\s＿_﹍﹎　]*")  # a gap to fill by hand
_SIGNS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}
_ASIDE = ("Fallback", "pPr")  # what says the same again for old programs, and where the tabs of a paragraph stand


def read_docx(package: Package, path: Path) -> Workbook:
    """Every table of a Word document as a sheet. Refused where there is none."""
    builder, above = Builder(), [""]
    for element in _within(package.tree("word/document.xml"), "tbl"):
        if _name(element) == "tbl":
            _put_table(builder, [line.strip() for line in above if not _GAP.fullmatch(line)], element)
            above = [""]
        elif _name(element) == "p":
            above.append("")
        else:
            above[-1] += _said(element)
    if not builder.sheets:
        raise Refused("是 Word 文档，里面没有表格，无法读取；请把内容放进“栏目—内容”相间的表格，或填进台账模板再导入。")
    return Workbook(path, "docx", builder.sheets)


def _put_table(builder: Builder, above: list[str], table: Element) -> None:
    """One sheet: the paragraphs above the table, then its rows."""
    builder.sheet(f"表{len(builder.sheets) + 1}")
    for number, text in enumerate(above):
        builder.put_row(number, [text])
    open_merges: dict[int, Merge] = {}
    ended: list[Merge] = []
    rows = (element for element in _within(table, "tbl") if _name(element) == "tr")
    for number, row in enumerate(rows, start=len(above)):
        cells: list[Raw] = [None] * _count(row, "{*}trPr/{*}gridBefore", 0)
        for cell in (element for element in _within(row, "tbl") if _name(element) == "tc"):
            left, span = len(cells) + 1, _count(cell, "{*}tcPr/{*}gridSpan", 1)
            text = "".join(_said(element) for element in _within(cell)).strip()
            cells += [None if _GAP.fullmatch(text) else text, *[None] * (span - 1)]
            down, before = cell.find("{*}tcPr/{*}vMerge"), open_merges.pop(left, None)
            if down is None or _value(down, "continue") != "continue":
                ended += [before] if before else []
                open_merges[left] = Merge(number + 1, left, number + 1, left + span - 1)
            elif before is not None:
                open_merges[left] = Merge(before.top, left, number + 1, before.right)
        builder.put_row(number, cells)
    for merge in (*ended, *open_merges.values()):
        if (merge.top, merge.left) != (merge.bottom, merge.right):
            builder.merge(merge)


def _within(root: Element, *closed: str) -> Iterator[Element]:
    """What lies within an element, in its order; of what is closed, only the element itself."""
    waiting = list(reversed(root))
    while waiting:
        element = waiting.pop()
        yield element
        if _name(element) not in (*closed, *_ASIDE):
            waiting.extend(reversed(element))


def _said(element: Element) -> str:
    return element.text or "" if _name(element) == "t" else _SIGNS.get(_name(element), "")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Element, usual: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == "val"), usual)


def _count(element: Element, path: str, usual: int) -> int:
    """How many columns: a number of a page, and no more."""
    found = element.find(path)
    text = str(usual) if found is None else _value(found, "1")
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) < usual:
        raise Broken("span")
    return int(text)
