"""Does a scheme hold together? (方案检查) Each finding is one sentence; a sound scheme has none."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from partybuild_cli.index.measures import MEASURES
from partybuild_cli.index.measures.declare import ANY_KIND, RULES_OF_SHAPE, Measure
from partybuild_cli.index.scheme import Adjustment, Adjustments, Indicator, Measurable, Option, Scheme
from partybuild_cli.index.scoring import PARTS, RULES
from partybuild_cli.records.member import STAFF_KINDS

FULL = Decimal(100)
GRADES = ("优秀", "合格", "基本合格", "不合格")
_PARAMETERS = {
    "ratio": ("target", "target_by_post"),
    "share": (),
    "each": ("each",),
    "step": ("steps",),
    "flag": (),
    "minus": ("per",),
}
_NEEDED = {"ratio": "target", "each": "each", "step": "steps", "minus": "per"}
_FORMS = {
    "flag": (bool, "true 或 false"),
    "number": (Decimal, "数字"),
    "count": (Decimal, "不小于 1 的整数"),
    "text": (str, "文字"),
    "words": (tuple, "一组文字"),
}


def check_scheme(scheme: Scheme) -> list[str]:
    """All that is wrong with a scheme."""
    found = [
        *_settings(scheme),
        *_names(scheme),
        *_points(scheme),
        *_profiles(scheme),
        *_double_counting(scheme),
        *_parts(scheme),
        *_bands(scheme),
    ]
    for _, indicators in _by_profile(scheme):
        for one in indicators:
            found += [*_rule(one), *_measure(one)]
    for title, settings in (("加分", scheme.bonus), ("扣分", scheme.deduction)):
        found += _adjustments(title, settings)
    return list(dict.fromkeys(found))


def _settings(scheme: Scheme) -> Iterator[str]:
    if not re.fullmatch(r"[0-9]{4}Q[1-4]", scheme.from_quarter, re.ASCII):
        yield f"from_quarter 写作“{scheme.from_quarter}”，应当像 2026Q1。"
    if scheme.version < 1:
        yield "version 应当从 1 起。"
    if scheme.missing not in ("redistribute", "zero"):
        yield f"missing 写作“{scheme.missing}”，只能是 redistribute（分给其他指标）或 zero（计零分）。"
    if scheme.org not in ("absolute", "adjustment"):
        yield f"org 写作“{scheme.org}”，只能是 absolute（组织直接给分）或 adjustment（在记录得分上加减）。"
    if scheme.least_coverage > 1 or scheme.peer.least_presence > 1:
        yield "least_coverage 和 peer 的 least_presence 应当在 0 到 1 之间。"
    if all(one.opportunity for one in scheme.indicators):
        yield "没有一项指标是义务，不适用的分值没有地方可加；请去掉一些 opportunity = true。"
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


def _profiles(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("岗位类别", [kind for profile in scheme.profiles for kind in profile.staff_kinds])
    dimension_of = {one.id: one.dimension for one in scheme.indicators}
    for profile in scheme.profiles:
        who = "、".join(profile.staff_kinds)
        if not profile.staff_kinds:
            yield "有一节 profiles 没有写 staff_kinds，不知道用于哪些岗位。"
        for kind in profile.staff_kinds:
            if kind not in STAFF_KINDS:
                yield f"岗位类别“{kind}”不在花名册的岗位类别之内（{'、'.join(STAFF_KINDS)}）。"
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


def _repeated(what: str, words: list[str]) -> Iterator[str]:
    for word, times in Counter(words).items():
        if times > 1:
            yield f"{what}“{word}”写了 {times} 次。"


def _rule(one: Indicator) -> Iterator[str]:
    if one.rule not in RULES:
        yield f"指标 {one.id} 的规则“{one.rule}”不认识，可用的有：{'、'.join(RULES)}。"
        return
    for key in ("target", "target_by_post", "each", "steps", "per"):
        value = getattr(one, key)
        if key not in _PARAMETERS[one.rule] and value not in (None, {}, ()):
            yield f"指标 {one.id} 的规则 {one.rule} 用不到 {key}，请删去或换规则。"
    needed = _NEEDED.get(one.rule)
    if needed and not getattr(one, needed):
        yield f"指标 {one.id} 的规则 {one.rule} 缺少 {needed}，或写成了 0。"
    if not one.points:
        yield f"指标 {one.id} 的分值为 0，请删去或改正。"
    yield from _amounts(one)


def _amounts(one: Indicator) -> Iterator[str]:
    if any(not number for number in (*one.target_by_post.values(), *one.each.values())):
        yield f"指标 {one.id} 的 target_by_post 或 each 里有 0，请删去或改正。"
    if one.rule == "step" and one.steps:
        starts, earned = zip(*one.steps, strict=True)
        if not (_falling(starts) and _falling(earned)):
            yield f"指标 {one.id} 的 steps 应当从高到低，界限和分值都逐级减少。"
        if max(earned) != one.points:
            yield f"指标 {one.id} 的 steps 最高 {max(earned)} 分，与分值 {one.points} 不符。"
    if one.per is not None and one.per > one.points:
        yield f"指标 {one.id} 每件减 {one.per} 分，多于分值 {one.points}。"


def _falling(numbers: Sequence[Decimal]) -> bool:
    return all(above > below for above, below in pairwise(numbers))


def _measure(one: Indicator) -> Iterator[str]:
    where = f"指标 {one.id} "
    measure = MEASURES.get(one.measure)
    if measure is None:
        yield f"{where}的数据项“{one.measure}”不认识，可用的有：{'、'.join(MEASURES)}。"
        return
    if one.rule in RULES and one.rule not in RULES_OF_SHAPE[measure.shape]:
        fitting = "、".join(RULES_OF_SHAPE[measure.shape])
        yield f"{where}的数据项 {one.measure} 不能用规则 {one.rule}，只能用 {fitting}。"
    yield from _options(where, one, measure)
    yield from _kinds(where, measure, one.kinds)
    yield from _words(where, measure, tuple(one.each))


def _options(where: str, one: Indicator, measure: Measure) -> Iterator[str]:
    known = {option.name: option for option in measure.options}
    for name, value in one.options.items():
        if name not in known:
            yield f"{where}的数据项 {one.measure} 没有选项“{name}”。"
        elif not _is_of(known[name].form, value):
            yield f"{where}的选项“{name}”应当是{_FORMS[known[name].form][1]}。"
    for option in measure.options:
        if option.needed and option.name not in one.options:
            yield f"{where}的数据项 {one.measure} 缺少选项“{option.name}”（{_FORMS[option.form][1]}）。"


def _is_of(form: str, value: Option) -> bool:
    """Whether an option is of its form; a count such as months is whole, or part of it would be dropped."""
    whole = not isinstance(value, Decimal) or (value >= 1 and value == int(value))
    return isinstance(value, _FORMS[form][0]) and (form != "count" or whole)


def _kinds(where: str, measure: Measure, kinds: tuple[str, ...]) -> Iterator[str]:
    """A kind that the ledger does not know would quietly count nothing."""
    if kinds and not measure.kinds:
        yield f"{where}的数据项 {measure.name} 用不到 kinds，请删去。"
    for word in kinds if measure.kinds not in ((), ANY_KIND) else ():
        if word not in measure.kinds:
            yield f"{where}的 kinds 里的“{word}”不是台账里的类别，可用的有：{'、'.join(measure.kinds)}。"


def _words(where: str, measure: Measure, words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        if measure.yields and word not in measure.yields:
            yield f"{where}的“{word}”数据项 {measure.name} 不会给出，可用的有：{'、'.join(measure.yields)}。"


def _adjustments(title: str, settings: Adjustments) -> Iterator[str]:
    if settings.cap > FULL:
        yield f"{title}上限 {settings.cap} 超过 100。"
    for item in settings.items:
        yield from _adjustment(f"{title}项“{item.name}”", item)


def _adjustment(where: str, item: Adjustment) -> Iterator[str]:
    measure = MEASURES.get(item.measure)
    if measure is None:
        yield f"{where}的数据项“{item.measure}”不认识，可用的有：{'、'.join(MEASURES)}。"
        return
    if measure.shape != "items":
        yield f"{where}的数据项 {item.measure} 不按事项计数，不能用于加分扣分。"
    if not item.each and not item.ranges:
        yield f"{where}没有写分值（each 或 ranges）。"
    if any(not price for price in item.each.values()):
        yield f"{where}里有 0 分的事项，请删去或改正。"
    for word, (low, high) in item.ranges.items():
        if low >= high or word in item.each:
            yield f"{where}的“{word}”应当写成从低到高的范围，且不能同时写在 each 里。"
        if measure.name != "conduct":
            yield f"{where}的“{word}”写了分值范围，只有数据项 conduct 可以由组织在范围内给分。"
    yield from _kinds(where, measure, item.kinds)
    yield from _words(where, measure, (*item.each, *item.ranges))


class _Claim(NamedTuple):
    """The words of a ledger that one place of the scheme counts; `all_but` counts every word but those."""

    place: str
    ledger: str
    words: tuple[str, ...]
    all_but: tuple[str, ...] | None = None


def _double_counting(scheme: Scheme) -> Iterator[str]:
    """Words that two places count (一事不两计), under any profile; a finding names the places."""
    for _, indicators in _by_profile(scheme):
        claims = [claim for one in indicators for claim in _claims(f"指标 {one.id}", one)]
        for title, settings in (("加分项", scheme.bonus), ("扣分项", scheme.deduction)):
            for item in settings.items:
                claims += _claims(f"{title}“{item.name}”", item) if item.enabled else []
        yield from _clashes([*claims, _Claim("一票否决", "conduct", scheme.veto)])


def _claims(place: str, line: Measurable) -> list[_Claim]:
    measure = MEASURES.get(line.measure)
    if measure is None or measure.ledger is None:
        return []
    if measure.claimed_by == "each":
        ranges = line.ranges if isinstance(line, Adjustment) else {}
        return [_Claim(place, measure.ledger, (*line.each, *ranges))]
    if isinstance(line, Indicator) and line.options.get("shared"):
        return []  # counted here and, as something more, in another place (义诊: 义务一次，作为一次)
    if line.kinds:
        return [_Claim(place, measure.ledger, line.kinds)]
    without = line.options.get("without", ()) if isinstance(line, Indicator) else ()
    return [_Claim(place, measure.ledger, (), without if isinstance(without, tuple) else ())]


def _clashes(claims: list[_Claim]) -> Iterator[str]:
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for claim in claims:
        for word in claim.words:
            places[claim.ledger, word].append(claim.place)
    for claim in claims:
        if claim.all_but is not None:
            yield from _wide_clashes(claim, claims)
            for (ledger, word), where in places.items():
                if ledger == claim.ledger and word not in claim.all_but:
                    where.append(claim.place)
    for (_, word), where in places.items():
        if len(where) > 1:
            yield f"“{word}”在 {'、'.join(where)} 重复计算，只能留一处。"


def _wide_clashes(claim: _Claim, claims: list[_Claim]) -> Iterator[str]:
    """Two places that both count a whole ledger."""
    for other in claims:
        if other.all_but is not None and other.ledger == claim.ledger and other.place > claim.place:
            yield f"{claim.place} 和 {other.place} 都没有写 kinds，会重复计算同一台账，请写明各自的类别。"
