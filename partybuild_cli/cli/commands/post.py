"""`post card` and `post page`: the card of a model post, and the page of all of them, to print (示范岗公示牌、公开表)."""

from datetime import date
from pathlib import Path
from typing import Annotated

from typer import Argument

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import OfBranch, ToFile
from partybuild_cli.cli.session import number_of, reading
from partybuild_cli.outputs import Shelf

app = Commands()


@app.command("card", example="partybuild post card 1")
def card(
    number: Annotated[str, Argument(metavar="编号", help="示范岗的编号，用 partybuild post list 查看")],
    out: ToFile = None,
) -> None:
    """写出示范岗公示牌：照片位置、职责、承诺，A4 打印"""
    from partybuild_cli.reports.forms import write_post_card

    with reading() as connection:
        post = number_of(connection, "post", number)
        path = out or Shelf(Path(), screen.note).place(f"党员示范岗公示牌-{post}.xlsx")
        name = write_post_card(connection, post, path)
    screen.say(f"已写出 {path}：{name}的示范岗公示牌。")


@app.command("page", example="partybuild post page")
def page(branch: OfBranch = None, out: ToFile = None) -> None:
    """写出示范岗标准和考核结果公开表：每个在岗的示范岗，职责、承诺、事迹、近四个季度的考核，供张贴"""
    from partybuild_cli.reports.forms import write_post_page

    with reading() as connection:
        path = out or Shelf(Path(), screen.note).place("党员示范岗公开表.xlsx")
        count = write_post_page(connection, date.today(), path, branch)
    screen.say(f"已写出 {path}：{count} 个示范岗。")
