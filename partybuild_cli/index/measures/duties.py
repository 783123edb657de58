"""Measures of what a member owes (应尽的义务): dues, talks, tasks, and what of it is overdue; meetings and study
(三会一课台账、学习学时台账): attendance, hours, training, who led or spoke.
"""

from collections.abc import Sequence

from partybuild_cli.index.measures.declare import (
    ANY_KIND,
    LAPSE_COUNTS,
    MONTH_IN_STAY,
    MONTHS,
    OF_KINDS,
    LedgerQuery,
    OptionFacts,
    Tally,
    counted,
    measure,
    within,
)
from partybuild_cli.index.measures.works import NOTED, noted
from partybuild_cli.index.quarter import first_day, last_day
from partybuild_cli.index.scheme import Measurable
from partybuild_cli.records.dues import paid_late
from partybuild_cli.records.meeting import MeetingKind
from partybuild_cli.records.study import COUNTED, IN_BOTH, LEARNT_THERE, StudyKind

_BY_QUARTER = "s.branch_id IN :by_quarter"
#: Neither 免缴, nor nothing due.
_OWED = "(t.state IS NULL AND coalesce(t.due, 1) <> 0)"
#: Paid in full and in time.
PAID = f"({_OWED} AND coalesce(t.paid, 0) > 0 AND t.paid >= coalesce(t.due, 0) AND NOT {paid_late('t', _BY_QUARTER)})"
#: A month that is not over is owed by nobody yet; who has paid has paid.
_DUE = f"(q.month < :this_month OR (t.id IS NOT NULL AND NOT {_OWED}) OR coalesce(t.paid, 0) > 0)"
_DUES_SAID = (
    "CASE WHEN t.id IS NULL THEN NULL WHEN t.state IS NOT NULL THEN t.state WHEN t.paid IS NULL THEN '未登记'"
    " WHEN t.paid = 0 THEN '未缴' ELSE coalesce(t.paid_on || ' 缴', '已缴') END"
)
#: What was recorded of dues by the quarter's end, in a book that was kept by then: nothing of what was paid since.
_ENTERED = (
    "(SELECT id, member_id, month, state, due, CASE WHEN coalesce(paid_on, '') <= :paid_by THEN paid END AS paid, paid_on FROM dues"
    " WHERE coalesce(paid_on, '') <= :paid_by OR id NOT IN :late_dues)"
)
_MONTHLY = f"CROSS JOIN {MONTHS} AS q {{}}JOIN {_ENTERED} AS t ON t.member_id = s.member_id AND t.month = q.month WHERE {MONTH_IN_STAY}"

#: A member's months of dues that were entered.
DUES = LedgerQuery("dues", _MONTHLY.format(""), "t.month", "'党费 ' || t.month", _DUES_SAID)
#: All his months that are owed by now, whether entered or not.
DUES_MONTHS = DUES._replace(
    joins=f"{_MONTHLY.format('LEFT ')} AND {_DUE}",
    day="q.month",
    title="CASE WHEN t.id IS NULL THEN '没有交纳记录' ELSE '党费 ' || t.month END",
)


@measure("dues_months", "share", "按期交纳党费的月数 ÷ 应交月数，免缴的月份不计", kept=(DUES,))
def dues_months(line: Measurable) -> Sequence[Tally]:
    return [Tally(DUES_MONTHS, done=counted(PAID), due=counted(f"t.id IS NULL OR {_OWED}"))]


@measure(
    "dues_overdue",
    "items",
    "登记为未按期交纳党费的月数（没有登记的不计），另计加分扣分台账中的同名事项；同一个月只计一回",
    kept=(DUES, NOTED),
    yields=("党费逾期",),
    ledger="conduct",
)
def dues_overdue(line: Measurable) -> Sequence[Tally]:
    word = line.words[0]
    named = (
        "EXISTS (SELECT 1 FROM conduct AS c WHERE c.member_id = s.member_id AND c.kind = :word"
        f" AND substr(c.happened_on, 1, 7) = q.month AND {within('c.happened_on')})"
    )
    late = f"{_DUE} AND {_OWED} AND t.paid IS NOT NULL AND NOT {PAID}"
    return [noted(word), Tally(DUES, late, counted(f"NOT {named}"), word=word, values={"word": word})]


