"""Checks and their answers (检查项与检查结果): what is asked is data, what answers it is one function marked with its id.

The checks follow the four heads of a 四强党支部 (政治功能 支部班子 党员队伍 作用发挥). No official scored
list exists, so they carry no points: an item says 达标, 未达标, 无数据 or 不适用, and by which article.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from partybuild_cli.values.kind import Reference
from partybuild_cli.values.text import shipped

if TYPE_CHECKING:
    from partybuild_cli.rules.facts import Facts, PartyBranch

NAMED_AT_MOST = 5
LOCAL_MARK = "（本单位设定或医院做法，全国无统一数字）"


def table(name: str) -> dict[str, Any]:
    """The table `data/<name>.toml`; its fractions are Decimals, never binary floats."""
    return shipped(f"rules/data/{name}.toml", Decimal)


class State(StrEnum):
    """What the records say about a check; unknown (无数据) is neither good nor bad."""

    MET = "达标"
    UNMET = "未达标"
    NO_DATA = "无数据"
    NOT_APPLICABLE = "不适用"


class Check(NamedTuple):
    """One line of the self-check (自查提示), from and until when; `ledger` is where an inspector finds the records behind
    it, `index` the posting sheet. In a remedy `{branch}` is the branch and `{quarter}` the quarter that is checked.
    """

    id: str
    ledger: str
    head: str
    name: str
    article: str
    remedy: str
    local: bool = False
    begins: date | None = None
    ends: date | None = None

    @property
    def basis(self) -> str:
        """The article as printed, so that a local number never passes for a national one."""
        return self.article + LOCAL_MARK if self.local else self.article


@cache
def catalogue() -> dict[str, Check]:
    """All checks by id, in the order in which they are printed."""
    return {row["id"]: Check(**row) for row in table("checks")["check"]}


class Result(NamedTuple):
    """What a check found of one branch: `figure`, then each of `lists` that has names. `remind` gives the remedy
    although nothing is lacking yet; `remedy` is one that fits better than the check's own.
    """

    state: State
    figure: str
    lists: Sequence[tuple[str, Sequence[str]]] = ()
    records: Sequence[Reference] = ()
    remind: bool = False
    remedy: str = ""

    def text(self, most: int | None = None) -> str:
        """The figure with every name, or with so many of each list and how many there are."""
        return self.figure + "".join(words + listed(names, most) for words, names in self.lists if names)


class Item(NamedTuple):
    """One line of `check`: a branch, a state, the figure (whole, and `brief` for a line), the article, the remedy."""

    id: str
    branch: str
    state: State
    figure: str
    brief: str
    article: str
    remedy: str
    records: tuple[Reference, ...]

    def document(self, opened: bool = False) -> dict[str, object]:
        """The item as `--json` prints it, with every name; where it is opened, with the records behind it."""
        fields = {key: getattr(self, key) for key in ("id", "branch", "state", "figure", "article", "remedy")}
        return fields | ({"records": [record.document() for record in self.records]} if opened else {})


#: What a check gives: the names of branches, each with what was found there.
Results = Iterator[tuple[str, Result]]
#: Functions of the facts; of one branch, or of whatever records lie under.
OfBranch = Callable[["Facts", "PartyBranch"], Result]
OfAll = Callable[["Facts"], Results]
ASKED: dict[str, OfAll] = {}


def check(id: str) -> Callable[[OfBranch], OfBranch]:
    """Mark the function that answers a check for one branch; the rest of it is data in `checks.toml`."""

    def mark(function: OfBranch) -> OfBranch:
        check_all(id)(lambda facts: ((branch.name, function(facts, branch)) for branch in facts.branches))
        return function

    return mark


def check_all(id: str) -> Callable[[OfAll], OfAll]:
    """Mark the function that answers a check for everything that its records belong to."""

    def mark(function: OfAll) -> OfAll:
        assert id not in ASKED, id
        ASKED[id] = function
        return function

    return mark


def judged(failures: int, unknown: int) -> State:
    """One certain failure is enough; short of that, one unknown leaves the question open."""
    if failures:
        return State.UNMET
    return State.NO_DATA if unknown else State.MET


#: What is not asked of a branch, with the reason; and what the records do not say.
not_applicable, unknown = partial(Result, State.NOT_APPLICABLE), partial(Result, State.NO_DATA)


def ratio(done: int, due: int, unit: str, records: Sequence[Reference] = ()) -> Result:
    """A check that asks for all of `due`: `done/due`, met when they are equal."""
    if due == 0:
        return not_applicable("本期没有应计的记录")
    return Result(judged(due - done, 0), f"{done}/{due} {unit}", records=records)


def counts(found: Mapping[str, int], unit: str, records: Sequence[Reference] = ()) -> Result:
    """A check that only counts, since nobody sets a number: something recorded is enough."""
    figure = "，".join(f"{name}{count}{unit}" for name, count in found.items())
    state = State.MET if any(found.values()) else State.NO_DATA
    return Result(state, figure or "没有记录", records=records)


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Names for a figure: all, or the first few and always how many there are."""
    if most is None or len(names) <= most:
        return "、".join(names)
    return f"{'、'.join(names[:most])}等{len(names)}项"


def percent(part: int, whole: int) -> Decimal:
    """The percentage to one place, HALF_UP: 19 of 22 is 86.4."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
