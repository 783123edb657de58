"""The members of a branch (党员队伍): hours, talks by pair, review, roster, those away or lost."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from partybuild_cli.rules.item import Item, State, item, judged, listed
from partybuild_cli.rules.tables import table
from partybuild_cli.values.day import add_months, last_date
from partybuild_cli.values.number import plain_decimal

AWAY_MONTHS = 6
"""外出或失联六个月 (教育管理条例 24, 25, 32)."""
STRUCK_OFF_AFTER_MONTHS = 24
"""停止党籍 two years and still lost: 除名 (教育管理条例 24)."""


@dataclass(frozen=True, slots=True)
class Studied:
    """One member's hours in a period, None where none are recorded, and the whole months in the branch."""

    name: str
    hours: Decimal | None
    months: int
    committee: bool = False

    @property
    def target(self) -> Decimal:
        """32 hours a year, 56 for 书记 and committee, in proportion to the months."""
        yearly = table("frequency")["study"]["committee" if self.committee else "member"]
        return Decimal(yearly * self.months) / 12

    @property
    def short(self) -> bool:
        return self.hours is not None and self.hours < self.target


def whole_months(first: date, last: date, arrived: date | None = None, left: date | None = None) -> int:
    """The whole calendar months of first..last that a member spent in the branch, without broken ones."""
    begin, end = max(first, arrived or first), min(last, left or last)
    month = begin if begin.day == 1 else add_months(begin.replace(day=1), 1)
    count = 0
    while add_months(month, count + 1).toordinal() - 1 <= end.toordinal():
        count += 1
    return count


def study_item(branch: str, members: Iterable[Studied]) -> Item:
    """Z4 over the members due (教育管理条例 20), those exempt by 23 (年老体弱) left out by the caller."""
    due = [member for member in members if member.months > 0]
    if not due:
        return item("Z4", branch, State.NOT_APPLICABLE, "没有应计学时的党员")
    short = [f"{m.name}（{plain_decimal(m.hours)}学时）" for m in due if m.short and m.hours is not None]
    unknown = [member.name for member in due if member.hours is None]
    figure = f"{len(due) - len(short) - len(unknown)}/{len(due)} 人达到"
    figure += f"；不足：{listed(short)}" if short else ""
    figure += f"；无记录：{listed(unknown)}" if unknown else ""
    return item("Z4", branch, judged(len(short), len(unknown)), figure)


def talks_item(
    branch: str, committee: Collection[str], members: Collection[str], talks: Iterable[tuple[str, str]]
) -> Item:
    """D4 over twelve months: every two of the committee, each member with one of it, and with another member.

    `committee` holds the 书记 alone where there is no committee; `members` are the others.
    """
    pairs = {frozenset(pair) for pair in talks}
    board, others = set(committee), set(members)
    if not board or not others:
        return item("D4", branch, State.NO_DATA, "没有登记书记、委员或党员")
    wanted = [frozenset(pair) for pair in combinations(sorted(board), 2)]
    within = sum(pair in pairs for pair in wanted)
    with_board = _partnered(pairs, others, board)
    with_members = _partnered(pairs, others, others)
    figure = f"支委之间{within}/{len(wanted)}对，支委和党员{with_board}/{len(others)}人"
    figure += f"，党员之间{with_members}/{len(others)}人"
    lacking = len(wanted) - within + len(others) - with_board
    lacking += len(others) - with_members if len(others) > 1 else 0
    return item("D4", branch, judged(lacking, 0), figure)


def _partnered(pairs: Collection[frozenset[str]], people: set[str], partners: set[str]) -> int:
    """How many of the people share a talk with one of the partners."""
    reached = {one for pair in pairs for one in pair & people if (pair - {one}) & partners}
    return len(reached)


def excellent_cap(formal: int) -> int:
    """How many may be 优秀: a third of the full members, rounded down."""
    numerator, denominator = table("frequency")["review"]["excellent"]
    return int(formal * numerator // denominator)


def review_item(held: Item, formal: int, excellent: int) -> Item:
    """D3: the yearly 民主评议 (`held`, from its meetings), with 优秀 within the third."""
    cap = excellent_cap(formal)
    figure = f"{held.figure}；优秀{excellent}人，上限{cap}人"
    return item("D3", held.branch, State.UNMET if excellent > cap else held.state, figure)


def life_meeting_item(held: Item, measures: int) -> Item:
    """D2: the yearly 组织生活会 (`held`, from its meetings), with a list of 整改."""
    if held.state is not State.MET:
        return held
    figure = f"{held.figure}；整改事项{measures}条"
    return item("D2", held.branch, State.MET if measures else State.NO_DATA, figure)


def away_long(since: str, today: date) -> bool:
    """Away or lost for six months, whatever day a coarse one means: 2026-01-05 is so on 2026-07-05."""
    return today >= add_months(last_date(since), AWAY_MONTHS)


def struck_off_due(stopped_on: str, today: date) -> bool:
    """Two years after 停止党籍 of a lost member (除名)."""
    return today >= add_months(last_date(stopped_on), STRUCK_OFF_AFTER_MONTHS)


def away_item(
    branch: str,
    floating: Mapping[str, str],
    lost: Mapping[str, str],
    today: date,
    stopped: Mapping[str, str] | None = None,
) -> Item:
    """D8: names with the day since which they are away or lost; after six months something is due.

    `stopped` are lost members whose membership was stopped; two years later 除名 is due.
    """
    gone = [f"{name}（{day}停止党籍，已满两年）" for name, day in (stopped or {}).items() if struck_off_due(day, today)]
    if not floating and not lost and not stopped:
        return item("D8", branch, State.NOT_APPLICABLE, "没有流动和失联党员记录")
    since = [(name, "外出", day) for name, day in floating.items()]
    since += [(name, "失联", day) for name, day in lost.items()]
    flagged = [f"{name}（{day}起{word}）" for name, word, day in since if away_long(day, today)]
    figure = f"流动{len(floating)}人，失联{len(lost)}人"
    figure += f"；已满六个月：{listed(flagged)}" if flagged else ""
    figure += f"；应按程序除名：{listed(gone)}" if gone else ""
    return item("D8", branch, judged(len(flagged) + len(gone), 0), figure)


def roster_item(branch: str, members: int, incomplete: Collection[str], wrong_ids: Collection[str]) -> Item:
    """D9: names whose sixteen items are not all there, and names whose ID number fails its check."""
    if members == 0:
        return item("D9", branch, State.NO_DATA, "花名册没有记录")
    figure = f"{members - len(set(incomplete) | set(wrong_ids))}/{members} 人完整"
    figure += f"；缺项：{listed(incomplete)}" if incomplete else ""
    figure += f"；身份证号校验不符：{listed(wrong_ids)}" if wrong_ids else ""
    return item("D9", branch, judged(len(wrong_ids), len(incomplete)), figure)
