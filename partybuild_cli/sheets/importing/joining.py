"""Rows of one activity, one row a participant (一人一行的活动): joined into one record with its members."""

import re
from decimal import Decimal
from typing import Any

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.values.number import plain_decimal

_SEVERAL = re.compile(r"[、，,；;\n]+")


def join_rows(record: type[Record], drafts: list[Draft]) -> None:
    """Rows of one record, one row a participant, are one record with its members; what each did for himself stands by him."""
    if not record.gathers:
        return
    people, own = record.gathers
    identity = [column.key for column in record.identity()]
    groups: dict[tuple[Any, ...], list[Draft]] = {}
    for draft in drafts:
        names = [draft.values[key] for key in _lists(record) if key in draft.values]
        alone = len(names) == 1 and not _SEVERAL.search(names[0])
        if alone and draft.origin is None and record.date in draft.values:
            groups.setdefault(tuple(draft.values.get(key) for key in identity), []).append(draft)
    for rows in groups.values():
        if len(rows) > 1 and any(people in draft.values for draft in rows):
            _join(rows, own, record)


def _lists(record: type[Record]) -> dict[str, None]:
    """The columns that name who took part, and who did not."""
    return dict.fromkeys((record.gathers[0], *record.presence)) if record.gathers else {}


def _join(rows: list[Draft], own: str, record: type[Record]) -> None:
    amounts = [draft.values.get(own) for draft in rows]
    apart = len(set(amounts)) > 1
    first = rows[0]
    joined = dict(first.values)
    for key in _lists(record):
        names = []
        for draft, amount in zip(rows, amounts, strict=True):
            if key in draft.values:
                kind = record.columns[own].kind if apart and amount is not None else None
                unit = f"（{kind.text(amount)}{getattr(kind, 'unit', '')}）" if kind else ""
                names.append(f"{_marked(draft, key)}{unit}")
        joined |= {key: "、".join(names)} if names else {}
    if apart:
        joined.pop(own, None)
    first.values, first.numbers = joined, {}
    for draft in rows[1:]:
        draft.joins = first
        first.problems += draft.problems


def blame_rows(record: type[Record], drafts: list[Draft]) -> None:
    """A problem of somebody named stands in the row that names him; the others of his activity say which one that is."""
    for draft in drafts:
        if (first := draft.joins) is not None:
            named = {str(draft.values[key]) for key in _lists(record) if key in draft.values}
            draft.problems += [one for one in first.problems if one.value in named]
            first.problems[:] = [one for one in first.problems if not any(one is own for own in draft.problems)]
    bad = {id(draft.joins or draft): draft.row for draft in reversed(drafts) if draft.problems}
    for draft in drafts:
        row = bad.get(id(draft.joins or draft), draft.row)
        if row != draft.row and not draft.problems and (draft.joins or id(draft) in bad):
            draft.refuse("", "", f"与第 {row} 行是同一次活动，那一行有问题")


def _marked(draft: Draft, people: str) -> str:
    """The name with the 工号 beside it, which tells it from a namesake's."""
    name = str(draft.values[people])
    which, number = draft.numbers.get(people, ("", ""))
    return f"{name}({number})" if which == "staff_no" and number else name


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
