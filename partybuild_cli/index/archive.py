"""What was decided of a quarter stays (公示、异议、修订、锁定的存档): told in the log, taken back whole, checked, and forgotten.

The history holds such an act like a change of a record, its document in words; drafts are no acts, for they follow the
records. An act is taken back while nothing stands on it. A posting stays as one of so many members and points when one of
them is forgotten (抹除个人信息); it is sealed again without the person.
"""

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from partybuild_cli.errors import PartybuildError, Unfit
from partybuild_cli.index.rounds import DRAFTS, STATE_WORDS, Document, freeze, frozen, remove_round
from partybuild_cli.index.schemes import kept_scheme
from partybuild_cli.records.base.forgetting import Erasure, mark_of
from partybuild_cli.records.base.kinds import DAY, QUARTER
from partybuild_cli.store import history
from partybuild_cli.store.chain import rewrite, rewriting
from partybuild_cli.store.history import Change

Acts = dict[tuple[str, int], Document]

_ROUND, _OBJECTION = "index_round", "index_objection"
#: What the log says of each: the word and its column. The seal of a posting says nothing of what was decided.
_WORDS = {
    _ROUND: {
        "状态": "state", "公示开始": "posted_from", "公示截止": "posted_until", "工作日": "posted_days", "修订理由": "reason",
    },
    _OBJECTION: {
        "提出人": "raised_by", "提出日期": "raised_on", "事项": "matter", "受理人": "handled_by", "核查结论": "finding",
        "答复": "answer", "答复日期": "answered_on",
    },
}  # fmt: skip
_CALLED = {
    _ROUND: "SELECT t.id, b.name || ' ' || t.quarter || ' 第' || t.revision || '次公示', {} FROM index_round AS t"
    " JOIN branch AS b ON b.id = t.branch_id",
    _OBJECTION: "SELECT t.id, b.name || ' ' || r.quarter || ' 异议', {} FROM index_objection AS t"
    " JOIN index_round AS r ON r.id = t.round_id JOIN branch AS b ON b.id = r.branch_id",
}
#: What stands on a round: its own revision, how many objections to it, how many later revisions.
_STANDS_ON = (
    "SELECT mine.revision, (SELECT count(*) FROM index_objection WHERE round_id = mine.id),"
    " (SELECT count(*) FROM index_round AS r WHERE r.quarter = mine.quarter AND r.branch_id = mine.branch_id"
    " AND r.revision > mine.revision) FROM index_round AS mine WHERE mine.id = ?"
)
_UNPOSTED = (
    "UPDATE index_round SET state = 'draft', posted_from = NULL, posted_until = NULL, posted_days = NULL,"
    " frozen = NULL, fingerprint = NULL WHERE id = ?"
)
_SAID = ("事项", "核查结论", "答复")
_PEOPLE = ("提出人", "受理人")
_GONE = "（已抹除）"
_MADE_UP = "，已补学"
_NAMED = 5


def acts(connection: Connection) -> Acts:
    """Every posting and objection as it stands, in words."""
    found: Acts = {}
    for ledger, words in _WORDS.items():
        columns = ", ".join(f"t.{column}" for column in words.values())
        for number, called, *values in connection.exec_driver_sql(_CALLED[ledger].format(columns)):
            document = {"名称": called, **dict(zip(words, values, strict=True))}
            state = document.get("状态", "posted")
            if state not in DRAFTS:
                said = {"状态": STATE_WORDS.get(state, state)} if ledger == _ROUND else {}
                found[ledger, number] = document | said
    return found


def note_acts(change: Change, before: Acts, after: Acts) -> None:
    """Note in an entry of the history what an act did."""
    for key in after | before:
        was, now = before.get(key), after.get(key)
        if was and now and was != now:
            moved = ["名称", *(word for word in now if now[word] != was[word])]
            change.note(*key, "edit", *(_text({word: act[word] for word in moved}) for act in (was, now)))
        elif was != now:
            change.note(*key, "add" if now else "remove", _text(was), _text(now))


def _text(document: Document | None) -> str | None:
    return None if document is None else json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def take_back_acts(connection: Connection, change: Change, rows: Sequence[history.Row]) -> None:
    """Undo what an act did, the last first. Unfit where something stands on it, or where it cannot come back."""
    before = acts(connection)
    for row in reversed(rows):
        now, was, told = before.get((row.ledger, row.number)), row.before or {}, row.after or {}
        name = str((was or told).get("名称", ""))
        if row.action == "remove" or now is None:
            again = "请重新公示：partybuild index publish 季度（修订用 revise，异议用 object）"
            raise Unfit(f"{name}已撤销，存档不能恢复，没有改动。{again}。")
        if any(now.get(word) != value for word, value in told.items()):
            raise Unfit(f"{name}在这之后改动过，没有撤销任何内容。请用 partybuild log 查看后来的变更。")
        if row.action == "edit":
            states = {word: state for state, word in STATE_WORDS.items()}
            values = {column: was[word] for word, column in _WORDS[row.ledger].items() if word in was}
            values |= {"state": states[was["状态"]]} if "状态" in was else {}
            sets = ", ".join(f"{column} = ?" for column in values)
            connection.exec_driver_sql(f"UPDATE {row.ledger} SET {sets} WHERE id = ?", (*values.values(), row.number))
        elif row.ledger == _OBJECTION:
            connection.exec_driver_sql("DELETE FROM index_objection WHERE id = ?", (row.number,))
        else:  # a first posting becomes a draft again; a revision goes
            revision, objections, later = connection.exec_driver_sql(_STANDS_ON, (row.number,)).one()
            if objections or later:
                counted = ((objections, f"{objections} 件异议"), (later, f"后来的 {later} 次修订"))
                stands = "、".join(said for count, said in counted if count)
                raise Unfit(
                    f"{name}不能撤销，{stands}建立在它上面，没有撤销任何内容。请先撤销那些，或用 index revise 修订。"
                )
            if revision > 1:
                remove_round(connection, row.number)
            else:
                connection.exec_driver_sql(_UNPOSTED, (row.number,))
    note_acts(change, before, acts(connection))


