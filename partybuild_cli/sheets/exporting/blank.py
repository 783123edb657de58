"""Blank ledgers (空白模板): the same headings, one example row, and a sheet that says how each column is filled."""

from datetime import date, datetime, time
from pathlib import Path

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.kinds import BranchKind, DeadlineKind, MemberKind, MonthKind, PeopleKind, YearKind
from partybuild_cli.sheets.exporting.columns import field_of, written
from partybuild_cli.sheets.writing import Page, write_template
from partybuild_cli.values.choice import Choice, YesNo
from partybuild_cli.values.count import CountKind
from partybuild_cli.values.day import Day
from partybuild_cli.values.idnumber import IdNumber
from partybuild_cli.values.number import Number
from partybuild_cli.values.period import PeriodKind, QuarterKind

#: What each kind of value looks like, and how a clerk is told to fill it.
_KINDS: tuple[tuple[type, str, str], ...] = (
    (BranchKind, "神经内科党支部", "党支部全称，须已登记"),
    (MemberKind, "张三", "姓名；有同名党员时写成 姓名(工号)"),
    (PeopleKind, "张三、李四（值班）", "姓名之间用顿号；需要说明的写在括号里"),
    (IdNumber, "119900********0018", "18 位，按文字填写，不能是科学计数"),
    (QuarterKind, "2026Q3", "季度，如 2026Q3 或 2026年第三季度"),
    (PeriodKind, "2026Q3", "期间，如 2026Q3、2026-09、2026"),
    (MonthKind, "2026.09", "月份，如 2026.09"),
    (YearKind, "2026", "年份，如 2026"),
    (DeadlineKind, "2026.09.05", "日期，如 2026.09.05；没有期限的写 长期坚持"),
    (Day, "2026.09.05", "日期，如 2026.09.05；只知道月份就写 2026.09，不要补成 1 日"),
    (CountKind, "40", "整数；约数可写 300余、近400"),
    (Number, "2", "数字，可带单位"),
    (YesNo, "是", "是 或 否"),
)


def write_blank(record: type[Record], path: Path, unit: str) -> None:
    """Write the blank workbook of one ledger."""
    columns = [column for column in written(record, private=True, raters=True) if column.place != "worked_out"]
    page = Page(
        name=record.caption,
        title=f"{unit}{record.caption}",
        left=f"填报单位（盖章）：{unit}",
        right="填报日期：",
        fields=[field_of(column) for column in columns],
    )
    notes = [
        (column.heading, "必填" if column.required else "", column.kind.label, how_to_fill(column))
        for column in columns
    ]
    created = datetime.combine(date(2026, 1, 1), time())
    write_template(path, page, [[example_of(column) for column in columns]], notes, created=created)


def example_of(column: Column) -> str:
    """What the example row shows; nothing for free text that is not required."""
    if isinstance(column.kind, Choice):
        return str(next(iter(column.kind.words)))
    for kind, example, _ in _KINDS:
        if isinstance(column.kind, kind):
            return example
    return f"（{column.heading}）" if column.required else ""


def how_to_fill(column: Column) -> str:
    """One sentence for the notes."""
    if isinstance(column.kind, Choice):
        said = "从下拉列表中选：" + "、".join(column.kind.words)
    else:
        said = next((how for kind, _, how in _KINDS if isinstance(column.kind, kind)), "按实际填写")
    also = f"。也认得这些表头：{'、'.join(column.also)}" if column.also else ""
    return (f"{column.help}。{said}" if column.help else said) + also
