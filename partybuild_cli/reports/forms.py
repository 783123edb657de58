"""Sheets of one ledger: the register of dues (党费收缴登记表), one row a member and twelve months, ready to sign and to be
imported again; the card of a model post (党员示范岗公示牌), and the page with standards and results of all (标准和结果公开). No
number of a person stands on any.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.query import Wanted, fetch, number_of
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.dues import Dues
from partybuild_cli.records.member import Member
from partybuild_cli.records.post import Post
from partybuild_cli.reports.report import fields
from partybuild_cli.rules.facts import branch_in, load_facts
from partybuild_cli.rules.participation import posts
from partybuild_cli.sheets.exporting import unit_of
from partybuild_cli.sheets.writing import Cell, Page, write_book
from partybuild_cli.sheets.writing.charts import Card, write_card
from partybuild_cli.values.day import chinese_day, first_date, last_date
from partybuild_cli.values.period import Period, period_of


def write_register(connection: Connection, year: Period, branch: str, path: Path) -> int:
    """Write a branch's register of a year; how many members stand in it, in the order in which they first appear."""
    as_of, roster = min(year.last, date.today()), load_roster(connection)
    here, of_member = branch_in(roster, branch), dict[str, list[Values]]()
    documents = [view.values for view in fetch(connection, Dues, Wanted(period=year), as_of=as_of, roster=roster)]
    for values in sorted(documents, key=lambda values: str(values["month"])):
        # A month is owed to the branch to which a member belongs on its last day.
        if roster.home(roster.member(values["member"]), str(last_date(values["month"]))) == here:
            of_member.setdefault(values["member"], []).append(values)
    rows: list[list[Cell]] = []
    for (
        member,
        months,
    ) in of_member.items():  # the last 缴纳基数 and 应缴 that are known; a month without record stays blank
        known: dict[str, Cell] = {key: values[key] for values in months for key in ("base", "due") if key in values}
        held: list[Cell] = [None] * 12
        for values in months:
            held[int(values["month"][5:7]) - 1] = "免缴" if values["state"] == "免缴" else values.get("paid")
        notes = "；".join(dict.fromkeys(values["note"] for values in months if values.get("note")))
        rows.append([member, known.get("base"), known.get("due"), *held, _sum(held) or Decimal(0), notes or None])
    sums = [_sum(cells) for cells in zip(*(row[3:16] for row in rows), strict=True)] or [None] * 12 + [Decimal(0)]
    page = Page(
        *("党费收缴登记表", f"{branch}{year.first.year}年党费收缴登记表", fields("dues"), rows),
        left=f"党支部（盖章）：{branch}",
        right=f"填报日期：{chinese_day(as_of.isoformat())}",
        totals=[None, None, None, *sums, None],
    )
    write_book(path, [page], created=datetime.combine(as_of, time()))
    return len(rows)


def _sum(cells: Iterable[Cell]) -> Decimal | None:
    paid = [cell for cell in cells if isinstance(cell, Decimal)]
    return sum(paid, Decimal(0)) if paid else None


def write_post_card(connection: Connection, number: int, path: Path) -> str:
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
    blocks = [(said, post.get(key) or "") for said, key in (("岗位职责", "duties"), ("公开承诺", "pledge"))]
    blocks += [("主要事迹", post["deeds"])] if post.get("deeds") else []
    set_on = post.get("set_on")
    below = (f"设岗日期：{chinese_day(set_on)}　　" if set_on else "") + "监督电话：　　　　　　　　"
    card = Card(member["branch"], "党员示范岗", lines, blocks, below)
    moment = datetime.combine(first_date(set_on), time()) if set_on else datetime(2000, 1, 1)
    write_card(path, card, created=moment)
    return name


def write_post_page(connection: Connection, day: date, path: Path, branch: str | None = None) -> int:
    """Write the page to be posted: each post in force on a day with its standard, pledge, deeds and results; how many."""
    facts = load_facts(connection, period_of(str(day.year)), day, branch)
    here = {home.number: home.name for home in facts.branches}
    there = {row["id"]: here[row["branch_id"]] for row in posts(facts) if row["branch_id"] in here}
    rows: list[list[Cell]] = []
    kept = [post for post in fetch(connection, Post, as_of=day) if post.number in there]
    for post in sorted(kept, key=lambda post: (there[post.number], post.number)):
        texts = [post.values.get(key) for key in ("place", "plate", "duties", "pledge", "deeds")]
        assessed = facts.entries["post", post.number]
        results = [f"{quarter} {result}" for quarter, result in assessed if result is not None]
        rows.append([there[post.number], str(post.values["member"]), *texts, "\n".join(results[-4:]) or "还没有考核"])
    unit = facts.branches[0].name if len(facts.branches) == 1 else unit_of(connection, None, day)
    page = Page(
        *("示范岗标准和结果", f"{unit}党员示范岗标准和考核结果公开", fields("posts"), rows),
        left=f"单位：{unit}",
        right=f"截至：{chinese_day(day.isoformat())}",
        remarks=["考核结果为最近四个季度的。监督电话：　　　　　　　　"],
        footer=("党组织（盖章）：", "年   月   日"),
    )
    write_book(path, [page], created=datetime.combine(day, time()))
    return len(rows)
