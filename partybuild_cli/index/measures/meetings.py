"""Measures of the meeting and study ledgers (三会一课台账、学习学时台账): attendance, hours, training, who led or spoke."""

from collections.abc import Sequence

from partybuild_cli.index.measures.declare import (
    LAPSE_COUNTS,
    MONTH_IN_STAY,
    MONTHS,
    OF_KINDS,
    Source,
    Tally,
    measure,
    within,
)
from partybuild_cli.index.measures.works import NOTED, noted
from partybuild_cli.index.scheme import Measurable
from partybuild_cli.records.meeting import MeetingKind
from partybuild_cli.records.study import COUNTED, IN_BOTH, LEARNT_THERE, StudyKind

#: 三会一课 and 主题党日: where an absence without reason costs points of its own.
DUTIES = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日")
KINDS = tuple(MeetingKind)
#: Somebody who was there, or on leave and made up for it (请假后补学).
ATTENDED = "(a.state = '出席' OR (a.state = '请假' AND a.made_up IS NOT NULL))"

#: The meetings of his branch at which a member was due.
MEETINGS = Source(
    "meeting",
    "CROSS JOIN attendance AS a CROSS JOIN meeting AS t WHERE a.member_id = s.member_id"
    f" AND t.id = a.meeting_id AND (t.branch_id = s.branch_id OR a.state = '列席') AND {within('t.held_on')}",
    "t.held_on",
    "t.topic",
    "CASE WHEN a.state = '出席' THEN NULL ELSE a.state || coalesce('：' || a.reason, '')"
    " || CASE WHEN a.made_up IS NULL THEN '' ELSE '，已补学' END END",
    kept_by_branch="held_on",
)


@measure(
    "attendance",
    "share",
    "出席（含请假后补学）÷ 应到；请假未补学的不计入应到；lapse_counts 为 false 时无故缺席也不计入应到",
    kept=(MEETINGS,),
    options=(LAPSE_COUNTS,),
    ledger="meeting",
    kinds=KINDS,
)
def attendance(line: Measurable) -> Sequence[Tally]:
    owed = f"({ATTENDED} OR a.state = '缺席')" if line.option("lapse_counts") else ATTENDED
    return [Tally(MEETINGS, OF_KINDS, f"CASE WHEN {ATTENDED} THEN 1 ELSE 0 END", f"CASE WHEN {owed} THEN 1 ELSE 0 END")]


@measure(
    "unexcused",
    "items",
    "三会一课、主题党日无故缺席次数，另计加分扣分台账中的同名事项；同一次只计一回",
    kept=(MEETINGS, NOTED),
    yields=("无故缺席",),
    ledger="conduct",
    kinds=KINDS,
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


KINDS = tuple(StudyKind)
SELF_STUDY, TRAINING, LECTURE, LEADING = "网络自学", "专题培训", "讲党课", "领学"

#: What a member studied; a course over several days counts on its first.
STUDIES = Source(
    "study",
    f"CROSS JOIN study AS t WHERE t.member_id = s.member_id AND {within('t.studied_on')}",
    "t.studied_on",
    "t.topic",
)
#: His months, each with what he studied of some kinds in it, or once without.
STUDY_MONTHS = Source(
    "study",
    f"CROSS JOIN {MONTHS} AS q LEFT JOIN study AS t ON t.member_id = s.member_id AND t.kind IN :self_study"
    " AND t.studied_on >= :begin AND t.studied_on < :end AND substr(t.studied_on, 1, 7) = q.month"
    f" WHERE {MONTH_IN_STAY}",
    "coalesce(t.studied_on, q.month)",
    "CASE WHEN t.id IS NULL THEN '没有自学记录' ELSE t.topic END",
)
#: The meetings at which a member lectured (主讲).
LECTURES = Source(
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
    kinds=KINDS,
)
def study_hours(line: Measurable) -> Sequence[Tally]:
    kinds = {"counted": line.kinds or COUNTED}
    studied = Tally(STUDIES, "(t.kind IN :counted OR t.kind IS NULL)", "t.hours", unit="学时", values=kinds)
    return [studied, Tally(MEETINGS, f"t.hours > 0 AND {LEARNT_THERE} AND NOT {IN_BOTH}", "t.hours", unit="学时")]


@measure("self_study_months", "share", "完成规定自学的月数 ÷ 本季度在册月数", kept=(STUDIES,), kinds=KINDS)
def self_study_months(line: Measurable) -> Sequence[Tally]:
    done = "CASE WHEN t.id IS NULL THEN 0 ELSE 1 END"
    return [
        Tally(
            STUDY_MONTHS,
            done=done,
            due="1",
            by="q.month",
            once=True,
            values={"self_study": line.kinds or (SELF_STUDY,)},
        )
    ]


@measure("training", "share", "完成的专题培训 ÷ 要求参加的专题培训", kept=(STUDIES,), kinds=KINDS)
def training(line: Measurable) -> Sequence[Tally]:
    done = "CASE WHEN t.hours > 0 THEN 1 ELSE 0 END"
    return [Tally(STUDIES, "t.kind IN :training", done, "1", values={"training": line.kinds or (TRAINING,)})]


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
