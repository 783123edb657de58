"""发展党员台账: from the application to full membership, in five stages (发展党员工作细则)."""

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, DAY, DAY_RANGE, ID_NUMBER, NAME, PEOPLE, TEXT
from partybuild_cli.values import Number
from partybuild_cli.values.mask import mask_id


class Development(Record):
    """发展党员台账: one applicant; the stage is worked out from the days that are filled."""

    title_words = ("发展党员", "积极分子", "发展对象", "预备党员")
    brief = ("name", "branch", "stage", "applied_on", "activist_on", "voted_on")
    date = "applied_on"
    named_by = "name"

    branch = column(BRANCH, "党支部", "所在党支部", "支部", context=True)
    name = column(NAME, "姓名", required=True, identity=True)
    id_number = column(ID_NUMBER, "公民身份号码", "身份证号", "身份证号码", "身份证", identity=True, mask=mask_id)
    department = column(TEXT, "科室", "部门", "年级专业")
    applied_on = column(
        DAY, "递交入党申请书日期", "递交申请时间", "申请时间", "申请日期", "提交入党申请时间", "递交入党申请书时间"
    )
    talked_on = column(DAY, "派人谈话日期", "谈话日期", "派人谈话时间")
    activist_on = column(DAY, "确定入党积极分子时间", "确定积极分子时间", "确定入党积极分子日期")
    contacts = column(PEOPLE, "培养联系人", place="link", option="contact")
    candidate_on = column(DAY, "列为发展对象时间", "确定发展对象时间", "列为发展对象日期")
    sponsors = column(PEOPLE, "入党介绍人", "介绍人", place="link", option="sponsor")
    reviewed_on = column(DAY, "政治审查", "政治审查日期", "政审日期")
    trained_on = column(DAY_RANGE, "集中培训", "集中培训日期", "党训班结业时间", "培训时间")
    trained_hours = column(Number(unit="学时", units=("学时", "小时")), "培训学时", "集中培训学时")
    prechecked_on = column(DAY, "预审", "预审日期", "预审时间")
    voted_on = column(DAY, "支部大会接收时间", "支部大会时间", "支部大会接收日期", "支部大会通过时间")
    votes = column(TEXT, "接收表决情况", "表决情况", "票数")
    approved_on = column(DAY, "上级党委审批时间", "党委审批时间", "上级党委审批日期")
    sworn_on = column(DAY, "宣誓", "宣誓日期", "入党宣誓时间")
    full_applied_on = column(DAY, "转正申请", "转正申请日期", "转正申请时间")
    full_voted_on = column(DAY, "转正支部大会时间", "支部大会转正时间", "转正大会日期")
    full_approved_on = column(DAY, "转正审批时间", "转正党委审批时间", "转正审批日期")
    stage = column(TEXT, "阶段", "所处阶段", "发展阶段", place="worked_out")
    note = column(TEXT, "备注", "说明")