#: Talks with the member within so many months, wherever he then belonged.
TALKS = LedgerQuery(
    "talk",
    "CROSS JOIN talk AS t WHERE t.subject_id = s.member_id AND t.talked_on >= :since AND t.talked_on < :end",
    "t.talked_on",
    "'谈心谈话' || coalesce('（' || t.kind || '）', '')",
)
#: Talks that the member began.
TALKED = TALKS._replace(joins=TALKS.joins.replace("t.subject_id", "t.talker_id"))


@measure(
    "talks",
    "flag",
    "截至季末的 months 个月内，与本人谈心谈话的次数；both_sides 为 true 时本人找别人谈的也计，without 为不计的类型",
    kept=(TALKS,),
    options=(
        OptionFacts("months", "count", True),
        OptionFacts("both_sides", "flag", False),
        OptionFacts("without", "words", False),
    ),
)
def talks(line: Measurable) -> Sequence[Tally]:
    values = {"without": line.option("without") or ()}
    sources = [TALKS, TALKED] if line.option("both_sides") else [TALKS]
    return [Tally(source, "coalesce(t.kind, '') NOT IN :without", values=values) for source in sources]


#: The tasks for which a member is responsible (责任人) that fell due in the quarter, by yesterday or done before.
TASKS = LedgerQuery(
    "task",
    "JOIN person AS p ON p.member_id = s.member_id AND p.ledger = 'task' AND p.role = 'responsible'"
    f" JOIN task AS t ON t.id = p.record_id WHERE {within('t.due_on')}"
    f" AND ({last_day('t.due_on')} < :today OR t.done_on IS NOT NULL)",
    "t.due_on",
    "t.item",
    "CASE WHEN t.done_on <= :last THEN t.done_on || ' 完成' ELSE '未完成' END",
)
#: 销号, which needs evidence and a verifier who is not the one responsible.
CLOSED = (
    "(t.done_on IS NOT NULL AND t.evidence IS NOT NULL AND t.verified_by IS NOT NULL AND t.id NOT IN :self_verified)"
)


@measure(
    "tasks",
    "share",
    "按期销号 ÷ 本季度到期；kinds 为任务来源，without 为除外的来源；lapse_counts 为 false 时逾期的不计",
    kept=(TASKS,),
    options=(LAPSE_COUNTS, OptionFacts("without", "words", False)),
    ledger="task",
    kinds=ANY_KIND,
)
def tasks(line: Measurable) -> Sequence[Tally]:
    in_time = counted(f"{CLOSED} AND {first_day('t.done_on')} <= {last_day('t.due_on')}")
    without = line.option("without")
    wanted, values = _from_any("from", line.kinds)
    others, more = _from_any("other", without if isinstance(without, tuple) else ())
    where = f"{f'({wanted})' if line.kinds else '1 = 1'} AND NOT ({others})"
    return [Tally(TASKS, where, in_time, "1" if line.option("lapse_counts") else in_time, values=values | more)]


def _from_any(name: str, words: Sequence[str]) -> tuple[str, dict[str, object]]:
    """SQL: 来源 names one of some words: 组织生活会 is also written as 2025年度组织生活会. False where there are none."""
    values: dict[str, object] = {f"{name}_{place}": f"%{word}%" for place, word in enumerate(words)}
    return " OR ".join(f"coalesce(t.source, '') LIKE :{key}" for key in values) or "1 = 0", values


