"""Figures of service (志愿服务) and of work and standing (作用发挥): tasks, decisions, honours, pairs, posts, zones, metrics.

次数, 参与人次 (members, each time), 服务人次 (people served) and 参与率 never mix.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from partybuild_cli.records.cultivation import Cultivation
from partybuild_cli.records.honor import LEVEL
from partybuild_cli.records.metric import Metric
from partybuild_cli.records.task import Task, TaskState, task_state
from partybuild_cli.reports.figures import COUNT, Figure, counted, parted, share, summed
from partybuild_cli.rules import deeds
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.facts import Facts, Row, references
from partybuild_cli.rules.item import table
from partybuild_cli.values import Count
from partybuild_cli.values.period import behind, period_of
from partybuild_cli.values.reference import Reference


def service(facts: Facts) -> Iterator[Figure]:
    """Every figure of service; none where no service is recorded."""
    every = [service for service in facts.once(deeds.services) if facts.asks_of(service.row["branch_id"])]
    if not every:
        return
    records, rows = [_served(facts, service) for service in every], [service.row for service in every]
    kinds = sorted({row["kind"] for row in rows})
    told: list[str] = table("frequency")["service"]["kinds"]  # told even where there were none
    shown = [*told, *(kind for kind in kinds if kind not in told)]
    yield counted(facts, "service.count", records)
    yield from parted(facts, "service.count.*", [row["kind"] for row in rows], records, shown, least=0)
    yield from _turnout(facts, every, records)
    known = [(row, record) for row, record in zip(rows, records, strict=True) if row["people_served"] is not None]
    for kind in (None, *kinds):
        mine = [(row, record) for row, record in known if kind in (None, row["kind"])]
        if mine:
            total = summed((row["people_served"], row["people_served_qualifier"]) for row, _ in mine)
            id, words = ("service.people_served", {}) if kind is None else ("service.people_served.*", {"part": kind})
            yield counted(facts, id, [record for _, record in mine], total, **words)
    for kind in kinds:
        placed = [(row["place"], record) for row, record in zip(rows, records, strict=True) if row["kind"] == kind]
        there = [record for place, record in placed if place]
        if (places := len({place for place, _ in placed if place})) > 1:
            yield counted(facts, "service.places.*", there, places, part=kind)
    times = facts.once(deeds.times_served)
    asked = {seat.member: None for branch in facts.branches for seat in facts.assessable(branch)}
    persons = [facts.person(who, f"参加 {times[who]} 次" if times[who] else "没有参加记录") for who in asked]
    yield from share(facts, "service.participation_rate", sum(times[who] > 0 for who in asked), len(asked), persons)


def _served(facts: Facts, service: deeds.Turnout) -> Reference:
    served = service.count("people_served")
    said = [service.row["kind"], "、".join(facts.shown(service.hours)), served and f"服务{COUNT.text(served)}人次"]
    return Reference(
        "service", service.row["id"], service.row["held_on"], service.row["title"], "；".join(filter(None, said))
    )


def _turnout(facts: Facts, every: Sequence[deeds.Turnout], records: list[Reference]) -> Iterator[Figure]:
    turnout = sum(len(service.hours) for service in every)
    yield counted(facts, "service.turnout", records, turnout)
    yield counted(facts, "service.people", records, len({member for service in every for member in service.hours}))
    if others := [found for service in every if (found := service.count("others")) is not None]:
        joined = summed([(turnout, None), *((count.value, count.qualifier) for count in others)])
        yield counted(facts, "service.volunteers", records, joined)
    hours = [time for service in every for time in service.hours.values() if time is not None]
    if sum(hours):
        unknown = f"；另有 {turnout - len(hours)} 人次没有记时长，未计入" if turnout > len(hours) else ""
        timed = [any(time is not None for time in service.hours.values()) for service in every]
        behind = [record for record, is_timed in zip(records, timed, strict=True) if is_timed]
        yield counted(facts, "service.hours", behind, Decimal(sum(hours)).scaleb(-4), more=unknown)


def figures(facts: Facts) -> Iterator[Figure]:
    """Every figure of work that the records hold."""
    for group in (_tasks, _decisions, _honors, _pairs, _posts, _zones, _cultivation, _metrics):
        yield from group(facts)


def _mine(facts: Facts, ledger: str, found: list[Row], text: str = "") -> list[Row]:
    """The records of the branch that is asked for, or all of them."""
    if not facts.narrowed:
        return found
    return [row for row in found if facts.once(Owners).of(ledger, row, str(row[text]) if text else "")]


def _tasks(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds

    def told(row: Row) -> bool:
        """Of the period by any of its days; what goes on for ever while it does."""
        if row["due_on"] == "长期坚持" and (row["started_on"] or "") < end and (row["done_on"] or "~") >= start:
            return True
        return any(start <= (row[day] or "") < end for day in ("due_on", "started_on", "done_on"))

    every = [row for row in facts.every(Task) if told(row)]
    found = _mine(facts, "task", facts.standing(Task, every))
    if not found:
        return

    def state(row: Row) -> TaskState:
        """The state on the last day: what was done later had not been done yet."""
        done = row["done_on"] is not None and row["done_on"] < behind(facts.as_of)
        return task_state(row if done else {**row, "done_on": None}, facts.as_of)

    records = references("task", found, "due_on", "item", lambda row: f"{row['area']}，{state(row)}")
    areas = [row["area"] for row in found]
    yield counted(facts, "task.areas", records, len(set(areas)))
    yield counted(facts, "task.items", records)
    yield from parted(facts, "task.area.*", areas, records)
    closed = sum(state(row) is TaskState.CLOSED for row in found)
    yield from share(facts, "task.closure_rate", closed, len(found), records)
    due = _mine(facts, "task", deeds.tasks_due(facts))
    punctual = {row["id"] for row in due if deeds.closed_on_time(row, facts)}
    judged = references("task", due, "due_on", "item", lambda row: "" if row["id"] in punctual else "没有按期销号")
    yield from share(facts, "task.on_time_rate", len(punctual), len(due), judged)


def _decisions(facts: Facts) -> Iterator[Figure]:
    found = _mine(facts, "decision", deeds.decisions(facts))
    if not found:
        return
    records = references("decision", found, "met_on", "item", lambda row: row["kind"])
    yield counted(facts, "decision.count", records)
    yield from parted(facts, "decision.count.*", [row["kind"] for row in found], records)
    for key in ("consultations", "opinions", "adopted"):
        known = {row["id"]: Count(row[key], row[f"{key}_qualifier"]) for row in found if row[key] is not None}
        if known:
            total = summed((count.value, count.qualifier) for count in known.values())
            figure = counted(facts, f"decision.{key}", (), total if total.qualifier else total.value)
            said = {id: f"{COUNT.text(count)}{figure.unit}" for id, count in known.items()}
            yield replace(
                figure, records=[replace(record, note=said[record.id]) for record in records if record.id in said]
            )


def _honors(facts: Facts) -> Iterator[Figure]:
    if found := _mine(facts, "honor", deeds.honors(facts), "winner"):
        records = references("honor", found, "awarded_on", "title", lambda row: f"{row['level']}，{row['winner']}")
        yield counted(facts, "honor.count", records)
        yield from parted(facts, "honor.count.*", [row["level"] for row in found], records, LEVEL.words)
        yield counted(facts, "honor.winners", records, len({row["winner"] for row in found}))
        yield from parted(facts, "honor.title.*", [row["title"] for row in found], records, least=2)


def _pairs(facts: Facts) -> Iterator[Figure]:
    if found := _mine(facts, "pairing", deeds.pairs(facts), "giver"):

        def title(row: Row) -> str:
            return f"{row['kind']}：{row['giver']}—{row['receiver']}"

        records = references("pairing", found, "started_on", title, deeds.unvisited)
        yield counted(facts, "pairing.count", records)
        yield from parted(facts, "pairing.count.*", [row["kind"] for row in found], records)
        visited = sum(row["visited"] for row in found)
        yield from share(facts, "pairing.visited_rate", visited, len(found), records)


def _posts(facts: Facts) -> Iterator[Figure]:
    if found := [row for row in deeds.posts(facts) if facts.asks_of(row["branch_id"])]:
        records = references("post", found, "set_on", "place", lambda row: facts.roster.shown(row["member_id"]))
        yield counted(facts, "post.count", records)


def _zones(facts: Facts) -> Iterator[Figure]:
    if found := [row for row in deeds.zones(facts) if facts.asks_of(row["branch_id"])]:
        records = references("zone", found, "", "name", lambda row: row["ward"])
        wards = {ward for row in found for ward in deeds.words_of(row["ward"])}
        yield counted(facts, "zone.count", records)
        yield counted(facts, "zone.wards", records, len(wards))


def _cultivation(facts: Facts) -> Iterator[Figure]:
    every = deeds.in_force(facts, Cultivation, "ended_on", facts.bounds[0])
    found = [row for row in every if facts.asks_of(facts.home(row["member_id"]))]
    found.sort(key=lambda row: str(row["track"]))
    records = references(
        "cultivation", found, "started_on", lambda row: facts.roster.shown(row["member_id"]), lambda row: row["result"]
    )
    yield from parted(facts, "cultivation.count.*", [row["track"] for row in found], records)


def _metrics(facts: Facts) -> Iterator[Figure]:
    """The latest figure of each subject within the period; a share of its target where it is an amount."""
    within = []
    for row in _mine(facts, "metric", facts.every(Metric), "subject"):
        period = period_of(row["period"])
        if facts.period.first <= period.first and period.last <= facts.period.last:
            within.append((period.last, row["id"], row))
    latest = {(row["name"], row["subject"]): row for _, _, row in sorted(within, key=lambda found: found[:2])}
    subjects = Counter(name for name, _ in latest)
    for (name, subject), row in sorted(latest.items(), key=lambda found: found[0]):
        id = f"metric.{name}" if subjects[name] == 1 else f"metric.{name}.{subject}"
        told, unit, hedge = f"{subject}{name}", row["unit"] or "", row["actual_qualifier"]
        actual = Decimal(row["actual"]).scaleb(-4)
        value = Count(int(actual), hedge) if hedge else _plain(actual)
        said = COUNT.text(value) if isinstance(value, Count) else str(value)
        record = [Reference("metric", row["id"], row["period"], told, f"{said}{unit}")]
        yield Figure(id, told, value, unit, f"指标台账中{subject}{row['period']}的实际值", record)
        if row["target"] and unit not in ("", "%"):
            reached = (100 * actual / row["target"]).quantize(Decimal("0.1"), ROUND_HALF_UP)
            of = f"{said}/{_plain(row['target'])}"
            yield Figure(f"{id}.rate", f"{told}完成率", reached, "%", "实际值占目标值", record, of)


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == int(number) else number.normalize()
