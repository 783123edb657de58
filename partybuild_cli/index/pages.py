"""Pages of the index as workbooks (指数表格): the posting, the year of a branch, one member's account.

The same posting gives the same bytes whenever it is printed.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.index.accounts import Account, AdjustmentLine, IndicatorLine, frozen_accounts, list_quarter
from partybuild_cli.index.annual import Year, YearLine
from partybuild_cli.index.numbers import in_tenths
from partybuild_cli.index.participants import Roll, told_apart
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, revisions_of
from partybuild_cli.index.scoring import PARTS
from partybuild_cli.outputs import Shelf, file_names
from partybuild_cli.records.settings import Settings, settings_of
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.kind import Style
from partybuild_cli.values.people import mask_name
from partybuild_cli.values.period import running

#: The sheet of a posting.
POSTING = "先锋指数公示"
_NARROW = 6.3  # sixteen columns across a portrait page
_STATES = {"no_data": "无数据", "not_applicable": "不适用"}


def fields(style: Style, width: float, *headings: str) -> list[Field]:
    """Columns of one kind and width."""
    return [Field(heading, style, width) for heading in headings]


def write_posting(roll: Roll, branch: int, shelf: Shelf, *, mask: bool = False, revision: int | None = None) -> Path:
    """The posting sheet of a branch (公示表), by default the last revision; its path. It bears the day of that posting."""
    told = (f"（第{revision}次）" if revision else "") + ("（对外）" if mask else "")
    quarter = roll.quarter
    path = shelf.place(f"{file_names(roll.names)[branch]}{quarter.chinese}先锋指数公示表{told}.xlsx")
    days = [kept.posted_from for kept in revisions_of(roll.connection, quarter, branch) if kept.posted_from]
    day = date.fromisoformat(days[(revision or 0) - 1]) if days else quarter.last
    page = posting_page(roll, branch, mask=mask, revision=revision)
    write_book(path, [page], created=datetime.combine(day, time()))
    return path


def write_former(roll: Roll, shelf: Shelf, revision: int, *, mask: bool = False) -> list[Path]:
    """The posting sheets of an earlier revision. NotFound where no branch has so many."""
    posted = [kept for kept in revisions_of(roll.connection, roll.quarter) if not kept.open]
    found = [kept.branch for kept in posted if kept.revision == revision and kept.branch in roll.rounds()]
    if not found:
        label = roll.quarter.label
        raise NotFound(
            f"{label} 没有第 {revision} 次公示。请用 partybuild index diff {label} --revision 查看有哪几次。"
        )
    return [write_posting(roll, number, shelf, mask=mask, revision=revision) for number in found]


def posting_page(roll: Roll, branch: int, *, mask: bool = False, revision: int | None = None) -> Page:
    """The posting as it was frozen, by default the last revision; of a draft, what the records say now.

    No personal data beyond the name: a member is 免考核, and for which illness is nobody's business on a wall.
    """
    connection, quarter = roll.connection, roll.quarter
    kept = [posted for posted in revisions_of(connection, quarter, branch) if not posted.open]
    shown = next((posted for posted in reversed(kept) if revision in (None, posted.revision)), None)
    accounts = frozen_accounts(connection, shown) if shown else list_quarter(roll.of([branch])).branches.get(branch, [])
    name = accounts[0].branch if accounts else roll.names[branch]
    captions = next((account.dimension_names for account in accounts if account.dimension_names), {})
    parts = next((list(account.parts) for account in accounts if account.parts), ["self", "peer", "org"])
    names = [mask_name(account.name) for account in accounts] if mask else told_apart(accounts)
    until_now = "" if shown else running(quarter, date.today())
    return Page(
        name=POSTING,
        title=f"{name}{quarter.chinese}党员先锋指数公示{'' if shown else '（草稿）'}",
        left=f"党支部：{name}",
        right=f"方案：{accounts[0].scheme if accounts else '—'}{until_now}",
        fields=[
            Field("姓名", "center", 8.5),
            *fields("number", _NARROW + 0.7, *captions.values()),
            *fields("number", _NARROW, "加分", "扣分", "基础得分", *(PARTS[part] for part in parts)),
            Field("季度指数", "number", _NARROW + 1),
            Field("档次", "center", _NARROW + 1.2),
            Field("备注", "text", 16.0),
        ],
        rows=[
            _posted_row(account, called, list(captions), parts) for account, called in zip(accounts, names, strict=True)
        ],
        opening=_opening(quarter, name, shown, desk_of(connection, quarter, shown)),
        remarks=[*_posting_remarks(accounts, shown)],
        upright=True,
    )


def _posted_row(account: Account, name: str, dimensions: Sequence[str], parts: Sequence[str]) -> list[Cell]:
    if account.unscored:
        return [name, *([None] * (len(dimensions) + len(parts) + 5)), f"不计分：{account.unscored.partition('：')[0]}"]
    figures = [account.bonus, account.deduction, account.base]
    return [
        name,
        *(Decimal(account.posted_dimensions[key]) for key in dimensions),
        *map(in_tenths, figures + [account.parts.get(part) for part in parts]),
        in_tenths(account.score),
        account.band,
        "一票否决" if account.vetoes else "预备党员" if account.category == "预备党员" else None,
    ]


def desk_of(connection: Connection, quarter: Quarter, posted: Round | None) -> Settings:
    """Whom an objection goes to (受理人), as it was said when the posting began; of a draft, when the quarter ended."""
    began = date.fromisoformat(posted.posted_from) if posted and posted.posted_from else quarter.last
    return settings_of(connection, began)


def _opening(quarter: Quarter, branch: str, posted: Round | None, said: Settings) -> str:
    """What is posted, for how long, and whom an objection goes to (公示期、受理人)."""
    until = "    年  月  日至    年  月  日（5个工作日）"
    if posted is not None and posted.posted_from and posted.posted_until:
        days = posted.posted_days
        until = f"{chinese_day(posted.posted_from)}至{chinese_day(posted.posted_until)}（{days}个工作日）"
    desk = (("受理人", said.reception_desk), ("联系电话", said.reception_phone), ("意见箱", said.opinion_box))
    told = "；".join(f"{word}：{value or ' ' * 12}" for word, value in desk)
    return (
        f"现将{branch}{quarter.chinese}党员先锋指数予以公示，公示时间：{until}。如有异议，请在公示期内向支部反映。\n"
        f"{told}。"
    )


def _posting_remarks(accounts: Sequence[Account], posted: Round | None) -> Iterator[str]:
    if lacking := lacking_indicators(accounts):
        yield f"以下指标本季度没有台账记录，分值按方案分给其他指标：{'、'.join(lacking)}。"
    if posted is not None and posted.revision > 1:
        yield f"本表为第 {posted.revision} 次公示，修订理由：{posted.reason}。"


def lacking_indicators(accounts: Sequence[Account]) -> list[str]:
    """Indicators without data for everybody who is scored."""
    scored = [account for account in accounts if account.indicators]
    lines = scored[0].indicators if scored else ()
    return [line.name for line in lines if all(line.id in account.no_data for account in scored)]


def annual_pages(year: Year) -> list[Page]:
    """年度汇总表, one page a branch. The proposal is a proposal: 民主评议 is decided by the branch."""
    branches: dict[str, list[YearLine]] = {}
    for line in year.lines:
        branches.setdefault(line.participant.branch_name, []).append(line)
    return [_annual_page(year, name, lines) for name, lines in branches.items()]


def _annual_page(year: Year, branch: str, lines: Sequence[YearLine]) -> Page:
    labels = sorted({label for line in lines for label in line.quarters})
    quarters = [f"第{'一二三四'[int(label[5]) - 1]}季度" for label in labels]
    rows: list[list[Cell]] = []
    for line, name in zip(lines, told_apart([line.participant for line in lines]), strict=True):
        score = line.score
        figures = [score.index, score.rank, line.band, score.coefficient, score.pay_part, score.proposal]
        rows.append([name, line.participant.category, *map(line.quarters.get, labels), *figures, line.review])
    remarks = [
        "评优建议由指数排出，不超过正式党员的三分之一；民主评议等次由支部党员大会评定。绩效部分为系数乘以挂钩比例，不含金额。"
    ]
    if year.drafts:
        remarks.append(f"{'、'.join(year.drafts)} 尚未公示，所列为草稿得分。")
    return Page(
        name=branch,
        title=f"{branch}{year.year}年度党员先锋指数汇总表",
        left=f"党支部：{branch}",
        right=f"年度：{year.year}年",
        fields=[
            *fields("center", 10.0, "姓名", "人员类别"),
            *fields("number", 9.0, *quarters, "年度指数", "名次"),
            Field("档次", "center", 8.0),
            *fields("number", 10.0, "系数", "绩效部分"),
            *fields("center", 12.0, "评优建议", "民主评议等次"),
        ],
        rows=rows,
        remarks=remarks,
    )


def account_page(account: Account) -> Page:
    """个人得分明细: every line with its points and the records behind it."""
    rows: list[list[Cell]] = []
    for line in account.indicators:
        figures = [Decimal(line.points), Decimal(line.max)]
        rows.append([line.id, line.name, _STATES.get(line.state, line.value), line.rule, *figures, _records(line)])
    rows += [
        [moved.kind, moved.name, moved.value, None, Decimal(moved.points), None, _records(moved)]
        for moved in account.adjustments
    ]
    return Page(
        name=account.name,
        title=f"{account.name}{account.quarter}先锋指数得分明细",
        left=f"党支部：{account.branch}",
        right=f"方案：{account.scheme}",
        fields=[
            Field("编号", "center", 7.0),
            Field("指标", "text", 16.0),
            Field("完成情况", "center", 14.0),
            Field("规则", "text", 28.0),
            *fields("number", 9.0, "得分", "满分"),
            Field("记录", "text", 52.0),
        ],
        rows=rows,
        serial=False,
        remarks=[*_account_remarks(account)],
    )


def _records(line: IndicatorLine | AdjustmentLine) -> str:
    return "；".join(
        " ".join(filter(None, (record.day, record.title))) + (f"（{record.note}）" if record.note else "")
        for record in line.records
    )


def _account_remarks(account: Account) -> Iterator[str]:
    if account.unscored:
        yield f"列名，不计分：{account.unscored}。"
        return
    parts = "，".join(f"{PARTS[key]} {points or '无'}" for key, points in account.parts.items())
    moved = f"加分 {account.bonus} - 扣分 {account.deduction}"
    yield f"基础得分 {account.base or '无'} + {moved} = 记录得分 {account.obj or '无'}；{parts}。"
    if account.vetoes:
        yield f"一票否决：{'、'.join(account.vetoes)}，本季度为 0 分。"
    yield f"季度指数 {account.score or '无'}，档次 {account.band or '无'}。"
