"""支部班子: committee, term, secretary, votes (B1-B9)."""

import re
from collections.abc import Iterator

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.roster import Seat
from partybuild_cli.rules.facts import Branch, Field
from partybuild_cli.rules.facts_development import Candidate, candidates
from partybuild_cli.rules.facts_meetings import Held, days_for, of_kind, window_of, within
from partybuild_cli.rules.facts_members import trainings
from partybuild_cli.rules.frequency import committee_meetings_item, meeting_item
from partybuild_cli.rules.item import Item, State, counts_item, item
from partybuild_cli.rules.quorum import VoteKind, election_on, entitled, quorum_item, verdict
from partybuild_cli.rules.structure import (
    committee_item,
    committee_needed,
    double_leader_item,
    secretary_item,
    term_item,
    vacancy_item,
)
from partybuild_cli.rules.votes import Votes, parse_votes
from partybuild_cli.values.day import last_date

#: 委员会 posts that the regulation names (第二十条); one member may hold two.
_POSTS = {"组织委员": "组织", "宣传委员": "宣传", "纪检委员": "纪检"}
#: 科室负责人; a deputy is not one, and 主任医师 is a title.
_HEAD = re.compile(r"(?<!副)(主任(?![医药护技])|护士长|科长|处长|部长|院长|负责人)")
#: 党员领导干部 of a hospital, who take part in their branch as ordinary members too (双重组织生活).
_LEADER = re.compile(r"院长|党委书记|党委副书记|纪委书记|总会计师")
_ADMISSION = re.compile(
    r"接收.{0,12}预备党员|预备党员.{0,12}转正|转正|吸收.{0,8}入党|延长.{0,12}预备期|取消.{0,12}预备党员"
)
_ELECTION = re.compile(r"选举|换届|补选")


def items(field: Field, held: dict[int, list[Held]]) -> Iterator[Item]:
    """B1 to B9 of every branch."""
    trained = trainings(field)
    cases = candidates(field.connection)
    leading = _leaders_at_meetings(field)
    for branch in field.branches:
        meetings, window = held.get(branch.number, []), window_of(field, branch)
        seats, formal = field.members(branch.number), field.formal(branch.number)
        board = [seat for seat in seats if seat.on_committee]
        known = len(formal) if seats else None
        yield committee_item(branch.name, known, _committee(board, known))
        yield term_item(branch.name, branch.elected_on, branch.term_years, field.as_of)
        yield _vacancies(branch, board, known)
        days = days_for("支委会", meetings, window)
        few = [one.day for one in of_kind(within(field, meetings), "支委会") if one.due and 2 * one.present < one.due]
        yield committee_meetings_item(branch.name, committee_needed(len(formal)), days, few, window)
        secretary = next((seat for seat in board if is_secretary(seat)), None)
        yield _secretary(field, branch, secretary, trained)
        yield double_leader_item(branch.name, heads_department(field, secretary))
        yield meeting_item("述职", branch.name, days_for("述职", meetings, window), window)
        yield _double_life(field, branch, leading)
        yield _quorum(field, branch, within(field, meetings), cases)


def is_secretary(seat: Seat) -> bool:
    """书记, and not 副书记."""
    return "书记" in (seat.party_post or "").replace("副书记", "")


def _committee(board: list[Seat], formal: int | None) -> int:
    """The size of the committee; where none is due, 书记 and 副书记 alone make none."""
    if formal is not None and committee_needed(formal):
        return len(board)
    return sum("委员" in (seat.party_post or "") for seat in board)


def _vacancies(branch: Branch, board: list[Seat], formal: int | None) -> Item:
    """B3: the posts that the regulation names, and nobody holds."""
    if formal is None:
        return item("B3", branch.name, State.NO_DATA, "花名册没有记录")
    held = [seat.party_post or "" for seat in board]
    vacant = [] if any(is_secretary(seat) for seat in board) else ["书记"]
    if committee_needed(formal):
        vacant += [post for post, word in _POSTS.items() if not any(word in one for one in held)]
    return vacancy_item(branch.name, vacant)


