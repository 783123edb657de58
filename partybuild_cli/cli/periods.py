"""The PERIOD of a command (期间)."""

from datetime import date

from partybuild_cli.values.period import Period, parse_period


def period_of(text: str | None) -> Period:
    """What the clerk wrote, or the quarter of today. UsageFault names the accepted forms."""
    return parse_period(text or "this", date.today())
