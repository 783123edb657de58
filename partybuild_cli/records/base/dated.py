"""What holds for a time (党内职务 党小组 岗位类别 …): the values that a column had before, each with the day on which it ended.

The record's own column holds the latest value. Every earlier one lies below the record as a span that says until when it
held, that day being the first of the next; the first has no known beginning. So every day has exactly one value, and what is
typed of today leaves earlier days as they were.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.kind import Primitive

if TYPE_CHECKING:
    from sqlalchemy import Connection


#: Values of a record by column key, or by SQL column; their types are those of the kinds of their columns.
Values = dict[str, Any]
Row = tuple[Any, ...]  # a row of a table below a record


class Span(NamedTuple):
    """An earlier value of a column: which SQL column, the first day on which it no longer held, the value as text."""

    field: str
    until: str
    value: str | None


#: Earlier values below any record that has columns which hold for a time.
SPANS = ChildShape("span", "record_id", Span, keyed_by=("field", "until"))


def earlier(spans: Sequence[Span], day: str) -> dict[str, str | None]:
    """The columns that said something else on a day; what begins after today was dated by a clock that lied."""
    if not spans or day >= date.today().isoformat():
        return {}
    coming = sorted((span for span in spans if span.until > day), key=lambda span: span.until, reverse=True)
    return {span.field: span.value for span in coming}


def hold(kept: Values, field: str, value: Primitive, day: str | None) -> tuple[list[Span], Primitive]:
    """The spans of a record and the latest value of a column, once `value` holds from `day` on; without a day all along."""
    spans = [Span(*one) for one in kept.get(SPANS.table, ())]
    others = [one for one in spans if one.field != field]
    today, latest, said = date.today().isoformat(), kept.get(field), None if value is None else str(value)
    mine = sorted(
        (one._replace(until=min(one.until, today)) for one in spans if one.field == field), key=lambda span: span.until
    )
    if day is None:
        return [*others, *_joined(mine[:-1] if latest == value else mine, said)], value
    past, coming = [one for one in mine if one.until <= day], [one for one in mine if one.until > day]
    if coming:
        new = [Span(field, day, coming[0].value), coming[0]._replace(value=said), *coming[1:]]
    else:
        new, latest = [Span(field, day, None if latest is None else str(latest))], value
    return [*others, *_joined([*past, *new], None if latest is None else str(latest))], latest


def _joined(spans: Sequence[Span], latest: str | None) -> list[Span]:
    """Without spans of no day, and without those that go on as they were."""
    found: list[Span] = []
    for place, one in enumerate(spans):
        after = spans[place + 1].value if place + 1 < len(spans) else latest
        if one.value != after and not (found and found[-1].until == one.until):
            found.append(one)
    return found


def spans_of(connection: "Connection", ledger: str, narrower: str = "", *values: str) -> dict[int, list[Span]]:
    """The spans of the records of a ledger, by number; `narrower`: further conditions in SQL."""
    found: dict[int, list[Span]] = {}
    sql = f"SELECT record_id, field, until, value FROM span WHERE ledger = ?{narrower}"
    for number, *one in connection.exec_driver_sql(sql, (ledger, *values)):
        found.setdefault(number, []).append(Span(*one))
    return found


def value_on(ledger: str, number: str, field: str, day: str) -> str:
    """SQL for the text that a column, which is never blank, held on a day; `number` is that of the record."""
    then = f"SELECT past.value FROM span AS past WHERE past.ledger = '{ledger}' AND past.field = '{field}' AND past.until > {day}"
    held = f"SELECT {field} FROM {ledger} WHERE id = {number}"
    return f"coalesce(({then} AND past.record_id = {number} ORDER BY past.until LIMIT 1), ({held}))"


def linked_on(ledger: str, role: str, day: str) -> str:
    """SQL for the members whom records named in a column on a day: record_id, member_id."""
    span = f"span AS past WHERE past.ledger = '{ledger}' AND past.field = '{role}' AND past.until > {day}"
    return (
        f"SELECT record_id, member_id FROM person WHERE ledger = '{ledger}' AND role = '{role}'"
        f" AND record_id NOT IN (SELECT past.record_id FROM {span})"
        " UNION SELECT ended.record_id, CAST(item.value AS INTEGER) FROM (SELECT past.record_id, past.value, min(past.until)"
        f" FROM {span} GROUP BY past.record_id) AS ended, json_each('[' || ended.value || ']') AS item"
    )


def home_on(member: str, day: str) -> str:
    """SQL for the branch to which a member belonged on the day of a record; both are columns of the query."""
    outside = "CASE WHEN length(past.left_on) = 10 THEN past.left_on ELSE past.left_on || '~' END"
    then = f"SELECT past.branch_id FROM stay AS past WHERE past.member_id = {member} AND {outside} > {day} ORDER BY {outside} LIMIT 1"
    return f"coalesce(({then}), (SELECT branch_id FROM member WHERE id = {member}))"
