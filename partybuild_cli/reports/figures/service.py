"""Figures of service (志愿服务): 次数, 参与人次 (members, each time), 服务人次 (people served) and 参与率 never mix."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from partybuild_cli.reports.figures.figure import Figure, counted, share, summed
from partybuild_cli.rules.deeds import participants, services
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.rules.item import table
from partybuild_cli.values import Count
from partybuild_cli.values.number import CountKind
from partybuild_cli.values.reference import Reference

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


def figures(facts: Facts) -> Iterator[Figure]:
    """Every figure of service; none where no service is recorded."""
    taken, here = _taken(facts), {branch.number for branch in facts.branches}
    rows = [row for row in services(facts) if not facts.narrowed or row["branch_id"] in here]
    every = [_service(facts, row, taken.get(row["id"], {})) for row in rows]
    if not every:
        return
    yield counted(facts, "service.count", _records(every))
    kinds = {one.row["kind"] for one in every}
    told: list[str] = table("frequency")["service"]["kinds"]  # told even where there were none
    for kind in (*told, *sorted(kinds - set(told))):
        yield counted(facts, "service.count.*", _records(_of(kind, every)), part=kind)
    yield from _turnout(facts, every)
    yield from _people_served(facts, every)
    for kind in sorted(kinds):
        placed = [one for one in _of(kind, every) if one.row["place"]]
        places = len({one.row["place"] for one in placed})
        if places > 1:
            yield counted(facts, "service.places.*", _records(placed), places, part=kind)
    yield from _participation(facts, Counter(member for hours in taken.values() for member in hours))


def _taken(facts: Facts) -> dict[int, dict[int, int | None]]:
    """Who took part in each service of the period, of whichever branch, and for how long."""
    sql = (
        "SELECT p.service_id, p.member_id, coalesce(p.hours, s.hours) FROM participation AS p"
        " JOIN service AS s ON s.id = p.service_id WHERE s.held_on >= ? AND s.held_on < ? ORDER BY 1, 2"
    )
    found: dict[int, dict[int, int | None]] = defaultdict(dict)
    for service, member, hours in facts.connection.exec_driver_sql(sql, facts.bounds):
        found[service][member] = hours
    return found


def _service(facts: Facts, row: Row, hours: dict[int, int | None]) -> _Service:
    made = _Service(row, hours, Reference("service", row["id"], row["held_on"], row["title"]))
    served = made.count("people_served")
    said = [row["kind"], "、".join(facts.shown(hours)), f"服务{_COUNT.text(served)}人次" if served is not None else ""]
    return _Service(row, hours, replace(made.record, note="；".join(filter(None, said))))


def _of(kind: str, every: Sequence[_Service]) -> list[_Service]:
    return [one for one in every if one.row["kind"] == kind]


def _records(found: Sequence[_Service]) -> list[Reference]:
    return [one.record for one in found]


def _turnout(facts: Facts, every: Sequence[_Service]) -> Iterator[Figure]:
    records = _records(every)
    turnout = sum(len(one.hours) for one in every)
    people = len({member for one in every for member in one.hours})
    yield counted(facts, "service.turnout", records, turnout)
    yield counted(facts, "service.people", records, people)
    others = [found for one in every if (found := one.count("others")) is not None]
    if others:
        joined = summed([(turnout, None), *((one.value, one.qualifier) for one in others)])
        yield counted(facts, "service.volunteers", records, joined)
    hours = [time for one in every for time in one.hours.values() if time is not None]
    if sum(hours):
        unknown = f"；另有 {turnout - len(hours)} 人次没有记时长，未计入" if turnout > len(hours) else ""
        timed = [one for one in every if any(time is not None for time in one.hours.values())]
        yield counted(facts, "service.hours", _records(timed), Decimal(sum(hours)).scaleb(-4), more=unknown)


def _people_served(facts: Facts, every: Sequence[_Service]) -> Iterator[Figure]:
    known = [one for one in every if one.count("people_served") is not None]
    if known:
        yield counted(facts, "service.people_served", _records(known), _served(known))
        for kind in sorted({one.row["kind"] for one in known}):
            mine = _of(kind, known)
            yield counted(facts, "service.people_served.*", _records(mine), _served(mine), part=kind)


def _served(known: Sequence[_Service]) -> Count:
    return summed((one.row["people_served"], one.row["people_served_qualifier"]) for one in known)


def _participation(facts: Facts, times: Counter[int]) -> Iterator[Figure]:
    took_part = {member for found in participants(facts).values() for member in found}
    asked = {seat.member: None for branch in facts.branches for seat in facts.assessable(branch)}
    records = [
        facts.person(member, f"参加 {times[member]} 次" if member in took_part else "没有参加记录") for member in asked
    ]
    done = sum(member in took_part for member in asked)
    yield from share(facts, "service.participation_rate", done, len(asked), records)
