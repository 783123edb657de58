"""Columns that only the clerk knows, among those of the ledger (原表的其他栏目): each behind the field that it stood behind."""

from collections.abc import Mapping, Sequence

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.sheets.importing.memory import Place


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
