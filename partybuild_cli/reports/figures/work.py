"""Figures of work and standing (作用发挥): tasks, decisions, honours, pairs, posts, zones, measured figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from partybuild_cli.records.base.dated import home_on
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.reports.figures.figure import Figure, counted, rate, summed
from partybuild_cli.rules.deeds import closed_on_time, decisions, honors, pairs, posts, tasks_due, words_of, zones
from partybuild_cli.rules.facts import Facts, Owners, Row, references
from partybuild_cli.values import Count
from partybuild_cli.values.number import CountKind
from partybuild_cli.values.period import behind, period_of
from partybuild_cli.values.reference import Reference

_LEVELS = ("国家级", "省部级", "市厅级", "县级", "校级", "院级", "科级")
_COUNT = CountKind()


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
    return [
        row
        for row in found
        if owners.of(ledger, row["id"], text=str(row[text]) if text else "", branch=row.get("branch_id"))
    ]


def _tasks(field: Facts, owners: Owners) -> Iterator[Figure]:
    start, end = field.bounds
    within = " OR ".join(f"({day} >= ? AND {day} < ?)" for day in ("due_on", "started_on", "done_on"))
    standing = "(due_on = '长期坚持' AND (started_on IS NULL OR started_on < ?) AND (done_on IS NULL OR done_on >= ?))"
    sql = f"SELECT * FROM task WHERE {within} OR {standing} ORDER BY id"
    found = _mine(field, "task", field.rows(sql, *(start, end) * 3, end, start), owners)
    if not found:
        return
    states = {row["id"]: _state_on(row, field.as_of) for row in found}
    records = references("task", found, "due_on", "item", lambda row: f"{row['area']}，{states[row['id']]}")
    belongs = "时限、开始或完成时间在本期内的任务，以及长期坚持的"
    areas = dict.fromkeys(row["area"] for row in found)
    yield counted("task.areas", "任务方面", "个", f"{belongs}，所属的不同方面", records, len(areas))
    yield counted("task.items", "任务", "项", belongs, records)
    for area in areas:
        mine = [record for record, row in zip(records, found, strict=True) if row["area"] == area]
        yield counted(f"task.area.{area}", area, "项", f"方面为“{area}”的任务", mine)
    closed = sum(state is TaskState.CLOSED for state in states.values())
    definition = f"到{field.as_of}已销号的，占全部任务；销号要有佐证和责任人以外的验收人"
    yield from rate("task.closure_rate", "销号率", closed, len(found), definition, records)
    due = _mine(field, "task", tasks_due(field), owners)
    punctual = {row["id"] for row in due if closed_on_time(row, field)}
    definition = "时限在本期内且已到期的任务中，按期销号的"
    judged = references("task", due, "due_on", "item", lambda row: "" if row["id"] in punctual else "没有按期销号")
    yield from rate("task.on_time_rate", "按期销号率", len(punctual), len(due), definition, judged)


def _state_on(row: Row, day: date) -> TaskState:
    """The state on a day: what was done later had not been done yet."""
    done = row["done_on"] is not None and row["done_on"] < behind(day)
    return task_state(row if done else {**row, "done_on": None}, day)


def _by(found: list[Row], records: list[Reference], key: str) -> dict[str, list[Reference]]:
    """The references of rows, by what stands in a column, in the order in which it comes."""
    groups: dict[str, list[Reference]] = {}
    for row, record in zip(found, records, strict=True):
        groups.setdefault(row[key], []).append(record)
    return groups


def _decisions(field: Facts, owners: Owners) -> Iterator[Figure]:
    found = _mine(field, "decision", decisions(field), owners)
    if not found:
        return
    records = references("decision", found, "met_on", "item", lambda row: row["kind"])
    yield counted("decision.count", "三重一大事项", "项", "会议日期在本期内的三重一大台账记录数", records)
    for kind, mine in _by(found, records, "kind").items():
        yield counted(f"decision.count.{kind}", kind, "项", f"其中类别为“{kind}”的", mine)
    for key, name, unit in (
        ("consultations", "论证", "场次"),
        ("opinions", "征求意见", "条"),
        ("adopted", "采纳意见", "条"),
    ):
        known = {row["id"]: Count(row[key], row[f"{key}_qualifier"]) for row in found if row[key] is not None}
        if known:
            definition = f"本期三重一大事项的{name}{unit}数合计"
            total = summed((one.value, one.qualifier) for one in known.values())
            behind = [
                replace(record, note=f"{_COUNT.text(known[record.id])}{unit}")
                for record in records
                if record.id in known
            ]
            yield Figure(f"decision.{key}", name, total if total.qualifier else total.value, unit, definition, behind)


def _honors(field: Facts, owners: Owners) -> Iterator[Figure]:
    found = _mine(field, "honor", honors(field), owners, "winner")
    if not found:
        return
    records = references("honor", found, "awarded_on", "title", lambda row: f"{row['level']}，{row['winner']}")
    yield counted("honor.count", "荣誉", "项", "授予日期在本期内的荣誉台账记录数，一个获得者一项", records)
    levels = _by(found, records, "level")
    for level in _LEVELS:
        if level in levels:
            yield counted(f"honor.count.{level}", f"{level}荣誉", "项", f"其中级别为“{level}”的", levels[level])
    winners = len({row["winner"] for row in found})
    yield counted("honor.winners", "获奖个人和集体", "个", "本期不同的获得者，一个只计一次", records, winners)
    for title, mine in _by(found, records, "title").items():
        if len(mine) > 1:
            yield counted(f"honor.title.{title}", title, "个", f"本期获得“{title}”的", mine)


def _pairs(field: Facts, owners: Owners) -> Iterator[Figure]:
    found = _mine(field, "pairing", pairs(field), owners, "giver")
    if not found:
        return
    records = [
        Reference(
            "pairing",
            row["id"],
            row["started_on"] or "",
            f"{row['kind']}：{row['giver']}—{row['receiver']}",
            "" if row["visited"] else "本期没有走访或帮带记录",
        )
        for row in found
    ]
    yield counted("pairing.count", "结对", "对", "本期有效的结对帮带", records)
    for kind, mine in _by(found, records, "kind").items():
        yield counted(f"pairing.count.{kind}", f"{kind}结对", "对", f"其中类型为“{kind}”的", mine)
    visited = sum(bool(row["visited"]) for row in found)
    definition = "本期有走访或帮带记录的，占本期有效的结对"
    yield from rate("pairing.visited_rate", "结对走访率", visited, len(found), definition, records)


def _posts(field: Facts) -> Iterator[Figure]:
    here = {branch.number for branch in field.branches}
    found = [row for row in posts(field) if not field.narrowed or row["branch_id"] in here]
    if found:
        records = references("post", found, "set_on", "place", lambda row: field.roster.shown(row["member_id"]))
        yield counted("post.count", "党员示范岗", "个", f"{field.as_of}在岗的党员示范岗", records)


def _zones(field: Facts, owners: Owners) -> Iterator[Figure]:
    here = {branch.number for branch in field.branches}
    found = [row for row in zones(field) if not field.narrowed or row["branch_id"] in here]
    if found:
        wards = {ward for row in found for ward in words_of(row["ward"])}
        records = [Reference("zone", row["id"], "", row["name"], row["ward"] or "") for row in found]
        yield counted("zone.count", "党员责任区", "个", "党员责任区台账的记录数", records)
        yield counted("zone.wards", "责任区覆盖病区", "个", "责任区覆盖的不同病区", records, len(wards))


def _cultivation(field: Facts) -> Iterator[Figure]:
    start, end = field.bounds
    sql = (
        "SELECT c.id, c.member_id, c.track, c.started_on, c.result FROM cultivation AS c"
        " WHERE (c.started_on IS NULL OR c.started_on < ?) AND (c.ended_on IS NULL OR c.ended_on >= ?)"
        f"{field.where_branch(home_on('c.member_id', _day(field)))} ORDER BY c.track, c.id"
    )
    found = field.rows(sql, end, start)
    records = [
        Reference(
            "cultivation", row["id"], row["started_on"] or "", field.roster.shown(row["member_id"]), row["result"] or ""
        )
        for row in found
    ]
    for track, mine in _by(found, records, "track").items():
        yield counted(f"cultivation.count.{track}", f"{track}培养", "人", f"本期在“{track}”方向上培养的党员", mine)


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
        hedge = row["actual_qualifier"]
        value = Count(int(actual), hedge) if hedge else _plain(actual)
        said = _COUNT.text(value) if isinstance(value, Count) else str(value)
        record = [Reference("metric", row["id"], row["period"], told, f"{said}{row['unit'] or ''}")]
        definition = f"指标台账中{subject}{row['period']}的实际值"
        yield Figure(id, told, value, row["unit"] or "", definition, record)
        if row["target"] and row["unit"] not in (None, "%"):
            target = Decimal(row["target"]).scaleb(-4)
            share = (100 * actual / target).quantize(Decimal("0.1"), ROUND_HALF_UP)
            of = f"{said}/{_plain(target)}"
            yield Figure(f"{id}.rate", f"{told}完成率", share, "%", "实际值占目标值", record, of)


def _inside(field: Facts, label: str) -> bool:
    period = period_of(label)
    return field.period.first <= period.first and period.last <= field.period.last


def _ends(row: Row) -> date:
    return period_of(row["period"]).last


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == int(number) else number.normalize()
