"""A quarter computed (季度计算): records in, the score of every member out, and kept as drafts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.collect import Query, collect, vetoes
from partybuild_cli.index.measures.declare import asked_by
from partybuild_cli.index.numbers import plain, ranks
from partybuild_cli.index.participants import RANKED_APART, Participant, load_participants, rank_profile
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.ratings import Rated
from partybuild_cli.index.rounds import KeptScore, branch_names, rounds_of, save_round, save_scores
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.schemes_in_use import keep_scheme, schemes_for
from partybuild_cli.index.scoring import Known, Score, score_of
from partybuild_cli.index.uncounted import uncounted
from partybuild_cli.records.rating import Rating
from partybuild_cli.records.settings import OrgPart, settings_of
from partybuild_cli.store import raters


class Ranked(NamedTuple):
    """A member on the list of his branch: his score, None where he is listed without one, and his rank."""

    participant: Participant
    score: Score | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Computed:
    """A quarter of one scheme, computed: by branch everybody in the order of the list, and what was not counted.

    `decided` is the scheme with what the unit has decided for itself.
    """

    quarter: Quarter
    scheme: Scheme
    branches: Mapping[int, Sequence[Ranked]]
    problems: Sequence[str]
    decided: Scheme


def compute(connection: Connection, quarter: Quarter, scheme: Scheme, branch: int | None = None) -> Computed:
    """Score every member of the book, or of one branch, by a scheme that was found sound. Nothing is written."""
    participants = load_participants(connection, quarter, branch)
    given, scheme = scheme, as_decided(connection, scheme)
    least = Fraction(scheme.peer.least_presence)
    query = Query(connection, quarter, branch, frozenset(one.key for one in participants if one.presence < least))
    answers = collect(query, scheme)
    vetoed = vetoes(query, scheme)
    rated = Rated(connection, quarter, participants, scheme.peer)
    measures = {
        kind: [(line.id, answers[asked_by(line)]) for line in scheme.indicators_for(kind)]
        for kind in {one.staff_kind for one in participants}
    }
    bonus, deduction = (
        [(item.name, answers[asked_by(item)]) for item in settings.items if item.enabled]
        for settings in (scheme.bonus, scheme.deduction)
    )

    def score(one: Participant) -> Score | None:
        if one.unscored:
            return None
        known = Known(
            measured={name: answer.of(one) for name, answer in measures[one.staff_kind]},
            bonus={name: items for name, answer in bonus if (items := answer.items_of(one))},
            deduction={name: items for name, answer in deduction if (items := answer.items_of(one))},
            vetoes=vetoed.get(one.key, ()),
            ratings=rated.of(one),
        )
        return score_of(scheme, known, one.staff_kind, one.party_post, one.presence)

    branches: dict[int, list[tuple[Participant, Score | None]]] = {}
    for one in participants:
        branches.setdefault(one.branch, []).append(_covered(scheme, one, score(one)))
    ranked = {number: _ranked(scheme, scored) for number, scored in branches.items()}
    problems = [*uncounted(query, scheme), *_of_ratings(rated, ranked.values())]
    return Computed(quarter, given, ranked, problems, scheme)


def _covered(scheme: Scheme, one: Participant, score: Score | None) -> tuple[Participant, Score | None]:
    """The member without a score, but with his lines, where too little of what he owes has data (数据不足), and the reason."""
    if score is None or score.known.vetoes or score.coverage >= Fraction(scheme.least_coverage):
        return one, score
    lacking = "、".join(line.id for line in score.indicators if score.known.measured[line.id].state == "no_data")
    share, least = (
        f"{plain(100 * number)}%" for number in (Fraction(int(100 * score.coverage), 100), scheme.least_coverage)
    )
    said = f"记录不足：应尽义务有记录的分值占 {share}，不到 {least}；没有记录：{lacking or '—'}"
    return one._replace(unscored=said), replace(score, score=None, band=None)


def _ranked(scheme: Scheme, scored: Sequence[tuple[Participant, Score | None]]) -> list[Ranked]:
    """By rank within each profile where the scheme ranks them apart; those without a score last, equals as in the roster."""
    groups: dict[str | None, list[tuple[Participant, Score | None]]] = {}
    for one, score in scored:
        groups.setdefault(rank_profile(scheme, one), []).append((one, score))
    listed = []
    for _, group in sorted(groups.items(), key=lambda item: RANKED_APART.index(item[0]) if item[0] else 0):
        places = ranks([None if score is None else score.score for _, score in group])
        found = [Ranked(one, score, place) for (one, score), place in zip(group, places, strict=True)]
        listed += sorted(found, key=lambda one: (one.rank is None, one.rank or 0))
    return sorted(listed, key=lambda one: one.rank is None)


def _of_ratings(rated: Rated, branches: Iterable[Sequence[Ranked]]) -> Iterator[str]:
    unexplained: dict[str, list[str]] = {}
    for participant, score, _ in (one for listed in branches for one in listed):
        if score is None:
            continue
        if number := rated.strangers(participant):
            yield (
                f"{participant.name}有 {number} 条互评不是由同党小组（支部）的其他党员作出，没有计入；请核对评议表。"
            )
        if score.reason_needed and not score.known.ratings.reason:
            unexplained.setdefault(str(score.scheme.org_gap), []).append(participant.name)
        if other := score.uncounted_committee:
            yield f"{participant.name}有组织评定的{other}，而本单位的组织评定方式不是这一种，没有计入；请核对评议表或 partybuild settings。"
    for gap, names in unexplained.items():
        yield f"{'、'.join(names)}的组织评定与记录得分相差超过 {gap} 分，请补写理由。"


def as_decided(connection: Connection, scheme: Scheme) -> Scheme:
    """The scheme with what the unit has decided for itself (本单位设定): least coverage, how the committee rates."""
    said = settings_of(connection)
    decided: dict[str, object] = {}
    if said.least_coverage is not None:
        decided["least_coverage"] = said.least_coverage / 100
    if said.org is not None:
        decided["org"] = "adjustment" if said.org == OrgPart.ADJUSTMENT else "absolute"
    return scheme.model_copy(update=decided) if decided else scheme


def compute_branches(
    connection: Connection, quarter: Quarter, branches: Iterable[int], wanted: str | None = None
) -> list[tuple[Computed, list[int]]]:
    """Compute some branches, those of one scheme together; each result with the branches that it is meant for."""
    by_scheme: dict[str, tuple[Scheme, list[int]]] = {}
    for branch, scheme in schemes_for(connection, quarter, list(branches), wanted).items():
        by_scheme.setdefault(scheme.key, (scheme, []))[1].append(branch)
    return [
        (compute(connection, quarter, scheme, numbers[0] if len(numbers) == 1 else None), numbers)
        for scheme, numbers in by_scheme.values()
    ]


def save_drafts(
    connection: Connection, computed: Computed, branches: Iterable[int], wanted: str | None = None
) -> list[int]:
    """Keep some branches as drafts, in place of those computed before, and the scheme that was `wanted`.

    The branches that anybody belonged to.
    """
    there = [branch for branch in branches if computed.branches.get(branch)]
    if there:
        keep_scheme(connection, computed.scheme, wanted)
    for branch in there:
        save(connection, computed, branch, 1, _state(computed.branches[branch]))
    return there


def save(connection: Connection, computed: Computed, branch: int, revision: int, state: str) -> int:
    """Keep the scores of a branch as a round; its number."""
    scheme = computed.scheme
    number = save_round(connection, computed.quarter, branch, revision, state, (scheme.id, scheme.version))
    scores = [
        KeptScore(
            member=one.member,
            name=one.name,
            staff_no=one.staff_no,
            rank=rank,
            score=None if score is None else score.score,
            vetoed=score is not None and bool(score.known.vetoes),
            days=one.days,
        )
        for one, score, rank in computed.branches.get(branch, ())
    ]
    save_scores(connection, number, scores)
    return number


def _state(listed: Sequence[Ranked]) -> str:
    """How far the rating has come: the last kind of rating of which there is any."""
    given = [one.score.known.ratings for one in listed if one.score is not None]
    if any(ratings.org is not None or ratings.adjustment is not None for ratings in given):
        return "committee"
    if any(ratings.peer is not None for ratings in given):
        return "peer"
    return "self" if any(ratings.own is not None for ratings in given) else "draft"


def close_ratings(connection: Connection, computed: Computed, branch: int) -> None:
    """Close the peer rating of a branch that is posted: from now on nothing joins raters and ratings (互评结束)."""
    quarter = computed.quarter
    participants = [one for listed in computed.branches.values() for one, _, _ in listed]
    rated = Rated(connection, quarter, participants, computed.scheme.peer)
    counted: dict[int, bool] = {}
    for one in participants:
        if one.branch == branch:
            counted |= rated.by_peers(one)
    kept = rounds_of(connection, quarter)
    rating = {row[0] for row in connection.exec_driver_sql("SELECT DISTINCT branch_id FROM member")}
    last = all(number in kept and not kept[number].open for number in rating)
    raters.close(connection, Rating.shape(), quarter.label, counted, last)


class BranchDone(NamedTuple):
    """What was computed of one branch."""

    name: str
    scheme: str
    scored: int
    listed: int


class Done(NamedTuple):
    """What a computing did: branches computed, branches left alone because they are posted, what was not counted."""

    branches: Sequence[BranchDone]
    left_alone: Sequence[str]
    problems: Sequence[str]


def compute_quarter(
    connection: Connection, quarter: Quarter, branch: int | None = None, scheme: str | None = None
) -> Done:
    """Compute a quarter and keep it as drafts, within one transaction of the caller; what is posted stays as it is."""
    names = branch_names(connection)
    kept = rounds_of(connection, quarter)
    wanted = [branch] if branch is not None else list(names)
    drafts = [number for number in wanted if number not in kept or kept[number].open]
    done: list[BranchDone] = []
    problems: list[str] = []
    for computed, numbers in compute_branches(connection, quarter, drafts, scheme):
        problems += computed.problems
        for number in save_drafts(connection, computed, numbers, scheme):
            listed = computed.branches[number]
            scored = sum(1 for one in listed if one.score is not None and one.score.score is not None)
            done.append(BranchDone(names[number], computed.scheme.key, scored, len(listed) - scored))
    return Done(done, [names[number] for number in wanted if number not in drafts], problems)
