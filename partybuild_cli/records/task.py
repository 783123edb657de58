"""任务清单台账: tasks from the list through the ledger to closing (清单 台账 销号)."""

from enum import StrEnum

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import DAY, DEADLINE, TEXT
from partybuild_cli.values import Choice


class TaskState(StrEnum):
    """销号状态, worked out from days, evidence and verifier."""

    WAITING = "未启动"
    RUNNING = "进行中"
    TO_VERIFY = "待验收"
    CLOSED = "已销号"
    OVERDUE = "逾期"
    STANDING = "长期坚持"


class Task(Record):
    """任务清单台账: one item under its area (方面); closing needs evidence and a verifier who is not responsible for it."""

    title_words = ("任务清单", "销号", "整改", "问题清单")
    brief = ("area", "item", "responsible", "due_on", "state")
    date = "due_on"
    named_by = "item"

    area = column(TEXT, "方面", "类别", "任务方面", required=True, context=True)
    item = column(
        TEXT, "目标任务", "事项", "问题", "问题描述", "目标任务/问题", "任务", "整改事项", required=True, identity=True
    )
    source = column(TEXT, "来源", "任务来源", "问题来源")
    measures = column(TEXT, "具体措施", "整改措施", "措施", "工作措施")
    leader = column(TEXT, "牵头领导", "牵头人")
    department = column(TEXT, "责任部门", "责任单位", "责任科室")
    responsible = column(TEXT, "责任人", "负责人", required=True, place="link")
    started_on = column(DAY, "开始时间", "启动时间", "发现时间")
    due_on = column(DEADLINE, "完成时限", "整改时限", "时限", "截止日期", "完成期限", help="日期，或“长期坚持”")
    progress = column(TEXT, "进展情况", "进度", "落实情况", "完成情况")
    done_on = column(DAY, "完成时间", "完成日期", "销号时间")
    verified_by = column(TEXT, "验收人", "复核人")
    evidence = column(TEXT, "佐证", "佐证材料")
    state = column(Choice(TaskState), "销号状态", "是否销号", "状态", "整改情况", place="worked_out")
    note = column(TEXT, "备注", "说明")
