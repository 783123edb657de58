"""A branch's book and the committee's (汇总): each record is followed, and each value goes the way in which it was changed.

Three states are held against each other, value by value: what the branch says, what the committee's book says, and what the
branch said when it was collected last. Changed on one side only, that side holds; changed on both, it is a problem with both.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Literal

from sqlalchemy import Connection
from sqlmodel import col, select

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import origin, returned
from partybuild_cli.records.base.column import SPANS, Column, Row, Values
from partybuild_cli.records.base.declare import ENTRIES, Record
from partybuild_cli.records.base.present import candidates, pick, tell_all
from partybuild_cli.records.base.returned import Case, Past, SheetColumns
from partybuild_cli.records.base.row import ParsedRow, PlannedRow, Prefer, ResolvedRow, Scope
from partybuild_cli.store.rows import CollectedRecord, collected_as, collected_from
from partybuild_cli.values.people import mask_found, without_marks
from partybuild_cli.values.text import tight

#: Whose value holds; `older`: ours, for the branch says what we said before.
Side = Literal["same", "ours", "theirs", "older", "both"]
Older = Literal["", "whole", "part"]
Marks = Mapping[str, set[int]]  # the marks of what is said under each column, by its key, or by EXTRA and heading
Resolve = Callable[[ParsedRow], ResolvedRow]
_PREFERRED: Mapping[Prefer, Side] = {"": "both", "branch": "theirs", "committee": "ours"}
_OLDER = "这是支部以前报来的内容，支部的数据库可能是从旧备份恢复的，没有改回去；支部缺的用 partybuild collect --back 党支部名称 --out 文件 取回"
_SETTLE = (
    "不知道以哪个为准。请与支部核对后再汇总，写明 --prefer branch（以支部为准）或 --prefer committee（以党委为准）"
)
_COPIED = "这本账可能是从别的支部复制来的：请支部用 init 新建一个数据库，把台账导出、导入到里面，再汇总"


@dataclass(slots=True)
class Source:
    """One branch's book, or a folder of its exports, on its way into the committee's book."""

    prefer: Prefer = ""
    branch: int = 0  # our number of the branch whose book it is; 0 until that is known
    stamps: frozenset[str] | None = None  # the states that the book's history knows; None where only exports are there
    rows: dict[str, list[PlannedRow]] = field(default_factory=dict)  # what came, by ledger, as it is planned

    @property
    def aliases(self) -> dict[str, int]:
        return {row.parsed.alias: row.number for row in self.rows.get("branch", ()) if row.number is not None}

    def met(self, ledger: str) -> set[str]:
        """The identities that came."""
        return {row.parsed.origin.uid for row in self.rows.get(ledger, ()) if row.parsed.origin}

    def of(self, ledger: str) -> int:
        """Under which branch a record of the ledger is remembered; the branches themselves under none."""
        return 0 if ledger == "branch" else self.branch

    def is_older(self, row: ParsedRow, own: CollectedRecord | None) -> Older:
        """Whether the record is as it was before the last collect (从旧备份恢复): all of it, or what is not newer in it."""
        if own is None or row.origin is None or row.origin.stamp == stamp_of(own.said):
            return ""
        if row.origin.stamp in map(stamp_of, own.before):
            return "whole"
        return "part" if self.stamps is not None and stamp_of(own.said) not in self.stamps else ""

    def notes(self) -> Iterator[tuple[str, str, int, int, str]]:
        """What came, as it is remembered: ledger, identity, branch, number, what was said."""
        for ledger, row in ((ledger, row) for ledger, rows in self.rows.items() for row in rows):
            if row.parsed.said and row.parsed.origin is not None and row.number is not None:
                yield ledger, row.parsed.origin.uid, self.of(ledger), row.number, row.parsed.said


class Marker:
    """Marks what is said under each column; a name with a namesake's number behind it is the name too."""

    def __init__(self, record: type[Record]) -> None:
        self._makers = [
            (column.key, origin.marker(column.key), column.kind.cell, bool(column.kind.names or column.kind.links))
            for column in compared(record)
        ]

    def look(self, values: Values, extras: Mapping[str, str], without: Collection[str] = ()) -> dict[str, set[int]]:
        found = {f"{origin.EXTRA}{heading}": text for heading, text in extras.items()}
        marks = {key: {origin.mark(key, text)} for key, text in found.items()}
        for key, make, cell, names in self._makers:
            if key not in without and values.get(key) is not None:
                said = cell(values[key])
                marks[key] = {make(said), make(without_marks(str(said)))} if names else {make(said)}
        return marks


