"""Measures of the study ledger (学习学时台账): hours, self-study, training, and who led or spoke."""

from partybuild_cli.index.measures import figures
from partybuild_cli.index.measures.conduct import conduct_part, conduct_source
from partybuild_cli.index.measures.meetings import hours_attended, lecturing, meetings
from partybuild_cli.index.measures.source import SCALE, Asked, Part, Plan, Source, Standing, Sum, one_of, within
from partybuild_cli.index.quarter import Quarter, key_day
from partybuild_cli.index.rules import Measured, share_of

SELF_STUDY, TRAINING, LECTURE, LEADING = "网络自学", "专题培训", "讲党课", "领学"
#: 备注 as a list of words, each between two 、
_NOTED = "'、' || replace(replace(replace(replace(replace(t.note, '，', '、'), ',', '、'), '；', '、'), ';', '、'), ' ', '、') || '、'"


def studies(quarter: Quarter) -> Source:
    """What a member studied; a course over several days counts on its first."""
    return Source(
        "study",
        f"CROSS JOIN study AS t WHERE t.member_id = s.member_id AND {within('t.studied_on')}",
        quarter.bounds,
        key_day("t.studied_on"),
        "t.studied_on",
        "t.topic",
    )


def study_hours(asked: Asked) -> Plan:
    """集中学习学时: hours of the kinds, and of meetings attended. A study without 类别 counts with them."""
    source = studies(asked.quarter)
    where = f"({one_of('t.kind', asked.kinds)} OR t.kind IS NULL)" if asked.kinds else "1 = 1"
    parts = (Part(source, where, asked.kinds, "t.hours", scale=SCALE, unit="学时"), hours_attended(asked.quarter))
    return Plan(parts, (source,), figures.amount(parts))


def self_study_months(asked: Asked) -> Plan:
    """规定自学: months with self-study, of the months at whose end the member belonged to the branch."""
    quarter = asked.quarter
    kinds = asked.kinds or (SELF_STUDY,)
    source = Source(
        "study",
        f"CROSS JOIN study AS t WHERE t.member_id = s.member_id AND {one_of('t.kind', kinds)}"
        f" AND {within('t.studied_on')}",
        (*kinds, *quarter.bounds),
        "substr(t.studied_on, 1, 7) || '-99'",
        "t.studied_on",
        "t.topic",
    )
    parts = tuple(
        Part(source, "substr(t.studied_on, 1, 7) = ?", (month,), month=place, missing="没有自学记录")
        for place, month in enumerate(quarter.months)
    )
    return Plan(parts, (studies(quarter),), _months_met)


def _months_met(sums: tuple[Sum, ...], standing: Standing) -> Measured:
    met = sum(1 for month in standing.due_months if sums[month].done)
    return share_of(met, len(standing.due_months))


def training(asked: Asked) -> Plan:
    """专题培训: courses done of those entered for the member; hours of 0 say that he was required and did not go."""
    source = studies(asked.quarter)
    kinds = asked.kinds or (TRAINING,)
    part = Part(source, one_of("t.kind", kinds), kinds, met="t.hours > 0", owed="1 = 1")
    return Plan((part,), (source,), figures.share)


def lectures(asked: Asked) -> Plan:
    """领学、交流发言、心得、讲党课: as lecturer of a meeting, in 备注 of a study record, or in the conduct ledger."""
    quarter = asked.quarter
    leads = {
        LECTURE: Part(lecturing(quarter), "t.kind = '党课'", word=LECTURE),
        LEADING: Part(lecturing(quarter), "t.kind <> '党课'", word=LEADING),
    }
    parts = tuple(part for word, part in leads.items() if word in asked.words)
    for word in asked.words:
        parts += (
            Part(studies(quarter), f"t.note IS NOT NULL AND {_NOTED} LIKE ?", (f"%、{word}、%",), word=word),
            conduct_part(quarter, word),
        )
    return Plan(parts, (meetings(quarter), studies(quarter), conduct_source(quarter)), figures.items(parts))
