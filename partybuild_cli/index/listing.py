"""The list of a quarter (名单与排名): as it was posted, or by the records as they are, saying where they left the draft."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.accounts import Account, frozen_accounts, live_account
from partybuild_cli.index.compute import Ranked, compute_branches
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import STATE_WORDS, Round, branch_names, rounds_of, saved_scores, scores_between

_BLOCKS = "▁▂▃▄▅▆▇█"
_QUARTERS = 6
#: Below this a score stands at the lowest block: hardly anybody falls there, and the differences lie above.
_FLOOR = 40


@dataclass(slots=True)
class Listing:
    """Every member of a quarter with rank, score and dimensions."""

    quarter: Quarter
    schemes: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unsaved: list[str] = field(default_factory=list)

    @property
    def scheme(self) -> str | None:
        return "、".join(dict.fromkeys(self.schemes)) or None

    @property
    def state(self) -> str:
        """How far the branch has come that is least far."""
        return min(self.states, key=list(STATE_WORDS).index, default="draft")

    def document(self) -> dict[str, Any]:
        """The JSON of `index list`."""
        return {
            "quarter": self.quarter.label,
            "scheme": self.scheme,
            "state": self.state,
            "members": [one.summary for one in self.accounts],
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
        listing.accounts += frozen_accounts(connection, one)
    wanted = [branch] if branch is not None else list(names)
    drafts = [number for number in wanted if number not in posted]
    for computed, numbers in compute_branches(connection, quarter, drafts):
        listing.problems += computed.problems
        for number in numbers:
            if listed := computed.branches.get(number):
                listing.schemes.append(computed.scheme.key)
                listing.states.append(kept[number].state if number in kept else "draft")
                listing.accounts += [live_account(computed, names[number], one) for one in listed]
                listing.unsaved += _unsaved(connection, quarter, names[number], kept.get(number), listed)
    order = {name: place for place, name in enumerate(names.values())}
    listing.accounts.sort(key=lambda one: order.get(one.branch, len(order)))
    return listing


def _unsaved(
    connection: Connection, quarter: Quarter, name: str, draft: Round | None, listed: Sequence[Ranked]
) -> list[str]:
    """Where the draft that `compute` saved is not what the records say now (草稿与记录不同)."""
    if draft is None:
        return []
    now = {one.participant.member: None if one.score is None else one.score.score for one in listed}
    was = saved_scores(connection, draft.id)
    if moved := sum(was.get(member, "") != now.get(member, "") for member in was | now):
        return [
            f"{name} {quarter.label} 所列按现在的记录，{moved} 人的得分与 compute 保存的不同。"
            f"要保存请用 partybuild index compute {quarter.label}。"
        ]
    return []


def trends(connection: Connection, quarter: Quarter) -> dict[int, str]:
    """How the last six quarters went (走势): for every member with scores a line of blocks, oldest first."""
    first = quarter
    for _ in range(_QUARTERS - 1):
        first = first.before
    scores, _ = scores_between(connection, first.label, quarter.label)
    return {member: "".join(_block(one.score) for one in found.values()) for member, found in scores.items()}


def _block(score: Decimal) -> str:
    height = (score - _FLOOR) * len(_BLOCKS) / (100 - _FLOOR)
    return _BLOCKS[min(len(_BLOCKS) - 1, max(0, int(height)))]