def stamp_of(said: str) -> str:
    return said.split(".")[1]


def marks_of(known: CollectedRecord | None) -> frozenset[int]:
    """The marks of what the branch said last."""
    found = origin.read(known.said) if known else None
    return found.marks or frozenset() if found else frozenset()


def meet(
    connection: Connection,
    sheet: SheetColumns,
    parsed: Sequence[ParsedRow],
    scope: Scope,
    source: Source,
    resolve: Resolve,
) -> list[ParsedRow]:
    """The rows, each with the number of its record and what the branch has changed of it."""
    record, marker, rows = sheet.record, Marker(sheet.record), [row.copy() for row in parsed]
    came, mine = [(row, row.origin) for row in rows if row.origin is not None], source.of(record.ledger)
    known = collected_from(connection, record.ledger, mine)
    here = returned.uids_here(connection, record.shape, [brought.uid for _, brought in came])
    for row, brought in came:
        row.number = known[brought.uid].number if brought.uid in known else here.get(brought.uid)
    _match(connection, record, [row for row in rows if row.number is None], resolve)
    marks: dict[int, dict[str, set[int]]] = {}
    for row in rows:
        row.alias = tight(row.values.get("name", "")) if record.ledger == "branch" else ""
        said, worded = marker.look(row.values, row.extras, row.masked), marker.look(row.worded or {}, {})
        marks[id(row)] = said | {key: said.get(key, set()) | some for key, some in worded.items()}
    found, quiet = [row for row in rows if row.number is not None], list[ParsedRow]()
    for at in range(0, len(found), returned.AT_A_TIME):
        part = found[at : at + returned.AT_A_TIME]
        numbers = [row.number or 0 for row in part]
        stored, notes = pick(connection, record, numbers), collected_as(connection, record.ledger, numbers)
        views = {view.number: view for view in tell_all(record, stored, scope)}
        past: dict[int, Past] | None = None
        for row in part:
            own, view = known.get(row.origin.uid) if row.origin else None, views.get(row.number or 0)
            said = marks[id(row)]
            if view is None:
                _judge_removed(row, source.prefer, not any(map(marks_of(own).isdisjoint, said.values())))
                continue
            older, of_number = source.is_older(row, own), notes.get(view.number, ())
            last = own or next((note for note in of_number if note.branch == mine), None)
            former = next((note for note in of_number if note.branch != mine), None) if record.tells_apart else None
            if (last is None or older == "part") and past is None:
                past = returned.earlier_in(connection, sheet, numbers)
            same = row.origin is not None and (own is not None or view.uid == row.origin.uid)
            case = _Collected(
                sheet, row, view, said, marker.look(view.values, view.extras), scope, source, stored[view.number],
                marks_of(last), marks_of(former), same, older, *(past or {}).get(view.number, (set(), set())),
            )  # fmt: skip
            quiet += [row] if case.merge() else []
            case.say_what_is_new()
    for row, brought in came:
        row.said = "" if row.settled else _to_remember(brought, known.get(brought.uid), marks[id(row)])
    if source.stamps is None:
        returned.refuse_sorted(sheet, came)
    for row in quiet:
        row.settled = not row.problems
    return rows


