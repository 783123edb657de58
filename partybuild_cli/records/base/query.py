"""Find records (查询): by number, name, branch, member and period, today or as of a day; sift them, and add up their fields."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, case, false, func, literal, or_, select

from partybuild_cli.errors import NotFound, Unfit, UsageFault, ValueProblem
from partybuild_cli.records.base.column import Column, table_of
from partybuild_cli.records.base.declare import PersonLink, Record
from partybuild_cli.records.base.present import as_text, late, pick, tell_all
from partybuild_cli.records.base.registry import captions, record
from partybuild_cli.records.base.roster import MEMBER, NUMBER, STAY, Roster, load_roster
from partybuild_cli.records.base.row import Context, View
from partybuild_cli.store import asof
from partybuild_cli.values.kind import Kind
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import Period, PeriodKind, whole_day
from partybuild_cli.values.text import tight

_PERSON = table_of("person", "ledger", "record_id", *PersonLink._fields)
_AT_A_TIME = 1000  # so many records are held as stored at a time
#: The month in which each part of a year begins.
_FIRST_MONTHS = (("Q1", "01"), ("Q2", "04"), ("Q3", "07"), ("Q4", "10"), ("H1", "01"), ("H2", "07"))


class Wanted(NamedTuple):
    """Which records are asked for; None leaves a side open. Of several members those of any; `by`: what had begun by then."""

    branch: str | None = None
    members: tuple[str, ...] = ()
    period: Period | None = None
    by: date | None = None
    group: str | None = None


def fetch(
    connection: Connection,
    record: type[Record],
    wanted: Wanted = Wanted(),
    *,
    as_of: date | None = None,
    roster: Roster | None = None,
) -> list[View]:
    """The records that are asked for, in the ledger's own order. NotFound when there is no such branch or member."""
    context = Context(roster or load_roster(connection, as_of), as_of or date.today())
    asked = _conditions(connection, record, wanted, context.roster)
    column = record.__table__.c
    query = select(column.id).where(*asked).order_by(column[record.order or record.date or "id"], column.id)
    numbers = record.arranged(connection, context.roster, [*connection.execute(query).scalars()])
    if wanted.by:
        unknown = late(connection, record, wanted.by, asof.known_by(connection, wanted.by))
        there = record.there_on(context.roster, str(wanted.by), _branches(wanted, context.roster), unknown)
        numbers = [number for number in numbers if (number in there if there is not None else number not in unknown)]
    found: list[View] = []
    for at in range(0, len(numbers), _AT_A_TIME):
        part = numbers[at : at + _AT_A_TIME]
        views = {view.number: view for view in tell_all(record, pick(connection, record, part), context)}
        found += [views[number] for number in part]
    return found


def number_of(connection: Connection, record: type[Record], name: str, day: date | None = None) -> int:
    """The number of the record that a person names, by number, name on a day, or 工号. NotFound where it is none, or several."""
    roster = load_roster(connection, day)
    try:
        number = record.number_of(name, roster)
    except ValueProblem as problem:
        begun = "、".join(roster.beginning(name)[:3]) if record.tells_apart and "是不是" not in problem.sentence else ""
        begun = "" if begun == name else begun  # two who bear just that name are told already
        raise NotFound(f"{problem.sentence}{f'；是不是 {begun}' if begun else ''}。") from None
    if number is not None:
        return number
    known = record.__table__.c.id
    if not NUMBER.fullmatch(name) or connection.execute(select(known).where(known == int(name))).scalar() is None:
        raise NotFound(f"{record.caption}中没有编号 {name} 的记录。请用 partybuild {record.ledger} list 查看编号。")
    return int(name)


def about_member(connection: Connection, record: type[Record], member: int) -> set[int]:
    """The numbers of the records that are about a member or name him."""
    return {*connection.execute(select(record.__table__.c.id).where(_of_members(record, [member]))).scalars()}


