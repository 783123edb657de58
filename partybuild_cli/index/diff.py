"""What moved between two accounts of the same people (得分变动), what another scheme would move (方案对照), and what one more
record would have moved (试算).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.index.accounts import Account, accounts_of, frozen_accounts, live_account, live_accounts, rule_text
from partybuild_cli.index.compute import Computed, Ranked, compute, compute_branches
from partybuild_cli.index.numbers import plain
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import branch_names, revisions_of
from partybuild_cli.index.scheme import Indicator, Scheme
from partybuild_cli.index.scoring import PARTS, Items, Known, Measured, Score, score_of
from partybuild_cli.values.reference import Reference

Difference = dict[str, Any]


def between_quarters(connection: Connection, one: Quarter, other: Quarter, branch: int | None) -> list[Difference]:
    """Every member who stands in either quarter of a branch: score before and after, and the lines that differ."""
    moved = []
    for number in [branch] if branch is not None else branch_names(connection):
        before, after = accounts_of(connection, one, number), accounts_of(connection, other, number)
        moved += compare(before, after, with_records=False)
    return moved


def between_revisions(connection: Connection, quarter: Quarter, branch: int | None) -> list[Difference]:
    """What each revision changed of the one before, and what the records would change of the last.

    NotFound where nothing is posted yet.
    """
    found: list[Difference] = []
    posted = 0
    for number, name in branch_names(connection).items():
        if branch not in (None, number):
            continue
        frozen = [
            (f"第 {one.revision} 次公示", frozen_accounts(connection, one))
            for one in revisions_of(connection, quarter, number)
            if not one.open
        ]
        posted += len(frozen)
        versions = [*frozen, ("现有记录", live_accounts(connection, quarter, number))] if frozen else []
        for (old, before), (new, after) in pairwise(versions):
            if members := compare(before, after, with_records=True):
                head = {"branch": name, "from": old, "to": new}
                found.append(head | {"records": _in_short(members), "members": members})
    if not posted:
        raise NotFound(
            f"{quarter.label} 还没有公示，没有可比的版本。请先运行 partybuild index publish {quarter.label}。"
        )
    return found


def _in_short(members: Sequence[Difference]) -> list[Difference]:
    """Each record that came or went, once, with how many members it touches."""
    found: dict[tuple[str, str, str, str], set[int]] = {}
    for place, member in enumerate(members):
        for line in member["lines"]:
            for sign, key in (("+", "come"), ("-", "gone")):
                for record in line[key]:
                    what = (sign, record["ledger"], record["day"], record["title"])
                    found.setdefault(what, set()).add(place)
    keys = ("sign", "ledger", "day", "title")
    return [{**dict(zip(keys, what, strict=True)), "members": len(places)} for what, places in sorted(found.items())]


class _Compared(NamedTuple):
    """What is compared of a line: its points, and the records behind it."""

    points: str | None
    records: Sequence[Reference] = ()


def compare(before: Sequence[Account], after: Sequence[Account], *, with_records: bool) -> list[Difference]:
    """The members whose account differs, in the order of the later list, those who left at its end."""
    old = {one.member: one for one in before}
    new = {one.member: one for one in after}
    order = [*new, *(member for member in old if member not in new)]
    moved = [_member(old.get(member), new.get(member), with_records) for member in order]
    return [one for one in moved if one["lines"] or one["before"] != one["after"]]


def _member(old: Account | None, new: Account | None, with_records: bool) -> Difference:
    known = new or old
    assert known is not None
    was, now = (None if one is None else one.score for one in (old, new))
    moved: Difference = {"name": known.name, "staff_no": known.staff_no, "branch": known.branch}
    moved |= {"before": was, "after": now, "difference": _difference(was, now)}
    if old is None or new is None:
        moved["note"] = "原来不在名单上" if old is None else "现在不在名单上"
    return moved | {"lines": _lines(old, new, with_records)}


def _lines(old: Account | None, new: Account | None, with_records: bool) -> list[Difference]:
    """Indicators, bonus and deduction items whose points or records differ; ratings and vetoes too."""
    before, after = _by_line(old), _by_line(new)
    lines = []
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key, _Compared(None)), after.get(key, _Compared(None))
        line: Difference = {"id": key[0], "name": key[1], "before": was.points, "after": now.points}
        if with_records:
            line["gone"] = [one.document() for one in was.records if one not in now.records]
            line["come"] = [one.document() for one in now.records if one not in was.records]
        if line["before"] != line["after"] or line.get("gone") or line.get("come"):
            lines.append(line)
    return lines


def _by_line(account: Account | None) -> dict[tuple[str, str], _Compared]:
    if account is None:
        return {}
    lines = {(line.id, line.name): _Compared(line.points, line.records) for line in account.indicators}
    lines |= {(line.kind, line.name): _Compared(line.points, line.records) for line in account.adjustments}
    lines |= {("评议", PARTS[key]): _Compared(points) for key, points in account.parts.items()}
    return lines | {("一票否决", word): _Compared("0") for word in account.vetoes}


def between_schemes(one: Scheme, other: Scheme) -> list[Difference]:
    """The indicators in which two schemes differ, by id: kind, points and rule of each (方案对照)."""
    before, after = ({line.id: _as_ruled(line) for line in scheme.indicators} for scheme in (one, other))
    return [
        {"id": id, "before": before.get(id), "after": after.get(id)}
        for id in sorted({*before, *after})
        if before.get(id) != after.get(id)
    ]


def _as_ruled(line: Indicator) -> Difference:
    return {
        "name": line.name,
        "kind": "作为" if line.opportunity else "义务",
        "points": plain(line.points),
        "rule": rule_text(line, Fraction(line.target or 0)),
    }


def under_schemes(
    connection: Connection, quarter: Quarter, one: Scheme, other: Scheme, branch: int | None
) -> list[Difference]:
    """What each member would have in a quarter by either scheme, from the records as they are (两个方案的得分)."""
    names, moved = branch_names(connection), []
    computed = [compute(connection, quarter, scheme, branch).branches for scheme in (one, other)]
    for number in computed[0] if branch is None else [branch]:
        before, after = (
            [
                live_account(Computed(quarter, scheme, found, (), scheme), names[number], each)
                for each in found.get(number, ())
            ]
            for scheme, found in zip((one, other), computed, strict=True)
        )
        first = {account.member: account for account in before}
        moved += [
            {
                "name": account.name,
                "staff_no": account.staff_no,
                "branch": account.branch,
                "before": first[account.member].score,
                "after": account.score,
                "difference": _difference(first[account.member].score, account.score),
                "obj": {"before": first[account.member].obj, "after": account.obj},
                "unscored": account.unscored or first[account.member].unscored,
            }
            for account in after
        ]
    return moved


def _difference(was: str | None, now: str | None) -> str | None:
    return None if was is None or now is None else f"{Decimal(now) - Decimal(was):+}"


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
