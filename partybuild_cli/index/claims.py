"""What each place of a scheme counts of which ledger, and what two places would both count (一事不两计)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from partybuild_cli.index.catalogue import MeasureFacts
from partybuild_cli.index.scheme import Adjustment, Indicator, Scheme


class Claim(NamedTuple):
    """The words of a ledger that one place of the scheme counts; `all_but` counts every word but those."""

    place: str
    ledger: str
    words: tuple[str, ...]
    all_but: tuple[str, ...] | None = None


def double_counting(scheme: Scheme, known: Mapping[str, MeasureFacts]) -> Iterator[str]:
    """Words that two places count, under any profile; a finding names the places."""
    for indicators in (scheme.indicators, *(profile.indicators for profile in scheme.profiles)):
        claims = [claim for one in indicators for claim in _of_indicator(one, known)]
        claims += _of_adjustments(scheme, known)
        claims.append(Claim("一票否决", "conduct", scheme.veto))
        yield from _clashes(claims)


def conduct_words(scheme: Scheme, known: Mapping[str, MeasureFacts]) -> tuple[str, ...]:
    """The words that 事项 of the conduct ledger (加分扣分台账) may have under this scheme."""
    claims = [claim for one in scheme.indicators for claim in _of_indicator(one, known)]
    claims += _of_adjustments(scheme, known)
    words = [word for claim in claims if claim.ledger == "conduct" for word in claim.words]
    return tuple(dict.fromkeys((*words, *scheme.veto)))


def _of_indicator(one: Indicator, known: Mapping[str, MeasureFacts]) -> list[Claim]:
    without = one.options.get("without", ())
    return _claims(f"指标 {one.id}", known.get(one.measure), one.kinds, tuple(one.each), without)


def _of_adjustments(scheme: Scheme, known: Mapping[str, MeasureFacts]) -> list[Claim]:
    items = [("加分项", item) for item in scheme.bonus.items] + [("扣分项", item) for item in scheme.deduction.items]
    return [claim for title, item in items if item.enabled for claim in _of_adjustment(title, item, known)]


def _of_adjustment(title: str, item: Adjustment, known: Mapping[str, MeasureFacts]) -> list[Claim]:
    return _claims(f"{title}“{item.name}”", known.get(item.measure), item.kinds, (*item.each, *item.ranges), ())


def _claims(
    place: str, facts: MeasureFacts | None, kinds: tuple[str, ...], priced: tuple[str, ...], without: object
) -> list[Claim]:
    if facts is None or facts.ledger is None:
        return []
    if facts.claimed_by == "each":
        return [Claim(place, facts.ledger, priced)]
    if kinds:
        return [Claim(place, facts.ledger, kinds)]
    return [Claim(place, facts.ledger, (), without if isinstance(without, tuple) else ())]


def _clashes(claims: list[Claim]) -> Iterator[str]:
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


def _wide_clashes(claim: Claim, claims: list[Claim]) -> Iterator[str]:
    """Two places that both count a whole ledger."""
    for other in claims:
        if other.all_but is not None and other.ledger == claim.ledger and other.place > claim.place:
            yield f"{claim.place} 和 {other.place} 都没有写 kinds，会重复计算同一台账，请写明各自的类别。"
