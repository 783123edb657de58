"""Measures of the conduct ledger (加分扣分台账), and `metric` (指标台账): a member's figure, else his department's, else his branch's."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from partybuild_cli.index.measures.declare import (
    ANY_KIND,
    MEASURES,
    SCALE,
    Asked,
    Measure,
    OptionFacts,
    Source,
    Tally,
    measure,
    within,
)
from partybuild_cli.index.participants import Participant
from partybuild_cli.index.scoring import NO_DATA, Measured
from partybuild_cli.values.text import tight

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


METRIC = "metric"
MEASURES[METRIC] = Measure(
    METRIC,
    "amount",
    "指标台账中 metric 所指指标的实际值：先本人，后科室，再支部",
    tallies=None,
    options=(OptionFacts("metric", "text", True),),
)
#: All figures of one name (患者满意度) of the quarter or of one of its months.
FIGURES = (
    "SELECT t.id, t.subject, t.period, t.actual, p.member_id, t.period = :quarter FROM metric AS t"
    " LEFT JOIN person AS p ON p.ledger = 'metric' AND p.role = 'subject' AND p.record_id = t.id"
    " WHERE t.name = :name AND t.period IN (:quarter, :month_1, :month_2, :month_3) ORDER BY t.period, t.id"
)


class KeptFigure(NamedTuple):
    """One kept figure; `whole` is that of the quarter itself."""

    number: int
    subject: str
    period: str
    actual: int
    member: int | None
    whole: bool


class Figures:
    """The figures of one name in a quarter; of the quarter itself, else the mean of its months (季度值，否则各月平均)."""

    def __init__(self, rows: Iterable[Sequence[object]], branches: Mapping[int, str]) -> None:
        self._branches = {number: tight(name) for number, name in branches.items()}
        self._by_subject: dict[str | int, list[KeptFigure]] = {}
        for one in map(KeptFigure._make, rows):
            self._by_subject.setdefault(tight(one.subject) if one.member is None else one.member, []).append(one)
        for subject, figures in self._by_subject.items():
            self._by_subject[subject] = [one for one in figures if one.whole] or figures

    def of(self, participant: Participant) -> Measured:
        figures = self.behind(participant)
        if not figures:
            return NO_DATA
        return Measured("scored", Fraction(sum(one.actual for one in figures), len(figures) * SCALE))

    def behind(self, participant: Participant) -> Sequence[KeptFigure]:
        """The records that made the figure."""
        wanted = (participant.member, participant.department, self._branches.get(participant.branch))
        return next((self._by_subject[one] for one in wanted if one is not None and one in self._by_subject), ())
