"""A kept record as people read it (取出的记录), and what its type needs to work out its figures."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values.mask import mask_found

Below = dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Told:
    """One kept record: its number, its values by column key, the columns that only the clerk knows, its identity."""

    number: int
    values: dict[str, Any]
    extras: dict[str, str] = field(default_factory=dict)
    uid: str = ""

    def own_columns(self, full: bool = False) -> dict[str, str]:
        """The columns that only the clerk knows; personal data in them masked unless `full`."""
        if full:
            return self.extras
        return {heading: mask_found(heading, text) for heading, text in self.extras.items()}


@dataclass(frozen=True, slots=True)
class Teller:
    """What a type needs to know to work out its figures: the roster, and the day up to which it counts."""

    roster: Roster
    as_of: date


def last_entry(day: str, content: str, below: Below) -> dict[str, Any]:
    """The latest dated entry below a record, as the values of the two columns that hold it."""
    entries = below.get("entry", [])
    if not entries:
        return {}
    on_day, said = max(entries)
    return {day: on_day, **({} if said is None else {content: said})}
