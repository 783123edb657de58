"""What typical members would get by a scheme (典型党员对照): the same people under every edition, reckoned by the program.

Each is described by what was recorded of him, in the words of the measures, so that any scheme can be asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from partybuild_cli.index.scheme import Adjustment, Indicator, Measurable, Scheme
from partybuild_cli.index.scoring import NOT_APPLICABLE, Items, Known, Measured, score_of, share_of

#: Done of due; None where nothing was due.
Done = tuple[int, int] | None
_OUTSIDE = "义诊"
_WARD = "院内志愿"


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical member and what was recorded of him in one quarter; nothing fell due from 组织生活会."""

    name: str
    studied: Fraction = Fraction(1)
    self_study: int = 3
    training: Done = (1, 1)
    spoke: int = 0
    meetings: Done = (6, 6)
    party_days: Done = (3, 3)
    dues: int = 3
    tasks: Done = (2, 2)
    satisfaction: int | None = 96
    conduct_asked: bool = True
    services: Mapping[str, int] = field(default_factory=lambda: {_WARD: 3})
    staff_kind: str | None = None
    led: int = 0
    post: bool = False
    paired: bool = False
    emergencies: int = 0
    items: int = 0
    research_asked: bool = True
    bonus: Mapping[str, int] = field(default_factory=dict)
    deduction: Mapping[str, int] = field(default_factory=dict)

    def measured(self, line: Indicator, target: Fraction) -> Measured:
        """What the measure of a line finds of him."""
        done = {
            "attendance": self.party_days if "主题党日" in line.kinds else self.meetings,
            "self_study_months": (self.self_study, 3),
            "training": self.training,
            "dues_months": (self.dues, 3),
            "tasks": None if line.kinds else self.tasks,
        }
        if line.measure in done:
            share = done[line.measure]
            return NOT_APPLICABLE if share is None else share_of(*share)
        amounts: dict[str, int | Fraction | None] = {
            "study_hours": self.studied * target,
            "talks": 1,
            "metric": self.satisfaction,
            "complaints": 0 if self.conduct_asked else None,
            "posts": int(self.post) or None,
            "pairing": int(self.paired) or None,
        }
        if line.measure in amounts:
            amount = amounts[line.measure]
            return NOT_APPLICABLE if amount is None else Measured("scored", amount)
        if line.measure == "honors" and not self.research_asked:
            return NOT_APPLICABLE
        return Measured("scored", items=self._items(line))

    def _items(self, line: Measurable) -> Items:
        """How many of each word that a line counts."""
        sessions = sum(number for kind, number in self.services.items() if not line.kinds or kind in line.kinds)
        found: Mapping[str, int] = {
            "service": {"次": sessions, "带队": self.led},
            "honors": {"市厅级": self.items},
            "lectures": {"交流发言": self.spoke},
            "conduct": {"突击队": self.emergencies},
        }[line.measure]
        return tuple((word, number) for word, number in found.items() if number and word in line.each)


_ACTIVE = {_WARD: 3, _OUTSIDE: 2}
TYPICAL = (
    Typical("尽到全部义务，每月服务一次，没有岗区、结对和其他作为"),
    Typical("同上，本季度没有派任务", tasks=None),
    Typical("倒夜班的护士：请假都补了学，季度里服务一次", services={_WARD: 1}),
    Typical(
        "中等：会议到 5/6，学时 6/8，服务两次，发言一次",
        meetings=(5, 6),
        studied=Fraction(6, 8),
        services={_WARD: 2},
        spoke=1,
    ),
    Typical(
        "退休：只要求会议、自学和党费",
        training=None,
        tasks=None,
        satisfaction=None,
        conduct_asked=False,
        research_asked=False,
        services={},
        staff_kind="退休",
    ),
    Typical("积极：义务都尽，有示范岗，义诊两次，发言两次", services=_ACTIVE, post=True, spoke=2),
    Typical(
        "突出：另带队一次，科普三次，市厅级成果一项，结对走访，突击队两次，发言四次，锦旗一面",
        services={**_ACTIVE, "科普": 3},
        led=1,
        post=True,
        paired=True,
        emergencies=2,
        items=1,
        spoke=4,
        bonus={"锦旗": 1},
    ),
    Typical(
        "松懈：会议到 4/6（无故一次），自学一个月，党费逾期一次，任务按期一半，没有服务",
        meetings=(4, 6),
        self_study=1,
        dues=2,
        tasks=(1, 2),
        services={},
        deduction={"无故缺席": 1, "党费逾期": 1, "任务逾期": 1},
    ),
    Typical(
        "缺席：会议到 1/6（无故五次），学时一半，没有自学、培训、服务，任务一件没办",
        meetings=(1, 6),
        party_days=(1, 3),
        studied=Fraction(1, 2),
        self_study=0,
        training=(0, 1),
        tasks=(0, 2),
        services={},
        deduction={"无故缺席": 5, "任务逾期": 2},
    ),
    Typical("只服务：志愿服务样样突出，会议、学习都没有", meetings=(0, 6), party_days=(0, 3), studied=Fraction(0),
            self_study=0, training=(0, 1), services={**_ACTIVE, "科普": 3}, led=1, deduction={"无故缺席": 6}),
)  # fmt: skip


def typical_score(scheme: Scheme, one: Typical) -> Decimal | None:
    """The score by the records alone that a typical member would get."""
    known = Known(
        measured={
            line.id: one.measured(line, Fraction(line.target or 0)) for line in scheme.indicators_for(one.staff_kind)
        },
        bonus=_adjusted(scheme.bonus.items, one.bonus),
        deduction=_adjusted(scheme.deduction.items, one.deduction),
    )
    return score_of(scheme, known, one.staff_kind, None).score


def _adjusted(items: Iterable[Adjustment], found: Mapping[str, int]) -> dict[str, Items]:
    counted = {item.name: tuple((word, found[word]) for word in item.each if word in found) for item in items}
    return {name: words for name, words in counted.items() if words}
