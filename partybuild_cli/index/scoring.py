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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from partybuild_cli.index.numbers import Number, exact, plain, tenth, total
from partybuild_cli.index.scheme import Adjustment, Adjustments, Indicator, PeerSettings, Scheme

Items = tuple[tuple[str, Number], ...]
#: The parts of which a score may be made.
PARTS = {"self": "自评", "peer": "互评", "masses": "群众评议", "org": "组织评定", "obj": "记录得分"}
ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)


class Measured(NamedTuple):
    """What one measure found of one member in one quarter (测得值).

    `value` is the amount, the part done, the count or, for a flag, how many there are; `due` goes with a share only;
    `items` are quantities by word, for the rule each. Without state "scored" the rest means nothing.
    """

    state: Literal["scored", "no_data", "not_applicable"]
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


class Ratings(NamedTuple):
    """The ratings of one member; None is a rating that was not given, which is not a zero.

    `peer` are the scores that count of his `peers`, in no order that tells whose they are, `strangers` how many do not
    count; `reason` is the committee's, `adjustment` what it gave or took where it gave no score.
    """

    own: Number | None = None
    peer: tuple[Number, ...] = ()
    peers: int = 0
    strangers: int = 0
    masses: Number | None = None
    org: Number | None = None
    reason: str | None = None
    adjustment: Number | None = None


UNRATED = Ratings()


@dataclass(slots=True)
class Grounds:
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


class Score(NamedTuple):
    """A member's score, exact. Where no duty could be scored, base and obj are None.

    In the order of `indicators` stand `raws` (what the rule gave, None where the points went to others), `points` (what
    each brought into the base after redistribution), `maxima` (what it could have brought) and `targets`: what the rule
    ratio asked of this member, or the points at which the rule each is full for whoever was there for a part of the quarter.
    `coverage` is the share of the points of the duties that apply to him of which there is data (数据覆盖).
    """

    scheme: Scheme
    indicators: Sequence[Indicator]
    targets: Sequence[Fraction]
    known: Grounds
    raws: Sequence[Fraction | None]
    points: Sequence[Fraction]
    maxima: Sequence[Fraction]
    dimensions: Sequence[Fraction]
    base: Fraction | None
    bonus_lines: Sequence[Moved]
    deduction_lines: Sequence[Moved]
    bonus: Fraction
    deduction: Fraction
    obj: Fraction | None
    parts: Mapping[str, Fraction | None]
    coverage: Fraction
    withheld: bool
    score: Decimal | None

    @property
    def band(self) -> str | None:
        return None if self.score is None else self.scheme.band(self.score)

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


def score_of(
    scheme: Scheme, known: Grounds, staff_kind: str | None, party_post: str | None, presence: Fraction = ONE
) -> Score:
    """Score one member by a scheme that `check_scheme` found sound.

    `presence` is the part of the quarter that he was there (在册时间占比): a target falls due by that part.
    """
    indicators = scheme.indicators_for(staff_kind)
    part = presence if scheme.prorated else ONE
    known = replace(known, measured={line.id: _settled(line, known.measured[line.id], part) for line in indicators})
    targets: list[Fraction] = []
    raws: list[Fraction | None] = []
    for line in indicators:
        measured, target = known.measured[line.id], ZERO
        if line.rule == "ratio":
            target = Fraction(line.target_for(party_post) or 0) * presence
        elif line.rule == "each" and part != ONE:
            target = _owed(line, part) or min(line.worth, next(iter(line.prices.values())))
        targets.append(target)
        if measured.state == "no_data" and scheme.missing == "zero":
            raws.append(ZERO)
        else:
            stands = measured.state == "scored" and (line.rule != "ratio" or target)
            raws.append(by_rule(line, measured, target) if stands else None)
    return _summed(scheme, indicators, targets, known, raws)


