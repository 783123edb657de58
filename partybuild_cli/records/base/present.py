"""Kept records as people and programs read them (取出): values by column key, names instead of numbers.

What stands in no table (应到, 出勤率, 党龄, 状态) is worked out here by each type's `tell`.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.kinds import BranchKind, MemberKind, PeopleKind, SealedMemberKind
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.soundness import damaged, read_extras, unsound
from partybuild_cli.records.base.told import Below, Teller, Told
from partybuild_cli.values.count import Count
from partybuild_cli.values.day import Day, dotted_day
from partybuild_cli.values.kind import Kind
from partybuild_cli.values.people import Person, format_people, put_name

if TYPE_CHECKING:
    from partybuild_cli.records.base.kept import Kept

#: Reads one column from a stored row and the rows below it.
Reader = Callable[[dict[str, Any], Below], Any]


def tell_all(record: type[Record], kept: "Kept", teller: Teller) -> Iterator[Told]:
    """Every loaded record, in the order in which it was loaded."""
    plain, others = _readers(record, teller.roster)
    for number, row in kept.rows.items():
        below: Below = {table: rows.get(number, []) for table, rows in kept.below.items()}
        values = {key: row[part] for key, part in plain if row[part] is not None}
        try:
            for key, read in others:
                value = read(row, below)
                if value is not None:
                    values[key] = value
            values |= record.tell(row, below, teller)
            extras = read_extras(row["extras"])
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            headings = unsound(record, row)
            if not headings:
                raise
            raise damaged(record, number, headings) from None
        yield Told(number, values, extras, row["uid"])


def _readers(record: type[Record], roster: Roster) -> tuple[list[tuple[str, str]], list[tuple[str, Reader]]]:
    """How each column is read, settled once for many rows: those that stand as they are stored, and the others."""
    plain: list[tuple[str, str]] = []
    others: list[tuple[str, Reader]] = []
    for column in record.columns.values():
        if column.place == "table" and type(column.kind).decode is Kind.decode and not _points(column):
            plain.append((column.key, next(iter(column.parts))))
        elif (column.parts or column.place in ("scope", "link")) and not isinstance(column.kind, SealedMemberKind):
            others.append((column.key, _reader(record, column, roster)))
    return plain, others


def _points(column: Column) -> bool:
    return isinstance(column.kind, BranchKind | MemberKind)


def _reader(record: type[Record], column: Column, roster: Roster) -> Reader:
    kind, parts = column.kind, tuple(column.parts)
    if column.place == "scope":
        return lambda row, below: _home(record, row, roster)
    if column.place == "link" and isinstance(kind, PeopleKind):
        return lambda row, below: _linked_people(column, below, roster)
    if column.place == "link":
        return lambda row, below: _linked_text(column, row, below, roster)
    part = parts[0]
    if isinstance(kind, BranchKind):
        return lambda row, below: roster.branch_names.get(row[part])
    if isinstance(kind, MemberKind):
        return lambda row, below: None if row[part] is None else roster.shown(row[part])
    return lambda row, below: None if row[part] is None else kind.decode(tuple(row[one] for one in parts))


def _linked_people(column: Column, below: Below, roster: Roster) -> list[Person] | None:
    people = [Person(roster.shown(member)) for role, member in below.get("person", ()) if role == column.key]
    return people or None


def _linked_text(column: Column, row: dict[str, Any], below: Below, roster: Roster) -> str | None:
    """A text that names members, with the 工号 behind a name that two bear by now."""
    text: str | None = row.get(column.key)
    for role, member in below.get("person", ()):
        name, shown = roster.name(member), roster.shown(member)
        if text and name and role == column.key and shown != name and shown not in text:
            text = put_name(text, name, shown)
    return text


def _home(record: type[Record], row: dict[str, Any], roster: Roster) -> str | None:
    """The branch of the member that a record is about."""
    of = next((f"{column.key}_id" for column in record.columns.values() if type(column.kind) is MemberKind), "")
    home = roster.home(row[of]) if row.get(of) else None
    return roster.branch_names.get(home) if home else None


def speaker(column: Column, full: bool = False) -> Callable[[Any], str]:
    """How the values of a column are shown; personal data masked unless `full`. Decided once for all rows."""
    kind, mask = column.kind, column.mask
    say: Callable[[Any], str] = kind.text
    if isinstance(kind, PeopleKind):
        say = format_people
    elif isinstance(kind, BranchKind | MemberKind):
        say = str
    return say if mask is None or full else lambda value: mask(say(value))


def cell_maker(column: Column, full: bool = False) -> Callable[[Any], str | int | Decimal | None]:
    """How a value of the column becomes a cell: numbers as numbers, days dotted, everything else as text; blank for None."""
    say = speaker(column, full)
    dotted = isinstance(column.kind, Day)

    def cell(value: Any) -> str | int | Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, Count) and value.qualifier is None:
            return value.value
        return dotted_day(value) if dotted and value[:1].isdigit() else say(value)

    return cell


def as_text(column: Column, value: Any, full: bool = False) -> str:
    """A told value as a screen or a sheet shows it; personal data masked unless `full`."""
    return "" if value is None else speaker(column, full)(value)


def as_json(column: Column, value: Any, full: bool = False) -> Any:
    """A told value as `--json` prints it."""
    if isinstance(column.kind, PeopleKind):
        return [{**_named(person.name), "reason": person.reason} for person in value]
    if isinstance(column.kind, MemberKind):
        named = _named(value)
        return named if len(named) > 1 else value
    if isinstance(column.kind, BranchKind):
        return value
    if column.mask and not full:
        return column.mask(str(value))
    return column.kind.json(value)


#: A namesake's name with his 工号, or the number of his record, behind it.
_NAMESAKE = re.compile(r"(.+)\((?:编号([0-9]+)|([0-9A-Za-z-]+))\)")


def _named(shown: str) -> dict[str, Any]:
    """A member as a program reads him: the name, and beside a namesake's his 工号, or the number of his record."""
    found = _NAMESAKE.fullmatch(shown)
    if found is None:
        return {"name": shown}
    return {"name": found[1], **({"id": int(found[2])} if found[2] else {"staff_no": found[3]})}
