"""Figures of work and standing (作用发挥): tasks, decisions, honours, pairs, posts, zones, measured figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from partybuild_cli.records.base.dated import home_on
from partybuild_cli.records.cultivation import Cultivation
from partybuild_cli.records.honor import LEVEL
from partybuild_cli.records.task import Task, TaskState, task_state
from partybuild_cli.reports.figures.figure import Figure, counted, share, summed
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.deeds import (
    closed_on_time,
    decisions,
    honors,
    pairs,
    posts,
    tasks_due,
    unvisited,
    words_of,
    zones,
)
from partybuild_cli.rules.facts import Facts, Row, references
from partybuild_cli.values import Count
from partybuild_cli.values.number import CountKind
from partybuild_cli.values.period import behind, period_of
from partybuild_cli.values.reference import Reference

_COUNT = CountKind()


def figures(facts: Facts) -> Iterator[Figure]:
    """Every figure of work that the records hold."""
    for group in (_tasks, _decisions, _honors, _pairs, _posts, _zones, _cultivation, _metrics):
        yield from group(facts)


def _mine(facts: Facts, ledger: str, found: list[Row], text: str = "") -> list[Row]:
    """The records of the branch that is asked for, or all of them."""
    if not facts.narrowed:
        return found
    return [
        row
        for row in found
        if facts.once(Owners).of(ledger, row["id"], text=str(row[text]) if text else "", branch=row.get("branch_id"))
    ]


def _here(facts: Facts, found: list[Row]) -> list[Row]:
    """The same of records that lie where a member does."""
    here = {branch.number for branch in facts.branches}
    return [row for row in found if not facts.narrowed or row["branch_id"] in here]


def _by(
    facts: Facts, id: str, found: list[Row], records: list[Reference], key: str, least: int = 1
) -> Iterator[Figure]:
    """How many there are of each value of a column, in the order in which they come."""
    groups: dict[str, list[Reference]] = {}
    for row, record in zip(found, records, strict=True):
        groups.setdefault(row[key], []).append(record)
    yield from (counted(facts, id, mine, part=part) for part, mine in groups.items() if len(mine) >= least)


def _tasks(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds
    within = " OR ".join(f"({day} >= ? AND {day} < ?)" for day in ("due_on", "started_on", "done_on"))
    always = "(due_on = '长期坚持' AND (started_on IS NULL OR started_on < ?) AND (done_on IS NULL OR done_on >= ?))"
    sql = f"SELECT * FROM task WHERE {within} OR {always} ORDER BY id"
    found = _mine(facts, "task", facts.standing(Task, facts.rows(sql, *(start, end) * 3, end, start)))
    if not found:
        return

    def state(row: Row) -> TaskState:
        """The state on the last day: what was done later had not been done yet."""
        done = row["done_on"] is not None and row["done_on"] < behind(facts.as_of)
        return task_state(row if done else {**row, "done_on": None}, facts.as_of)

    records = references("task", found, "due_on", "item", lambda row: f"{row['area']}，{state(row)}")
    yield counted(facts, "task.areas", records, len({row["area"] for row in found}))
    yield counted(facts, "task.items", records)
    yield from _by(facts, "task.area.*", found, records, "area")
    closed = sum(state(row) is TaskState.CLOSED for row in found)
    yield from share(facts, "task.closure_rate", closed, len(found), records)
    due = _mine(facts, "task", tasks_due(facts))
    punctual = {row["id"] for row in due if closed_on_time(row, facts)}
    judged = references("task", due, "due_on", "item", lambda row: "" if row["id"] in punctual else "没有按期销号")
    yield from share(facts, "task.on_time_rate", len(punctual), len(due), judged)


def _decisions(facts: Facts) -> Iterator[Figure]:
    found = _mine(facts, "decision", decisions(facts))
    if not found:
        return
    records = references("decision", found, "met_on", "item", lambda row: row["kind"])
    yield counted(facts, "decision.count", records)
    yield from _by(facts, "decision.count.*", found, records, "kind")
    for key in ("consultations", "opinions", "adopted"):
        known = {row["id"]: Count(row[key], row[f"{key}_qualifier"]) for row in found if row[key] is not None}
        if known:
            total = summed((one.value, one.qualifier) for one in known.values())
            figure = counted(facts, f"decision.{key}", (), total if total.qualifier else total.value)
            yield replace(
                figure,
                records=[
                    replace(record, note=f"{_COUNT.text(known[record.id])}{figure.unit}")
                    for record in records
                    if record.id in known
                ],
            )


def _honors(facts: Facts) -> Iterator[Figure]:
    found = _mine(facts, "honor", honors(facts), "winner")
    if not found:
        return

    def records(found: list[Row]) -> list[Reference]:
        return references("honor", found, "awarded_on", "title", lambda row: f"{row['level']}，{row['winner']}")

    yield counted(facts, "honor.count", records(found))
    for level in LEVEL.words:
        if mine := [row for row in found if row["level"] == level]:
            yield counted(facts, "honor.count.*", records(mine), part=level)
    yield counted(facts, "honor.winners", records(found), len({row["winner"] for row in found}))
    yield from _by(facts, "honor.title.*", found, records(found), "title", least=2)


def _pairs(facts: Facts) -> Iterator[Figure]:
    if found := _mine(facts, "pairing", pairs(facts), "giver"):

        def title(row: Row) -> str:
            return f"{row['kind']}：{row['giver']}—{row['receiver']}"

        records = references("pairing", found, "started_on", title, unvisited)
        yield counted(facts, "pairing.count", records)
        yield from _by(facts, "pairing.count.*", found, records, "kind")
        visited = sum(bool(row["visited"]) for row in found)
        yield from share(facts, "pairing.visited_rate", visited, len(found), records)


def _posts(facts: Facts) -> Iterator[Figure]:
    if found := _here(facts, posts(facts)):
        records = references("post", found, "set_on", "place", lambda row: facts.roster.shown(row["member_id"]))
        yield counted(facts, "post.count", records)


def _zones(facts: Facts) -> Iterator[Figure]:
    if found := _here(facts, zones(facts)):
        records = references("zone", found, "", "name", lambda row: row["ward"])
        yield counted(facts, "zone.count", records)
        yield counted(facts, "zone.wards", records, len({ward for row in found for ward in words_of(row["ward"])}))


def _cultivation(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds
    there = facts.where_branch(home_on("c.member_id", f"'{facts.as_of}'"))
    sql = (
        "SELECT c.id, c.member_id, c.track, c.started_on, c.result FROM cultivation AS c WHERE"
        f" (c.started_on IS NULL OR c.started_on < ?) AND (c.ended_on IS NULL OR c.ended_on >= ?){there} ORDER BY c.track, c.id"
    )
    found = facts.standing(Cultivation, facts.rows(sql, end, start))
    records = references(
        "cultivation", found, "started_on", lambda row: facts.roster.shown(row["member_id"]), lambda row: row["result"]
    )
    yield from _by(facts, "cultivation.count.*", found, records, "track")


def _metrics(facts: Facts) -> Iterator[Figure]:
    """The latest figure of each subject within the period; a share of its target where it is an amount."""
    latest: dict[tuple[str, str], Row] = {}
    within = {}
    for row in _mine(facts, "metric", facts.rows("SELECT * FROM metric ORDER BY id"), "subject"):
        period = period_of(row["period"])
        if facts.period.first <= period.first and period.last <= facts.period.last:
            within[row["id"]] = (period.last, row)
    for _, row in sorted(within.values(), key=lambda one: one[0]):
        latest[row["name"], row["subject"]] = row
    subjects = Counter(name for name, _ in latest)
    for (name, subject), row in sorted(latest.items()):
        id = f"metric.{name}" if subjects[name] == 1 else f"metric.{name}.{subject}"
        told, unit, actual = f"{subject}{name}", row["unit"] or "", Decimal(row["actual"]).scaleb(-4)
        hedge = row["actual_qualifier"]
        value = Count(int(actual), hedge) if hedge else _plain(actual)
        said = _COUNT.text(value) if isinstance(value, Count) else str(value)
        record = [Reference("metric", row["id"], row["period"], told, f"{said}{unit}")]
        yield Figure(id, told, value, unit, f"指标台账中{subject}{row['period']}的实际值", record)
        if row["target"] and unit not in ("", "%"):
            target = Decimal(row["target"]).scaleb(-4)
            reached = (100 * actual / target).quantize(Decimal("0.1"), ROUND_HALF_UP)
            of = f"{said}/{_plain(target)}"
            yield Figure(f"{id}.rate", f"{told}完成率", reached, "%", "实际值占目标值", record, of)


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == int(number) else number.normalize()
