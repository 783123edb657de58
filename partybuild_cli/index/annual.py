"""The year's index (年度指数): mean of the quarters, coefficient of the pay part, proposal for 优秀, what the branch decided.

The proposal is a proposal: 民主评议 is decided by the branch (支部工作条例 第十八条), and the tool only records it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.index.numbers import half_up, ranks, tenth, total
from partybuild_cli.index.participants import Participant, load_participants
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import DRAFTS, QuarterScore, branch_names, scores_between
from partybuild_cli.index.scheme import AnnualSettings
from partybuild_cli.index.schemes_in_use import schemes_for
from partybuild_cli.records.review import GRADES

COEFFICIENT_PLACES = 4
PROPOSED, TIED, NOT_PROPOSED, UNGRADED = "优秀候选", "并列待定", "不推荐优秀", "不评定"


@dataclass(frozen=True, slots=True)
class MemberYear:
    """The scored quarters of a member of one branch; `full` is 正式党员, 预备党员 being scored without a grade."""

    full: bool
    quarters: Sequence[QuarterScore]


@dataclass(frozen=True, slots=True)
class AnnualScore:
    """The year of a member; index, rank, numbers for pay and proposal are None where too few quarters were scored."""

    index: Decimal | None
    rank: int | None
    coefficient: Decimal | None
    pay_part: Decimal | None
    proposal: str | None


def annual(cases: Sequence[MemberYear], full_members: int, settings: AnnualSettings) -> list[AnnualScore]:
    """The year of one branch, in the order given. `full_members` counts all 正式党员 of the branch, scored or not."""
    indices = [_index(case, settings) for case in cases]
    proposals = _proposals(cases, indices, full_members // settings.excellent_one_in, settings)
    return [
        AnnualScore(index, rank, *_pay(index, settings), proposal)
        for index, rank, proposal in zip(indices, ranks(indices), proposals, strict=True)
    ]


def _index(case: MemberYear, settings: AnnualSettings) -> Decimal | None:
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
    cases: Sequence[MemberYear], indices: Sequence[Decimal | None], seats: int, settings: AnnualSettings
) -> list[str | None]:
    """The best eligible ones as far as seats go; those level at the last seat are left to the branch, not to chance."""
    eligible = [
        index if case.full and _steady(case, settings) else None for case, index in zip(cases, indices, strict=True)
    ]
    places = ranks(eligible)
    proposals: list[str | None] = []
    for case, index, place in zip(cases, indices, places, strict=True):
        if index is None:
            proposals.append(None if case.full else UNGRADED)
        elif place is None or place > seats:
            proposals.append(NOT_PROPOSED if case.full else UNGRADED)
        else:
            fits = place - 1 + places.count(place) <= seats
            proposals.append(PROPOSED if fits else TIED)
    return proposals


def _steady(case: MemberYear, settings: AnnualSettings) -> bool:
    return all(not quarter.vetoed and quarter.score >= settings.quarter_floor for quarter in case.quarters)


@dataclass(frozen=True, slots=True)
class YearLine:
    """One member's year in his branch."""

    participant: Participant
    branch: str
    band: str | None
    quarters: Mapping[str, Decimal]
    score: AnnualScore
    review: str | None

    def document(self) -> dict[str, Any]:
        """The JSON of one member."""
        score, one = self.score, self.participant
        return {
            "name": one.name,
            "staff_no": one.staff_no,
            "member": one.member,
            "branch": self.branch,
            "category": one.category,
            "quarters": {label: str(points) for label, points in self.quarters.items()},
            "index": _text(score.index),
            "band": self.band,
            "rank": score.rank,
            "coefficient": _text(score.coefficient),
            "pay_part": _text(score.pay_part),
            "proposal": score.proposal,
            "review": self.review,
        }


@dataclass(frozen=True, slots=True)
class Year:
    """A year of some or all branches; `drafts` are quarters counted that are not posted yet."""

    year: str
    lines: list[YearLine]
    drafts: list[str]

    @property
    def grades(self) -> list[dict[str, Any]]:
        """民主评议 beside the index that it stands on: how many of each grade, and the mean, highest and lowest index."""
        found = []
        for grade in (*GRADES, None):
            mine = [line for line in self.lines if line.review == grade]
            known = [line.score.index for line in mine if line.score.index is not None]
            if mine:
                mean = tenth(total([Fraction(one) for one in known]) / len(known)) if known else None
                ends = (max(known), min(known)) if known else (None, None)
                figures = dict(zip(("mean", "highest", "lowest"), map(_text, (mean, *ends)), strict=True))
                found.append({"grade": grade, "members": len(mine), **figures})
        return found


def _below(connection: Connection, branch: int) -> set[int]:
    """A branch itself, or the branches under a 党总支 or 党委."""
    rows = connection.exec_driver_sql("SELECT id, name, parent FROM branch").all()
    names = {row.id: row.name for row in rows}
    found, fresh = {branch}, {branch}
    while fresh:
        fresh = {row.id for row in rows if row.parent in {names[one] for one in fresh}} - found
        found |= fresh
    return found


def year_of(connection: Connection, year: str, branch: int | None = None) -> Year:
    """Everybody who belonged to a branch (of a 党总支: to one under it) when the year, or its last quarter with scores, ended.

    NotFound when no quarter of the year has been computed.
    """
    kept, states = scores_between(connection, f"{year}Q1", f"{year}Q4")
    if not kept:
        raise NotFound(
            f"{year} 年还没有人有季度得分。请先运行 partybuild index compute {year}Q1；"
            f"计算过的，用 partybuild index list {year}Q1 看为什么没有得分。"
        )
    last = Quarter(max(states))
    names, reviews = branch_names(connection), _reviews(connection, year)
    by_branch: dict[int, list[Participant]] = {}
    wanted = None if branch is None else _below(connection, branch)
    for one in load_participants(connection, last):
        if one.stayed and (wanted is None or one.branch in wanted):
            by_branch.setdefault(one.branch, []).append(one)
    schemes = schemes_for(connection, last, list(by_branch), None)
    lines: list[YearLine] = []
    for number, members in by_branch.items():
        quarters = [kept.get(one.member, {}) for one in members]
        cases = [
            MemberYear(one.category == "正式党员", list(found.values()))
            for one, found in zip(members, quarters, strict=True)
        ]
        full = sum(1 for one in members if one.category == "正式党员" and one.unscored != "停止党籍")
        scores = annual(cases, full, schemes[number].annual)
        found = [
            YearLine(
                one,
                names[number],
                None if score.index is None else schemes[number].band(score.index),
                {label: result.score for label, result in results.items()},
                score,
                reviews.get(one.member),
            )
            for one, results, score in zip(members, quarters, scores, strict=True)
        ]
        lines += sorted(found, key=lambda line: (line.score.rank is None, line.score.rank or 0))
    return Year(year, lines, sorted(label for label, found in states.items() if found & set(DRAFTS)))


def _reviews(connection: Connection, year: str) -> dict[int, str | None]:
    rows = connection.exec_driver_sql("SELECT member_id, grade FROM review WHERE year = ? ORDER BY id", (year,))
    return {row[0]: row[1] for row in rows}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
