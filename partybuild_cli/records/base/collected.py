"""A branch's book and the committee's (汇总): each record is followed, and each value goes the way in which it was changed.

Three states are held against each other, value by value: what the branch says, what the committee's book says, and what the
branch said when it was collected last. Changed on one side only, that side holds; changed on both, it is a problem with both.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import origin
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Scope, Values, View
from partybuild_cli.records.base.dated import SPANS
from partybuild_cli.records.base.declare import ENTRIES, Record
from partybuild_cli.records.base.draft import Draft, Prefer
from partybuild_cli.records.base.loaded import matcher_of, pick
from partybuild_cli.records.base.origin import EXTRA
from partybuild_cli.records.base.present import as_text, tell_all
from partybuild_cli.records.base.returned import (
    Marker,
    Marks,
    Sheet,
    called,
    compared,
    contradiction,
    earlier_in,
    leave,
    refuse_sorted,
    somebody_else,
    uids_here,
)
from partybuild_cli.records.base.rows import resolve
from partybuild_cli.store import origins
from partybuild_cli.store.origins import Known
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.text import tight

_AT_A_TIME = 1000
Side = Literal["same", "ours", "theirs", "older", "both"]
Older = Literal["", "whole", "part"]
_OLDER = "这是支部以前报来的内容，支部的数据库可能是从旧备份恢复的，没有改回去；支部缺的用 partybuild collect --back 党支部名称 --out 文件 取回"
_SETTLE = (
    "不知道以哪个为准。请与支部核对后再汇总，写明 --prefer branch（以支部为准）或 --prefer committee（以党委为准）"
)


@dataclass(slots=True)
class Source:
    """One branch's book, or a folder of its exports, on its way into the committee's book.

    Attributes:
        branch: our number of the branch whose book it is; 0 until that is known.
        stamps: the states that the book's own history knows; None where only exports are there.
        came: what is to be remembered of a record once all is written: its ledger, the draft, what the branch said.
        met: the identities that came, by ledger.
        branches: the branches that it holds, with the names that it gives them.
    """

    prefer: Prefer = ""
    branch: int = 0
    stamps: frozenset[str] | None = None
    came: list[tuple[str, Draft, str]] = field(default_factory=list)
    met: dict[str, set[str]] = field(default_factory=dict)
    branches: list[tuple[str, Draft]] = field(default_factory=list)

    @property
    def aliases(self) -> dict[str, int]:
        """What the branch calls branches, which we may call otherwise."""
        return {name: draft.number for name, draft in self.branches if draft.number is not None}

    def of(self, ledger: str) -> int:
        """Under which branch a record of the ledger is remembered; the branches themselves under none."""
        return 0 if ledger == "branch" else self.branch

    def is_older(self, draft: Draft, own: Known | None) -> Older:
        """Whether the record is as it was before the last collect (从旧备份恢复): all of it, or what is not newer in it."""
        if own is None or draft.origin is None or draft.origin.stamp == stamp_of(own.said):
            return ""
        if draft.origin.stamp in map(stamp_of, own.before):
            return "whole"
        return "part" if self.stamps is not None and stamp_of(own.said) not in self.stamps else ""

    def notes(self) -> Iterator[tuple[str, str, int, int, str]]:
        """What came, as it is remembered: ledger, identity, branch, number, what was said."""
        for ledger, draft, said in self.came:
            if draft.origin is not None and draft.number is not None:
                yield ledger, draft.origin.uid, self.of(ledger), draft.number, said


def stamp_of(said: str) -> str:
    """In which state the record was."""
    return said.split(".")[1]


def marks_of(known: Known | None) -> frozenset[int]:
    """The marks of what the branch said last."""
    found = origin.read(known.said) if known else None
    return (found.marks if found else None) or frozenset()


@dataclass(slots=True)
class _Case:
    """One record that both have.

    Attributes:
        theirs: marks of what the branch says; `ours`: of what we say.
        base: marks of what the branch said last; nothing where it never said anything.
        former: the same of another branch, from whose book the record came first (转接).
        own: whether it is the branch's own record, by its identity.
        earlier: marks of what we said before; `edited`: what we have changed, both where `base` does not say it.
    """

    draft: Draft
    view: View
    kept: Values
    theirs: Marks
    ours: Marks
    base: frozenset[int]
    former: frozenset[int]
    own: bool
    older: Older
    earlier: Collection[int]
    edited: Collection[str]

    def side(self, key: str, speaks: bool, given: bool) -> Side:
        """Whose value holds under a column."""
        ours, theirs = self.ours.get(key, set()), self.theirs.get(key, set())
        if not theirs:
            return "theirs" if given and speaks and not self.older and ours & self.base else "ours"
        if theirs & ours:
            return "same"
        if theirs & self.base or (ours and not speaks):
            return "ours"
        if self.older and not theirs.isdisjoint(self.earlier):
            return "older"
        if not ours or ours & (self.base or self.former):
            return "theirs"
        if self.base:
            return "both"
        if not theirs.isdisjoint(self.earlier):
            return "older"
        return "theirs" if self.own and key not in self.edited else "both"


def meet(connection: Connection, sheet: Sheet, drafts: Sequence[Draft], scope: Scope, source: Source) -> list[Draft]:
    """Find the record of each row, and leave of the row what the branch has changed; the rows that are to be planned."""
    ledger, marker = sheet.record.ledger, Marker(compared(sheet.record))
    came = [(draft, draft.origin) for draft in drafts if draft.origin is not None]
    known = origins.of_branch(connection, ledger, source.of(ledger))
    here = uids_here(connection, sheet.record.shape(), [one.uid for _, one in came])
    source.met.setdefault(ledger, set()).update(one.uid for _, one in came)
    for draft, one in came:
        draft.number = known[one.uid].number if one.uid in known else here.get(one.uid)
    _match(connection, sheet, [draft for draft in drafts if draft.number is None], scope)
    if ledger == "branch":
        source.branches += [(tight(draft.values.get("name", "")), draft) for draft in drafts]
    said: dict[int, dict[str, set[int]]] = {}
    for draft in drafts:
        theirs = said[id(draft)] = marker.look(draft.values, draft.extras, draft.masked)
        for key, also in marker.look(draft.worded, {}).items():
            theirs[key] = theirs.get(key, set()) | also
    found, quiet = [draft for draft in drafts if draft.number is not None], list[Draft]()
    for at in range(0, len(found), _AT_A_TIME):
        for case in _cases(connection, sheet, found[at : at + _AT_A_TIME], scope, source, known, said, marker):
            if _merge(sheet, case, scope, source):
                quiet.append(case.draft)
    for draft, one in came:
        theirs, last = said[id(draft)], known.get(one.uid)
        same = last is not None and stamp_of(last.said) == one.stamp
        if not draft.outcome and not (same and all(marks & marks_of(last) for marks in theirs.values())):
            marks = [mark for some in theirs.values() for mark in sorted(some)]
            source.came.append((ledger, draft, origin.written(one.uid, one.stamp, marks)))
    if source.stamps is None:
        refuse_sorted(sheet, came)
    for draft in quiet:
        if not draft.problems:
            draft.outcome = "unchanged"
    return [draft for draft in drafts if draft.outcome != "unchanged"]


def _match(connection: Connection, sheet: Sheet, strangers: Sequence[Draft], scope: Scope) -> None:
    """Give rows of which no identity speaks the number of the record that they mean, if there is one."""
    if not strangers or not connection.exec_driver_sql(f'SELECT 1 FROM "{sheet.record.ledger}" LIMIT 1').first():
        return
    copies = [
        replace(draft, values=dict(draft.values), problems=[], warnings=[], stored={}, below={}, below_if_bare={})
        for draft in strangers
    ]
    resolve(sheet.record, copies, scope, sheet.names)
    good = [(draft, copy) for draft, copy in zip(strangers, copies, strict=True) if not copy.problems]
    matcher, kept = matcher_of(connection, sheet.record, [copy for _, copy in good])
    for draft, copy in good:
        if sheet.record.tells_apart:
            draft.number = matcher.find(copy)
            continue
        branch = copy.stored.get("branch_id")
        alike = (one for one in matcher.alike(copy.stored) if kept.rows[one].get("branch_id") in (branch, None))
        draft.number = next(alike, None)


def _cases(
    connection: Connection, sheet: Sheet, drafts: Sequence[Draft], scope: Scope, source: Source,
    known: Mapping[str, Known], said: Mapping[int, Marks], marker: Marker,
) -> Iterator[_Case]:  # fmt: skip
    """What there is to judge each record by; one that we have removed stays so, unless the branch has changed it since."""
    record, numbers = sheet.record, [draft.number or 0 for draft in drafts]
    loaded = pick(connection, record, numbers)
    told = {one.number: one for one in tell_all(record, loaded, scope)}
    others = origins.of_records(connection, record.ledger, numbers)
    past: dict[int, tuple[set[int], set[str]]] | None = None
    for draft in drafts:
        number, theirs = draft.number or 0, said[id(draft)]
        own = known.get(draft.origin.uid) if draft.origin else None
        older = source.is_older(draft, own)
        if number not in told:
            base = marks_of(own)
            if source.prefer == "branch":
                draft.number = None
            elif source.prefer or all(marks & base for marks in theirs.values()):
                draft.outcome = "unchanged"
            else:
                draft.refuse("", "", f"党委已删除编号 {number} 的这条记录，支部后来又改过，{_SETTLE}")
            continue
        branch, notes = source.of(record.ledger), others.get(number, ())
        last = own or next((one for one in notes if one.branch == branch), None)
        former = next((one for one in notes if one.branch != branch), None)
        if (last is None or older == "part") and past is None:
            past = earlier_in(connection, sheet, numbers)
        earlier, edited = (past or {}).get(number, (set(), set()))
        view = told[number]
        same = draft.origin is not None and (own is not None or view.uid == draft.origin.uid)
        before = marks_of(former if record.tells_apart else None)
        ours = marker.look(view.values, view.extras)
        yield _Case(
            draft, view, loaded.full(number), theirs, ours, marks_of(last), before, same, older, earlier, edited
        )


def _merge(sheet: Sheet, case: _Case, scope: Scope, source: Source) -> bool:
    """Leave of the row what goes into the record; whether that is nothing."""
    draft, record = case.draft, sheet.record
    if case.older == "whole" and any(case.ours.get(key, set()).isdisjoint(marks) for key, marks in case.theirs.items()):
        draft.warn("", "", _OLDER)
        draft.outcome = "unchanged"
        return True
    if _is_another(sheet, case, source):
        return False

    def said_before(key: str, value: str | None) -> bool:
        return value is not None and origin.mark(key, record.columns[key].kind.cell(value)) in case.base

    try:
        settled, speaks = record.reconcile(draft, case.kept, scope, said_before, source.prefer)
    except ValueProblem as problem:
        draft.refuse("", "", f"{problem.sentence}。{_SETTLE}")
        return False
    preferred: Side = "theirs" if source.prefer == "branch" else "ours"
    sides: dict[str, Side] = {}
    for column in compared(record):
        key = column.key
        if key in settled or key in draft.masked or not (key in draft.values or key in case.view.values):
            continue
        side = case.side(key, speaks, key in sheet.manner.columns)
        sides[key] = preferred if side == "both" and source.prefer else side
        _take(sheet, case, column, sides[key])
    if draft.rows is not None:
        _settle_below(record, draft, sides)
    for heading in list(draft.extras):
        side = case.side(f"{EXTRA}{heading}", speaks, False)
        if side == "both" and not source.prefer:
            _both(draft, heading, *(mask_found(heading, one.extras[heading]) for one in (draft, case.view)))
        elif (preferred if side == "both" else side) != "theirs":
            del draft.extras[heading]
    entries = any(column.entry for column in record.columns.values())
    stays = settled and ("stay" in draft.below or draft.erased)
    return not (draft.problems or draft.extras or entries or stays or {"theirs", "both"} & {*sides.values()})


def _take(sheet: Sheet, case: _Case, column: Column, side: Side) -> None:
    """Let one side's value stand in the row."""
    draft, kept = case.draft, case.view.values.get(column.key)
    shown = "（不公开）" if column.private else as_text(column, kept)
    if side == "theirs":
        if column.key not in draft.values:
            draft.erased.add(column.key)
    elif side == "both" and not column.computed:
        if not (column.kind.vague and column.kind.same(draft.values[column.key], kept)):  # of two days the finer holds
            _both(draft, column, str(draft.values[column.key]), shown)
    else:
        if side == "older":
            draft.warn(column, draft.values[column.key], f"{_OLDER}（现在是“{shown}”）")
        warnings = list(draft.warnings)
        leave(sheet, draft, case.view, column)
        draft.warnings[:] = warnings
        if column.computed and kept is not None:  # carried: it is known as it is
            draft.values[column.key] = column.kind.retyped(kept)


