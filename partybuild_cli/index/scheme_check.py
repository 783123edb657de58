"""Does a scheme hold together? (方案检查) Each finding is one sentence; a sound scheme has none."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from partybuild_cli.index.catalogue import MeasureFacts
from partybuild_cli.index.claims import double_counting
from partybuild_cli.index.item_check import check_adjustments, check_indicator
from partybuild_cli.index.parts import PARTS
from partybuild_cli.index.scheme import Indicator, Scheme

FULL = Decimal(100)
GRADES = ("优秀", "合格", "基本合格", "不合格")


def check_scheme(scheme: Scheme, known_measures: Mapping[str, MeasureFacts], staff_kinds: Collection[str]) -> list[str]:
    """All that is wrong with a scheme; `staff_kinds` are the words that 岗位类别 may have in the roster."""
    found = [
        *_settings(scheme),
        *_names(scheme),
        *_points(scheme),
        *_profiles(scheme, staff_kinds),
        *double_counting(scheme, known_measures),
        *_parts(scheme),
        *_bands(scheme),
    ]
    for one in _all_indicators(scheme):
        found += check_indicator(one, known_measures)
    for title, settings in (("加分", scheme.bonus), ("扣分", scheme.deduction)):
        found += check_adjustments(title, settings, known_measures)
    return list(dict.fromkeys(found))


def _settings(scheme: Scheme) -> Iterator[str]:
    if not re.fullmatch(r"[0-9]{4}Q[1-4]", scheme.from_quarter, re.ASCII):
        yield f"from_quarter 写作“{scheme.from_quarter}”，应当像 2026Q1。"
    if scheme.version < 1:
        yield "version 应当从 1 起。"
    if scheme.missing not in ("redistribute", "zero"):
        yield f"missing 写作“{scheme.missing}”，只能是 redistribute（分给其他指标）或 zero（计零分）。"
    if scheme.posting_days < 1:
        yield "posting_days（公示工作日）至少 1 天。"
    if scheme.peer.scope not in ("group", "branch"):
        yield f"peer 的 scope 写作“{scheme.peer.scope}”，只能是 group（党小组）或 branch（支部）。"
    if scheme.peer.trim_from < 3:
        yield "peer 的 trim_from 至少为 3，否则去掉最高分和最低分后没有分数。"
    if scheme.peer.minimum_share > 1:
        yield "peer 的 minimum_share 应当在 0 到 1 之间。"
    yield from _annual(scheme)


def _annual(scheme: Scheme) -> Iterator[str]:
    settings = scheme.annual
    if not 1 <= settings.least_quarters <= 4:
        yield "annual 的 least_quarters 应当在 1 到 4 之间。"
    if settings.excellent_one_in < 3:
        yield "annual 的 excellent_one_in 不能小于 3：优秀不超过正式党员的三分之一。"
    if settings.quarter_floor > FULL:
        yield "annual 的 quarter_floor 超过 100，没有人能达到。"
    if not 0 < settings.full_coefficient_at <= FULL:
        yield "annual 的 full_coefficient_at 应当大于 0、不超过 100。"
    if settings.pay_share > 1:
        yield "annual 的 pay_share 应当在 0 到 1 之间。"


def _names(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("维度", [one.id for one in scheme.dimensions])
    yield from _repeated("指标", [one.id for one in scheme.indicators])
    yield from _repeated("加分扣分项", [item.name for item in (*scheme.bonus.items, *scheme.deduction.items)])
    known = {one.id for one in scheme.dimensions}
    used = {one.dimension for one in scheme.indicators}
    for one in scheme.indicators:
        if one.dimension not in known:
            yield f"指标 {one.id} 的维度“{one.dimension}”没有定义。"
    for dimension in scheme.dimensions:
        if dimension.id not in used:
            yield f"维度 {dimension.id} {dimension.name}下面没有指标。"
    for word in scheme.profile_dimensions:
        if word not in known:
            yield f"profile_dimensions 里的维度“{word}”没有定义。"


def _points(scheme: Scheme) -> Iterator[str]:
    if (whole := sum(one.points for one in scheme.dimensions)) != FULL:
        yield f"各维度分值合计 {whole}，应为 100。"
    for dimension in scheme.dimensions:
        inside = sum(one.points for one in scheme.indicators if one.dimension == dimension.id)
        if inside != dimension.points:
            yield f"维度 {dimension.id} {dimension.name}为 {dimension.points} 分，其下指标合计 {inside} 分。"
    for who, indicators in _by_profile(scheme):
        if (whole := sum(one.points for one in indicators)) != FULL:
            yield f"{who}指标分值合计 {whole}，应为 100。"


def _profiles(scheme: Scheme, staff_kinds: Collection[str]) -> Iterator[str]:
    yield from _repeated("岗位类别", [kind for profile in scheme.profiles for kind in profile.staff_kinds])
    dimension_of = {one.id: one.dimension for one in scheme.indicators}
    for profile in scheme.profiles:
        who = "、".join(profile.staff_kinds)
        if not profile.staff_kinds:
            yield "有一节 profiles 没有写 staff_kinds，不知道用于哪些岗位。"
        for kind in profile.staff_kinds:
            if kind not in staff_kinds:
                yield f"岗位类别“{kind}”不在花名册的岗位类别之内（{'、'.join(staff_kinds)}）。"
        for changed in profile.changed:
            if dimension_of[changed] not in scheme.profile_dimensions:
                allowed = "、".join(scheme.profile_dimensions) or "（没有）"
                yield f"岗位类别 {who} 改了指标 {changed}，但只有维度 {allowed} 之内可以按岗位不同。"


def _parts(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("评议部分", [part.id for part in scheme.parts])
    for part in scheme.parts:
        if part.id not in PARTS:
            known = "、".join(f"{key}（{name}）" for key, name in PARTS.items())
            yield f"评议部分“{part.id}”不认识，可用的有：{known}。"
        if not part.weight:
            yield f"评议部分“{part.id}”的权重为 0，请删去或改正。"
    if (whole := sum(part.weight for part in scheme.parts)) != 1:
        yield f"各部分权重合计 {whole}，应为 1。"


def _bands(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("档次", [band.name for band in scheme.bands])
    above = None
    for band in scheme.bands:
        if band.start > FULL:
            yield f"档次“{band.name}”从 {band.start} 分起，超过 100，没有人能达到。"
        elif above is not None and band.start >= above:
            yield f"档次“{band.name}”的起点 {band.start} 不低于上一档的 {above}，轮不到它；请从高到低排列。"
        if band.name in GRADES:
            yield f"档次“{band.name}”与民主评议的等次同名，容易混淆，请换一个词。"
        above = band.start
    if above != 0:
        yield "最后一个档次应当从 0 分起，否则低分没有档次。"


def _by_profile(scheme: Scheme) -> Iterator[tuple[str, tuple[Indicator, ...]]]:
    yield "默认岗位的", scheme.indicators
    for profile in scheme.profiles:
        yield f"岗位类别 {'、'.join(profile.staff_kinds)} 的", profile.indicators


def _all_indicators(scheme: Scheme) -> Iterator[Indicator]:
    for _, indicators in _by_profile(scheme):
        yield from indicators


def _repeated(what: str, words: list[str]) -> Iterator[str]:
    for word, times in Counter(words).items():
        if times > 1:
            yield f"{what}“{word}”写了 {times} 次。"
