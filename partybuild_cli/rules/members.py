"""The members of a branch (党员队伍: Z4 D1-D4 D9): size, hours, yearly meetings, talks, the roster itself."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import combinations

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.member import Member
from partybuild_cli.records.study import learned
from partybuild_cli.rules.belonging import by_owner, tenures
from partybuild_cli.rules.board import is_secretary
from partybuild_cli.rules.facts import Facts, PartyBranch, Row
from partybuild_cli.rules.frequency import regular_in
from partybuild_cli.rules.item import Result, State, check, judged, not_applicable, table, unknown
from partybuild_cli.store.asof import state
from partybuild_cli.values.day import first_date, last_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.people import IdNumber
from partybuild_cli.values.period import Period, months, text_bounds


@check("D1")
def size(facts: Facts, branch: PartyBranch) -> Result:
    """At least three full members, normally no more than fifty members, 预备党员 included (支部工作条例第四条)."""
    numbers, here, formal = table("structure"), facts.members(branch), len(facts.formal(branch))
    if not here:
        return unknown("花名册没有记录")
    figure, state = f"党员{len(here)}人，其中正式党员{formal}人", State.UNMET
    if formal < numbers["formal_least"]:
        figure += f"，不足{numbers['formal_least']}人"
    elif len(here) > numbers["members_most"]:
        upper = "党委" if len(here) >= numbers["party_committee_from"] else "党总支"
        figure += f"，超过{numbers['members_most']}人，一般应分设支部，可请示成立{upper}"
    else:
        state = State.MET
    return Result(
        state, figure, (), [facts.person(who.member, facts.registered[who.member]["category"]) for who in here]
    )


def studied(facts: Facts, bounds: tuple[str, str]) -> list[Row]:
    """What counts as hours of study, each with ledger, id, member, day, topic and hours; the earliest first."""
    return facts.rows(learned(*bounds))


def yearly_hours(committee: bool, day: date) -> int:
    """The 学时 that a year asks of a member; of 书记 and 委员 more, as long as the plan held that said so."""
    study = table("frequency")["study"]
    return int(study["committee" if committee and day <= study["committee_until"] else "member"])


def whole_months(first: date, last: date, arrived: date | None = None, left: date | None = None) -> int:
    """The whole calendar months of first..last that a member spent in the branch, without broken ones."""
    begin, end = max(first, arrived or first), min(last, left or last)
    touched = months(Period(begin, end, "")) if begin <= end else []
    return sum(begin <= first_date(month) and last_date(month) <= end for month in touched)


def _begins(facts: Facts) -> date:
    """Since when hours count: of the whole year once it is over, of the period until then."""
    return facts.as_of.replace(month=1, day=1) if facts.year_over else facts.period.first


def _hours(facts: Facts) -> dict[int, Decimal]:
    hours: dict[int, Decimal] = defaultdict(Decimal)
    for row in studied(facts, text_bounds(_begins(facts), facts.as_of)):
        hours[row["member"]] += row["hours"]
    return hours


@check("Z4")
def study(facts: Facts, branch: PartyBranch) -> Result:
    """学时 in proportion to the months in the branch (教育管理条例第二十条), owed once the year is over; exempt: 第二十三条."""
    begins, hours = _begins(facts), facts.once(_hours)
    short, unsaid, records = list[str](), list[str](), list[Reference]()
    for who in facts.assessable(branch):
        arrived = first_date(who.starts) if who.starts else None
        spent = whole_months(begins, facts.as_of, arrived, last_date(who.ends) if who.ends else None)
        if not spent:
            continue
        name, learned = facts.roster.shown(who.member), hours.get(who.member)
        target = Decimal(yearly_hours(who.on_committee, facts.as_of) * spent) / 12
        note = "没有学时记录" if learned is None else f"{plain_decimal(learned)}学时"
        records.append(facts.person(who.member, f"{note}，应有{plain_decimal(target.quantize(Decimal('0.1')))}学时"))
        unsaid += [name] if learned is None else []
        short += [f"{name}（{note}）"] if learned is not None and learned < target else []
    if not records:
        return not_applicable("没有应计学时的党员")
    state = judged(len(short), len(unsaid))
    figure = f"{len(records) - len(short) - len(unsaid)}/{len(records)} 人达到"
    if not facts.year_over and state is not State.MET:
        figure, state = f"{figure}按月折算的进度，全年期满后判定", State.NOT_APPLICABLE
    return Result(state, figure, (("；不足：", short), ("；无记录：", unsaid)), records)


def _measures(facts: Facts) -> list[Row]:
    """整改 of the 组织生活会 of the year, or noted without a day."""
    year = str(facts.as_of.year)
    found = (row for row in facts.every("task") if "组织生活会" in (row["source"] or ""))
    return facts.standing("task", (row for row in found if (row["started_on"] or year)[:4] == year))


@check("D2")
def life_meetings(facts: Facts, branch: PartyBranch) -> Result:
    """The yearly 组织生活会 with a list of 整改 (支部工作条例第十七条)."""
    found = regular_in("组织生活会", facts, branch)
    if found.state is not State.MET:
        return found
    mine = by_owner(facts, "task", _measures)[branch.name]
    records = [*found.records, *facts.named("task", mine)]
    return Result(State.MET if mine else State.NO_DATA, f"{found.figure}；整改事项{len(mine)}条", records=records)


def excellent_cap(formal: int) -> int:
    """How many may be 优秀: a third of the full members, rounded down."""
    numerator, denominator = table("frequency")["review"]["excellent"]
    return int(formal * numerator // denominator)


def grades(facts: Facts) -> dict[int, Row]:
    """The 民主评议 of the year by member."""
    year = str(facts.as_of.year)
    return {row["member_id"]: row for row in facts.every("review") if row["year"] == year and row["grade"] is not None}


@check("D3")
def reviews(facts: Facts, branch: PartyBranch) -> Result:
    """The yearly 民主评议 (第十八条): held, with a grade for every full member and for no other, 优秀 within the third."""
    graded, found = facts.once(grades), regular_in("民主评议", facts, branch)
    formal = [who.member for who in facts.formal(branch)]
    mine = [graded[member] for member in formal if member in graded]
    excellent, cap = sum(row["grade"] == "优秀" for row in mine), excellent_cap(len(formal))
    held = found.state is State.MET
    bare = [who for who in formal if held and who not in graded and facts.registered[who]["exempt_reason"] is None]
    state = State.NO_DATA if bare or (held and not mine) else found.state
    early = [who.member for who in facts.members(branch) if who.member in graded and who.member not in formal]
    state = State.UNMET if excellent > cap or early else state
    mine.sort(key=lambda row: int(row["member_id"]))
    records = [
        *found.records,
        *facts.named("review", mine, lambda row: str(row["grade"])),
        *(facts.person(member, "没有评定等次") for member in bare),
        *(facts.person(member, "预备党员，不评定等次") for member in early),
    ]
    figure = f"{found.text()}；优秀{excellent}人，上限{cap}人"
    lists = (("；没有评定等次：", facts.shown(bare)), ("；预备党员不评定等次：", facts.shown(early)))
    return Result(state, figure, lists, records)


def _talks(facts: Facts) -> dict[int, list[Row]]:
    """The talks of the year by branch; one across branches is of both."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in facts.every("talk", facts.year_bounds):
        for home in facts.homes[row["talker_id"]] | facts.homes[row["subject_id"]]:
            found[home].append(row)
    return found


