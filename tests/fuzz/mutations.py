"""One mutated workbook for each seed: its cells, the XML of one part, or the bytes of the file."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import MergedCell

from tests.fuzz.sources import BOOKS, DUES, MEETINGS, ROSTER, SERVICES, TALKS, csv, ods, packed, xls, xlsx

Chance = random.Random

VALUES: list[Any] = [
    None, "", "无", "—", 0, -1, 1e15, 1e-9, 0.1 + 0.2, True, "=1+1", "=A1", "#N/A", "#DIV/0!", "@x", "00042", "1.19900198503120e+17",
    "２０２６年９月", "2026-02-30", "2026.9.31-10.2", "1985.1", 1985.1, 45_000, 99_999_999, datetime(1900, 1, 1), datetime(9999, 12, 31),
    "张三", "王芳", "王芳(003)", "没有这个人", "张 三，李四；王芳（003）（值班）", "张三等5人", "（值班）", "合计", "小计", "填表人：", "一、", "示例",
    "姓名", "问题", "▲", "序号", "编号", "1月", "系统标识（勿改）", "x" * 40_000, "\u202e\u200b", "😀", "𠮷", "a\nb\tc", "<b>&amp;</b>", "'; DROP TABLE member; --",
    "300余", "十几二十", "1.15万", "负5", "∞", "NaN", "第三季度", "2026Q9", "神经内科党支部", "心内科党支部", "正式党员", "群众", "√", "119900198503120018",
]  # fmt: skip
WORDS = [b"-1", b"0", b"99999999999999999999", b"1e999", b"NaN", b"XFD1048576", b"s", b"e", b"\xff", b"", b"A0", b"&x;"]


def mutated(seed: int) -> tuple[str, bytes]:
    """A file name and what is in the file."""
    chance = random.Random(seed)
    road = chance.random()
    if road < 0.5:
        return "台账.xlsx", packed(cells_changed(xlsx(chance.choice(BOOKS)), chance))
    if road < 0.8:
        return "台账.xlsx", parts_changed(packed(xlsx(chance.choice(BOOKS))), chance)
    if road < 0.88:
        return "台账.xlsx", bytes_changed(packed(xlsx(chance.choice(BOOKS))), chance)
    rows = chance.choice([ROSTER, MEETINGS, SERVICES, DUES, TALKS])
    make: Callable[[], bytes] = chance.choice(
        [lambda: xls(rows), lambda: ods(rows), lambda: csv(rows, "gb18030"), lambda: csv(rows, "utf-8-sig")]
    )
    return chance.choice(["台账.xls", "台账.ods", "台账.csv"]), bytes_changed(make(), chance)


def cells_changed(workbook: Workbook, chance: Chance) -> Workbook:
    """Several strokes of a careless hand."""
    for _ in range(chance.randint(1, 8)):
        sheet = chance.choice(workbook.worksheets)
        chance.choice([_value, _value, _value, _swap, _row, _column, _double, _merge, _hide, _rename])(sheet, chance)
    return workbook


def _place(sheet: Any, chance: Chance) -> Any:
    return sheet.cell(chance.randint(1, sheet.max_row + 1), chance.randint(1, sheet.max_column + 1))


def _put(cell: Any, value: Any) -> None:
    if not isinstance(cell, MergedCell):
        cell.value = value


def _value(sheet: Any, chance: Chance) -> None:
    cell = _place(sheet, chance)
    if isinstance(cell, MergedCell):
        return
    cell.value = chance.choice(VALUES)
    if chance.random() < 0.2:
        cell.number_format = chance.choice(["@", "0.00", "yyyy", 'yyyy"年"m"月"', "00000", "0%", "General"])
    if chance.random() < 0.1 and isinstance(cell.value, str):
        cell.data_type = "s"


def _swap(sheet: Any, chance: Chance) -> None:
    one, two = _place(sheet, chance), _place(sheet, chance)
    first, second = one.value, two.value
    _put(one, second)
    _put(two, first)


def _row(sheet: Any, chance: Chance) -> None:
    chance.choice([sheet.insert_rows, sheet.delete_rows])(chance.randint(1, sheet.max_row))


def _column(sheet: Any, chance: Chance) -> None:
    chance.choice([sheet.insert_cols, sheet.delete_cols])(chance.randint(1, sheet.max_column))


def _double(sheet: Any, chance: Chance) -> None:
    number = chance.randint(1, sheet.max_row)
    sheet.append([cell.value for cell in sheet[number]])


def _merge(sheet: Any, chance: Chance) -> None:
    top, left = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
    bottom, right = top + chance.randint(0, 3), left + chance.randint(0, 3)
    sheet.merge_cells(start_row=top, end_row=bottom, start_column=left, end_column=right)


def _hide(sheet: Any, chance: Chance) -> None:
    sheet.row_dimensions[chance.randint(1, sheet.max_row)].hidden = True


def _rename(sheet: Any, chance: Chance) -> None:
    sheet.title = chance.choice(["Sheet1", "党费", "2026年第三季度", "心内科", "评议", "…", "a" * 29])


def parts_changed(data: bytes, chance: Chance) -> bytes:
    """One part's XML with words exchanged, tags lost or moved, in a zip that is itself whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    text = parts[name]
    for _ in range(chance.randint(1, 4)):
        words = list(re.finditer(rb'(?<==")[^"]*(?=")|(?<=>)[^<]+(?=<)|<[^>]*>', text))
        hit = chance.choice(words)
        new = chance.choice([*WORDS, hit[0] * 2, chance.choice(words)[0]])
        text = text[: hit.start()] + new + text[hit.end() :]
    parts[name] = text
    if chance.random() < 0.1:
        del parts[name]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(part, content)
    return buffer.getvalue()


def bytes_changed(data: bytes, chance: Chance) -> bytes:
    """A few bytes overwritten, cut out or doubled; sometimes the end is missing."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out))
        size = chance.randint(1, 40)
        piece = chance.choice([bytes([chance.randrange(256)]), b"", bytes(out[at : at + size]) * 2])
        out[at : at + (1 if chance.random() < 0.7 else size)] = piece
    return bytes(out[: chance.randrange(1, len(out) + 1)] if chance.random() < 0.05 else out)