def _summed(
    scheme: Scheme,
    indicators: Sequence[Indicator],
    targets: Sequence[Fraction],
    known: Grounds,
    raws: Sequence[Fraction | None],
) -> Score:
    """What the rules gave, made a base, a score by the records, and the score of the quarter."""
    factors = _factors(scheme, indicators, raws)
    lines = list(zip(indicators, raws, factors, strict=True))
    points = [(raw or ZERO) * factor for _, raw, factor in lines]
    earned: dict[str, list[Fraction]] = {dimension.id: [] for dimension in scheme.dimensions}
    for line, found in zip(indicators, points, strict=True):
        earned[line.dimension].append(found)
    dimensions = [total(found) for found in earned.values()]
    bonus_lines, deduction_lines = _moved(scheme.bonus, known.bonus), _moved(scheme.deduction, known.deduction)
    bonus = min(Fraction(scheme.bonus.cap), total([moved.points for moved in bonus_lines]))
    deduction = min(Fraction(scheme.deduction.cap), total([moved.points for moved in deduction_lines]))
    base = total(dimensions) if any(factors) else None
    obj = None if base is None else within_hundred(base + bonus - deduction)
    states = [(line.points, known.measured[line.id].state) for line in indicators if not line.opportunity]
    asked = sum(worth for worth, state in states if state != "not_applicable")
    coverage = Fraction(sum(worth for worth, state in states if state == "scored")) / Fraction(asked or 1)
    withheld = not known.vetoes and coverage < Fraction(scheme.least_coverage)
    parts = _parts(scheme, known.ratings, obj)
    weights = [(part.id, Fraction(part.weight)) for part in scheme.parts]
    whole = ZERO if known.vetoes else None if withheld else composed(weights, parts)
    return Score(
        scheme,
        indicators,
        targets,
        known,
        raws,
        points,
        maxima=[ZERO if raw is None else line.worth * factor for line, raw, factor in lines],
        dimensions=dimensions,
        base=base,
        bonus_lines=bonus_lines,
        deduction_lines=deduction_lines,
        bonus=bonus,
        deduction=deduction,
        obj=obj,
        parts=parts,
        coverage=coverage,
        withheld=withheld,
        score=None if whole is None else tenth(whole),
    )


def _factors(scheme: Scheme, indicators: Sequence[Indicator], raws: Sequence[Fraction | None]) -> list[Fraction]:
    """By what redistribution multiplies the points of each indicator (分值重新分配); all 0 where no duty stands.

    An opportunity is never made heavier.
    """
    standing = {dimension.id: ZERO for dimension in scheme.dimensions}
    lost = dict(standing)
    for line, raw in zip(indicators, raws, strict=True):
        if raw is None:
            lost[line.dimension] += line.worth
        elif not line.opportunity:
            standing[line.dimension] += line.worth
    there = {key: points + lost[key] for key, points in standing.items() if points}
    whole, homeless = total([*there.values()]), total([lost[key] for key in lost if key not in there])
    shares = {key: (whole + homeless) / whole * points / standing[key] for key, points in there.items()}
    return [ONE if line.opportunity and there else shares.get(line.dimension, ZERO) for line in indicators]


def _parts(scheme: Scheme, ratings: Ratings, obj: Fraction | None) -> dict[str, Fraction | None]:
    """Every part by its id; 组织评定 is what the committee gave, else what the records say.

    By scheme the committee gives a score (absolute), or what it adds to the records or takes off (adjustment).
    """
    org = obj
    if scheme.org == "absolute" and ratings.org is not None:
        org = Fraction(ratings.org)
    elif scheme.org == "adjustment" and ratings.adjustment is not None and obj is not None:
        org = within_hundred(obj + Fraction(ratings.adjustment))
    given = {"self": ratings.own, "masses": ratings.masses}
    rated = {part: None if points is None else Fraction(points) for part, points in given.items()}
    return rated | {"peer": peer_mean(ratings.peer, ratings.peers, scheme.peer), "org": org, "obj": obj}


def _owed(line: Indicator, part: Fraction) -> Fraction:
    """The points that a part of the quarter asks of the rule each: whole items, to his favour (按在册天数折算)."""
    unit = next(iter(line.prices.values()))
    return line.worth * part // unit * unit


def _settled(line: Indicator, measured: Measured, part: Fraction) -> Measured:
    """What was measured, as this indicator takes it: not at all, or as nothing more done, where that is the case."""
    if not line.applies:
        return NOT_APPLICABLE
    if measured.state != "scored":
        return NOTHING_MORE if line.opportunity and measured.state == "no_data" and line.rule != "share" else measured
    if part == ONE or line.opportunity or measured.value or measured.items:
        return measured
    owes_nothing = line.rule == "flag" or (line.rule == "each" and not _owed(line, part))
    return NOT_APPLICABLE if owes_nothing else measured


