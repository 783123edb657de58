"""The self-check (自查): what the regulations ask of a period and the records lack, branch by branch."""

from datetime import date
from typing import TYPE_CHECKING

from partybuild_cli.rules.facts import load_field
from partybuild_cli.rules.facts_deeds import Owners
from partybuild_cli.rules.facts_meetings import meetings
from partybuild_cli.rules.heads import board, deeds, members, politics
from partybuild_cli.rules.item import Item, State, catalogue
from partybuild_cli.values.period import Period

if TYPE_CHECKING:
    from sqlalchemy import Connection


def check(connection: "Connection", period: Period, today: date, branch: str | None = None) -> list[Item]:
    """Every item, branch by branch in the order of the catalogue; what belongs to no branch comes last.

    A period is judged as it stood on its last day, a running one as it stands today. NotFound for a branch that is none.
    """
    field = load_field(connection, period, today, branch)
    held, owners = meetings(field), Owners(field)
    found = [
        *politics.items(field, held, owners),
        *board.items(field, held),
        *members.items(field, held, owners),
        *deeds.items(field, owners),
    ]
    places = {one.name: place for place, one in enumerate(field.branches)}
    order = {check_id: place for place, check_id in enumerate(catalogue())}
    return sorted(found, key=lambda one: (places.get(one.branch, len(places)), one.branch, order[one.id]))


def owed(items: list[Item]) -> list[Item]:
    """The items that the regulations ask for and the records show not done."""
    return [one for one in items if one.state is State.UNMET]
