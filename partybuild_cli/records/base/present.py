"""Records out of the book (取出): as they are stored, and as people and programs read them, with what is worked out (应到 党龄 状态)."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import methodcaller
from typing import Any

from sqlalchemy import Connection, case, select

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.column import Column, Values, table_of
from partybuild_cli.records.base.declare import DatedEntry, PersonLink, Record
from partybuild_cli.records.base.registry import all_records, called
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.row import Below, Context, View
from partybuild_cli.store.asof import added_after
from partybuild_cli.store.rows import kept, own_rows
from partybuild_cli.store.shape import Stored
from partybuild_cli.values.kind import Json, Kind, Primitive
from partybuild_cli.values.people import Person, put_name
from partybuild_cli.values.period import behind, quarter_of
from partybuild_cli.values.text import Text

_NAMED = 5
_ENTRY = table_of("entry", "ledger", "record_id", *DatedEntry._fields).c


def read_extras(text: str | None) -> dict[str, str]:
    """The columns that only the clerk knows (其他列). ValueError where they are none."""
    if not text:
        return {}
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError
    return found


def _unsound(record: type[Record], number: int, row: Values) -> str | None:
    """Which columns of a stored record cannot have been stored so, in words; None where all can."""
    stored = (column for column in record.columns.values() if column.parts)
    found = [column.heading for column in stored if not column.kind.sound((*map(row.get, column.parts),))]
    try:
        if not Text().sound((row.get("extras"),)):
            raise ValueError
        read_extras(row.get("extras"))
    except (ValueError, TypeError):
        found.append("其他列")
    return f"{called(record.ledger, number)} 的{''.join(f'“{heading}”' for heading in found)}" if found else None


def damage_of(connection: Connection) -> str | None:
    """Every value of the records that cannot be read, in words; None where all can. The connection reads what is no text."""
    rows = ((record, *item) for record in all_records() for item in own_rows(connection, record.shape).items())
    found = [said for row in rows if (said := _unsound(*row))]
    if not found:
        return None
    more = f" 等 {len(found)} 处" if len(found) > _NAMED else ""
    return f"{'；'.join(found[:_NAMED])}{more}读不出来，请用 partybuild restore 从最近的备份恢复"


@dataclass(slots=True)
class Names:
    """The names behind the numbers of one kept record, column by column, for kinds to ask (`Telling`)."""

    roster: Roster
    owner: str = ""
    date: str = ""
    row: Values = field(default_factory=dict)
    below: Below = field(default_factory=Below)
    key: str = ""

    def member(self, number: int) -> str:
        return self.roster.shown(number)

    def branch(self, number: int) -> str | None:
        return self.roster.branch_names.get(number)

    def home(self) -> str | None:
        """The branch of the member whom the record is about, on its day."""
        day, owner = str(self.row.get(self.date) or "").partition("..")[0], self.row.get(self.owner)
        home = self.roster.home(owner, day if day.replace("-", "").isdigit() else None) if owner else None
        return self.branch(home) if home else None

    def listed(self) -> list[Person] | None:
        links = self._linked()
        if self.key in self.row:  # whom it named on another day
            links = [int(number) for number in (self.row[self.key] or "").split(",") if number]
        return [Person(self.roster.shown(member)) for member in links] or None

    def mentioned(self, text: str) -> str:
        """The text with the 工号 behind each name that two members bear by now."""
        for member in self._linked():
            for name in self.roster.names(member):
                shown = self.roster.shown(member, name)
                if text and shown != name and shown not in text:
                    text = put_name(text, name, shown)
        return text

    def _linked(self) -> list[int]:
        return [link.member_id for link in self.below.of(PersonLink) if link.role == self.key]


def pick(connection: Connection, record: type[Record], numbers: Collection[int] | None = None) -> dict[int, Stored]:
    """Records by number, in that order, with what stands below them; numbers that do not exist are simply not there."""
    return kept(connection, record.shape, numbers)


def rows_of(record: type[Record], stored: Stored) -> Below:
    return Below((child.row, stored[child.table]) for child in record.shape.children if child.table in stored)


def all_on(connection: Connection, record: type[Record], day: date) -> dict[int, Values]:
    """Every record of a ledger, as stored, as it was on a day."""
    rows = pick(connection, record).items()
    return {number: record.as_on(row, rows_of(record, row), day.isoformat()) for number, row in rows}


def late(connection: Connection, record: type[Record], day: date, known: int | None) -> set[int]:
    """The records that stand from one day on, do not say since when, and of which nobody knew by a day that is past.

    Such a one stood if it was in the book by then (`known`, see `asof.known_by`), or has an entry of by then: what is typed
    today changes nothing of the past. Of a time before the book was begun it tells, for nobody could have entered it sooner.
    """
    found = added_after(connection, record.ledger, known) if record.begins else set()
    if found:
        found -= {*connection.execute(select(record.__table__.c.id).where(record.begun().is_not(None))).scalars()}
    if found:
        by = case((_ENTRY.on_day.contains("Q"), _ENTRY.on_day <= quarter_of(day)), else_=_ENTRY.on_day < behind(day))
        entries = select(_ENTRY.record_id).where(_ENTRY.ledger == record.ledger, by)
        found -= {*connection.execute(entries).scalars()}
    return found


def tell_all(record: type[Record], rows: Mapping[int, Stored], context: Context) -> Iterator[View]:
    """Every record that was picked, in that order. Unfit where one is damaged."""
    plain: list[tuple[str, str]] = []
    others: list[tuple[str, Kind, tuple[str, ...]]] = []
    for key, column in record.columns.items():
        if column.parts and column.kind.as_it_is:
            plain.append((key, next(iter(column.parts))))
        elif not column.computed and not column.entry:
            others.append((key, column.kind, tuple(column.parts)))
    names = Names(context.roster, next(iter(record.member_columns), ""), record.date)
    today = context.as_of >= date.today()
    for number, stored in rows.items():
        row, below = stored, rows_of(record, stored)
        if below or not today:  # else nothing can have been otherwise
            row = record.as_on(stored, below, context.as_of.isoformat())
        values = {key: value for key, part in plain if (value := row[part]) is not None}
        names.row, names.below = row, below
        try:
            for names.key, kind, parts in others:
                value = kind.read(tuple(map(row.__getitem__, parts)), names)
                if value is not None:
                    values[names.key] = value
            values |= record.compute(row, below, context)
            extras = read_extras(row["extras"]) if row["extras"] else {}
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            said = _unsound(record, number, row)
            if not said:
                raise
            raise Unfit(
                f"{said}已损坏，读不出来。请用 partybuild doctor 看还有哪些，再用 partybuild restore 从备份恢复。"
            ) from None
        yield View(number, values, extras, row["uid"])


def cell_maker(column: Column, full: bool = False) -> Callable[[Any], str | int | Decimal]:
    """How a value of the column becomes a cell; personal data masked unless `full`. Decided for all rows."""
    kind, mask = column.kind, None if full else column.mask
    return kind.cell if mask is None else lambda value: mask(kind.text(value))


def as_text(column: Column, value: Any, full: bool = False) -> str:
    """A told value as a screen or a sheet shows it; personal data masked unless `full`."""
    text = "" if value is None else column.kind.text(value)
    return column.mask(text) if text and column.mask and not full else text


def as_json(column: Column, value: Any, full: bool = False) -> Json:
    return column.mask(str(value)) if column.mask and not full else column.kind.view_json(value)


#: Whose record it is narrows a query for the records that rows may mean, where the ledger says nothing else.
_OWNERS = ("member_id", "branch_id")
_FEW = 500  # of more values than these the whole ledger is loaded


def candidates(
    connection: Connection, record: type[Record], rows: Collection[Values], numbers: Collection[int] = ()
) -> dict[int, Values]:
    """What is known by: of the records that have something in common with rows, and of those of some numbers."""
    anchors: Sequence[str] = record.sought_by
    if not anchors:
        whole = (part for part in _OWNERS if part in record.shape.identity)
        anchors = [part for part in whole if all(row.get(part) is not None for row in rows)][:1]
    wanted: dict[str, set[Primitive]] = {"id": {*numbers}} if numbers else {}
    for part in anchors:
        if said := {*map(methodcaller("get", part), rows)} - {None}:
            wanted[part] = said
    few = anchors and max(map(len, wanted.values()), default=0) <= _FEW
    return own_rows(connection, record.shape, wanted if few and wanted else None, record.known)
