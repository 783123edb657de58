"""A workbook appears whole or not at all, readable by its owner only, under a password if it is to have one (原子写入)."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from partybuild_cli.outputs import Opened, put, sealed, workshop
from partybuild_cli.sheets.writing.looks import DEFAULT_FONT

Filler = Callable[[Workbook], None]


def save_book(path: Path, fill: Filler, *, created: datetime, password: str | None = None) -> None:
    """Builds a workbook and puts it in its place."""

    def write(beside: Path) -> None:
        if password is None:
            _build(beside, fill, created)
        else:
            beside.write_bytes(_encrypted(fill, created, password))

    put(path, write, opened_with(password))


def opened_with(password: str | None) -> Opened | None:
    """Opens what `save_book` wrote under a password; None where there is none."""
    return None if password is None else lambda data: _decrypted(data, password)


def _encrypted(fill: Filler, created: datetime, password: str) -> bytes:
    """The plain workbook stays in memory, so that no readable copy ever lies beside the target."""
    from msoffcrypto.format.ooxml import OOXMLFile  # its ciphers take longer to load than most ledgers to write

    plain, locked = BytesIO(), BytesIO()
    _build(plain, fill, created)
    OOXMLFile(BytesIO(sealed(plain.getvalue()))).encrypt(password, locked)
    return locked.getvalue()


@lru_cache(maxsize=1)  # a place is looked at before and after its file is made, and each look stretches the password
def _decrypted(data: bytes, password: str) -> bytes | None:
    """The workbook within; None where the password is another one, or there is more than we wrote."""
    from olefile import FREESECT, OleFileIO  # type: ignore[import-untyped]

    from partybuild_cli.sheets.reading.encrypted import unlocked

    try:
        with OleFileIO(BytesIO(data)) as container:
            last = len(data) // container.sectorsize - 2
            if len(data) % container.sectorsize or container.fat[last] == FREESECT:
                return None
            return unlocked(data, container.openstream("EncryptionInfo").read(), password)
    except Exception:  # any file may stand there, and on most of them the library stumbles in some way
        return None


def _build(target: Path | BytesIO, fill: Filler, created: datetime) -> None:
    """Rows pass through a folder beside the target, so that a failure leaves none of them behind.

    Those of a workbook under a password stay in memory: no readable copy of them ever lies on a disk.
    """
    if isinstance(target, BytesIO):
        _write(target, {"in_memory": True}, fill, created)
        return
    with workshop(target) as scratch:
        _write(str(target), {"constant_memory": True, "tmpdir": str(scratch)}, fill, created)


def _write(target: str | BytesIO, where: dict[str, Any], fill: Filler, created: datetime) -> None:
    book = Workbook(
        target,
        {
            **where,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_format_properties": dict(DEFAULT_FONT),  # the library writes into what it is given
        },
    )
    moment = created.astimezone(UTC) if created.tzinfo else created
    book.set_properties({"author": "partybuild", "created": moment.replace(tzinfo=None)})
    try:
        fill(book)
        book.close()
    except FileCreateError as fault:
        raise fault.args[0] from None  # what the system said
    finally:
        for sheet in book.worksheets():
            if sheet.constant_memory:
                sheet.row_data_fh.close()
