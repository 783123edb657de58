"""From names to records (对人对组织): a draft's values become what the database stores, or problems."""

from collections.abc import Mapping, Sequence
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.kinds import BranchKind, MemberKind, PeopleKind, SealedMemberKind
from partybuild_cli.records.base.parse import require
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.scope import Scope
from partybuild_cli.values.kind import Kind
from partybuild_cli.values.people import name_words, put_name
from partybuild_cli.values.text import tight


def resolve(
    record: type[Record], drafts: Sequence[Draft], scope: Scope, headings: Mapping[str, str] | None = None
) -> None:
    """Fill `stored` and `below` of every draft; what cannot be resolved becomes a problem of its row."""
    names = {key: (headings or {}).get(key, column.heading) for key, column in record.columns.items()}
    context = _context(record, scope)
    required = [column for column in record.columns.values() if column.required]
    plain = frozenset(key for key, column in record.columns.items() if _is_plain(column))
    entries = [column for column in record.columns.values() if column.place == "entry"]
    for draft in drafts:
        for key, value in context.items():
            draft.values.setdefault(key, value)
        if record.branch_from and "branch" not in draft.values and draft.asked is None:
            _say_home(record, draft, scope.roster)
        require(draft, required, names)
        branch = _branch(record, draft, scope)
        for key, value in draft.values.items():
            column = record.columns[key]
            if key in plain:
                draft.stored[key] = value
            else:
                _store(column, draft, scope, branch, names[key])
        _entries(entries, draft)
        if not draft.problems or _settles(record, draft):
            record.settle(draft, scope)


def _settles(record: type[Record], draft: Draft) -> bool:
    """Whether a row with problems says enough for its lists of people to be looked at too."""
    needed = [record.columns[key] for key in record.settles_with]
    return bool(needed) and all(
        column.key in draft.values and all(part in draft.stored for part in column.parts) for column in needed
    )


def _is_plain(column: Column) -> bool:
    """Stored as it is: text, days and choices, which make up most of every ledger."""
    as_it_is = type(column.kind).encode is Kind.encode and not isinstance(column.kind, BranchKind | MemberKind)
    return column.place == "table" and as_it_is


def _context(record: type[Record], scope: Scope) -> dict[str, Any]:
    """What a draft may take for granted where it says nothing: the sheet's context, the only branch of the book."""
    context = {
        key: value for key, value in scope.context.items() if key in record.columns and record.columns[key].context
    }
    branch, only = record.columns.get("branch"), scope.roster.only_branch()
    if branch and (branch.required or record.branch_from) and only is not None:
        context.setdefault("branch", scope.roster.branch_names[only])
    return context


def _say_home(record: type[Record], draft: Draft, roster: Roster) -> None:
    """The branch of the people whom the row names, where nothing else says one; said where the record cannot do without."""
    home = home_of_named(record, draft, roster)
    column = record.columns["branch"]
    if home is not None:
        draft.values["branch"] = home
        if column.required:
            draft.warn(column, home, "没有写明党支部，按这一行写到的党员所在的支部计，请核对")


def home_of_named(record: type[Record], draft: Draft, roster: Roster) -> str | None:
    """The one branch to which all those belong whom the row names and of whom there is no namesake."""
    homes: set[int | None] = set()
    for key in record.branch_from:
        for word in name_words(str(draft.values.get(key, ""))):
            try:
                homes.add(roster.home(roster.member(word)))
            except ValueProblem:
                continue
    [home] = homes if len(homes) == 1 else [None]
    return roster.branch_names.get(home) if home is not None else None


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
        elif isinstance(kind, SealedMemberKind):
            draft.stored |= dict.fromkeys(column.parts, scope.rater(value, branch))
        elif isinstance(kind, MemberKind):
            member = scope.roster.member(value, branch, _day(draft, "held_on"), draft.numbers.get(column.key))
            draft.stored |= dict.fromkeys(column.parts, member)
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
    beside = draft.numbers.get(column.key) if len(words) == 1 else None
    found = {word: roster.member(word, branch, _day(draft, "held_on"), beside) for word in words}
    rows = draft.below.setdefault("person", [])
    rows.extend((column.key, member) for member in dict.fromkeys(found.values()))
    for word, member in found.items():
        text = put_name(text, word, roster.shown(member)) if roster.shown(member) not in text else text
    return str(text)


def _entries(columns: Sequence[Column], draft: Draft) -> None:
    """A dated entry below the record: what its two columns say, where both say something."""
    if not columns:
        return
    first = columns[0]
    if all(column.key in draft.values for column in columns):
        draft.below["entry"] = [tuple(draft.values[column.key] for column in columns)]
    elif first.key in draft.values and not first.context:
        draft.below["entry"] = [(draft.values[first.key], None)]
