"""The PERIOD of a command (期间)."""

from datetime import date

from partybuild_cli.errors import UsageFault
from partybuild_cli.values.period import Period, parse_period, running


def period_of(text: str | None) -> Period:
    """What the clerk wrote, or the quarter of today. UsageFault names the accepted forms."""
    return parse_period(text or "this", date.today())


def quarter_of(text: str) -> Period:
    """One quarter; a day or month of a quarter will not do, because an index is of a whole quarter."""
    period = period_of(text)
    if len(period.label) != 6 or period.label[4] != "Q":
        raise UsageFault(f"“{text}”不是一个季度，请写成 2026Q3、2026年第三季度、this 或 last。")
    return period


def unfinished(period: Period) -> str:
    """A period as it is printed: one that still runs says up to which day it is known."""
    today = date.today()
    return f"{period.label}（截至 {today}，期间未结束）" if running(period, today) else period.label
