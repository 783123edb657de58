"""The self-check (自查): what the regulations ask of a period and the records lack, branch by branch."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.rules import board, clocks, development, dues, frequency, members, participation, votes
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.item import ASKED, NAMED_AT_MOST, Item, State, catalogue, not_applicable
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.period import Period, quarters

#: The chapters of the regulations; loading them marks the functions that answer the checks.
CHAPTERS = (frequency, board, votes, members, dues, development, clocks, participation)


def check(
    connection: Connection, period: Period, today: date, branch: str | None = None, item: str | None = None
) -> list[Item]:
    """Every item, or the one asked for, branch by branch in the order of the catalogue; what is of no branch comes last."""
    if item is not None and item.upper() not in catalogue():
        raise NotFound(f"没有编号是“{item}”的检查项。编号有：{'、'.join(catalogue())}。")
    facts = load_facts(connection, period, today, branch)
    places = {home.name: at for at, home in enumerate(facts.branches)}
    items = []
    for asked in catalogue().values():
        for home, found in ASKED[asked.id](facts) if item is None or asked.id == item.upper() else ():
            if asked.begins is not None and facts.as_of < asked.begins:
                found = not_applicable(f"这项规定{chinese_day(str(asked.begins))}起施行，本期还没有")
            elif asked.ends is not None and asked.ends < facts.as_of:
                found = not_applicable(f"这项规定施行到{chinese_day(str(asked.ends))}")
            # a remedy is given only where something is lacking, or soon will be
            lacking = found.remind or found.state in (State.UNMET, State.NO_DATA)
            own = asked.remedy.format(branch=home, quarter=quarters(facts.period)[-1]) if lacking else ""
            told = (found.text(), found.text(NAMED_AT_MOST), asked.basis, found.remedy or own, tuple(found.records))
            items.append(Item(asked.id, home, found.state, *told))
    return sorted(items, key=lambda item: (places.get(item.branch, len(places)), item.branch))


def owed(items: list[Item]) -> list[Item]:
    return [item for item in items if item.state is State.UNMET]


class Beside(NamedTuple):
    """How one organisation stands (并排): its branches, and the ids of the items by state; of several, an item each time."""

    name: str
    kind: str
    branches: int
    items: dict[State, list[str]]

    def document(self) -> dict[str, object]:
        counts = {name.lower(): len(self.items[State[name]]) for name in ("MET", "UNMET", "NO_DATA")}
        return {"name": self.name, "kind": self.kind, "branches": self.branches, **counts, "owed": self.owed}

    @property
    def owed(self) -> list[str]:
        return list(dict.fromkeys(self.items[State.UNMET]))


def side_by_side(connection: Connection, items: Sequence[Item], day: date) -> list[Beside]:
    """Each organisation that has branches among those of the items of a day: above what lies below it, as the tree has them."""
    roster = load_roster(connection, day)
    here = {roster.branches[item.branch] for item in items if item.branch in roster.branches}
    found = []
    for name, number in roster.branches.items():
        kind = roster.branch_kinds[number] or "党支部"
        below = here.intersection(roster.below(number))
        branches = sum(roster.branch_kinds[home] in ("党支部", None) for home in below)
        if below and (branches > 1 or kind == "党支部" or number in here):
            theirs = [item for item in items if roster.branches.get(item.branch) in below]
            states = {state: [item.id for item in theirs if item.state is state] for state in State}
            way = [number]  # down to it, by which what lies below it comes right behind it
            while (upper := roster.above.get(way[0])) is not None and upper not in way:
                way.insert(0, upper)
            found.append((way, Beside(name, kind, branches, states)))
    return [beside for _, beside in sorted(found, key=lambda placed: placed[0])]
