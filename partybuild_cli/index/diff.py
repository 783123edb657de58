"""What moved between two accounts of the same people (得分变动): whose score, by which lines, through which records."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.index.accounts import accounts_of, live_accounts
from partybuild_cli.index.frozen import frozen_accounts
from partybuild_cli.index.listing import branch_names
from partybuild_cli.index.parts import PARTS
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import revisions_of

Account = Mapping[str, Any]
Moved = dict[str, Any]


def between_quarters(connection: Connection, one: Quarter, other: Quarter, branch: int | None) -> list[Moved]:
    """Every member who stands in either quarter of a branch: score before and after, and the lines that differ."""
    moved = []
    for number in [branch] if branch is not None else branch_names(connection):
        before, after = accounts_of(connection, one, number), accounts_of(connection, other, number)
        moved += compare(before, after, with_records=False)
    return moved


def between_revisions(connection: Connection, quarter: Quarter, branch: int | None) -> list[Moved]:
    """What each revision changed of the one before, and what the records would change of the last.

    NotFound where nothing is posted yet.
    """
    found: list[Moved] = []
    posted = 0
    for number, name in branch_names(connection).items():
        if branch not in (None, number):
            continue
        frozen = [
            (f"第 {one.revision} 次公示", frozen_accounts(connection, one.id))
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


def _in_short(members: Sequence[Moved]) -> list[Moved]:
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


def compare(before: Sequence[Account], after: Sequence[Account], *, with_records: bool) -> list[Moved]:
    """The members whose account differs, in the order of the later list, those who left at its end."""
    old = {one["member"]: one for one in before}
    new = {one["member"]: one for one in after}
    order = [*new, *(member for member in old if member not in new)]
    moved = [_member(old.get(member), new.get(member), with_records) for member in order]
    return [one for one in moved if one["lines"] or one["before"] != one["after"]]


def _member(old: Account | None, new: Account | None, with_records: bool) -> Moved:
    known = new or old or {}
    lines = _lines(old or {}, new or {}, with_records)
    scores = [None if one is None else one["score"] for one in (old, new)]
    moved: Moved = {"name": known["name"], "staff_no": known["staff_no"], "branch": known["branch"]}
    moved |= {"before": scores[0], "after": scores[1], "difference": _difference(scores[0], scores[1])}
    if old is None or new is None:
        moved["note"] = "原来不在名单上" if old is None else "现在不在名单上"
    return moved | {"lines": lines}


def _difference(before: str | None, after: str | None) -> str | None:
    return None if before is None or after is None else f"{Decimal(after) - Decimal(before):+}"


def _lines(old: Account, new: Account, with_records: bool) -> list[Moved]:
    """Indicators, bonus and deduction items whose points or records differ; ratings and vetoes too."""
    before, after = _by_line(old), _by_line(new)
    lines = []
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        line: Moved = {"id": key[0], "name": key[1], "before": _points(was), "after": _points(now)}
        if with_records:
            line["gone"] = [one for one in _records(was) if one not in _records(now)]
            line["come"] = [one for one in _records(now) if one not in _records(was)]
        if line["before"] != line["after"] or line.get("gone") or line.get("come"):
            lines.append(line)
    return lines


def _by_line(account: Account) -> dict[tuple[str, str], Mapping[str, Any]]:
    lines = {(line["id"], line["name"]): line for line in account.get("indicators", ())}
    lines |= {(line["kind"], line["name"]): line for line in account.get("adjustments", ())}
    lines |= {("评议", PARTS[key]): {"points": points} for key, points in account.get("parts", {}).items()}
    return lines | {("一票否决", word): {"points": "0"} for word in account.get("vetoes", ())}


def _points(line: Mapping[str, Any] | None) -> str | None:
    return None if line is None else line["points"]


def _records(line: Mapping[str, Any] | None) -> list[Any]:
    return [] if line is None else list(line.get("records", ()))
