"""Does one indicator, bonus or deduction item of a scheme hold together? (指标与加分扣分项的检查)"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from partybuild_cli.index.catalogue import ANY_KIND, RULES_OF_SHAPE, MeasureFacts
from partybuild_cli.index.rules import RULES
from partybuild_cli.index.scheme import Adjustment, Adjustments, Indicator, Option

FULL = 100
PARAMETERS = {
    "ratio": ("target", "target_by_post"),
    "share": (),
    "each": ("each",),
    "step": ("steps",),
    "flag": (),
    "minus": ("per",),
}
FORMS = {"flag": bool, "number": Decimal, "count": Decimal, "text": str, "words": tuple}
FORM_NAMES = {
    "flag": "true 或 false",
    "number": "数字",
    "count": "不小于 1 的整数",
    "text": "文字",
    "words": "一组文字",
}
NEEDED = {"ratio": "target", "each": "each", "step": "steps", "minus": "per"}


def check_indicator(one: Indicator, known: Mapping[str, MeasureFacts]) -> Iterator[str]:
    """What is wrong with one indicator by itself: its rule, the rule's parameters, its measure."""
    yield from _rule(one)
    yield from _measure(one, known)


def _rule(one: Indicator) -> Iterator[str]:
    if one.rule not in RULES:
        yield f"指标 {one.id} 的规则“{one.rule}”不认识，可用的有：{'、'.join(RULES)}。"
        return
    for key in ("target", "target_by_post", "each", "steps", "per"):
        value = getattr(one, key)
        if key not in PARAMETERS[one.rule] and value not in (None, {}, ()):
            yield f"指标 {one.id} 的规则 {one.rule} 用不到 {key}，请删去或换规则。"
    needed = NEEDED.get(one.rule)
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


def _measure(one: Indicator, known: Mapping[str, MeasureFacts]) -> Iterator[str]:
    where = f"指标 {one.id} "
    facts = known.get(one.measure)
    if facts is None:
        yield f"{where}的数据项“{one.measure}”不认识，可用的有：{'、'.join(known)}。"
        return
    if one.rule in RULES and one.rule not in RULES_OF_SHAPE[facts.shape]:
        fitting = "、".join(RULES_OF_SHAPE[facts.shape])
        yield f"{where}的数据项 {one.measure} 不能用规则 {one.rule}，只能用 {fitting}。"
    yield from _options(where, one, facts)
    yield from _kinds(where, facts, one.kinds)
    yield from _words(where, facts, tuple(one.each))


def _options(where: str, one: Indicator, facts: MeasureFacts) -> Iterator[str]:
    known = {option.name: option for option in facts.options}
    for name, value in one.options.items():
        if name not in known:
            yield f"{where}的数据项 {one.measure} 没有选项“{name}”。"
        elif not _is_of(known[name].form, value):
            yield f"{where}的选项“{name}”应当是{FORM_NAMES[known[name].form]}。"
    for option in facts.options:
        if option.needed and option.name not in one.options:
            yield f"{where}的数据项 {one.measure} 缺少选项“{option.name}”（{FORM_NAMES[option.form]}）。"


def _is_of(form: str, value: Option) -> bool:
    """Whether an option is of its form; a count such as months is whole, or part of it would be dropped."""
    whole = not isinstance(value, Decimal) or (value >= 1 and value == int(value))
    return isinstance(value, FORMS[form]) and (form != "count" or whole)


def _kinds(where: str, facts: MeasureFacts, kinds: tuple[str, ...]) -> Iterator[str]:
    """A kind that the ledger does not know would quietly count nothing."""
    if kinds and not facts.kinds:
        yield f"{where}的数据项 {facts.name} 用不到 kinds，请删去。"
    for word in kinds if facts.kinds not in ((), ANY_KIND) else ():
        if word not in facts.kinds:
            yield f"{where}的 kinds 里的“{word}”不是台账里的类别，可用的有：{'、'.join(facts.kinds)}。"


def _words(where: str, facts: MeasureFacts, words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        if facts.yields and word not in facts.yields:
            yield f"{where}的“{word}”数据项 {facts.name} 不会给出，可用的有：{'、'.join(facts.yields)}。"


def check_adjustments(title: str, settings: Adjustments, known: Mapping[str, MeasureFacts]) -> Iterator[str]:
    if settings.cap > FULL:
        yield f"{title}上限 {settings.cap} 超过 100。"
    for item in settings.items:
        yield from _adjustment(f"{title}项“{item.name}”", item, known)


def _adjustment(where: str, item: Adjustment, known: Mapping[str, MeasureFacts]) -> Iterator[str]:
    facts = known.get(item.measure)
    if facts is None:
        yield f"{where}的数据项“{item.measure}”不认识，可用的有：{'、'.join(known)}。"
        return
    if facts.shape != "items":
        yield f"{where}的数据项 {item.measure} 不按事项计数，不能用于加分扣分。"
    if not item.each and not item.ranges:
        yield f"{where}没有写分值（each 或 ranges）。"
    if any(not price for price in item.each.values()):
        yield f"{where}里有 0 分的事项，请删去或改正。"
    for word, (low, high) in item.ranges.items():
        if low >= high or word in item.each:
            yield f"{where}的“{word}”应当写成从低到高的范围，且不能同时写在 each 里。"
        if facts.name != "conduct":
            yield f"{where}的“{word}”写了分值范围，只有数据项 conduct 可以由组织在范围内给分。"
    yield from _kinds(where, facts, item.kinds)
    yield from _words(where, facts, (*item.each, *item.ranges))
