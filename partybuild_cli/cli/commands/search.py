"""`search`: a text in every ledger (查找)."""

from typing import Annotated

import typer

from partybuild_cli.cli import screen, telling
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, period_of
from partybuild_cli.cli.session import reading

app = Commands()


@app.command(example="partybuild search 卒中")
def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="文字", help="要找的字，如一个人名、一件事")],
    period: Annotated[str | None, typer.Option(metavar="期间", help="只找这一期的，如 2026Q3、今年")] = None,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """在所有台账里找写有这些字的记录；不公开的内容（如谈话内容）不找。"""
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.records.base.query import Wanted, fetch, sift, tests_of
    from partybuild_cli.records.base.registry import all_records
    from partybuild_cli.records.base.roster import load_roster

    if not text.strip():
        raise UsageFault("没有写要找什么，请写上要找的字，如 partybuild search 卒中。")
    when = period_of(period) if period else None
    found: list[list[str]] = []
    with reading(context) as connection:
        roster = load_roster(connection)
        for record in all_records():
            if record.command and not (when and not record.date):
                views = fetch(connection, record, Wanted(branch, period=when), roster=roster)
                for view in sift(views, tests_of(record, (), text)):
                    day = str(view.values.get(record.date) or "")
                    found.append([record.ledger, record.caption, str(view.number), day, telling.title(record, view)])
    if json:
        screen.document(
            [
                dict(zip(("ledger", "id", "day", "title"), (ledger, int(number), day, title), strict=True))
                for ledger, _, number, day, title in found
            ]
        )
        return
    screen.rows(["台账", "编号", "日期", "内容"], [line[1:] for line in found], right=("编号",), unbroken=("台账",))
    screen.note(f"共 {len(found)} 条。看一条用 partybuild 台账 show 编号。" if found else f"所有台账里都没有“{text}”。")
