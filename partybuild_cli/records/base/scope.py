"""Where rows stand (所在的上下文): the roster, what title and sheet name say, and the day as of which figures count."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.store.raters import Raters

if TYPE_CHECKING:
    from sqlalchemy import Connection


#: Stands before a rater's seal on an anonymous form.
RATER_CODE = "匿名-"


@dataclass(slots=True)
class Scope:
    """What one sheet, or one command, may take for granted.

    Attributes:
        context: values by column key that no column of the sheet holds, from title, unit row or sheet name.
        as_of: the sheet's 填报日期, else today; 党龄 and 年龄 count up to it.
        raters: turns raters into what is stored for them.
    """

    roster: Roster
    raters: Raters
    as_of: date
    context: dict[str, Any] = field(default_factory=dict)

    def rater(self, name: str, branch: int | None, quarter: str, rated: int) -> str:
        """What is stored for a rater, named or under the code that his form bears (匿名评议表). ValueProblem for a stranger."""
        if name.startswith(RATER_CODE):
            number = self.raters.whose(quarter, name.removeprefix(RATER_CODE), self.roster.members)
        else:
            number = self.roster.member(name, branch)
        return self.raters.rated_by(quarter, number, rated)

    def own_digest(self, quarter: str, member: int) -> str:
        """What is stored where a member rates himself."""
        return self.raters.digest(quarter, member, member)


def scope_of(connection: "Connection", as_of: date | None = None) -> Scope:
    """The scope of a command that stands on nothing but the book."""
    return Scope(load_roster(connection), Raters(connection), as_of or date.today())
