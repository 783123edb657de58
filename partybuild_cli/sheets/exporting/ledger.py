"""One ledger as one page (台账页): title, unit and date row, columns, rows with their hidden identities, totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import tee
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.records.base import origin
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import View
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import cell_maker
from partybuild_cli.sheets.importing.desk import Place, known_places
from partybuild_cli.sheets.writing import Cell, Field, Page, write_template
from partybuild_cli.store import history
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.period import Period, running, spoken


def written(record: type[Record], private: bool = False, raters: bool = False) -> list[Column]:
    """The columns of a ledger, in order; private ones only when asked for, raters only in a blank to be filled in."""
    return [
        column
        for column in record.columns.values()
        if not column.check_only
        and (private or not column.private)
        and (raters or not (column.private and column.identity))
    ]


def field_of(column: Column) -> Field:
    """How the column looks; a choice brings its drop-down."""
    return Field(column.heading, style=column.kind.style, choices=column.kind.words, prose=column.kind.prose)


def arranged(
    record: type[Record], columns: Sequence[Column], extras: Sequence[str], places: Mapping[str, Place]
) -> list[Column | str]:
    """The columns in their order with the extras between; an extra whose place nobody knows stands before 备注.

    Where the field before it is left out, an extra stands behind the field that comes before that one.
    """
    order = list(record.columns)
    note = order.index("note") if "note" in order else len(order)

    def rank(extra: str) -> tuple[float, int]:
        place = places.get(extra)
        if place is None:
            return note - 0.5, 0
        return order.index(place.after) if place.after in order else -1, place.order

    ranked: list[tuple[tuple[float, int], Column | str]] = [(rank(extra), extra) for extra in extras]
    ranked += [((order.index(column.key), -1), column) for column in columns]
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page needs besides its records.

    Attributes:
        unit: who reports, for the title and the unit row.
        as_of: the day of the report (填报日期); figures such as 党龄 count up to it.
        period: what happened in it, of ledgers that a period cuts.
        full: ID numbers and phones unmasked. private: with what is otherwise left out (谈话内容).
    """

    unit: str
    as_of: date
    period: Period | None = None
    full: bool = False
    private: bool = False


def is_cut(record: type[Record]) -> bool:
    """Whether a period cuts the ledger: what happens on days, rather than stands from one day on (结对, 示范岗)."""
    stands = any(column.entry for column in record.columns.values())
    return bool(record.date) and record.columns[record.date].identity and not stands


def ledger_page(
    connection: Connection,
    record: type[Record],
    told: Sequence[View],
    setting: Setting,
    hidden: Mapping[int, str] | None = None,
) -> Page:
    """The page of a ledger, with the columns that only the clerk knows (extras) at their places.

    `hidden`: the hidden cell of those records that go back to the book they came from.
    """
    past = setting.period is not None and setting.as_of < date.today()
    period = setting.period if is_cut(record) else None
    filled: set[str] = set()
    extras: dict[str, None] = {}
    for one in told:
        filled.update(one.values)
        extras.update(dict.fromkeys(one.extras))
    # Columns that nobody has filled only make a ledger too small to read; those that a reader looks for stay.
    columns = [
        column
        for column in written(record, setting.private)
        if column.required or column.identity or column.key in record.brief or not filled or column.key in filled
    ]
    order = arranged(record, columns, list(extras), known_places(connection, record.ledger))
    whom = [record.columns[key] for key in record.tells_apart[:1]]
    makers = [
        (column, None) if isinstance(column, str) else (column.key, cell_maker(column, setting.full))
        for column in order
    ]
    markers = [origin.marker(f"{origin.EXTRA}{key}" if make is None else key) for key, make in makers]

    def cells(one: View) -> list[Cell]:
        values, own = one.values, one.own_columns(setting.full)
        return [own.get(key) if make is None else make(values.get(key)) for key, make in makers]

    rows, origins = tee((one, cells(one)) for one in told)
    stamps = history.stamps_of(connection, record.ledger, past=past)
    return Page(
        name=record.caption,
        title=f"{setting.unit}{spoken(period) if period else ''}{record.caption}",
        left=f"填报单位（盖章）：{setting.unit}",
        right=f"填报日期：{chinese_day(setting.as_of.isoformat())}{running(period, setting.as_of) if period else ''}",
        fields=[Field(column) if isinstance(column, str) else field_of(column) for column in order],
        rows=(row for _, row in rows),
        identities=(
            (hidden or {}).get(one.number)
            or origin.written(
                one.uid, stamps[one.number], [mark(cell) for mark, cell in zip(markers, row, strict=True)]
            )
            for one, row in origins
        ),
        totals=record.totals_row(told),
        still=max((at for at, column in enumerate(order, 1) if column in whom), default=0),
    )


def write_blank(record: type[Record], path: Path, unit: str) -> None:
    """Write the blank workbook of one ledger."""
    columns = [column for column in written(record, private=True, raters=True) if not column.computed]
    page = Page(
        name=record.caption,
        title=f"{unit}{record.caption}",
        left=f"填报单位（盖章）：{unit}",
        right="填报日期：",
        fields=[field_of(column) for column in columns],
    )
    notes = [
        (column.heading, "必填" if column.required else "", column.kind.label, how_to_fill(column))
        for column in columns
    ]
    created = datetime.combine(date(2026, 1, 1), time())
    write_template(path, page, [[example_of(column) for column in columns]], notes, created=created)


def example_of(column: Column) -> str:
    """What the example row shows: nothing where most rows say nothing."""
    usual = column.required or column.identity or column.context or column.mark >= 1
    return (
        column.example or (column.kind.example if usual else "") or (f"（{column.heading}）" if column.required else "")
    )


def how_to_fill(column: Column) -> str:
    """One sentence for the notes."""
    also = f"。也认得这些表头：{'、'.join(column.also)}" if column.also else ""
    return (f"{column.help}。{column.kind.how}" if column.help else column.kind.how) + also
