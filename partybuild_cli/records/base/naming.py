"""Whom a row names (对人): each name resolved by itself, so that every unknown one is reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from partybuild_cli.errors import InputProblems, ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import LINKS, Link
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.scope import Scope
from partybuild_cli.values.people import Person, format_people, name_words, names_everybody, put_name
from partybuild_cli.values.text import tight


@dataclass(slots=True)
class RowNames:
    """The names of one row, column by column, for kinds to ask (`Naming`); its branch and day narrow whom they can mean."""

    draft: Draft
    scope: Scope
    within: int | None
    day: str | None
    key: str = ""

    def member(self, name: str) -> int:
        """The member's number."""
        return self.scope.roster.member(name, self.within, self.day, self.draft.numbers.get(self.key))

    def branch(self, name: str) -> int:
        """The branch's number."""
        return self.scope.roster.branch(name)

    def rater(self, name: str) -> str:
        """The seal of a rater."""
        stored = self.draft.stored
        quarter, rated = self.draft.values.get("quarter"), stored.get("member_id")
        if quarter is None or rated is None:
            raise ValueProblem("要先知道季度和被评议人，才能认出评议人，请先改好这两栏")
        return self.scope.rater(name, self.within, str(quarter), int(rated))

    def listed(self, text: str) -> None:
        """Keep the members of a list; a stranger is a problem."""
        self._link([person.name for person in self.scope.roster.people(text)])

    def mentioned(self, text: str) -> str:
        """Keep which members a text names; the text, with the 工号 behind the name of a namesake."""
        roster = self.scope.roster
        words = [word for word in name_words(text) if roster.known(tight(word).partition("(")[0])]
        for word, member in self._link(words).items():
            text = put_name(text, word, roster.shown(member)) if roster.shown(member) not in text else text
        return text

    def _link(self, words: list[str]) -> dict[str, int]:
        beside = self.draft.numbers.get(self.key) if len(words) == 1 else None
        found = {word: self.scope.roster.member(word, self.within, self.day, beside) for word in words}
        rows = self.draft.below.setdefault(LINKS.table, [])
        rows.extend(Link(self.key, member) for member in dict.fromkeys(found.values()))
        return found


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


def moved(
    roster: Roster, lists: Mapping[str, Sequence[Person]], said: Mapping[str, str], gone: str = ""
) -> dict[str, str]:
    """Lists of people with those who are `said` to belong in one of them moved there, and who is `gone` taken out; the others
    stay as they are. Only the lists that change. InputProblems for a name that nobody, or more than one, bears.
    """
    after = {key: list(lists.get(key, ())) for key in {**lists, **said}}
    try:
        for key, text in [("", gone), *said.items()]:
            for person in roster.people(text):
                name = roster.shown(roster.member(person.name))
                for people in after.values():
                    people[:] = [one for one in people if one.name != name]
                if key:
                    after[key].append(Person(name, person.reason))
    except ValueProblem as problem:
        raise InputProblems(f"{problem.sentence}。没有写入任何内容。") from None
    return {key: format_people(people) or "无人" for key, people in after.items() if people != list(lists.get(key, ()))}
