"""Figures of service (志愿服务) and of work and standing (作用发挥): tasks, decisions, honours, pairs, posts, zones, metrics.

次数, 参与人次 (members, each time), 服务人次 (people served) and 参与率 never mix.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from partybuild_cli.records.honor import LEVEL
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.reports.figures import COUNT, Figure, counted, parted, share, summed
from partybuild_cli.rules import participation
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.rules.item import table
from partybuild_cli.values import Count
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import behind, period_of


def _count(row: Row, column: str) -> Count | None:
    """A count of a row with the qualifier that it was written with."""
    return None if row[column] is None else Count(row[column], row[f"{column}_qualifier"])


def service(facts: Facts) -> Iterator[Figure]:
    rows = [row for row in facts.once(participation.services) if facts.asks_of(row["branch_id"])]
    if not rows:
        return

    def note(row: Row) -> str:
        served, who = _count(row, "people_served"), "、".join(facts.shown(row["taken"]))
        return "；".join(filter(None, [row["kind"], who, f"服务{COUNT.text(served)}人次" if served else ""]))

    records = facts.named("service", rows, note)
    kinds = sorted({row["kind"] for row in rows})
    texts: list[str] = table("frequency")["service"]["kinds"]  # told even where there were none
    yield counted(facts, "service.count", records)
    shown = [*texts, *(kind for kind in kinds if kind not in texts)]
    yield from parted(facts, "service.count.*", [row["kind"] for row in rows], records, shown, least=0)
    people = [member for row in rows for member in row["taken"]]
    yield counted(facts, "service.turnout", records, len(people))
    yield counted(facts, "service.people", records, len({*people}))
    if others := [found for row in rows if (found := _count(row, "others")) is not None]:
        yield counted(facts, "service.volunteers", records, summed([Count(len(people), None), *others]))
    both = [*zip(rows, records, strict=True)]
    hours = [time for row in rows for time in row["taken"].values()]
    if worked := sum(filter(None, hours), Decimal(0)):
        unknown = f"；另有 {hours.count(None)} 人次没有记时长，未计入" if None in hours else ""
        timed = [record for row, record in both if {*row["taken"].values()} - {None}]
        yield counted(facts, "service.hours", timed, worked, more=unknown)
    for kind in (None, *kinds):
        served = [(record, _count(row, "people_served")) for row, record in both if kind in (None, row["kind"])]
        known = {record: count for record, count in served if count is not None}
        if known:
            id, words = ("service.people_served", {}) if kind is None else ("service.people_served.*", {"part": kind})
            yield counted(facts, id, [*known], summed(known.values()), **words)
    for kind in kinds:
        placed = [(row["place"], record) for row, record in both if row["kind"] == kind and row["place"]]
        if (places := len({at for at, _ in placed})) > 1:
            yield counted(facts, "service.places.*", [record for _, record in placed], places, part=kind)
    times = facts.once(participation.times_served)
    asked = {who.member: None for branch in facts.branches for who in facts.assessable(branch)}
    persons = [facts.person(who, f"参加 {times[who]} 次" if times[who] else "没有参加记录") for who in asked]
    yield from share(facts, "service.participation_rate", sum(times[who] > 0 for who in asked), len(asked), persons)


def figures(facts: Facts) -> Iterator[Figure]:
    yield from _tasks(facts)
    decisions = _mine(facts, "decision", facts.within("decision"))
    decided = facts.named("decision", decisions, lambda row: row["kind"])
    yield from _by_part(facts, "decision", decided, [row["kind"] for row in decisions])
    for key in ("consultations", "opinions", "adopted"):
        said = [(record, _count(row, key)) for row, record in zip(decisions, decided, strict=True)]
        if known := [(record, count) for record, count in said if count is not None]:
            total = summed(count for _, count in known)
            figure = counted(facts, f"decision.{key}", (), total if total.qualifier else total.value)
            noted = [replace(record, note=f"{COUNT.text(count)}{figure.unit}") for record, count in known]
            yield figure._replace(records=noted)
    honors = _mine(facts, "honor", participation.honors(facts), "winner")
    if records := facts.named("honor", honors, lambda row: f"{row['level']}，{row['winner']}"):
        yield from _by_part(facts, "honor", records, [row["level"] for row in honors], LEVEL.words)
        yield counted(facts, "honor.winners", records, len({row["winner"] for row in honors}))
        yield from parted(facts, "honor.title.*", [row["title"] for row in honors], records, least=2)
    pairs, pair = _mine(facts, "pairing", participation.pairs(facts), "giver"), "{kind}：{giver}—{receiver}".format_map
    if records := facts.named("pairing", pairs, participation.unvisited, pair):
        yield from _by_part(facts, "pairing", records, [row["kind"] for row in pairs])
        yield from share(facts, "pairing.visited_rate", sum(row["visited"] for row in pairs), len(pairs), records)
    posts = [row for row in participation.posts(facts) if facts.asks_of(row["branch_id"])]
    yield from _by_part(facts, "post", facts.named("post", posts, lambda row: facts.roster.shown(row["member_id"])))
    zones = [row for row in participation.zones(facts) if facts.asks_of(row["branch_id"])]
    if records := facts.named("zone", zones, lambda row: row["ward"]):
        yield counted(facts, "zone.count", records)
        wards = {ward for row in zones for ward in participation.words_of(row["ward"])}
        yield counted(facts, "zone.wards", records, len(wards))
    every = participation.in_force(facts, "cultivation", facts.bounds[0])
    trained = sorted((row for row in every if facts.asks_of(row["branch_id"])), key=lambda row: str(row["track"]))
    shown = facts.named("cultivation", trained, lambda row: row["result"])
    yield from parted(facts, "cultivation.count.*", [row["track"] for row in trained], shown)
    yield from _metrics(facts)


def _by_part(
    facts: Facts, ledger: str, records: list[Reference], parts: Sequence[str] = (), texts: Sequence[str] = ()
) -> Iterator[Figure]:
    """How many records of a ledger there are, where there are any, and how many of each part."""
    if records:
        yield counted(facts, f"{ledger}.count", records)
    if parts:
        yield from parted(facts, f"{ledger}.count.*", parts, records, texts)


def _mine(facts: Facts, ledger: str, found: list[Row], text: str = "") -> list[Row]:
    owners = facts.once(Owners)
    return [row for row in found if not facts.narrowed or owners.of(ledger, row, str(row[text]) if text else "")]


def _tasks(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds

    def told(row: Row) -> bool:
        """Of the period by any of its days; what goes on for ever while it does."""
        if row["due_on"] == "长期坚持" and (row["started_on"] or "") < end and (row["done_on"] or "~") >= start:
            return True
        return any(start <= (row[day] or "") < end for day in ("due_on", "started_on", "done_on"))

    found = _mine(facts, "task", facts.standing("task", filter(told, facts.every("task"))))
    if not found:
        return

    def state(row: Row) -> TaskState:
        """The state on the last day: what was done later had not been done yet."""
        done = row["done_on"] is not None and row["done_on"] < behind(facts.as_of)
        return task_state(row if done else {**row, "done_on": None}, facts.as_of)

    records = facts.named("task", found, lambda row: f"{row['area']}，{state(row)}")
    areas = [row["area"] for row in found]
    yield counted(facts, "task.areas", records, len(set(areas)))
    yield counted(facts, "task.items", records)
    yield from parted(facts, "task.area.*", areas, records)
    closed = sum(state(row) is TaskState.CLOSED for row in found)
    yield from share(facts, "task.closure_rate", closed, len(found), records)
    due = _mine(facts, "task", participation.tasks_due(facts))
    judged = facts.named("task", due, lambda row: "" if participation.closed_on_time(row, facts) else "没有按期销号")
    yield from share(facts, "task.on_time_rate", sum(not record.note for record in judged), len(due), judged)


def _metrics(facts: Facts) -> Iterator[Figure]:
    """The latest figure of each subject within the period; a share of its target where it is an amount."""
    within = []
    for row in _mine(facts, "metric", facts.every("metric"), "subject"):
        period = period_of(row["period"])
        if facts.period.first <= period.first and period.last <= facts.period.last:
            within.append((period.last, row["id"], row))
    latest = {(row["name"], row["subject"]): row for _, _, row in sorted(within, key=lambda found: found[:2])}
    subjects = Counter(name for name, _ in latest)
    for (name, subject), row in sorted(latest.items(), key=lambda found: found[0]):
        id = f"metric.{name}" if subjects[name] == 1 else f"metric.{name}.{subject}"
        sentence, unit, hedge = f"{subject}{name}", row["unit"] or "", row["actual_qualifier"]
        actual = Decimal(row["actual"]).scaleb(-4)
        value = Count(int(actual), hedge) if hedge else _plain(actual)
        said = COUNT.text(value) if isinstance(value, Count) else str(value)
        record = [Reference("metric", row["id"], row["period"], sentence, f"{said}{unit}")]
        yield Figure(id, sentence, value, unit, f"指标台账中{subject}{row['period']}的实际值", record)
        if row["target"] and unit not in ("", "%"):
            reached = (100 * actual / row["target"]).quantize(Decimal("0.1"), ROUND_HALF_UP)
            of = f"{said}/{_plain(row['target'])}"
            yield Figure(f"{id}.rate", f"{sentence}完成率", reached, "%", "实际值占目标值", record, of)


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == int(number) else number.normalize()
