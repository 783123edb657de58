"""`quarterly`: what cron runs at night (定期导出)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import book_path, the_book

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
    notify_file: Annotated[
        Path | None, typer.Option(metavar="文件", help="没有成功时，把原因和从何时起写进这个文件；成功后它自动消失")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出清单")] = False,
) -> None:
    """导出一个季度的全部台账、指数和公示表；可反复运行，记录不变则文件一字节不变。用 last 时，以前漏下的季度一起补上。"""
    from partybuild_cli.cli.ask import required
    from partybuild_cli.cli.periods import quarter_of
    from partybuild_cli.reports import runs
    from partybuild_cli.reports.quarterly import run_quarter

    folder = Path(required("--out", "放到哪个文件夹", str(out) if out else None))
    path = book_path(context)
    with runs.recorded(path, period, notify_file) as known:
        wanted = quarter_of(period)
        book = the_book(context)
        late = runs.missed(path, folder, wanted) if period == "last" else []
        for quarter in (wanted, *late):
            done = run_quarter(book, quarter, folder, None if json else screen.note)
            runs.succeeded(known, quarter.label, done.folder)
            tell_kept(done)
            if quarter is wanted:
                asked = done
            else:
                screen.note(f"{quarter.label} 还没有归档，一起补上了。")
    if json:
        kept, made_up = [*asked.beside, *asked.others], [one.label for one in late]
        told = {"folder": str(asked.folder), "changed": asked.changed, "kept": kept, "made_up": made_up}
        screen.document({**told, **asked.manifest})
        return
    screen.say(f"{asked.folder}：{len(asked.manifest['files'])} 个文件" + ("" if asked.changed else "，与上次完全相同"))


def tell_kept(done: "Delivered") -> None:
    """What a person has put into the folder or edited there, and that it stays."""
    for name, new in done.beside.items():
        screen.note(f"{name} 改过，或者是自己放的，原样留着；这次的写成 {new}。")
    if done.others:
        screen.note(f"文件夹里自己放的没有动：{'、'.join(done.others)}。")
