"""Columns as a sheet has them (表头): which are written, how they look."""

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.sheets.writing import Field


def written(record: type[Record], private: bool = False, raters: bool = False) -> list[Column]:
    """The columns of a ledger, in order; private ones only when asked for, raters only in a blank to be filled in."""
    return [
        column
        for column in record.columns.values()
        if not column.check_only
        and (private or not column.private)
        and (raters or not (column.private and column.identity))
    ]


def field_of(column: Column, note: str | None = None) -> Field:
    """How the column looks; a choice brings its drop-down."""
    return Field(column.heading, style=column.kind.style, choices=column.kind.words, note=note, prose=column.kind.prose)