def _settle_below(record: type[Record], draft: Draft, sides: Mapping[str, Side]) -> None:
    """The tables below a record as the side has them that changed them; mixed lists are judged as a sheet's, entries join.

    What the branch has changed of that which holds for a time does so from the day that the branch says, if it is one.
    """
    assert draft.rows is not None
    dated = (record.columns[key] for key, side in sides.items() if side == "theirs" and record.columns[key].dated)
    parts, ends = {part for column in dated for part in column.parts}, dict[str, str]()
    for part, until, _ in sorted(draft.rows.get(SPANS.table, ()), key=lambda span: span[1]):
        if part in parts:
            ends[part] = until
    if not draft.since and ends.keys() == parts and len({*ends.values()}) == 1:
        draft.since = next(iter(ends.values()))
    below = {side for key, side in sides.items() if not record.columns[key].parts}
    if not ("theirs" in below and below <= {"theirs", "same"}):
        mixed = "theirs" in below or "both" in below
        draft.rows = None if mixed else {ENTRIES.table: draft.rows.get(ENTRIES.table, [])}


def _both(draft: Draft, column: Column | str, theirs: str, ours: str) -> None:
    draft.refuse(column, theirs, f"两边不一致，党委这里是“{ours}”，{_SETTLE}")


def _is_another(sheet: Sheet, case: _Case, source: Source) -> bool:
    """Whether the row is of another record than the one whose identity it bears (一本账复制成几本): a problem with both."""
    draft, came, record = case.draft, case.draft.origin, sheet.record
    if came is None or not case.own:
        return False
    if source.stamps is not None:  # nobody sorts a book in part, so only what contradicts in everything is another
        came = replace(came, cells=dict.fromkeys(record.columns, 0))
    column = contradiction(sheet, draft, came, case.view)
    if column is None or (source.stamps is not None and case.base and case.older != "part"):
        return False
    said = somebody_else(record, draft, case.view)
    if source.stamps is not None:
        said = (
            f"支部的这一条和编号 {case.view.number}（{called(record, case.view.values)}）出自同一本账，写的却是{called(record, draft.values)}，"
            "没有改动。这本账可能是从别的支部复制来的：请支部用 init 新建一个数据库，把台账导出、导入到里面，再汇总"
        )
    draft.refuse(column, "", said)
    return True
