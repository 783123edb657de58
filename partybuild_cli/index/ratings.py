"""The ratings of a quarter (自评 互评 组织评定), summed up member by member so that no score can be tied to its rater.

A rater is known only by a digest (store/raters.py). Who may rate whom is decided by the roster of the quarter: the others of the same
党小组 where the branch has groups, else of the branch; what anybody else gave is not counted but said.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sqlalchemy import Connection

from partybuild_cli.index.measures.declare import SCALE
from partybuild_cli.index.participants import Participant
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import PeerSettings
from partybuild_cli.index.scoring import UNRATED, PeerRatings, Ratings
from partybuild_cli.store.raters import PEER, Raters

#: A branch, or one of its groups.
Circle = tuple[int, str | None]


@dataclass(slots=True)
class Given:
    """What was given to one member; by the rater's seal what he and his peers gave."""

    own: list[tuple[str | None, int]] = field(default_factory=list)
    peers: list[tuple[str | None, int]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    masses: list[int] = field(default_factory=list)
    org: list[tuple[int, str | None]] = field(default_factory=list)
    adjustments: list[tuple[int, str | None]] = field(default_factory=list)


class Circles:
    """Who rates whom (互评范围): the others of his group; who has none in a branch with groups, by the whole branch."""

    def __init__(self, participants: Sequence[Participant], peer: PeerSettings) -> None:
        self._least = Fraction(peer.least_presence)
        self._by_group = peer.scope == "group"
        self._members: dict[Circle, list[Participant]] = defaultdict(list)
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
        self._given = _load(connection, quarter)
        self._circles = Circles(participants, peer)
        self._quarter, self._raters = quarter.label, Raters(connection)

    def of(self, participant: Participant) -> Ratings:
        """The ratings of one member."""
        given = self._given.get(participant.member)
        if given is None or not self._circles.rates(participant):
            return UNRATED
        mine = (None, *self._raters.digests(self._quarter, participant.member, participant.member))
        closed = (
            self._raters.key(self._quarter) is None
        )  # what came in as 自评 was his own, which the digest says no more
        own = [score for rater, score in given.own if closed or rater in mine]
        org, reason = given.org[-1] if given.org else (None, None)
        adjustment, why = given.adjustments[-1] if given.adjustments else (None, None)
        return Ratings(
            own=Fraction(own[-1], SCALE) if own else None,
            peer=self._peers(participant, given),
            masses=Fraction(sum(given.masses), len(given.masses) * SCALE) if given.masses else None,
            org=None if org is None else Fraction(org, SCALE),
            reason=why or reason,
            adjustment=None if adjustment is None else Fraction(adjustment, SCALE),
        )

    def strangers(self, participant: Participant) -> int:
        """How many ratings of a member were not given by a peer, and are not counted."""
        given = self._given.get(participant.member)
        return 0 if given is None else len(given.peers) - len(self._by_peers(participant, given))

    def _peers(self, participant: Participant, given: Given) -> PeerRatings | None:
        scores = self._by_peers(participant, given)
        if not scores:
            return None
        peers = sum(_rates(one) for one in self._circles.around(participant)) - _rates(participant)
        return PeerRatings(len(scores), sum(scores, Fraction(0)), max(scores), min(scores), peers)

    def _by_peers(self, participant: Participant, given: Given) -> list[Fraction]:
        """Each peer's score once, and after the round was closed those that were a peer's then."""
        scores = [Fraction(score, SCALE) for rater, score in given.peers if (rater or "").startswith(PEER)]
        open_ = dict(given.peers)
        for one in self._circles.around(participant) if open_ else ():
            if one.member != participant.member:
                found = [
                    open_[it]
                    for it in self._raters.digests(self._quarter, one.member, participant.member)
                    if it in open_
                ]
                scores += [Fraction(score, SCALE) for score in found[:1]]
        return scores

    def by_peers(self, participant: Participant) -> dict[int, bool]:
        """The peer ratings of a member by their numbers, and whether a peer of his gave it."""
        given = self._given.get(participant.member)
        if given is None:
            return {}
        peers = {
            it
            for one in self._circles.around(participant)
            if one.member != participant.member
            for it in self._raters.digests(self._quarter, one.member, participant.member)
        }
        return {
            number: (rater or "").startswith(PEER) or rater in peers
            for number, (rater, _) in zip(given.numbers, given.peers, strict=True)
        }


def _rates(participant: Participant) -> bool:
    """Who is expected to rate: those who are scored and were still there when the quarter ended."""
    return not participant.unscored and participant.stayed


def _load(connection: Connection, quarter: Quarter) -> dict[int, Given]:
    found: dict[int, Given] = defaultdict(Given)
    rows = connection.exec_driver_sql(
        "SELECT member_id, part, rater, score, reason, id FROM rating WHERE quarter = ? ORDER BY member_id, id",
        (quarter.label,),
    )
    for member, part, rater, score, reason, number in rows:
        given = found[member]
        if part == "自评":
            given.own.append((rater, score))
        elif part == "互评":
            given.peers.append((rater, score))
            given.numbers.append(number)
        elif part == "组织评定":
            given.org.append((score, reason))
        elif part == "组织加减分":
            given.adjustments.append((score, reason))
        else:
            given.masses.append(score)
    return dict(found)
