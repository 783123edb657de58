"""`undo`: take back one command whole (撤销)."""

from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import confirm
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import reading, the_book

app = Commands()


@app.command()
def undo(
    context: typer.Context,
    number: Annotated[
        int | None,
        typer.Argument(metavar="[编号]", help="变更编号，用 partybuild log 查看；不写则为最近一次，先显示再问"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不写编号时不问，直接撤销最近一次")] = False,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """整个撤销一次变更（如一次导入）；后来的内容建立在它上面时不撤销，并说明是哪些。撤销本身也可以撤销。"""
    from partybuild_cli.index.acts import take_back_acts
    from partybuild_cli.records.base.changes import take_back

    target = _last(context, yes) if number is None else number
    if target is None:
        screen.note("没有撤销任何内容。")
        return
    done = take_back(the_book(context), target, take_back_acts)
    if json:
        screen.document({"undone": done.undone, "change": done.change, "rows": done.rows})
        return
    screen.say(f"已撤销第 {done.undone} 次变更（{done.command}），涉及 {done.rows} 条记录。")
    if done.comes_back:
        screen.note(pasteable(f"撤销错了可以恢复：partybuild undo {done.change}"))


def _last(context: typer.Context, yes: bool) -> int | None:
    """The last change that stands, once the clerk has seen it and agreed; None where he does not."""
    from partybuild_cli.records.base.changes import tell_change
    from partybuild_cli.store.journal import entry
    from partybuild_cli.store.undo import last_standing

    with reading(context) as connection:
        number = last_standing(connection)
        one = entry(connection, number)
        rows = list(tell_change(connection, number))
    said = f"最近一次变更是第 {number} 次（{one.command}），{screen.local_time(one.at)}，涉及 {len(rows)} 条记录"
    if not yes and screen.on_terminal():
        for row in rows[:_SHOWN]:
            screen.note(f"  {_DEEDS[row.action]} {row.caption} 编号 {row.number}")
        if len(rows) > _SHOWN:
            screen.note(f"  …… 另有 {len(rows) - _SHOWN} 条，用 partybuild log show {number} 查看")
    return number if confirm(f"{said}。撤销它？", yes) else None


_SHOWN = 10
_DEEDS = {"add": "新增", "edit": "修改", "remove": "删除", "forget": "抹除"}
