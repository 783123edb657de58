"""From measured values to the score of one member in one quarter (计分): pure arithmetic.

    base = all indicators after redistribution             obj = base + bonus - deduction, within 0..100
    score = the weighted parts, rounded HALF_UP to one place; 0 after a veto (一票否决)

An indicator that does not apply, or of which the branch has no record at all, gives its points to the
others of its dimension pro rata; a whole dimension without any gives them to the other dimensions pro rata.
A scheme with missing = "zero" counts the second case as nothing earned instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from partybuild_cli.index.adjusting import AdjustmentScore, adjusted
from partybuild_cli.index.earned import Earned, Inside, by_rule
from partybuild_cli.index.exact import exact, tenth, total
from partybuild_cli.index.parts import Ratings, composed, part_scores
from partybuild_cli.index.rules import Items, Measured
from partybuild_cli.index.scheme import Adjustments, Indicator, Scheme

ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)
UNRATED = Ratings()
Value = TypeVar("Value")


@dataclass(slots=True)
class Case:
    """What is known of one member in one quarter; adjustments go by the name of their item."""

    measured: Mapping[str, Measured]
    bonus: Mapping[str, Items] = field(default_factory=dict)
    deduction: Mapping[str, Items] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    ratings: Ratings = UNRATED


@dataclass(slots=True)
class Score:
    """A member's score, exact.

    `raws` and `factors` stand in the order of `indicators`: what the rule gave
    (None where the points went to others) and by what redistribution multiplies it. `earned` and `dimensions`
    stand in the order of the scheme. `targets` are what the rule ratio asked of this member. Where nothing at
    all could be scored, base and obj are None.
    """

    scorer: "Scorer"
    case: Case
    earned: tuple[Earned, ...]
    dimensions: tuple[Fraction, ...]
    base: Fraction | None
    bonus_lines: tuple[AdjustmentScore, ...]
    deduction_lines: tuple[AdjustmentScore, ...]
    bonus: Fraction
    deduction: Fraction
    obj: Fraction | None
    parts: Mapping[str, Fraction | None]
    score: Decimal | None
    band: str | None
    reason_needed: bool

    @property
    def scheme(self) -> Scheme:
        return self.scorer.scheme

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return self.scorer.indicators

    @property
    def targets(self) -> tuple[Fraction, ...]:
        return self.scorer.targets

    @property
    def raws(self) -> list[Fraction | None]:
        """What the rule gave for each indicator."""
        return self.scorer.in_order(self.earned, [one.raws for one in self.earned])

    @property
    def factors(self) -> list[Fraction]:
        """By what redistribution multiplies each."""
        by_dimension = self.scorer.factors(self.earned)
        factors = [
            [ZERO if raw is None else factor for raw in one.raws]
            for one, factor in zip(self.earned, by_dimension, strict=True)
        ]
        return self.scorer.in_order(self.earned, factors)

    @property
    def points(self) -> list[Fraction]:
        """What each indicator brought into the base."""
        return [(raw or ZERO) * factor for raw, factor in zip(self.raws, self.factors, strict=True)]

    @property
    def maxima(self) -> list[Fraction]:
        """What each indicator could have brought."""
        return [Fraction(one.points) * factor for one, factor in zip(self.indicators, self.factors, strict=True)]


class Scorer:
    """Scores those of one 岗位类别, 党内职务 and presence, by a scheme that `check_scheme` found sound.

    `presence` is the part of the quarter that the member was there (在册时间占比): a target falls due by
    that part. What was worked out once is kept, dimension by dimension, as members are much alike.
    """

    def __init__(self, scheme: Scheme, staff_kind: str | None, party_post: str | None, presence: Fraction) -> None:
        self.scheme = scheme
        self.indicators = scheme.indicators_for(staff_kind)
        self.targets = tuple(Fraction(one.target_for(party_post) or 0) * presence for one in self.indicators)
        self._places = [
            [place for place, one in enumerate(self.indicators) if one.dimension == dimension.id]
            for dimension in scheme.dimensions
        ]
        self._inside = [Inside(tuple(self.indicators[place].id for place in places)) for places in self._places]
        self._parts = [(part.id, exact(part.weight)) for part in scheme.parts]
        self._factors: dict[tuple[int, ...], tuple[Fraction, ...]] = {}
        self._adjusted: dict[Any, tuple[tuple[AdjustmentScore, ...], Fraction]] = {}
        self._bands: dict[Decimal, str] = {}

    def score(self, case: Case) -> Score:
        earned, pattern = [], []
        for at, inside in enumerate(self._inside):
            found = inside.pick(case.measured)
            key = tuple(map(id, found))
            one = inside.known.get(key)
            if one is None:
                one = inside.known[key] = self._earn(at, found)
            earned.append(one)
            pattern.append(one.pattern)
        there = tuple(pattern)
        factors = self._factors.get(there) or self.factors(earned)
        dimensions = tuple([one.under(there, factor) for one, factor in zip(earned, factors, strict=True)])
        base = total(dimensions) if any(there) else None
        bonus_lines, bonus = self._moved(self.scheme.bonus, case.bonus)
        deduction_lines, deduction = self._moved(self.scheme.deduction, case.deduction)
        obj = None if base is None else _objective(base, bonus, deduction)
        parts = part_scores(case.ratings, obj, self.scheme.peer)
        points = ZERO if case.vetoes else composed(self._parts, parts)
        posted = None if points is None else tenth(points)
        return Score(
            scorer=self,
            case=case,
            earned=tuple(earned),
            dimensions=dimensions,
            base=base,
            bonus_lines=bonus_lines,
            deduction_lines=deduction_lines,
            bonus=bonus,
            deduction=deduction,
            obj=obj,
            parts=parts,
            score=posted,
            band=None if posted is None else self._band(posted),
            reason_needed=_far_apart(case.ratings, obj, self.scheme.org_gap),
        )

    def in_order(self, earned: Sequence[Earned], values: Sequence[Sequence[Value]]) -> list[Value]:
        """Values by dimension, in the order of the indicators."""
        by_place = {
            place: value
            for places, inside in zip(self._places, values, strict=True)
            for place, value in zip(places, inside, strict=True)
        }
        return [by_place[place] for place in range(len(self.indicators))]

    def factors(self, earned: Sequence[Earned]) -> tuple[Fraction, ...]:
        """By what the points of each dimension are multiplied, given which indicators there are (分值重新分配)."""
        pattern = tuple([one.pattern for one in earned])
        known = self._factors.get(pattern)
        if known is None:
            known = self._factors[pattern] = self._redistributed(earned)
        return known

    def _earn(self, at: int, found: tuple[Measured, ...]) -> Earned:
        raws = [self._raw(place, one) for place, one in zip(self._places[at], found, strict=True)]
        return Earned(self._inside[at].names, found, raws)

    def _band(self, posted: Decimal) -> str:
        if posted not in self._bands:
            self._bands[posted] = self.scheme.band(posted)
        return self._bands[posted]

    def _raw(self, place: int, measured: Measured) -> Fraction | None:
        """What the rule gives, or None where the points go to others."""
        if measured.state == "no_data" and self.scheme.missing == "zero":
            return ZERO
        target = self.targets[place]
        one = self.indicators[place]
        if measured.state != "scored" or (one.rule == "ratio" and not target):
            return None
        return by_rule(one, measured, target)

    def _redistributed(self, earned: Sequence[Earned]) -> tuple[Fraction, ...]:
        full, left = [], []
        for places, one in zip(self._places, earned, strict=True):
            points = [Fraction(self.indicators[place].points) for place in places]
            full.append(total(points))
            left.append(total([worth for worth, raw in zip(points, one.raws, strict=True) if raw is not None]))
        standing = total([points for points, remains in zip(full, left, strict=True) if remains])
        across = total(full) / standing if standing else ZERO
        return tuple(across * points / remains if remains else ZERO for points, remains in zip(full, left, strict=True))

    def _moved(self, settings: Adjustments, found: Mapping[str, Items]) -> tuple[tuple[AdjustmentScore, ...], Fraction]:
        """The items that moved the score, and their sum within the cap; most members have none."""
        if not found:
            return (), ZERO
        key = (settings is self.scheme.bonus, *found.items())
        known = self._adjusted.get(key)
        if known is None:
            known = self._adjusted[key] = adjusted(settings, found)
        return known


class Scorers:
    """The scorers of one scheme, made as they are asked for."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._made: dict[tuple[str | None, str | None, Fraction], Scorer] = {}

    def of(self, staff_kind: str | None, party_post: str | None, presence: Fraction = ONE) -> Scorer:
        key = (staff_kind, party_post, presence)
        if key not in self._made:
            self._made[key] = Scorer(self.scheme, staff_kind, party_post, presence)
        return self._made[key]


def _objective(base: Fraction, bonus: Fraction, deduction: Fraction) -> Fraction:
    moved = base if bonus == deduction else base + (bonus - deduction)
    above, below = moved.as_integer_ratio()
    return ZERO if above < 0 else HUNDRED if above > 100 * below else moved


def _far_apart(ratings: Ratings, obj: Fraction | None, gap: Decimal) -> bool:
    """Whether 组织评定 is so far from the records that it asks for a written reason (说明理由)."""
    return ratings.org is not None and obj is not None and abs(exact(ratings.org) - obj) > exact(gap)
