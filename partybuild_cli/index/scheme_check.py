"""Does a scheme hold together? (方案检查) Each finding is one sentence; a sound scheme has none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, pairwise

from partybuild_cli.index.measures import ANY_KIND, MEASURES, RULES_OF_SHAPE, Measure
from partybuild_cli.index.scheme import Adjustment, Indicator, Measurable, Scheme
from partybuild_cli.records.member import STAFF_KINDS
from partybuild_cli.records.review import GRADES
from partybuild_cli.values.text import shipped

FULL = Decimal(100)
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
    found = [*_frame(scheme), *_double_counting(scheme), *_bands(scheme)]
    for _, indicators in _by_profile(scheme):
        for line in indicators:
            found += _indicator(line, f"指标 {line.id} ")
    for title, settings in (("加分", scheme.bonus), ("扣分", scheme.deduction)):
        for item in settings.items:
            found += _adjustment(item, f"{title}项“{item.name}”")
    return list(dict.fromkeys(found))


def _by_profile(scheme: Scheme) -> Iterator[tuple[str, tuple[Indicator, ...]]]:
    yield "默认岗位的", scheme.indicators
    for profile in scheme.profiles:
        yield f"岗位类别 {'、'.join(profile.staff_kinds)} 的", profile.indicators


def _frame(scheme: Scheme) -> Iterator[str]:
    """Names, points and profiles."""
    dimensions, indicators, profiles = scheme.dimensions, scheme.indicators, scheme.profiles
    yield from _repeated("维度", (dimension.id for dimension in dimensions))
    yield from _repeated("指标", (line.id for line in indicators))
    yield from _repeated("评议部分", (part.id for part in scheme.parts))
    yield from _repeated("加分扣分项", (item.name for item in (*scheme.bonus.items, *scheme.deduction.items)))
    points = {dimension.id: dimension.points for dimension in dimensions}
    inside: dict[str, Decimal] = defaultdict(Decimal)
    for line in indicators:
        inside[line.dimension] += line.points
        if line.dimension not in points:
            yield f"指标 {line.id} 的维度“{line.dimension}”没有定义。"
    empty = (dimension for dimension in dimensions if dimension.id not in inside)
    yield from (f"维度 {dimension.id} {dimension.name}下面没有指标。" for dimension in empty)
    unknown = (word for word in scheme.profile_dimensions if word not in points)
    yield from (f"profile_dimensions 里的维度“{word}”没有定义。" for word in unknown)
    if (whole := sum(dimension.points for dimension in dimensions)) != FULL:
        yield f"各维度分值合计 {whole}，应为 100。"
    for dimension in dimensions:
        if (found := inside.get(dimension.id, 0)) != dimension.points:
            yield f"维度 {dimension.id} {dimension.name}为 {dimension.points} 分，其下指标合计 {found} 分。"
    if (whole := sum(part.weight for part in scheme.parts)) != 1:
        yield f"各部分权重合计 {whole}，应为 1。"
    if all(line.opportunity for line in indicators):
        yield "没有一项指标是义务，不适用的分值没有地方可加；请去掉一些 opportunity = true。"
    for who, lines in _by_profile(scheme):
        if (whole := sum(line.points for line in lines)) != FULL:
            yield f"{who}指标分值合计 {whole}，应为 100。"
    yield from _repeated("岗位类别", (kind for profile in profiles for kind in profile.staff_kinds))
    dimension_of = {line.id: line.dimension for line in indicators}
    allowed = "、".join(scheme.profile_dimensions) or "（没有）"
    for profile in profiles:
        if not profile.staff_kinds:
            yield "有一节 profiles 没有写 staff_kinds，不知道用于哪些岗位。"
        strange = (kind for kind in profile.staff_kinds if kind not in STAFF_KINDS)
        yield from (f"岗位类别“{kind}”不在花名册的岗位类别之内（{'、'.join(STAFF_KINDS)}）。" for kind in strange)
        who = "、".join(profile.staff_kinds)
        fixed = (changed for changed in profile.changed if dimension_of[changed] not in scheme.profile_dimensions)
        yield from (f"岗位类别 {who} 改了指标 {line}，但只有维度 {allowed} 之内可以按岗位不同。" for line in fixed)


def _repeated(what: str, words: Iterable[str]) -> Iterator[str]:
    return (f"{what}“{word}”写了 {times} 次。" for word, times in Counter(words).items() if times > 1)


def _bands(scheme: Scheme) -> Iterator[str]:
    yield from _repeated("档次", (band.name for band in scheme.bands))
    for above, band in pairwise(scheme.bands):
        if band.start >= above.start:
            yield f"档次“{band.name}”的起点 {band.start} 不低于上一档的 {above.start}，轮不到它；请从高到低排列。"
    graded = (band.name for band in scheme.bands if band.name in GRADES)
    yield from (f"档次“{name}”与民主评议的等次同名，容易混淆，请换一个词。" for name in graded)
    if not scheme.bands or scheme.bands[-1].start != 0:
        yield "最后一个档次应当从 0 分起，否则低分没有档次。"


def _indicator(line: Indicator, where: str) -> Iterator[str]:
    rules = shipped("index/measures.toml")["rules"]
    takes = rules[line.rule]["takes"]
    idle = (key for rule in rules.values() for key in rule["takes"] if key not in takes and getattr(line, key))
    yield from (f"{where}的规则 {line.rule} 用不到 {key}，请删去或换规则。" for key in idle)
    if takes and not getattr(line, takes[0]):
        yield f"{where}的规则 {line.rule} 缺少 {takes[0]}。"
    if line.rule == "step" and line.steps:
        if any(above[0] <= below[0] or above[1] <= below[1] for above, below in pairwise(line.steps)):
            yield f"{where}的 steps 应当从高到低，界限和分值都逐级减少。"
        if (most := max(earned for _, earned in line.steps)) != line.points:
            yield f"{where}的 steps 最高 {most} 分，与分值 {line.points} 不符。"
    if line.per is not None and line.per > line.points:
        yield f"{where}每件减 {line.per} 分，多于分值 {line.points}。"
    measure = MEASURES.get(line.measure)
    if measure is not None:
        fitting = RULES_OF_SHAPE[measure.shape]
        if line.rule not in fitting:
            yield f"{where}的数据项 {line.measure} 不能用规则 {line.rule}，只能用 {'、'.join(fitting)}。"
        forms = {option.name: option.form for option in measure.options}
        for name, value in line.options.items():
            if name not in forms:
                yield f"{where}的数据项 {line.measure} 没有选项“{name}”。"
                continue
            kind, said = _FORMS[forms[name]]
            # a count such as months is whole, or part of it would be dropped
            broken = forms[name] == "count" and isinstance(value, Decimal) and not (value >= 1 and value == int(value))
            if broken or not isinstance(value, kind):
                yield f"{where}的选项“{name}”应当是{said}。"
        for option in measure.options:
            if option.needed and option.name not in line.options:
                yield f"{where}的数据项 {line.measure} 缺少选项“{option.name}”（{_FORMS[option.form][1]}）。"
    yield from _counted(measure, line, where)


def _counted(measure: Measure | None, line: Measurable, where: str) -> Iterator[str]:
    """A kind that the ledger does not know, and a word that the measure never gives, would quietly count nothing."""
    if measure is None:
        yield f"{where}的数据项“{line.measure}”不认识，可用的有：{'、'.join(MEASURES)}。"
        return
    if line.kinds and not measure.kinds:
        yield f"{where}的数据项 {measure.name} 用不到 kinds，请删去。"
    elif measure.kinds != ANY_KIND:
        strange, known = (word for word in line.kinds if word not in measure.kinds), "、".join(measure.kinds)
        yield from (f"{where}的 kinds 里的“{word}”不是台账里的类别，可用的有：{known}。" for word in strange)
    if measure.yields:
        strange, known = (word for word in line.words if word not in measure.yields), "、".join(measure.yields)
        yield from (f"{where}的“{word}”数据项 {measure.name} 不会给出，可用的有：{known}。" for word in strange)


def _adjustment(item: Adjustment, where: str) -> Iterator[str]:
    measure = MEASURES.get(item.measure)
    if measure is not None:
        if measure.shape != "items":
            yield f"{where}的数据项 {item.measure} 不按事项计数，不能用于加分扣分。"
        if not item.words:
            yield f"{where}没有写分值（each 或 ranges）。"
        for word, (low, high) in item.ranges.items():
            if low >= high or word in item.each:
                yield f"{where}的“{word}”应当写成从低到高的范围，且不能同时写在 each 里。"
            if measure.name != "conduct":
                yield f"{where}的“{word}”写了分值范围，只有数据项 conduct 可以由组织在范围内给分。"
    yield from _counted(measure, item, where)


def _double_counting(scheme: Scheme) -> Iterator[str]:
    """Words of a ledger that two places of the scheme count (一事不两计), under any profile; a finding names the places."""
    both = (("加分项", scheme.bonus.items), ("扣分项", scheme.deduction.items))
    items = [(f"{title}“{item.name}”", item) for title, of in both for item in of if item.enabled]
    for _, indicators in _by_profile(scheme):
        places: dict[tuple[str, str], list[str]] = defaultdict(list)
        wide: list[tuple[str, str, object]] = []  # what counts every word of a ledger but some
        for place, line in [*((f"指标 {line.id}", line) for line in indicators), *items]:
            measure = MEASURES.get(line.measure)
            # what is shared is counted here and, as something more, in another place (义诊: 义务一次，作为一次)
            if measure is None or measure.ledger is None or line.option("shared"):
                continue
            words = line.words if measure.by_words else line.kinds
            for word in words:
                places[measure.ledger, word].append(place)
            if not words and not measure.by_words:
                wide.append((place, measure.ledger, line.option("without")))
        for word in scheme.veto:
            places["conduct", word].append("一票否决")
        for (place, ledger, _), (other, same, _) in combinations(wide, 2):
            if ledger == same:
                yield f"{place} 和 {other} 都没有写 kinds，会重复计算同一台账，请写明各自的类别。"
        for place, ledger, without in wide:
            for (counted, word), where in places.items():
                if counted == ledger and not (isinstance(without, tuple) and word in without):
                    where.append(place)
        for (_, word), where in places.items():
            if len(where) > 1:
                yield f"“{word}”在 {'、'.join(where)} 重复计算，只能留一处。"
