"""The workbook that rows came from, opened for its looks (原表的样式): fonts, borders, widths; the values are known already.

Of a large sheet only the rows that are wanted are opened, because a cell that can be amended takes fifty times its room.
"""

import re
import warnings
from collections.abc import Collection
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook

from partybuild_cli.sheets.reading.package import Package
from partybuild_cli.sheets.reading.xlsx import outline_of

_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"[^>]*?(?:/>|>.*?</row>)', re.DOTALL)


def open_looks(package: bytes | None, wanted: dict[str, Collection[int]]) -> Workbook | None:
    """The workbook with the wanted rows of the wanted sheets; None where the file has no looks, or odd ones."""
    if package is None:
        return None
    try:
        return open_workbook(_only(package, wanted))
    except Exception:
        # The reader took the file, so its cells are sound; on odd styles or drawings openpyxl stumbles in any way.
        return None


def open_workbook(package: bytes, macros: bool = False) -> Workbook:
    """A workbook to be amended. What openpyxl cannot keep it says in warnings, which are no concern of a clerk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(BytesIO(package), keep_vba=macros)


def _only(package: bytes, wanted: dict[str, Collection[int]]) -> bytes:
    """The package without the rows that nobody wants."""
    rows = {
        part.casefold(): frozenset(wanted.get(name, ()))
        for part, (name, _) in outline_of(Package(package)).sheets.items()
    }
    result = BytesIO()
    with ZipFile(BytesIO(package)) as source, ZipFile(result, "w", ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.casefold() in rows:
                content = _rows_of(content, rows[name.casefold()])
            target.writestr(name, content)
    return result.getvalue()


def _rows_of(sheet: bytes, wanted: frozenset[int]) -> bytes:
    return _ROW.sub(lambda found: found[0] if int(found[1]) in wanted else b"", sheet)
