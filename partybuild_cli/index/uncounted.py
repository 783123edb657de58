"""What of the records could not be counted, and why (未能计入的记录). Nothing is left out in silence."""

from collections.abc import Iterator
from fractions import Fraction

from partybuild_cli.index.collect import Query
from partybuild_cli.index.measures import MEASURES
from partybuild_cli.index.measures.conduct import NOTED
from partybuild_cli.index.measures.declare import SCALE, Source
from partybuild_cli.index.measures.meetings import STUDIES
from partybuild_cli.index.measures.works import HONORS, SERVICES
from partybuild_cli.index.numbers import plain
from partybuild_cli.index.participants import Rows
from partybuild_cli.index.scheme import Adjustment, Measurable, Scheme


def uncounted(query: Query, scheme: Scheme) -> list[str]:
    """A sentence for every kind of record that the scheme could not count, naming the first few."""
    noted = _found(
        query,
        NOTED,
        "t.kind, t.happened_on, t.points, coalesce(t.times, 1) AS times, t.basis, t.decided_on, t.decided_by",
    )
    return [
        *_unknown_matters(noted, scheme),
        *_out_of_range(noted, scheme),
        *_priced_by_the_scheme(noted, scheme),
        *_open_vetoes(noted, scheme),
        *_fieldless_honors(query, scheme),
        *_hourless_services(query, scheme),
        *_kindless_studies(query, scheme),
    ]


def _known_matters(scheme: Scheme) -> set[str]:
    """Every 事项 of the conduct ledger that the scheme knows, switched off or not."""
    words = set(scheme.veto)
    for one in _lines(scheme):
        measure = MEASURES[one.measure]
        if measure.ledger == "conduct":
            ranges = one.ranges if isinstance(one, Adjustment) else {}
            words |= {*one.each, *ranges} if measure.claimed_by == "each" else set(one.kinds)
    return words


def _lines(scheme: Scheme) -> Iterator[Measurable]:
    for indicators in (scheme.indicators, *(profile.indicators for profile in scheme.profiles)):
        yield from indicators
    yield from (*scheme.bonus.items, *scheme.deduction.items)


def _found(query: Query, source: Source, columns: str, where: str = "1 = 1", **values: object) -> Rows:
    """Records of a source in the order of their numbers, each with the member's name; of two branches one."""
    name = "(SELECT name FROM member WHERE id = s.member_id) AS name"
    return query.rows(source, f"DISTINCT t.id, {name}, {columns}", f" AND {where} ORDER BY t.id", **values)


def _unknown_matters(noted: Rows, scheme: Scheme) -> Iterator[str]:
    known = _known_matters(scheme)
    for one in noted:
        if one.kind not in known:
            yield (
                f"加分扣分台账编号 {one.id}：{one.name} {one.happened_on} 的事项“{one.kind}”方案中没有，没有计入；"
                "请改成方案中的事项，或在方案中增加这一项。"
            )


def _out_of_range(noted: Rows, scheme: Scheme) -> Iterator[str]:
    for item in (*scheme.bonus.items, *scheme.deduction.items):
        for word, (low, high) in item.ranges.items():
            for one in noted:
                if one.kind == word and not (one.points is not None and low * SCALE <= one.points <= high * SCALE):
                    yield (
                        f"加分扣分台账编号 {one.id}：{one.name} {one.happened_on} 的“{word}”没有写分值，"
                        f"或不在 {low} 到 {high} 分之间，没有计入；请补填分值。"
                    )


def _priced_by_the_scheme(noted: Rows, scheme: Scheme) -> Iterator[str]:
    """Points typed where the scheme has a fixed price: the price counts, and that is said; a deduction may bear a minus."""
    priced = [one for one in (*scheme.bonus.items, *scheme.deduction.items) if one.enabled]
    prices = {
        word: price for one in priced if MEASURES[one.measure].ledger == "conduct" for word, price in one.each.items()
    }
    for one in noted:
        price = prices.get(one.kind)
        if one.points is None or price is None:
            continue
        if abs(one.points) not in (price * SCALE, price * SCALE * one.times):
            yield (
                f"加分扣分台账编号 {one.id}：{one.name} {one.happened_on} 的“{one.kind}”写了"
                f" {plain(Fraction(one.points, SCALE))} 分，方案定为每件 {price} 分，按方案计分；"
                "要由组织给分，请在方案中写成 ranges。"
            )


def _open_vetoes(noted: Rows, scheme: Scheme) -> Iterator[str]:
    """A veto needs the document, the day and who decided (一票否决须有依据、认定日期和认定人)."""
    for one in noted:
        if one.kind in scheme.veto and None in (one.basis, one.decided_on, one.decided_by):
            yield (
                f"加分扣分台账编号 {one.id}：{one.name}的一票否决事项“{one.kind}”缺少依据、认定日期或认定人，"
                "没有执行；请补齐。"
            )


def _fieldless_honors(query: Query, scheme: Scheme) -> Iterator[str]:
    if any(one.measure == "honors" for one in _lines(scheme)):
        for one in _found(query, HONORS, "t.title", "t.field IS NULL"):
            yield (
                f"荣誉台账编号 {one.id}：{one.name}的“{one.title}”没有写类别，不知道计入业绩还是加分，"
                "没有计入；请补填类别。"
            )


def _hourless_services(query: Query, scheme: Scheme) -> Iterator[str]:
    for line in scheme.indicators:
        if line.measure == "service" and "session_hours" in line.options:
            where = "coalesce(a.hours, t.hours) IS NULL AND (:any_kind = 1 OR t.kind IN :kinds)"
            found = _found(query, SERVICES, "t.title", where, any_kind=int(not line.kinds), kinds=line.kinds)
            people: dict[tuple[int, str], list[str]] = {}
            for one in found:
                people.setdefault((one.id, one.title), []).append(one.name)
            for (number, title), names in people.items():
                yield (
                    f"志愿服务台账编号 {number}“{title}”没有写时长，{_few(names)}的{line.name}没有计入；请补填时长。"
                )


def _few(names: list[str]) -> str:
    return "、".join(names[:5]) + (f"等 {len(names)} 人" if len(names) > 5 else "")


def _kindless_studies(query: Query, scheme: Scheme) -> Iterator[str]:
    if any(one.measure == "study_hours" and one.kinds for one in scheme.indicators):
        found = _found(query, STUDIES, "t.topic", "t.kind IS NULL")
        if found:
            yield (
                f"学习学时台账有 {len(found)} 条没有写类别（编号 {found[0].id} 等），按集中学习计入学时；"
                "属于网络自学的请补填类别。"
            )
