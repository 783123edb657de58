"""Shares as they are printed (占比): both numbers first, then the percentage, so that nobody must guess the base."""

from decimal import ROUND_HALF_UP, Decimal


def percent(part: int, whole: int) -> Decimal:
    """The percentage to one place, HALF_UP: 19 of 22 is 86.4."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def share_text(part: int, whole: int) -> str:
    """`19/22 = 86.4%`."""
    return f"{part}/{whole} = {percent(part, whole)}%"