def by_rule(line: Indicator, measured: Measured, target: Fraction) -> Fraction:
    """What the rule of an indicator gives for a figure (按规则计分); a threshold itself is reached (达到即得)."""
    value = exact(measured.value)
    match line.rule:
        case "ratio":
            return line.worth if value >= target else line.worth * value / target
        case "share":
            return line.worth if value >= measured.due else line.worth * value / exact(measured.due)
        case "each":
            earned = by_each(target or line.worth, measured.items, line.prices)
            return earned if not target else line.worth * earned / target
        case "step":
            return next((Fraction(earned) for threshold, earned in line.steps if value >= threshold), ZERO)
        case "flag":
            return line.worth if value >= 1 else ZERO
        case _:
            return max(ZERO, line.worth - value * Fraction(line.per or 0))


def by_each(cap: Fraction, items: Items, prices: Mapping[str, Fraction]) -> Fraction:
    """A word that the scheme does not price earns nothing here; the value's text still names it."""
    return min(cap, total([prices[word] * exact(number) for word, number in items if word in prices]))


def items_text(items: Items) -> str:
    """How many of each word, as text."""
    return "、".join(f"{word}×{plain(number)}" for word, number in items) or "0"


def value_text(line: Indicator, measured: Measured) -> str:
    """What was measured, as text: 9, 5/6, 次×3、带队×1."""
    if measured.state != "scored":
        return "—"
    if line.rule == "share":
        return f"{plain(measured.value)}/{plain(measured.due)}"
    return items_text(measured.items) if line.rule == "each" else plain(measured.value)


def rule_text(line: Indicator, target: Fraction) -> str:
    """The rule in words, with its numbers; the target is the member's own, for the rule ratio."""
    points = plain(line.points)
    match line.rule:
        case "ratio":
            return f"{points} 分 × 实际 ÷ 目标 {plain(target)}，最多 {points} 分"
        case "share":
            return f"{points} 分 × 完成 ÷ 应完成"
        case "each":
            prices = "，".join(f"{word} {plain(price)} 分" for word, price in line.each.items())
            return f"每项：{prices}；最多 {points} 分"
        case "step":
            steps = "，".join(f"达到 {plain(start)} 得 {plain(earned)} 分" for start, earned in line.steps)
            return f"{steps}，其余 0 分"
        case "flag":
            return f"有即得 {points} 分"
        case _:
            return f"{points} 分，每件减 {plain(line.per or 0)} 分，减完为止"


def _moved(settings: Adjustments, found: Mapping[str, Items]) -> list[Moved]:
    """The items that moved the score, each within its own cap (加分、扣分)."""
    lines = []
    for item in settings.items:
        if (items := found.get(item.name)) and item.enabled:
            cap = settings.cap if item.cap is None else item.cap
            lines.append(Moved(item, items, by_each(Fraction(cap), items, item.prices)))
    return lines


def peer_mean(scores: Sequence[Number], peers: int, settings: PeerSettings) -> Fraction | None:
    """The mean of the peers' scores, from so many on without one highest and one lowest (去掉一个最高分和一个最低分).

    Not available when less than the minimum share of the peers has rated.
    """
    if not scores or len(scores) < peers * settings.minimum_share:
        return None
    ordered = sorted(Fraction(score) for score in scores)
    kept = ordered[1:-1] if len(ordered) >= settings.trim_from else ordered
    return total(kept) / len(kept)


def composed(weights: Sequence[tuple[str, Fraction]], scores: Mapping[str, Fraction | None]) -> Fraction | None:
    """The weighted mean of the parts there are (季度得分合成); the weights of those that are missing go to the others."""
    there = [(weight, score) for part, weight in weights if (score := scores[part]) is not None]
    whole = total([weight for weight, _ in there])
    return total([weight * score for weight, score in there]) / whole if whole else None


def within_hundred(points: Fraction) -> Fraction:
    return min(HUNDRED, max(ZERO, points))
