"""Posting, objections, revising and locking (公示、异议、修订、锁定), each branch by itself.

What was posted stays readable for ever: a revision is a new row beside it, with its reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, NotFound
from partybuild_cli.index.accounts import Account, AdjustmentLine, Line, frozen_accounts, with_records
from partybuild_cli.index.calendar import Calendar
from partybuild_cli.index.compute import Computed, close_ratings, compute_branches, save, save_drafts
from partybuild_cli.index.participants import told_apart
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, branch_names, freeze, rounds_of
from partybuild_cli.values.reference import Reference


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
            close_ratings(connection, computed, number)
    if not done:
        raise NotFound(f"{quarter.label} 没有在册党员，没有可公示的内容。请核对季度和党支部。")
    return sorted(done, key=lambda one: one.branch)


def _hanging(one: Round, name: str) -> Posted:
    return Posted(one.branch, name, one.revision, one.posted_from or "", one.posted_until or "", True, None, ())


def _post(
    connection: Connection,
    computed: Computed,
    one: Round,
    state: str,
    start: date,
    calendar: Calendar,
    name: str,
    more: Callable[[Sequence[Account]], Sequence[str]] = lambda _: (),
) -> Posted:
    """Freeze a round and note the days of its posting; `more` says what else is to be said of its accounts."""
    accounts = with_records(connection, computed, one.branch)
    freeze(connection, one.id, [account.document() for account in accounts])
    days = calendar.working_days_from(start, computed.scheme.posting_days)
    first, last = str(start), str(days.last)
    connection.exec_driver_sql(
        "UPDATE index_round SET state = ?, posted_from = ?, posted_until = ?, posted_days = ? WHERE id = ?",
        (state, first, last, len(days.days), one.id),
    )
    problems = [
        *_unfinished(computed.quarter, start),
        *computed.problems,
        *_unrated(computed, one.branch),
        *more(accounts),
    ]
    return Posted(one.branch, name, one.revision, first, last, False, days.warning, problems)


def _unrated(computed: Computed, branch: int) -> Iterator[str]:
    """Who lacks which rating (缺评议), by name, for every part of the scheme that members or the committee give."""
    scored = [one for one in computed.branches[branch] if one.score is not None]
    for part in computed.scheme.parts:
        lacking = [one.participant for one in scored if one.score and not one.score.rated(part.id)]
        if lacking:
            whose = "全部党员" if len(lacking) == len(scored) > 1 else "、".join(told_apart(lacking))
            instead = "取记录得分" if part.id == "org" else "权重加给其余各部分"
            yield f"没有{part.name}的：{whose}，{instead}。"


def _unmoved(before: Sequence[Account], after: Sequence[Account]) -> list[str]:
    """Whose records changed and whose score did not move, and why (得分没有变的原因)."""
    was = {one.member: one for one in before}
    said = []
    for new, name in zip(after, told_apart(after), strict=True):
        old = was.get(new.member)
        if old is not None and new.score is not None and old.score == new.score and _grounds(old) != _grounds(new):
            said.append(f"{name}的季度指数没有变，仍是 {new.score}：{_why_unmoved(old, new)}。")
    return said


def _grounds(account: Account) -> list[tuple[str, list[Reference]]]:
    lines: list[Line | AdjustmentLine] = [*account.indicators, *account.adjustments]
    return [(line.points, list(line.records)) for line in lines]


def _why_unmoved(old: Account, new: Account) -> str:
    given = new.parts.get("org")
    if new.vetoes:
        return "一票否决仍在"
    if old.obj == new.obj:
        return "变动的记录所在的项已到上限，或这些记录不计分"
    if given is None or given == new.obj:
        return f"记录得分 {old.obj} → {new.obj}，不足以改变季度指数的一位小数"
    gap = abs(Decimal(given) - Decimal(new.obj or 0))
    return (
        f"记录得分 {old.obj} → {new.obj}，而组织评定 {given} 分是直接给的，不随记录变，"
        f"与新的记录得分相差 {gap.normalize():f} 分；要变请重新作组织评定"
    )


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
        before = frozen_accounts(connection, one)
        posted = _post(
            connection, computed, fresh, "revised", start, calendar, names[number], partial(_unmoved, before)
        )
        done.append(posted)
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


def drafts(connection: Connection, quarter: Quarter, branch: int | None) -> list[str]:
    """The branches of which a quarter was computed and is not posted. NotFound where there are none."""
    names = branch_names(connection)
    found = [names[number] for number, one in rounds_of(connection, quarter, branch).items() if one.open]
    if not found:
        raise NotFound(f"{quarter.label} 没有草稿。请用 partybuild index list {quarter.label} 查看算到了哪里。")
    return found


def discard_drafts(connection: Connection, quarter: Quarter, branch: int | None) -> list[str]:
    """Forget what was computed of a quarter and not posted; the names of the branches. Records and ratings stay."""
    names = drafts(connection, quarter, branch)
    for one in rounds_of(connection, quarter, branch).values():
        if one.open:
            connection.exec_driver_sql("DELETE FROM index_score WHERE round_id = ?", (one.id,))
            connection.exec_driver_sql("DELETE FROM index_round WHERE id = ?", (one.id,))
    return names


def _posted(connection: Connection, quarter: Quarter, branch: int | None) -> dict[int, Round]:
    kept = {number: one for number, one in rounds_of(connection, quarter, branch).items() if not one.open}
    if not kept:
        raise NotFound(f"{quarter.label} 还没有公示。请先运行 partybuild index publish {quarter.label}。")
    return kept


FIELDS = ("member_id", "raised_by", "raised_on", "matter", "handled_by", "finding", "answer", "answered_on")


def raise_objection(connection: Connection, quarter: Quarter, branch: int, said: Mapping[str, Any]) -> int:
    """Note an objection to what is posted; its number. NotFound when nothing is posted."""
    posted = rounds_of(connection, quarter, branch).get(branch)
    if posted is None or posted.open:
        raise NotFound(f"{quarter.label} 还没有公示，不能登记异议。请先运行 partybuild index publish {quarter.label}。")
    if posted.state == "locked":
        raise InputProblems(
            f"{quarter.label} 已锁定，不再受理异议；确有错误请用 partybuild index revise {quarter.label} --reason 理由 修订。"
        )
    number = int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM index_objection").scalar_one())
    row = {key: said.get(key) for key in FIELDS}
    connection.exec_driver_sql(
        f"INSERT INTO index_objection (id, round_id, {', '.join(FIELDS)}) VALUES (?, ?, {', '.join('?' * len(FIELDS))})",
        (number, posted.id, *row.values()),
    )
    return number


def answer_objection(connection: Connection, quarter: Quarter, number: int, said: Mapping[str, Any]) -> None:
    """Add who handled an objection of a quarter, the finding, the answer and its day.

    NotFound when the quarter has no such number; InputProblems once the quarter is locked.
    """
    kept = connection.exec_driver_sql(
        f"SELECT r.quarter, r.branch_id, {', '.join(FIELDS)} FROM index_objection AS o"
        " JOIN index_round AS r ON r.id = o.round_id WHERE o.id = ?",
        (number,),
    ).first()
    if kept is None or kept[0] != quarter.label:
        other = f"，编号 {number} 是 {kept[0]} 的" if kept else ""
        raise NotFound(
            f"{quarter.label} 没有编号 {number} 的异议{other}。请用 partybuild index objections {quarter.label} 查看编号。"
        )
    before = dict(zip(FIELDS, kept[2:], strict=True))
    after = {key: value for key, value in said.items() if value is not None and value != before[key]}
    last = rounds_of(connection, quarter, kept[1]).get(kept[1])
    if after and last is not None and last.state == "locked":
        raise InputProblems(
            f"{quarter.label} 已锁定，编号 {number} 的异议不能再改。确有错误，请用 partybuild index revise {quarter.label} --reason 理由 修订。"
        )
    if after:
        sets = ", ".join(f"{key} = ?" for key in after)
        connection.exec_driver_sql(f"UPDATE index_objection SET {sets} WHERE id = ?", (*after.values(), number))


def objections(connection: Connection, quarter: Quarter, branch: int | None = None) -> list[dict[str, Any]]:
    """Every objection of a quarter, in the order in which they came."""
    narrow, values = ("", (quarter.label,)) if branch is None else (" AND r.branch_id = ?", (quarter.label, branch))
    rows = connection.exec_driver_sql(
        "SELECT o.id, b.name, r.revision, m.name, o.raised_by, o.raised_on, o.matter, o.handled_by, o.finding,"
        " o.answer, o.answered_on FROM index_objection AS o JOIN index_round AS r ON r.id = o.round_id"
        " JOIN branch AS b ON b.id = r.branch_id LEFT JOIN member AS m ON m.id = o.member_id"
        f" WHERE r.quarter = ?{narrow} ORDER BY o.id",
        values,
    )
    keys = ("id", "branch", "revision", "member", "raised_by", "raised_on", "matter", "handled_by", "finding")
    return [dict(zip((*keys, "answer", "answered_on"), row, strict=True)) for row in rows]


def unanswered(connection: Connection, quarter: Quarter, branch: int) -> int:
    """How many objections of a branch have no answer yet."""
    return sum(1 for one in objections(connection, quarter, branch) if one["answer"] is None)
