"""Workbooks: import and export of a large roster against what the libraries themselves take."""

import random
import tempfile
from collections.abc import Iterator
from datetime import date as day_of
from datetime import timedelta
from pathlib import Path

import xlsxwriter

from partybuild_cli.values.people import check_digit
from tests.benchmarks.harness import PARTYBUILD, Ratio, Run, process, script

#: Rows of the roster, and how often each command is run beside its floor.
SIZES = {10_000: 5, 100_000: 2}
LOAD = "import openpyxl, sys; openpyxl.load_workbook(sys.argv[1])"
CELLS = """
import pickle, sys, python_calamine
rows = python_calamine.load_workbook(sys.argv[1]).get_sheet_by_index(0).to_python()
pickle.dump(rows, open(sys.argv[2], "wb"))
"""
#: The cells come from a pickle, so that hardly more than their writing is measured.
WRITE = """
import pickle, sys, xlsxwriter
rows = pickle.load(open(sys.argv[1], "rb"))
book = xlsxwriter.Workbook(sys.argv[2], {"constant_memory": True})
sheet = book.add_worksheet()
dress = book.add_format({"border": 1, "num_format": "@"})
for at, row in enumerate(rows):
    for column, value in enumerate(row):
        if isinstance(value, str):
            sheet.write_string(at, column, value, dress)
        else:
            sheet.write_number(at, column, value, dress)
book.close()
"""
HEADINGS = "姓名 工号 公民身份号码 性别 民族 出生日期 学历 人员类别 入党日期 转正日期 科室 联系电话".split()


def roster(path: Path, rows: int) -> None:
    """A roster of invented members, with date cells and text dates."""
    chance = random.Random(rows)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, day = book.add_worksheet("花名册"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADINGS)
    for at in range(1, rows + 1):
        born = day_of(1960, 1, 1) + timedelta(days=at // 1000 * 37 % 14_600 + at % 7)  # no two of one number
        year, month, date = born.year, born.month, born.day
        first = f"119900{year}{month:02d}{date:02d}{at % 1000:03d}"
        name = "".join(chr(chance.randint(0x4E00, 0x9F00)) for _ in range(3))
        cells = [
            name,
            f"{at:06d}",
            first + check_digit(first),
            "男" if int(first[-1]) % 2 else "女",
            "汉族",
            f"{year}.{month:02d}",
        ]
        sheet.write_row(at, 0, [*cells, "研究生", "正式党员"])
        sheet.write_number(at, 8, 30_000 + at % 9000, day)
        sheet.write_row(at, 9, [f"{year + 24}年{month}月{date}日", f"内科{at % 40}病区", f"1540{at:07d}"])
    book.close()


def ratios(only: int = 0) -> Iterator[Ratio]:
    """The figures of this file, then how they grow with the roster; `only`: those of a roster of so many rows, measured once."""
    grown: dict[str, list[list[Run]]] = {}
    for rows, pairs in ({only: 1} if only else SIZES).items():
        with tempfile.TemporaryDirectory() as name:
            for ratio in _of_roster(Path(name), rows, pairs):
                grown.setdefault(ratio.name.split(" ")[0], []).append(list(ratio.ours))
                yield ratio
    for name, sizes in grown.items():
        if len(sizes) > 1:
            yield Ratio(f"{name}，行数乘十", sizes[1], sizes[0][: len(sizes[1])], "一万行所用的时间", 12)


def _of_roster(folder: Path, rows: int, pairs: int) -> Iterator[Ratio]:
    file, cells = folder / "roster.xlsx", folder / "cells.pickle"
    roster(file, rows)
    load = script(LOAD, str(file))
    first, again, loads, exports, floors = [], [], [], [], []
    for place in range(pairs):
        book, out = folder / f"{place}.db", folder / f"{place}"
        process((*PARTYBUILD, "--db", str(book), "init", "--branch", "神经内科党支部"))
        importing = (*PARTYBUILD, "--db", str(book), "import", str(file))
        loads.append(process(load))
        first.append(process(importing, cwd=folder))
        again.append(process(importing, cwd=folder))
        exports.append(process((*PARTYBUILD, "--db", str(book), "export", "member", "--out", str(out))))
        if not place:
            process(script(CELLS, str(out / "党员花名册.xlsx"), str(cells)))
        floors.append(process(script(WRITE, str(cells), str(folder / "floor.xlsx"))))
    for name, ours, floor, floor_name, limit, memory in (
        ("导入花名册", first, loads, "openpyxl 打开该文件", 0.6, 600),
        ("再导入一次", again, loads, "openpyxl 打开该文件", 0.5, 600),
        ("导出花名册", exports, floors, "XlsxWriter 写同样的单元格", 1.4, 300),
    ):
        # The limits are those of a large roster; of a small one the start of the program is the greater part.
        bounds = (limit, memory) if rows >= max(SIZES) else (None, None)
        yield Ratio(f"{name} {rows} 行", ours, floor, floor_name, *bounds)
