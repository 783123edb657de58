"""The parts of a quarter's score (自评 互评 群众评议 组织评定) and how they make it (季度得分合成)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from partybuild_cli.index.exact import Number, exact, total
from partybuild_cli.index.scheme import PeerSettings

PARTS = {"self": "自评", "peer": "互评", "masses": "群众评议", "org": "组织评定", "obj": "记录得分"}


class PeerRatings(NamedTuple):
    """What a member's peers gave him, summed up so that no score can be tied to its rater; himself is not
    in it.
    """

    raters: int
    total: Number
    highest: Number
    lowest: Number
    peers: int


class Ratings(NamedTuple):
    """The ratings of one member; None is a rating that was not given, which is not a zero."""

    own: Number | None = None
    peer: PeerRatings | None = None
    masses: Number | None = None
    org: Number | None = None


def gathered(scores: Sequence[Decimal], peers: int) -> PeerRatings | None:
    """Peers' scores as they are summed up; None where nobody rated."""
    if not scores:
        return None
    return PeerRatings(len(scores), sum(scores, Decimal(0)), max(scores), min(scores), peers)


def peer_mean(ratings: PeerRatings | None, settings: PeerSettings) -> Fraction | None:
    """The mean of the peers' scores, from so many raters on without one highest and one lowest
    (去掉一个最高分和一个最低分).

    Not available when less than the minimum share of the peers has rated.
    """
    if ratings is None or not ratings.raters or ratings.raters < ratings.peers * settings.minimum_share:
        return None
    if ratings.raters < settings.trim_from:
        return exact(ratings.total) / ratings.raters
    kept = exact(ratings.total) - exact(ratings.highest) - exact(ratings.lowest)
    return kept / (ratings.raters - 2)


def part_scores(ratings: Ratings, obj: Fraction | None, settings: PeerSettings) -> dict[str, Fraction | None]:
    """Every part by its id; 组织评定 is the committee's score where one was given, else what the records
    say.
    """
    return {
        "self": None if ratings.own is None else exact(ratings.own),
        "peer": peer_mean(ratings.peer, settings),
        "masses": None if ratings.masses is None else exact(ratings.masses),
        "org": obj if ratings.org is None else exact(ratings.org),
        "obj": obj,
    }


def composed(weights: Sequence[tuple[str, Fraction]], scores: Mapping[str, Fraction | None]) -> Fraction | None:
    """The weighted mean of the parts there are.

    The weights of those that are missing go to the others pro rata.
    """
    there = [(weight, score) for part, weight in weights if (score := scores[part]) is not None]
    if len(there) == 1:
        return there[0][1] if there[0][0] else None
    whole = total([weight for weight, _ in there])
    if not whole:
        return None
    weighted = total([weight * score for weight, score in there])
    return weighted if whole == 1 else weighted / whole
