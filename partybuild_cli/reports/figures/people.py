"""Figures of people (党员队伍): the roster on the last day of the period, and those who are on their way into it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.reports.figures.figure import Figure, counted, rate
from partybuild_cli.rules.board import heads_department, is_secretary
from partybuild_cli.rules.candidates import Candidate
from partybuild_cli.rules.development import CLINICAL
from partybuild_cli.rules.facts import Facts

_DEGREES = ("博士", "硕士", "学士")


def figures(field: Facts) -> Iterator[Figure]:
    """Branches, members by category, degree and post; who was admitted, and who is being formed."""
    yield from _branches(field)
    seats = [seat for branch in field.branches for seat in field.members(branch.number)]
    formal = sum(len(field.formal(branch.number)) for branch in field.branches)
    day = f"{field.as_of}花名册上"
    yield counted("members.total", "党员", len(seats), "人", f"{day}的党员，含预备党员，不含停止党籍和已转出的")
    yield counted("members.formal", "正式党员", formal, "人", f"{day}已转正的党员")
    yield counted("members.probationary", "预备党员", len(seats) - formal, "人", f"{day}未转正的党员")
    members = [seat.member for seat in seats]
    yield from _degrees(field, members, day)
    kinds = Counter(field.people[member].staff_kind for member in members)
    for kind, count in _known(kinds):
        yield counted(f"members.staff.{kind}", f"{kind}岗位党员", count, "人", f"{day}岗位类别为“{kind}”的党员")
    yield from _development(field)


def _branches(field: Facts) -> Iterator[Figure]:
    yield counted("branch.count", "党支部", len(field.branches), "个", "党组织台账中类别为党支部的")
    brands = [branch for branch in field.branches if branch.brand]
    if brands:
        yield counted("branch.brands", "支部品牌", len(brands), "个", "党组织台账中填有品牌的党支部")
    leaders = [seat for branch in field.branches for seat in field.members(branch.number) if is_secretary(seat)]
    known = [found for seat in leaders if (found := heads_department(field.people[seat.member].position)) is not None]
    yield from rate(
        "branch.double_leader_rate",
        "双带头人比例",
        sum(known),
        len(known),
        "党支部书记同时是科室负责人的，占登记了行政职务的书记",
        len(known),
    )


def _degrees(field: Facts, members: list[int], day: str) -> Iterator[Figure]:
    counts = Counter(field.registered[member]["degree"] for member in members)
    for degree in _DEGREES:
        if counts[degree]:
            definition = f"{day}学位为{degree}的党员"
            yield counted(f"members.degree.{degree}", f"{degree}党员", counts[degree], "人", definition)
    high = counts["博士"] + counts["硕士"]
    if high:
        definition = f"{day}学位为博士或硕士的党员，占全部党员"
        yield from rate("members.postgraduate_share", "硕士及以上占比", high, len(members), definition, len(members))


def _known(counts: "Counter[str | None]") -> Iterable[tuple[str, int]]:
    return [(word, count) for word, count in counts.most_common() if word is not None]


def _development(field: Facts) -> Iterator[Figure]:
    start, end = field.bounds
    here = {branch.number for branch in field.branches}
    cases = [one for one in field.candidates if not field.narrowed or one.branch in here]
    admitted = [one for one in cases if start <= (one.case.days["voted_on"] or "") < end]
    if not cases:
        return
    yield counted("development.count", "发展党员", len(admitted), "人", "支部大会接收时间在本期内的预备党员")
    clinical = sum(one.staff_kind in CLINICAL for one in admitted)
    definition = "本期发展的党员中岗位类别为临床、医技、护理的，占全部"
    yield from rate("development.clinical_share", "临床医技护占比", clinical, len(admitted), definition, len(admitted))
    stages = Counter(_stage_on(one, str(field.as_of)) for one in cases)
    for id, stage in (("activists", Stage.ACTIVIST), ("candidates", Stage.CANDIDATE), ("applicants", Stage.APPLICANT)):
        definition = f"{field.as_of}发展党员台账中处于“{stage}”阶段的"
        yield counted(f"development.{id}", stage, stages[stage], "人", definition)


def _stage_on(one: Candidate, day: str) -> Stage | None:
    """Where a person stood on a day: what came later had not happened yet."""
    return stage_of({key: value for key, value in one.case.days.items() if value and value <= day})