def _secretary(field: Field, branch: Branch, secretary: Seat | None, trained: dict[int, int]) -> Item:
    if secretary is None:
        return item("B5", branch.name, State.NO_DATA, "没有登记书记")
    year_over = field.as_of.month == 12 and field.as_of.day == 31 and field.as_of < field.today
    full_on = field.people[secretary.member].full_on
    return secretary_item(branch.name, full_on, trained.get(secretary.member, 0), year_over, field.as_of)


def heads_department(field: Field, secretary: Seat | None) -> bool | None:
    """Whether the secretary heads a department too (双带头人); None where his position is not recorded."""
    position = field.people[secretary.member].position if secretary else None
    return bool(_HEAD.search(position)) if position else None


def _leaders_at_meetings(field: Field) -> dict[int, dict[int, int]]:
    """Branch -> leading member -> meetings attended there in the period."""
    leaders = {number for number, one in field.people.items() if one.position and _LEADER.search(one.position)}
    found: dict[int, dict[int, int]] = {}
    for seat in field.roster.seats:
        if seat.member in leaders and seat.branch is not None and seat.holds_on(str(field.as_of)):
            found.setdefault(seat.branch, {})[seat.member] = 0
    sql = (
        "SELECT m.branch_id, a.member_id, count(*) FROM meeting AS m JOIN attendance AS a ON a.meeting_id = m.id"
        " WHERE m.held_on >= ? AND m.held_on < ? AND a.state = '出席' GROUP BY 1, 2"
    )
    if leaders:
        for branch, member, count in field.connection.exec_driver_sql(sql, field.bounds):
            if member in found.get(branch, {}):
                found[branch][member] = count
    return found


def _double_life(field: Field, branch: Branch, leading: dict[int, dict[int, int]]) -> Item:
    """B8 counts only: the articles set no number of times."""
    if branch.number not in leading:
        return item("B8", branch.name, State.NOT_APPLICABLE, "没有登记党员领导干部")
    counts = {field.roster.shown(member): count for member, count in leading[branch.number].items()}
    return counts_item("B8", branch.name, counts, "次")


def _quorum(field: Field, branch: Branch, held: list[Held], cases: list[Candidate]) -> Item:
    """B9: every vote recorded with a meeting, and the votes of the development ledger."""
    told = [(f"{one.day} {one.topic}", _verdict_of(field, one)) for one in held if one.votes]
    start, end = field.bounds
    for case in cases:
        day = case.case.days["voted_on"]
        if case.branch == branch.number and case.votes and day and start <= day < end:
            told.append((f"{day} 接收{case.name}", _quorate(VoteKind.ADMISSION, case.votes, None, None)))
    invalid = [name for name, quorate in told if quorate is False]
    return quorum_item(branch.name, invalid, sum(quorate is None for _, quorate in told), len(told))


def _verdict_of(field: Field, one: Held) -> bool | None:
    if one.kind == "支委会":
        return _quorate(VoteKind.COMMITTEE, one.votes or "", one.due, one.present)
    kind = VoteKind.ORDINARY
    if _ADMISSION.search(one.topic):
        kind = VoteKind.ADMISSION
    elif _ELECTION.search(one.topic):
        kind = election_on(last_date(one.day))
    if not one.formal_due:
        return _quorate(kind, one.votes or "", None, None)
    # Whoever is not counted in 应到会 but came all the same is counted, as he votes.
    absent = one.formal_due - one.formal_present
    excluded = min(absent, _excluded(field, one))
    return _quorate(kind, one.votes or "", entitled(one.formal_due, 0, excluded), one.formal_present)


def _excluded(field: Field, one: Held) -> int:
    """Members whom 支部党员大会 had agreed not to count by that day (不计入应到会)."""
    people = (field.people[seat.member] for seat in field.roster.belonging(one.branch, one.day))
    return sum(person.excluded_on is not None and person.excluded_on <= one.day for person in people)


def _quorate(kind: VoteKind, text: str, due: int | None, present: int | None) -> bool | None:
    """Whether enough came: by the figures of the vote, else by the attendance that is kept."""
    try:
        votes = parse_votes(text)
    except ValueProblem:
        votes = Votes()
    return verdict(kind, votes.due or due, votes.present if votes.present is not None else present, votes.yes).quorate
