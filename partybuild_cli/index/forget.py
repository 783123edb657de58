"""What the index keeps about a member who is forgotten (抹除个人信息): scores, postings, objections, without the person.

A posting stays as a posting of so many members and points; it is sealed again without the name.
"""

from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.acts import OBJECTION
from partybuild_cli.index.rounds import freeze, frozen
from partybuild_cli.records.people.forgetting import Erasure, mark_of
from partybuild_cli.store import journal
from partybuild_cli.store.forget import rewrite, rewriting

_SAID = ("matter", "finding", "answer")
_GONE = "（已抹除）"
_MADE_UP = "，已补学"


def forget_scores(connection: Connection, erasure: Erasure) -> None:
    """Erase the person from every round of the index."""
    for number in erasure.members:
        mark = mark_of(number)
        connection.exec_driver_sql(
            "UPDATE index_score SET name = ?, staff_no = NULL WHERE member_id = ?", (mark, number)
        )
        _objections(connection, erasure, number)
    for (round_id,) in connection.exec_driver_sql("SELECT id FROM index_round WHERE frozen IS NOT NULL").all():
        accounts = frozen(connection, round_id)
        posted = [_account(account, erasure) for account in accounts]
        if posted != accounts:
            freeze(connection, round_id, posted)
    _acts(connection, erasure)


def _acts(connection: Connection, erasure: Erasure) -> None:
    """What the history says of objections, without the person."""
    members = ", ".join(map(str, sorted(erasure.members)))
    his = set(connection.exec_driver_sql(f"SELECT id FROM index_objection WHERE member_id IN ({members})").scalars())
    rows = [row for row in journal.every_row(connection) if row.ledger == OBJECTION and row.action != "forget"]
    told = [(row, [one and _act(one, row.number in his, erasure) for one in (row.before, row.after)]) for row in rows]
    changed = [(row, left) for row, left in told if left != [row.before, row.after]]
    if changed:
        with rewriting(connection):
            for row, left in changed:
                rewrite(connection, row, *left)


def _act(document: dict[str, Any], his: bool, erasure: Erasure) -> dict[str, Any]:
    """An objection in words: of his own nothing of what was said; his name wherever he raised or handled one."""
    left = dict(document)
    for word in ("事项", "核查结论", "答复"):
        if his and left.get(word):
            left[word] = _GONE
    for word in ("提出人", "受理人"):
        if left.get(word) in erasure.names and (his or left[word] not in erasure.theirs):
            left[word] = mark_of(min(erasure.members))
    return left


def _objections(connection: Connection, erasure: Erasure, number: int) -> None:
    """What was said for or against the person goes; that it was said, and when, stays."""
    sets = ", ".join(f"{name} = CASE WHEN {name} IS NOT NULL THEN ? END" for name in _SAID)
    connection.exec_driver_sql(
        f"UPDATE index_objection SET {sets} WHERE member_id = ?", (*[_GONE] * len(_SAID), number)
    )
    for name in sorted(erasure.names):
        alone = "" if name not in erasure.theirs else f" AND member_id = {number}"
        for column in ("raised_by", "handled_by"):
            connection.exec_driver_sql(
                f"UPDATE index_objection SET {column} = ? WHERE {column} = ?{alone}", (mark_of(number), name)
            )


def _account(account: dict[str, Any], erasure: Erasure) -> dict[str, Any]:
    """A member's lines as they were posted, without the person: of his own also what the records behind them say of him."""
    own = account.get("member") in erasure.members
    left = {**account, "name": mark_of(account["member"]), "staff_no": None} if own else dict(account)
    for kind in ("indicators", "adjustments"):
        left[kind] = [
            {**line, "records": [_evidence(record, own, erasure) for record in line["records"]]}
            for line in account[kind]
        ]
    return left


def _evidence(record: dict[str, Any], own: bool, erasure: Erasure) -> dict[str, Any]:
    """A record behind a figure: of his own no reason and no basis, as the records hold none now; 结对 is titled by names."""
    left = dict(record)
    if own and record["ledger"] == "meeting":
        state, colon, _ = record["note"].partition("：")
        left["note"] = state + (_MADE_UP if colon and record["note"].endswith(_MADE_UP) else "")
    elif own and record["ledger"] == "conduct":
        left["title"] = record["title"].partition("：")[0]
    elif record["ledger"] == "pairing":
        kind, colon, pair = record["title"].partition("：")
        left["title"] = kind + colon + "—".join(map(erasure.unsigned, pair.split("—")))
    return left
