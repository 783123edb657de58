"""`manual`: the manual that ships inside (手册)."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.reports import manual as shipped

app = Commands()


@app.command(example="partybuild manual daily")
def manual(
    page: Annotated[str | None, Argument(metavar="[页]", help="哪一页，写名称或标题；不写则列出目录")] = None,
    html: Annotated[Path | None, Option(metavar="文件夹", help="整本写成网页，放进这个文件夹")] = None,
) -> None:
    """随程序附带的手册：列出目录、在终端里看一页，或整本写成网页，不联网也能看。"""
    if html is not None:
        screen.say(f"手册已写成网页，用浏览器打开 {shipped.write_html(html)}。")
    elif page is not None:
        screen.say(shipped.page(page))
    else:
        screen.rows(["页", "标题"], ([name, shipped.title_of(path)] for name, path in shipped.pages().items()))
        screen.note("看一页：partybuild manual 页。整本写成网页：partybuild manual --html 文件夹。")
