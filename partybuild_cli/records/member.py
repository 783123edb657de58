"""党员花名册: the roster, with the days on which members came and left (转入 转出)."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from partybuild_cli.records.base.declare import Below, Context, Record, Scope, Values, View, column, computed
from partybuild_cli.records.base.kinds import BRANCH, DAY, ID_NUMBER, NAME, PHONE, TEXT
from partybuild_cli.records.base.matching import MemberMatcher
from partybuild_cli.records.base.membership import Stretch, join
from partybuild_cli.records.base.roster import NUMBER, Roster
from partybuild_cli.records.base.row import ParsedRow, Prefer, ResolvedRow, SaidBefore
from partybuild_cli.store.rows import Edit
from partybuild_cli.store.shape import ChildShape
from partybuild_cli.values import Choice, Number
from partybuild_cli.values.day import agrees, first_date, last_date
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.people import birth_day, sex

FULL, PROBATIONARY = "正式党员", "预备党员"  # 人员类别
SUSPENDED = "停止党籍"  # 党籍状态 (党员教育管理工作条例第二十四条)
GENDER = Choice({"男": "男性 M m Male male MALE", "女": "女性 F f Female female FEMALE"})
DEGREE = Choice({"博士": "博士研究生 博士学位", "硕士": "硕士研究生 硕士学位", "学士": "学士学位"})
CATEGORY = Choice({
    FULL: "中共党员 正式 党员 中共正式党员 中国共产党党员 中国共产党正式党员 PartyMember CPCMember",
    PROBATIONARY: "中共预备党员 预备 中国共产党预备党员 ProbationaryPartyMember ProbationaryMember",
})  # fmt: skip
STAFF_KIND = Choice({
    "临床": "医师 医生 医", "护理": "护 护士", "医技": "技", "药学": "药", "行政后勤": "行政 后勤", "退休": "离退休", "其他": "",
})  # fmt: skip
STAFF_KINDS = STAFF_KIND.words


class Stay(NamedTuple):
    """An earlier branch of a member; the present one stands in his own record."""

    branch_id: int
    arrived_on: str | None
    left_on: str
    left_to: str | None

    @property
    def outside(self) -> str:
        """The first day outside; a month of leaving counts whole."""
        return self.left_on if len(self.left_on) == 10 else f"{self.left_on}~"

    def told(self, roster: Roster) -> str:
        to = f"，转往{self.left_to}" if self.left_to else ""
        begun = f"{self.arrived_on} " if self.arrived_on else ""
        return f"{roster.branch_names.get(self.branch_id, '')}（{begun}至 {self.left_on}{to}）"


#: The columns of his own record that say how he stays in his present branch.
_STAY = ("arrived_on", "left_on", "left_to")


class Member(Record, table=True):
    """党员花名册: one person; earlier branches are kept below it as stays."""

    title_words = ("花名册", "党员名册", "党员信息", "党员名单")
    outsiders = "category"
    brief = ("name", "staff_no", "branch", "group", "category", "party_post", "department", "title")
    named_by = "name"
    tells_apart = ("name", "staff_no", "id_number", "born_on")
    lasting = (
        "branch", "category", "staff_kind", "standing", "joined_on", "full_on", "arrived_on", "left_on", "suspended_on",
        "away_on", "lost_on", "excluded_on",
    )  # fmt: skip
    date = "joined_on"
    begins = "joined_on"
    completed_by = ("joined_on", "full_on", "group", "party_post")
    known_by = ("branch_id", "name", "born_on")
    order = "id"
    member_columns = ("id",)  # the record is the member
    matcher = MemberMatcher
    sought_by = ("staff_no", "id_number", "name")
    while_in_use = "人员离开请用 partybuild member transfer 姓名 --to 去向 --on 日期。"
    came_with = {
        "full_on": (), "left_on": ("left_to",), "suspended_on": ("standing",), "away_on": ("away_to",), "lost_on": (),
        "excluded_on": ("excluded_reason",),
    }  # fmt: skip
    children = (ChildShape("stay", "member_id", Stay, keyed_by=("left_on",)),)

    @classmethod
    def as_on(cls, row: Values, below: Below, day: str) -> Values:
        """Also in the branch where he was; 预备党员 until the day of 转正."""
        if stays := [stay for stay in below.of(Stay) if stay.outside > day]:
            there = min(stays, key=lambda stay: stay.outside)
            row = row | {"branch_id": there.branch_id, "arrived_on": there.arrived_on, "left_on": None, "left_to": None}
        then = super().as_on(row, below, day)
        if row["category"] == FULL and row.get("full_on") and not then["full_on"]:
            then["category"] = PROBATIONARY
        return then

    @classmethod
    def there_on(
        cls, roster: Roster, day: str, branches: Collection[int] | None, unknown: Collection[int]
    ) -> Collection[int] | None:
        """Who was a member that day, as the self-check counts."""
        homes = roster.branch_names if branches is None else branches
        return {who.member for home in homes for who in roster.belonging(home, day, unknown)}

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """党龄, 年龄, 性别 and 出生日期 are checked against what they follow from; nobody leaves before he came."""
        values = row.values
        came, left = values.get("arrived_on"), values.get("left_on")
        if came and left and last_date(left) < first_date(came):
            row.refuse(cls.columns["left_on"], left, f"早于转入日期 {came}，请核对两个日期")
        number, born = values.get("id_number"), values.get("born_on")
        if number is not None:
            if "gender" in values and values["gender"] != sex(number):
                row.warn(cls.columns["gender"], values["gender"], f"按公民身份号码应为“{sex(number)}”，请核对")
            if born is not None and not agrees(born, birth_day(number)):
                row.warn(cls.columns["born_on"], born, f"按公民身份号码应为 {birth_day(number)}，请核对")
        for key, since in (("party_years", values.get("full_on")), ("age", born)):
            if key in values and since is not None:
                (fewest, most), typed = whole_years(since, scope.as_of), values[key]
                said, shown = plain_decimal(typed), str(most) if fewest == most else f"{fewest} 或 {most}"
                if not fewest <= typed <= most:
                    message = f"表中填 {said} 年，自 {since} 至 {scope.as_of} 应为 {shown} 年，请核对"
                    row.warn(cls.columns[key], said, message)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """党龄, from 转正日期, where the day is known well enough to say it."""
        if not row.get("full_on"):
            return {}
        fewest, most = whole_years(row["full_on"], context.as_of)
        return {"party_years": Decimal(fewest)} if fewest == most and fewest >= 0 else {}

    @classmethod
    def check_new(cls, row: ResolvedRow) -> None:
        """A name alone does not tell namesakes apart (同名党员)."""
        if not any(map(row.stored.get, ("staff_no", "id_number", "born_on"))):
            message = "只有姓名，分不清同名党员，请补上工号、公民身份号码或出生日期中的一项"
            row.refuse("姓名", row.values["name"], message)

    @classmethod
    def check_edit(cls, row: ResolvedRow, stored: Values, edit: Edit) -> None:
        """Who was transferred (组织关系转接) came no earlier than he had left before: no day lies in two stays."""
        stays = (edit.after.get("stay") or stored.get("stay") or ()) if "arrived_on" in edit.after else ()
        left = max((Stay(*stay).outside for stay in stays), default="")
        if (edit.after.get("arrived_on") or "") < left:
            message = (
                f"已登记 {left.rstrip('~')} 才从原支部转出，转入日期不能更早；转接登记有误的，请用 undo 撤销后重新登记"
            )
            row.refuse("转入日期", row.values.get("arrived_on", ""), message)

    @classmethod
    def reconcile(
        cls, row: ParsedRow, stored: Values, scope: Scope, said: SaidBefore, prefer: Prefer
    ) -> tuple[Collection[str], bool]:
        """Where he belonged, as each branch knows its part (组织关系转接); the branch where he is now speaks for the rest."""
        names, values = scope.roster.branch_names, row.values
        here = scope.roster.numbered(values.get("branch", ""))
        if here is None:
            return (), True
        ours = [Stretch(*stay) for stay in stored.get("stay", ())]
        ours.append(Stretch(stored["branch_id"], *(stored.get(key) for key in _STAY)))
        theirs = [Stretch(*stay) for stay in (row.rows or {}).pop("stay", ())]
        theirs.append(Stretch(here, *(values.get(key) for key in _STAY)))
        stays, remarks = join(ours, theirs, said, names, prefer)
        for remark in remarks:
            row.warn(cls.columns["arrived_on"], values.get("name", ""), remark)
        now = stays.pop()
        if [*stays, now] != ours:
            row.joined = {"stay": [Stay(branch, came, left or "", to) for branch, came, left, to in stays]}
        speaks, moved, came = now.branch_id == here, now.branch_id != stored["branch_id"], now.arrived_on
        said_now = {"branch": names[now.branch_id], **dict(zip(_STAY, now[1:], strict=True))}
        if moved:  # what he was in the old branch he is not in the new one
            row.since = came if came and len(came) == 10 else row.since
            said_now |= {key: values.get(key) if speaks else None for key in ("group", "party_post")}
        for key, value in said_now.items():
            values.pop(key, None)
            if value is not None:
                values[key] = value
            elif stored.get(key) is not None:
                row.erased |= {key}
        return said_now, speaks

    @classmethod
    def number_of(cls, name: str, roster: Roster) -> int | None:
        """By name or 工号; digits that are no 工号 may be the record's number."""
        if NUMBER.fullmatch(name) and roster.name(int(name)) and not roster.known(name):
            return int(name)
        return roster.member(name)

    @classmethod
    def totals_row(cls, views: Collection[View]) -> str:
        """合计：党员 人，其中正式党员 人、预备党员 人，男 人、女 人; who has left, or whose membership is stopped, is not counted."""
        values = [view.values for view in views if not view.values.get("left_on")]
        here = [value for value in values if value.get("standing") != SUSPENDED]
        words = Counter(word for row in here for word in (row.get("category"), row.get("gender")))
        kinds = f"正式党员 {words[FULL]} 人、预备党员 {words[PROBATIONARY]} 人"
        return f"合计：党员 {len(here)} 人，其中{kinds}；男 {words['男']} 人、女 {words['女']} 人。"

    branch_id: int = column(
        BRANCH, "所在党支部", "党支部 所属支部 所属党支部 支部 党组织 隶属党组织 组织关系所在党支部 所属党组织 所属党组织名称",
        context=True, required=True,
    )  # fmt: skip
    name: str = column(NAME, "姓名", "党员姓名 名字", required=True, example="张三", dated=True)
    staff_no: str | None = column(TEXT, "工号", "职工号 员工工号 教学工号 编号", identity=True, example="0301")
    id_number: str | None = column(
        ID_NUMBER, "公民身份号码", "身份证号 身份证号码 身份证 公民身份证号码 居民身份证号码 身份号码", identity=True
    )
    gender: str | None = column(GENDER, "性别", "党员性别")
    ethnicity: str | None = column(TEXT, "民族", example="汉族")
    born_on: str | None = column(DAY, "出生日期", "出生年月 出生年月日 出生时间", example="1985.03")
    education: str | None = column(TEXT, "学历", "文化程度 最高学历 学历层次", example="研究生", dated=True)
    degree: str | None = column(DEGREE, "学位", "最高学位", dated=True)
    category: str = column(
        CATEGORY, "人员类别", "党员类别 政治面貌 人员类型 类别 政治身份", required=True, mark=2, since="full_on"
    )
    joined_on: str | None = column(
        DAY, "入党日期",
        "入党时间 加入党组织日期 入党年月 接收预备党员日期 成为预备党员日期 列为预备党员时间 预备党员日期 加入中国共产党日期",
        mark=1.5, example="2010.06.15",
    )  # fmt: skip
    full_on: str | None = column(
        DAY, "转正日期", "转为正式党员日期 正式转正日期 转正时间 正式党员日期 预备党员转正时间", mark=1.5, example="2011.06.15"
    )  # fmt: skip
    party_years = computed(Number(unit="年"), "党龄(年)", "党龄")
    age = computed(Number(unit="岁"), "年龄", "年龄(岁) 周岁", check_only=True)
    party_post: str | None = column(
        TEXT, "党内职务", "支部职务 党支部内职务 党内分工 党员职位", mark=1, example="组织委员", dated=True
    )
    group: str | None = column(TEXT, "党小组", "所在党小组 所属党小组", mark=0.5, example="第一党小组", dated=True)
    department: str | None = column(
        TEXT, "科室", "部门 工作单位 病区 所在科室 企业行政部门", example="神经内科一病区", dated=True
    )
    position: str | None = column(TEXT, "行政职务", "岗位职务 职务", dated=True)
    title: str | None = column(TEXT, "专业技术职务", "职称 技术职称 专业技术职称", example="主治医师", dated=True)
    staff_kind: str | None = column(STAFF_KIND, "岗位类别", "人员身份", dated=True)
    standing: str | None = column(Choice(("正常", SUSPENDED)), "党籍状态", mark=1, since="suspended_on")
    suspended_on: str | None = column(DAY, "停止党籍日期", since="suspended_on")
    away_on: str | None = column(DAY, "外出日期", "流动日期 外出时间", help="外出（流动）从哪天起", since="away_on")
    away_to: str | None = column(TEXT, "外出流向", "流动去向", since="away_on")
    lost_on: str | None = column(DAY, "失去联系日期", "失联日期 失联时间", since="lost_on")
    excluded_reason: str | None = column(
        TEXT, "不计入应到原因", help="经上级党组织同意、支部党员大会通过，不计入应到会人数", since="excluded_on"
    )
    excluded_on: str | None = column(DAY, "不计入应到批准日期", since="excluded_on")
    arrived_on: str | None = column(DAY, "转入日期", "组织关系转入时间 转入时间 组织关系转入日期", mark=0.5)
    left_on: str | None = column(DAY, "转出日期", "组织关系转出时间 转出时间 组织关系转出日期")
    left_to: str | None = column(TEXT, "去向", "转往 转出去向")
    exempt_reason: str | None = column(TEXT, "免考核原因", "免考核事由", dated=True)
    phone: str | None = column(PHONE, "联系电话", "手机号码 手机号 手机 电话 电话号码 联系方式")
    note: str | None = column(TEXT, "备注", "说明")


def whole_years(since: str, until: date) -> tuple[int, int]:
    """The fewest and the most whole years that may have passed since a day known to the day, month or year."""
    fewest, most = (
        until.year - day.year - ((until.month, until.day) < (day.month, day.day))
        for day in (last_date(since), first_date(since))
    )
    return fewest, most
