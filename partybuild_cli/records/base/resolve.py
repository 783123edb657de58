"""From names to records (对人对组织): a draft's values become what the database stores, or problems."""

from collections.abc import Mapping, Sequence
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.context import Scope
from partybuild_cli.records.base.declare import ENTRIES, Entry, Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.rows import RowNames, require
from partybuild_cli.values.people import name_words
from partybuild_cli.values.text import tight


def resolve(
    record: type[Record], drafts: Sequence[Draft], scope: Scope, headings: Mapping[str, str] | None = None
) -> None:
    """Fill `stored` and `below` of every draft; what cannot be resolved becomes a problem of its row."""
    names = {key: (headings or {}).get(key, column.heading) for key, column in record.columns.items()}
    context = _context(record, scope)
    required = [column for column in record.columns.values() if column.required]
    plain = frozenset(key for key, column in record.columns.items() if column.parts and column.kind.as_it_is)
    entries = [column for column in record.columns.values() if column.entry]
    late = {key for key, column in record.columns.items() if column.kind.resolved_last}
    for draft in drafts:
        for key, value in context.items():
            draft.values.setdefault(key, value)
        if record.branch_from and "branch" not in draft.values and draft.asked is None:
            _say_home(record, draft, scope.roster)
        require(draft, required, names)
        row = RowNames(draft, scope, _branch(record, draft, scope), _day(draft, "held_on"))
        values = draft.values.items()
        for key, value in sorted(values, key=lambda one: one[0] in late) if late else values:
            column = record.columns[key]
            if key in plain:
                draft.stored[key] = value
            elif not column.computed and not column.entry:
                _store(column, row, names[key])
        _entries(entries, draft)
        if not draft.problems or _settles(record, draft):
            record.settle(draft, scope)


def _settles(record: type[Record], draft: Draft) -> bool:
    """Whether a row with problems says enough for its lists of people to be looked at too."""
    needed = [record.columns[key] for key in record.settles_with]
    return bool(needed) and all(
        column.key in draft.values and all(part in draft.stored for part in column.parts) for column in needed
    )


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
    """The one branch that the row names, or to which all those belong whom it names and of whom there is no namesake."""
    homes: set[int | None] = set()
    for key in record.branch_from:
        for word in name_words(str(draft.values.get(key, ""))):
            if word in roster.branches:
                homes.add(roster.branches[word])
                continue
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


def _store(column: Column, names: RowNames, heading: str) -> None:
    draft, value = names.draft, names.draft.values[column.key]
    names.key = column.key
    try:
        draft.stored |= zip(column.parts, column.kind.resolve(value, names), strict=True)
    except ValueProblem as problem:
        draft.refuse(heading, value, problem.sentence)


def _entries(columns: Sequence[Column], draft: Draft) -> None:
    """A dated entry below the record: what its two columns say, where both say something."""
    if not columns:
        return
    first = columns[0]
    if all(column.key in draft.values for column in columns):
        draft.below[ENTRIES.table] = [Entry(*(draft.values[column.key] for column in columns))]
    elif first.key in draft.values and not first.context:
        draft.below[ENTRIES.table] = [Entry(draft.values[first.key], None)]
