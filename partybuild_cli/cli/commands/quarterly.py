"""`quarterly`: what cron runs at night (定期导出)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import the_book

if TYPE_CHECKING:
    from partybuild_cli.reports.folder import Delivered

app = Commands()


@app.command()
def quarterly(
    context: typer.Context,
    period: Annotated[
        str, typer.Argument(metavar="[期间]", help="季度，如 2026Q3；定时任务用 last（上一季度）")
    ] = "this",
    out: Annotated[
        Path | None, typer.Option(metavar="文件夹", help="放到哪个文件夹；其中按季度各建一个子文件夹")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出清单")] = False,
) -> None:
    """导出一个季度的全部台账、指数和公示表；可反复运行，记录不变则文件一字节不变。"""
    from partybuild_cli.cli.ask import required
    from partybuild_cli.cli.periods import quarter_of
    from partybuild_cli.reports.quarterly import run_quarter

    folder = Path(required("--out", "放到哪个文件夹", str(out) if out else None))
    done = run_quarter(the_book(context), quarter_of(period), folder, None if json else screen.note)
    tell_kept(done)
    if json:
        kept = [*done.beside, *done.others]
        screen.document({"folder": str(done.folder), "changed": done.changed, "kept": kept, **done.manifest})
        return
    screen.say(f"{done.folder}：{len(done.manifest['files'])} 个文件" + ("" if done.changed else "，与上次完全相同"))


def tell_kept(done: "Delivered") -> None:
    """What a person has put into the folder or edited there, and that it stays."""
    for name, new in done.beside.items():
        screen.note(f"{name} 改过，或者是自己放的，原样留着；这次的写成 {new}。")
    if done.others:
        screen.note(f"文件夹里自己放的没有动：{'、'.join(done.others)}。")
