"""Sound workbooks to be mutated: ledgers with the habits of clerks, in every format that is read."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

import xlwt
from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]

ROSTER: Rows = [
    ["神经内科党支部党员花名册"],
    ["填报单位：神经内科党支部", None, None, None, None, "2026年9月30日"],
    ["序号", "基本信息", None, None, "入党日期", "联系电话", "籍贯"],
    [None, "姓名", "工号", "人员类别", None, None, None],
    [1, "张三", "001", "正式党员", "2008-05", "15400000001", "甲市"],
    [2, "赵六", "005", "预备党员", datetime(2026, 5, 22), 15400000002, "乙市"],
    [3, "钱七", "006", "正式党员", "1998年7月", None, "丙市"],
    ["合计", None, None, None, "3 人"],
    ["填表人："],
]
MEETINGS: Rows = [
    ["神经内科党支部2026年三会一课台账"],
    ["序号", "会议类型", "时间", "主题", "应到", "实到", "请假人员及原因", "天气"],
    [1, "支部党员大会", "2026.9.5", "学习条例", 4, 3, "李四（值班）", "晴"],
    [2, "支委会", datetime(2026, 9, 7), "研究计划", 2, 2, None, "雨"],
    ["二、第四季度"],
    [3, "党课", "2026年10月9日", "专题党课", 4, 4, None, None],
]
SERVICES: Rows = [
    ["日期", "类别", "活动名称", "参加党员", "时长（小时）", "服务人次"],
    ["2026-08-01", "义诊", "进社区", "张三、李四（3小时）", 2, "300余"],
    ["2026-08-02", "健康讲座", "进学校", "张三", "2.5小时", 40],
]
DUES: Rows = [
    ["2026年党费收缴台账"],
    ["姓名", "工号", "1月", "2月", "3月", "合计"],
    ["张三", "001", 10, 10, 12.5, "=SUM(C3:E3)"],
    ["李四", "002", 8, "免缴", 8, 16],
]
TASKS: Rows = [
    ["目标任务", "责任人", "完成时限", "进展情况"],
    ["一、政治建设方面（2项）"],
    ["完善制度", "张三", "2026-12-31", "进行中"],
    ["改进服务", "李四、张三", "长期坚持", None],
]
TALKS: Rows = [["谈话人", "谈话对象", "谈话时间", "主要内容"], ["张三", "李四", "2026-09-01", "近况"]]

#: Sheet name -> rows, merged ranges.
BOOKS: list[dict[str, tuple[Rows, list[str]]]] = [
    {"名册": (ROSTER, ["A1:G1", "B3:D3", "A3:A4", "E3:E4"]), "说明": ([["填表说明"], ["请如实填写。"]], [])},
    {"三会一课": (MEETINGS, ["A1:H1", "A5:H5"])},
    {"志愿服务": (SERVICES, []), "党费": (DUES, ["A1:F1"])},
    {"任务": (TASKS, ["A2:D2"]), "谈话": (TALKS, [])},
]


def xlsx(sheets: dict[str, tuple[Rows, list[str]]]) -> Workbook:
    """A workbook of these sheets."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, (rows, merges) in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for merged in merges:
            sheet.merge_cells(merged)
    return workbook


def packed(workbook: Workbook) -> bytes:
    """Its bytes."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def xls(rows: Rows) -> bytes:
    """The rows as a legacy workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, str(value) if isinstance(value, datetime) else value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods(rows: Rows) -> bytes:
    """The rows as an OpenDocument workbook."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(str(value or ""))}</text:p></table:table-cell>'
            for value in row
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
    return buffer.getvalue()


def csv(rows: Rows, encoding: str) -> bytes:
    """The rows as text."""
    return "\n".join(",".join("" if value is None else str(value) for value in row) for row in rows).encode(encoding)
