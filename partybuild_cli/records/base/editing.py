"""Add, change, remove or read one record, with the files that prove it, and create a book (登记、修改、删除、佐证、建账).

A slip of the hand on the command line (今天, a meeting in 2028) is refused before it is written. An imported ledger is not
judged so: it may be odd, and is then the unit's own record.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from partybuild_cli.errors import InputProblems, NotFound, ValueProblem, why
from partybuild_cli.outputs import alike, file_name
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import EVIDENCE, File, Record
from partybuild_cli.records.base.kinds import DAY, ORGANISATION
from partybuild_cli.records.base.plan import Parser, carry_out, make_plan
from partybuild_cli.records.base.present import tell_all
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import Finding, Manner, ParsedRow, PlannedRow, ResolvedRow, Scope, View
from partybuild_cli.records.branch import Branch
from partybuild_cli.store import driver, evidence
from partybuild_cli.store import rows as store
from partybuild_cli.store.driver import PLAIN, Lock
from partybuild_cli.store.engine import Book, create_book
from partybuild_cli.store.evidence import MAX_FILE, Attached, kind_of, without_position
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values.day import ends, far_ahead, first_date, last_date
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.people import name_words
from partybuild_cli.values.text import tight

#: Of two days of one record the first cannot lie behind the second.
_IN_ORDER = (
    ("born_on", "joined_on"), ("born_on", "applied_on"), ("joined_on", "full_on"), ("founded_on", "elected_on"),
    ("started_on", "ended_on"), ("started_on", "done_on"), ("set_on", "removed_on"), ("met_on", "due_on"),
)  # fmt: skip
#: More than so much of a unit is a slip, whatever it is of.
_MOST: Mapping[str, int] = {"元": 1_000_000, "万元": 1_000_000, "小时": 1000, "学时": 1000, "月": 24, "年": 10}
_MOST_PEOPLE = 1_000_000
_HOURS_A_DAY = 24
_MOST_FILES = 100  # one record has no more files than a person looks through
_YEARLESS = re.compile(r"\D*\d{1,2}\D+(\d{1,2}\D?)?")
#: The columns by which something is doubtful, the one at which it is said, and what.
_Doubt = tuple[tuple[str, ...], Column, str]


def scope_of(connection: Connection, as_of: date | None = None) -> Scope:
    """The scope of a command that stands on nothing but the book."""
    return Scope(load_roster(connection, as_of), as_of or date.today(), connection)


def add_record(connection: Connection, change: Change, record: type[Record], cells: Mapping[str, Raw]) -> PlannedRow:
    """Add one record from cells by column key: see `add_records`."""
    [row] = add_records(connection, change, record, [cells])
    return row


def add_records(
    connection: Connection, change: Change, record: type[Record], rows: Sequence[Mapping[str, Raw]]
) -> list[PlannedRow]:
    """Add records from cells by column key, all or none. InputProblems names every problem, or what says the same already."""
    scope = scope_of(connection)
    planned = make_plan(connection, record, _parsed(record, rows, scope.roster), scope)
    _question(record, planned, rows, scope.roster)
    known = [str(row.number) for row in planned if row.outcome != "added"]
    if known:
        raise InputProblems(
            f"{record.caption}中已有{'这条记录' if len(known) == 1 else '这些记录'}（编号 {'、'.join(known)}），没有重复登记。"
            f"要修改请用 partybuild {record.ledger} edit {known[0]}。"
        )
    carry_out(connection, change, record, planned)
    return planned


def edit_record(
    connection: Connection,
    change: Change,
    record: type[Record],
    number: int,
    cells: Mapping[str, Raw],
    erase: Collection[str] = (),
    *,
    since: str | None = None,
    correct: bool = False,
) -> PlannedRow:
    """Change some fields of a record, `erase` others; what is dated holds from today, `since`, or, to `correct` it, always."""
    scope, view = scope_of(connection), read_one(connection, record, number)
    [parsed], asked = _parsed(record, [cells], scope.roster), frozenset(cells) | frozenset(erase)
    left = {key for key, column in record.columns.items() if column.computed and key not in record.carried} | {*erase}
    entries = [column.key for column in record.columns.values() if column.entry]
    if entries and parsed.values.get(entries[0]) not in (None, view.values.get(entries[0])):
        left |= {*entries}  # an entry of another day brings its own content
    stored = {key: value for key, value in view.values.items() if value is not None and key not in left}
    values = {key: record.columns[key].kind.retyped(value) for key, value in stored.items()} | parsed.values
    begins = since and _begins(record, asked, since)
    parsed = replace(parsed, number=number, asked=asked, since=begins, correct=correct, values=values)
    manner = Manner(erase_blank=True, columns=frozenset(erase), as_typed=True)
    planned = make_plan(connection, record, [parsed], scope, manner)
    _question(record, planned, [cells], scope.roster)
    carry_out(connection, change, record, planned)
    return planned[0]


def _begins(record: type[Record], asked: Collection[str], said: str) -> str:
    """The day from which an edit says that it holds; that of a month is its first. InputProblems where nothing holds for a time."""
    headings = "、".join(column.heading for column in record.columns.values() if column.dated)
    if not any(record.columns[key].dated for key in asked):
        raise InputProblems(
            f"--from 只用于会变动的内容（{headings}），这次一项也没有改，请去掉 --from。没有写入任何内容。"
        )
    try:
        day = DAY.parse(DAY.meant(said, date.today()))
    except ValueProblem as problem:
        raise InputProblems(
            f"从哪天起（--from）：{problem.sentence}。请写成 2026-09-01 的样子。没有写入任何内容。"
        ) from None
    if day is None:
        raise InputProblems("从哪天起（--from）是空的，请写日期，如 2026-09-01。没有写入任何内容。")
    begins = first_date(day)
    if begins > date.today():
        raise InputProblems(f"从哪天起（--from）：{day} 还没有到，请到那天再登记。没有写入任何内容。")
    return begins.isoformat()


def remove_record(connection: Connection, change: Change, record: type[Record], number: int) -> None:
    """Remove a record with what stands below it. Refused while others speak of it."""
    try:
        store.remove(connection, change, record.shape, store.kept(connection, record.shape, [number]))
    except IntegrityError:
        raise InputProblems(
            f"{record.caption}编号 {number} 还被别的记录引用（如出席、服务、下级），没有删除。{record.while_in_use}"
        ) from None


def read_one(connection: Connection, record: type[Record], number: int, as_of: date | None = None) -> View:
    """One record as people read it; figures such as 党龄 count up to `as_of`, else to today."""
    [view] = read_some(connection, record, [number], as_of)
    return view


def read_some(
    connection: Connection, record: type[Record], numbers: Sequence[int], as_of: date | None = None
) -> list[View]:
    """Records as people read them, in the order of their numbers."""
    return list(tell_all(record, store.kept(connection, record.shape, numbers), scope_of(connection, as_of)))


def add_files(
    connection: Connection, change: Change, record: type[Record], number: int, paths: Sequence[Path], strip: bool
) -> tuple[list[File], list[str]]:
    """Keep files with a record, all or none: those that are new, and the photographs that say where they were taken."""
    had = [
        File(file.name, file.sha256, file.kind, file.size) for file in evidence.kept(connection, record.ledger, number)
    ]
    new: dict[File, bytes] = {}
    wrong = []
    for path in paths:
        try:
            data, kind = _content(path)
            data = without_position(data) if strip else data
        except ValueProblem as problem:
            wrong.append(f"{path.name}：{problem.sentence}")
            continue
        file = File(file_name(path.name), evidence.digest(data), kind, len(data))
        if any(other.sha256 == file.sha256 for other in (*had, *new)):
            continue
        if any(alike(other.name) == alike(file.name) for other in (*had, *new)):
            wrong.append(f"{path.name}：这条记录已有同名而内容不同的文件，请改名再添加")
        else:
            new[file] = data
    if len(had) + len(new) > _MOST_FILES:
        wrong.append(f"一条记录最多附 {_MOST_FILES} 个文件，现有 {len(had)} 个，请挑选后再添加")
    if wrong:
        raise InputProblems(f"{'；'.join(wrong)}。没有写入任何内容。")
    for file, data in new.items():
        evidence.put(connection, data, file.kind)
    _set(connection, change, record, number, had, [*had, *new])
    return [*new], [file.name for file, data in new.items() if without_position(data) != data]


def _content(path: Path) -> tuple[bytes, str]:
    """The bytes of a file, and their kind. ValueProblem where it cannot be taken."""
    try:
        if not path.exists():
            raise ValueProblem("没有这个文件，请核对文件名和所在的文件夹")
        if not path.is_file():
            raise ValueProblem("不是文件，请写明里面的一个文件")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as fault:
        raise ValueProblem(f"读不出来（{why(fault)}），请关上正在用它的程序再试") from None
    if not data:
        raise ValueProblem("是空文件，请换一个")
    if len(data) > MAX_FILE:
        raise ValueProblem(f"超过 {MAX_FILE >> 20} MB，请压缩后再添加")
    return data, kind_of(path.name, data)


def remove_file(
    connection: Connection, change: Change, record: type[Record], number: int, name: str, erase: bool = False
) -> Attached:
    """Take a file off a record; it stays in the folder, so that an undo finds it. NotFound where there is none.

    To `erase` it may have been taken off before: a run that was cut short is run again.
    """

    def among(files: Iterable[Attached]) -> Attached | None:
        return next((file for file in files if file.name == name or file.sha256.startswith(name.lower())), None)

    had = evidence.kept(connection, record.ledger, number)
    found = among(had)
    if found is None and erase and (left := among(evidence.left_of(connection, record.ledger, number))):
        return left
    if found is None:
        there = "、".join(item.name for item in had) or "（没有）"
        raise NotFound(f"{record.caption}编号 {number} 没有叫“{name}”的佐证文件，现有：{there}。请照这里的名称写。")
    before = [File(file.name, file.sha256, file.kind, file.size) for file in had]
    _set(connection, change, record, number, before, [file for file in before if file.name != found.name])
    return found


def _set(
    connection: Connection, change: Change, record: type[Record], number: int, before: list[File], after: list[File]
) -> None:
    if before != after:
        was, now = ({EVIDENCE.table: sorted(some)} for some in (before, after))
        store.edit(connection, change, record.shape, [store.Edit(number, was, now)])


def found(path: Path, branch: Mapping[str, Raw], lock: Lock = PLAIN) -> Book:
    """Make the book at `path` with a first branch; a branch that cannot be understood leaves no file behind."""

    def begin(connection: Connection) -> None:
        driver.christen(connection)
        change = Change(this_command())
        add_record(connection, change, Branch, branch)
        save(connection, change)

    return create_book(path, lock, begin)


def _parsed(record: type[Record], rows: Sequence[Mapping[str, Raw]], roster: Roster) -> list[ParsedRow]:
    """The rows of a command, read with its words for days and periods, and parts of branches' names, made exact."""
    parser, parsed = Parser(record), list[ParsedRow]()
    for at, cells in enumerate(rows, start=1):
        exact = dict(cells)
        for key, raw in cells.items():
            kind = record.columns[key].kind
            if isinstance(raw, str) and kind.names != "branch":
                exact[key] = kind.meant(raw, date.today())
            elif isinstance(raw, str):
                with suppress(ValueProblem):  # told with the other problems of the record
                    exact[key] = roster.branch_names[roster.branch_meant(tight(raw))]
        parsed.append(parser.parse(at, exact))
    return parsed


