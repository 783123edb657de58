"""What each document says (文书的内容): words for the templates, from the records and nothing else; of a meeting, of a posting, and
on a period (工作总结, 双述职报告, the page of a member) with the figures of the period before beside.

A word that is not recorded is a gap to fill by hand (＿＿＿); in a template it counts as no, so that `{% if 列席 %}` leaves a line out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from partybuild_cli.errors import NotFound
from partybuild_cli.index.accounts import list_quarter, told_apart
from partybuild_cli.index.annual import Year, year_of
from partybuild_cli.index.numbers import in_tenths
from partybuild_cli.index.pages import desk_of, lacking_indicators
from partybuild_cli.index.participants import roll_of
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import rounds_of
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.present import as_text
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.base.row import View
from partybuild_cli.records.dues import Dues, DuesState
from partybuild_cli.records.honor import Honor
from partybuild_cli.records.meeting import Attended, Basis, Meeting, MeetingKind, due_seats
from partybuild_cli.records.member import Member
from partybuild_cli.records.metric import Metric
from partybuild_cli.records.study import StudyKind
from partybuild_cli.reports.report import report
from partybuild_cli.rules.belonging import PERSON, Owners
from partybuild_cli.rules.board import secretary_of
from partybuild_cli.rules.check import check
from partybuild_cli.rules.facts import Facts, PartyBranch, between, load_facts, table_of
from partybuild_cli.rules.item import State, catalogue
from partybuild_cli.rules.members import studied
from partybuild_cli.rules.participation import services
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import Period, before, months, period_of, spoken
from partybuild_cli.values.text import shipped

Words = Mapping[str, object]
#: The documents: key of the layout -> name of the template.
PAPERS: Mapping[str, str] = shipped("reports/pages.toml")["papers"]


class Gap(str):
    """Something that is not recorded, as a line to write on: in a template it counts as no."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


GAP = Gap("＿＿＿")


class Paper(NamedTuple):
    """One document: by which template, under which name, and its words."""

    template: str
    name: str
    words: Words


def meeting_papers(connection: Connection, views: Sequence[View]) -> Iterator[Paper]:
    for meeting in views:
        words = meeting_words(meeting)
        yield Paper("meeting", f"会议记录-{meeting.values['held_on']}-{words['会议类型']}-{meeting.number}", words)


def meeting_words(view: View) -> dict[str, object]:
    """A meeting. Who came is told where it was recorded: 推定 is not, and that nobody was away only where all were named."""
    words, values = dict[str, object](record_words(Meeting, view)), view.values
    basis = values["attendance"]
    if basis == Basis.PRESUMED:
        words |= dict.fromkeys(("应到", "实到", "出勤率", "出席人员"), GAP)
    away = sum(values[key].value for key in ("leave_count", "absent_count") if key in values)
    if basis == Basis.NAMES and values["due"].value == values["present"].value + away:
        words |= {heading: words[heading] or "无" for heading in ("请假人员及原因", "缺席人员及原因")}
    return words | {"推定": basis == Basis.PRESUMED}


#: How members are addressed, by whom the meeting is of.
_ADDRESSED = {MeetingKind.COMMITTEE: "各位支部委员", MeetingKind.GROUP: "各位党小组成员"}
#: So many lines are left at the end of a sign-in sheet for those whom nobody expects.
_SPARE = 4


def notice_papers(connection: Connection, views: Sequence[View]) -> Iterator[Paper]:
    """会议通知 of each meeting, with a sheet on which those who are due sign."""
    roster = load_roster(connection)
    for meeting in views:
        words, values = meeting_words(meeting), meeting.values
        who = values["branch"], values["held_on"], values["kind"], values.get("group")
        seats = due_seats(roster, roster.branch(who[0]), *who[1:])
        names = [roster.shown(membership.member) for membership in seats if not membership.excused_on(who[1])]
        lines = [(str(at), name) for at, name in enumerate(names, start=1)]
        lines += [("", "")] * (_SPARE + len(lines) % 2)
        half = len(lines) // 2
        words |= {
            "称呼": _ADDRESSED.get(values["kind"], "各位党员"),
            "名单": "、".join(names) or GAP,
            "应到名单": names,
            "应到人数": str(len(names)) if names else GAP,
            "签到": [(*left, *right) for left, right in zip(lines[:half], lines[half:], strict=True)],
            "发文日期": GAP,
        }
        yield Paper("notice", f"会议通知-{values['held_on']}-{values['kind']}-{meeting.number}", words)


