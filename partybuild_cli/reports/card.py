"""The card of a model post (党员示范岗公示牌), from the post and the roster; no number of a person stands on it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.query import number_of
from partybuild_cli.records.member import Member
from partybuild_cli.records.post import Post
from partybuild_cli.sheets.writing.card import Card, write_card
from partybuild_cli.values.day import chinese_day, first_date

if TYPE_CHECKING:
    from sqlalchemy import Connection


def write_post_card(connection: "Connection", number: int, path: Path) -> str:
    """Write the card of a post; the member's name. Duties and pledge that are not recorded leave room for a pen."""
    post = read_one(connection, Post, number).values
    member = read_one(connection, Member, number_of(connection, Member, post["member"])).values
    name = str(member["name"])
    lines = [
        ("姓　　名", name),
        ("示 范 岗", post["place"]),
        ("党内职务", member.get("party_post") or "党员"),
        ("科　　室", member.get("department") or ""),
        ("职务职称", " ".join(filter(None, (member.get("position"), member.get("title"))))),
        ("岗位牌号", post.get("plate") or ""),
    ]
    blocks = [("岗位职责", post.get("duties") or ""), ("公开承诺", post.get("pledge") or "")]
    if post.get("deeds"):
        blocks.append(("主要事迹", post["deeds"]))
    set_on = post.get("set_on")
    below = (f"设岗日期：{chinese_day(set_on)}　　" if set_on else "") + "监督电话：　　　　　　　　"
    card = Card(member["branch"], "党员示范岗", lines, blocks, below)
    moment = datetime.combine(first_date(set_on), datetime.min.time()) if set_on else datetime(2000, 1, 1)
    write_card(path, card, created=moment)
    return name
