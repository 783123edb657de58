"""The members that one cell names (名单): each name resolved by itself, so that every unknown one is reported."""

from collections.abc import Iterator

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values.people import Person


def members_named(
    column: Column, draft: Draft, roster: Roster, branch: int | None, day: str
) -> Iterator[tuple[int, Person]]:
    """Number and words of each member in a list of people; a name that nobody bears becomes a problem of the row."""
    try:
        people = roster.people(draft.values[column.key])
    except ValueProblem as problem:
        draft.refuse(column, draft.values[column.key], problem.sentence)
        return
    for person in people:
        try:
            yield roster.member(person.name, branch, day), person
        except ValueProblem as problem:
            draft.refuse(column, person.name, problem.sentence)
