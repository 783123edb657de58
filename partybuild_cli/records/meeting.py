"""三会一课台账: meetings, lectures and theme days, with attendance by member (支部工作条例第十一至十八条)."""

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import chain, combinations
from typing import NamedTuple

import sqlalchemy as sa

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import kinds
from partybuild_cli.records.base.column import Row
from partybuild_cli.records.base.declare import Below, Context, Record, Scope, Values, View, column, computed, related
from partybuild_cli.records.base.kinds import ABSENTEES, ATTENDEES, BRANCH, COUNT, DAY, MENTIONS, PROSE, TEXT, YES_NO
from partybuild_cli.records.base.roster import Membership, Roster
from partybuild_cli.records.base.row import ResolvedRow, members_named
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values import Choice, Count, Number
from partybuild_cli.values.people import Person, name_words, names_everybody
from partybuild_cli.values.text import tight
from partybuild_cli.values.votes import Vote


class MeetingKind(StrEnum):
    """会议类型."""

    ASSEMBLY = "支部党员大会"
    COMMITTEE = "支委会"
    GROUP = "党小组会"
    LECTURE = "党课"
    THEME_DAY = "主题党日"
    LIFE = "组织生活会"
    REVIEW = "民主评议"
    STUDY = "专题学习"
    DUTY_REPORT = "述职"


class Attended(StrEnum):
    """出席情况: how a member who was due stood to a meeting."""

    PRESENT = "出席"
    LEAVE = "请假"
    ABSENT = "缺席"
    UNSAID = "未说明"
    VISITOR = "列席"


class Basis(StrEnum):
    """出席登记方式: on what 应到 and 实到 rest; 推定 where an earlier version took for granted that all had come."""

    NAMES = "按姓名"
    COUNT = "按人数"
    UNKNOWN = "未登记"
    PRESUMED = "推定"


class BasisKind(Choice):
    """The same, which programs read in English: `by_name`, `by_count`, `unknown`, `presumed`."""

    def view_json(self, value: str) -> str:
        return {"按姓名": "by_name", "按人数": "by_count", "推定": "presumed"}.get(value, "unknown")


#: Other words for the kinds, as ledgers write them.
KIND_WORDS = {
    "党员大会 支部大会": "支部党员大会", "支部委员会 支委会会议 支部委员会会议": "支委会", "党小组会议 小组会": "党小组会",
    "上党课 专题党课": "党课", "主题党日活动": "主题党日", "民主评议党员": "民主评议", "集中学习": "专题学习", "述职评议": "述职",
}  # fmt: skip


class Attendance(NamedTuple):
    """How one member stood to a meeting; `made_up` says when he made up for it, or 是."""

    member_id: int
    state: str
    reason: str | None = None
    made_up: str | None = None


class Headcount(NamedTuple):
    """应到 and 实到 as they were typed (按人数), or that the names of a meeting are 推定; no row where they are neither."""

    basis: str
    due: int | None = None
    due_qualifier: str | None = None
    present: int | None = None
    present_qualifier: str | None = None

    def text(self) -> str:
        figures = (("应到", self.due, self.due_qualifier), ("实到", self.present, self.present_qualifier))
        counts = [f"{word} {figure}{more or ''}" for word, figure, more in figures if figure is not None]
        return " ".join([self.basis, *counts])


