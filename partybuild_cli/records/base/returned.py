"""Rows that come back from an export (导出的行回来了): what they say anew, and whether they still speak of their own record.

What a person did not touch stays as the book has it by now. A row that contradicts its record is a problem that names both;
so is a cell that was changed on both sides, and a column that was sorted without the rest of its rows.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.records.base import origin
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
from partybuild_cli.values.period import Day
from partybuild_cli.values.text import tight

AT_A_TIME = 1000  # so many records are told at a time
_CALENDARS_APART = 1462  # so many days lie between the two beginnings from which spreadsheets count
_EMPTIED = "这一格清空了，原来的内容没有清掉；要清掉的，加 --erase-blank 再导入，或用 edit 命令的 --clear"
Marks = Mapping[str, set[int]]  # the marks of what is said under each column, by its key, or by EXTRA and heading
Past = tuple[set[int], set[str]]  # the marks of what a record said before it was edited, and the columns that were


class SheetColumns(NamedTuple):
    """What the rows of one sheet are held against: their ledger, the columns that the sheet has, what it calls them."""

    record: type[Record]
    manner: Manner
    names: Mapping[str, str]

    @property
    def columns(self) -> list[Column]:
        return [column for key, column in self.record.columns.items() if key in self.manner.columns]


class Marker:
    """Marks what is said under each column.

    Of what was `exported` blanks have marks too, and what is personal has two, masked and whole. Else a name with a
    namesake's number behind it is the name too.
    """

    def __init__(self, columns: Iterable[Column], exported: bool = False) -> None:
        self._exported = exported
        self._makers = {column.key: (origin.marker(column.key), self._cells_of(column)) for column in columns}

    def _cells_of(self, column: Column) -> list[Callable[[Any], Any]]:
        kind = column.kind
        if self._exported:
            return [cell_maker(column), *([cell_maker(column, full=True)] if column.mask else [])]
        named = bool(kind.names) or kind.links
        return [kind.cell, *([lambda value: without_marks(str(kind.cell(value)))] if named else [])]

    def look(self, values: Values, extras: Mapping[str, str], without: Collection[str] = ()) -> dict[str, set[int]]:
        found = {
            key: {make(None if (value := values.get(key)) is None else cell(value)) for cell in cells}
            for key, (make, cells) in self._makers.items()
            if key not in without and (self._exported or values.get(key) is not None)
        }
        for heading, text in extras.items():
            key, texts = f"{EXTRA}{heading}", {text, mask_found(heading, text) if self._exported else text}
            found[key] = {mark(key, text) for text in texts}
        return found


def compared(record: type[Record]) -> list[Column]:
    """The columns whose values go from book to book; entries below a record join those that are there."""
    columns = record.columns.values()
    return [column for column in columns if not column.entry and (not column.computed or column.key in record.carried)]


def follow(connection: Connection, sheet: SheetColumns, parsed: Sequence[ParsedRow], scope: Scope) -> list[ParsedRow]:
    """The rows, those that were exported from this book with the number of their record and what they say anew."""
    record, parsed = sheet.record, [row.copy() if row.origin else row for row in parsed]
    exported = [(row, row.origin) for row in parsed if row.origin is not None]
    here = uids_here(connection, record.shape, [came.uid for _, came in exported])
    ours = frozenset(history.stamps(connection).values())
    rows = [(row, came) for row, came in exported if came.uid in here]
    dates: dict[int | None, object] = {}
    away = [came for _, came in exported if came.uid not in here and came.stamp in ours]
    removed = history.once_here(connection, record.ledger, [came.uid for came in away]) if away else set()
    for came in away:
        came.gone = came.uid in removed
    marker = Marker(sheet.columns, exported=True)
    for at in range(0, len(rows), AT_A_TIME):
        part = rows[at : at + AT_A_TIME]
        kept = pick(connection, record, [here[came.uid] for _, came in part])
        told = {view.number: view for view in tell_all(record, kept, scope)}
        foreign = [here[came.uid] for _, came in part if came.stamp not in ours]
        earlier = earlier_in(connection, sheet, foreign) if foreign else {}
        for row, came in part:
            view = told[here[came.uid]]
            dates[view.number] = view.values.get(record.date)
            row.number, now = view.number, marker.look(view.values, view.extras)
            if came.marks is None:  # where nobody knows what a row showed, it is held against what the record is
                came.marks = frozenset().union(*now.values())
                came.cells = {key: said for key, said in came.cells.items() if said not in came.marks}
            column = contradiction(sheet, row, came, view)
            if column is not None:
                row.refuse(column, "", somebody_else(record, row, view))
            else:
                _look_at_changed_cells(sheet, row, came, view)
                if came.stamp in ours:
                    _keep_what_is_new(sheet, row, came, view, now)
                else:
                    _leave_older(sheet, row, view, now, earlier.get(view.number, (set(), set()))[0])
            say_what_is_new(record, row, view)
    _refuse_reused(sheet, rows, dates)
    refuse_sorted(sheet, exported)
    return parsed


def say_what_is_new(record: type[Record], row: ParsedRow, told: View) -> None:
    """A row that comes back as it was exported is not judged anew by a roster that has changed since (导出再导入): it speaks
    of the columns in which it says something else than its record."""
    if not record.lists_who_was_due:
        return
    asked = set[str]()
    for key in row.values.keys() | {key for key in told.values if record.columns[key].kind.many}:
        was, now = told.values.get(key), row.values.get(key)
        same = tight(format_people(was)) == tight(now or "") if isinstance(was, list) else was == now
        asked |= set() if same else {key}
    row.asked = frozenset(asked)


def _look_at_changed_cells(sheet: SheetColumns, row: ParsedRow, came: Origin, told: View) -> None:
    """Refuse days that only the calendar of the workbook moved; say which cells were emptied and are kept all the same."""
    for column in sheet.columns:
        kept, new = told.values.get(column.key), row.values.get(column.key)
        if column.key not in came.cells or kept is None or column.computed:
            continue
        days = isinstance(column.kind, Day) and len(kept) == len(new or "") == 10
        if days and abs((first_date(kept) - first_date(str(new))).days) == _CALENDARS_APART:
            message = (
                f"和原来的 {kept} 正好相差四年零一天，像是工作簿的“1904 日期系统”换过，没有改动。"
                "请在表格软件的选项里改回去再导入；确实要改的，请用 edit 命令逐条改"
            )
            row.refuse(column, new, message)
        must = column.required or column.identity or row.problems or sheet.manner.erase_blank
        if new is None and not must and column.key not in row.masked:
            row.warn(column, "", _EMPTIED)


def _refuse_reused(
    sheet: SheetColumns, rows: Sequence[tuple[ParsedRow, Origin]], dates: Mapping[int | None, object]
) -> None:
    """Refuse rows that make the records of one month or year those of another: mostly the last list was taken for the next."""
    date = sheet.record.date
    telling = [column.key for column in _telling(sheet.record) if not column.points_at]
    moved = [
        row
        for row, came in rows
        if date in telling and date in came.cells and date in row.values and not row.problems
        if telling == [date] or str(row.values[date])[:4] != str(dates[row.number])[:4]
    ]
    message = (
        f"有 {len(moved)} 行都改了这一项：原来的记录会变成另一期的，没有改动。登记新的一期，请用 partybuild template 的空白表另填；"
        "原来写错了的，请用 edit 命令逐条改"
    )
    for row in moved if len(moved) >= max(3, len(rows) / 2) else ():
        row.refuse(sheet.record.columns[date], row.values[date], message)


def _keep_what_is_new(sheet: SheetColumns, row: ParsedRow, came: Origin, told: View, now: Marks) -> None:
    """A row of this book's own: what nobody touched says what the record says by now; what both changed is a problem."""
    base = came.marks or frozenset()
    for key, column in sheet.record.columns.items():
        if key not in came.cells:
            leave(sheet, row, told, column)
            continue
        said = key in row.values or (sheet.manner.erase_blank and key not in row.masked)
        if said and base.isdisjoint(now[key]) and came.cells[key] not in now[key] and not column.computed:
            row.refuse(column, row.values.get(key, ""), _twice(shown(column, told)))
    for heading in list(row.extras):
        key = f"{EXTRA}{heading}"
        if key not in came.cells:
            del row.extras[heading]
        elif key in now and base.isdisjoint(now[key]) and came.cells[key] not in now[key]:
            row.refuse(heading, row.extras[heading], _twice(told.extras[heading]))


