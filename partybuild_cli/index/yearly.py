"""The year over the quarters that the book keeps (年度指数): mean, coefficient, proposal, and what the branch decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.index.annual import AnnualCase, AnnualScore, QuarterResult, annual
from partybuild_cli.index.chosen import schemes_for
from partybuild_cli.index.entrants import Entrant, load_entrants
from partybuild_cli.index.listing import branch_names
from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import DRAFTS
from partybuild_cli.index.stays import Scope


@dataclass(frozen=True, slots=True)
class YearLine:
    """One member's year in his branch."""

    entrant: Entrant
    branch: str
    band: str | None
    quarters: Mapping[str, Decimal]
    score: AnnualScore
    review: str | None

    def document(self) -> dict[str, Any]:
        """The JSON of one member."""
        score = self.score
        return {
            "name": self.entrant.name,
            "staff_no": self.entrant.staff_no,
            "member": self.entrant.member,
            "branch": self.branch,
            "category": self.entrant.category,
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
    """A year of one or all branches; `drafts` are quarters counted that are not posted yet."""

    year: str
    lines: list[YearLine]
    drafts: list[str]


def year_of(connection: Connection, year: str, branch: int | None = None) -> Year:
    """Everybody who belonged to a branch when the year, or its last quarter with scores, ended.

    NotFound when no quarter of the year has been computed.
    """
    results, labels, drafts = _results(connection, year)
    if not results:
        raise NotFound(f"{year} 年还没有计算过的季度。请先运行 partybuild index compute {year}Q1。")
    last = Quarter(max(labels))
    names, reviews = branch_names(connection), _reviews(connection, year)
    by_branch: dict[int, list[Entrant]] = {}
    for one in load_entrants(connection, Scope(connection, last, branch)):
        if one.stayed:
            by_branch.setdefault(one.branch, []).append(one)
    schemes = schemes_for(connection, last, list(by_branch), None)
    lines: list[YearLine] = []
    for number, members in by_branch.items():
        cases = [_case(one, results.get(one.member, {})) for one in members]
        full = sum(1 for one in members if one.category == "正式党员" and one.unscored != "停止党籍")
        scores = annual(cases, full, schemes[number].annual)
        found = [
            YearLine(
                one,
                names[number],
                None if score.index is None else schemes[number].band(score.index),
                {label: result.score for label, result in results.get(one.member, {}).items()},
                score,
                reviews.get(one.member),
            )
            for one, score in zip(members, scores, strict=True)
        ]
        lines += sorted(found, key=lambda line: (line.score.rank is None, line.score.rank or 0))
    return Year(year, lines, drafts)


def _case(one: Entrant, results: Mapping[str, QuarterResult]) -> AnnualCase:
    return AnnualCase(str(one.member), one.category == "正式党员", tuple(results.values()))


def _results(connection: Connection, year: str) -> tuple[dict[int, dict[str, QuarterResult]], set[str], list[str]]:
    """By member the quarters scored, by the last revision; of two branches in one quarter that where he was longer."""
    rows = connection.exec_driver_sql(
        "SELECT r.quarter, r.state, s.member_id, s.score, s.vetoed FROM index_score AS s"
        " JOIN index_round AS r ON r.id = s.round_id WHERE r.quarter >= ? AND r.quarter <= ?"
        " AND r.revision = (SELECT max(o.revision) FROM index_round AS o"
        " WHERE o.quarter = r.quarter AND o.branch_id = r.branch_id) AND s.score IS NOT NULL"
        " ORDER BY r.quarter, s.days, r.id",
        (f"{year}Q1", f"{year}Q4"),
    ).all()
    results: dict[int, dict[str, QuarterResult]] = {}
    for label, _, member, score, vetoed in rows:
        points = (Decimal(score) / SCALE).quantize(Decimal("0.1"))
        results.setdefault(member, {})[label] = QuarterResult(label, points, bool(vetoed))
    drafts = sorted({label for label, state, *_ in rows if state in DRAFTS})
    return results, {label for label, *_ in rows}, drafts


def _reviews(connection: Connection, year: str) -> dict[int, str | None]:
    rows = connection.exec_driver_sql("SELECT member_id, grade FROM review WHERE year = ? ORDER BY id", (year,))
    return {row[0]: row[1] for row in rows}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
