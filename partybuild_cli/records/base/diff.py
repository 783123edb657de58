"""What a row changes in the record that it means (逐项比对), for the store and, in words, for a person.

A blank never erases unless asked to; of two days that do not contradict each other the finer stays; extras of the row join
those that are kept; what holds for a time does so from a day. What a change did is told from the history in the same words
(变更明细), with names instead of numbers and personal data masked.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit
from partybuild_cli.records.base.clash import twins_now
from partybuild_cli.records.base.column import SPANS, Column, Row, Span, Values, hold
from partybuild_cli.records.base.declare import LINKS, Record
from partybuild_cli.records.base.present import Names, read_extras, rows_of
from partybuild_cli.records.base.registry import all_records, called, captions, shapes
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import FieldChange, Manner, ResolvedRow, Scope
from partybuild_cli.store import asof, history
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, hide_numbers, save, this_command
from partybuild_cli.store.rows import Edit, kept
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.day import first_date
from partybuild_cli.values.kind import Primitive
from partybuild_cli.values.people import mask_found, without_marks

_UNREADABLE = "（读不出来）"  # what stands for a value that is none of its kind
#: What stands below a record, in words.
_CHILDREN = {
    "attendance": "出席情况",
    "headcount": "应到实到",
    "vote": "表决",
    "participation": "参加人员",
    "person": "有关党员",
    "entry": "分次记录",
    "stay": "原所在支部",
    "span": "此前",
    "attachment": "佐证文件",
}
_MOST_TOLD = 20


class Difference:
    """What a row of a sheet changes in a kept record: `edit` for the store, `changes` for a person."""

    def __init__(
        self, record: type[Record], scope: Scope, manner: Manner, row: ResolvedRow, number: int, kept: Values
    ) -> None:
        self._record, self._scope, self._manner, self._row, self._kept = record, scope, manner, row, kept
        self.edit = Edit(number, {}, {})
        self.changes: list[FieldChange] = []
        below, parsed, then = len(kept) > len(record.shape.columns), row.parsed, kept
        self._stored = self._in_kept_words() if below else row.stored
        if below or scope.as_of < date.today():
            then = record.as_on(kept, rows_of(record, kept), scope.as_of.isoformat())
        same = not (manner.erase_blank or parsed.erased or parsed.correct) and self._stored.items() <= then.items()
        for column in () if same else record.columns.values():
            if column.key in parsed.masked:
                continue
            if column.dated and column.parts:
                self._hold(column, then)
            elif self._differs(column, kept) and self._differs(column, then):
                self._note({part: self._stored.get(part) for part in column.parts})
                before, after = (text_of(column, values, scope.roster) for values in (kept, self._stored))
                if before != after or column.private:  # else it is told by the rows below the record
                    self.changes.append(FieldChange(column.key, before, after))
        if parsed.extras:
            self._join_extras(parsed.extras)
        if below or row.below or row.below_if_bare:
            self._compare_below()
        record.check_edit(row, kept, self.edit)

    def _note(self, after: Values, blank: Sequence[Row] | None = None) -> None:
        self.edit.before.update({key: self._kept.get(key, blank if key == SPANS.table else None) for key in after})
        self.edit.after.update(after)

    def _hold(self, column: Column, then: Values) -> None:
        """A value that holds for a time: from the day that the row says, or all along where the book knew of none."""
        parsed, stored, today = self._row.parsed, self._kept, self._scope.as_of.isoformat()
        correct, day = self._begins(column)
        spans: list[Span] = stored.get(SPANS.table, [])
        was = then if day == today else self._record.held(stored, spans, day)
        again = correct and column.key in self._row.values  # what is said already may have been so for longer
        if not (again or self._differs(column, was)):
            return
        first = (parsed.asked is None or column.known_once) and all(stored.get(part) is None for part in column.parts)
        since = None if correct or (first and not any(span.field in column.parts for span in spans)) else day
        noted = {**self.edit.after}
        for part in column.parts:
            latest = self._hold_part(part, stored.get(part), self._stored.get(part), since)
            if latest != stored.get(part):
                self._note({part: latest})
        if self.edit.after != noted:
            before, after = (text_of(column, values, self._scope.roster) for values in (was, self._stored))
            self.changes.append(FieldChange(column.key, before, after, since))

    def _hold_part(self, part: str, latest: Primitive, value: Primitive, since: str | None) -> Primitive:
        """The latest value of a part, once one holds from a day on; what it said before lies in the spans."""
        spans: list[Span] = {**self._kept, **self.edit.after}.get(SPANS.table, [])
        now, latest = hold({SPANS.table: spans, part: latest}, part, value, since)
        if sorted(now) != sorted(spans):
            self._note({SPANS.table: sorted(now)}, [])
        return latest

    def _begins(self, column: Column) -> tuple[bool, str]:
        """Whether the row mends what was wrong all along of what holds for a time, and else from which day it holds."""
        parsed, own = self._row.parsed, self._stored.get(column.since) if column.since else None
        spoken, day = parsed.asked is None or column.key in parsed.asked, self._scope.as_of.isoformat()
        if spoken and parsed.since:
            return parsed.correct, parsed.since
        if spoken and own and (parsed.asked is None or column.since in parsed.asked):
            day = first_date(own).isoformat()
            if parsed.asked is not None and own < (self._kept.get(column.since) or ""):
                return True, day  # an edit to an earlier day than that which is kept
        return parsed.correct and spoken, day

    def _hold_people(self, column: Column, new: Sequence[Row], old: Sequence[Row]) -> list[Row]:
        """Whom a column names that holds for a time, by now; whom it named before lies in the spans."""
        key, (correct, day) = column.key, self._begins(column)
        was, said = (",".join(sorted(str(member) for _, member in some)) or None for some in (old, new))
        mine = [span for span in self._kept.get(SPANS.table, ()) if span[0] == key]
        if said == self._record.held({key: was}, mine, day)[key]:
            return [*old]
        since = None if correct or (was is None and self._row.parsed.asked is None) else day
        latest = self._hold_part(key, was, said, since)
        left, come = ("、".join(self._scope.roster.shown(member) for _, member in some) for some in (old, new))
        self.changes.append(FieldChange(key, left, come, since))
        return [(key, int(number)) for number in str(latest or "").split(",") if number]

    def _differs(self, column: Column, stored: Values) -> bool:
        new, old = ([values.get(part) for part in column.parts] for values in (self._stored, stored))
        if new == old:
            return False
        if all(value is None for value in new):
            return self._erases(column.key)
        if self._manner.mode == "fill_blank" and any(value is not None for value in old):
            return False
        return column.kind.differs(new[0], old[0], self._manner.as_typed)

    def _erases(self, key: str) -> bool:
        """Whether a column that the row says nothing of becomes blank."""
        return key in self._row.parsed.erased or (self._manner.erase_blank and key in self._manner.columns)

    def _join_extras(self, extras: Mapping[str, str]) -> None:
        old = read_extras(self._kept.get("extras"))
        new = {**extras, **old} if self._manner.mode == "fill_blank" else {**old, **extras}
        if new != old:
            self._note({"extras": json.dumps(new, ensure_ascii=False)})
        for heading, value in new.items():
            if old.get(heading) != value:
                words = (mask_found(heading, text) for text in (old.get(heading, ""), value))
                self.changes.append(FieldChange(heading, *words))

    def _compare_below(self) -> None:
        """The rows below the record: those of the row take the place of the kept ones, entries join them."""
        row, fills = self._row, self._manner.mode == "fill_blank"
        bare = row.below_if_bare and not self._kept.get(self._record.children[0].table)
        below = {**row.below_if_bare, **row.below} if bare else row.below
        for child in self._record.shape.children:
            old = [tuple(kept) for kept in self._kept.get(child.table, ())]
            if child.table == LINKS.table:
                new = self._links(below.get(child.table, []), old)
            elif child.table not in below or child.table == SPANS.table or (old and fills and not child.grows):
                continue
            else:
                new = [tuple(said) for said in below[child.table]]
            if child.grows:  # one of a day that is known already erases nothing by being blank
                width, clears = len(child.keyed_by), self._manner.erase_blank and self._manner.columns
                keyed = {entry[:width]: entry for entry in old}
                for entry in new:
                    if clears or entry[:width] not in keyed or any(entry[width:]):
                        keyed[entry[:width]] = entry
                new = [*keyed.values()]
            if sorted(new, key=str) != sorted(old, key=str):
                self.edit.before[child.table], self.edit.after[child.table] = sorted(old, key=str), sorted(new, key=str)
                gone, come = [said for said in old if said not in new], [said for said in new if said not in old]
                seen = {change.field for change in self.changes}
                if child.table != LINKS.table or {str(said[0]) for said in (*gone, *come)} - seen:
                    words = (rows_text(child, some, self._scope.roster) for some in (gone, come))
                    self.changes.append(FieldChange(child.table, *words))

    def _links(self, said: Sequence[Row], known: Sequence[Row]) -> list[Row]:
        """Whom each text names, once the texts are as the edit leaves them. A text that stays unlinks nobody: it was written of
        the same people, whatever they are called by now.
        """
        rows: list[Row] = []
        for key, column in self._record.columns.items() if said or known else ():
            if not column.kind.links:
                continue
            new, old = ([link for link in some if link[0] == key] for some in (said, known))
            if column.parts:
                same = all(self._stored.get(part) == self._kept.get(part) for part in column.parts)
                changed = any(part in self.edit.after for part in column.parts) or (same and {*new} >= {*old})
            elif key in self._row.values:
                changed = not (old and self._manner.mode == "fill_blank")
            else:
                changed = self._erases(key)
            if changed and column.dated and not column.parts:
                new = self._hold_people(column, new, old)
            rows += new if changed else old
        return rows

    def _in_kept_words(self) -> Values:
        """What the row says, where a text differs by nothing but the numbers behind namesakes, and names the same members, as it
        is kept."""
        links: list[Sequence[Row]] = [rows.get(LINKS.table) or () for rows in (self._row.below, self._kept)]
        stored = self._row.stored
        for column in self._record.columns.values() if all(links) else ():
            for part in column.parts if column.kind.links else ():
                new, old = stored.get(part), self._kept.get(part)
                whom = [{member for role, member in rows if role == column.key} for rows in links]
                if new and old and new != old and whom[0] == whom[1] and without_marks(new) == without_marks(old):
                    stored = {**stored, part: old}
        return stored


def text_of(column: Column, row: Values, roster: Roster) -> str:
    """A stored value as the difference shows it; personal data masked."""
    parts = tuple(row.get(part) for part in column.parts)
    if parts[0] is None:
        return ""
    if column.private:
        return column.kind.hidden
    text = column.kind.said(parts, Names(roster))
    return column.mask(text) if column.mask else text


def rows_text(child: ChildShape, rows: Sequence[Row], roster: Roster) -> str:
    words = []
    for row in rows[:_MOST_TOLD]:
        if (text := getattr(child.row, "text", None)) is not None:  # a row that can say itself
            words.append(text(child.row(*row)))
        elif (told := getattr(child.row, "told", None)) is not None:  # or with the names of the roster
            words.append(told(child.row(*row), roster))
        else:
            cells = [(name, value) for name, value in zip(child.columns, row, strict=True) if value is not None]
            said = (
                roster.shown(value) if name == "member_id" else str(value) for name, value in cells if name != "role"
            )
            words.append(" ".join(said))
    return "；".join(words) + ("…" if len(rows) > _MOST_TOLD else "")


class ToldRow(NamedTuple):
    """One record in a change: ledger, number, what was done, every field; of a `damaged` row no field is told."""

    ledger: str
    caption: str
    number: int
    action: str
    fields: list[FieldChange]
    damaged: bool = False


def tell_change(connection: Connection, number: int) -> Iterator[ToldRow]:
    roster, records = load_roster(connection), {record.ledger: record for record in all_records()}
    for row in history.rows(connection, change=number):
        record, before, after = records.get(row.ledger), row.before or {}, row.after or {}
        caption, fields = captions().get(row.ledger, row.ledger), list[FieldChange]()
        if row.damaged:
            pass
        elif record is None:  # what another room did tells itself in words: its name, and each value under its word
            caption = str(after.get("名称") or before.get("名称") or row.ledger)
            words = [word for word in {**before, **after} if word != "名称" or row.action != "edit"]
            said = (
                [word, *("" if some.get(word) is None else str(some[word]) for some in (before, after))]
                for word in words
            )
            fields = [FieldChange(*words) for words in said if words[1] != words[2]]
        else:
            now = kept(connection, record.shape, [row.number]).get(row.number, {}) if record.scattered else {}
            alone = record.log_tells({**now, **(before or after)})
            fields = [
                change for change in _fields(record, before, after, roster) if alone is None or change.field in alone
            ]
        yield ToldRow(row.ledger, caption, row.number, row.action, fields, bool(row.damaged))


def _fields(record: type[Record], before: Values, after: Values, roster: Roster) -> Iterator[FieldChange]:
    keys, known = before.keys() | after.keys(), before.get(SPANS.table) or ()
    for column in record.columns.values():
        if not keys.isdisjoint(column.parts):
            new = (span for span in after.get(SPANS.table) or () if span["field"] in column.parts and span not in known)
            was, now = (_said(column, row, roster) for row in (before, after))
            yield FieldChange(column.heading, was, now, max((span["until"] for span in new), default=None))
    old, come = _extras(before), _extras(after)
    for heading in {**old, **come}:
        if old.get(heading) != come.get(heading):
            yield FieldChange(heading, old.get(heading, ""), come.get(heading, ""))
    for child in record.shape.children:
        if child.table not in keys or (child.table == SPANS.table and keys & record.columns.keys()):
            continue
        rows = [[tuple(map(row.get, child.columns)) for row in some.get(child.table) or ()] for some in (before, after)]
        differing = [[row for row in rows[at] if row not in rows[1 - at]] for at in (0, 1)]
        if child.table == SPANS.table:  # an earlier value under its heading: 党内职务 2026-09-01 前 宣传委员
            headings = {part: column.heading for column in record.columns.values() for part in column.parts}
            differing = [
                [(headings.get(field, field), f"{until} 前", value or "（空）") for field, until, value in some]
                for some in differing
            ]
        was, now = (rows_text(child, some, roster) for some in differing)
        if was or now:
            yield FieldChange(_CHILDREN.get(child.table, child.table), was, now)


def _said(column: Column, row: Values, roster: Roster) -> str:
    """The value in words; a number that the roster no longer knows stays a number."""
    if not column.kind.sound(tuple(row.get(part) for part in column.parts)):
        return _UNREADABLE
    return text_of(column, row, roster) if any(row.get(part) is not None for part in column.parts) else ""


def _extras(row: Values) -> dict[str, str]:
    """The clerk's own columns; a long number in one of them may be anybody's ID number or phone."""
    try:
        extras = read_extras(row.get("extras"))
    except (ValueError, TypeError):
        return {"其他列": _UNREADABLE}
    return {heading: hide_numbers(mask_found(heading, value)) for heading, value in extras.items()}


class Undone(NamedTuple):
    """A change that was taken back, its command line, the change that did it, how many records it touched, whether it can be
    taken back in its turn."""

    undone: int
    command: str
    change: int
    rows: int
    comes_back: bool


def take_back(book: Book, number: int, others: asof.Others, remark: Callable[[Connection, Change], None]) -> Undone:
    """Undo a change; `others` takes back what another room did, `remark` sees what is about to be saved. Unfit where a twin of
    what comes back came meanwhile."""
    with book.writing() as connection:
        command, change = history.entry(connection, number).command, Change(this_command())
        asof.undo(connection, change, shapes(), called, number, others)
        for record in all_records():
            mine = [(row[1], row[4]) for row in change.rows if row[0] == record.ledger and row[4]]
            back = [number for number, after in mine if not json.loads(after).keys().isdisjoint(record.shape.identity)]
            for twin, other in twins_now(connection, record, back).items():
                raise Unfit(
                    f"第 {number} 次变更不能撤销：{called(record.ledger, twin)} 会与编号 {other} 的记录成为同一条。"
                    "没有撤销任何内容。请先改正或删除那条记录。"
                )
        ours = all(row[0] in shapes() for row in change.rows)
        remark(connection, change)
        return Undone(number, command, save(connection, change), len(change.rows), ours)
