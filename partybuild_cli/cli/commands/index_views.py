"""`index explain / diff / annual / forms`: how accounts, differences, years and forms are shown (说明、变动、年度、评议表)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_common import QuarterArgument, Quarterly, branch_of
from partybuild_cli.cli.options import AsJson, OfBranch, unfinished
from partybuild_cli.cli.session import reading, the_book
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.values.period import period_of

if TYPE_CHECKING:
    from partybuild_cli.index.accounts import Account, Line
    from partybuild_cli.index.annual import Year


_STATES = {"no_data": "无数据", "not_applicable": "不适用"}


def show(account: "Account", tried: Sequence[dict[str, Any]] = ()) -> None:
    """Every line with its points, and below it the records that made it; what was tried out at the end."""
    quarter = unfinished(period_of(account.quarter))
    screen.say(f"{account.name} {account.branch} {quarter} 先锋指数（方案 {account.scheme}）", "bold")
    if account.unscored:
        screen.say(f"列名，不计分：{account.unscored}。")
    if not account.indicators:
        return
    for one in account.indicators:
        worth = _STATES.get(one.state) or _worth(one)
        said = "没有这类台账的记录，分值给了其他指标" if one.state == "no_data" else one.value
        screen.say(f"{one.id} {one.name}　{worth}　（{said}；{one.rule}）", "bold")
        screen.references(one.records)
    for line in account.adjustments:
        screen.say(f"{line.kind} {line.name}　{line.points} 分　（{line.value}）", "bold")
        screen.references(line.records)
    _total(account)
    for found in tried:
        points = found["points"]
        screen.say(
            f"试算 {found['id']} {found['name']}：{points['before']} → {points['after']} 分，"
            f"季度指数 {account.score or '无'} → {found['score'] or '无'}（{found['difference'] or '不变'}）"
        )


def _worth(line: "Line") -> str:
    """The points as the rule gave them, and what they became where points of others were added."""
    if not line.worth or line.worth == line.max:
        return f"{line.points} / {line.max} 分"
    from decimal import ROUND_HALF_UP, Decimal

    points, most = (Decimal(one).quantize(Decimal("0.01"), ROUND_HALF_UP) for one in (line.points, line.max))
    return f"{line.raw} / {line.worth} 分，折合 {points} / {most} 分"


def print_account(account: "Account", quarter: "Quarter", path: Path) -> None:
    """The same as a sheet."""
    from datetime import datetime

    from partybuild_cli.index.pages import account_page
    from partybuild_cli.sheets.writing import write_book

    write_book(path, [account_page(account)], created=datetime.combine(quarter.last, datetime.min.time()))


def _total(account: "Account") -> None:
    from partybuild_cli.index.scoring import PARTS

    parts = [f"{PARTS[key]} {points if points is not None else '无'}" for key, points in account.parts.items()]
    screen.say(
        f"基础得分 {account.base or '无'} + 加分 {account.bonus} - 扣分 {account.deduction} = 记录得分 {account.obj or '无'}"
    )
    for sentence in account.redistribution:
        screen.say(f"重新分配：{sentence}。")
    screen.say(f"各部分：{'，'.join(parts)}")
    if account.formula:
        screen.say(f"季度指数 = {account.formula}")
    if account.vetoes:
        screen.say(f"一票否决：{'、'.join(account.vetoes)}，本季度为 0 分。")
    rank = f"，本支部{account.profile or ''}第 {account.rank} 名" if account.rank else ""
    screen.say(f"季度指数 {account.score or '无'}（{account.band or '无档次'}）{rank}", "bold")


def diff(
    context: typer.Context,
    quarter: Quarterly,
    other: Annotated[
        Quarter | None,
        typer.Argument(metavar="[季度]", help="与哪个季度比；不写须加 --revision", parser=QuarterArgument()),
    ] = None,
    revision: Annotated[bool, typer.Option("--revision", help="比较公示的各个版本和现有记录")] = False,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """两个季度之间，或一次公示与后来的修订、现有记录之间，谁的得分变了、因为哪些记录。"""
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.index.diff import between_quarters, between_revisions

    if (other is None) != revision:
        raise UsageFault("请写两个季度，如 partybuild index diff 2026Q2 2026Q3；或写一个季度加 --revision。")
    with reading(context) as connection:
        number = branch_of(connection, branch)
        if other is None:
            found = between_revisions(connection, quarter, number)
        else:
            members = between_quarters(connection, quarter, other, number)
            found = [{"branch": branch, "from": quarter.label, "to": other.label, "members": members}]
    if json:
        screen.document({"quarter": quarter.label, "comparisons": found})
        return
    show_differences(found)


def show_differences(found: Sequence[dict[str, Any]]) -> None:
    """Whose score moved, by which lines and records."""
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
        members = [one.document() for one in found.lines]
        screen.document({"year": label, "drafts": found.drafts, "members": members, "grades": found.grades})
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
            one["proposal"] or "季度不足",
            one["review"] or "",
        ]
        for one, name in zip(members, people, strict=True)
    ]
    headings = ["名次", "姓名", "党支部", *labels, "年度指数", "档次", "系数", "绩效部分", "评优建议", "民主评议"]
    screen.rows(headings, lines, f"{year.year} 年度先锋指数", right=("名次", *labels, "年度指数", "系数", "绩效部分"))
    if any(one["grade"] for one in year.grades):
        keys = ("members", "mean", "highest", "lowest")
        grades = ([one["grade"] or "没有评议", *(str(one[key] or "—") for key in keys)] for one in year.grades)
        screen.rows(["民主评议", "人数", "年度指数平均", "最高", "最低"], grades, "民主评议等次和年度指数")
    screen.note(f"共 {len(lines)} 人；有两个以上季度得分的才计年度指数。")


def forms(
    context: typer.Context,
    quarter: Quarterly,
    out: Annotated[Path, typer.Option("--out", metavar="目录", help="评议表写到这个目录")] = Path(),
    branch: OfBranch = None,
) -> None:
    """写出自评表、每人一份的匿名互评表和组织评定表；填好后用 partybuild import 读回。"""
    from partybuild_cli.index.forms import write_forms

    with the_book(context).writing() as connection:  # the key of the quarter's raters may be new
        files = write_forms(connection, quarter, branch_of(connection, branch), out)
    screen.say(f"已写出 {len(files)} 个文件，在 {out.resolve()}。")
    screen.say("收回后：partybuild import 文件…；同一个人再交一次，以后交的为准。")
