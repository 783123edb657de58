"""One quarter's folder (季度归档): every ledger, index and posting, as the records stand, in the same bytes each time.

Everything is written as of the quarter's last day, so nothing in it depends on when it was made.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from partybuild_cli import __version__
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.reports.folder import Delivered, deliver
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
from partybuild_cli.sheets.exporting.files import book_name, unit_of
from partybuild_cli.store.engine import Book
from partybuild_cli.values.period import Period

Tell = Callable[[str], None] | None


def run_quarter(book: Book, quarter: Period, out: Path, tell: Tell = None) -> Delivered:
    """Compute the quarter and write its folder `OUT/2026Q3`, whole or not at all."""

    def fill(folder: Path) -> dict[str, Any]:
        with book.reading() as connection:
            return _fill(connection, quarter, folder, tell)

    return deliver(out / quarter.label, fill)


def _fill(connection: Connection, quarter: Period, folder: Path, tell: Tell) -> dict[str, Any]:
    setting = Setting(book_name(connection), unit_of(connection, None), quarter.last, quarter)
    records = [record for record in all_records() if record.command]
    counts: dict[str, int] = {}

    def progress(caption: str, count: int) -> None:
        counts[caption] = count
        if tell and count:
            tell(f"{caption}：{count} 条")

    export_ledgers(connection, folder, Request(records, setting, leave_empty=True), progress)
    return {
        "period": quarter.label,
        "unit": setting.unit,
        "program": f"partybuild {__version__}",
        "records": {caption: count for caption, count in counts.items() if count},
    }
