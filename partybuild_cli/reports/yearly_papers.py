"""Documents on a period (年度文书): 工作总结, 双述职报告 and the page of a member, with the figures of the period before beside."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import NotFound
from partybuild_cli.index.annual import Year, year_of
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.dues import Dues, DuesState
from partybuild_cli.records.honor import Honor
from partybuild_cli.records.meeting import Attended, MeetingKind
from partybuild_cli.records.member import Member
from partybuild_cli.records.metric import Metric
from partybuild_cli.reports.figures import Figure
from partybuild_cli.reports.papers import GAP, Paper, draft_mark, record_words
from partybuild_cli.reports.report import report
from partybuild_cli.rules.board import secretary_of
from partybuild_cli.rules.branches import Branch
from partybuild_cli.rules.check import check
from partybuild_cli.rules.facts import Facts, load_facts
from partybuild_cli.rules.item import State, catalogue
from partybuild_cli.rules.members import studied
from partybuild_cli.values.day import add_months, chinese_day
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import Period, months, period_of, spoken

if TYPE_CHECKING:
    from sqlalchemy import Connection


class View(dict[str, str]):
    """Figures by name; one that the records do not hold is a gap."""

    def __missing__(self, name: str) -> str:
        return GAP


def before(period: Period) -> Period:
    """The period of the same length that ended when this one began."""
    if ".." in period.label:
        length = period.last - period.first
        last = period.first - timedelta(days=1)
        return period_of(f"{last - length}..{last}")
    count = len(months(period))
    start = add_months(period.first, -count)
    label = {
        12: str(start.year),
        6: f"{start.year}H{1 + (start.month > 6)}",
        3: f"{start.year}Q{(start.month + 2) // 3}",
    }
    return period_of(label.get(count, f"{start:%Y-%m}"))


def _said(figure: Figure) -> str:
    """A figure within a sentence: 35人, 86.4%（19/22）."""
    share = f"（{figure.of}）" if figure.of else ""
    return (figure.text.rpartition("= ")[2] + share).replace(" ", "")


def _figures(connection: "Connection", period: Period, branch: str) -> View:
    """The figures of a branch by name. A past in which it has no member is no past: nothing is known of it."""
    today = date.today()
    found = report(connection, period, today, branch).figures if period.first <= today else []
    known = View()
    for one in found:
        known.setdefault(one.name, _said(one))
    return View() if known.get("党员", "0人") == "0人" else known


def _frame(connection: "Connection", period: Period, branch: Branch) -> dict[str, Any]:
    """What every document on a period of a branch says: its figures beside the last ones, honours, what is lacking."""
    today = date.today()
    now, last = _figures(connection, period, branch.name), _figures(connection, before(period), branch.name)
    end = min(period.last, today)
    checked = check(connection, period, min(period.last + timedelta(days=1), today), branch.name)
    honours = [record_words(Honor, one) for one in _of_branch(connection, Honor, period, branch)]
    return {
        "党支部": branch.name,
        "期间": spoken(period),
        "上期名": spoken(before(period)),
        "截止日": chinese_day(str(end)),
        "草稿": draft_mark(period.last),
        "本期": now,
        "上期": last,
        "对照": [{"名称": name, "本期": now[name], "上期": last[name]} for name in dict.fromkeys([*now, *last])],
        "荣誉": honours,
        "不足": [f"{catalogue()[one.id].name}：{one.brief}" for one in checked if one.state is State.UNMET],
        "手填": GAP,
    }


def _of_branch(connection: "Connection", record: type[Record], period: Period, branch: Branch) -> list[Any]:
    """The records of a period that belong to the branch, by what they name."""
    facts = load_facts(connection, period, date.today())
    found = []
    for one in fetch(connection, record, Wanted(period=period)):
        named = "、".join(str(one.values[key]) for key in ("branch", "winner", "subject") if one.values.get(key))
        if branch.name in facts.owners.of(record.ledger, one.number, text=named):
            found.append(one)
    return found


def summary_papers(connection: "Connection", period: Period, branches: Iterable[Branch]) -> Iterator[Paper]:
    """工作总结 of each branch: a draft in the sentences that reports live on."""
    for branch in branches:
        yield Paper("summary", f"{branch.name}{spoken(period)}工作总结", _frame(connection, period, branch))


_SECRETARY = {
    "书记讲课": ("次", "SELECT count(*) FROM person AS p JOIN meeting AS m ON m.id = p.record_id WHERE p.ledger = 'meeting'"
               " AND p.role = 'lecturer' AND p.member_id = ? AND m.held_on >= ? AND m.held_on < ?"),
    "书记谈话": ("次", "SELECT count(*) FROM talk WHERE ? IN (talker_id, subject_id) AND talked_on >= ? AND talked_on < ?"),
    "书记培训": ("次", "SELECT count(*) FROM study WHERE member_id = ? AND kind = '专题培训' AND studied_on >= ? AND studied_on < ?"),
}  # fmt: skip


def duty_papers(connection: "Connection", year: Period, branches: Iterable[Branch]) -> Iterator[Paper]:
    """双述职报告 of each branch's secretary: what was done for the Party and at work."""
    for branch in branches:
        facts = load_facts(connection, year, date.today(), branch.name)
        seat = secretary_of(facts, branch)
        words = _frame(connection, year, branch) | dict.fromkeys(("书记", "职务", *_SECRETARY), GAP)
        if seat is not None:
            values = (seat.member, *facts.bounds)
            counts = {
                word: (connection.exec_driver_sql(sql, values).scalar_one(), unit)
                for word, (unit, sql) in _SECRETARY.items()
            }
            posts = dict.fromkeys(filter(None, (seat.party_post, facts.people[seat.member].position)))
            words |= {"书记": facts.roster.shown(seat.member), "职务": "、".join(posts)}
            words |= {word: f"{count}{unit}" for word, (count, unit) in counts.items() if count}
        work = [one for one in words["荣誉"] if one["类别"] not in ("党内", GAP)]
        words |= {"业务荣誉": work, "党内荣誉": [one for one in words["荣誉"] if one not in work]}
        words["指标"] = [_metric(one) for one in _of_branch(connection, Metric, year, branch)]
        yield Paper("duty", f"{branch.name}书记{spoken(year)}双述职报告", words)


