"""What each document says (文书的内容): words for the templates, from the records and nothing else.

A word that is not recorded is a gap to fill by hand (＿＿＿); in a template it counts as no, so that `{% if 列席 %}` leaves a line out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from partybuild_cli.index.accounts import list_quarter
from partybuild_cli.index.numbers import in_tenths
from partybuild_cli.index.pages import desk_of, lacking_indicators
from partybuild_cli.index.participants import roll_of, told_apart
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, rounds_of
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.present import as_text
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.base.row import View
from partybuild_cli.records.meeting import Basis, Meeting, MeetingKind, due_seats
from partybuild_cli.rules.facts import PartyBranch
from partybuild_cli.values.day import chinese_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

Words = Mapping[str, object]
#: The documents: key of the layout -> name of the template.
PAPERS = {
    "meeting": "会议记录",
    "notice": "会议通知和签到表",
    "posting": "先锋指数公示",
    "summary": "工作总结",
    "duty": "双述职报告",
    "member": "党员年度情况表",
}


class Gap(str):
    """Something that is not recorded, as a line to write on."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


GAP = Gap("＿＿＿")


class Paper(NamedTuple):
    """One document: by which template, under which name, and its words."""

    template: str
    name: str
    words: Words


def meeting_papers(connection: "Connection", told: Sequence[View]) -> Iterator[Paper]:
    for meeting in told:
        words = meeting_words(meeting)
        yield Paper("meeting", f"会议记录-{meeting.values['held_on']}-{words['会议类型']}-{meeting.number}", words)


def meeting_words(told: View) -> dict[str, object]:
    """A meeting. Who came is told where it was recorded: 推定 is not, and that nobody was away only where all were named."""
    words: dict[str, object] = {**record_words(Meeting, told)}
    basis, values = told.values["attendance"], told.values
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


def notice_papers(connection: "Connection", told: Sequence[View]) -> Iterator[Paper]:
    """会议通知 of each meeting, with a sheet on which those who are due sign."""
    roster = load_roster(connection)
    for meeting in told:
        words, values = meeting_words(meeting), meeting.values
        who = values["branch"], values["held_on"], values["kind"], values.get("group")
        seats = due_seats(roster, roster.branch(who[0]), *who[1:])
        names = [roster.shown(seat.member) for seat in seats if not seat.excused_on(who[1])]
        lines = [(str(place), name) for place, name in enumerate(names, start=1)]
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


def posting_papers(connection: "Connection", quarter: Quarter, branches: Iterable[PartyBranch]) -> Iterator[Paper]:
    """先锋指数公示 of each branch that has somebody to score: as it was posted, else a draft without days."""
    for branch in branches:
        accounts = list_quarter(roll_of(connection, quarter, branch.number)).accounts
        posted = rounds_of(connection, quarter, branch.number).get(branch.number)
        if accounts:
            figures = {"基础得分": "base", "加分": "bonus", "扣分": "deduction", "季度指数": "score"}
            rows = [
                {"序号": str(place), "姓名": name, "备注": _remark(account.unscored, account.vetoes, account.category)}
                | {heading: _tenths(getattr(account, key)) for heading, key in figures.items()}
                | {"档次": account.band or "—"}
                for place, (account, name) in enumerate(zip(accounts, told_apart(accounts), strict=True), start=1)
            ]
            words = {"党支部": branch.name, "季度": quarter.chinese, "名单": rows, **_posted(posted)}
            said = desk_of(connection, quarter, posted)
            words |= {"受理人": said.reception_desk or GAP, "联系电话": said.reception_phone or GAP}
            words["意见箱"] = said.opinion_box or GAP
            words["没有数据的指标"] = "、".join(lacking_indicators(accounts))
            yield Paper("posting", f"{branch.name}{quarter.chinese}先锋指数公示", words)


def _tenths(figure: str | None) -> str:
    return "—" if figure is None else str(in_tenths(figure))


def _remark(unscored: str, vetoes: Sequence[str], category: str) -> str:
    """Why somebody has no score is nobody's business on a wall."""
    return "不计分" if unscored else "一票否决" if vetoes else "预备党员" if category == "预备党员" else ""


def _posted(posted: Round | None) -> dict[str, object]:
    """The days of the posting, and why it was revised."""
    closed = posted if posted is not None and not posted.open else None
    start, end = (
        chinese_day(day) if closed and (day := getattr(closed, f"posted_{edge}")) else GAP for edge in ("from", "until")
    )
    revised = closed if closed is not None and closed.revision > 1 else None
    return {
        "草稿": "" if closed else "（草稿）",
        "公示起": start,
        "公示止": end,
        "工作日": str((closed and closed.posted_days) or GAP),
        "第几次": str(revised.revision) if revised else "",
        "修订理由": revised.reason if revised else "",
    }


def draft_mark(last: date) -> str:
    """What stands behind the title of a document on a period that has not ended."""
    return f"（截至{chinese_day(str(date.today()))}）" if last > date.today() else ""


def record_words(record: type[Record], told: View) -> dict[str, str]:
    """Every column of a record by its heading, and the columns that only the clerk knows; private ones never."""
    columns = [column for column in record.columns.values() if not column.private]
    return told.own_columns() | {column.heading: word_of(column, told.values.get(column.key)) for column in columns}


def word_of(column: Column, value: object) -> str:
    if value is None:
        return GAP
    text = as_text(column, value)
    return chinese_day(text) if column.kind.style == "day" and text[:1].isdigit() else text
