"""`index diff` and `index annual`: what moved, and the year (变动、年度)."""

from pathlib import Path
from typing import Annotated, Any

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_common import AsJson, OfBranch, Quarterly, branch_of, quarter_of
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.session import reading


def diff(
    context: typer.Context,
    quarter: Quarterly,
    other: Annotated[str | None, typer.Argument(metavar="[季度]", help="与哪个季度比；不写须加 --revision")] = None,
    revision: Annotated[bool, typer.Option("--revision", help="比较公示的各个版本和现有记录")] = False,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """两个季度之间，或一次公示与后来的修订、现有记录之间，谁的得分变了、因为哪些记录。"""
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.index.diff import between_quarters, between_revisions

    if (other is None) != revision:
        raise UsageFault("请写两个季度，如 partybuild index diff 2026Q2 2026Q3；或写一个季度加 --revision。")
    first = quarter_of(quarter)
    with reading(context) as connection:
        number = branch_of(connection, branch)
        if other is None:
            found = between_revisions(connection, first, number)
        else:
            second = quarter_of(other)
            members = between_quarters(connection, first, second, number)
            found = [{"branch": branch, "from": first.label, "to": second.label, "members": members}]
    if json:
        screen.document({"quarter": first.label, "comparisons": found})
        return
    for one in found:
        screen.say(f"{one['branch'] or '全部支部'}：{one['from']} → {one['to']}", "bold")
        for record in one.get("records", ()):
            screen.say(f"  {record['sign']} {record['day']} {record['title']}（涉及 {record['members']} 人）")
        for member in one["members"]:
            _member(member)
    if not any(one["members"] for one in found):
        screen.say("没有变动。")


def _member(member: dict[str, Any]) -> None:
    note = f"（{member['note']}）" if "note" in member else ""
    same = member["before"] == member["after"]
    moved = "，得分不变" if same else f"，{member['difference']}" if member["difference"] else ""
    screen.say(f"{member['name']} {member['before'] or '—'} → {member['after'] or '—'}{moved}{note}")
    for line in member["lines"]:
        screen.say(f"  {line['id']} {line['name']}：{line['before'] or '—'} → {line['after'] or '—'}")
        for sign, key in (("+", "come"), ("-", "gone")):
            for record in line.get(key, ()):
                said = f"（{record['note']}）" if record["note"] else ""
                screen.say(f"    {sign} {record['day']} {record['title']}{said}")


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
    from partybuild_cli.index.sheets import annual_pages
    from partybuild_cli.index.yearly import year_of
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
    _year_table(label, [one.document() for one in found.lines])
    if found.drafts:
        screen.note(f"{'、'.join(found.drafts)} 尚未公示，所列为草稿得分。")


def _year_table(year: str, members: list[dict[str, Any]]) -> None:
    labels = sorted({label for one in members for label in one["quarters"]})
    lines = [
        [
            str(one["rank"] or "—"),
            one["name"],
            one["branch"],
            *(one["quarters"].get(label, "—") for label in labels),
            one["index"] or "—",
            one["band"] or "—",
            one["coefficient"] or "—",
            one["pay_part"] or "—",
            one["proposal"],
            one["review"] or "",
        ]
        for one in members
    ]
    headings = ["名次", "姓名", "党支部", *labels, "年度指数", "档次", "系数", "绩效部分", "评优建议", "民主评议"]
    screen.rows(headings, lines, f"{year} 年度先锋指数", right=("名次", *labels, "年度指数", "系数", "绩效部分"))
    screen.note(f"共 {len(lines)} 人；有两个以上季度得分的才计年度指数。")


def forms(
    context: typer.Context,
    quarter: Quarterly,
    out: Annotated[Path, typer.Option("--out", metavar="目录", help="评议表写到这个目录")] = Path(),
    branch: OfBranch = None,
) -> None:
    """写出自评表、每人一份的匿名互评表和组织评定表；填好后用 partybuild import 读回。"""
    from partybuild_cli.index.forms import write_forms

    wanted = quarter_of(quarter)
    with reading(context) as connection:
        files = write_forms(connection, wanted, branch_of(connection, branch), out)
    screen.say(f"已写出 {len(files)} 个文件，在 {out.resolve()}。")
    screen.say(pasteable("收回后：partybuild import 文件…；同一个人再交一次，以后交的为准。"))
