"""The account of one member's quarter (个人得分明细): every line with its points and the records behind it.

One account serves the list, explain, the posting, the difference and the forms: live, from the records as they are, or
frozen as it was posted. Points, dimensions, base and obj have at most four places (see `numbers`); the score has one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import NotFound
from partybuild_cli.index.collect import Query, records_behind
from partybuild_cli.index.compute import Computed, Ranked, compute_branches
from partybuild_cli.index.measures.declare import Asked, asked_by
from partybuild_cli.index.numbers import cut, plain, spread, tenth, total
from partybuild_cli.index.participants import Key, load_participants, rank_profile
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import DRAFTS, Round, branch_names, frozen, rounds_of
from partybuild_cli.index.scheme import Indicator, Measurable
from partybuild_cli.index.scoring import ZERO, Items, Measured, Score
from partybuild_cli.values.reference import Reference

Document = dict[str, Any]
#: The records behind each line, by member.
Behind = Mapping[Asked, Mapping[Key, Sequence[Reference]]]
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator of the account: what was measured, by which rule it became points, and from which records.

    `raw` of `worth` is what the rule gave; `points` of `max` is that after redistribution.
    """

    id: str
    name: str
    dimension: str
    raw: str | None
    points: str
    max: str
    value: str
    rule: str
    state: str
    records: Sequence[Reference] = ()
    worth: str = ""


@dataclass(frozen=True, slots=True)
class AdjustmentLine:
    """A bonus or deduction item (加分、扣分) that moved the score."""

    kind: str
    name: str
    value: str
    points: str
    records: Sequence[Reference] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """One member's quarter; the figures as they are shown, None where there are none. `state` is that of the round.

    `profile` is among whom he is ranked, where a scheme ranks 在岗, 退休 and 预备 apart; `formula` is how the parts make the
    score, `redistribution` whose points went where.
    """

    name: str
    staff_no: str | None
    member: int
    branch: str
    category: str
    quarter: str
    scheme: str
    rank: int | None
    days: int
    unscored: str
    score: str | None = None
    band: str | None = None
    base: str | None = None
    bonus: str | None = None
    deduction: str | None = None
    obj: str | None = None
    parts: Mapping[str, str | None] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)
    posted_dimensions: Mapping[str, str] = field(default_factory=dict)
    dimension_names: Mapping[str, str] = field(default_factory=dict)
    vetoes: Sequence[str] = ()
    indicators: Sequence[Line] = ()
    adjustments: Sequence[AdjustmentLine] = ()
    state: str = "draft"
    profile: str | None = None
    formula: str = ""
    redistribution: Sequence[str] = ()

    @property
    def summary(self) -> Document:
        """The figures of a list; what has no data stands beside the dimensions, in a posting at the end."""
        head = ("name", "staff_no", "member", "branch", "rank", "score", "band", "dimensions")
        rest = ("base", "bonus", "deduction", "obj", "parts", "unscored")
        keys = (*head, "no_data", *rest) if self.state in DRAFTS else (*head, *rest, "no_data")
        return {key: getattr(self, key) for key in keys} | ({"profile": self.profile} if self.profile else {})

    @property
    def no_data(self) -> list[str]:
        """The indicators of which the branch has no records."""
        return [line.id for line in self.indicators if line.state == "no_data"]

    def document(self) -> Document:
        """The account as it is frozen, which is before it is posted: without its state."""
        left_out = ("state", *(() if self.profile else ("profile",)))
        plain_keys = {key: value for key, value in _dict(self).items() if key not in left_out}
        return plain_keys | {key: [_line(line) for line in plain_keys[key]] for key in ("indicators", "adjustments")}


def _dict(one: Account | Line | AdjustmentLine) -> Document:
    return {key.name: getattr(one, key.name) for key in fields(one)}


def _line(line: Line | AdjustmentLine) -> Document:
    return _dict(line) | {"records": [record.document() for record in line.records]}


def read_account(document: Mapping[str, Any]) -> Account:
    """An account as it was frozen."""
    known = {key.name: document[key.name] for key in fields(Account) if key.name in document}
    for key, kind in (("indicators", Line), ("adjustments", AdjustmentLine)):
        known[key] = [
            kind(**{**line, "records": [Reference(**record) for record in line["records"]]}) for line in document[key]
        ]
    return Account(**known)


def account_of(connection: Connection, quarter: Quarter, member: int, branch: int | None = None) -> Account:
    """The account of a member in a branch, by default the one in which he stood last in the quarter.

    NotFound when he belonged to none of the book's branches then.
    """
    where = branch if branch is not None else branch_in(connection, quarter, member)
    found = accounts_of(connection, quarter, where, member)
    if not found:
        name = connection.exec_driver_sql("SELECT name FROM member WHERE id = ?", (member,)).scalar()
        raise NotFound(
            f"{name}在 {quarter.label} 不在这个支部，没有得分。请核对季度和党支部，或用 index list 查看名单。"
        )
    return found[0]


