"""`index annual`: the year of quarters (年度指数)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_common import AsJson, OfBranch, branch_of
from partybuild_cli.cli.session import reading

if TYPE_CHECKING:
    from partybuild_cli.index.annual import Year


def annual(
    context: typer.Context,
    year: Annotated[str, typer.Argument(metavar="年份", help="如 2026")],
    branch: OfBranch = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="文件", help="另写成年度汇总表（….xlsx）")] = None,
    json: AsJson = False,
) -> None:
    """年度指数：各季度得分的平均、绩效系数、评优建议，旁边列民主评议结果。"""
    from datetime import date, datetime

    from partybuild_cli.errors import UsageFault
    from partybuild_cli.index.annual import year_of
    from partybuild_cli.index.pages import annual_pages
    from partybuild_cli.sheets.writing import write_book

    label = year.removesuffix("年").removesuffix("年度")
    if not (label.isdecimal() and len(label) == 4):
        raise UsageFault(f"“{year}”不是年份，请写成 2026。")
    with reading(context) as connection:
        found = year_of(connection, label, branch_of(connection, branch))
    if out is not None:
        write_book(out, annual_pages(found), created=datetime.combine(date(int(label), 12, 31), datetime.min.time()))
        screen.note(f"年度汇总表：{out}")
    if json:
        screen.document({"year": label, "drafts": found.drafts, "members": [one.document() for one in found.lines]})
        return
    _year_table(found)
    if found.drafts:
        screen.note(f"{'、'.join(found.drafts)} 尚未公示，所列为草稿得分。")


def _year_table(year: "Year") -> None:
    from partybuild_cli.index.participants import told_apart

    members = [one.document() for one in year.lines]
    people = told_apart([one.participant for one in year.lines])
    labels = sorted({label for one in members for label in one["quarters"]})
    lines = [
        [
            str(one["rank"] or "—"),
            name,
            one["branch"],
            *(one["quarters"].get(label, "—") for label in labels),
            one["index"] or "—",
            one["band"] or "—",
            one["coefficient"] or "—",
            one["pay_part"] or "—",
            one["proposal"],
            one["review"] or "",
        ]
        for one, name in zip(members, people, strict=True)
    ]
    headings = ["名次", "姓名", "党支部", *labels, "年度指数", "档次", "系数", "绩效部分", "评优建议", "民主评议"]
    screen.rows(headings, lines, f"{year.year} 年度先锋指数", right=("名次", *labels, "年度指数", "系数", "绩效部分"))
    screen.note(f"共 {len(lines)} 人；有两个以上季度得分的才计年度指数。")
