"""Load records in whole sets (已有记录): one query for the records, one for each table below them; and match rows with them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from partybuild_cli.records.base.context import Below, Values
from partybuild_cli.records.base.dated import Row
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft, Matcher
from partybuild_cli.store.asof import added_after
from partybuild_cli.store.rows import CHUNK, Edit
from partybuild_cli.store.shape import Shape
from partybuild_cli.values.kind import Primitive
from partybuild_cli.values.period import behind, quarter_of

#: Whose record it is narrows a query for the records that drafts may mean, where the ledger says nothing else.
_OWNERS = ("member_id", "branch_id")
_FEW = 500


@dataclass(slots=True)
class Loaded:
    """Rows by number, as stored; rows of child tables by table and number once they were asked for."""

    shape: Shape
    rows: dict[int, Values]
    below: dict[str, dict[int, list[Row]]] = field(default_factory=dict)

    def full(self, number: int) -> Values:
        """One record with the rows below it, as the history keeps it."""
        return {
            **self.rows[number],
            **{table: list(rows[number]) for table, rows in self.below.items() if number in rows},
        }

    def below_of(self, number: int) -> Below:
        """The rows below one record, by their type."""
        children = self.shape.children
        return Below((one.row, rows[number]) for one in children if number in (rows := self.below.get(one.table, {})))


def load(
    connection: Connection,
    shape: Shape,
    where: Mapping[str, Collection[Primitive]] | None = None,
    *,
    sparse: bool = False,
) -> Loaded:
    """The records of a ledger, or those with any of the values in `where`; `sparse` leaves blanks out, to save memory."""
    names = ", ".join(f'"{name}"' for name in shape.columns)
    sql, values = f'SELECT id, {names} FROM "{shape.table}"', [one for some in (where or {}).values() for one in some]
    if where is not None:
        sql += " WHERE " + " OR ".join(f'"{name}" IN ({", ".join("?" * len(some))})' for name, some in where.items())
    found = connection.exec_driver_sql(f"{sql} ORDER BY id", tuple(values))
    if sparse:
        pairs = ((number, zip(shape.columns, row, strict=True)) for number, *row in found)
        return Loaded(shape, {number: {key: value for key, value in row if value is not None} for number, row in pairs})
    return Loaded(shape, {number: dict(zip(shape.columns, row, strict=True)) for number, *row in found})


def load_below(connection: Connection, kept: Loaded, numbers: Iterable[int] | None = None) -> Loaded:
    """Add the child rows of the records (of some, or of all that were loaded)."""
    wanted = list(kept.rows if numbers is None else numbers)
    for child in kept.shape.children:
        found: dict[int, list[Row]] = {}
        kept.below[child.table] = found
        names = ", ".join(f'"{name}"' for name in (child.owner, *child.columns))
        order = ", ".join(f'"{name}"' for name in (child.owner, *child.keyed_by))
        ledger = f"ledger = '{child.ledger}' AND " if child.ledger else ""
        make = child.make
        for at in range(0, len(wanted), CHUNK):
            part = tuple(wanted[at : at + CHUNK])
            where = f'{ledger}"{child.owner}" IN ({", ".join("?" * len(part))})'
            sql = f'SELECT {names} FROM "{child.table}" WHERE {where} ORDER BY {order}'
            for number, *row in connection.exec_driver_sql(sql, part):
                found.setdefault(number, []).append(make(row))
    return kept


def pick(connection: Connection, record: type[Record], numbers: Sequence[int]) -> Loaded:
    """Records by number with what stands below them; numbers that do not exist are simply not there."""
    kept = Loaded(record.shape(), {})
    for at in range(0, len(numbers), _FEW):
        kept.rows |= load(connection, record.shape(), {"id": numbers[at : at + _FEW]}).rows
    return load_below(connection, kept)


def all_on(connection: Connection, record: type[Record], day: date) -> dict[int, Values]:
    """Every record of a ledger, as stored, as it was on a day."""
    kept = load_below(connection, load(connection, record.shape()))
    return {number: record.as_on(row, kept.below_of(number), day.isoformat()) for number, row in kept.rows.items()}


def late(connection: Connection, record: type[Record], day: date, known: int | None) -> set[int]:
    """The records that stand from one day on, do not say since when, and of which nobody knew by a day that is past.

    Such a one stood if it was in the book by then (`known`, see `asof.known_by`), or has an entry of by then: what is typed
    today changes nothing of the past. Of a time before the book was begun it tells, for nobody could have entered it sooner.
    """
    found = added_after(connection, record.ledger, known) if record.begins else set()
    if found:
        sql = f'SELECT id FROM "{record.ledger}" WHERE {record.begins} IS NOT NULL'
        found -= set(connection.exec_driver_sql(sql).scalars())
    if found:
        sql = "SELECT record_id FROM entry WHERE ledger = ? AND CASE WHEN on_day LIKE '%Q%' THEN on_day <= ? ELSE on_day < ? END"
        entries = connection.exec_driver_sql(sql, (record.ledger, quarter_of(day), behind(day)))
        found -= set(entries.scalars())
    return found


def matcher_of(connection: Connection, record: type[Record], drafts: Sequence[Draft]) -> tuple[Matcher, Loaded]:
    """Load what the drafts may mean, in one query, and a matcher over it."""
    numbers = [draft.number for draft in drafts if draft.number is not None]
    kept = _alike(connection, record, [draft.stored for draft in drafts], numbers)
    return record.matcher(record.identity(), kept.rows), kept


def _alike(connection: Connection, record: type[Record], rows: Collection[Values], numbers: Collection[int]) -> Loaded:
    """The records that have something in common with rows, by which they may be the same, and those of some numbers."""
    anchors: Sequence[str] = record.sought_by
    if not anchors:
        whole = (part for part in _OWNERS if part in record.shape().identity)
        anchors = [part for part in whole if all(row.get(part) is not None for row in rows)][:1]
    wanted = {part: sorted({row[part] for row in rows if row.get(part) is not None}, key=str) for part in anchors}
    wanted["id"] = sorted({*numbers})
    few = anchors and all(len(values) <= _FEW for values in wanted.values())
    where = {part: values for part, values in wanted.items() if values} if few else None
    return load(connection, record.shape(), where or None, sparse=True)


def clashes(record: type[Record], kept: Loaded, edits: Sequence[Edit], additions: Sequence[Draft]) -> dict[int, int]:
    """Of the edits, all thought done, those that would make a record the same as another: number -> the other."""
    moved = [edit.number for edit in edits if not edit.after.keys().isdisjoint(record.shape().identity)]
    if not moved:
        return {}
    rows = {**kept.rows, **{edit.number: {**kept.rows[edit.number], **edit.after} for edit in edits}}
    rows |= {-place: draft.stored for place, draft in enumerate(additions, start=1)}
    return _twins(record, rows, moved)


def twins_now(connection: Connection, record: type[Record], numbers: Sequence[int]) -> dict[int, int]:
    """Of the kept records named, those that are the same as another one: number -> the other's."""
    if not numbers:
        return {}
    mine = load(connection, record.shape(), {"id": numbers} if len(numbers) <= _FEW else None, sparse=True)
    return _twins(record, _alike(connection, record, mine.rows.values(), numbers).rows, numbers)


def _twins(record: type[Record], rows: Mapping[int, Values], numbers: Iterable[int]) -> dict[int, int]:
    matcher = record.matcher(record.identity(), rows)
    others = {number: [one for one in matcher.twins(rows[number]) if one != number] for number in numbers}
    return {number: found[0] for number, found in others.items() if found}