def _metric(one: Any) -> dict[str, Any]:
    unit = one.values.get("unit") or ""
    figures = {
        key: Metric.columns[key].kind.text(one.values[key]) + unit for key in ("actual", "target") if key in one.values
    }
    told = {
        "实际值": figures["actual"],
        "目标值": figures.get("target", GAP),
        "期间": spoken(period_of(one.values["period"])),
    }
    return record_words(Metric, one) | told


def member_papers(connection: "Connection", year: Period, numbers: Iterable[int]) -> Iterator[Paper]:
    """党员年度情况表 of each member: everything of the year that the records hold of him, and nothing private."""
    facts = load_facts(connection, year, date.today())
    try:
        index = year_of(connection, year.label)
    except NotFound:
        index = Year(year.label, [], [])
    lines = {line.participant.member: line for line in index.lines}
    for number in numbers:
        told = read_one(connection, Member, number, facts.as_of)
        words = record_words(Member, told) | {"党支部": told.values.get("branch") or GAP}
        words |= {"年度": spoken(year), "草稿": draft_mark(year.last), **_attended(facts, number)}
        words |= _deeds(facts, number) | _paid(facts, number)
        line, quarters = lines.get(number), [f"{year.label}Q{place}" for place in range(1, 5)]
        scores = line.quarters if line else {}
        words["指数"] = [
            f"{scores[one]}{'（草稿）' * (one in index.drafts)}" if one in scores else GAP for one in quarters
        ]
        whole = line is not None and line.score.index is not None and not index.drafts and len(scores) == len(quarters)
        words["年度指数"] = f"{line.score.index}（{line.band}）" if line is not None and whole else GAP
        yield Paper("member", f"党员年度情况-{facts.roster.shown(number)}-{year.label}", words)


#: Meetings to which every member of a branch is due.
_OF_ALL = (MeetingKind.ASSEMBLY, MeetingKind.LECTURE, MeetingKind.THEME_DAY, MeetingKind.LIFE, MeetingKind.REVIEW)
_MEETINGS = """
SELECT m.kind, m.branch_id, m.held_on, a.state, a.made_up, a.member_id IS NOT NULL AND coalesce(h.basis, '') <> '推定'
FROM meeting AS m LEFT JOIN attendance AS a ON a.meeting_id = m.id AND a.member_id = ?
LEFT JOIN headcount AS h ON h.meeting_id = m.id WHERE m.held_on >= ? AND m.held_on < ? ORDER BY m.held_on, m.id
"""


