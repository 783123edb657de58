"""The clocks of membership (党籍的时限: D8 D10 D11 D12): who is away or lost, has lapsed, is abroad, or has to mend his ways."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from sqlalchemy import and_, case, func, not_, select

from partybuild_cli.records.meeting import Attended
from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.rules.belonging import PERSON, tenures
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Facts, PartyBranch, Row, between, with_rows
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
    here, counts, records = facts.once(_absent)[branch.number], Counter[str](), list[Reference]()
    if not here:
        return not_applicable("没有流动和失联党员记录")
    over: dict[str, list[str]] = {"away": [], "struck_off": []}
    for why in ("外出", "失联", "停止党籍"):
        clock, since, rule = ("away", "起", "") if why in _AWAY.values() else ("struck_off", "", "，已满两年")
        for who, day in ((who, day) for who, word, day in here if word == why):
            counts[why] += 1
            records.append(facts.person(who, f"{day}{since}{why}"))
            over[clock] += (
                [f"{records[-1].title}（{records[-1].note}{rule}）"] if passed(day, clock, facts.as_of) else []
            )
    lists = (("；已满六个月：", over["away"]), ("；应按程序除名：", over["struck_off"]))
    figure = f"流动{counts['外出']}人，失联{counts['失联']}人"
    return Result(judged(sum(map(len, over.values())), 0), figure, lists, records)


def _stood(facts: Facts) -> dict[int, Row]:
    """Of each member the last meeting of which it is known how he stood to it (`known`), how many he has `missed` since he was
    last at one, on leave from one, or made up for it, and the first of these (`since`).
    """
    (meeting, mine, attended), day = with_rows("meeting", "attendance"), behind(facts.as_of)
    held = meeting.held_on
    away = and_(mine.state == Attended.ABSENT, mine.made_up.is_(None))
    stood = (
        select(mine.member_id, func.max(case((not_(away), held))).label("seen"), func.max(held).label("known"))
        .select_from(attended)
        .where(mine.state != Attended.UNSAID, held < day)
        .group_by(mine.member_id)
        .cte("stood")
    )
    missed = and_(meeting.id == mine.meeting_id, held > func.coalesce(stood.c.seen, ""), held < day)
    query = (
        select(stood.c.member_id, stood.c.known, func.count(meeting.id).label("missed"), func.min(held).label("since"))
        .join_from(stood, attended.right, and_(mine.member_id == stood.c.member_id, away), isouter=True)
        .join(attended.left, missed, isouter=True)
        .group_by(stood.c.member_id, stood.c.known)
    )
    return {row["member_id"]: row for row in facts.rows(query)}


def _idle(facts: Facts) -> dict[int, str]:
    """完成时限 of the oldest task that members have left undone, who for six months have done no other and served nowhere."""
    tasks = {row["id"]: row for row in facts.standing("task", facts.every("task"))}
    since = add_months(facts.as_of, -table("frequency")["clocks"]["lapsed"]) + timedelta(days=1)
    (service, part, both), link = with_rows("service", "participation"), PERSON.c
    served = select(part.member_id).select_from(both).where(between(service.held_on, text_bounds(since, facts.as_of)))
    busy, undone = {*facts.connection.execute(served).scalars()}, dict[int, str]()
    asked = select(link.record_id, link.member_id).where(link.ledger == "task", link.role == "responsible")
    for number, member in facts.connection.execute(asked):
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
    name, idle, stood, dues = facts.roster.shown, facts.once(_idle), facts.once(_stood), facts.once(paid_dues)
    # who is recorded as away, lost, or on long leave has clocks of his own
    gone = {who for who, row in facts.registered.items() if any(row[key] and row[key] <= day for key in _AWAY)}
    gone |= facts.once(_on_leave).keys()
    asked = [who for who in facts.members(branch) if not who.excused_on(day) and who.member not in gone]
    if not asked:
        return not_applicable("没有应参加的党员")
    absent, unpaid, undone = dict[int, str](), dict[int, str](), dict[int, str]()
    unseen, dark = list[int](), list[int]()
    for membership in asked:
        member, found, paid = membership.member, stood.get(membership.member), dues[branch.number]
        if found is None or last_date(found["known"]) <= before:
            unseen += [member] if not membership.starts or last_date(membership.starts) <= before else []
        elif found["missed"] > 1 and passed(found["since"], "lapsed", facts.as_of):
            absent[member] = f"{found['since']}起{found['missed']}次应到都缺席"
        unpaid |= {member: "连续六个月未缴党费"} if member in paid.behind else {}
        dark += [member] if member in paid.unseen else []
        undone |= {member: f"{idle[member]}到期的任务没有办"} if member in idle else {}
    texts = {"不参加组织生活": absent, "不交纳党费": unpaid, "不做分配的工作": undone}
    figure = "，".join(f"{what}{len(of)}人" for what, of in texts.items())
    lists = [(f"；{what}：", [f"{name(who)}（{why}）" for who, why in of.items()]) for what, of in texts.items()]
    records = [facts.person(who, why) for of in texts.values() for who, why in of.items()]
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
    mine = {who.member: since_when[who.member] for who in facts.members(branch) if who.member in since_when}
    if not mine:
        return not_applicable("没有出国（境）党员记录")
    # the talks of the half-years counted back from `as_of` that end within the period, and of those that the first reaches into
    contacts = facts.every("talk", text_bounds(add_months(facts.period.first, -12), facts.as_of))
    halves, last = list[tuple[date, date]](), facts.as_of
    while last >= facts.period.first:
        halves.append((add_months(last + timedelta(days=1), -table("frequency")["clocks"]["contact"]), last))
        last = halves[-1][0] - timedelta(days=1)
    silent, spoken, persons = list[str](), list[Reference](), list[Reference]()
    for member, since in mine.items():
        talks = [row for row in contacts if member in (row["talker_id"], row["subject_id"])]
        spoken += [Reference("talk", row["id"], row["talked_on"], facts.roster.shown(member)) for row in talks]
        known = [(first, last) for first, last in halves if since and last_date(since) <= first]
        lacking = "、".join(
            f"{first}至{last}"
            for first, last in known
            if not any(str(first) <= row["talked_on"] < behind(last) for row in talks)
        )
        note = f"{since}起出国（境）" if since else "没有写从哪天起"
        persons.append(facts.person(member, f"{note}，{lacking}没有联系记录" if lacking else note))
        silent += [f"{facts.roster.shown(member)}（{lacking}）"] if lacking else []
    yesterday = facts.as_of - timedelta(days=1)
    over = [member for member, since in mine.items() if since and passed(since, "abroad", yesterday)]
    unsaid = [member for member, since in mine.items() if not since]
    lists = (
        ("；半年没有联系：", silent),
        ("；超过五年，应停止党籍：", [f"{facts.roster.shown(member)}（{mine[member]}起）" for member in over]),
        ("；没有写从哪天起：", facts.shown(unsaid)),
    )
    return Result(judged(len(silent) + len(over), len(unsaid)), f"出国（境）{len(mine)}人", lists, [*persons, *spoken])


@check("D12")
def mending(facts: Facts, branch: PartyBranch) -> Result:
    """限期改正 lasts a year at most (教育管理条例第三十条); who was found 不合格 in the year has something recorded of what followed."""
    here, graded = [who.member for who in facts.members(branch)], facts.once(grades)
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
        text = f"{start or ''}至{end or ''}"
        long += [f"{name}（{text}）"] if start and passed(start, "mended", last - timedelta(days=1)) else []
        unsaid += [name] if not (start and end) else []
        records.append(Reference("tenure", row["id"], start or "", f"{name} 限期改正", text))
    bare = [member for member in failed if member not in {row["member_id"] for row in begun}]
    records += [facts.person(member, "评为不合格，没有处置记录") for member in bare]
    lists = (
        ("；超过一年：", long),
        ("；没有写起止日期：", unsaid),
        ("；评为不合格，没有处置记录：", facts.shown(bare)),
    )
    return Result(judged(len(long), len(unsaid) + len(bare)), f"限期改正{len(mine)}人", lists, records)