def archive_damage(connection: Connection) -> str | None:
    """Every posting, scheme and round that cannot be read, in words; None where all can."""
    found = list[str]()
    for name, version in connection.exec_driver_sql("SELECT id, version FROM index_scheme").all():
        try:
            kept_scheme(connection, name, version)
        except PartybuildError:
            found.append(f"方案 {name}@{version} 已损坏")
    rows = connection.exec_driver_sql(
        "SELECT round.id, branch.name, quarter, state, posted_from, posted_until FROM index_round AS round"
        " LEFT JOIN branch ON branch.id = branch_id ORDER BY round.id"
    ).all()
    for number, branch, quarter, state, first, last in rows:
        called = f"{branch or '（已删除的党支部）'} {quarter} 的"
        days = DAY.sound((first,)) and DAY.sound((last,))
        if not QUARTER.sound((quarter,)) or state not in STATE_WORDS or not days:
            found.append(f"{called}评分轮次已损坏")
        elif state not in DRAFTS:
            try:
                frozen(connection, number)
            except PartybuildError:
                found.append(f"{called}公示存档与它的校验值不符")
    more = f" 等 {len(found)} 处" if len(found) > _NAMED else ""
    said = f"{'；'.join(found[:_NAMED])}{more}，请用 partybuild restore 从最近的备份恢复后核对"
    return said if found else None


def forget_scores(connection: Connection, erasure: Erasure) -> None:
    """Erase a person from every round of the index, from what was said for or against him, and from the log of it."""
    for number in erasure.members:
        sql = "UPDATE index_score SET name = ?, staff_no = NULL WHERE member_id = ?"
        connection.exec_driver_sql(sql, (mark_of(number), number))
    words = _WORDS[_OBJECTION]
    said = connection.exec_driver_sql(f"SELECT id, member_id, {', '.join(words.values())} FROM index_objection").all()
    his = {objection for objection, member, *_ in said if member in erasure.members}
    for objection, _, *values in said:
        was = dict(zip(words, values, strict=True))
        now = _objection(was, objection in his, erasure)
        for word in (word for word in now if now[word] != was[word]):
            sql = f"UPDATE index_objection SET {words[word]} = ? WHERE id = ?"
            connection.exec_driver_sql(sql, (now[word], objection))
    for (number,) in connection.exec_driver_sql("SELECT id FROM index_round WHERE frozen IS NOT NULL").all():
        accounts = frozen(connection, number)
        posted = [_account(account, erasure) for account in accounts]
        if posted != accounts:
            freeze(connection, number, posted)
    rows = [row for row in history.rows(connection, ledger=_OBJECTION) if row.action != "forget"]
    both = [
        (row, [it and _objection(it, row.number in his, erasure) for it in (row.before, row.after)]) for row in rows
    ]
    if changed := [(row, left) for row, left in both if left != [row.before, row.after]]:
        with rewriting(connection):
            for row, left in changed:
                rewrite(connection, row, *left)


def _objection(document: Document, his: bool, erasure: Erasure) -> Document:
    """An objection in words: of his own nothing of what was said; his name wherever he raised or handled one."""
    left = dict(document)
    left |= {word: _GONE for word in _SAID if his and left.get(word)}
    named = (word for word in _PEOPLE if left.get(word) in erasure.names)
    left |= {word: mark_of(min(erasure.members)) for word in named if his or left[word] not in erasure.theirs}
    return left


def _account(account: Document, erasure: Erasure) -> Document:
    """A member's lines as they were posted, without the person: of his own also what the records behind them say of him."""
    own = account.get("member") in erasure.members
    left = {**account, "name": mark_of(account["member"]), "staff_no": None} if own else dict(account)
    for kind in ("indicators", "adjustments"):
        left[kind] = [
            {**line, "records": [_evidence(record, own, erasure) for record in line["records"]]}
            for line in account[kind]
        ]
    return left


def _evidence(record: Document, own: bool, erasure: Erasure) -> Document:
    """A record behind a figure: of his own no reason and no basis, as the records hold none now; 结对 is titled by names."""
    if own and record["ledger"] == "meeting":
        state, colon, _ = record["note"].partition("：")
        return record | {"note": state + (_MADE_UP if colon and record["note"].endswith(_MADE_UP) else "")}
    kind, colon, rest = record["title"].partition("：")
    if own and record["ledger"] == "conduct":
        return record | {"title": kind}
    if record["ledger"] == "pairing":
        return record | {"title": kind + colon + "—".join(map(erasure.unsigned, rest.split("—")))}
    return record