@measure(
    "tasks_overdue",
    "items",
    "本季度到期而季末仍未销号的任务件数，另计加分扣分台账中的同名事项；同一件只计一回",
    kept=(TASKS, NOTED),
    yields=("任务逾期",),
    ledger="conduct",
)
def tasks_overdue(line: Measurable) -> Sequence[Tally]:
    word = line.words[0]
    named = (
        "EXISTS (SELECT 1 FROM conduct AS c WHERE c.member_id = s.member_id AND c.kind = :word"
        " AND (c.happened_on = t.due_on OR (instr(c.basis, t.item) > 0 AND NOT EXISTS (SELECT 1 FROM task AS o"
        " WHERE o.item <> t.item AND instr(o.item, t.item) > 0 AND instr(c.basis, o.item) > 0"
        " AND instr(replace(c.basis, o.item, ''), t.item) = 0))))"
    )
    closed = f"({CLOSED} AND {first_day('t.done_on')} <= :last)"
    return [Tally(TASKS, f"NOT {closed} AND NOT {named}", word=word, values={"word": word}), noted(word)]


#: 三会一课 and 主题党日: where an absence without reason costs points of its own.
DUTIES = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日")
#: Somebody who was there, or on leave and made up for it (请假后补学).
ATTENDED = "(a.state = '出席' OR (a.state = '请假' AND a.made_up IS NOT NULL))"

#: The meetings of his branch at which a member was due.
MEETINGS = LedgerQuery(
    "meeting",
    "CROSS JOIN attendance AS a CROSS JOIN meeting AS t WHERE a.member_id = s.member_id"
    f" AND t.id = a.meeting_id AND (t.branch_id = s.branch_id OR a.state = '列席') AND {within('t.held_on')}",
    "t.held_on",
    "t.topic",
    "CASE WHEN a.state = '出席' THEN NULL ELSE a.state || coalesce('：' || a.reason, '')"
    " || CASE WHEN a.made_up IS NULL THEN '' ELSE '，已补学' END END",
    kept_by_branch="held_on",
)
#: Those at which all of his branch were due and nobody is named as present (按人数或没有登记).
UNNAMED = MEETINGS._replace(
    joins="CROSS JOIN meeting AS t WHERE t.branch_id = s.branch_id AND t.kind NOT IN"
    f" ('{MeetingKind.COMMITTEE}', '{MeetingKind.GROUP}')"
    " AND NOT EXISTS (SELECT 1 FROM attendance AS a WHERE a.meeting_id = t.id AND a.state = '出席')"
    f" AND {OF_KINDS} AND {within('t.held_on')}"
)


@measure(
    "attendance",
    "share",
    "出席（含请假后补学）÷ 应到；请假未补学的不计入应到；lapse_counts 为 false 时无故缺席也不计入应到",
    kept=(MEETINGS,),
    unsaid=UNNAMED,
    options=(LAPSE_COUNTS,),
    ledger="meeting",
    kinds=tuple(MeetingKind),
)
def attendance(line: Measurable) -> Sequence[Tally]:
    owed = f"({ATTENDED} OR a.state = '缺席')" if line.option("lapse_counts") else ATTENDED
    return [Tally(MEETINGS, OF_KINDS, counted(ATTENDED), counted(owed))]


@measure(
    "unexcused",
    "items",
    "三会一课、主题党日无故缺席次数，另计加分扣分台账中的同名事项；同一次只计一回",
    kept=(MEETINGS, NOTED),
    yields=("无故缺席",),
    ledger="conduct",
    kinds=tuple(MeetingKind),
)
def unexcused(line: Measurable) -> Sequence[Tally]:
    word = line.words[0]
    named = (
        "EXISTS (SELECT 1 FROM conduct AS c WHERE c.member_id = s.member_id AND c.kind = :word"
        " AND substr(t.held_on, 1, length(c.happened_on)) = c.happened_on)"
    )
    values = {"duties": line.kinds or DUTIES, "word": word}
    absent = Tally(MEETINGS, f"t.kind IN :duties AND a.state = '缺席' AND NOT {named}", word=word, values=values)
    return [absent, noted(word)]


SELF_STUDY, TRAINING, LECTURE, LEADING = "网络自学", "专题培训", "讲党课", "领学"

