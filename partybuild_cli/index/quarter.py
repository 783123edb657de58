"""The quarter that is scored (季度), and how a day as precise as its source falls into it and into a stay.

Days are text. A record known only to the month counts in the quarter in which the month begins; within the quarter it
counts where the member was when that month ended, so that a month belongs to exactly one branch.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from partybuild_cli.errors import UsageFault
from partybuild_cli.values.day import add_months
from partybuild_cli.values.period import Period, months, parse_period, period_of, quarter_of, spoken, text_bounds


@dataclass(frozen=True)
class Quarter:
    """A quarter (2026Q3) and the text bounds between which its records lie."""

    label: str

    @cached_property
    def _period(self) -> Period:
        return period_of(self.label)

    @property
    def first(self) -> date:
        return self._period.first

    @property
    def last(self) -> date:
        return self._period.last

    @cached_property
    def months(self) -> tuple[str, ...]:
        """2026-07, 2026-08, 2026-09."""
        return tuple(months(self._period))

    @cached_property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @cached_property
    def bounds(self) -> tuple[str, str]:
        """From (included) and to (not included), as texts that days of any precision are compared with."""
        return self._period.bounds

    def months_back(self, count: int) -> tuple[str, str]:
        """The bounds of so many months up to the end of the quarter (截至季末的若干个月)."""
        return text_bounds(add_months(self.last + timedelta(days=1), -count), self.last)

    @property
    def before(self) -> "Quarter":
        """The quarter before."""
        return Quarter(quarter_of(self.first - timedelta(days=1)))

    @property
    def chinese(self) -> str:
        """2026年第三季度."""
        return spoken(self._period)


def parse_quarter(text: str, today: date) -> Quarter:
    """The quarter that an argument names. UsageFault for any other period."""
    period = parse_period(text, today)
    if period.label[4:5] != "Q":
        raise UsageFault(f"“{text}”不是季度。先锋指数按季度计算，请写成 2026Q3、2026年第三季度、this 或 last。")
    return Quarter(period.label)


def key_day(column: str) -> str:
    """SQL for the day by which a record is laid to a stay: the day itself, a range's first; a month counts at its end."""
    month = f"replace({column}, '..', '-99') || '-99'"
    return f"substr(CASE WHEN length({column}) = 4 THEN {column} || '-01-01' ELSE {month} END, 1, 10)"


def first_day(column: str) -> str:
    """SQL for the first day that a text may mean."""
    return f"substr({column} || '-01-01', 1, 10)"


def last_day(column: str) -> str:
    """SQL for the last day that a text may mean, as a text that compares like it."""
    return f"substr({column} || '-99-99', 1, 10)"


def end_of_stay(column: str) -> str:
    """SQL for the first day outside, as a text; who left in a month known no closer belonged for all of it."""
    closed = f"CASE WHEN length({column}) = 10 THEN {column} ELSE {column} || '~' END"
    return f"coalesce({closed}, '9999')"
