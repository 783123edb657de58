"""A scheme of the pioneer index (先锋指数方案): dimensions, indicators, bonus, deduction, parts, bands. Only data.

Every number of the index stands in such a scheme and none in code, so that a unit changes any rule in its own file and
an old quarter keeps the version by which it was posted. What each key must be is said here, `scheme_file` reads the
files, and whether the numbers make sense together is the business of `scheme_check`.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from partybuild_cli.index.toml_file import is_line

Option = bool | Decimal | str | tuple[str, ...]

LARGEST = Decimal(10000)
FINEST = -4


def _text(value: object) -> str:
    if not is_line(value):
        raise ValueError("应当是一行文字，写在引号里")
    return str(value).strip()


def _number(value: object) -> Decimal:
    """At most four places and of sane size: more is a slip, and would make exact sums unbounded."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value, re.ASCII):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("应当是数字")
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < FINEST or not 0 <= number <= LARGEST:
        raise ValueError(f"应当在 0 到 {LARGEST} 之间，小数不超过四位")
    return number


def _whole(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError("应当是整数")
    return int(number)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("只能是 true 或 false")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("应当是一组值，写在方括号里")
    return value


def _words(value: object) -> tuple[str, ...]:
    words = _list(value)
    if not all(map(is_line, words)):
        raise ValueError('应当是一组文字，如 ["甲", "乙"]')
    return tuple(str(word).strip() for word in words)


def _pair(value: object) -> tuple[Decimal, Decimal]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("的每一项应当是两个数字，如 [95, 5]")
    return _number(value[0]), _number(value[1])


def is_section(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("应当是一节或写在花括号里")
    if not all(map(is_line, value)):
        raise ValueError("里有空的或带控制字符的键")
    return value


def _option(value: object) -> Option:
    kinds: tuple[tuple[type, Callable[[object], Option]], ...] = ((bool, _flag), (str, _text), (list, _words))
    return next((read for kind, read in kinds if isinstance(value, kind)), _number)(value)


Text = Annotated[str, PlainValidator(_text)]
Whole = Annotated[int, PlainValidator(_whole)]
Number = Annotated[Decimal, PlainValidator(_number)]
MaybeNumber = Annotated[Decimal | None, PlainValidator(_number)]
Flag = Annotated[bool, PlainValidator(_flag)]
Words = Annotated[tuple[str, ...], PlainValidator(_words)]
Pair = Annotated[tuple[Decimal, Decimal], PlainValidator(_pair)]
Pairs = Annotated[tuple[Pair, ...], BeforeValidator(_list)]
Numbers = Annotated[dict[str, Number], BeforeValidator(is_section)]
Ranges = Annotated[dict[str, Pair], BeforeValidator(is_section)]
Options = Annotated[dict[str, Annotated[Option, PlainValidator(_option)]], BeforeValidator(is_section)]


class Section(BaseModel):
    """A section of the file: every key is known, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dimension(Section):
    """A dimension (维度), such as A 政治学习 of 20 points."""

    id: Text
    name: Text
    points: Number


class Measurable(Section):
    """What a line of the scheme measures: `kinds` are the words of the ledger that it counts, `each` prices words."""

    name: Text
    measure: Text
    each: Numbers = {}
    kinds: Words = ()

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
    points: Number
    rule: Text
    target: MaybeNumber = None
    target_by_post: Numbers = {}
    steps: Pairs = ()
    per: MaybeNumber = None
    options: Options = {}
    opportunity: Flag = False
    applies: Flag = True

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

    ranges: Ranges = {}
    cap: MaybeNumber = None
    enabled: Flag = True

    @cached_property
    def prices(self) -> dict[str, Fraction]:
        """What each word is worth; of a word whose points the committee grants, the points themselves are counted."""
        granted = dict.fromkeys(self.ranges, Fraction(1))
        return {word: Fraction(price) for word, price in self.each.items()} | granted


class Adjustments(Section):
    """All bonus or all deduction items, and the most they can move a score."""

    cap: Number
    items: Annotated[tuple[Adjustment, ...], BeforeValidator(_list)] = ()


class Part(Section):
    """A part of the quarter's score (自评 互评 群众评议 组织评定 记录得分) and its weight."""

    id: Text
    name: Text
    weight: Number


class PeerSettings(Section):
    """How peers' scores become one: from how many raters the extremes are dropped, the least share, who is a peer.

    Whoever belonged to the branch for less than `least_presence` of the quarter neither rates nor is rated.
    """

    trim_from: Whole
    minimum_share: Number
    least_presence: Number = Decimal(0)
    scope: Text


class Band(Section):
    """A band of the quarter (档次); its word must not be one of the 民主评议 grades."""

    name: Text
    start: Number = Field(alias="from")


class AnnualSettings(Section):
    """What makes the year's index out of the quarters, the proposal for 优秀 and the coefficient of the pay part."""

    least_quarters: Whole
    excellent_one_in: Whole
    quarter_floor: Number
    full_coefficient_at: Number
    pay_share: Number


class Scheme(Section):
    """A whole scheme. `key` names it together with its version, as a posting keeps it: 默认方案@1.

    `least_coverage` is the share of the duties that must have data for a score, `prorated` whether targets and counts follow
    the days that somebody was there, `ranked_apart` whether 在岗, 退休 and 预备 have ranks of their own, `org` how the committee
    rates: with a score (absolute) or by what it gives or takes (adjustment).
    """

    id: Text
    version: Whole
    title: Text
    from_quarter: Text
    missing: Text
    org_gap: Number
    least_coverage: Number = Decimal(0)
    prorated: Flag = False
    ranked_apart: Flag = False
    org: Text = "absolute"
    posting_days: Whole
    profile_dimensions: Words = ()
    veto: Words = ()
    dimensions: Annotated[tuple[Dimension, ...], BeforeValidator(_list)] = ()
    indicators: Annotated[tuple[Indicator, ...], BeforeValidator(_list)] = ()
    profiles: tuple[Profile, ...] = ()
    bonus: Adjustments
    deduction: Adjustments
    parts: Annotated[tuple[Part, ...], BeforeValidator(_list)] = ()
    peer: PeerSettings
    bands: Annotated[tuple[Band, ...], BeforeValidator(_list)] = ()
    annual: AnnualSettings

    @property
    def key(self) -> str:
        return f"{self.id}@{self.version}"

    @cached_property
    def weights(self) -> list[tuple[str, Fraction]]:
        """The weight of each part."""
        return [(part.id, Fraction(part.weight)) for part in self.parts]

    def indicators_for(self, staff_kind: str | None) -> tuple[Indicator, ...]:
        """The indicators as they hold for one 岗位类别."""
        for profile in self.profiles:
            if staff_kind in profile.staff_kinds:
                return profile.indicators
        return self.indicators

    def band(self, score: Decimal) -> str:
        """The band of a score as posted; bands stand from the highest down, and the last begins at 0."""
        return next(band.name for band in self.bands if score >= band.start or band is self.bands[-1])
