"""The card of a model post (党员示范岗公示牌), and the page with standards and results of all (标准和结果公开); no number of a
person stands on either.
"""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.query import fetch, number_of
from partybuild_cli.records.member import Member
from partybuild_cli.records.post import Post
from partybuild_cli.rules.deeds import posts
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.sheets.exporting.files import unit_of
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.sheets.writing.card import Card, write_card
from partybuild_cli.values.day import chinese_day, first_date
from partybuild_cli.values.period import period_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PUBLIC = (
    Field("党支部"),
    Field("姓名", "center"),
    Field("岗位"),
    Field("岗位牌编号", "center"),
    Field("标准（职责）", width=30.0),
    Field("承诺", width=26.0),
    Field("事迹", width=30.0),
    Field("考核结果", "center"),
)


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


def write_post_page(connection: "Connection", day: date, path: Path, branch: str | None = None) -> int:
    """Write the page to be posted: each post in force on a day with its standard, pledge, deeds and results; how many."""
    field = load_facts(connection, period_of(str(day.year)), day, branch)
    here = {one.number: one.name for one in field.branches}
    standing = {row["id"]: here[row["branch_id"]] for row in posts(field) if row["branch_id"] in here}
    results: dict[int, list[str]] = {}
    sql = "SELECT record_id, on_day, content FROM entry WHERE ledger = 'post' AND content IS NOT NULL ORDER BY on_day"
    for number, quarter, result in connection.exec_driver_sql(sql):
        results.setdefault(number, []).append(f"{quarter} {result}")
    rows: list[list[Cell]] = []
    kept = [one for one in fetch(connection, Post, as_of=day) if one.number in standing]
    for one in sorted(kept, key=lambda one: (standing[one.number], one.number)):
        texts = [one.values.get(key) for key in ("place", "plate", "duties", "pledge", "deeds")]
        said = "\n".join(results.get(one.number, [])[-4:]) or "还没有考核"
        rows.append([standing[one.number], str(one.values["member"]), *texts, said])
    unit = field.branches[0].name if len(field.branches) == 1 else unit_of(connection, None)
    page = Page(
        name="示范岗标准和结果",
        title=f"{unit}党员示范岗标准和考核结果公开",
        left=f"单位：{unit}",
        right=f"截至：{chinese_day(day.isoformat())}",
        fields=_PUBLIC,
        rows=rows,
        remarks=["考核结果为最近四个季度的。监督电话：　　　　　　　　"],
        footer=("党组织（盖章）：", "年   月   日"),
    )
    write_book(path, [page], created=datetime.combine(day, datetime.min.time()))
    return len(rows)
