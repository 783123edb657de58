"""Measures of what a member owes (应尽的义务): dues, talks, tasks, and what of it is overdue."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from partybuild_cli.index.measures import figures
from partybuild_cli.index.measures.conduct import conduct_part, same_task
from partybuild_cli.index.measures.source import Asked, Part, Place, Plan, Source, Standing, Sum, Sums, like_any, within
from partybuild_cli.index.quarter import Quarter, first_day, key_day, last_day
from partybuild_cli.index.rules import Measured, share_of

_DUES_SAID = "CASE WHEN t.state IS NOT NULL THEN t.state WHEN t.paid IS NULL THEN '未缴' ELSE coalesce(t.paid_on || ' 缴', '已缴') END"


def dues(quarter: Quarter) -> Source:
    """A member's months of dues."""
    return Source(
        "dues",
        "CROSS JOIN dues AS t WHERE t.member_id = s.member_id AND t.month >= ? AND t.month <= ? AND {stay}",
        (quarter.months[0], quarter.months[-1]),
        "t.month || '-99'",
        "t.month",
        "'党费 ' || t.month",
        _DUES_SAID,
    )


def dues_months(asked: Asked) -> Plan:
    """按期交纳党费: months paid in time, of those owed; 免缴 is not owed, a month without a record is."""
    parts = tuple(replace(_paid_part(asked.quarter, place), missing="没有交纳记录") for place in range(3))
    return Plan(parts, (parts[0].source,), _paid_of_owed)


def _paid(quarter: Quarter) -> str:
    """SQL: paid in full and in time. A month's dues fall due with the month, or with the quarter where the branch agreed
    to pay by the quarter; a day of payment known to the month alone is not held against the payer.
    """
    paid_on = first_day("t.paid_on")
    quarterly = "EXISTS (SELECT 1 FROM branch AS b WHERE b.id = s.branch_id AND b.dues_quarterly = 1)"
    return (
        "t.state IS NULL AND coalesce(t.paid, 0) > 0 AND coalesce(t.paid, 0) >= coalesce(t.due, 0)"
        f" AND (t.paid_on IS NULL OR {paid_on} <= t.month || '-99'"
        f" OR ({paid_on} <= '{quarter.last}' AND {quarterly}))"
    )


def _paid_part(quarter: Quarter, place: int) -> Part:
    """Whether a month was paid in time; as due it counts what was not owed at all (免缴)."""
    return Part(
        dues(quarter),
        "t.month = ?",
        (quarter.months[place],),
        met=_paid(quarter),
        owed="t.state IS NOT NULL",
        month=place,
    )


def _paid_of_owed(sums: tuple[Sum, ...], standing: Standing) -> Measured:
    owed = [month for month in standing.due_months if not sums[month].due]
    return share_of(sum(1 for month in owed if sums[month].done), len(owed))


def kept_part(quarter: Quarter, place: int) -> Part:
    """Whether there is a record of a month at all."""
    return Part(dues(quarter), "t.month = ?", (quarter.months[place],), month=place, if_kept=True, silent=True)


def months_kept(rows: Sums, places: Sequence[Place]) -> dict[int, tuple[int, ...]]:
    """For each branch the months (0, 1, 2) of which its register of dues has any record; `places` are those of the parts."""
    found: dict[int, set[int]] = {}
    for (_, branch), row in rows.items():
        months = found.setdefault(branch, set())
        if len(months) < len(places):
            months.update(month for month, place in enumerate(places) if place.of(row).done)
    return {branch: tuple(sorted(months)) for branch, months in found.items()}


