"""Votes (表决): reading their figures, the two kinds of half, four fifths for elections, and whether they stand (B9).

半数以上 includes the half, 超过半数 does not; the base is always 应到会有表决权党员, never those present.
All tests are in whole numbers.
"""

import re
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.rules.candidates import Candidate
from partybuild_cli.rules.facts import Branch, Facts, Held
from partybuild_cli.rules.item import Finding, Findings, check, judged, not_applicable, table
from partybuild_cli.values.day import last_date
from partybuild_cli.values.reference import Reference
from partybuild_cli.values.text import unspaced


class VoteKind(StrEnum):
    """What is voted on, which decides both tests."""

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


@cache
def vote_rule(kind: VoteKind) -> VoteRule:
    """The tests of a kind of vote."""
    row = next(row for row in table("quorum")["vote"] if row["id"] == kind)
    yes = _share(row["yes"]) if "yes" in row else None
    return VoteRule(row["name"], _share(row["present"]), yes, row["article"])


def _share(row: dict[str, Any]) -> Share:
    numerator, denominator = row["share"]
    return Share(numerator, denominator, row["test"] == "以上")


def election_on(day: date) -> VoteKind:
    """The election rule in force on a day."""
    begun = next(row["from"] for row in table("quorum")["vote"] if row["id"] == VoteKind.ELECTION_2020)
    return VoteKind.ELECTION_2020 if day >= begun else VoteKind.ELECTION_1990


def entitled(formal: int, suspended: int = 0, excluded: int = 0) -> int:
    """应到会有表决权党员: full members less those 留党察看 and the approved exclusions."""
    left = formal - suspended - excluded
    if min(formal, suspended, excluded, left) < 0:
        told = f"留党察看{suspended}人、不计入应到{excluded}人，多于正式党员{formal}人"
        raise ValueProblem(f"{told}；请核对人数。")
    return left


def verdict(kind: VoteKind, due: int | None, present: int | None, yes: int | None = None) -> Verdict:
    """Judge a vote; for admission `yes` holds assents written before the meeting (会前书面意见)."""
    rule = vote_rule(kind)
    if not due:
        return Verdict(None, None, None, f"{rule.name}：没有应到会人数，无法判断；请补填应到会有表决权人数。")
    needed = Needed(rule.present.least(due), rule.yes.least(due) if rule.yes else None)
    gathered = None if present is None else present >= needed.present
    carried = _carried(yes, needed)
    tests = (gathered, carried)
    passed = False if False in tests else None if None in tests else True
    told = f"{rule.name}：{_told(due, present, yes, needed)}，{_outcome(gathered, carried)}（{rule.article}）"
    return Verdict(passed, gathered, needed, told)


def _carried(yes: int | None, needed: Needed) -> bool | None:
    if needed.yes is None:
        return True
    return None if yes is None else yes >= needed.yes


def _told(due: int, present: int | None, yes: int | None, needed: Needed) -> str:
    told = f"应到{due}人，实到{'未记' if present is None else f'{present}人'}（至少{needed.present}人）"
    if needed.yes is not None:
        told += f"，赞成{'未记' if yes is None else f'{yes}票'}（至少{needed.yes}票）"
    return told


def _outcome(gathered: bool | None, carried: bool | None) -> str:
    if gathered is False:
        return "到会人数不足，会议无效"
    if carried is False:
        return "赞成票不足，未通过"
    return "记录不全，无法判断" if None in (gathered, carried) else "有效"


#: Field by the words that name it; the longer words come first, since 不同意 ends in 同意.
_WORDS = {
    "due": ("应到会有表决权党员", "应到会有表决权", "应到有表决权", "应到会", "应到"),
    "present": ("实到会有表决权党员", "实到会有表决权", "实到有表决权", "实到会", "实到", "到会"),
    "given": ("发出选票", "发出表决票", "发出票", "发出"),
    "returned": ("收回选票", "收回表决票", "收回票", "收回"),
    "against": ("不同意", "不赞成", "反对"),
    "yes": ("赞成", "同意"),
    "abstained": ("弃权",),
    "spoilt": ("废票", "无效票"),
    "written": ("会前书面意见", "书面意见"),
}
_FIELD = {word: name for name, words in _WORDS.items() for word in words}
_LABELS = {name: words[-1] for name, words in _WORDS.items()}
_NAMED = re.compile(
    rf"({'|'.join(sorted(_FIELD, key=len, reverse=True))})(?:票数|人数|票|数|党员|人)?"
    r"\s*[:为]?\s*(\d+)\s*[张票人名份]?"
)
_FILLER = re.compile(r"[\s,、;。.:()]|其中|会议|党员|表决|未通过|通过|结果")


@dataclass(frozen=True, slots=True)
class Votes:
    """The figures of a vote, None where the text gives none; `yes` holds written assents too."""

    due: int | None = None
    present: int | None = None
    given: int | None = None
    returned: int | None = None
    yes: int | None = None
    against: int | None = None
    abstained: int | None = None
    spoilt: int | None = None
    written: int | None = None


