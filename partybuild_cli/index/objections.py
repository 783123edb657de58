"""Objections to a posting (异议): who said what, who looked into it, what was found and answered, and when."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, NotFound
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import rounds_of

FIELDS = ("member_id", "raised_by", "raised_on", "matter", "handled_by", "finding", "answer", "answered_on")


def raise_objection(connection: Connection, quarter: Quarter, branch: int, said: Mapping[str, Any]) -> int:
    """Note an objection to what is posted; its number. NotFound when nothing is posted."""
    posted = rounds_of(connection, quarter, branch).get(branch)
    if posted is None or posted.open:
        raise NotFound(f"{quarter.label} 还没有公示，不能登记异议。请先运行 partybuild index publish {quarter.label}。")
    if posted.state == "locked":
        raise InputProblems(f"{quarter.label} 已锁定，不再受理异议；确有错误请用 partybuild index revise 修订。")
    number = int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM index_objection").scalar_one())
    row = {key: said.get(key) for key in FIELDS}
    connection.exec_driver_sql(
        f"INSERT INTO index_objection (id, round_id, {', '.join(FIELDS)}) VALUES (?, ?, {', '.join('?' * len(FIELDS))})",
        (number, posted.id, *row.values()),
    )
    return number


def answer_objection(connection: Connection, quarter: Quarter, number: int, said: Mapping[str, Any]) -> None:
    """Add who handled an objection of a quarter, the finding, the answer and its day.

    NotFound when the quarter has no such number; InputProblems where the lock would be followed by another answer.
    """
    kept = connection.exec_driver_sql(
        f"SELECT r.quarter, r.state, {', '.join(FIELDS)} FROM index_objection AS o"
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
    if kept[1] == "locked" and any(before[key] is not None for key in after):
        raise InputProblems(
            f"{quarter.label} 已锁定，编号 {number} 的异议已经填好的内容不能再改。确有错误，请用 partybuild index revise 修订。"
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
