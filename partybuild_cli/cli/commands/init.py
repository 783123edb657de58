"""`init`: a new book with its first branch (新建数据库)."""

from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import required
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import book_path

app = Commands()


@app.command()
def init(
    context: typer.Context,
    branch: Annotated[str | None, typer.Option(metavar="名称", help="第一个党支部的名称，如 神经内科党支部")] = None,
    kind: Annotated[str, typer.Option(metavar="类别", help="党委、党总支、党支部或党小组")] = "党支部",
    parent: Annotated[str | None, typer.Option(metavar="名称", help="上级党组织")] = None,
) -> None:
    """新建数据库和第一个党支部；已有数据库时不会覆盖。"""
    from partybuild_cli.records.base.founding import found

    name = required("--branch", "党支部名称", branch)
    path = book_path(context)
    found(path, {"name": name, "kind": kind, "parent": parent})
    screen.say(f"已新建数据库 {path}，第一个{kind}是{name}。")
    screen.say(pasteable("接下来：partybuild import 花名册.xlsx 导入花名册，或 partybuild member add 登记党员。"))