def disciplined(facts: Facts) -> set[int]:
    """Members on whom a punishment or a measure of the branch fell in the year (受处分处置)."""
    (start, end), kinds = facts.year_bounds, table("frequency")["disciplined"]["kinds"]
    found = (row for row in facts.once(tenures) if row["kind"] in kinds)
    return {row["member_id"] for row in found if start <= (row["started_on"] or "") < end}


@check("D4")
def talks(facts: Facts, branch: PartyBranch) -> Result:
    """谈心谈话 (第十九条), owed once the year is over: every two of the committee, each other member with one of it, and
    with another member; the 书记 with whoever was disciplined. The committee is the 书记 alone where there is none.
    """
    seats, held = facts.members(branch), facts.once(_talks)[branch.number]
    board = {who.member for who in seats if who.on_committee}
    others = {who.member for who in seats} - board
    if not board or not others:
        return unknown("没有登记书记、委员或党员")
    spoke: dict[int, set[int]] = defaultdict(set)
    for row in held:
        spoke[row["talker_id"]] |= {row["subject_id"]}
        spoke[row["subject_id"]] |= {row["talker_id"]}
    wanted = [*combinations(sorted(board), 2)]
    apart = [pair for pair in wanted if pair[0] not in spoke[pair[1]]]
    by_board, by_members = (sorted(who for who in others if not (spoke[who] - {who}) & of) for of in (board, others))
    pairs = ((len(wanted), apart), (len(others), by_board), (len(others), by_members))
    texts = [f"{due - len(lacking)}/{due}" for due, lacking in pairs]
    figure = f"支委之间{texts[0]}对，支委和党员{texts[1]}人，党员之间{texts[2]}人"
    by_members = by_members if len(others) > 1 else []
    heads = {who.member for who in seats if is_secretary(who)}
    punished = sorted(who for who in (board | others) - heads if heads and who in facts.once(disciplined))
    unheard = [who for who in punished if not spoke[who] & heads]
    figure += f"，受处分处置的党员和书记{len(punished) - len(unheard)}/{len(punished)}人" if punished else ""
    state = judged(len(apart) + len(by_board) + len(by_members) + len(unheard), 0)
    if state is State.UNMET and not facts.year_over:
        figure, state = f"{figure}；全年期满后判定", State.NOT_APPLICABLE
    records = [
        *facts.named("talk", held, None, lambda row: "与".join(facts.shown((row["talker_id"], row["subject_id"])))),
        *(Reference("talk", None, "", "和".join(facts.shown(pair)), "支委之间没有谈话记录") for pair in apart),
        *(facts.person(member, "没有支委与其谈话的记录") for member in by_board),
        *(facts.person(member, "没有与其他党员谈话的记录") for member in by_members),
        *(facts.person(member, "受处分处置，没有书记与其谈话的记录") for member in unheard),
    ]
    return Result(state, figure, records=records)


