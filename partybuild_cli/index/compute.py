"""A quarter computed (季度计算): records in, the score of every member out, and kept as drafts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.collect import Query, collect, vetoes
from partybuild_cli.index.numbers import plain, ranks
from partybuild_cli.index.participants import RANKED_APART, Participant, load_participants, rank_profile
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.ratings import Rated
from partybuild_cli.index.rounds import KeptScore, branch_names, rounds_of, save_round
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.schemes import keep_scheme, schemes_for
from partybuild_cli.index.scoring import Known, Score, score_of
from partybuild_cli.index.uncounted import uncounted
from partybuild_cli.records.settings import OrgPart, settings_of


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
    decided = as_decided(connection, scheme, quarter)
    participants = load_participants(connection, quarter, branch)
    least = Fraction(decided.peer.least_presence)
    query = Query(connection, quarter, branch, frozenset(one.key for one in participants if one.presence < least))
    answers, vetoed = collect(query, decided), vetoes(query, decided)
    rated = Rated(connection, quarter, participants, decided.peer)

    def score(one: Participant) -> Score:
        bonus, deduction = (
            {item.name: answers[item.question].items_of(one) for item in settings.items if item.enabled}
            for settings in (decided.bonus, decided.deduction)
        )
        measured = {line.id: answers[line.question].of(one) for line in decided.indicators_for(one.staff_kind)}
        known = Known(measured, bonus, deduction, vetoed.get(one.key, ()), rated.of(one))
        return score_of(decided, known, one.staff_kind, one.party_post, one.presence)

    branches: dict[int, list[Ranked]] = {}
    for one in participants:
        listed = Ranked(one, None, None) if one.unscored else _covered(decided, one, score(one))
        branches.setdefault(one.branch, []).append(listed)
    ranked = {number: _ranked(decided, listed) for number, listed in branches.items()}
    problems = [*uncounted(query, decided), *_of_ratings(decided, ranked.values())]
    return Computed(quarter, scheme, ranked, problems, decided)


def as_decided(connection: Connection, scheme: Scheme, quarter: Quarter) -> Scheme:
    """The scheme with what the unit had decided for itself (本单位设定): least coverage, how the committee rates."""
    said = settings_of(connection, quarter.last)
    decided: dict[str, object] = {}
    if said.least_coverage is not None:
        decided["least_coverage"] = said.least_coverage / 100
    if said.org is not None:
        decided["org"] = "adjustment" if said.org == OrgPart.ADJUSTMENT else "absolute"
    return scheme.model_copy(update=decided) if decided else scheme


def _covered(scheme: Scheme, one: Participant, score: Score) -> Ranked:
    """The member without a score, but with his lines, where too little of what he owes has data (数据不足), and the reason."""
    if score.known.vetoes or score.coverage >= Fraction(scheme.least_coverage):
        return Ranked(one, score, None)
    lacking = "、".join(line.id for line in score.indicators if score.known.measured[line.id].state == "no_data")
    share, least = f"{int(100 * score.coverage)}%", f"{plain(100 * scheme.least_coverage)}%"
    said = f"记录不足：应尽义务有记录的分值占 {share}，不到 {least}；没有记录：{lacking or '—'}"
    return Ranked(one._replace(unscored=said), replace(score, withheld=True), None)


def _ranked(scheme: Scheme, listed: Sequence[Ranked]) -> list[Ranked]:
    """By rank within each profile where the scheme ranks them apart; those without a score last, equals as in the roster."""
    groups: dict[str | None, list[Ranked]] = {}
    for one in listed:
        groups.setdefault(rank_profile(scheme, one.participant), []).append(one)
    found: list[Ranked] = []
    for _, group in sorted(groups.items(), key=lambda item: RANKED_APART.index(item[0]) if item[0] else 0):
        places = ranks([one.score.score if one.score else None for one in group])
        placed = [one._replace(rank=place) for one, place in zip(group, places, strict=True)]
        found += sorted(placed, key=lambda one: one.rank or 0)
    return sorted(found, key=lambda one: one.rank is None)


def _of_ratings(scheme: Scheme, branches: Iterable[Sequence[Ranked]]) -> Iterator[str]:
    unexplained: list[str] = []
    for participant, score, _ in (one for listed in branches for one in listed):
        if score is None:
            continue
        if number := score.known.ratings.strangers:
            yield f"{participant.name}有 {number} 条互评不是由同党小组（支部）的其他党员作出，没有计入；请核对评议表。"
        if score.reason_needed and not score.known.ratings.reason:
            unexplained.append(participant.name)
        if other := score.uncounted_committee:
            yield f"{participant.name}有组织评定的{other}，而本单位的组织评定方式不是这一种，没有计入；请核对评议表或 partybuild settings。"
    if unexplained:
        yield f"{'、'.join(unexplained)}的组织评定与记录得分相差超过 {scheme.org_gap} 分，请补写理由。"


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


def save(connection: Connection, computed: Computed, branch: int, revision: int = 1) -> int:
    """Keep the scores of a branch as a round, and its scheme; the number of the round.

    A draft takes the place of the one before, and says how far the rating has come.
    """
    listed = computed.branches.get(branch, ())
    keep_scheme(connection, computed.scheme)
    state = _state(listed) if revision == 1 else "draft"
    scores = [
        KeptScore(
            *(one.member, one.name, one.staff_no, rank, score.score if score else None),
            *(score is not None and bool(score.known.vetoes), one.days),
        )
        for one, score, rank in listed
    ]
    used = (computed.scheme.id, computed.scheme.version)
    return save_round(connection, computed.quarter.label, branch, revision, state, used, scores)


def _state(listed: Sequence[Ranked]) -> str:
    """The last kind of rating of which there is any."""
    given = [one.score.known.ratings for one in listed if one.score is not None]
    if any(ratings.org is not None or ratings.adjustment is not None for ratings in given):
        return "committee"
    if any(ratings.peer for ratings in given):
        return "peer"
    return "self" if any(ratings.own is not None for ratings in given) else "draft"


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
    posted = [number for number in wanted if number in kept and not kept[number].open]
    done: list[BranchDone] = []
    problems: list[str] = []
    for computed, numbers in compute_branches(
        connection, quarter, [one for one in wanted if one not in posted], scheme
    ):
        problems += computed.problems
        for number in numbers:
            if listed := computed.branches.get(number):
                save(connection, computed, number)
                scored = sum(1 for one in listed if one.score and one.score.score is not None)
                done.append(BranchDone(names[number], computed.scheme.key, scored, len(listed) - scored))
    return Done(done, [names[number] for number in posted], problems)
