"""Who rated whom, known while a round is open and to nobody afterwards (互评的匿名).

A peer rating keeps a digest of rater and rated under the quarter's random key. When the committee closes the round the
digests give way to random marks, what came in is dealt out anew among the records, in the history too, and the key goes.
"""

import hmac
import json
from collections.abc import Iterable
from hashlib import sha256
from random import SystemRandom
from secrets import token_hex

from sqlalchemy import Connection

from partybuild_cli.errors import ValueProblem
from partybuild_cli.store import history, rows, settings
from partybuild_cli.store.forget import refuse_if_altered, rewrite, rewriting
from partybuild_cli.store.shape import Shape, Stored, document_of, stored_of

#: What stands for the rater once the round is closed; ratings that were not a peer's stay uncounted.
PEER, STRANGER = "peer-", "other-"
#: The setting that keeps the key of a quarter.
_KEY, _LENGTH = "raters:", 20


class Raters:
    """The raters of a book's open rounds; quarter by quarter under its own key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys: dict[str, str] = {}
        self._secret = settings.get(connection, "secret") or ""

    def key(self, quarter: str, make: bool = False) -> str | None:
        """The key of a quarter; made where there is none yet and `make` says so."""
        known = self._keys.get(quarter) or settings.get(self._connection, _KEY + quarter)
        if known is None and make:
            known = token_hex(16)
            settings.put(self._connection, _KEY + quarter, known)
        if known is not None:
            self._keys[quarter] = known
        return known

    def _digest(self, quarter: str, text: str) -> str:
        return hmac.digest((self.key(quarter, make=True) or "").encode(), text.encode(), "sha256").hex()[:_LENGTH]

    def digest(self, quarter: str, rater: int, rated: int) -> str:
        """What is kept of the rater of one rating."""
        return self._digest(quarter, f"{rater}:{rated}")

    def code(self, quarter: str, rater: int) -> str:
        """What a rater's form bears, and the list by which it was handed out."""
        return self._digest(quarter, f"form:{rater}")

    def digests(self, quarter: str, rater: int, rated: int) -> list[str]:
        """By what a rating may be known as this rater's: by its digest, or by the seal of books of before."""
        known = [self.digest(quarter, rater, rated)] if self.key(quarter) else []
        return [*known, sha256(f"{self._secret}:{rater}".encode()).hexdigest()[:_LENGTH]]

    def rated_by(self, quarter: str, member: int, rated: int) -> str:
        """The digest of a rating that comes in. ValueProblem once the round is closed."""
        closed = self._connection.exec_driver_sql(
            "SELECT 1 FROM rating WHERE quarter = ? AND member_id = ? AND rater LIKE ?", (quarter, rated, f"{PEER}%")
        ).first()
        if closed and member != rated:
            raise ValueProblem("这个季度的互评已经结束，不能再补评，请去掉这一行")
        return self.digest(quarter, member, rated)

    def whose(self, quarter: str, code: str, members: Iterable[int]) -> int:
        """Whose form a code stands on. ValueProblem where it is none of ours."""
        for member in members if self.key(quarter) else ():
            if self.code(quarter, member) == code:
                return member
        raise ValueProblem("评议人代码不是本数据库发出的，或不是这个季度的，请用 partybuild index forms 季度 发出的表")


def close(connection: Connection, shape: Shape, quarter: str, counted: dict[int, bool], last: bool) -> None:
    """Close the peer ratings `counted` (number -> whether a peer gave it), those that were removed, with `last` the quarter."""
    connection.exec_driver_sql("PRAGMA secure_delete = on").fetchall()
    if counted:
        refuse_if_altered(connection)
        _deal_out(connection, shape, quarter, counted)
    if last:
        connection.exec_driver_sql("DELETE FROM setting WHERE key = ?", (_KEY + quarter,))


def _deal_out(connection: Connection, shape: Shape, quarter: str, counted: dict[int, bool]) -> None:
    """Deal the contents out among the records, and let the history tell nothing else of them."""
    kept = rows.kept(connection, shape, list(counted))
    rated = {row["member_id"] for row in kept.values()}
    told = [row for row in history.every_row(connection) if row.ledger == shape.table]
    removed: dict[int, Stored] = {}
    for row in told:
        document = {"remove": row.before, "add": row.after}.get(row.action) or {}
        if row.number not in kept and document.get("quarter") == quarter and document.get("member_id") in rated:
            removed[row.number] = stored_of(shape, document)
    gone = {number: row for number, row in removed.items() if row.get("part") == "互评"}
    contents = {}
    for pool, peers in ((kept, counted), (gone, dict.fromkeys(gone, False))):
        for number, other in zip(pool, SystemRandom().sample([*pool], len(pool)), strict=True):
            mark = f"{PEER if peers[other] else STRANGER}{token_hex(8)}"
            contents[number] = {**pool[other], "rater": mark, "uid": pool[number]["uid"]}
    columns = [name for name in shape.columns if name != "uid"]
    rows.update(connection, shape, columns, [(number, contents[number]) for number in kept])
    with rewriting(connection):
        for row in (row for row in told if row.number in contents):
            whole = document_of(shape, {key: value for key, value in contents[row.number].items() if value is not None})
            rest: dict[str, object] | None = None if row.action == "forget" else {}
            before, after = {"add": (None, whole), "remove": (whole, None)}.get(row.action, (rest, rest))
            rewrite(connection, row, before, after)
    retired = connection.exec_driver_sql("SELECT identity, number FROM retired WHERE ledger = ?", (shape.table,)).all()
    if former := [(identity, shape.table) for identity, number in retired if quarter in json.loads(identity)]:
        connection.exec_driver_sql("DELETE FROM retired WHERE identity = ? AND ledger = ?", former)
    entry = connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM change").scalar_one()
    settings.put(connection, settings.CLOSED, str(entry))
