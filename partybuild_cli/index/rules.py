"""The six rules that turn what was measured into points (计分规则), as pure functions over exact numbers.

ratio  points × actual ÷ target, not above points       share  points × done ÷ due
each   points for each item by its word, capped          step   points of the highest step reached
flag   all points or none                                minus  points less so many each, not below 0
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from partybuild_cli.index.exact import Number, exact, total

State = Literal["scored", "no_data", "not_applicable"]
Items = tuple[tuple[str, Number], ...]
RULES = ("ratio", "share", "each", "step", "flag", "minus")


class Measured(NamedTuple):
    """What one measure found of one member in one quarter (测得值).

    `value` is the amount, the part done, the count or, for a flag, how many there are; `due` goes with a
    share only; `items` are quantities by word, for the rule each. Without state "scored" the rest means
    nothing.
    """

    state: State
    value: Number = 0
    due: Number = 0
    items: Items = ()


NO_DATA = Measured("no_data")
NOT_APPLICABLE = Measured("not_applicable")


def share_of(done: Number, due: Number) -> Measured:
    """A share; where nothing was due it does not apply (应到、应办为零即不适用)."""
    return Measured("scored", done, due) if due else NOT_APPLICABLE


def by_ratio(points: Fraction, value: Number, target: Fraction) -> Fraction:
    return points * min(Fraction(1), Fraction(value) / target)


def by_share(points: Fraction, done: Number, due: Number) -> Fraction:
    return points * min(Fraction(1), Fraction(done) / Fraction(due))


def by_each(cap: Fraction, items: Items, each: Mapping[str, Decimal]) -> Fraction:
    """A word that the scheme does not price earns nothing here; the value's text still names it."""
    return min(cap, total([exact(number) * exact(each[word]) for word, number in items if word in each]))


def by_step(value: Number, steps: Sequence[tuple[Decimal, Decimal]]) -> Fraction:
    """Steps go from the highest threshold down; a threshold itself is reached (达到即得)."""
    return next((Fraction(points) for threshold, points in steps if value >= threshold), Fraction(0))


def by_flag(points: Fraction, value: Number) -> Fraction:
    return points if value >= 1 else Fraction(0)


def by_minus(points: Fraction, count: Number, per: Fraction) -> Fraction:
    return max(Fraction(0), points - Fraction(count) * per)
