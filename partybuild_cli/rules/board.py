"""The committee and its secretary (支部班子: B1-B3 B5 B6 B8): who holds which post, for how long, with what training."""

import re
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from partybuild_cli.records.base.roster import Membership
from partybuild_cli.records.study import StudyKind
from partybuild_cli.rules.facts import Facts, PartyBranch
from partybuild_cli.rules.frequency import committee_needed
from partybuild_cli.rules.item import Result, State, check, counts, judged, not_applicable, table, unknown
from partybuild_cli.values.day import add_months, first_date, last_date
from partybuild_cli.values.kind import Reference

_NO_ROSTER = "花名册没有记录"


def holds(position: str | None, kind: str, deputies: bool = False) -> bool:
    """Whether a post that a cell names is of a kind of `titles.toml` (任职), judged whole: 主任科员 and 原主任 are no 主任."""
    words, ends = table("titles"), sorted(table("titles")[kind], key=len, reverse=True)
    for title in re.split(r"[、，,;；/\s]+|兼任?", position or ""):
        plain, bracketed = re.sub(r"[(（].*?[)）]", "", title), "".join(re.findall(r"[(（](.*?)[)）]", title))
        if plain.startswith(tuple(words["former"])) or any(word in bracketed for word in words["ended"]):
            continue
        acting = any(word in title for word in words["acting"])
        plain = next((plain.removeprefix(word) for word in words["acting"] if plain.startswith(word)), plain)
        end = next((end for end in ends if plain.endswith(end)), None)
        deputy = end and re.search(r"副.{0,2}$", plain.removeprefix("的").removesuffix(end))
        if end and (deputies or acting or not deputy):
            return True
    return False


def whole_years(since: date, today: date) -> int:
    """Whole years from a day to today (党龄, 年龄); 29 February comes round on 28 February."""
    years = today.year - since.year
    return years if add_months(since, 12 * years) <= today else years - 1


def is_secretary(who: Membership) -> bool:
    """书记, and not 副书记."""
    return holds(who.party_post, "secretary")


def secretary_of(facts: Facts, branch: PartyBranch) -> Membership | None:
    return next((who for who in facts.members(branch) if is_secretary(who)), None)


def heads_department(position: str | None) -> bool | None:
    """Whether a position is that of a head of department (双带头人); None where it is not recorded."""
    return holds(position, "heads") if position else None


@check("B1")
def committee(facts: Facts, branch: PartyBranch) -> Result:
    """A committee exactly from seven full members on, of three to seven; one 书记, and one 副书记 at most (第二十条)."""
    numbers, members = table("structure"), facts.members(branch)
    if not members:
        return unknown(_NO_ROSTER)
    formal, board = len(facts.formal(branch)), [who for who in members if who.on_committee]
    needed = committee_needed(formal)
    # Where none is due, 书记 and 副书记 alone make none.
    size = len(board) if needed else sum("委员" in (who.party_post or "") for who in board)
    figure, state = f"正式党员{formal}人，委员{size}人", judged(size, 0)
    if not needed:
        figure += "，不设支部委员会" + ("" if size == 0 else "，只设书记（必要时设1名副书记）")
    else:
        few, many = size < numbers["committee_least"], size > numbers["committee_most"]
        figure += f"，应设{'至'.join(map(str, numbers['committee_usual']))}人的支部委员会" if few else ""
        figure += f"，一般不超过{numbers['committee_most']}人" if many else ""
        state = judged(few or many, 0)
    held = {
        "书记": sum(map(is_secretary, members)),
        "副书记": sum(any(post.endswith("副书记") for post in who.posts) for who in members),
    }
    over = [f"{post}{held[post]}人，应为{most}人" for post, most in numbers["at_most"].items() if held[post] > most]
    records = [facts.person(who.member, who.party_post or "") for who in board]
    return Result(State.UNMET if over else state, figure, (("；", over),), records)


class Term(NamedTuple):
    """When a term expires, from when to prepare the election, and how far an approved delay may reach."""

    expires: date
    reminder: date
    outer: date

    def state(self, today: date) -> "TermState":
        if today > self.expires:
            return TermState.BEYOND if today > self.outer else TermState.EXPIRED
        return TermState.REMINDER if today >= self.reminder else TermState.RUNNING


class TermState(StrEnum):
    """How the term of a committee stands (任期); its word is what the check says of it."""

    RUNNING = ""
    REMINDER = "，不足六个月，应准备换届"
    EXPIRED = "，已届满（经批准延期最迟到{outer}）"
    BEYOND = "，已超过延期一年的上限"
    UNKNOWN = "前后；选举日期不完整，看不出是否届满"


def term(elected: date, years: int, extended_until: str | None = None) -> Term:
    """Elected 2024-03-20 for three years: expires 2027-03-20, reminder 2026-09-20, outer limit 2028-03-20 (延期一年)."""
    numbers, expires = table("structure")["term"], add_months(elected, 12 * years)
    outer = add_months(expires, numbers["delay"])
    if extended_until is not None:
        expires = min(max(last_date(extended_until), expires), outer)
    return Term(expires, add_months(expires, -numbers["reminder"]), outer)


