"""Measures of what a member does beyond his duty (作用发挥): service, honours, posts and zones, pairing, what was noted of
his conduct (加分扣分台账); and `metric` (指标台账): his figure, else his department's, else his branch's.
"""

from collections.abc import Sequence
from decimal import Decimal

from partybuild_cli.index.measures.declare import (
    ANY_KIND,
    MEASURES,
    OF_KINDS,
    LedgerQuery,
    Measure,
    OptionFacts,
    Tally,
    counted,
    measure,
    within,
)
from partybuild_cli.index.numbers import SCALE
from partybuild_cli.index.quarter import first_day
from partybuild_cli.index.scheme import Measurable
from partybuild_cli.records.base.column import linked_on, value_on
from partybuild_cli.records.honor import HONOR_FIELDS
from partybuild_cli.records.service import SERVICE_KINDS

#: From the highest down.
LEVELS = ("国家级", "省部级", "市厅级", "县级", "校级", "院级", "科级")
_HOURS = "coalesce(a.hours, t.hours)"
HOLDERS_ONLY = OptionFacts("holders_only", "flag", False)

#: The services in which a member took part, whichever branch held them.
SERVICES = LedgerQuery(
    "service",
    "CROSS JOIN participation AS a CROSS JOIN service AS t WHERE a.member_id = s.member_id"
    f" AND t.id = a.service_id AND {within('t.held_on')}",
    "t.held_on",
    "t.title",
    "t.kind",
    kept_by_branch="held_on",
)
#: The honours that a member won.
HONORS = LedgerQuery(
    "honor",
    "JOIN person AS p ON p.member_id = s.member_id AND p.ledger = 'honor' AND p.role = 'winner'"
    f" JOIN honor AS t ON t.id = p.record_id WHERE {within('t.awarded_on')}",
    "t.awarded_on",
    "t.title",
    "t.level",
)
_ASSESSED = "coalesce(e.content, '本季度未考核')"


def _stood(ledger: str) -> str:
    """Condition: a post or zone stood at the end of the quarter, and was known by then where it does not say since when."""
    begun, over = (first_day(f"t.{day}") for day in ("set_on", "removed_on"))
    return f"coalesce({begun}, '') <= :last AND coalesce({over}, '9999') > :last AND t.id NOT IN :late_{ledger}"


#: 示范岗 in force at the end of the quarter.
POSTS = LedgerQuery(
    "post",
    "JOIN post AS t ON t.member_id = s.member_id"
    " LEFT JOIN entry AS e ON e.ledger = 'post' AND e.record_id = t.id AND e.on_day = :quarter"
    f" WHERE {_stood('post')}",
    "coalesce(t.set_on, '')",
    f"'示范岗：' || {value_on('post', 't.id', 'place', ':last')}",
    _ASSESSED,
)
#: 责任区 that the member heads or belongs to.
ZONES = LedgerQuery(
    "zone",
    f"JOIN (SELECT o.id AS zone_id, CAST({value_on('zone', 'o.id', 'head_id', ':last')} AS INTEGER) AS member_id FROM zone AS o"
    f" UNION {linked_on('zone', 'members', ':last')}) AS z"
    " ON z.member_id = s.member_id JOIN zone AS t ON t.id = z.zone_id"
    " LEFT JOIN entry AS e ON e.ledger = 'zone' AND e.record_id = t.id AND e.on_day = :quarter"
    f" WHERE {_stood('zone')}",
    "''",
    f"'责任区：' || {value_on('zone', 't.id', 'name', ':last')}",
    _ASSESSED,
)
#: The pairs to which the member belongs, on either side, that ran in the quarter, with each visit in it.
PAIRS = LedgerQuery(
    "pairing",
    "JOIN (SELECT DISTINCT record_id, member_id FROM person WHERE ledger = 'pairing') AS p"
    " ON p.member_id = s.member_id JOIN pairing AS t ON t.id = p.record_id"
    f" LEFT JOIN entry AS e ON e.ledger = 'pairing' AND e.record_id = t.id AND {within('e.on_day')}"
    f" WHERE (t.started_on IS NULL OR {first_day('t.started_on')} <= :last) AND t.id NOT IN :late_pairing"
    " AND (t.ended_on IS NULL OR t.ended_on >= :begin OR e.on_day IS NOT NULL)",
    "coalesce(e.on_day, '')",
    "t.kind || '：' || t.giver || '—' || t.receiver",
    "coalesce(e.content, CASE WHEN e.on_day IS NULL THEN '本季度没有走访' ELSE NULL END)",
)


_TIMES = "coalesce(t.times, 1)"
#: What was noted of a member.
NOTED = LedgerQuery(
    "conduct",
    f"JOIN conduct AS t ON t.member_id = s.member_id WHERE {within('t.happened_on')}",
    "t.happened_on",
    "t.kind || coalesce('：' || t.basis, '')",
)


def noted(*words: str) -> Tally:
    """How many times each of some words was noted."""
    return Tally(NOTED, "t.kind IN :noted", _TIMES, by="t.kind", words=words, values={"noted": words})


