"""The members of a branch (党员队伍: Z4 D1-D4 D8 D9): size, hours, yearly meetings, talks, those away, the roster itself."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.dated import home_on
from partybuild_cli.records.base.roster import Seat
from partybuild_cli.records.member import Member
from partybuild_cli.records.study import LEARNED
from partybuild_cli.rules.facts import Facts, Row, references
from partybuild_cli.rules.frequency import of_units, regular
from partybuild_cli.rules.item import Finding, Findings, State, check, judged, not_applicable, table, unknown
from partybuild_cli.values.day import add_months, first_date, last_date
from partybuild_cli.values.idnumber import IdNumber
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import text_bounds
from partybuild_cli.values.reference import Reference


@check("D1")
def size(facts: Facts) -> Findings:
    """At least three full members, normally no more than fifty members, 预备党员 included (支部工作条例第四条)."""
    numbers = table("structure")
    for branch in facts.branches:
        here, formal = facts.members(branch.number), len(facts.formal(branch.number))
        figure, state = f"党员{len(here)}人，其中正式党员{formal}人", State.MET
        if not here:
            yield branch.name, unknown("花名册没有记录")
            continue
        if formal < numbers["formal_least"]:
            figure, state = f"{figure}，不足{numbers['formal_least']}人", State.UNMET
        elif len(here) > numbers["members_most"]:
            upper = "党委" if len(here) >= numbers["party_committee_from"] else "党总支"
            figure += f"，超过{numbers['members_most']}人，一般应分设支部，可请示成立{upper}"
            state = State.UNMET
        records = [facts.person(seat.member, facts.people[seat.member].category) for seat in here]
        yield branch.name, Finding(state, figure, records=records)


def studied(facts: Facts, bounds: tuple[str, str], *, here: bool = False) -> list[Row]:
    """What counts as hours of study, each with ledger, id, member, day, topic and hours; `here`: in the branches asked for."""
    there = facts.where_branch(home_on("t.member", "t.day")) if here else ""
    return facts.rows(f"SELECT * FROM ({LEARNED}) AS t WHERE 1 = 1{there} ORDER BY day, ledger, id", *bounds, *bounds)


def yearly_hours(committee: bool, day: date) -> int:
    """The 学时 that a year asks of a member; of 书记 and 委员 more, as long as the plan held that said so."""
    study = table("frequency")["study"]
    return int(study["committee" if committee and day <= study["committee_until"] else "member"])


def whole_months(first: date, last: date, arrived: date | None = None, left: date | None = None) -> int:
    """The whole calendar months of first..last that a member spent in the branch, without broken ones."""
    begin, end = max(first, arrived or first), min(last, left or last)
    month = begin if begin.day == 1 else add_months(begin.replace(day=1), 1)
    count = 0
    while add_months(month, count + 1).toordinal() - 1 <= end.toordinal():
        count += 1
    return count


@check("Z4")
def study(facts: Facts) -> Findings:
    """学时 of a year in proportion to the months in the branch (教育管理条例第二十条), owed once the year is over.

    Within the year whoever keeps pace is told from whoever does not. Who is exempt (第二十三条) is not asked.
    """
    over = facts.year_over
    first = facts.as_of.replace(month=1, day=1) if over else facts.period.first
    bounds = text_bounds(first, facts.as_of)
    hours: dict[int, Decimal] = {}
    for row in studied(facts, bounds):
        hours[row["member"]] = hours.get(row["member"], Decimal(0)) + Decimal(row["hours"]).scaleb(-4)
    for branch in facts.branches:
        short, unsaid, records = [], [], []
        for seat in facts.assessable(branch.number):
            arrived = first_date(seat.starts) if seat.starts else None
            left = last_date(seat.ends) if seat.ends else None
            months = whole_months(first, facts.as_of, arrived, left)
            if not months:
                continue
            name, learned = facts.roster.shown(seat.member), hours.get(seat.member)
            target = Decimal(yearly_hours(seat.on_committee, facts.as_of) * months) / 12
            note = "没有学时记录" if learned is None else f"{plain_decimal(learned)}学时"
            records.append(
                facts.person(seat.member, f"{note}，应有{plain_decimal(target.quantize(Decimal('0.1')))}学时")
            )
            if learned is None:
                unsaid.append(name)
            elif learned < target:
                short.append(f"{name}（{note}）")
        if not records:
            yield branch.name, not_applicable("没有应计学时的党员")
            continue
        state = judged(len(short), len(unsaid))
        figure = f"{len(records) - len(short) - len(unsaid)}/{len(records)} 人达到"
        if not over and state is not State.MET:
            figure, state = f"{figure}按月折算的进度，全年期满后判定", State.NOT_APPLICABLE
        yield branch.name, Finding(state, figure, (("；不足：", short), ("；无记录：", unsaid)), records)


@check("D2")
def life_meetings(facts: Facts) -> Findings:
    """The yearly 组织生活会 with a list of 整改, noted in that year or without a day (支部工作条例第十七条)."""
    year = str(facts.as_of.year)
    sql = "SELECT id, item, started_on, due_on FROM task WHERE source LIKE '%组织生活会%' ORDER BY id"
    noted = [row for row in facts.rows(sql) if not row["started_on"] or row["started_on"][:4] == year]
    measures = facts.by_owner("task", noted)
    for branch in facts.branches:
        found = regular("组织生活会", of_units("组织生活会", facts, branch), facts.window(branch))
        if found.state is State.MET:
            mine = measures.get(branch.name, [])
            records = [*found.records, *references("task", mine, "due_on", "item")]
            state = State.MET if mine else State.NO_DATA
            found = Finding(state, f"{found.figure}；整改事项{len(mine)}条", records=records)
        yield branch.name, found


def excellent_cap(formal: int) -> int:
    """How many may be 优秀: a third of the full members, rounded down."""
    numerator, denominator = table("frequency")["review"]["excellent"]
    return int(formal * numerator // denominator)


@check("D3")
def reviews(facts: Facts) -> Findings:
    """The yearly 民主评议 (第十八条): held, with a grade for every full member, 优秀 within the third."""
    sql = "SELECT id, member_id, year, grade FROM review WHERE year = ? AND grade IS NOT NULL ORDER BY member_id"
    graded = {row["member_id"]: row for row in facts.rows(sql, str(facts.as_of.year))}
    for branch in facts.branches:
        found = regular("民主评议", of_units("民主评议", facts, branch), facts.window(branch))
        formal = [seat.member for seat in facts.formal(branch.number)]
        mine = [graded[one] for one in formal if one in graded]
        bare = [one for one in formal if one not in graded and not facts.people[one].exempt]
        excellent, cap = sum(row["grade"] == "优秀" for row in mine), excellent_cap(len(formal))
        state = found.state
        if state is State.MET and (bare or not mine):
            state = State.NO_DATA
        if excellent > cap:
            state = State.UNMET
        figure = f"{found.text()}；优秀{excellent}人，上限{cap}人"
        lists = (("；没有评定等次：", facts.shown(bare) if found.state is State.MET else ()),)
        records = [
            *found.records,
            *(
                Reference("review", row["id"], row["year"], facts.roster.shown(row["member_id"]), row["grade"])
                for row in mine
            ),
            *(facts.person(one, "没有评定等次") for one in bare if found.state is State.MET),
        ]
        yield branch.name, Finding(state, figure, lists, records)


@check("D4")
def talks(facts: Facts) -> Findings:
    """谈心谈话 (第十九条), owed once the year is over: every two of the committee, each other member with one of it, and
    with another member. The committee is the 书记 alone where there is none.
    """
    sql = "SELECT id, talker_id, subject_id, talked_on FROM talk WHERE talked_on >= ? AND talked_on < ? ORDER BY talked_on, id"
    found: dict[int, list[Mapping[str, str | int]]] = defaultdict(list)
    for row in facts.rows(sql, *facts.year_bounds):
        for branch_id in facts.homes[row["talker_id"]] | facts.homes[row["subject_id"]]:
            found[branch_id].append(row)
    for branch in facts.branches:
        mine = found.get(branch.number, [])
        pairs = {frozenset((int(row["talker_id"]), int(row["subject_id"]))) for row in mine}
        yield branch.name, _talked(facts, facts.members(branch.number), pairs, mine)


def _talked(
    facts: Facts, seats: list[Seat], pairs: set[frozenset[int]], talks: list[Mapping[str, str | int]]
) -> Finding:
    board = {seat.member for seat in seats if seat.on_committee}
    others = {seat.member for seat in seats} - board
    if not board or not others:
        return unknown("没有登记书记、委员或党员")
    wanted = [frozenset(pair) for pair in combinations(sorted(board), 2)]
    apart = [pair for pair in wanted if pair not in pairs]
    by_board, by_members = others - _partnered(pairs, others, board), others - _partnered(pairs, others, others)
    figure = (
        f"支委之间{len(wanted) - len(apart)}/{len(wanted)}对，支委和党员{len(others) - len(by_board)}/{len(others)}人"
    )
    figure += f"，党员之间{len(others) - len(by_members)}/{len(others)}人"
    lacking = len(apart) + len(by_board) + (len(by_members) if len(others) > 1 else 0)
    state = judged(lacking, 0)
    if lacking and not facts.year_over:
        figure, state = f"{figure}；全年期满后判定", State.NOT_APPLICABLE
    shown = facts.roster.shown
    records = [
        Reference(
            "talk",
            int(row["id"]),
            str(row["talked_on"]),
            f"{shown(int(row['talker_id']))}与{shown(int(row['subject_id']))}",
        )
        for row in talks
    ]
    records += [
        Reference("talk", None, "", "和".join(facts.shown(sorted(pair))), "支委之间没有谈话记录") for pair in apart
    ]
    records += [facts.person(one, "没有支委与其谈话的记录") for one in sorted(by_board)]
    records += [facts.person(one, "没有与其他党员谈话的记录") for one in sorted(by_members) if len(others) > 1]
    return Finding(state, figure, records=records)


def _partnered(pairs: Collection[frozenset[int]], people: set[int], partners: set[int]) -> set[int]:
    """Which of the people share a talk with one of the partners."""
    return {one for pair in pairs for one in pair & people if (pair - {one}) & partners}


def away_long(since: str, today: date) -> bool:
    """Away or lost for six months, whatever day a coarse one means: 2026-01-05 is so on 2026-07-05."""
    return today >= add_months(last_date(since), table("frequency")["away"]["months"])


def struck_off_due(stopped_on: str, today: date) -> bool:
    """Two years after 停止党籍 of a lost member (除名)."""
    return today >= add_months(last_date(stopped_on), table("frequency")["away"]["struck_off_months"])


@check("D8")
def away(facts: Facts) -> Findings:
    """Members away or lost for six months, and lost ones whose membership was stopped two years ago (教育管理条例 24, 25, 32).

    Whoever is lost is not counted as away too.
    """
    as_of = str(facts.as_of)
    clocks = ("away_on", "lost_on", "suspended_on")
    rows = [
        {"branch_id": row["branch_id"], "id": number}
        | {key: str(row[key]) for key in clocks if row[key] and row[key] <= as_of}
        for number, row in facts.registered.items()
        if not row["left_on"] or row["left_on"] > as_of
    ]
    for branch in facts.branches:
        mine: list[dict[str, Any]] = [row for row in rows if row["branch_id"] == branch.number]
        name = facts.roster.shown
        gone = [row for row in mine if "lost_on" in row and "suspended_on" in row]
        lost = [row for row in mine if "lost_on" in row and "suspended_on" not in row]
        floating = [row for row in mine if "away_on" in row and "lost_on" not in row]
        if not (gone or lost or floating):
            yield branch.name, not_applicable("没有流动和失联党员记录")
            continue
        since = [(row["id"], row["away_on"], "外出") for row in floating] + [
            (row["id"], row["lost_on"], "失联") for row in lost
        ]
        flagged = [f"{name(one)}（{day}起{word}）" for one, day, word in since if away_long(day, facts.as_of)]
        due = [
            f"{name(row['id'])}（{row['suspended_on']}停止党籍，已满两年）"
            for row in gone
            if struck_off_due(row["suspended_on"], facts.as_of)
        ]
        lists = (("；已满六个月：", flagged), ("；应按程序除名：", due))
        records = [facts.person(one, f"{day}起{word}") for one, day, word in since]
        records += [facts.person(row["id"], f"{row['suspended_on']}停止党籍") for row in gone]
        figure = f"流动{len(floating)}人，失联{len(lost)}人"
        yield branch.name, Finding(judged(len(flagged) + len(due), 0), figure, lists, records)


@check("D9")
def roster(facts: Facts) -> Findings:
    """The items of 党员基本信息采集表 that are never blank, a full member's day of 转正, and ID numbers by their check digit."""
    asked: list[str] = table("frequency")["roster"]["asked"]
    lacking = {
        number: [Member.columns[key] for key in asked if row[key] is None] for number, row in facts.registered.items()
    }
    for number, person in facts.people.items():
        if person.category == "正式党员" and person.full_on is None:
            lacking[number].append(Member.columns["full_on"])
    known = {number: row["id_number"] for number, row in facts.registered.items() if row["id_number"] is not None}
    wrong = {number for number, said in known.items() if not _sound(said)}
    fields = {number: "、".join(column.heading for column in some) for number, some in lacking.items()}
    for branch in facts.branches:
        here = [seat.member for seat in facts.members(branch.number)]
        if not here:
            yield branch.name, unknown("花名册没有记录")
            continue
        bare, false = [one for one in here if lacking[one]], [one for one in here if one in wrong]
        told = [f"{facts.roster.shown(one)}（{fields[one]}）" for one in bare]
        figure = f"{len(here) - len({*bare, *false})}/{len(here)} 人完整"
        lists = (("；缺项：", told), ("；身份证号校验不符：", facts.shown(false)))
        records = [facts.person(one, f"缺{fields[one]}") for one in bare]
        records += [facts.person(one, "身份证号校验不符") for one in false]
        remedy = ""
        for one in (*bare, *false)[:1]:
            columns = lacking[one] or [Member.columns["id_number"]]
            words = " ".join(f"{column.flag} {column.heading}" for column in columns)
            remedy = f"逐人补齐或改正：partybuild member edit {facts.roster.shown(one)} " + words
        yield branch.name, Finding(judged(len(false), len(bare)), figure, lists, records, remedy=remedy)


def _sound(number: str) -> bool:
    """Whether an ID number passes its check; entry refuses others, other programs may not."""
    try:
        IdNumber().parse(number)
    except ValueProblem:
        return False
    return True
