"""From measured values to the score of one member in one quarter (计分): pure arithmetic, exact.

    base = all indicators after redistribution             obj = base + bonus - deduction, within 0..100
    score = the weighted parts, rounded HALF_UP to one place; 0 after a veto (一票否决)

An indicator is a duty (义务) or an opportunity (作为). One that does not apply, and a duty of which the branch has no record at
all, gives its points to the duties of its dimension pro rata, where none stands there to all duties; an opportunity is
never made heavier. A scheme with missing = "zero" counts a duty without records as nothing earned instead.

The rules that turn what was measured into points:

    ratio  points × actual ÷ target, not above points       share  points × done ÷ due
    each   points for each item by its word, capped          step   points of the highest step reached
    flag   all points or none                                minus  points less so many each, not below 0
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from partybuild_cli.index.numbers import Number, exact, tenth, total
from partybuild_cli.index.scheme import Adjustment, Adjustments, Indicator, PeerSettings, Scheme

State = Literal["scored", "no_data", "not_applicable"]
Items = tuple[tuple[str, Number], ...]
RULES = ("ratio", "share", "each", "step", "flag", "minus")
#: The parts of which a score may be made.
PARTS = {"self": "自评", "peer": "互评", "masses": "群众评议", "org": "组织评定", "obj": "记录得分"}
ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)


class Measured(NamedTuple):
    """What one measure found of one member in one quarter (测得值).

    `value` is the amount, the part done, the count or, for a flag, how many there are; `due` goes with a share only;
    `items` are quantities by word, for the rule each. Without state "scored" the rest means nothing.
    """

    state: State
    value: Number = 0
    due: Number = 0
    items: Items = ()


NO_DATA = Measured("no_data")
#: Of an opportunity of which nothing is recorded nothing more was done: 0, never "no data".
NOTHING_MORE = Measured("scored")
NOT_APPLICABLE = Measured("not_applicable")


def share_of(done: Number, due: Number) -> Measured:
    """A share; where nothing was due it does not apply (应到、应办为零即不适用)."""
    return Measured("scored", done, due) if due else NOT_APPLICABLE


class PeerRatings(NamedTuple):
    """What a member's peers gave him, summed up so that no score can be tied to its rater; himself is not in it."""

    raters: int
    total: Number
    highest: Number
    lowest: Number
    peers: int


class Ratings(NamedTuple):
    """The ratings of one member; None is a rating that was not given, which is not a zero. `reason` is the committee's,
    `adjustment` what it gave or took where it gave no score."""

    own: Number | None = None
    peer: PeerRatings | None = None
    masses: Number | None = None
    org: Number | None = None
    reason: str | None = None
    adjustment: Number | None = None


UNRATED = Ratings()


@dataclass(slots=True)
class Known:
    """What is known of one member in one quarter (计分依据); indicators by their id, adjustments by the name of their item."""

    measured: Mapping[str, Measured]
    bonus: Mapping[str, Items] = field(default_factory=dict)
    deduction: Mapping[str, Items] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    ratings: Ratings = UNRATED


class Moved(NamedTuple):
    """A bonus or deduction item that moved the score, before the cap of all."""

    item: Adjustment
    found: Items
    points: Fraction


@dataclass(slots=True)
class Score:
    """A member's score, exact.

    `raws` stand in the order of `indicators`: what the rule gave, None where the points went to others. `factors` are by
    what redistribution multiplies the duties of each dimension, `dimensions` what was earned there, in the order of
    the scheme. `targets` are what the rule ratio asked of this member, or the points at which the rule each is full for
    whoever was there for a part of the quarter only. Where no duty could be scored, base and obj are None.
    """

    scheme: Scheme
    indicators: Sequence[Indicator]
    targets: Sequence[Fraction]
    known: Known
    raws: Sequence[Fraction | None]
    factors: Mapping[str, Fraction]
    dimensions: Sequence[Fraction]
    base: Fraction | None
    bonus_lines: Sequence[Moved]
    deduction_lines: Sequence[Moved]
    bonus: Fraction
    deduction: Fraction
    obj: Fraction | None
    parts: Mapping[str, Fraction | None]
    score: Decimal | None
    band: str | None

    @property
    def points(self) -> list[Fraction]:
        """What each indicator brought into the base."""
        return [(raw or ZERO) * self.factor(one) for one, raw in self.lines()]

    @property
    def maxima(self) -> list[Fraction]:
        """What each indicator could have brought."""
        return [ZERO if raw is None else one.worth * self.factor(one) for one, raw in self.lines()]

    def factor(self, one: Indicator) -> Fraction:
        """By what redistribution multiplies the points of an indicator."""
        return ONE if one.opportunity else self.factors[one.dimension]

    @property
    def coverage(self) -> Fraction:
        """The share of the points of the duties that apply to him of which there is data (数据覆盖)."""
        duties = [(one.worth, self.known.measured[one.id].state) for one in self.indicators if not one.opportunity]
        asked = total([worth for worth, state in duties if state != "not_applicable"] or [ZERO])
        return total([worth for worth, state in duties if state == "scored"] or [ZERO]) / asked if asked else ZERO

    def lines(self) -> Iterable[tuple[Indicator, Fraction | None]]:
        """Each indicator with what its rule gave."""
        return zip(self.indicators, self.raws, strict=True)

    @property
    def moved(self) -> Sequence[Moved]:
        """The bonus and deduction items that moved the score."""
        return [*self.bonus_lines, *self.deduction_lines]

    @property
    def reason_needed(self) -> bool:
        """Whether 组织评定 is so far from the records that it asks for a written reason (说明理由)."""
        org = self.parts["org"]
        return org is not None and self.obj is not None and abs(org - self.obj) > Fraction(self.scheme.org_gap)

    def rated(self, part: str) -> bool:
        """Whether a part that is given by somebody was given (组织评定 by the unit's own way)."""
        ratings = self.known.ratings
        given = ratings.adjustment if self.scheme.org == "adjustment" else ratings.org
        return part == "obj" or (given is not None if part == "org" else self.parts[part] is not None)

    @property
    def uncounted_committee(self) -> str:
        """What the committee gave in the way that is not this unit's (没有计入的组织评定)."""
        adjusts, ratings = self.scheme.org == "adjustment", self.known.ratings
        if (ratings.org if adjusts else ratings.adjustment) is None:
            return ""
        return "直接给分" if adjusts else "加减分"


