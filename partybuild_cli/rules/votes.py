"""Votes (表决): the two kinds of half, four fifths for elections, and whether a vote stands (B9).

半数以上 includes the half, 超过半数 does not; the base is always 应到会有表决权党员, never those present.
All tests are in whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from partybuild_cli.rules.candidates import Candidate, candidates, without_rights
from partybuild_cli.rules.facts import Branch, Facts, Held
from partybuild_cli.rules.item import Finding, check, judged, not_applicable, table
from partybuild_cli.values.day import last_date
from partybuild_cli.values.reference import Reference
from partybuild_cli.values.text import tight
from partybuild_cli.values.votes import Vote, VoteKind, unanimous


class Rule(StrEnum):
    """The rule of a vote: how many must be there, and how many in favour."""

    ORDINARY = "ordinary"
    COMMITTEE = "committee"
    ADMISSION = "admission"
    ELECTION_2020 = "election-2020"
    ELECTION_1990 = "election-1990"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of 应到会 that must be reached (`inclusive`, 以上) or exceeded (超过)."""

    numerator: int
    denominator: int
    inclusive: bool

    def least(self, due: int) -> int:
        """The smallest whole number that passes."""
        whole, rest = divmod(self.numerator * due, self.denominator)
        return whole if self.inclusive and rest == 0 else whole + 1


@dataclass(frozen=True, slots=True)
class VoteRule:
    """One vote's tests; 支委会 has none for the votes in favour (the article is silent)."""

    name: str
    present: Share
    yes: Share | None
    article: str


