"""One column of a ledger (列): its kind of value, its headings, and what is particular to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from partybuild_cli.values.kind import Kind

#: Where the value of a column lives when it is not in the record's own table.
Place = Literal["table", "child", "link", "entry", "scope", "worked_out"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a ledger (列).

    Attributes:
        kind: the kind of value (`values/`); it parses, stores, shows.
        heading: the Chinese heading that the tool writes.
        also: other headings that it answers to, the commonest first.
        required: a record without it is a problem.
        identity: part of what makes two rows the same record.
        place: `table` (own SQL column), `child` (rows of a table of its own, see `Record.people_rows`), `link`
            (members named in it are kept in the table `person`), `entry` (dated entries below the record),
            `scope` (only tells people apart), `worked_out` (never stored, only checked).
        context: may stand in a title, the sheet's name or a group row instead of a cell.
        mask: how it is shown outside the database (personal data).
        private: left out of every export, report and log unless asked for.
        check_only: a worked-out column that is compared when it is read but never written.
        option: another name of the command option (`member` for one of several `members`).
        parts: SQL columns in the record's own table, with their types; empty where the value lives elsewhere.
    """

    kind: Kind
    heading: str
    also: tuple[str, ...] = ()
    key: str = ""
    required: bool = False
    identity: bool = False
    place: Place = "table"
    context: bool = False
    mask: Callable[[str], str] | None = None
    private: bool = False
    check_only: bool = False
    option: str = ""
    help: str = ""
    parts: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        parts = self.kind.parts(self.key) if self.place in ("table", "link") else {}
        object.__setattr__(self, "parts", parts)

    @property
    def headings(self) -> tuple[str, ...]:
        """The heading and every synonym."""
        return (self.heading, *self.also)

    @property
    def flag(self) -> str:
        """The command option: `--people-served`."""
        return f"--{self.key.replace('_', '-')}"


def column(kind: Kind, heading: str, *also: str, **settings: Any) -> Any:
    """Declare a column of a record type; the attribute's name becomes its key. Settings: see `Column`."""
    return Column(kind=kind, heading=heading, also=also, **settings)
