"""Workbooks of openpyxl as files (保存): whole or not at all, for their owner only, the same content in the same bytes."""

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from partybuild_cli.outputs import put

_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_CHARACTERS = 32_767
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def writable(text: str) -> str:
    """The text as a workbook can hold it: without control characters and broken halves, cut at what a cell takes."""
    return _UNWRITABLE.sub("", text)[:MOST_CHARACTERS]


def save_workbook(book: Workbook, path: Path, *, saved: datetime) -> None:
    """Save under a name; `saved` stands in the file as its day."""
    packed = BytesIO()
    book.save(packed)
    put(path, lambda beside: beside.write_bytes(_settled(packed, saved)))


def _settled(packed: BytesIO, saved: datetime) -> bytes:
    """The package without the moments of its making."""
    result = BytesIO()
    moment = saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(packed) as source, ZipFile(result, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(rb"\g<1>" + moment + rb"\g<2>", content)
            target.writestr(ZipInfo(name, _FIRST_DAY), content, ZIP_DEFLATED)
    return result.getvalue()
