"""What all tables of one import share (导入的工作台): connection, roster as it stands, the history entry in the making."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.collected import Source
from partybuild_cli.records.base.context import Scope
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.sheets.importing.model import Ask, Options
from partybuild_cli.store import settings
from partybuild_cli.store.history import Change
from partybuild_cli.store.raters import Raters
from partybuild_cli.values.text import tight


@dataclass(slots=True)
class Desk:
    """The desk on which the tables of one import are worked on.

    Attributes:
        told: heading -> field as this command was told or answered.
        learned: what is to be remembered of sheets alike: their signature, heading, field.
        book: the book's own name, which exported rows carry.
        changed: ledger -> how many kept records the tables so far changed.
        source: the branch whose book is collected, if one is.
    """

    connection: Connection
    change: Change
    options: Options
    ask: Ask | None = None
    told: dict[str, str] = field(default_factory=dict)
    learned: list[tuple[str, str, str]] = field(default_factory=list)
    book: str = ""
    changed: dict[str, int] = field(default_factory=dict)
    source: Source | None = None
    _roster: Roster | None = None

    def __post_init__(self) -> None:
        self.told = {tight(heading): key for heading, key in self.options.maps.items()}
        self.book = settings.get(self.connection, "book") or ""

    @property
    def roster(self) -> Roster:
        """The roster after what the earlier tables wrote."""
        if self._roster is None:
            self._roster = load_roster(self.connection)
            for name, number in self.source.aliases.items() if self.source else ():
                self._roster.branches.setdefault(name, number)
        return self._roster

    def scope(self, as_of: date | None, context: dict[str, Any]) -> Scope:
        """What one table may take for granted."""
        today = as_of or date.today()
        return Scope(self.roster, today, Raters(self.connection), context)

    def wrote(self, ledger: str, changed: int) -> None:
        """Note what a table changed."""
        self.changed[ledger] = self.changed.get(ledger, 0) + changed
        if ledger in ("branch", "member"):
            self.look_again()

    def look_again(self) -> None:
        """The roster has changed."""
        self._roster = None
