"""A quarter computed (季度计算): records in, the score of every member out, and kept as drafts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from partybuild_cli.index.collect import collect, uncounted, vetoes
from partybuild_cli.index.numbers import SCALE, plain, ranks
from partybuild_cli.index.participants import RANKED_APART, Participant, Roll, rank_profile
from partybuild_cli.index.ratings import Rated
from partybuild_cli.index.rounds import rounds_of
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.schemes import keep_scheme, schemes_for
from partybuild_cli.index.scoring import Grounds, Score, score_of
from partybuild_cli.records.settings import OrgPart


class Ranked(NamedTuple):
    """A member on the list of his branch: his score, None where he is listed without one, and his rank."""

    participant: Participant
    score: Score | None
    rank: int | None


class Computed(NamedTuple):
    """A quarter of one scheme, computed: by branch everybody in the order of the list, and what was not counted.

    `scheme` is that of the file, `filed`, with what the unit has decided for itself.
    """

    roll: Roll
    scheme: Scheme
    filed: Scheme
    branches: Mapping[int, Sequence[Ranked]]
    problems: Sequence[str]


def compute(roll: Roll, filed: Scheme) -> Computed:
    """Score everybody on a roll by a scheme that was found sound, as the unit had decided (本单位设定). Nothing is written."""
    decided: dict[str, object] = {}
    if roll.settings.least_coverage is not None:
        decided["least_coverage"] = roll.settings.least_coverage / 100
    if roll.settings.org is not None:
        decided["org"] = "adjustment" if roll.settings.org == OrgPart.ADJUSTMENT else "absolute"
    scheme = filed.model_copy(update=decided)
    answers, vetoed, rated = collect(roll, scheme), vetoes(roll, scheme), Rated(roll, scheme.peer)

    def score(who: Participant) -> Score:
        bonus, deduction = (
            {item.name: answers[item.question][who.key].items for item in settings.items if item.enabled}
            for settings in (scheme.bonus, scheme.deduction)
        )
        measured = {line.id: answers[line.question][who.key] for line in scheme.indicators_for(who.staff_kind)}
        known = Grounds(measured, bonus, deduction, vetoed.get(who.key, ()), rated.of(who))
        return score_of(scheme, known, who.staff_kind, who.party_post, who.presence)

    branches: dict[int, list[Ranked]] = {}
    for who in roll.participants:
        listed = Ranked(who, None, None) if who.unscored else _covered(scheme, who, score(who))
        branches.setdefault(who.branch, []).append(listed)
    ranked = {number: _ranked(scheme, listed) for number, listed in branches.items()}
    problems = [*uncounted(roll, scheme), *_of_ratings(scheme, ranked.values())]
    return Computed(roll, scheme, filed, ranked, problems)


def compute_branches(roll: Roll, branches: Collection[int], wanted: str | None = None) -> list[Computed]:
    """Compute some branches, those of one scheme together; a branch without anybody is left out."""
    there = dict.fromkeys(who.branch for who in roll.participants if who.branch in branches)
    by_scheme: dict[str, tuple[Scheme, list[int]]] = {}
    for branch, scheme in schemes_for(roll.connection, roll.quarter, there, wanted).items():
        by_scheme.setdefault(scheme.key, (scheme, []))[1].append(branch)
    return [compute(roll.of(numbers), scheme) for scheme, numbers in by_scheme.values()]


def compute_quarter(roll: Roll, scheme: str | None = None, *, keep: bool = True) -> list[Computed]:
    """Compute what is not posted yet, and keep it as drafts within one transaction of the caller."""
    posted = {number for number, kept in rounds_of(roll.connection, roll.quarter).items() if not kept.open}
    done = compute_branches(roll, {who.branch for who in roll.participants} - posted, scheme)
    for computed in done if keep else ():
        for number in computed.branches:
            save(computed, number)
    return done


def _covered(scheme: Scheme, who: Participant, score: Score) -> Ranked:
    """The member without a score, but with his lines, where too little of what he owes has data (数据不足), and the reason."""
    if not score.withheld:
        return Ranked(who, score, None)
    lacking = "、".join(line.id for line in score.indicators if score.known.measured[line.id].state == "no_data")
    share, least = f"{int(100 * score.coverage)}%", f"{plain(100 * scheme.least_coverage)}%"
    said = f"记录不足：应尽义务有记录的分值占 {share}，不到 {least}；没有记录：{lacking or '—'}"
    return Ranked(who._replace(unscored=said), score, None)


def _ranked(scheme: Scheme, listed: Sequence[Ranked]) -> list[Ranked]:
    """By rank within each profile where the scheme ranks them apart; those without a score last, equals as in the roster."""
    profiles = [rank_profile(scheme, member.participant) for member in listed]
    found: list[Ranked] = []
    for profile in (*RANKED_APART, None):
        group = [member for member, his in zip(listed, profiles, strict=True) if his == profile]
        places = ranks([member.score.score if member.score else None for member in group])
        placed = [member._replace(rank=place) for member, place in zip(group, places, strict=True)]
        found += sorted(placed, key=lambda member: member.rank or 0)
    return sorted(found, key=lambda member: member.rank is None)


def _of_ratings(scheme: Scheme, branches: Iterable[Sequence[Ranked]]) -> Iterator[str]:
    unexplained: list[str] = []
    for participant, score, _ in (member for listed in branches for member in listed):
        if score is None:
            continue
        if number := score.known.ratings.strangers:
            yield f"{participant.name}有 {number} 条互评不是由同党小组（支部）的其他党员作出，没有计入；请核对评议表。"
        if score.reason_needed and not score.known.ratings.reason:
            unexplained.append(participant.name)
        ratings, adjusts = score.known.ratings, scheme.org == "adjustment"
        if (ratings.org if adjusts else ratings.adjustment) is not None:
            other = "直接给分" if adjusts else "加减分"
            yield f"{participant.name}有组织评定的{other}，而本单位的组织评定方式不是这一种，没有计入；请核对评议表或 partybuild settings。"
    if unexplained:
        yield f"{'、'.join(unexplained)}的组织评定与记录得分相差超过 {scheme.org_gap} 分，请补写理由。"


def save(computed: Computed, branch: int, revision: int = 1) -> int:
    """Keep the scores of a branch as a round, and its scheme; the number of the round.

    A draft takes the place of the one before, and says how far the rating has come.
    """
    listed, connection = computed.branches[branch], computed.roll.connection
    keep_scheme(connection, computed.filed)
    same = (computed.roll.quarter.label, branch, revision)
    connection.exec_driver_sql(
        "INSERT INTO index_round (quarter, branch_id, revision, state, scheme_id, scheme_version) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (quarter, branch_id, revision) DO UPDATE SET state = excluded.state,"
        " scheme_id = excluded.scheme_id, scheme_version = excluded.scheme_version",
        (*same, _state(listed) if revision == 1 else "draft", computed.filed.id, computed.filed.version),
    )
    sql = "SELECT id FROM index_round WHERE quarter = ? AND branch_id = ? AND revision = ?"
    number = int(connection.exec_driver_sql(sql, same).scalar_one())
    connection.exec_driver_sql("DELETE FROM index_score WHERE round_id = ?", (number,))
    rows: list[tuple[object, ...]] = []
    for who, score, rank in listed:
        points = None if score is None or score.score is None else int(score.score * SCALE)
        vetoed = score is not None and bool(score.known.vetoes)
        rows.append((number, who.member, who.name, who.staff_no, rank, points, vetoed, who.days))
    connection.exec_driver_sql(
        "INSERT INTO index_score (round_id, member_id, name, staff_no, place, score, vetoed, days)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return number


def _state(listed: Sequence[Ranked]) -> str:
    """The last kind of rating of which there is any."""
    given = [member.score.known.ratings for member in listed if member.score is not None]
    if any(ratings.org is not None or ratings.adjustment is not None for ratings in given):
        return "committee"
    if any(ratings.peer for ratings in given):
        return "peer"
    return "self" if any(ratings.own is not None for ratings in given) else "draft"
