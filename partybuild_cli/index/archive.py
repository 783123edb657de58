"""What the index keeps for ever (存档): whether it can be read, and how a person is erased from it (抹除个人信息).

A posting stays as a posting of so many members and points; it is sealed again without the name.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import PartybuildError
from partybuild_cli.index.rounds import DRAFTS, STATE_WORDS, freeze, frozen
from partybuild_cli.index.schemes_in_use import kept_scheme
from partybuild_cli.records.base.forgetting import Erasure
from partybuild_cli.records.base.kinds import DAY, QUARTER

_NAMED = 5


def archive_damage(connection: Connection) -> str | None:
    """Every posting, scheme and round that cannot be read, in words; None where all can."""
    found = [*_schemes(connection), *_rounds(connection)]
    if not found:
        return None
    more = f" 等 {len(found)} 处" if len(found) > _NAMED else ""
    return f"{'；'.join(found[:_NAMED])}{more}，请用 partybuild restore 从最近的备份恢复后核对"


def _schemes(connection: Connection) -> Iterator[str]:
    for name, version in connection.exec_driver_sql("SELECT id, version FROM index_scheme").all():
        try:
            kept_scheme(connection, name, version)
        except PartybuildError:
            yield f"方案 {name}@{version} 已损坏"


def _rounds(connection: Connection) -> Iterator[str]:
    rows = connection.exec_driver_sql(
        "SELECT round.id, branch.name, quarter, state, posted_from, posted_until FROM index_round AS round"
        " LEFT JOIN branch ON branch.id = branch_id ORDER BY round.id"
    ).all()
    for number, branch, quarter, state, first, last in rows:
        called = f"{branch or '（已删除的党支部）'} {quarter} 的"
        days = DAY.sound((first,)) and DAY.sound((last,))
        if not QUARTER.sound((quarter,)) or state not in STATE_WORDS or not days:
            yield f"{called}评分轮次已损坏"
        elif state not in DRAFTS:
            try:
                frozen(connection, number)
            except PartybuildError:
                yield f"{called}公示存档与它的校验值不符"


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
