"""`index forms`: the workbooks in which members and the committee rate (评议表)."""

from pathlib import Path
from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_common import OfBranch, Quarterly, branch_of
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.session import reading


def forms(
    context: typer.Context,
    quarter: Quarterly,
    out: Annotated[Path, typer.Option("--out", metavar="目录", help="评议表写到这个目录")] = Path(),
    branch: OfBranch = None,
) -> None:
    """写出自评表、每人一份的匿名互评表和组织评定表；填好后用 partybuild import 读回。"""
    from partybuild_cli.index.forms import write_forms

    with reading(context) as connection:
        files = write_forms(connection, quarter, branch_of(connection, branch), out)
    screen.say(f"已写出 {len(files)} 个文件，在 {out.resolve()}。")
    screen.say(pasteable("收回后：partybuild import 文件…；同一个人再交一次，以后交的为准。"))
