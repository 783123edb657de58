"""What the branch does (作用发挥: E1-E8, and Z6): service, posts, zones, tasks, pairs, honours, postings, decisions.

A branch that never set a mechanism up (志愿服务 结对帮带 先锋指数) is not asked for it: the unit decides (`settings`), else the
first record sets it up.
"""

import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import column, func, select
from sqlalchemy import table as table_named

from partybuild_cli.records.base.present import all_on
from partybuild_cli.records.base.registry import record
from partybuild_cli.records.settings import Settings
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.rules.belonging import Owners, by_owner
from partybuild_cli.rules.facts import Facts, PartyBranch, Row, between, with_rows
from partybuild_cli.rules.frequency import elapsed_units
from partybuild_cli.rules.item import Result, Results, State, check, check_all, counts, judged, ratio, table, unknown
from partybuild_cli.values.day import last_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.people import name_words
from partybuild_cli.values.period import behind, quarter_of, quarters
from partybuild_cli.values.text import tight

#: The rounds of the index, each branch's of a quarter.
ROUNDS = table_named("index_round", *map(column, ("id", "branch_id", "quarter", "revision", "posted_from")))


def _not_set_up(facts: Facts, key: str, begun: bool) -> Result | None:
    """不适用 where the unit said that it has no such mechanism, or said nothing and there never was a record of it."""
    said, heading = getattr(facts.settings, key), Settings.columns[key].heading
    if said or (said is None and begun):
        return None
    why = "从来没有记录；登记第一条后开始自查" if said is None else "本单位设置为否"
    remedy = f"已经建立这项制度的，打开自查：partybuild settings set {key} 是"
    return Result(State.NOT_APPLICABLE, f"没有建立{heading}：{why}", remedy=remedy)


def in_force(facts: Facts, ledger: str, since: str | None = None) -> list[Row]:
    """The records as they were on `as_of` that had begun by then, and not ended, or not before `since`; a month of ending counts
    whole. Where one says no branch, it is that to which the member then belonged who holds the post, or heads the zone.
    """
    kind, last = record(ledger), f"{facts.as_of}~" if since is None else since
    ended = "ended_on" if "ended_on" in kind.columns else "removed_on"
    found = []
    for number, row in all_on(facts.connection, kind, facts.as_of).items():
        open_until = f"{row[ended]}{'~' * (len(row[ended]) < 10)}" if row[ended] else "~"
        if (row[kind.begins] or "") < behind(facts.as_of) and open_until >= last:
            who = next((row[key] for key in kind.member_columns), None)
            found.append({"branch_id": facts.home(who) if who else None, **row, "id": number})
    return facts.standing(ledger, found)


def services(facts: Facts) -> list[Row]:
    """The services of the period, each with the hours of those who took part (`taken`; None where nobody said)."""
    service, part, both = with_rows("service", "participation")
    query = select(service.id, part.member_id, func.coalesce(part.hours, service.hours)).select_from(both)
    query = query.where(between(service.held_on, facts.bounds)).order_by(service.id, part.member_id)
    taken: dict[int, dict[int, Decimal | None]] = defaultdict(dict)
    for number, member, hours in facts.connection.execute(query):
        taken[number][member] = hours
    return [{**row, "taken": taken[row["id"]]} for row in facts.within("service")]


def times_served(facts: Facts) -> Counter[int]:
    """Members who took part in services of the period, of whichever branch, and in how many."""
    return Counter(member for row in facts.once(services) for member in row["taken"])


def _serving(facts: Facts) -> set[int]:
    """The branches that have given any service by now, themselves or through a member."""
    service, part, both = with_rows("service", "participation", every=True)
    query = select(service.branch_id, part.member_id).select_from(both).distinct()
    found = facts.connection.execute(query.where(service.held_on < behind(facts.as_of)))
    return {home for branch, member in found for home in (branch, *facts.homes[member])}


@check("E1")
def took_part(facts: Facts, branch: PartyBranch) -> Result:
    """参与率 over members of whom service is asked; nothing is known where neither they nor the branch have any."""
    if off := _not_set_up(facts, "volunteering", branch.number in facts.once(_serving)):
        return off
    times, asked = facts.once(times_served), [who.member for who in facts.assessable(branch)]
    given = {row["branch_id"] for row in facts.once(services)}.union(*(facts.homes[member] for member in times))
    if branch.number not in given:
        return unknown("没有记录")
    records = [facts.person(member, "参加" if times[member] else "没有参加记录") for member in asked]
    return ratio(sum(times[member] > 0 for member in asked), len(asked), "人", records)


@check("E2")
def services_by_kind(facts: Facts, branch: PartyBranch) -> Result:
    """The kinds of service that articles count (义诊 讲座 保障 走访)."""
    kinds = table("frequency")["service"]["kinds"]
    mine = [row for row in facts.once(services) if row["branch_id"] == branch.number]
    numbers = {kind: sum(row["kind"] == kind for row in mine) for kind in kinds} if mine else {}
    counted = [row for row in mine if row["kind"] in kinds]
    return counts(numbers, "次", facts.named("service", counted, lambda row: row["kind"]))


