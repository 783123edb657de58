"""The branch and its committee (支部设置和班子): size, committee, term, secretary (支部工作条例 4, 20-25)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from partybuild_cli.rules.item import Item, State, item, judged, listed
from partybuild_cli.rules.tables import table
from partybuild_cli.values.day import add_months, first_date, last_date


def whole_years(since: date, today: date) -> int:
    """Whole years from a day to today (党龄, 年龄); 29 February comes round on 28 February."""
    years = today.year - since.year
    return years if add_months(since, 12 * years) <= today else years - 1


def committee_needed(formal: int) -> bool:
    """正式党员7人以上 set up a committee (第二十条)."""
    return formal >= int(table("structure")["committee_from"])


def size_item(branch: str, formal: int | None, total: int | None) -> Item:
    """D1: at least three full members, normally no more than fifty members, 预备党员 included (第四条)."""
    if formal is None or total is None:
        return item("D1", branch, State.NO_DATA, "花名册没有记录")
    numbers = table("structure")
    figure = f"党员{total}人，其中正式党员{formal}人"
    if formal < numbers["formal_least"]:
        return item("D1", branch, State.UNMET, f"{figure}，不足{numbers['formal_least']}人")
    if total <= numbers["members_most"]:
        return item("D1", branch, State.MET, figure)
    upper = "党委" if total >= numbers["party_committee_from"] else "党总支"
    hint = f"超过{numbers['members_most']}人，一般应分设支部，可请示成立{upper}"
    return item("D1", branch, State.UNMET, f"{figure}，{hint}")


def committee_item(branch: str, formal: int | None, committee: int) -> Item:
    """B1: a committee exactly where there are seven full members; three to five in it, no more than seven."""
    if formal is None:
        return item("B1", branch, State.NO_DATA, "花名册没有记录")
    numbers = table("structure")
    figure = f"正式党员{formal}人，委员{committee}人"
    if not committee_needed(formal):
        told = "，不设支部委员会" + ("" if committee == 0 else "，只设书记（必要时设1名副书记）")
        return item("B1", branch, judged(committee, 0), figure + told)
    if committee < numbers["committee_least"]:
        return item("B1", branch, State.UNMET, f"{figure}，应设3至5人的支部委员会")
    if committee > numbers["committee_most"]:
        return item("B1", branch, State.UNMET, f"{figure}，一般不超过{numbers['committee_most']}人")
    return item("B1", branch, State.MET, figure)


class TermState(StrEnum):
    """How the term of a committee stands (任期)."""

    RUNNING = "任期内"
    REMINDER = "六个月内届满"
    EXPIRED = "已届满"
    BEYOND = "超过延期上限"
    UNKNOWN = "无法判断"


@dataclass(frozen=True, slots=True)
class Term:
    """When a term expires, from when to prepare the election, and how far an approved delay may reach."""

    expires: date
    reminder: date
    outer: date


def term(elected: date, years: int) -> Term:
    """Elected 2024-03-20 for three years: expires 2027-03-20, reminder 2026-09-20, outer limit 2028-03-20."""
    numbers = table("structure")["term"]
    expires = add_months(elected, 12 * years)
    return Term(expires, add_months(expires, -numbers["reminder"]), add_months(expires, numbers["delay"]))


def term_state(elected_on: str, years: int, today: date) -> TermState:
    """Where today stands in the term; a day known to the month leaves it open only around its edges."""
    states = {_term_state(term(day, years), today) for day in (first_date(elected_on), last_date(elected_on))}
    return states.pop() if len(states) == 1 else TermState.UNKNOWN


def _term_state(found: Term, today: date) -> TermState:
    if today > found.outer:
        return TermState.BEYOND
    if today > found.expires:
        return TermState.EXPIRED
    return TermState.REMINDER if today >= found.reminder else TermState.RUNNING


def term_item(branch: str, elected_on: str | None, years: int | None, today: date) -> Item:
    """B2: the term has not expired; in its last six months a remedy reminds of the election."""
    if not elected_on:
        return item("B2", branch, State.NO_DATA, "没有本届选举日期")
    lasts = years or int(table("structure")["term"]["years"])
    state, dates = term_state(elected_on, lasts, today), term(first_date(elected_on), lasts)
    figure = f"{elected_on}选举，任期{lasts}年，{dates.expires}届满"
    if state is TermState.UNKNOWN:
        return item("B2", branch, State.NO_DATA, f"{figure}前后；选举日期不完整，看不出是否届满")
    if state in (TermState.EXPIRED, TermState.BEYOND):
        late = f"，已届满（经批准延期最迟到{dates.outer}）"
        told = late if state is TermState.EXPIRED else "，已超过延期一年的上限"
        return item("B2", branch, State.UNMET, figure + told)
    soon = state is TermState.REMINDER
    return item("B2", branch, State.MET, figure + ("，不足六个月，应准备换届" if soon else ""), remind=soon)


def vacancy_item(branch: str, vacant: Collection[str]) -> Item:
    """B3: posts of the committee that nobody holds; 及时 sets no number of days."""
    figure = f"空缺：{listed(vacant)}" if vacant else "没有空缺"
    return item("B3", branch, judged(len(vacant), 0), figure)


def secretary_item(branch: str, full_on: str | None, trainings: int, year_over: bool, today: date) -> Item:
    """B5: 党龄 of at least a year, and a 集中轮训 each year, owed once the year is over."""
    if full_on is None:
        return item("B5", branch, State.NO_DATA, "没有书记的转正日期")
    least = int(table("structure")["secretary_years"])
    most_years, years = whole_years(first_date(full_on), today), whole_years(last_date(full_on), today)
    untrained = year_over and trainings == 0
    figure = f"书记党龄{years}年，本年集中轮训{trainings}次"
    unsure = most_years >= least > years
    return item("B5", branch, judged(int(most_years < least) + untrained, int(unsure)), figure)


def double_leader_item(branch: str, heads_department: bool | None) -> Item:
    """B6: the secretary is also head of the department (双带头人)."""
    if heads_department is None:
        return item("B6", branch, State.NO_DATA, "没有记录书记的行政职务")
    figure = "书记由科室负责人担任" if heads_department else "书记不是科室负责人"
    return item("B6", branch, judged(int(not heads_department), 0), figure)
