"""Adding, changing and removing one record (登记、修改、删除一条), on the same road that an import takes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from partybuild_cli.errors import InputProblems
from partybuild_cli.records.base import sense
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.kept import load_below
from partybuild_cli.records.base.manner import Manner
from partybuild_cli.records.base.parse import Parser
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.present import tell_all
from partybuild_cli.records.base.query import pick
from partybuild_cli.records.base.scope import scope_of
from partybuild_cli.records.base.told import Teller, Told
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.cells import Raw


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
) -> Draft:
    """Change some fields of a record; the draft with what differs. `erase` names columns whose value goes."""
    scope, today = scope_of(connection), date.today()
    told = read_one(connection, record, number)
    draft = Parser(record).draft(1, sense.exact(record, cells, scope.roster, today))
    draft.number = number
    draft.asked = frozenset(cells) | frozenset(erase)
    _carry(record, draft, told, erase)
    manner = Manner(erase_blank=True, columns=frozenset(erase), as_typed=True)
    plan = make_plan(connection, record, [draft], scope, manner)
    sense.question(record, draft, cells, scope.roster, today)
    _refuse(record, draft)
    carry_out(connection, change, plan)
    return draft


def _carry(record: type[Record], draft: Draft, told: Told, erase: Collection[str]) -> None:
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
            f"{record.caption}编号 {number} 还被别的记录引用（如出席、服务、下级），没有删除。"
            + ("人员离开请用 partybuild member transfer。" if record.ledger == "member" else "请先改正或删除那些记录。")
        ) from None


def read_one(connection: Connection, record: type[Record], number: int, as_of: date | None = None) -> Told:
    """One record as people read it; figures such as 党龄 count up to `as_of`, else to today."""
    [told] = read_some(connection, record, [number], as_of)
    return told


def read_some(
    connection: Connection, record: type[Record], numbers: Sequence[int], as_of: date | None = None
) -> list[Told]:
    """Records as people read them, in the order of their numbers."""
    scope = scope_of(connection, as_of)
    kept = load_below(connection, pick(connection, record, numbers))
    return list(tell_all(record, kept, Teller(scope.roster, scope.as_of)))


def _refuse(record: type[Record], *drafts: Draft) -> None:
    problems = dict.fromkeys(_sentence(record, finding) for draft in drafts for finding in draft.problems)
    if problems:
        raise InputProblems("；".join(problems) + "。没有写入任何内容。")


def _sentence(record: type[Record], finding: Any) -> str:
    flags = {column.heading: column.flag for column in record.columns.values()}
    where = f"{finding.column}（{flags[finding.column]}）" if finding.column in flags else finding.column
    return f"{where}：{finding.message}" if where else str(finding.message)