def dues_overdue(asked: Asked) -> Plan:
    """党费逾期: months not paid in time though the branch kept their register, and those that the conduct ledger names."""
    quarter, word = asked.quarter, asked.words[0]
    source, noted = dues(quarter), conduct_part(quarter, word)
    parts: tuple[Part, ...] = (noted,)
    for place, month in enumerate(quarter.months):
        named = "t.kind = ? AND substr(t.happened_on, 1, 7) = ?"
        parts += (
            replace(kept_part(quarter, place), missing="没有交纳记录"),
            replace(_paid_part(quarter, place), silent=True),
            Part(
                source, f"t.month = ? AND t.state IS NULL AND NOT ({_paid(quarter)})", (month,), month=place, names=True
            ),
            Part(noted.source, named, (word, month), silent=True),
        )

    def finish(sums: tuple[Sum, ...], standing: Standing) -> Measured:
        times = sums[0].done
        for place in standing.due_months:
            kept, paid, _, named = sums[1 + 4 * place : 5 + 4 * place]
            unpaid = not (paid.done or paid.due) if kept.done else place in standing.kept_months
            times += 1 if unpaid and not named.done else 0
        return Measured("scored", items=((word, times),) if times else ())

    return Plan(parts, (source, noted.source), finish)


def talks(asked: Asked) -> Plan:
    """谈心谈话: talks with the member within so many months, wherever he then belonged."""
    months = asked.options["months"]
    assert isinstance(months, Decimal)
    source = Source(
        "talk",
        "CROSS JOIN talk AS t WHERE t.subject_id = s.member_id AND t.talked_on >= ? AND t.talked_on < ?",
        asked.quarter.months_back(int(months)),
        "",
        "t.talked_on",
        "'谈心谈话' || coalesce('（' || t.kind || '）', '')",
    )
    return Plan((Part(source),), (source,), figures.count)


def tasks_due(quarter: Quarter) -> Source:
    """The tasks for which a member is responsible (责任人) that fell due in the quarter."""
    return Source(
        "task",
        "JOIN person AS p ON p.member_id = s.member_id AND p.ledger = 'task' AND p.role = 'responsible'"
        f" JOIN task AS t ON t.id = p.record_id WHERE {within('t.due_on')}",
        quarter.bounds,
        key_day("t.due_on"),
        "t.due_on",
        "t.item",
        "coalesce(t.done_on || ' 完成', '未完成')",
    )


def _closed(asked: Asked) -> str:
    """SQL: 销号, which needs evidence and a verifier who is not the one responsible."""
    own = "" if not asked.self_verified else f" AND t.id NOT IN ({', '.join(map(str, asked.self_verified))})"
    return f"t.done_on IS NOT NULL AND t.evidence IS NOT NULL AND t.verified_by IS NOT NULL{own}"


def tasks(asked: Asked) -> Plan:
    """按期销号率: closed by their day, of those due; by where they came from (来源)."""
    source = tasks_due(asked.quarter)
    in_time = f"{_closed(asked)} AND {first_day('t.done_on')} <= {last_day('t.due_on')}"
    without = asked.options.get("without", ())
    assert isinstance(without, tuple)
    wanted = f"({like_any('t.source', len(asked.kinds))}) AND " if asked.kinds else ""
    part = Part(
        source,
        f"{wanted}NOT ({like_any('t.source', len(without))})",
        (*_patterns(asked.kinds), *_patterns(without)),
        met=in_time,
        owed="1 = 1" if asked.options["lapse_counts"] else in_time,
    )
    return Plan((part,), (source,), figures.share)


def _patterns(words: tuple[str, ...]) -> tuple[str, ...]:
    """A source is written as 组织生活会 or as 2025年度组织生活会."""
    return tuple(f"%{word}%" for word in words)


def tasks_overdue(asked: Asked) -> Plan:
    """任务逾期: due in the quarter and not closed by its end, and those that the conduct ledger names; the same one once."""
    word, quarter = asked.words[0], asked.quarter
    closed = f"{_closed(asked)} AND {first_day('t.done_on')} <= ?"
    overdue = Part(tasks_due(quarter), f"NOT ({closed}) AND NOT {same_task()}", (str(quarter.last), word), word=word)
    parts = (overdue, conduct_part(quarter, word))
    return Plan(parts, (tasks_due(quarter), parts[1].source), figures.items(parts))
