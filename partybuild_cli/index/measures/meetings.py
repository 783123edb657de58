"""Measures of the meeting ledger (三会一课台账): attendance, absence without reason."""

from collections.abc import Sequence

from partybuild_cli.index.measures.conduct import NOTED, noted
from partybuild_cli.index.measures.declare import OF_KINDS, Asked, OptionFacts, Source, Tally, measure, within
from partybuild_cli.records.meeting import MeetingKind

#: 三会一课 and 主题党日: where an absence without reason costs points of its own.
DUTIES = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日")
KINDS = tuple(MeetingKind)
LAPSE_COUNTS = OptionFacts("lapse_counts", "flag", True)
#: Somebody who was there, or on leave and made up for it (请假后补学).
ATTENDED = "(a.state = '出席' OR (a.state = '请假' AND a.made_up IS NOT NULL))"

#: The meetings of his branch at which a member was due.
MEETINGS = Source(
    "meeting",
    "CROSS JOIN attendance AS a CROSS JOIN meeting AS t WHERE a.member_id = s.member_id"
    f" AND t.id = a.meeting_id AND t.branch_id = s.branch_id AND {within('t.held_on')}",
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
def attendance(asked: Asked) -> Sequence[Tally]:
    """出席率: attended of due. Leave without 补学 is not due; absence is, unless the scheme leaves it to the deduction."""
    owed = f"({ATTENDED} OR a.state = '缺席')" if asked.option("lapse_counts") else ATTENDED
    return [Tally(MEETINGS, OF_KINDS, f"CASE WHEN {ATTENDED} THEN 1 ELSE 0 END", f"CASE WHEN {owed} THEN 1 ELSE 0 END")]


@measure(
    "unexcused",
    "items",
    "三会一课、主题党日无故缺席次数，另计加分扣分台账中的同名事项；同一次只计一回",
    kept=(MEETINGS, NOTED),
    yields=("无故缺席",),
    ledger="conduct",
    claimed_by="each",
    kinds=KINDS,
)
def unexcused(asked: Asked) -> Sequence[Tally]:
    """无故缺席: absences without reason, and those that the conduct ledger names; the same one once (同一次只计一回)."""
    word = asked.words[0]
    named = (
        "EXISTS (SELECT 1 FROM conduct AS c WHERE c.member_id = s.member_id AND c.kind = :word"
        " AND substr(t.held_on, 1, length(c.happened_on)) = c.happened_on)"
    )
    values = {"duties": asked.kinds or DUTIES, "word": word}
    absent = Tally(MEETINGS, f"t.kind IN :duties AND a.state = '缺席' AND NOT {named}", word=word, values=values)
    return [absent, noted(word)]
