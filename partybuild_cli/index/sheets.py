"""Sheets of the index besides the posting (指数表格): the year of a branch, and one member's account."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from partybuild_cli.index.namesakes import told_apart
from partybuild_cli.index.parts import PARTS
from partybuild_cli.index.yearly import Year, YearLine
from partybuild_cli.sheets.writing import Cell, Field, Page

_STATES = {"no_data": "无数据", "not_applicable": "不适用", "scored": ""}


def annual_pages(year: Year) -> list[Page]:
    """年度汇总表, one page a branch. The proposal is a proposal: 民主评议 is decided by the branch."""
    branches = dict.fromkeys(line.branch for line in year.lines)
    return [_annual_page(year, name, [line for line in year.lines if line.branch == name]) for name in branches]


def _annual_page(year: Year, branch: str, lines: Sequence[YearLine]) -> Page:
    labels = sorted({label for line in lines for label in line.quarters})
    names = told_apart([line.document() for line in lines])
    return Page(
        name=branch,
        title=f"{branch}{year.year}年度党员先锋指数汇总表",
        left=f"党支部：{branch}",
        right=f"年度：{year.year}年",
        fields=[
            Field("姓名", "center", 10.0),
            Field("人员类别", "center", 10.0),
            *(Field(f"第{'一二三四'[int(label[5]) - 1]}季度", "number", 9.0) for label in labels),
            *(Field(heading, "number", 9.0) for heading in ("年度指数", "名次")),
            Field("档次", "center", 8.0),
            *(Field(heading, "number", 10.0) for heading in ("系数", "绩效部分")),
            Field("评优建议", "center", 12.0),
            Field("民主评议等次", "center", 12.0),
        ],
        rows=[_annual_row(line, name, labels) for line, name in zip(lines, names, strict=True)],
        remarks=_annual_remarks(year),
    )


def _annual_row(line: YearLine, name: str, labels: Sequence[str]) -> list[Cell]:
    score = line.score
    quarters = [line.quarters.get(label) for label in labels]
    figures = [score.index, score.rank, line.band, score.coefficient, score.pay_part, score.proposal]
    return [name, line.entrant.category, *quarters, *figures, line.review]


def _annual_remarks(year: Year) -> list[str]:
    remarks = [
        "评优建议由指数排出，不超过正式党员的三分之一；民主评议等次由支部党员大会评定。绩效部分为系数乘以挂钩比例，不含金额。"
    ]
    if year.drafts:
        remarks.append(f"{'、'.join(year.drafts)} 尚未公示，所列为草稿得分。")
    return remarks


def account_page(account: Mapping[str, Any]) -> Page:
    """个人得分明细: every line with its points and the records behind it."""
    rows: list[list[Cell]] = [
        [line["id"], line["name"], _said(line), line["rule"], *_points(line), _records(line)]
        for line in account["indicators"]
    ]
    rows += [
        [line["kind"], line["name"], line["value"], None, Decimal(line["points"]), None, _records(line)]
        for line in account["adjustments"]
    ]
    return Page(
        name=account["name"],
        title=f"{account['name']}{account['quarter']}先锋指数得分明细",
        left=f"党支部：{account['branch']}",
        right=f"方案：{account['scheme']}",
        fields=[
            Field("编号", "center", 7.0),
            Field("指标", "text", 16.0),
            Field("完成情况", "center", 14.0),
            Field("规则", "text", 28.0),
            Field("得分", "number", 9.0),
            Field("满分", "number", 9.0),
            Field("记录", "text", 52.0),
        ],
        rows=rows,
        serial=False,
        remarks=_account_remarks(account),
    )


def _said(line: Mapping[str, Any]) -> str:
    return _STATES[line["state"]] or str(line["value"])


def _points(line: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(line["points"]), Decimal(line["max"])


def _records(line: Mapping[str, Any]) -> str:
    return "；".join(
        " ".join(filter(None, (record["day"], record["title"]))) + (f"（{record['note']}）" if record["note"] else "")
        for record in line["records"]
    )


def _account_remarks(account: Mapping[str, Any]) -> list[str]:
    if account["unscored"]:
        return [f"列名，不计分：{account['unscored']}。"]
    parts = "，".join(f"{PARTS[key]} {points or '无'}" for key, points in account["parts"].items())
    veto = [f"一票否决：{'、'.join(account['vetoes'])}，本季度为 0 分。"] if account["vetoes"] else []
    return [
        f"基础得分 {account['base'] or '无'} + 加分 {account['bonus']} - 扣分 {account['deduction']} = 记录得分 {account['obj'] or '无'}；{parts}。",
        *veto,
        f"季度指数 {account['score'] or '无'}，档次 {account['band'] or '无'}。",
    ]
