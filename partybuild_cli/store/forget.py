"""What goes from the history by law or by promise: a person (抹除个人信息, 个人信息保护法第四十七条), and who rated whom (互评的匿名).

Of a person one transaction rewrites records and history, seals the history again, and notes what is not finished. Then the
file is written anew, and the note goes when nothing is left. A run that was cut short is finished by running it again.

A peer rating keeps a digest of rater and rated under the quarter's random key. When the committee closes the round the
digests give way to random marks, what came in is dealt out anew among the records, in the history too, and the key goes.
"""

import hmac
import json
from collections.abc import Collection, Iterable
from hashlib import sha256
from pathlib import Path
from random import SystemRandom
from secrets import token_hex
from typing import Protocol

from sqlalchemy import Connection

from partybuild_cli.errors import ValueProblem
from partybuild_cli.store import driver, history, rows
from partybuild_cli.store.chain import CLOSED, refuse_if_altered, rewrite, rewriting
from partybuild_cli.store.history import Change
from partybuild_cli.store.shape import Document, Shape, Stored, stored_of

_PENDING = "forgetting:"
#: A number of fewer digits may come about where two values meet.
_TELLING = 6


class Eraser(Protocol):
    """What the rooms above know of the person.

    `clean` says what is left of a record: the document itself where nothing goes; `concerns` whether an entry that says `told` of
    a record as it stood speaks of him; `owns` whether the record is about him; `named_in` whether a command that wrote no record
    was; `command` what is left of a command line, `owned` where it wrote a record that is about him.
    """

    def clean(self, ledger: str, number: int, document: Document) -> Document: ...
    def concerns(self, ledger: str, number: int, standing: Document, told: Document) -> bool: ...
    def owns(self, ledger: str, number: int, standing: Document) -> bool: ...
    def named_in(self, command: str) -> bool: ...
    def command(self, command: str, owned: bool) -> str: ...


def erase(connection: Connection, change: Change, shapes: Collection[Shape], eraser: Eraser) -> None:
    """Rewrite every record, row of the history and command line that speaks of the person; `change` notes which records.

    Unfit where the history was altered outside the tool before.
    """
    connection.exec_driver_sql("PRAGMA secure_delete = on").fetchall()
    refuse_if_altered(connection)
    touched = set()
    for shape in shapes:
        edits = []
        for number, stored in rows.kept(connection, shape).items():
            left = stored_of(shape, eraser.clean(shape.table, number, rows.document_of(shape, stored)))
            if after := {key: value for key, value in left.items() if value != stored.get(key)}:
                edits.append(rows.Edit(number, {}, after))
        rows.edit(connection, Change(""), shape, edits)
        touched |= {(shape.table, edit.number) for edit in edits}
    with rewriting(connection):
        ledgers = {shape.table: shape for shape in shapes}
        rewritten, spoken = _history(connection, ledgers, eraser)
        wrote = f"EXISTS (SELECT 1 FROM change_row WHERE change_id = change.id AND ledger {rows.AMONG})"
        entries = connection.exec_driver_sql(f"SELECT id, command, {wrote} FROM change", (json.dumps([*ledgers]),))
        commands = [
            (eraser.command(command, spoken.get(number, True)), number)
            for number, command, wrote_something in entries.all()
            if number in spoken or (not wrote_something and eraser.named_in(command))
        ]
        if commands:
            connection.exec_driver_sql("UPDATE change SET command = ? WHERE id = ?", commands)
    for ledger, number in sorted(touched | rewritten):
        change.note(ledger, number, "forget", None, None)


def _history(
    connection: Connection, shapes: dict[str, Shape], eraser: Eraser
) -> tuple[set[tuple[str, int]], dict[int, bool]]:
    """Rewrite the rows of the history: each says what is left of the record as it stood before and after it.

    So the history still leads, entry by entry, to what is left of the records. Answers the records whose rows were rewritten, and
    the entries that speak of the person, each with whether a record of it is about him.
    """
    rewritten: set[tuple[str, int]] = set()
    spoken: dict[int, bool] = {}
    standing: dict[str, dict[int, Document]] = {}
    for row in [row for row in history.rows(connection) if row.action != "forget"]:
        records = standing.setdefault(row.ledger, {})
        was = {**records.get(row.number, {}), **(row.before or {})}
        history.play(records, row)
        now = records.get(row.number, {})
        for stood, document in ((was, row.before), (now, row.after)):
            if document is not None and eraser.concerns(row.ledger, row.number, stood, document):
                owned = spoken.get(row.change, False) or eraser.owns(row.ledger, row.number, stood)
                spoken[row.change] = owned
        before, after = (eraser.clean(row.ledger, row.number, stood) for stood in (was, now))
        if (before is was and after is now) or (left := _part(row, before, after)) == (row.before, row.after):
            continue
        rewrite(connection, row, *left)
        rewritten.add((row.ledger, row.number))
        shape = shapes.get(row.ledger)
        if row.action == "remove" and shape and any(was.get(name) != before.get(name) for name in shape.identity):
            # the identity of a removed record speaks of the person too; its number stays used
            retired = (shape.table, row.number)
            connection.exec_driver_sql("DELETE FROM retired WHERE ledger = ? AND number = ?", retired)
    return rewritten, spoken


