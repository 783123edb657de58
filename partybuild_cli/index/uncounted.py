"""What of the records could not be counted, and why (未能计入的记录). Nothing is left out in silence."""

from collections.abc import Iterator
from fractions import Fraction

from partybuild_cli.index.collect import Query
from partybuild_cli.index.measures import MEASURES
from partybuild_cli.index.measures.declare import SCALE, Source
from partybuild_cli.index.measures.meetings import STUDIES
from partybuild_cli.index.measures.works import HONORS, NOTED, SERVICES
from partybuild_cli.index.numbers import plain
from partybuild_cli.index.participants import Rows
from partybuild_cli.index.scheme import Scheme


def uncounted(query: Query, scheme: Scheme) -> list[str]:
    """A sentence for every kind of record that the scheme could not count, naming the first few."""
    return [*_matters(query, scheme), *_incomplete(query, scheme)]


def _found(query: Query, source: Source, columns: str, where: str = "1 = 1", **values: object) -> Rows:
    """Records of a source in the order of their numbers, each with the member's name; of two branches one."""
    name = "(SELECT name FROM member WHERE id = s.member_id) AS name"
    return query.rows(source, f"DISTINCT t.id, {name}, {columns}", f" AND {where} ORDER BY t.id", **values)


def _matters(query: Query, scheme: Scheme) -> list[str]:
    """事项 of the conduct ledger that no scheme knows, that lack points or whose points do not count, and open vetoes."""
    columns = "t.kind, t.happened_on, t.points, coalesce(t.times, 1) AS times, t.basis, t.decided_on, t.decided_by"
    lines = [line for line in scheme.lines if MEASURES[line.measure].ledger == "conduct"]
    items = [*scheme.bonus.items, *scheme.deduction.items]
    known = set(scheme.veto)
    for line in lines:
        known.update(line.words if MEASURES[line.measure].by_words else line.kinds)
    ranges = {word: ends for item in items for word, ends in item.ranges.items()}
    prices = {word: price for item in items if item.enabled and item in lines for word, price in item.each.items()}
    unknown, unpriced, priced, vetoes = [], [], [], []
    for one in _found(query, NOTED, columns):
        where = f"加分扣分台账编号 {one.id}：{one.name} {one.happened_on} 的"
        if one.kind not in known:
            unknown.append(f"{where}事项“{one.kind}”方案中没有，没有计入；请改成方案中的事项，或在方案中增加这一项。")
        if one.kind in ranges:
            low, high = ranges[one.kind]
            if one.points is None or not low * SCALE <= one.points <= high * SCALE:
                said = f"“{one.kind}”没有写分值，或不在 {low} 到 {high} 分之间，没有计入；请补填分值。"
                unpriced.append(where + said)
        price = prices.get(one.kind)  # a deduction may bear a minus
        if price and one.points is not None and abs(one.points) not in (price * SCALE, price * SCALE * one.times):
            said = f"“{one.kind}”写了 {plain(Fraction(one.points, SCALE))} 分，方案定为每件 {price} 分，按方案计分；"
            priced.append(f"{where}{said}要由组织给分，请在方案中写成 ranges。")
        if one.kind in scheme.veto and None in (one.basis, one.decided_on, one.decided_by):
            vetoes.append(
                f"加分扣分台账编号 {one.id}：{one.name}的一票否决事项“{one.kind}”缺少依据、认定日期或认定人，没有执行；请补齐。"
            )
    return [*unknown, *unpriced, *priced, *vetoes]


def _incomplete(query: Query, scheme: Scheme) -> Iterator[str]:
    """Honours and studies without 类别, services without 时长."""
    if any(line.measure == "honors" for line in scheme.lines):
        for one in _found(query, HONORS, "t.title", "t.field IS NULL"):
            lacking = "没有写类别，不知道计入业绩还是加分，没有计入；请补填类别。"
            yield f"荣誉台账编号 {one.id}：{one.name}的“{one.title}”{lacking}"
    for line in scheme.indicators:
        if line.measure == "service" and "session_hours" in line.options:
            where = "coalesce(a.hours, t.hours) IS NULL AND (:any_kind = 1 OR t.kind IN :kinds)"
            people: dict[tuple[int, str], list[str]] = {}
            for one in _found(query, SERVICES, "t.title", where, any_kind=int(not line.kinds), kinds=line.kinds):
                people.setdefault((one.id, one.title), []).append(one.name)
            for (number, title), names in people.items():
                few = "、".join(names[:5]) + (f"等 {len(names)} 人" if len(names) > 5 else "")
                lacking = f"没有写时长，{few}的{line.name}没有计入；请补填时长。"
                yield f"志愿服务台账编号 {number}“{title}”{lacking}"
    asked = any(line.measure == "study_hours" and line.kinds for line in scheme.indicators)
    if asked and (found := _found(query, STUDIES, "t.topic", "t.kind IS NULL")):
        said = f"学习学时台账有 {len(found)} 条没有写类别（编号 {found[0].id} 等），按集中学习计入学时"
        yield f"{said}；属于网络自学的请补填类别。"
