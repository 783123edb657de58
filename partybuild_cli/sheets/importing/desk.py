"""What all tables of one import share (导入的工作台): connection, roster as it stands, the history entry in the making."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.records.base.collected import Source
from partybuild_cli.records.base.context import Scope
from partybuild_cli.records.base.draft import Mode
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.store import settings
from partybuild_cli.store.history import Change
from partybuild_cli.store.raters import Raters
from partybuild_cli.values.text import tight


@dataclass(slots=True)
class Options:
    """How to import.

    Attributes:
        ledger: the ledger that every table is, where the recogniser is overruled.
        maps: heading -> field key, where a heading is not known.
        dry_run: go the whole road on a copy of the book.
        skip_bad: write the good rows although there are problems.
        mode: `update`, `add_only` or `fill_blank`.
        erase_blank: a blank cell erases what is kept.
        with_rows: list what every row says.
        yes: agree beforehand to a change of many kept records.
        agreed: such a change that a person agreed to: by ledger how many records of how many, and no other.
        password: of encrypted workbooks.
    """

    ledger: str | None = None
    maps: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False
    skip_bad: bool = False
    mode: Mode = "update"
    erase_blank: bool = False
    with_rows: bool = False
    yes: bool = False
    agreed: dict[str, tuple[int, int]] | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say: which ledger a sheet is, which heading holds a column, what holds for the whole table.

    Attributes:
        about: `ledger`, `column` or `value`.
        sentence: the question in Chinese.
        choices: what may be answered (the value), and how each is shown.
    """

    about: str
    sentence: str
    choices: tuple[tuple[str, str], ...]


#: Answers a question with the value of a choice, or None for none of them.
Ask = Callable[[Question], str | None]
#: Whether a person agrees to a change of so many of the kept records of each ledger.
Agree = Callable[[dict[str, tuple[int, int]]], bool]
#: Told what is done, how much of it, and of how much.
Progress = Callable[[str, int, int], None]


def spoken_sheet(name: str) -> str:
    """A sheet as a sentence names it; the one of a CSV has no name."""
    return "这张表" if name == "*" else f"工作表“{name}”"


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
