"""What was decided of a quarter stays (公示、异议、修订、锁定的存档): told in the log, taken back whole, checked, and forgotten.

The history holds such an act like a change of a record, its document in words; drafts are no acts, for they follow the
records. An act is taken back while nothing stands on it. A posting stays as one of so many members and points when one of
them is forgotten (抹除个人信息); it is sealed again without the person.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update
from sqlmodel import col

from partybuild_cli.errors import PartybuildError, Unfit
from partybuild_cli.index.quarter import DRAFTS, STATE_WORDS, Document, Quarter
from partybuild_cli.index.rounds import OBJECTIONS, ROUNDS, SCHEMES, SCORES, frozen, remove_round, revisions_of, sealed
from partybuild_cli.index.schemes import kept_scheme
from partybuild_cli.records.base.forgetting import Erasure, mark_of
from partybuild_cli.records.base.kinds import DAY, QUARTER
from partybuild_cli.records.branch import Branch
from partybuild_cli.store import history
from partybuild_cli.store.chain import rewrite, rewriting
from partybuild_cli.store.history import Change

Acts = dict[tuple[str, int], Document]

#: What the log says of a posting and of an objection: the word and its column. The seal says nothing of what was decided.
_WORDS = {
    ROUNDS: {
        "状态": "state", "公示开始": "posted_from", "公示截止": "posted_until", "工作日": "posted_days", "修订理由": "reason",
    },
    OBJECTIONS: {
        "提出人": "raised_by", "提出日期": "raised_on", "事项": "matter", "受理人": "handled_by", "核查结论": "finding",
        "答复": "answer", "答复日期": "answered_on",
    },
}  # fmt: skip
_CALLED = {ROUNDS: "{0.branch} {0.quarter} 第{0.revision}次公示", OBJECTIONS: "{0.branch} {0.quarter} 异议"}
_OF = {ROUNDS.name: ROUNDS, OBJECTIONS.name: OBJECTIONS}
_UNPOSTED = dict.fromkeys(("posted_from", "posted_until", "posted_days", "frozen", "fingerprint")) | {"state": "draft"}
_SAID = ("事项", "核查结论", "答复")
_PEOPLE = ("提出人", "受理人")
_GONE = "（已抹除）"
_MADE_UP = "，已补学"
_NAMED = 5


def acts(connection: Connection) -> Acts:
    """Every posting and objection as it stands, in words."""
    found: Acts = {}
    of_round: tuple[ColumnElement[Any], ...] = (col(Branch.name).label("branch"), ROUNDS.c.quarter, ROUNDS.c.revision)
    for table, words in _WORDS.items():
        joined = ROUNDS if table is ROUNDS else ROUNDS.join(OBJECTIONS, OBJECTIONS.c.round_id == ROUNDS.c.id)
        asked = select(table.c.id, *of_round, *table.c[tuple(words.values())]).select_from(joined)
        asked = asked.join(Branch, col(Branch.id) == ROUNDS.c.branch_id).where(ROUNDS.c.state.not_in(DRAFTS))
        for row in connection.execute(asked.order_by(table.c.id)):
            found[table.name, row.id] = {"名称": _CALLED[table].format(row), **_in_words(words, row)}
    return found


def _in_words(words: Mapping[str, str], row: Row[Any]) -> Document:
    values = {word: getattr(row, column) for word, column in words.items()}
    return {word: STATE_WORDS.get(value, value) if word == "状态" else value for word, value in values.items()}


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
        now, was, document = before.get((row.ledger, row.number)), row.before or {}, row.after or {}
        name = str((was or document).get("名称", ""))
        if row.action == "remove" or now is None:
            again = "请重新公示：partybuild index publish 季度（修订用 revise，异议用 object）"
            raise Unfit(f"{name}已撤销，存档不能恢复，没有改动。{again}。")
        if any(now.get(word) != value for word, value in document.items()):
            raise Unfit(f"{name}在这之后改动过，没有撤销任何内容。请用 partybuild log 查看后来的变更。")
        table = _OF[row.ledger]
        if row.action == "edit":
            states = {word: state for state, word in STATE_WORDS.items()}
            values = {column: was[word] for word, column in _WORDS[table].items() if word in was}
            values |= {"state": states[was["状态"]]} if "状态" in was else {}
            connection.execute(update(table).where(table.c.id == row.number).values(values))
        elif table is OBJECTIONS:
            connection.execute(delete(OBJECTIONS).where(OBJECTIONS.c.id == row.number))
        else:
            _take_down(connection, row.number, name)
    note_acts(change, before, acts(connection))


def _take_down(connection: Connection, number: int, name: str) -> None:
    """A first posting becomes a draft again; a revision goes. Unfit where objections or later revisions stand on it."""
    quarter, branch, revision = connection.execute(
        select(*ROUNDS.c["quarter", "branch_id", "revision"]).where(ROUNDS.c.id == number)
    ).one()
    raised = select(func.count()).select_from(OBJECTIONS).where(OBJECTIONS.c.round_id == number)
    objections = connection.execute(raised).scalar()
    later = sum(other.revision > revision for other in revisions_of(connection, Quarter(quarter), branch))
    counted = ((objections, f"{objections} 件异议"), (later, f"后来的 {later} 次修订"))
    if stands := "、".join(said for count, said in counted if count):
        raise Unfit(f"{name}不能撤销，{stands}建立在它上面，没有撤销任何内容。请先撤销那些，或用 index revise 修订。")
    if revision > 1:
        remove_round(connection, number)
    else:
        connection.execute(update(ROUNDS).where(ROUNDS.c.id == number).values(_UNPOSTED))


def archive_damage(connection: Connection) -> str | None:
    """Every posting, scheme and round that cannot be read, in words; None where all can."""
    found = list[str]()
    for name, version in connection.execute(select(*SCHEMES.c["id", "version"])).all():
        try:
            kept_scheme(connection, name, version)
        except PartybuildError:
            found.append(f"方案 {name}@{version} 已损坏")
    columns = ROUNDS.c["id", "quarter", "state", "posted_from", "posted_until"]
    of_branch = ROUNDS.outerjoin(Branch, col(Branch.id) == ROUNDS.c.branch_id)
    asked = select(col(Branch.name), *columns).select_from(of_branch).order_by(ROUNDS.c.id)
    for branch, number, quarter, state, first, last in connection.execute(asked).all():
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
        his_scores = update(SCORES).where(SCORES.c.member_id == number)
        connection.execute(his_scores.values(name=mark_of(number), staff_no=None))
    words, his = _WORDS[OBJECTIONS], set[int]()
    for objection in connection.execute(select(OBJECTIONS)).all():
        his |= {objection.id} if objection.member_id in erasure.members else set()
        was = _in_words(words, objection)
        now = _objection(was, objection.id in his, erasure)
        if now != was:
            values = {column: now[word] for word, column in words.items()}
            connection.execute(update(OBJECTIONS).where(OBJECTIONS.c.id == objection.id).values(values))
    for number in connection.execute(select(ROUNDS.c.id).where(ROUNDS.c.frozen.is_not(None))).scalars().all():
        accounts = frozen(connection, number)
        posted = [_account(account, erasure) for account in accounts]
        if posted != accounts:
            connection.execute(update(ROUNDS).where(ROUNDS.c.id == number).values(sealed(posted)))
    rows = [row for row in history.rows(connection, ledger=OBJECTIONS.name) if row.action != "forget"]
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
