"""What a row changes in the record that it means (逐项比对), for the store and, in words, for a person.

A blank never erases unless asked to; of two days that do not contradict each other the finer stays; extras of the row join
those that are kept; what holds for a time does so from a day.
"""

import json
from collections.abc import Sequence
from datetime import date

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Scope, Values
from partybuild_cli.records.base.dated import SPANS, Row, Span, held, hold
from partybuild_cli.records.base.declare import LINKS, Record
from partybuild_cli.records.base.present import Names, read_extras, rows_of
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.row import FieldChange, Manner, ResolvedRow
from partybuild_cli.store.rows import Edit
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values.day import first_date
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.people import without_marks

_MOST_TOLD = 20


class Differ:
    """Holds the rows of one sheet against the records that they mean."""

    def __init__(self, record: type[Record], scope: Scope, manner: Manner) -> None:
        self._record, self._scope, self._manner = record, scope, manner
        self._today = scope.as_of >= date.today()

    def edit(self, row: ResolvedRow, number: int, kept: Values) -> tuple[Edit, Sequence[FieldChange]]:
        """What the row changes in a record."""
        record, manner, edit = self._record, self._manner, Edit(number, {}, {})
        changes: list[FieldChange] = []
        below = len(kept) > len(record.shape().columns)
        if below:
            _same_people(record, row, kept)
        then = kept
        if below or not self._today:
            then = record.as_on(kept, rows_of(record, kept), self._scope.as_of.isoformat())
        parsed = row.parsed
        same = not (manner.erase_blank or parsed.erased or parsed.correct) and row.stored.items() <= then.items()
        for column in () if same else record.columns.values():
            if column.key in parsed.masked:
                continue
            if column.dated and column.parts:
                self._hold(column, row, kept, then, edit, changes)
            elif self._differs(column, row, kept) and self._differs(column, row, then):
                edit.before.update({part: kept.get(part) for part in column.parts})
                edit.after.update({part: row.stored.get(part) for part in column.parts})
                before, after = (text_of(column, values, self._scope.roster) for values in (kept, row.stored))
                if before != after or column.private:  # else it is told by the rows below the record
                    changes.append(FieldChange(column.key, before, after))
        if parsed.extras:
            self._join_extras(row, kept, edit, changes)
        if below or row.below or row.below_if_bare:
            self._below(row, kept, edit, changes)
        record.check_edit(row, kept, edit)
        return edit, changes

    def _hold(
        self, column: Column, row: ResolvedRow, kept: Values, then: Values, edit: Edit, changes: list[FieldChange]
    ) -> None:
        """A value that holds for a time: from the day that the row says, or all along where the book knew of none."""
        record, asked, spoken, day = self._record, row.parsed.asked, *self._begins(column, row)
        spans: list[Span] = kept.get(SPANS.table, [])
        was = then if day == self._scope.as_of.isoformat() else held(record, kept, spans, day)
        correct = row.parsed.correct and spoken
        again = correct and column.key in row.values  # what is said already may have been so for longer
        if not (again or self._differs(column, row, was)):
            return
        first = (asked is None or column.known_once) and all(kept.get(part) is None for part in column.parts)
        known = any(one.field in column.parts for one in spans)
        since = None if correct or (first and not known) else day
        spans = edit.after.get(SPANS.table, spans)
        now: Values = {**kept, SPANS.table: spans}
        for part in column.parts:
            now[SPANS.table], now[part] = hold(record, now, part, row.stored.get(part), since)
        after = {part: now[part] for part in column.parts if now[part] != kept.get(part)}
        if sorted(now[SPANS.table]) != sorted(spans):
            after[SPANS.table] = sorted(now[SPANS.table])
        if after:
            edit.before.update({key: kept.get(key, [] if key == SPANS.table else None) for key in after})
            edit.after.update(after)
            before, now_said = (text_of(column, values, self._scope.roster) for values in (was, row.stored))
            changes.append(FieldChange(column.key, before, now_said, since))

    def _begins(self, column: Column, row: ResolvedRow) -> tuple[bool, str]:
        """Whether a row speaks of what holds for a time, and from which day it then does so."""
        asked, own = row.parsed.asked, row.stored.get(column.since) if column.since else None
        spoken = asked is None or column.key in asked
        if spoken and row.parsed.since:
            return spoken, row.parsed.since
        if spoken and own and (asked is None or column.since in asked):
            return spoken, first_date(own).isoformat()
        return spoken, self._scope.as_of.isoformat()

    def _hold_people(
        self, column: Column, row: ResolvedRow, new: Sequence[Row], old: Sequence[Row], kept: Values, edit: Edit,
        changes: list[FieldChange],
    ) -> Sequence[Row]:  # fmt: skip
        """Whom a column names that holds for a time, by now; whom it named before lies in the spans."""
        key, spoken, day = column.key, *self._begins(column, row)
        was, said = (",".join(sorted(str(one[1]) for one in some)) or None for some in (old, new))
        spans: list[Span] = edit.after.get(SPANS.table, kept.get(SPANS.table, []))
        if said == held(self._record, {key: was}, [one for one in spans if one.field == key], day)[key]:
            return old
        since = None if (row.parsed.correct and spoken) or (was is None and row.alone) else day
        now, latest = hold(self._record, {SPANS.table: spans, key: was}, key, said, since)
        if sorted(now) != sorted(spans):
            edit.before.setdefault(SPANS.table, kept.get(SPANS.table, []))
            edit.after[SPANS.table] = sorted(now)
        names = ("、".join(self._scope.roster.shown(number) for _, number in some) for some in (old, new))
        changes.append(FieldChange(key, *names, since))
        return [(key, int(number)) for number in str(latest or "").split(",") if number]

    def _differs(self, column: Column, row: ResolvedRow, kept: Values) -> bool:
        new, old = ([values.get(part) for part in column.parts] for values in (row.stored, kept))
        if new == old:
            return False
        if all(value is None for value in new):
            return self._erases(column.key, row)
        if self._manner.mode == "fill_blank" and any(value is not None for value in old):
            return False
        return column.kind.differs(new[0], old[0], self._manner.as_typed)

    def _erases(self, key: str, row: ResolvedRow) -> bool:
        """Whether a column that the row says nothing of becomes blank."""
        return key in row.parsed.erased or (self._manner.erase_blank and key in self._manner.columns)

    def _join_extras(self, row: ResolvedRow, kept: Values, edit: Edit, changes: list[FieldChange]) -> None:
        old, extras = read_extras(kept.get("extras")), row.parsed.extras
        new = {**extras, **old} if self._manner.mode == "fill_blank" else {**old, **extras}
        if new != old:
            edit.before["extras"], edit.after["extras"] = kept.get("extras"), json.dumps(new, ensure_ascii=False)
        for heading, value in new.items():
            if old.get(heading) != value:
                changes.append(
                    FieldChange(heading, *(mask_found(heading, one) for one in (old.get(heading, ""), value)))
                )

    def _below(self, row: ResolvedRow, kept: Values, edit: Edit, changes: list[FieldChange]) -> None:
        """The rows below the record: those of the row take the place of the kept ones, entries join them."""
        children = self._record.shape().children
        bare = row.below_if_bare and not kept.get(self._record.children[0].table)
        below = {**row.below_if_bare, **row.below} if bare else row.below
        for child in children:
            old = [tuple(one) for one in kept.get(child.table, ())]
            if child.table == LINKS.table:
                new = self._links(row, old, kept, edit, changes)
            elif child.table not in below or child.table == SPANS.table:  # which others make
                continue
            elif child.grows:
                new = self._grown(child, old, below[child.table])
            elif old and self._manner.mode == "fill_blank":
                continue
            else:
                new = [tuple(one) for one in below[child.table]]
            if sorted(new, key=str) != sorted(old, key=str):
                edit.before[child.table], edit.after[child.table] = sorted(old, key=str), sorted(new, key=str)
                gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
                told = {one.field for one in changes}
                words = (rows_text(child, some, self._scope.roster) for some in (gone, come))
                if child.table != LINKS.table or any(one[0] not in told for one in (*gone, *come)):
                    changes.append(FieldChange(child.table, *words))

    def _links(
        self, row: ResolvedRow, known: Sequence[Row], kept: Values, edit: Edit, changes: list[FieldChange]
    ) -> list[Row]:
        """Whom each text names, once the texts are as the edit leaves them. A text that stays unlinks nobody: it was written of
        the same people, whatever they are called by now.
        """
        said: Sequence[Row] = row.below.get(LINKS.table, [])
        rows: list[Row] = []
        for key, column in self._record.columns.items() if said or known else ():
            if not column.kind.links:
                continue
            new, old = ([one for one in some if one[0] == key] for some in (said, known))
            if column.parts:
                same = all(row.stored.get(part) == kept.get(part) for part in column.parts)
                changed = any(part in edit.after for part in column.parts) or (same and {*new} >= {*old})
            elif key in row.values:
                changed = not (old and self._manner.mode == "fill_blank")
            else:
                changed = self._erases(key, row)
            if changed and column.dated and not column.parts:
                new = [*self._hold_people(column, row, new, old, kept, edit, changes)]
            rows += new if changed else old
        return rows

    def _grown(self, child: ChildShape, old: list[Row], new: list[Row]) -> list[Row]:
        """The entries with those of the row; one of a day that is known already erases nothing by being blank."""
        width = len(child.keyed_by)
        keyed = {one[:width]: one for one in old}
        for one in map(tuple, new):
            if (self._manner.erase_blank and self._manner.columns) or one[:width] not in keyed or any(one[width:]):
                keyed[one[:width]] = one
        return list(keyed.values())


def _same_people(record: type[Record], row: ResolvedRow, kept: Values) -> None:
    """A text that differs by nothing but the numbers behind namesakes, and names the same members, is the kept one."""
    said, known = row.below.get(LINKS.table), kept.get(LINKS.table)
    for column in record.columns.values() if said and known else ():
        for part in column.parts if column.kind.links else ():
            new, old = row.stored.get(part), kept.get(part)
            whom = [{member for role, member in rows if role == column.key} for rows in (said or (), known or ())]
            if new and old and new != old and whom[0] == whom[1] and without_marks(new) == without_marks(old):
                row.stored[part] = old


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
    """Rows below a record as the difference shows them."""
    words = []
    for row in rows[:_MOST_TOLD]:
        if (text := getattr(child.row, "text", None)) is not None:  # a row that can say itself
            words.append(text(child.row(*row)))
            continue
        cells = zip(child.columns, row, strict=True)
        said = (
            roster.shown(value) if name == "member_id" else str(value)
            for name, value in cells
            if value is not None and name != "role"
        )
        words.append(" ".join(said))
    return "；".join(words) + ("…" if len(rows) > _MOST_TOLD else "")
