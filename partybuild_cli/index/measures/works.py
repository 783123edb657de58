"""Measures of what a member does beyond his duty (作用发挥): service, honours, posts and zones, pairing."""

from decimal import Decimal

from partybuild_cli.index.catalogue import MEASURES
from partybuild_cli.index.measures import figures
from partybuild_cli.index.measures.source import SCALE, Asked, Part, Plan, Source, one_of, within
from partybuild_cli.index.quarter import Quarter, first_day, key_day

_HOURS = "coalesce(a.hours, t.hours)"
#: From the highest down, as the catalogue lists them.
LEVELS = MEASURES["honors"].yields


def services(quarter: Quarter) -> Source:
    """The services in which a member took part, whichever branch held them."""
    return Source(
        "service",
        "CROSS JOIN participation AS a CROSS JOIN service AS t WHERE a.member_id = s.member_id"
        f" AND t.id = a.service_id AND {within('t.held_on')}",
        quarter.bounds,
        key_day("t.held_on"),
        "t.held_on",
        "t.title",
        "t.kind",
    )


def service(asked: Asked) -> Plan:
    """志愿服务: sessions; those shorter than a session by their hours; and those that the member led (带队)."""
    source = services(asked.quarter)
    kinds = one_of("t.kind", asked.kinds) if asked.kinds else "1 = 1"
    parts = {"次": Part(source, kinds, asked.kinds, word="次")}
    session = asked.options.get("session_hours")
    if isinstance(session, Decimal):
        least = int(session * SCALE)
        parts["次"] = Part(source, f"{kinds} AND {_HOURS} >= ?", (*asked.kinds, least), word="次")
        short = f"{kinds} AND {_HOURS} < ?"
        parts["小时"] = Part(source, short, (*asked.kinds, least), _HOURS, word="小时", scale=SCALE, unit="小时")
    parts["带队"] = Part(source, f"{kinds} AND a.organizer = 1", asked.kinds, word="带队")
    wanted = tuple(part for word, part in parts.items() if word in asked.words)
    return Plan(wanted, (source,), figures.items(wanted))


def honors_won(quarter: Quarter) -> Source:
    """The honours that a member won."""
    return Source(
        "honor",
        "JOIN person AS p ON p.member_id = s.member_id AND p.ledger = 'honor' AND p.role = 'winner'"
        f" JOIN honor AS t ON t.id = p.record_id WHERE {within('t.awarded_on')}",
        quarter.bounds,
        key_day("t.awarded_on"),
        "t.awarded_on",
        "t.title",
        "t.level",
    )


def _highest() -> str:
    """SQL: no higher honour of the same name within bounds that are bound (同一事项只计最高一级)."""
    return (
        "NOT EXISTS (SELECT 1 FROM person AS o JOIN honor AS h ON h.id = o.record_id"
        " WHERE o.ledger = 'honor' AND o.role = 'winner' AND o.member_id = s.member_id AND h.title = t.title"
        " AND h.awarded_on >= ? AND h.awarded_on < ?"
        f" AND ({_height('h')} > {_height('t')} OR ({_height('h')} = {_height('t')} AND h.id < t.id)))"
    )


def _height(table: str) -> str:
    levels = " ".join(f"WHEN '{level}' THEN {height}" for height, level in enumerate(reversed(LEVELS), start=1))
    return f"CASE {table}.level {levels} ELSE 0 END"


def honors(asked: Asked) -> Plan:
    """荣誉: by level, of the fields (类别) that the scheme names; of one matter the highest only."""
    source = honors_won(asked.quarter)
    field = one_of("t.field", asked.kinds) if asked.kinds else "1 = 1"
    where = f"t.level = ? AND {field} AND {_highest()}"
    parts = tuple(
        Part(source, where, (level, *asked.kinds, *asked.quarter.bounds), word=level)
        for level in LEVELS
        if level in asked.words
    )
    return Plan(parts, (source,), figures.items(parts))


def posts(asked: Asked) -> Plan:
    """示范岗 and 责任区: those in force at the end of the quarter and assessed 合格 in it."""
    quarter = asked.quarter
    assessed = "LEFT JOIN entry AS e ON e.ledger = '{0}' AND e.record_id = t.id AND e.on_day = ?"
    standing = f"(t.set_on IS NULL OR {first_day('t.set_on')} <= ?)"
    removed = f"(t.removed_on IS NULL OR {first_day('t.removed_on')} > ?)"
    said = "coalesce(e.content, '本季度未考核')"
    post = Source(
        "post",
        f"JOIN post AS t ON t.member_id = s.member_id {assessed.format('post')} WHERE {standing} AND {removed}",
        (quarter.label, str(quarter.last), str(quarter.last)),
        "",
        "coalesce(t.set_on, '')",
        "'示范岗：' || t.place",
        said,
    )
    holders = "SELECT id AS zone_id, head_id AS member_id FROM zone UNION SELECT record_id, member_id FROM person WHERE ledger = 'zone' AND role = 'members'"
    zone = Source(
        "zone",
        f"JOIN ({holders}) AS z ON z.member_id = s.member_id JOIN zone AS t ON t.id = z.zone_id {assessed.format('zone')} WHERE 1 = 1",
        (quarter.label,),
        "",
        "''",
        "'责任区：' || t.name",
        said,
    )
    fit = "e.content = '合格'"
    return Plan((Part(post, met=fit), Part(zone, met=fit)), (post, zone), figures.count)


def pairing(asked: Asked) -> Plan:
    """结对帮带: visits of the pairs to which the member belongs, on either side."""
    quarter = asked.quarter
    sides = "SELECT DISTINCT record_id, member_id FROM person WHERE ledger = 'pairing'"
    source = Source(
        "pairing",
        f"JOIN ({sides}) AS p ON p.member_id = s.member_id JOIN pairing AS t ON t.id = p.record_id"
        f" LEFT JOIN entry AS e ON e.ledger = 'pairing' AND e.record_id = t.id AND {within('e.on_day')}"
        f" WHERE (t.started_on IS NULL OR {first_day('t.started_on')} <= ?)"
        f" AND (t.ended_on IS NULL OR t.ended_on >= ? OR e.on_day IS NOT NULL)",
        (*quarter.bounds, str(quarter.last), quarter.bounds[0]),
        key_day("e.on_day"),
        "coalesce(e.on_day, '')",
        "t.kind || '：' || t.giver || '—' || t.receiver",
        "coalesce(e.content, CASE WHEN e.on_day IS NULL THEN '本季度没有走访' ELSE NULL END)",
    )
    return Plan((Part(source, met="e.on_day IS NOT NULL"),), (source,), figures.count)
