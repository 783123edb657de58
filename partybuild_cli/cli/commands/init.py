"""`init`: a new book with its first branch (新建数据库)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Context, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import required
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.secret import new_key
from partybuild_cli.cli.session import book_path, key_file
from partybuild_cli.store.driver import sqlcipher
from partybuild_cli.store.key import PLAIN, ring

if TYPE_CHECKING:
    from partybuild_cli.store.key import Lock

app = Commands()


@app.command(example="partybuild init --branch 神经内科党支部")
def init(
    context: Context,
    branch: Annotated[str | None, Option(metavar="名称", help="[必填] 第一个党支部的名称，如 神经内科党支部")] = None,
    kind: Annotated[str, Option(metavar="类别", help="党委、党总支、党支部或党小组")] = "党支部",
    parent: Annotated[str | None, Option(metavar="名称", help="上级党组织")] = None,
    encrypt: Annotated[bool, Option("--encrypt", help="给数据库加密；密钥来自 --key-file，不写则询问")] = False,
) -> None:
    """新建数据库和第一个党支部；已有数据库时不会覆盖。"""
    from partybuild_cli.records.base.editing import found

    name = required("--branch", "党支部名称", branch)
    path = book_path(context)
    found(path, {"name": name, "kind": kind, "parent": parent}, _lock(path, key_file(context)) if encrypt else PLAIN)
    screen.say(f"已新建{'加密的' if encrypt else ''}数据库 {path}，第一个{kind}是{name}。")
    if key_file(context) and not encrypt:
        screen.note("给了密钥文件，但数据库没有加密。要加密请运行 partybuild encrypt。")
    screen.say("接下来：partybuild import 花名册.xlsx 导入花名册，或 partybuild member add 登记党员。")


def _lock(path: Path, file: Path | None) -> "Lock":
    """The lock of a book that is yet to be made; nobody is asked for a key where it cannot be."""
    from partybuild_cli.store.engine import refuse_existing

    sqlcipher()
    refuse_existing(path)
    return ring().new_lock(new_key(file, "--key-file"))