def posting_papers(connection: Connection, quarter: Quarter, branches: Iterable[PartyBranch]) -> Iterator[Paper]:
    """先锋指数公示 of each branch that has somebody to score: as it was posted, else a draft without days."""
    for branch in branches:
        accounts = list_quarter(roll_of(connection, quarter, branch.number)).accounts
        kept = rounds_of(connection, quarter, branch.number).get(branch.number)
        if not accounts:
            continue
        figures = {"基础得分": "base", "加分": "bonus", "扣分": "deduction", "季度指数": "score"}
        rows = []
        for at, (account, name) in enumerate(zip(accounts, told_apart(accounts), strict=True), start=1):
            shown = {heading: in_tenths(getattr(account, key)) for heading, key in figures.items()}
            # why somebody has no score is nobody's business on a wall
            remark = "预备党员" if account.category == "预备党员" else ""
            remark = "不计分" if account.unscored else "一票否决" if account.vetoes else remark
            rows.append({"序号": str(at), "姓名": name, "档次": account.band or "—", "备注": remark})
            rows[-1] |= {heading: "—" if figure is None else str(figure) for heading, figure in shown.items()}
        said, posted = desk_of(connection, quarter, kept), kept if kept and not kept.open else None
        days = (posted.posted_from, posted.posted_until) if posted else (None, None)
        start, end = (chinese_day(day) if day else GAP for day in days)
        revised = posted if posted and posted.revision > 1 else None
        words = {
            **{"党支部": branch.name, "季度": quarter.chinese, "名单": rows, "草稿": "" if posted else "（草稿）"},
            **{"公示起": start, "公示止": end, "工作日": str((posted and posted.posted_days) or GAP)},
            **{"第几次": str(revised.revision) if revised else "", "修订理由": revised.reason if revised else ""},
            **{"受理人": said.reception_desk or GAP, "联系电话": said.reception_phone or GAP},
            **{"意见箱": said.opinion_box or GAP, "没有数据的指标": "、".join(lacking_indicators(accounts))},
        }
        yield Paper("posting", f"{branch.name}{quarter.chinese}先锋指数公示", words)


def draft_mark(last: date) -> str:
    """What stands behind the title of a document on a period that has not ended."""
    return f"（截至{chinese_day(str(date.today()))}）" if last > date.today() else ""


def record_words(record: type[Record], view: View) -> dict[str, str]:
    """Every column of a record by its heading, and the columns that only the clerk knows; private ones never."""
    words = view.own_columns()
    for column in (column for column in record.columns.values() if not column.private):
        value = view.values.get(column.key)
        text = GAP if value is None else as_text(column, value)
        is_day = column.kind.style == "day" and text[:1].isdigit()
        words[column.heading] = chinese_day(text) if is_day else text
    return words


def _figures(connection: Connection, period: Period, branch: str) -> defaultdict[str, str]:
    """The figures of a branch by name, as a sentence says them (86.4%（19/22）); of a past in which it had no member none."""
    today, known = date.today(), defaultdict[str, str](lambda: GAP)
    for figure in report(connection, period, today, branch).figures if period.first <= today else []:
        share = f"（{figure.of}）" if figure.of else ""
        known.setdefault(figure.name, (figure.text.rpartition("= ")[2] + share).replace(" ", ""))
    if known.get("党员", "0人") == "0人":
        known.clear()
    return known


