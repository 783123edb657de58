"""How `index explain` looks on a terminal (逐项说明)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partybuild_cli.cli import screen
from partybuild_cli.index.scoring import PARTS

if TYPE_CHECKING:
    from partybuild_cli.index.accounts import Account
    from partybuild_cli.index.collect import Evidence
    from partybuild_cli.index.quarter import Quarter

_STATES = {"no_data": "无数据", "not_applicable": "不适用"}


def show(account: "Account", tried: Sequence[dict[str, Any]] = ()) -> None:
    """Every line with its points, and below it the records that made it; what was tried out at the end."""
    screen.say(f"{account.name} {account.branch} {account.quarter} 先锋指数（方案 {account.scheme}）", "bold")
    if account.unscored:
        screen.say(f"列名，不计分：{account.unscored}。")
        return
    for one in account.indicators:
        worth = _STATES.get(one.state) or f"{one.points} / {one.max} 分"
        said = "没有这类台账的记录，分值给了其他指标" if one.state == "no_data" else one.value
        screen.say(f"{one.id} {one.name}　{worth}　（{said}；{one.rule}）", "bold")
        _records(one.records)
    for line in account.adjustments:
        screen.say(f"{line.kind} {line.name}　{line.points} 分　（{line.value}）", "bold")
        _records(line.records)
    _total(account)
    for found in tried:
        points = found["points"]
        screen.say(
            f"试算 {found['id']} {found['name']}：{points['before']} → {points['after']} 分，"
            f"季度指数 {account.score or '无'} → {found['score'] or '无'}（{found['difference'] or '不变'}）"
        )


def print_account(account: "Account", quarter: "Quarter", path: Path) -> None:
    """The same as a sheet."""
    from datetime import datetime

    from partybuild_cli.index.pages import account_page
    from partybuild_cli.sheets.writing import write_book

    write_book(path, [account_page(account)], created=datetime.combine(quarter.last, datetime.min.time()))


def _records(records: "Sequence[Evidence]") -> None:
    for record in records:
        note = f"（{record.note}）" if record.note else ""
        screen.say(f"    {record.day} {record.title}{note}".rstrip())


def _total(account: "Account") -> None:
    parts = [f"{PARTS[key]} {points if points is not None else '无'}" for key, points in account.parts.items()]
    screen.say(
        f"基础得分 {account.base or '无'} + 加分 {account.bonus} - 扣分 {account.deduction} = 记录得分 {account.obj or '无'}"
    )
    screen.say(f"各部分：{'，'.join(parts)}")
    if account.vetoes:
        screen.say(f"一票否决：{'、'.join(account.vetoes)}，本季度为 0 分。")
    rank = f"，本支部第 {account.rank} 名" if account.rank else ""
    screen.say(f"季度指数 {account.score or '无'}（{account.band or '无档次'}）{rank}", "bold")
