"""The register of dues as a sheet (党费收缴登记表), ready to sign, and to be imported again."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.register import RegisterRow, register_rows
from partybuild_cli.records.dues import Dues
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.period import Period

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FIELDS = (
    Field("姓名"),
    Field("缴纳基数", "money"),
    Field("应缴", "money"),
    *(Field(f"{month}月", "money") for month in range(1, 13)),
    Field("合计", "money"),
    Field("备注"),
)


def write_register(connection: "Connection", year: Period, branch: str, path: Path) -> int:
    """Write a branch's register of a year; how many members stand in it."""
    as_of = min(year.last, date.today())
    told = fetch(connection, Dues, Wanted(branch=branch, period=year), as_of=as_of)
    rows = register_rows(told, year.first.year)
    page = Page(
        name="党费收缴登记表",
        title=f"{branch}{year.first.year}年党费收缴登记表",
        fields=_FIELDS,
        rows=[row.cells for row in rows],
        left=f"党支部（盖章）：{branch}",
        right=f"填报日期：{chinese_day(as_of.isoformat())}",
        totals=_totals(rows),
    )
    write_book(path, [page], created=datetime.combine(as_of, time()))
    return len(rows)


def _totals(rows: list[RegisterRow]) -> list[Cell]:
    """Each month's sum; a month that nobody has paid stays blank."""
    months = [[paid for row in rows if isinstance(paid := row.months.get(month), Decimal)] for month in range(1, 13)]
    sums: list[Cell] = [sum(paid, Decimal(0)) if paid else None for paid in months]
    return [None, None, None, *sums, sum((row.total for row in rows), Decimal(0)), None]
