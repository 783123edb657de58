"""The rounds of the book (评分轮次): one row a branch, quarter and revision, with the scores that stood then.

draft -> self -> peer -> committee follow from the ratings that are in; posted, revised and locked are commands. A
draft is computed again whenever records change; what was posted is never touched: every line and record of every
member is kept with it, sealed by a fingerprint.

The tables of the index stand here too, each with what a row of it is: that declares its columns.
"""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, get_args

from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Table, Text, cast, delete, func, select

from partybuild_cli.errors import Unfit
from partybuild_cli.index.numbers import SCALE
from partybuild_cli.index.quarter import DRAFTS, Document, Quarter


class Round(NamedTuple):
    """One revision of a branch's quarter; beside it the table keeps the accounts of a posting and their seal."""

    id: int
    quarter: str
    branch_id: int
    revision: int
    state: str
    scheme_id: str
    scheme_version: int
    posted_from: str | None
    posted_until: str | None
    posted_days: int | None
    reason: str | None

    @property
    def open(self) -> bool:
        """Whether it follows the records still (未公示)."""
        return self.state in DRAFTS


class KeptScore(NamedTuple):
    """A member's place and score (in ten-thousandths) in a round, by the name that he bore: he may leave, the quarter stays."""

    round_id: int
    member_id: int
    name: str
    staff_no: str | None
    place: int | None
    score: int | None
    vetoed: int
    days: int


class Objection(NamedTuple):
    """What was said against a posting (异议), who looked into it, and what came of it."""

    id: int
    round_id: int
    member_id: int | None
    raised_by: str
    raised_on: str
    matter: str
    handled_by: str | None
    finding: str | None
    answer: str | None
    answered_on: str | None


class KeptScheme(NamedTuple):
    """A scheme by which a round was computed, whole: an old quarter keeps its version."""

    id: str
    version: int
    body: str


def _table(name: str, row: type[tuple[Any, ...]], keys: Sequence[str] = ("id",), *more: Column[Any]) -> Table:
    """The table of such rows."""
    columns: list[Column[Any]] = []
    for key, hint in row.__annotations__.items():
        held = get_args(hint) or (hint,)
        columns.append(Column(key, Text if str in held else Integer, primary_key=key in keys, nullable=len(held) > 1))
    return Table(name, MetaData(), *columns, *more)


ROUNDS = _table("index_round", Round, ("id",), Column("fingerprint", Text), Column("frozen", Text))
SCORES = _table("index_score", KeptScore, ("round_id", "member_id"))
OBJECTIONS = _table("index_objection", Objection)
SCHEMES = _table("index_scheme", KeptScheme, ("id", "version"))
_LATER = ROUNDS.alias("later")
_SAME = (_LATER.c.quarter == ROUNDS.c.quarter, _LATER.c.branch_id == ROUNDS.c.branch_id)
#: That a round is the last revision of its quarter.
LAST = ROUNDS.c.revision == select(func.max(_LATER.c.revision)).where(*_SAME).scalar_subquery()


def revisions_of(connection: Connection, quarter: Quarter, branch: int | None = None) -> list[Round]:
    """Every revision of a quarter, of all branches or of one, the first posting first."""
    asked = select(*ROUNDS.c[Round._fields]).where(ROUNDS.c.quarter == quarter.label)
    if branch is not None:
        asked = asked.where(ROUNDS.c.branch_id == branch)
    return [Round(*row) for row in connection.execute(asked.order_by(ROUNDS.c.branch_id, ROUNDS.c.revision))]


def rounds_of(connection: Connection, quarter: Quarter, branch: int | None = None) -> dict[int, Round]:
    """The last revision of every branch that has a round in the quarter."""
    return {latest.branch_id: latest for latest in revisions_of(connection, quarter, branch)}


def remove_round(connection: Connection, number: int) -> None:
    """Remove a round with its scores."""
    connection.execute(delete(SCORES).where(SCORES.c.round_id == number))
    connection.execute(delete(ROUNDS).where(ROUNDS.c.id == number))


def saved_scores(connection: Connection, number: int) -> dict[int, str | None]:
    """The score of every member as a round keeps it."""
    rows = connection.execute(select(*SCORES.c["member_id", "score"]).where(SCORES.c.round_id == number))
    return {member: None if score is None else str(_tenths(score)) for member, score in rows}


def _tenths(kept: int) -> Decimal:
    return Decimal(kept // (SCALE // 10)).scaleb(-1)


class QuarterScore(NamedTuple):
    """What the last revision of a quarter says of one member; of two branches that where he was longer."""

    score: Decimal
    vetoed: bool


def scores_between(
    connection: Connection, first: str, last: str
) -> tuple[dict[int, dict[str, QuarterScore]], dict[str, set[str]]]:
    """The scores kept of some quarters, by member and quarter in order, and the states of each quarter's rounds."""
    asked = (
        select(*ROUNDS.c["quarter", "state"], *SCORES.c["member_id", "score", "vetoed"])
        .join(SCORES, SCORES.c.round_id == ROUNDS.c.id)
        .where(ROUNDS.c.quarter.between(first, last), LAST, SCORES.c.score.is_not(None))
        .order_by(ROUNDS.c.quarter, SCORES.c.days, ROUNDS.c.id)
    )
    scores: dict[int, dict[str, QuarterScore]] = {}
    states: dict[str, set[str]] = {}
    for quarter, state, member, score, vetoed in connection.execute(asked):
        scores.setdefault(member, {})[quarter] = QuarterScore(_tenths(score), bool(vetoed))
        states.setdefault(quarter, set()).add(state)
    return scores, states


def sealed(accounts: Sequence[Document]) -> dict[str, str]:
    """The accounts of a posting as its round keeps them (公示存档), with their fingerprint."""
    text = json.dumps(accounts, ensure_ascii=False, separators=(",", ":"))
    return {"frozen": text, "fingerprint": hashlib.sha256(text.encode()).hexdigest()}


def frozen(connection: Connection, number: int) -> list[Document]:
    """The accounts as they were posted. Unfit when somebody has altered them outside the program."""
    asked = select(cast(ROUNDS.c.frozen, LargeBinary), ROUNDS.c.fingerprint).where(ROUNDS.c.id == number)
    text, seal = connection.execute(asked).one()
    if text is None or hashlib.sha256(text).hexdigest() != seal:
        raise Unfit("公示存档与它的校验值不符，可能被人在程序外改动过。请用 partybuild restore 从备份恢复后核对。")
    found: list[Document] = json.loads(text)
    return found
