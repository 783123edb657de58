"""Figures of organised life (组织生活): meetings and attendance, study, talks, dues, reviews, the index."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import inspect

from partybuild_cli.records.base.dated import home_on, spans_of
from partybuild_cli.reports.figures.figure import Figure, counted, share
from partybuild_cli.rules.board import holds, leaders_attended
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Facts, Held, Row, references
from partybuild_cli.rules.members import studied
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import quarters
from partybuild_cli.values.reference import Reference

_TENTH = Decimal("0.1")


def figures(facts: Facts) -> Iterator[Figure]:
    """Every figure of organised life that the records hold."""
    for group in (_meetings, _study, _integrity, _double_life, _talks, _dues, _reviews, _index):
        yield from group(facts)


def _meetings(facts: Facts) -> Iterator[Figure]:
    held = facts.held()
    records = {one.number: one.reference(_attendance(facts, one)) for one in held}
    kinds = Counter(one.kind for one in held)
    for kind in sorted(kinds, key=lambda one: (-kinds[one], one)):
        yield counted(facts, "meeting.count.*", [records[one.number] for one in held if one.kind == kind], part=kind)
    known = [one for one in held if one.due is not None]
    due, present = sum(one.due or 0 for one in known), sum(one.present for one in known)
    presumed = sum(one.basis == "推定" for one in held)
    more = f"；{len(held) - len(known)} 次没有登记出席情况，没有计入" if len(known) < len(held) else ""
    more += f"；其中 {presumed} 次的出席是推定的" if presumed else ""
    behind = [records[one.number] for one in known]
    yield from share(facts, "meeting.attendance_rate", present, due, behind, more=more)


def _attendance(facts: Facts, one: Held) -> str:
    """How many came, and who did not."""
    said = ["没有登记出席情况" if one.due is None else f"应到{one.due}，实到{one.present}"]
    said += [
        f"{state}：{'、'.join(facts.shown(members))}"
        for state, members in one.states.items()
        if state not in ("出席", "列席")
    ]
    return "；".join(said)


def _of_members(facts: Facts, ledger: str, columns: str, person: str, day: str, where: str = "") -> list[Row]:
    """The records of a ledger about members of the branches asked for, with day and person, within the period."""
    there = home_on(f"t.{person}", f"substr(t.{day} || '-99-99', 1, 10)")
    sql = (
        f"SELECT t.id, t.{day} AS day, t.{person} AS member, {columns} FROM {ledger} AS t"
        f" WHERE t.{day} >= ? AND t.{day} < ?{where}{facts.where_branch(there)} ORDER BY t.{day}, t.id"
    )
    return facts.rows(sql, *facts.bounds)


def _of_person(facts: Facts, ledger: str, found: list[Row], note: Callable[[Row], str]) -> list[Reference]:
    """Records about a member, each named by him."""
    return references(ledger, found, "day", lambda row: facts.roster.shown(row["member"]), note)


def _study(facts: Facts) -> Iterator[Figure]:
    found = studied(facts, facts.bounds, here=True)
    if not found:
        return
    records = [
        one
        for row in found
        for one in _of_person(facts, row["ledger"], [row], lambda row: f"{row['topic']}，{_plain(row['hours'])}学时")
    ]
    yield counted(facts, "study.hours", records, Decimal(sum(row["hours"] for row in found)).scaleb(-4))
    here = {seat.member for branch in facts.branches for seat in facts.members(branch)}
    if here:
        mine = Decimal(sum(row["hours"] for row in found if row["member"] in here)).scaleb(-4)
        average = (mine / len(here)).quantize(_TENTH, ROUND_HALF_UP)
        yield counted(facts, "study.hours_per_member", records, average)


def _integrity(facts: Facts) -> Iterator[Figure]:
    """廉洁教育, the course required of new staff and of those newly promoted (新职工 新提职), and who still lacks it."""
    start, end = facts.bounds
    sql = "SELECT id, arrived_on FROM member WHERE arrived_on >= ? AND arrived_on < ?"
    new = {row["id"]: row["arrived_on"] for row in facts.rows(sql, start, end)}
    yield from _taught(facts, "study.integrity_new", new, "转入")
    spans = spans_of(facts.connection, "member", " AND field = 'position' AND until >= ? AND until < ?", start, end)
    promoted = {}
    for member, changed in spans.items():
        before, now = changed[-1].value, facts.people[member].position
        for kind in ("heads", "leaders"):
            if before and holds(now, kind, deputies=True) and not holds(before, kind, deputies=True):
                promoted[member] = changed[-1].until
    yield from _taught(facts, "study.integrity_promoted", promoted, "提职")


def _taught(facts: Facts, id: str, asked: dict[int, str], why: str) -> list[Figure]:
    """Who of those asked took the course in the period, from the day on that is known of each."""
    members = [seat.member for branch in facts.branches for seat in facts.members(branch) if seat.member in asked]
    sql = (
        "SELECT id, member_id, studied_on, topic FROM study WHERE kind = '廉洁教育' AND coalesce(hours, 1) > 0"
        " AND studied_on >= ? AND studied_on < ? ORDER BY studied_on, id"
    )
    taught: dict[int, Row] = {}
    for row in facts.rows(sql, *facts.bounds):
        day = asked.get(row["member_id"])
        if day is not None and row["studied_on"] >= day[: len(row["studied_on"])]:
            taught.setdefault(row["member_id"], row)
    records = []
    for member in members:
        name, done = facts.roster.shown(member), taught.get(member)
        if done is None:
            lacking = f"{asked[member]}{why}，还没有廉洁教育记录"
            records.append(Reference("member", member, asked[member], name, lacking))
        else:
            records.append(Reference("study", done["id"], done["studied_on"], name, done["topic"]))
    return share(facts, id, sum(member in taught for member in members), len(members), records)


def _double_life(facts: Facts) -> Iterator[Figure]:
    """双重组织生活: how often leading members were at the meetings of their own branch, and at which."""
    leaders = {member: found for here in leaders_attended(facts).values() for member, found in here.items()}
    if leaders:
        yield counted(facts, "life.double", [record for found in leaders.values() for record in found])
        persons = [facts.person(member, f"参加 {len(found)} 次") for member, found in leaders.items()]
        yield from share(facts, "life.double_share", sum(map(bool, leaders.values())), len(leaders), persons)


def _talks(facts: Facts) -> Iterator[Figure]:
    if found := _of_members(facts, "talk", "t.talker_id", "subject_id", "talked_on"):
        records = _of_person(facts, "talk", found, lambda row: f"谈话人：{facts.roster.shown(row['talker_id'])}")
        yield counted(facts, "talk.count", records)
        yield counted(facts, "talk.people", records, len({row["member"] for row in found}))


def _dues(facts: Facts) -> Iterator[Figure]:
    by_then = f" AND t.paid IS NOT NULL AND (t.paid_on IS NULL OR t.paid_on <= '{facts.as_of}')"
    paid = _of_members(facts, "dues", "t.paid", "member_id", "month", by_then)
    if not paid:
        return
    records = _of_person(facts, "dues", paid, lambda row: f"实缴{_plain(row['paid'])}元")
    yield counted(facts, "dues.paid", records, Decimal(sum(row["paid"] for row in paid)).scaleb(-4))
    found = paid_dues(facts).values()
    owed = sum(one.owed for one in found)
    settled = owed - sum(len(one.unpaid) + len(one.unknown) for one in found)
    months = [record for one in found for record in one.records]
    yield from share(facts, "dues.paid_rate", settled, owed, months)
    yield from share(facts, "dues.on_time_rate", settled - sum(len(one.late) for one in found), owed, months)


def _reviews(facts: Facts) -> Iterator[Figure]:
    found = _of_members(facts, "review", "t.grade", "member_id", "year", " AND t.grade IS NOT NULL")
    for grade in sorted({row["grade"] for row in found}):
        mine = [row for row in found if row["grade"] == grade]
        yield counted(facts, "review.grade.*", _of_person(facts, "review", mine, lambda row: row["grade"]), part=grade)


def _plain(number: int) -> str:
    return plain_decimal(Decimal(number).scaleb(-4))


_SCORES = """
SELECT s.name, s.score FROM index_round AS r JOIN index_score AS s ON s.round_id = r.id
WHERE r.quarter = ? AND s.score IS NOT NULL AND r.revision = (
    SELECT max(later.revision) FROM index_round AS later WHERE later.quarter = r.quarter AND later.branch_id = r.branch_id
)
"""


def _index(facts: Facts) -> Iterator[Figure]:
    """The mean of each computed quarter, over those who were scored."""
    if not inspect(facts.connection).has_table("index_score"):
        return
    sql = _SCORES + facts.where_branch("r.branch_id") + " ORDER BY r.branch_id, s.score DESC, s.name"
    for quarter in quarters(facts.period):
        scores = facts.connection.exec_driver_sql(sql, (quarter,)).all()
        if scores:
            mean = (Decimal(sum(row.score for row in scores)).scaleb(-4) / len(scores)).quantize(_TENTH, ROUND_HALF_UP)
            records = [Reference("index", None, quarter, row.name, f"{_plain(row.score)} 分") for row in scores]
            yield counted(facts, "index.*", records, mean, part=quarter)
