"""Measures of the conduct ledger (加分扣分台账)."""

from collections.abc import Sequence

from partybuild_cli.index.measures.declare import ANY_KIND, SCALE, Asked, Source, Tally, measure, within

_TIMES = "coalesce(t.times, 1)"
#: What was noted of a member.
NOTED = Source(
    "conduct",
    f"JOIN conduct AS t ON t.member_id = s.member_id WHERE {within('t.happened_on')}",
    "t.happened_on",
    "t.kind || coalesce('：' || t.basis, '')",
)


def noted(*words: str) -> Tally:
    """How many times each of some words was noted."""
    return Tally(NOTED, "t.kind IN :noted", _TIMES, by="t.kind", words=words, values={"noted": words})


@measure("complaints", "amount", "加分扣分台账中 kinds 所列事项的件数", kept=(NOTED,), ledger="conduct", kinds=ANY_KIND)
def complaints(asked: Asked) -> Sequence[Tally]:
    """有效投诉: how many of the kinds there were."""
    return [Tally(NOTED, "t.kind IN :kinds", _TIMES)]


@measure("conduct", "items", "加分扣分台账中的同名事项", kept=(NOTED,), ledger="conduct", claimed_by="each")
def conduct(asked: Asked) -> Sequence[Tally]:
    """同名事项: each word with its times; a word whose points are a range, with the points that were granted."""
    ranges = dict(asked.ranges)
    granted = [
        Tally(
            NOTED,
            "t.kind = :word AND t.points >= :low AND t.points <= :high",
            "t.points",
            by="t.kind",
            words=(word,),
            unit="分",
            values={"word": word, "low": int(low * SCALE), "high": int(high * SCALE)},
        )
        for word, (low, high) in ranges.items()
    ]
    return [noted(*(word for word in asked.words if word not in ranges)), *granted]
