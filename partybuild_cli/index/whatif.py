"""What one more record would have brought (试算): the same scheme, the same member, one figure changed."""

import re
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import UsageFault
from partybuild_cli.index.accounts import live_account
from partybuild_cli.index.compute import Ranked, compute_branches
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import Indicator
from partybuild_cli.index.scoring import Items, Known, Measured, Score, score_of

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
    [(computed, _)] = compute_branches(connection, quarter, [branch])
    listed = next((one for one in computed.branches.get(branch, ()) if one.participant.member == member), None)
    if listed is None or listed.score is None:
        return []
    score, participant = listed.score, listed.participant
    fitting = [one for one in score.indicators if asked.word in (one.id, one.measure, *one.kinds, *one.each)]
    if not fitting:
        words = "、".join(dict.fromkeys(word for one in score.indicators for word in (one.id, one.measure, *one.kinds)))
        raise UsageFault(f"方案中没有“{asked.word}”这一项。可以写：{words}。")
    before = live_account(computed, "", listed)
    found = []
    for one in fitting:
        known = _changed(score, one, asked)
        moved = score_of(computed.scheme, known, participant.staff_kind, participant.party_post, participant.presence)
        after = live_account(computed, "", Ranked(participant, moved, None))
        was, now = (
            next(line.points for line in account.indicators if line.id == one.id) for account in (before, after)
        )
        difference = None if score.score is None or moved.score is None else f"{moved.score - score.score:+}"
        found.append(
            {
                "id": one.id,
                "name": one.name,
                "points": {"before": was, "after": now},
                "base": after.base,
                "score": after.score,
                "difference": difference,
            }
        )
    return found


def _changed(score: Score, one: Indicator, asked: Question) -> Known:
    measured = {**score.known.measured, one.id: _more(one, score.known.measured[one.id], asked)}
    return replace(score.known, measured=measured)


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
