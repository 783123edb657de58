"""Figures of work and standing (作用发挥): tasks, decisions, honours, pairs, posts, zones, measured figures."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from partybuild_cli.records.base.dated import home_on
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.reports.figures.figure import Figure, counted, rate, summed
from partybuild_cli.rules.deeds import closed_on_time, decisions, honors, pairs, posts, tasks_due, words_of, zones
from partybuild_cli.rules.facts import Facts, Owners, Row
from partybuild_cli.values.period import behind, period_of

_LEVELS = ("国家级", "省部级", "市厅级", "县级", "校级", "院级", "科级")


def figures(field: Facts) -> Iterator[Figure]:
    """Every figure of work that the records hold."""
    owners = field.owners
    yield from _tasks(field, owners)
    yield from _decisions(field, owners)
    yield from _honors(field, owners)
    yield from _pairs(field, owners)
    yield from _posts(field)
    yield from _zones(field, owners)
    yield from _cultivation(field)
    yield from _metrics(field, owners)


def _mine(field: Facts, ledger: str, found: list[Row], owners: Owners, text: str = "") -> list[Row]:
    """The records of the branch that is asked for, or all of them."""
    if not field.narrowed:
        return found
    return [row for row in found if owners.of(ledger, row["id"], text=str(row[text]) if text else "")]


def _tasks(field: Facts, owners: Owners) -> Iterator[Figure]:
    start, end = field.bounds
    within = " OR ".join(f"({day} >= ? AND {day} < ?)" for day in ("due_on", "started_on", "done_on"))
    standing = "(due_on = '长期坚持' AND (started_on IS NULL OR started_on < ?) AND (done_on IS NULL OR done_on >= ?))"
    sql = f"SELECT * FROM task WHERE {within} OR {standing} ORDER BY id"
    found = _mine(field, "task", field.rows(sql, *(start, end) * 3, end, start), owners)
    if not found:
        return
    states = Counter(_state_on(row, field.as_of) for row in found)
    areas = Counter(row["area"] for row in found)
    belongs = "时限、开始或完成时间在本期内的任务，以及长期坚持的"
    yield counted("task.areas", "任务方面", len(areas), "个", f"{belongs}，所属的不同方面", len(found))
    yield counted("task.items", "任务", len(found), "项", belongs)
    for area, count in areas.items():
        yield counted(f"task.area.{area}", area, count, "项", f"方面为“{area}”的任务")
    closed = states[TaskState.CLOSED]
    definition = f"到{field.as_of}已销号的，占全部任务；销号要有佐证和责任人以外的验收人"
    yield from rate("task.closure_rate", "销号率", closed, len(found), definition, len(found))
    due = _mine(field, "task", tasks_due(field), owners)
    punctual = sum(closed_on_time(row, field) for row in due)
    definition = "时限在本期内且已到期的任务中，按期销号的"
    yield from rate("task.on_time_rate", "按期销号率", punctual, len(due), definition, len(due))


def _state_on(row: Row, day: date) -> TaskState:
    """The state on a day: what was done later had not been done yet."""
    done = row["done_on"] is not None and row["done_on"] < behind(day)
    return task_state(row if done else {**row, "done_on": None}, day)


def _decisions(field: Facts, owners: Owners) -> Iterator[Figure]:
    found = _mine(field, "decision", decisions(field), owners)
    if not found:
        return
    yield counted("decision.count", "三重一大事项", len(found), "项", "会议日期在本期内的三重一大台账记录数")
    for kind, count in Counter(row["kind"] for row in found).items():
        yield counted(f"decision.count.{kind}", kind, count, "项", f"其中类别为“{kind}”的")
    for key, name, unit in (
        ("consultations", "论证", "场次"),
        ("opinions", "征求意见", "条"),
        ("adopted", "采纳意见", "条"),
    ):
        known = [(row[key], row[f"{key}_qualifier"]) for row in found if row[key] is not None]
        if known:
            definition = f"本期三重一大事项的{name}{unit}数合计"
            total = summed(known)
            yield Figure(
                f"decision.{key}", name, total if total.qualifier else total.value, unit, definition, len(known)
            )


def _honors(field: Facts, owners: Owners) -> Iterator[Figure]:
    found = _mine(field, "honor", honors(field), owners, "winner")
    if not found:
        return
    yield counted("honor.count", "荣誉", len(found), "项", "授予日期在本期内的荣誉台账记录数，一个获得者一项")
    levels = Counter(row["level"] for row in found)
    for level in _LEVELS:
        if levels[level]:
            yield counted(f"honor.count.{level}", f"{level}荣誉", levels[level], "项", f"其中级别为“{level}”的")
    winners = len({row["winner"] for row in found})
    yield counted("honor.winners", "获奖个人和集体", winners, "个", "本期不同的获得者，一个只计一次", len(found))
    for title, count in Counter(row["title"] for row in found).items():
        if count > 1:
            yield counted(f"honor.title.{title}", title, count, "个", f"本期获得“{title}”的")


def _pairs(field: Facts, owners: Owners) -> Iterator[Figure]:
    found = _mine(field, "pairing", pairs(field), owners, "giver")
    if not found:
        return
    yield counted("pairing.count", "结对", len(found), "对", "本期有效的结对帮带")
    for kind, count in Counter(row["kind"] for row in found).items():
        yield counted(f"pairing.count.{kind}", f"{kind}结对", count, "对", f"其中类型为“{kind}”的")
    visited = sum(bool(row["visited"]) for row in found)
    definition = "本期有走访或帮带记录的，占本期有效的结对"
    yield from rate("pairing.visited_rate", "结对走访率", visited, len(found), definition, len(found))


def _posts(field: Facts) -> Iterator[Figure]:
    here = {branch.number for branch in field.branches}
    found = [row for row in posts(field) if not field.narrowed or row["branch_id"] in here]
    if found:
        yield counted("post.count", "党员示范岗", len(found), "个", f"{field.as_of}在岗的党员示范岗")


def _zones(field: Facts, owners: Owners) -> Iterator[Figure]:
    here = {branch.number for branch in field.branches}
    found = [row for row in zones(field) if not field.narrowed or row["branch_id"] in here]
    if found:
        wards = {ward for row in found for ward in words_of(row["ward"])}
        yield counted("zone.count", "党员责任区", len(found), "个", "党员责任区台账的记录数")
        yield counted("zone.wards", "责任区覆盖病区", len(wards), "个", "责任区覆盖的不同病区", len(found))


def _cultivation(field: Facts) -> Iterator[Figure]:
    start, end = field.bounds
    sql = (
        "SELECT c.track, count(*) AS number FROM cultivation AS c WHERE (c.started_on IS NULL OR c.started_on < ?) AND (c.ended_on IS NULL OR c.ended_on >= ?)"
        f"{field.where_branch(home_on('c.member_id', _day(field)))} GROUP BY c.track ORDER BY c.track"
    )
    for row in field.rows(sql, end, start):
        track, count = row["track"], row["number"]
        yield counted(f"cultivation.count.{track}", f"{track}培养", count, "人", f"本期在“{track}”方向上培养的党员")


def _day(field: Facts) -> str:
    return f"'{field.as_of}'"


def _metrics(field: Facts, owners: Owners) -> Iterator[Figure]:
    """The latest figure of each subject within the period; a share of its target where it is an amount."""
    latest: dict[tuple[str, str], Row] = {}
    found = _mine(field, "metric", field.rows("SELECT * FROM metric ORDER BY id"), owners, "subject")
    for row in sorted((row for row in found if _inside(field, row["period"])), key=_ends):
        latest[row["name"], row["subject"]] = row
    subjects = Counter(name for name, _ in latest)
    for (name, subject), row in sorted(latest.items()):
        id = f"metric.{name}" if subjects[name] == 1 else f"metric.{name}.{subject}"
        told = f"{subject}{name}"
        actual = Decimal(row["actual"]).scaleb(-4)
        definition = f"指标台账中{subject}{row['period']}的实际值"
        yield Figure(id, told, _plain(actual), row["unit"] or "", definition, 1)
        if row["target"] and row["unit"] not in (None, "%"):
            target = Decimal(row["target"]).scaleb(-4)
            share = (100 * actual / target).quantize(Decimal("0.1"), ROUND_HALF_UP)
            of = f"{_plain(actual)}/{_plain(target)}"
            yield Figure(f"{id}.rate", f"{told}完成率", share, "%", "实际值占目标值", 1, of)


def _inside(field: Facts, label: str) -> bool:
    period = period_of(label)
    return field.period.first <= period.first and period.last <= field.period.last


def _ends(row: Row) -> date:
    return period_of(row["period"]).last


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == int(number) else number.normalize()
