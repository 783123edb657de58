"""志愿服务台账: volunteer service and free clinics, with participation by member (志愿服务 义诊 健康讲座)."""

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.declare import Record, Values, column, computed, qualifier, related
from partybuild_cli.records.base.kinds import ATTENDEES, BRANCH, COUNT, DAY, MENTIONS, PROSE, TEXT
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.row import Below, Context, ResolvedRow, Scope, View, members_named
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values import Choice, Count, Number
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.people import Person

#: 类别.
KIND = Choice({
    "院内志愿": "院内志愿服务 院内导诊 门诊引导 导诊", "义诊": "义诊活动", "健康讲座": "讲座 健康宣教讲座", "医疗保障": "",
    "上门走访": "走访 上门服务", "送医送药": "送医下乡", "筛查": "疾病筛查", "社区服务": "社区", "科普": "科普宣传", "培训": "", "其他": "",
})  # fmt: skip
SERVICE_KINDS = KIND.words
HOURS = Number(unit="小时", units=("h", "学时", "个小时"))


class Participation(NamedTuple):
    """One member's part in an activity: hours of his own in ten-thousandths, and whether he led it."""

    member_id: int
    hours: int | None
    organizer: int
    note: str | None

    @property
    def own(self) -> str | None:
        """What stands behind the name."""
        return self.note if self.hours is None else f"{plain_decimal(Decimal(self.hours) / 10_000)}小时"

    def told(self, roster: Roster) -> str:
        said = "，".join(filter(None, (self.own, "带队" if self.organizer else None)))
        return f"{roster.shown(self.member_id)}（{said}）" if said else roster.shown(self.member_id)


class Service(Record, table=True):
    """志愿服务台账: one activity. 参与人次 (turnout) and 服务人次 (people served) are different counts and never mix."""

    title_words = ("志愿服务", "义诊", "志愿活动", "荣誉时数")
    whom = "members"
    presence = ("members",)
    gathers = ("members", "hours")
    branch_from = ("members", "organizer")
    on_forms = True
    brief = ("held_on", "kind", "title", "branch", "turnout", "people_served")
    date = "held_on"
    named_by = "title"
    completed_by = ("organizer", "hours", "people_served", "evidence")
    children = (ChildShape("participation", "service_id", Participation, keyed_by=("member_id",)),)

    branch_id: int = column(
        BRANCH, "党支部", "所在党支部 支部 支部名称 党支部名称", identity=True, context=True, required=True
    )
    held_on: str = column(
        DAY, "日期", "活动日期 活动时间 时间 服务时间 服务日期 开展时间", required=True, identity=True, mark=0.5
    )
    kind: str = column(
        KIND, "类别", "类型 活动类型 服务类别 活动类别 服务类型", required=True, identity=True, context=True, mark=2
    )
    title: str = column(
        PROSE, "活动名称", "志愿活动名称 服务内容 主题 活动主题 服务项目",
        required=True, identity=True, mark=2, example="社区高血压义诊",
    )  # fmt: skip
    place: str | None = column(TEXT, "地点", "服务地点 活动地点", example="滨江社区")
    partner: str | None = column(TEXT, "结对单位", "共建单位", mark=1)
    brand: str | None = column(TEXT, "品牌", "支部品牌")
    members = related(
        ATTENDEES, "参加党员", "党员姓名 志愿者姓名 参加人员 参与党员 党员名单", required=True, option="member", mark=1
    )
    organizer: str | None = column(MENTIONS, "带队人", "负责人 组织者", mark=1)
    others: int | None = column(COUNT, "其他人数", "参加非党员 非党员人数")
    others_qualifier: str | None = qualifier()
    turnout = computed(COUNT, "参与人次")
    hours: Decimal | None = column(
        HOURS, "时长(小时)", "服务时长 服务时长(小时) 志愿时长 志愿服务时长(小时) 时长 志愿服务时长", mark=1.5
    )
    people_served: int | None = column(
        COUNT, "服务人次", "受益人数 惠及群众 服务对象人次 服务群众 服务群众(人次) 受益人次", mark=2
    )
    people_served_qualifier: str | None = qualifier()
    evidence: str | None = column(TEXT, "佐证", "佐证材料")
    note: str | None = column(TEXT, "备注", "说明")

    settles_with = ("members", "held_on")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """Who took part, for how long, and who led; the typed 参与人次 is checked against the names."""
        column = cls.columns["members"]
        leaders = {member for role, member in row.below.get("person", ()) if role == "organizer"}
        rows: dict[int, tuple[int, int | None, int, str | None]] = {}
        for member, person in members_named(
            column, row, scope.roster, row.stored.get("branch_id"), row.values["held_on"]
        ):
            if member in rows:
                row.refuse(column, person.name, f"{person.name}在名单中出现了两次，请去掉一个")
            hours, note = _own_hours(person.reason)
            rows[member] = (member, hours, int(member in leaders), note)
        if row.problems:
            return
        row.below["participation"] = list(rows.values())
        typed = row.values.get("turnout")
        if typed is not None and typed.value != len(rows):
            message = f"表中填 {typed.value}，参加党员名单上是 {len(rows)} 人，请核对"
            row.warn(cls.columns["turnout"], typed.value, message)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The members who took part, each with hours of their own where they differ; 参与人次 is their number."""
        people = [Person(context.roster.shown(part.member_id), part.own) for part in below.of(Participation)]
        return {"members": people, "turnout": Count(len(people))} if people else {}

    @classmethod
    def share(cls, view: View, key: str, names: Collection[str]) -> Any:
        """The hours of those who are asked about: their own where they differ."""
        whole = view.values.get(key)
        if key != "hours" or not names:
            return whole
        theirs = [_own_hours(item.reason)[0] for item in view.values.get("members", ()) if item.name in names]
        known: list[Decimal | None] = [whole if hours is None else Decimal(hours) / 10_000 for hours in theirs]
        return None if None in known else sum(filter(None, known), Decimal(0))

    @classmethod
    def totals_row(cls, views: Collection[View]) -> str:
        """Activities by kind, 参与人次, and 服务人次 with 余 where one of them was no exact count."""
        kinds = Counter(str(view.values["kind"]) for view in views)
        served = [view.values["people_served"] for view in views if "people_served" in view.values]
        turnout = sum(view.values["turnout"].value for view in views if "turnout" in view.values)
        more = "余" if any(count.qualifier for count in served) else ""
        each = "".join(f"，{kind} {kinds[kind]} 场" for kind in SERVICE_KINDS if kinds[kind])
        people = f"参与 {turnout} 人次，服务 {sum(count.value for count in served)}{more} 人次"
        return f"合计：{len(views)} 场{each}；{people}"


def _own_hours(note: str | None) -> tuple[int | None, str | None]:
    """What stands behind a name: hours of this member alone, else a note to keep."""
    with suppress(ValueProblem):
        hours = HOURS.parse(note)
        return None if hours is None else int(hours * 10_000), None
    return None, note
