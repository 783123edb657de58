"""The steps of the demo (演示的步骤): each does, over the same functions as the commands, what a clerk does in a quarter."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from partybuild_cli.demo.folder import ARCHIVE, BOOK
from partybuild_cli.index.accounts import Account, account_of, list_quarter
from partybuild_cli.index.compute import compute_quarter
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.context import View
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.editing import add_record, found, read_one
from partybuild_cli.records.base.query import number_of
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.records.meeting import Meeting
from partybuild_cli.records.member import Member
from partybuild_cli.records.service import Service
from partybuild_cli.reports.folder import Delivered
from partybuild_cli.reports.quarterly import run_quarter
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
from partybuild_cli.sheets.exporting.files import unit_of
from partybuild_cli.sheets.importing import Options, Report, import_files
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values.period import Period, period_of

QUARTER = "2026Q3"
BRANCH = {"name": "呼吸内科党支部", "kind": "党支部", "parent": "澜江市第一人民医院党委"}
#: Whose score is explained: one with a bonus, who also took part in what the demo records itself.
EXPLAINED = "方志恒"
MEETING = {
    "branch": "呼吸内科党支部",
    "kind": "支部党员大会",
    "held_on": "2026-09-23",
    "topic": "第三季度工作总结和先锋指数评议",
    "place": "示教室",
    "host": "沈柏松",
    "first_topic": "是",
    "absent": "彭雪梅:值班、邹凯旋:援外",
}
SERVICE = {
    "branch": "呼吸内科党支部",
    "kind": "义诊",
    "held_on": "2026-09-19",
    "title": "戒烟门诊进社区",
    "place": "江畔社区",
    "members": "陆秋实、方志恒、贺子衿、董思源:2",
    "organizer": "陆秋实",
    "hours": "4",
    "people_served": "160余",
}


def found_book(folder: Path) -> Book:
    """A new book with its first branch (partybuild init)."""
    return found(folder / BOOK, BRANCH)


def read_ledgers(book: Book, paths: Sequence[Path], progress: Callable[[str, int, int], None] | None = None) -> Report:
    """The sample ledgers, all in one change (partybuild import)."""
    return import_files(book, paths, Options(), progress=progress)


def add(book: Book, record: type[Record], cells: dict[str, str]) -> View:
    """One record as a command adds it (partybuild meeting add, service add)."""
    with book.writing() as connection:
        change = Change(this_command())
        draft = add_record(connection, change, record, cells)
        save(connection, change)
        return read_one(connection, record, draft.number or 0)


def hold_meeting(book: Book) -> View:
    """A general meeting from which two were on leave."""
    return add(book, Meeting, MEETING)


def do_service(book: Book) -> View:
    """A free clinic; one of the four took part for two hours only."""
    return add(book, Service, SERVICE)


def as_command(record: type[Record], cells: dict[str, str]) -> list[str]:
    """The words behind `partybuild` that add the same record."""
    words = [record.ledger, "add"]
    for key, value in cells.items():
        column = record.columns[key]
        flag = "--on" if key == record.date else f"--{column.option}" if column.option else column.flag
        for one in value.split("、") if column.kind.many else [value]:
            words += [flag, one]
    return words


def rank(book: Book) -> dict[str, Any]:
    """The quarter computed and kept; its list."""
    quarter = Quarter(QUARTER)
    with book.writing() as connection:
        change = Change(this_command())
        compute_quarter(connection, quarter)
        save(connection, change)
        return list_quarter(connection, quarter).document()


def explain(book: Book) -> Account:
    """One member's score down to its records."""
    with book.reading() as connection:
        return account_of(connection, Quarter(QUARTER), number_of(connection, Member, EXPLAINED))


def export(book: Book, shelf: Shelf, progress: Callable[[str, int], None] | None = None) -> list[Path]:
    """Every ledger that has a record, as of the end of the quarter (partybuild export)."""
    with book.reading() as connection:
        setting = Setting(unit_of(connection, None), _quarter().last)
        records = [record for record in all_records() if record.command]
        return export_ledgers(connection, shelf, Request(records, setting, leave_empty=True), progress)


def archive(book: Book, folder: Path) -> Delivered:
    """The quarter's own folder (partybuild quarterly)."""
    return run_quarter(book, _quarter(), folder / ARCHIVE)


def _quarter() -> Period:
    return period_of(QUARTER)
