"""学习学时台账: hours of study by member (党员教育管理工作条例第二十条: 每年一般不少于 32 学时)."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Executable, and_, exists, func, literal, literal_column, or_, select, union_all

from partybuild_cli.records.base.declare import Record, View, column, computed, related
from partybuild_cli.records.base.kinds import DAY_RANGE, HOME, MEMBER, PROSE, TEXT
from partybuild_cli.values import Choice, Number
from partybuild_cli.values.number import plain_decimal


class StudyKind(StrEnum):
    """类别."""

    TOGETHER = "集中学习"
    COURSE = "专题培训"
    ONLINE = "网络自学"
    INTEGRITY = "廉洁教育"
    PROFESSION = "业务大讲堂"
    YOUTH = "青年理论学习小组"
    READING = "读书会"


#: 集中学习培训 (党员教育管理工作条例第二十条): self-study on a platform is none; a record without 类别 counts.
COUNTED = tuple(kind for kind in StudyKind if kind is not StudyKind.ONLINE)


class Study(Record, table=True):
    """学习学时台账: one member's study on a day or over a range of days; the range counts where it begins."""

    title_words = ("学时", "学习培训", "学习台账", "教育培训", "培训登记", "学习记录")
    brief = ("member", "studied_on", "kind", "topic", "hours")
    date = "studied_on"
    named_by = "topic"
    completed_by = ("kind",)
    sums = {"total": "hours"}

    branch = related(HOME, "所在党支部", "党支部 支部", context=True)
    member_id: int = column(MEMBER, "姓名", "党员姓名 参加人员", required=True, identity=True)
    studied_on: str = column(DAY_RANGE, "学习时间", "学习日期 日期 时间 培训时间", required=True, identity=True, mark=1)
    kind: str | None = column(
        Choice(StudyKind, {"自学 线上学习": "网络自学", "培训": "专题培训", "警示教育": "廉洁教育"}),
        "类别", "学习类别 学习形式 类型", mark=1,
    )  # fmt: skip
    topic: str = column(
        PROSE, "学习内容", "学习主题 内容 培训内容",
        required=True, identity=True, mark=1.5, example="学习党章和廉洁自律准则",
    )  # fmt: skip
    organizer: str | None = column(TEXT, "举办单位", "组织单位 主办单位", mark=1, example="支部")
    hours: Decimal = column(
        Number(unit="学时", units=("小时", "个学时", "h")), "学时", "学时数 学习学时", required=True, mark=2.5
    )
    total = computed(Number(unit="学时", units=("小时",)), "总计学时", "累计学时 合计学时", check_only=True)
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def totals_row(cls, views: Collection[View]) -> str:
        """合计 of all hours, and of each member while they can be taken in at a glance."""
        hours: defaultdict[str, Decimal] = defaultdict(Decimal)
        for view in views:
            hours[view.values["member"]] += view.values["hours"]
        whole = f"合计：{len(views)} 条，{plain_decimal(sum(hours.values(), Decimal(0)))} 学时"
        each = "、".join(f"{name} {plain_decimal(total)}" for name, total in hours.items())
        return f"{whole}。个人合计：{each}" if 0 < len(hours) <= 120 else whole


def learnt_there(state: ColumnElement[str], made_up: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a member learnt at a meeting: he was there, as a visitor too, or made up for it."""
    return or_(state.in_(("出席", "列席")), made_up.is_not(None))


def in_both(member: ColumnElement[int], held_on: ColumnElement[str], topic: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the study ledger has the event of a meeting for a member too, by day and topic: it counts once."""
    ours = Study.metadata.tables["study"].c
    counts = and_(ours.hours > Decimal(0), func.coalesce(ours.kind, "") != str(StudyKind.ONLINE))
    first, last = func.substr(ours.studied_on, 1, 10), func.substr(ours.studied_on, -10)
    here, there = func.replace(ours.topic, " ", ""), func.replace(topic, " ", "")
    same = or_(func.instr(here, there) > 0, func.instr(there, here) > 0)
    return exists().where(ours.member_id == member, counts, first <= held_on, held_on <= last, same)


def learned(first: str, behind: str) -> Executable:
    """What counts as hours of study between two days, the earliest first: the one definition of self-check, report and papers."""
    from partybuild_cli.records.meeting import ATTENDANCE, Meeting

    ours, there, held = (
        table.c for table in (Study.metadata.tables["study"], ATTENDANCE, Meeting.metadata.tables["meeting"])
    )
    day, whose = ours.studied_on.label("day"), ours.member_id.label("member")
    alone = select(literal("study").label("ledger"), ours.id, whose, day, ours.topic, ours.hours)
    alone = alone.where(day >= first, day < behind, func.coalesce(ours.kind, "") != str(StudyKind.ONLINE))
    together = select(literal("meeting"), held.id, there.member_id, held.held_on, held.topic, held.hours)
    together = together.where(held.held_on >= first, held.held_on < behind, held.hours > Decimal(0))
    together = together.where(there.meeting_id == held.id, learnt_there(there.state, there.made_up))
    together = together.where(~in_both(there.member_id, held.held_on, held.topic))
    # by plain names: for labels a subquery would be made, and named by chance
    return union_all(alone, together).order_by(*map(literal_column, ("day", "ledger", "id")))
