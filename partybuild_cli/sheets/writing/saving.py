"""A workbook appears whole or not at all, readable by its owner only, under a password if it is to have one (原子写入)."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from partybuild_cli.outputs import Opened, put, sealed
from partybuild_cli.sheets.writing.looks import DEFAULT_FONT

Filler = Callable[[Workbook], None]


def save_book(path: Path, fill: Filler, *, created: datetime, password: str | None = None) -> None:
    """Builds a workbook and puts it in its place."""

    def write(beside: Path) -> None:
        if password is None:
            _build(str(beside), fill, created)
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


def _build(target: str | BytesIO, fill: Filler, created: datetime) -> None:
    """Rows pass through a scratch folder of our own, so that a failure leaves none of them behind."""
    with TemporaryDirectory(prefix="partybuild-") as scratch:
        book = Workbook(
            target,
            {
                "constant_memory": True,
                "tmpdir": scratch,
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
                sheet.row_data_fh.close()
