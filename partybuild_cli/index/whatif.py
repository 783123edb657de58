"""What one more record would have brought (试算): the same scheme, the same member, one figure changed."""

import re
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import UsageFault
from partybuild_cli.index.exact import plain
from partybuild_cli.index.explanation import lines
from partybuild_cli.index.listing import compute_branches
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rules import Items, Measured
from partybuild_cli.index.scheme import Indicator
from partybuild_cli.index.scoring import Score, Scorers

_FORM = re.compile(r"([^:+]+):?([+-]\d+)")


class Question(NamedTuple):
    """What is asked: a measure (service), an indicator (D2) or a kind (义诊), and how many more."""

    word: str
    more: int


def parse_question(text: str) -> Question:
    """`service:+1`, `D2:+1`, `义诊:+1`. UsageFault for anything else."""
    found = _FORM.fullmatch(text.replace("：", ":").replace(" ", ""))
    if found is None or int(found[2]) == 0:
        raise UsageFault(f"--what-if “{text}”看不懂，请写成 service:+1、D2:+1 或 义诊:+1。")
    return Question(found[1], int(found[2]))


def what_if(
    connection: Connection, quarter: Quarter, member: int, branch: int, asked: Question
) -> list[dict[str, Any]]:
    """For every indicator that the question fits: the score that the member would have had.

    UsageFault, naming what may be asked, when the scheme has no such indicator.
    """
    [(computed, _)] = compute_branches(connection, quarter, [branch], None)
    standing = next((one for one in computed.branches.get(branch, ()) if one.entrant.member == member), None)
    if standing is None or standing.score is None:
        return []
    score, entrant = standing.score, standing.entrant
    fitting = [one for one in score.indicators if asked.word in (one.id, one.measure, *one.kinds, *one.each)]
    if not fitting:
        known = "、".join(dict.fromkeys(word for one in score.indicators for word in (one.id, one.measure, *one.kinds)))
        raise UsageFault(f"方案中没有“{asked.word}”这一项。可以写：{known}。")
    scorer = Scorers(computed.scheme).of(entrant.staff_kind, entrant.party_post, entrant.presence)
    return [_outcome(one, score, scorer.score(_changed(score, one, asked))) for one in fitting]


def _changed(score: Score, one: Indicator, asked: Question) -> Any:
    measured = {**score.case.measured, one.id: _more(one, score.case.measured[one.id], asked)}
    return replace(score.case, measured=measured)


def _more(one: Indicator, measured: Measured, asked: Question) -> Measured:
    """The figure with so many more; never less than none."""
    if one.rule == "each":
        word = asked.word if asked.word in one.each else next(iter(one.each))
        return Measured("scored", items=_added(measured.items, word, asked.more))
    if one.rule == "share":
        return Measured("scored", max(0, measured.value + asked.more), max(1, measured.due + max(0, asked.more)))
    return Measured("scored", max(0, measured.value + asked.more))


def _added(items: Items, word: str, more: int) -> Items:
    found = dict(items)
    found[word] = max(0, found.get(word, 0) + more)
    return tuple(found.items())


def _outcome(one: Indicator, before: Score, after: Score) -> dict[str, Any]:
    was, now = ({line["id"]: line["points"] for line in lines(score)}[one.id] for score in (before, after))
    moved = None if before.score is None or after.score is None else f"{after.score - before.score:+}"
    return {
        "id": one.id,
        "name": one.name,
        "points": {"before": was, "after": now},
        "base": None if after.base is None else plain(after.base),
        "score": None if after.score is None else str(after.score),
        "difference": moved,
    }
