"""Context of rows and of computed columns (上下文): the roster, the as-of date, what title and sheet name say."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from partybuild_cli.records.base.dated import Values as Values
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values.people import mask_found

if TYPE_CHECKING:
    from partybuild_cli.store.forget import Raters

RATER_CODE = "匿名-"  # stands before a rater's seal on an anonymous form
Of = TypeVar("Of")


class Below(dict[type, list[Any]]):
    """The rows of the tables below one record (分项), by the type of row."""

    def of(self, row: type[Of]) -> list[Of]:
        return self.get(row, [])


@dataclass(slots=True)
class Context:
    """Context for computed columns: the roster, and the as-of date (截止日期) up to which 党龄 and 年龄 count."""

    roster: Roster
    as_of: date


@dataclass
class Scope(Context):
    """Context of the rows of one sheet, or of one command; `as_of` is the sheet's 填报日期, else today."""

    connection: Connection  # the book, for what is asked of it while rows are resolved
    context: Values = field(default_factory=dict)  # what title, unit row or sheet name say, by column key
    undated: bool = False  # the sheet does not say of which day it speaks

    @cached_property
    def raters(self) -> "Raters":
        """Turns raters into what is stored for them."""
        from partybuild_cli.store.forget import Raters

        return Raters(self.connection)


@dataclass(slots=True)
class View:
    """One kept record: its number, its values by column key, the columns that only the clerk knows, its identity."""

    number: int
    values: Values
    extras: dict[str, str] = field(default_factory=dict)
    uid: str = ""

    def own_columns(self, full: bool = False) -> dict[str, str]:
        """The columns that only the clerk knows; personal data in them masked unless `full`."""
        return {heading: text if full else mask_found(heading, text) for heading, text in self.extras.items()}
