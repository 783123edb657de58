"""Figures of service (志愿服务): 次数, 参与人次 (members, each time), 服务人次 (people served) and 参与率 never mix."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from partybuild_cli.reports.figures.figure import Figure, counted, rate, summed
from partybuild_cli.rules.deeds import participants
from partybuild_cli.rules.facts import Facts
from partybuild_cli.values import Count

#: The kinds that are told even where there were none (义诊 讲座 保障 走访).
_TOLD = ("义诊", "健康讲座", "医疗保障", "上门走访")


def figures(field: Facts) -> Iterator[Figure]:
    """Every figure of service; none where no service is recorded."""
    branch = field.where_branch("s.branch_id")
    where = f"FROM service AS s WHERE s.held_on >= ? AND s.held_on < ?{branch}"
    kinds: dict[str, int] = dict(
        field.connection.exec_driver_sql(f"SELECT s.kind, count(*) {where} GROUP BY s.kind", field.bounds).all()
    )
    total = sum(kinds.values())
    if not total:
        return
    yield counted("service.count", "志愿服务", total, "次", "本期志愿服务台账的记录数")
    for kind in (*_TOLD, *sorted(set(kinds) - set(_TOLD))):
        definition = f"本期志愿服务台账中类别为“{kind}”的记录数"
        yield counted(f"service.count.{kind}", kind, kinds.get(kind, 0), "次", definition)
    yield from _turnout(field, where, total)
    yield from _people_served(field, where)
    yield from _places(field, where)
    yield from _participation(field, total)


def _turnout(field: Facts, where: str, total: int) -> Iterator[Figure]:
    sql = (
        "SELECT count(*), count(DISTINCT p.member_id), coalesce(sum(coalesce(p.hours, s.hours)), 0),"
        " count(coalesce(p.hours, s.hours)), count(DISTINCT CASE WHEN coalesce(p.hours, s.hours) >= 0 THEN s.id END)"
        f" {where.replace('FROM service AS s', 'FROM service AS s JOIN participation AS p ON p.service_id = s.id')}"
    )
    turnout, people, hours, timed, records = field.connection.exec_driver_sql(sql, field.bounds).one()
    yield counted("service.turnout", "参与人次", turnout, "人次", "党员参加服务的人次，一人参加几次计几次", total)
    yield counted("service.people", "参与党员", people, "人", "至少参加一次服务的党员，一人只计一次", total)
    others = _hedged(field, "others", where)
    if others:
        joined = summed([(turnout, None), *((one.value, one.qualifier) for one in others.values())])
        definition = "党员参与人次加上非党员志愿者人数（其他人数）"
        yield Figure("service.volunteers", "志愿者人次", joined, "人次", definition, total)
    if hours:
        unknown = f"；另有 {turnout - timed} 人次没有记时长，未计入" if turnout > timed else ""
        definition = f"参与党员的服务时长合计；本人未另记时长的，按活动时长{unknown}"
        yield Figure("service.hours", "服务时长", Decimal(hours).scaleb(-4), "小时", definition, records)


def _people_served(field: Facts, where: str) -> Iterator[Figure]:
    by_kind = _hedged(field, "people_served", where)
    if not by_kind:
        return
    whole = summed((one.value, one.qualifier) for one in by_kind.values())
    known = _known(field, "people_served", where)
    definition = "本期填有服务人次的活动合计；原记录带“余、约、>”的，合计照样注明"
    yield Figure("service.people_served", "服务人次", whole, "人次", definition, sum(known.values()))
    for kind, one in by_kind.items():
        definition = f"本期“{kind}”活动的服务人次合计"
        yield Figure(f"service.people_served.{kind}", f"服务人次（{kind}）", one, "人次", definition, known[kind])


def _hedged(field: Facts, column: str, where: str) -> dict[str, Count]:
    """Kind -> the sum of a count with its qualifier."""
    sql = (
        f"SELECT s.kind, s.{column}_qualifier, sum(s.{column}) {where} AND s.{column} IS NOT NULL"
        " GROUP BY s.kind, 2 ORDER BY s.kind"
    )
    parts: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for kind, qualifier, value in field.connection.exec_driver_sql(sql, field.bounds):
        parts[kind].append((value, qualifier))
    return {kind: summed(found) for kind, found in parts.items()}


def _known(field: Facts, column: str, where: str) -> dict[str, int]:
    sql = f"SELECT s.kind, count(s.{column}) {where} GROUP BY s.kind"
    return dict(field.connection.exec_driver_sql(sql, field.bounds).all())


def _places(field: Facts, where: str) -> Iterator[Figure]:
    """How many different places each kind reached (社区数)."""
    sql = f"SELECT s.kind, count(DISTINCT s.place), count(s.place) {where} GROUP BY s.kind ORDER BY s.kind"
    for kind, places, records in field.connection.exec_driver_sql(sql, field.bounds):
        if places > 1:
            definition = f"本期“{kind}”活动中不同的地点"
            yield counted(f"service.places.{kind}", f"{kind}地点", places, "个", definition, records)


def _participation(field: Facts, total: int) -> Iterator[Figure]:
    served = participants(field)
    asked = {seat.member for branch in field.branches for seat in field.assessable(branch.number)}
    took_part = asked & {member for found in served.values() for member in found}
    definition = f"本期至少参加一次服务的党员，占{field.as_of}应参加的党员（免考核的除外）"
    yield from rate("service.participation_rate", "参与率", len(took_part), len(asked), definition, total)
