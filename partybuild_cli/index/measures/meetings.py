"""Measures of the meeting ledger (三会一课台账): attendance, absence without reason, lecturing, hours."""

from partybuild_cli.index.measures import figures
from partybuild_cli.index.measures.conduct import conduct_part, conduct_source, same_day
from partybuild_cli.index.measures.source import SCALE, Asked, Part, Plan, Source, one_of, within
from partybuild_cli.index.quarter import Quarter, key_day

#: 三会一课 and 主题党日: where an absence without reason costs points of its own.
DUTIES = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日")
#: Somebody who was there, or on leave and made up for it (请假后补学).
ATTENDED = "(a.state = '出席' OR (a.state = '请假' AND a.made_up IS NOT NULL))"
_SAID = "CASE WHEN a.state = '出席' THEN NULL ELSE a.state || coalesce('：' || a.reason, '') || CASE WHEN a.made_up IS NULL THEN '' ELSE '，已补学' END END"


def meetings(quarter: Quarter) -> Source:
    """The meetings of his branch at which a member was due."""
    return Source(
        "meeting",
        "CROSS JOIN attendance AS a CROSS JOIN meeting AS t WHERE a.member_id = s.member_id"
        f" AND t.id = a.meeting_id AND t.branch_id = s.branch_id AND {within('t.held_on')}",
        quarter.bounds,
        key_day("t.held_on"),
        "t.held_on",
        "t.topic",
        _SAID,
    )


def attendance(asked: Asked) -> Plan:
    """出席率: attended of due. Leave without 补学 is not due; absence is, unless the scheme leaves it to the deduction."""
    source = meetings(asked.quarter)
    owed = f"{ATTENDED} OR a.state = '缺席'" if asked.options["lapse_counts"] else ATTENDED
    where = one_of("t.kind", asked.kinds) if asked.kinds else "1 = 1"
    part = Part(source, where, asked.kinds, met=ATTENDED, owed=owed)
    return Plan((part,), (source,), figures.share)


def hours_attended(quarter: Quarter) -> Part:
    """学时 of the meetings that a member attended."""
    return Part(meetings(quarter), f"t.hours > 0 AND {ATTENDED}", done="t.hours", scale=SCALE, unit="学时")


def unexcused(asked: Asked) -> Plan:
    """无故缺席: absences without reason, and those that the conduct ledger names; the same one once (同一次只计一回)."""
    word = asked.words[0]
    kinds = asked.kinds or DUTIES
    absent = Part(
        meetings(asked.quarter),
        f"{one_of('t.kind', kinds)} AND a.state = '缺席' AND NOT {same_day('t.held_on')}",
        (*kinds, word),
        word=word,
    )
    parts = (absent, conduct_part(asked.quarter, word))
    return Plan(parts, (meetings(asked.quarter), conduct_source(asked.quarter)), figures.items(parts))


def lecturing(quarter: Quarter) -> Source:
    """The meetings at which a member lectured (主讲)."""
    return Source(
        "meeting",
        "JOIN person AS p ON p.member_id = s.member_id AND p.ledger = 'meeting' AND p.role = 'lecturer'"
        f" JOIN meeting AS t ON t.id = p.record_id WHERE {within('t.held_on')}",
        quarter.bounds,
        key_day("t.held_on"),
        "t.held_on",
        "t.topic",
        "'主讲' || t.kind",
    )
