"""A scheme of the pioneer index (先锋指数方案): dimensions, indicators, bonus, deduction, parts, bands. Only data.

Every number of the index stands in such a scheme and none in code, so that a unit changes any rule in its own file and
an old quarter keeps the version by which it was posted. `schemes` reads the files, and whether the numbers make sense
together is the business of `scheme_check`.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from partybuild_cli.index.toml_file import (
    Flag,
    Number,
    Numbers,
    Option,
    Options,
    Pair,
    Percent,
    Positive,
    Ranges,
    Section,
    Share,
    Text,
    Whole,
    Words,
)


class Dimension(Section):
    """A dimension (维度), such as A 政治学习 of 20 points."""

    id: Text
    name: Text
    points: Number


class Measurable(Section):
    """What a line of the scheme measures: `kinds` are the words of the ledger that it counts, `each` prices words."""

    name: Text
    measure: Text
    each: Numbers = Field({})
    kinds: Words = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it counts by."""
        return (*self.each, *self.granted)

    @property
    def granted(self) -> Ranges:
        """The words whose points the committee grants, within their range."""
        return {}

    def option(self, name: str) -> Option | None:
        """How an option of its measure is set."""
        return None

    @cached_property
    def question(self) -> tuple[object, ...]:
        """What it asks of its measure; lines that ask the same are answered once."""
        options = tuple(getattr(self, "options", {}).items())
        return self.measure, self.kinds, self.words, tuple(self.granted.items()), options

    @cached_property
    def prices(self) -> dict[str, Fraction]:
        """What each word is worth."""
        return {word: Fraction(price) for word, price in self.each.items()}


class Indicator(Measurable):
    """An indicator (指标): what is measured, and by which rule it becomes points.

    Of target, each, steps and per only those are set that its rule takes; `options` settle the rest of how the measure
    counts. A duty (义务) is owed by all; an `opportunity` (作为) is what one may do more. `applies` is false in a profile
    of which it is not asked.
    """

    id: Text
    dimension: Text
    points: Positive
    rule: Literal["ratio", "share", "each", "step", "flag", "minus"]
    target: Positive | None = None
    target_by_post: Numbers = Field({})
    steps: tuple[Pair, ...] = ()
    per: Positive | None = None
    options: Options = Field({})
    opportunity: Flag = False
    applies: Flag = True

    def option(self, name: str) -> Option | None:
        return self.options.get(name)

    @cached_property
    def worth(self) -> Fraction:
        """Its points, exact."""
        return Fraction(self.points)

    def target_for(self, party_post: str | None) -> Decimal | None:
        """The target of one who holds this 党内职务: the first key that stands in it, 组织委员 being a 委员."""
        for word, target in self.target_by_post.items():
            if party_post and word in party_post:
                return target
        return self.target


class Profile(Section):
    """What differs for some 岗位类别 (个性化设置): all indicators as they hold there, and the ids of those changed."""

    staff_kinds: Words = ()
    indicators: tuple[Indicator, ...]
    changed: Words


class Adjustment(Measurable):
    """A bonus or deduction item (加分项、扣分项): points for each word, or a range in which the committee grants them."""

    ranges: Ranges = Field({})
    cap: Number | None = None
    enabled: Flag = True

    @property
    def granted(self) -> Ranges:
        return self.ranges

    @cached_property
    def prices(self) -> dict[str, Fraction]:
        """What each word is worth; of a word whose points the committee grants, the points themselves are counted."""
        granted = dict.fromkeys(self.ranges, Fraction(1))
        return {word: Fraction(price) for word, price in self.each.items()} | granted


class Adjustments(Section):
    """All bonus or all deduction items, and the most they can move a score."""

    cap: Percent
    items: tuple[Adjustment, ...] = ()


class Part(Section):
    """A part of the quarter's score (自评 互评 群众评议 组织评定 记录得分) and its weight."""

    id: Literal["self", "peer", "masses", "org", "obj"]
    name: Text
    weight: Annotated[Share, Field(gt=0)]


class PeerSettings(Section):
    """How peers' scores become one: from how many raters the extremes are dropped, the least share, who is a peer.

    Whoever belonged to the branch for less than `least_presence` of the quarter neither rates nor is rated.
    """

    trim_from: Annotated[Whole, Field(ge=3)]  # without the highest and the lowest one stays
    minimum_share: Share
    least_presence: Share = Decimal(0)
    scope: Literal["group", "branch"]


class Band(Section):
    """A band of the quarter (档次); its word must not be one of the 民主评议 grades."""

    name: Text
    start: Percent = Field(alias="from")


class AnnualSettings(Section):
    """What makes the year's index out of the quarters, the proposal for 优秀 and the coefficient of the pay part."""

    least_quarters: Annotated[Whole, Field(le=4)]
    excellent_one_in: Annotated[Whole, Field(ge=3)]  # 优秀不超过正式党员的三分之一
    quarter_floor: Percent
    full_coefficient_at: Annotated[Percent, Field(gt=0)]
    pay_share: Share


class Scheme(Section):
    """A whole scheme. `key` names it together with its version, as a posting keeps it: 默认方案@1.

    `least_coverage` is the share of the duties that must have data for a score, `prorated` whether targets and counts follow
    the days that somebody was there, `ranked_apart` whether 在岗, 退休 and 预备 have ranks of their own, `org` how the committee
    rates: with a score (absolute) or by what it gives or takes (adjustment).
    """

    id: Text
    version: Whole
    title: Text
    from_quarter: Annotated[str, Field(pattern="^[0-9]{4}Q[1-4]$")]
    missing: Literal["redistribute", "zero"]
    org_gap: Number
    least_coverage: Share = Decimal(0)
    prorated: Flag = False
    ranked_apart: Flag = False
    org: Literal["absolute", "adjustment"] = "absolute"
    posting_days: Whole
    profile_dimensions: Words = ()
    veto: Words = ()
    dimensions: tuple[Dimension, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    profiles: tuple[Profile, ...] = ()
    bonus: Adjustments
    deduction: Adjustments
    parts: tuple[Part, ...] = ()
    peer: PeerSettings
    bands: tuple[Band, ...] = ()
    annual: AnnualSettings

    @property
    def key(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def lines(self) -> list[Measurable]:
        """Every indicator, bonus and deduction item, under any profile, switched off or not."""
        inside = (self.indicators, *(profile.indicators for profile in self.profiles))
        return [*(one for indicators in inside for one in indicators), *self.bonus.items, *self.deduction.items]

    def indicators_for(self, staff_kind: str | None) -> tuple[Indicator, ...]:
        """The indicators as they hold for one 岗位类别."""
        for profile in self.profiles:
            if staff_kind in profile.staff_kinds:
                return profile.indicators
        return self.indicators

    def band(self, score: Decimal) -> str:
        """The band of a score as posted; bands stand from the highest down, and the last begins at 0."""
        return next(band.name for band in self.bands if score >= band.start or band is self.bands[-1])
