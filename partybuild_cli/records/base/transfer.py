"""Transfer of a member's relation (组织关系转接): out of the hospital, to another branch of the same book, or back.

The old branch keeps the member for the days on which he belonged to it (党员教育管理工作条例第二十五条).
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base.dated import hold
from partybuild_cli.records.base.kinds import DAY
from partybuild_cli.records.base.loaded import load_below, twins_now
from partybuild_cli.records.base.query import pick
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.member import Member
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.day import last_date
from partybuild_cli.values.text import tight


def transfer(connection: Connection, change: Change, number: int, to: str, on: str) -> str:
    """Move a member out on a day; the day itself is the first one outside. A sentence of what was done.

    `to` is a branch of the book, or any other unit; who has left may come back to a branch. InputProblems when the day is
    no full date, or lies before he came or left.
    """
    roster = load_roster(connection)
    day = _day(on)
    kept = load_below(connection, pick(connection, Member, [number])).full(number)
    _check(roster, kept, number, to, day)
    target = roster.branches.get(tight(to))
    if target is None and not tight(to):
        raise InputProblems("转入的支部或单位（--to）是空的，请写明去向。没有写入任何内容。")
    if target is None and (here := [name for name in roster.branches if tight(to) in name]):
        raise InputProblems(
            f"“{to}”是不是本单位的{'、'.join(here[:3])}？是的请写全名称；是外单位的，请写上单位名称，如 市第一医院{to}。没有写入任何内容。"
        )
    if target is None:
        after: dict[str, Any] = {"left_on": day, "left_to": to}
    else:
        left = (kept["left_on"], kept["left_to"]) if kept["left_on"] else (day, to)
        stay = (kept["branch_id"], kept["arrived_on"], *left)
        after = {"branch_id": target, "arrived_on": day, "left_on": None, "left_to": None}
        after |= {"stay": [*kept.get("stay", []), stay], "span": kept.get("span", [])}
        for post in ("group", "party_post"):
            after["span"], after[post] = hold(Member, {**kept, **after}, post, None, day)
    before = {key: kept.get(key, [] if key in ("stay", "span") else None) for key in after}
    store.edit(connection, change, Member.shape(), [store.Edit(number, before, after)])
    _refuse_twin(connection, roster, number)
    if target is None:
        return f"{roster.shown(number)}自 {day} 起转出到{to}，此前的记录都保留。"
    return f"{roster.shown(number)}自 {day} 起转入{tight(to)}，原支部此前的记录都保留；请补填新支部的党小组和党内职务。"


def _refuse_twin(connection: Connection, roster: Roster, number: int) -> None:
    """Of two members of one name and birth in one branch, a 工号 or 公民身份号码 must tell which is which."""
    for other in twins_now(connection, Member, [number]).values():
        raise InputProblems(
            f"转入后{roster.shown(number)}与编号 {other} 的党员分不清，请先补上工号或公民身份号码。没有写入任何内容。"
        )


def _day(on: str) -> str:
    try:
        day = DAY.parse(DAY.meant(on, date.today()))
    except ValueProblem as problem:
        raise InputProblems(f"转出日期（--on）：{problem.sentence}。没有写入任何内容。") from None
    if day is None or len(day) < 10:
        raise InputProblems("转出日期（--on）要写到日，如 2026-09-05，才能知道哪天起不再应到。没有写入任何内容。")
    return day


def _check(roster: Roster, kept: dict[str, object], number: int, to: str, day: str) -> None:
    name = roster.shown(number)
    if kept.get("left_on"):
        _check_return(roster, kept, name, to, day)
        return
    start = kept.get("arrived_on") or kept.get("joined_on")
    if start and str(start) >= day:
        raise InputProblems(f"{name} {start} 才来本支部，不能在 {day} 转出，请核对日期。")
    if roster.branches.get(tight(to)) == kept["branch_id"]:
        raise InputProblems(f"{name}现在就在{to}，不用转接。")


def _check_return(roster: Roster, kept: dict[str, object], name: str, to: str, day: str) -> None:
    left = f"{name}已于 {kept['left_on']} 转出"
    if tight(to) not in roster.branches:
        raise InputProblems(f"{left}，没有再次转出。转回来的，--to 后面写本单位的党支部。")
    if str(kept["left_on"]) > day:
        raise InputProblems(f"{left}，不能在 {day} 转回，请核对日期。")
    if len(str(kept["left_on"])) < 10 and str(last_date(str(kept["left_on"]))) >= day:
        raise InputProblems(
            f"{left}，没有记到日，不知道 {day} 以前哪些天不在。"
            f"请先用 partybuild member edit {name} --left-on 日期 补到日，再登记转回。"
        )
