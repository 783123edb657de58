"""Where a member belongs (组织关系的经过).

A transfer goes out of the hospital, to another branch, or back: the old branch keeps the member for the days on which he belonged to it
(党员教育管理工作条例第二十五条). Of two books each branch knows its own part: the old one when he left, the new one when he came.
On no day he belongs to two.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base.clash import twins_now
from partybuild_cli.records.base.column import Values, hold
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import pick
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import Prefer, SaidBefore
from partybuild_cli.store import rows as store
from partybuild_cli.store.history import Change
from partybuild_cli.values.day import agrees, far_ahead, finer, last_date
from partybuild_cli.values.period import whole_day
from partybuild_cli.values.text import tight

_LAST = "9999"


def transfer(connection: Connection, change: Change, members: type[Record], number: int, to: str, on: str) -> str:
    """Move a member of the roster out on a day, the first one outside, to a branch of the book or any other unit; who has left may
    come back to a branch. A sentence of what was done. InputProblems when the day is no full date, or lies before he came or left;
    and when no 工号 or 公民身份号码 tells him from another of the new branch.
    """
    roster = load_roster(connection)
    try:
        day = str(whole_day(on))
        if slip := far_ahead(day, date.today()):
            raise ValueProblem(slip)
    except ValueProblem as problem:
        raise InputProblems(f"转出日期（--on）：{problem.sentence}。没有写入任何内容。") from None
    name = roster.shown(number)
    stored = pick(connection, members, [number])[number]
    _check(roster, stored, name, to, day)
    target = roster.numbered(tight(to))
    if target is None and not tight(to):
        raise InputProblems("转入的支部或单位（--to）是空的，请写明去向。没有写入任何内容。")
    if target is None and (here := [name for name in roster.branches if tight(to) in name]):
        raise InputProblems(
            f"“{to}”是不是本单位的{'、'.join(here[:3])}？是的请写全名称；是外单位的，请写上单位名称，如 市第一医院{to}。没有写入任何内容。"
        )
    if target is None:
        after: Values = {"left_on": day, "left_to": to}
        done = f"{name}自 {day} 起转出到{to}，此前的记录都保留。"
    else:
        left = (stored["left_on"], stored["left_to"]) if stored["left_on"] else (day, to)
        stay = (stored["branch_id"], stored["arrived_on"], *left)
        after = {"branch_id": target, "arrived_on": day, "left_on": None, "left_to": None}
        after |= {"stay": [*stored.get("stay", []), stay], "span": stored.get("span", [])}
        for post in ("group", "party_post"):
            after["span"], after[post] = hold({**stored, **after}, post, None, day)
        done = f"{name}自 {day} 起转入{tight(to)}，原支部此前的记录都保留；请补填新支部的党小组和党内职务。"
    before = {key: stored.get(key, [] if key in ("stay", "span") else None) for key in after}
    store.edit(connection, change, members.shape, [store.Edit(number, before, after)])
    for other in twins_now(connection, members, [number]).values():
        raise InputProblems(f"转入后{name}与编号 {other} 的党员分不清，请先补上工号或公民身份号码。没有写入任何内容。")
    return done


def _check(roster: Roster, stored: Values, name: str, to: str, day: str) -> None:
    """InputProblems where the day or the branch cannot be."""
    left, inside = stored.get("left_on"), roster.numbered(tight(to))
    start = stored.get("arrived_on") or stored.get("joined_on")
    if not left and start and start >= day:
        raise InputProblems(f"{name} {start} 才来本支部，不能在 {day} 转出，请核对日期。")
    if not left and inside == stored["branch_id"]:
        raise InputProblems(f"{name}现在就在{to}，不用转接。")
    if left and inside is None:
        raise InputProblems(f"{name}已于 {left} 转出，没有再次转出。转回来的，--to 后面写本单位的党支部。")
    if left and left > day:
        raise InputProblems(f"{name}已于 {left} 转出，不能在 {day} 转回，请核对日期。")
    if left and len(left) < 10 and str(last_date(left)) >= day:
        raise InputProblems(
            f"{name}已于 {left} 转出，没有记到日，不知道 {day} 以前哪些天不在。"
            f"请先用 partybuild member edit {name} --left-on 日期 补到日，再登记转回。"
        )


class Stretch(NamedTuple):
    """A member in one branch: when he came and left, and where he went; open where he is still there."""

    branch_id: int
    arrived_on: str | None
    left_on: str | None
    left_to: str | None


def join(
    ours: Sequence[Stretch], theirs: Sequence[Stretch], said: SaidBefore, names: Mapping[int, str], prefer: Prefer = ""
) -> tuple[list[Stretch], list[str]]:
    """The stays after a book has told its part, and what is to be said. ValueProblem where they contradict each other."""
    stays, new = list(ours), set[int]()
    for stretch in theirs:
        meeting = [
            (other.arrived_on == stretch.arrived_on, at)
            for at, other in enumerate(stays)
            if other.branch_id == stretch.branch_id
            and (other.arrived_on or "") < (stretch.left_on or _LAST)
            and (stretch.arrived_on or "") < (other.left_on or _LAST)
        ]
        if meeting:  # the same stay: of several the one of the same arrival, else the last
            _, at = max(meeting)
            stays[at] = _merged(stays, at, stretch, said, names, prefer)
        else:
            stays, at = [*stays, stretch], len(stays)
        new.add(at)

    def place(at: int) -> tuple[str, str]:
        """Of unknown arrival first, unless he is still there and another leads there."""
        stretch, here = stays[at], names.get(stays[at].branch_id)
        led = stretch.left_on is None and any(other.left_to == here for other in stays if other is not stretch)
        return stretch.arrived_on or (_LAST if led else ""), stretch.left_on or _LAST

    order = sorted(range(len(stays)), key=place)
    return _in_a_row([stays[at] for at in order], [at in new for at in order], names, prefer)


def _merged(
    stays: Sequence[Stretch], at: int, stretch: Stretch, said: SaidBefore, names: Mapping[int, str], prefer: Prefer
) -> Stretch:
    old, left, to = stays[at], stretch.left_on, stretch.left_to
    came = _pick("arrived_on", "转入日期", old.arrived_on, stretch.arrived_on, said, prefer)
    moved = any(other.arrived_on == old.left_on for other in stays if other is not old)
    # the branch that he left knows the day; the next one is there before he belongs to it
    if not (moved and left and old.left_on and not agrees(left, old.left_on) and left < old.left_on):
        left = _pick("left_on", "转出日期", old.left_on, left, said, prefer)
    if left != stretch.left_on or not to or (old.left_to and old.left_to in names.values()):
        to = old.left_to
    return Stretch(old.branch_id, came, left, to if left else None)


def _pick(key: str, heading: str, old: str | None, new: str | None, said: SaidBefore, prefer: Prefer) -> str | None:
    """Of two days the one that was changed; a blank only takes back what the same book had said."""
    if new is None:
        return None if old is not None and said(key, old) else old
    if old is None or said(key, old):
        return new
    if said(key, new):
        return old
    if agrees(old, new):
        return finer(old, new)
    if not prefer:
        raise ValueProblem(f"{heading}两边不一致：支部报 {new}，党委这里是 {old}")
    return new if prefer == "branch" else old


def _in_a_row(
    stays: list[Stretch], new: Sequence[bool], names: Mapping[int, str], prefer: Prefer
) -> tuple[list[Stretch], list[str]]:
    remarks = []
    for at in range(len(stays) - 1):
        stretch, after = stays[at], stays[at + 1]
        here, there = names.get(stretch.branch_id, ""), names.get(after.branch_id, "")
        left, came = stretch.left_on, after.arrived_on
        if left is None and came is None:
            raise ValueProblem(f"{here}和{there}都登记着他，两边都没有写转入、转出日期，不知道他现在在哪个支部")
        if left is None:
            stays[at] = stretch._replace(left_on=came, left_to=stretch.left_to or there)
            remarks.append(f"{there} {came} 转入，{here}还没有登记转出，按这一天转出计")
        elif came is None:
            stays[at + 1] = after._replace(arrived_on=left)
        elif came < left and not agrees(came, left):
            if not prefer or (stretch.arrived_on or "") >= came:
                raise ValueProblem(f"{here}登记 {left} 转出，{there}登记 {came} 转入，有几天同时在两个支部")
            if new[at] == (prefer == "branch"):
                stays[at + 1] = after._replace(arrived_on=left)
            else:
                stays[at] = stretch._replace(left_on=came)
    return stays, remarks