def _part(row: history.Row, before: Document, after: Document) -> tuple[Document | None, Document | None]:
    """What a row says of the record that is left: all of it where it said all, else what differs."""
    if row.action != "edit":
        return None if row.before is None else before, None if row.after is None else after
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    keys = dict.fromkeys((*(row.before or ()), *(row.after or ()), *differing))
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def pending(connection: Connection, word: str) -> tuple[int, tuple[str, ...]]:
    """The erasure that was begun by this word and not finished: the member's number (0: there is none), files that are left."""
    found = connection.exec_driver_sql("SELECT value FROM setting WHERE key LIKE ?", (f"{_PENDING}%",)).scalars()
    begun = [noted for noted in map(json.loads, found) if _seals(connection, [word]) <= {*noted["seals"]}]
    return (begun[0]["number"], tuple(begun[0]["left"])) if begun else (0, ())


def note_pending(connection: Connection, number: int, words: Iterable[str], left: Iterable[Path] = ()) -> None:
    """Remember that an erasure is not finished, by which words it can be called, and which files still hold the person."""
    key = f"{_PENDING}{number}"
    before = json.loads(driver.setting(connection, key) or '{"seals": []}')["seals"]
    seals = sorted({*before, *_seals(connection, [*words, str(number)])})
    noted = {"number": number, "seals": seals, "left": [str(path) for path in left]}
    driver.put_setting(connection, key, json.dumps(noted))


def settle_pending(connection: Connection, number: int) -> None:
    """Nothing is left to do."""
    connection.exec_driver_sql("PRAGMA secure_delete = on").fetchall()
    connection.exec_driver_sql("DELETE FROM setting WHERE key = ?", (f"{_PENDING}{number}",))


def _seals(connection: Connection, words: Iterable[str]) -> set[str]:
    secret = driver.setting(connection, "secret") or ""
    return {sha256(f"{secret}:{word}".encode()).hexdigest() for word in words}


def legible(connection: Connection, path: Path, words: Collection[str]) -> set[str]:
    """Which of the words the bytes of a database hold outside of its cells; a short number is found in any file."""
    sought = {word for word in words if len(word) > 1 and not (word.isdecimal() and len(word) < _TELLING)}
    held = {word for _, text in driver.texts(connection) for word in sought if word in text}
    return readable(path, sought - held)


def readable(path: Path, words: Collection[str]) -> set[str]:
    """Which of the words can be read in the bytes of a file or of what SQLite wrote beside it."""
    content = b"".join(part.read_bytes() for part in driver.files_of(path) if part.is_file())
    return {word for word in words if word.encode() in content or json.dumps(word)[1:-1].encode() in content}


#: What stands for the rater once the round is closed; ratings that were not a peer's stay uncounted.
PEER, STRANGER = "peer-", "other-"
#: The setting that keeps the key of a quarter.
_KEY, _LENGTH = "raters:", 20


class Raters:
    """The raters of a book's open rounds; quarter by quarter under its own key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys: dict[str, str] = {}
        self._secret = driver.setting(connection, "secret") or ""

    def key(self, quarter: str) -> str | None:
        """The key of a quarter; None where there is none yet, or no more."""
        if quarter not in self._keys and (known := driver.setting(self._connection, _KEY + quarter)):
            self._keys[quarter] = known
        return self._keys.get(quarter)

    def _digest(self, quarter: str, text: str) -> str:
        if self.key(quarter) is None:
            driver.put_setting(self._connection, _KEY + quarter, token_hex(16))
        return hmac.digest((self.key(quarter) or "").encode(), text.encode(), "sha256").hex()[:_LENGTH]

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
    stored = rows.kept(connection, shape, list(counted))
    rated = {row["member_id"] for row in stored.values()}
    texts = [*history.rows(connection, ledger=shape.table)]
    removed: dict[int, Stored] = {}
    for row in texts:
        document = {"remove": row.before, "add": row.after}.get(row.action) or {}
        if row.number not in stored and document.get("quarter") == quarter and document.get("member_id") in rated:
            removed[row.number] = stored_of(shape, document)
    gone = {number: row for number, row in removed.items() if row.get("part") == "互评"}
    contents = {}
    for pool, peers in ((stored, counted), (gone, dict.fromkeys(gone, False))):
        for number, other in zip(pool, SystemRandom().sample([*pool], len(pool)), strict=True):
            mark = f"{PEER if peers[other] else STRANGER}{token_hex(8)}"
            contents[number] = {**pool[other], "rater": mark, "uid": pool[number]["uid"]}
    columns = [name for name in shape.columns if name != "uid"]
    rows.update(connection, shape, columns, [(number, contents[number]) for number in stored])
    with rewriting(connection):
        for row in (row for row in texts if row.number in contents):
            whole = rows.document_of(
                shape, {key: value for key, value in contents[row.number].items() if value is not None}
            )
            rest: dict[str, object] | None = None if row.action == "forget" else {}
            before, after = {"add": (None, whole), "remove": (whole, None)}.get(row.action, (rest, rest))
            rewrite(connection, row, before, after)
    retired = connection.exec_driver_sql("SELECT identity, number FROM retired WHERE ledger = ?", (shape.table,)).all()
    if former := [(identity, shape.table) for identity, number in retired if quarter in json.loads(identity)]:
        connection.exec_driver_sql("DELETE FROM retired WHERE identity = ? AND ledger = ?", former)
    entry = connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM change").scalar_one()
    driver.put_setting(connection, CLOSED, str(entry))
