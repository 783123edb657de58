"""`post card`: the card of a model post, to print (示范岗公示牌)."""

from pathlib import Path
from typing import Any

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.options import argument, option
from partybuild_cli.cli.session import reading


def commands() -> list[ChineseCommand]:
    """The command that posts have besides the five verbs."""
    from partybuild_cli.cli.verbs import made

    params = [
        argument("number", "编号", "示范岗的编号，用 partybuild post list 查看"),
        option("out", "文件", "写到哪个工作簿；不写则按编号取名"),
    ]
    return [made("card", "写出示范岗公示牌：照片位置、职责、承诺，A4 打印", _card, params)]


def _card(context: Any, number: str, out: str | None) -> None:
    from partybuild_cli.outputs import Shelf
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.post import Post
    from partybuild_cli.reports.card import write_post_card

    with reading(context) as connection:
        post = number_of(connection, Post, number)
        path = Path(out) if out else Shelf(Path(), screen.note).place(f"党员示范岗公示牌-{post}.xlsx")
        name = write_post_card(connection, post, path)
    screen.say(f"已写出 {path}：{name}的示范岗公示牌。")
