"""Computing a quarter and keeping it (计算并保存), within one transaction of the caller."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.chosen import keep_scheme
from partybuild_cli.index.listing import branch_names, compute_branches
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import rounds_of, save_drafts
from partybuild_cli.index.undisturbed import undisturbed


class DoneBranch(NamedTuple):
    """What was computed of one branch."""

    name: str
    scheme: str
    scored: int
    listed: int


class Done(NamedTuple):
    """What a computing did: branches computed, branches left alone because they are posted, what was not counted."""

    branches: Sequence[DoneBranch]
    left_alone: Sequence[str]
    problems: Sequence[str]


@undisturbed()
def compute_quarter(
    connection: Connection, quarter: Quarter, branch: int | None = None, scheme: str | None = None
) -> Done:
    """Compute a quarter and keep it as drafts; branches that are posted stay as they were posted."""
    names = branch_names(connection)
    kept = rounds_of(connection, quarter)
    wanted = [branch] if branch is not None else list(names)
    open_ = [number for number in wanted if number not in kept or kept[number].open]
    done: list[DoneBranch] = []
    problems: list[str] = []
    for computed, numbers in compute_branches(connection, quarter, open_, scheme):
        there = [number for number in numbers if computed.branches.get(number)]
        if there:
            keep_scheme(connection, computed.scheme, scheme)
            save_drafts(connection, computed, there)
        problems += computed.problems
        for number in there:
            standings = computed.branches[number]
            scored = sum(1 for one in standings if one.score is not None)
            done.append(DoneBranch(names[number], computed.scheme.key, scored, len(standings) - scored))
    left = [names[number] for number in wanted if number not in open_]
    return Done(done, left, problems)
