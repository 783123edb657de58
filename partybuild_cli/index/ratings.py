"""The ratings of a quarter (自评 互评 组织评定), summed up member by member so that no score can be tied to its rater.

A rater is known only by a digest (store/forget.py). Who may rate whom is decided by the roster of the quarter: the others of the same
党小组 where the branch has groups, else of the branch; what anybody else gave is not counted but said.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from partybuild_cli.index.numbers import SCALE
from partybuild_cli.index.participants import Participant, Roll
from partybuild_cli.index.scheme import PeerSettings
from partybuild_cli.index.scoring import UNRATED, Ratings
from partybuild_cli.store.forget import PEER, Raters


class _Given(NamedTuple):
    """One rating of a member."""

    number: int
    rater: str
    points: Fraction
    reason: str | None


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


class Rated:
    """All ratings of a quarter, laid to the members by who they are to each other."""

    def __init__(self, roll: Roll, peer: PeerSettings) -> None:
        self._circles = Circles(roll.participants, peer)
        self._quarter, self._raters = roll.quarter.label, Raters(roll.connection)
        self._given: dict[int, dict[str, list[_Given]]] = defaultdict(lambda: defaultdict(list))
        rows = roll.connection.exec_driver_sql(
            "SELECT member_id, part, id, coalesce(rater, ''), score, reason FROM rating WHERE quarter = ? ORDER BY id",
            (self._quarter,),
        )
        for member, part, number, rater, score, reason in rows:
            self._given[member][part].append(_Given(number, rater, Fraction(score, SCALE), reason))

    def of(self, who: Participant) -> Ratings:
        """The ratings of one member; of the committee's the last, and of each peer's one."""
        given = self._given.get(who.member)
        if given is None:
            return UNRATED
        peers, scores = self._peers(who), [rating.points for rating in given["互评"] if rating.rater.startswith(PEER)]
        scores += {peers[rating.rater]: rating.points for rating in given["互评"] if rating.rater in peers}.values()
        strangers = len(given["互评"]) - len(scores)
        if not self._circles.rates(who):
            return Ratings(strangers=strangers)
        # once it is closed what came in as 自评 was his own, which the digest says no more
        closed = self._raters.key(self._quarter) is None
        mine = ("", *self._raters.digests(self._quarter, who.member, who.member))
        own = [rating.points for rating in given["自评"] if closed or rating.rater in mine]
        masses = [rating.points for rating in given["群众评议"]]
        org, adjustment = ([None, *given[part]][-1] for part in ("组织评定", "组织加减分"))
        return Ratings(
            own=own[-1] if own else None,
            peer=tuple(sorted(scores)),
            # expected to rate are those who are scored and were still there when the quarter ended
            peers=sum(
                not peer.unscored and peer.stayed for peer in self._circles.around(who) if peer.member != who.member
            ),
            strangers=strangers,
            masses=sum(masses, Fraction(0)) / len(masses) if masses else None,
            org=org.points if org else None,
            reason=(adjustment.reason if adjustment else None) or (org.reason if org else None),
            adjustment=adjustment.points if adjustment else None,
        )

    def by_peers(self, who: Participant) -> dict[int, bool]:
        """The peer ratings of a member by their numbers, and whether a peer of his gave it."""
        peers = self._peers(who)
        return {
            given.number: given.rater.startswith(PEER) or given.rater in peers
            for given in self._given[who.member]["互评"]
        }

    def _peers(self, who: Participant) -> dict[str, int]:
        """By what a rating of a member may be known as a peer's, and whose it is then."""
        others = [peer.member for peer in self._circles.around(who) if peer.member != who.member]
        return {
            digest: peer
            for peer in (others if self._given[who.member]["互评"] else ())
            for digest in self._raters.digests(self._quarter, peer, who.member)
        }