def _judge_removed(row: ParsedRow, prefer: Prefer, as_known: bool) -> None:
    """A record that we have removed stays so, unless the branch has changed it since."""
    if prefer == "branch":
        row.number = None
    elif prefer or as_known:
        row.settled = True
    else:
        row.refuse("", "", f"党委已删除编号 {row.number} 的这条记录，支部后来又改过，{_SETTLE}")


def compared(record: type[Record]) -> list[Column]:
    """The columns whose values go from book to book; entries below a record join those that are there."""
    columns = record.columns.values()
    return [column for column in columns if not column.entry and (not column.computed or column.key in record.carried)]


def _match(connection: Connection, record: type[Record], strangers: Sequence[ParsedRow], resolve: Resolve) -> None:
    """Give rows of which no identity speaks the number of the record that they mean, if there is one."""
    if not strangers or not connection.execute(select(col(record.id)).limit(1)).first():
        return
    resolved = [(row, resolve(replace(row, problems=[], warnings=[]))) for row in strangers]
    good = [(row, found) for row, found in resolved if not found.problems]
    records = candidates(connection, record, [found.stored for _, found in good])
    matcher = record.matcher(record.identity, records)
    for row, found in good:
        if record.tells_apart:
            row.number = matcher.find(found)
        else:
            homes = (found.stored.get("branch_id"), None)
            alike = (number for number in matcher.alike(found.stored) if records[number].get("branch_id") in homes)
            row.number = next(alike, None)


def _to_remember(came: origin.Origin, last: CollectedRecord | None, said: Marks) -> str:
    """What the branch said, where the last collect does not know it."""
    if last and stamp_of(last.said) == came.stamp and not any(map(marks_of(last).isdisjoint, said.values())):
        return ""
    return origin.written(came.uid, came.stamp, [mark for some in said.values() for mark in sorted(some)])