def _frame(whole: Facts, branch: PartyBranch) -> dict[str, Any]:
    """What every document on a period of a branch says: its figures beside the last ones, honours, what is lacking."""
    connection, period, today = whole.connection, whole.period, date.today()
    now, last = (_figures(connection, when, branch.name) for when in (period, before(period)))
    checked = check(connection, period, min(period.last + timedelta(days=1), today), branch.name)
    return {
        **{"党支部": branch.name, "期间": spoken(period), "上期名": spoken(before(period))},
        **{"截止日": chinese_day(str(min(period.last, today))), "草稿": draft_mark(period.last)},
        **{"本期": now, "上期": last},
        "对照": [{"名称": name, "本期": now[name], "上期": last[name]} for name in dict.fromkeys([*now, *last])],
        "荣誉": [record_words(Honor, told) for told in _of_branch(whole, Honor, branch)],
        "不足": [f"{catalogue()[item.id].name}：{item.brief}" for item in checked if item.state is State.UNMET],
        "手填": GAP,
    }


def _of_branch(whole: Facts, record: type[Record], branch: PartyBranch) -> Iterator[View]:
    for view in fetch(whole.connection, record, Wanted(period=whole.period), as_of=whole.as_of):
        named = "、".join(str(view.values[key]) for key in ("branch", "winner", "subject") if view.values.get(key))
        if branch.name in whole.once(Owners).of(record.ledger, {"id": view.number, **view.values}, named):
            yield view


def summary_papers(connection: Connection, period: Period, branches: Iterable[PartyBranch]) -> Iterator[Paper]:
    """工作总结 of each branch: a draft in the sentences that reports live on."""
    whole = load_facts(connection, period, date.today())
    for branch in branches:
        yield Paper("summary", f"{branch.name}{spoken(period)}工作总结", _frame(whole, branch))


def _talked(facts: Facts) -> Counter[int]:
    return Counter(member for row in facts.within("talk") for member in {row["talker_id"], row["subject_id"]})


def _times(count: int) -> str:
    return f"{count}次" if count else GAP


def duty_papers(connection: Connection, year: Period, branches: Iterable[PartyBranch]) -> Iterator[Paper]:
    """双述职报告 of each branch's secretary: what was done for the Party and at work."""
    whole, link, meeting = load_facts(connection, year, date.today()), PERSON.c, table_of("meeting")
    lectures = select(link.member_id).join_from(PERSON, meeting, meeting.c.id == link.record_id)
    lectures = lectures.where(
        link.ledger == "meeting", link.role == "lecturer", between(meeting.c.held_on, whole.bounds)
    )
    counts = {
        "书记讲课": Counter(connection.execute(lectures).scalars()),
        "书记谈话": _talked(whole),
        "书记培训": Counter(row["member_id"] for row in whole.within("study") if row["kind"] == StudyKind.COURSE),
    }
    for branch in branches:
        who, words = secretary_of(whole, branch), _frame(whole, branch)
        words |= dict.fromkeys(("书记", "职务", *counts), GAP)
        if who is not None:
            posts = dict.fromkeys(filter(None, (who.party_post, whole.registered[who.member]["position"])))
            words |= {"书记": whole.roster.shown(who.member), "职务": "、".join(posts)}
            words |= {what: _times(count[who.member]) for what, count in counts.items()}
        work = [honor for honor in words["荣誉"] if honor["类别"] not in ("党内", GAP)]
        words |= {"业务荣誉": work, "党内荣誉": [honor for honor in words["荣誉"] if honor not in work], "指标": []}
        for view in _of_branch(whole, Metric, branch):
            unit, shown = (
                view.values.get("unit") or "",
                {"目标值": GAP, "期间": spoken(period_of(view.values["period"]))},
            )
            for key, heading in (("actual", "实际值"), ("target", "目标值")):
                if key in view.values:
                    shown[heading] = Metric.columns[key].kind.text(view.values[key]) + unit
            words["指标"].append(record_words(Metric, view) | shown)
        yield Paper("duty", f"{branch.name}书记{spoken(year)}双述职报告", words)


