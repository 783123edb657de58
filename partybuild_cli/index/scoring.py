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
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from partybuild_cli.index.numbers import Number, plain, tenth, total
from partybuild_cli.index.scheme import Adjustment, Indicator, PeerSettings, Scheme
from partybuild_cli.values.text import shipped

Items = tuple[tuple[str, Number], ...]
#: The parts of which a score may be made.
PARTS = {"self": "自评", "peer": "互评", "masses": "群众评议", "org": "组织评定", "obj": "记录得分"}
ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)


class Measured(NamedTuple):
    """What a measure found of a member (测得值): the amount, the part done of what was `due`, the count, or how many there
    are; or `items`, quantities by word, for the rule each. Without state "scored" the rest means nothing.
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
    """The ratings of one member, None where none was given. `peer` are the scores that count of his `peers`, in no
    order that tells whose, `strangers` how many do not; `reason` and `adjustment` are the committee's.
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


class Grounds(NamedTuple):
    """What is known of one member in one quarter (计分依据): indicators by id, what bonus and deduction items found by their name."""

    measured: Mapping[str, Measured]
    moved: Mapping[str, Items] = {}
    vetoes: tuple[str, ...] = ()
    ratings: Ratings = UNRATED


class Line(NamedTuple):
    """One indicator of a member, as measured: what the rule asked (`target`: of the rule each, the points at which it is full for
    a part of the quarter), what it gave (`raw`, None where the points went to others), by what redistribution multiplies that.
    """

    indicator: Indicator
    measured: Measured
    target: Fraction
    raw: Fraction | None
    factor: Fraction = ZERO

    @property
    def points(self) -> Fraction:
        return (self.raw or ZERO) * self.factor

    @property
    def most(self) -> Fraction:
        return ZERO if self.raw is None else self.indicator.worth * self.factor


class Moved(NamedTuple):
    """A bonus or deduction item (加分、扣分) that moved the score, within its own cap and before the cap of all."""

    kind: str
    item: Adjustment
    found: Items
    points: Fraction


class Score(NamedTuple):
    """A member's score, exact; `coverage`: the share of the points of his duties of which there is data (数据覆盖)."""

    scheme: Scheme
    known: Grounds
    lines: Sequence[Line]
    dimensions: Mapping[str, Fraction]
    base: Fraction | None
    moved: Sequence[Moved]
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
    """Score one member by a sound scheme; `presence` is the part of the quarter that he was there (在册时间占比)."""
    part, lines = presence if scheme.prorated else ONE, list[Line]()
    for indicator in scheme.indicators_for(staff_kind):
        measured, target = _settled(indicator, known.measured[indicator.id], part), ZERO
        if indicator.rule == "ratio":
            target = Fraction(indicator.target_for(party_post) or 0) * presence
        elif indicator.rule == "each" and part != ONE:
            target = _owed(indicator, part) or min(indicator.worth, next(iter(indicator.prices.values())))
        raw = ZERO if measured.state == "no_data" and scheme.missing == "zero" else None
        if measured.state == "scored" and (indicator.rule != "ratio" or target):
            raw = by_rule(indicator, measured, target)
        lines.append(Line(indicator, measured, target, raw))
    lines = _redistributed(scheme, lines)
    dimensions = {dimension.id: ZERO for dimension in scheme.dimensions}
    for line in lines:
        dimensions[line.indicator.dimension] += line.points
    moved: list[Moved] = []
    for kind, settings in (("加分", scheme.bonus), ("扣分", scheme.deduction)):
        for item in settings.items:
            if (items := known.moved.get(item.name)) and item.enabled:
                cap = Fraction(settings.cap if item.cap is None else item.cap)
                moved.append(Moved(kind, item, items, by_each(cap, items, item.prices)))
    bonus, deduction = (
        min(Fraction(settings.cap), total([line.points for line in moved if line.kind == kind]))
        for kind, settings in (("加分", scheme.bonus), ("扣分", scheme.deduction))
    )
    base = total([*dimensions.values()]) if any(line.factor for line in lines) else None
    obj = None if base is None else within_hundred(base + bonus - deduction)
    duties = [line for line in lines if not line.indicator.opportunity]
    asked = sum(line.indicator.points for line in duties if line.measured.state != "not_applicable")
    there = sum(line.indicator.points for line in duties if line.measured.state == "scored")
    coverage = Fraction(there) / Fraction(asked or 1)
    withheld = not known.vetoes and coverage < Fraction(scheme.least_coverage)
    parts = _parts(scheme, known.ratings, obj)
    weights = [(part.id, Fraction(part.weight)) for part in scheme.parts]
    whole = ZERO if known.vetoes else None if withheld else composed(weights, parts)
    score = None if whole is None else tenth(whole)
    return Score(scheme, known, lines, dimensions, base, moved, bonus, deduction, obj, parts, coverage, withheld, score)


def _redistributed(scheme: Scheme, lines: Sequence[Line]) -> list[Line]:
    """The lines with what redistribution multiplies their points by (分值重新分配): all 0 where no duty stands."""
    standing = {dimension.id: ZERO for dimension in scheme.dimensions}
    lost = dict(standing)
    for indicator, _, _, raw, _ in lines:
        if raw is None:
            lost[indicator.dimension] += indicator.worth
        elif not indicator.opportunity:
            standing[indicator.dimension] += indicator.worth
    there = {key: points + lost[key] for key, points in standing.items() if points}
    whole, homeless = total([*there.values()]), total([lost[key] for key in lost if key not in there])
    shares = {key: (whole + homeless) / whole * points / standing[key] for key, points in there.items()}
    own = ONE if there else ZERO
    return [
        Line(*line[:4], own if line.indicator.opportunity else shares.get(line.indicator.dimension, ZERO))
        for line in lines
    ]


def _parts(scheme: Scheme, ratings: Ratings, obj: Fraction | None) -> dict[str, Fraction | None]:
    """Every part by its id; 组织评定 is the committee's score (absolute), or the records' and what it adds (adjustment)."""
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
    value = Fraction(measured.value)
    match line.rule:
        case "ratio":
            return line.worth if value >= target else line.worth * value / target
        case "share":
            return line.worth if value >= measured.due else line.worth * value / Fraction(measured.due)
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
    return min(cap, total([prices[word] * Fraction(number) for word, number in items if word in prices]))


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
    words = {"points": plain(line.points), "target": plain(target), "per": plain(line.per or 0)}
    words["prices"] = "，".join(f"{word} {plain(price)} 分" for word, price in line.each.items())
    words["steps"] = "，".join(f"达到 {plain(start)} 得 {plain(earned)} 分" for start, earned in line.steps)
    return str(shipped("index/measures.toml")["rules"][line.rule]["text"]).format(**words)


def peer_mean(scores: Sequence[Number], peers: int, settings: PeerSettings) -> Fraction | None:
    """Their mean, without one highest and one lowest (去掉一个最高分和一个最低分); none where too few have rated."""
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