def accounts_of(connection: Connection, quarter: Quarter, branch: int, member: int | None = None) -> list[Account]:
    """The accounts of a branch, or of one member in it: as posted where it was posted, else as the records say now."""
    kept = rounds_of(connection, quarter, branch).get(branch)
    if kept is None:
        return live_accounts(connection, quarter, branch, member)
    if kept.open:
        return [replace(one, state=kept.state) for one in live_accounts(connection, quarter, branch, member)]
    return [one for one in frozen_accounts(connection, kept) if member in (None, one.member)]


def frozen_accounts(connection: Connection, posted: Round) -> list[Account]:
    """The accounts of a posting, as they were posted."""
    return [replace(read_account(document), state=posted.state) for document in frozen(connection, posted.id)]


def live_accounts(connection: Connection, quarter: Quarter, branch: int, member: int | None = None) -> list[Account]:
    """The accounts as the records say now, whatever was posted."""
    [(computed, _)] = compute_branches(connection, quarter, [branch])
    return with_records(connection, computed, branch, member)


def with_records(connection: Connection, computed: Computed, branch: int, member: int | None = None) -> list[Account]:
    """The accounts of a branch that was computed, or of one member in it, in the order of the list, with all records."""
    listed = [one for one in computed.branches.get(branch, ()) if member in (None, one.participant.member)]
    participants = [one.participant for one in listed]
    if not participants:
        return []
    query = Query(connection, computed.quarter, branch)
    asked = dict.fromkeys(
        asked_by(line)
        for one in listed
        if one.score
        for line in (*one.score.indicators, *(moved.item for moved in one.score.moved))
    )
    behind = {one: records_behind(query, one, participants) for one in asked}
    name = branch_names(connection)[branch]
    return [live_account(computed, name, one, behind) for one in listed]


def live_account(computed: Computed, branch: str, listed: Ranked, behind: Behind | None = None) -> Account:
    """The account of a member as it was computed; `behind` finds the records of each line."""
    participant, score = listed.participant, listed.score

    def records(line: Measurable) -> Sequence[Reference]:
        return behind[asked_by(line)].get(participant.key, ()) if behind else ()

    account = Account(
        name=participant.name,
        staff_no=participant.staff_no,
        member=participant.member,
        branch=branch,
        category=participant.category,
        quarter=computed.quarter.label,
        scheme=computed.scheme.key,
        rank=listed.rank,
        days=participant.days,
        unscored=participant.unscored,
        profile=rank_profile(computed.scheme, participant),
    )
    if score is None:
        return account
    base = score.base or ZERO
    return replace(
        account,
        score=None if score.score is None else str(score.score),
        band=score.band,
        base=_plain(score.base),
        bonus=plain(score.bonus),
        deduction=plain(score.deduction),
        obj=_plain(score.obj),
        parts={part.id: _plain(score.parts[part.id]) for part in score.scheme.parts},
        dimensions=_by_dimension(score, map(plain, spread(score.dimensions, cut(base)))),
        posted_dimensions=_by_dimension(score, map(str, spread(score.dimensions, tenth(base), 1))),
        dimension_names={one.id: one.name for one in score.scheme.dimensions},
        vetoes=score.known.vetoes,
        formula=_formula(score),
        redistribution=_redistribution(score),
        indicators=_lines(score, records),
        adjustments=_adjustments(score, records),
    )


def _formula(score: Score) -> str:
    """How the parts make the score, with their weights (合成公式); the weights of missing parts go to the others."""
    if score.known.vetoes:
        return "一票否决，为 0 分"
    parts = [(part.name, part.weight, score.parts[part.id]) for part in score.scheme.parts]
    there = [(name, weight, points) for name, weight, points in parts if points is not None]
    if not there:
        return ""
    whole = sum(weight for _, weight, _ in there)
    shares = [f"{plain(100 * weight)}{'%' if whole == 1 else f'/{plain(100 * whole)}'}" for _, weight, _ in there]
    terms = [f"{name} {plain(points)} × {share}" for (name, _, points), share in zip(there, shares, strict=True)]
    amounts = [points * Fraction(weight) / Fraction(whole) for _, weight, points in there]
    missing = "、".join(name for name, _, points in parts if points is None)
    said = f"{' + '.join(terms)} = {' + '.join(map(plain, amounts))} = {plain(total(amounts))}"
    rounded = f"，四舍五入为 {score.score}" if score.score is not None else ""
    return said + rounded + (f"（{missing}没有，权重按比例加给其余各部分）" if missing else "")


