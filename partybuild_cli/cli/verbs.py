"""The five verbs of every ledger (登记 查看 修改 删除), made from its declaration: add, list, show, edit, remove."""

from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import import_module
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, cast

from typer import Typer
from typer.core import TyperCommand
from typer.main import get_command

from partybuild_cli.cli import ask, options, screen
from partybuild_cli.cli.lazy import (
    ChineseCommand,
    LazyCommand,
    LazyGroup,
    Several,
    argument,
    flag,
    option,
    parameter,
    signed,
)
from partybuild_cli.cli.options import AsJson, Full, Own, Said, Yes
from partybuild_cli.cli.session import number_of, reading, roster_of, writing
from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.records.base.registry import captions
from partybuild_cli.records.base.registry import record as record_of
from partybuild_cli.values.period import Period, refuse_future

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column

#: Ledger -> the module under `commands/` in which it has more: its `<ledger>_app`, and what its verbs do besides, `<ledger>_own`.
_MORE = {"meeting": "meeting", "dues": "dues"} | dict.fromkeys(
    ("member", "service", "tenure", "post", "development", "task"), "ledgers"
)


#: What a command runs, and the parameters that it takes by name.
Made = tuple[Callable[..., object], list[Parameter]]
#: Verb -> what its help says in front of the name of the ledger.
_VERBS = {"add": "登记一条", "list": "列出", "show": "查看一条", "edit": "修改一条", "remove": "删除一条"}


def ledger_group(ledger: str) -> LazyGroup:
    """The command group of a ledger: its verbs, and the commands of its own."""
    caption = captions()[ledger]
    group = LazyGroup(name=ledger, help=f"{caption}。", epilog=f"partybuild {ledger} list")
    more = import_module(f"partybuild_cli.cli.commands.{_MORE[ledger]}") if ledger in _MORE else None
    own: Own = getattr(more, f"{ledger}_own", None) or Own()
    if app := getattr(more, f"{ledger}_app", None):
        app.callback()(lambda: None)  # a group, though it may have but one command
        group.commands = cast(LazyGroup, get_command(app)).commands
    group.entries = {
        verb: LazyCommand(f"{said}{caption}", "", partial(_made, ledger, verb, own)) for verb, said in _VERBS.items()
    }
    return group


def _made(ledger: str, verb: str, own: Own) -> TyperCommand:
    """A command whose parameters are those of its ledger; it runs with them by name."""
    if verb == "add":  # it knows how to ask, which the others need not load
        from partybuild_cli.cli.adding import adding as make
    else:
        make = {"list": _list, "show": _show, "edit": _edit, "remove": _remove}[verb]
    app = Typer(add_completion=False)
    app.command(verb, cls=ChineseCommand, help=f"{_VERBS[verb]}{captions()[ledger]}")(signed(*make(ledger, own)))
    command = cast(ChineseCommand, get_command(app))
    command.epilog = lambda: " ".join(["partybuild", ledger, verb, *_example(ledger, verb)])
    return command


def _example(ledger: str, verb: str) -> list[str]:
    """What stands behind a verb in its example; a new record has a value for every column that one cannot do without."""
    name = {"member": "张三", "branch": "神经内科党支部"}.get(ledger, "1")
    if verb not in ("add", "edit"):
        return {"list": [], "show": [name], "remove": [name, "--yes"]}[verb]
    columns = [one for one in record_of(ledger).columns.values() if not one.computed]
    if verb == "edit":
        plain = [one for one in columns if not (one.identity or one.required or one.kind.names)]
        return [name, plain[-1].flag, _value(plain[-1])]
    persons = iter(("张三", "李四"))
    unnamed = not any(one.required for one in columns if one.identity)
    told = []
    for column in columns:
        if column.kind.names != "branch" and (column.required or (unnamed and column.identity and not column.mask)):
            flag = f"--{column.option}" if column.option else column.flag
            values = persons if column.kind.many else [next(persons) if column.kind.names else _value(column)]
            told += [word for value in values for word in (flag, value)]
    return told


def _value(column: "Column") -> str:
    ours = {"姓名": "王五", "党组织名称": "神经内科党支部"}
    return ours.get(column.heading) or column.kind.example.replace(".", "-") or column.heading


def _target(ledger: str) -> Parameter:
    place, help = {
        "member": ("姓名或工号", "党员的姓名、工号或编号"),
        "branch": ("名称或编号", "党组织的名称或编号"),
    }.get(ledger, ("编号", f"编号，用 partybuild {ledger} list 查看"))
    completer = options.names(ledger) if ledger in ("member", "branch") else None
    says = argument(place, help, autocompletion=completer)
    return parameter("record_name", Annotated[str, says], Parameter.empty)


def _list(ledger: str, own: Own) -> Made:
    record = record_of(ledger)

    def run(
        branch: str | None,
        group: str | None,
        search: str | None,
        as_of: str | None,
        json: bool,
        all: bool,
        full: bool,
        kind: str | None = None,
        period: Period | None = None,
        **asked: list[str] | None,
    ) -> int:
        from partybuild_cli.cli.adding import parted
        from partybuild_cli.records.base.query import Wanted, fetch, go_back, sift, sums_of

        members = tuple(parted(asked.get("member")))
        wanted = Wanted(branch, members, period, group=group)
        wheres = [*(asked["where"] or ()), *([f"kind={kind}"] if kind else ())]
        with reading() as connection:
            past = go_back(connection, as_of, [record]) if as_of is not None else None
            roster = roster_of(connection)
            found = fetch(connection, record, wanted, as_of=past.day if past else None, roster=roster)
            found = sift(record, found, wheres, search)
            theirs = [roster.shown(roster.member(name)) for name in members]
            sums = sums_of(record, asked["sum"] or [], found, theirs)
        if json:
            screen.documents(screen.as_document(record, told, full) for told in found)
        elif all and screen.to_terminal():
            fields = ((one.number, screen.field_lines(screen.pairs_of(record, one, full))) for one in found)
            screen.paged([line for number, lines in fields for line in (f"编号 {number}", *lines)])
        else:
            keys = record.columns if all else record.brief
            screen.records(record, found, [key for key in keys if not record.columns[key].private], full)
        for one in sums:
            (screen.note if json else screen.say)(one)
        if not found and period:
            refuse_future(period, date.today())
        untold = past and past.untold(record.ledger)
        if past and untold:
            screen.note(f"注意：{untold}在 {past.day} 的样子说不出来，因为日志已损坏，没有列出。")
        return 1 if untold else 0

    return run, options.sifting_of(record)


