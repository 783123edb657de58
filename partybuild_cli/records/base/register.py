"""The register of dues (党费收缴登记表): one row a member, twelve months side by side, as 党费台账 is handed in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from partybuild_cli.records.base.told import Told


@dataclass(slots=True)
class RegisterRow:
    """One member's year: the latest base and due, what each month holds, and the notes."""

    member: str
    base: Decimal | None = None
    due: Decimal | None = None
    months: dict[int, Decimal | str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """What was paid over the year."""
        return sum((paid for paid in self.months.values() if isinstance(paid, Decimal)), Decimal(0))

    @property
    def cells(self) -> list[Decimal | str | None]:
        """姓名 缴纳基数 应缴 1月…12月 合计 备注; a month without record stays blank."""
        months = [self.months.get(month) for month in range(1, 13)]
        return [self.member, self.base, self.due, *months, self.total, "；".join(self.notes) or None]


def register_rows(dues: Iterable[Told], year: int) -> list[RegisterRow]:
    """The register of a year from the records of the dues ledger, in the order in which members first appear."""
    rows: dict[str, RegisterRow] = {}
    for one in sorted(dues, key=lambda told: str(told.values["month"])):
        values = one.values
        if not values["month"].startswith(f"{year:04d}-"):
            continue
        row = rows.setdefault(values["member"], RegisterRow(values["member"]))
        row.base, row.due = values.get("base", row.base), values.get("due", row.due)
        held = values["state"] if values["state"] == "免缴" else values.get("paid")
        if held is not None:
            row.months[int(values["month"][5:7])] = held
        if values.get("note") and values["note"] not in row.notes:
            row.notes.append(values["note"])
    return list(rows.values())
