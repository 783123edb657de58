"""The rounds of the book (评分轮次): one row a branch, quarter and revision, with the scores that stood then.

draft -> self -> peer -> committee follow from the ratings that are in; posted, revised and locked are commands. A
draft is computed again whenever records change; what was posted is never touched: every line and record of every
member is kept with it, sealed by a fingerprint.
"""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from partybuild_cli.errors import Unfit
from partybuild_cli.index.numbers import SCALE
from partybuild_cli.index.quarter import Quarter

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The states of a round, as a person reads them.
STATE_WORDS = {
    "draft": "草稿",
    "self": "自评",
    "peer": "互评",
    "committee": "组织评定",
    "posted": "公示",
    "revised": "已修订",
    "locked": "已锁定",
}
#: The states before the posting.
DRAFTS = ("draft", "self", "peer", "committee")
#: The account of a member as it is kept, told and shown.
Document = dict[str, Any]


class Round(NamedTuple):
    """One revision of a branch's quarter."""

    id: int
    branch: int
    revision: int
    state: str
    scheme: str
    posted_from: str | None
    posted_until: str | None
    posted_days: int | None
    reason: str | None

    @property
    def open(self) -> bool:
        """Whether it follows the records still (未公示)."""
        return self.state in DRAFTS


def revisions_of(connection: "Connection", quarter: Quarter, branch: int | None = None) -> list[Round]:
    """Every revision of a quarter, of all branches or of one, the first posting first."""
    rows = connection.exec_driver_sql(
        "SELECT id, branch_id, revision, state, scheme_id || '@' || scheme_version, posted_from, posted_until,"
        " posted_days, reason FROM index_round WHERE quarter = ? AND ? IN (0, branch_id) ORDER BY branch_id, revision",
        (quarter.label, branch or 0),
    )
    return [Round(*row) for row in rows]


def rounds_of(connection: "Connection", quarter: Quarter, branch: int | None = None) -> dict[int, Round]:
    """The last revision of every branch that has a round in the quarter."""
    return {kept.branch: kept for kept in revisions_of(connection, quarter, branch)}


def remove_round(connection: "Connection", number: int) -> None:
    """Remove a round with its scores."""
    connection.exec_driver_sql("DELETE FROM index_score WHERE round_id = ?", (number,))
    connection.exec_driver_sql("DELETE FROM index_round WHERE id = ?", (number,))


def saved_scores(connection: "Connection", number: int) -> dict[int, str | None]:
    """The score of every member as a round keeps it."""
    rows = connection.exec_driver_sql("SELECT member_id, score FROM index_score WHERE round_id = ?", (number,))
    return {member: None if score is None else str(_tenths(score)) for member, score in rows}


def _tenths(kept: int) -> Decimal:
    return Decimal(kept // (SCALE // 10)).scaleb(-1)


class QuarterScore(NamedTuple):
    """What the last revision of a quarter says of one member; of two branches that where he was longer."""

    score: Decimal
    vetoed: bool


def scores_between(
    connection: "Connection", first: str, last: str
) -> tuple[dict[int, dict[str, QuarterScore]], dict[str, set[str]]]:
    """The scores kept of some quarters, by member and quarter in order, and the states of each quarter's rounds."""
    rows = connection.exec_driver_sql(
        "SELECT r.quarter, r.state, s.member_id, s.score, s.vetoed FROM index_score AS s"
        " JOIN index_round AS r ON r.id = s.round_id WHERE r.quarter >= ? AND r.quarter <= ?"
        " AND r.revision = (SELECT max(o.revision) FROM index_round AS o"
        " WHERE o.quarter = r.quarter AND o.branch_id = r.branch_id) AND s.score IS NOT NULL"
        " ORDER BY r.quarter, s.days, r.id",
        (first, last),
    )
    scores: dict[int, dict[str, QuarterScore]] = {}
    states: dict[str, set[str]] = {}
    for quarter, state, member, score, vetoed in rows:
        scores.setdefault(member, {})[quarter] = QuarterScore(_tenths(score), bool(vetoed))
        states.setdefault(quarter, set()).add(state)
    return scores, states


def freeze(connection: "Connection", number: int, accounts: Sequence[Document]) -> None:
    """Keep the accounts of a posting with its round (公示存档), sealed by their fingerprint."""
    text = json.dumps(accounts, ensure_ascii=False, separators=(",", ":"))
    seal = hashlib.sha256(text.encode()).hexdigest()
    connection.exec_driver_sql("UPDATE index_round SET frozen = ?, fingerprint = ? WHERE id = ?", (text, seal, number))


def frozen(connection: "Connection", number: int) -> list[Document]:
    """The accounts as they were posted. Unfit when somebody has altered them outside the program."""
    sql = "SELECT CAST(frozen AS BLOB), fingerprint FROM index_round WHERE id = ?"
    text, seal = connection.exec_driver_sql(sql, (number,)).one()
    if text is None or hashlib.sha256(text).hexdigest() != seal:
        raise Unfit("公示存档与它的校验值不符，可能被人在程序外改动过。请用 partybuild restore 从备份恢复后核对。")
    found: list[Document] = json.loads(text)
    return found
