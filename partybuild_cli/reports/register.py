"""The register of dues (党费收缴登记表): one row a member, twelve months, ready to sign and to be imported again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.records.base.context import View
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.roster import Roster, Seat, load_roster
from partybuild_cli.records.dues import Dues
from partybuild_cli.rules.facts import branch_in
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.values.day import chinese_day, last_date
from partybuild_cli.values.period import Period

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(slots=True)
class _Row:
    """One member's year: the latest base and due, what each month holds, and the notes."""

    member: str
    base: Decimal | None = None
    due: Decimal | None = None
    months: dict[int, Decimal | str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        """姓名 缴纳基数 应缴 1月…12月 合计 备注; a month without record stays blank."""
        months: list[Cell] = [self.months.get(month) for month in range(1, 13)]
        paid = [month for month in months if isinstance(month, Decimal)]
        return [self.member, self.base, self.due, *months, sum(paid, Decimal(0)), "；".join(self.notes) or None]


def _rows(dues: Iterable[View]) -> list[_Row]:
    """A row a member from the records of a year, in the order in which members first appear."""
    rows: dict[str, _Row] = {}
    for one in sorted(dues, key=lambda told: str(told.values["month"])):
        values = one.values
        row = rows.setdefault(values["member"], _Row(values["member"]))
        row.base, row.due = values.get("base", row.base), values.get("due", row.due)
        held = values["state"] if values["state"] == "免缴" else values.get("paid")
        if held is not None:
            row.months[int(values["month"][5:7])] = held
        if values.get("note"):
            row.notes[values["note"]] = None
    return list(rows.values())


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
    roster = load_roster(connection)
    told = fetch(connection, Dues, Wanted(period=year), as_of=as_of, roster=roster)
    rows = [row.cells for row in _rows(_of_branch(told, roster, branch_in(roster, branch)))]
    page = Page(
        name="党费收缴登记表",
        title=f"{branch}{year.first.year}年党费收缴登记表",
        fields=_FIELDS,
        rows=rows,
        left=f"党支部（盖章）：{branch}",
        right=f"填报日期：{chinese_day(as_of.isoformat())}",
        totals=_totals(rows),
    )
    write_book(path, [page], created=datetime.combine(as_of, time()))
    return len(rows)


def _of_branch(told: Iterable[View], roster: Roster, branch: int) -> Iterator[View]:
    """The months that members paid to this branch: it is owed the month on whose last day they belonged to it."""
    seats: dict[int, list[Seat]] = {}
    for seat in roster.seats:
        seats.setdefault(seat.member, []).append(seat)
    for one in told:
        member, on = roster.member(one.values["member"]), last_date(one.values["month"]).isoformat()
        there = {seat.branch for seat in seats[member] if seat.holds_on(on)}
        if branch in (there or {roster.home(member)}):
            yield one


def _totals(rows: list[list[Cell]]) -> list[Cell]:
    """Each month's sum, and that of the year; a month that nobody has paid stays blank."""
    paid = [
        [cell for cell in cells if isinstance(cell, Decimal)]
        for cells in zip(*(row[3:16] for row in rows), strict=True)
    ]
    sums: list[Cell] = [sum(cells, Decimal(0)) if cells else None for cells in paid]
    return [None, None, None, *(sums or [None] * 12 + [Decimal(0)]), None]
