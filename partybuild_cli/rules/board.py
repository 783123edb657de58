"""The committee and its secretary (支部班子: B1-B3 B5 B6 B8): who holds which post, for how long, with what training."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from partybuild_cli.records.base.roster import Seat
from partybuild_cli.rules.branches import Branch
from partybuild_cli.rules.facts import Facts
from partybuild_cli.rules.frequency import committee_needed
from partybuild_cli.rules.item import Finding, Findings, State, check, counts, judged, not_applicable, table, unknown
from partybuild_cli.values.day import add_months, first_date, last_date
from partybuild_cli.values.reference import Reference
from partybuild_cli.values.text import tight

_NO_ROSTER = "花名册没有记录"


@dataclass(frozen=True)
class Titles:
    """Posts that are held (任职): the last words of a title, with what in front or behind makes it none.

    A title is judged whole: 主任科员, 主任医师, 主任助理 and 原主任 are no 主任, 院长办公室主任 is no 院长.
    """

    ends: tuple[str, ...]
    deputies: bool = False

    def held(self, position: str | None) -> bool:
        """Whether one of the posts that a cell names is of these."""
        return any(self._is(title) for title in _titles(position or ""))

    def _is(self, title: str) -> bool:
        words = table("titles")
        acting = any(word in title for word in words["acting"])
        plain, bracketed = re.sub(r"[(（].*?[)）]", "", title), "".join(re.findall(r"[(（](.*?)[)）]", title))
        if any(plain.startswith(word) for word in words["former"]) or any(word in bracketed for word in words["ended"]):
            return False
        plain = next((plain.removeprefix(word) for word in words["acting"] if plain.startswith(word)), plain)
        plain = plain.removeprefix("的")
        found = next((end for end in sorted(self.ends, key=len, reverse=True) if plain.endswith(end)), None)
        if found is None:
            return False
        before = plain.removesuffix(found)
        return self.deputies or acting or not re.search(r"副.{0,2}$", before)


def _titles(position: str) -> list[str]:
    """The titles of a cell: 科主任、党支部书记 is two, and so is 院长兼党委副书记."""
    return [tight(title) for title in re.split(r"[、，,;；/\s]+|兼任?", position) if title]


def whole_years(since: date, today: date) -> int:
    """Whole years from a day to today (党龄, 年龄); 29 February comes round on 28 February."""
    years = today.year - since.year
    return years if add_months(since, 12 * years) <= today else years - 1


def is_secretary(seat: Seat) -> bool:
    """书记, and not 副书记."""
    return Titles(tuple(table("titles")["secretary"])).held(seat.party_post)


def secretary_of(facts: Facts, branch: Branch) -> Seat | None:
    """The secretary of a branch."""
    return next((seat for seat in facts.members(branch.number) if is_secretary(seat)), None)


def heads_department(position: str | None) -> bool | None:
    """Whether a position is that of a head of department (双带头人); None where it is not recorded."""
    return Titles(tuple(table("titles")["heads"])).held(position) if position else None


def _posts(facts: Facts, seats: list[Seat]) -> list[Reference]:
    return [facts.person(seat.member, seat.party_post or "") for seat in seats]


@check("B1")
def committee(facts: Facts) -> Findings:
    """A committee exactly where there are seven full members; three to five in it, no more than seven (第二十条)."""
    numbers = table("structure")
    usual = "至".join(map(str, numbers["committee_usual"]))
    for branch in facts.branches:
        formal = len(facts.formal(branch.number))
        board = [seat for seat in facts.members(branch.number) if seat.on_committee]
        needed = committee_needed(formal)
        # Where none is due, 书记 and 副书记 alone make none.
        size = len(board) if needed else sum("委员" in (seat.party_post or "") for seat in board)
        figure, state = f"正式党员{formal}人，委员{size}人", State.MET
        if not facts.members(branch.number):
            yield branch.name, unknown(_NO_ROSTER)
            continue
        if not needed:
            figure += "，不设支部委员会" + ("" if size == 0 else "，只设书记（必要时设1名副书记）")
            state = judged(size, 0)
        elif size < numbers["committee_least"]:
            figure, state = f"{figure}，应设{usual}人的支部委员会", State.UNMET
        elif size > numbers["committee_most"]:
            figure, state = f"{figure}，一般不超过{numbers['committee_most']}人", State.UNMET
        yield branch.name, Finding(state, figure, records=_posts(facts, board))


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

    def state(self, today: date) -> TermState:
        """Where a day stands in the term."""
        if today > self.outer:
            return TermState.BEYOND
        if today > self.expires:
            return TermState.EXPIRED
        return TermState.REMINDER if today >= self.reminder else TermState.RUNNING


def term(elected: date, years: int) -> Term:
    """Elected 2024-03-20 for three years: expires 2027-03-20, reminder 2026-09-20, outer limit 2028-03-20."""
    numbers = table("structure")["term"]
    expires = add_months(elected, 12 * years)
    return Term(expires, add_months(expires, -numbers["reminder"]), add_months(expires, numbers["delay"]))


def term_of(branch: Branch) -> tuple[int, Term]:
    """The years of the present term of a branch whose election is recorded, and its days, an approved delay counted in."""
    numbers = table("structure")["term"]
    years = branch.term_years or int(numbers["years"])
    usual = term(first_date(str(branch.elected_on)), years)
    if branch.extended_until is None:
        return years, usual
    expires = min(max(last_date(branch.extended_until), usual.expires), usual.outer)  # a delay is of a year at most
    return years, Term(expires, add_months(expires, -numbers["reminder"]), usual.outer)


def term_state(elected_on: str, years: int, today: date) -> TermState:
    """Where today stands in the term; a day known to the month leaves it open only around its edges."""
    states = {term(day, years).state(today) for day in (first_date(elected_on), last_date(elected_on))}
    return states.pop() if len(states) == 1 else TermState.UNKNOWN


@check("B2")
def election(facts: Facts) -> Findings:
    """The term has not expired; in its last six months a remedy reminds of the election (第二十一条)."""
    for branch in facts.branches:
        if not branch.elected_on:
            yield branch.name, unknown("没有本届选举日期")
            continue
        records = [Reference("branch", branch.number, branch.elected_on, branch.name, "本届选举日期")]
        lasts, dates = term_of(branch)
        delayed = branch.extended_until is not None
        state = dates.state(facts.as_of) if delayed else term_state(branch.elected_on, lasts, facts.as_of)
        figure = f"{branch.elected_on}选举，任期{lasts}年，{'经批准延期到' if delayed else ''}{dates.expires}{'' if delayed else '届满'}"
        soon = state is TermState.REMINDER
        judgement, told = {
            TermState.UNKNOWN: (State.NO_DATA, "前后；选举日期不完整，看不出是否届满"),
            TermState.EXPIRED: (State.UNMET, f"，已届满（经批准延期最迟到{dates.outer}）"),
            TermState.BEYOND: (State.UNMET, "，已超过延期一年的上限"),
            TermState.REMINDER: (State.MET, "，不足六个月，应准备换届"),
            TermState.RUNNING: (State.MET, ""),
        }[state]
        yield branch.name, Finding(judgement, figure + told, records=records, remind=soon)


@check("B3")
def vacancies(facts: Facts) -> Findings:
    """Posts that the regulation names and nobody holds (第二十、二十一条); 及时 sets no number of days."""
    for branch in facts.branches:
        board = [seat for seat in facts.members(branch.number) if seat.on_committee]
        if not facts.members(branch.number):
            yield branch.name, unknown(_NO_ROSTER)
            continue
        vacant = [] if any(map(is_secretary, board)) else ["书记"]
        if committee_needed(len(facts.formal(branch.number))):
            posts: dict[str, str] = table("structure")["posts"]
            held = [post for seat in board for post in seat.posts]
            vacant += [post for post, word in posts.items() if not any(word in one for one in held)]
        lists = (("空缺：", vacant),)
        yield branch.name, Finding(judged(len(vacant), 0), "" if vacant else "没有空缺", lists, _posts(facts, board))


_TRAININGS = """
SELECT id, member_id, studied_on, topic, hours FROM study
WHERE kind = '专题培训' AND studied_on >= ? AND studied_on < ? ORDER BY studied_on, id
"""


@check("B5")
def secretary(facts: Facts) -> Findings:
    """党龄 of at least a year (第二十三条), and a 集中轮训 each year (第二十五条), owed once the year is over.

    A training of no hours is none.
    """
    trained: dict[int, list[Reference]] = defaultdict(list)
    for number, member, day, topic, hours in facts.connection.exec_driver_sql(_TRAININGS, facts.year_bounds):
        if hours:
            trained[member].append(Reference("study", number, day, topic))
    least = int(table("structure")["secretary_years"])
    for branch in facts.branches:
        seat = secretary_of(facts, branch)
        full_on = facts.people[seat.member].full_on if seat else None
        if seat is None or full_on is None:
            yield branch.name, unknown("没有书记的转正日期" if seat else "没有登记书记")
            continue
        most, years = whole_years(first_date(full_on), facts.as_of), whole_years(last_date(full_on), facts.as_of)
        courses = trained.get(seat.member, [])
        untrained = facts.year_over and not courses
        state = judged(int(most < least) + untrained, int(most >= least > years))
        records = [facts.person(seat.member, f"{full_on}转正"), *courses]
        yield branch.name, Finding(state, f"书记党龄{years}年，本年集中轮训{len(courses)}次", records=records)


@check("B6")
def double_leader(facts: Facts) -> Findings:
    """The secretary is also head of the department (双带头人)."""
    for branch in facts.branches:
        seat = secretary_of(facts, branch)
        position = facts.people[seat.member].position if seat else None
        heads = heads_department(position)
        if seat is None or heads is None:
            yield branch.name, unknown("没有记录书记的行政职务")
            continue
        figure = "书记由科室负责人担任" if heads else "书记不是科室负责人"
        yield (
            branch.name,
            Finding(judged(int(not heads), 0), figure, records=[facts.person(seat.member, position or "")]),
        )


_ATTENDED = """
SELECT m.branch_id, a.member_id, m.id, m.held_on, m.kind || '：' || m.topic
FROM meeting AS m JOIN attendance AS a ON a.meeting_id = m.id
WHERE m.held_on >= ? AND m.held_on < ? AND a.state = '出席' AND a.member_id IN ({leaders}) ORDER BY m.held_on, m.id
"""


def leaders_attended(facts: Facts) -> dict[int, dict[int, list[Reference]]]:
    """Branch -> its leading members (党员领导干部) -> the meetings of the branch at which each was as an ordinary member."""
    leading = Titles(tuple(table("titles")["leaders"]), deputies=True)
    leaders = {number for number, person in facts.people.items() if leading.held(person.position)}
    attended: dict[tuple[int, int], list[Reference]] = defaultdict(list)
    if leaders:
        sql = _ATTENDED.format(leaders=", ".join(map(str, sorted(leaders))))
        for branch_id, member, number, day, title in facts.connection.exec_driver_sql(sql, facts.bounds):
            attended[branch_id, member].append(Reference("meeting", number, day, title, facts.roster.shown(member)))
    return {
        branch.number: {
            seat.member: attended[branch.number, seat.member]
            for seat in facts.members(branch.number)
            if seat.member in leaders
        }
        for branch in facts.branches
    }


@check("B8")
def double_life(facts: Facts) -> Findings:
    """双重组织生活 of leading members (第十五条) is only counted: the articles set no number of times."""
    here = leaders_attended(facts)
    for branch in facts.branches:
        leaders = here[branch.number]
        if not leaders:
            yield branch.name, not_applicable("没有登记党员领导干部")
            continue
        found = {facts.roster.shown(member): len(records) for member, records in leaders.items()}
        yield branch.name, counts(found, "次", [record for records in leaders.values() for record in records])