@dataclass(frozen=True, slots=True)
class Needed:
    """How many must be present and how many in favour."""

    present: int
    yes: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a vote stands: enough came (`quorate`), enough agreed; None where figures lack."""

    passed: bool | None
    quorate: bool | None
    needed: Needed | None
    sentence: str
    article: str = ""


@cache
def vote_rule(kind: Rule) -> VoteRule:
    """The tests of a kind of vote."""
    row = next(row for row in table("quorum")["vote"] if row["id"] == kind)
    yes = _share(row["yes"]) if "yes" in row else None
    return VoteRule(row["name"], _share(row["present"]), yes, row["article"])


def _share(row: dict[str, Any]) -> Share:
    numerator, denominator = row["share"]
    return Share(numerator, denominator, row["test"] == "以上")


def election_on(day: date) -> Rule:
    """The election rule in force on a day."""
    begun = next(row["from"] for row in table("quorum")["vote"] if row["id"] == Rule.ELECTION_2020)
    return Rule.ELECTION_2020 if day >= begun else Rule.ELECTION_1990


def verdict(kind: Rule, due: int | None, present: int | None, yes: int | None = None) -> Verdict:
    """Judge a vote; for admission `yes` holds assents written before the meeting (会前书面意见)."""
    rule = vote_rule(kind)
    if not due:
        return Verdict(None, None, None, f"{rule.name}：没有应到会人数，无法判断；请补填应到会有表决权人数。")
    needed = Needed(rule.present.least(due), rule.yes.least(due) if rule.yes else None)
    told = f"应到{due}人，实到{'未记' if present is None else f'{present}人'}（至少{needed.present}人）"
    quorate, carried = None if present is None else present >= needed.present, True if needed.yes is None else None
    if needed.yes is not None:
        told += f"，赞成{'未记' if yes is None else f'{yes}票'}（至少{needed.yes}票）"
        carried = None if yes is None else yes >= needed.yes
    if quorate is False:
        outcome = "到会人数不足，会议无效"
    elif carried is False:
        outcome = "赞成票不足，未通过"
    else:
        outcome = "记录不全，无法判断" if None in (quorate, carried) else "有效"
    passed = False if False in (quorate, carried) else None if None in (quorate, carried) else True
    return Verdict(passed, quorate, needed, f"{rule.name}：{told}，{outcome}", f"（{rule.article}）")


#: The rules of the kinds that the day does not decide; of a vote that says no kind any may be meant.
_RULES = {VoteKind.ORDINARY: Rule.ORDINARY} | dict.fromkeys(
    (VoteKind.ADMISSION, VoteKind.FULL, VoteKind.EXTENSION, VoteKind.CANCELLED), Rule.ADMISSION
)


def rules_of(kind: str | None, meeting: str, day: str) -> Sequence[Rule]:
    """The rules that may hold of a vote: by its kind, never by the words of a topic; all of them where it says none."""
    if meeting == "支委会" and kind in (None, VoteKind.ORDINARY):
        return (Rule.COMMITTEE,)
    election = election_on(last_date(day))
    if kind is None:
        return (Rule.ORDINARY, Rule.ADMISSION, election)
    return (election,) if kind == VoteKind.ELECTION else (_RULES[VoteKind(kind)],)


@dataclass(frozen=True, slots=True)
class Judged:
    """One vote as it is judged: the record, whether it stands (None where that is not known), the sentence, what disagrees."""

    reference: Reference
    vote: Vote
    passed: bool | None
    sentence: str
    article: str
    faults: Sequence[str]


def judge(vote: Vote, rules: Sequence[Rule], record: Reference, due: int | None, present: int | None) -> Judged:
    """A vote by its typed figures, else by the roster and the attendance (`due`, `present`).

    Where no kind is said it stands, or fails, only if it does so by every rule. Where the typed 应到 is not that of the roster,
    it stands only if it stands by both.
    """
    faults = vote.faults()
    if vote.voters_due is not None and due is not None and vote.voters_due != due:
        faults.append(f"应到有表决权填{vote.voters_due}人，按花名册为{due}人")
    if vote.voters_present is not None and present is not None and vote.voters_present > present:
        faults.append(f"实到有表决权填{vote.voters_present}人，按出席名单为{present}人")
    came = present if vote.voters_present is None else vote.voters_present
    base = due if vote.voters_due is None else vote.voters_due
    own = [verdict(rule, base, came, vote.votes_for) for rule in rules]
    every = [*own, *(verdict(rule, due, came, vote.votes_for) for rule in rules if due not in (None, base))]
    passed = None
    if all(one.passed is False for one in own):
        passed = False
    elif all(one.passed for one in every) and not vote.faults():
        passed = True
    first = next((one for one in every if one.passed is not True), own[0])
    told, article = first.sentence, first.article
    if len(rules) > 1 and passed is None and any(one.passed for one in own):
        told, article = "没有写表决种类（一般、接收预备党员、转正、选举），看不出按哪条规定判断", ""
    return Judged(record, vote, passed, "；".join([told, *faults]), article, faults)


def votes_of(facts: Facts, one: Held) -> list[Judged]:
    """The votes of a meeting; words that give no figures are judged by the attendance, 一致通过 with all who came in favour."""
    due, present = _entitled(facts, one)
    told = [(vote, vote.text()) for vote in one.votes.votes]
    told += [(Vote(0, votes_for=present if unanimous(words) else None), words) for words in one.votes.wordy()]
    return [
        judge(vote, rules_of(vote.vote_kind, one.kind, one.day), one.reference(said), due, present)
        for vote, said in told
    ]


def _entitled(facts: Facts, one: Held) -> tuple[int | None, int | None]:
    """应到会 and 实到会有表决权 by roster and attendance, None where names do not say it.

    Whoever 支部党员大会 had agreed not to count (不计入应到会) and came all the same is counted, as he votes; whoever may not vote
    that day is not, though he comes. 免考核 takes nobody's vote.
    """
    if one.kind == "支委会":
        return (one.due, one.present) if one.due else (None, None)
    came, told = (
        set(one.states.get("出席", ())),
        {m for state, who in one.states.items() if state != "列席" for m in who},
    )
    named = {member for member in told if facts.people[member].formal_on(one.day)}
    if one.basis == "按人数" or not named:
        return None, None
    day = str(last_date(one.day))
    formal = {s.member for s in facts.belonging(one.branch, day) if facts.people[s.member].formal_on(day)}
    due = max(len(named), len(formal)) if one.kind != "党小组会" else len(named)
    voteless = {member for member, start, end in facts.once(without_rights) if start <= one.day <= end}
    present = len((named & came) - voteless)
    seats = facts.belonging(one.branch, one.day)
    uncounted = sum(seat.not_counted_on(one.day) for seat in seats if seat.member in formal - voteless)
    return max(due - len(voteless & formal) - uncounted, present), present


#: What a step of 发展党员 is voted on: its kind, its day and its figures in the ledger.
STEPS = {"voted_on": (VoteKind.ADMISSION, "votes"), "full_voted_on": (VoteKind.FULL, "full_votes")}


def votes_on(facts: Facts, case: Candidate, step: str) -> list[Judged]:
    """The votes on a person of the development ledger: those of a meeting of that day, else the figures typed with the step."""
    kind, typed = STEPS[step]
    day = case.days[step] or ""
    found = [
        each
        for branch, meetings in facts.meetings.items()
        for one in meetings
        if case.branch in (None, branch) and (one.day.startswith(day) or day.startswith(one.day))
        for each in votes_of(facts, one)
        if each.vote.vote_kind == kind and _means(facts, each, case)
    ]
    record = Reference("development", case.number, day, f"{case.name}{kind}", "")
    return found or [judge(vote, rules_of(kind, "", day), record, None, None) for vote in case.votes[typed].votes]


def _means(facts: Facts, judged: Judged, case: Candidate) -> bool:
    """Whether a vote is on that person: by his name, with the number of his record behind it where two bear it."""
    said = tight(judged.vote.vote_on or "").removesuffix("同志")
    namesakes = [one for one in facts.once(candidates) if (one.name, one.branch) == (case.name, case.branch)]
    numbered = [f"{case.name}({form}{case.number})" for form in ("", "编号")]
    return said in numbered or (said == case.name and len(namesakes) == 1)


@check("B9")
def quorate_votes(facts: Facts, branch: Branch) -> Finding:
    """Every vote recorded with a meeting, and the votes of the development ledger."""
    start, end = facts.bounds
    told = [each for one in facts.held(branch) for each in votes_of(facts, one)]
    seen = {each.reference for each in told}
    for case in facts.once(candidates):
        for step in STEPS:
            if case.branch == branch.number and start <= (case.days[step] or "") < end:
                told += [each for each in votes_on(facts, case, step) if each.reference not in seen]
    if not told:
        return not_applicable("本期没有表决")
    failed, unsure = (
        [f"{_name(one)}（{one.sentence}）" for one in told if one.passed is is_so] for is_so in (False, None)
    )
    odd = [f"{_name(one)}（{'；'.join(one.faults)}）" for one in told if one.faults and one.passed]
    lists = (("；无效或未通过：", failed), ("；无法判断：", unsure), ("；数字不符：", odd))
    figure = f"{len(told) - len(failed) - len(unsure)}/{len(told)} 次表决有效通过"
    records = [replace(one.reference, note=one.sentence) for one in told]
    return Finding(judged(len(failed), len(unsure)), figure, lists, records)


def _name(one: Judged) -> str:
    title = one.reference.title.removeprefix("支部党员大会：")
    return f"{one.reference.day} {title}{f'：{one.vote.called}' if one.vote.called else ''}"
