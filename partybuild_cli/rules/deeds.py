"""What the branch does (作用发挥: E1-E8, and Z6): service, posts, zones, tasks, pairs, honours, postings, decisions.

A branch that never set a mechanism up (志愿服务 结对帮带 先锋指数) is not asked for it: the unit decides (`settings`), else the
first record sets it up.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from partybuild_cli.records.decision import Decision
from partybuild_cli.records.settings import Settings
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.rules.facts import Facts, Row, references
from partybuild_cli.rules.frequency import elapsed_units
from partybuild_cli.rules.item import Finding, Findings, State, check, counts, judged, ratio, table, unknown
from partybuild_cli.values.people import name_words
from partybuild_cli.values.period import behind, quarter_of, quarters
from partybuild_cli.values.reference import Reference
from partybuild_cli.values.text import tight


def _not_set_up(facts: Facts, key: str, begun: bool) -> Finding | None:
    """不适用 where the unit said that it has no such mechanism, or said nothing and there never was a record of it."""
    said, heading = getattr(facts.settings, key), Settings.columns[key].heading
    if said or (said is None and begun):
        return None
    why = "从来没有记录；登记第一条后开始自查" if said is None else "本单位设置为否"
    return Finding(
        State.NOT_APPLICABLE,
        f"没有建立{heading}：{why}",
        remedy=f"已经建立这项制度的，打开自查：partybuild settings set {key} 是",
    )


def participants(facts: Facts) -> dict[int, set[int]]:
    """Branch -> members who took part in any service of the period; a member serves for the branch where he belongs."""
    sql = (
        "SELECT DISTINCT p.member_id FROM participation AS p JOIN service AS s ON s.id = p.service_id"
        " WHERE s.held_on >= ? AND s.held_on < ?"
    )
    found: dict[int, set[int]] = defaultdict(set)
    for (member,) in facts.connection.exec_driver_sql(sql, facts.bounds):
        for branch in facts.homes[member]:
            found[branch].add(member)
    return found


def _serving(facts: Facts) -> set[int]:
    """The branches that have given any service by now, themselves or through a member."""
    day = behind(facts.as_of)
    given = facts.connection.exec_driver_sql("SELECT DISTINCT branch_id FROM service WHERE held_on < ?", (day,))
    sql = "SELECT DISTINCT p.member_id FROM participation AS p JOIN service AS s ON s.id = p.service_id WHERE s.held_on < ?"
    members = facts.connection.exec_driver_sql(sql, (day,)).scalars()
    return {*given.scalars(), *(home for member in members for home in facts.homes[member])}


@check("E1")
def participation(facts: Facts) -> Findings:
    """参与率 over members of whom service is asked; nothing is known where neither they nor the branch have any."""
    served, serving = participants(facts), _serving(facts)
    sql = "SELECT DISTINCT branch_id FROM service WHERE held_on >= ? AND held_on < ?"
    held = set(facts.connection.exec_driver_sql(sql, facts.bounds).scalars())
    for branch in facts.branches:
        asked = [seat.member for seat in facts.assessable(branch.number)]
        took_part = served.get(branch.number, set())
        if off := _not_set_up(facts, "volunteering", branch.number in serving):
            yield branch.name, off
        elif not took_part and branch.number not in held:
            yield branch.name, unknown("没有记录")
        else:
            records = [facts.person(one, "参加" if one in took_part else "没有参加记录") for one in asked]
            yield branch.name, ratio(sum(one in took_part for one in asked), len(asked), "人", records)


@check("E2")
def services(facts: Facts) -> Findings:
    """The kinds of service that articles count (义诊 讲座 保障 走访)."""
    sql = "SELECT id, branch_id, kind, held_on, title FROM service WHERE held_on >= ? AND held_on < ? ORDER BY held_on, id"
    found: dict[int, list[Row]] = defaultdict(list)
    for row in facts.rows(sql, *facts.bounds):
        found[row["branch_id"]].append(row)
    kinds = table("frequency")["service"]["kinds"]
    for branch in facts.branches:
        mine = found.get(branch.number, [])
        counted = [row for row in mine if row["kind"] in kinds]
        numbers = {kind: sum(row["kind"] == kind for row in mine) for kind in kinds} if mine else {}
        yield (
            branch.name,
            counts(numbers, "次", references("service", counted, "held_on", "title", lambda row: row["kind"])),
        )


def posts(facts: Facts) -> list[Row]:
    """Posts in force on `as_of`, with the branch of their member."""
    sql = (
        "SELECT p.id, p.member_id, p.place, p.set_on, p.plate IS NOT NULL AS plate, p.published = 1 AS published"
        " FROM post AS p WHERE (p.set_on IS NULL OR p.set_on < ?) AND (p.removed_on IS NULL OR p.removed_on > ?) ORDER BY p.id"
    )
    found = facts.rows(sql, behind(facts.as_of), str(facts.as_of))
    return [{**row, "branch_id": facts.registered[row["member_id"]]["branch_id"]} for row in found]


@check("E3")
def model_posts(facts: Facts) -> Findings:
    """示范岗 with a plate, published, and assessed in every quarter of the period that has ended."""
    sql = "SELECT record_id, on_day FROM entry WHERE ledger = 'post' AND content IS NOT NULL"
    assessed: dict[int, set[str]] = defaultdict(set)
    for number, day in facts.connection.exec_driver_sql(sql):
        assessed[number].add(day)
    standing = posts(facts)
    sql = "SELECT DISTINCT member_id FROM post WHERE set_on IS NULL OR set_on < ?"
    bearers = facts.connection.exec_driver_sql(sql, (behind(facts.as_of),)).scalars()
    ever = {facts.registered[member]["branch_id"] for member in bearers}
    for branch in facts.branches:
        ended = elapsed_units("quarter", facts.window(branch))
        mine = [row for row in standing if row["branch_id"] == branch.number]
        lacks = {
            row["id"]: [
                *([] if row["plate"] else ["没有挂牌"]),
                *([] if row["published"] else ["没有公开"]),
                *(f"{quarter}没有考核" for quarter in ended if quarter not in assessed[row["id"]]),
            ]
            for row in mine
        }
        records = [
            Reference(
                "post",
                row["id"],
                row["set_on"] or "",
                f"{facts.roster.shown(row['member_id'])} {row['place']}",
                "，".join(lacks[row["id"]]),
            )
            for row in mine
        ]
        found = ratio(sum(not lacks[row["id"]] for row in mine), len(mine), "个示范岗", records)
        if facts.settings.model_posts and not mine:
            found = unknown("没有登记示范岗")
        yield branch.name, _not_set_up(facts, "model_posts", branch.number in ever) or found


def zones(facts: Facts) -> list[Row]:
    """Every zone, with the branch of its head."""
    found = facts.rows("SELECT id, name, ward, head_id FROM zone ORDER BY id")
    return [{**row, "branch_id": facts.registered[row["head_id"]]["branch_id"]} for row in found]


def words_of(text: str | None) -> list[str]:
    """Wards or departments named in a cell (神经内科一、二病区 stays as written), without white space."""
    return [tight(word) for word in name_words(text or "")]


#: What may follow a department in the name of one of its wards: no other department.
_NUMBERED = re.compile(r"第?[一二三四五六七八九十\d]")
_OTHER = re.compile(r"[科室部]|中心")


def _covers(ward: str, department: str, departments: list[str]) -> bool:
    """Whether a ward is the department, a part of it, or holds it, by whole names: 神经内科 is no part of 内科.

    A ward that several departments begin is of the one with the longest name.
    """
    within = [one for one in departments if ward.startswith(one) and not _OTHER.search(ward.removeprefix(one))]
    if within:
        return department == max(within, key=len)
    if _NUMBERED.match(department):  # 二病区 of 呼吸内科二病区: a number alone is no name of another department
        return bool(re.search(rf"(?<![一二三四五六七八九十\d]){re.escape(department)}$", ward))
    return department.startswith(ward) and not _OTHER.search(department.removeprefix(ward))


@check("E4")
def covered(facts: Facts) -> Findings:
    """Every department that the branch covers is a ward of some zone; those that the unit wants covered have a branch."""
    found, wanted = facts.by_owner("zone", zones(facts)), words_of(facts.settings.departments)
    for branch in facts.branches:
        mine = found.get(branch.name, [])
        wards = [ward for row in mine for ward in words_of(row["ward"])]
        departments = words_of(branch.departments) or (wanted if len(facts.branches) == 1 else [])
        records = [Reference("zone", row["id"], "", row["name"], row["ward"] or "") for row in mine]
        told = f"{len(mine)}个责任区，{len(set(wards))}个病区"
        if off := _not_set_up(facts, "zones", bool(mine)):
            yield branch.name, off
            continue
        if not departments:
            figure = f"{told}；支部没有登记覆盖科室，看不出是否全部覆盖"
            yield branch.name, Finding(State.NO_DATA, figure, records=records)
            continue
        bare = [name for name in departments if not any(_covers(ward, name, departments) for ward in wards)]
        figure = f"{told}；覆盖科室{len(departments) - len(bare)}/{len(departments)}"
        yield branch.name, Finding(judged(len(bare), 0), figure, (("，未覆盖：", bare),), records)
    if wanted and len(facts.branches) > 1 and facts.owners.above:
        theirs = [name for branch in facts.branches for name in words_of(branch.departments)]
        bare = [name for name in wanted if not any(_covers(name, one, theirs) for one in theirs)]
        figure = f"应覆盖科室{len(wanted) - len(bare)}/{len(wanted)}有党支部"
        remedy = "登记支部覆盖的科室：partybuild branch edit 支部 --departments 科室" if bare else ""
        lists = (("，没有党支部：", bare),)
        yield facts.owners.above, Finding(judged(len(bare), 0), figure, lists=lists, remedy=remedy)


def tasks_due(facts: Facts) -> list[Row]:
    """Tasks whose day fell in the period and has passed."""
    sql = "SELECT * FROM task WHERE due_on >= ? AND due_on < ? ORDER BY due_on, id"
    return [row for row in facts.rows(sql, *facts.bounds) if row["due_on"] <= str(facts.as_of)]


def closed_on_time(task: Row, facts: Facts) -> bool:
    """销号 by its day."""
    return task_state(task, facts.as_of) is TaskState.CLOSED and task["done_on"] <= f"{task['due_on']}~"


def pairs(facts: Facts) -> list[Row]:
    """Pairs in force within the period; `visited`: whether an entry or visit falls in it."""
    start, end = facts.bounds
    sql = (
        "SELECT p.id, p.giver, p.receiver, p.kind, p.started_on, p.branch_id, EXISTS (SELECT 1 FROM entry AS e WHERE e.ledger = 'pairing'"
        " AND e.record_id = p.id AND e.on_day >= ? AND e.on_day < ?) AS visited FROM pairing AS p"
        " WHERE (p.started_on IS NULL OR p.started_on < ?) AND (p.ended_on IS NULL OR p.ended_on >= ?) ORDER BY p.id"
    )
    return facts.rows(sql, start, end, end, start)


def _places(facts: Facts) -> Iterator[tuple[str, list[Row], list[Row], bool]]:
    """The branches, and whatever else tasks or pairs are filed under: its tasks, its pairs, whether it ever had a pair."""
    tasks = facts.by_owner("task", tasks_due(facts))
    paired = facts.by_owner("pairing", pairs(facts), "giver", "receiver")
    sql = "SELECT id, giver, receiver, branch_id FROM pairing WHERE started_on IS NULL OR started_on < ?"
    ever = facts.by_owner("pairing", facts.rows(sql, behind(facts.as_of)), "giver", "receiver")
    for name in dict.fromkeys([*(branch.name for branch in facts.branches), *tasks, *paired]):
        yield name, tasks.get(name, []), paired.get(name, []), name in ever


@check("E5")
def closed(facts: Facts) -> Findings:
    """Tasks closed by their day, of those that have fallen due (销号)."""
    for name, tasks, _, _ in _places(facts):
        punctual = {row["id"] for row in tasks if closed_on_time(row, facts)}
        records = [
            Reference(
                "task",
                row["id"],
                row["due_on"],
                row["item"],
                "按期销号" if row["id"] in punctual else str(task_state(row, facts.as_of)),
            )
            for row in tasks
        ]
        yield name, ratio(len(punctual), len(tasks), "项任务", records)


@check("E6")
def visited(facts: Facts) -> Findings:
    """Pairs in force with a visit or entry in the period."""
    for name, _, paired, ever in _places(facts):
        records = [
            Reference(
                "pairing",
                row["id"],
                row["started_on"] or "",
                f"{row['giver']}、{row['receiver']}",
                "" if row["visited"] else "本期没有走访或帮带记录",
            )
            for row in paired
        ]
        found = ratio(sum(bool(row["visited"]) for row in paired), len(paired), "对", records)
        if facts.settings.pairing and not paired:
            found = unknown("没有登记结对")
        yield name, _not_set_up(facts, "pairing", ever) or found


@check("E7")
def posted(facts: Facts) -> Findings:
    """Quarters of the period that have ended and were posted; posting follows the quarter."""
    sql = "SELECT branch_id, quarter, posted_from FROM index_round ORDER BY quarter, revision"
    asked, rounds = quarters(facts.period), facts.rows(sql)
    for branch in facts.branches:
        mine = [
            row for row in rounds if row["branch_id"] == branch.number and row["quarter"] <= quarter_of(facts.as_of)
        ]
        ended = elapsed_units("quarter", facts.window(branch))
        days = {
            row["quarter"]: row["posted_from"]
            for row in mine
            if row["posted_from"] and row["posted_from"] <= str(facts.today) and row["quarter"] in asked
        }
        records = [
            Reference(
                "index", None, days.get(quarter, ""), f"{quarter}先锋指数", "已公示" if quarter in days else "没有公示"
            )
            for quarter in ended
        ]
        done = sum(quarter in days for quarter in ended)
        found = ratio(done, len(ended), "个季度", records)
        yield branch.name, _not_set_up(facts, "posting", bool(mine)) or found


def honors(facts: Facts) -> list[Row]:
    """Honours awarded in the period."""
    sql = "SELECT id, title, winner, level, awarded_on, branch_id FROM honor WHERE awarded_on >= ? AND awarded_on < ? ORDER BY id"
    return facts.rows(sql, *facts.bounds)


@check("E8")
def honoured(facts: Facts) -> Findings:
    """Honours by level, and the brand of the branch."""
    found = facts.by_owner("honor", honors(facts), "winner")
    for branch in facts.branches:
        mine = found.get(branch.name, [])
        numbers: dict[str, int] = {}
        for row in mine:
            numbers[row["level"]] = numbers.get(row["level"], 0) + 1
        if branch.brand:
            numbers[f"品牌“{branch.brand}”"] = 1
        yield (
            branch.name,
            counts(
                numbers,
                "项",
                references("honor", mine, "awarded_on", "title", lambda row: f"{row['level']}，{row['winner']}"),
            ),
        )


def decisions(facts: Facts) -> list[Row]:
    """三重一大 decided in the period."""
    return facts.rows("SELECT * FROM decision WHERE met_on >= ? AND met_on < ? ORDER BY met_on, id", *facts.bounds)


@check("Z6")
def complete_decisions(facts: Facts) -> Findings:
    """Decisions of 三重一大 that say who met, how they voted and what was decided (决策记录要素)."""
    elements: list[str] = table("frequency")["decision"]["elements"]
    for name, rows in facts.by_owner("decision", decisions(facts)).items():
        lacks = {row["id"]: [Decision.columns[key].heading for key in elements if row[key] is None] for row in rows}
        records = [
            Reference(
                "decision",
                row["id"],
                row["met_on"],
                row["item"],
                f"缺{'、'.join(lacks[row['id']])}" if lacks[row["id"]] else "",
            )
            for row in rows
        ]
        yield name, ratio(sum(not lacks[row["id"]] for row in rows), len(rows), "项", records)
