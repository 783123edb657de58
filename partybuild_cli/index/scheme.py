"""A scheme of the pioneer index (先锋指数方案): dimensions, indicators, bonus, deduction, parts, bands.
Only data.

Every number of the index stands in such a scheme and none in code, so that a unit changes any rule in its
own file and an old quarter keeps the version by which it was posted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Option = bool | Decimal | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension (维度), such as A 政治学习 of 20 points."""

    id: str
    name: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator (指标): what is measured, and by which rule it becomes points.

    Of target, each, steps and per only those are set that its rule takes. `kinds` are the words of the
    ledger that it counts; `options` settle the rest of how the measure counts.
    """

    id: str
    name: str
    dimension: str
    points: Decimal
    measure: str
    rule: str
    target: Decimal | None
    target_by_post: Mapping[str, Decimal]
    each: Mapping[str, Decimal]
    steps: tuple[tuple[Decimal, Decimal], ...]
    per: Decimal | None
    kinds: tuple[str, ...]
    options: Mapping[str, Option]

    def target_for(self, party_post: str | None) -> Decimal | None:
        """The target of one who holds this 党内职务: the first key that stands in it, 组织委员 being a
        委员.
        """
        for word, target in self.target_by_post.items():
            if party_post and word in party_post:
                return target
        return self.target


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs for some 岗位类别 (个性化设置): all indicators as they hold there, and the ids of those
    changed.
    """

    staff_kinds: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A bonus or deduction item (加分项、扣分项): points for each word, or a range in which the committee
    grants them.
    """

    name: str
    measure: str
    each: Mapping[str, Decimal]
    ranges: Mapping[str, tuple[Decimal, Decimal]]
    kinds: tuple[str, ...]
    cap: Decimal | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class Adjustments:
    """All bonus or all deduction items, and the most they can move a score."""

    cap: Decimal
    items: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the quarter's score (自评 互评 群众评议 组织评定 记录得分) and its weight."""

    id: str
    name: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """How peers' scores become one: from how many raters the extremes are dropped, the least share, who is
    a peer.
    """

    trim_from: int
    minimum_share: Decimal
    scope: str


@dataclass(frozen=True, slots=True)
class Band:
    """A band of the quarter (档次); its word must not be one of the 民主评议 grades."""

    name: str
    start: Decimal


@dataclass(frozen=True, slots=True)
class AnnualSettings:
    """What makes the year's index out of the quarters, the proposal for 优秀 and the coefficient of the pay
    part.
    """

    least_quarters: int
    excellent_one_in: int
    quarter_floor: Decimal
    full_coefficient_at: Decimal
    pay_share: Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """A whole scheme. `key` names it together with its version, as a posting keeps it: 默认方案@1."""

    id: str
    version: int
    title: str
    from_quarter: str
    missing: str
    org_gap: Decimal
    posting_days: int
    dimensions: tuple[Dimension, ...]
    indicators: tuple[Indicator, ...]
    profile_dimensions: tuple[str, ...]
    profiles: tuple[Profile, ...]
    bonus: Adjustments
    deduction: Adjustments
    veto: tuple[str, ...]
    parts: tuple[Part, ...]
    peer: PeerSettings
    bands: tuple[Band, ...]
    annual: AnnualSettings

    @property
    def key(self) -> str:
        return f"{self.id}@{self.version}"

    def indicators_for(self, staff_kind: str | None) -> tuple[Indicator, ...]:
        """The indicators as they hold for one 岗位类别."""
        for profile in self.profiles:
            if staff_kind in profile.staff_kinds:
                return profile.indicators
        return self.indicators

    def band(self, score: Decimal) -> str:
        """The band of a score as posted; bands stand from the highest down, and the last begins at 0."""
        return next(band.name for band in self.bands if score >= band.start or band is self.bands[-1])
