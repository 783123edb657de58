"""`check`: what the regulations ask and the records lack (自查)."""

from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, OfPeriod
from partybuild_cli.cli.session import reading

if TYPE_CHECKING:
    from partybuild_cli.rules.item import Item

app = Commands()
_STYLES = {"达标": "green", "未达标": "bold red", "无数据": "yellow", "不适用": "dim"}


@app.command(example="partybuild check 2026Q3")
def check(
    context: typer.Context,
    period: OfPeriod = None,
    branch: OfBranch = None,
    lacking: Annotated[bool, typer.Option("--lacking", help="只列未达标和无数据的")] = False,
    json: AsJson = False,
) -> None:
    """自查：规定要求而记录里没有的，逐项注明依据和怎么办。有未达标的，退出码为 1。"""
    from datetime import date

    from partybuild_cli.cli.options import period_of
    from partybuild_cli.rules.check import check as look
    from partybuild_cli.rules.check import owed

    when = period_of(period)
    with reading(context) as connection:
        items = look(connection, when, date.today(), branch)
    shown = [one for one in items if one.state in ("未达标", "无数据")] if lacking else items
    if json:
        screen.document({"period": when.label, "items": [_json(one) for one in shown]})
    else:
        _show(when.label, shown, items)
    if owed(items):
        raise typer.Exit(1)


def _json(one: "Item") -> dict[str, str]:
    return {
        "id": one.id,
        "branch": one.branch,
        "state": one.state,
        "figure": one.figure,
        "article": one.article,
        "remedy": one.remedy,
    }


def _show(label: str, shown: "list[Item]", items: "list[Item]") -> None:
    from collections import Counter

    from partybuild_cli.rules.item import catalogue

    branch = head = None
    for one in shown:
        check = catalogue()[one.id]
        if one.branch != branch:
            branch, head = one.branch, None
            screen.say(f"\n{branch}　{label} 自查", "bold")
        if check.head != head:
            head = check.head
            screen.say(f"〔{head}〕")
        screen.say(f"{one.state:　<3} {one.id} {check.name}：{one.figure}", _STYLES[one.state])
        if one.remedy:
            screen.say(f"       依据：{one.article}")
            screen.say(f"       怎么办：{one.remedy}")
    counts = Counter(str(one.state) for one in items)
    screen.say("\n" + "，".join(f"{state} {counts[state]} 项" for state in _STYLES if counts[state]))
