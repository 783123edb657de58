"""What was changed (变更日志): `log`, `log show N` in full, `log verify` checks the chain, `undo`; and `settings`, what the unit
decides once (本单位设定).
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

from typer import Context

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import agree
from partybuild_cli.cli.lazy import Commands, Text, argument, by_itself, flag, option
from partybuild_cli.cli.options import AsJson, positive, whole
from partybuild_cli.cli.session import reading, the_book, writing
from partybuild_cli.errors import UsageFault

if TYPE_CHECKING:
    from partybuild_cli.store.history import Entry

_SETTINGS = "本单位定一次的事：建立了哪些制度、公示受理人、党费取整等。不写子命令就是 show。"
app, undo_app = Commands("谁在什么时候改了什么。", "partybuild log --limit 5"), Commands()
settings_app = Commands(_SETTINGS, "partybuild settings show")

#: Action -> what it is called in words, and in JSON.
_DEEDS = {
    "add": ("新增", "added"), "edit": ("修改", "changed"), "remove": ("删除", "removed"), "forget": ("抹除", "erased"),
}  # fmt: skip
#: So many records of a change are named before the clerk is asked about it.
_SHOWN = 10


@app.callback(invoke_without_command=True)
def log(
    context: Context,
    limit: Annotated[int, option("条数", "显示最近的多少条", parser=positive)] = 20,
    json: AsJson = False,
) -> None:
    """列出最近的变更，最新的在前；每个命令一条，可用 partybuild undo 编号 撤销。"""
    if not by_itself(context):
        return
    from partybuild_cli.store.history import entries

    with reading() as connection:
        found = entries(connection, limit)
    if json:
        screen.document([_as_json(one) for one in found])
        return
    lines = ([str(one.number), screen.local_time(one.at), one.user, _did(one), one.command] for one in found)
    count = screen.rows(["编号", "时间", "用户", "改动", "命令"], lines, right=("编号",))
    screen.note(f"共 {count} 条。用 partybuild log show 编号 看明细。")


@app.command(example="partybuild log show 1")
def show(
    number: Annotated[int, argument("编号", "变更编号，用 partybuild log 查看", parser=whole)], json: AsJson = False
) -> int:
    """看一次变更的明细：每条记录改前改后；身份证号、电话打码。"""
    from partybuild_cli.records.base.diff import tell_change
    from partybuild_cli.store.history import entry

    with reading() as connection:
        one, rows = entry(connection, number), list(tell_change(connection, number))
    broken, records = sum(row.damaged for row in rows), list[dict[str, object]]()
    for row in rows if json else ():
        fields = [{"field": one.field, "before": one.before or None, "after": one.after or None} for one in row.fields]
        told = {"ledger": row.ledger, "number": row.number, "action": row.action, "fields": fields}
        records.append({**told, "damaged": True} if row.damaged else told)
    if json:
        screen.document({**_as_json(one), "records": records})
        return 1 if broken else 0
    pairs = [("时间", screen.local_time(one.at)), ("用户", one.user), ("命令", one.command), ("改动", _did(one))]
    screen.fields(pairs, f"第 {one.number} 次变更")
    for row in rows:
        unread = "（这一行已损坏，读不出来）" if row.damaged else ""
        screen.say(f"{_DEEDS[row.action][0]} {row.caption} 编号 {row.number}{unread}")
        for field in row.fields:
            both = f"{field.before or '（空）'} → {field.after or '（空）'}"
            since = f"（自 {field.since} 起）" if field.since else ""
            screen.say(f"  {field.field}：{both if row.action == 'edit' else field.after or field.before}{since}")
    if broken:
        hint = "请用 partybuild doctor 查明，用 partybuild restore 对照备份。"
        screen.note(f"注意：第 {one.number} 次变更有 {broken} 行已损坏，{hint}")
    return 1 if broken else 0


@app.command(example="partybuild log verify")
def verify(json: AsJson = False) -> int:
    """核对日志的校验链，指出第一条在本程序之外被改过的记录；有改动时退出码为 1。"""
    from partybuild_cli.store.chain import verify as check

    with reading() as connection:
        verdict = check(connection)
    fine = f"日志完整：{verdict.entries} 条，与写入时一致。"
    altered = f"日志第 {verdict.altered} 条在本程序之外被改动过（{verdict.reason}），从这一条起不能再作凭证。"
    compare = "请保留现在的文件，用 partybuild restore 恢复改动之前的备份来对照。"
    document = {"entries": verdict.entries, "altered": verdict.altered, "reason": verdict.reason or None}
    screen.answer(json, document, fine if verdict.altered is None else altered + compare)
    return 0 if verdict.altered is None else 1


def _did(one: "Entry") -> str:
    words = [f"{word} {one.counts[action]}" for action, (word, _) in _DEEDS.items() if one.counts[action]]
    words += [f"撤销了第 {one.undoes} 号"] if one.undoes is not None else []
    words += [f"已被第 {one.undone_by} 号撤销"] if one.undone_by is not None else []
    return "，".join(words) or "没有改动记录"


def _as_json(one: "Entry") -> dict[str, object]:
    rows = {key: one.counts[action] for action, (_, key) in _DEEDS.items()}
    undone = {"undoes": one.undoes, "undone_by": one.undone_by}
    return {"change": one.number, "at": one.at, "user": one.user, "command": one.command, **undone, "rows": rows}


@undo_app.command(example="partybuild undo")
def undo(
    number: Annotated[
        int | None, argument("[编号]", "变更编号，用 partybuild log 查看；不写则为最近一次，先显示再问", parser=whole)
    ] = None,
    yes: Annotated[bool, flag("--yes", "不写编号时不问，直接撤销最近一次")] = False,
    json: AsJson = False,
) -> None:
    """整个撤销一次变更（如一次导入）；后来的内容建立在它上面时不撤销，并说明是哪些。撤销本身也可以撤销。"""
    from partybuild_cli.index.archive import take_back_acts
    from partybuild_cli.index.touched import remark_of_past
    from partybuild_cli.records.base.diff import take_back, tell_change
    from partybuild_cli.store.asof import last_standing
    from partybuild_cli.store.history import entry

    if number is None:
        with reading() as connection:
            number = last_standing(connection)
            one, rows = entry(connection, number), list(tell_change(connection, number))
        if not yes and screen.on_terminal():
            screen.note(*(f"  {_DEEDS[row.action][0]} {row.caption} 编号 {row.number}" for row in rows[:_SHOWN]))
            if len(rows) > _SHOWN:
                screen.note(f"  …… 另有 {len(rows) - _SHOWN} 条，用 partybuild log show {number} 查看")
        what = f"最近一次变更是第 {number} 次（{one.command}），{screen.local_time(one.at)}，涉及 {len(rows)} 条记录"
        agree(f"{what}。撤销它？", yes, "没有撤销任何内容。")
    done = take_back(the_book(), number, take_back_acts, remark_of_past)
    said = f"已撤销第 {done.undone} 次变更（{done.command}），涉及 {done.rows} 条记录。"
    screen.answer(json, {"undone": done.undone, "change": done.change, "rows": done.rows}, said)
    if done.comes_back and not json:
        screen.note(f"撤销错了可以恢复：partybuild undo {done.change}")


@settings_app.callback(invoke_without_command=True, help=_SETTINGS)
def settings(context: Context, json: AsJson = False) -> None:
    """Shown where nothing else is asked for."""
    if by_itself(context):
        show_settings(json)


@settings_app.command("show", example="partybuild settings show")
def show_settings(json: AsJson = False) -> None:
    """看每一项现在怎么定的，不定会怎样"""
    from partybuild_cli.records.base.present import as_json, as_text
    from partybuild_cli.records.settings import Settings, settings_of

    with reading() as connection:
        now = settings_of(connection)
    decided = [(key, column, getattr(now, key)) for key, column in Settings.columns.items()]
    if json:
        screen.document({key: None if value is None else as_json(column, value) for key, column, value in decided})
        return
    lines = ([key, one.heading, as_text(one, value) or "（未定）", one.help] for key, one, value in decided)
    screen.rows(["名称", "设置", "现在", "含义"], lines)
    screen.note("修改：partybuild settings set 名称 值，如 partybuild settings set volunteering 是。")


def _keys(context: Context, args: list[str], incomplete: str) -> list[tuple[str, str]]:
    from partybuild_cli.records.settings import Settings

    return [(key, column.heading) for key, column in Settings.columns.items() if key.startswith(incomplete)]


@settings_app.command("set", example="partybuild settings set reception_desk 党委办公室")
def change(
    key: Annotated[str, argument("名称", "用 partybuild settings 查看", autocompletion=_keys)],
    value: Annotated[Text, argument("值", "怎么定，如 是、否、党委办公室")] = None,
    clear: Annotated[bool, flag("--clear", "改回未定")] = False,
) -> None:
    """定下或改一项，记入日志，可以撤销"""
    from partybuild_cli.records.base.editing import add_record, edit_record
    from partybuild_cli.records.base.present import as_text
    from partybuild_cli.records.settings import Settings, settings_of

    names = {column.heading: name for name, column in Settings.columns.items()}
    named = names.get(key) or key.replace("-", "_")
    if named not in Settings.columns:
        near = get_close_matches(named, Settings.columns)
        raise UsageFault(f"没有叫“{key}”的设置，请写 {'、'.join(near or Settings.columns)}。")
    column, cells = Settings.columns[named], {} if value is None else {named: value}
    if (value is None) is not clear:
        how = f"请写值（{column.kind.label}），改回未定请写 --clear"
        raise UsageFault(f"“{column.heading}”的值和 --clear 只写一个：{how}。")
    with writing() as (connection, entry):
        before = settings_of(connection)
        old = getattr(before, named)
        if before.id is not None:  # the first that is known of it holds as far back as the book
            edit_record(connection, entry, Settings, before.id, cells, [named] if clear else [], correct=old is None)
        elif cells:
            add_record(connection, entry, Settings, cells)
        now = getattr(settings_of(connection), named)
    was, said = (as_text(column, one) or "（未定）" for one in (old, now))
    screen.say(f"{column.heading}：{was} → {said}" if was != said else "没有不同之处，什么也没有改。")
    if column.dated and was != said and old is not None:
        screen.note("从今天起算；已经结束的期间仍按原来的。")
