"""Sums that a sheet states itself (总计学时 合计): checked against the rows, a difference is a warning."""

from decimal import Decimal
from typing import Any

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.values.number import plain_decimal


def check_totals(record: type[Record], drafts: list[Draft]) -> None:
    """Compare the stated sum of each member with the sum of the rows; a running sum, which changes, is left aside."""
    for key, summed in record.sums.items():
        groups: dict[Any, list[Draft]] = {}
        for draft in drafts:
            groups.setdefault((draft.values.get("branch"), draft.values.get("member")), []).append(draft)
        for rows in groups.values():
            _check(record, key, summed, rows)


def _check(record: type[Record], key: str, summed: str, rows: list[Draft]) -> None:
    stated = {draft.values[key] for draft in rows if key in draft.values}
    if len(stated) != 1 or any(draft.problems for draft in rows):
        return
    total = sum((draft.values[summed] for draft in rows if summed in draft.values), start=Decimal(0))
    (typed,) = stated
    if typed != total:
        message = f"表中填 {plain_decimal(typed)}，按本表各行相加应为 {plain_decimal(total)}，请核对"
        next(draft for draft in rows if key in draft.values).warn(record.columns[key], plain_decimal(typed), message)
