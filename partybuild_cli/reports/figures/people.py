"""Figures of people (党员队伍): the roster on the last day of the period, and those who are on their way into it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import inspect

from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.reports.figures.figure import Figure, counted, rate
from partybuild_cli.rules.board import heads_department, is_secretary
from partybuild_cli.rules.candidates import Candidate, candidates
from partybuild_cli.rules.development import CLINICAL
from partybuild_cli.rules.facts import Branch, Facts
from partybuild_cli.values.reference import Reference

_DEGREES = ("博士", "硕士", "学士")
_ACADEMIC = ("国家级", "省级", "市级")


def figures(field: Facts) -> Iterator[Figure]:
    """Branches, members by category, degree and post; who was admitted, and who is being formed."""
    yield from _branches(field)
    members = [seat.member for branch in field.branches for seat in field.members(branch)]
    formal = {seat.member for branch in field.branches for seat in field.formal(branch)}
    category = {member: "正式党员" if member in formal else "预备党员" for member in members}

    def persons(wanted: Iterable[int]) -> list[Reference]:
        return [field.person(member, category[member]) for member in wanted]

    day = f"{field.as_of}花名册上"
    definition = f"{day}的党员，含预备党员，不含停止党籍和已转出的"
    yield counted("members.total", "党员", "人", definition, persons(members))
    of = {word: [member for member in members if category[member] == word] for word in ("正式党员", "预备党员")}
    yield counted("members.formal", "正式党员", "人", f"{day}已转正的党员", persons(of["正式党员"]))
    yield counted("members.probationary", "预备党员", "人", f"{day}未转正的党员", persons(of["预备党员"]))
    yield from _degrees(field, members, day)
    kinds = Counter(kind for member in members if (kind := field.people[member].staff_kind) is not None)
    for kind, _ in kinds.most_common():
        mine = persons(member for member in members if field.people[member].staff_kind == kind)
        yield counted(f"members.staff.{kind}", f"{kind}岗位党员", "人", f"{day}岗位类别为“{kind}”的党员", mine)
    yield from _academic(field, set(members))
    yield from _development(field)


def _academic(field: Facts, members: set[int]) -> Iterator[Figure]:
    """学术任职 in force, by level: members, each once at a level, with what they hold."""
    if not inspect(field.connection).has_table("tenure"):
        return
    sql = (
        "SELECT id, member_id, value, level, started_on FROM tenure WHERE kind = '学术任职'"
        " AND (started_on IS NULL OR started_on < ?) AND (ended_on IS NULL OR ended_on >= ?) ORDER BY id"
    )
    found = [row for row in field.rows(sql, field.bounds[1], str(field.as_of)) if row["member_id"] in members]
    for level in _ACADEMIC:
        mine = [row for row in found if row["level"] == level]
        if mine:
            shown = [
                Reference(
                    "tenure",
                    row["id"],
                    row["started_on"] or "",
                    field.roster.shown(row["member_id"]),
                    row["value"] or "",
                )
                for row in mine
            ]
            people = len({row["member_id"] for row in mine})
            definition = f"{field.as_of}在任的{level}学会任职党员，一人只计一次"
            yield counted(f"members.academic.{level}", f"{level}学术任职", "人", definition, shown, people)


def _branches(field: Facts) -> Iterator[Figure]:
    def named(found: Iterable[Branch]) -> list[Reference]:
        return [Reference("branch", one.number, one.founded_on or "", one.name, one.brand or "") for one in found]

    yield counted("branch.count", "党支部", "个", "党组织台账中类别为党支部的", named(field.branches))
    brands = [branch for branch in field.branches if branch.brand]
    if brands:
        yield counted("branch.brands", "支部品牌", "个", "党组织台账中填有品牌的党支部", named(brands))
    leaders = [seat.member for one in field.branches for seat in field.members(one) if is_secretary(seat)]
    heads = {one: found for one in leaders if (found := heads_department(field.people[one].position)) is not None}
    yield from rate(
        "branch.double_leader_rate",
        "双带头人比例",
        sum(heads.values()),
        len(heads),
        "党支部书记同时是科室负责人的，占登记了行政职务的书记",
        [field.person(one, field.people[one].position or "") for one in heads],
    )


def _degrees(field: Facts, members: Sequence[int], day: str) -> Iterator[Figure]:
    degrees: dict[int, str] = {member: field.registered[member]["degree"] or "" for member in members}
    counts = Counter(degrees.values())
    for degree in _DEGREES:
        if counts[degree]:
            definition = f"{day}学位为{degree}的党员"
            mine = [field.person(one, degree) for one in members if degrees[one] == degree]
            yield counted(f"members.degree.{degree}", f"{degree}党员", "人", definition, mine)
    high = counts["博士"] + counts["硕士"]
    if high:
        definition = f"{day}学位为博士或硕士的党员，占全部党员"
        every = [field.person(one, degrees[one] or "没有登记学位") for one in members]
        yield from rate("members.postgraduate_share", "硕士及以上占比", high, len(members), definition, every)


def _development(field: Facts) -> Iterator[Figure]:
    start, end = field.bounds
    here = {branch.number for branch in field.branches}
    cases = [one for one in field.once(candidates) if not field.narrowed or one.branch in here]
    admitted = [one for one in cases if start <= (one.days["voted_on"] or "") < end]
    if not cases:
        return
    records = [
        Reference("development", one.number, one.days["voted_on"] or "", one.name, one.staff_kind or "")
        for one in admitted
    ]
    yield counted("development.count", "发展党员", "人", "支部大会接收时间在本期内的预备党员", records)
    clinical = sum(one.staff_kind in CLINICAL for one in admitted)
    definition = "本期发展的党员中岗位类别为临床、医技、护理的，占全部"
    yield from rate("development.clinical_share", "临床医技护占比", clinical, len(admitted), definition, records)
    stages = [(one, _stage_on(one, str(field.as_of))) for one in cases]
    for id, stage in (("activists", Stage.ACTIVIST), ("candidates", Stage.CANDIDATE), ("applicants", Stage.APPLICANT)):
        definition = f"{field.as_of}发展党员台账中处于“{stage}”阶段的"
        mine = [Reference("development", one.number, "", one.name, stage) for one, found in stages if found == stage]
        yield counted(f"development.{id}", stage, "人", definition, mine)


def _stage_on(one: Candidate, day: str) -> Stage | None:
    """Where a person stood on a day: what came later had not happened yet."""
    return stage_of({key: value for key, value in one.days.items() if value and value <= day})