def _leave_older(sheet: SheetColumns, row: ParsedRow, told: View, now: Marks, earlier: set[int]) -> None:
    """A row of another book, or of a copy that went its own way: what this book has corrected since stays corrected."""
    for column in sheet.columns:
        value = row.values.get(column.key)
        if value is None or column.key in row.masked:
            continue
        said = mark(column.key, column.kind.cell(value))
        if said in earlier and said not in now[column.key]:
            leave(sheet, row, told, column)
            message = f"这是以前的内容，这个数据库里后来改成了“{shown(column, told)}”，没有改回去；请核对，要改回去的用 edit 命令改"
            row.warn(column, value, message)


def _twice(kept: str) -> str:
    return (
        f"导出以后数据库里已经改成“{kept}”，表里也改了，不知道以哪个为准，没有改动。"
        "请核对后用 edit 命令改正，或者重新导出再改"
    )


def shown(column: Column, told: View) -> str:
    """What a record says under a column, in a message."""
    return "（不公开）" if column.private else as_text(column, told.values.get(column.key))


def leave(sheet: SheetColumns, row: ParsedRow, told: View, column: Column) -> None:
    """A cell that nobody touched says what the record says by now."""
    if column.key in row.masked:
        return
    kept = told.values.get(column.key)
    if kept is None or column.computed:
        row.values.pop(column.key, None)
    else:
        row.values[column.key] = column.kind.retyped(kept)
    name = sheet.names.get(column.key, column.heading)
    for findings in (row.problems, row.warnings):
        findings[:] = [finding for finding in findings if finding.column not in (name, column.heading)]


