"""`encrypt`: a key for the book, another key, or none any more (加密、换密钥、取消加密)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Context, Option

from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson
from partybuild_cli.cli.secret import new_key
from partybuild_cli.cli.session import book_path, key_file
from partybuild_cli.errors import Unfit, UsageFault
from partybuild_cli.store.driver import salt_of, sqlcipher

if TYPE_CHECKING:
    from partybuild_cli.store.encrypt import Relocked

app = Commands()


@app.command(example="partybuild --key-file 密钥.txt encrypt")
def encrypt(
    context: Context,
    new_key_file: Annotated[
        Path | None, Option(metavar="文件", help="新密钥，写在这个文件的第一行；不写则询问")
    ] = None,
    off: Annotated[bool, Option("--off", help="取消加密")] = False,
    yes: Annotated[bool, Option("--yes", help="取消加密时不再询问")] = False,
    json: AsJson = False,
) -> int:
    """给数据库和它的备份加密；已加密的换密钥。以后每个命令都要密钥，密钥丢了记录就打不开。"""
    from partybuild_cli.store.encrypt import relock
    from partybuild_cli.store.engine import open_book
    from partybuild_cli.store.history import this_command

    sqlcipher()
    path = book_path(context)
    book = open_book(path)
    was = salt_of(path) is not None
    if off:
        _refuse(path, was, new_key_file)
        if not ask.confirm(f"将取消 {path} 和备份的加密，拿到文件的人都能读。", yes):
            screen.say("没有取消加密。")
            return 0
        key = None
    else:
        key = new_key(new_key_file or (None if was else key_file(context)), "--new-key-file" if was else "--key-file")
    done = relock(book, key, this_command())
    if json:
        left = [str(one) for one in done.left]
        screen.document({"file": str(path), "encrypted": not off, "backups": len(done.backups), "left": left})
    else:
        _tell(path, "取消加密" if off else "换密钥" if was else "加密", done)
    return 1 if done.left else 0


def _refuse(path: Path, encrypted: bool, new_key_file: Path | None) -> None:
    if new_key_file:
        raise UsageFault("--off 和 --new-key-file 只能用一个，请去掉一个。")
    if not encrypted:
        raise Unfit(f"{path} 没有加密，不用取消。请检查 --db 指定的是不是这个文件。")


def _tell(path: Path, deed: str, done: "Relocked") -> None:
    screen.say(f"已{deed}：{path}" + (f"，连同 {len(done.backups)} 份备份。" if done.backups else "。"))
    if deed != "取消加密":
        screen.say("以后每个命令都要密钥：在终端里会询问；定时任务用 --key-file 或环境变量 PARTYBUILD_KEY_FILE。")
        screen.note("密钥丢了，记录就再也打不开。密钥不要和数据库、备份放在一起。")
    if deed == "换密钥":
        screen.note("以前的密钥打不开它了，原来的密钥文件请跟着换。")
    if deed == "加密":
        screen.note("拷到别处的备份、导出的文件没有加密；磁盘上可能还留有原来文件的痕迹。")
    if done.left:
        names, off = "、".join(str(one) for one in done.left), deed == "取消加密"
        why = "仍是加密的，密钥不同或已损坏" if off else "没有加密，已损坏或不是本程序的，里面可能有个人信息"
        screen.note(f"备份文件夹里还有文件没能一起处理（{why}）：{names}。不再需要的请删除。")
