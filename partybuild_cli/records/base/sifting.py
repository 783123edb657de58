"""Sift told records (筛选): by what a field says, by a text anywhere in them; and add up a field of those that are left."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import View
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import as_text
from partybuild_cli.values.kind import Kind
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.text import tight

Test = Callable[[View], bool]


def column_named(record: type[Record], name: str) -> Column | None:
    """The column that a clerk calls by its option or its heading; None where the ledger has none called so."""
    said = name.strip().removeprefix("--")
    key = said.replace("-", "_")
    if said == "on" and record.date:
        key = record.date
    found = (one for one in record.columns.values() if key in (one.key, one.option) or said in one.headings)
    return next(found, None)


def tests_of(record: type[Record], wheres: Sequence[str], search: str | None) -> list[Test]:
    """What `field=value` lines and a text ask of a record; `!=` asks for the others, nothing behind it for the blank.

    UsageFault for a field that is not there, or a value that it cannot have.
    """
    found = [_where(record, said) for said in wheres]
    return [*found, _search(record, search)] if search else found


def sift(views: Iterable[View], tests: Sequence[Test]) -> Iterator[View]:
    """The records that pass all."""
    return (one for one in views if all(test(one) for test in tests))


def _where(record: type[Record], said: str) -> Test:
    name, equals, value = said.partition("=")
    other = name.endswith("!")
    column = column_named(record, name.rstrip("!"))
    if not equals or column is None or column.private:
        known = "、".join(f"{one.key}（{one.heading}）" for one in record.columns.values() if not one.private)
        raise UsageFault(f"--where 要写成 字段=值，看不懂“{said}”。可用的字段：{known}。")
    fits = _fits(column, value.strip())
    return (lambda view: not fits(view)) if other else fits


def _fits(column: Column, value: str) -> Test:
    """Words of a list and numbers are the same or not; of anything else a part will do (神经内科 of 神经内科一病区)."""
    if not value:
        return lambda view: view.values.get(column.key) is None
    wanted, whole = tight(_said(column.kind, column.heading, value)), column.kind.adds_up

    def fits(view: View) -> bool:
        text = tight(as_text(column, view.values.get(column.key), full=True))
        return text == wanted if whole or column.kind.words else bool(text) and wanted in text

    return fits


def _said(kind: Kind, heading: str, value: str) -> str:
    """The value as the ledger has it: one of its words, by a part that only one has; a number, a day as it is written."""
    parts = [word for word in kind.words if value in word]
    if len(parts) == 1:
        return parts[0]
    try:
        parsed = kind.parse(kind.meant(value, date.today()))
    except ValueProblem as problem:
        if kind.words or kind.adds_up:
            raise UsageFault(f"{heading}：{problem.sentence}。") from None
        return value
    return value if parsed is None else kind.text(parsed)


def _search(record: type[Record], text: str) -> Test:
    wanted, columns = tight(text), [one for one in record.columns.values() if not one.private]

    def holds(view: View) -> bool:
        said = (as_text(column, view.values.get(column.key), full=True) for column in columns)
        return any(wanted in tight(one) for one in (*said, *view.extras.values()))

    return holds


@dataclass(frozen=True, slots=True)
class Sum:
    """A field added up: the total, of how many records, and how many say nothing of it."""

    column: Column
    total: Decimal
    told: int
    silent: int

    def sentence(self) -> str:
        """The sum in words; what nobody wrote down is not zero."""
        unit = getattr(self.column.kind, "unit", "")
        more = f"，另有 {self.silent} 条没有填" if self.silent else ""
        return f"{self.column.heading}合计：{plain_decimal(self.total)}{unit}（{self.told} 条{more}）"


def sums_of(record: type[Record], fields: Sequence[str], views: Sequence[View], members: Collection[str]) -> list[Sum]:
    """The fields of records added up, of members what falls to them. UsageFault for a field that is no number."""
    found = []
    for name in fields:
        column = column_named(record, name)
        if column is None or not column.kind.adds_up:
            known = "、".join(f"{k}（{one.heading}）" for k, one in record.columns.items() if one.kind.adds_up)
            raise UsageFault(f"--sum 后面要写一个数字的字段，“{name}”不是。可用的：{known or '这个台账没有'}。")
        shares = [record.share(view, column.key, members) for view in views]
        said = [Decimal(getattr(share, "value", share)) for share in shares if share is not None]
        found.append(Sum(column, sum(said, Decimal(0)), len(said), len(views) - len(said)))
    return found