def earlier_in(connection: Connection, sheet: SheetColumns, numbers: Sequence[int]) -> dict[int, Past]:
    """What records said before they were edited, in the columns of their own tables."""
    plain = [column for column in sheet.columns if column.parts and not (column.kind.names or column.kind.links)]
    makers = [(column, cell_maker(column, full=True)) for column in plain]
    found: dict[int, Past] = {}
    told = history.rows(connection, ledger=sheet.record.ledger, numbers=numbers)
    for row in (row for row in told if row.action == "edit"):
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


def contradiction(sheet: SheetColumns, row: ParsedRow, came: Origin, told: View) -> Column | None:
    """The column by which a row says that it is not the record it came from; None where it may be a correction of it.

    Whose a record is (the member of dues, of study) is never corrected by overtyping; of what tells records apart not all may
    differ, of a person's name, numbers and birth the name and another not at once, nor the day of something and its matter.
    """
    telling = _telling(sheet.record)
    said = [(column, _same(column, row, came, told)) for column in telling]
    differ, agree = ([column for column, same in said if same is wanted] for wanted in (False, True))
    owner = next((column for column in differ if column.points_at == "member" and column.identity), None)
    if owner or not differ:
        return owner
    if sheet.record.tells_apart:
        name = telling[0]
        if name in differ:
            return name if len(differ) > 1 or not agree else None
        return differ[0] if len(differ) > 1 and agree in ([name], []) else None
    when = next((column for column in differ if column.key == sheet.record.date), None)
    if when is not None and any(not column.points_at and column is not when for column in differ):
        return when  # another day and another matter: something else happened
    if agree:
        return None
    others = [column for column in sheet.columns if column not in telling and told.values.get(column.key) is not None]
    standing = [column for column in others if column.key not in came.cells]
    return None if standing and len(standing) * 2 >= len(others) else differ[0]


