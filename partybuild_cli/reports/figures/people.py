"""Figures of people (党员队伍): the roster on the last day of the period, and those who are on their way into it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.records.tenure import LEVEL, Tenure
from partybuild_cli.reports.figures import Figure, counted, parted, share
from partybuild_cli.rules.board import heads_department, is_secretary
from partybuild_cli.rules.candidates import candidates
from partybuild_cli.rules.deeds import in_force
from partybuild_cli.rules.development import clinical
from partybuild_cli.rules.facts import Facts, PartyBranch
from partybuild_cli.values.kind import Reference

_DEGREES = ("博士", "硕士", "学士")


def figures(facts: Facts) -> Iterator[Figure]:
    """Branches, members by category, degree and post; who was admitted, and who is being formed."""
    yield from _branches(facts)
    members = [seat.member for branch in facts.branches for seat in facts.members(branch)]
    formal = {seat.member for branch in facts.branches for seat in facts.formal(branch)}
    persons = {member: facts.person(member, "正式党员" if member in formal else "预备党员") for member in members}
    yield counted(facts, "members.total", [persons[member] for member in members])
    yield counted(facts, "members.formal", [persons[member] for member in members if member in formal])
    yield counted(facts, "members.probationary", [persons[member] for member in members if member not in formal])
    degrees: dict[int, str | None] = {member: facts.registered[member]["degree"] for member in members}
    named = [facts.person(member, degrees[member] or "没有登记学位") for member in members]
    yield from parted(facts, "members.degree.*", degrees.values(), named, _DEGREES)
    if high := sum(degree in ("博士", "硕士") for degree in degrees.values()):
        yield from share(facts, "members.postgraduate_share", high, len(members), named)
    kinds = [facts.people[member].staff_kind for member in members]
    commonest = [kind for kind, _ in Counter(kinds).most_common() if kind is not None]
    yield from parted(facts, "members.staff.*", kinds, [persons[member] for member in members], commonest)
    yield from _academic(facts, set(members))
    yield from _development(facts)


def _branches(facts: Facts) -> Iterator[Figure]:
    def named(found: Iterable[PartyBranch]) -> list[Reference]:
        return [
            Reference("branch", branch.number, branch.founded_on or "", branch.name, branch.brand or "")
            for branch in found
        ]

    yield counted(facts, "branch.count", named(facts.branches))
    if brands := [branch for branch in facts.branches if branch.brand]:
        yield counted(facts, "branch.brands", named(brands))
    leaders = [seat.member for branch in facts.branches for seat in facts.members(branch) if is_secretary(seat)]
    heads = {
        leader: found for leader in leaders if (found := heads_department(facts.people[leader].position)) is not None
    }
    records = [facts.person(leader, facts.people[leader].position or "") for leader in heads]
    yield from share(facts, "branch.double_leader_rate", sum(heads.values()), len(heads), records)


def _academic(facts: Facts, members: set[int]) -> Iterator[Figure]:
    """学术任职 in force, by level: members, each once at a level, with what they hold."""
    found = [row for row in in_force(facts, Tenure, "ended_on", str(facts.as_of)) if row["kind"] == "学术任职"]
    for level in LEVEL.words:
        if mine := [row for row in found if row["level"] == level and row["member_id"] in members]:
            shown = facts.named(Tenure, mine, lambda row: row["value"])
            people = len({row["member_id"] for row in mine})
            yield counted(facts, "members.academic.*", shown, people, part=level)


def _development(facts: Facts) -> Iterator[Figure]:
    start, end = facts.bounds
    cases = [case for case in facts.once(candidates) if facts.asks_of(case.branch)]
    if not cases:
        return
    admitted = [case for case in cases if start <= (case.days["voted_on"] or "") < end]
    records = [
        Reference("development", case.number, case.days["voted_on"] or "", case.name, case.staff_kind or "")
        for case in admitted
    ]
    yield counted(facts, "development.count", records)
    front = sum(clinical(case.staff_kind) for case in admitted)
    yield from share(facts, "development.clinical_share", front, len(admitted), records)
    day = str(facts.as_of)  # what came later had not happened yet
    stages = [(case, stage_of({key: on for key, on in case.days.items() if on and on <= day})) for case in cases]
    for id, stage in (("activists", Stage.ACTIVIST), ("candidates", Stage.CANDIDATE), ("applicants", Stage.APPLICANT)):
        mine = [Reference("development", case.number, "", case.name, stage) for case, found in stages if found == stage]
        yield counted(facts, f"development.{id}", mine, part=stage)
