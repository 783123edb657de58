"""`index`: the pioneer index of a quarter, from computing to the year (先锋指数)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_common import Quarterly, branch_of, deciding
from partybuild_cli.cli.commands.index_rounds import discard, lock, object_, objections, publish, revise
from partybuild_cli.cli.commands.index_scheme import scheme, schemes
from partybuild_cli.cli.commands.index_views import annual, diff, forms
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, unfinished
from partybuild_cli.cli.session import reading
from partybuild_cli.values.period import period_of

if TYPE_CHECKING:
    from partybuild_cli.index.accounts import Account, Listing

app = Commands("先锋指数：计算、排名、逐项说明、公示。", "partybuild index compute 2026Q3")


def compute(
    context: typer.Context,
    quarter: Quarterly,
    branch: OfBranch = None,
    scheme: Annotated[
        str | None, typer.Option(metavar="方案", help="方案名称，或自己的方案文件；不写则沿用本支部在用的方案")
    ] = None,
    json: AsJson = False,
) -> None:
    """按台账计算一个季度的指数；已公示的支部不动。"""
    from datetime import date

    from partybuild_cli.errors import UsageFault
    from partybuild_cli.index.accounts import list_quarter
    from partybuild_cli.index.compute import compute_quarter

    if quarter.first > date.today():
        raise UsageFault(f"{quarter.label} 从 {quarter.first} 才开始，还没有可计算的记录。请核对季度。")
    with deciding(context) as connection:
        number = branch_of(connection, branch)
        done = compute_quarter(connection, quarter, number, scheme)
    for sentence in done.problems:
        screen.note(f"注意：{sentence}")
    if json:
        with reading(context) as connection:
            screen.document(list_quarter(connection, quarter, number).document())
        return
    for one in done.branches:
        screen.say(f"{one.name}：{one.scored} 人有得分，{one.listed} 人列名不计分；方案 {one.scheme}。")
    for name in done.left_alone:
        screen.say(f"{name}：已公示，没有改动；要改请用 partybuild index revise {quarter.label} --reason 理由。")
    hint = f"{unfinished(period_of(quarter.label))} 已算好。看排名：partybuild index list {quarter.label}；看某人逐项得分：partybuild index explain 姓名 {quarter.label}"
    screen.say(hint)


def list_(context: typer.Context, quarter: Quarterly, branch: OfBranch = None, json: AsJson = False) -> None:
    """各支部名次、得分、各维度得分和近几个季度的走势。"""
    from partybuild_cli.index.accounts import list_quarter, trends

    with reading(context) as connection:
        listing = list_quarter(connection, quarter, branch_of(connection, branch))
        lately = trends(connection, quarter)
    for sentence in listing.unsaved:
        screen.note(sentence)
    if json:
        screen.document(listing.document())
        return
    for sentence in listing.problems:
        screen.note(f"注意：{sentence}")
    _table(listing, lately)


def _table(listing: "Listing", lately: dict[int, str]) -> None:
    from partybuild_cli.index.numbers import in_tenths
    from partybuild_cli.index.participants import told_apart
    from partybuild_cli.index.rounds import STATE_WORDS

    members = listing.accounts
    dimensions = sorted({key for one in members for key in one.dimensions})
    lines = [
        [
            _rank(one),
            name,
            one.branch,
            one.score or "—",
            one.band or one.unscored,
            *(str(in_tenths(one.dimensions[key])) if key in one.dimensions else "" for key in dimensions),
            lately.get(one.member, ""),
            "、".join(one.no_data),
        ]
        for one, name in zip(members, told_apart(members), strict=True)
    ]
    headings = ["名次", "姓名", "党支部", "指数", "档次", *dimensions, "走势", "无数据"]
    quarter = unfinished(period_of(listing.quarter.label))
    title = f"{quarter} 先锋指数（{STATE_WORDS[listing.state]}，方案 {listing.scheme or '—'}）"
    screen.rows(headings, lines, title, right=("名次", "指数", *dimensions))
    screen.note(f"{quarter} 共 {len(lines)} 人。" if lines else "这个季度没有在册党员。")


def _rank(account: "Account") -> str:
    """The place; where 在岗, 退休 and 预备 are ranked among themselves, with the word."""
    return f"{account.profile or ''}{account.rank}" if account.rank else "—"


def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="姓名或工号", help="党员", autocompletion=names("member"))],
    quarter: Quarterly,
    branch: OfBranch = None,
    what_if: Annotated[
        str | None,
        typer.Option("--what-if", metavar="项:+数", help="试算：多一次会得多少分，如 service:+1、D2:+1、义诊:+1"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="文件", help="另写成得分明细表（….xlsx）")] = None,
    json: AsJson = False,
) -> None:
    """逐项说明一名党员的得分：规则、得分，以及每一分出自哪条记录。"""
    from partybuild_cli.cli.commands.index_views import print_account, show
    from partybuild_cli.index.accounts import account_of, branch_in
    from partybuild_cli.index.diff import parse_question
    from partybuild_cli.index.diff import what_if as try_out
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.member import Member

    asked = parse_question(what_if) if what_if else None
    with reading(context) as connection:
        member = number_of(connection, Member, name)
        where = branch_of(connection, branch)
        account = account_of(connection, quarter, member, where)
        tried = []
        if asked is not None:
            where = branch_in(connection, quarter, member) if where is None else where
            tried = try_out(connection, quarter, member, where, asked)
    if out is not None:
        print_account(account, quarter, out)
        screen.note(f"得分明细表：{out}")
    if json:
        more = {} if asked is None else {"what_if": tried}
        screen.document(account.document() | {"state": account.state} | more)
    else:
        show(account, tried)


#: The commands in the order of a quarter's work.
_COMMANDS: list[tuple[str, Callable[..., None], str]] = [
    ("compute", compute, "2026Q3"),
    ("list", list_, "2026Q3"),
    ("explain", explain, "张三 2026Q3"),
    ("forms", forms, "2026Q3 --out 评议表"),
    ("discard", discard, "2026Q3 --yes"),
    ("publish", publish, "2026Q3 --out 公示表"),
    ("object", object_, "2026Q3 --member 张三 --by 李四 --matter 义诊少记一次"),
    ("objections", objections, "2026Q3"),
    ("revise", revise, "2026Q3 --reason 补录义诊"),
    ("lock", lock, "2026Q3"),
    ("diff", diff, "2026Q2 2026Q3"),
    ("annual", annual, "2026"),
    ("schemes", schemes, ""),
]
for name, command, words in _COMMANDS:
    app.command(name, example=f"partybuild index {name} {words}".rstrip())(command)
app.add_typer(scheme, name="scheme")
