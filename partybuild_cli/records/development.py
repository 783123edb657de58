"""发展党员台账: from the application to full membership, in five stages (发展党员工作细则)."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from partybuild_cli.records.base import kinds
from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.declare import Below, Context, Record, ResolvedRow, Scope, column, computed, related
from partybuild_cli.records.base.kinds import BRANCH, DAY, DAY_RANGE, ID_NUMBER, NAME, PEOPLE, TEXT
from partybuild_cli.records.member import GENDER, STAFF_KIND
from partybuild_cli.values import Number


class Stage(StrEnum):
    """阶段: where a person stands."""

    APPLICANT = "入党申请人"
    ACTIVIST = "入党积极分子"
    CANDIDATE = "发展对象"
    PROBATIONARY = "预备党员"
    FULL = "正式党员"


#: What must be recorded for each stage, the highest first; a vote counts once it is approved above.
_REACHED = (
    (Stage.FULL, ("full_voted_on", "full_approved_on")),
    (Stage.PROBATIONARY, ("voted_on", "approved_on")),
    (Stage.CANDIDATE, ("candidate_on",)),
    (Stage.ACTIVIST, ("activist_on",)),
    (Stage.APPLICANT, ("applied_on",)),
)


def stage_of(days: Mapping[str, str | None]) -> Stage | None:
    """The stage that the recorded days prove; None where not even the application is recorded."""
    return next((stage for stage, fields in _REACHED if all(days.get(field) for field in fields)), None)


class Development(Record, table=True):
    """发展党员台账: one applicant; the stage is worked out from the days that are filled."""

    title_words = ("发展党员", "积极分子", "发展对象", "预备党员")
    outranked_by = {"member": ("category", "joined_on")}
    brief = ("name", "branch", "stage", "applied_on", "activist_on", "voted_on")
    date = "applied_on"
    begins = (
        "applied_on talked_on activist_on posted_on candidate_on reviewed_on trained_on prechecked_on voted_on approved_on "
        "sworn_on full_applied_on full_voted_on full_approved_on"
    )
    came_with = dict.fromkeys(
        ("talked_on", "activist_on", "candidate_on", "reviewed_on", "prechecked_on", "approved_on", "sworn_on",
         "full_applied_on", "full_approved_on"), ()
    ) | {"voted_on": ("votes",), "full_voted_on": ("full_votes",)}  # fmt: skip
    tells_apart = ("name", "id_number", "born_on")
    named_by = "name"
    lasting = (
        "branch", "staff_kind", "applied_on", "talked_on", "activist_on", "candidate_on", "reviewed_on", "trained_on",
        "trained_hours", "prechecked_on", "posted_on", "voted_on", "approved_on", "sworn_on", "full_applied_on",
        "full_voted_on", "full_approved_on", "extension_months",
    )  # fmt: skip

    branch_id: int | None = column(BRANCH, "党支部", "所在党支部 支部", context=True)
    name: str = column(NAME, "姓名", required=True, identity=True, dated=True)
    id_number: str | None = column(ID_NUMBER, "公民身份号码", "身份证号 身份证号码 身份证", identity=True)
    gender: str | None = column(GENDER, "性别")
    ethnicity: str | None = column(TEXT, "民族")
    born_on: str | None = column(DAY, "出生日期", "出生年月 出生时间")
    department: str | None = column(TEXT, "科室", "部门 年级专业")
    staff_kind: str | None = column(STAFF_KIND, "岗位类别", "人员身份")
    applied_on: str | None = column(
        DAY, "递交入党申请书日期", "递交申请时间 申请时间 申请日期 提交入党申请时间 递交入党申请书时间", mark=2
    )
    talked_on: str | None = column(DAY, "派人谈话日期", "谈话日期 派人谈话时间", mark=1)
    activist_on: str | None = column(DAY, "确定入党积极分子时间", "确定积极分子时间 确定入党积极分子日期", mark=2)
    contacts = related(PEOPLE, "培养联系人", option="contact", mark=1.5)
    posted_on: str | None = column(
        DAY_RANGE, "公示", "公示时间 公示起止 公示日期", help="列为发展对象前的公示，如 2026-06-01..2026-06-05"
    )
    candidate_on: str | None = column(DAY, "列为发展对象时间", "确定发展对象时间 列为发展对象日期", mark=2)
    sponsors = related(PEOPLE, "入党介绍人", "介绍人", option="sponsor", mark=1.5)
    reviewed_on: str | None = column(DAY, "政治审查", "政治审查日期 政审日期", mark=1)
    trained_on: str | None = column(DAY_RANGE, "集中培训", "集中培训日期 党训班结业时间 培训时间")
    trained_hours: Decimal | None = column(Number(unit="学时", units=("小时",)), "培训学时", "集中培训学时")
    prechecked_on: str | None = column(DAY, "预审", "预审日期 预审时间")
    voted_on: str | None = column(
        DAY, "支部大会接收时间", "支部大会时间 支部大会接收日期 支部大会通过时间 支部大会接收预备党员", mark=1.5
    )
    votes: str | None = column(kinds.VotesKind(), "接收表决情况", "表决情况 票数")
    approved_on: str | None = column(DAY, "上级党委审批时间", "党委审批时间 上级党委审批日期", mark=1.5)
    sworn_on: str | None = column(DAY, "宣誓", "宣誓日期 入党宣誓时间")
    extension_months: Decimal | None = column(
        Number(unit="个月", units=("月",), minimum=Decimal(6), maximum=Decimal(12)),
        "延长预备期(月)", "延长预备期时间 延长预备期", help="延长预备期的月数，6 至 12",
    )  # fmt: skip
    full_applied_on: str | None = column(DAY, "转正申请", "转正申请日期 转正申请时间")
    full_voted_on: str | None = column(DAY, "转正支部大会时间", "支部大会转正时间 转正大会日期")
    full_votes: str | None = column(kinds.VotesKind(), "转正表决情况", "转正票数")
    full_approved_on: str | None = column(DAY, "转正审批时间", "转正党委审批时间 转正审批日期")
    stage = computed(TEXT, "阶段", "所处阶段 发展阶段", mark=1.5)
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """Figures of a vote that contradict each other are said."""
        for key in ("votes", "full_votes"):
            kinds.warn_of_votes(cls.columns[key], row)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The stage that the days prove which have come."""
        stage = stage_of({key: day for key, day in row.items() if isinstance(day, str) and day <= str(context.as_of)})
        return {"stage": stage} if stage else {}
