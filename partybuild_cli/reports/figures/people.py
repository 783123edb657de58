"""Figures of people (党员队伍): the roster on the last day of the period, and those who are on their way into it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.records.tenure import Tenure
from partybuild_cli.reports.figures.figure import Figure, counted, share
from partybuild_cli.rules.board import heads_department, is_secretary
from partybuild_cli.rules.candidates import Candidate, candidates
from partybuild_cli.rules.development import CLINICAL
from partybuild_cli.rules.facts import Branch, Facts, references
from partybuild_cli.values.reference import Reference

_DEGREES = ("博士", "硕士", "学士")
_ACADEMIC = ("国家级", "省级", "市级")


def figures(facts: Facts) -> Iterator[Figure]:
    """Branches, members by category, degree and post; who was admitted, and who is being formed."""
    yield from _branches(facts)
    members = [seat.member for branch in facts.branches for seat in facts.members(branch)]
    formal = {seat.member for branch in facts.branches for seat in facts.formal(branch)}

    def persons(wanted: Iterable[int]) -> list[Reference]:
        return [facts.person(member, "正式党员" if member in formal else "预备党员") for member in wanted]

    yield counted(facts, "members.total", persons(members))
    yield counted(facts, "members.formal", persons(one for one in members if one in formal))
    yield counted(facts, "members.probationary", persons(one for one in members if one not in formal))
    yield from _degrees(facts, members)
    kinds = Counter(facts.people[member].staff_kind for member in members)
    for kind, _ in kinds.most_common():
        if kind is not None:
            mine = persons(member for member in members if facts.people[member].staff_kind == kind)
            yield counted(facts, "members.staff.*", mine, part=kind)
    yield from _academic(facts, set(members))
    yield from _development(facts)


def _branches(facts: Facts) -> Iterator[Figure]:
    def named(found: Iterable[Branch]) -> list[Reference]:
        return [Reference("branch", one.number, one.founded_on or "", one.name, one.brand or "") for one in found]

    yield counted(facts, "branch.count", named(facts.branches))
    if brands := [branch for branch in facts.branches if branch.brand]:
        yield counted(facts, "branch.brands", named(brands))
    leaders = [seat.member for one in facts.branches for seat in facts.members(one) if is_secretary(seat)]
    heads = {one: found for one in leaders if (found := heads_department(facts.people[one].position)) is not None}
    records = [facts.person(one, facts.people[one].position or "") for one in heads]
    yield from share(facts, "branch.double_leader_rate", sum(heads.values()), len(heads), records)


def _degrees(facts: Facts, members: list[int]) -> Iterator[Figure]:
    degrees: dict[int, str] = {member: facts.registered[member]["degree"] or "" for member in members}
    counts = Counter(degrees.values())
    for degree in _DEGREES:
        if counts[degree]:
            mine = [facts.person(one, degree) for one in members if degrees[one] == degree]
            yield counted(facts, "members.degree.*", mine, part=degree)
    if high := counts["博士"] + counts["硕士"]:
        every = [facts.person(one, degrees[one] or "没有登记学位") for one in members]
        yield from share(facts, "members.postgraduate_share", high, len(members), every)


def _academic(facts: Facts, members: set[int]) -> Iterator[Figure]:
    """学术任职 in force, by level: members, each once at a level, with what they hold."""
    sql = (
        "SELECT id, member_id, value, level, started_on FROM tenure WHERE kind = '学术任职'"
        " AND (started_on IS NULL OR started_on < ?) AND (ended_on IS NULL OR ended_on >= ?) ORDER BY id"
    )
    rows = facts.standing(Tenure, facts.rows(sql, facts.bounds[1], str(facts.as_of)))
    found = [row for row in rows if row["member_id"] in members]
    for level in _ACADEMIC:
        if mine := [row for row in found if row["level"] == level]:
            shown = references(
                "tenure", mine, "started_on", lambda row: facts.roster.shown(row["member_id"]), lambda row: row["value"]
            )
            people = len({row["member_id"] for row in mine})
            yield counted(facts, "members.academic.*", shown, people, part=level)


def _development(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds
    here = {branch.number for branch in facts.branches}
    cases = [one for one in facts.once(candidates) if not facts.narrowed or one.branch in here]
    if not cases:
        return
    admitted = [one for one in cases if start <= (one.days["voted_on"] or "") < end]
    records = [
        Reference("development", one.number, one.days["voted_on"] or "", one.name, one.staff_kind or "")
        for one in admitted
    ]
    yield counted(facts, "development.count", records)
    clinical = sum(one.staff_kind in CLINICAL for one in admitted)
    yield from share(facts, "development.clinical_share", clinical, len(admitted), records)
    stages = [(one, _stage_on(one, str(facts.as_of))) for one in cases]
    for id, stage in (("activists", Stage.ACTIVIST), ("candidates", Stage.CANDIDATE), ("applicants", Stage.APPLICANT)):
        mine = [Reference("development", one.number, "", one.name, stage) for one, found in stages if found == stage]
        yield counted(facts, f"development.{id}", mine, part=stage)


def _stage_on(one: Candidate, day: str) -> Stage | None:
    """Where a person stood on a day: what came later had not happened yet."""
    return stage_of({key: value for key, value in one.days.items() if value and value <= day})
