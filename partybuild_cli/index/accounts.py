"""The account of one member's quarter (个人得分明细): every line with its points and the records behind it; and their list.

One account serves the list, explain, the posting, the difference and the forms: live, from the records as they are, or
frozen as it was posted. Points, dimensions, base and obj have at most four places (see `numbers`); the score has one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, select
from sqlmodel import col

from partybuild_cli.errors import NotFound
from partybuild_cli.index.collect import records_behind
from partybuild_cli.index.compute import Computed, Ranked, compute_quarter
from partybuild_cli.index.numbers import cut, plain, spread, tenth, total
from partybuild_cli.index.participants import Key, Participant, Roll, rank_profile
from partybuild_cli.index.quarter import DRAFTS, STATE_WORDS, Document, Quarter
from partybuild_cli.index.rounds import ROUNDS, SCORES, Round, frozen, saved_scores, scores_between
from partybuild_cli.index.scheme import Measurable
from partybuild_cli.index.scoring import ZERO, Score, items_text, rule_text, value_text
from partybuild_cli.records.member import Member
from partybuild_cli.values.day import add_months
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import quarter_of

#: The records behind each question of the scheme, by member.
Behind = Mapping[tuple[object, ...], Mapping[Key, Sequence[Reference]]]


class IndicatorLine(BaseModel):
    """An indicator of the account: `raw` of `worth` is what the rule gave, `points` of `max` that after redistribution."""

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


class AdjustmentLine(BaseModel):
    """A bonus or deduction item (加分、扣分) that moved the score."""

    kind: str
    name: str
    value: str
    points: str
    records: Sequence[Reference] = ()


AccountLine = IndicatorLine | AdjustmentLine


class Account(BaseModel):
    """One member's quarter as it is shown, under the state of its round; `profile` is among whom he is ranked, where
    在岗, 退休 and 预备 are apart, `formula` how the parts make the score, `redistribution` whose points went where.
    """

    model_config = ConfigDict(frozen=True)

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
    parts: Mapping[str, str | None] = {}
    dimensions: Mapping[str, str] = {}
    posted_dimensions: Mapping[str, str] = {}
    dimension_names: Mapping[str, str] = {}
    vetoes: Sequence[str] = ()
    indicators: Sequence[IndicatorLine] = ()
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
        return self.model_dump(exclude={"state"} if self.profile else {"state", "profile"})


def told_apart(people: Sequence[Account] | Sequence[Participant]) -> list[str]:
    """The names of a list; two persons who bear one (同名党员) are told apart by 工号, else by the number of the record."""
    borne = Counter(name for _, name in {(person.member, person.name) for person in people})
    return [
        f"{person.name}({person.staff_no or f'编号{person.member}'})" if borne[person.name] > 1 else person.name
        for person in people
    ]


def frozen_accounts(connection: Connection, posted: Round) -> list[Account]:
    """The accounts of a posting, as they were posted."""
    return [Account(**{**account, "state": posted.state}) for account in frozen(connection, posted.id)]


def live_accounts(computed: Computed, member: int | None = None, *, records: bool = False) -> dict[int, list[Account]]:
    """The accounts of each branch that was computed, or of one member, in the order of the list; with all `records` if asked."""
    found = {
        number: [ranked for ranked in listed if member in (None, ranked.participant.member)]
        for number, listed in computed.branches.items()
    }
    everybody = [ranked for listed in found.values() for ranked in listed]
    asked: dict[tuple[object, ...], Measurable] = {}
    for score in (ranked.score for ranked in everybody if ranked.score and records):
        asked |= {line.question: line for line in (line.indicator for line in score.lines)}
        asked |= {line.question: line for line in (moved.item for moved in score.moved)}
    participants = [ranked.participant for ranked in everybody]
    behind = {question: records_behind(computed.roll, line, participants) for question, line in asked.items()}
    states = {number: latest.state for number, latest in computed.roll.rounds().items() if latest.open}
    return {
        number: [live_account(computed, ranked, behind, states.get(number, "draft")) for ranked in listed]
        for number, listed in found.items()
    }


def live_account(computed: Computed, listed: Ranked, behind: Behind | None = None, state: str = "draft") -> Account:
    """The account of a member as it was computed; `behind` finds the records of each line."""
    who = listed.participant

    def records(line: Measurable) -> Sequence[Reference]:
        return behind[line.question].get(who.key, []) if behind else []

    return Account(
        **{key: getattr(who, key) for key in ("name", "staff_no", "member", "category", "days", "unscored")},
        branch=who.branch_name,
        quarter=computed.roll.quarter.label,
        scheme=computed.scheme.key,
        rank=listed.rank,
        profile=rank_profile(computed.scheme, who),
        state=state,
        **(_figures(listed.score, records) if listed.score else {}),
    )


def _figures(score: Score, records: Callable[[Measurable], Sequence[Reference]]) -> Document:
    """The figures of a score, as they are shown: those of the indicators add up to the base."""
    base, earned = score.base or ZERO, [*score.dimensions.values()]
    shown = (_shown(score, [getattr(line, key) for line in score.lines]) for key in ("points", "most"))
    return {
        "score": None if score.score is None else str(score.score),
        "band": score.band,
        **{key: _plain(getattr(score, key)) for key in ("base", "bonus", "deduction", "obj")},
        "parts": {part.id: _plain(score.parts[part.id]) for part in score.scheme.parts},
        "dimensions": dict(zip(score.dimensions, map(plain, spread(earned, cut(base))), strict=True)),
        "posted_dimensions": dict(zip(score.dimensions, map(str, spread(earned, tenth(base), 1)), strict=True)),
        "dimension_names": {dimension.id: dimension.name for dimension in score.scheme.dimensions},
        "vetoes": score.known.vetoes,
        "formula": formula(score),
        "redistribution": [*_redistribution(score)],
        "indicators": [
            IndicatorLine(
                **{key: getattr(line.indicator, key) for key in ("id", "name", "dimension")},
                raw=_plain(line.raw),
                points=plain(points),
                max=plain(most),
                value=value_text(line.indicator, line.measured),
                rule=rule_text(line.indicator, line.target),
                state=line.measured.state,
                records=[] if line.measured.state == "no_data" else records(line.indicator),
                worth=plain(line.indicator.points),
            )
            for line, points, most in zip(score.lines, *shown, strict=True)
        ],
        "adjustments": [
            AdjustmentLine(
                kind=kind, name=item.name, value=items_text(found), points=plain(points), records=records(item)
            )
            for kind, item, found, points in score.moved
        ],
    }


def _plain(number: Fraction | None) -> str | None:
    return None if number is None else plain(number)


def _shown(score: Score, numbers: Sequence[Fraction]) -> list[Decimal]:
    """Numbers in the order of the lines, cut so that each dimension adds up, and all dimensions together."""
    inside: dict[str, list[Fraction]] = {key: [] for key in score.dimensions}
    for line, number in zip(score.lines, numbers, strict=True):
        inside[line.indicator.dimension].append(number)
    sums = spread([total(found) for found in inside.values()], cut(total(numbers)))
    shown = {key: iter(spread(found, whole)) for (key, found), whole in zip(inside.items(), sums, strict=True)}
    return [next(shown[line.indicator.dimension]) for line in score.lines]


def formula(score: Score) -> str:
    """How the parts make the score, with their weights (合成公式); the weights of missing parts go to the others."""
    if score.known.vetoes:
        return "一票否决，为 0 分"
    parts = [(part.name, part.weight, score.parts[part.id]) for part in score.scheme.parts]
    there = [(name, weight, points) for name, weight, points in parts if points is not None]
    if not there:
        return ""
    whole = sum(weight for _, weight, _ in there)
    of = "%" if whole == 1 else f"/{plain(100 * whole)}"
    terms = [f"{name} {plain(points)} × {plain(100 * weight)}{of}" for name, weight, points in there]
    amounts = [points * Fraction(weight) / Fraction(whole) for _, weight, points in there]
    missing = "、".join(name for name, _, points in parts if points is None)
    said = f"{' + '.join(terms)} = {' + '.join(map(plain, amounts))} = {plain(total(amounts))}"
    rounded = f"，四舍五入为 {score.score}" if score.score is not None else ""
    return said + rounded + (f"（{missing}没有，权重按比例加给其余各部分）" if missing else "")


def _redistribution(score: Score) -> Iterator[str]:
    """In words, whose points went where (分值重新分配)."""
    states = {"no_data": "没有台账记录", "not_applicable": "不适用"}
    for dimension in score.scheme.dimensions:
        mine = [line for line in score.lines if line.indicator.dimension == dimension.id]
        if gone := [line for line in mine if line.raw is None]:
            names = "、".join(
                f"{line.indicator.id} {line.indicator.name}{states.get(line.measured.state, '')}" for line in gone
            )
            stands = any(line.raw is not None and not line.indicator.opportunity for line in mine)
            to = f"{dimension.name}的其他义务" if stands else "其他维度的义务"
            yield f"{names}，{plain(sum(line.indicator.points for line in gone))} 分按比例加给{to}"


class Listing(NamedTuple):
    """Every member of a quarter with rank, score and dimensions (名单与排名), by branch in the order of their numbers."""

    quarter: Quarter
    branches: Mapping[int, list[Account]]
    problems: Sequence[str]

    @property
    def accounts(self) -> list[Account]:
        return [account for accounts in self.branches.values() for account in accounts]

    @property
    def scheme(self) -> str | None:
        return "、".join(dict.fromkeys(account.scheme for account in self.accounts)) or None

    @property
    def state(self) -> str:
        """How far the branch has come that is least far."""
        words = list(STATE_WORDS)
        return min((account.state for account in self.accounts), key=words.index, default="draft")

    def document(self) -> Document:
        """The JSON of `index list`."""
        head = {"quarter": self.quarter.label, "scheme": self.scheme, "state": self.state}
        return {**head, "members": [account.summary for account in self.accounts]}


def list_quarter(
    roll: Roll, drafts: Sequence[Computed] | None = None, *, member: int | None = None, records: bool = False
) -> Listing:
    """The list of a roll, or one member of it: as posted, else by the records as they are (`drafts`, where computed)."""
    posted = {number: frozen_accounts(roll.connection, hung) for number, hung in roll.posted().items()}
    found = {number: [it for it in accounts if member in (None, it.member)] for number, accounts in posted.items()}
    drafts = compute_quarter(roll, keep=False) if drafts is None else drafts
    for computed in drafts:
        found |= live_accounts(computed, member, records=records)
    problems = [problem for computed in drafts for problem in computed.problems]
    return Listing(roll.quarter, dict(sorted(found.items())), problems)


def account_of(roll: Roll, member: int) -> Account:
    """The account of a member in the branch of a roll, with the records behind it. NotFound when he did not belong to it."""
    found = list_quarter(roll, member=member, records=True).accounts
    if not found:
        name = roll.connection.execute(select(col(Member.name)).where(col(Member.id) == member)).scalar()
        label = roll.quarter.label
        raise NotFound(f"{name}在 {label} 不在这个支部，没有得分。请核对季度和党支部，或用 index list 查看名单。")
    return found[0]


def branch_in(roll: Roll, member: int) -> int:
    """The branch to which a member belonged last within the quarter; of one who left it long ago, that of his posting."""
    if stays := [who for who in roll.participants if who.member == member]:
        return max(stays, key=lambda stay: (stay.stayed, stay.days)).branch
    posted = (
        select(ROUNDS.c.branch_id)
        .join(SCORES, SCORES.c.round_id == ROUNDS.c.id)
        .where(SCORES.c.member_id == member, ROUNDS.c.quarter == roll.quarter.label, ROUNDS.c.state.not_in(DRAFTS))
        .order_by(SCORES.c.days.desc(), ROUNDS.c.revision.desc())
    )
    now = select(col(Member.branch_id)).where(col(Member.id) == member)
    last = roll.connection.execute(posted).scalars().first() or roll.connection.execute(now).scalar_one()
    return int(last)


def unsaved(roll: Roll, listing: Listing) -> list[str]:
    """Where the draft that `compute` saved is not what the records say now (草稿与记录不同)."""
    said, label = [], roll.quarter.label
    for number, draft in roll.rounds().items():
        now = {account.member: account.score for account in listing.branches.get(number, ())}
        was = saved_scores(roll.connection, draft.id) if draft.open and now else now
        if moved := sum(was.get(member, "") != now.get(member, "") for member in was.keys() | now):
            text = f"{roll.names[number]} {label} 所列按现在的记录，{moved} 人的得分与 compute 保存的不同。"
            said.append(f"{text}要保存请用 partybuild index compute {label}。")
    return said


_BLOCKS = "▁▂▃▄▅▆▇█"
_QUARTERS = 6
#: Below this a score stands at the lowest block: hardly anybody falls there, and the differences lie above.
_FLOOR = 40


def trends(connection: Connection, quarter: Quarter) -> dict[int, str]:
    """How the last six quarters went (走势): for every member with scores a line of blocks, oldest first."""

    def block(score: Decimal) -> str:
        height = (score - _FLOOR) * len(_BLOCKS) / (100 - _FLOOR)
        return _BLOCKS[min(len(_BLOCKS) - 1, max(0, int(height)))]

    first = quarter_of(add_months(quarter.first, -3 * (_QUARTERS - 1)))
    scores, _ = scores_between(connection, first, quarter.label)
    return {member: "".join(block(kept.score) for kept in found.values()) for member, found in scores.items()}
