"""OOXML packages made part by part, for what no library writes."""

import io
import zipfile
from pathlib import Path

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">'


def parts_of(number_format: str = "General") -> dict[str, bytes]:
    """The parts of a small workbook whose style 1 is `number_format`."""
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["A2"].number_format = number_format
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        # lxml, where it is installed, closes an empty element without a blank
        return {name: package.read(name).replace(b" />", b"/>") for name in package.namelist()}


def pack(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def with_sheet(path: Path, data: str, number_format: str = "General", **more: bytes) -> Path:
    return pack(path, parts_of(number_format) | {SHEET: f"{HEAD}{data}</worksheet>".encode()} | more)
