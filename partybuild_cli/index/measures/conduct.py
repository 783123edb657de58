"""Measures of the conduct ledger (加分扣分台账), and what another ledger and this one both say, counted once."""

from decimal import Decimal

from partybuild_cli.index.measures import figures
from partybuild_cli.index.measures.source import SCALE, Asked, Part, Plan, Source, one_of, within
from partybuild_cli.index.quarter import Quarter, key_day

_TIMES = "coalesce(t.times, 1)"


def conduct_source(quarter: Quarter) -> Source:
    """What was noted of a member."""
    return Source(
        "conduct",
        f"JOIN conduct AS t ON t.member_id = s.member_id WHERE {within('t.happened_on')}",
        quarter.bounds,
        key_day("t.happened_on"),
        "t.happened_on",
        "t.kind || coalesce('：' || t.basis, '')",
    )


def conduct_part(quarter: Quarter, word: str) -> Part:
    """How many times a word was noted."""
    return Part(conduct_source(quarter), "t.kind = ?", (word,), _TIMES, word=word)


def conduct(asked: Asked) -> Plan:
    """同名事项: each word with its times; a word whose points are a range, with the points that were granted."""
    plain = tuple(conduct_part(asked.quarter, word) for word in asked.words if word not in asked.ranges)
    granted = tuple(_granted(asked.quarter, word, *asked.ranges[word]) for word in asked.ranges)
    parts = (*plain, *granted)
    return Plan(parts, (conduct_source(asked.quarter),), figures.items(parts))


def _granted(quarter: Quarter, word: str, low: Decimal, high: Decimal) -> Part:
    """Points within the range that the scheme leaves to the committee (由组织在范围内给分)."""
    bounds = (word, int(low * SCALE), int(high * SCALE))
    return Part(
        conduct_source(quarter),
        "t.kind = ? AND t.points >= ? AND t.points <= ?",
        bounds,
        "t.points",
        word=word,
        scale=SCALE,
        unit="分",
    )


def complaints(asked: Asked) -> Plan:
    """有效投诉: how many of the kinds there were."""
    part = Part(conduct_source(asked.quarter), one_of("t.kind", asked.kinds), asked.kinds, _TIMES)
    return Plan((part,), (conduct_source(asked.quarter),), figures.count)


def same_day(column: str) -> str:
    """SQL: the conduct ledger names this word on this day, or in this month where it knows no day."""
    return (
        "EXISTS (SELECT 1 FROM conduct AS c WHERE c.member_id = s.member_id AND c.kind = ?"
        f" AND substr({column}, 1, length(c.happened_on)) = c.happened_on)"
    )


def same_task() -> str:
    """SQL: the conduct ledger names this word on the day the task was due, or names the task as its basis."""
    return (
        "EXISTS (SELECT 1 FROM conduct AS c WHERE c.member_id = s.member_id AND c.kind = ?"
        " AND (c.happened_on = t.due_on OR c.basis LIKE '%' || t.item || '%'))"
    )