def _show(ledger: str, own: Own) -> Made:
    def run(record_name: str, json: bool, full: bool, private: bool, as_of: str | None) -> None:
        from partybuild_cli.records.base.editing import read_one
        from partybuild_cli.records.base.query import go_back
        from partybuild_cli.store.evidence import kept

        record = record_of(ledger)
        with reading() as connection:
            past = go_back(connection, as_of, [record]) if as_of is not None else None
            try:
                number = number_of(connection, ledger, record_name)
                told = read_one(connection, record, number, past.day if past else None)
            except NotFound:
                if past is not None:
                    past.must_tell(ledger)  # it may be one of those that cannot be told
                raise
            files = [one.name for one in kept(connection, ledger, told.number)]
        if json:
            screen.document(screen.as_document(record, told, full, private) | ({"files": files} if files else {}))
        else:
            attached = [("佐证文件", "、".join(files))] if files else []
            title = f"{record.caption} 编号 {told.number}"
            screen.fields([*screen.pairs_of(record, told, full, private), *attached], title)

    private = Annotated[bool, flag("--private", "显示不公开的内容（如谈话内容）")]
    tail = [("full", Full), ("private", private), ("json", AsJson)]
    target = [_target(ledger), parameter("as_of", options.AsOf)]
    return run, [*target, *(parameter(name, kind, False) for name, kind in tail)]


def _edit(ledger: str, own: Own) -> Made:
    record = record_of(ledger)
    further = own.further("edit") if own.further else []

    def cleared(name: str) -> "Column":
        from partybuild_cli.records.base.query import column_named

        column = column_named(record, name)
        if column is None:
            more = f"用 partybuild {ledger} edit --help 查看。"
            raise UsageFault(f"--clear 后面的“{name}”不是{record.caption}的字段。{more}")
        if column.required:
            raise UsageFault(f"“{column.heading}”必须填写，不能清空。")
        return column

    def run(
        record_name: str, json: bool, clear: Several, since: str | None = None, correct: bool = False, **values: Said
    ) -> None:
        from partybuild_cli.records.base.editing import edit_record, read_one

        if since and correct:
            raise UsageFault("--from 是从那天起变动，--correct 是一直登记错了，请只写一个。")
        if not clear and all(value in (None, [], False) for value in values.values()):
            raise UsageFault(f"没有写要改什么。用 partybuild {record.ledger} edit --help 查看写法。")
        values, cells = options.told(record, values)
        erase, said = [cleared(name).key for name in clear or ()], ""
        with writing() as (connection, change):
            number = number_of(connection, record.ledger, record_name)
            if own.entailed:
                cells, said = own.entailed(connection, number, cells, erase, values)
            draft = edit_record(connection, change, record, number, cells, erase, since=since, correct=correct)
            told = read_one(connection, record, number)
        if said:
            screen.note(f"注意：{said}")
        if draft.changes:
            screen.warn([draft])
        elif blank := [key for key, said in cells.items() if record.columns[key].kind.parse(said) is None]:
            screen.note(f"写空的不改。要清空一项用 --clear，如 --clear {blank[0].replace('_', '-')}。")
        if json:
            screen.document(screen.as_document(record, told))
            return
        for one in draft.changes:
            when = f"（自 {one.since} 起）" if one.since else "（此前也是）" if one.before == one.after else ""
            heading = screen.heading_of(record, one.field)
            screen.say(f"{heading}：{one.before or '（空）'} → {one.after or '（空）'}{when}")
        screen.say(f"已修改{record.caption}编号 {number}。" if draft.changes else "没有不同之处，什么也没有改。")
        if since is None and any(one.since for one in draft.changes):
            screen.note("此前的仍按原来的算。从别的日子起的，加 --from 日期；一直登记错了的，加 --correct。")

    emptied = option("字段", "清空一个字段，写选项名，如 note；可重复")
    columns = options.options_of(record, adding=False, taken=[one.name for one in further])
    tail = [parameter("clear", Annotated[Several, emptied]), *options.holding(record), parameter("json", AsJson, False)]
    return run, [_target(ledger), *columns, *further, *tail]


def _remove(ledger: str, own: Own) -> Made:
    def run(record_name: str, yes: bool) -> None:
        from partybuild_cli.records.base.editing import read_one, remove_record

        record = record_of(ledger)
        with reading() as connection:
            told = read_one(connection, record, number_of(connection, ledger, record_name))
        if not ask.confirm(f"将删除{record.caption}编号 {told.number}（{screen.title_of(record, told)}）。", yes):
            screen.say("没有删除。")
            return
        with writing() as (connection, change):
            remove_record(connection, change, record, told.number)
        screen.say(f"已删除{record.caption}编号 {told.number}。误删可用 partybuild undo 恢复。")

    return run, [_target(ledger), parameter("yes", Yes, False)]
