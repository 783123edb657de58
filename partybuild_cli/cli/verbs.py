"""The five verbs of every ledger (登记 查看 修改 删除), made from its declaration: add, list, show, edit, remove."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, Signature
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperCommand

from partybuild_cli.cli import ask, screen, telling, whom
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands, LazyCommand, LazyGroup
from partybuild_cli.cli.options import (
    AsJson,
    AsOf,
    Full,
    Yes,
    given,
    holding,
    options_of,
    parameter,
    period_of,
    sifting_of,
)
from partybuild_cli.cli.session import branches, reading, writing
from partybuild_cli.records.base.registry import captions
from partybuild_cli.records.base.registry import record as record_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.context import View
    from partybuild_cli.records.base.declare import Record
    from partybuild_cli.records.base.draft import Draft
    from partybuild_cli.records.base.query import Past

#: So many new records of one command are told one by one.
_EACH = 3
#: What else an edit of a record changes: the cells with what follows from them, and what to say of it.
Entailed = Callable[["Connection", int, dict[str, Any], list[str], Mapping[str, Any]], tuple[dict[str, Any], str]]


def ledger_group(ledger: str) -> LazyGroup:
    """The command group of a ledger; commands of its own come from a module of its own, where there is one."""
    own, caption = _own_module(ledger), captions()[ledger]
    app = Commands(f"{caption}。", f"partybuild {ledger} list")
    if own is not None:
        app.registered_commands += own.app.registered_commands
    app.callback()(_nothing)
    group = cast(LazyGroup, typer.main.get_command(app))
    group.entries = {
        "add": LazyCommand(f"登记一条{caption}", "", lambda: _add(record_of(ledger), own)),
        "list": LazyCommand(f"列出{caption}", "", lambda: _list(record_of(ledger))),
        "show": LazyCommand(f"查看一条{caption}", "", lambda: _show(ledger)),
        "edit": LazyCommand(f"修改一条{caption}", "", lambda: _edit(record_of(ledger), own)),
        "remove": LazyCommand(f"删除一条{caption}", "", lambda: _remove(ledger)),
    }
    return group


def _nothing() -> None:
    """A group does nothing by itself."""


def _own_module(ledger: str) -> ModuleType | None:
    """`commands/<ledger>.py`, where there is one."""
    name = f"partybuild_cli.cli.commands.{ledger}"
    return import_module(name) if find_spec(name) is not None else None


def _made(ledger: str, verb: str, help: str, run: Callable[..., object], options: list[Parameter]) -> TyperCommand:
    """A command whose parameters are those of its ledger; `run` gets them by name, after the context."""
    context = Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    vars(run)["__signature__"] = Signature([context, *options])
    app, example = Commands(), " ".join(["partybuild", ledger, verb, *_example(ledger, verb)])
    app.command(verb, help=f"{help}{captions()[ledger]}", example=example)(run)
    return cast(TyperCommand, typer.main.get_command(app))


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
    """Which record is meant."""
    place, help, completer = "编号", f"编号，用 partybuild {ledger} list 查看", None
    if ledger == "member":
        place, help, completer = "姓名或工号", "党员的姓名、工号或编号", names("member")
    elif ledger == "branch":
        place, help, completer = "名称或编号", "党组织的名称或编号", names("branch")
    says = typer.Argument(metavar=place, help=help, autocompletion=completer)
    return parameter("record_name", Annotated[str, says], Parameter.empty)


def _add(record: "type[Record]", own: ModuleType | None) -> TyperCommand:
    hooks = ("completed", "remark", "further", "worked_out")
    completed, remark, further, worked_out = (getattr(own, name, None) for name in hooks)

    def run(context: typer.Context, json: bool, **values: Any) -> None:
        from partybuild_cli.errors import InputProblems, UsageFault
        from partybuild_cli.records.base.editing import add_records, read_some
        from partybuild_cli.records.base.roster import load_roster

        values = whom.spelled(values)
        many, about = whom.many_of(record, values), whom.column_of(record)
        cells = given(record, values)
        cells = completed(cells, values) if completed else cells
        interview = ask.Interview(
            record,
            cells,
            lambda: branches(context),
            lambda *said: _doubt(context, record, *said),
            frozenset({about.key} if many and about else ()),
            {column.key: whom.HOW for column in [whom.spoken_of(record)] if column},
        )
        filled = interview.fill()
        while True:
            named, meant = whom.read(record, filled, many)
            if meant and (home := whom.branch_of(context, named.get("branch"))):
                named["branch"] = filled["branch"] = home
            line = [record.ledger, "add", *_flags(record, named), *meant.words()]
            if interview.asked:
                ask.completed(line)
            try:
                with writing(context) as (connection, change):
                    rows = whom.rows(record, named, meant, load_roster(connection))
                    rows = worked_out(connection, rows) if worked_out else rows
                    drafts = add_records(connection, change, record, rows)
                    told = read_some(connection, record, [draft.number or 0 for draft in drafts])
                break
            except (InputProblems, UsageFault) as fault:
                if not interview.asked:
                    raise
                filled = interview.again(fault.sentence)
        _warn(drafts)
        if json:
            documents = [telling.document(record, one) for one in told]
            screen.document(documents if len(documents) > 1 else documents[0])
            return
        if len(told) > _EACH:
            first, last = told[0], told[-1]
            numbers = f"编号 {first.number} 至 {last.number}"
            screen.say(f"已登记到{record.caption} {len(told)} 条，{numbers}：{telling.title(record, first)}等。")
        for one in told if len(told) <= _EACH else ():
            more = remark(one) if remark else ""
            screen.say(f"已登记到{record.caption}，编号 {one.number}：{telling.title(record, one)}。{more}")
        if interview.asked:
            ask.teach(line)

    options = [
        *options_of(record, adding=True),
        *(further("add") if further else ()),
        *whom.parameters(record),
        parameter("json", AsJson, False),
    ]
    return _made(record.ledger, "add", "登记一条", run, options)


def _flags(record: "type[Record]", cells: Mapping[str, Any]) -> list[str]:
    """The options that say what the cells say, with days as they were meant."""
    words: list[str] = []
    for key, value in cells.items():
        column = record.columns[key]
        flag = "--on" if key == record.date and column.identity and key.endswith("_on") else column.flag
        words += [flag, column.kind.meant(str(value), date.today())]
    return words


def _doubt(context: typer.Context, record: "type[Record]", column: "Column", said: str) -> str | None:
    """What is wrong with the people whom an answer names."""
    from partybuild_cli.records.base.roster import load_roster

    if column.kind.names != "member" and not column.kind.links:
        return None
    several = column is whom.spoken_of(record)
    with reading(context) as connection:
        return whom.doubt(load_roster(connection), column, said, several)


def _warn(drafts: "Sequence[Draft]") -> None:
    """What a person should look at, though it was written."""
    for finding in (one for draft in drafts for one in draft.warnings):
        screen.note(f"注意：{finding.column}：{finding.message}。")


def _list(record: "type[Record]") -> TyperCommand:
    def run(context: typer.Context, json: bool, all: bool, full: bool, **asked: Any) -> int:
        from partybuild_cli.records.base.query import Wanted, fetch, sift, sums_of, tests_of
        from partybuild_cli.records.base.roster import load_roster

        period, kind = asked.get("period"), asked.get("kind")
        members = tuple(whom.parted(asked.get("member")))
        wanted = Wanted(asked["branch"], members, period_of(period) if period else None, group=asked["group"])
        wheres = [*(asked["where"] or ()), *([f"kind={kind}"] if kind else ())]
        tests, summed = tests_of(record, wheres, asked["search"]), asked["sum"] or []
        with reading(context) as connection:
            past = _then(connection, record, asked["as_of"])
            roster = load_roster(connection)
            found: Collection[View] = fetch(connection, record, wanted, as_of=past.day if past else None, roster=roster)
            found = list(sift(found, tests)) if tests or summed else found
            theirs = [roster.shown(roster.member(name)) for name in members]
            sums = sums_of(record, summed, list(found), theirs) if summed else []
            keys = list(record.columns) if all else list(record.brief)
            if json:
                screen.documents(telling.document(record, told, full) for told in found)
            elif all and screen.to_terminal():
                telling.blocks(record, found, full)
            else:
                telling.table(record, found, [key for key in keys if not record.columns[key].private], full)
        for one in sums:
            (screen.note if json else screen.say)(one)
        untold = past and past.untold(record.ledger)
        if past and untold:
            screen.note(f"注意：{untold}在 {past.day} 的样子说不出来，因为日志已损坏，没有列出。")
        return 1 if untold else 0

    return _made(record.ledger, "list", "列出", run, sifting_of(record))


def _then(connection: "Connection", record: "type[Record]", as_of: str | None) -> "Past | None":
    """The past of `--as-of`, once the connection sees the records as they stood then; None for now."""
    if as_of is None:
        return None
    from partybuild_cli.records.base.query import go_back

    return go_back(connection, as_of, [record])


def _show(ledger: str) -> TyperCommand:
    def run(context: typer.Context, record_name: str, json: bool, full: bool, private: bool, as_of: str | None) -> None:
        from partybuild_cli.errors import NotFound
        from partybuild_cli.records.base.editing import read_one
        from partybuild_cli.records.base.query import number_of
        from partybuild_cli.store.evidence import kept

        record = record_of(ledger)
        with reading(context) as connection:
            past = _then(connection, record, as_of)
            try:
                told = read_one(
                    connection, record, number_of(connection, record, record_name), past.day if past else None
                )
            except NotFound:
                if past is not None:
                    past.must_tell(record.ledger)  # it may be one of those that cannot be told
                raise
            files = [one.name for one in kept(connection, ledger, told.number)]
        if json:
            screen.document(telling.document(record, told, full, private) | ({"files": files} if files else {}))
            return
        telling.block(record, told, full, private, files)

    private = Annotated[bool, typer.Option("--private", help="显示不公开的内容（如谈话内容）")]
    tail = [("full", Full), ("private", private), ("json", AsJson)]
    options = [_target(ledger), parameter("as_of", AsOf), *(parameter(name, kind, False) for name, kind in tail)]
    return _made(ledger, "show", "查看一条", run, options)


def _edit(record: "type[Record]", own: ModuleType | None) -> TyperCommand:
    entailed: Entailed | None = getattr(own, "entailed", None)
    further: list[Parameter] = own.further("edit") if own and hasattr(own, "further") else []

    def run(context: typer.Context, record_name: str, json: bool, clear: list[str] | None, **values: Any) -> None:
        from partybuild_cli.errors import UsageFault
        from partybuild_cli.records.base.editing import edit_record, read_one
        from partybuild_cli.records.base.query import number_of

        since, correct = values.pop("since", None), values.pop("correct", False)
        if since and correct:
            raise UsageFault("--from 是从那天起变动，--correct 是一直登记错了，请只写一个。")
        values = whom.spelled(values)
        erase = [_cleared(record, key) for key in clear or ()]
        with writing(context) as (connection, change):
            number = number_of(connection, record, record_name)
            cells, said = given(record, values), ""
            if entailed is not None:
                cells, said = entailed(connection, number, cells, erase, values)
            draft = edit_record(connection, change, record, number, cells, erase, since=since, correct=correct)
            told = read_one(connection, record, number)
        if said:
            screen.note(f"注意：{said}")
        if draft.changes:
            _warn([draft])
        if json:
            screen.document(telling.document(record, told))
            return
        for one in draft.changes:
            when = f"（自 {one.since} 起）" if one.since else "（此前也是）" if one.before == one.after else ""
            screen.say(
                f"{telling.heading_of(record, one.field)}：{one.before or '（空）'} → {one.after or '（空）'}{when}"
            )
        screen.say(f"已修改{record.caption}编号 {number}。" if draft.changes else "没有不同之处，什么也没有改。")
        if since is None and any(one.since for one in draft.changes):
            screen.note("此前的仍按原来的算。从别的日子起的，加 --from 日期；一直登记错了的，加 --correct。")

    emptied = typer.Option(metavar="字段", help="清空一个字段，写选项名，如 note；可重复")
    clear = parameter("clear", Annotated[list[str] | None, emptied])
    columns = options_of(record, adding=False, taken=[one.name for one in further])
    options = [_target(record.ledger), *columns, *further, clear, *holding(record), parameter("json", AsJson, False)]
    return _made(record.ledger, "edit", "修改一条", run, options)


def _cleared(record: "type[Record]", name: str) -> str:
    from partybuild_cli.errors import UsageFault

    said = name.strip("-")
    named = {"on": record.date, **{column.option: column.key for column in record.columns.values() if column.option}}
    key = named.get(said) or said.replace("-", "_")
    if key not in record.columns:
        raise UsageFault(
            f"--clear 后面的“{name}”不是{record.caption}的字段。用 partybuild {record.ledger} edit --help 查看。"
        )
    if record.columns[key].required:
        raise UsageFault(f"“{record.columns[key].heading}”必须填写，不能清空。")
    return key


def _remove(ledger: str) -> TyperCommand:
    def run(context: typer.Context, record_name: str, yes: bool) -> None:
        from partybuild_cli.records.base.editing import read_one, remove_record
        from partybuild_cli.records.base.query import number_of

        record = record_of(ledger)
        with reading(context) as connection:
            told = read_one(connection, record, number_of(connection, record, record_name))
        if not ask.confirm(f"将删除{record.caption}编号 {told.number}（{telling.title(record, told)}）。", yes):
            screen.say("没有删除。")
            return
        with writing(context) as (connection, change):
            remove_record(connection, change, record, told.number)
        screen.say(f"已删除{record.caption}编号 {told.number}。误删可用 partybuild undo 恢复。")

    return _made(ledger, "remove", "删除一条", run, [_target(ledger), parameter("yes", Yes, False)])