def _question(
    record: type[Record], planned: Sequence[PlannedRow], rows: Sequence[Mapping[str, Raw]], roster: Roster
) -> None:
    """Refuse what a command cannot mean, of an edit what it speaks of. InputProblems names every problem of the rows."""
    findings: list[Finding] = []
    for row, said in zip(planned, rows, strict=True):
        values, asked = row.resolved.values, row.resolved.parsed.asked
        for key, raw in said.items():
            column, value = record.columns[key], values.get(key)
            yearless = isinstance(raw, str) and column.kind.matter == "day" and _YEARLESS.fullmatch(raw.strip())
            if yearless and value and str(value)[:4] != str(date.today().year):
                row.warn(column, raw, f"“{raw}”记作 {value}，不对的请写上年份")
            mentions = column.kind.links and not column.kind.many
            for word in name_words(raw) if mentions and isinstance(raw, str) else ():
                if not roster.known(word) and (near := roster.near(word)):
                    row.warn(column, word, f"花名册中没有“{word}”，是不是{'、'.join(near[:3])}")
        for keys, column, message in _doubts(record, row.resolved):
            if asked is None or not asked.isdisjoint(keys):
                row.refuse(column, values.get(column.key, ""), message)
        name = record.columns.get(record.named_by)
        called = values.get(record.named_by) if name and (asked is None or name.key in asked) else None
        if name and called and name.kind is ORGANISATION and called.isascii():
            row.refuse(name, called, f"“{called}”不像党组织的名称，请写全称，如 神经内科党支部")
        findings += row.problems
    if findings:
        flags = {column.heading: column.flag for column in record.columns.values() if record.command}
        named = {heading: f"{heading}（{flag}）" for heading, flag in flags.items()}
        problems = (
            f"{named.get(finding.column, finding.column)}：{finding.message}".removeprefix("：") for finding in findings
        )
        raise InputProblems("；".join(dict.fromkeys(problems)) + "。没有写入任何内容。")


