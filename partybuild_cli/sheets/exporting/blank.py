"""Blank ledgers (空白模板): the same headings, one example row, and a sheet that says how each column is filled."""

from datetime import date, datetime, time
from pathlib import Path

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.sheets.exporting.columns import field_of, written
from partybuild_cli.sheets.writing import Page, write_template


def write_blank(record: type[Record], path: Path, unit: str) -> None:
    """Write the blank workbook of one ledger."""
    columns = [column for column in written(record, private=True, raters=True) if not column.computed]
    page = Page(
        name=record.caption,
        title=f"{unit}{record.caption}",
        left=f"填报单位（盖章）：{unit}",
        right="填报日期：",
        fields=[field_of(column) for column in columns],
    )
    notes = [
        (column.heading, "必填" if column.required else "", column.kind.label, how_to_fill(column))
        for column in columns
    ]
    created = datetime.combine(date(2026, 1, 1), time())
    write_template(path, page, [[example_of(column) for column in columns]], notes, created=created)


def example_of(column: Column) -> str:
    """What the example row shows: nothing where most rows say nothing."""
    usual = column.required or column.identity or column.context or column.mark >= 1
    return (
        column.example or (column.kind.example if usual else "") or (f"（{column.heading}）" if column.required else "")
    )


def how_to_fill(column: Column) -> str:
    """One sentence for the notes."""
    also = f"。也认得这些表头：{'、'.join(column.also)}" if column.also else ""
    return (f"{column.help}。{column.kind.how}" if column.help else column.kind.how) + also
