"""A workbook appears whole or not at all, readable by its owner only (原子写入)."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from partybuild_cli import effects
from partybuild_cli.errors import Busy
from partybuild_cli.sheets.writing.looks import DEFAULT_FONT

Filler = Callable[[Workbook], None]


def save_book(path: Path, fill: Filler, *, created: datetime, password: str | None = None) -> None:
    """Builds a workbook and puts it in its place."""

    def write(beside: Path) -> None:
        if password is None:
            _build(str(beside), fill, created)
        else:
            beside.write_bytes(_encrypted(fill, created, password))

    put_in_place(path, write)


def put_in_place(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file beside its target and renames it into place; a failure leaves the target alone."""
    try:
        handle, name = mkstemp(dir=path.parent, prefix=".partybuild-", suffix=".tmp")  # made with mode 0600
        os.close(handle)
        beside = Path(name)
        try:
            write(beside)
            with effects.whole():
                beside.replace(path)
                effects.wrote(path)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, FileCreateError) as failure:
        raise Busy(
            f"无法写入 {path}，原有文件没有改动；请检查文件夹是否存在、是否可写、磁盘是否已满，"
            "文件是否正被别的程序打开，然后重试。"
        ) from failure


def _encrypted(fill: Filler, created: datetime, password: str) -> bytes:
    """The plain workbook stays in memory, so that no readable copy ever lies beside the target."""
    from msoffcrypto.format.ooxml import OOXMLFile  # its ciphers take longer to load than most ledgers to write

    plain, locked = BytesIO(), BytesIO()
    _build(plain, fill, created)
    OOXMLFile(plain).encrypt(password, locked)
    return locked.getvalue()


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
        finally:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()
