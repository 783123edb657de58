"""The five verbs of every ledger (登记 查看 修改 删除), made from its declaration: add, list, show, edit, remove."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from importlib import import_module
from inspect import Parameter
from operator import attrgetter
from typing import Annotated, Any, cast

from typer import Typer
from typer.core import TyperCommand
from typer.main import get_command

from partybuild_cli.cli import adding, ask, lazy, options, screen
from partybuild_cli.cli.lazy import Several, Text, argument, flag, later, option, parameter, signed
from partybuild_cli.cli.options import MEMBERS, AsJson, AsOf, Cells, Full, OfBranch, Own, Said, Yes, period_of
from partybuild_cli.cli.session import number_of, reading, roster_of, writing
from partybuild_cli.errors import InputProblems, NotFound, UsageFault
from partybuild_cli.records.base.registry import captions
from partybuild_cli.records.base.registry import record as record_of
from partybuild_cli.values.period import Period, refuse_future

with later():
    from partybuild_cli.records.base import column, declare, editing, query
    from partybuild_cli.store import evidence

#: Ledger -> the module under `commands/` in which it has more: its `<ledger>_app`, and what its verbs do besides, `<ledger>_own`.
_MORE = {"meeting": "meeting", "dues": "dues"}
_MORE |= dict.fromkeys(("member", "service", "tenure", "post", "development", "task"), "ledgers")
_EACH = 3  # so many new records of one command are told one by one
#: Verb -> what its help says in front of the name of the ledger.
_VERBS = {"add": "登记一条", "list": "列出", "show": "查看一条", "edit": "修改一条", "remove": "删除一条"}


def ledger_group(ledger: str) -> lazy.LazyGroup:
    """The command group of a ledger: its verbs, and the commands of its own."""
    caption = captions()[ledger]
    group = lazy.LazyGroup(name=ledger, help=f"{caption}。", epilog=f"partybuild {ledger} list")
    more = import_module(f"partybuild_cli.cli.commands.{_MORE[ledger]}") if ledger in _MORE else None
    own: Own = getattr(more, f"{ledger}_own", None) or Own()
    if app := getattr(more, f"{ledger}_app", None):
        app.callback()(lambda: None)  # a group, though it may have but one command
        group.commands = cast(lazy.LazyGroup, get_command(app)).commands
    group.entries = {
        verb: lazy.LazyCommand(f"{said}{caption}", "", partial(_made, ledger, verb, own))
        for verb, said in _VERBS.items()
    }
    return group


def _made(ledger: str, verb: str, own: Own) -> TyperCommand:
    """A command whose parameters are those of its ledger; it runs with them by name."""
    make = {"add": _add, "list": _list, "show": _show, "edit": _edit, "remove": _remove}[verb]
    app = Typer(add_completion=False)
    app.command(verb, cls=lazy.ChineseCommand, help=f"{_VERBS[verb]}{captions()[ledger]}")(make(ledger, own))
    command = cast(lazy.ChineseCommand, get_command(app))
    command.epilog = lambda: " ".join(["partybuild", ledger, verb, *_example(ledger, verb)])
    return command


def _example(ledger: str, verb: str) -> list[str]:
    """What stands behind a verb in its example; a new record has a value for every column that one cannot do without."""
    name = {"member": "张三", "branch": "神经内科党支部"}.get(ledger, "1")
    if verb not in ("add", "edit"):
        return {"list": [], "show": [name], "remove": [name, "--yes"]}[verb]
    columns = [field for field in record_of(ledger).columns.values() if not field.computed]
    if verb == "edit":
        plain = [field for field in columns if not (field.identity or field.required or field.kind.names)]
        return [name, plain[-1].flag, _value(plain[-1])]
    persons = iter(("张三", "李四"))
    unnamed = not any(field.required for field in columns if field.identity)
    told = []
    for column in columns:
        if column.kind.names != "branch" and (column.required or (unnamed and column.identity and not column.mask)):
            flag = f"--{column.option}" if column.option else column.flag
            values = persons if column.kind.many else [next(persons) if column.kind.names else _value(column)]
            told += [word for value in values for word in (flag, value)]
    return told


def _value(column: "column.Column") -> str:
    ours = {"姓名": "王五", "党组织名称": "神经内科党支部"}
    return ours.get(column.heading) or column.kind.example.replace(".", "-") or column.heading


def _target(ledger: str) -> Any:
    """The argument that names a record."""
    place, help = {
        "member": ("姓名或工号", "党员的姓名、工号或编号"),
        "branch": ("名称或编号", "党组织的名称或编号"),
    }.get(ledger, ("编号", f"编号，用 partybuild {ledger} list 查看"))
    return argument(place, help, autocompletion=options.COMPLETERS.get(ledger))


def _add(ledger: str, own: Own) -> Callable[..., object]:
    record = record_of(ledger)
    about = record.about

    def run(*, json: AsJson = False, **values: Said) -> None:
        values, filled = _told(record, values)
        many = adding.many(**values) if "all" in values else None
        filled = own.completed(filled, values) if own.completed else filled
        spoken_for = {about.key} if many and about else set()
        missing = [each for each in record.columns.values() if each.needed and each.key not in {*filled, *spoken_for}]
        interview = adding.Interview(record, filled, spoken_for) if screen.on_terminal() else None
        if interview:
            interview.fill(missing)
        elif missing:
            names = "、".join(f"{column.flag}（{column.heading}）" for column in missing)
            raise UsageFault(f"缺少选项 {names}。用 partybuild {ledger} add --help 查看写法。")
        while True:
            cells, meant = (filled, many) if many or not about else adding.read(record, filled)
            if meant and (home := adding.branch_of(cells.get("branch"))):
                cells["branch"] = filled["branch"] = home
            line = interview.line(cells, meant) if interview else []
            try:
                with writing() as (connection, change):
                    rows = adding.rows(record, about, cells, meant, roster_of(connection)) if about else [cells]
                    rows = own.worked_out(connection, rows) if own.worked_out else rows
                    drafts = editing.add_records(connection, change, record, rows)
                    views = editing.read_some(connection, record, [*map(attrgetter("number"), drafts)])
                break
            except (InputProblems, UsageFault) as fault:
                if not interview or not interview.asked:
                    raise
                interview.again(fault.sentence)
        screen.warn(drafts)
        if json:
            documents = [screen.as_document(record, view) for view in views]
            screen.document(documents if len(documents) > 1 else documents[0])
            return
        if len(views) > _EACH:
            numbers = f"{len(views)} 条，编号 {views[0].number} 至 {views[-1].number}"
            screen.say(f"已登记到{record.caption} {numbers}：{screen.title_of(record, views[0])}等。")
        for view in views if len(views) <= _EACH else ():
            said = f"已登记到{record.caption}，编号 {view.number}：{screen.title_of(record, view)}。"
            screen.say(said + (own.remark(view) if own.remark else ""))
        if line:
            ask.teach(line)

    further = [*(own.further("add") if own.further else ()), *(adding.parameters(record) if about else ())]
    return signed(run, [*_options_of(record, adding=True), *further])


def _list(ledger: str, own: Own) -> Callable[..., object]:
    record = record_of(ledger)
    kinds = record.columns["kind"].kind.words if "kind" in record.columns else ()
    which = option("字段=值", "只看这一项是这样的，如 place=示教室；!= 是不这样的，值空着是没填的；可重复")

    def run(
        branch: OfBranch = None,
        member: Annotated[Several, option("姓名", "只看与这名党员有关的；可重复", autocompletion=MEMBERS)] = None,
        group: Annotated[Text, option("党小组", "只看这个党小组的")] = None,
        kind: Annotated[Text, option("类别", "只看这一类的", autocompletion=lazy.words(kinds))] = None,
        period: Annotated[
            Period | None, option("期间", "只看这一期的，如 2026Q3、2026-09、上月", parser=period_of)
        ] = None,
        where: Annotated[Several, which] = None,
        search: Annotated[Text, option("文字", "只看哪里写有这些字的；跨台账找用 partybuild search 文字")] = None,
        sum: Annotated[Several, option("字段", "另算这一项的合计，如 hours；可重复")] = None,
        as_of: AsOf = None,
        all: Annotated[bool, flag("--all", "显示所有列")] = False,
        full: Full = False,
        json: AsJson = False,
    ) -> int:
        members = tuple(adding.parted(member))
        wheres = [*(where or ()), *([f"kind={kind}"] if kind else ())]
        with reading() as connection:
            past = query.go_back(connection, as_of, [record]) if as_of is not None else None
            roster = roster_of(connection)
            wanted = query.Wanted(branch, members, period, group=group)
            found = query.fetch(connection, record, wanted, as_of=past.day if past else None, roster=roster)
            found = query.sift(record, found, wheres, search)
            theirs = [roster.shown(roster.member(name)) for name in members]
            sums = query.sums_of(record, sum or [], found, theirs)
        if json:
            screen.documents(screen.as_document(record, view, full) for view in found)
        elif all and screen.to_terminal():
            fields = ((view.number, screen.field_lines(screen.pairs_of(record, view, full))) for view in found)
            screen.paged([line for number, lines in fields for line in (f"编号 {number}", *lines)])
        else:
            keys = record.columns if all else record.brief
            screen.records(record, found, [key for key in keys if not record.columns[key].private], full)
        (screen.note if json else screen.say)(*sums)
        if not found and period:
            refuse_future(period, date.today())
        untold = past.untold(record.ledger) if past else ""
        if past and untold:
            screen.note(f"注意：{untold}在 {past.day} 的样子说不出来，因为日志已损坏，没有列出。")
        return 1 if untold else 0

    lacking = {"member": ledger == "branch", "kind": "kind" not in record.columns, "period": not record.date}
    return signed(run, [], without=[key for key, lacks in lacking.items() if lacks])


def _show(ledger: str, own: Own) -> Callable[..., object]:
    target = _target(ledger)

    def run(
        record_name: Annotated[str, target],
        as_of: AsOf = None,
        full: Full = False,
        private: Annotated[bool, flag("--private", "显示不公开的内容（如谈话内容）")] = False,
        json: AsJson = False,
    ) -> None:
        record = record_of(ledger)
        with reading() as connection:
            past = query.go_back(connection, as_of, [record]) if as_of is not None else None
            try:
                number = number_of(connection, ledger, record_name)
                view = editing.read_one(connection, record, number, past.day if past else None)
            except NotFound:
                if past is not None:
                    past.must_tell(ledger)  # it may be one of those that cannot be told
                raise
            files = [file.name for file in evidence.kept(connection, ledger, number)]
        if json:
            screen.document(screen.as_document(record, view, full, private) | ({"files": files} if files else {}))
        else:
            attached = [("佐证文件", "、".join(files))] if files else []
            screen.fields([*screen.pairs_of(record, view, full, private), *attached], f"{record.caption} 编号 {number}")

    return run


def _edit(ledger: str, own: Own) -> Callable[..., object]:
    record, target = record_of(ledger), _target(ledger)
    further = own.further("edit") if own.further else []
    dated = "、".join(column.heading for column in record.columns.values() if column.dated)
    begins = option("日期", f"从哪天起；不写是今天。用于{dated}", "--from")

    def run(
        record_name: Annotated[str, target],
        *,
        clear: Annotated[Several, option("字段", "清空一个字段，写选项名，如 note；可重复")] = None,
        since: Annotated[Text, begins] = None,
        correct: Annotated[bool, flag("--correct", "不是变动，是一直登记错了：此前的也一起改正")] = False,
        json: AsJson = False,
        **values: Said,
    ) -> None:
        if since and correct:
            raise UsageFault("--from 是从那天起变动，--correct 是一直登记错了，请只写一个。")
        if not clear and all(value in (None, [], False) for value in values.values()):
            raise UsageFault(f"没有写要改什么。用 partybuild {ledger} edit --help 查看写法。")
        values, cells = _told(record, values)
        erase, said = [_cleared(record, name) for name in clear or ()], ""
        with writing() as (connection, change):
            number = number_of(connection, ledger, record_name)
            if own.entailed:
                cells, said = own.entailed(connection, number, cells, erase, values)
            draft = editing.edit_record(connection, change, record, number, cells, erase, since=since, correct=correct)
            view = editing.read_one(connection, record, number)
        if said:
            screen.note(f"注意：{said}")
        if draft.changes:
            screen.warn([draft])
        elif blank := [key for key, said in cells.items() if record.columns[key].kind.parse(said) is None]:
            screen.note(f"写空的不改。要清空一项用 --clear，如 --clear {blank[0].replace('_', '-')}。")
        if json:
            screen.document(screen.as_document(record, view))
            return
        for field in draft.changes:
            when = f"（自 {field.since} 起）" if field.since else "（此前也是）" if field.before == field.after else ""
            screen.say(f"{screen.difference(record, field)}{when}")
        screen.say(f"已修改{record.caption}编号 {number}。" if draft.changes else "没有不同之处，什么也没有改。")
        if since is None and any(field.since for field in draft.changes):
            screen.note("此前的仍按原来的算。从别的日子起的，加 --from 日期；一直登记错了的，加 --correct。")

    columns = _options_of(record, adding=False, taken=[each.name for each in further])
    return signed(run, [*columns, *further], without=() if dated else ("since", "correct"))


def _cleared(record: "type[declare.Record]", name: str) -> str:
    """The column that is to be emptied. UsageFault where there is none called so, or one that cannot be empty."""
    column = query.column_named(record, name)
    if column is None:
        more = f"用 partybuild {record.ledger} edit --help 查看。"
        raise UsageFault(f"--clear 后面的“{name}”不是{record.caption}的字段。{more}")
    if column.required:
        raise UsageFault(f"“{column.heading}”必须填写，不能清空。")
    return column.key


def _remove(ledger: str, own: Own) -> Callable[..., object]:
    target = _target(ledger)

    def run(record_name: Annotated[str, target], yes: Yes = False) -> None:
        record = record_of(ledger)
        with reading() as connection:
            view = editing.read_one(connection, record, number_of(connection, ledger, record_name))
        called = f"{record.caption}编号 {view.number}"
        ask.agree(f"将删除{called}（{screen.title_of(record, view)}）。", yes, "没有删除。")
        with writing() as (connection, change):
            editing.remove_record(connection, change, record, view.number)
        screen.say(f"已删除{called}。误删可用 partybuild undo 恢复。")

    return run


def _told(record: "type[declare.Record]", values: Mapping[str, Said]) -> tuple[dict[str, Said], Cells]:
    """What options said, names of `@file` and of standard input in their places; and the cells, people of one as one list."""
    values, cells = dict(values), {}
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = value = [name for each in value for name in options.listed(each)]
        if key in record.columns and value not in (None, []):
            cells[key] = "、".join(value) if isinstance(value, list) else str(value)
    return values, cells


def _options_of(record: "type[declare.Record]", adding: bool, taken: Collection[str] = ()) -> list[Parameter]:
    """An option for each column that a command may set; `--on` stands for the record's own day.

    Whoever names people may name several; a single person of a new record may be several too, who then get one each.
    Second names that are `taken` mean something else.
    """
    found = []
    for column in record.columns.values():
        if column.computed:
            continue
        flags, choices, each = [column.flag], column.kind.words, column is record.one_each
        flags += [f"--{column.option}"] if column.option and column.option not in taken else []
        flags += ["--on"] if column is record.own_day else []
        several = column.kind.many or column.kind.links or (adding and each)
        parts = [column.heading, column.help or "", "可选：" + " ".join(choices) if len(choices) > 4 else ""]
        parts += ["可重复，每人登记一条" if each else "可重复"] if several else []
        few = "|".join(choices) if 0 < len(choices) <= 4 else column.kind.label
        help = (f"{lazy.NEEDED} " if adding and column.needed else "") + "；".join(filter(None, parts))
        complete = options.COMPLETERS.get(column.kind.names) or (lazy.words(choices) if choices else None)
        says = option("姓名[:说明]" if column.kind.many else few, help, *flags, autocompletion=complete)
        found.append(parameter(column.key, Annotated[Several if several else Text, says]))
    return found
