"""The answer to one check (检查结果), and the catalogue of all checks with their articles and remedies.

The checks follow the four heads of a 四强党支部 (政治功能 支部班子 党员队伍 作用发挥). No official scored
list exists, so they carry no points: an item says 达标, 未达标, 无数据 or 不适用, and by which article.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from partybuild_cli.rules.tables import table

NAMED_AT_MOST = 5
LOCAL_MARK = "（本单位设定或医院做法，全国无统一数字）"


class State(StrEnum):
    """What the records say about a check; unknown (无数据) is neither good nor bad."""

    MET = "达标"
    UNMET = "未达标"
    NO_DATA = "无数据"
    NOT_APPLICABLE = "不适用"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the self-check (自查提示): what is asked, by which article, and what would settle it.

    `ledger` is where an inspector finds the records behind it; `index` stands for the posting sheet.
    """

    id: str
    ledger: str
    head: str
    name: str
    article: str
    remedy: str
    local: bool = False

    @property
    def basis(self) -> str:
        """The article as printed, so that a local number never passes for a national one."""
        return self.article + LOCAL_MARK if self.local else self.article


@dataclass(frozen=True, slots=True)
class Item:
    """One line of `check`: a branch, a state, the figure behind it, the article and the remedy."""

    id: str
    branch: str
    state: State
    figure: str
    article: str
    remedy: str


@cache
def catalogue() -> dict[str, Check]:
    """All checks by id, in the order in which they are printed."""
    return {row["id"]: Check(**row) for row in table("checks")["check"]}


def item(check: str, branch: str, state: State, figure: str, *, remind: bool = False) -> Item:
    """The item of a check; a remedy is given only where something is lacking, or soon will be (`remind`)."""
    asked = catalogue()[check]
    lacking = remind or state in (State.UNMET, State.NO_DATA)
    return Item(check, branch, state, figure, asked.basis, asked.remedy if lacking else "")


def judged(failures: int, unknown: int) -> State:
    """One certain failure is enough; short of that, one unknown leaves the question open."""
    if failures:
        return State.UNMET
    return State.NO_DATA if unknown else State.MET


def ratio_item(check: str, branch: str, done: int | None, due: int | None, unit: str) -> Item:
    """A check that asks for all of `due`: `done/due`, met when they are equal."""
    if done is None or due is None:
        return item(check, branch, State.NO_DATA, "没有记录")
    if due == 0:
        return item(check, branch, State.NOT_APPLICABLE, "本期没有应计的记录")
    return item(check, branch, judged(due - done, 0), f"{done}/{due} {unit}")


def listed(names: Iterable[str]) -> str:
    """Names for a figure: the first few in full, and always how many there are."""
    every: Sequence[str] = list(names)
    shown = "、".join(every[:NAMED_AT_MOST])
    return shown if len(every) <= NAMED_AT_MOST else f"{shown}等{len(every)}项"


def counts_item(check: str, branch: str, counts: Mapping[str, int], unit: str) -> Item:
    """A check that only counts, since nobody sets a number: something recorded is enough."""
    figure = "，".join(f"{name}{count}{unit}" for name, count in counts.items())
    met = any(counts.values())
    return item(check, branch, State.MET if met else State.NO_DATA, figure or "没有记录")
