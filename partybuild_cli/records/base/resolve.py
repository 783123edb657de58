"""From names to records (对人对组织): a draft's values become what the database stores, or problems."""

from collections.abc import Mapping, Sequence
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.kinds import BranchKind, MemberKind, PeopleKind, SealedMemberKind
from partybuild_cli.records.base.parse import require
from partybuild_cli.records.base.scope import Scope
from partybuild_cli.values.people import name_words
from partybuild_cli.values.text import tight


def resolve(
    record: type[Record], drafts: Sequence[Draft], scope: Scope, headings: Mapping[str, str] | None = None
) -> None:
    """Fill `stored` and `below` of every draft; what cannot be resolved becomes a problem of its row."""
    for draft in drafts:
        _from_context(record, draft, scope)
        require(draft, record, headings)
        branch = _branch(record, draft, scope)
        for column in record.columns.values():
            if column.key in draft.values:
                _store(column, draft, scope, branch, (headings or {}).get(column.key, column.heading))
        _entries(record, draft)
        if not draft.problems:
            record.settle(draft, scope)


def _from_context(record: type[Record], draft: Draft, scope: Scope) -> None:
    for column in record.columns.values():
        if column.context and column.key not in draft.values and column.key in scope.context:
            draft.values[column.key] = scope.context[column.key]
    branch = record.columns.get("branch")
    if branch and branch.required and "branch" not in draft.values:
        only = scope.roster.only_branch()
        if only is not None:
            draft.values["branch"] = scope.roster.branch_names[only]


def _branch(record: type[Record], draft: Draft, scope: Scope) -> int | None:
    """The branch that narrows whom a name can mean: the row's own, else that of the title."""
    name = draft.values.get("branch") if "branch" in record.columns else scope.context.get("branch")
    return scope.roster.branches.get(tight(name)) if name else None


def _day(draft: Draft, column: str) -> str | None:
    day = draft.values.get(column)
    return str(day).partition("..")[0] if day else None


def _store(column: Column, draft: Draft, scope: Scope, branch: int | None, heading: str) -> None:
    value = draft.values[column.key]
    kind = column.kind
    try:
        if isinstance(kind, BranchKind):
            number = scope.roster.branch(value)
            draft.stored |= dict.fromkeys(column.parts, number)
        elif isinstance(kind, MemberKind):
            member = scope.roster.member(value, branch, _day(draft, "held_on"))
            stored = scope.seal(member) if isinstance(kind, SealedMemberKind) else member
            draft.stored |= dict.fromkeys(column.parts, stored)
        elif column.place == "link":
            text = _link(column, draft, scope, branch)
            draft.stored |= dict.fromkeys(column.parts, text)
        elif column.place == "table":
            draft.stored |= zip(column.parts, kind.encode(value), strict=True)
    except ValueProblem as problem:
        draft.refuse(heading, value, problem.sentence)


def _link(column: Column, draft: Draft, scope: Scope, branch: int | None) -> str:
    """Keep which members a text names; the text, with the 工号 behind the name of a namesake.

    Where the column holds members only, a stranger is a problem.
    """
    text = draft.values[column.key]
    roster = scope.roster
    if isinstance(column.kind, PeopleKind):
        words = [person.name for person in roster.people(text)]
    else:
        words = [word for word in name_words(text) if roster.known(tight(word).partition("(")[0])]
    found = {word: roster.member(word, branch, _day(draft, "held_on")) for word in words}
    rows = draft.below.setdefault("person", [])
    rows.extend((column.key, member) for member in dict.fromkeys(found.values()))
    for word, member in found.items():
        text = text.replace(word, roster.shown(member)) if roster.shown(member) not in text else text
    return str(text)


def _entries(record: type[Record], draft: Draft) -> None:
    """A dated entry below the record: what its two columns say, where both say something."""
    keys = [column.key for column in record.columns.values() if column.place == "entry"]
    if keys and all(key in draft.values for key in keys):
        draft.below["entry"] = [tuple(draft.values[key] for key in keys)]
    elif keys and keys[0] in draft.values and record.columns[keys[0]].context is False:
        draft.below["entry"] = [(draft.values[keys[0]], None)]


def encode(column: Column, value: Any) -> dict[str, Any]:
    """A value as the SQL columns of its column store it."""
    return dict(zip(column.parts, column.kind.encode(value), strict=True))
