"""Loaded records as people and programs read them (取出): values by column key, names instead of numbers.

What stands in no table (应到, 出勤率, 党龄, 状态) is worked out here by each type's `compute`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Below, Context, View
from partybuild_cli.records.base.declare import Link, Record
from partybuild_cli.records.base.kinds import TEXT
from partybuild_cli.records.base.loaded import load
from partybuild_cli.records.base.registry import all_records, called
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values.people import Person, put_name

if TYPE_CHECKING:
    from partybuild_cli.records.base.loaded import Loaded


#: The heading under which the columns that only the clerk knows are named.
_EXTRAS = "其他列"
_NAMED = 5


def read_extras(text: Any) -> dict[str, str]:
    """The columns that only the clerk knows (其他列). ValueError where they are none."""
    found = json.loads(text or "{}")
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError
    return found


def unsound(record: type[Record], row: dict[str, Any]) -> list[str]:
    """The headings of those columns of a stored record that cannot have been stored so."""
    found = [
        column.heading
        for column in record.columns.values()
        if column.parts and not column.kind.sound(tuple(row.get(part) for part in column.parts))
    ]
    try:
        if not TEXT.sound((row.get("extras"),)):
            raise ValueError
        read_extras(row.get("extras"))
    except (ValueError, TypeError):
        found.append(_EXTRAS)
    return found


def damaged(record: type[Record], number: int, headings: list[str]) -> Unfit:
    """What to say where such a record is needed."""
    return Unfit(
        f"{_named(record.ledger, number, headings)}已损坏，读不出来。"
        "请用 partybuild doctor 看还有哪些，再用 partybuild restore 从备份恢复。"
    )


def damage_of(connection: Connection) -> str | None:
    """Every value of the records that cannot be read, in words; None where all can. The connection reads what is no text."""
    found = list(_unreadable(connection))
    if not found:
        return None
    more = f" 等 {len(found)} 处" if len(found) > _NAMED else ""
    return f"{'；'.join(found[:_NAMED])}{more}读不出来，请用 partybuild restore 从最近的备份恢复"


def _unreadable(connection: Connection) -> Iterator[str]:
    for record in all_records():
        for number, row in load(connection, record.shape()).rows.items():
            headings = unsound(record, row)
            if headings:
                yield _named(record.ledger, number, headings)


def _named(ledger: str, number: int, headings: list[str]) -> str:
    return f"{called(ledger, number)} 的{''.join(f'“{one}”' for one in headings)}"


@dataclass(slots=True)
class Names:
    """The names behind the numbers of one kept record, column by column, for kinds to ask (`Telling`)."""

    roster: Roster
    owner: str = ""
    date: str = ""
    row: dict[str, Any] = field(default_factory=dict)
    below: Below = field(default_factory=Below)
    key: str = ""

    def member(self, number: int) -> str:
        """The member's name."""
        return self.roster.shown(number)

    def branch(self, number: int) -> str | None:
        """The branch's name."""
        return self.roster.branch_names.get(number)

    def home(self) -> str | None:
        """The branch of the member whom the record is about, on its day."""
        day = str(self.row.get(self.date) or "").partition("..")[0]
        known = day if day.replace("-", "").isdigit() else None
        home = self.roster.home(self.row[self.owner], known) if self.row.get(self.owner) else None
        return self.branch(home) if home else None

    def listed(self) -> list[Person] | None:
        """The members whom the column names."""
        return [Person(self.roster.shown(member)) for member in self._linked()] or None

    def mentioned(self, text: str) -> str:
        """The text with the 工号 behind each name that two members bear by now."""
        for member in self._linked():
            name, shown = self.roster.name(member), self.roster.shown(member)
            if text and name and shown != name and shown not in text:
                text = put_name(text, name, shown)
        return text

    def _linked(self) -> list[int]:
        return [link.member_id for link in self.below.of(Link) if link.role == self.key]


def tell_all(record: type[Record], kept: "Loaded", context: Context) -> Iterator[View]:
    """Every loaded record, in the order in which it was loaded."""
    stored = [column for column in record.columns.values() if column.parts and column.kind.as_it_is]
    plain = [(column.key, next(iter(column.parts))) for column in stored]
    others = [
        (column.key, column.kind, tuple(column.parts))
        for column in record.columns.values()
        if column not in stored and not column.computed and not column.entry
    ]
    names = Names(context.roster, next(iter(record.member_columns()), ""), record.date)
    for number, row in kept.rows.items():
        below = kept.below_of(number)
        row = record.as_on(row, below, context.as_of.isoformat())
        values = {key: row[part] for key, part in plain if row[part] is not None}
        names.row, names.below = row, below
        try:
            for key, kind, parts in others:
                names.key = key
                value = kind.read(tuple(row[part] for part in parts), names)
                if value is not None:
                    values[key] = value
            values |= record.compute(row, below, context)
            extras = read_extras(row["extras"])
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            headings = unsound(record, row)
            if not headings:
                raise
            raise damaged(record, number, headings) from None
        yield View(number, values, extras, row["uid"])


def speaker(column: Column, full: bool = False) -> Callable[[Any], str]:
    """How the values of a column are shown; personal data masked unless `full`. Decided once for all rows."""
    say, mask = column.kind.text, column.mask
    return say if mask is None or full else lambda value: mask(say(value))


def cell_maker(column: Column, full: bool = False) -> Callable[[Any], str | int | Decimal | None]:
    """How a value of the column becomes a cell; blank for None. Personal data masked unless `full`."""
    make = column.kind.cell if column.mask is None or full else speaker(column)
    return lambda value: None if value is None else make(value)


def as_text(column: Column, value: Any, full: bool = False) -> str:
    """A told value as a screen or a sheet shows it; personal data masked unless `full`."""
    return "" if value is None else speaker(column, full)(value)


def as_json(column: Column, value: Any, full: bool = False) -> Any:
    """A told value as `--json` prints it."""
    return column.mask(str(value)) if column.mask and not full else column.kind.view_json(value)