def term_of(branch: PartyBranch) -> tuple[int, Term]:
    """The years of the present term of a branch whose election is recorded, and its days."""
    years = branch.term_years or int(table("structure")["term"]["years"])
    return years, term(first_date(str(branch.elected_on)), years, branch.extended_until)


def term_state(elected_on: str, years: int, today: date, extended_until: str | None = None) -> TermState:
    """Where today stands in the term; a day known to the month leaves it open only around its edges."""
    days = {first_date(elected_on), first_date(elected_on) if extended_until else last_date(elected_on)}
    states = {term(elected, years, extended_until).state(today) for elected in days}
    return states.pop() if len(states) == 1 else TermState.UNKNOWN


@check("B2")
def election(facts: Facts, branch: PartyBranch) -> Result:
    """The term has not expired; in its last six months a remedy reminds of the election (第二十一条)."""
    if not branch.elected_on:
        return unknown("没有本届选举日期")
    years, dates = term_of(branch)
    state = term_state(branch.elected_on, years, facts.as_of, branch.extended_until)
    usual = int(table("structure")["term"]["years"])
    odd = f"（规定{usual}年，请核对）" if years > usual else ""
    end = f"{dates.expires}届满" if branch.extended_until is None else f"经批准延期到{dates.expires}"
    figure = f"{branch.elected_on}选举，任期{years}年{odd}，{end}{state.format(outer=dates.outer)}"
    judgement = judged(state in (TermState.EXPIRED, TermState.BEYOND), state is TermState.UNKNOWN or bool(odd))
    records = [Reference("branch", branch.number, branch.elected_on, branch.name, "本届选举日期")]
    return Result(judgement, figure, records=records, remind=state is TermState.REMINDER)


@check("B3")
def vacancies(facts: Facts, branch: PartyBranch) -> Result:
    """Posts that the regulation names and nobody holds (第二十、二十一条); 及时 sets no number of days."""
    board = [who for who in facts.members(branch) if who.on_committee]
    if not facts.members(branch):
        return unknown(_NO_ROSTER)
    vacant = [] if any(map(is_secretary, board)) else ["书记"]
    if committee_needed(len(facts.formal(branch))):
        posts: dict[str, str] = table("structure")["posts"]
        held = [post for who in board for post in who.posts]
        vacant += [post for post, word in posts.items() if not any(word in title for title in held)]
    figure = "" if vacant else "没有空缺"
    records = [facts.person(who.member, who.party_post or "") for who in board]
    return Result(judged(len(vacant), 0), figure, (("空缺：", vacant),), records)


@check("B5")
def secretary(facts: Facts, branch: PartyBranch) -> Result:
    """党龄 of at least a year (第二十三条), and a 集中轮训 each year (第二十五条), owed once the year is over."""
    who = secretary_of(facts, branch)
    full_on = facts.registered[who.member]["full_on"] if who else None
    if who is None or full_on is None:
        return unknown("没有书记的转正日期" if who else "没有登记书记")
    least = int(table("structure")["secretary_years"])
    most, years = whole_years(first_date(full_on), facts.as_of), whole_years(last_date(full_on), facts.as_of)
    year = facts.every("study", facts.year_bounds)
    mine = (row for row in year if row["member_id"] == who.member and row["kind"] == StudyKind.COURSE and row["hours"])
    courses = [Reference("study", row["id"], row["studied_on"], row["topic"]) for row in mine]
    untrained = facts.year_over and not courses
    state = judged(int(most < least) + untrained, int(most >= least > years))
    records = [facts.person(who.member, f"{full_on}转正"), *courses]
    return Result(state, f"书记党龄{years}年，本年集中轮训{len(courses)}次", records=records)


@check("B6")
def double_leader(facts: Facts, branch: PartyBranch) -> Result:
    """The secretary is also head of the department (双带头人)."""
    who = secretary_of(facts, branch)
    position = facts.registered[who.member]["position"] if who else None
    heads = heads_department(position)
    if who is None or heads is None:
        return unknown("没有记录书记的行政职务")
    figure = "书记由科室负责人担任" if heads else "书记不是科室负责人"
    return Result(judged(int(not heads), 0), figure, records=[facts.person(who.member, position or "")])


def leaders_attended(facts: Facts) -> dict[int, dict[int, list[Reference]]]:
    """PartyBranch -> its leading members (党员领导干部) -> the meetings of the branch at which each was as an ordinary member."""
    leaders = {who for who, row in facts.registered.items() if holds(row["position"], "leaders", deputies=True)}
    return {
        branch.number: {
            who.member: [
                meeting.reference(facts.roster.shown(who.member))
                for meeting in facts.held(branch)
                if who.member in meeting.states.get("出席", ())
            ]
            for who in facts.members(branch)
            if who.member in leaders
        }
        for branch in facts.branches
    }


@check("B8")
def double_life(facts: Facts, branch: PartyBranch) -> Result:
    """双重组织生活 of leading members (第十五条) is only counted: the articles set no number of times."""
    leaders = facts.once(leaders_attended)[branch.number]
    if not leaders:
        return not_applicable("没有登记党员领导干部")
    found = {facts.roster.shown(member): len(records) for member, records in leaders.items()}
    return counts(found, "次", [record for records in leaders.values() for record in records])
