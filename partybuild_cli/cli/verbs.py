"""The five verbs of every ledger (登记 查看 修改 删除), made from its declaration: add, list, show, edit, remove."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from partybuild_cli.cli import ask, screen, telling
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import ChineseCommand, Entry, LazyGroup
from partybuild_cli.cli.options import argument, flag, given, option, option_of, writable
from partybuild_cli.cli.session import reading, writing
from partybuild_cli.cli.words import heading_of
from partybuild_cli.records.base.registry import captions
from partybuild_cli.records.base.registry import record as record_of

if TYPE_CHECKING:
    from partybuild_cli.records.base.declare import Record

#: What else an edit of a record changes: the cells with what follows from them, and what to say of it.
Entailed = Callable[[Any, int, dict[str, Any], Sequence[str]], tuple[dict[str, Any], str]]


def ledger_group(ledger: str) -> LazyGroup:
    """The command group of a ledger; commands of its own come from a module of its own, where there is one."""
    own, caption = _own_module(ledger), captions()[ledger]
    commands = {str(one.name): one for one in own.commands()} if own is not None else {}
    group = LazyGroup(name=ledger, help=f"{caption}。", commands=commands, no_args_is_help=True)
    group.entries = {
        "add": Entry(f"登记一条{caption}", "", lambda: _add(record_of(ledger))),
        "list": Entry(f"列出{caption}", "", lambda: _list(record_of(ledger))),
        "show": Entry(f"查看一条{caption}", "", lambda: _show(ledger)),
        "edit": Entry(f"修改一条{caption}", "", lambda: _edit(record_of(ledger), getattr(own, "entailed", None))),
        "remove": Entry(f"删除一条{caption}", "", lambda: _remove(ledger)),
    }
    return group


def _own_module(ledger: str) -> Any:
    """`commands/<ledger>.py`, where there is one."""
    name = f"partybuild_cli.cli.commands.{ledger}"
    return import_module(name) if find_spec(name) is not None else None


def made(name: str, help: str, run: Callable[..., Any], params: list[Any]) -> ChineseCommand:
    """A command; `run` gets the context and the parameters by name."""
    from typer._click.globals import get_current_context

    def call(**values: Any) -> Any:
        return run(get_current_context(), **values)

    return ChineseCommand(name, help=help, callback=call, params=params, rich_markup_mode="rich")


def _target(ledger: str) -> Any:
    if ledger == "member":
        return argument("name", "姓名或工号", "党员的姓名、工号或编号", names("member"))
    if ledger == "branch":
        return argument("name", "名称或编号", "党组织的名称或编号", names("branch"))
    return argument("name", "编号", f"编号，用 partybuild {ledger} list 查看")


_JSON = partial(flag, "json", "以 JSON 输出")
_AS_OF = partial(option, "as-of", "日期", "看那一天结束时的记录，如 2026-09-05")


def _add(record: "type[Record]") -> ChineseCommand:
    def run(context: Any, json: bool, **values: Any) -> None:
        from partybuild_cli.records.base.editing import add_record, read_one

        cells = ask.fill_in(record, given(record, values), lambda: _branches(context))
        with writing(context) as (connection, change):
            draft = add_record(connection, change, record, cells)
            told = read_one(connection, record, draft.number or 0)
        _warn(draft)
        if json:
            screen.document(telling.document(record, told))
        else:
            screen.say(f"已登记到{record.caption}，编号 {told.number}：{telling.title(record, told)}。")

    options = [option_of(record, column) for column in writable(record)]
    return made("add", f"登记一条{record.caption}", run, [*options, _JSON()])


def _warn(draft: Any) -> None:
    """What a person should look at, though it was written."""
    for finding in draft.warnings:
        screen.note(f"注意：{finding.column}：{finding.message}。")


def _branches(context: Any) -> list[str]:
    """The branches (党支部) of the book."""
    with reading(context) as connection:
        return list(connection.exec_driver_sql("SELECT name FROM branch WHERE kind = '党支部' ORDER BY id").scalars())


def _list(record: "type[Record]") -> ChineseCommand:
    def run(
        context: Any,
        json: bool,
        all: bool,
        full: bool,
        branch: str | None = None,
        member: str | None = None,
        period: str | None = None,
        as_of: str | None = None,
    ) -> int:
        from partybuild_cli.cli.periods import period_of
        from partybuild_cli.records.base.query import Wanted, fetch

        wanted = Wanted(branch, member, period_of(period) if period else None)
        with reading(context) as connection:
            past = _then(connection, record, as_of)
            found = fetch(connection, record, wanted, as_of=past and past.day)
            keys = list(record.columns) if all else list(record.brief)
            if json:
                screen.documents(telling.document(record, told, full) for told in found)
            elif all and screen.to_terminal():
                telling.blocks(record, found, full)
            else:
                telling.table(record, found, [key for key in keys if not record.columns[key].private], full)
        untold = past and past.untold(record.ledger)
        if past and untold:
            screen.note(f"注意：{untold}在 {past.day} 的样子说不出来，因为日志已损坏，没有列出。")
        return 1 if untold else 0

    params = [option("branch", "党支部", "只看这个支部的", complete=names("branch"))]
    if record.ledger != "branch":
        params.append(option("member", "姓名", "只看与这名党员有关的", complete=names("member")))
    if record.date:
        params.append(option("period", "期间", "只看这一期的，如 2026Q3、2026-09、last"))
    tail = [_AS_OF(), flag("all", "显示所有列"), flag("full", "身份证号、电话不打码"), _JSON()]
    return made("list", f"列出{record.caption}", run, [*params, *tail])


def _then(connection: Any, record: "type[Record]", as_of: str | None) -> Any:
    """The past of `--as-of`, once the connection sees the records as they stood then; None for now."""
    if as_of is None:
        return None
    from partybuild_cli.records.base.query import go_back

    return go_back(connection, as_of, [record])


def _show(ledger: str) -> ChineseCommand:
    def run(context: Any, name: str, json: bool, full: bool, private: bool, as_of: str | None = None) -> None:
        record = record_of(ledger)
        from partybuild_cli.errors import NotFound
        from partybuild_cli.records.base.editing import read_one
        from partybuild_cli.records.base.present import as_text
        from partybuild_cli.records.base.query import number_of

        with reading(context) as connection:
            past = _then(connection, record, as_of)
            try:
                told = read_one(connection, record, number_of(connection, record, name), past and past.day)
            except NotFound:
                if past is not None:
                    past.must_tell(record.ledger)  # it may be one of those that cannot be told
                raise
        if json:
            screen.document(telling.document(record, told, full, private))
            return
        pairs = [
            (column.heading, as_text(column, told.values[column.key], full))
            for column in record.columns.values()
            if column.key in told.values and (private or not column.private)
        ]
        screen.fields([*pairs, *told.own_columns(full).items()], f"{record.caption} 编号 {told.number}")

    params = [
        _target(ledger),
        _AS_OF(),
        flag("full", "身份证号、电话不打码"),
        flag("private", "显示不公开的内容（如谈话内容）"),
        _JSON(),
    ]
    return made("show", f"查看一条{captions()[ledger]}", run, params)


def _edit(record: "type[Record]", entailed: Entailed | None) -> ChineseCommand:
    def run(context: Any, record_name: str, json: bool, clear: tuple[str, ...], **values: Any) -> None:
        from partybuild_cli.records.base.editing import edit_record, read_one
        from partybuild_cli.records.base.query import number_of

        erase = [_cleared(record, key) for key in clear]
        with writing(context) as (connection, change):
            number = number_of(connection, record, record_name)
            cells, said = given(record, values), ""
            if entailed is not None:
                cells, said = entailed(connection, number, cells, erase)
            draft = edit_record(connection, change, record, number, cells, erase)
            told = read_one(connection, record, number)
        if said:
            screen.note(f"注意：{said}")
        if draft.changes:
            _warn(draft)
        if json:
            screen.document(telling.document(record, told))
            return
        for one in draft.changes:
            screen.say(f"{heading_of(record, one.field)}：{one.before or '（空）'} → {one.after or '（空）'}")
        screen.say(f"已修改{record.caption}编号 {number}。" if draft.changes else "没有不同之处，什么也没有改。")

    target = _target(record.ledger)
    target.name = "record_name"
    options = [option_of(record, column) for column in writable(record)]
    clear = option("clear", "字段", "清空一个字段，写选项名，如 note", many=True)
    return made("edit", f"修改一条{record.caption}", run, [target, *options, clear, _JSON()])


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


def _remove(ledger: str) -> ChineseCommand:
    def run(context: Any, name: str, yes: bool) -> None:
        record = record_of(ledger)
        from partybuild_cli.records.base.editing import read_one, remove_record
        from partybuild_cli.records.base.query import number_of

        with reading(context) as connection:
            told = read_one(connection, record, number_of(connection, record, name))
        if not ask.confirm(f"将删除{record.caption}编号 {told.number}（{telling.title(record, told)}）。", yes):
            screen.say("没有删除。")
            return
        with writing(context) as (connection, change):
            remove_record(connection, change, record, told.number)
        screen.say(pasteable(f"已删除{record.caption}编号 {told.number}。误删可用 partybuild undo 恢复。"))

    return made("remove", f"删除一条{captions()[ledger]}", run, [_target(ledger), flag("yes", "不再询问")])
