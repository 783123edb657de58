"""The full account of one member's quarter (个人得分明细): as posted where it was posted, else from the records."""

from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.index.entrants import load_entrants
from partybuild_cli.index.evidence import documents
from partybuild_cli.index.frozen import frozen_accounts
from partybuild_cli.index.listing import compute_branches
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import rounds_of
from partybuild_cli.index.stays import Scope


def account_of(connection: Connection, quarter: Quarter, member: int, branch: int | None = None) -> dict[str, Any]:
    """The account of a member in a branch, by default the one in which he stood last in the quarter.

    NotFound when he belonged to none of the book's branches then.
    """
    where = branch if branch is not None else branch_in(connection, quarter, member)
    found = accounts_of(connection, quarter, where, member)
    if not found:
        name = connection.exec_driver_sql("SELECT name FROM member WHERE id = ?", (member,)).scalar()
        raise NotFound(
            f"{name}在 {quarter.label} 不在这个支部，没有得分。请核对季度和党支部，或用 index list 查看名单。"
        )
    return found[0]


def accounts_of(
    connection: Connection, quarter: Quarter, branch: int, member: int | None = None
) -> list[dict[str, Any]]:
    """The accounts of a branch, or of one member in it."""
    kept = rounds_of(connection, quarter, branch).get(branch)
    if kept is not None and not kept.open:
        posted = frozen_accounts(connection, kept.id)
        return [{**one, "state": kept.state} for one in posted if member in (None, one["member"])]
    state = "draft" if kept is None else kept.state
    return [{**one, "state": state} for one in live_accounts(connection, quarter, branch, member)]


def live_accounts(
    connection: Connection, quarter: Quarter, branch: int, member: int | None = None
) -> list[dict[str, Any]]:
    """The accounts as the records say now, whatever was posted."""
    [(computed, _)] = compute_branches(connection, quarter, [branch], None)
    return documents(connection, computed, branch, member)


def branch_in(connection: Connection, quarter: Quarter, member: int) -> int:
    """The branch to which a member belonged last within the quarter."""
    posted = connection.exec_driver_sql(
        "SELECT r.branch_id FROM index_score AS s JOIN index_round AS r ON r.id = s.round_id"
        " WHERE s.member_id = ? AND r.quarter = ? AND r.state IN ('posted', 'revised', 'locked')"
        " ORDER BY s.days DESC, r.revision DESC LIMIT 1",
        (member, quarter.label),
    ).scalar()
    found = load_entrants(connection, Scope(connection, quarter, member=member))
    if not found and posted is not None:
        return int(posted)
    if not found:
        return int(connection.exec_driver_sql("SELECT branch_id FROM member WHERE id = ?", (member,)).scalar_one())
    return max(found, key=lambda one: (one.stayed, one.days)).branch
