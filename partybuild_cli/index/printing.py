"""Pages of the index as workbooks (打印成表): the same posting gives the same bytes whenever it is printed."""

from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.index.listing import branch_names
from partybuild_cli.index.posting import posting_page
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import rounds_of
from partybuild_cli.outputs import Shelf, file_names
from partybuild_cli.sheets.writing import write_book


def write_posting(connection: Connection, quarter: Quarter, branch: int, shelf: Shelf, *, mask: bool = False) -> Path:
    """The posting sheet of a branch; its path."""
    page = posting_page(connection, quarter, branch, mask=mask)
    outside = "（对外）" if mask else ""
    name = file_names(branch_names(connection))[branch]
    path = shelf.place(f"{name}{quarter.chinese}先锋指数公示表{outside}.xlsx")
    write_book(path, [page], created=moment_of(connection, quarter, branch))
    return path


def moment_of(connection: Connection, quarter: Quarter, branch: int) -> datetime:
    """The moment that a workbook bears: the first day of posting, else the last of the quarter."""
    kept = rounds_of(connection, quarter, branch).get(branch)
    first = kept.posted_from if kept is not None else None
    return datetime.combine(date.fromisoformat(first) if first else quarter.last, time())
