"""What moved between two accounts of the same people (得分变动), what another scheme would move (方案对照), what one more record
would have moved (试算), and what typical members would get by a scheme (典型党员对照).
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.index.accounts import Account, frozen_accounts, list_quarter, live_account, live_accounts
from partybuild_cli.index.compute import compute, compute_branches
from partybuild_cli.index.numbers import plain
from partybuild_cli.index.participants import Roll
from partybuild_cli.index.quarter import Document
from partybuild_cli.index.rounds import revisions_of
from partybuild_cli.index.scheme import Indicator, Measurable, Raw, Scheme
from partybuild_cli.index.schemes import as_number
from partybuild_cli.index.scoring import NOT_APPLICABLE, PARTS, Grounds, Items, Measured, rule_text, score_of, share_of
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.text import shipped

#: What is said of a record that came or went.
_RECORD = ("sign", "ledger", "day", "title", "members")
#: The points of a line, and the records behind it.
_Line = tuple[str | None, Sequence[Reference]]


def between_quarters(first: Roll, second: Roll) -> list[Document]:
    """Every member who stands in either quarter of a branch: score before and after, and the lines that differ."""
    before, after = (list_quarter(roll).branches for roll in (first, second))
    both = ((before.get(number, ()), after.get(number, ())) for number in sorted({*before, *after}))
    return [moved for was, now in both for moved in compare(was, now, with_records=False)]


def between_revisions(roll: Roll) -> list[Document]:
    """What each revision changed of the one before, and what the records would change of the last. NotFound."""
    versions: dict[int, list[tuple[str, Sequence[Account]]]] = {}
    asked, label = roll.rounds(), roll.quarter.label
    for posted in revisions_of(roll.connection, roll.quarter):
        if not posted.open and posted.branch_id in asked:
            accounts = frozen_accounts(roll.connection, posted)
            versions.setdefault(posted.branch_id, []).append((f"第 {posted.revision} 次公示", accounts))
    if not versions:
        raise NotFound(f"{label} 还没有公示，没有可比的版本。请先运行 partybuild index publish {label}。")
    now: dict[int, list[Account]] = {}
    for computed in compute_branches(roll, versions):
        now |= live_accounts(computed, records=True)
    found: list[Document] = []
    for number, posted_versions in versions.items():
        for (old, before), (new, after) in pairwise([*posted_versions, ("现有记录", now.get(number, ()))]):
            if members := compare(before, after, with_records=True):
                # each record once, with how many members it touches
                touched = Counter(moved for member in members for moved in _moved(member))
                records = [dict(zip(_RECORD, (*what, count), strict=True)) for what, count in sorted(touched.items())]
                head = {"branch": roll.names[number], "from": old, "to": new}
                found.append(head | {"records": records, "members": members})
    return found


def _moved(member: Document) -> set[tuple[str, ...]]:
    """Each record of a member that came or went, once."""
    sides = (("+", "come"), ("-", "gone"))
    moved = ((sign, record) for line in member["lines"] for sign, key in sides for record in line[key])
    return {(sign, *(record[key] for key in _RECORD[1:4])) for sign, record in moved}


def compare(before: Sequence[Account], after: Sequence[Account], *, with_records: bool) -> list[Document]:
    """The members whose account differs, in the order of the later list, those who left at its end."""
    old, new = ({account.member: account for account in accounts} for accounts in (before, after))
    moved = []
    for member in {**new, **old}:
        was, now = old.get(member), new.get(member)
        lines, found = _lines(was, now, with_records), _difference(was, now)
        if lines or found["before"] != found["after"]:
            if was is None or now is None:
                found["note"] = "原来不在名单上" if was is None else "现在不在名单上"
            moved.append(found | {"lines": lines})
    return moved


def _difference(old: Account | None, new: Account | None) -> Document:
    """Whose score it is, before and after."""
    was, now = (None if account is None else account.score for account in (old, new))
    head = {key: getattr(new or old, key) for key in ("name", "staff_no", "branch")}
    moved = None if was is None or now is None else f"{Decimal(now) - Decimal(was):+}"
    return {**head, "before": was, "after": now, "difference": moved}


def _lines(old: Account | None, new: Account | None, with_records: bool) -> list[Document]:
    """Indicators, bonus and deduction items whose points or records differ; ratings and vetoes too."""
    before, after = _by_line(old), _by_line(new)
    nothing: _Line = (None, ())
    lines = []
    for key in after | before:
        (was, gone), (now, come) = before.get(key, nothing), after.get(key, nothing)
        line: Document = {"id": key[0], "name": key[1], "before": was, "after": now}
        if with_records:
            line["gone"] = [record.document() for record in gone if record not in come]
            line["come"] = [record.document() for record in come if record not in gone]
        if was != now or line.get("gone") or line.get("come"):
            lines.append(line)
    return lines


def _by_line(account: Account | None) -> dict[tuple[str, str], _Line]:
    if account is None:
        return {}
    lines: dict[tuple[str, str], _Line]
    lines = {(line.id, line.name): (line.points, line.records) for line in account.indicators}
    lines |= {(line.kind, line.name): (line.points, line.records) for line in account.adjustments}
    lines |= {("评议", PARTS[key]): (points, ()) for key, points in account.parts.items()}
    return lines | {("一票否决", word): ("0", ()) for word in account.vetoes}


def between_schemes(first: Scheme, second: Scheme) -> list[Document]:
    """The indicators in which two schemes differ, by id: kind, points and rule of each (方案对照)."""
    before, after = ({line.id: line for line in scheme.indicators} for scheme in (first, second))
    found = []
    for id in sorted({*before, *after}):
        was, now = before.get(id), after.get(id)
        ruled = [line and as_ruled(line) for line in (was, now)]
        if was and now and ruled[0] == ruled[1]:  # they may differ in what a rule does not say
            keys = [key for key in Indicator.model_fields if getattr(was, key) != getattr(now, key)]
            ruled = [as_ruled(line, keys) for line in (was, now)]
        if ruled[0] != ruled[1]:
            found.append({"id": id, "before": ruled[0], "after": ruled[1]})
    return found


def as_ruled(line: Indicator, keys: Sequence[str] = ()) -> Document:
    """An indicator in words: its kind, points and rule, and some keys as they stand in the file."""
    kind, rule = "作为" if line.opportunity else "义务", rule_text(line, Fraction(line.target or 0))
    said = [f"{key} = {json.dumps(getattr(line, key), ensure_ascii=False, default=as_number)}" for key in keys]
    return {"name": line.name, "kind": kind, "points": plain(line.points), "rule": "；".join([rule, *said])}


def under_schemes(roll: Roll, first: Scheme, second: Scheme) -> list[Document]:
    """What each member would have in a quarter by either scheme, from the records as they are (两个方案的得分)."""
    moved = []
    before, after = (live_accounts(compute(roll, scheme)) for scheme in (first, second))
    for number, accounts in before.items():
        was = {account.member: account for account in accounts}
        for new in after[number]:
            old = was[new.member]
            rest = {"obj": {"before": old.obj, "after": new.obj}, "unscored": new.unscored or old.unscored}
            moved.append(_difference(old, new) | rest)
    return moved


def parse_question(text: str) -> tuple[str, int]:
    """What is asked, a measure (service:+1), an indicator (D2:+1) or a kind (义诊:+1), and how many more. UsageFault."""
    found = re.fullmatch(r"([^:+]+):?([+-]\d+)", text.replace("：", ":").replace(" ", ""))
    if found is None or int(found[2]) == 0:
        raise UsageFault(f"--what-if “{text}”看不懂，请写成 service:+1、D2:+1 或 义诊:+1。")
    return found[1], int(found[2])


def what_if(roll: Roll, member: int, word: str, more: int) -> list[Document]:
    """For every indicator that the question fits: the score that the member would have had. UsageFault where none does."""
    found: list[Document] = []
    everybody = (
        (computed, listed)
        for computed in compute_branches(roll, roll.names)
        for branch in computed.branches.values()
        for listed in branch
    )
    for computed, listed in everybody:
        who, score = listed.participant, listed.score
        if who.member != member or score is None:
            continue
        lines = [(at, line.indicator, line.measured) for at, line in enumerate(score.lines)]
        fitting = [it for it in lines if word in (it[1].id, it[1].measure, *it[1].kinds, *it[1].each)]
        if not fitting:
            said = f"请写指标编号（{'、'.join(line.id for _, line, _ in lines)}），或指标所计的类别，如 义诊"
            raise UsageFault(f"方案中没有“{word}”这一项。{said}。")
        before = live_account(computed, listed)
        for at, line, measured in fitting:
            supposed = {**score.known.measured, line.id: _with_more(line, measured, word, more)}
            known = score.known._replace(measured=supposed)
            tried = score_of(computed.scheme, known, who.staff_kind, who.party_post, who.presence)
            after = live_account(computed, listed._replace(score=tried))
            was, now = (account.indicators[at].points for account in (before, after))
            head = {"id": line.id, "name": line.name, "points": {"before": was, "after": now}}
            rest = {"base": after.base, "score": after.score, "difference": _difference(before, after)["difference"]}
            found.append(head | rest)
    return found


def _with_more(line: Indicator, measured: Measured, word: str, more: int) -> Measured:
    """The figure with so many more; never less than none."""
    if line.rule == "each":
        found, word = dict(measured.items), word if word in line.each else next(iter(line.each))
        return Measured("scored", items=tuple((found | {word: max(0, found.get(word, 0) + more)}).items()))
    due = max(1, measured.due + max(0, more)) if line.rule == "share" else 0
    return Measured("scored", max(0, measured.value + more), due)


def typical_members() -> list[Raw]:
    """Typical members, by what was recorded of each in the words of the measures; what is not said is as of the first."""
    members = shipped("index/typical.toml", Decimal)["members"]
    return [members[0] | member for member in members]


def typical_score(scheme: Scheme, member: Raw) -> Decimal | None:
    """The score by the records alone that a typical member would get."""
    kind, found = member.get("staff_kind"), member.get("moved", {})
    measured = {line.id: _typical(line, member) for line in scheme.indicators_for(kind)}
    moved = {item.name: _priced(item, found) for item in (*scheme.bonus.items, *scheme.deduction.items)}
    return score_of(scheme, Grounds(measured, moved), kind, None).score


def _typical(line: Indicator, member: Raw) -> Measured:
    """What the measure of a line finds of him; what is said of one of its kinds goes before."""
    kinds: Raw = {key.partition(" ")[2]: said for key, said in member.items() if key.startswith(f"{line.measure} ")}
    mine = [said for kind, said in kinds.items() if kind in line.kinds]
    if kinds and line.rule == "each":
        counted = mine if line.kinds else [*kinds.values()]
        found = {word: sum(said.get(word, 0) for said in counted) for word in line.each}
    else:
        found = mine[0] if mine else member[line.measure]
    if isinstance(found, bool):
        return NOT_APPLICABLE
    if isinstance(found, list):
        return share_of(*found)
    if isinstance(found, dict):
        return Measured("scored", items=_priced(line, found))
    return Measured("scored", Fraction(found) * Fraction(line.target or 1))


def _priced(line: Measurable, found: dict[str, int]) -> Items:
    return tuple((word, found[word]) for word in line.each if found.get(word))