def _attended(facts: Facts, member: int) -> dict[str, Any]:
    """How he stood to the meetings by kind; those of his branch where nobody wrote down how he did are counted apart."""
    stood: dict[str, Counter[str]] = {}
    unsaid = 0
    seats = [seat for seat in facts.roster.seats if seat.member == member]
    rows = facts.connection.exec_driver_sql(_MEETINGS, (member, *facts.bounds))
    for kind, branch, day, state, made_up, known in rows:
        if state == Attended.VISITOR:
            continue
        if known and state != Attended.UNSAID:
            stood.setdefault(kind, Counter()).update([state, *(["补学"] if made_up else [])])
        elif state or (kind in _OF_ALL and any(one.branch == branch and one.holds_on(day) for one in seats)):
            unsaid += 1
    states = (Attended.PRESENT, Attended.LEAVE, Attended.ABSENT)
    return {
        "出勤": [
            {"会议类型": kind, "应到": str(sum(found[one] for one in states))}
            | {str(one): str(found[one]) for one in (*states, "补学")}
            for kind, found in stood.items()
        ],
        "没有登记": str(unsaid or ""),
    }


_SERVED = """
SELECT s.held_on, s.title, coalesce(p.hours, s.hours) FROM participation AS p JOIN service AS s ON s.id = p.service_id
WHERE p.member_id = ? AND s.held_on >= ? AND s.held_on < ? ORDER BY s.held_on, s.id
"""
_TALKED = "SELECT count(*) FROM talk WHERE ? IN (subject_id, talker_id) AND talked_on >= ? AND talked_on < ?"
_JUDGED = "SELECT max(grade) FROM review WHERE member_id = ? AND year >= ? AND year < ?"


def _deeds(facts: Facts, member: int) -> dict[str, Any]:
    """Study, talks (that they were held, not what was said), review, service and honours."""
    values = (member, *facts.bounds)
    talks, grade = (facts.connection.exec_driver_sql(sql, values).scalar() for sql in (_TALKED, _JUDGED))
    hours = sum(row["hours"] for row in studied(facts, facts.bounds) if row["member"] == member) or None
    served = facts.connection.exec_driver_sql(_SERVED, values).all()
    timed = [_hours(hours) for _, _, hours in served if hours is not None]
    unsaid = f"（另有{len(served) - len(timed)}次没有记时长）" if 0 < len(timed) < len(served) else ""
    wanted = Wanted(period=facts.period, members=(facts.roster.shown(member),))
    return {
        "学时": GAP if hours is None else f"{plain_decimal(_hours(hours))}学时",
        "谈话": f"{talks}次" if talks else GAP,
        "评议": grade or GAP,
        "服务": [
            {"日期": chinese_day(day), "活动": title, "时长": GAP if hours is None else plain_decimal(_hours(hours))}
            for day, title, hours in served
        ],
        "服务次数": f"{len(served)}次" if served else GAP,
        "服务时长": f"{plain_decimal(sum(timed, Decimal(0)))}小时{unsaid}" if timed else GAP,
        "荣誉": [record_words(Honor, one) for one in fetch(facts.connection, Honor, wanted)],
    }


def _hours(stored: int) -> Decimal:
    return Decimal(stored).scaleb(-4)


def _paid(facts: Facts, member: int) -> dict[str, Any]:
    """What he paid, month by month; a month that nobody recorded is a gap, one that is not owed says so."""
    wanted = Wanted(period=facts.period, members=(facts.roster.shown(member),))
    found = {one.values["month"]: one.values for one in fetch(facts.connection, Dues, wanted)}
    paid = {month: one["paid"] for month, one in found.items() if "paid" in one}
    said = {month: f"{amount:.2f}" for month, amount in paid.items()}
    said |= {month: str(DuesState.EXEMPT) for month, one in found.items() if one["state"] == DuesState.EXEMPT}
    return {
        "党费": [said.get(month, GAP) for month in months(facts.period)],
        "党费合计": f"{sum(paid.values(), Decimal(0)):.2f}元" if paid else GAP,
    }
