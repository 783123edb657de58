"""A quarter computed (季度计算): records in, the score of every member out. Nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.entrants import Entrant, load_entrants
from partybuild_cli.index.gather import Gathered, Signature
from partybuild_cli.index.measures.conduct import conduct_source
from partybuild_cli.index.parts import Ratings
from partybuild_cli.index.problems import uncounted
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.ranking import ranks
from partybuild_cli.index.ratings import Rated
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.scoring import Case, Score, Scorer, Scorers
from partybuild_cli.index.stays import Key, Scope
from partybuild_cli.index.undisturbed import undisturbed


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's place in his branch: his score, None where he is listed without one, and his rank."""

    entrant: Entrant
    score: Score | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Computed:
    """A quarter of one scheme, computed; `standings` by branch, each in the order of the list."""

    quarter: Quarter
    scheme: Scheme
    branches: Mapping[int, list[Standing]]
    problems: Sequence[str]

    @property
    def standings(self) -> Iterable[Standing]:
        return (one for standings in self.branches.values() for one in standings)


@undisturbed()
def compute(connection: Connection, quarter: Quarter, scheme: Scheme, branch: int | None = None) -> Computed:
    """Score every member of the book, or of one branch, by a scheme that was found sound."""
    scope = Scope(connection, quarter, branch)
    entrants = load_entrants(connection, scope)
    rated = Rated(connection, quarter, entrants, scheme.peer)
    scored = _scored(connection, scope, scheme, entrants, rated)
    branches = {number: _ranked(found) for number, found in scored.items()}
    problems = [*uncounted(connection, scope, scheme), *_of_ratings(rated, branches)]
    return Computed(quarter, scheme, branches, problems)


def _scored(
    connection: Connection, scope: Scope, scheme: Scheme, entrants: Sequence[Entrant], rated: Rated
) -> dict[int, list[tuple[Entrant, Score | None]]]:
    """Everybody by branch, with his score; None where he is listed without one. Members who are alike share it."""
    gathered, scorers = Gathered(connection, scope, scheme), Scorers(scheme)
    vetoes = _vetoes(connection, scope, scheme)
    found: dict[int, list[tuple[Entrant, Score | None]]] = {}
    scores: dict[Any, Score] = {}
    for one in entrants:
        score = None
        if not one.unscored:
            scorer = scorers.of(one.staff_kind, one.party_post, one.presence)
            alike = (id(scorer), gathered.signature(one), vetoes.get(one.key, ()), rated.of(one))
            score = scores.get(alike)
            if score is None:
                score = scores[alike] = scorer.score(_case(gathered, scheme, scorer, *alike[1:]))
        found.setdefault(one.branch, []).append((one, score))
    return found


def _case(
    gathered: Gathered, scheme: Scheme, scorer: Scorer, signature: Signature, vetoes: tuple[str, ...], ratings: Ratings
) -> Case:
    return Case(
        gathered.measured(scorer.indicators, signature),
        gathered.adjustments(scheme.bonus, signature),
        gathered.adjustments(scheme.deduction, signature),
        vetoes,
        ratings,
    )


def _ranked(scored: Sequence[tuple[Entrant, Score | None]]) -> list[Standing]:
    """By rank, those without a score last; equals in the order of the roster (并列同名次)."""
    places = ranks([None if score is None else score.score for _, score in scored])
    standings = [Standing(one, score, place) for (one, score), place in zip(scored, places, strict=True)]
    return sorted(standings, key=lambda one: (one.place is None, one.place or 0))


def _vetoes(connection: Connection, scope: Scope, scheme: Scheme) -> dict[Key, tuple[str, ...]]:
    """一票否决: matters with their document, day and who decided."""
    if not scheme.veto:
        return {}
    source = conduct_source(scope.quarter)
    where = f"t.kind IN ({', '.join('?' * len(scheme.veto))}) AND t.basis IS NOT NULL"
    where += " AND t.decided_on IS NOT NULL AND t.decided_by IS NOT NULL"
    found: dict[Key, tuple[str, ...]] = {}
    for seat in scope.seats:
        sql = source.of(seat, "s.member_id, s.branch_id, t.kind", f" AND {where} ORDER BY t.id")
        values: tuple[Any, ...] = (*seat.values, *source.values, *scheme.veto)
        for member, branch, kind in connection.exec_driver_sql(sql, values):
            found[member, branch] = (*found.get((member, branch), ()), kind)
    return found


def _of_ratings(rated: Rated, branches: Mapping[int, list[Standing]]) -> Iterable[str]:
    for standings in branches.values():
        for one in standings:
            name = one.entrant.name
            if one.entrant.key in rated.strangers:
                number = rated.strangers[one.entrant.key]
                yield f"{name}有 {number} 条互评不是由同党小组（支部）的其他党员作出，没有计入；请核对评议表。"
            if one.score is not None and one.score.reason_needed and not rated.reason(one.entrant):
                yield f"{name}的组织评定与记录得分相差超过 {one.score.scheme.org_gap} 分，请补写理由。"
