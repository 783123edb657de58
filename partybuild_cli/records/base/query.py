"""Find records (查询): by number, name, branch, member and period, today or as of a day; sift them, and add up their fields."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound, Unfit, UsageFault, ValueProblem
from partybuild_cli.records.base.column import Column, home_on
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import as_text, late, pick, tell_all
from partybuild_cli.records.base.registry import captions, record
from partybuild_cli.records.base.roster import NUMBER, Roster, load_roster
from partybuild_cli.records.base.row import Context, View
from partybuild_cli.store import asof
from partybuild_cli.store.rows import AMONG
from partybuild_cli.values.kind import Kind
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import Period, PeriodKind, whole_day
from partybuild_cli.values.text import tight

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
    condition, values = _condition(connection, record, wanted, context.roster)
    order = record.order or (f'"{record.date}", id' if record.date else "id")
    sql = f'SELECT id FROM "{record.ledger}"{condition} ORDER BY {order}'
    numbers = record.arranged(connection, context.roster, list(connection.exec_driver_sql(sql, values).scalars()))
    if wanted.by:
        unknown = late(connection, record, wanted.by, asof.known_by(connection, wanted.by))
        there = record.there_on(context.roster, str(wanted.by), _branches(wanted, context.roster), unknown)
        numbers = [one for one in numbers if (one in there if there is not None else one not in unknown)]
    found: list[View] = []
    for at in range(0, len(numbers), _AT_A_TIME):
        part = numbers[at : at + _AT_A_TIME]
        told = {one.number: one for one in tell_all(record, pick(connection, record, part), context)}
        found += [told[number] for number in part]
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
    sql = f'SELECT id FROM "{record.ledger}" WHERE id = ?'
    if not NUMBER.fullmatch(name) or connection.exec_driver_sql(sql, (int(name),)).scalar() is None:
        raise NotFound(f"{record.caption}中没有编号 {name} 的记录。请用 partybuild {record.ledger} list 查看编号。")
    return int(name)


def about_member(connection: Connection, record: type[Record], member: int) -> set[int]:
    """The numbers of the records that are about a member or name him."""
    sql = f'SELECT id FROM "{record.ledger}" WHERE {_of_members(record, "= :member")}'
    return set(connection.exec_driver_sql(sql, {"member": member}).scalars())


def _condition(
    connection: Connection, record: type[Record], wanted: Wanted, roster: Roster
) -> tuple[str, dict[str, str]]:
    """The WHERE of what is asked for, empty where everything is, and its values."""
    conditions: list[str] = []
    values: dict[str, str] = {}
    if wanted.period is not None and record.date:
        conditions.append(f"{_when(record)} >= :first AND {_when(record)} < :behind")
        values["first"], values["behind"] = wanted.period.bounds
    if wanted.by is not None and record.begins:
        conditions.append(f"({record.begins} IS NULL OR {record.begins} <= :by)")
        values["by"] = wanted.by.isoformat()
    try:
        numbers = _branches(wanted, roster)
        if numbers is not None and not (wanted.by and record.there_on(roster, "", numbers, ()) is not None):
            conditions.append(_of_branches(record, AMONG.replace("?", ":branches")))
            values["branches"] = json.dumps(numbers)
        if wanted.members:
            conditions.append(_of_members(record, AMONG.replace("?", ":members")))
            values["members"] = json.dumps([roster.member(name) for name in wanted.members])
        if wanted.group is not None:
            known = 'SELECT DISTINCT "group" FROM member WHERE "group" IS NOT NULL ORDER BY 1'
            names, said = [str(name) for name in connection.exec_driver_sql(known).scalars()], tight(wanted.group)
            parts = [name for name in names if tight(name) == said] or [name for name in names if said in tight(name)]
            if len(parts) != 1:
                listed = "、".join(parts or names) or "没有分党小组"
                raise ValueProblem(f"没有叫“{wanted.group}”的党小组，有：{listed}。请核对")
            values["group"] = parts[0]
            inside = 'IN (SELECT id FROM member WHERE "group" = :group)'
            conditions.append('"group" = :group' if "group" in record.columns else _of_members(record, inside))
    except ValueProblem as problem:
        raise NotFound(f"{problem.sentence}。") from None
    return f" WHERE {' AND '.join(conditions)}" if conditions else "", values


def _branches(wanted: Wanted, roster: Roster) -> list[int] | None:
    """The branch that is asked for, or the 党委 or 党总支 with all that lies below it; None for the whole book."""
    if wanted.branch is None:
        return None
    day = wanted.by or (wanted.period and min(wanted.period.last, date.today()))
    return roster.below(roster.branch_meant(tight(wanted.branch), str(day) if day else None))


def _when(record: type[Record]) -> str:
    """SQL for the text by which a record falls into a period; a quarter or half-year goes by the month in which it begins."""
    text = f'"{record.date}"'
    if isinstance(record.columns[record.date].kind, PeriodKind):
        for part, month in _FIRST_MONTHS:
            text = f"replace({text}, '{part}', '-{month}')"
    return text


def _of_branches(record: type[Record], among: str) -> str:
    """SQL: that a record is of one of some branches."""
    if record.ledger == "branch":
        return f"id {among}"
    column = record.columns.get("branch")
    if column is not None and column.parts:
        return f"branch_id {among}"
    for member in record.member_columns:
        own = f'"{record.ledger}".{member}'  # a stay has a member_id too
        return f"{home_on(own, _when(record) if record.date else _LAST)} {among}"
    linked = "SELECT record_id FROM person JOIN member ON member.id = person.member_id"
    return f"id IN ({linked} WHERE person.ledger = '{record.ledger}' AND member.branch_id {among})"


def _of_members(record: type[Record], among: str) -> str:
    """SQL: that a record is about one of some members, or names him."""
    choices = [f"{member} {among}" for member in record.member_columns]
    for child in record.shape.children:
        if "member_id" in child.columns:
            ledger = f" AND ledger = '{child.ledger}'" if child.ledger else ""
            choices.append(f"id IN (SELECT {child.owner} FROM {child.table} WHERE member_id {among}{ledger})")
    return f"({' OR '.join(choices) or '0'})"


_LAST = "'9999'"
_NAMED = 5


class Past(NamedTuple):
    """The day that is looked back to, and the records that cannot be told as they stood on it, for the history is damaged."""

    day: date
    lost: Sequence[asof.Difference]

    def untold(self, ledger: str) -> str | None:
        """Which records of a ledger cannot be told, and by which entry, in words; None where all can."""
        lost = [one for one in self.lost if one.ledger == ledger]
        if not lost:
            return None
        more = f" 等 {len(lost)} 条" if len(lost) > _NAMED else ""
        names = "、".join(f"编号 {one.number}（日志第 {one.change} 次变更）" for one in lost[:_NAMED])
        return f"{captions()[ledger]}{names}{more}"

    def must_tell(self, ledger: str) -> None:
        untold = self.untold(ledger)
        if untold:
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
    return Past(then, asof.travel(connection, [one.shape for one in seen], asof.last_change_on(connection, then)))


def column_named(record: type[Record], name: str) -> Column | None:
    """The column that a clerk calls by its option or its heading; None where the ledger has none called so."""
    said = name.strip().removeprefix("--")
    key = said.replace("-", "_")
    if said == "on" and record.date:
        key = record.date
    found = (one for one in record.columns.values() if key in (one.key, one.option) or said in one.headings)
    return next(found, None)


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
            known = "、".join(f"{one.key}（{one.heading}）" for one in columns)
            raise UsageFault(f"--where 要写成 字段=值，看不懂“{line}”。可用的字段：{known}。")
        wanted = tight(_said(column.kind, column.heading, value)) if value else ""
        if not value:
            fitting = [view for view in views if view.values.get(column.key) is None]
        elif column.kind.adds_up or column.kind.words:
            fitting = [view for view in views if said(view, column) == wanted]
        else:
            fitting = [view for view in views if wanted in said(view, column)]
        numbers = {view.number for view in fitting}
        views = [view for view in views if (view.number in numbers) != other]
    if search:
        wanted = tight(search)
        rows = [
            (view, [*(said(view, column) for column in columns), *map(tight, view.extras.values())]) for view in views
        ]
        views = [view for view, texts in rows if any(wanted in text for text in texts)]
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
            known = "、".join(f"{k}（{one.heading}）" for k, one in record.columns.items() if one.kind.adds_up)
            raise UsageFault(f"--sum 后面要写一个数字的字段，“{name}”不是。可用的：{known or '这个台账没有'}。")
        shares = [record.share(view, column.key, members) for view in views]
        said = [Decimal(getattr(share, "value", share)) for share in shares if share is not None]
        total, silent = plain_decimal(sum(said, Decimal(0))), len(views) - len(said)
        unit, more = getattr(column.kind, "unit", ""), f"，另有 {silent} 条没有填" if silent else ""
        found.append(f"{column.heading}合计：{total}{unit}（{len(said)} 条{more}）")
    return found
