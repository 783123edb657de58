"""Figures of service (志愿服务): 次数, 参与人次 (members, each time), 服务人次 (people served) and 参与率 never mix."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from partybuild_cli.reports.figures.figure import Figure, counted, rate, summed
from partybuild_cli.rules.deeds import participants
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.values import Count
from partybuild_cli.values.number import CountKind
from partybuild_cli.values.reference import Reference

#: The kinds that are told even where there were none (义诊 讲座 保障 走访).
_TOLD = ("义诊", "健康讲座", "医疗保障", "上门走访")
_COLUMNS = "id, kind, held_on, title, place, hours, people_served, people_served_qualifier, others, others_qualifier"
_COUNT = CountKind()


@dataclass(frozen=True, slots=True)
class _Service:
    """One service: its row, the hours of each member who took part (None where nobody said), and its reference."""

    row: Row
    hours: dict[int, int | None]
    record: Reference

    def count(self, column: str) -> Count | None:
        """A count of its row with the qualifier that it was written with."""
        value = self.row[column]
        return None if value is None else Count(value, self.row[f"{column}_qualifier"])


def figures(field: Facts) -> Iterator[Figure]:
    """Every figure of service; none where no service is recorded."""
    taken = _taken(field)
    every = [_service(field, row, taken.get(row["id"], {})) for row in _rows(field)]
    if not every:
        return
    yield counted("service.count", "志愿服务", "次", "本期志愿服务台账的记录数", _records(every))
    kinds = {one.row["kind"] for one in every}
    for kind in (*_TOLD, *sorted(kinds - set(_TOLD))):
        definition = f"本期志愿服务台账中类别为“{kind}”的记录数"
        yield counted(f"service.count.{kind}", kind, "次", definition, _records(_of(kind, every)))
    yield from _turnout(every)
    yield from _people_served(every)
    for kind in sorted(kinds):
        placed = [one for one in _of(kind, every) if one.row["place"]]
        places = len({one.row["place"] for one in placed})
        if places > 1:
            definition = f"本期“{kind}”活动中不同的地点"
            yield counted(f"service.places.{kind}", f"{kind}地点", "个", definition, _records(placed), places)
    yield from _participation(field, Counter(member for hours in taken.values() for member in hours))


def _rows(field: Facts) -> list[Row]:
    where = f"held_on >= ? AND held_on < ?{field.where_branch('branch_id')}"
    return field.rows(f"SELECT {_COLUMNS} FROM service WHERE {where} ORDER BY held_on, id", *field.bounds)


def _taken(field: Facts) -> dict[int, dict[int, int | None]]:
    """Who took part in each service of the period, of whichever branch, and for how long."""
    sql = (
        "SELECT p.service_id, p.member_id, coalesce(p.hours, s.hours) FROM participation AS p"
        " JOIN service AS s ON s.id = p.service_id WHERE s.held_on >= ? AND s.held_on < ? ORDER BY 1, 2"
    )
    found: dict[int, dict[int, int | None]] = defaultdict(dict)
    for service, member, hours in field.connection.exec_driver_sql(sql, field.bounds):
        found[service][member] = hours
    return found


def _service(field: Facts, row: Row, hours: dict[int, int | None]) -> _Service:
    served = [] if row["people_served"] is None else [Count(row["people_served"], row["people_served_qualifier"])]
    said = [row["kind"], "、".join(field.shown(hours)), *(f"服务{_COUNT.text(one)}人次" for one in served)]
    record = Reference("service", row["id"], row["held_on"], row["title"], "；".join(filter(None, said)))
    return _Service(row, hours, record)


def _of(kind: str, every: Sequence[_Service]) -> list[_Service]:
    return [one for one in every if one.row["kind"] == kind]


def _records(found: Sequence[_Service]) -> list[Reference]:
    return [one.record for one in found]


def _turnout(every: Sequence[_Service]) -> Iterator[Figure]:
    records = _records(every)
    turnout = sum(len(one.hours) for one in every)
    people = len({member for one in every for member in one.hours})
    definition = "党员参加服务的人次，一人参加几次计几次"
    yield counted("service.turnout", "参与人次", "人次", definition, records, turnout)
    definition = "至少参加一次服务的党员，一人只计一次"
    yield counted("service.people", "参与党员", "人", definition, records, people)
    others = [found for one in every if (found := one.count("others")) is not None]
    if others:
        joined = summed([(turnout, None), *((one.value, one.qualifier) for one in others)])
        definition = "党员参与人次加上非党员志愿者人数（其他人数）"
        yield Figure("service.volunteers", "志愿者人次", joined, "人次", definition, records)
    hours = [time for one in every for time in one.hours.values() if time is not None]
    if sum(hours):
        unknown = f"；另有 {turnout - len(hours)} 人次没有记时长，未计入" if turnout > len(hours) else ""
        definition = f"参与党员的服务时长合计；本人未另记时长的，按活动时长{unknown}"
        timed = [one for one in every if any(time is not None for time in one.hours.values())]
        total = Decimal(sum(hours)).scaleb(-4)
        yield Figure("service.hours", "服务时长", total, "小时", definition, _records(timed))


def _people_served(every: Sequence[_Service]) -> Iterator[Figure]:
    known = [(one, found) for one in every if (found := one.count("people_served")) is not None]
    if not known:
        return
    definition = "本期填有服务人次的活动合计；原记录带“余、约、>”的，合计照样注明"
    yield _served("service.people_served", "服务人次", definition, known)
    for kind in sorted({one.row["kind"] for one, _ in known}):
        mine = [(one, found) for one, found in known if one.row["kind"] == kind]
        definition = f"本期“{kind}”活动的服务人次合计"
        yield _served(f"service.people_served.{kind}", f"服务人次（{kind}）", definition, mine)


def _served(id: str, name: str, definition: str, known: Sequence[tuple[_Service, Count]]) -> Figure:
    whole = summed((found.value, found.qualifier) for _, found in known)
    return Figure(id, name, whole, "人次", definition, [one.record for one, _ in known])


def _participation(field: Facts, times: Counter[int]) -> Iterator[Figure]:
    took_part = {member for found in participants(field).values() for member in found}
    asked = {seat.member: None for branch in field.branches for seat in field.assessable(branch)}
    definition = f"本期至少参加一次服务的党员，占{field.as_of}应参加的党员（免考核的除外）"
    records = [
        field.person(member, f"参加 {times[member]} 次" if member in took_part else "没有参加记录") for member in asked
    ]
    done = sum(member in took_part for member in asked)
    yield from rate("service.participation_rate", "参与率", done, len(asked), definition, records)
