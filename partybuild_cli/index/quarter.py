"""The quarter that is scored (季度) and how far it has come, and how a day as precise as its source falls into it and into a stay.

Days are text. A record known only to the month counts in the quarter in which the month begins; within the quarter it
counts where the member was when that month ended, so that a month belongs to exactly one branch.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from partybuild_cli.errors import UsageFault
from partybuild_cli.values.period import Period, months, parse_period, period_of, refuse_future, spoken

_QUARTER = "[0-9]{4}Q[1-4]"
#: How far a quarter has come in a branch, as a person reads it.
STATE_WORDS = {
    "draft": "草稿", "self": "自评", "peer": "互评", "committee": "组织评定",
    "posted": "公示", "revised": "已修订", "locked": "已锁定",
}  # fmt: skip
#: The states before the posting.
DRAFTS = ("draft", "self", "peer", "committee")
#: The account of a member as it is kept, told and shown.
Document = dict[str, Any]


@dataclass(frozen=True, init=False)
class Quarter(Period):
    """A quarter (2026Q3): its days, its months (2026-07, 2026-08, 2026-09), and how it is called."""

    days: int
    months: tuple[str, ...]
    chinese: str

    def __init__(self, label: str) -> None:
        period = period_of(label)
        days = (period.last - period.first).days + 1
        vars(self).update(vars(period), days=days, months=tuple(months(period)), chinese=spoken(period))


def parse_quarter(quarter: str) -> Quarter:
    """The quarter that an argument names. UsageFault for any other period, and for one that has not begun."""
    label, today = quarter, date.today()
    if not re.fullmatch(_QUARTER, label):
        with suppress(UsageFault):
            label = parse_period(quarter, today).label
    if not re.fullmatch(_QUARTER, label):
        raise UsageFault(f"“{quarter}”不是一个季度，请写成 2026Q3、2026年第三季度、this 或 last。")
    found = Quarter(label)
    refuse_future(found, today)
    return found