@check("D9")
def roster(facts: Facts, branch: PartyBranch) -> Result:
    """The items of 党员基本信息采集表 that are never blank, a full member's day of 转正, and ID numbers by their check digit."""
    here = [who.member for who in facts.members(branch)]
    if not here:
        return unknown("花名册没有记录")
    # by the history what the roster said at the end of the period; what it says now, where the book is younger
    known = facts.known
    then = facts.once(
        lambda facts: state(facts.connection, Member.shape, known)[0] if known is not None else {}, "then"
    )
    said, asked = {**facts.registered, **then}, table("frequency")["roster"]["asked"]
    lacking, full = dict[int, list[str]](), [*asked, "full_on"]
    for member in here:
        wanted = full if said[member].get("category") == "正式党员" else asked
        lacking[member] = [key for key in wanted if said[member].get(key) is None]
    fields = {member: "、".join(Member.columns[key].heading for key in keys) for member, keys in lacking.items()}
    bare = [member for member in here if lacking[member]]
    false = [member for member in here if not _sound(said[member].get("id_number"))]
    named = [f"{facts.roster.shown(member)}（{fields[member]}）" for member in bare]
    lists = (("；缺项：", named), ("；身份证号校验不符：", facts.shown(false)))
    records = [facts.person(member, f"缺{fields[member]}") for member in bare]
    records += [facts.person(member, "身份证号校验不符") for member in false]
    remedy = ""
    for member in (*bare, *false)[:1]:
        columns = [Member.columns[key] for key in lacking[member] or ["id_number"]]
        words = " ".join(f"{column.flag} {column.heading}" for column in columns)
        remedy = f"逐人补齐或改正：partybuild member edit {facts.roster.shown(member)} {words}"
    figure = f"{len(here) - len({*bare, *false})}/{len(here)} 人完整"
    return Result(judged(len(false), len(bare)), figure, lists, records, remedy=remedy)


def _sound(number: str | None) -> bool:
    """Whether an ID number passes its check; entry refuses others, other programs may not."""
    try:
        IdNumber().parse(number)
    except ValueProblem:
        return False
    return True
