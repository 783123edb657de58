"""民主评议台账: the grade that the branch decided for each member in a year (支部工作条例第十八条)."""

from enum import StrEnum
from typing import ClassVar

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import BRANCH, DAY, MEMBER, TEXT, YEAR
from partybuild_cli.values import Choice


class Grade(StrEnum):
    """等次; a probationary member is not graded (不评定)."""

    EXCELLENT = "优秀"
    FIT = "合格"
    BARELY = "基本合格"
    UNFIT = "不合格"
    NONE = "不评定"


class Review(Record):
    """民主评议台账: one member's grade of a year, with the opinion and the day of the decision."""

    title_words = ("民主评议",)
    marks: ClassVar[dict[str, float]] = {"grade": 3.5, "opinion": 0.5, "year": 0.5}
    brief = ("member", "year", "grade")
    date = "year"

    branch = column(BRANCH, "所在党支部", "党支部", "支部", "党组织", place="scope", context=True)
    member = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    year = column(YEAR, "年度", "年份", required=True, identity=True, context=True)
    grade = column(Choice(Grade), "等次", "评定等次", "评议结果")
    opinion = column(TEXT, "意见", "评定意见", "组织意见")
    decided_on = column(DAY, "评定日期", "评定时间")
