"""`check`: what the regulations ask and the records lack (自查)."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import reading

if TYPE_CHECKING:
    from partybuild_cli.rules.item import Item

app = Commands()
_STYLES = {"达标": "green", "未达标": "bold red", "无数据": "yellow", "不适用": "dim"}


@app.command()
def check(
    context: typer.Context,
    period: Annotated[str | None, typer.Argument(metavar="[期间]", help="如 2026Q3、2026、last；不写是本季度")] = None,
    item: Annotated[str | None, typer.Argument(metavar="[编号]", help="只查这一项，如 D5")] = None,
    branch: Annotated[
        str | None, typer.Option(metavar="党支部", help="只查这个支部", autocompletion=names("branch"))
    ] = None,
    lacking: Annotated[bool, typer.Option("--lacking", help="只列未达标和无数据的")] = False,
    records: Annotated[bool, typer.Option("--records", help="列出依据的全部记录和姓名")] = False,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """自查：规定要求而记录里没有的，逐项注明依据和怎么办。有未达标的，退出码为 1。"""
    from datetime import date

    from partybuild_cli.cli.periods import period_of, unfinished
    from partybuild_cli.rules.check import check as look
    from partybuild_cli.rules.check import owed
    from partybuild_cli.values.period import running

    when = period_of(period)
    with reading(context) as connection:
        items = look(connection, when, date.today(), branch, item)
    shown = [one for one in items if one.state in ("未达标", "无数据")] if lacking else items
    if json:
        documents = [{**one.document(), **(_records(one) if records else {})} for one in shown]
        until = {"as_of": str(date.today())} if running(when, date.today()) else {}
        screen.document({"period": when.label, **until, "items": documents})
    else:
        _show(when.label, unfinished(when), shown, items, records)
    if owed(items):
        raise typer.Exit(1)


def _records(one: "Item") -> dict[str, list[dict[str, Any]]]:
    return {"records": [record.document() for record in one.records]}


def _show(period: str, label: str, shown: "list[Item]", items: "list[Item]", records: bool) -> None:
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
        screen.say(
            f"{one.state:　<3} {one.id} {check.name}：{one.figure if records else one.brief}", _STYLES[one.state]
        )
        if one.remedy:
            screen.say(f"       依据：{one.article}")
            screen.say(f"       怎么办：{pasteable(one.remedy)}")
        if records:
            screen.references(one.records)
        elif one.figure != one.brief:
            screen.say(f"       全部名单：{pasteable(f'partybuild check {period} {one.id} --records')}")
    counts = Counter(str(one.state) for one in items)
    screen.say("\n" + "，".join(f"{state} {counts[state]} 项" for state in _STYLES if counts[state]))