@measure("complaints", "amount", "加分扣分台账中 kinds 所列事项的件数", kept=(NOTED,), ledger="conduct", kinds=ANY_KIND)
def complaints(line: Measurable) -> Sequence[Tally]:
    return [Tally(NOTED, "t.kind IN :kinds", _TIMES)]


@measure("conduct", "items", "加分扣分台账中的同名事项", kept=(NOTED,), ledger="conduct")
def conduct(line: Measurable) -> Sequence[Tally]:
    granted = [
        Tally(
            NOTED,
            "t.kind = :word AND t.points >= :low AND t.points <= :high",
            "t.points",
            by="t.kind",
            words=(word,),
            unit="分",
            values={"word": word, "low": int(low * SCALE), "high": int(high * SCALE)},
        )
        for word, (low, high) in line.granted.items()
    ]
    return [noted(*line.each), *granted]


METRIC = "metric"
MEASURES[METRIC] = Measure(
    METRIC,
    "amount",
    "指标台账中 metric 所指指标的实际值：先本人，后科室，再支部",
    tallies=None,
    options=(OptionFacts("metric", "text", True),),
)
#: What each branch is, or was, called (曾用名).
BRANCH_NAMES = (
    "SELECT id, name FROM branch UNION ALL SELECT record_id, value FROM span WHERE ledger = 'branch' AND field = 'name'"
)
#: All figures of one name (患者满意度) of the quarter or of one of its months.
FIGURES = (
    "SELECT t.id, t.subject, t.period, t.actual, p.member_id, t.period = :quarter AS whole FROM metric AS t"
    " LEFT JOIN person AS p ON p.ledger = 'metric' AND p.role = 'subject' AND p.record_id = t.id"
    " WHERE t.name = :name AND t.period IN (:quarter, :month_1, :month_2, :month_3) ORDER BY t.period, t.id"
)


@measure(
    "honors",
    "items",
    "荣誉台账中 kinds 所列类别的荣誉，按级别计件；同一事项只计最高一级",
    kept=(HONORS,),
    yields=LEVELS,
    ledger="honor",
    kinds=HONOR_FIELDS,
)
def honors(line: Measurable) -> Sequence[Tally]:
    higher = (
        "EXISTS (SELECT 1 FROM person AS o JOIN honor AS h ON h.id = o.record_id"
        " WHERE o.ledger = 'honor' AND o.role = 'winner' AND o.member_id = s.member_id AND h.title = t.title"
        " AND h.awarded_on >= :begin AND h.awarded_on < :end"
        f" AND ({_height('h')} > {_height('t')} OR ({_height('h')} = {_height('t')} AND h.id < t.id)))"
    )
    where = f"t.level IN :words AND (:any_kind = 1 OR t.field IN :kinds) AND NOT {higher}"
    return [Tally(HONORS, where, by="t.level", words=LEVELS)]


def _height(table: str) -> str:
    levels = " ".join(f"WHEN '{level}' THEN {height}" for height, level in enumerate(reversed(LEVELS), start=1))
    return f"CASE {table}.level {levels} ELSE 0 END"


@measure(
    "service",
    "items",
    "志愿服务台账中 kinds 所列类别：每场计一“次”，带队另计一“带队”；写了 session_hours 的，不足此时长的场次改按“小时”计",
    kept=(SERVICES,),
    yields=("次", "小时", "带队"),
    options=(OptionFacts("session_hours", "number", False), OptionFacts("shared", "flag", False)),
    ledger="service",
    kinds=SERVICE_KINDS,
)
def service(line: Measurable) -> Sequence[Tally]:
    session = line.option("session_hours")
    tallies = [Tally(SERVICES, OF_KINDS, word="次")]
    if isinstance(session, Decimal):
        values = {"least": int(session * SCALE)}
        tallies = [
            Tally(SERVICES, f"{OF_KINDS} AND {_HOURS} >= :least", word="次", values=values),
            Tally(SERVICES, f"{OF_KINDS} AND {_HOURS} < :least", _HOURS, word="小时", unit="小时", values=values),
        ]
    tallies.append(Tally(SERVICES, f"{OF_KINDS} AND a.organizer = 1", word="带队"))
    return [tally for tally in tallies if tally.word in line.words]


@measure(
    "posts",
    "flag",
    "季末在岗且本季度评为合格的示范岗、责任区个数；holders_only 为 true 时没有岗区的不适用",
    kept=(POSTS, ZONES),
    options=(HOLDERS_ONLY,),
)
def posts(line: Measurable) -> Sequence[Tally]:
    return [Tally(source, done=counted("e.content = '合格'")) for source in (POSTS, ZONES)]


@measure(
    "pairing",
    "flag",
    "本季度结对帮带走访次数；receiver 为 false 时只计结对方，holders_only 为 true 时没有结对的不适用",
    kept=(PAIRS,),
    options=(HOLDERS_ONLY, OptionFacts("receiver", "flag", False)),
)
def pairing(line: Measurable) -> Sequence[Tally]:
    giving = (
        "EXISTS (SELECT 1 FROM person AS g WHERE g.ledger = 'pairing' AND g.role = 'giver' AND g.record_id = t.id"
        " AND g.member_id = s.member_id)"
    )
    where = giving if line.option("receiver") is False else "1 = 1"
    return [Tally(PAIRS, where, counted("e.on_day IS NOT NULL"))]