@dataclass(slots=True)
class _Collected(Case):
    """One record that both have."""

    theirs: Marks  # what the branch says
    ours: Marks  # what we say
    scope: Scope
    source: Source
    kept: Values
    base: frozenset[int]  # what the branch said last; nothing where it never said anything
    former: frozenset[int]  # the same of another branch, from whose book the record came first (转接)
    own: bool  # whether it is the branch's own record, by its identity
    older: Older
    earlier: Collection[int]  # what we said before, and what we have edited, both where `base` does not say it
    edited: Collection[str]

    def merge(self) -> bool:
        """Leave of the row what goes into the record; whether that is nothing."""
        row, record = self.row, self.sheet.record
        if self.older == "whole" and any(
            self.ours.get(key, set()).isdisjoint(said) for key, said in self.theirs.items()
        ):
            row.warn("", "", _OLDER)
            row.settled = True
            return True
        if self._is_another():
            return False

        def said_before(key: str, value: str | None) -> bool:
            return value is not None and origin.mark(key, record.columns[key].kind.cell(value)) in self.base

        try:
            settled, speaks = record.reconcile(row, self.kept, self.scope, said_before, self.source.prefer)
        except ValueProblem as problem:
            row.refuse("", "", f"{problem.sentence}。{_SETTLE}")
            return False
        sides: dict[str, Side] = {}
        for column in compared(record):
            key = column.key
            if key not in settled and key not in row.masked and (key in row.values or key in self.view.values):
                sides[key] = self._side(key, speaks, key in self.sheet.manner.columns)
                self._take(column, sides[key])
        if row.rows is not None:
            self._settle_below(row.rows, sides)
        for heading in list(row.extras):
            side = self._side(f"{origin.EXTRA}{heading}", speaks, False)
            if side == "both":
                self._both(heading, *(mask_found(heading, state.extras[heading]) for state in (row, self.view)))
            elif side != "theirs":
                del row.extras[heading]
        entries = any(column.entry for column in record.columns.values())
        stays = settled and (row.joined or row.erased)
        return not (row.problems or row.extras or entries or stays or {"theirs", "both"} & {*sides.values()})

    def _side(self, key: str, speaks: bool, given: bool) -> Side:
        """Whose value holds under a column: where both have changed it, that of the side that is preferred, if one is."""
        ours, theirs = self.ours.get(key, set()), self.theirs.get(key, set())
        if not theirs:
            return "theirs" if given and speaks and not self.older and ours & self.base else "ours"
        if theirs & ours:
            return "same"
        if theirs & self.base or (ours and not speaks):
            return "ours"
        if not theirs.isdisjoint(self.earlier) and (self.older or (ours and not self.base and not ours & self.former)):
            return "older"
        if not ours or ours & (self.base or self.former) or (not self.base and self.own and key not in self.edited):
            return "theirs"
        return _PREFERRED[self.source.prefer]

    def _take(self, column: Column, side: Side) -> None:
        """Let one side's value stand in the row."""
        row, key, kept = self.row, column.key, self.view.values.get(column.key)
        if side == "theirs":
            row.erased |= {key} - row.values.keys()
        elif side != "both" or column.computed:
            if side == "older":
                row.warn(column, row.values[key], f"{_OLDER}（现在是“{self.shown(column)}”）")
            warnings = [*row.warnings]
            self.leave(column)
            row.warnings[:] = warnings
            if column.computed and kept is not None:  # carried: it is known as it is
                row.values[key] = column.kind.retyped(kept)
        elif not (column.kind.vague and column.kind.same(row.values[key], kept)):  # of two days the finer holds
            self._both(column, str(row.values[key]), self.shown(column))

    def _settle_below(self, rows: dict[str, list[Row]], sides: Mapping[str, Side]) -> None:
        """The tables below a record as the side has them that changed them; mixed lists are judged as a sheet's, entries join.

        What the branch has changed of that which holds for a time does so from the day that the branch says, if it is one.
        """
        columns, row = self.sheet.record.columns, self.row
        dated = (columns[key] for key, side in sides.items() if side == "theirs" and columns[key].dated)
        parts = {part for column in dated for part in column.parts}
        ends = {part: until for part, until, _ in sorted(rows.get(SPANS.table, ()), key=itemgetter(1)) if part in parts}
        if not row.since and ends.keys() == parts and len({*ends.values()}) == 1:
            # what the branch says holds today, though we said something else from a later day
            ours = [until for part, until, _ in self.kept.get(SPANS.table, ()) if part in parts]
            row.since = max(*ends.values(), *ours)
        below = {side for key, side in sides.items() if not columns[key].parts}
        if not ("theirs" in below and below <= {"theirs", "same"}):
            mixed = "theirs" in below or "both" in below
            row.rows = None if mixed else {ENTRIES.table: rows.get(ENTRIES.table, [])}

    def _both(self, column: Column | str, theirs: str, ours: str) -> None:
        self.row.refuse(column, theirs, f"两边不一致，党委这里是“{ours}”，{_SETTLE}")

    def _is_another(self) -> bool:
        """Whether the row is of another record than the one whose identity it bears (一本账复制成几本): a problem with both."""
        row, came, in_book = self.row, self.row.origin, self.source.stamps is not None
        if came is None or not self.own:
            return False
        if in_book:  # nobody sorts a book in part, so only what contradicts in everything is another
            came = replace(came, cells=dict.fromkeys(self.sheet.record.columns, 0))
        column = self.contradiction(came)
        if column is None or (in_book and self.base and self.older != "part"):
            return False
        ours, theirs = self.sheet.called(self.view.values), self.sheet.called(row.values)
        if in_book:
            both = f"支部的这一条和编号 {self.view.number}（{ours}）出自同一本账，写的却是{theirs}，没有改动"
            row.refuse(column, "", f"{both}。{_COPIED}")
        else:
            row.refuse(column, "", self.somebody_else())
        return True
