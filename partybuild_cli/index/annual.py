"""The year's index (年度指数): mean of the quarters, coefficient of the pay part, proposal for 优秀, what the branch decided.

The proposal is a proposal: 民主评议 is decided by the branch (支部工作条例 第十八条), and the tool only records it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection
from sqlmodel import col, select

from partybuild_cli.errors import NotFound
from partybuild_cli.index.numbers import PLACES, half_up, ranks, tenth, total
from partybuild_cli.index.participants import Participant, roll_of
from partybuild_cli.index.quarter import DRAFTS, Document, Quarter
from partybuild_cli.index.rounds import QuarterScore, scores_between
from partybuild_cli.index.scheme import AnnualSettings
from partybuild_cli.index.schemes import schemes_for
from partybuild_cli.records.review import GRADES, Review

PROPOSED, TIED, NOT_PROPOSED, UNGRADED = "优秀候选", "并列待定", "不推荐优秀", "不评定"


class MemberYear(NamedTuple):
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
    """The year of one branch, in the order given; `full_members`: all its 正式党员, scored or not. The best are proposed as
    far as seats go, those level at the last one left to the branch. 绩效系数 are numbers only: no salary is known here.
    """
    enough = [case.quarters if len(case.quarters) >= settings.least_quarters else () for case in cases]
    indices = [_mean([quarter.score for quarter in quarters]) for quarters in enough]
    floor = settings.quarter_floor
    fit = [case.full and all(not kept.vetoed and kept.score >= floor for kept in case.quarters) for case in cases]
    eligible = [index if fits else None for fits, index in zip(fit, indices, strict=True)]
    places, seats, found = ranks(eligible), full_members // settings.excellent_one_in, []
    for case, index, rank, at in zip(cases, indices, ranks(indices), places, strict=True):
        proposal = (None if index is None else NOT_PROPOSED) if case.full else UNGRADED
        if at is not None and at <= seats:
            proposal = PROPOSED if at - 1 + places.count(at) <= seats else TIED
        exact = min(Fraction(1), Fraction(index or 0) / Fraction(settings.full_coefficient_at))
        paid = (half_up(share, PLACES) for share in (exact, exact * Fraction(settings.pay_share)))
        coefficient, pay_part = (None, None) if index is None else paid
        found.append(AnnualScore(index, rank, coefficient, pay_part, proposal))
    return found


def _mean(scores: Sequence[Decimal]) -> Decimal | None:
    return tenth(total([Fraction(score) for score in scores]) / len(scores)) if scores else None


class YearLine(NamedTuple):
    """One member's year in his branch."""

    participant: Participant
    band: str | None
    quarters: Mapping[str, Decimal]
    score: AnnualScore
    review: str | None

    def document(self) -> Document:
        """The JSON of one member."""
        score, who = self.score, self.participant
        return {
            **{"name": who.name, "staff_no": who.staff_no, "member": who.member, "branch": who.branch_name},
            **{"category": who.category, "quarters": {of: str(points) for of, points in self.quarters.items()}},
            **{"index": _text(score.index), "band": self.band, "rank": score.rank},
            **{key: _text(getattr(score, key)) for key in ("coefficient", "pay_part")},
            **{"proposal": score.proposal, "review": self.review},
        }


class Year(NamedTuple):
    """A year of some or all branches; `drafts` are quarters counted that are not posted yet."""

    year: str
    lines: list[YearLine]
    drafts: list[str]

    @property
    def grades(self) -> list[Document]:
        """民主评议 beside the index that it stands on: how many of each grade, and the mean, highest and lowest index."""
        found = []
        for grade in (*GRADES, None):
            if mine := [line.score.index for line in self.lines if line.review == grade]:
                known = [index for index in mine if index is not None]
                figures = _mean(known), max(known, default=None), min(known, default=None)
                texts = dict(zip(("mean", "highest", "lowest"), map(_text, figures), strict=True))
                found.append({"grade": grade, "members": len(mine), **texts})
        return found


def year_of(connection: Connection, year: str, branch: int | None = None) -> Year:
    """Everybody who belonged to a branch when the year, or its last quarter with scores, ended. NotFound."""
    stored, states = scores_between(connection, f"{year}Q1", f"{year}Q4")
    if not stored:
        done = f"计算过的，用 partybuild index list {year}Q1 看为什么没有得分"
        raise NotFound(f"{year} 年还没有人有季度得分。请先运行 partybuild index compute {year}Q1；{done}。")
    roll = roll_of(connection, Quarter(max(states)), branch)
    graded = select(Review.member_id, Review.grade).where(col(Review.year) == year).order_by(col(Review.id))
    reviews = {row[0]: row[1] for row in connection.execute(graded)}
    by_branch: dict[int, list[Participant]] = {}
    for who in roll.participants:
        if who.stayed:
            by_branch.setdefault(who.branch, []).append(who)
    schemes = schemes_for(connection, roll.quarter, by_branch)
    lines: list[YearLine] = []
    for number, members in by_branch.items():
        scheme, quarters = schemes[number], [stored.get(who.member, {}) for who in members]
        full = [who.category == "正式党员" for who in members]
        cases = [MemberYear(counts, list(scores.values())) for counts, scores in zip(full, quarters, strict=True)]
        base = sum(counts and who.unscored != "停止党籍" for counts, who in zip(full, members, strict=True))
        found = []
        for who, scores, score in zip(members, quarters, annual(cases, base, scheme.annual), strict=True):
            band = None if score.index is None else scheme.band(score.index)
            points = {label: quarter.score for label, quarter in scores.items()}
            found.append(YearLine(who, band, points, score, reviews.get(who.member)))
        lines += sorted(found, key=lambda line: (line.score.rank is None, line.score.rank or 0))
    return Year(year, lines, sorted(label for label, states_of in states.items() if states_of & set(DRAFTS)))


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
