"""`bundle`: everything an inspection asks for, in one zip (迎检资料包)."""

from pathlib import Path
from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import reading

app = Commands()


@app.command()
def bundle(
    context: typer.Context,
    period: Annotated[str, typer.Argument(metavar="期间", help="如 2026Q3、2026H1、2026、last")],
    out: Annotated[Path | None, typer.Option(metavar="文件", help="写到哪个 zip 文件；不写则放在当前文件夹")] = None,
) -> None:
    """迎检资料包：一期的全部台账、公示表、自查表和数据报告，附一张可以点开的目录。"""
    from partybuild_cli.cli.periods import period_of
    from partybuild_cli.outputs import Shelf
    from partybuild_cli.reports.bundle import write_bundle

    when = period_of(period)
    target = out or Shelf(Path(), screen.note).place(f"迎检资料{when.label}.zip")
    with reading(context) as connection:
        count = write_bundle(connection, when, target, screen.note)
    screen.say(f"{target}：{count} 个文件，先打开其中的 00目录.xlsx。")
