"""A score as it is shown (得分说明): each indicator with value, rule and points that add up to the base
shown.

Points, dimensions, base and obj have at most four places (see `exact`); the score has one.
"""

from decimal import Decimal
from fractions import Fraction

from partybuild_cli.index.adjusting import AdjustmentScore
from partybuild_cli.index.exact import cut, plain, spread, tenth, total
from partybuild_cli.index.rules import Items, Measured
from partybuild_cli.index.scheme import Indicator
from partybuild_cli.index.scoring import ZERO, Score

NOTHING = "—"


def lines(score: Score) -> list[dict[str, str | None]]:
    """Every indicator, as `index explain --json` prints it but for the records."""
    points, maxima = _shown(score, score.points), _shown(score, score.maxima)
    return [
        {
            "id": one.id,
            "name": one.name,
            "dimension": one.dimension,
            "raw": None if raw is None else plain(raw),
            "points": plain(earned),
            "max": plain(most),
            "value": value_text(one, score.case.measured[one.id]),
            "rule": rule_text(one, target),
            "state": score.case.measured[one.id].state,
        }
        for one, raw, target, earned, most in zip(
            score.indicators, score.raws, score.targets, points, maxima, strict=True
        )
    ]


def summary(score: Score) -> dict[str, str | dict[str, str | None] | None]:
    """The figures over the indicators; what is not available is None."""
    parts = {part.id: score.parts[part.id] for part in score.scheme.parts}
    return {
        "score": None if score.score is None else str(score.score),
        "band": score.band,
        "base": None if score.base is None else plain(score.base),
        "bonus": plain(score.bonus),
        "deduction": plain(score.deduction),
        "obj": None if score.obj is None else plain(score.obj),
        "parts": {name: None if points is None else plain(points) for name, points in parts.items()},
    }


def dimension_points(score: Score) -> dict[str, Decimal]:
    """The points of each dimension; they add up to the base, and the lines of its indicators to them."""
    shown = spread(score.dimensions, cut(score.base or ZERO))
    return {one.id: points for one, points in zip(score.scheme.dimensions, shown, strict=True)}


def posted_dimensions(score: Score) -> dict[str, Decimal]:
    """The dimensions to one place, adding up to the base rounded to one place (公示表的各维度得分)."""
    shown = spread(score.dimensions, tenth(score.base or ZERO), 1)
    return {one.id: points for one, points in zip(score.scheme.dimensions, shown, strict=True)}


def _shown(score: Score, numbers: list[Fraction]) -> list[Decimal]:
    """Numbers in the order of the indicators, cut so that each dimension adds up, and all dimensions together."""
    places: dict[str, list[int]] = {one.id: [] for one in score.scheme.dimensions}
    for place, one in enumerate(score.indicators):
        places[one.dimension].append(place)
    sums = spread([total([numbers[at] for at in inside]) for inside in places.values()], cut(total(numbers)))
    shown = [Decimal(0)] * len(numbers)
    for inside, whole in zip(places.values(), sums, strict=True):
        for at, number in zip(inside, spread([numbers[at] for at in inside], whole), strict=True):
            shown[at] = number
    return shown


def adjustment_text(line: AdjustmentScore) -> str:
    """A bonus or deduction item in words: 锦旗、表扬信：锦旗×1，1 分."""
    return f"{line.name}：{items_text(line.items)}，{plain(line.points)} 分"


def items_text(items: Items) -> str:
    return "、".join(f"{word}×{plain(number)}" for word, number in items) or "0"


def value_text(one: Indicator, measured: Measured) -> str:
    """What was measured, as text: 9, 5/6, 次×3、带队×1."""
    if measured.state != "scored":
        return NOTHING
    if one.rule == "share":
        return f"{plain(measured.value)}/{plain(measured.due)}"
    return items_text(measured.items) if one.rule == "each" else plain(measured.value)


def rule_text(one: Indicator, target: Fraction) -> str:
    """The rule in words, with its numbers; the target is the member's own, for the rule ratio."""
    points = plain(one.points)
    match one.rule:
        case "ratio":
            return f"{points} 分 × 实际 ÷ 目标 {plain(target)}，最多 {points} 分"
        case "share":
            return f"{points} 分 × 完成 ÷ 应完成"
        case "each":
            prices = "，".join(f"{word} {plain(price)} 分" for word, price in one.each.items())
            return f"每项：{prices}；最多 {points} 分"
        case "step":
            steps = "，".join(f"达到 {plain(start)} 得 {plain(earned)} 分" for start, earned in one.steps)
            return f"{steps}，其余 0 分"
        case "flag":
            return f"有即得 {points} 分"
        case _:
            return f"{points} 分，每件减 {plain(one.per or 0)} 分，减完为止"
