"""The list of a quarter (名单与排名): as it was posted, or computed on the spot, so that a draft never lags behind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.chosen import schemes_for
from partybuild_cli.index.compute import Computed, Standing, compute
from partybuild_cli.index.evidence import plain_summary
from partybuild_cli.index.frozen import frozen_accounts
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import DRAFTS, rounds_of
from partybuild_cli.index.scheme import Scheme

_ORDER = [*DRAFTS, "posted", "revised", "locked"]


@dataclass(slots=True)
class Listing:
    """Every member of a quarter with rank, score and dimensions."""

    quarter: Quarter
    schemes: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

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
    """The list of a branch or of the whole book: as posted where it was posted, else by the records as they are now."""
    listing = Listing(quarter)
    names = branch_names(connection)
    kept = rounds_of(connection, quarter, branch)
    posted = {number: one for number, one in kept.items() if not one.open}
    for one in posted.values():
        listing.schemes.append(one.scheme)
        listing.states.append(one.state)
        listing.members += [_posted_row(account) for account in frozen_accounts(connection, one.id)]
    wanted = [branch] if branch is not None else list(names)
    drafts = [number for number in wanted if number not in posted]
    for computed, numbers in compute_branches(connection, quarter, drafts, None):
        listing.problems += computed.problems
        for number in numbers:
            if computed.branches.get(number):
                listing.schemes.append(computed.scheme.key)
                listing.states.append(kept[number].state if number in kept else "draft")
                listing.members += [_draft_row(names[number], one) for one in computed.branches[number]]
    order = {name: place for place, name in enumerate(names.values())}
    listing.members.sort(key=lambda one: order.get(one["branch"], len(order)))
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


def _draft_row(branch: str, standing: Standing) -> dict[str, Any]:
    entrant, score = standing.entrant, standing.score
    posted = None if score is None or score.score is None else str(score.score)
    head = {"name": entrant.name, "staff_no": entrant.staff_no, "member": entrant.member, "branch": branch}
    head |= {"rank": standing.place}
    return {**head, "score": posted, **plain_summary(standing)}


_POSTED = (
    *("name", "staff_no", "member", "branch", "rank", "score", "band", "dimensions"),
    *("base", "bonus", "deduction", "obj", "parts", "unscored"),
)


def _posted_row(account: dict[str, Any]) -> dict[str, Any]:
    no_data = [line["id"] for line in account["indicators"] if line["state"] == "no_data"]
    return {key: account[key] for key in _POSTED} | {"no_data": no_data}
