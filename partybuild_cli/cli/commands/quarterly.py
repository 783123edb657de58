"""`quarterly`: what cron runs at night (定期导出); `bundle`: what an inspection asks for, in one zip (迎检资料包)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import required
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import InPeriod, OfBranch
from partybuild_cli.cli.session import book_path, number_of, reading, roster_of, the_book
from partybuild_cli.index.quarter import parse_quarter
from partybuild_cli.outputs import Shelf, file_name
from partybuild_cli.reports import runs

if TYPE_CHECKING:
    from partybuild_cli.reports.folder import Delivered
    from partybuild_cli.store.engine import Book

app, bundle_app = Commands(), Commands()


@app.command(example="partybuild quarterly 2026Q3 --out 季度归档")
def quarterly(
    period: Annotated[str, Argument(metavar="[期间]", help="季度，如 2026Q3；定时任务用 last（上一季度）")] = "this",
    out: Annotated[
        Path | None, Option(metavar="文件夹", help="[必填] 放到哪个文件夹；其中按季度各建一个子文件夹")
    ] = None,
    notify_file: Annotated[
        Path | None, Option(metavar="文件", help="没有成功时，把原因和从何时起写进这个文件；成功后它自动消失")
    ] = None,
    branch: OfBranch = None,
    json: Annotated[bool, Option("--json", help="以 JSON 输出清单")] = False,
) -> None:
    """导出一个季度的全部台账、指数和公示表；可反复运行，记录不变则文件一字节不变。用 last 时，以前漏下的季度一起补上。"""
    from partybuild_cli.reports.quarterly import run_quarter

    folder = Path(required("--out", "放到哪个文件夹", str(out) if out else None))
    path = book_path()
    with runs.recorded(path, period, notify_file) as known:
        wanted = parse_quarter(period)
        book = the_book()
        whose = _whose(book, branch)
        late = runs.missed(path, folder, wanted) if period == "last" and whose is None else []
        for quarter in (wanted, *late):
            done = run_quarter(book, quarter, folder, None if json else screen.note, whose)
            if whose is None:  # one branch's folder does not stand for the quarter
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


def _whose(book: "Book", branch: str | None) -> str | None:
    """The full name of the branch that was asked for. NotFound where there is none."""

    if branch is None:
        return None
    with book.reading() as connection:
        return roster_of(connection).branch_names[number_of(connection, "branch", branch)]


def tell_kept(done: "Delivered") -> None:
    """What a person has put into the folder or edited there, and that it stays."""
    for name, new in done.beside.items():
        screen.note(f"{name} 改过，或者是自己放的，原样留着；这次的写成 {new}。")
    if done.others:
        screen.note(f"文件夹里自己放的没有动：{'、'.join(done.others)}。")


@bundle_app.command(example="partybuild bundle 2026Q3")
def bundle(
    period: InPeriod,
    branch: OfBranch = None,
    out: Annotated[Path | None, Option(metavar="文件", help="写到哪个 zip 文件；不写则放在当前文件夹")] = None,
) -> None:
    """迎检资料包：一期的全部台账、公示表、自查表和数据报告，附一张可以点开的目录。"""
    from partybuild_cli.reports.bundle import write_bundle

    whose = _whose(the_book(), branch)
    target = out or Shelf(Path(), screen.note).place(
        f"迎检资料{period.label}{f'-{file_name(whose)}' if whose else ''}.zip"
    )
    with reading() as connection:
        count = write_bundle(connection, period, target, screen.note, whose)
    screen.say(f"{target}：{count} 个文件，先打开其中的 00目录.xlsx。")