class Meeting(Record, table=True):
    """三会一课台账: one meeting; who was due is worked out from the roster as it stood on that day."""

    title_words = (
        "三会一课", "会议台账", "第一议题", "主题党日", "组织生活", "党课", "支委会", "党员大会", "党小组会", "会议",
    )  # fmt: skip
    whom, date = "attendees", "held_on"
    presence, gathers = ("attendees", "on_leave", "absent"), ("attendees", "")
    branch_from = ("host", "recorder", "attendees", "on_leave", "absent")
    on_forms, named_by = True, "topic"
    lists_who_was_due, settles_with = True, ("branch", "held_on", "kind")
    brief = ("held_on", "kind", "topic", "branch", "due", "present", "attendance")
    children = (
        ChildShape("attendance", "meeting_id", Attendance, keyed_by=("member_id",)),
        ChildShape("headcount", "meeting_id", Headcount, keyed_by=("basis",)),
        ChildShape("vote", "meeting_id", Vote, keyed_by=("place",)),
    )
    carried = ("due", "present", "attendance")
    completed_by = (
        "group:党小组会", "absent", "lecturer:党课", "first_topic:支部党员大会、支委会", "hours:党课、专题学习", "evidence",
    )  # fmt: skip

    branch_id: int = column(
        BRANCH, "党支部", "所在党支部 支部 支部名称 党支部名称 主办党组织", identity=True, context=True, required=True
    )
    group: str | None = column(TEXT, "党小组", "党小组名称", identity=True)
    kind: str = column(
        Choice(MeetingKind, KIND_WORDS), "会议类型", "类型 会议类别 类别 活动类型",
        required=True, identity=True, context=True, mark=2.5,
    )  # fmt: skip
    held_on: str = column(
        DAY, "时间", "会议时间 日期 会议日期 开会时间 活动时间 召开时间 开展时间 活动日期 学习时间 学习日期",
        required=True, identity=True, mark=0.5,
    )  # fmt: skip
    topic: str = column(
        PROSE, "主题", "会议主题 会议名称 主题/议题 会议议题 活动主题 课题 议题 会议标题 党课题目 第一议题内容 第一议题学习内容",
        required=True, identity=True, mark=1.5, example="学习党章第一章，研究第三季度工作",
    )  # fmt: skip
    place: str | None = column(TEXT, "地点", "会议地点 会场 活动地点", example="示教室")
    host: str | None = column(TEXT, "主持人", "主持 会议主持人", mark=1, example="张三")
    recorder: str | None = column(TEXT, "记录人", "记录员 记录", mark=1, example="李四")
    lecturer: str | None = column(MENTIONS, "主讲人", "授课人 主讲")
    due = computed(COUNT, "应到", "应到人数 应参加人数 应参加", mark=1)
    present = computed(COUNT, "实到", "实到人数 实际参加人数 实参加", mark=1)
    rate = computed(Number(unit="%"), "出勤率", "到会率")
    leave_count = computed(COUNT, "请假人数", "请假数", check_only=True)
    absent_count = computed(COUNT, "缺席人数", "缺席数 缺勤人数 未到人数", check_only=True)
    attendance = computed(BasisKind(Basis), "出席登记方式")
    attendees = related(ATTENDEES, "出席人员", "参加人员 参会人员 与会人员", mark=1)
    on_leave = related(ABSENTEES, "请假人员及原因", "请假人员 请假及原因", mark=2, example="王五（值班）")
    absent = related(
        ABSENTEES, "缺席人员及原因", "缺席人员 缺席及原因", option="except", mark=2, example="赵六（无故）",
        asks="谁没到（如 张三（值班）、李四；都到了写 0，不清楚直接回车）",
    )  # fmt: skip
    made_up = related(ATTENDEES, "补学人员", "补课人员")
    guests: str | None = column(TEXT, "列席", "列席人员")
    hours: Decimal | None = column(Number(unit="学时", units=("小时", "个学时", "h")), "学时", "学习学时")
    first_topic: bool | None = column(YES_NO, "第一议题", "是否落实第一议题 第一议题(是/否)", mark=2)
    content: str | None = column(PROSE, "内容", "会议内容 主要内容", example="学习、讨论的主要内容")
    resolution: str | None = column(PROSE, "决议", "会议决议 议定事项", mark=1, example="议定的事项")
    votes: str | None = column(kinds.VotesKind(rows=True), "表决", "表决情况")
    evidence: str | None = column(TEXT, "佐证", "佐证材料")
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """Who attended, by name, by count, or unknown: nobody is 出席 because nothing was said.

        An edit that speaks of neither leaves the attendance as it was, whoever joined the roster since.
        """
        kinds.settle_votes(cls.columns["votes"], row)
        if row.carries("branch", "group", "kind", "held_on", "guests", "due", "present", *_LISTS):
            return
        basis = row.values.get("attendance")
        unsaid = row.carries("due", "present") and basis != Basis.COUNT
        figures = {} if unsaid else {key: row.values[key] for key in ("due", "present") if row.values.get(key)}
        parts = (
            (item.value, item.qualifier) if item else (None, None) for item in map(figures.get, ("due", "present"))
        )
        count: list[Row] = [(str(Basis.COUNT), *chain(*parts))]
        whole, named = {key: figure.value for key, figure in figures.items()}, any(key in row.values for key in _LISTS)
        where = row.below if named or not row.alone else row.below_if_bare  # figures take no names away
        where["headcount"] = count if figures else []
        said = _attendance(row, scope, not named) if named or figures else Said()
        judged = not row.problems and (named or (len(figures) == 2 and bool(said.due)))
        agreed = judged and said.agree_with(figures)
        if not row.problems and (named or agreed):
            away = {key: row.values[key] for key in ("leave_count", "absent_count") if row.values.get(key)}
            _check(row, {} if row.carries(*away) else away, said.figures())
        if agreed:
            presumed = basis == Basis.PRESUMED and row.carries("due", "present", *_LISTS)
            where["headcount"], whole = [Headcount(Basis.PRESUMED)] if presumed else [], said.figures()
        elif not named:
            _check(row, figures, {"due": len(said.due)})
            said.states = {}
            if "present" in whole and whole["present"] < whole.get("due", 0):
                message = "没有写谁没到，应到、实到按表中人数登记，个人的出席情况没有记，请补上请假、缺席人员"
                row.warn(cls.columns["present"], whole["present"], message)
        elif not row.problems:
            _check(row, figures, said.figures(), "；应到、实到按表中人数登记，写明的姓名照记")
            # who was present by the record as it was is not so by the figures of an edit
            stale = Attended.PRESENT if row.carries("attendees") and not row.carries("due", "present") else None
            said.states = {who: state for who, state in said.states.items() if who in said.named and state[0] != stale}
        if "due" in whole and whole.get("present", 0) > whole["due"]:
            row.warn(cls.columns["present"], whole["present"], f"比应到 {whole['due']} 人还多，请核对")
        typed, due, present = row.values.get("rate"), whole.get("due"), whole.get("present")
        if typed is not None and due and present is not None and abs(Decimal(100 * present) / due - typed) > _HALF:
            message = f"表中填 {typed}%，按实到和应到应为 {_percent(present, due)}%，请核对"
            row.warn(cls.columns["rate"], f"{typed}%", message)
        kinds.warn_of_voters(cls.columns["votes"], row, whole)
        # the members of other branches whom the guests name; a word that is nobody's name, or two people's, is none
        visitors: dict[int, State] = {}
        for word in name_words(row.stored.get("guests") or ""):
            with suppress(ValueProblem):
                guest = scope.roster.member(word, None, row.values["held_on"])
                if row.stored["branch_id"] not in scope.roster.homes(guest):
                    visitors[guest] = (Attended.VISITOR, None, None)
        if not row.alone or said.states or visitors:
            where["attendance"] = [(member, *state) for member, state in (visitors | said.states).items()]

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The lists of people; 应到 实到 出勤率 as typed where they are by count, else from the names, or none."""
        stood, shown = below.of(Attendance), context.roster.shown
        head = next(iter(below.of(Headcount)), None)
        lists: Values = {
            key: [Person(shown(other.member_id), other.reason) for other in stood if other.state == state]
            for key, state in zip(cls.presence, (Attended.PRESENT, Attended.LEAVE, Attended.ABSENT), strict=True)
        }
        lists["made_up"] = [Person(shown(m), None if when == "是" else when) for m, _, _, when in stood if when]
        lists["votes"] = kinds.kept_votes(row["votes"], below.of(Vote))
        people: Values = {key: said for key, said in lists.items() if said}
        if head is not None and head.basis == Basis.COUNT:
            due = None if head.due is None else Count(head.due, head.due_qualifier)
            present = None if head.present is None else Count(head.present, head.present_qualifier)
        elif ours := sum(state != Attended.VISITOR for _, state, _, _ in stood):
            due, present = Count(ours), Count(len(lists["attendees"]))
            people |= {"leave_count": Count(len(lists["on_leave"])), "absent_count": Count(len(lists["absent"]))}
        else:
            return {**people, "due": None, "present": None, "attendance": str(Basis.UNKNOWN)}
        if due and present and due.value:
            people["rate"] = _percent(present.value, due.value)
        return {**people, "due": due, "present": present, "attendance": head.basis if head else str(Basis.NAMES)}

    @classmethod
    def totals_row(cls, views: Collection[View]) -> str:
        """How many meetings of each kind."""
        words = Counter(str(view.values["kind"]) for view in views)
        return f"合计：{len(views)} 次" + "".join(f"，{kind} {words[kind]} 次" for kind in MeetingKind if words[kind])


#: The table below a meeting, for queries.
ATTENDANCE = sa.table("attendance", sa.column("meeting_id"), *map(sa.column, Attendance._fields))
#: Whom a meeting has, but for visitors.
_BEFORE = sa.select(ATTENDANCE.c.member_id).where(
    ATTENDANCE.c.meeting_id == sa.bindparam("meeting"), ATTENDANCE.c.state != str(Attended.VISITOR)
)
#: How a member stood: state, reason, whether and when the meeting was made up for.
State = tuple[str, str | None, str | None]
_LISTS = ("attendees", "on_leave", "absent", "made_up")
_HALF = Decimal("0.5")
#: Reasons that excuse an absence in a hospital (医院请假事由).
EXCUSES = ("值班", "手术", "急诊", "抢救", "夜休", "夜班", "会诊", "进修", "援", "病假", "产假", "出差", "下乡")


@dataclass(slots=True)
class Said:
    """What a row says of everybody who was due: his state; whom its lists name, and whom they would count besides."""

    states: dict[int, State] = field(default_factory=dict)
    due: Collection[int] = ()
    named: Collection[int] = ()
    excused: Collection[int] = ()

    def agree_with(self, figures: dict[str, Count]) -> bool:
        """Whether 应到 实到 as typed are those of the names, of the excused too perhaps: then these came."""
        whole = self.figures()
        if not _differing(figures, whole):
            return True
        if len(figures) < 2 or _differing(figures, {key: whole[key] + len(self.excused) for key in figures}):
            return False
        self.states = dict.fromkeys(self.excused, (Attended.PRESENT, None, None)) | self.states
        return True

    def figures(self) -> dict[str, int]:
        """应到 实到 请假 缺席 by the names."""
        count = Counter(state for state, _, _ in self.states.values())
        away = {"leave_count": count[Attended.LEAVE], "absent_count": count[Attended.ABSENT]}
        return {"due": len(self.states), "present": count[Attended.PRESENT], **away}


def due_seats(roster: Roster, branch: int, day: str, kind: str, group: str | None) -> list[Membership]:
    """Who is due: all members, the committee, or the group (支部工作条例第十一至十三条), the excused among them."""
    committee, wanted = kind == MeetingKind.COMMITTEE, tight(group or "") if kind == MeetingKind.GROUP else ""
    fits = (who for who in roster.belonging(branch, day) if not wanted or tight(who.group or "") == wanted)
    return [who for who in fits if who.on_committee or not committee]


def _attendance(row: ResolvedRow, scope: Scope, everybody: bool) -> Said:
    """How everybody stood who was due by the roster; `everybody`: whether all came whom no list names."""
    roster, day, group = scope.roster, row.values["held_on"], row.values.get("group")
    here, kind = roster.belonging(row.stored["branch_id"], day), row.values["kind"]
    if kind == MeetingKind.GROUP and not group and any(membership.group for membership in here):
        row.refuse("党小组", "", "党小组会要写明是哪个党小组，才能知道谁应到")
    seats = due_seats(roster, row.stored["branch_id"], day, kind, group)
    kept = row.parsed.number if row.carries("held_on", "branch", "kind", "group") else None
    before = {*scope.connection.execute(_BEFORE, {"meeting": kept}).scalars()} if kept else set[int]()
    due, excused = (
        {membership.member for membership in seats},
        {membership.member for membership in seats if membership.excused_on(day)},
    )
    text = row.values.get("attendees", "")
    everybody = everybody or names_everybody(text)
    if everybody and text.startswith("除") and not {"on_leave", "absent"} & row.values.keys():
        row.refuse(
            Meeting.columns["attendees"], text, "没有参加的人还没有写在“请假人员及原因”或“缺席人员及原因”，请写上姓名"
        )
    listed = {} if everybody else _named("attendees", row, roster, due, before)
    beyond = [roster.shown(member) for member in listed if member not in due]
    if beyond and row.carries("attendees"):  # the edit is of kind, day or branch
        message = f"{'、'.join(beyond[:8])}不在应到范围内，仍记为出席；要按应到重算，请加 --clear attendees"
        row.warn(Meeting.columns["attendees"], "", message)
    on_leave = _named("on_leave", row, roster, due, before)
    missing = _named("absent", row, roster, due, before)
    _part(row, roster, {"attendees": listed, "on_leave": on_leave, "absent": missing})
    made_up = _named("made_up", row, roster, due, before)
    all_came = everybody or ("attendees" not in row.values and {"on_leave", "absent"} & row.values.keys())
    rest = Attended.PRESENT if all_came else Attended.UNSAID
    states: dict[int, State] = dict.fromkeys(due - excused, (rest, None, None))
    states |= {other: (Attended.LEAVE, why, None) for other in states if (why := roster.state(other, "长期请假", day))}
    states |= {member: (Attended.PRESENT, said, None) for member, said in listed.items()}
    states |= {member: (Attended.LEAVE, reason, None) for member, reason in on_leave.items()}
    for member, reason in missing.items():
        valid = reason is not None and any(word in reason for word in EXCUSES)
        states[member] = (Attended.LEAVE if valid else Attended.ABSENT, reason, None)
    named = {*listed, *on_leave, *missing}
    for member, when in made_up.items():
        stood = states[member][:2] if member in named else (Attended.LEAVE, None)
        states[member] = (*stood, when or "是")
    unsaid = [roster.shown(member) for member, state in states.items() if state[0] == Attended.UNSAID]
    if unsaid:
        who = f"{len(unsaid)} 名应到党员既不在出席名单中，也没有写明请假或缺席，没有为他们登记出席情况"
        row.warn(Meeting.columns["attendees"], "", f"{who}：{'、'.join(unsaid[:8])}")
    named |= made_up.keys()
    return Said(states, due, named, excused - named if rest == Attended.PRESENT else ())


def _part(row: ResolvedRow, roster: Roster, lists: dict[str, dict[int, str | None]]) -> None:
    """Who is in a list that was typed leaves those that an edit only carries on; in two typed lists he is told."""
    for (first, people), (second, others) in combinations(lists.items(), 2):
        for member in people.keys() & others.keys():
            if row.carries(first) != row.carries(second):
                del (people if row.carries(first) else others)[member]
            elif not row.carries(first):
                message = f"{roster.shown(member)}也在{Meeting.columns[second].heading}中，按后者计，请核对"
                row.warn(Meeting.columns[first], roster.shown(member), message)


def _named(
    key: str, row: ResolvedRow, roster: Roster, due: Collection[int], stood: Collection[int]
) -> dict[int, str | None]:
    """The members that a cell names, with reasons; who was not due is a problem, but present he is a guest, or one of the
    branch. Whom the meeting had already (`stood`), before it became known that he had left, does not stand in the way.
    """
    branch, day, column = row.stored["branch_id"], row.values["held_on"], Meeting.columns[key]
    here = {who.member for who in roster.belonging(branch, day)} if key == "attendees" else ()
    found: dict[int, str | None] = {}
    for member, person in members_named(column, row, roster, branch, day) if key in row.values else ():
        name, guests = roster.shown(member), row.stored.get("guests")
        if key == "attendees" and member not in stood and branch not in roster.homes(member):
            if name not in name_words(guests or ""):
                row.say("guests", f"{guests}、{name}" if guests else name)
            row.warn(column, name, f"{name}是别的支部的党员，记入列席")
            continue
        if member not in due and member not in here:
            if member in stood:
                row.warn(column, person.name, f"{name}不在应到范围内；原来已登记，仍照记")
            else:
                row.refuse(column, person.name, roster.why_not_due(member, branch, day, row.values["kind"]))
        found[member] = person.reason
    return found


def _differing(figures: dict[str, Count], whole: dict[str, int]) -> list[str]:
    return [key for key, typed in figures.items() if key in whole and typed.value != whole[key]]


def _check(row: ResolvedRow, figures: dict[str, Count], whole: dict[str, int], more: str = "") -> None:
    """应到 实到 as typed against the roster and the names: a difference is a warning."""
    for key in _differing(figures, whole):
        message = f"表中填 {figures[key].value} 人，按花名册和请假、缺席名单应为 {whole[key]} 人，请核对{more}"
        row.warn(Meeting.columns[key], figures[key].value, message)


def _percent(present: int, due: int) -> Decimal:
    return (Decimal(100 * present) / due).quantize(Decimal("0.1"), ROUND_HALF_UP)
