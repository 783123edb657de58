"""Text tables (CSV): the encoding, the delimiter, and rows numbered as a spreadsheet would number them.

A record with line breaks inside quotes is one row, an empty line is a row.
"""

import codecs
import csv
import re
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Final

from partybuild_cli.sheets.reading.workbook import LAST_ROW, Book, Builder, Refused, one_line_end

_MARKED: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS: Final = "\t,;"
_SAMPLE: Final = 1 << 16
_END: Final = "\x00end\x00"
"""A row of its own behind the text; where it does not arrive as one, a quotation mark was never closed."""


def read_text(data: bytes, path: Path) -> Book:
    """The one sheet of a text file; it has no name of its own."""
    text = _decoded(data)
    builder = Builder()
    builder.sheet("*")
    csv.field_size_limit(len(text) + len(_END) + 2)
    source = StringIO(text + "\n" + _END, newline="")
    number, record = 0, [""]
    for number, record in enumerate(csv.reader(source, delimiter=_delimiter(text))):
        if record == [_END]:
            return Book(path, "csv", builder.sheets)
        if number == LAST_ROW:
            raise Refused(f"超过 {LAST_ROW} 行，电子表格放不下；请拆成几个文件再导入。")
        builder.put_row(number, [one_line_end(field) or None for field in record])
    raise Refused(f"第 {number + 1} 行起有一个双引号没有配对，分不清行；请补上引号再导入。")


def _decoded(data: bytes) -> str:
    """Unicode by its mark, else UTF-8, else the Chinese national encoding."""
    marked = [encoding for mark, encoding in _MARKED.items() if data.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("的文字编码认不出（不是 UTF-8、UTF-16、GB18030）；请另存为 .xlsx 再导入。")


def _delimiter(text: str) -> str:
    """The delimiter on which the most lines agree, quoted cells left aside."""
    lines = re.sub(r'"[^"]*"', "", text[:_SAMPLE]).splitlines()

    def agreement(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in lines if mark in line)
        return (max(counts.values(), default=0), counts.total())

    best = max(_DELIMITERS, key=agreement)
    return best if agreement(best)[0] else ","
