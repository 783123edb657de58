"""Ledgers in workbooks (导出): each a page with title, columns, rows and their hidden identities, totals; blank ones to fill in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import chain, tee
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from partybuild_cli.errors import NotFound, ValueProblem
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base import origin
from partybuild_cli.records.base.collected import Marker, marks_of, stamp_of
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import cell_maker, pick, tell_all
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import Context, View
from partybuild_cli.records.branch import Branch
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book, write_template
from partybuild_cli.sheets.writing.book import opened_with
from partybuild_cli.store import history
from partybuild_cli.store.rows import collected_from
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.period import Period, running, spoken
from partybuild_cli.values.text import tight

#: Where the columns that only the clerk knows were learnt to stand.
EXTRA_PLACE = sa.table("extra_place", *map(sa.column, ("ledger", "heading", "after", "place")))


def written(record: type[Record], private: bool = False, raters: bool = False) -> list[Column]:
    """The columns of a ledger, in order; private ones only when asked for, raters only in a blank to be filled in."""
    columns = [
        column for column in record.columns.values() if not column.check_only and (private or not column.private)
    ]
    return [column for column in columns if raters or not (column.private and column.identity)]


def field_of(column: Column) -> Field:
    return Field(column.heading, style=column.kind.style, choices=column.kind.words, prose=column.kind.prose)


def arranged(
    connection: Connection, record: type[Record], columns: Sequence[Column], extras: Sequence[str]
) -> list[Column | str]:
    """The columns in their order; an extra stands behind the field that it was learnt behind, or the one before that, else before 备注."""
    order = {key: at for at, key in enumerate(record.columns)}
    of = EXTRA_PLACE.c
    query = sa.select(of.heading, of.after, of.place).where(of.ledger == record.ledger).order_by(of.place, of.heading)
    learnt = connection.execute(query)
    places = {heading: (order.get(after, -1), at) for heading, after, at in learnt}
    ranked: list[tuple[tuple[float, int], Column | str]] = [((order[column.key], -1), column) for column in columns]
    ranked += [(places.get(extra, (order.get("note", len(order)) - 0.5, 0)), extra) for extra in extras]
    return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]


class Setting(NamedTuple):
    """What a page needs besides its records."""

    unit: str  # who reports, for the title and the unit row
    as_of: date  # the day of the report (填报日期); figures such as 党龄 count up to it
    period: Period | None = None  # what happened in it, of ledgers that a period cuts
    full: bool = False  # ID numbers and phones unmasked
    private: bool = False  # with what is otherwise left out (谈话内容)


def is_cut(record: type[Record]) -> bool:
    """Whether a period cuts the ledger: what happens on days, rather than stands from one day on (结对, 示范岗)."""
    stands = any(column.entry for column in record.columns.values())
    return bool(record.date) and record.columns[record.date].identity and not stands


def ledger_page(
    connection: Connection,
    record: type[Record],
    views: Sequence[View],
    setting: Setting,
    hidden: Mapping[int, str] | None = None,
) -> Page:
    """The page of a ledger; `hidden`: the hidden cell of those records that go back to the book they came from."""
    past = setting.period is not None and setting.as_of < date.today()
    period = setting.period if is_cut(record) else None
    filled = set[str]().union(*(view.values for view in views))
    extras = [*dict.fromkeys(chain.from_iterable(view.extras for view in views))]
    # Columns that nobody has filled only make a ledger too small to read; those that a reader looks for stay.
    wanted = {*record.brief, *(filled or record.columns)}
    columns = [
        column
        for column in written(record, setting.private)
        if column.required or column.identity or column.key in wanted
    ]
    order = arranged(connection, record, columns, extras)
    whom = [record.columns[key] for key in record.tells_apart[:1]]
    makers = [(text, None) if isinstance(text, str) else (text.key, cell_maker(text, setting.full)) for text in order]
    markers = [origin.marker(f"{origin.EXTRA}{key}" if make is None else key) for key, make in makers]

    def cells(view: View) -> list[Cell]:
        values, own = view.values, view.own_columns(setting.full) if extras else {}
        return [
            own.get(key) if make is None else None if (value := values.get(key)) is None else make(value)
            for key, make in makers
        ]

    def identity(view: View, row: list[Cell]) -> str:
        return origin.written(
            view.uid, stamps[view.number], [mark(cell) for mark, cell in zip(markers, row, strict=True)]
        )

    rows, origins = tee((view, cells(view)) for view in views)
    stamps = history.stamps_of(connection, record.ledger, past=past)
    return Page(
        name=record.caption,
        title=f"{setting.unit}{spoken(period) if period else ''}{record.caption}",
        left=f"填报单位（盖章）：{setting.unit}",
        right=f"填报日期：{chinese_day(setting.as_of.isoformat())}{running(period, setting.as_of) if period else ''}",
        fields=[Field(column) if isinstance(column, str) else field_of(column) for column in order],
        rows=(row for _, row in rows),
        identities=((hidden or {}).get(view.number) or identity(view, row) for view, row in origins),
        totals=record.totals_row(views),
        still=max((at for at, column in enumerate(order, 1) if column in whom), default=0),
    )


class Request(NamedTuple):
    """What is to be exported: which ledgers, whose, of which period, how much of it."""

    ledgers: Sequence[type[Record]]
    setting: Setting
    branch: str | None = None
    one_file: bool = False
    password: str | None = None
    leave_empty: bool = False


Place = tuple[str, str, int]  # file, sheet, row
Rows = dict[tuple[str, int], Place]  # where each record of a ledger stands, by its number


def export_ledgers(
    connection: Connection,
    shelf: Shelf,
    request: Request,
    progress: Callable[[str, int], None] | None = None,
    rows: Rows | None = None,
) -> list[Path]:
    """Write the workbooks; their paths. `rows` is told where each record of a ledger with a workbook of its own is found."""
    setting, roster = request.setting, load_roster(connection, request.setting.as_of)
    created, opened = datetime.combine(setting.as_of, time()), opened_with(request.password)
    pages: list[Page] = []
    paths: list[Path] = []

    def write(name: str, cut: bool, pages: Sequence[Page]) -> None:
        period = setting.period.label if setting.period and cut else ""
        paths.append(shelf.place(f"{name}{period}.xlsx", opened))
        write_book(paths[-1], pages, created=created, password=request.password)

    for record in request.ledgers:
        views = records_for(connection, record, request, roster)
        if progress is not None:
            progress(record.caption, len(views))
        if not views and request.leave_empty:
            continue
        pages.append(ledger_page(connection, record, views, setting))
        if not request.one_file:
            page = pages.pop()
            write(record.caption, is_cut(record), [page])
            if rows is not None:
                places = enumerate(views, page.first_row)
                rows |= {(record.ledger, view.number): (paths[-1].name, record.caption, row) for row, view in places}
    if request.one_file:
        write("党务台账", True, pages)
    return paths


def records_for(
    connection: Connection, record: type[Record], request: Request, roster: Roster | None = None
) -> list[View]:
    """What happened in the period; of what stands from one day on, the roster too, what was there on its last day."""
    setting = request.setting
    period = setting.period if is_cut(record) else None
    wanted = Wanted(request.branch, period=period, by=setting.as_of if setting.period else None)
    return fetch(connection, record, wanted, as_of=setting.as_of, roster=roster)


def unit_of(connection: Connection, branch: str | None, day: date) -> str:
    """Who reports: the branch that was asked for, else the only one, else the organisation above them, as it was called."""
    if branch:
        return branch
    roster = load_roster(connection, day)
    if (only := roster.only_branch) is not None:
        return roster.branch_names[only]
    above = [number for number, kind in roster.branch_kinds.items() if kind in ("党委", "党总支")]
    if above:
        return roster.branch_names[above[0]]
    upper = sa.select(col(Branch.parent)).where(col(Branch.parent).is_not(None)).order_by(col(Branch.id))
    return str(connection.execute(upper).scalar() or "")


def write_back(connection: Connection, target: Path, branch: str, *, full: bool, everything: bool) -> dict[str, int]:
    """A workbook for a branch (退回支部): what the committee corrected or added, or `everything` of it; by ledger how many."""
    try:
        roster = load_roster(connection)
        number = roster.branch_meant(tight(branch))
    except ValueProblem as problem:
        raise NotFound(f"{problem.sentence}。") from None
    setting = Setting(roster.branch_names[number], date.today(), full=full)
    pages, counts = [], {}
    for record in all_records():
        came_before = collected_from(connection, record.ledger, 0 if record is Branch else number)
        known = {ledger.number: ledger for ledger in came_before.values()}
        views, marker = fetch(connection, record, Wanted(branch=setting.unit), roster=roster), Marker(record)
        if not record.tells_apart:  # what is about somebody who has left is the branch's still
            came = pick(connection, record, sorted(known.keys() - {view.number for view in views}))
            views += tell_all(record, came, Context(roster, setting.as_of))
        if record is Branch:
            views = [view for view in views if view.number == number]
        if not everything:
            base = {number: marks_of(last) for number, last in known.items()}
            looks = ((view, marker.look(view.values, view.extras).values()) for view in views)
            views = [  # what is no longer what the branch said of it
                view for view, some in looks if view.number not in base or any(map(base[view.number].isdisjoint, some))
            ]
        if record.command and views:
            hidden = {}  # as the branch's own book showed it when it was collected: its import knows what has changed since
            blank = [origin.mark(key, None) for key in record.columns]
            for last in (known[view.number] for view in views if view.number in known):
                marks = sorted({*marks_of(last), *blank})
                hidden[last.number] = origin.written(last.uid, stamp_of(last.said), marks)
            pages.append(ledger_page(connection, record, views, setting, hidden))
            counts[record.caption] = len(views)
    if pages:
        write_book(target, pages, created=datetime.combine(setting.as_of, time()))
    return counts


def write_blank(record: type[Record], path: Path, unit: str) -> None:
    columns = [column for column in written(record, private=True, raters=True) if not column.computed]
    title, fields = f"{unit}{record.caption}", [field_of(column) for column in columns]
    page = Page(record.caption, title, fields, left=f"填报单位（盖章）：{unit}", right="填报日期：")
    notes = []
    for column in columns:
        also = f"。也认得这些表头：{'、'.join(column.also)}" if column.also else ""
        how = (f"{column.help}。{column.kind.how}" if column.help else column.kind.how) + also
        notes.append((column.heading, "必填" if column.required else "", column.kind.label, how))
    write_template(path, page, [[*map(example_of, columns)]], notes, created=datetime(2026, 1, 1))


def example_of(column: Column) -> str:
    """What the example row shows: nothing where most rows say nothing."""
    usual = column.required or column.identity or column.context or column.mark >= 1
    must = f"（{column.heading}）" if column.required else ""
    return column.example or (column.kind.example if usual else "") or must
