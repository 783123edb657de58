"""`restore`: a backup takes the book's place; what it replaces is kept (恢复)."""

from pathlib import Path
from typing import Annotated

import typer

from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import book_path

app = Commands()


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="文件", help="备份文件；用 partybuild backup --list 查看")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """从备份恢复；先检查备份再替换，被替换的数据库留在备份文件夹中。也用于搬到新电脑。"""
    from partybuild_cli.store.history import this_command
    from partybuild_cli.store.restore import look_at
    from partybuild_cli.store.restore import restore as put_back

    book = book_path(context)
    look_at(book, file)
    if book.exists() and not ask.confirm(f"将用 {file} 替换 {book} 现在的全部内容。", yes):
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
