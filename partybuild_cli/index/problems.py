"""What of the records could not be counted, and why (未能计入的记录). Nothing is left out in silence."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.catalogue import MEASURES
from partybuild_cli.index.exact import plain
from partybuild_cli.index.measures.conduct import conduct_source
from partybuild_cli.index.measures.learning import studies
from partybuild_cli.index.measures.source import SCALE, Source, one_of
from partybuild_cli.index.measures.works import honors_won, services
from partybuild_cli.index.scheme import Adjustment, Indicator, Scheme
from partybuild_cli.index.stays import Scope


def uncounted(connection: Connection, scope: Scope, scheme: Scheme) -> list[str]:
    """A sentence for every kind of record that the scheme could not count, naming the first few."""
    return [
        *_unknown_matters(connection, scope, scheme),
        *_out_of_range(connection, scope, scheme),
        *_priced_by_the_scheme(connection, scope, scheme),
        *_open_vetoes(connection, scope, scheme),
        *_fieldless_honors(connection, scope, scheme),
        *_hourless_services(connection, scope, scheme),
        *_kindless_studies(connection, scope, scheme),
    ]


def known_matters(scheme: Scheme) -> set[str]:
    """Every 事项 of the conduct ledger that the scheme knows, switched off or not."""
    words = set(scheme.veto)
    for one in _lines(scheme):
        facts = MEASURES[one.measure]
        if facts.ledger == "conduct":
            words |= {*one.each, *getattr(one, "ranges", {})} if facts.claimed_by == "each" else set(one.kinds)
    return words


def _lines(scheme: Scheme) -> Iterator[Indicator | Adjustment]:
    for indicators in (scheme.indicators, *(profile.indicators for profile in scheme.profiles)):
        yield from indicators
    yield from (*scheme.bonus.items, *scheme.deduction.items)


def _found(
    connection: Connection, scope: Scope, source: Source, columns: str, where: str, values: tuple[Any, ...] = ()
) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    name = "(SELECT name FROM member WHERE id = s.member_id)"
    for seat in scope.seats:
        sql = source.of(seat, f"DISTINCT t.id, {name}, {columns}", f" AND {where} ORDER BY t.id")
        found += [tuple(row) for row in connection.exec_driver_sql(sql, (*seat.values, *source.values, *values))]
    return found


def _unknown_matters(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    known = known_matters(scheme)
    found = _found(connection, scope, conduct_source(scope.quarter), "t.kind, t.happened_on", "1 = 1")
    for number, name, kind, day in found:
        if kind not in known:
            yield (
                f"加分扣分台账编号 {number}：{name} {day} 的事项“{kind}”方案中没有，没有计入；"
                "请改成方案中的事项，或在方案中增加这一项。"
            )


def _out_of_range(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    for item in (*scheme.bonus.items, *scheme.deduction.items):
        for word, (low, high) in item.ranges.items():
            where = "t.kind = ? AND (t.points IS NULL OR t.points < ? OR t.points > ?)"
            values = (word, int(low * SCALE), int(high * SCALE))
            for number, name, day in _found(
                connection, scope, conduct_source(scope.quarter), "t.happened_on", where, values
            ):
                yield (
                    f"加分扣分台账编号 {number}：{name} {day} 的“{word}”没有写分值，或不在 {low} 到 {high} 分之间，"
                    "没有计入；请补填分值。"
                )


def _priced_by_the_scheme(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    """Points typed where the scheme has a fixed price: the price counts, and that is said; a deduction may bear a minus."""
    if not _any(connection, scope, "conduct", "happened_on", "points", "IS NOT NULL"):
        return
    priced = [one for one in (*scheme.bonus.items, *scheme.deduction.items) if one.enabled]
    prices = {
        word: price for one in priced if MEASURES[one.measure].ledger == "conduct" for word, price in one.each.items()
    }
    columns = "t.kind, t.happened_on, t.points, coalesce(t.times, 1)"
    found = _found(connection, scope, conduct_source(scope.quarter), columns, "t.points IS NOT NULL")
    for number, name, kind, day, points, times in found:
        price = prices.get(kind)
        if price is not None and abs(points) not in (price * SCALE, price * SCALE * times):
            yield (
                f"加分扣分台账编号 {number}：{name} {day} 的“{kind}”写了 {plain(Fraction(points, SCALE))} 分，"
                f"方案定为每件 {price} 分，按方案计分；要由组织给分，请在方案中写成 ranges。"
            )


def _open_vetoes(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    """A veto needs the document, the day and who decided (一票否决须有依据、认定日期和认定人)."""
    if not scheme.veto:
        return
    where = (
        f"t.kind IN ({', '.join('?' * len(scheme.veto))})"
        " AND (t.basis IS NULL OR t.decided_on IS NULL OR t.decided_by IS NULL)"
    )
    for number, name, kind in _found(connection, scope, conduct_source(scope.quarter), "t.kind", where, scheme.veto):
        yield (f"加分扣分台账编号 {number}：{name}的一票否决事项“{kind}”缺少依据、认定日期或认定人，没有执行；请补齐。")


def _fieldless_honors(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    if any(one.measure == "honors" for one in _lines(scheme)):
        for number, name, title in _found(connection, scope, honors_won(scope.quarter), "t.title", "t.field IS NULL"):
            yield f"荣誉台账编号 {number}：{name}的“{title}”没有写类别，不知道计入业绩还是加分，没有计入；请补填类别。"


def _hourless_services(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    if not _any(connection, scope, "service", "held_on", "hours"):
        return
    for one in scheme.indicators:
        if one.measure == "service" and "session_hours" in one.options:
            kinds = one_of("t.kind", one.kinds) if one.kinds else "1 = 1"
            where = f"coalesce(a.hours, t.hours) IS NULL AND {kinds}"
            found = _found(connection, scope, services(scope.quarter), "t.title", where, one.kinds)
            for number, (names, title) in _by_number(found).items():
                yield f"志愿服务台账编号 {number}“{title}”没有写时长，{names}的{one.name}没有计入；请补填时长。"


def _any(connection: Connection, scope: Scope, ledger: str, day: str, column: str, condition: str = "IS NULL") -> bool:
    """Whether any record of the quarter lacks a value (or has one) at all; asked first, because mostly none does."""
    sql = f'SELECT 1 FROM "{ledger}" WHERE {day} >= ? AND {day} < ? AND {column} {condition} LIMIT 1'
    return connection.exec_driver_sql(sql, scope.quarter.bounds).first() is not None


def _by_number(found: list[tuple[Any, ...]]) -> dict[int, tuple[str, str]]:
    people: dict[int, list[str]] = {}
    titles: dict[int, str] = {}
    for number, name, title in found:
        people.setdefault(number, []).append(name)
        titles[number] = title
    return {number: (_few(names), titles[number]) for number, names in people.items()}


def _few(names: list[str]) -> str:
    return "、".join(names[:5]) + (f"等 {len(names)} 人" if len(names) > 5 else "")


def _kindless_studies(connection: Connection, scope: Scope, scheme: Scheme) -> Iterator[str]:
    wanted = any(one.measure == "study_hours" and one.kinds for one in scheme.indicators)
    if wanted and _any(connection, scope, "study", "studied_on", "kind"):
        found = _found(connection, scope, studies(scope.quarter), "t.topic", "t.kind IS NULL")
        if found:
            yield (
                f"学习学时台账有 {len(found)} 条没有写类别（编号 {found[0][0]} 等），按集中学习计入学时；"
                "属于网络自学的请补填类别。"
            )