def member_papers(connection: Connection, year: Period, numbers: Iterable[int]) -> Iterator[Paper]:
    """党员年度情况表 of each member: everything of the year that the records hold of him, and nothing private."""
    facts = load_facts(connection, year, date.today())
    try:
        index = year_of(connection, year.label)
    except NotFound:
        index = Year(year.label, [], [])
    lines = {line.participant.member: line for line in index.lines}
    quarters = [f"{year.label}Q{at}" for at in range(1, 5)]
    for number in numbers:
        view = read_one(connection, Member, number, facts.as_of)
        words: dict[str, object] = {**record_words(Member, view), "党支部": view.values.get("branch") or GAP}
        words |= {"年度": spoken(year), "草稿": draft_mark(year.last), **_attended(facts, number)}
        words |= _did(facts, number) | _paid(facts, number)
        line = lines.get(number)
        scores = line.quarters if line else {}
        said = {quarter: f"{score}{'（草稿）' * (quarter in index.drafts)}" for quarter, score in scores.items()}
        words["指数"] = [said.get(quarter, GAP) for quarter in quarters]
        whole = line is not None and line.score.index is not None and not index.drafts and len(scores) == len(quarters)
        words["年度指数"] = f"{line.score.index}（{line.band}）" if line is not None and whole else GAP
        yield Paper("member", f"党员年度情况-{facts.roster.shown(number)}-{year.label}", words)


#: Meetings to which every member of a branch is due.
_OF_ALL = (MeetingKind.ASSEMBLY, MeetingKind.LECTURE, MeetingKind.THEME_DAY, MeetingKind.LIFE, MeetingKind.REVIEW)


def _attended(facts: Facts, member: int) -> dict[str, object]:
    """How he stood to the meetings by kind; those of his branch where nobody wrote down how he did are counted apart."""
    stood: dict[str, Counter[str]] = {}
    unsaid = 0
    seats = [who for who in facts.roster.memberships if who.member == member]
    for meeting in facts.held():
        state = next((state for state, who in meeting.states.items() if member in who), None)
        if state not in (None, Attended.UNSAID, Attended.VISITOR) and meeting.basis != Basis.PRESUMED:
            made_up = ["补学"] if member in meeting.made_up else []
            stood.setdefault(meeting.kind, Counter()).update([str(state), *made_up])
        elif state is None and meeting.kind in _OF_ALL:
            unsaid += any(who.branch == meeting.branch and who.holds_on(meeting.day) for who in seats)
        else:
            unsaid += state not in (None, Attended.VISITOR)
    states = (Attended.PRESENT, Attended.LEAVE, Attended.ABSENT)
    lines = []
    for kind, found in stood.items():
        due = {"会议类型": kind, "应到": str(sum(found[state] for state in states))}
        lines.append(due | {str(state): str(found[state]) for state in (*states, "补学")})
    return {"出勤": lines, "没有登记": str(unsaid or "")}


def _did(facts: Facts, member: int) -> dict[str, object]:
    """Study, talks (that they were held, not what was said), review, service and honours."""
    every = facts.once(lambda facts: studied(facts, facts.bounds), "studied")
    learned = sum((row["hours"] for row in every if row["member"] == member), Decimal(0))
    served = [(row, row["taken"][member]) for row in facts.once(services) if member in row["taken"]]
    timed = [hours for _, hours in served if hours is not None]
    unsaid = f"（另有{len(served) - len(timed)}次没有记时长）" if 0 < len(timed) < len(served) else ""
    grades = [row["grade"] for row in facts.within("review") if row["member_id"] == member and row["grade"]]
    wanted = Wanted(period=facts.period, members=(facts.roster.shown(member),))
    return {
        "学时": f"{plain_decimal(learned)}学时" if learned else GAP,
        "谈话": _times(facts.once(_talked)[member]),
        "评议": max(grades, default=GAP),
        "服务": [
            {
                "日期": chinese_day(row["held_on"]),
                "活动": row["title"],
                "时长": GAP if hours is None else plain_decimal(hours),
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
    found = {view.values["month"]: view.values for view in fetch(facts.connection, Dues, wanted, as_of=facts.as_of)}
    paid = {month: values["paid"] for month, values in found.items() if "paid" in values}
    said = {month: f"{amount:.2f}" for month, amount in paid.items()}
    exempt = {month: str(DuesState.EXEMPT) for month, values in found.items() if values["state"] == DuesState.EXEMPT}
    return {
        "党费": [(said | exempt).get(month, GAP) for month in months(facts.period)],
        "党费合计": f"{sum(paid.values(), Decimal(0)):.2f}元" if paid else GAP,
    }