#: What a member studied; a course over several days counts on its first.
STUDIES = LedgerQuery(
    "study",
    f"CROSS JOIN study AS t WHERE t.member_id = s.member_id AND {within('t.studied_on')}",
    "t.studied_on",
    "t.topic",
)
#: His months, each with what he studied of some kinds in it, or once without.
STUDY_MONTHS = LedgerQuery(
    "study",
    f"CROSS JOIN {MONTHS} AS q LEFT JOIN study AS t ON t.member_id = s.member_id AND t.kind IN :self_study"
    " AND t.studied_on >= :begin AND t.studied_on < :end AND substr(t.studied_on, 1, 7) = q.month"
    f" WHERE {MONTH_IN_STAY}",
    "coalesce(t.studied_on, q.month)",
    "CASE WHEN t.id IS NULL THEN '没有自学记录' ELSE t.topic END",
)
#: The meetings at which a member lectured (主讲).
LECTURES = LedgerQuery(
    "meeting",
    "JOIN person AS p ON p.member_id = s.member_id AND p.ledger = 'meeting' AND p.role = 'lecturer'"
    f" JOIN meeting AS t ON t.id = p.record_id WHERE {within('t.held_on')}",
    "t.held_on",
    "t.topic",
    "'主讲' || t.kind",
)
#: 备注 as a list of words, each between two 、
_NOTE_WORDS = "'、' || replace(replace(replace(replace(replace(t.note, '，', '、'), ',', '、'), '；', '、'), ';', '、'), ' ', '、') || '、'"


@measure(
    "study_hours",
    "amount",
    "本季度 kinds 所列类别的学习学时之和（不写则网络自学以外的都计），加上出席会议所记学时；同一次只计一回",
    kept=(STUDIES,),
    kinds=tuple(StudyKind),
)
def study_hours(line: Measurable) -> Sequence[Tally]:
    kinds = {"counted": line.kinds or COUNTED}
    studied = Tally(STUDIES, "(t.kind IN :counted OR t.kind IS NULL)", "t.hours", unit="学时", values=kinds)
    return [studied, Tally(MEETINGS, f"t.hours > 0 AND {LEARNT_THERE} AND NOT {IN_BOTH}", "t.hours", unit="学时")]


@measure("self_study_months", "share", "完成规定自学的月数 ÷ 本季度在册月数", kept=(STUDIES,), kinds=tuple(StudyKind))
def self_study_months(line: Measurable) -> Sequence[Tally]:
    values = {"self_study": line.kinds or (SELF_STUDY,)}
    return [Tally(STUDY_MONTHS, done=counted("t.id IS NOT NULL"), due="1", by="q.month", once=True, values=values)]


@measure("training", "share", "完成的专题培训 ÷ 要求参加的专题培训", kept=(STUDIES,), kinds=tuple(StudyKind))
def training(line: Measurable) -> Sequence[Tally]:
    values = {"training": line.kinds or (TRAINING,)}
    return [Tally(STUDIES, "t.kind IN :training", counted("t.hours > 0"), "1", values=values)]


@measure(
    "lectures",
    "items",
    "主讲党课计“讲党课”，主讲其他会议计“领学”，另计加分扣分台账中的同名事项",
    kept=(MEETINGS, STUDIES, NOTED),
    yields=("领学", "讲党课", "交流发言", "心得"),
    ledger="conduct",
)
def lectures(line: Measurable) -> Sequence[Tally]:
    led = [Tally(LECTURES, "t.kind = '党课'", word=LECTURE), Tally(LECTURES, "t.kind <> '党课'", word=LEADING)]
    tallies = [tally for tally in led if tally.word in line.words]
    for word in line.words:
        said = f"t.note IS NOT NULL AND {_NOTE_WORDS} LIKE :said"
        tallies += [Tally(STUDIES, said, word=word, values={"said": f"%、{word}、%"}), noted(word)]
    return tallies
