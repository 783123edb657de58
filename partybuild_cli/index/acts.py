"""What was done to the rounds (公示、异议、修订、锁定 in the log), and how it is taken back.

The history holds such an act like a change of a record, its document in words; drafts are no acts, for they follow the
records. An act is taken back while nothing stands on it: no later revision, no objection, no later act on the same.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.index.rounds import DRAFTS, STATE_WORDS
from partybuild_cli.store.history import Change
from partybuild_cli.store.journal import Row

ROUND, OBJECTION = "index_round", "index_objection"
Acts = dict[tuple[str, int], dict[str, Any]]
#: What the log says of each: the word and its column. The seal of a posting says nothing of what was decided.
_WORDS = {
    ROUND: {
        "状态": "state", "公示开始": "posted_from", "公示截止": "posted_until", "工作日": "posted_days", "修订理由": "reason",
    },
    OBJECTION: {
        "提出人": "raised_by", "提出日期": "raised_on", "事项": "matter", "受理人": "handled_by", "核查结论": "finding",
        "答复": "answer", "答复日期": "answered_on",
    },
}  # fmt: skip
_CALLED = {
    ROUND: "SELECT r.id, b.name || ' ' || r.quarter || ' 第' || r.revision || '次公示', {columns} FROM index_round AS r"
    " JOIN branch AS b ON b.id = r.branch_id",
    OBJECTION: "SELECT o.id, b.name || ' ' || r.quarter || ' 异议', {columns} FROM index_objection AS o"
    " JOIN index_round AS r ON r.id = o.round_id JOIN branch AS b ON b.id = r.branch_id",
}


def acts(connection: Connection) -> Acts:
    """Every posting and objection as it stands, in words."""
    found: Acts = {}
    for ledger, words in _WORDS.items():
        columns = ", ".join(f"{'r' if ledger == ROUND else 'o'}.{column}" for column in words.values())
        for number, called, *values in connection.exec_driver_sql(_CALLED[ledger].format(columns=columns)):
            document = {"名称": called, **dict(zip(words, values, strict=True))}
            if document.get("状态", "posted") not in DRAFTS:
                found[ledger, number] = document | (
                    {"状态": STATE_WORDS.get(document["状态"], document["状态"])} if ledger == ROUND else {}
                )
    return found


def note_acts(change: Change, before: Acts, after: Acts) -> None:
    """Note in an entry of the history what an act did."""
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        if was is None or now is None:
            change.note(*key, "add" if now else "remove", _text(was), _text(now))
        else:
            moved = ["名称", *(word for word in now if now[word] != was[word])]
            change.note(*key, "edit", _text({one: was[one] for one in moved}), _text({one: now[one] for one in moved}))


def _text(document: dict[str, Any] | None) -> str | None:
    if document is None:
        return None
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def take_back_acts(connection: Connection, change: Change, rows: Sequence[Row]) -> None:
    """Undo what an act did, the last first. Unfit where something stands on it, or where it cannot come back."""
    before = acts(connection)
    for row in reversed(rows):
        now, told = before.get((row.ledger, row.number)), row.after or {}
        name = str((row.before or row.after or {}).get("名称", ""))
        if row.action == "remove" or now is None:
            raise Unfit(
                f"{name}已撤销，存档不能恢复，没有改动。请重新公示：partybuild index publish 季度（修订用 revise，异议用 object）。"
            )
        if any(now.get(word) != value for word, value in told.items()):
            raise Unfit(f"{name}在这之后改动过，没有撤销任何内容。请用 partybuild log 查看后来的变更。")
        if row.action == "edit":
            _set_back(connection, row)
        else:
            _withdraw(connection, row, name)
    note_acts(change, before, acts(connection))


def _set_back(connection: Connection, row: Row) -> None:
    states = {word: state for state, word in STATE_WORDS.items()}
    words = {word: value for word, value in (row.before or {}).items() if word != "名称"}
    sets = ", ".join(f"{_WORDS[row.ledger][word]} = ?" for word in words)
    values = [states[value] if word == "状态" else value for word, value in words.items()]
    connection.exec_driver_sql(f"UPDATE {row.ledger} SET {sets} WHERE id = ?", (*values, row.number))


def _withdraw(connection: Connection, row: Row, name: str) -> None:
    """A first posting becomes a draft again; a revision and an objection go."""
    if row.ledger == OBJECTION:
        connection.exec_driver_sql("DELETE FROM index_objection WHERE id = ?", (row.number,))
        return
    objections = connection.exec_driver_sql(
        "SELECT count(*) FROM index_objection WHERE round_id = ?", (row.number,)
    ).scalar_one()
    later = connection.exec_driver_sql(
        "SELECT count(*) FROM index_round AS r JOIN index_round AS mine ON mine.id = ? AND r.quarter = mine.quarter"
        " AND r.branch_id = mine.branch_id AND r.revision > mine.revision",
        (row.number,),
    ).scalar_one()
    if objections or later:
        stands = "、".join(
            [*([f"{objections} 件异议"] if objections else []), *([f"后来的 {later} 次修订"] if later else [])]
        )
        raise Unfit(f"{name}不能撤销，{stands}建立在它上面，没有撤销任何内容。请先撤销那些，或用 index revise 修订。")
    if connection.exec_driver_sql("SELECT revision FROM index_round WHERE id = ?", (row.number,)).scalar_one() == 1:
        connection.exec_driver_sql(
            "UPDATE index_round SET state = 'draft', posted_from = NULL, posted_until = NULL, posted_days = NULL,"
            " frozen = NULL, fingerprint = NULL WHERE id = ?",
            (row.number,),
        )
    else:
        connection.exec_driver_sql("DELETE FROM index_score WHERE round_id = ?", (row.number,))
        connection.exec_driver_sql("DELETE FROM index_round WHERE id = ?", (row.number,))
