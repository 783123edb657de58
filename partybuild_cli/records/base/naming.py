"""The members that one cell names (名单): each name resolved by itself, so that every unknown one is reported."""

from collections.abc import Iterator

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values.people import Person, names_everybody


def members_named(
    column: Column, draft: Draft, roster: Roster, branch: int | None, day: str
) -> Iterator[tuple[int, Person]]:
    """Number and words of each member in a list of people; a name that nobody bears becomes a problem of the row."""
    text = draft.values[column.key]
    if names_everybody(text):
        here = roster.belonging(branch, day) if branch is not None else []
        if not here:
            draft.refuse(column, text, f"不知道“{text}”是哪些人，请写明所在党支部，或者把姓名写出来")
        yield from ((seat.member, Person(seat.name)) for seat in here)
        return
    try:
        people = roster.people(text)
    except ValueProblem as problem:
        draft.refuse(column, draft.values[column.key], problem.sentence)
        return
    for person in people:
        try:
            beside = draft.numbers.get(column.key) if len(people) == 1 else None
            yield roster.member(person.name, branch, day, beside), person
        except ValueProblem as problem:
            draft.refuse(column, person.name, problem.sentence)
