"""A quarter computed (季度计算): records and ratings in, the score of every member out, and kept as drafts.

Ratings (自评 互评 组织评定) are summed up member by member so that no score can be tied to its rater, who is known only by a
digest (store/forget.py). Who may rate whom is decided by the roster of the quarter; what anybody else gave is not counted but said.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, update

from partybuild_cli.index.collect import collect, uncounted, vetoes
from partybuild_cli.index.numbers import SCALE, plain, ranks
from partybuild_cli.index.participants import RANKED_APART, Found, Participant, Roll, rank_profile
from partybuild_cli.index.rounds import ROUNDS, SCORES, KeptScore
from partybuild_cli.index.scheme import PeerSettings, Scheme
from partybuild_cli.index.schemes import keep_scheme, schemes_for
from partybuild_cli.index.scoring import UNRATED, Grounds, Ratings, Score, score_of
from partybuild_cli.records.base.column import table_of
from partybuild_cli.records.settings import OrgPart
from partybuild_cli.store.forget import PEER, Raters

_RATING = table_of("rating", "id", "quarter", "member_id", "part", "rater", "score", "reason")


class Circles:
    """Who rates whom (互评范围): the others of his group; who has none in a branch with groups, by the whole branch."""

    def __init__(self, participants: Sequence[Participant], peer: PeerSettings) -> None:
        self._peer = peer
        self._members: dict[tuple[int, str | None], list[Participant]] = defaultdict(list)
        for who in filter(self.rates, participants):
            for circle in {None, self._group(who)}:
                self._members[who.branch, circle].append(who)

    def _group(self, who: Participant) -> str | None:
        return who.group if self._peer.scope == "group" else None

    def rates(self, who: Participant) -> bool:
        """Whether he was there for long enough to rate and to be rated (在册时间够)."""
        return who.presence >= Fraction(self._peer.least_presence)

    def around(self, who: Participant) -> list[Participant]:
        """Those who rate a member; himself is among them."""
        return self._members[who.branch, self._group(who)]

    def others(self, who: Participant) -> list[Participant]:
        """His peers."""
        return [peer for peer in self.around(who) if peer.member != who.member]


class Rated:
    """All ratings of a quarter, laid to the members by who they are to each other."""

    def __init__(self, roll: Roll, peer: PeerSettings) -> None:
        self._circles = Circles(roll.participants, peer)
        self._quarter, self._raters = roll.quarter.label, Raters(roll.connection)
        self._given: dict[int, dict[str, list[Found]]] = defaultdict(lambda: defaultdict(list))
        given = _RATING.c
        points, rater = given.score.label("points"), func.coalesce(given.rater, "").label("rater")
        asked = select(points, rater, given.member_id, given.part, given.id, given.reason)
        asked = asked.where(given.quarter == self._quarter).order_by(given.id)
        for row in roll.connection.execute(asked).all():
            self._given[row.member_id][row.part].append(row)

    def of(self, who: Participant) -> Ratings:
        """The ratings of one member; of the committee's the last, and of each peer's one."""
        given = self._given.get(who.member)
        if given is None:
            return UNRATED
        by_rater, scores = self._peers(who), [row.points for row in given["互评"] if row.rater.startswith(PEER)]
        scores += {by_rater[row.rater]: row.points for row in given["互评"] if row.rater in by_rater}.values()
        strangers = len(given["互评"]) - len(scores)
        if not self._circles.rates(who):
            return Ratings(strangers=strangers)
        # once it is closed what came in as 自评 was his own, which the digest says no more
        closed = self._raters.key(self._quarter) is None
        mine = ("", *self._raters.digests(self._quarter, who.member, who.member))
        own = [row for row in given["自评"] if closed or row.rater in mine]
        masses = [row.points for row in given["群众评议"]]
        own_last, org, adjustment = ([None, *rows][-1] for rows in (own, given["组织评定"], given["组织加减分"]))
        # expected to rate are those who are scored and were still there when the quarter ended
        peers = [peer for peer in self._circles.others(who) if not peer.unscored and peer.stayed]
        return Ratings(
            own=own_last and Fraction(own_last.points, SCALE),
            peer=tuple(Fraction(points, SCALE) for points in sorted(scores)),
            peers=len(peers),
            strangers=strangers,
            masses=Fraction(sum(masses), len(masses) * SCALE) if masses else None,
            org=org and Fraction(org.points, SCALE),
            reason=(adjustment and adjustment.reason) or (org and org.reason),
            adjustment=adjustment and Fraction(adjustment.points, SCALE),
        )

    def by_peers(self, who: Participant) -> dict[int, bool]:
        """The peer ratings of a member by their numbers, and whether a peer of his gave it."""
        peers, given = self._peers(who), self._given[who.member]["互评"]
        return {row.id: row.rater.startswith(PEER) or row.rater in peers for row in given}

    def _peers(self, who: Participant) -> dict[str, int]:
        """By what a rating of a member may be known as a peer's, and whose it is then."""
        peers = [peer.member for peer in self._circles.others(who)] if self._given[who.member]["互评"] else []
        known = ((peer, self._raters.digests(self._quarter, peer, who.member)) for peer in peers)
        return {digest: peer for peer, digests in known for digest in digests}


