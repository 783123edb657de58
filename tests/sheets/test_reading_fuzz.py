"""Mutated workbooks: a Book or one clear refusal, never anything else, and never for long."""

import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.sheets.reading import Book, read_book

ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="表"><table:table-row table:number-rows-repeated="3">
<table:table-cell office:value-type="float" office:value="12.5"><text:p>12.50</text:p></table:table-cell>
<table:table-cell table:number-columns-spanned="2" office:value-type="date" office:date-value="2026-03-05">
<text:p>2026年3月</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>
</office:document-content>"""
WORDS = [b"-1", b"0", b"99999999999999999999", b"1e999", b"NaN", b"XFD1048576", b"s", b"e", b"\xff", b"", b"A0", b"&x;"]


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


def bytes_changed(data: bytes, chance: random.Random) -> bytes:
    """A few bytes overwritten, cut out or doubled."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out))
        size = chance.randint(1, 40)
        piece = chance.choice([bytes([chance.randrange(256)]), b"", bytes(out[at : at + size]) * 2])
        out[at : at + (1 if chance.random() < 0.7 else size)] = piece
    return bytes(out)


def parts_changed(data: bytes, chance: random.Random) -> bytes:
    """One part's XML with words exchanged, tags lost or tags moved, in a zip that is itself whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    text = parts[name]
    for _ in range(chance.randint(1, 4)):
        words = list(re.finditer(rb'(?<==")[^"]*(?=")|(?<=>)[^<]+(?=<)|<[^>]*>', text))
        hit = chance.choice(words)
        new = chance.choice([*WORDS, hit[0] * 2, chance.choice(words)[0]])
        text = text[: hit.start()] + new + text[hit.end() :]
    if chance.random() < 0.1:
        del parts[name]
    else:
        parts[name] = text
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(part, content)
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
        start = time.monotonic()
        try:
            outcomes.add(type(read_book(path, "p")))
        except (NotFound, Unfit) as refusal:
            outcomes.add(type(refusal))
        assert time.monotonic() - start < 10, seed
    assert outcomes == {Book, Unfit}
