"""How `index explain` looks on a terminal (逐项说明)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from partybuild_cli.cli import screen
from partybuild_cli.index.parts import PARTS

if TYPE_CHECKING:
    from partybuild_cli.index.quarter import Quarter

_STATES = {"no_data": "无数据", "not_applicable": "不适用"}


def show(account: dict[str, Any]) -> None:
    """Every line with its points, and below it the records that made it."""
    screen.say(
        f"{account['name']} {account['branch']} {account['quarter']} 先锋指数（方案 {account['scheme']}）", "bold"
    )
    if account["unscored"]:
        screen.say(f"列名，不计分：{account['unscored']}。")
        return
    for one in account["indicators"]:
        state = _STATES.get(one["state"])
        worth = state or f"{one['points']} / {one['max']} 分"
        screen.say(
            f"{one['id']} {one['name']}　{worth}　（{'没有这类台账的记录，分值给了其他指标' if one['state'] == 'no_data' else one['value']}；{one['rule']}）",
            "bold",
        )
        _records(one["records"])
    for one in account["adjustments"]:
        screen.say(f"{one['kind']} {one['name']}　{one['points']} 分　（{one['value']}）", "bold")
        _records(one["records"])
    _total(account)
    for one in account.get("what_if", ()):
        points = one["points"]
        screen.say(
            f"试算 {one['id']} {one['name']}：{points['before']} → {points['after']} 分，"
            f"季度指数 {account['score'] or '无'} → {one['score'] or '无'}（{one['difference'] or '不变'}）"
        )


def print_account(account: dict[str, Any], quarter: "Quarter", path: Path) -> None:
    """The same as a sheet."""
    from datetime import datetime

    from partybuild_cli.index.sheets import account_page
    from partybuild_cli.sheets.writing import write_book

    write_book(path, [account_page(account)], created=datetime.combine(quarter.last, datetime.min.time()))


def _records(records: list[dict[str, Any]]) -> None:
    for record in records:
        note = f"（{record['note']}）" if record["note"] else ""
        screen.say(f"    {record['day']} {record['title']}{note}".rstrip())


def _total(account: dict[str, Any]) -> None:
    parts = [f"{PARTS[key]} {points if points is not None else '无'}" for key, points in account["parts"].items()]
    screen.say(
        f"基础得分 {account['base'] or '无'} + 加分 {account['bonus']} - 扣分 {account['deduction']}"
        f" = 记录得分 {account['obj'] or '无'}"
    )
    screen.say(f"各部分：{'，'.join(parts)}")
    if account["vetoes"]:
        screen.say(f"一票否决：{'、'.join(account['vetoes'])}，本季度为 0 分。")
    rank = f"，本支部第 {account['rank']} 名" if account["rank"] else ""
    screen.say(f"季度指数 {account['score'] or '无'}（{account['band'] or '无档次'}）{rank}", "bold")