#: The posts and the zones in force on `as_of`.
posts, zones = (partial(in_force, ledger=ledger) for ledger in ("post", "zone"))


@check("E3")
def model_posts(facts: Facts, branch: PartyBranch) -> Result:
    """示范岗 with a plate, published, and assessed in every quarter of the period that it was there and that has ended."""
    every = facts.once(lambda facts: in_force(facts, "post", ""), "every post")
    if off := _not_set_up(facts, "model_posts", any(row["branch_id"] == branch.number for row in every)):
        return off
    mine = [row for row in facts.once(posts) if row["branch_id"] == branch.number]
    if facts.settings.model_posts and not mine:
        return unknown("没有登记示范岗")
    lacks, window = {}, facts.window(branch)
    for row in mine:
        assessed = [quarter for quarter, content in facts.entries["post", row["id"]] if content is not None]
        since = max(last_date(row["set_on"]), window.since or date.min) if row["set_on"] else window.since
        due = elapsed_units("quarter", window._replace(since=since))
        lacks[row["id"]] = ["没有挂牌"] * (row["plate"] is None) + ["没有公开"] * (not row["published"])
        lacks[row["id"]] += [f"{quarter}没有考核" for quarter in due if quarter not in assessed]
    records = facts.named(
        "post",
        mine,
        lambda row: "，".join(lacks[row["id"]]),
        lambda row: f"{facts.roster.shown(row['member_id'])} {row['place']}",
    )
    return ratio(sum(not lacking for lacking in lacks.values()), len(mine), "个示范岗", records)


def words_of(text: str | None) -> list[str]:
    """Wards or departments named in a cell (神经内科一、二病区 stays as written), without white space."""
    return [tight(word) for word in name_words(text or "")]


#: A number in front, and what behind a department in the name of a ward makes it another department's.
_NUMBERED, _OTHER = re.compile(r"第?[一二三四五六七八九十\d]"), re.compile(r"[科室部]|中心")


def _covers(ward: str, department: str, departments: list[str]) -> bool:
    """Whether a ward is the department, part of it (of the longest name that fits), or holds it: 神经内科 is no part of 内科."""
    within = [name for name in departments if ward.startswith(name) and not _OTHER.search(ward.removeprefix(name))]
    if within:
        return department == max(within, key=len)
    if _NUMBERED.match(department):  # 二病区 of 呼吸内科二病区: a number alone is no name of another department
        return bool(re.search(rf"(?<![一二三四五六七八九十\d]){re.escape(department)}$", ward))
    return department.startswith(ward) and not _OTHER.search(department.removeprefix(ward))


@check_all("E4")
def covered(facts: Facts) -> Results:
    """Every department that the branch covers is a ward of some zone; those that the unit wants covered have a branch."""
    wanted = words_of(facts.settings.departments)
    for branch in facts.branches:
        yield branch.name, _zoned(facts, branch, wanted if len(facts.branches) == 1 else [])
    if wanted and len(facts.branches) > 1 and facts.once(Owners).above:
        theirs = [name for branch in facts.branches for name in words_of(branch.departments)]
        bare = [name for name in wanted if not any(_covers(name, department, theirs) for department in theirs)]
        figure = f"应覆盖科室{len(wanted) - len(bare)}/{len(wanted)}有党支部"
        remedy = "登记支部覆盖的科室：partybuild branch edit 支部 --departments 科室" if bare else ""
        found = Result(judged(len(bare), 0), figure, (("，没有党支部：", bare),), remedy=remedy)
        yield facts.once(Owners).above, found


def _zoned(facts: Facts, branch: PartyBranch, wanted: list[str]) -> Result:
    mine = by_owner(facts, "zone", zones)[branch.name]
    if off := _not_set_up(facts, "zones", bool(mine)):
        return off
    wards = [ward for row in mine for ward in words_of(row["ward"])]
    departments = words_of(branch.departments) or wanted
    records = facts.named("zone", mine, lambda row: row["ward"])
    text = f"{len(mine)}个责任区，{len(set(wards))}个病区"
    if not departments:
        return Result(State.NO_DATA, f"{text}；支部没有登记覆盖科室，看不出是否全部覆盖", records=records)
    bare = [name for name in departments if not any(_covers(ward, name, departments) for ward in wards)]
    figure = f"{text}；覆盖科室{len(departments) - len(bare)}/{len(departments)}"
    return Result(judged(len(bare), 0), figure, (("，未覆盖：", bare),), records)


def tasks_due(facts: Facts) -> list[Row]:
    """Tasks whose day fell in the period and has passed; today has not, unless the period ends with it."""
    passed = facts.as_of - timedelta(days=facts.as_of < facts.period.last)
    return [row for row in facts.within("task") if last_date(row["due_on"]) <= passed]