def score_of(
    scheme: Scheme, known: Known, staff_kind: str | None, party_post: str | None, presence: Fraction = ONE
) -> Score:
    """Score one member by a scheme that `check_scheme` found sound.

    `presence` is the part of the quarter that he was there (在册时间占比): a target falls due by that part.
    """
    indicators = scheme.indicators_for(staff_kind)
    part = presence if scheme.prorated else ONE
    targets = [_target(one, party_post, presence, part) for one in indicators]
    known = replace(known, measured={one.id: _settled(one, known.measured[one.id], part) for one in indicators})
    raws = [_raw(scheme, one, known.measured[one.id], target) for one, target in zip(indicators, targets, strict=True)]
    factors = _factors(scheme, indicators, raws)
    earned: dict[str, list[Fraction]] = {dimension.id: [] for dimension in scheme.dimensions}
    for one, raw in zip(indicators, raws, strict=True):
        if raw is not None:
            earned[one.dimension].append(raw if one.opportunity else raw * factors[one.dimension])
    dimensions = [total(found) for found in earned.values()]
    stands = any(raw is not None and not one.opportunity for one, raw in zip(indicators, raws, strict=True))
    base = total(dimensions) if stands else None
    bonus_lines, bonus = _moved(scheme.bonus, known.bonus)
    deduction_lines, deduction = _moved(scheme.deduction, known.deduction)
    obj = None if base is None else min(HUNDRED, max(ZERO, base + bonus - deduction))
    parts = part_scores(known.ratings, obj, scheme)
    whole = ZERO if known.vetoes else composed(scheme.weights, parts)
    score = None if whole is None else tenth(whole)
    return Score(
        scheme=scheme,
        indicators=indicators,
        targets=targets,
        known=known,
        raws=raws,
        factors=factors,
        dimensions=dimensions,
        base=base,
        bonus_lines=bonus_lines,
        deduction_lines=deduction_lines,
        bonus=bonus,
        deduction=deduction,
        obj=obj,
        parts=parts,
        score=score,
        band=None if score is None else scheme.band(score),
    )


def _target(one: Indicator, party_post: str | None, presence: Fraction, part: Fraction) -> Fraction:
    """What is asked of a member for all points: the target of the rule ratio; for part of a quarter the points of the
    rule each, in whole items and rounded to his favour (按在册天数折算).
    """
    if one.rule == "ratio":
        return Fraction(one.target_for(party_post) or 0) * presence
    if one.rule != "each" or part == ONE:
        return ZERO
    return _owed(one, part) or min(one.worth, next(iter(one.prices.values())))


def _owed(one: Indicator, part: Fraction) -> Fraction:
    """The points that a part of the quarter asks of the rule each: whole items, rounded to his favour."""
    unit = next(iter(one.prices.values()))
    return one.worth * part // unit * unit


def _settled(one: Indicator, measured: Measured, part: Fraction) -> Measured:
    """What was measured, as this indicator takes it: not at all, or as nothing more done, where that is the case."""
    if not one.applies:
        return NOT_APPLICABLE
    if measured.state != "scored":
        return NOTHING_MORE if one.opportunity and measured.state == "no_data" and one.rule != "share" else measured
    if part == ONE or one.opportunity or measured.value or measured.items:
        return measured
    owes_nothing = one.rule == "flag" or (one.rule == "each" and not _owed(one, part))
    return NOT_APPLICABLE if owes_nothing else measured


