"""Where rows stand (所在的上下文): the roster, what title and sheet name say, and the day as of which figures count."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.store import settings

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
        seal: turns a rater's number into what is stored for it.
    """

    roster: Roster
    seal: Callable[[int], str]
    as_of: date
    context: dict[str, Any] = field(default_factory=dict)
    _seals: frozenset[str] | None = None

    def rater(self, name: str, branch: int | None) -> str:
        """What is stored for a rater, named or under the code that his form bears (匿名评议表). ValueProblem for a stranger."""
        if not name.startswith(RATER_CODE):
            return self.seal(self.roster.member(name, branch))
        if self._seals is None:
            self._seals = frozenset(map(self.seal, self.roster.members))
        code = name.removeprefix(RATER_CODE)
        if code not in self._seals:
            raise ValueProblem(f"评议人代码“{name}”不是本数据库发出的，请用 partybuild index forms 发出的表")
        return code


def scope_of(connection: "Connection", as_of: date | None = None) -> Scope:
    """The scope of a command that stands on nothing but the book."""
    secret = settings.get(connection, "secret") or ""
    return Scope(load_roster(connection), lambda number: settings.seal(secret, number), as_of or date.today())
