"""`backup`: a checked copy while the book is in use (备份); `restore`: one takes the book's place (恢复)."""

from contextlib import suppress
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, Yes
from partybuild_cli.cli.session import book_path, the_book
from partybuild_cli.errors import Busy, Unfit

if TYPE_CHECKING:
    from partybuild_cli.store.backup import Room

app, restore_app = Commands(), Commands()

#: What a backup was made for, or before.
_OCCASIONS = {
    "manual": "手工",
    "change": "大批改动前",
    "undo": "撤销前",
    "restore": "恢复前",
    "upgrade": "升级前",
    "quarter": "季度归档",
}


@app.command(example="partybuild backup")
def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[文件]", help="备份成哪个文件；不写则放进数据库旁的备份文件夹")
    ] = None,
    list: Annotated[bool, typer.Option("--list", help="列出备份文件夹中已有的备份")] = False,
    json: AsJson = False,
) -> None:
    """备份数据库；使用中也可以备份，备份经完整性和行数检查才算数。手工备份一直留着，自动备份越早留得越稀。"""
    from partybuild_cli import effects
    from partybuild_cli.store import backup as store
    from partybuild_cli.store.evidence import copy_along, folder_of

    book = the_book(context)
    if list:
        _list(book.path, json)
        return
    along = 0
    if file is None:
        done = store.back_up(book.path, "manual")
    else:
        _refuse(book.path, file)
        done = store.copy(book.path, file)
        along = copy_along(book.path, file)
    effects.wrote(done.path)
    with suppress(Busy), book.writing() as connection:  # a book on a disk that only reads can be backed up too
        store.note(connection)
    room = store.room(book.path)
    if json:
        taken = {"files": room.files, "bytes": room.size}
        screen.document({"file": str(done.path), "bytes": done.size, "rows": done.rows, "folder": taken})
        return
    records = done.rows.get("member", 0)
    screen.say(f"已备份到 {done.path}（{done.size // 1024 + 1} KB，党员 {records} 名），完整性和行数检查通过。")
    if along:
        screen.say(f"{along} 个佐证文件备份在 {folder_of(done.path)}，请和备份放在一起。")
    if file is None:
        screen.note(f"{_taken(room)}。")


def _taken(room: "Room") -> str:
    return f"备份文件夹里有 {room.files} 个文件，共 {screen.megabytes(room.size)}"


def _list(book: Path, json: bool) -> None:
    """The backups, newest first, then what else a book could be restored from: renamed, or damaged and put aside."""
    from partybuild_cli.store import backup as store

    made = {one.path: one.occasion for one in reversed(store.made(book))}
    found = [(path, made.get(path), path.stat().st_size) for path in [*made, *store.others(book)]]
    if json:
        screen.document([{"file": str(path), "bytes": size, "occasion": what} for path, what, size in found])
        return
    lines = ([str(path), _OCCASIONS.get(what or "", "其他"), str(size // 1024 + 1)] for path, what, size in found)
    screen.rows(["备份", "用途", "KB"], lines, right=("KB",))
    if found:
        screen.note(f"{_taken(store.room(book))}。恢复：partybuild restore 文件")
        screen.note("手工的和恢复前的备份一直留着，不再需要的请自行删除。")
    else:
        screen.note("还没有备份。")


def _refuse(book: Path, file: Path) -> None:
    if file.is_dir():
        raise Unfit(f"{file} 是文件夹，请写明文件名，如 {file / 'partybuild.db'}。")
    if lexists(file):
        same = "就是正在使用的数据库" if file.exists() and file.samefile(book) else "已经存在"
        raise Unfit(f"{file} {same}，没有覆盖它。请换一个文件名。")


@restore_app.command(example="partybuild restore 备份.db --yes")
def restore(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[文件]", help="备份文件，用 partybuild backup --list 查看；不写是最近一份")
    ] = None,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """从备份恢复；先检查备份再替换，被替换的数据库留在备份文件夹中。也用于搬到新电脑。"""
    from partybuild_cli.store import backup as store
    from partybuild_cli.store.history import this_command
    from partybuild_cli.store.restore import look_at, stranger
    from partybuild_cli.store.restore import restore as put_back

    book = book_path(context)
    file = file or store.latest(book)
    look_at(book, file)
    another = f"{said}。" if (said := stranger(book, file)) else ""
    if book.exists() and not ask.confirm(f"{another}将用 {file} 替换 {book} 现在的全部内容。", yes):
        screen.say("没有恢复。")
        return
    done = put_back(book, file, this_command())
    if json:
        replaced = str(done.replaced) if done.replaced else None
        screen.document({"restored": str(file), "replaced": replaced, "warning": done.warning, "rows": done.rows})
        return
    screen.say(f"已从 {file} 恢复到 {book}，检查通过，党员 {done.rows.get('member', 0)} 名。")
    if done.replaced:
        screen.say(f"原来的数据库留在 {done.replaced}。")
    if done.warning:
        screen.note(f"注意：{done.warning}。")