def _raw(scheme: Scheme, one: Indicator, measured: Measured, target: Fraction) -> Fraction | None:
    """What the rule gives, or None where the points go to others."""
    if measured.state == "no_data" and scheme.missing == "zero":
        return ZERO
    if measured.state != "scored" or (one.rule == "ratio" and not target):
        return None
    return by_rule(one, measured, target)


def by_rule(one: Indicator, measured: Measured, target: Fraction) -> Fraction:
    """What the rule of an indicator gives for a figure (按规则计分); a threshold itself is reached (达到即得)."""
    value = exact(measured.value)
    match one.rule:
        case "ratio":
            return one.worth if value >= target else one.worth * value / target
        case "share":
            return one.worth if value >= measured.due else one.worth * value / exact(measured.due)
        case "each":
            earned = by_each(target or one.worth, measured.items, one.prices)
            return earned if not target else one.worth * earned / target
        case "step":
            return next((Fraction(earned) for threshold, earned in one.steps if value >= threshold), ZERO)
        case "flag":
            return one.worth if value >= 1 else ZERO
        case _:
            return max(ZERO, one.worth - value * Fraction(one.per or 0))


def by_each(cap: Fraction, items: Items, prices: Mapping[str, Fraction]) -> Fraction:
    """A word that the scheme does not price earns nothing here; the value's text still names it."""
    return min(cap, total([prices[word] * exact(number) for word, number in items if word in prices]))


def _factors(scheme: Scheme, indicators: Sequence[Indicator], raws: Sequence[Fraction | None]) -> dict[str, Fraction]:
    """By what the points of the duties of each dimension are multiplied, given which there are (分值重新分配)."""
    standing = {one.id: Decimal(0) for one in scheme.dimensions}
    lost = dict(standing)
    for one, raw in zip(indicators, raws, strict=True):
        if raw is None:
            lost[one.dimension] += one.points
        elif not one.opportunity:
            standing[one.dimension] += one.points
    if not any(lost.values()):
        return dict.fromkeys(standing, ONE)
    there = {key: standing[key] + lost[key] for key in standing if standing[key]}
    homeless = sum(points for key, points in lost.items() if key not in there)
    whole = sum(there.values())
    across = Fraction(whole + homeless) / Fraction(whole) if whole else ZERO
    return {key: across * Fraction(there[key]) / Fraction(standing[key]) if key in there else ZERO for key in standing}


def _moved(settings: Adjustments, found: Mapping[str, Items]) -> tuple[Sequence[Moved], Fraction]:
    """The items that moved the score, each within its own cap, and their sum within the cap of all (加分、扣分)."""
    lines = []
    for item in settings.items:
        if (items := found.get(item.name)) and item.enabled:
            cap = settings.cap if item.cap is None else item.cap
            lines.append(Moved(item, items, by_each(Fraction(cap), items, item.prices)))
    return lines, min(Fraction(settings.cap), total([line.points for line in lines])) if lines else ZERO


def peer_mean(ratings: PeerRatings | None, settings: PeerSettings) -> Fraction | None:
    """The mean of the peers' scores, from so many raters on without one highest and one lowest
    (去掉一个最高分和一个最低分).

    Not available when less than the minimum share of the peers has rated.
    """
    if ratings is None or ratings.raters < ratings.peers * settings.minimum_share:
        return None
    if ratings.raters < settings.trim_from:
        return Fraction(ratings.total) / ratings.raters
    kept = Fraction(ratings.total) - Fraction(ratings.highest) - Fraction(ratings.lowest)
    return kept / (ratings.raters - 2)


def part_scores(ratings: Ratings, obj: Fraction | None, scheme: Scheme) -> dict[str, Fraction | None]:
    """Every part by its id; 组织评定 is what the committee gave, else what the records say.

    By scheme the committee gives a score (absolute), or what it adds to the records or takes off (adjustment).
    """
    org = obj
    if scheme.org == "absolute" and ratings.org is not None:
        org = Fraction(ratings.org)
    elif scheme.org == "adjustment" and ratings.adjustment is not None and obj is not None:
        org = min(HUNDRED, max(ZERO, obj + Fraction(ratings.adjustment)))
    return {
        "self": None if ratings.own is None else Fraction(ratings.own),
        "peer": peer_mean(ratings.peer, scheme.peer),
        "masses": None if ratings.masses is None else Fraction(ratings.masses),
        "org": org,
        "obj": obj,
    }


def composed(weights: Sequence[tuple[str, Fraction]], scores: Mapping[str, Fraction | None]) -> Fraction | None:
    """The weighted mean of the parts there are (季度得分合成).

    The weights of those that are missing go to the others pro rata.
    """
    there = [(weight, score) for part, weight in weights if (score := scores[part]) is not None]
    whole = total([weight for weight, _ in there])
    return total([weight * score for weight, score in there]) / whole if whole else None
