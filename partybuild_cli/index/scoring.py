"""From measured values to the score of one member in one quarter (计分): pure arithmetic.

    base = all indicators after redistribution             obj = base + bonus - deduction, within 0..100
    score = the weighted parts, rounded HALF_UP to one place; 0 after a veto (一票否决)

An indicator that does not apply, or of which the branch has no record at all, gives its points to the
others of its dimension pro rata; a whole dimension without any gives them to the other dimensions pro rata.
A scheme with missing = "zero" counts the second case as nothing earned instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from partybuild_cli.index import rules
from partybuild_cli.index.exact import exact, tenth, total
from partybuild_cli.index.parts import Ratings, composed, part_scores
from partybuild_cli.index.rules import Items, Measured
from partybuild_cli.index.scheme import Adjustments, Indicator, Scheme

ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)
UNRATED = Ratings()


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one member in one quarter; adjustments go by the name of their item."""

    measured: Mapping[str, Measured]
    bonus: Mapping[str, Items] = field(default_factory=dict)
    deduction: Mapping[str, Items] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    ratings: Ratings = UNRATED


class AdjustmentScore(NamedTuple):
    """A bonus or deduction item that moved the score, before the cap of all."""

    name: str
    items: Items
    points: Fraction


@dataclass(frozen=True, slots=True)
class Score:
    """A member's score, exact.

    `raws` and `factors` stand in the order of `indicators`: what the rule gave
    (None where the points went to others) and by what redistribution multiplies it. `dimensions` stand in
    the order of the scheme. `targets` are what the rule ratio asked of this member. Where nothing at all
    could be scored, base and obj are None.
    """

    scheme: Scheme
    indicators: tuple[Indicator, ...]
    case: Case
    raws: tuple[Fraction | None, ...]
    factors: tuple[Fraction, ...]
    targets: tuple[Fraction, ...]
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
    that part. What was worked out once is kept, as members are much alike.
    """

    def __init__(self, scheme: Scheme, staff_kind: str | None, party_post: str | None, presence: Fraction) -> None:
        self.scheme = scheme
        self.indicators = scheme.indicators_for(staff_kind)
        places = {dimension.id: place for place, dimension in enumerate(scheme.dimensions)}
        self._dimension_of = [places[one.dimension] for one in self.indicators]
        self._targets = tuple(Fraction(one.target_for(party_post) or 0) * presence for one in self.indicators)
        self._parts = [(part.id, exact(part.weight)) for part in scheme.parts]
        self._raws: list[dict[Measured, Fraction | None]] = [{} for _ in self.indicators]
        self._factors: dict[tuple[bool, ...], tuple[Fraction, ...]] = {}

    def score(self, case: Case) -> Score:
        raws = tuple(self._raw(place, case.measured[one.id]) for place, one in enumerate(self.indicators))
        there = tuple(raw is not None for raw in raws)
        if there not in self._factors:
            self._factors[there] = self._redistributed(there)
        factors = self._factors[there]
        dimensions = self._dimensions(raws, factors)
        base = total(dimensions) if any(there) else None
        bonus_lines, bonus = _adjusted(self.scheme.bonus, case.bonus)
        deduction_lines, deduction = _adjusted(self.scheme.deduction, case.deduction)
        obj = None if base is None else _objective(base, bonus, deduction)
        parts = part_scores(case.ratings, obj, self.scheme.peer)
        points = ZERO if case.vetoes else composed(self._parts, parts)
        posted = None if points is None else tenth(points)
        return Score(
            scheme=self.scheme,
            indicators=self.indicators,
            case=case,
            raws=raws,
            factors=factors,
            targets=self._targets,
            dimensions=dimensions,
            base=base,
            bonus_lines=bonus_lines,
            deduction_lines=deduction_lines,
            bonus=bonus,
            deduction=deduction,
            obj=obj,
            parts=parts,
            score=posted,
            band=None if posted is None else self.scheme.band(posted),
            reason_needed=_far_apart(case.ratings, obj, self.scheme.org_gap),
        )

    def _raw(self, place: int, measured: Measured) -> Fraction | None:
        known = self._raws[place]
        if measured not in known:
            known[measured] = self._worked_out(place, measured)
        return known[measured]

    def _worked_out(self, place: int, measured: Measured) -> Fraction | None:
        """What the rule gives, or None where the points go to others."""
        if measured.state == "no_data" and self.scheme.missing == "zero":
            return ZERO
        target = self._targets[place]
        one = self.indicators[place]
        if measured.state != "scored" or (one.rule == "ratio" and not target):
            return None
        return _by_rule(one, measured, target)

    def _redistributed(self, there: tuple[bool, ...]) -> tuple[Fraction, ...]:
        """By what each indicator's points are multiplied, given which indicators there are (分值重新分配)."""
        full = [ZERO] * len(self.scheme.dimensions)
        left = list(full)
        for one, dimension, is_there in zip(self.indicators, self._dimension_of, there, strict=True):
            full[dimension] += Fraction(one.points)
            left[dimension] += Fraction(one.points) if is_there else ZERO
        standing = total([points for points, remains in zip(full, left, strict=True) if remains])
        across = total(full) / standing if standing else ZERO
        factors = [across * points / remains if remains else ZERO for points, remains in zip(full, left, strict=True)]
        return tuple(
            factors[dimension] if is_there else ZERO
            for dimension, is_there in zip(self._dimension_of, there, strict=True)
        )

    def _dimensions(self, raws: tuple[Fraction | None, ...], factors: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """The sum of each dimension; within one, all indicators that count have the same factor."""
        earned: list[list[Fraction]] = [[] for _ in self.scheme.dimensions]
        common = [ZERO] * len(earned)
        for dimension, raw, factor in zip(self._dimension_of, raws, factors, strict=True):
            if raw is not None:
                earned[dimension].append(raw)
                common[dimension] = factor
        return tuple(
            total(raws) if factor == 1 else total(raws) * factor for raws, factor in zip(earned, common, strict=True)
        )


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


def _by_rule(one: Indicator, measured: Measured, target: Fraction) -> Fraction:
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


def _objective(base: Fraction, bonus: Fraction, deduction: Fraction) -> Fraction:
    moved = base + bonus - deduction if bonus or deduction else base
    return min(HUNDRED, max(ZERO, moved))


def _adjusted(settings: Adjustments, found: Mapping[str, Items]) -> tuple[tuple[AdjustmentScore, ...], Fraction]:
    """The items that moved the score, and their sum within the cap; most members have none."""
    if not found:
        return (), ZERO
    lines = []
    for item in settings.items:
        items = found.get(item.name, ())
        if items and item.enabled:
            prices = {**item.each, **dict.fromkeys(item.ranges, Decimal(1))}
            cap = settings.cap if item.cap is None else item.cap
            lines.append(AdjustmentScore(item.name, items, rules.by_each(Fraction(cap), items, prices)))
    return tuple(lines), min(Fraction(settings.cap), total([line.points for line in lines]))


def _far_apart(ratings: Ratings, obj: Fraction | None, gap: Decimal) -> bool:
    """Whether 组织评定 is so far from the records that it asks for a written reason (说明理由)."""
    return ratings.org is not None and obj is not None and abs(exact(ratings.org) - obj) > exact(gap)
