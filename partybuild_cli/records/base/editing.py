"""Add, change, remove or read one record, and create a book (登记、修改、删除、建账): the same road as an import."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from partybuild_cli import effects
from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base import sense
from partybuild_cli.records.base.context import View, scope_of
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft, Manner
from partybuild_cli.records.base.kinds import DAY
from partybuild_cli.records.base.loaded import load_below
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.present import tell_all
from partybuild_cli.records.base.query import pick
from partybuild_cli.records.base.rows import Parser
from partybuild_cli.records.branch import Branch
from partybuild_cli.store import driver, settings
from partybuild_cli.store import rows as store
from partybuild_cli.store.engine import Book, create_book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.store.key import PLAIN, Lock
from partybuild_cli.values.day import first_date
from partybuild_cli.values.kind import Raw


def add_record(connection: Connection, change: Change, record: type[Record], cells: Mapping[str, Raw]) -> Draft:
    """Add one record from cells by column key: see `add_records`."""
    [draft] = add_records(connection, change, record, [cells])
    return draft


def add_records(
    connection: Connection, change: Change, record: type[Record], rows: Sequence[Mapping[str, Raw]]
) -> list[Draft]:
    """Add records from cells by column key; the drafts with their numbers, and warnings if any.

    InputProblems names every problem at once, or the records that say the same already; then none is added.
    """
    scope, today = scope_of(connection), date.today()
    parser = Parser(record)
    drafts = [
        parser.draft(place, sense.exact(record, cells, scope.roster, today))
        for place, cells in enumerate(rows, start=1)
    ]
    plan = make_plan(connection, record, drafts, scope)
    for draft, cells in zip(drafts, rows, strict=True):
        sense.question(record, draft, cells, scope.roster, today)
    _refuse(record, *drafts)
    known = [str(draft.number) for draft in drafts if draft.outcome != "added"]
    if known:
        raise InputProblems(
            f"{record.caption}中已有{'这条记录' if len(known) == 1 else '这些记录'}（编号 {'、'.join(known)}），没有重复登记。"
            f"要修改请用 partybuild {record.ledger} edit {known[0]}。"
        )
    carry_out(connection, change, plan)
    return drafts


def edit_record(
    connection: Connection,
    change: Change,
    record: type[Record],
    number: int,
    cells: Mapping[str, Raw],
    erase: Collection[str] = (),
    *,
    since: str | None = None,
    correct: bool = False,
) -> Draft:
    """Change some fields of a record; the draft with what differs. `erase` names columns whose value goes.

    What holds for a time does so from today, from the day `since`, or, to `correct` it, all along.
    """
    scope, today = scope_of(connection), date.today()
    told = read_one(connection, record, number)
    draft = Parser(record).draft(1, sense.exact(record, cells, scope.roster, today))
    draft.number = number
    draft.asked = frozenset(cells) | frozenset(erase)
    draft.since, draft.correct = since and _begins(record, draft.asked, since), correct
    _carry(record, draft, told, erase)
    manner = Manner(erase_blank=True, columns=frozenset(erase), as_typed=True)
    plan = make_plan(connection, record, [draft], scope, manner)
    sense.question(record, draft, cells, scope.roster, today)
    _refuse(record, draft)
    carry_out(connection, change, plan)
    return draft


def _begins(record: type[Record], asked: Collection[str], said: str) -> str:
    """The day from which an edit says that it holds; that of a month is its first. InputProblems where nothing holds for a time."""
    headings = "、".join(column.heading for column in record.columns.values() if column.dated)
    if not any(record.columns[key].dated for key in asked):
        raise InputProblems(
            f"--from 只用于会变动的内容（{headings}），这次一项也没有改，请去掉 --from。没有写入任何内容。"
        )
    try:
        day = DAY.parse(DAY.meant(said, date.today()))
    except ValueProblem as problem:
        raise InputProblems(
            f"从哪天起（--from）：{problem.sentence}。请写成 2026-09-01 的样子。没有写入任何内容。"
        ) from None
    if day is None:
        raise InputProblems("从哪天起（--from）是空的，请写日期，如 2026-09-01。没有写入任何内容。")
    begins = first_date(day)
    if begins > date.today():
        raise InputProblems(f"从哪天起（--from）：{day} 还没有到，请到那天再登记。没有写入任何内容。")
    return begins.isoformat()


def _carry(record: type[Record], draft: Draft, told: View, erase: Collection[str]) -> None:
    """Fill what the edit says nothing about from the record as it is; an entry of another day brings its own content."""
    entries = [column.key for column in record.columns.values() if column.entry]
    if entries and draft.values.get(entries[0]) not in (None, told.values.get(entries[0])):
        erase = {*erase, *entries}
    for key, value in told.values.items():
        column = record.columns[key]
        known = not column.computed or key in record.carried
        if key not in draft.values and key not in erase and value is not None and known:
            draft.values[key] = column.kind.retyped(value)


def remove_record(connection: Connection, change: Change, record: type[Record], number: int) -> None:
    """Remove a record with what stands below it; refused while other records speak of it."""
    shape = record.shape()
    kept = load_below(connection, pick(connection, record, [number]))
    try:
        store.remove(connection, change, shape, {number: kept.full(number)})
    except IntegrityError:
        raise InputProblems(
            f"{record.caption}编号 {number} 还被别的记录引用（如出席、服务、下级），没有删除。{record.while_in_use}"
        ) from None


def read_one(connection: Connection, record: type[Record], number: int, as_of: date | None = None) -> View:
    """One record as people read it; figures such as 党龄 count up to `as_of`, else to today."""
    [told] = read_some(connection, record, [number], as_of)
    return told


def read_some(
    connection: Connection, record: type[Record], numbers: Sequence[int], as_of: date | None = None
) -> list[View]:
    """Records as people read them, in the order of their numbers."""
    scope = scope_of(connection, as_of)
    kept = load_below(connection, pick(connection, record, numbers))
    return list(tell_all(record, kept, scope))


def _refuse(record: type[Record], *drafts: Draft) -> None:
    problems = dict.fromkeys(_sentence(record, finding) for draft in drafts for finding in draft.problems)
    if problems:
        raise InputProblems("；".join(problems) + "。没有写入任何内容。")


def _sentence(record: type[Record], finding: Any) -> str:
    flags = {column.heading: column.flag for column in record.columns.values() if record.command}
    where = f"{finding.column}（{flags[finding.column]}）" if finding.column in flags else finding.column
    return f"{where}：{finding.message}" if where else str(finding.message)


def found(path: Path, branch: Mapping[str, Raw], lock: Lock = PLAIN) -> Book:
    """Make the book at `path` with a first branch; a branch that cannot be understood leaves no file behind."""
    book = create_book(path, lock)
    try:
        with book.writing() as connection:
            settings.christen(connection)
            change = Change(this_command())
            add_record(connection, change, Branch, branch)
            save(connection, change)
    except BaseException:
        if path in effects.so_far().changes:  # Ctrl-C came when it was there
            raise
        driver.discard(path)
        raise
    return book
