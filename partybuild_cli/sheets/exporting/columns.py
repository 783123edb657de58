"""Columns as a sheet has them (表头与单元格): which are written, how they look, how one value becomes one cell."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.kinds import SealedMemberKind
from partybuild_cli.records.base.present import speaker
from partybuild_cli.sheets.writing import Cell, Field
from partybuild_cli.sheets.writing.pages import Style
from partybuild_cli.values.choice import Choice, YesNo
from partybuild_cli.values.count import Count, CountKind
from partybuild_cli.values.day import Day, dotted_day
from partybuild_cli.values.number import Number


def written(record: type[Record], private: bool = False, raters: bool = False) -> list[Column]:
    """The columns of a ledger, in order; private ones only when asked for, raters only in a blank to be filled in."""
    return [
        column
        for column in record.columns.values()
        if not column.check_only
        and (raters or not isinstance(column.kind, SealedMemberKind))
        and (private or not column.private)
    ]


def field_of(column: Column, note: str | None = None) -> Field:
    """How the column looks; a choice brings its drop-down."""
    words = tuple(column.kind.words) if isinstance(column.kind, Choice) else ()
    return Field(column.heading, style=_style(column), choices=words, note=note)


def cell_maker(column: Column, full: bool) -> Callable[[Any], Cell]:
    """How a value of the column becomes a cell: numbers as numbers, days dotted, everything else as text."""
    say = speaker(column, full)
    dotted = isinstance(column.kind, Day)

    def cell(value: Any) -> Cell:
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, Count) and value.qualifier is None:
            return value.value
        return dotted_day(value) if dotted and value[:1].isdigit() else say(value)

    return cell


def _style(column: Column) -> Style:
    if isinstance(column.kind, Number):
        return "money" if column.kind.places == 2 else "number"
    if isinstance(column.kind, Day):
        return "day"
    if isinstance(column.kind, Choice | CountKind | YesNo):
        return "center"
    return "text"
