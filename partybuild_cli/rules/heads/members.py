"""党员队伍: size, yearly meetings, talks, dues, development, standing, the roster itself (D1-D9)."""

from collections import defaultdict
from collections.abc import Iterator

from partybuild_cli.rules.development import StepResult, development_item
from partybuild_cli.rules.dues import dues_item
from partybuild_cli.rules.facts import Branch, Field
from partybuild_cli.rules.facts_deeds import Owners, measures
from partybuild_cli.rules.facts_development import Candidate, assess_all, candidates
from partybuild_cli.rules.facts_meetings import Held, days_for, window_of
from partybuild_cli.rules.facts_members import Clock, Dues, clocks, excellent, talks
from partybuild_cli.rules.facts_roster import incomplete, wrong_ids
from partybuild_cli.rules.frequency import meeting_item
from partybuild_cli.rules.item import Item, State, item
from partybuild_cli.rules.members import away_item, life_meeting_item, review_item, roster_item, talks_item
from partybuild_cli.rules.shares import share_text
from partybuild_cli.rules.structure import size_item
from partybuild_cli.rules.tables import table

#: 临床、医技、护理一线 (双培养 counts them).
CLINICAL = ("临床", "医技", "护理")


def items(field: Field, held: dict[int, list[Held]], owners: Owners) -> Iterator[Item]:
    """D1 to D9 of every branch."""
    cases = _cases(field)
    steps = assess_all([one for found in cases.values() for one in found], field.as_of)
    paid, graded, talked = Dues(field), excellent(field), talks(field, table("frequency")["talks"]["months"])
    away, lacking, wrong = clocks(field), incomplete(field), wrong_ids(field)
    rectified = [name for row in measures(field) for name in owners.of("task", row["id"])]
    for branch in field.branches:
        here = [seat.member for seat in field.members(branch.number)]
        formal = [seat.member for seat in field.formal(branch.number)]
        yield size_item(branch.name, len(formal) if here else None, len(here) if here else None)
        yield life_meeting_item(_yearly("组织生活会", field, branch, held), rectified.count(branch.name))
        top = sum(member in formal for member in graded.get(branch.number, ()))
        yield review_item(_yearly("民主评议", field, branch, held), len(formal), top)
        yield _talks(field, branch, talked.get(branch.number, []))
        yield _dues(field, branch, paid)
        mine = cases.get(branch.number, [])
        yield development_item(branch.name, _open_cases(field, mine, steps))
        yield _clinical(field, branch, mine)
        yield _away(field, branch, away.get(branch.number, []))
        missing, false = (set(found.get(branch.number, ())).intersection(here) for found in (lacking, wrong))
        yield roster_item(branch.name, len(here), field.shown(sorted(missing)), field.shown(sorted(false)))


def _yearly(kind: str, field: Field, branch: Branch, held: dict[int, list[Held]]) -> Item:
    window = window_of(field, branch)
    return meeting_item(kind, branch.name, days_for(kind, held.get(branch.number, []), window), window)


def _talks(field: Field, branch: Branch, talked: list[tuple[str, str]]) -> Item:
    """D4 over members by number, since two may bear one name."""
    seats = field.members(branch.number)
    board = [str(seat.member) for seat in seats if seat.on_committee]
    return talks_item(branch.name, board, [str(s.member) for s in seats if not s.on_committee], talked)


def _dues(field: Field, branch: Branch, dues: Dues) -> Item:
    paid = dues.of(branch)
    lacking = [f"{field.roster.shown(member)} {month}" for member, month in (*paid.unpaid, *paid.unknown)]
    behind = field.shown(paid.behind)
    return dues_item(branch.name, paid.owed, len(paid.unpaid), len(paid.unknown), behind, lacking)


def _cases(field: Field) -> dict[int, list[Candidate]]:
    """The people of the development ledger by branch; who names none belongs to the only one."""
    only = field.branches[0].number if len(field.branches) == 1 else None
    found: dict[int, list[Candidate]] = defaultdict(list)
    for one in candidates(field.connection):
        branch = one.branch if one.branch is not None else only
        if branch is not None:
            found[branch].append(one)
    return found


def _open_cases(
    field: Field, found: list[Candidate], steps: dict[int, list[StepResult]]
) -> dict[str, list[StepResult]]:
    """Those who were on their way in the period: not yet full members when it began."""
    start = field.bounds[0]
    return {one.name: steps[one.number] for one in found if (one.case.days["full_approved_on"] or "9999") >= start}


def _clinical(field: Field, branch: Branch, found: list[Candidate]) -> Item:
    """D7 of those admitted in the period; no share is asked, so it is only told."""
    start, end = field.bounds
    admitted = [one for one in found if start <= (one.case.days["voted_on"] or "") < end]
    if not admitted:
        return item("D7", branch.name, State.NOT_APPLICABLE, "本期没有接收预备党员")
    unknown = sum(one.staff_kind is None for one in admitted)
    clinical = sum(one.staff_kind in CLINICAL for one in admitted)
    figure = f"临床医技护{share_text(clinical, len(admitted))}"
    figure += f"；{unknown}人没有登记岗位类别" if unknown else ""
    return item("D7", branch.name, State.NO_DATA if unknown else State.MET, figure)


def _away(field: Field, branch: Branch, found: list[Clock]) -> Item:
    """D8: whoever is lost is not counted as away too."""
    shown = field.roster.shown
    lost = {shown(one.member): one.lost_on for one in found if one.lost_on and not one.suspended_on}
    stopped = {shown(one.member): one.suspended_on for one in found if one.lost_on and one.suspended_on}
    away = {shown(one.member): one.away_on for one in found if one.away_on and not one.lost_on}
    return away_item(branch.name, away, lost, field.as_of, stopped)
