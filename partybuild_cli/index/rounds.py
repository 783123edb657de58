"""The rounds of the book (评分轮次): one row a branch, quarter and revision, with the scores that stood then.

draft -> self -> peer -> committee follow from the ratings that are in; posted, revised and locked are commands. A
draft is computed again whenever records change; what was posted is never touched. The rounds tell their own history:
the log names the command, and there is nothing in them for `undo` to take back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.compute import Computed, Standing
from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.quarter import Quarter

#: 草稿 自评 互评 组织评定: the states before the posting.
DRAFTS = ("draft", "self", "peer", "committee")


@dataclass(frozen=True, slots=True)
class Round:
    """One revision of a branch's quarter."""

    id: int
    quarter: str
    branch: int
    revision: int
    state: str
    scheme: str
    posted_from: str | None
    posted_until: str | None
    reason: str | None
    fingerprint: str | None
    posted_days: int | None

    @property
    def open(self) -> bool:
        """Whether it follows the records still (未公示)."""
        return self.state in DRAFTS


_COLUMNS = (
    "id, quarter, branch_id, revision, state, scheme_id || '@' || scheme_version,"
    " posted_from, posted_until, reason, fingerprint, posted_days"
)


def rounds_of(connection: Connection, quarter: Quarter, branch: int | None = None) -> dict[int, Round]:
    """The last revision of every branch that has a round in the quarter."""
    narrow, values = ("", (quarter.label,)) if branch is None else (" AND branch_id = ?", (quarter.label, branch))
    rows = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM index_round WHERE quarter = ?{narrow} ORDER BY branch_id, revision", values
    )
    return {row[2]: Round(*row) for row in rows}


def revisions_of(connection: Connection, quarter: Quarter, branch: int) -> list[Round]:
    """Every revision of a branch's quarter, the first posting first."""
    rows = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM index_round WHERE quarter = ? AND branch_id = ? ORDER BY revision",
        (quarter.label, branch),
    )
    return [Round(*row) for row in rows]


def save_drafts(connection: Connection, computed: Computed, branches: Collection[int]) -> None:
    """Keep the scores of some branches as drafts, in place of those computed before."""
    kept = rounds_of(connection, computed.quarter)
    for branch in branches:
        standings = computed.branches.get(branch, [])
        state = _state(standings)
        if branch in kept:
            number = kept[branch].id
            connection.exec_driver_sql(
                "UPDATE index_round SET state = ?, scheme_id = ?, scheme_version = ? WHERE id = ?",
                (state, computed.scheme.id, computed.scheme.version, number),
            )
        else:
            number = insert_round(connection, computed, branch, 1, state)
        save_scores(connection, number, standings)


def insert_round(connection: Connection, computed: Computed, branch: int, revision: int, state: str) -> int:
    """A new row; its number."""
    number = int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM index_round").scalar_one())
    scheme = computed.scheme
    connection.exec_driver_sql(
        "INSERT INTO index_round (id, quarter, branch_id, revision, state, scheme_id, scheme_version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, computed.quarter.label, branch, revision, state, scheme.id, scheme.version),
    )
    return number


def save_scores(connection: Connection, number: int, standings: Collection[Standing]) -> None:
    """The scores of a round, in place of those that it had."""
    connection.exec_driver_sql("DELETE FROM index_score WHERE round_id = ?", (number,))
    rows = [_score_row(number, one) for one in standings]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO index_score (round_id, member_id, name, staff_no, place, score, vetoed, days)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def _score_row(number: int, standing: Standing) -> tuple[Any, ...]:
    entrant, score = standing.entrant, standing.score
    posted = None if score is None or score.score is None else int(score.score * SCALE)
    vetoed = int(score is not None and bool(score.case.vetoes))
    return (number, entrant.member, entrant.name, entrant.staff_no, standing.place, posted, vetoed, entrant.days)


def _state(standings: Collection[Standing]) -> str:
    """How far the rating has come: the last kind of rating of which there is any."""
    given = [one.score.case.ratings for one in standings if one.score is not None]
    if any(ratings.org is not None for ratings in given):
        return "committee"
    if any(ratings.peer is not None for ratings in given):
        return "peer"
    return "self" if any(ratings.own is not None for ratings in given) else "draft"