def _redistribution(score: Score) -> list[str]:
    """In words, whose points went where (分值重新分配)."""
    said = []
    states = {"no_data": "没有台账记录", "not_applicable": "不适用"}
    for dimension in score.scheme.dimensions:
        mine = [(one, raw) for one, raw in score.lines() if one.dimension == dimension.id]
        gone = [one for one, raw in mine if raw is None]
        if not gone:
            continue
        names = "、".join(f"{one.id} {one.name}{states.get(score.known.measured[one.id].state, '')}" for one in gone)
        stands = any(raw is not None and not one.opportunity for one, raw in mine)
        to = f"{dimension.name}的其他义务" if stands else "其他维度的义务"
        said.append(f"{names}，{plain(sum(one.points for one in gone))} 分按比例加给{to}")
    return said


def _plain(number: Fraction | None) -> str | None:
    return None if number is None else plain(number)


def _by_dimension(score: Score, points: Iterable[str]) -> dict[str, str]:
    """The points of each dimension; they add up to the base, and the lines of its indicators to them."""
    return {one.id: number for one, number in zip(score.scheme.dimensions, points, strict=True)}


def _lines(score: Score, records: Callable[[Measurable], Sequence[Reference]]) -> list[Line]:
    """Every indicator with value, rule and points that add up to the base shown."""
    points, maxima = _shown(score, score.points), _shown(score, score.maxima)
    lines = []
    for at, one in enumerate(score.indicators):
        measured, raw = score.known.measured[one.id], score.raws[at]
        lines.append(
            Line(
                id=one.id,
                name=one.name,
                dimension=one.dimension,
                raw=_plain(raw),
                points=plain(points[at]),
                max=plain(maxima[at]),
                value=value_text(one, measured),
                rule=rule_text(one, score.targets[at]),
                state=measured.state,
                records=[] if measured.state == "no_data" else records(one),
                worth=plain(one.points),
            )
        )
    return lines


def _adjustments(score: Score, records: Callable[[Measurable], Sequence[Reference]]) -> list[AdjustmentLine]:
    return [
        AdjustmentLine(kind, moved.item.name, items_text(moved.found), plain(moved.points), records(moved.item))
        for kind, lines in (("加分", score.bonus_lines), ("扣分", score.deduction_lines))
        for moved in lines
    ]


def _shown(score: Score, numbers: Sequence[Fraction]) -> list[Decimal]:
    """Numbers in the order of the indicators, cut so that each dimension adds up, and all dimensions together."""
    places: dict[str, list[int]] = {one.id: [] for one in score.scheme.dimensions}
    for place, one in enumerate(score.indicators):
        places[one.dimension].append(place)
    sums = spread([total([numbers[at] for at in inside]) for inside in places.values()], cut(total(numbers)))
    shown = [Decimal(0)] * len(numbers)
    for inside, whole in zip(places.values(), sums, strict=True):
        for at, number in zip(inside, spread([numbers[at] for at in inside], whole), strict=True):
            shown[at] = number
    return shown


def items_text(items: Items) -> str:
    return "、".join(f"{word}×{plain(number)}" for word, number in items) or "0"


def value_text(one: Indicator, measured: Measured) -> str:
    """What was measured, as text: 9, 5/6, 次×3、带队×1."""
    if measured.state != "scored":
        return NOTHING
    if one.rule == "share":
        return f"{plain(measured.value)}/{plain(measured.due)}"
    return items_text(measured.items) if one.rule == "each" else plain(measured.value)


def rule_text(one: Indicator, target: Fraction) -> str:
    """The rule in words, with its numbers; the target is the member's own, for the rule ratio."""
    points = plain(one.points)
    match one.rule:
        case "ratio":
            return f"{points} 分 × 实际 ÷ 目标 {plain(target)}，最多 {points} 分"
        case "share":
            return f"{points} 分 × 完成 ÷ 应完成"
        case "each":
            prices = "，".join(f"{word} {plain(price)} 分" for word, price in one.each.items())
            return f"每项：{prices}；最多 {points} 分"
        case "step":
            steps = "，".join(f"达到 {plain(start)} 得 {plain(earned)} 分" for start, earned in one.steps)
            return f"{steps}，其余 0 分"
        case "flag":
            return f"有即得 {points} 分"
        case _:
            return f"{points} 分，每件减 {plain(one.per or 0)} 分，减完为止"


def branch_in(connection: Connection, quarter: Quarter, member: int) -> int:
    """The branch to which a member belonged last within the quarter."""
    posted = connection.exec_driver_sql(
        "SELECT r.branch_id FROM index_score AS s JOIN index_round AS r ON r.id = s.round_id"
        " WHERE s.member_id = ? AND r.quarter = ? AND r.state IN ('posted', 'revised', 'locked')"
        " ORDER BY s.days DESC, r.revision DESC LIMIT 1",
        (member, quarter.label),
    ).scalar()
    found = load_participants(connection, quarter, member=member)
    if not found and posted is not None:
        return int(posted)
    if not found:
        return int(connection.exec_driver_sql("SELECT branch_id FROM member WHERE id = ?", (member,)).scalar_one())
    return max(found, key=lambda one: (one.stayed, one.days)).branch
