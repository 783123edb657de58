"""Documents on a period (年度文书): 工作总结, 双述职报告 and the page of a member, with the figures of the period before beside."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from partybuild_cli.errors import NotFound
from partybuild_cli.index.annual import Year, year_of
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.row import View
from partybuild_cli.records.dues import Dues, DuesState
from partybuild_cli.records.honor import Honor
from partybuild_cli.records.meeting import Attended, MeetingKind
from partybuild_cli.records.member import Member
from partybuild_cli.records.metric import Metric
from partybuild_cli.records.review import Review
from partybuild_cli.records.study import Study, StudyKind
from partybuild_cli.records.talk import Talk
from partybuild_cli.reports.papers import GAP, Paper, draft_mark, record_words
from partybuild_cli.reports.report import report
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.board import secretary_of
from partybuild_cli.rules.check import check
from partybuild_cli.rules.deeds import services
from partybuild_cli.rules.facts import Facts, PartyBranch, Row, load_facts
from partybuild_cli.rules.item import State, catalogue
from partybuild_cli.rules.members import studied
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import Period, before, months, period_of, spoken

if TYPE_CHECKING:
    from sqlalchemy import Connection


class NamedFigures(dict[str, str]):
    """Figures by name; one that the records do not hold is a gap."""

    def __missing__(self, name: str) -> str:
        return GAP


def _figures(connection: "Connection", period: Period, branch: str) -> NamedFigures:
    """The figures of a branch by name, as a sentence says them (86.4%（19/22）); of a past in which it had no member none."""
    today, known = date.today(), NamedFigures()
    for figure in report(connection, period, today, branch).figures if period.first <= today else []:
        share = f"（{figure.of}）" if figure.of else ""
        known.setdefault(figure.name, (figure.text.rpartition("= ")[2] + share).replace(" ", ""))
    return NamedFigures() if known.get("党员", "0人") == "0人" else known


def _frame(connection: "Connection", whole: Facts, branch: PartyBranch) -> dict[str, object]:
    """What every document on a period of a branch says: its figures beside the last ones, honours, what is lacking."""
    period, today = whole.period, date.today()
    now, last = (_figures(connection, when, branch.name) for when in (period, before(period)))
    checked = check(connection, period, min(period.last + timedelta(days=1), today), branch.name)
    return {
        "党支部": branch.name,
        "期间": spoken(period),
        "上期名": spoken(before(period)),
        "截止日": chinese_day(str(min(period.last, today))),
        "草稿": draft_mark(period.last),
        "本期": now,
        "上期": last,
        "对照": [{"名称": name, "本期": now[name], "上期": last[name]} for name in dict.fromkeys([*now, *last])],
        "荣誉": _honors(whole, branch),
        "不足": [f"{catalogue()[item.id].name}：{item.brief}" for item in checked if item.state is State.UNMET],
        "手填": GAP,
    }


def _of_branch(whole: Facts, record: type[Record], branch: PartyBranch) -> Iterator[View]:
    for told in fetch(whole.connection, record, Wanted(period=whole.period), as_of=whole.as_of):
        named = "、".join(str(told.values[key]) for key in ("branch", "winner", "subject") if told.values.get(key))
        if branch.name in whole.once(Owners).of(record.ledger, {"id": told.number, **told.values}, named):
            yield told


def _honors(whole: Facts, branch: PartyBranch) -> list[dict[str, str]]:
    return [record_words(Honor, told) for told in _of_branch(whole, Honor, branch)]


def summary_papers(connection: "Connection", period: Period, branches: Iterable[PartyBranch]) -> Iterator[Paper]:
    """工作总结 of each branch: a draft in the sentences that reports live on."""
    whole = load_facts(connection, period, date.today())
    for branch in branches:
        yield Paper("summary", f"{branch.name}{spoken(period)}工作总结", _frame(connection, whole, branch))


_LECTURES = """
SELECT p.member_id FROM person AS p JOIN meeting AS m ON m.id = p.record_id
WHERE p.ledger = 'meeting' AND p.role = 'lecturer' AND m.held_on >= ? AND m.held_on < ?
"""


def _talked(facts: Facts) -> Counter[int]:
    return Counter(member for row in facts.within(Talk) for member in {row["talker_id"], row["subject_id"]})


def _times(count: int) -> str:
    return f"{count}次" if count else GAP


def duty_papers(connection: "Connection", year: Period, branches: Iterable[PartyBranch]) -> Iterator[Paper]:
    """双述职报告 of each branch's secretary: what was done for the Party and at work."""
    whole = load_facts(connection, year, date.today())
    counts = {
        "书记讲课": Counter(connection.exec_driver_sql(_LECTURES, whole.bounds).scalars()),
        "书记谈话": _talked(whole),
        "书记培训": Counter(row["member_id"] for row in whole.within(Study) if row["kind"] == StudyKind.COURSE),
    }
    for branch in branches:
        seat = secretary_of(whole, branch)
        words = _frame(connection, whole, branch) | dict.fromkeys(("书记", "职务", *counts), GAP)
        if seat is not None:
            posts = dict.fromkeys(filter(None, (seat.party_post, whole.people[seat.member].position)))
            words |= {"书记": whole.roster.shown(seat.member), "职务": "、".join(posts)}
            words |= {what: _times(count[seat.member]) for what, count in counts.items()}
        honors = _honors(whole, branch)
        work = [honor for honor in honors if honor["类别"] not in ("党内", GAP)]
        words |= {"业务荣誉": work, "党内荣誉": [honor for honor in honors if honor not in work]}
        words["指标"] = [_metric(told) for told in _of_branch(whole, Metric, branch)]
        yield Paper("duty", f"{branch.name}书记{spoken(year)}双述职报告", words)


