"""A book with two branches and a few members, and workbooks made in code, for tests of importing."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from partybuild_cli.records.base.editing import scope_of
from partybuild_cli.records.base.plan import Parser, carry_out, make_plan
from partybuild_cli.records.base.registry import record
from partybuild_cli.sheets.importing import Options, Report, import_files
from partybuild_cli.store import driver, history
from partybuild_cli.store.engine import Book, create_book, open_book

BRANCHES = ("神经内科党支部", "心内科党支部")
#: 姓名, 工号, 支部, 党内职务; 张敏 is two people.
MEMBERS = (
    ("周明远", "003001", 0, "书记"),
    ("陈静姝", "003002", 0, "组织委员"),
    ("张敏", "003003", 0, None),
    ("欧阳晨", "003004", 0, None),
    ("吴振华", "004001", 1, "书记"),
    ("张敏", "004002", 1, None),
)


def _put(book: Book, ledger: str, rows: Sequence[Mapping[str, Any]]) -> None:
    parser = Parser(record(ledger))
    drafts = [parser.parse(number, row) for number, row in enumerate(rows, start=1)]
    with book.writing() as connection:
        change = history.Change("test")
        planned = make_plan(connection, record(ledger), drafts, scope_of(connection))
        assert not [draft.problems for draft in drafts if draft.problems]
        carry_out(connection, change, record(ledger), planned)
        history.save(connection, change)


@pytest.fixture(scope="session")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.db"
    book = create_book(path)
    with book.writing() as connection:
        driver.christen(connection)
    _put(book, "branch", [{"name": name, "kind": "党支部"} for name in BRANCHES])
    columns = ("name", "staff_no", "branch", "party_post")
    members = [
        dict(zip(columns, (name, number, BRANCHES[at], post), strict=True)) for name, number, at, post in MEMBERS
    ]
    _put(book, "member", [{**one, "category": "正式党员", "joined_on": "2010-07-01"} for one in members])
    return path


@pytest.fixture
def party(ready_made: Path, tmp_path: Path) -> Book:
    """A book of this test's own, with two branches and six members."""
    for suffix in ("", "-wal", "-shm"):
        source = ready_made.with_name(ready_made.name + suffix)
        if source.exists():
            shutil.copy(source, tmp_path / f"party.db{suffix}")
    return open_book(tmp_path / "party.db")


@pytest.fixture
def sheet_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: sheet name -> rows, with merged ranges by sheet name."""

    def write(sheets: Mapping[str, Sequence[Sequence[Any]]], merges: Mapping[str, Sequence[str]] = {}) -> Path:
        workbook = Workbook()
        workbook.remove(workbook.worksheets[0])
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
            for merged in merges.get(name, ()):
                sheet.merge_cells(merged)
        path = tmp_path / "台账.xlsx"
        workbook.save(path)
        return path

    return write


@pytest.fixture
def take(party: Book, sheet_file: Callable[..., Path]) -> Callable[..., Report]:
    """Import a workbook made of rows into the book, listing what every row says."""

    def call(
        sheets: Mapping[str, Sequence[Sequence[Any]]], merges: Mapping[str, Sequence[str]] = {}, **settings: Any
    ) -> Report:
        ask = settings.pop("ask", None)
        options = Options(with_rows=True, **settings)
        return import_files(party, [sheet_file(sheets, merges)], options, ask=ask)

    return call