class Ranked(NamedTuple):
    """A member on the list of his branch: his score, None where he is listed without one, and his rank."""

    participant: Participant
    score: Score | None
    rank: int | None


class Computed(NamedTuple):
    """A quarter by one scheme, with what the unit has decided (`filed`: without), by branch in the order of the list."""

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
        items = (item for item in (*scheme.bonus.items, *scheme.deduction.items) if item.enabled)
        moved = {item.name: answers[item.question][who.key].items for item in items}
        measured = {line.id: answers[line.question][who.key] for line in scheme.indicators_for(who.staff_kind)}
        known = Grounds(measured, moved, vetoed.get(who.key, ()), rated.of(who))
        return score_of(scheme, known, who.staff_kind, who.party_post, who.presence)

    branches: dict[int, list[Ranked]] = {}
    for who in roll.participants:
        found = None if who.unscored else score(who)
        if found and found.withheld:  # too little of what he owes has data (数据不足); his lines stay
            lacking = "、".join(line.indicator.id for line in found.lines if line.measured.state == "no_data")
            share, least = f"{int(100 * found.coverage)}%", f"{plain(100 * scheme.least_coverage)}%"
            said = f"记录不足：应尽义务有记录的分值占 {share}，不到 {least}；没有记录：{lacking or '—'}"
            who = who._replace(unscored=said)
        branches.setdefault(who.branch, []).append(Ranked(who, found, None))
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
    done = compute_branches(roll, {who.branch for who in roll.participants} - roll.posted().keys(), scheme)
    for computed in done if keep else ():
        for number in computed.branches:
            save(computed, number)
    return done


def _ranked(scheme: Scheme, listed: Sequence[Ranked]) -> list[Ranked]:
    """By rank within each profile where the scheme ranks them apart; those without a score last, equals as in the roster."""
    profiles = [rank_profile(scheme, member.participant) for member in listed]
    found: list[Ranked] = []
    for profile in (*RANKED_APART, None):
        group = [member for member, his in zip(listed, profiles, strict=True) if his == profile]
        places = ranks([member.score.score if member.score else None for member in group])
        placed = [member._replace(rank=at) for member, at in zip(group, places, strict=True)]
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


def save(computed: Computed, branch: int, revision: int = 1, **posting: object) -> None:
    """Keep the scores of a branch as a round in the place of a draft, and its scheme; of a posting also what is said of it."""
    listed, connection = computed.branches[branch], computed.roll.connection
    keep_scheme(connection, computed.filed)
    given = [member.score.known.ratings for member in listed if member.score]
    stages = {
        "committee": any(ratings.org is not None or ratings.adjustment is not None for ratings in given),
        "peer": any(ratings.peer for ratings in given),
        "self": any(ratings.own is not None for ratings in given),
    }
    state = next((word for word, reached in stages.items() if reached), "draft")
    same = {"quarter": computed.roll.quarter.label, "branch_id": branch, "revision": revision}
    scheme = {"scheme_id": computed.filed.id, "scheme_version": computed.filed.version}
    values = {"state": state, **scheme, **posting}
    number = connection.execute(select(ROUNDS.c.id).filter_by(**same)).scalar()
    if number is None:
        number = connection.execute(insert(ROUNDS).values(same | values)).lastrowid
    else:
        connection.execute(update(ROUNDS).where(ROUNDS.c.id == number).values(values))
        connection.execute(delete(SCORES).where(SCORES.c.round_id == number))
    rows = []
    for who, score, rank in listed:
        points = None if score is None or score.score is None else int(score.score * SCALE)
        vetoed = score is not None and bool(score.known.vetoes)
        rows.append(KeptScore(number, who.member, who.name, who.staff_no, rank, points, vetoed, who.days)._asdict())
    connection.execute(insert(SCORES), rows)
