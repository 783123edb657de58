"""Figures of organised life (组织生活): meetings and attendance, study, talks, dues, reviews, the index."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import inspect

from partybuild_cli.records.base.dated import home_on
from partybuild_cli.reports.figures.figure import Figure, counted, rate
from partybuild_cli.rules.board import leaders_attended
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.rules.members import studied
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import quarters
from partybuild_cli.values.reference import Reference

_TENTH = Decimal("0.1")


def figures(field: Facts) -> Iterator[Figure]:
    """Every figure of organised life that the records hold."""
    yield from _meetings(field)
    yield from _study(field)
    yield from _integrity(field)
    yield from _double_life(field)
    yield from _talks(field)
    yield from _dues(field)
    yield from _reviews(field)
    yield from _index(field)


#: One row a meeting: how many were due and came, where that is known, and who did not.
_MEETINGS = """
SELECT m.id, m.kind, m.held_on, m.topic, h.basis,
    CASE WHEN h.basis = '按人数' THEN CASE WHEN h.present IS NOT NULL THEN h.due END
        ELSE nullif(count(a.member_id), 0) END AS due,
    CASE WHEN h.basis = '按人数' THEN h.present ELSE sum(a.state = '出席') END AS present
FROM meeting AS m LEFT JOIN attendance AS a ON a.meeting_id = m.id AND a.state <> '列席'
LEFT JOIN headcount AS h ON h.meeting_id = m.id
WHERE m.held_on >= ? AND m.held_on < ?{branch} GROUP BY m.id ORDER BY m.held_on, m.id
"""
_MISSING = (
    "SELECT a.meeting_id, a.member_id, a.state FROM attendance AS a JOIN meeting AS m ON m.id = a.meeting_id"
    " WHERE m.held_on >= ? AND m.held_on < ? AND a.state NOT IN ('出席', '列席') ORDER BY 1, a.state DESC, 2"
)


def _meetings(field: Facts) -> Iterator[Figure]:
    rows = field.rows(_MEETINGS.format(branch=field.where_branch("m.branch_id")), *field.bounds)
    missing: dict[int, dict[str, list[int]]] = defaultdict(dict)
    for meeting, member, state in field.connection.exec_driver_sql(_MISSING, field.bounds):
        missing[meeting].setdefault(state, []).append(member)
    records = {row["id"]: _meeting(field, row, missing[row["id"]]) for row in rows}
    for kind, _ in sorted(Counter(row["kind"] for row in rows).items(), key=lambda one: (-one[1], one[0])):
        definition = f"本期三会一课台账中类型为“{kind}”的会议"
        mine = [records[row["id"]] for row in rows if row["kind"] == kind]
        yield counted(f"meeting.count.{kind}", kind, "次", definition, mine)
    known = [row for row in rows if row["due"] is not None]
    due, present = (sum(row[key] or 0 for row in rows) for key in ("due", "present"))
    presumed = sum(row["basis"] == "推定" for row in rows)
    definition = "本期会议的出席人次，占应到人次；应到按开会当日的花名册，没有姓名的按登记的人数"
    definition += f"；{len(rows) - len(known)} 次没有登记出席情况，没有计入" if len(known) < len(rows) else ""
    definition += f"；其中 {presumed} 次的出席是推定的" if presumed else ""
    counting = [records[row["id"]] for row in known]
    yield from rate("meeting.attendance_rate", "出勤率", present, due, definition, counting)


def _meeting(field: Facts, row: Row, missing: dict[str, list[int]]) -> Reference:
    said = ["没有登记出席情况" if row["due"] is None else f"应到{row['due']}，实到{row['present']}"]
    said += [f"{state}：{'、'.join(field.shown(members))}" for state, members in missing.items()]
    return Reference("meeting", row["id"], row["held_on"], f"{row['kind']}：{row['topic']}", "；".join(said))


def _of_members(field: Facts, ledger: str, columns: str, person: str, day: str, where: str = "") -> list[Row]:
    """The records of a ledger about members of the branches asked for, with day and person, within the period."""
    there = home_on(f"t.{person}", f"substr(t.{day} || '-99-99', 1, 10)")
    sql = (
        f"SELECT t.id, t.{day} AS day, t.{person} AS member, {columns} FROM {ledger} AS t"
        f" WHERE t.{day} >= ? AND t.{day} < ?{where}{field.where_branch(there)} ORDER BY t.{day}, t.id"
    )
    return field.rows(sql, *field.bounds)


def _of_person(field: Facts, ledger: str, found: Iterable[Row], note: Callable[[Row], str]) -> list[Reference]:
    """Records about a member, each named by him."""
    return [Reference(ledger, row["id"], row["day"], field.roster.shown(row["member"]), note(row)) for row in found]


def _study(field: Facts) -> Iterator[Figure]:
    found = studied(field, field.bounds, here=True)
    if not found:
        return
    records = [
        Reference(
            row["ledger"],
            row["id"],
            row["day"],
            field.roster.shown(row["member"]),
            f"{row['topic']}，{_plain(row['hours'])}学时",
        )
        for row in found
    ]
    total = Decimal(sum(row["hours"] for row in found)).scaleb(-4)
    definition = "本期集中学习培训的学时合计：学习台账中网络自学以外的，加上出席会议所记的；同一次只计一回"
    yield Figure("study.hours", "学习学时", total, "学时", definition, records)
    here = {seat.member for branch in field.branches for seat in field.members(branch)}
    if here:
        mine = Decimal(sum(row["hours"] for row in found if row["member"] in here)).scaleb(-4)
        average = (mine / len(here)).quantize(_TENTH, ROUND_HALF_UP)
        definition = f"{field.as_of}在册党员的学习学时，除以在册党员数"
        yield Figure("study.hours_per_member", "人均学时", average, "学时", definition, records)


def _integrity(field: Facts) -> Iterator[Figure]:
    """廉洁教育 of those who came in the period: the course required of new staff, and who still lacks it."""
    start, end = field.bounds
    new = {
        row["id"]: row["arrived_on"]
        for row in field.rows("SELECT id, arrived_on FROM member WHERE arrived_on >= ? AND arrived_on < ?", start, end)
    }
    members = [seat.member for branch in field.branches for seat in field.members(branch) if seat.member in new]
    sql = (
        "SELECT id, member_id, studied_on, topic FROM study WHERE kind = '廉洁教育' AND coalesce(hours, 1) > 0"
        " AND studied_on >= ? AND studied_on < ? ORDER BY studied_on, id"
    )
    taught: dict[int, Row] = {}
    for row in field.rows(sql, start, end):
        if row["member_id"] in new and row["studied_on"] >= new[row["member_id"]][: len(row["studied_on"])]:
            taught.setdefault(row["member_id"], row)
    records = []
    for member in members:
        name, done = field.roster.shown(member), taught.get(member)
        if done is None:
            lacking = f"{new[member]}转入，还没有廉洁教育记录"
            records.append(Reference("member", member, new[member], name, lacking))
        else:
            records.append(Reference("study", done["id"], done["studied_on"], name, done["topic"]))
    definition = "本期转入的党员中转入后参加过廉洁教育的；还没有的，看依据的记录"
    yield from rate("study.integrity_new", "新职工廉洁教育完成率", len(taught), len(members), definition, records)


def _double_life(field: Facts) -> Iterator[Figure]:
    """双重组织生活: how often leading members were at the meetings of their own branch, and at which."""
    leaders = {member: found for here in leaders_attended(field).values() for member, found in here.items()}
    if not leaders:
        return
    records = [record for found in leaders.values() for record in found]
    definition = "党员领导干部（按行政职务认定）本期以普通党员身份参加所在支部会议的次数；不设次数标准"
    yield counted("life.double", "双重组织生活", "人次", definition, records)
    persons = [field.person(member, f"参加 {len(found)} 次") for member, found in leaders.items()]
    came = sum(bool(found) for found in leaders.values())
    definition = "党员领导干部中本期至少参加一次所在支部会议的"
    yield from rate("life.double_share", "双重组织生活参加率", came, len(leaders), definition, persons)


def _talks(field: Facts) -> Iterator[Figure]:
    found = _of_members(field, "talk", "t.talker_id", "subject_id", "talked_on")
    if not found:
        return
    records = _of_person(field, "talk", found, lambda row: f"谈话人：{field.roster.shown(row['talker_id'])}")
    yield counted("talk.count", "谈心谈话", "次", "本期谈心谈话台账的记录数，不涉及内容", records)
    people = len({row["member"] for row in found})
    yield counted("talk.people", "谈话覆盖党员", "人", "本期至少被谈话一次的党员", records, people)


def _dues(field: Facts) -> Iterator[Figure]:
    by_then = f" AND t.paid IS NOT NULL AND (t.paid_on IS NULL OR t.paid_on <= '{field.as_of}')"
    paid = _of_members(field, "dues", "t.paid", "member_id", "month", by_then)
    if not paid:
        return
    records = _of_person(field, "dues", paid, lambda row: f"实缴{_plain(row['paid'])}元")
    total = Decimal(sum(row["paid"] for row in paid)).scaleb(-4)
    yield Figure("dues.paid", "实缴党费", total, "元", "党费台账中月份在本期内的实缴金额合计", records)
    found = paid_dues(field).values()
    owed = sum(one.owed for one in found)
    settled = owed - sum(len(one.unpaid) + len(one.unknown) for one in found)
    months = [record for one in found for record in one.records]
    definition = "本期已到期的党费中缴足的人月，占应缴人月；免缴的不计"
    yield from rate("dues.paid_rate", "党费缴足率", settled, owed, definition, months)
    late = sum(len(one.late) for one in found)
    definition = "缴足且缴纳日期不晚于应缴期限（没有写缴纳日期的算按期）的人月，占应缴人月；免缴的不计"
    yield from rate("dues.on_time_rate", "党费按期缴纳率", settled - late, owed, definition, months)


def _reviews(field: Facts) -> Iterator[Figure]:
    found = _of_members(field, "review", "t.grade", "member_id", "year", " AND t.grade IS NOT NULL")
    for grade in sorted({row["grade"] for row in found}):
        mine = _of_person(
            field, "review", [row for row in found if row["grade"] == grade], lambda row: str(row["grade"])
        )
        definition = f"本期年度民主评议等次为“{grade}”的党员"
        yield counted(f"review.grade.{grade}", f"民主评议{grade}", "人", definition, mine)


def _plain(number: int) -> str:
    return plain_decimal(Decimal(number).scaleb(-4))


_SCORES = """
SELECT s.name, s.score FROM index_round AS r JOIN index_score AS s ON s.round_id = r.id
WHERE r.quarter = ? AND s.score IS NOT NULL AND r.revision = (
    SELECT max(later.revision) FROM index_round AS later WHERE later.quarter = r.quarter AND later.branch_id = r.branch_id
)
"""


def _index(field: Facts) -> Iterator[Figure]:
    """The mean of each computed quarter, over those who were scored."""
    if not inspect(field.connection).has_table("index_score"):
        return
    sql = _SCORES + field.where_branch("r.branch_id") + " ORDER BY r.branch_id, s.score DESC, s.name"
    for quarter in quarters(field.period):
        scores = field.connection.exec_driver_sql(sql, (quarter,)).all()
        if scores:
            mean = (Decimal(sum(row.score for row in scores)).scaleb(-4) / len(scores)).quantize(_TENTH, ROUND_HALF_UP)
            definition = f"{quarter}已计算的先锋指数，计分党员的平均分（取最近一版）"
            records = [Reference("index", None, quarter, row.name, f"{_plain(row.score)} 分") for row in scores]
            yield Figure(f"index.{quarter}", f"{quarter}先锋指数均分", mean, "分", definition, records)
