"""An export as people bring it back: renamed, joined, doubled, pasted; nothing is written wrong in silence."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
from partybuild_cli.sheets.importing import Options, Report, import_files
from partybuild_cli.store.engine import Book


def exported(book: Book, folder: Path, ledger: str) -> tuple[Path, Any, Any]:
    with book.reading() as connection:
        setting = Setting("", date(2026, 9, 30))
        (path,) = export_ledgers(connection, Shelf(folder), Request([record(ledger)], setting))
    workbook = openpyxl.load_workbook(path)
    return path, workbook, workbook.worksheets[0]


def brought_back(book: Book, path: Path, workbook: Any) -> Report:
    workbook.save(path)
    return import_files(book, [path], Options())


@pytest.mark.parametrize("title", [False, True])
@pytest.mark.parametrize("other", ledgers())
def test_an_export_under_another_ledgers_name_is_still_its_own(
    party: Book, tmp_path: Path, other: str, title: bool
) -> None:
    """A clerk fills the next workbook by saving the last one under a new name; 21 members became 21 payments of dues."""
    path, workbook, page = exported(party, tmp_path, "member")
    page.title = record(other).caption
    if title:
        page["A1"] = record(other).caption
    report = brought_back(party, path, workbook)
    assert (report.sheets[0].ledger, report.change) == ("member", None)
