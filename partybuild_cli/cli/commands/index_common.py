"""What the commands of the index share: quarter, branch, one transaction (共用选项)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partybuild_cli.cli.session import writing
from partybuild_cli.index.quarter import Quarter, parse_quarter

if TYPE_CHECKING:
    from sqlalchemy import Connection


class QuarterArgument:
    """How a quarter is read from the command line; help shows its name."""

    __name__ = "季度"
    __call__ = staticmethod(parse_quarter)


Quarterly = Annotated[
    Quarter, typer.Argument(metavar="季度", help="如 2026Q3、2026年第三季度、this、last", parser=QuarterArgument())
]


def branch_of(connection: "Connection", name: str | None) -> int | None:
    """The number of a branch that an option names. NotFound when there is none."""
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.branch import Branch

    return None if name is None else number_of(connection, Branch, name)


@contextmanager
def deciding(context: Any) -> Iterator["Connection"]:
    """One transaction on the rounds; the log says what was posted, objected to, answered, revised and locked."""
    from partybuild_cli.index.archive import acts, note_acts

    with writing(context, always=True) as (connection, change):
        before = acts(connection)
        yield connection
        note_acts(change, before, acts(connection))