def _metric(told: View) -> dict[str, str]:
    unit, said = told.values.get("unit") or "", {"目标值": GAP, "期间": spoken(period_of(told.values["period"]))}
    for key, heading in (("actual", "实际值"), ("target", "目标值")):
        if key in told.values:
            said[heading] = Metric.columns[key].kind.text(told.values[key]) + unit
    return record_words(Metric, told) | said


def member_papers(connection: "Connection", year: Period, numbers: Iterable[int]) -> Iterator[Paper]:
    """党员年度情况表 of each member: everything of the year that the records hold of him, and nothing private."""
    facts = load_facts(connection, year, date.today())
    try:
        index = year_of(connection, year.label)
    except NotFound:
        index = Year(year.label, [], [])
    lines = {line.participant.member: line for line in index.lines}
    quarters = [f"{year.label}Q{place}" for place in range(1, 5)]
    for number in numbers:
        told = read_one(connection, Member, number, facts.as_of)
        words: dict[str, object] = {**record_words(Member, told), "党支部": told.values.get("branch") or GAP}
        words |= {"年度": spoken(year), "草稿": draft_mark(year.last), **_attended(facts, number)}
        words |= _deeds(facts, number) | _paid(facts, number)
        line = lines.get(number)
        scores = line.quarters if line else {}
        said = {quarter: f"{score}{'（草稿）' * (quarter in index.drafts)}" for quarter, score in scores.items()}
        words["指数"] = [said.get(quarter, GAP) for quarter in quarters]
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


def _attended(facts: Facts, member: int) -> dict[str, object]:
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
        elif state or (kind in _OF_ALL and any(seat.branch == branch and seat.holds_on(day) for seat in seats)):
            unsaid += 1
    states = (Attended.PRESENT, Attended.LEAVE, Attended.ABSENT)
    return {
        "出勤": [
            {"会议类型": kind, "应到": str(sum(found[state] for state in states))}
            | {str(state): str(found[state]) for state in (*states, "补学")}
            for kind, found in stood.items()
        ],
        "没有登记": str(unsaid or ""),
    }


def _learned(facts: Facts) -> list[Row]:
    return studied(facts, facts.bounds)


def _deeds(facts: Facts, member: int) -> dict[str, object]:
    """Study, talks (that they were held, not what was said), review, service and honours."""
    learned = sum((row["hours"] for row in facts.once(_learned) if row["member"] == member), Decimal(0))
    served = [(row, hours[member]) for row, hours in facts.once(services) if member in hours]
    timed = [Decimal(hours).scaleb(-4) for _, hours in served if hours is not None]
    unsaid = f"（另有{len(served) - len(timed)}次没有记时长）" if 0 < len(timed) < len(served) else ""
    grades = [row["grade"] for row in facts.within(Review) if row["member_id"] == member and row["grade"]]
    wanted = Wanted(period=facts.period, members=(facts.roster.shown(member),))
    return {
        "学时": f"{plain_decimal(learned)}学时" if learned else GAP,
        "谈话": _times(facts.once(_talked)[member]),
        "评议": max(grades, default=GAP),
        "服务": [
            {
                "日期": chinese_day(row["held_on"]),
                "活动": row["title"],
                "时长": GAP if hours is None else plain_decimal(Decimal(hours).scaleb(-4)),
            }
            for row, hours in served
        ],
        "服务次数": _times(len(served)),
        "服务时长": f"{plain_decimal(sum(timed, Decimal(0)))}小时{unsaid}" if timed else GAP,
        "荣誉": [record_words(Honor, told) for told in fetch(facts.connection, Honor, wanted, as_of=facts.as_of)],
    }


def _paid(facts: Facts, member: int) -> dict[str, object]:
    """What he paid, month by month; a month that nobody recorded is a gap, one that is not owed says so."""
    wanted = Wanted(period=facts.period, members=(facts.roster.shown(member),))
    found = {told.values["month"]: told.values for told in fetch(facts.connection, Dues, wanted, as_of=facts.as_of)}
    paid = {month: values["paid"] for month, values in found.items() if "paid" in values}
    said = {month: f"{amount:.2f}" for month, amount in paid.items()}
    exempt = {month: str(DuesState.EXEMPT) for month, values in found.items() if values["state"] == DuesState.EXEMPT}
    return {
        "党费": [(said | exempt).get(month, GAP) for month in months(facts.period)],
        "党费合计": f"{sum(paid.values(), Decimal(0)):.2f}元" if paid else GAP,
    }
