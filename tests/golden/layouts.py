"""Ledgers as clerks lay them out (各种版式): what the shipped ones do not have, made anew for every run.

Groups of headings over two rows, real dates and bare serials, a table of names by meetings, twelve months beside each other,
one participant a row, an old .xls, an .ods, a CSV of another encoding, mistakes of every kind. People are invented.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from partybuild_cli.values.people import check_digit

Rows = Sequence[Sequence[object]]
UNIT = "青榆医院肾内科党支部"
_PEOPLE = ("温如玉", "祝余", "岑参商", "舒小窗", "管弦", "温如玉")


def lay_out(folder: Path) -> list[str]:
    """Write them all; their names in the order in which a clerk imports them."""
    _xlsx(
        folder / "党员名册.xlsx",
        {"在册党员": _roster(), "填表说明": [["请于每月五日前报送"]]},
        ["A1:H1", "B3:D3", "E3:G3"],
    )
    _csv(folder / "补充党员.csv", "gb18030", _more_members())
    _xlsx(folder / "会议.xlsx", {"2026年": _meetings()}, ["A1:G1"])
    _xlsx(folder / "签到.xlsx", {"八月党员大会": _sign_in()}, ["A1:D1"])
    _xls(folder / "党费.xls", _dues())
    _ods(folder / "学习.ods", _studies())
    _csv(folder / "志愿者.csv", "utf-8-sig", _services())
    _xlsx(folder / "任务有错.xlsx", {"任务": _tasks(), "谈话": _talks()}, ["A1:H1"])
    _csv(folder / "看不懂.csv", "utf-8", [["甲", "乙"], ["一", "二"]])
    return (
        "党员名册.xlsx 补充党员.csv 会议.xlsx 签到.xlsx 党费.xls 学习.ods 志愿者.csv 任务有错.xlsx 看不懂.csv".split()
    )


def _number(born: date, order: int) -> str:
    first = f"119900{born:%Y%m%d}{order:03d}"
    return first + check_digit(first)


def _roster() -> Rows:
    born = [date(1970 + 3 * n, 1 + n, 10 + n) for n in range(len(_PEOPLE))]
    head: list[Sequence[object]] = [
        [f"{UNIT}党员名册"],
        ["填报日期：2026年7月1日", None, None, None, None, None, None, "制表：温如玉"],
        ["序号", "基本情况", None, None, "党内情况", None, None, "籍贯"],
        [None, "姓名", "职工号", "身份证号", "政治面貌", "入党时间", "党内职务", None],
    ]
    rows: list[Sequence[object]] = [
        [n + 1, name, f"S{n + 1:03d}", _number(born[n], 201 + n), "中共党员" if n != 3 else "中共预备党员",
         date(1995 + 3 * n, 7, 1) if n % 2 else f"{1995 + 3 * n}.07", ("书记", None, "组织委员", None, "纪检委员", None)[n], "江左"]
        for n, name in enumerate(_PEOPLE)
    ]  # fmt: skip
    return [*head, *rows, [None, "合计", len(rows)], ["审核人：", None, None, "盖章："]]


def _more_members() -> Rows:
    return [
        ["姓名", "工号", "人员类别", "入党日期", "出生年月", "手机", "所在党支部"],
        ["束发", "S007", "正式党员", "1999年12月", "197401", "15400002007", UNIT],
        ["群青", "S008", "群众", "", "1990-05-06", "", UNIT],
        ["舒小窗", "S004", "预备党员", "2004-07-01", "1979-04-13", "15400002004", UNIT],
    ]


def _meetings() -> Rows:
    return [
        [f"{UNIT}2026年三会一课登记表"],
        ["序号", "类型", "时间", "主题", "地点", "请假人员及原因", "应到"],
        [1, "党员大会", date(2026, 7, 3), "半年总结", "示教室", "管弦（手术）", 7],
        [2, "支委会", "7月10日", "研究党费", "办公室", "无", 3],
        [3, "党课", 46226, "学习准则", "示教室", "祝余因病请假", 9],
        [4, "主题党日", "2026.8.5", "参观展览", "展览馆", "", None],
        ["合计", None, None, "4次"],
    ]


def _sign_in() -> Rows:
    head: list[Sequence[object]] = [
        [f"{UNIT}八月党员大会签到表"],
        ["时间：2026年8月14日", None, "地点：示教室"],
        ["姓名", "签到", "姓名", "签到"],
    ]
    return [*head, ["祝余", "√", "岑参商", "√"], ["舒小窗", "√", "管弦", "请假（值班）"]]


def _dues() -> Rows:
    months = [f"{month}月" for month in range(1, 13)]
    return [
        ["2026年党费收缴台账"],
        ["姓名", "缴纳基数", *months],
        ["祝余", 6000, *[90] * 7, *[""] * 5],
        ["岑参商", 4200.5, *[42] * 6, "", *[""] * 5],
        ["管弦", "8000元", *["120元"] * 8, *[""] * 4],
    ]


def _studies() -> Rows:
    return [
        ["姓名", "学习时间", "学习内容", "类别", "学时"],
        ["祝余", "2026-07-05", "条例通读", "集中学习", "2"],
        ["岑参商", "2026年8月3日至8月5日", "骨干培训", "专题培训", "12学时"],
        ["束发", "2026-08-09", "线上课", "网络自学", "1.5"],
    ]


def _services() -> Rows:
    return [
        ["活动日期", "活动类型", "志愿活动名称", "志愿者姓名", "服务时长（小时）", "受益人数", "天气"],
        ["2026/7/12", "义诊", "肾友会", "祝余", "3", "约120", "晴"],
        ["2026/7/12", "义诊", "肾友会", "岑参商", "2.5", "约120", "晴"],
        ["2026/8/16", "健康讲座", "低盐饮食", "束发", "1", "40余人", "雨"],
    ]


def _tasks() -> Rows:
    return [
        [f"{UNIT}任务清单"],
        ["序号", "方面", "目标任务", "责任人", "完成时限", "完成时间", "验收人", "佐证"],
        [1, "组织建设", "换届准备", "祝余", "2026-09-30", None, None, None],
        [2, "服务患者", "透析排班公示", "岑参商", "2026-13-01", None, None, None],
        [3, "服务患者", "预约优化", "管弦", "2026-07-31", "2026-07-30", "管弦", "照片"],
        [4, None, "无方面的任务", "束发", "长期坚持", None, None, None],
    ]


def _talks() -> Rows:
    return [
        ["谈话时间", "谈话人", "谈话对象", "类型", "内容"],
        ["2026-07-20", "祝余", "舒小窗", "日常", "思想稳定"],
        ["2026-07-21", "祝余", "无此人", "日常", ""],
        ["2026-07-22", "温如玉", "管弦", "关爱", ""],
    ]


def _xlsx(path: Path, sheets: dict[str, Rows], merged: Iterable[str]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    book.save(path)


def _csv(path: Path, encoding: str, rows: Rows) -> None:
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding=encoding)


def _xls(path: Path, rows: Rows) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("党费")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    book.save(str(path))


def _ods(path: Path, rows: Rows) -> None:
    book = OpenDocumentSpreadsheet()
    table = Table(name="学习")
    for row in rows:
        line = TableRow()
        for value in row:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(str(path))
