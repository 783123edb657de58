"""`undo`: take back one command whole (撤销)."""

from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import the_book

app = Commands()


@app.command()
def undo(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="[编号]", help="变更编号，用 partybuild log 查看；不写则撤销最近一次")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """整个撤销一次变更（如一次导入）；后来的内容建立在它上面时不撤销，并说明是哪些。撤销本身也可以撤销。"""
    from partybuild_cli.records.base.changes import take_back

    done = take_back(the_book(context), number)
    if json:
        screen.document({"undone": done.undone, "change": done.change, "rows": done.rows})
        return
    screen.say(f"已撤销第 {done.undone} 次变更（{done.command}），涉及 {done.rows} 条记录。")
    screen.note(pasteable(f"撤销错了可以恢复：partybuild undo {done.change}"))
