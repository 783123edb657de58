"""三会一课台账: meetings, lectures and theme days, with attendance by member (支部工作条例第十一至十八条)."""

from collections import Counter
from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from partybuild_cli.records.base.column import column, computed, related
from partybuild_cli.records.base.context import Below, Context, Scope, Values, View
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.kinds import ATTENDEES, BRANCH, COUNT, DAY, MENTIONS, TEXT, YES_NO
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.rows import members_named
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values import Choice, Count, Number
from partybuild_cli.values.people import Person, names_everybody
from partybuild_cli.values.text import tight


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


#: Other words for the kinds, as ledgers write them.
KIND_WORDS = {
    "党员大会 支部大会": "支部党员大会",
    "支部委员会 支委会会议 支部委员会会议": "支委会",
    "党小组会议 小组会": "党小组会",
    "上党课 专题党课": "党课",
    "主题党日活动": "主题党日",
    "民主评议党员": "民主评议",
    "集中学习": "专题学习",
    "述职评议": "述职",
}


class Attendance(NamedTuple):
    """How one member stood to a meeting; `made_up` says when he made up for it, or 是."""

    member_id: int
    state: str
    reason: str | None = None
    made_up: str | None = None


class Meeting(Record, table=True):
    """三会一课台账: one meeting; who was due is worked out from the roster as it stood on that day."""

    title_words = ("三会一课", "会议台账", "主题党日", "组织生活")
    whom = "attendees"
    presence = ("attendees", "on_leave", "absent")
    gathers = ("attendees", "")
    branch_from = ("host", "recorder", "attendees", "on_leave", "absent")
    on_forms = True
    brief = ("held_on", "kind", "topic", "branch", "due", "present")
    date = "held_on"
    named_by = "topic"
    children = (ChildShape("attendance", "meeting_id", Attendance, keyed_by=("member_id",)),)

    branch_id: int = column(
        BRANCH, "党支部", "所在党支部 支部 支部名称 党支部名称 主办党组织", identity=True, context=True, required=True
    )
    group: str | None = column(TEXT, "党小组", "党小组名称", identity=True)
    kind: str = column(
        Choice(MeetingKind, KIND_WORDS),
        "会议类型",
        "类型 会议类别 类别 活动类型",
        required=True,
        identity=True,
        context=True,
        mark=2.5,
    )
    held_on: str = column(
        DAY,
        "时间",
        "会议时间 日期 会议日期 开会时间 活动时间 召开时间 开展时间 活动日期",
        required=True,
        identity=True,
        mark=0.5,
    )
    topic: str = column(
        TEXT,
        "主题",
        "会议主题 会议名称 主题/议题 会议议题 活动主题 课题 议题 会议标题 党课题目",
        required=True,
        identity=True,
        mark=1.5,
    )
    place: str | None = column(TEXT, "地点", "会议地点 会场 活动地点")
    host: str | None = column(TEXT, "主持人", "主持 会议主持人", mark=1)
    recorder: str | None = column(TEXT, "记录人", "记录员", mark=1)
    lecturer: str | None = column(MENTIONS, "主讲人", "授课人 主讲")
    due = computed(COUNT, "应到", "应到人数 应参加人数 应参加", mark=1)
    present = computed(COUNT, "实到", "实到人数 实际参加人数 实参加", mark=1)
    rate = computed(Number(unit="%"), "出勤率", "到会率")
    leave_count = computed(COUNT, "请假人数", "请假数", check_only=True)
    absent_count = computed(COUNT, "缺席人数", "缺席数 缺勤人数 未到人数", check_only=True)
    attendees = related(ATTENDEES, "出席人员", "参加人员 参会人员 与会人员", mark=1)
    on_leave = related(ATTENDEES, "请假人员及原因", "请假人员 请假及原因", mark=2)
    absent = related(ATTENDEES, "缺席人员及原因", "缺席人员 缺席及原因", mark=2)
    made_up = related(ATTENDEES, "补学人员", "补课人员")
    guests: str | None = column(TEXT, "列席", "列席人员")
    hours: Decimal | None = column(Number(unit="学时", units=("学时", "小时", "个学时", "h")), "学时", "学习学时")
    first_topic: bool | None = column(YES_NO, "第一议题", "是否落实第一议题 第一议题(是/否)", mark=2)
    content: str | None = column(TEXT, "内容", "会议内容 主要内容")
    resolution: str | None = column(TEXT, "决议", "会议决议 议定事项", mark=1)
    votes: str | None = column(TEXT, "表决", "表决情况")
    evidence: str | None = column(TEXT, "佐证", "佐证材料")
    note: str | None = column(TEXT, "备注", "说明")

    lists_who_was_due = True
    settles_with = ("branch", "held_on", "kind")

    @classmethod
    def settle(cls, draft: Draft, scope: Scope) -> None:
        """Work out who attended (出席 请假 缺席) and check the typed figures against it.

        An edit that speaks of neither leaves the attendance as it was, whoever joined the roster since.
        """
        if draft.carries("branch", "group", "kind", "held_on", *_LISTS):
            return
        states = _attendance(cls, draft, scope.roster)
        if draft.problems:
            return
        rows: list[tuple[Any, ...]] = [Attendance(member, *state) for member, state in states.items()]
        named = any(key in draft.values for key in _LISTS)
        (draft.below if named else draft.below_if_new)["attendance"] = rows
        _check_figures(cls, draft, states)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The lists of people, and 应到 实到 出勤率 from them; a meeting without attendance has none of these."""
        rows, shown = below.of(Attendance), context.roster.shown
        if not rows:
            return {}
        lists = {
            "attendees": [Person(shown(member)) for member, state, _, _ in rows if state == Attended.PRESENT],
            "on_leave": [Person(shown(member), reason) for member, state, reason, _ in rows if state == Attended.LEAVE],
            "absent": [Person(shown(member), reason) for member, state, reason, _ in rows if state == Attended.ABSENT],
            "made_up": [Person(shown(member), None if when == "是" else when) for member, _, _, when in rows if when],
        }
        present = len(lists["attendees"])
        rate = (Decimal(100 * present) / len(rows)).quantize(Decimal("0.1"), ROUND_HALF_UP)
        people = {key: people for key, people in lists.items() if people}
        away = {"leave_count": Count(len(lists["on_leave"])), "absent_count": Count(len(lists["absent"]))}
        return {**people, "due": Count(len(rows)), "present": Count(present), "rate": rate, **away}

    @classmethod
    def totals_row(cls, told: Collection[View]) -> str:
        """How many meetings of each kind."""
        words = Counter(str(one.values["kind"]) for one in told)
        return f"合计：{len(told)} 次" + "".join(f"，{kind} {words[kind]} 次" for kind in MeetingKind if words[kind])


#: The columns that name who attended.
_LISTS = ("attendees", "on_leave", "absent", "made_up")
#: How a member stood: state, reason, whether and when the meeting was made up for.
State = tuple[str, str | None, str | None]
#: Reasons that excuse an absence in a hospital (医院请假事由).
EXCUSES = ("值班", "手术", "急诊", "抢救", "夜休", "夜班", "会诊", "进修", "援", "病假", "产假", "出差", "下乡")


def _due(draft: Draft, roster: Roster) -> dict[int, State]:
    """Everybody who was due, as present: all members, the committee, or the group (支部工作条例第十一至十三条)."""
    kind, group = draft.values["kind"], draft.values.get("group")
    seats = roster.belonging(draft.stored["branch_id"], draft.values["held_on"])
    if kind == MeetingKind.COMMITTEE:
        seats = [seat for seat in seats if seat.on_committee]
    elif kind == MeetingKind.GROUP:
        if group is None and any(seat.group for seat in seats):
            draft.refuse("党小组", "", "党小组会要写明是哪个党小组，才能知道谁应到")
        seats = [seat for seat in seats if group is None or tight(seat.group or "") == tight(group)]
    return {seat.member: (Attended.PRESENT, None, None) for seat in seats}


def _attendance(record: type[Record], draft: Draft, roster: Roster) -> dict[int, State]:
    states = _due(draft, roster)
    everybody = names_everybody(draft.values.get("attendees", ""))
    listed = {} if everybody else _named(record, "attendees", draft, roster, states, outside=True)
    beyond = [roster.shown(member) for member in listed if member not in states]
    if beyond and draft.carries("attendees"):  # the edit is of kind, day or branch
        message = f"{'、'.join(beyond[:8])}不在应到范围内，仍记为出席；要按应到重算，请加 --clear attendees"
        draft.warn(record.columns["attendees"], "", message)
    states |= dict.fromkeys(listed, (Attended.PRESENT, None, None))
    excused = _named(record, "on_leave", draft, roster, states)
    missing = _named(record, "absent", draft, roster, states)
    _part(record, draft, roster, {"attendees": listed, "on_leave": excused, "absent": missing})
    states |= {member: (Attended.LEAVE, reason, None) for member, reason in excused.items()}
    for member, reason in missing.items():
        valid = reason is not None and any(word in reason for word in EXCUSES)
        states[member] = (Attended.LEAVE if valid else Attended.ABSENT, reason, None)
    for member, when in _named(record, "made_up", draft, roster, states).items():
        states[member] = (*states.get(member, (Attended.ABSENT, None))[:2], when or "是")
    if listed:
        unsaid = [member for member in states if member not in {*listed, *excused, *missing}]
        if unsaid:
            names = "、".join(roster.shown(member) for member in unsaid[:8])
            draft.warn(
                record.columns["attendees"],
                "",
                f"{len(unsaid)} 名应到党员既不在出席名单中，也没有写明请假或缺席，没有为他们登记出席情况：{names}",
            )
            states = {member: state for member, state in states.items() if member not in unsaid}
    return states


def _part(record: type[Record], draft: Draft, roster: Roster, lists: dict[str, dict[int, str | None]]) -> None:
    """Who is in a list that was typed leaves those that an edit only carries on; in two typed lists he is told."""
    typed = {key: people for key, people in lists.items() if not draft.carries(key)}
    for key, people in lists.items():
        for other, others in typed.items():
            for member in people.keys() & others.keys() if key != other else ():
                if draft.carries(key):
                    del people[member]
                elif [*lists].index(key) < [*lists].index(other):
                    words = [record.columns[one].heading for one in (key, other)]
                    message = f"{roster.shown(member)}也在{words[1]}中，按后者计，请核对"
                    draft.warn(record.columns[key], roster.shown(member), message)


def _named(
    record: type[Record], key: str, draft: Draft, roster: Roster, due: dict[int, State], outside: bool = False
) -> dict[int, str | None]:
    """The members that a cell names, with reasons. Who was not due is a problem, unless `outside` lets a member in."""
    branch, day, column = draft.stored["branch_id"], draft.values["held_on"], record.columns[key]
    found: dict[int, str | None] = {}
    if key not in draft.values:
        return found
    for member, person in members_named(column, draft, roster, branch, day):
        here = outside and any(seat.member == member for seat in roster.belonging(branch, day))
        if member not in due and not here:
            draft.refuse(column, person.name, roster.why_not_due(member, branch, day, draft.values["kind"]))
        found[member] = person.reason
    return found


def _check_figures(record: type[Record], draft: Draft, states: dict[int, State]) -> None:
    """应到 实到 请假 缺席 as typed against what the record says: a difference is a warning."""
    count = Counter(state[0] for state in states.values())
    present = count[Attended.PRESENT]
    figures = {
        "due": len(states),
        "present": present,
        "leave_count": count[Attended.LEAVE],
        "absent_count": count[Attended.ABSENT],
    }
    for key, figure in figures.items():
        typed = draft.values.get(key)
        if typed is not None and typed.value != figure:
            message = f"表中填 {typed.value} 人，按花名册和请假、缺席名单应为 {figure} 人，请核对"
            draft.warn(record.columns[key], typed.value, message)
    typed_rate = draft.values.get("rate")
    if typed_rate is not None and states:
        rate = Decimal(100 * present) / len(states)
        if abs(rate - typed_rate) > Decimal("0.5"):
            shown = rate.quantize(Decimal("0.1"), ROUND_HALF_UP)
            draft.warn(
                record.columns["rate"], f"{typed_rate}%", f"表中填 {typed_rate}%，按实到和应到应为 {shown}%，请核对"
            )
