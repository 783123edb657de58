"""Workbooks for the reader of a ledger, blank ones to be filled in, and how they come to their place: whole or not at all (导出的工作簿)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from itertools import chain, islice
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from partybuild_cli.outputs import Opened, put, sealed
from partybuild_cli.sheets.writing.layout import BASE, SheetWriter
from partybuild_cli.sheets.writing.pages import SAMPLE, Cell, Field, Page, sheet_names

Filler = Callable[[Workbook], None]


def save_book(path: Path, fill: Filler, *, created: datetime, password: str | None = None) -> None:
    """Builds a workbook and puts it in its place; a failure leaves no rows behind, and under a password none ever lies on a disk."""

    def write(beside: Path) -> None:
        if password is None:
            _build(str(beside), {"constant_memory": True, "tmpdir": str(beside.parent)}, fill, created)
            return
        from msoffcrypto.format.ooxml import OOXMLFile  # its ciphers take longer to load than most ledgers to write

        plain, locked = BytesIO(), BytesIO()
        _build(plain, {"in_memory": True}, fill, created)
        OOXMLFile(BytesIO(sealed(plain.getvalue()))).encrypt(password, locked)
        beside.write_bytes(locked.getvalue())

    put(path, write, opened_with(password))


def opened_with(password: str | None) -> Opened | None:
    """Opens what `save_book` wrote under a password; None where there is none."""
    return None if password is None else lambda data: _decrypted(data, password)


@lru_cache(maxsize=1)  # a place is looked at before and after its file is made, and each look stretches the password
def _decrypted(data: bytes, password: str) -> bytes | None:
    """The workbook within; None where the password is another one, or there is more than we wrote."""
    from olefile import FREESECT, OleFileIO  # type: ignore[import-untyped]

    from partybuild_cli.sheets.reading.xls import unlocked

    try:
        with OleFileIO(BytesIO(data)) as container:
            last = len(data) // container.sectorsize - 2
            if len(data) % container.sectorsize or container.fat[last] == FREESECT:
                return None
            return unlocked(data, container.openstream("EncryptionInfo").read(), password)
    except Exception:  # any file may stand there, and on most of them the library stumbles in some way
        return None


def _build(target: str | BytesIO, where: dict[str, bool | str], fill: Filler, created: datetime) -> None:
    book = Workbook(target, {**where, "default_format_properties": dict(BASE)})  # it writes into what it is given
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


def write_book(path: Path, pages: Sequence[Page], *, created: datetime, password: str | None = None) -> None:
    """Writes one sheet a page. Same pages, same moment: same bytes, unless a password salts them."""
    save_book(path, lambda book: write_pages(book, pages), created=created, password=password)


def write_pages(book: Workbook, pages: Sequence[Page]) -> None:
    """Writes one sheet a page; of its rows only the first are held, to measure the columns by."""
    for name, page in zip(sheet_names(page.name for page in pages), pages, strict=True):
        stream = iter(page.rows)
        sample = list(islice(stream, SAMPLE))
        table = SheetWriter(book, name, page, sample)
        table.write_rows(chain(sample, stream))
        table.offer_choices(table.top, table.row - 1)
        if page.still is not None and table.row > table.top:  # with the identities, so that a sorted row keeps its own
            last = len(table.widths) - (page.identities is None)
            table.sheet.autofilter(table.top - 1, 0, table.row - 1, last)
        table.write_ending()


_NOTES = "填写说明"
_NOTE_FIELDS = (
    Field("栏目", width=22), Field("是否必填", "center", 10), Field("类型", "center", 14), Field("怎样填写", width=90),
)  # fmt: skip
_PROSE = 16.0  # wide enough to write sentences and names into
_ROWS_TO_FILL = 500  # with drop-downs

Note = tuple[str, str, str, str]


def write_template(
    path: Path, page: Page, examples: Sequence[Sequence[Cell]], notes: Sequence[Note], *, created: datetime
) -> None:
    """Writes the blank ledger of a page (its rows, totals and footer are left out) and its notes."""
    fields = [field._replace(width=_PROSE) if field.prose else field for field in page.fields]
    blank = page._replace(fields=fields, rows=(), identities=None, totals=None, footer=())
    explained = Page(_NOTES, f"{page.title}{_NOTES}", _NOTE_FIELDS, notes, serial=False, footer=())

    def fill(book: Workbook) -> None:
        table = SheetWriter(book, sheet_names([blank.name])[0], blank, examples)
        table.write_examples(examples)
        table.rule_rows()
        table.offer_choices(table.row, table.row + _ROWS_TO_FILL - 1)
        write_pages(book, [explained])

    save_book(path, fill, created=created)
