"""The ratings of a quarter (自评 互评 组织评定), summed up member by member so that no score can be tied to its rater.

A rater is known only by a digest (store/raters.py). Who may rate whom is decided by the roster of the quarter: the others of the same
党小组 where the branch has groups, else of the branch; what anybody else gave is not counted but said.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.numbers import SCALE
from partybuild_cli.index.participants import Participant
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import PeerSettings
from partybuild_cli.index.scoring import UNRATED, Ratings
from partybuild_cli.store.raters import PEER, Raters


class _Given(NamedTuple):
    """One rating of a member."""

    number: int
    rater: str
    points: Fraction
    reason: str | None


class Circles:
    """Who rates whom (互评范围): the others of his group; who has none in a branch with groups, by the whole branch."""

    def __init__(self, participants: Sequence[Participant], peer: PeerSettings) -> None:
        self._least = Fraction(peer.least_presence)
        self._by_group = peer.scope == "group"
        self._members: dict[tuple[int, str | None], list[Participant]] = defaultdict(list)
        for one in filter(self.rates, participants):
            self._members[one.branch, None].append(one)
            if one.group and self._by_group:
                self._members[one.branch, one.group].append(one)

    def rates(self, participant: Participant) -> bool:
        """Whether he was there for long enough to rate and to be rated (在册时间够)."""
        return participant.presence >= self._least

    def around(self, participant: Participant) -> list[Participant]:
        """Those who rate a member; himself is among them."""
        return self._members[participant.branch, participant.group if self._by_group else None]


class Rated:
    """All ratings of a quarter, laid to the members by who they are to each other."""

    def __init__(
        self, connection: Connection, quarter: Quarter, participants: Sequence[Participant], peer: PeerSettings
    ) -> None:
        self._circles = Circles(participants, peer)
        self._quarter, self._raters = quarter.label, Raters(connection)
        self._given: dict[int, dict[str, list[_Given]]] = defaultdict(lambda: defaultdict(list))
        rows = connection.exec_driver_sql(
            "SELECT member_id, part, id, coalesce(rater, ''), score, reason FROM rating WHERE quarter = ? ORDER BY id",
            (quarter.label,),
        )
        for member, part, number, rater, score, reason in rows:
            self._given[member][part].append(_Given(number, rater, Fraction(score, SCALE), reason))

    def of(self, participant: Participant) -> Ratings:
        """The ratings of one member; of the committee's the last, and of each peer's one."""
        member = participant.member
        given = self._given.get(member)
        if given is None:
            return UNRATED
        peers, scores = self._peers(participant), [one.points for one in given["互评"] if one.rater.startswith(PEER)]
        scores += {peers[one.rater]: one.points for one in given["互评"] if one.rater in peers}.values()
        strangers = len(given["互评"]) - len(scores)
        if not self._circles.rates(participant):
            return Ratings(strangers=strangers)
        # once it is closed what came in as 自评 was his own, which the digest says no more
        closed, mine = (
            self._raters.key(self._quarter) is None,
            ("", *self._raters.digests(self._quarter, member, member)),
        )
        own = [one.points for one in given["自评"] if closed or one.rater in mine]
        masses = [one.points for one in given["群众评议"]]
        org, adjustment = ([None, *given[part]][-1] for part in ("组织评定", "组织加减分"))
        return Ratings(
            own=own[-1] if own else None,
            peer=tuple(sorted(scores)),
            peers=sum(map(_expected, self._circles.around(participant))) - _expected(participant),
            strangers=strangers,
            masses=sum(masses, Fraction(0)) / len(masses) if masses else None,
            org=org.points if org else None,
            reason=(adjustment.reason if adjustment else None) or (org.reason if org else None),
            adjustment=adjustment.points if adjustment else None,
        )

    def by_peers(self, participant: Participant) -> dict[int, bool]:
        """The peer ratings of a member by their numbers, and whether a peer of his gave it."""
        given, peers = self._given[participant.member]["互评"], self._peers(participant)
        return {one.number: one.rater.startswith(PEER) or one.rater in peers for one in given}

    def _peers(self, participant: Participant) -> dict[str, int]:
        """By what a rating of a member may be known as a peer's, and whose it is then."""
        member = participant.member
        others = [one.member for one in self._circles.around(participant) if one.member != member]
        rated = self._given[member]["互评"]
        return {it: one for one in others for it in self._raters.digests(self._quarter, one, member)} if rated else {}


def _expected(participant: Participant) -> bool:
    """Who is expected to rate: those who are scored and were still there when the quarter ended."""
    return not participant.unscored and participant.stayed
