"""Figures of people (党员队伍): the roster on the last day of the period, and who is on the way into it; and of organised life
(组织生活): meetings and attendance, study, talks, dues, reviews, the index.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import and_, column, func, select, table

from partybuild_cli.records.base.column import SPAN
from partybuild_cli.records.base.registry import record
from partybuild_cli.records.base.roster import spans_of
from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.records.study import StudyKind
from partybuild_cli.records.tenure import LEVEL
from partybuild_cli.reports.figures import Figure, counted, parted, share
from partybuild_cli.rules.belonging import candidates
from partybuild_cli.rules.board import heads_department, holds, is_secretary, leaders_attended
from partybuild_cli.rules.development import clinical
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.rules.members import studied
from partybuild_cli.rules.participation import ROUNDS, in_force
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import quarters

_DEGREES = ("博士", "硕士", "学士")


def people(facts: Facts) -> Iterator[Figure]:
    """Branches, members by category, degree and post; who was admitted, and who is being formed."""
    homes = [
        Reference("branch", home.number, home.founded_on or "", home.name, home.brand or "") for home in facts.branches
    ]
    yield counted(facts, "branch.count", homes)
    if brands := [home for home in homes if home.note]:
        yield counted(facts, "branch.brands", brands)
    seats = [who for branch in facts.branches for who in facts.members(branch)]
    said = {who.member: facts.registered[who.member] for who in seats}
    posts = {who.member: said[who.member]["position"] for who in seats if is_secretary(who)}
    heads = {leader: heads_department(post) for leader, post in posts.items() if post}
    leaders = [facts.person(leader, posts[leader]) for leader in heads]
    yield from share(facts, "branch.double_leader_rate", sum(map(bool, heads.values())), len(heads), leaders)
    formal = {who.member for branch in facts.branches for who in facts.formal(branch)}
    persons = {member: facts.person(member, "正式党员" if member in formal else "预备党员") for member in said}
    yield counted(facts, "members.total", [*persons.values()])
    yield counted(facts, "members.formal", [persons[member] for member in said if member in formal])
    yield counted(facts, "members.probationary", [persons[member] for member in said if member not in formal])
    degrees = [row["degree"] for row in said.values()]
    named = [facts.person(member, row["degree"] or "没有登记学位") for member, row in said.items()]
    yield from parted(facts, "members.degree.*", degrees, named, _DEGREES)
    if high := sum(degree in _DEGREES[:2] for degree in degrees):
        yield from share(facts, "members.postgraduate_share", high, len(said), named)
    kinds = [row["staff_kind"] for row in said.values()]
    commonest = [kind for kind, _ in Counter(kinds).most_common() if kind is not None]
    yield from parted(facts, "members.staff.*", kinds, persons.values(), commonest)
    # 学术任职 in force, by level: members, each once at a level, with what they hold
    academic = [row for row in in_force(facts, "tenure", str(facts.as_of)) if row["kind"] == "学术任职"]
    for level in LEVEL.words:
        if mine := [row for row in academic if row["level"] == level and row["member_id"] in said]:
            shown = facts.named("tenure", mine, lambda row: row["value"])
            yield counted(facts, "members.academic.*", shown, len({row["member_id"] for row in mine}), part=level)
    yield from _development(facts)


def _development(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds
    cases = [case for case in facts.once(candidates) if facts.asks_of(case.branch)]
    if not cases:
        return
    days = [(case, case.days["voted_on"] or "") for case in cases]
    admitted = [(case, day) for case, day in days if start <= day < end]
    records = [Reference("development", case.number, day, case.name, case.staff_kind or "") for case, day in admitted]
    yield counted(facts, "development.count", records)
    front = sum(clinical(case.staff_kind) for case, _ in admitted)
    yield from share(facts, "development.clinical_share", front, len(admitted), records)
    day = str(facts.as_of)  # what came later had not happened yet
    stages = [(case, stage_of({key: on for key, on in case.days.items() if on and on <= day})) for case in cases]
    for id, stage in (("activists", Stage.ACTIVIST), ("candidates", Stage.CANDIDATE), ("applicants", Stage.APPLICANT)):
        mine = [Reference("development", case.number, "", case.name, stage) for case, found in stages if found == stage]
        yield counted(facts, f"development.{id}", mine, part=stage)


def figures(facts: Facts) -> Iterator[Figure]:
    """Every figure of organised life that the records hold."""
    for group in (_meetings, _study, _integrity, _of_people, _dues, _grades):
        yield from group(facts)


def _mean(total: Decimal, count: int) -> Decimal:
    return (total / count).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _meetings(facts: Facts) -> Iterator[Figure]:
    held, records = facts.held(), list[Reference]()
    for meeting in held:
        come = "没有登记出席情况" if meeting.due is None else f"应到{meeting.due}，实到{meeting.present}"
        away = [(state, who) for state, who in meeting.states.items() if state not in ("出席", "列席")]
        text = "；".join([come, *(f"{state}：{'、'.join(facts.shown(who))}" for state, who in away)])
        records.append(meeting.reference(text))
    kinds = Counter(meeting.kind for meeting in held)
    commonest = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    yield from parted(facts, "meeting.count.*", [meeting.kind for meeting in held], records, commonest)
    known = [(meeting, record) for meeting, record in zip(held, records, strict=True) if meeting.due is not None]
    due, present = sum(meeting.due or 0 for meeting, _ in known), sum(meeting.present for meeting, _ in known)
    presumed = sum(meeting.basis == "推定" for meeting in held)
    more = f"；{len(held) - len(known)} 次没有登记出席情况，没有计入" if len(known) < len(held) else ""
    more += f"；其中 {presumed} 次的出席是推定的" if presumed else ""
    yield from share(facts, "meeting.attendance_rate", present, due, [record for _, record in known], more=more)


def _of_members(facts: Facts, ledger: str, person: str = "member_id") -> list[Row]:
    """The records of the period about members of the branches asked for, where each was on the day of his record."""
    found, day = facts.within(ledger), record(ledger).date
    return [row for row in found if not facts.narrowed or facts.asks_of(facts.home(row[person], row[day]))]


def _study(facts: Facts) -> Iterator[Figure]:
    found = [row for row in studied(facts, facts.bounds) if facts.asks_of(facts.home(row["member"], row["day"]))]
    records = []
    for row in found:
        said = f"{row['topic']}，{plain_decimal(row['hours'])}学时"
        records.append(Reference(row["ledger"], row["id"], row["day"], facts.roster.shown(row["member"]), said))
    if found:
        yield counted(facts, "study.hours", records, sum((row["hours"] for row in found), Decimal(0)))
    here = {who.member for branch in facts.branches for who in facts.members(branch)}
    if found and here:
        mine = sum((row["hours"] for row in found if row["member"] in here), Decimal(0))
        yield counted(facts, "study.hours_per_member", records, _mean(mine, len(here)))


def _integrity(facts: Facts) -> Iterator[Figure]:
    """廉洁教育, the course required of new staff and of those newly promoted (新职工 新提职), and who still lacks it."""
    start, end = facts.bounds
    arrived = {member: row["arrived_on"] or "" for member, row in facts.registered.items()}
    new = {member: day for member, day in arrived.items() if start <= day < end}
    yield from _taught(facts, "study.integrity_new", new, "转入")
    here = (SPAN.c.field == "position", SPAN.c.until >= start, SPAN.c.until < end)
    spans = spans_of(facts.connection, "member", *here)
    promoted = {}
    for member, changed in spans.items():
        before, now = changed[-1].value, facts.registered[member]["position"]
        for kind in ("heads", "leaders"):
            if before and holds(now, kind, deputies=True) and not holds(before, kind, deputies=True):
                promoted[member] = changed[-1].until
    yield from _taught(facts, "study.integrity_promoted", promoted, "提职")


def _taught(facts: Facts, id: str, asked: dict[int, str], why: str) -> list[Figure]:
    """Who of those asked took the course in the period, from the day on that is known of each."""
    taught: dict[int, Row] = {}
    for row in facts.within("study"):
        day = asked.get(row["member_id"])
        course = row["kind"] == StudyKind.INTEGRITY and row["hours"] != 0
        if course and day is not None and row["studied_on"] >= day[: len(row["studied_on"])]:
            taught.setdefault(row["member_id"], row)
    records = []
    for member in (who.member for branch in facts.branches for who in facts.members(branch) if who.member in asked):
        name, day = facts.roster.shown(member), asked[member]
        lacking = Reference("member", member, day, name, f"{day}{why}，还没有廉洁教育记录")
        done = taught.get(member)
        records.append(Reference("study", done["id"], done["studied_on"], name, done["topic"]) if done else lacking)
    return share(facts, id, sum(record.ledger == "study" for record in records), len(records), records)


def _of_people(facts: Facts) -> Iterator[Figure]:
    """双重组织生活: how often leading members were at the meetings of their own branch, and at which; who was talked to."""
    leaders = {member: found for here in leaders_attended(facts).values() for member, found in here.items()}
    if leaders:
        yield counted(facts, "life.double", [record for found in leaders.values() for record in found])
        persons = [facts.person(member, f"参加 {len(found)} 次") for member, found in leaders.items()]
        yield from share(facts, "life.double_share", sum(map(bool, leaders.values())), len(leaders), persons)
    if found := _of_members(facts, "talk", "subject_id"):
        by = [f"谈话人：{facts.roster.shown(row['talker_id'])}" for row in found]
        whom = [facts.roster.shown(row["subject_id"]) for row in found]
        lines = zip(found, whom, by, strict=True)
        said = [Reference("talk", row["id"], row["talked_on"] or "", to, note) for row, to, note in lines]
        yield counted(facts, "talk.count", said)
        yield counted(facts, "talk.people", said, len({row["subject_id"] for row in found}))


def _dues(facts: Facts) -> Iterator[Figure]:
    as_of = str(facts.as_of)
    paid = [row for row in _of_members(facts, "dues") if row["paid"] is not None and (row["paid_on"] or "") <= as_of]
    if not paid:
        return
    records = facts.named("dues", paid, lambda row: f"实缴{plain_decimal(row['paid'])}元")
    yield counted(facts, "dues.paid", records, sum((row["paid"] for row in paid), Decimal(0)))
    months = [month for branch in facts.once(paid_dues).values() for month in branch.months]
    lacking = [branch.unpaid + branch.unknown for branch in facts.once(paid_dues).values()]
    settled, behind = len(months) - sum(map(len, lacking)), [month.record for month in months]
    yield from share(facts, "dues.paid_rate", settled, len(months), behind)
    in_time = settled - sum(month.late for month in months)
    yield from share(facts, "dues.on_time_rate", in_time, len(months), behind)


def _grades(facts: Facts) -> Iterator[Figure]:
    """民主评议; the mean of each computed quarter of the index, over those who were scored in its latest revision."""
    graded = [row for row in _of_members(facts, "review") if row["grade"] is not None]
    said, grades = facts.named("review", graded, lambda row: str(row["grade"])), [row["grade"] for row in graded]
    yield from parted(facts, "review.grade.*", grades, said, sorted(set(grades)))
    rounds, score = ROUNDS.c, table("index_score", column("round_id"), column("name"), column("score"))
    revision = func.max(rounds.revision).label("revision")
    latest = (
        select(rounds.quarter, rounds.branch_id, revision).group_by(rounds.quarter, rounds.branch_id).subquery("latest")
    )
    last = and_(*(rounds[key] == of for key, of in latest.c.items()))
    query = select(rounds.quarter, rounds.branch_id, score.c.name, score.c.score).join_from(ROUNDS, latest, last)
    query = query.join(score, score.c.round_id == rounds.id).where(score.c.score.is_not(None))
    found = facts.connection.execute(query.order_by(rounds.branch_id, score.c.score.desc(), score.c.name)).all()
    for quarter in quarters(facts.period):
        mine = ((name, score) for of, branch, name, score in found if of == quarter and facts.asks_of(branch))
        scores = [(name, Decimal(score).scaleb(-4)) for name, score in mine]
        if scores:
            records = [Reference("index", None, quarter, name, f"{plain_decimal(score)} 分") for name, score in scores]
            mean = _mean(sum((score for _, score in scores), Decimal(0)), len(scores))
            yield counted(facts, "index.*", records, mean, part=quarter)