def parse_votes(text: str) -> Votes:
    """The figures of a vote, each named; anything else is a problem, and so are figures at odds."""
    plain = unspaced(text)
    found: dict[str, Any] = {}
    for word, number in _NAMED.findall(plain):
        name = _FIELD[word]
        if found.setdefault(name, int(number)) != int(number):
            raise ValueProblem(f"表决中“{_LABELS[name]}”写了两个不同的数；一格只写一项表决。")
    rest = _FILLER.sub("", _NAMED.sub("", plain))
    if rest or not found:
        raise ValueProblem(f"看不懂表决“{text}”；请写成：应到30 实到28 赞成27 反对0 弃权1。")
    votes = Votes(**found)
    _agree(votes)
    return votes


def _agree(votes: Votes) -> None:
    """No figure may exceed what holds it; written opinions come on top of those present."""
    if votes.due is not None:
        for name, number in asdict(votes).items():
            if number is not None and number > votes.due:
                raise ValueProblem(f"表决中{_LABELS[name]}{number}多于应到{votes.due}；请核对。")
    cast = sum(n or 0 for n in (votes.yes, votes.against, votes.abstained, votes.spoilt))
    if votes.present is not None and cast > votes.present + (votes.written or 0):
        raise ValueProblem(f"表决中各项票数合计{cast}，多于实到{votes.present}；请核对。")
    if votes.given is not None and votes.returned is not None and votes.returned > votes.given:
        raise ValueProblem(f"表决中收回{votes.returned}票，多于发出{votes.given}票；请核对。")


_ADMISSION = re.compile(
    r"接收.{0,12}预备党员|预备党员.{0,12}转正|转正|吸收.{0,8}入党|延长.{0,12}预备期|取消.{0,12}预备党员"
)
_ELECTION = re.compile(r"选举|换届|补选")


@check("B9")
def quorate_votes(facts: Facts) -> Findings:
    """Every vote recorded with a meeting, and the votes of the development ledger."""
    for branch in facts.branches:
        told = [(one.reference(one.votes or ""), _of_meeting(facts, one)) for one in facts.held(branch) if one.votes]
        told += [
            (_admission(case), _quorate(VoteKind.ADMISSION, case.votes or "")) for case in _admitted(facts, branch)
        ]
        if not told:
            yield branch.name, not_applicable("本期没有表决")
            continue
        invalid = [f"{one.day} {one.title.removeprefix('支部党员大会：')}" for one, quorate in told if quorate is False]
        unsaid = sum(quorate is None for _, quorate in told)
        lists = (("；到会不足：", invalid), (f"；人数不全{unsaid}次", ("",) if unsaid else ()))
        figure = f"{len(told) - len(invalid) - unsaid}/{len(told)} 次表决到会有效"
        yield branch.name, Finding(judged(len(invalid), unsaid), figure, lists, [one for one, _ in told])


def _admitted(facts: Facts, branch: Branch) -> list[Candidate]:
    start, end = facts.bounds
    mine = [case for case in facts.candidates if case.branch == branch.number and case.votes]
    return [case for case in mine if start <= (case.case.days["voted_on"] or "") < end]


def _admission(case: Candidate) -> Reference:
    return Reference("development", case.number, case.case.days["voted_on"] or "", f"接收{case.name}", case.votes or "")


def _of_meeting(facts: Facts, one: Held) -> bool | None:
    if one.kind == "支委会":
        return _quorate(VoteKind.COMMITTEE, one.votes or "", one.due, one.present)
    kind = VoteKind.ORDINARY
    if _ADMISSION.search(one.topic):
        kind = VoteKind.ADMISSION
    elif _ELECTION.search(one.topic):
        kind = election_on(last_date(one.day))
    if not one.formal_due:
        return _quorate(kind, one.votes or "")
    # Whoever is not counted in 应到会 but came all the same is counted, as he votes.
    excluded = min(one.formal_due - one.formal_present, _excluded(facts, one))
    return _quorate(kind, one.votes or "", entitled(one.formal_due, 0, excluded), one.formal_present)


def _excluded(facts: Facts, one: Held) -> int:
    """Members whom 支部党员大会 had agreed not to count by that day (不计入应到会)."""
    people = (facts.people[seat.member] for seat in facts.roster.belonging(one.branch, one.day))
    return sum(person.excluded_on is not None and person.excluded_on <= one.day for person in people)


def _quorate(kind: VoteKind, text: str, due: int | None = None, present: int | None = None) -> bool | None:
    """Whether enough came: by the figures of the vote, else by the attendance that is kept."""
    try:
        votes = parse_votes(text)
    except ValueProblem:
        votes = Votes()
    return verdict(kind, votes.due or due, votes.present if votes.present is not None else present, votes.yes).quorate
