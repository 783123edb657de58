"""Mutated workbooks: a Workbook or one clear refusal, never anything else, and never for long."""

import io
import random
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.sheets.reading import Workbook, read_book
from tests.fuzz.mutations import bytes_changed, parts_changed

ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="表"><table:table-row table:number-rows-repeated="3">
<table:table-cell office:value-type="float" office:value="12.5"><text:p>12.50</text:p></table:table-cell>
<table:table-cell table:number-columns-spanned="2" office:value-type="date" office:date-value="2026-03-05">
<text:p>2026年3月</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>
</office:document-content>"""


def make_xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 12):
        sheet.append([f"党员{row}", row / 2, datetime(2026, 1, row), "=A1", "#N/A", True])
        sheet.cell(row, 2).number_format = "0.00"
        sheet.cell(row, 3).number_format = 'yyyy"年"m"月"'
    sheet.merge_cells("A1:B2")
    sheet.row_dimensions[4].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def make_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for row in range(12):
        sheet.write(row, 0, f"党员{row}")
        sheet.write(row, 1, row / 2, xlwt.easyxf(num_format_str="0.00"))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def make_ods() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", ODS)
    return buffer.getvalue()


def mutated(data: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    zipped = data.startswith(b"PK")
    return parts_changed(data, chance) if zipped and chance.random() < 0.75 else bytes_changed(data, chance)


@pytest.mark.parametrize(("make", "count"), [(make_xlsx, 100), (make_xls, 40), (make_ods, 40)])
def test_mutated_workbooks_are_read_or_refused(tmp_path: Path, make: Callable[[], bytes], count: int) -> None:
    whole = make()
    path = tmp_path / "b.xlsx"
    outcomes = set()
    for seed in range(count):
        path.write_bytes(mutated(whole, seed))
        start = time.process_time()
        try:
            outcomes.add(type(read_book(path, "p")))
        except (NotFound, Unfit) as refusal:
            outcomes.add(type(refusal))
        assert time.process_time() - start < 10, seed
    assert outcomes == {Workbook, Unfit}
