"""The ratings of a quarter (自评 互评 组织评定), summed up member by member so that no score can be tied to its rater.

A rater is known only under his seal. Who may rate whom is decided by the roster of the quarter: the others of the same
党小组 where the branch has groups, else of the branch; what anybody else gave is not counted but said.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sqlalchemy import Connection

from partybuild_cli.index.entrants import Entrant
from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.parts import PeerRatings, Ratings
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import PeerSettings
from partybuild_cli.index.stays import Key
from partybuild_cli.store import settings

UNRATED = Ratings()


@dataclass(slots=True)
class Given:
    """What was given to one member; peers' scores by the rater's seal."""

    own: list[tuple[str | None, int]] = field(default_factory=list)
    peers: list[tuple[str | None, int]] = field(default_factory=list)
    masses: list[int] = field(default_factory=list)
    org: list[tuple[int, str | None]] = field(default_factory=list)


class Rated:
    """All ratings of a quarter, laid to the members by who they are to each other."""

    def __init__(
        self, connection: Connection, quarter: Quarter, entrants: Sequence[Entrant], peer: PeerSettings
    ) -> None:
        self._peer = peer
        self._given = _load(connection, quarter)
        self._groups = _groups(entrants, peer)
        self._expected = {group: sum(1 for one in members if _rates(one)) for group, members in self._groups.items()}
        secret = settings.get(connection, "secret") or ""
        wanted = (
            {one.member for one in entrants} if any(given.peers or given.own for given in self._given.values()) else ()
        )
        self._seals = {number: settings.seal(secret, number) for number in wanted}
        self._raters = {
            group: {self._seals[one.member] for one in members} if self._seals else set()
            for group, members in self._groups.items()
        }
        self.strangers: dict[Key, int] = {}

    def of(self, entrant: Entrant) -> Ratings:
        """The ratings of one member."""
        given = self._given.get(entrant.member)
        if given is None:
            return UNRATED
        own = [score for rater, score in given.own if rater in (None, self._seals.get(entrant.member))]
        return Ratings(
            own=Fraction(own[-1], SCALE) if own else None,
            peer=self._peers(entrant, given),
            masses=Fraction(sum(given.masses), len(given.masses) * SCALE) if given.masses else None,
            org=Fraction(given.org[-1][0], SCALE) if given.org else None,
        )

    def reason(self, entrant: Entrant) -> str | None:
        """The committee's reason for its score."""
        given = self._given.get(entrant.member)
        return given.org[-1][1] if given and given.org else None

    def circle(self, entrant: Entrant) -> list[Entrant]:
        """The members who rate this one: the others of his group or branch."""
        return [one for one in self._groups[self._circle(entrant)] if one.member != entrant.member]

    def _circle(self, entrant: Entrant) -> tuple[int, str | None]:
        """His group; who has none in a branch with groups is rated by the whole branch."""
        whole = (entrant.branch, None)
        return (entrant.branch, entrant.group) if self._peer.scope == "group" and entrant.group else whole

    def _peers(self, entrant: Entrant, given: Given) -> PeerRatings | None:
        circle, own = self._circle(entrant), self._seals.get(entrant.member)
        raters = self._raters[circle]
        scores = [Fraction(score, SCALE) for rater, score in given.peers if rater in raters and rater != own]
        if len(scores) < len(given.peers):
            self.strangers[entrant.key] = len(given.peers) - len(scores)
        if not scores:
            return None
        peers = self._expected[circle] - _rates(entrant)
        return PeerRatings(len(scores), sum(scores, Fraction(0)), max(scores), min(scores), peers)


def _rates(entrant: Entrant) -> bool:
    """Who is expected to rate: those who are scored and were still there when the quarter ended."""
    return not entrant.unscored and entrant.stayed


def _groups(entrants: Iterable[Entrant], peer: PeerSettings) -> Mapping[tuple[int, str | None], list[Entrant]]:
    groups: dict[tuple[int, str | None], list[Entrant]] = defaultdict(list)
    for one in entrants:
        groups[one.branch, None].append(one)
        if one.group and peer.scope == "group":
            groups[one.branch, one.group].append(one)
    return groups


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
