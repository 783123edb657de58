"""Rows that come back from an export (导出的行回来了): what they say anew, and whether they still speak of their own record.

What a person did not touch stays as the book has it by now. A row that contradicts its record is a problem that names both;
so is a cell that was changed on both sides, and a column that was sorted without the rest of its rows.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.column import Column, Values
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.origin import EXTRA, Origin, mark
from partybuild_cli.records.base.present import as_text, cell_maker, pick, tell_all
from partybuild_cli.records.base.row import Manner, ParsedRow, Scope, View
from partybuild_cli.store import history
from partybuild_cli.store.rows import own_rows
from partybuild_cli.store.shape import Shape
from partybuild_cli.values.day import first_date
from partybuild_cli.values.people import format_people, mask_found, without_marks
from partybuild_cli.values.text import tight

AT_A_TIME = 1000  # so many records are told at a time
_CALENDARS_APART = 1462  # so many days lie between the two beginnings from which spreadsheets count
_EMPTIED = "这一格清空了，原来的内容没有清掉；要清掉的，加 --erase-blank 再导入，或用 edit 命令的 --clear"
_EARLIER = "没有改回去；请核对，要改回去的用 edit 命令改"
_MOVED = "正好相差四年零一天，像是工作簿的“1904 日期系统”换过，没有改动。请在表格软件的选项里改回去再导入；确实要改的，请用 edit 命令逐条改"
_TWICE = "表里也改了，不知道以哪个为准，没有改动。请核对后用 edit 命令改正，或者重新导出再改"
_REUSED = "原来的记录会变成另一期的，没有改动。登记新的一期，请用 partybuild template 的空白表另填；原来写错了的，请用 edit 命令逐条改"
_SORTED = (
    "的内容互相换了位置，和同一行的其他内容对不上。请撤销排序，整行一起排，再导入；确实要互换的，请用 edit 命令逐条改"
)
Past = tuple[set[int], set[str]]  # the marks of what a record said before it was edited, and the columns that were


@dataclass
class SheetColumns:
    """What the rows of one sheet are held against: their ledger, the columns that the sheet has, what it calls them."""

    record: type[Record]
    manner: Manner
    names: Mapping[str, str]

    @cached_property
    def columns(self) -> list[Column]:
        return [column for key, column in self.record.columns.items() if key in self.manner.columns]

    @cached_property
    def telling(self) -> list[Column]:
        """The columns by which records are told apart, as far as a sheet shows them."""
        columns = (self.record.columns[key] for key in self.record.telling)
        return [column for column in columns if self.record.tells_apart or not column.private]

    def called(self, values: Values) -> str:
        """A record in a few words, nothing personal: its name and 工号, or what tells it from others."""
        said = (values.get(column.key) for column in self.telling if column.mask is None)
        words = [format_people(value) if isinstance(value, list) else str(value) for value in said if value is not None]
        return " ".join(words) or "别的内容"


@dataclass(slots=True)
class Case:
    """A row that comes back, held against the record that it came from."""

    sheet: SheetColumns
    row: ParsedRow
    view: View

    def now(self, key: str) -> set[int]:
        """The marks of what the record says by now under a column, by its key or by EXTRA and heading: masked and whole."""
        if key.startswith(EXTRA):
            heading, text = key.removeprefix(EXTRA), self.view.extras.get(key.removeprefix(EXTRA), "")
            return {mark(key, text), mark(key, mask_found(heading, text))}
        column, value = self.sheet.record.columns[key], self.view.values.get(key)
        return {mark(key, None if value is None else cell_maker(column, full)(value)) for full in (False, True)}

    def follow(self, came: Origin, own: bool, earlier: Collection[int]) -> None:
        """Leave of an exported row what it says anew; of the book's `own` where both have changed something is a problem.

        Of a row of another book, or of a copy that went its own way: what this book has corrected since stays corrected.
        """
        row, columns, erases = self.row, self.sheet.record.columns, self.sheet.manner.erase_blank
        if came.marks is None:  # where nobody knows what a row showed, it is held against what the record is
            shown = [*(column.key for column in self.sheet.columns), *map(EXTRA.__add__, self.view.extras)]
            came.marks = frozenset().union(*map(self.now, shown))
            came.cells = {key: said for key, said in came.cells.items() if said not in came.marks}
        if (another := self.contradiction(came)) is not None:
            row.refuse(another, "", self.somebody_else())
            return
        self._look_at_changed_cells(came)
        for key, column in columns.items():
            value = row.values.get(key)
            if own and key not in came.cells:
                self.leave(column)
            elif own and not column.computed and (value is not None or (erases and key not in row.masked)):
                self._refuse_twice(came, key, column, "" if value is None else value)
            elif not own and value is not None and key not in row.masked:
                said = mark(key, column.kind.cell(value))
                if said in earlier and said not in self.now(key):
                    self.leave(column)
                    row.warn(column, value, f"这是以前的内容，这个数据库里后来改成了“{self.shown(column)}”，{_EARLIER}")
        for heading in [*row.extras] if own else ():
            if (key := f"{EXTRA}{heading}") not in came.cells:
                del row.extras[heading]
            elif heading in self.view.extras:
                self._refuse_twice(came, key, heading, row.extras[heading])

    def _refuse_twice(self, came: Origin, key: str, column: Column | str, value: Any) -> None:
        """Refuse a changed cell where the book has changed it as well, to something else."""
        if self.now(key).isdisjoint({*(came.marks or ()), came.cells[key]}):
            kept = self.view.extras[column] if isinstance(column, str) else self.shown(column)
            self.row.refuse(column, value, f"导出以后数据库里已经改成“{kept}”，{_TWICE}")

    def _look_at_changed_cells(self, came: Origin) -> None:
        """Refuse days that only the calendar of the workbook moved; say which cells were emptied and are kept all the same."""
        row = self.row
        for column in self.sheet.columns:
            kept, new = self.view.values.get(column.key), row.values.get(column.key)
            if column.key not in came.cells or kept is None or column.computed:
                continue
            days = column.kind.matter == "day" and len(kept) == len(new or "") == 10
            if days and abs((first_date(kept) - first_date(str(new))).days) == _CALENDARS_APART:
                row.refuse(column, new, f"和原来的 {kept} {_MOVED}")
            must = column.required or column.identity or row.problems or self.sheet.manner.erase_blank
            if new is None and not must and column.key not in row.masked:
                row.warn(column, "", _EMPTIED)

    def leave(self, column: Column) -> None:
        """A cell that nobody touched says what the record says by now."""
        row, key, kept = self.row, column.key, self.view.values.get(column.key)
        if key in row.masked:
            return
        row.values.pop(key, None)
        if kept is not None and not column.computed:
            row.values[key] = column.kind.retyped(kept)
        names = (self.sheet.names.get(key, column.heading), column.heading)
        for findings in (row.problems, row.warnings):
            findings[:] = [finding for finding in findings if finding.column not in names]

    def shown(self, column: Column) -> str:
        """What the record says under a column, in a message."""
        return "（不公开）" if column.private else as_text(column, self.view.values.get(column.key))

    def say_what_is_new(self) -> None:
        """A row that comes back as it was exported is not judged anew by a roster that has changed since (导出再导入): it speaks
        of the columns in which it says something else than its record."""
        record, row, asked = self.sheet.record, self.row, set[str]()
        if not record.lists_who_was_due:
            return
        for key in row.values.keys() | {key for key in self.view.values if record.columns[key].kind.many}:
            was, now = self.view.values.get(key), row.values.get(key)
            same = tight(format_people(was)) == tight(now or "") if isinstance(was, list) else was == now
            asked |= set() if same else {key}
        row.asked = frozenset(asked)

    def contradiction(self, came: Origin) -> Column | None:
        """The column by which a row says that it is not the record it came from; None where it may be a correction of it.

        Whose a record is (the member of dues, of study) is never corrected by overtyping; of what tells records apart not all
        may differ, of a person's name, numbers and birth the name and another not at once, nor the day of something and its
        matter.
        """
        record, telling = self.sheet.record, self.sheet.telling
        said = [(column, self._same(column, came)) for column in telling]
        differ, agree = ([column for column, same in said if same is wanted] for wanted in (False, True))
        owner = next((column for column in differ if column.points_at == "member" and column.identity), None)
        if owner or not differ:
            return owner
        if record.tells_apart:
            name = telling[0]
            if name in differ:
                return name if len(differ) > 1 or not agree else None
            return differ[0] if len(differ) > 1 and agree in ([name], []) else None
        when = next((column for column in differ if column.key == record.date), None)
        if when is not None and any(not column.points_at and column is not when for column in differ):
            return when  # another day and another matter: something else happened
        if agree:
            return None
        others = [column.key for column in self.sheet.columns if column not in telling]
        others = [key for key in others if self.view.values.get(key) is not None]
        standing = [key for key in others if key not in came.cells]
        return None if standing and len(standing) * 2 >= len(others) else differ[0]

    def _same(self, column: Column, came: Origin) -> bool | None:
        """Whether row and record say the same under a column; None where one of them says nothing."""
        key, row = column.key, self.row
        kept, new = self.view.values.get(key), row.values.get(key)
        if kept is None:
            return None
        if key not in came.cells:
            return True if key in row.values or key in row.masked else None
        if key in came.hidden:
            return tight(came.hidden[key]) == tight(as_text(column, kept))
        if isinstance(new, str) and isinstance(kept, str) and tight(without_marks(new)) == tight(without_marks(kept)):
            return True
        return None if new is None else column.kind.same(new, kept)

    def somebody_else(self) -> str:
        """What to say of a row that is not the record it came from."""
        kept, new = self.sheet.called(self.view.values), self.sheet.called(self.row.values)
        return (
            f"这一行是从编号 {self.view.number}（{kept}）导出的，现在写的却是{new}，没有改动。"
            "如果只排了部分列的序，请撤销后整行一起排；如果是新的一条，请另起一行来写，不要写在原来的行上；确实要改的，请用 edit 命令逐条改"
        )

    def is_reused(self, came: Origin) -> bool:
        """Whether the row makes the record of one month or year that of another: mostly the last list was taken for the next."""
        date, row = self.sheet.record.date, self.row
        telling = [column.key for column in self.sheet.telling if not column.points_at]
        if date not in telling or date not in came.cells or date not in row.values or row.problems:
            return False
        return telling == [date] or str(row.values[date])[:4] != str(self.view.values.get(date))[:4]


def follow(connection: Connection, sheet: SheetColumns, parsed: Sequence[ParsedRow], scope: Scope) -> list[ParsedRow]:
    """The rows, those that were exported from this book with the number of their record and what they say anew."""
    record, parsed = sheet.record, [row.copy() if row.origin else row for row in parsed]
    exported = [(row, row.origin) for row in parsed if row.origin is not None]
    here = uids_here(connection, record.shape, [came.uid for _, came in exported])
    ours = frozenset(history.stamps(connection).values())
    away = [came for _, came in exported if came.uid not in here and came.stamp in ours]
    removed = history.once_here(connection, record.ledger, [came.uid for came in away]) if away else set()
    for came in away:
        came.gone = came.uid in removed
    rows = [(row, came) for row, came in exported if came.uid in here]
    reused = list[ParsedRow]()
    for at in range(0, len(rows), AT_A_TIME):
        part = rows[at : at + AT_A_TIME]
        stored = pick(connection, record, [here[came.uid] for _, came in part])
        views = {view.number: view for view in tell_all(record, stored, scope)}
        foreign = [here[came.uid] for _, came in part if came.stamp not in ours]
        earlier = earlier_in(connection, sheet, foreign) if foreign else {}
        for row, came in part:
            view = views[here[came.uid]]
            row.number = view.number
            case = Case(sheet, row, view)
            case.follow(came, came.stamp in ours, earlier.get(view.number, (set(), set()))[0])
            case.say_what_is_new()
            reused += [row] if case.is_reused(came) else []
    for row in reused if len(reused) >= max(3, len(rows) / 2) else ():
        row.refuse(record.columns[record.date], row.values[record.date], f"有 {len(reused)} 行都改了这一项：{_REUSED}")
    refuse_sorted(sheet, exported)
    return parsed


def earlier_in(connection: Connection, sheet: SheetColumns, numbers: Sequence[int]) -> dict[int, Past]:
    """What records said before they were edited, in the columns of their own tables."""
    plain = [column for column in sheet.columns if column.parts and not (column.kind.names or column.kind.links)]
    makers = [(column, cell_maker(column, full=True)) for column in plain]
    found: dict[int, Past] = {}
    for row in history.rows(connection, ledger=sheet.record.ledger, numbers=numbers):
        if row.action != "edit":
            continue
        before = row.before or {}
        marks, edited = found.setdefault(row.number, (set(), set()))
        edited |= {key for key, column in sheet.record.columns.items() if not before.keys().isdisjoint(column.parts)}
        for column, make in makers:
            parts = tuple(before.get(part) for part in column.parts)
            if parts[0] is not None:
                marks.add(mark(column.key, make(column.kind.decode(parts))))
    return found


def uids_here(connection: Connection, shape: Shape, uids: Sequence[str]) -> dict[str, int]:
    """The numbers of the records of this book that have these identities."""
    return {row["uid"]: number for number, row in own_rows(connection, shape, {"uid": uids}, ["uid"]).items()}


def refuse_sorted(sheet: SheetColumns, rows: Sequence[tuple[ParsedRow, Origin]]) -> None:
    """Refuse the rows of which one column was sorted without the rest."""
    origins = [came for _, came in rows]
    everywhere = Counter(said for came in origins for said in came.marks or ())
    for key in sheet.manner.columns:
        moved = _moved_alone(key, origins, everywhere, key in sheet.record.tells_apart)
        for row in (rows[at][0] for at in moved if not rows[at][0].problems):
            row.refuse(
                sheet.record.columns[key], row.values.get(key, ""), f"这一列像是单独排过序：有 {len(moved)} 行{_SORTED}"
            )


def _moved_alone(key: str, rows: Sequence[Origin], everywhere: Counter[int], telling: bool) -> list[int]:
    """The rows to which a cell of a column went without the rest of its row; `everywhere`: how often the sheet had each mark.

    Three in a circle are a sorted column. So are two that were exchanged, where what they say stands nowhere else on the
    sheet: it may be a correction, but nobody can tell. So are three that were pushed up or down by a cell that was deleted or
    inserted, and a single one under a `telling` key, by which persons are known, whose value stands on another's row now.
    """
    blank = mark(key, "")
    new = {at: row.cells[key] for at, row in enumerate(rows) if row.cells.get(key, blank) != blank}
    there = frozenset(new.values())
    had = {at: next(iter(was), blank) for at in new if (was := (rows[at].marks or frozenset()) & there)}
    if telling and (lost := [at for at in had if blank != had[at] != new[at]]):
        return lost
    moved = [at for at in had if new[at] in had.values() and new[at] != had[at]]
    same = Counter(new[at] for at in moved) & Counter(had[at] for at in moved)
    unique = all(everywhere[said] == 1 for said in same)
    if len(same) >= (2 if unique else 3) and same.total() * 5 >= len(new) * 4:
        return moved
    once = {said for said in there if everywhere[said] == 1}
    source = {said: at for at, row in enumerate(rows) for said in once & (row.marks or set())} if len(new) > 2 else {}
    pushed = [at for at, said in new.items() if source.get(said, at) != at and key in rows[source[said]].cells]
    return pushed if len(pushed) >= 3 and len(pushed) * 5 >= len(new) * 4 else []
