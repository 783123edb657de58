"""The list of a quarter (名单与排名): kept scores where they still follow the records, else computed on the spot."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.chosen import schemes_for
from partybuild_cli.index.compute import Computed, compute
from partybuild_cli.index.evidence import plain_summary
from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import DRAFTS, STATE_WORDS, Round, is_fresh, rounds_of
from partybuild_cli.index.scheme import Scheme

_ORDER = [*DRAFTS, "posted", "revised", "locked"]


@dataclass(slots=True)
class Listing:
    """Every member of a quarter with rank, score and dimensions; `on_the_spot` names branches not computed yet."""

    quarter: Quarter
    schemes: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    on_the_spot: bool = False

    def document(self) -> dict[str, Any]:
        """The JSON of `index list`."""
        states = sorted(set(self.states), key=_ORDER.index)
        return {
            "quarter": self.quarter.label,
            "scheme": "、".join(dict.fromkeys(self.schemes)) or None,
            "state": states[0] if states else "draft",
            "members": self.members,
        }


def list_quarter(connection: Connection, quarter: Quarter, branch: int | None = None) -> Listing:
    """The list of a branch or of the whole book. A draft that records have overtaken is computed again, not written."""
    listing = Listing(quarter)
    names = branch_names(connection)
    kept = rounds_of(connection, quarter, branch)
    fresh = {number: one for number, one in kept.items() if not one.open or is_fresh(connection, one)}
    for number, one in fresh.items():
        listing.schemes.append(one.scheme)
        listing.states.append(one.state)
        listing.members += _kept_rows(connection, one, names[number])
    wanted = [branch] if branch is not None else list(names)
    missing = [number for number in wanted if number not in fresh]
    for computed, numbers in compute_branches(connection, quarter, missing, None):
        listing.problems += computed.problems
        for number in numbers:
            if computed.branches.get(number):
                listing.schemes.append(computed.scheme.key)
                listing.states.append(kept[number].state if number in kept else "draft")
                listing.on_the_spot = True
                listing.members += [_row(names[number], one) for one in computed.branches[number]]
    order = {name: place for place, name in enumerate(names.values())}
    listing.members.sort(key=lambda one: order[one["branch"]])
    return listing


def compute_branches(
    connection: Connection, quarter: Quarter, branches: Iterable[int], wanted: str | None
) -> list[tuple[Computed, list[int]]]:
    """Compute some branches, those of one scheme together; each result with the branches that it is meant for."""
    by_scheme: dict[str, tuple[Scheme, list[int]]] = {}
    for branch, scheme in schemes_for(connection, quarter, list(branches), wanted).items():
        by_scheme.setdefault(scheme.key, (scheme, []))[1].append(branch)
    return [
        (compute(connection, quarter, scheme, numbers[0] if len(numbers) == 1 else None), numbers)
        for scheme, numbers in by_scheme.values()
    ]


def branch_names(connection: Connection) -> dict[int, str]:
    """Number -> name of every organisation, in the order of their numbers."""
    rows = connection.exec_driver_sql("SELECT id, name FROM branch ORDER BY id")
    return {row[0]: row[1] for row in rows}


def _row(branch: str, standing: Any) -> dict[str, Any]:
    entrant, score = standing.entrant, standing.score
    posted = None if score is None or score.score is None else str(score.score)
    return _member(entrant.name, entrant.staff_no, branch, standing.place, posted, plain_summary(standing))


def _kept_rows(connection: Connection, one: Round, branch: str) -> list[dict[str, Any]]:
    rows = connection.exec_driver_sql(
        "SELECT name, staff_no, place, score, summary FROM index_score WHERE round_id = ?"
        " ORDER BY place IS NULL, place, member_id",
        (one.id,),
    )
    return [
        _member(name, staff_no, branch, place, _tenth(score), json.loads(summary))
        for name, staff_no, place, score, summary in rows
    ]


def _tenth(score: int | None) -> str | None:
    return None if score is None else str((Decimal(score) / SCALE).quantize(Decimal("0.1")))


def _member(
    name: str, staff_no: str | None, branch: str, place: int | None, score: str | None, summary: dict[str, Any]
) -> dict[str, Any]:
    head = {"name": name, "staff_no": staff_no, "branch": branch, "rank": place, "score": score}
    return {**head, **summary}


__all__ = ["STATE_WORDS", "Listing", "branch_names", "compute_branches", "list_quarter"]