def _conditions(
    connection: Connection, record: type[Record], wanted: Wanted, roster: Roster
) -> list[ColumnElement[bool]]:
    """What holds of every record that is asked for."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.period is not None and record.date:
        first, behind = wanted.period.bounds
        conditions += [_when(record) >= first, _when(record) < behind]
    if wanted.by is not None and record.begins:
        conditions.append(func.coalesce(record.begun(), "") <= str(wanted.by))
    try:
        numbers = _branches(wanted, roster)
        if numbers is not None and not (wanted.by and record.there_on(roster, "", numbers, ()) is not None):
            conditions.append(_of_branches(record, numbers))
        if wanted.members:
            conditions.append(_of_members(record, [roster.member(name) for name in wanted.members]))
        if wanted.group is not None:
            groups = connection.execute(select(MEMBER.c.group).distinct().order_by(MEMBER.c.group)).scalars()
            names, said = [str(name) for name in groups if name is not None], tight(wanted.group)
            parts = [name for name in names if tight(name) == said] or [name for name in names if said in tight(name)]
            if len(parts) != 1:
                listed = "、".join(parts or names) or "没有分党小组"
                raise ValueProblem(f"没有叫“{wanted.group}”的党小组，有：{listed}。请核对")
            if "group" in record.columns:
                conditions.append(record.__table__.c.group == parts[0])
            else:
                conditions.append(_of_members(record, select(MEMBER.c.id).where(MEMBER.c.group == parts[0])))
    except ValueProblem as problem:
        raise NotFound(f"{problem.sentence}。") from None
    return conditions


def _branches(wanted: Wanted, roster: Roster) -> list[int] | None:
    """The branch that is asked for, or the 党委 or 党总支 with all that lies below it; None for the whole book."""
    if wanted.branch is None:
        return None
    day = wanted.by or (wanted.period and min(wanted.period.last, date.today()))
    return roster.below(roster.branch_meant(tight(wanted.branch), str(day) if day else None))


def _when(record: type[Record]) -> ColumnElement[str]:
    """The text by which a record falls into a period; a quarter or half-year goes by the month in which it begins."""
    text: ColumnElement[str] = record.__table__.c[record.date]
    if isinstance(record.columns[record.date].kind, PeriodKind):
        for part, month in _FIRST_MONTHS:
            text = func.replace(text, part, f"-{month}")
    return text


def _of_branches(record: type[Record], branches: Sequence[int]) -> ColumnElement[bool]:
    """That a record is of one of some branches: by its own, or by that to which the member whom it is about belonged on its day."""
    table = record.__table__
    if "branch_id" in table.c or record.ledger == "branch":
        return table.c["branch_id" if "branch_id" in table.c else "id"].in_(branches)
    if not record.member_columns:
        here = _PERSON.c.member_id.in_(select(MEMBER.c.id).where(MEMBER.c.branch_id.in_(branches)))
        return table.c.id.in_(select(_PERSON.c.record_id).where(_PERSON.c.ledger == record.ledger, here))
    member, day = table.c[record.member_columns[0]], _when(record) if record.date else literal("9999")
    outside = case((func.length(STAY.c.left_on) == 10, STAY.c.left_on), else_=STAY.c.left_on.concat("~"))
    then = select(STAY.c.branch_id).where(STAY.c.member_id == member, outside > day).order_by(outside).limit(1)
    now = select(MEMBER.c.branch_id).where(MEMBER.c.id == member)
    return func.coalesce(then.scalar_subquery(), now.scalar_subquery()).in_(branches)


def _of_members(record: type[Record], members: Sequence[int] | Select[int]) -> ColumnElement[bool]:
    """That a record is about one of some members, or names him."""
    table = record.__table__
    choices = [table.c[member].in_(members) for member in record.member_columns]
    for child in record.shape.children:
        if "member_id" in child.columns:
            below = table_of(child.table, *child.owner_columns, *child.columns)
            named = select(below.c[child.owner]).where(below.c.member_id.in_(members))
            choices.append(table.c.id.in_(named.where(below.c.ledger == child.ledger) if child.ledger else named))
    return or_(false(), *choices)


_NAMED = 5


class Past(NamedTuple):
    """The day that is looked back to, and the records that cannot be told as they stood on it, for the history is damaged."""

    day: date
    lost: Sequence[asof.Difference]

    def untold(self, ledger: str) -> str | None:
        """Which records of a ledger cannot be told, and by which entry, in words; None where all can."""
        lost = [row for row in self.lost if row.ledger == ledger]
        if not lost:
            return None
        more = f" 等 {len(lost)} 条" if len(lost) > _NAMED else ""
        names = "、".join(f"编号 {row.number}（日志第 {row.change} 次变更）" for row in lost[:_NAMED])
        return f"{captions()[ledger]}{names}{more}"

    def must_tell(self, ledger: str) -> None:
        if untold := self.untold(ledger):
            raise Unfit(
                f"{untold}在 {self.day} 的样子说不出来，因为日志已损坏。请用 partybuild doctor 查明，用 partybuild restore 对照备份。"
            )


def go_back(connection: Connection, day: str, records: Iterable[type[Record]]) -> Past:
    """Let the connection see the ledgers, and who was who, as at the end of a day. NotFound where the book is younger."""
    try:
        then = whole_day(day)
    except ValueProblem as problem:
        raise UsageFault(f"--as-of：{problem.sentence}。") from None
    if then > date.today():
        raise UsageFault(f"--as-of {then} 还没有到，请写今天或以前的日期。")
    seen = dict.fromkeys([record("branch"), record("member"), *records])
    shapes = [record_type.shape for record_type in seen]
    return Past(then, asof.travel(connection, shapes, asof.last_change_on(connection, then)))


def column_named(record: type[Record], name: str) -> Column | None:
    """The column that a clerk calls by its option or its heading; None where the ledger has none called so."""
    said = name.strip().removeprefix("--")
    key = said.replace("-", "_")
    if said == "on" and record.date:
        key = record.date
    columns = record.columns.values()
    return next((column for column in columns if key in (column.key, column.option) or said in column.headings), None)


def sift(record: type[Record], views: list[View], wheres: Sequence[str], search: str | None = None) -> list[View]:
    """The records that fit every line `field=value` and hold a text; `!=` asks for the others, nothing behind it for the blank.

    Words of a list and numbers are the same or not; of anything else a part will do (神经内科 of 神经内科一病区).
    """
    columns = [column for column in record.columns.values() if not column.private]

    def said(view: View, column: Column) -> str:
        return tight(as_text(column, view.values.get(column.key), full=True))

    for line in wheres:
        name, equals, value = (part.strip() for part in line.partition("="))
        column, other = column_named(record, name.rstrip("!")), name.endswith("!")
        if not equals or column not in columns:
            known = "、".join(f"{column.key}（{column.heading}）" for column in columns)
            raise UsageFault(f"--where 要写成 字段=值，看不懂“{line}”。可用的字段：{known}。")
        wanted = tight(_said(column.kind, column.heading, value)) if value else ""
        whole = not value or column.kind.adds_up or column.kind.words
        fits = str.__eq__ if whole else str.__contains__
        views = [view for view in views if fits(said(view, column), wanted) != other]
    if search:
        wanted = tight(search)
        own = [(view, [said(view, column) for column in columns]) for view in views]
        views = [
            view for view, texts in own if any(wanted in text for text in (*texts, *map(tight, view.extras.values())))
        ]
    return views


def _said(kind: Kind, heading: str, value: str) -> str:
    """The value as the ledger has it: one of its words, by a part that only one has; a number, a day as it is written."""
    parts = [word for word in kind.words if value in word]
    if len(parts) == 1:
        return parts[0]
    try:
        parsed = kind.parse(kind.meant(value, date.today()))
    except ValueProblem as problem:
        if kind.words or kind.adds_up:
            raise UsageFault(f"{heading}：{problem.sentence}。") from None
        return value
    return value if parsed is None else kind.text(parsed)


def sums_of(record: type[Record], fields: Sequence[str], views: Sequence[View], members: Collection[str]) -> list[str]:
    """The fields of records added up, of members what falls to them, in words; what nobody wrote down is not zero."""
    found = []
    for name in fields:
        column = column_named(record, name)
        if column is None or not column.kind.adds_up:
            known = "、".join(f"{k}（{column.heading}）" for k, column in record.columns.items() if column.kind.adds_up)
            raise UsageFault(f"--sum 后面要写一个数字的字段，“{name}”不是。可用的：{known or '这个台账没有'}。")
        shares = [record.share(view, column.key, members) for view in views]
        said = [Decimal(getattr(share, "value", share)) for share in shares if share is not None]
        total, silent = plain_decimal(sum(said, Decimal(0))), len(views) - len(said)
        unit, more = getattr(column.kind, "unit", ""), f"，另有 {silent} 条没有填" if silent else ""
        found.append(f"{column.heading}合计：{total}{unit}（{len(said)} 条{more}）")
    return found
