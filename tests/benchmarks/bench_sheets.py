"""Workbooks: import and export of a large roster against what the libraries themselves take."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from partybuild_cli.values.idnumber import check_digit
from tests.benchmarks.harness import PARTYBUILD, Ratio, Run, process, script

ROWS = 100_000
LOAD = "import openpyxl, sys; openpyxl.load_workbook(sys.argv[1])"
WRITE = """
import sys, xlsxwriter, python_calamine
rows = python_calamine.load_workbook(sys.argv[1]).get_sheet_by_index(0).to_python()
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
HEADINGS = [
    "姓名",
    "工号",
    "公民身份号码",
    "性别",
    "民族",
    "出生日期",
    "学历",
    "人员类别",
    "入党日期",
    "转正日期",
    "科室",
    "联系电话",
]


def roster(path: Path, rows: int) -> None:
    """A roster of invented members, with date cells and text dates."""
    chance = random.Random(rows)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, day = book.add_worksheet("花名册"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADINGS)
    for at in range(1, rows + 1):
        year, month, date = chance.randint(1960, 2000), chance.randint(1, 12), chance.randint(1, 28)
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
        sheet.write_row(at, 9, [f"{year + 25}年{month}月{date}日", f"内科{at % 40}病区", f"1540{at:07d}"])
    book.close()


def ratios() -> Iterator[Ratio]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, book = folder / "roster.xlsx", folder / "big.db"
        roster(file, ROWS)
        process((*PARTYBUILD, "--db", str(book), "init", "--branch", "神经内科党支部"))
        loads = [process(script(LOAD, str(file)))]
        importing = (*PARTYBUILD, "--db", str(book), "import", str(file))
        yield _ratio(f"导入花名册 {ROWS} 行（空库）", process(importing), loads, "openpyxl 打开该文件", 0.6, 600)
        yield _ratio("再导入一次（全部未变）", process(importing), loads, "openpyxl 打开该文件", 0.5, 600)
        out = folder / "out"
        exported = process((*PARTYBUILD, "--db", str(book), "export", "member", "--out", str(out)))
        floor = [process(script(WRITE, str(out / "党员花名册.xlsx"), str(folder / "floor.xlsx")))]
        yield _ratio(f"导出花名册 {ROWS} 行", exported, floor, "XlsxWriter 写同样的单元格", 1.4, 300)


def _ratio(label: str, run: Run, floor: list[Run], floor_name: str, limit: float, memory: float) -> Ratio:
    return Ratio(label, [run], floor, floor_name, limit, memory)
