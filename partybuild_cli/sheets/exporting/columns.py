"""Columns as a sheet has them (表头): which are written, how they look."""

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.kinds import SealedMemberKind
from partybuild_cli.sheets.writing import Field
from partybuild_cli.sheets.writing.pages import Style
from partybuild_cli.values.choice import Choice, YesNo
from partybuild_cli.values.count import CountKind
from partybuild_cli.values.day import Day
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


def _style(column: Column) -> Style:
    if isinstance(column.kind, Number):
        return "money" if column.kind.places == 2 else "number"
    if isinstance(column.kind, Day):
        return "day"
    if isinstance(column.kind, Choice | CountKind | YesNo):
        return "center"
    return "text"
