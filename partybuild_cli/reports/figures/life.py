"""Figures of organised life (组织生活): meetings and attendance, study, talks, dues, reviews, the index."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import inspect

from partybuild_cli.records.base.dated import home_on
from partybuild_cli.reports.figures.figure import Figure, counted, rate
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import Facts
from partybuild_cli.values.period import quarters

_TENTH = Decimal("0.1")
_YEAR_ENDS = "r.year || '-12-31'"


def figures(field: Facts) -> Iterator[Figure]:
    """Every figure of organised life that the records hold."""
    yield from _meetings(field)
    yield from _study(field)
    yield from _talks(field)
    yield from _dues(field)
    yield from _reviews(field)
    yield from _index(field)


def _meetings(field: Facts) -> Iterator[Figure]:
    sql = (
        "SELECT kind, count(*), sum(due), sum(present), count(due), sum(basis = '推定') FROM"
        " (SELECT m.kind, m.branch_id, m.held_on, h.basis,"
        " CASE WHEN h.basis = '按人数' THEN CASE WHEN h.present IS NOT NULL THEN h.due END"
        " ELSE nullif(count(a.member_id), 0) END AS due,"
        " CASE WHEN h.basis = '按人数' THEN h.present ELSE sum(a.state = '出席') END AS present"
        " FROM meeting AS m LEFT JOIN attendance AS a ON a.meeting_id = m.id AND a.state <> '列席'"
        " LEFT JOIN headcount AS h ON h.meeting_id = m.id GROUP BY m.id) AS m"
        f" WHERE m.held_on >= ? AND m.held_on < ?{field.where_branch('m.branch_id')} GROUP BY m.kind ORDER BY 2 DESC, 1"
    )
    rows = field.connection.exec_driver_sql(sql, field.bounds).all()
    for kind, count, *_ in rows:
        yield counted(f"meeting.count.{kind}", kind, count, "次", f"本期三会一课台账中类型为“{kind}”的会议")
    held, due, present, known, presumed = (sum(row[at] or 0 for row in rows) for at in range(1, 6))
    definition = "本期会议的出席人次，占应到人次；应到按开会当日的花名册，没有姓名的按登记的人数"
    definition += f"；{held - known} 次没有登记出席情况，没有计入" if known < held else ""
    definition += f"；其中 {presumed} 次的出席是推定的" if presumed else ""
    yield from rate("meeting.attendance_rate", "出勤率", present, due, definition, known)


def _study(field: Facts) -> Iterator[Figure]:
    branch = field.where_branch(home_on("s.member_id", "s.studied_on"))
    sql = (
        "SELECT count(*), coalesce(sum(s.hours), 0), count(DISTINCT s.member_id) FROM study AS s"
        f" WHERE s.studied_on >= ? AND s.studied_on < ?{branch}"
    )
    records, hours, members = field.connection.exec_driver_sql(sql, field.bounds).one()
    if not records:
        return
    total = Decimal(hours).scaleb(-4)
    definition = "学习台账中学习时间始于本期的学时合计"
    yield Figure("study.hours", "学习学时", total, "学时", definition, records)
    average = (total / members).quantize(_TENTH, ROUND_HALF_UP)
    yield Figure("study.hours_per_member", "人均学时", average, "学时", "学习学时除以有学习记录的党员数", records)


def _talks(field: Facts) -> Iterator[Figure]:
    sql = (
        "SELECT count(*), count(DISTINCT t.subject_id) FROM talk AS t"
        f" WHERE t.talked_on >= ? AND t.talked_on < ?{field.where_branch(home_on('t.subject_id', 't.talked_on'))}"
    )
    count, people = field.connection.exec_driver_sql(sql, field.bounds).one()
    if count:
        yield counted("talk.count", "谈心谈话", count, "次", "本期谈心谈话台账的记录数，不涉及内容")
        yield counted("talk.people", "谈话覆盖党员", people, "人", "本期至少被谈话一次的党员", count)


def _dues(field: Facts) -> Iterator[Figure]:
    branch = field.where_branch(home_on("d.member_id", "d.month"))
    sql = f"SELECT count(d.paid), coalesce(sum(d.paid), 0) FROM dues AS d WHERE d.month >= ? AND d.month < ? AND (d.paid_on IS NULL OR d.paid_on <= ?){branch}"
    months, paid = field.connection.exec_driver_sql(sql, (*field.bounds, str(field.as_of))).one()
    if not months:
        return
    definition = "党费台账中月份在本期内的实缴金额合计"
    yield Figure("dues.paid", "实缴党费", Decimal(paid).scaleb(-4), "元", definition, months)
    found = paid_dues(field).values()
    owed = sum(one.owed for one in found)
    settled = owed - sum(len(one.unpaid) + len(one.unknown) for one in found)
    definition = "本期已到期的党费中缴足的人月，占应缴人月；免缴的不计"
    yield from rate("dues.paid_rate", "党费缴足率", settled, owed, definition, months)
    late = sum(len(one.late) for one in found)
    definition = "缴足且缴纳日期不晚于应缴期限（没有写缴纳日期的算按期）的人月，占应缴人月；免缴的不计"
    yield from rate("dues.on_time_rate", "党费按期缴纳率", settled - late, owed, definition, months)


def _reviews(field: Facts) -> Iterator[Figure]:
    sql = (
        "SELECT r.grade, count(*) FROM review AS r WHERE r.year >= ? AND r.year < ? AND r.grade IS NOT NULL"
        f"{field.where_branch(home_on('r.member_id', _YEAR_ENDS))}"
        " GROUP BY r.grade ORDER BY r.grade"
    )
    start, end = field.bounds
    for grade, count in field.connection.exec_driver_sql(sql, (start, end)):
        yield counted(
            f"review.grade.{grade}", f"民主评议{grade}", count, "人", f"本期年度民主评议等次为“{grade}”的党员"
        )


_SCORES = """
SELECT count(s.score), sum(s.score) FROM index_round AS r JOIN index_score AS s ON s.round_id = r.id
WHERE r.quarter = ? AND r.revision = (
    SELECT max(later.revision) FROM index_round AS later WHERE later.quarter = r.quarter AND later.branch_id = r.branch_id
)
"""


def _index(field: Facts) -> Iterator[Figure]:
    """The mean of each computed quarter, over those who were scored."""
    if not inspect(field.connection).has_table("index_score"):
        return
    sql = _SCORES + field.where_branch("r.branch_id")
    for quarter in quarters(field.period):
        scored, total = field.connection.exec_driver_sql(sql, (quarter,)).one()
        if scored:
            mean = (Decimal(total).scaleb(-4) / scored).quantize(_TENTH, ROUND_HALF_UP)
            definition = f"{quarter}已计算的先锋指数，计分党员的平均分（取最近一版）"
            yield Figure(f"index.{quarter}", f"{quarter}先锋指数均分", mean, "分", definition, scored)
