"""Posting, revising and locking a quarter (公示、修订、锁定), each branch by itself.

What was posted stays readable for ever: a revision is a new row beside it, with its reason.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, NotFound
from partybuild_cli.index.accounts import with_records
from partybuild_cli.index.calendar import Calendar
from partybuild_cli.index.compute import Computed, compute_branches, save, save_drafts
from partybuild_cli.index.objections import unanswered
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, branch_names, freeze, rounds_of


class Posted(NamedTuple):
    """One branch's posting: the days it hangs, and whether it hung already (a reprint)."""

    branch: int
    name: str
    revision: int
    first: str
    last: str
    again: bool
    warning: str | None
    problems: Sequence[str]


def publish(
    connection: Connection, quarter: Quarter, branch: int | None, start: date, calendar: Calendar
) -> list[Posted]:
    """Freeze and post the branches that are not posted yet; of the others, say when they were.

    NotFound when nobody belonged to any of the branches in the quarter; InputProblems when it has not begun by then.
    """
    if start < quarter.first:
        raise InputProblems(
            f"{quarter.label} 从 {quarter.first} 才开始，不能从 {start} 起公示。请核对季度和 --on 的日期。"
        )
    names = branch_names(connection)
    kept = rounds_of(connection, quarter, branch)
    done = [_hanging(one, names[one.branch]) for one in kept.values() if not one.open]
    hung = {one.branch for one in done}
    wanted = [number for number in ([branch] if branch is not None else names) if number not in hung]
    for computed, numbers in compute_branches(connection, quarter, wanted):
        for number in save_drafts(connection, computed, numbers):
            one = rounds_of(connection, quarter, number)[number]
            done.append(_post(connection, computed, one, "posted", start, calendar, names[number]))
    if not done:
        raise NotFound(f"{quarter.label} 没有在册党员，没有可公示的内容。请核对季度和党支部。")
    return sorted(done, key=lambda one: one.branch)


def _hanging(one: Round, name: str) -> Posted:
    return Posted(one.branch, name, one.revision, one.posted_from or "", one.posted_until or "", True, None, ())


def _post(
    connection: Connection, computed: Computed, one: Round, state: str, start: date, calendar: Calendar, name: str
) -> Posted:
    """Freeze a round and note the days of its posting."""
    freeze(connection, one.id, [account.document() for account in with_records(connection, computed, one.branch)])
    days = calendar.working_days_from(start, computed.scheme.posting_days)
    first, last = str(start), str(days.last)
    connection.exec_driver_sql(
        "UPDATE index_round SET state = ?, posted_from = ?, posted_until = ?, posted_days = ? WHERE id = ?",
        (state, first, last, len(days.days), one.id),
    )
    problems = [*_unfinished(computed.quarter, start), *computed.problems]
    return Posted(one.branch, name, one.revision, first, last, False, days.warning, problems)


def _unfinished(quarter: Quarter, start: date) -> list[str]:
    """What to say of a posting before the quarter is over."""
    if start > quarter.last:
        return []
    late = f"此后的记录不在这次公示里；到时请用 partybuild index revise {quarter.label} --reason 理由 修订"
    return [f"{quarter.label} 到 {quarter.last} 才结束，{late}。"]


def revise(
    connection: Connection, quarter: Quarter, branch: int | None, reason: str, start: date, calendar: Calendar
) -> list[Posted]:
    """A new revision of what was posted, from the records as they are now, by the scheme that it was posted by.

    InputProblems when it would hang before what it revises.
    """
    names = branch_names(connection)
    done = []
    for number, one in _posted(connection, quarter, branch).items():
        if str(start) < (one.posted_from or ""):
            raise InputProblems(
                f"{names[number]}已从 {one.posted_from} 起公示，修订不能早于这一天。请核对 --on 的日期。"
            )
        [(computed, _)] = compute_branches(connection, quarter, [number])
        new = save(connection, computed, number, one.revision + 1, "draft")
        connection.exec_driver_sql("UPDATE index_round SET reason = ? WHERE id = ?", (reason, new))
        fresh = rounds_of(connection, quarter, number)[number]
        done.append(_post(connection, computed, fresh, "revised", start, calendar, names[number]))
    return done


def lock(connection: Connection, quarter: Quarter, branch: int | None, today: date) -> list[str]:
    """Lock what was posted; the names of the branches.

    InputProblems while a posting still hangs or an objection has no answer.
    """
    names = branch_names(connection)
    posted = {number: one for number, one in _posted(connection, quarter, branch).items() if one.state != "locked"}
    for number, one in posted.items():
        if str(today) <= (one.posted_until or ""):
            raise InputProblems(f"{names[number]}的公示到 {one.posted_until} 为止，还没有结束，没有锁定。")
        if waiting := unanswered(connection, quarter, number):
            raise InputProblems(
                f"{names[number]}还有 {waiting} 件异议没有答复，没有锁定。"
                f"请用 partybuild index object {quarter.label} --number 编号 --answer 答复 补上。"
            )
    for one in posted.values():
        connection.exec_driver_sql("UPDATE index_round SET state = 'locked' WHERE id = ?", (one.id,))
    return [names[number] for number in posted]


def _posted(connection: Connection, quarter: Quarter, branch: int | None) -> dict[int, Round]:
    kept = {number: one for number, one in rounds_of(connection, quarter, branch).items() if not one.open}
    if not kept:
        raise NotFound(f"{quarter.label} 还没有公示。请先运行 partybuild index publish {quarter.label}。")
    return kept