def _telling(record: type[Record]) -> list[Column]:
    columns = (record.columns[key] for key in record.telling)
    return [column for column in columns if record.tells_apart or not column.private]


def _same(column: Column, row: ParsedRow, came: Origin, told: View) -> bool | None:
    """Whether row and record say the same under a column; None where one of them says nothing."""
    kept, new = told.values.get(column.key), row.values.get(column.key)
    if kept is None:
        return None
    if column.key not in came.cells:
        return True if column.key in row.values or column.key in row.masked else None
    if column.key in came.hidden:
        return tight(came.hidden[column.key]) == tight(as_text(column, kept))
    if new is None:
        return None
    said = isinstance(new, str) and isinstance(kept, str) and tight(without_marks(new)) == tight(without_marks(kept))
    return said or column.kind.same(new, kept)


def somebody_else(record: type[Record], row: ParsedRow, told: View) -> str:
    """What to say of a row that is not the record it came from."""
    return (
        f"这一行是从编号 {told.number}（{called(record, told.values)}）导出的，现在写的却是{called(record, row.values)}，没有改动。"
        "如果只排了部分列的序，请撤销后整行一起排；如果是新的一条，请另起一行来写，不要写在原来的行上；确实要改的，请用 edit 命令逐条改"
    )


def called(record: type[Record], values: Values) -> str:
    """A record in a few words, nothing personal: its name and 工号, or what tells it from others."""
    said = (values.get(column.key) for column in _telling(record) if column.mask is None)
    words = [str(value) if not isinstance(value, list) else format_people(value) for value in said if value is not None]
    return " ".join(words) or "别的内容"


def refuse_sorted(sheet: SheetColumns, rows: Sequence[tuple[ParsedRow, Origin]]) -> None:
    """Refuse the rows of which one column was sorted without the rest."""
    came = [one for _, one in rows]
    everywhere = Counter(said for one in came for said in one.marks or ())
    for key in sheet.manner.columns:
        moved = _moved_alone(key, came, everywhere, key in sheet.record.tells_apart)
        message = (
            f"这一列像是单独排过序：有 {len(moved)} 行的内容互相换了位置，和同一行的其他内容对不上。"
            "请撤销排序，整行一起排，再导入；确实要互换的，请用 edit 命令逐条改"
        )
        for row in (rows[at][0] for at in moved if not rows[at][0].problems):
            row.refuse(sheet.record.columns[key], row.values.get(key, ""), message)


def _moved_alone(key: str, rows: Sequence[Origin], everywhere: Counter[int], telling: bool) -> list[int]:
    """The rows to which a cell of a column went without the rest of its row; `everywhere`: how often the sheet had each mark.

    Three in a circle are a sorted column. So are two that were exchanged, where what they say stands nowhere else on the
    sheet: it may be a correction, but nobody can tell. So are three that were pushed up or down by a cell that was deleted or
    inserted, and a single one under a `telling` key, by which persons are known, whose value stands on another's row now.
    """
    blank = mark(key, "")
    new = {at: one.cells[key] for at, one in enumerate(rows) if one.cells.get(key, blank) != blank}
    there = frozenset(new.values())
    had = {at: next(iter(was), blank) for at in new if (was := (rows[at].marks or frozenset()) & there)}
    if telling and (lost := [at for at in had if blank != had[at] != new[at]]):
        return lost
    moved = [at for at in had if new[at] in had.values() and new[at] != had[at]]
    same = Counter(new[at] for at in moved) & Counter(had[at] for at in moved)
    unique = all(everywhere[one] == 1 for one in same)
    if len(same) >= (2 if unique else 3) and same.total() * 5 >= len(new) * 4:
        return moved
    once = {one for one in there if everywhere[one] == 1}
    source = {one: at for at, row in enumerate(rows) for one in once & (row.marks or set())} if len(new) > 2 else {}
    pushed = [at for at, one in new.items() if source.get(one, at) != at and key in rows[source[one]].cells]
    return pushed if len(pushed) >= 3 and len(pushed) * 5 >= len(new) * 4 else []
