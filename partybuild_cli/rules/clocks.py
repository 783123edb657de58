"""The clocks of membership (党籍的时限: D8 D10 D11 D12): who is away or lost, has lapsed, is abroad, or has to mend his ways."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import and_, case, func, not_, select

from partybuild_cli.records.meeting import Attended
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.rules.belonging import PERSON, tenures
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Facts, PartyBranch, Row, between, table_of
from partybuild_cli.rules.item import Result, check, judged, not_applicable, table
from partybuild_cli.rules.members import grades
from partybuild_cli.values.day import add_months, first_date, last_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import behind, text_bounds


def passed(since: str, clock: str, today: date) -> bool:
    """Whether the months of a clock have passed, whatever day a coarse one means: away since 2026-01-05 is so on 2026-07-05."""
    return today >= add_months(last_date(since), table("frequency")["clocks"][clock])


#: Why a member is away, by the column of its day; lost counts before away, and stopped before lost.
_AWAY = {"lost_on": "失联", "away_on": "外出"}


def _absent(facts: Facts) -> dict[int | None, list[tuple[int, str, str]]]:
    """Who is away or lost, or was when his membership was stopped, and not abroad (D11), by branch: who, why, since when."""
    as_of = str(facts.as_of)
    found: dict[int | None, list[tuple[int, str, str]]] = defaultdict(list)
    for member, row in facts.registered.items():
        days = {key: row[key] for key in (*_AWAY, "suspended_on") if row[key] and row[key] <= as_of}
        key = "suspended_on" if {"lost_on", "suspended_on"} <= days.keys() else next(filter(days.get, _AWAY), "")
        there = key and not (row["left_on"] and row["left_on"] <= as_of)
        if there and not (key == "away_on" and _is_abroad(row["away_to"])):
            found[facts.home(member)].append((member, _AWAY.get(key, "停止党籍"), days[key]))
    return found


@check("D8")
def away(facts: Facts, branch: PartyBranch) -> Result:
    """Away or lost for six months; lost ones whose membership was stopped two years ago (教育管理条例 24, 25, 32)."""
    name, here = facts.roster.shown, facts.once(_absent)[branch.number]
    if not here:
        return not_applicable("没有流动和失联党员记录")
    gone = sorted((found for found in here if found[1] in _AWAY.values()), key=lambda found: found[1])
    stopped = [(who, day) for who, why, day in here if why not in _AWAY.values()]
    flagged = [f"{name(who)}（{day}起{why}）" for who, why, day in gone if passed(day, "away", facts.as_of)]
    due = [f"{name(who)}（{day}停止党籍，已满两年）" for who, day in stopped if passed(day, "struck_off", facts.as_of)]
    lists = (("；已满六个月：", flagged), ("；应按程序除名：", due))
    records = [facts.person(who, f"{day}起{why}") for who, why, day in gone]
    records += [facts.person(who, f"{day}停止党籍") for who, day in stopped]
    counts = {why: sum(word == why for _, word, _ in gone) for why in _AWAY.values()}
    figure = f"流动{counts['外出']}人，失联{counts['失联']}人"
    return Result(judged(len(flagged) + len(due), 0), figure, lists, records)


def _stood(facts: Facts) -> dict[int, Row]:
    """Of each member the last meeting of which it is known how he stood to it (`known`), how many he has `missed` since he was
    last at one, on leave from one, or made up for it, and the first of these (`since`).
    """
    meeting, attendance, day = table_of("meeting").c, table_of("meeting", "attendance"), behind(facts.as_of)
    mine, held = attendance.c, meeting.held_on
    away = and_(mine.state == Attended.ABSENT, mine.made_up.is_(None))
    stood = (
        select(mine.member_id, func.max(case((not_(away), held))).label("seen"), func.max(held).label("known"))
        .join_from(attendance, table_of("meeting"), mine.meeting_id == meeting.id)
        .where(mine.state != Attended.UNSAID, held < day)
        .group_by(mine.member_id)
        .cte("stood")
    )
    missed = and_(meeting.id == mine.meeting_id, held > func.coalesce(stood.c.seen, ""), held < day)
    query = (
        select(stood.c.member_id, stood.c.known, func.count(meeting.id).label("missed"), func.min(held).label("since"))
        .join_from(stood, attendance, and_(mine.member_id == stood.c.member_id, away), isouter=True)
        .join(table_of("meeting"), missed, isouter=True)
        .group_by(stood.c.member_id, stood.c.known)
    )
    return {row["member_id"]: row for row in facts.rows(query)}


def _idle(facts: Facts) -> dict[int, str]:
    """完成时限 of the oldest task that members have left undone, who for six months have done no other and served nowhere."""
    people = select(PERSON.c.record_id, PERSON.c.member_id).where(
        PERSON.c.ledger == "task", PERSON.c.role == "responsible"
    )
    tasks = {row["id"]: row for row in facts.standing("task", facts.every("task"))}
    since = add_months(facts.as_of, -table("frequency")["clocks"]["lapsed"]) + timedelta(days=1)
    part, service = table_of("service", "participation"), table_of("service")
    served = select(part.c.member_id).join_from(part, service, service.c.id == part.c.service_id)
    served = served.where(between(service.c.held_on, text_bounds(since, facts.as_of)))
    busy = {*facts.connection.execute(served).scalars()}
    undone = dict[int, str]()
    for number, member in facts.connection.execute(people):
        task = tasks.get(number, {})
        done = task.get("done_on")
        if done and first_date(done) <= facts.as_of and not passed(done, "lapsed", facts.as_of):
            busy.add(member)
        elif task and task_state(task, facts.as_of) is TaskState.OVERDUE:
            undone[member] = min(task["due_on"], undone.get(member, "~"))
    return {who: day for who, day in undone.items() if who not in busy and passed(day, "lapsed", facts.as_of)}


@check("D10")
def lapsed(facts: Facts, branch: PartyBranch) -> Result:
    """Who for six months on end came to no meeting, paid no dues, or did nothing that he was to do (教育管理条例第三十一条第六项).
    The records do not know a good reason: who is exempt, away, abroad, lost or on long leave is not asked here. What
    was left undone may not be all that he was to do, so that it leaves the question open.
    """
    day, before = str(facts.as_of), add_months(facts.as_of, -table("frequency")["clocks"]["lapsed"])
    name, idle, stood = facts.roster.shown, facts.once(_idle), facts.once(_stood)
    # who is recorded as away, lost, or on long leave has clocks of his own
    gone = {who for who, row in facts.registered.items() if any(row[key] and row[key] <= day for key in _AWAY)}
    gone |= facts.once(_on_leave).keys()
    asked = [seat for seat in facts.members(branch) if not seat.excused_on(day) and seat.member not in gone]
    absent, unseen = dict[int, str](), list[int]()
    for seat in asked:
        found = stood.get(seat.member)
        if found is None or last_date(found["known"]) <= before:
            unseen += [seat.member] if not seat.starts or last_date(seat.starts) <= before else []
        elif found["missed"] > 1 and passed(found["since"], "lapsed", facts.as_of):
            absent[seat.member] = f"{found['since']}起{found['missed']}次应到都缺席"
    if not asked:
        return not_applicable("没有应参加的党员")
    dues = facts.once(paid_dues)[branch.number]
    unpaid = {seat.member: "连续六个月未缴党费" for seat in asked if seat.member in dues.behind}
    dark = [seat.member for seat in asked if seat.member in dues.unseen]
    undone = {seat.member: f"{idle[seat.member]}到期的任务没有办" for seat in asked if seat.member in idle}
    figure = f"不参加组织生活{len(absent)}人，不交纳党费{len(unpaid)}人，不做分配的工作{len(undone)}人"
    told = {"；不参加组织生活：": absent, "；不交纳党费：": unpaid, "；不做分配的工作：": undone}
    lists = [(words, [f"{name(who)}（{why}）" for who, why in of.items()]) for words, of in told.items()]
    records = [facts.person(who, why) for of in told.values() for who, why in of.items()]
    for why, who_all in (("六个月没有按姓名登记的到会情况", unseen), ("六个月没有党费记录", dark)):
        lists.append((f"；{why}：", facts.shown(who_all)))
        records += [facts.person(who, why) for who in who_all]
    return Result(judged(len({*absent, *unpaid}), len({*undone, *unseen, *dark})), figure, lists, records)


def _on_leave(facts: Facts) -> dict[int, Row]:
    day, found = str(facts.as_of), (row for row in facts.once(tenures) if row["kind"] == "长期请假")
    return {row["member_id"]: row for row in found if (row["started_on"] or "") <= day <= f"{row['ended_on'] or ''}~"}


def _is_abroad(text: str | None) -> bool:
    """Whether words say that somebody is abroad of his own (出国境学习研究), not sent there (援外)."""
    said, words = text or "", table("frequency")["abroad"]
    return any(word in said for word in words["words"]) and not any(word in said for word in words["sent"])


def _abroad(facts: Facts) -> dict[int, str]:
    """Since when members are abroad, by the roster or their long leave; empty where nobody wrote it down."""
    day = str(facts.as_of)
    found = {who: row["away_on"] or "" for who, row in facts.registered.items() if _is_abroad(row["away_to"])}
    for member, row in facts.once(_on_leave).items():
        if _is_abroad(row["value"]):
            found[member] = min(filter(None, (row["started_on"], found.get(member))), default="")
    return {member: since for member, since in found.items() if since <= day}


@check("D11")
def abroad(facts: Facts, branch: PartyBranch) -> Result:
    """Who is abroad is spoken to every half-year (教育管理条例第三十四条), and his membership stops after five years (第二十四条)."""
    since_when = facts.once(_abroad)
    mine = {seat.member: since_when[seat.member] for seat in facts.members(branch) if seat.member in since_when}
    if not mine:
        return not_applicable("没有出国（境）党员记录")
    # the talks of the half-years counted back from `as_of` that end within the period, and of those that the first reaches into
    reach = text_bounds(add_months(facts.period.first, -12), facts.as_of)
    contacts = facts.within("talk", reach)
    halves, last = list[tuple[date, date]](), facts.as_of
    while last >= facts.period.first:
        halves.append((add_months(last + timedelta(days=1), -table("frequency")["clocks"]["contact"]), last))
        last = halves[-1][0] - timedelta(days=1)
    notes = {member: f"{since}起出国（境）" if since else "没有写从哪天起" for member, since in mine.items()}
    silent, spoken = list[str](), list[Reference]()
    for member, since in mine.items():
        talks = [row for row in contacts if member in (row["talker_id"], row["subject_id"])]
        spoken += [Reference("talk", row["id"], row["talked_on"], facts.roster.shown(member)) for row in talks]
        lacking = [
            f"{first}至{last}"
            for first, last in halves
            if since
            and last_date(since) <= first
            and not any(str(first) <= row["talked_on"] < behind(last) for row in talks)
        ]
        if lacking:
            silent.append(f"{facts.roster.shown(member)}（{'、'.join(lacking)}）")
            notes[member] += f"，{'、'.join(lacking)}没有联系记录"
    yesterday = facts.as_of - timedelta(days=1)
    over = [member for member, since in mine.items() if since and passed(since, "abroad", yesterday)]
    unsaid = [member for member, since in mine.items() if not since]
    lists = (
        ("；半年没有联系：", silent),
        ("；超过五年，应停止党籍：", [f"{facts.roster.shown(member)}（{mine[member]}起）" for member in over]),
        ("；没有写从哪天起：", facts.shown(unsaid)),
    )
    records = [*(facts.person(member, note) for member, note in notes.items()), *spoken]
    return Result(judged(len(silent) + len(over), len(unsaid)), f"出国（境）{len(mine)}人", lists, records)


@check("D12")
def mending(facts: Facts, branch: PartyBranch) -> Result:
    """限期改正 lasts a year at most (教育管理条例第三十条); who was found 不合格 in the year has something recorded of what followed."""
    here, graded = [seat.member for seat in facts.members(branch)], facts.once(grades)
    rows = [row for row in facts.once(tenures) if row["kind"] == "限期改正" and row["member_id"] in here]
    begun = [row for row in rows if (row["started_on"] or "") < behind(facts.as_of)]
    mine = [row for row in begun if (row["ended_on"] or "~") >= str(facts.period.first)]
    failed = [member for member in here if graded.get(member, {}).get("grade") == "不合格"]
    if not mine and not failed:
        return not_applicable("没有限期改正和评为不合格的党员")
    long, unsaid, records = list[str](), list[str](), list[Reference]()
    for row in mine:
        name, start, end = facts.roster.shown(row["member_id"]), row["started_on"], row["ended_on"]
        last = last_date(end) if end else facts.as_of
        told = f"{start or ''}至{end or ''}"
        long += [f"{name}（{told}）"] if start and passed(start, "mended", last - timedelta(days=1)) else []
        unsaid += [name] if not (start and end) else []
        records.append(Reference("tenure", row["id"], start or "", f"{name} 限期改正", told))
    bare = [member for member in failed if member not in {row["member_id"] for row in begun}]
    records += [facts.person(member, "评为不合格，没有处置记录") for member in bare]
    lists = (
        ("；超过一年：", long),
        ("；没有写起止日期：", unsaid),
        ("；评为不合格，没有处置记录：", facts.shown(bare)),
    )
    return Result(judged(len(long), len(unsaid) + len(bare)), f"限期改正{len(mine)}人", lists, records)
