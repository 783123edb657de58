"""Measures of what a member owes (应尽的义务): dues, talks, tasks, and what of it is overdue."""

from collections.abc import Sequence
from dataclasses import replace

from partybuild_cli.index.measures.declare import (
    ANY_KIND,
    LAPSE_COUNTS,
    MONTH_IN_STAY,
    MONTHS,
    OptionFacts,
    Source,
    Tally,
    measure,
    within,
)
from partybuild_cli.index.measures.works import NOTED, noted
from partybuild_cli.index.quarter import first_day, last_day
from partybuild_cli.index.scheme import Measurable
from partybuild_cli.records.dues import paid_late

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
_MONTHLY = f"CROSS JOIN {MONTHS} AS q {{}}JOIN dues AS t ON t.member_id = s.member_id AND t.month = q.month WHERE {MONTH_IN_STAY}"

#: A member's months of dues that were entered.
DUES = Source("dues", _MONTHLY.format(""), "t.month", "'党费 ' || t.month", _DUES_SAID)
#: All his months that are owed by now, whether entered or not.
DUES_MONTHS = Source(
    "dues",
    f"{_MONTHLY.format('LEFT ')} AND {_DUE}",
    "q.month",
    "CASE WHEN t.id IS NULL THEN '没有交纳记录' ELSE '党费 ' || t.month END",
    _DUES_SAID,
)
#: Talks with the member within so many months, wherever he then belonged.
TALKS = Source(
    "talk",
    "CROSS JOIN talk AS t WHERE t.subject_id = s.member_id AND t.talked_on >= :since AND t.talked_on < :end",
    "t.talked_on",
    "'谈心谈话' || coalesce('（' || t.kind || '）', '')",
)
#: Talks that the member began.
TALKED = replace(TALKS, joins=TALKS.joins.replace("t.subject_id", "t.talker_id"))
#: The tasks for which a member is responsible (责任人) that fell due in the quarter, by yesterday or done before.
TASKS = Source(
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


@measure("dues_months", "share", "按期交纳党费的月数 ÷ 应交月数，免缴的月份不计", kept=(DUES,))
def dues_months(line: Measurable) -> Sequence[Tally]:
    owed = f"CASE WHEN t.id IS NULL OR {_OWED} THEN 1 ELSE 0 END"
    return [Tally(DUES_MONTHS, done=f"CASE WHEN {PAID} THEN 1 ELSE 0 END", due=owed)]


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
    known = f"{_DUE} AND {_OWED} AND t.paid IS NOT NULL"
    late = f"CASE WHEN {named} THEN 0 ELSE 1 END"
    return [noted(word), Tally(DUES, f"{known} AND NOT {PAID}", late, word=word, values={"word": word})]


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
    without = line.option("without")
    values = {"without": without if isinstance(without, tuple) else ()}
    sources = [TALKS, TALKED] if line.option("both_sides") else [TALKS]
    return [Tally(source, "coalesce(t.kind, '') NOT IN :without", values=values) for source in sources]


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
    in_time = f"CASE WHEN {CLOSED} AND {first_day('t.done_on')} <= {last_day('t.due_on')} THEN 1 ELSE 0 END"
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
    overdue = Tally(TASKS, f"NOT {closed} AND NOT {named}", word=word, values={"word": word})
    return [overdue, noted(word)]
