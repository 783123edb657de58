"""`check`: what the regulations ask and the records lack (自查)."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, OfPeriod, unfinished
from partybuild_cli.cli.session import reading
from partybuild_cli.rules.item import State, catalogue
from partybuild_cli.values.period import running

if TYPE_CHECKING:
    from partybuild_cli.rules.check import Beside
    from partybuild_cli.rules.item import Item

app = Commands()
_STYLES = {"达标": "green", "未达标": "bold red", "无数据": "yellow", "不适用": "dim"}


@app.command(example="partybuild check 2026Q3")
def check(
    period: OfPeriod,
    item: Annotated[str | None, Argument(metavar="[编号]", help="只查这一项，如 D5")] = None,
    branch: OfBranch = None,
    lacking: Annotated[bool, Option("--lacking", help="只列未达标和无数据的")] = False,
    beside: Annotated[bool, Option("--by-branch", help="各支部并排：一个组织一行，党委、总支合计下面各支部")] = False,
    records: Annotated[bool, Option("--records", help="列出依据的全部记录和姓名")] = False,
    json: AsJson = False,
) -> None:
    """自查：规定要求而记录里没有的，逐项注明依据和怎么办。有未达标的，退出码为 1。"""
    from partybuild_cli.rules.check import check as look
    from partybuild_cli.rules.check import owed, side_by_side

    with reading() as connection:
        items = look(connection, period, date.today(), branch, item)
        standings = side_by_side(connection, items) if beside else []
    shown = [one for one in items if one.state in ("未达标", "无数据")] if lacking else items
    if beside and json:
        screen.document({"period": period.label, "organisations": [one.document() for one in standings]})
    elif beside:
        _show_beside(unfinished(period), standings)
    elif json:
        documents = [one.document(records) for one in shown]
        until = {"as_of": str(date.today())} if running(period, date.today()) else {}
        screen.document({"period": period.label, **until, "items": documents})
    else:
        _show(period.label, unfinished(period), shown, items, records)
    if owed(items):
        raise Exit(1)


def _show_beside(label: str, standings: "list[Beside]") -> None:
    screen.say(f"{label} 自查，各支部并排", "bold")
    headings = ["党组织", "类别", "支部数", "达标", "未达标", "无数据", "未达标的项目"]
    lines = (
        [
            *(one.name, one.kind, str(one.branches)),
            *(str(len(one.items[state])) for state in State if state is not State.NOT_APPLICABLE),
            "、".join(one.owed),
        ]
        for one in standings
    )
    screen.rows(headings, lines, right=("支部数", "达标", "未达标", "无数据"))


def _show(period: str, label: str, shown: "list[Item]", items: "list[Item]", records: bool) -> None:
    branch = head = None
    for one in shown:
        check = catalogue()[one.id]
        if one.branch != branch:
            branch, head = one.branch, None
            screen.say(f"\n{branch}　{label} 自查", "bold")
        if check.head != head:
            head = check.head
            screen.say(f"〔{head}〕")
        screen.say(
            f"{one.state:　<3} {one.id} {check.name}：{one.figure if records else one.brief}", _STYLES[one.state]
        )
        if one.remedy:
            screen.say(f"       依据：{one.article}")
            screen.say(f"       怎么办：{one.remedy}")
        if records:
            screen.references(one.records)
        elif one.figure != one.brief:
            screen.say(f"       全部名单：partybuild check {period} {one.id} --records")
    counts = Counter(str(one.state) for one in items)
    screen.say("\n" + "，".join(f"{state} {counts[state]} 项" for state in _STYLES if counts[state]))
