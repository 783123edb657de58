"""The year's index (年度先锋指数): mean of the quarters, coefficient of the pay part, proposal for 优秀.

The proposal is a proposal: 民主评议 is decided by the branch (支部工作条例 第十八条), and the tool only
records it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from partybuild_cli.index.exact import half_up, tenth, total
from partybuild_cli.index.ranking import ranks
from partybuild_cli.index.scheme import AnnualSettings

COEFFICIENT_PLACES = 4
PROPOSED, TIED, NOT_PROPOSED, UNGRADED = "优秀候选", "并列待定", "不推荐优秀", "不评定"


@dataclass(frozen=True, slots=True)
class QuarterResult:
    """A scored quarter of a member, as it was posted."""

    quarter: str
    score: Decimal
    vetoed: bool


@dataclass(frozen=True, slots=True)
class AnnualCase:
    """A member of one branch and his scored quarters; `full` is 正式党员, 预备党员 being scored without a
    grade.
    """

    member: str
    full: bool
    quarters: tuple[QuarterResult, ...]


@dataclass(frozen=True, slots=True)
class AnnualScore:
    """The year of a member; index, rank and numbers for pay are None where too few quarters were scored."""

    member: str
    index: Decimal | None
    rank: int | None
    coefficient: Decimal | None
    pay_part: Decimal | None
    proposal: str


def annual(cases: Sequence[AnnualCase], full_members: int, settings: AnnualSettings) -> list[AnnualScore]:
    """The year of one branch, in the order given. `full_members` counts all 正式党员 of the branch, scored
    or not.
    """
    indices = [_index(case, settings) for case in cases]
    proposals = _proposals(cases, indices, full_members // settings.excellent_one_in, settings)
    return [
        AnnualScore(case.member, index, rank, *_pay(index, settings), proposal)
        for case, index, rank, proposal in zip(cases, indices, ranks(indices), proposals, strict=True)
    ]


def _index(case: AnnualCase, settings: AnnualSettings) -> Decimal | None:
    if len(case.quarters) < settings.least_quarters:
        return None
    return tenth(total([Fraction(quarter.score) for quarter in case.quarters]) / len(case.quarters))


def _pay(index: Decimal | None, settings: AnnualSettings) -> tuple[Decimal | None, Decimal | None]:
    """The coefficient and its part of the bonus pay; no salary is known here (绩效系数)."""
    if index is None:
        return None, None
    exact = min(Fraction(1), Fraction(index) / Fraction(settings.full_coefficient_at))
    pay = exact * Fraction(settings.pay_share)
    return half_up(exact, COEFFICIENT_PLACES), half_up(pay, COEFFICIENT_PLACES)


def _proposals(
    cases: Sequence[AnnualCase], indices: Sequence[Decimal | None], seats: int, settings: AnnualSettings
) -> list[str]:
    """The best eligible ones as far as seats go; those level at the last seat are left to the branch, not
    to chance.
    """
    eligible = [
        index if case.full and _steady(case, settings) else None for case, index in zip(cases, indices, strict=True)
    ]
    places = ranks(eligible)
    proposals = []
    for case, place in zip(cases, places, strict=True):
        if place is None or place > seats:
            proposals.append(NOT_PROPOSED if case.full else UNGRADED)
        else:
            fits = place - 1 + places.count(place) <= seats
            proposals.append(PROPOSED if fits else TIED)
    return proposals


def _steady(case: AnnualCase, settings: AnnualSettings) -> bool:
    return all(not quarter.vetoed and quarter.score >= settings.quarter_floor for quarter in case.quarters)
