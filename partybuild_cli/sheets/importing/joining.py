"""Rows of one activity, one row a participant (一人一行的活动): joined into one record with its members."""

import re
from typing import Any

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft

_SEVERAL = re.compile(r"[、，,；;\n]+")


def join_rows(record: type[Record], drafts: list[Draft]) -> None:
    """Rows of one record, one row a participant, are one record with its members; what each did for himself stands by him."""
    if not record.gathers:
        return
    people, own = record.gathers
    identity = [column.key for column in record.identity()]
    groups: dict[tuple[Any, ...], list[Draft]] = {}
    for draft in drafts:
        name = draft.values.get(people, "")
        if name and draft.origin is None and not _SEVERAL.search(name) and record.date in draft.values:
            groups.setdefault(tuple(draft.values.get(key) for key in identity), []).append(draft)
    for rows in groups.values():
        if len(rows) > 1:
            _join(rows, people, own, record)


def _join(rows: list[Draft], people: str, own: str, record: type[Record]) -> None:
    names = [_marked(draft, people) for draft in rows]
    amounts = [draft.values.get(own) for draft in rows]
    if len(set(amounts)) > 1:
        kind = record.columns[own].kind
        unit = getattr(kind, "unit", "")
        names = [
            name if amount is None else f"{name}（{kind.text(amount)}{unit}）"
            for name, amount in zip(names, amounts, strict=True)
        ]
    first = rows[0]
    first.values = {**first.values, people: "、".join(names)}
    if len(set(amounts)) > 1:
        first.values.pop(own, None)
    first.numbers = {}
    for draft in rows[1:]:
        draft.joins = first
        first.problems += draft.problems


def _marked(draft: Draft, people: str) -> str:
    """The name with the 工号 beside it, which tells it from a namesake's."""
    name = str(draft.values[people])
    which, number = draft.numbers.get(people, ("", ""))
    return f"{name}({number})" if which == "staff_no" and number else name