def _doubts(record: type[Record], row: ResolvedRow) -> Iterator[_Doubt]:
    """What no branch has: days a year ahead that are no deadline, days in the wrong order, amounts, hours beyond the days."""
    today, days = date.today(), dict[str, str]()
    for key, column in record.columns.items():
        value, kind = row.values.get(key), column.kind
        if kind.matter == "day" and str(value or "")[:1].isdigit():
            days[key] = str(value)
            if key not in ("due_on", "ended_on", "extended_until") and (slip := far_ahead(days[key], today)):
                yield (key,), column, slip
            elif key == "born_on" and first_date(days[key]) > today:
                yield (key,), column, f"{value} 还没有到，请核对年份"
        elif value is None or column.computed:
            continue
        elif kind.matter == "number" and kind.unit in _MOST and value > _MOST[kind.unit]:
            yield (key,), column, f"{plain_decimal(value)} {kind.unit}太大了，请核对位数和单位"
        elif kind.matter == "count" and value.value > _MOST.get(kind.unit, _MOST_PEOPLE):
            yield (key,), column, f"{value.value} 太大了，请核对"
    for pair in _IN_ORDER:
        first, second = map(days.get, pair)
        if first and second and last_date(second) < first_date(first):
            earlier, later = map(record.columns.__getitem__, pair)
            yield pair, later, f"{second} 早于{earlier.heading} {first}，请核对这两个日期"
    if "hours" not in record.columns or record.date not in days:
        return
    begins, ends_on = ends(days[record.date])
    most = _HOURS_A_DAY * ((last_date(ends_on) - first_date(begins)).days + 1)
    own = [Decimal(hours).scaleb(-4) for _, hours, *_ in row.below.get("participation", ()) if hours]
    for key, hours in [("hours", row.values.get("hours")), *(("members", one) for one in own)]:
        if hours is not None and hours > most:
            yield (key, record.date), record.columns[key], f"{plain_decimal(hours)} 多于这段时间的 {most} 小时，请核对"
