"""The ratings of a quarter (自评 互评 组织评定), summed up member by member so that no score can be tied to its rater.

A rater is known only under his seal. Who may rate whom is decided by the roster of the quarter: the others of the same
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
from partybuild_cli.store import settings

#: A branch, or one of its groups.
Circle = tuple[int, str | None]


@dataclass(slots=True)
class Given:
    """What was given to one member; by the rater's seal what he and his peers gave."""

    own: list[tuple[str | None, int]] = field(default_factory=list)
    peers: list[tuple[str | None, int]] = field(default_factory=list)
    masses: list[int] = field(default_factory=list)
    org: list[tuple[int, str | None]] = field(default_factory=list)


class Circles:
    """Who rates whom (互评范围): the others of his group; who has none in a branch with groups, by the whole branch."""

    def __init__(self, participants: Sequence[Participant], peer: PeerSettings) -> None:
        self._by_group = peer.scope == "group"
        self._members: dict[Circle, list[Participant]] = defaultdict(list)
        for one in participants:
            self._members[one.branch, None].append(one)
            if one.group and self._by_group:
                self._members[one.branch, one.group].append(one)

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
        self._seals: dict[int, str] = {}
        if self._given:
            secret = settings.get(connection, "secret") or ""
            self._seals = {one.member: settings.seal(secret, one.member) for one in participants}

    def of(self, participant: Participant) -> Ratings:
        """The ratings of one member."""
        given = self._given.get(participant.member)
        if given is None:
            return UNRATED
        own = [score for rater, score in given.own if rater in (None, self._seals[participant.member])]
        org, reason = given.org[-1] if given.org else (None, None)
        return Ratings(
            own=Fraction(own[-1], SCALE) if own else None,
            peer=self._peers(participant, given),
            masses=Fraction(sum(given.masses), len(given.masses) * SCALE) if given.masses else None,
            org=None if org is None else Fraction(org, SCALE),
            reason=reason,
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
        raters = {self._seals[one.member] for one in self._circles.around(participant)}
        raters.discard(self._seals[participant.member])
        return [Fraction(score, SCALE) for rater, score in given.peers if rater in raters]


def _rates(participant: Participant) -> bool:
    """Who is expected to rate: those who are scored and were still there when the quarter ended."""
    return not participant.unscored and participant.stayed


def _load(connection: Connection, quarter: Quarter) -> dict[int, Given]:
    found: dict[int, Given] = defaultdict(Given)
    rows = connection.exec_driver_sql(
        "SELECT member_id, part, rater, score, reason FROM rating WHERE quarter = ? ORDER BY member_id, id",
        (quarter.label,),
    )
    for member, part, rater, score, reason in rows:
        given = found[member]
        if part == "自评":
            given.own.append((rater, score))
        elif part == "互评":
            given.peers.append((rater, score))
        elif part == "组织评定":
            given.org.append((score, reason))
        else:
            given.masses.append(score)
    return dict(found)
