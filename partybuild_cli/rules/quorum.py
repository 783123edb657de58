"""Quorum and majority (到会人数与表决): the two kinds of half, and four fifths for elections.

半数以上 includes the half, 超过半数 does not; the base is always 应到会有表决权党员, never those present.
All tests are in whole numbers.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.rules.item import Item, State, item, judged, listed
from partybuild_cli.rules.tables import table


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


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A reason for which a member is not counted in 应到会 (after consent and approval)."""

    number: int
    reason: str


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


def exclusions() -> list[Exclusion]:
    """The six reasons (不计入应到会的六种情形)."""
    return [Exclusion(**row) for row in table("quorum")["exclusion"]]


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


def quorum_item(branch: str, invalid: list[str], unknown: int, votes: int) -> Item:
    """B9 over `votes` votes: those held without a quorum (by day and topic), and how many lack figures."""
    if votes == 0:
        return item("B9", branch, State.NOT_APPLICABLE, "本期没有表决")
    figure = f"{votes - len(invalid) - unknown}/{votes} 次表决到会有效"
    figure += f"；到会不足：{listed(invalid)}" if invalid else ""
    figure += f"；人数不全{unknown}次" if unknown else ""
    return item("B9", branch, judged(len(invalid), unknown), figure)
