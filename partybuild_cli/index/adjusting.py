"""What bonus and deduction items (加分、扣分) do to a score, each within its cap and all within theirs."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from partybuild_cli.index import rules
from partybuild_cli.index.exact import total
from partybuild_cli.index.rules import Items
from partybuild_cli.index.scheme import Adjustments


class AdjustmentScore(NamedTuple):
    """A bonus or deduction item that moved the score, before the cap of all."""

    name: str
    items: Items
    points: Fraction


def adjusted(settings: Adjustments, found: Mapping[str, Items]) -> tuple[tuple[AdjustmentScore, ...], Fraction]:
    """The items that moved the score, each within its own cap, and their sum within the cap of all."""
    lines = []
    for item in settings.items:
        items = found.get(item.name, ())
        if items and item.enabled:
            prices = {**item.each, **dict.fromkeys(item.ranges, Decimal(1))}
            cap = settings.cap if item.cap is None else item.cap
            lines.append(AdjustmentScore(item.name, items, rules.by_each(Fraction(cap), items, prices)))
    return tuple(lines), min(Fraction(settings.cap), total([line.points for line in lines]))
