"""`backup`: a checked copy while the book is in use (备份)."""

from contextlib import suppress
from os.path import lexists
from pathlib import Path
from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import the_book
from partybuild_cli.errors import Busy, Unfit

app = Commands()


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[文件]", help="备份成哪个文件；不写则放进数据库旁的备份文件夹")
    ] = None,
    list: Annotated[bool, typer.Option("--list", help="列出备份文件夹中已有的备份")] = False,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """备份数据库；使用中也可以备份，备份经完整性和行数检查才算数。自动备份保留最近 10 份，更早的每月一份。"""
    from partybuild_cli.store import backup as store

    book = the_book(context)
    if list:
        _list(store.kept(book.path), json)
        return
    if file is None:
        done = store.back_up(book.path, "manual")
    else:
        _refuse(book.path, file)
        done = store.copy(book.path, file)
    with suppress(Busy), book.writing() as connection:  # a book on a disk that only reads can be backed up too
        store.note(connection)
    if json:
        screen.document({"file": str(done.path), "bytes": done.size, "rows": done.rows})
        return
    records = done.rows.get("member", 0)
    screen.say(f"已备份到 {done.path}（{done.size // 1024 + 1} KB，党员 {records} 名），完整性和行数检查通过。")


def _list(paths: list[Path], json: bool) -> None:
    if json:
        screen.document([{"file": str(path), "bytes": path.stat().st_size} for path in paths])
        return
    screen.rows(["备份", "KB"], ([str(path), str(path.stat().st_size // 1024 + 1)] for path in paths), right=("KB",))
    screen.note(pasteable(f"共 {len(paths)} 份。恢复：partybuild restore 文件") if paths else "还没有备份。")


def _refuse(book: Path, file: Path) -> None:
    if file.is_dir():
        raise Unfit(f"{file} 是文件夹，请写明文件名，如 {file / 'partybuild.db'}。")
    if lexists(file):
        same = "就是正在使用的数据库" if file.exists() and file.samefile(book) else "已经存在"
        raise Unfit(f"{file} {same}，没有覆盖它。请换一个文件名。")
