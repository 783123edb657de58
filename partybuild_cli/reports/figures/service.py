"""Figures of service (志愿服务): 次数, 参与人次 (members, each time), 服务人次 (people served) and 参与率 never mix."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from partybuild_cli.reports.figures.figure import Figure, counted, share, summed
from partybuild_cli.rules.deeds import Service, services, times_served
from partybuild_cli.rules.facts import Facts
from partybuild_cli.rules.item import table
from partybuild_cli.values import Count
from partybuild_cli.values.number import CountKind
from partybuild_cli.values.reference import Reference

_COUNT = CountKind()


def figures(facts: Facts) -> Iterator[Figure]:
    """Every figure of service; none where no service is recorded."""
    here = {branch.number for branch in facts.branches}
    every = [one for one in facts.once(services) if not facts.narrowed or one.row["branch_id"] in here]
    if not every:
        return
    yield counted(facts, "service.count", _records(facts, every))
    kinds = {one.row["kind"] for one in every}
    told: list[str] = table("frequency")["service"]["kinds"]  # told even where there were none
    for kind in (*told, *sorted(kinds - set(told))):
        yield counted(facts, "service.count.*", _records(facts, _of(kind, every)), part=kind)
    yield from _turnout(facts, every)
    yield from _people_served(facts, every)
    for kind in sorted(kinds):
        placed = [one for one in _of(kind, every) if one.row["place"]]
        places = len({one.row["place"] for one in placed})
        if places > 1:
            yield counted(facts, "service.places.*", _records(facts, placed), places, part=kind)
    yield from _participation(facts)


def _of(kind: str, every: Sequence[Service]) -> list[Service]:
    return [one for one in every if one.row["kind"] == kind]


def _records(facts: Facts, found: Sequence[Service]) -> list[Reference]:
    return [
        Reference("service", one.row["id"], one.row["held_on"], one.row["title"], _note(facts, one)) for one in found
    ]


def _note(facts: Facts, one: Service) -> str:
    served = one.count("people_served")
    said = [one.row["kind"], "、".join(facts.shown(one.hours))]
    return "；".join(filter(None, [*said, "" if served is None else f"服务{_COUNT.text(served)}人次"]))


def _turnout(facts: Facts, every: Sequence[Service]) -> Iterator[Figure]:
    records = _records(facts, every)
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
        yield counted(facts, "service.hours", _records(facts, timed), Decimal(sum(hours)).scaleb(-4), more=unknown)


def _people_served(facts: Facts, every: Sequence[Service]) -> Iterator[Figure]:
    known = [one for one in every if one.count("people_served") is not None]
    if known:
        yield counted(facts, "service.people_served", _records(facts, known), _served(known))
        for kind in sorted({one.row["kind"] for one in known}):
            mine = _of(kind, known)
            yield counted(facts, "service.people_served.*", _records(facts, mine), _served(mine), part=kind)


def _served(known: Sequence[Service]) -> Count:
    return summed((one.row["people_served"], one.row["people_served_qualifier"]) for one in known)


def _participation(facts: Facts) -> Iterator[Figure]:
    times = facts.once(times_served)
    asked = {seat.member: None for branch in facts.branches for seat in facts.assessable(branch)}
    records = [facts.person(one, f"参加 {times[one]} 次" if times[one] else "没有参加记录") for one in asked]
    yield from share(facts, "service.participation_rate", sum(times[one] > 0 for one in asked), len(asked), records)