def closed_on_time(task: Row, facts: Facts) -> bool:
    return task_state(task, facts.as_of) is TaskState.CLOSED and task["done_on"] <= f"{task['due_on']}~"


def pairs(facts: Facts) -> list[Row]:
    """Pairs in force within the period; `visited`: whether an entry or visit falls in it."""
    start, end = facts.bounds
    return [
        {**row, "visited": any(start <= day < end for day, _ in facts.entries["pairing", row["id"]])}
        for row in in_force(facts, "pairing", start)
    ]


def unvisited(pair: Row) -> str:
    return "" if pair["visited"] else "本期没有走访或帮带记录"


def _places(facts: Facts) -> list[tuple[str, list[Row], list[Row]]]:
    """The branches, and whatever else tasks or pairs are filed under: its tasks and its pairs."""
    tasks, paired = by_owner(facts, "task", tasks_due), by_owner(facts, "pairing", pairs, "giver", "receiver")
    names = dict.fromkeys([*(branch.name for branch in facts.branches), *tasks, *paired])
    return [(name, tasks[name], paired[name]) for name in names]


@check_all("E5")
def closed(facts: Facts) -> Results:
    """Tasks closed by their day, of those that have fallen due (销号)."""

    def note(task: Row) -> str:
        return "按期销号" if closed_on_time(task, facts) else task_state(task, facts.as_of)

    for name, tasks, _ in facts.once(_places):
        records = facts.named("task", tasks, note)
        yield name, ratio(sum(closed_on_time(row, facts) for row in tasks), len(tasks), "项任务", records)


@check_all("E6")
def visited(facts: Facts) -> Results:
    ever = by_owner(facts, "pairing", partial(in_force, ledger="pairing", since=""), "giver", "receiver")
    for name, _, paired in facts.once(_places):
        both = facts.named("pairing", paired, unvisited, lambda row: f"{row['giver']}、{row['receiver']}")
        found = ratio(sum(row["visited"] for row in paired), len(paired), "对", both)
        if facts.settings.pairing and not paired:
            found = unknown("没有登记结对")
        yield name, _not_set_up(facts, "pairing", name in ever) or found


def _rounds(facts: Facts) -> list[Row]:
    """The rounds of the index up to the quarter of `as_of`, the latest revision of each last."""
    rounds = ROUNDS.c
    query = select(rounds.branch_id, rounds.quarter, rounds.posted_from).order_by(rounds.quarter, rounds.revision)
    return facts.rows(query.where(rounds.quarter <= quarter_of(facts.as_of)))


@check("E7")
def posted(facts: Facts, branch: PartyBranch) -> Result:
    """Quarters of the period that have ended and were posted, from the first computed where the unit says nothing."""
    mine = [row for row in facts.once(_rounds) if row["branch_id"] == branch.number]
    begun = "" if facts.settings.posting else min((row["quarter"] for row in mine), default="")
    ended = [quarter for quarter in elapsed_units("quarter", facts.window(branch)) if quarter >= begun]
    texts = (row for row in mine if row["posted_from"] and row["posted_from"] <= str(facts.today))
    days = {row["quarter"]: row["posted_from"] for row in texts if row["quarter"] in quarters(facts.period)}
    said = {quarter: "已公示" if quarter in days else "没有公示" for quarter in ended}
    records = [Reference("index", None, days.get(of, ""), f"{of}先锋指数", told) for of, told in said.items()]
    found = ratio(sum(quarter in days for quarter in ended), len(ended), "个季度", records)
    return _not_set_up(facts, "posting", bool(mine)) or found


def honors(facts: Facts) -> list[Row]:
    """Honours awarded in the period, as they were entered."""
    return sorted(facts.within("honor"), key=lambda row: int(row["id"]))


@check("E8")
def honoured(facts: Facts, branch: PartyBranch) -> Result:
    mine = by_owner(facts, "honor", honors, "winner")[branch.name]
    numbers = Counter(row["level"] for row in mine)
    if branch.brand:
        numbers[f"品牌“{branch.brand}”"] = 1
    records = facts.named("honor", mine, lambda row: f"{row['level']}，{row['winner']}")
    return counts(numbers, "项", records)


@check_all("Z6")
def complete_decisions(facts: Facts) -> Results:
    """Decisions of 三重一大 that say who met, how they voted and what was decided (决策记录要素)."""
    elements, columns = table("frequency")["decision"]["elements"], record("decision").columns

    def note(row: Row) -> str:
        lacks = [columns[key].heading for key in elements if row[key] is None]
        return f"缺{'、'.join(lacks)}" if lacks else ""

    for name, rows in by_owner(facts, "decision", lambda facts: facts.within("decision")).items():
        records = facts.named("decision", rows, note)
        yield name, ratio(sum(not record.note for record in records), len(rows), "项", records)
