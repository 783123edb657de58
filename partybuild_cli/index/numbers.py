"""Exact numbers and how they are shown (精确计算与显示).

Inside the index every number is a fraction, so that ten points times three quarters are 7.5 and thirds lose
nothing. Only the score of a quarter is rounded (HALF_UP, one place). Everything else is shown with at most
four places, the rest cut off: a figure that was cut still rounds HALF_UP to the same tenth as the exact
one, a rounded one may not (84.94996).
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Number = int | Decimal | Fraction
PLACES = 4
#: Hours, points and scores are kept as whole ten-thousandths.
SCALE = 10**PLACES


def total(numbers: Sequence[Fraction]) -> Fraction:
    """The exact sum."""
    return sum(numbers, Fraction(0))


def half_up(number: Fraction, places: int) -> Decimal:
    """Round a number that is not negative, halves upwards (四舍五入)."""
    above, below = number.as_integer_ratio()
    return Decimal((2 * above * 10**places + below) // (2 * below)).scaleb(-places)


def tenth(number: Fraction) -> Decimal:
    """A score as it is posted: one place, always written (85.0)."""
    return half_up(number, 1)


def in_tenths(figure: str | None) -> Decimal | None:
    """A figure as it is shown, to one place."""
    return None if figure is None else Decimal(figure).quantize(Decimal("0.1"), ROUND_HALF_UP)


def cut(number: Fraction, places: int = PLACES) -> Decimal:
    """The number without what lies beyond so many places; never negative here."""
    return Decimal(number.numerator * 10**places // number.denominator).scaleb(-places)


def plain(number: Number) -> str:
    """A number as a person reads it: no exponent, no idle zeros, at most four places."""
    above, below = number.as_integer_ratio()
    written = f"{Decimal(above * SCALE // below).scaleb(-PLACES):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def spread(numbers: Sequence[Fraction], whole: Decimal, places: int = PLACES) -> list[Decimal]:
    """Show numbers so that what is shown adds up to `whole` (合计相符): each is cut, and the units of the last place that
    are then missing go to those that lost most, the first of equals first.
    """
    floors = [cut(number, places) for number in numbers]
    missing = int((whole - sum(floors)).scaleb(places))
    for at in sorted(range(len(floors)), key=lambda at: Fraction(floors[at]) - numbers[at])[:missing]:
        floors[at] += Decimal(1).scaleb(-places)
    return floors


def ranks(scores: Sequence[Decimal | None]) -> list[int | None]:
    """The rank of each score, 1 2 2 4: equals share one and the next is skipped (并列名次); no score has no rank."""
    first: dict[Decimal, int] = {}
    ordered = sorted((score for score in scores if score is not None), reverse=True)
    for at, score in enumerate(ordered, start=1):
        first.setdefault(score, at)
    return [None if score is None else first[score] for score in scores]
