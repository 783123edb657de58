"""Does a scheme hold together? (方案检查) Each finding is one sentence; a sound scheme has none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from typing import NamedTuple

from partybuild_cli.index.measures import MEASURES
from partybuild_cli.index.measures.declare import ANY_KIND, RULES_OF_SHAPE, Measure
from partybuild_cli.index.scheme import Adjustment, Indicator, Measurable, Scheme
from partybuild_cli.index.toml_file import Option
from partybuild_cli.records.member import STAFF_KINDS

FULL = Decimal(100)
GRADES = ("优秀", "合格", "基本合格", "不合格")
#: What each rule takes; the first of it must be there.
_TAKES: dict[str, tuple[str, ...]] = {
    "ratio": ("target", "target_by_post"),
    "share": (),
    "each": ("each",),
    "step": ("steps",),
    "flag": (),
    "minus": ("per",),
}
#: What an option may be, and how that is called.
_FORMS: dict[str, tuple[type, str]] = {
    "flag": (bool, "true 或 false"),
    "number": (Decimal, "数字"),
    "count": (Decimal, "不小于 1 的整数"),
    "text": (str, "文字"),
    "words": (tuple, "一组文字"),
}


def check_scheme(scheme: Scheme) -> list[str]:
    """All that is wrong with a scheme."""
    found = [*_names(scheme), *_points(scheme), *_profiles(scheme), *_double_counting(scheme), *_bands(scheme)]
    for _, indicators in _by_profile(scheme):
        for one in indicators:
            found += [*_rule(one), *_measure(one)]
    for title, settings in (("加分", scheme.bonus), ("扣分", scheme.deduction)):
        for item in settings.items:
            found += _adjustment(f"{title}项“{item.name}”", item)
    return list(dict.fromkeys(found))


def _names(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("维度", (one.id for one in scheme.dimensions))
    yield from _repeated("指标", (one.id for one in scheme.indicators))
    yield from _repeated("评议部分", (part.id for part in scheme.parts))
    yield from _repeated("加分扣分项", (item.name for item in (*scheme.bonus.items, *scheme.deduction.items)))
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


def _repeated(what: str, words: Iterable[str]) -> Iterator[str]:
    for word, times in Counter(words).items():
        if times > 1:
            yield f"{what}“{word}”写了 {times} 次。"


def _points(scheme: Scheme) -> Iterator[str]:
    if (whole := sum(one.points for one in scheme.dimensions)) != FULL:
        yield f"各维度分值合计 {whole}，应为 100。"
    for dimension in scheme.dimensions:
        inside = sum(one.points for one in scheme.indicators if one.dimension == dimension.id)
        if inside != dimension.points:
            yield f"维度 {dimension.id} {dimension.name}为 {dimension.points} 分，其下指标合计 {inside} 分。"
    if (whole := sum(part.weight for part in scheme.parts)) != 1:
        yield f"各部分权重合计 {whole}，应为 1。"
    if all(one.opportunity for one in scheme.indicators):
        yield "没有一项指标是义务，不适用的分值没有地方可加；请去掉一些 opportunity = true。"
    for who, indicators in _by_profile(scheme):
        if (whole := sum(one.points for one in indicators)) != FULL:
            yield f"{who}指标分值合计 {whole}，应为 100。"


def _by_profile(scheme: Scheme) -> Iterator[tuple[str, tuple[Indicator, ...]]]:
    yield "默认岗位的", scheme.indicators
    for profile in scheme.profiles:
        yield f"岗位类别 {'、'.join(profile.staff_kinds)} 的", profile.indicators


def _profiles(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("岗位类别", (kind for profile in scheme.profiles for kind in profile.staff_kinds))
    dimension_of = {one.id: one.dimension for one in scheme.indicators}
    allowed = "、".join(scheme.profile_dimensions) or "（没有）"
    for profile in scheme.profiles:
        if not profile.staff_kinds:
            yield "有一节 profiles 没有写 staff_kinds，不知道用于哪些岗位。"
        for kind in profile.staff_kinds:
            if kind not in STAFF_KINDS:
                yield f"岗位类别“{kind}”不在花名册的岗位类别之内（{'、'.join(STAFF_KINDS)}）。"
        for changed in profile.changed:
            if dimension_of[changed] not in scheme.profile_dimensions:
                who = "、".join(profile.staff_kinds)
                yield f"岗位类别 {who} 改了指标 {changed}，但只有维度 {allowed} 之内可以按岗位不同。"


def _bands(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("档次", (band.name for band in scheme.bands))
    above = None
    for band in scheme.bands:
        if above is not None and band.start >= above:
            yield f"档次“{band.name}”的起点 {band.start} 不低于上一档的 {above}，轮不到它；请从高到低排列。"
        if band.name in GRADES:
            yield f"档次“{band.name}”与民主评议的等次同名，容易混淆，请换一个词。"
        above = band.start
    if above != 0:
        yield "最后一个档次应当从 0 分起，否则低分没有档次。"


def _rule(one: Indicator) -> Iterator[str]:
    takes = _TAKES[one.rule]
    for key in (key for keys in _TAKES.values() for key in keys):
        if key not in takes and getattr(one, key) not in (None, {}, ()):
            yield f"指标 {one.id} 的规则 {one.rule} 用不到 {key}，请删去或换规则。"
    if takes and not getattr(one, takes[0]):
        yield f"指标 {one.id} 的规则 {one.rule} 缺少 {takes[0]}。"
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
        yield _unknown_measure(where, one)
        return
    fitting = RULES_OF_SHAPE[measure.shape]
    if one.rule not in fitting:
        yield f"{where}的数据项 {one.measure} 不能用规则 {one.rule}，只能用 {'、'.join(fitting)}。"
    known = {option.name: option for option in measure.options}
    for name, value in one.options.items():
        if name not in known:
            yield f"{where}的数据项 {one.measure} 没有选项“{name}”。"
        elif not _is_of(known[name].form, value):
            yield f"{where}的选项“{name}”应当是{_FORMS[known[name].form][1]}。"
    for option in measure.options:
        if option.needed and option.name not in one.options:
            yield f"{where}的数据项 {one.measure} 缺少选项“{option.name}”（{_FORMS[option.form][1]}）。"
    yield from _counted(where, measure, one.kinds, tuple(one.each))


def _unknown_measure(where: str, line: Measurable) -> str:
    return f"{where}的数据项“{line.measure}”不认识，可用的有：{'、'.join(MEASURES)}。"


def _is_of(form: str, value: Option) -> bool:
    """Whether an option is of its form; a count such as months is whole, or part of it would be dropped."""
    whole = not isinstance(value, Decimal) or (value >= 1 and value == int(value))
    return isinstance(value, _FORMS[form][0]) and (form != "count" or whole)


def _counted(where: str, measure: Measure, kinds: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    """A kind that the ledger does not know, and a word that the measure never gives, would quietly count nothing."""
    if kinds and not measure.kinds:
        yield f"{where}的数据项 {measure.name} 用不到 kinds，请删去。"
    elif measure.kinds != ANY_KIND:
        for word in (one for one in kinds if one not in measure.kinds):
            yield f"{where}的 kinds 里的“{word}”不是台账里的类别，可用的有：{'、'.join(measure.kinds)}。"
    for word in (one for one in words if measure.yields and one not in measure.yields):
        yield f"{where}的“{word}”数据项 {measure.name} 不会给出，可用的有：{'、'.join(measure.yields)}。"


def _adjustment(where: str, item: Adjustment) -> Iterator[str]:
    measure = MEASURES.get(item.measure)
    if measure is None:
        yield _unknown_measure(where, item)
        return
    if measure.shape != "items":
        yield f"{where}的数据项 {item.measure} 不按事项计数，不能用于加分扣分。"
    if not item.each and not item.ranges:
        yield f"{where}没有写分值（each 或 ranges）。"
    for word, (low, high) in item.ranges.items():
        if low >= high or word in item.each:
            yield f"{where}的“{word}”应当写成从低到高的范围，且不能同时写在 each 里。"
        if measure.name != "conduct":
            yield f"{where}的“{word}”写了分值范围，只有数据项 conduct 可以由组织在范围内给分。"
    yield from _counted(where, measure, item.kinds, item.words)


class _Claim(NamedTuple):
    """The words of a ledger that one place of the scheme counts; `all_but` counts every word but those."""

    place: str
    ledger: str
    words: tuple[str, ...]
    all_but: tuple[str, ...] | None = None


def _double_counting(scheme: Scheme) -> Iterator[str]:
    """Words that two places count (一事不两计), under any profile; a finding names the places."""
    items = [
        (f"{title}“{item.name}”", item)
        for title, settings in (("加分项", scheme.bonus), ("扣分项", scheme.deduction))
        for item in settings.items
        if item.enabled
    ]
    for _, indicators in _by_profile(scheme):
        lines = [*((f"指标 {one.id}", one) for one in indicators), *items]
        claims = [claim for place, line in lines if (claim := _claim(place, line))]
        yield from _clashes([*claims, _Claim("一票否决", "conduct", scheme.veto)])


def _claim(place: str, line: Measurable) -> _Claim | None:
    measure = MEASURES.get(line.measure)
    if measure is None or measure.ledger is None:
        return None
    if measure.by_words:
        return _Claim(place, measure.ledger, line.words)
    options = line.options if isinstance(line, Indicator) else {}
    if options.get("shared"):
        return None  # counted here and, as something more, in another place (义诊: 义务一次，作为一次)
    if line.kinds:
        return _Claim(place, measure.ledger, line.kinds)
    without = options.get("without")
    return _Claim(place, measure.ledger, (), without if isinstance(without, tuple) else ())


def _clashes(claims: Sequence[_Claim]) -> Iterator[str]:
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for claim in claims:
        for word in claim.words:
            places[claim.ledger, word].append(claim.place)
    wide = [claim for claim in claims if claim.all_but is not None]
    for one, other in combinations(wide, 2):
        if one.ledger == other.ledger:
            yield f"{one.place} 和 {other.place} 都没有写 kinds，会重复计算同一台账，请写明各自的类别。"
    for claim in wide:
        for (ledger, word), where in places.items():
            if ledger == claim.ledger and word not in (claim.all_but or ()):
                where.append(claim.place)
    for (_, word), where in places.items():
        if len(where) > 1:
            yield f"“{word}”在 {'、'.join(where)} 重复计算，只能留一处。"
