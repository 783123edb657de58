"""Votes (表决): the two kinds of half, four fifths for elections, and whether a vote stands (B9).

半数以上 includes the half, 超过半数 does not; the base is always 应到会有表决权党员, never those present.
All tests are in whole numbers.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import NamedTuple

from partybuild_cli.rules.belonging import Candidate, candidates, without_rights
from partybuild_cli.rules.facts import Facts, Held, PartyBranch
from partybuild_cli.rules.item import Result, check, judged, not_applicable, table
from partybuild_cli.values.day import last_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.text import tight
from partybuild_cli.values.votes import Vote, VoteKind, unanimous


class Share(NamedTuple):
    """A share of 应到会 that must be reached (以上) or exceeded (超过)."""

    part: int
    whole: int
    test: str

    def least(self, due: int) -> int:
        enough, rest = divmod(self.part * due, self.whole)
        return enough if self.test == "以上" and rest == 0 else enough + 1


class Rule(NamedTuple):
    """The rule of a vote: how many must be there, and how many in favour (of which the article on 支委会 says nothing)."""

    id: str
    name: str
    article: str
    kinds: Sequence[str]
    present: Share
    yes: Share | None = None
    begins: date = date.min
    until: date = date.max


@cache
def rules() -> dict[str, Rule]:
    """All of them by id."""
    rows = table("quorum")["vote"]
    shares = [{key: Share(*row[key]) for key in ("present", "yes") if key in row} for row in rows]
    return {row["id"]: Rule(**{**row, **mine}) for row, mine in zip(rows, shares, strict=True)}


class Outcome(NamedTuple):
    """Whether a vote stands: enough came (`quorate`), enough agreed; None where figures lack. `needed`: how many of each."""

    passed: bool | None
    quorate: bool | None
    needed: tuple[int, int | None] | None
    sentence: str
    article: str = ""


def verdict(rule: Rule, due: int | None, present: int | None, yes: int | None = None) -> Outcome:
    """Judge a vote; for admission `yes` holds assents written before the meeting (会前书面意见)."""
    if not due:
        return Outcome(None, None, None, f"{rule.name}：没有应到会人数，无法判断；请补填应到会有表决权人数。")
    most, agreeing = rule.present.least(due), rule.yes.least(due) if rule.yes else None
    text = f"应到{due}人，实到{'未记' if present is None else f'{present}人'}（至少{most}人）"
    if agreeing is not None:
        text += f"，赞成{'未记' if yes is None else f'{yes}票'}（至少{agreeing}票）"
    quorate = None if present is None else present >= most
    carried = True if agreeing is None else None if yes is None else yes >= agreeing
    passed = False if False in (quorate, carried) else None if None in (quorate, carried) else True
    failed = "到会人数不足，会议无效" if quorate is False else "赞成票不足，未通过"
    outcome = {True: "有效", False: failed, None: "记录不全，无法判断"}[passed]
    return Outcome(passed, quorate, (most, agreeing), f"{rule.name}：{text}，{outcome}", f"（{rule.article}）")


def rules_of(kind: str | None, meeting: str, day: str) -> Sequence[Rule]:
    """The rules that may hold of a vote on its day: by its kind, never by the words of a topic; all of them where it says none."""
    if meeting == "支委会" and kind in (None, VoteKind.ORDINARY):
        return (rules()["committee"],)
    on, known = last_date(day), rules().values()
    return [r for r in known if (kind in r.kinds if kind else r.kinds) and r.begins <= on < r.until]


class Judged(NamedTuple):
    """One vote as it is judged: the record, whether it stands (None where that is not known), the sentence, what disagrees."""

    reference: Reference
    vote: Vote
    passed: bool | None
    sentence: str
    article: str
    faults: Sequence[str]


def judge(vote: Vote, rules: Sequence[Rule], record: Reference, due: int | None, present: int | None) -> Judged:
    """A vote by its typed figures, else by roster and attendance (`due`, `present`): it stands by all its rules or not
    at all, and where the typed 应到 is not that of the roster, by both.
    """
    faults, odd = vote.faults(), bool(vote.faults())
    if None not in (vote.voters_due, due) and vote.voters_due != due:
        faults.append(f"应到有表决权填{vote.voters_due}人，按花名册为{due}人")
    if vote.voters_present is not None and present is not None and vote.voters_present > present:
        faults.append(f"实到有表决权填{vote.voters_present}人，按出席名单为{present}人")
    came = present if vote.voters_present is None else vote.voters_present
    bases = [due if vote.voters_due is None else vote.voters_due]
    bases += [due] if due not in (None, *bases) else []
    own, *others = ([verdict(rule, base, came, vote.votes_for) for rule in rules] for base in bases)
    every = sum(others, own)
    stands = all(outcome.passed for outcome in every) and not odd
    passed = False if all(outcome.passed is False for outcome in own) else True if stands else None
    first = next((outcome for outcome in every if outcome.passed is not True), own[0])
    text, article = first.sentence, first.article
    if len(rules) > 1 and passed is None and any(outcome.passed for outcome in own):
        text, article = "没有写表决种类（一般、接收预备党员、转正、选举），看不出按哪条规定判断", ""
    return Judged(record, vote, passed, "；".join([text, *faults]), article, faults)


def votes_of(facts: Facts, meeting: Held) -> list[Judged]:
    """The votes of a meeting; words that give no figures are judged by the attendance, 一致通过 with all who came in favour."""
    due, present = _entitled(facts, meeting)
    told = [(vote, vote.text()) for vote in meeting.votes.votes]
    told += [(Vote(0, votes_for=present if unanimous(words) else None), words) for words in meeting.votes.wordy()]
    return [
        judge(vote, rules_of(vote.vote_kind, meeting.kind, meeting.day), meeting.reference(said), due, present)
        for vote, said in told
    ]


def _entitled(facts: Facts, meeting: Held) -> tuple[int | None, int | None]:
    """应到会 and 实到会有表决权 by roster and attendance, None where names do not say it. Whoever 支部党员大会 had agreed not to count
    (不计入应到会) and came all the same is counted, as he votes; whoever may not vote that day is not, though he comes. 免考核
    takes nobody's vote.
    """
    if meeting.kind == "支委会":
        return (meeting.due, meeting.present) if meeting.due else (None, None)
    seen = {member for state, who in meeting.states.items() if state != "列席" for member in who}
    named = {member for member in seen if facts.is_formal(member, meeting.day)}
    if meeting.basis == "按人数" or not named:
        return None, None
    day = str(last_date(meeting.day))
    seats = {s.member: s for s in facts.belonging(meeting.branch, day) if facts.is_formal(s.member, day)}
    due = max(len(named), len(seats)) if meeting.kind != "党小组会" else len(named)
    without = {member for member, start, end in facts.once(without_rights) if start <= meeting.day <= end}
    present = len((named & {*meeting.states.get("出席", ())}) - without)
    voters = [who for member, who in seats.items() if member not in without]
    uncounted = sum(who.not_counted_on(meeting.day) for who in voters)
    return max(due - (len(seats) - len(voters)) - uncounted, present), present


#: What a step of 发展党员 is voted on: its kind, its day and its figures in the ledger.
STEPS = {"voted_on": (VoteKind.ADMISSION, "votes"), "full_voted_on": (VoteKind.FULL, "full_votes")}


def votes_on(facts: Facts, case: Candidate, step: str) -> list[Judged]:
    """The votes on a person of the development ledger: those of a meeting of that day, else the figures typed with the step."""
    kind, typed = STEPS[step]
    day = case.days[step] or ""
    found = [
        each
        for branch, meetings in facts.meetings.items()
        for meeting in meetings
        if case.branch in (None, branch) and (meeting.day.startswith(day) or day.startswith(meeting.day))
        for each in votes_of(facts, meeting)
        if each.vote.vote_kind == kind and _means(facts, each, case)
    ]
    record = Reference("development", case.number, day, f"{case.name}{kind}", "")
    return found or [judge(vote, rules_of(kind, "", day), record, None, None) for vote in case.votes[typed].votes]


def _means(facts: Facts, judged: Judged, case: Candidate) -> bool:
    """Whether a vote is on that person: by his name, with the number of his record behind it where two bear it."""
    said = tight(judged.vote.vote_on or "").removesuffix("同志")
    namesakes = [other for other in facts.once(candidates) if (other.name, other.branch) == (case.name, case.branch)]
    numbered = [f"{case.name}({form}{case.number})" for form in ("", "编号")]
    return said in numbered or (said == case.name and len(namesakes) == 1)


@check("B9")
def quorate_votes(facts: Facts, branch: PartyBranch) -> Result:
    """The votes of the period, at meetings and, where none of these is on him, those typed with a person's steps."""
    start, end = facts.bounds
    told = [vote for meeting in facts.held(branch) for vote in votes_of(facts, meeting)]
    seen = {vote.reference for vote in told}
    for case in facts.once(candidates):
        for step in STEPS:
            if case.branch == branch.number and start <= (case.days[step] or "") < end:
                told += [vote for vote in votes_on(facts, case, step) if vote.reference not in seen]
    if not told:
        return not_applicable("本期没有表决")
    words: dict[bool | None, list[str]] = {False: [], None: [], True: []}
    for vote in told:
        title, called = vote.reference.title.removeprefix("支部党员大会："), vote.vote.called
        wrong = "；".join(vote.faults) if vote.passed else vote.sentence
        if wrong:
            name = f"{vote.reference.day} {title}{f'：{called}' if called else ''}"
            words[vote.passed].append(f"{name}（{wrong}）")
    failed, unsure, odd = words.values()
    lists = (("；无效或未通过：", failed), ("；无法判断：", unsure), ("；数字不符：", odd))
    figure = f"{len(told) - len(failed) - len(unsure)}/{len(told)} 次表决有效通过"
    records = [replace(vote.reference, note=vote.sentence) for vote in told]
    return Result(judged(len(failed), len(unsure)), figure, lists, records)
