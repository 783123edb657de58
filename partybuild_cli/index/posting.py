"""The posting of a branch's quarter (公示表): a page made from the frozen accounts, the same whenever it is printed.

No personal data beyond the name: why a member is not scored (病假 …) is nobody's business on a wall.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.accounts import accounts_of
from partybuild_cli.index.frozen import frozen_accounts
from partybuild_cli.index.listing import branch_names
from partybuild_cli.index.namesakes import told_apart
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, revisions_of
from partybuild_cli.sheets.writing import Cell, Field, Page
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.mask import mask_name

_TENTH = Decimal("0.1")
_NARROW = 7.5


def posting_page(
    connection: Connection, quarter: Quarter, branch: int, *, mask: bool = False, revision: int | None = None
) -> Page:
    """The posting as it was frozen, by default the last revision; of a draft, what the records say now."""
    posted = [one for one in revisions_of(connection, quarter, branch) if not one.open]
    wanted = [one for one in posted if revision in (None, one.revision)]
    name = branch_names(connection)[branch]
    if wanted:
        return _page(quarter, name, frozen_accounts(connection, wanted[-1].id), wanted[-1], mask)
    return _page(quarter, name, accounts_of(connection, quarter, branch), None, mask)


def _page(
    quarter: Quarter, branch: str, accounts: Sequence[Mapping[str, Any]], round_: Round | None, mask: bool
) -> Page:
    dimensions: dict[str, str] = next((one["posted_dimensions"] for one in accounts if one["posted_dimensions"]), {})
    names: dict[str, str] = next((one["dimension_names"] for one in accounts if one["dimension_names"]), {})
    shown = _names(accounts, mask)
    return Page(
        name="先锋指数公示",
        title=f"{branch}{quarter.chinese}党员先锋指数公示{'' if round_ else '（草稿）'}",
        left=f"党支部：{branch}",
        right=f"方案：{accounts[0]['scheme'] if accounts else '—'}",
        fields=[
            Field("姓名", "center", 10.0),
            *(Field(names[key], "number", _NARROW + 1) for key in dimensions),
            *(
                Field(heading, "number", _NARROW)
                for heading in ("加分", "扣分", "基础得分", "自评", "互评", "组织评定")
            ),
            Field("季度指数", "number", _NARROW + 1),
            Field("档次", "center", _NARROW),
            Field("备注", "text", 14.0),
        ],
        rows=[_row(one, name, list(dimensions)) for one, name in zip(accounts, shown, strict=True)],
        remarks=_remarks(accounts, round_),
    )


def _names(accounts: Sequence[Mapping[str, Any]], mask: bool) -> list[str]:
    """Names alone; namesakes are told apart, unless the posting is for outside."""
    return [mask_name(one["name"]) for one in accounts] if mask else told_apart(accounts)


def _row(account: Mapping[str, Any], name: str, dimensions: Sequence[str]) -> list[Cell]:
    if account["unscored"]:
        return [name, *([None] * (len(dimensions) + 8)), "不计分"]
    parts = account["parts"]
    return [
        name,
        *(Decimal(account["posted_dimensions"][key]) for key in dimensions),
        _tenth(account["bonus"]),
        _tenth(account["deduction"]),
        _tenth(account["base"]),
        *(_tenth(parts.get(key)) for key in ("self", "peer", "org")),
        None if account["score"] is None else Decimal(account["score"]),
        account["band"],
        "一票否决" if account["vetoes"] else "预备党员" if account["category"] == "预备党员" else None,
    ]


def _tenth(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text).quantize(_TENTH, ROUND_HALF_UP)


def _remarks(accounts: Sequence[Mapping[str, Any]], round_: Round | None) -> list[str]:
    remarks = []
    lacking = _lacking(accounts)
    if lacking:
        remarks.append(f"以下指标本季度没有台账记录，分值按方案分给其他指标：{'、'.join(lacking)}。")
    if round_ is not None and round_.revision > 1:
        remarks.append(f"本表为第 {round_.revision} 次公示，修订理由：{round_.reason}。")
    until = "    年  月  日至    年  月  日（5个工作日）"
    if round_ is not None and round_.posted_from and round_.posted_until:
        days = round_.posted_days
        until = f"{chinese_day(round_.posted_from)}至{chinese_day(round_.posted_until)}（{days}个工作日）"
    remarks.append(f"公示时间：{until}；受理人：            ；联系电话：              ；意见箱：            ")
    return remarks


def _lacking(accounts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Indicators without data for everybody who is scored."""
    scored = [one["indicators"] for one in accounts if one["indicators"]]
    if not scored:
        return []
    states = [[line["state"] == "no_data" for line in lines] for lines in scored]
    common = [all(column) for column in zip(*states, strict=False)]
    return [line["name"] for line, missing in zip(scored[0], common, strict=False) if missing]
