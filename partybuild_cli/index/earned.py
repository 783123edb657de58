"""What a member earned in one dimension (维度得分), worked out once for all members alike."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import itemgetter
from typing import Any

from partybuild_cli.index import rules
from partybuild_cli.index.exact import total
from partybuild_cli.index.rules import Measured
from partybuild_cli.index.scheme import Indicator


class Earned:
    """What a member earned in one dimension, before redistribution: for each of its indicators what the rule gave.

    `measured` is kept here so that the identities of its figures stay theirs as long as this is remembered.
    """

    __slots__ = ("_under", "measured", "no_data", "pattern", "points", "raws")

    def __init__(self, names: tuple[str, ...], measured: tuple[Measured, ...], raws: list[Fraction | None]) -> None:
        self.measured = measured
        self.no_data = [name for name, one in zip(names, measured, strict=True) if one.state == "no_data"]
        self.raws = raws
        self.pattern = sum(1 << place for place, raw in enumerate(raws) if raw is not None)
        self.points = total([raw for raw in raws if raw is not None])
        self._under: dict[tuple[int, ...], Fraction] = {}

    def under(self, pattern: tuple[int, ...], factor: Fraction) -> Fraction:
        """The points after redistribution, for one pattern of indicators that there are."""
        known = self._under.get(pattern)
        if known is None:
            known = self._under[pattern] = self.points * factor
        return known


class Inside:
    """The indicators of one dimension, and what was earned there, by the identities of the figures."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.known: dict[tuple[int, ...], Earned] = {}
        several: Any = itemgetter(*names) if len(names) > 1 else lambda measured: (measured[names[0]],)
        self.pick: Callable[[Mapping[str, Measured]], tuple[Measured, ...]] = several


def by_rule(one: Indicator, measured: Measured, target: Fraction) -> Fraction:
    """What the rule of an indicator gives for a figure (按规则计分)."""
    points = Fraction(one.points)
    match one.rule:
        case "ratio":
            return rules.by_ratio(points, measured.value, target)
        case "share":
            return rules.by_share(points, measured.value, measured.due)
        case "each":
            return rules.by_each(points, measured.items, one.each)
        case "step":
            return rules.by_step(measured.value, one.steps)
        case "flag":
            return rules.by_flag(points, measured.value)
        case _:
            return rules.by_minus(points, measured.value, Fraction(one.per or 0))
