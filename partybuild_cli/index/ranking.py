"""Ranks: equal scores share a rank and the next one is skipped, 1 2 2 4 (并列名次)."""

from collections.abc import Sequence
from decimal import Decimal


def ranks(scores: Sequence[Decimal | None]) -> list[int | None]:
    """The rank of each score, the highest being 1; who has no score has no rank."""
    first: dict[Decimal, int] = {}
    ordered = sorted((score for score in scores if score is not None), reverse=True)
    for place, score in enumerate(ordered, start=1):
        first.setdefault(score, place)
    return [None if score is None else first[score] for score in scores]
