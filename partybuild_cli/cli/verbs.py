"""The five verbs of every ledger (登记 查看 修改 删除), made from its declaration: add, list, show, edit, remove."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from importlib import import_module
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, cast

from typer import Typer
from typer.core import TyperCommand
from typer.main import get_command

from partybuild_cli import effects
from partybuild_cli.cli import ask, lazy, options, screen, whom
from partybuild_cli.cli.lazy import LazyCommand, LazyGroup, Several, Text, parameter
from partybuild_cli.cli.options import AsJson, Cells, Full, Own, Said, Yes
from partybuild_cli.cli.session import number_of, reading, roster_of, writing
from partybuild_cli.errors import InputProblems, NotFound, UsageFault
from partybuild_cli.records.base.registry import captions
from partybuild_cli.records.base.registry import record as record_of
from partybuild_cli.values.period import Period, refuse_future

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record

#: Ledger -> the module under `commands/` in which it has more: its `<ledger>_app`, and what its verbs do besides, `<ledger>_own`.
_MORE = {"meeting": "meeting", "dues": "dues"} | dict.fromkeys(
    ("member", "service", "tenure", "post", "development", "task"), "ledgers"
)


_EACH = 3  # so many new records of one command are told one by one
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
    make = {"add": _add, "list": _list, "show": _show, "edit": _edit, "remove": _remove}[verb]
    app = Typer(add_completion=False)
    app.command(verb, cls=lazy.ChineseCommand, help=f"{_VERBS[verb]}{captions()[ledger]}")(
        lazy.signed(*make(ledger, own))
    )
    command = cast(lazy.ChineseCommand, get_command(app))
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
    completer = options.COMPLETERS.get(ledger)
    says = lazy.argument(place, help, autocompletion=completer)
    return parameter("record_name", Annotated[str, says], Parameter.empty)


def _add(ledger: str, own: Own) -> Made:
    record = record_of(ledger)
    about = record.about

    def run(json: bool, **values: Said) -> None:
        from partybuild_cli.records.base.editing import add_records, read_some

        values, filled = _told(record, values)
        many = whom.many_of(values) if "all" in values else None
        if own.completed:
            filled = own.completed(filled, values)
        spoken_for = {about.key} if many and about else set()
        unsaid = record.columns.keys() - filled.keys() - spoken_for
        missing = [column for key, column in record.columns.items() if key in unsaid and column.needed]
        interview, line = None, list[str]()
        if screen.on_terminal():
            from partybuild_cli.cli.adding import Interview

            interview = Interview(record, filled, spoken_for)
            interview.fill(missing)
        elif missing:
            names = "、".join(f"{column.flag}（{column.heading}）" for column in missing)
            raise UsageFault(f"缺少选项 {names}。用 partybuild {ledger} add --help 查看写法。")
        while True:
            cells, meant = (filled, many) if many or not about else whom.read(record, filled)
            if meant and (home := whom.branch_of(cells.get("branch"))):
                cells["branch"] = filled["branch"] = home
            if interview and interview.asked:
                line = [ledger, "add", *interview.flags(cells), *(meant.words() if meant else ())]
                effects.so_far().command = line  # the answers are part of it: the log shall have it whole
            try:
                with writing() as (connection, change):
                    rows = whom.rows(record, about, cells, meant, roster_of(connection)) if about else [cells]
                    if own.worked_out:
                        rows = own.worked_out(connection, rows)
                    drafts = add_records(connection, change, record, rows)
                    told = read_some(connection, record, [draft.number or 0 for draft in drafts])
                break
            except (InputProblems, UsageFault) as fault:
                if not interview or not interview.asked:
                    raise
                filled = interview.again(fault.sentence)
        screen.warn(drafts)
        if json:
            documents = [screen.as_document(record, one) for one in told]
            screen.document(documents if len(documents) > 1 else documents[0])
            return
        if len(told) > _EACH:
            numbers = f"{len(told)} 条，编号 {told[0].number} 至 {told[-1].number}"
            screen.say(f"已登记到{record.caption} {numbers}：{screen.title_of(record, told[0])}等。")
        for one in told if len(told) <= _EACH else ():
            said = f"已登记到{record.caption}，编号 {one.number}：{screen.title_of(record, one)}。"
            screen.say(said + (own.remark(one) if own.remark else ""))
        if line:
            ask.teach(line)

    further = [*(own.further("add") if own.further else ()), *(whom.parameters(record) if about else ())]
    columns = _options_of(record, adding=True)
    return run, [*columns, *further, parameter("json", AsJson, False)]


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
        from partybuild_cli.records.base.query import Wanted, fetch, go_back, sift, sums_of

        members = tuple(whom.parted(asked.get("member")))
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

    return run, _sifting_of(record)


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

    private = Annotated[bool, lazy.flag("--private", "显示不公开的内容（如谈话内容）")]
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
        values, cells = _told(record, values)
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

    emptied = lazy.option("字段", "清空一个字段，写选项名，如 note；可重复")
    columns = _options_of(record, adding=False, taken=[one.name for one in further])
    tail = [parameter("clear", Annotated[Several, emptied]), *_holding(record), parameter("json", AsJson, False)]
    return run, [_target(ledger), *columns, *further, *tail]


def _remove(ledger: str, own: Own) -> Made:
    def run(record_name: str, yes: bool) -> None:
        from partybuild_cli.records.base.editing import read_one, remove_record

        record = record_of(ledger)
        with reading() as connection:
            told = read_one(connection, record, number_of(connection, ledger, record_name))
        sure = f"将删除{record.caption}编号 {told.number}（{screen.title_of(record, told)}）。"
        ask.agree(sure, yes, "没有删除。")
        with writing() as (connection, change):
            remove_record(connection, change, record, told.number)
        screen.say(f"已删除{record.caption}编号 {told.number}。误删可用 partybuild undo 恢复。")

    return run, [_target(ledger), parameter("yes", Yes, False)]


def _told(record: "type[Record]", values: Mapping[str, Said]) -> tuple[dict[str, Said], Cells]:
    """What options said, names of `@file` and of standard input in their places; and the cells, people of one as one list."""
    values, cells = dict(values), {}
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = value = [name for one in value for name in options.listed(one)]
        if key in record.columns and value not in (None, []):
            cells[key] = "、".join(value) if isinstance(value, list) else str(value)
    return values, cells


def _options_of(record: "type[Record]", adding: bool, taken: Collection[str] = ()) -> list[Parameter]:
    """An option for each column that a command may set; `--on` stands for the record's own day.

    Whoever names people may name several; a single person of a new record may be several too, who then get one each.
    Second names that are `taken` mean something else.
    """
    found = []
    for column in record.columns.values():
        if column.computed:
            continue
        flags, choices, each = [column.flag], column.kind.words, column is record.one_each
        if column.option and column.option not in taken:
            flags.append(f"--{column.option}")
        if column is record.own_day:
            flags.append("--on")
        several = column.kind.many or column.kind.links or (adding and each)
        parts = [column.heading, column.help or "", "可选：" + " ".join(choices) if len(choices) > 4 else ""]
        parts += ["可重复，每人登记一条" if each else "可重复"] if several else []
        few = "|".join(choices) if 0 < len(choices) <= 4 else column.kind.label
        complete = options.COMPLETERS.get(column.kind.names) or (lazy.words(choices) if choices else None)
        says = lazy.option(
            "姓名[:说明]" if column.kind.many else few,
            (f"{lazy.NEEDED} " if adding and column.needed else "") + "；".join(filter(None, parts)),
            *flags,
            autocompletion=complete,
            show_default=False,
        )
        found.append(parameter(column.key, Annotated[Several if several else Text, says]))
    return found


def _holding(record: "type[Record]") -> list[Parameter]:
    """From when what is edited holds, where something of the record holds for a time."""
    headings = "、".join(column.heading for column in record.columns.values() if column.dated)
    begins = lazy.option("日期", f"从哪天起；不写是今天。用于{headings}", "--from")
    wrong = lazy.flag("--correct", "不是变动，是一直登记错了：此前的也一起改正")
    both = [parameter("since", Annotated[Text, begins]), parameter("correct", Annotated[bool, wrong], False)]
    return both if headings else []


def _sifting_of(record: "type[Record]") -> list[Parameter]:
    """What `list` may be asked for."""
    kind = record.columns.get("kind")
    which = "只看这一项是这样的，如 place=示教室；!= 是不这样的，值空着是没填的；可重复"
    asked = {
        "member": lazy.option("姓名", "只看与这名党员有关的；可重复", autocompletion=options.COMPLETERS["member"]),
        "group": lazy.option("党小组", "只看这个党小组的"),
        "kind": lazy.option("类别", "只看这一类的", autocompletion=lazy.words(kind.kind.words if kind else ())),
        "period": lazy.option("期间", "只看这一期的，如 2026Q3、2026-09、上月", parser=options.period_of),
        "where": lazy.option("字段=值", which),
        "search": lazy.option("文字", "只看哪里写有这些字的；跨台账找用 partybuild search 文字"),
        "sum": lazy.option("字段", "另算这一项的合计，如 hours；可重复", "--sum"),
    }
    lacking = {"member": record.ledger == "branch", "kind": kind is None, "period": not record.date}
    types = dict.fromkeys(("member", "where", "sum"), Several) | {"period": Period | None}
    every = lazy.flag("--all", "显示所有列")
    return [
        parameter("branch", options.OfBranch),
        *(parameter(key, Annotated[types.get(key, Text), says]) for key, says in asked.items() if not lacking.get(key)),
        parameter("as_of", options.AsOf),
        parameter("all", Annotated[bool, every], False),
        parameter("full", Full, False),
        parameter("json", AsJson, False),
    ]
