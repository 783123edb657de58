"""What the index keeps about a member who is forgotten (抹除个人信息): scores, postings, objections, without the person.

A posting stays as a posting of so many members and points; it is sealed again without the name.
"""

from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.rounds import freeze, frozen
from partybuild_cli.records.base.forgetting import Erasure

_OBJECTION = ("raised_by", "matter", "handled_by", "finding", "answer")


def forget_scores(connection: Connection, erasure: Erasure) -> None:
    """Erase the person from every round of the index."""
    connection.exec_driver_sql(
        "UPDATE index_score SET name = ?, staff_no = NULL WHERE member_id = ?", (erasure.mark, erasure.number)
    )
    _objections(connection, erasure)
    for (round_id,) in connection.exec_driver_sql("SELECT id FROM index_round WHERE frozen IS NOT NULL").all():
        accounts = frozen(connection, round_id)
        posted = [_account(account, erasure) for account in accounts]
        if posted != accounts:
            freeze(connection, round_id, posted)


def _objections(connection: Connection, erasure: Erasure) -> None:
    names = ", ".join(_OBJECTION)
    for number, *texts in connection.exec_driver_sql(f"SELECT id, {names} FROM index_objection").all():
        left = [None if text is None else erasure.text(text) for text in texts]
        if left != texts:
            sets = ", ".join(f"{name} = ?" for name in _OBJECTION)
            connection.exec_driver_sql(f"UPDATE index_objection SET {sets} WHERE id = ?", (*left, number))


def _account(account: dict[str, Any], erasure: Erasure) -> dict[str, Any]:
    """One member's lines as they were posted, without the person."""
    if account.get("member") == erasure.number:
        account = {**account, "name": erasure.mark, "staff_no": None}
    left: dict[str, Any] = erasure.deep(account)
    return left
